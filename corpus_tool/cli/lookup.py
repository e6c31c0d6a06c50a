"""Which records a person means by an id, or by a place such as `digests/monday.txt:15`, `./a.jsonl:3` or `-:11`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpus_tool.errors import InputError
from corpus_tool.sources.inputs import STDIN
from corpus_tool.stats import TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus_tool.cli.console import Notes
    from corpus_tool.records import Batch, Record
    from corpus_tool.sources.inputs import Input

_PLACE = re.compile(r"(.+):(\d+)", re.DOTALL)
_TITLE = 60


class Place(NamedTuple):
    """A line of a source."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"


def place(name: str) -> Place | None:
    """The place that a name is, if it is one: its path without needless parts."""
    found = _PLACE.fullmatch(name)
    return Place(os.path.normpath(found[1]), int(found[2])) if found else None


def files(names: Iterable[str]) -> list[str]:
    """The files whose lines are named, where there are such files: what to read when no input is given."""
    sources = [found.source for name in names if (found := place(name))]
    return [each for each in dict.fromkeys(sources) if each == STDIN or Path(each).is_file()]


class _Wanted:
    """One record to be found: every one of that name, and those that begin nearest to the place it may be."""

    def __init__(self, name: str) -> None:
        self.name, self.place = name, place(name)
        self.hits: list[tuple[str, Record]] = []
        self._before: tuple[Place, Record] | None = None
        self._after: tuple[Place, Record] | None = None

    def near(self, found: Place, record: Record) -> None:
        """Note a record of the same source that begins at another line."""
        line = self.place.line if self.place else 0
        if found.line <= line and (self._before is None or found.line > self._before[0].line):
            self._before = found, record
        if found.line > line and (self._after is None or found.line < self._after[0].line):
            self._after = found, record

    def missing(self) -> InputError:
        """What to say where there is none: the record that the line is within, or the next one."""
        nearest = self._before or self._after
        if nearest is None:
            return InputError(f"no record {self.name} in the input: name it by its id, or as source:line")
        where, record = nearest
        texts = (record.get(key) for key in ("title", *TEXT_FIELDS))
        title = next((text for text in texts if isinstance(text, str) and text), "")
        shown = f" ({title[:_TITLE]}{'…' * (len(title) > _TITLE)})" if title else ""
        return InputError(f"no record begins at {self.place}: the nearest begins at {where}{shown}")


class Lookup:
    """Looks for two records by name: an id, the place in an input, or the `source` and `line` they carry.

    Args:
        left: A name.
        right: Another, or the same for the second record of that name.
        inputs: What is read.
    """

    def __init__(self, left: str, right: str, inputs: Sequence[Input]) -> None:
        self.places = ("", "")
        self._wanted = [_Wanted(name) for name in dict.fromkeys((left, right))]
        self._paths = {each.name: each.path for each in inputs}
        self._same: dict[tuple[str, str], bool] = {}

    def through(self, batches: Iterable[Batch]) -> None:
        """Look at all records."""
        for batch in batches:
            for wanted in self._wanted:
                here = wanted.place is not None and self._is(batch.source, wanted.place.source)
                for line, record in zip(batch.lines, batch.records, strict=True):
                    if str(record.get("id")) == wanted.name:
                        wanted.hits.append((f"{batch.source}:{line}", record))
                    elif wanted.place is not None:
                        self._look(wanted, wanted.place, Place(batch.source, line), record, here)

    def pair(self, notes: Notes) -> tuple[Record, Record]:
        """The two records.

        Raises:
            InputError: One of them is not there.
        """
        for wanted in self._wanted:
            if not wanted.hits:
                raise wanted.missing()
            if len(wanted.hits) > (2 if len(self._wanted) == 1 else 1):
                count, first = len(wanted.hits), wanted.hits[0][0]
                notes.say(f"{count} records are called {wanted.name}: taking the first, at {first}")
        left, right = self._wanted[0].hits, self._wanted[-1].hits
        second = right[1] if left is right and len(right) > 1 else right[0]
        self.places = (left[0][0], second[0])
        return left[0][1], second[1]

    def _look(self, wanted: _Wanted, named: Place, at: Place, record: Record, here: bool) -> None:
        """Hold a record against a place: where it stands, in the named source or not, and where it says it stood."""
        source, line, own = record.get("source"), record.get("line"), None
        if isinstance(source, str) and isinstance(line, int) and self._is(source, named.source):
            own = Place(source, line)
        if (here and at.line == named.line) or (own and own.line == named.line):
            wanted.hits.append((str(at), record))
            return
        if here:
            wanted.near(at, record)
        if own:
            wanted.near(own, record)

    def _is(self, source: str, named: str) -> bool:
        """Whether a source, as records call it, is the file that was named."""
        known = self._same.get((source, named))
        if known is None:
            path = self._paths.get(source, source)
            same = os.path.normpath(source) == named
            known = same or (
                path == named if STDIN in (path, named) else os.path.realpath(path) == os.path.realpath(named)
            )
            self._same[source, named] = known
        return known
