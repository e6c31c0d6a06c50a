"""Labels of pairs: what a person said of two records, kept as CSV with the columns id1,id2,label.

`same` joins two records, `different` parts them, `unsure` says that somebody has looked. What follows from labels is
known too: two records that are each the same as a third are the same, and what is different from one is different from
the other.
"""

from __future__ import annotations

import csv
import io
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNWRITABLE = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
SAME, DIFFERENT, UNSURE = "same", "different", "unsure"
COLUMNS = ("id1", "id2", "label")
_SPELLED = {SAME: SAME, DIFFERENT: DIFFERENT, UNSURE: UNSURE, "1": SAME, "0": DIFFERENT, "": UNSURE}


class Label(NamedTuple):
    """What was said of two records, and on which line; 0 where it is not yet in a file."""

    one: str
    other: str
    verdict: str
    line: int = 0


class Labels:
    """Labels in the order in which they were given.

    Args:
        path: The file, for messages.
        rows: What stands in it.

    Raises:
        InputError: Two labels contradict each other.
    """

    def __init__(self, path: str, rows: Iterable[Label] = ()) -> None:
        self.path = path
        self.rows = list(rows)
        self._same = _Joined()
        self._apart: dict[frozenset[str], Label] = {}
        self._settle()
        for row in self._apart.values():
            if self._same.root(row.one) == self._same.root(row.other):
                raise InputError(
                    f"{row.one} and {row.other} are different here, and the same by other lines: mend one of them",
                    path=path,
                    line=row.line or None,
                )

    def _settle(self) -> None:
        self._same = _Joined()
        for row in self.rows:
            if row.verdict == SAME:
                self._same.join(row.one, row.other)
        apart = (row for row in self.rows if row.verdict == DIFFERENT)
        self._apart = {frozenset(map(self._same.root, row[:2])): row for row in apart}

    def add(self, label: Label) -> None:
        """One more, which `known` does not contradict."""
        self.rows.append(label)
        self._settle()

    def undo(self) -> Label:
        """Take the last one back."""
        last = self.rows.pop()
        self._settle()
        return last

    def known(self, one: str, other: str) -> str | None:
        """What the labels say of two records, or what follows from them; None where that is nothing."""
        ends = frozenset((self._same.root(one), self._same.root(other)))
        if len(ends) == 1:
            return SAME
        if ends in self._apart:
            return DIFFERENT
        looked = any({row.one, row.other} == {one, other} for row in self.rows)
        return UNSURE if looked else None

    def counts(self) -> dict[str, int]:
        """How many labels there are of each kind."""
        return {
            verdict: sum(row.verdict == verdict for row in self.rows) for verdict in (SAME, DIFFERENT, UNSURE)
        }

    def clusters(self) -> dict[str, int]:
        """A number for each set of records that are the same, by the names of its records; unsure ones left out."""
        return _numbered(self._names(), self._same)

    def compared(self) -> dict[str, int]:
        """A number for each set of records that labels connect, `same` or `different`: of others nothing was said."""
        joined = _Joined()
        for row in self.rows:
            if row.verdict != UNSURE:
                joined.join(row.one, row.other)
        return _numbered(self._names(), joined)

    def _names(self) -> Iterator[str]:
        for row in self.rows:
            if row.verdict != UNSURE:
                yield from row[:2]

    def as_csv(self) -> bytes:
        """The file."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row[:3] for row in self.rows)
        return text.getvalue().encode()


class _Joined:
    """Names that were joined, each with the first of its set."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def root(self, name: str) -> str:
        """The name that stands for the set of one."""
        while (parent := self._parent.get(name, name)) != name:
            self._parent[name] = self._parent.get(parent, parent)
            name = parent
        return name

    def join(self, one: str, other: str) -> None:
        """Make two sets one."""
        self._parent[self.root(other)] = self.root(one)


def _numbered(names: Iterable[str], joined: _Joined) -> dict[str, int]:
    numbers: dict[str, int] = {}
    return {name: numbers.setdefault(joined.root(name), len(numbers)) for name in dict.fromkeys(names)}


def share(count: int, of: int) -> tuple[float, float]:
    """The ends between which a share lies with 95 % confidence (Wilson, JASA 22, 1927)."""
    z = 1.959964
    middle, spread = (count + z * z / 2) / (of + z * z), count * (of - count) / of + z * z / 4
    half = z * math.sqrt(spread) / (of + z * z)
    return max(0.0, middle - half), min(1.0, middle + half)


def may_be_labelled(one: str, other: str) -> bool:
    """Whether a file can tell two records apart by their names."""
    return one != other and all(name and not _UNWRITABLE.search(name) for name in (one, other))


def verdict(text: str, path: str, line: int) -> str:
    """What a label says, as it is typed: a word, 1 or 0.

    Raises:
        InputError: It is none of these.
    """
    found = _SPELLED.get(text.strip().lower())
    if found is None:
        raise InputError(
            f"the label {text!r} is not one of {SAME}, {DIFFERENT}, {UNSURE}", path=path, line=line
        )
    return found
