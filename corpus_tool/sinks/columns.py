"""The columns of tables that know all their records before the first row is written: names, and kinds of values.

A kind is one of the words below, `("list", kind)` or `("object", {name: kind})`. Where values of a column do not
agree, the kind is `TEXT_OF_JSON`: they are written as the text of JSON, so that nothing is lost.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import UsageError
from corpus_tool.records import DIGEST_FIELDS
from corpus_tool.sinks.cells import cell, encode
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from corpus_tool.records import Record
    from corpus_tool.sinks import Rows

Kind = Any

NOTHING, TRUTH, WHOLE, NUMBER, TEXT, TEXT_OF_JSON = "nothing", "truth", "whole", "number", "text", "json"
_MOST_NAMES = 64
_LARGEST = 2**63


def kind_of(value: Any) -> Kind:
    """The kind of one value."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int):
        return WHOLE if -_LARGEST <= value < _LARGEST else TEXT_OF_JSON
    if isinstance(value, float):
        return NUMBER
    if isinstance(value, str):
        return TEXT
    if isinstance(value, list):
        found: Kind = NOTHING
        for each in value:
            found = merged(found, kind_of(each))
        return TEXT_OF_JSON if found == TEXT_OF_JSON else ("list", found)
    if isinstance(value, dict) and 0 < len(value) <= _MOST_NAMES:
        return _object({str(name): kind_of(each) for name, each in value.items()})
    return TEXT_OF_JSON


def _object(kinds: dict[str, Kind]) -> Kind:
    return TEXT_OF_JSON if TEXT_OF_JSON in kinds.values() or len(kinds) > _MOST_NAMES else ("object", kinds)


def merged(one: Kind, other: Kind) -> Kind:
    """The kind that holds the values of both."""
    if one == other or other == NOTHING:
        return one
    if one == NOTHING:
        return other
    if {one if isinstance(one, str) else "", other if isinstance(other, str) else ""} == {WHOLE, NUMBER}:
        return NUMBER
    if isinstance(one, tuple) and isinstance(other, tuple) and one[0] == other[0]:
        if one[0] == "list":
            inner = merged(one[1], other[1])
            return TEXT_OF_JSON if inner == TEXT_OF_JSON else ("list", inner)
        keys = dict.fromkeys(chain(one[1], other[1]))
        return _object({key: merged(one[1].get(key, NOTHING), other[1].get(key, NOTHING)) for key in keys})
    return TEXT_OF_JSON


def conformed(value: Any, kind: Kind) -> Any:
    """A value as its column's kind has it; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    if value is None:
        return None
    if kind == TEXT_OF_JSON:
        return encode(cell(value)).decode() if not isinstance(value, str) else encode(value).decode()
    if kind == TEXT:
        return encode(value).decode()
    if kind == NUMBER:
        return float(value)
    if isinstance(kind, tuple) and kind[0] == "list":
        return [conformed(each, kind[1]) for each in value]
    if isinstance(kind, tuple):
        return {key: conformed(value.get(key), inner) for key, inner in kind[1].items()}
    return value


def chosen(rows: Rows, columns: Sequence[str]) -> Iterator[Record]:
    """The chosen columns of each record; a dotted name reaches into an object where no key has it whole.

    Raises:
        UsageError: Behind the last record, if there was any, where none has one of the columns.
    """
    unseen, keys, found = set(columns), dict[str, None](), False
    for _, record in rows:
        found = True
        values = {column: reach(record, column) for column in columns}
        if unseen:
            unseen -= {name for name, value in values.items() if value is not None or name in record}
            keys.update(dict.fromkeys(record))
        yield values
    if unseen and found:
        raise missing([column for column in columns if column in unseen], keys)


def missing(columns: Sequence[str], keys: Iterable[str]) -> UsageError:
    """The error of columns that no record has, where these are the keys that they have."""
    named = ", ".join(map(repr, columns))
    return UsageError(f"no record has the column {named}: they have {', '.join(keys) or 'no fields'}")


def reach(record: Record, path: str) -> Any:
    """The value of a key or a dotted path; None where there is none."""
    if path in record:
        return record[path]
    value: Any = record
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


class Gathered:
    """All records of a table, kept in a spool while the columns and their kinds become known.

    Args:
        rows: The records.
        chosen: The columns asked for, in order; None for all.

    Raises:
        UsageError: A column was asked for that no record has.
    """

    def __init__(self, rows: Rows, chosen: Sequence[str] | None) -> None:
        self._spool = Spool()
        self._sizes: list[int] = []
        self.kinds: dict[str, Kind] = {}
        self._keys: dict[str, None] = {}
        try:
            for _, record in rows:
                self._add(record, chosen)
        except BaseException:
            self._spool.__exit__(None, None, None)
            raise
        if chosen is not None:
            unseen = [column for column in chosen if column not in self.kinds]
            if unseen and self._sizes:
                self._spool.__exit__(None, None, None)
                raise missing(unseen, self._keys)
            self.kinds = {column: self.kinds.get(column, NOTHING) for column in chosen}
        else:
            digest = [field for field in DIGEST_FIELDS if field in self.kinds]
            self.kinds = {column: self.kinds[column] for column in dict.fromkeys(chain(digest, self.kinds))}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)

    def __len__(self) -> int:
        return len(self._sizes)

    def _add(self, record: Record, chosen: Sequence[str] | None) -> None:
        if not self._keys.keys() >= record.keys():
            self._keys.update(dict.fromkeys(record))
        row = record
        if chosen is not None:
            row = {
                name: value for name in chosen if (value := reach(record, name)) is not None or name in record
            }
        for name, value in row.items():
            before = self.kinds.get(name, NOTHING)
            if not (before == TEXT and isinstance(value, str)):
                self.kinds[name] = merged(before, kind_of(value))
        data = dumped(row)
        self._spool.append(data)
        self._sizes.append(len(data))

    def records(self) -> Iterator[Record]:
        """The records once more, with the chosen columns only."""
        at = 0
        for size in self._sizes:
            yield orjson.loads(self._spool.read(at, size))
            at += size

    def as_text(self) -> list[str]:
        """The columns whose values do not agree, so that they are written as the text of JSON."""
        return [name for name, kind in self.kinds.items() if kind == TEXT_OF_JSON]


def dumped(record: Record) -> bytes:
    """A record as JSON; what JSON in UTF-8 cannot hold is written as near as may be."""
    try:
        return orjson.dumps(record)
    except TypeError:  # a lone surrogate, or a number beyond 64 bits
        return orjson.dumps(_dumpable(record))


def _dumpable(value: Any) -> Any:
    if isinstance(value, str):
        return encode(value).decode()
    if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return cell(value)
    if isinstance(value, list):
        return [_dumpable(each) for each in value]
    if isinstance(value, dict):
        return {encode(str(key)).decode(): _dumpable(each) for key, each in value.items()}
    return value
