"""Which records an export writes, in which order, and into which of several files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from array import array
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import UsageError
from corpus_tool.lines.decode import decode
from corpus_tool.sinks.cells import cell
from corpus_tool.sinks.columns import reach
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from corpus_tool.records import Record
    from corpus_tool.sinks import Rows

DATES = ("date", "published", "publication_date", "year")
"""Where the day of a record stands, the surest first."""

NONE = "none"
"""Names the file of records that have no value to name one."""

_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_UNSAFE = re.compile(r"[^\w.+,=@ ()\[\]-]|[\x00-\x1f\x7f]")
_LONGEST = 120
_PLACE = re.compile(r"\{([^{}]+)\}")


def day(text: str | None, option: str) -> str | None:
    """A date that was asked for, checked; None where none was.

    Raises:
        UsageError: It is none.
    """
    if text is not None and not _ISO.fullmatch(text):
        raise UsageError(f"{option} {text} is not a date: write it as 2025-03-13, 2025-03 or 2025")
    return text


def between(
    rows: Rows, since: str | None, until: str | None, say: Callable[[str], None]
) -> Iterator[tuple[bytes, Record]]:
    """The rows of days from one to another, both included; what has no date is left out, and told."""
    undated = 0
    for raw, record in rows:
        found = _day_of(record)
        if found is None:
            undated += 1
        elif (since is None or found >= since[: len(found)]) and (
            until is None or found[: len(until)] <= until
        ):
            yield raw, record
    if undated:
        say(f"{undated:,} records without a date ({', '.join(DATES)}) are left out by --since and --until")


def _day_of(record: Record) -> str | None:
    for name in DATES:
        match = _ISO.match(cell(record.get(name)).strip())
        if match:
            return match[0]
    return None


class Kept:
    """Rows in a spool, to be given again in any order; use as a context manager."""

    def __init__(self, rows: Rows) -> None:
        self._spool = Spool()
        self._starts, self._sizes = array("Q"), array("Q")
        self._keys: list[Any] = []
        self._rows = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)

    def take(self, key: Callable[[Record], Any]) -> list[Any]:
        """Read all rows once; the key of each."""
        keys = []
        for raw, record in self._rows:
            self._starts.append(self._spool.append(raw))
            self._sizes.append(len(raw))
            keys.append(key(record))
        return keys

    def rows(self, places: Sequence[int]) -> Iterator[tuple[bytes, Record]]:
        """The rows at these places, in this order."""
        for place in places:
            raw = self._spool.read(self._starts[place], self._sizes[place])
            yield raw, _decoded(raw)


def _decoded(raw: bytes) -> Record:
    try:
        record: Record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        record = decode(raw)
    return record


def in_order(kept: Kept, by: str) -> Iterator[tuple[bytes, Record]]:
    """All rows by the value of a field, `-field` from the last to the first; those without one stand at the end.

    Raises:
        UsageError: No record has the field.
    """
    field, backwards = by.removeprefix("-"), by.startswith("-")
    keys = kept.take(lambda record: _sort_key(reach(record, field)))
    with_value = [place for place, key in enumerate(keys) if key is not None]
    if keys and not with_value:
        raise UsageError(f"--sort {by}: no record has the field {field!r}")
    with_value.sort(key=keys.__getitem__, reverse=backwards)
    return kept.rows([*with_value, *(place for place, key in enumerate(keys) if key is None)])


def _sort_key(value: Any) -> Any:
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, (int, float)):
        return (0, value, "")
    return (1, 0, unicodedata.normalize("NFKC", cell(value)).casefold())


def place_in(path: str | None) -> str | None:
    """The field that the name of an output has in braces, if any: `source` of `out/{source}.jsonl`.

    Raises:
        UsageError: There are several.
    """
    found = _PLACE.findall(path or "")
    if len(found) > 1:
        raise UsageError("the name of an output may hold one field in braces", path=path)
    return found[0] if found else None


def parted(kept: Kept, path: str, field: str) -> dict[str, array[int]]:
    """The path of each value's file, and the places of its rows, in the order in which the values come.

    Raises:
        UsageError: No record has the field.
    """
    values = kept.take(lambda record: cell(reach(record, field)))
    if values and not any(values):
        raise UsageError(f"no record has the field {field!r}, which is to name the files", path=path)
    names: dict[str, str] = {}
    taken: set[str] = set()
    groups: dict[str, array[int]] = {}
    for place, value in enumerate(values):
        if value not in names:
            start, end = _PLACE.search(path).span()  # type: ignore[union-attr]  # it holds the field
            names[value] = path[:start] + safe(value, taken) + path[end:]
            groups[names[value]] = array("Q")
        groups[names[value]].append(place)
    return groups


def safe(value: str, taken: set[str]) -> str:
    """A value as part of a file name: no folder, nothing hidden, and no two alike but for their case."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", value)).strip(" ").lstrip(".").strip(" ")
    name = name or (NONE if not value else "_")
    marked = name.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    if marked != name:
        digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        marked = f"{marked}-{digest}"
    number, found = 2, marked
    while found.casefold() in taken:
        found = f"{marked}-{number}"
        number += 1
    taken.add(found.casefold())
    return found
