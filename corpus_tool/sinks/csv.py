"""CSV as in RFC 4180, in UTF-8, with lines that end in a newline alone.

Text is written as it stands: no cell is altered to keep a spreadsheet from taking it for a formula. Whoever
opens a table from strangers in a spreadsheet should import its columns as text.

The header stands first, but a key may turn up in the last record. So rows wait in a spool, and a column found
later is appended at the right: the rows before it need only further commas.
"""

from __future__ import annotations

import csv
import io
import json
from array import array
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus_tool.errors import UsageError
from corpus_tool.records import DIGEST_FIELDS
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus_tool.records import Record
    from corpus_tool.sinks import ExportOptions, Rows

FIRST_RECORDS = 1000
"""Among the columns of this many first records, those of a digest stand in their own order in front."""


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write a header and one row a record; see `corpus_tool.sinks`.

    Columns that were asked for are written in that order. Without any, they are the fields of a digest that
    the first records have, then every other key in the order of its first appearance.

    Raises:
        UsageError: A column was asked for that no record has.
    """
    records = (record for _, record in rows)
    if options.columns is not None:
        return _write_chosen(records, writer, options.columns)
    return _write_all(records, writer)


def cell(value: Any) -> str:
    """A value as the text of a cell: text itself, nothing for None, JSON for everything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encode(text: str) -> bytes:
    """Text as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


class _Line:
    """Formats one row at a time, without its newline."""

    def __init__(self) -> None:
        self._buffer = io.StringIO(newline="")
        # With "\r\n" the module quotes both characters in every version of Python; it is cut off again.
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")

    def __call__(self, cells: Iterable[str]) -> bytes:
        self._writer.writerow(cells)
        text = self._buffer.getvalue()[:-2]
        self._buffer.seek(0)
        self._buffer.truncate()
        return encode(text)


def _write_chosen(records: Iterator[Record], writer: BinaryIO, columns: Sequence[str]) -> int:
    line = _Line()
    writer.write(line(columns) + b"\n")
    unseen = set(columns)
    keys: dict[str, None] = {}
    count = 0
    for record in records:
        if unseen:
            unseen.difference_update(record)
            keys.update(dict.fromkeys(record))
        writer.write(line([cell(record.get(column)) for column in columns]) + b"\n")
        count += 1
    if unseen and count:
        missing = ", ".join(repr(column) for column in columns if column in unseen)
        raise UsageError(f"no record has the column {missing}: they have {', '.join(keys) or 'no fields'}")
    return count


def _write_all(records: Iterator[Record], writer: BinaryIO) -> int:
    line = _Line()
    first = list(islice(records, FIRST_RECORDS))
    columns = _first_columns(first)
    sizes, widths = array("Q"), array("I")
    with Spool() as spool:
        for record in chain(first, records):
            if not columns.keys() >= record.keys():
                columns.update(dict.fromkeys(record))
            data = line([cell(record.get(column)) for column in columns])
            spool.append(data)
            sizes.append(len(data))
            widths.append(len(columns))
        if columns:
            writer.write(line(columns) + b"\n")
        offset = 0
        for size, width in zip(sizes, widths, strict=True):
            writer.write(spool.read(offset, size) + b"," * (len(columns) - width) + b"\n")
            offset += size
    return len(sizes)


def _first_columns(records: Iterable[Record]) -> dict[str, None]:
    keys = dict.fromkeys(chain.from_iterable(records))
    digest = [field for field in DIGEST_FIELDS if field in keys]
    return dict.fromkeys(chain(digest, keys))
