"""CSV as in RFC 4180, in UTF-8, with lines that end in a newline alone.

Text is written as it stands, so that it can be read back. A cell that a spreadsheet would run as a formula is told
of; where the table is meant for one (`spreadsheet`), an apostrophe is put before it, as spreadsheets themselves do.

The header stands first, but a key may turn up in the last record. So rows wait in a spool, and a column found
later is appended at the right: the rows before it need only further commas.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.records import DIGEST_FIELDS
from corpus_tool.sinks.cells import cell, encode
from corpus_tool.sinks.columns import chosen
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from corpus_tool.records import Record
    from corpus_tool.sinks import ExportOptions, Rows

FIRST_RECORDS = 1000
"""Among the columns of this many first records, those of a digest stand in their own order in front."""


_FORMULA = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


def write(rows: Rows, writer: BinaryIO, options: ExportOptions, *, delimiter: str = ",") -> int:
    """Write a header and one row a record; see `corpus_tool.sinks`.

    Columns that were asked for are written in that order. Without any, they are the fields of a digest that
    the first records have, then every other key in the order of its first appearance.

    Raises:
        UsageError: A column was asked for that no record has.
    """
    line = _Line(delimiter, spreadsheet=options.spreadsheet)
    if options.columns is not None:
        count = _write_chosen(rows, writer, options.columns, line)
    else:
        count = _write_all((record for _, record in rows), writer, line)
    line.report(options.say)
    return count


class _Line:
    """Formats one row at a time, without its newline.

    Args:
        delimiter: Between cells.
        spreadsheet: Whether cells that would be run are escaped.
    """

    def __init__(self, delimiter: str = ",", *, spreadsheet: bool = False) -> None:
        self._buffer = io.StringIO(newline="")
        # With "\r\n" the module quotes both characters in every version of Python; it is cut off again.
        self._writer = csv.writer(self._buffer, delimiter=delimiter, lineterminator="\r\n")
        self._delimiter = delimiter
        self._spreadsheet = spreadsheet
        self._formulas = 0

    def __call__(self, cells: Iterable[str]) -> bytes:
        self._writer.writerow([self._safe(text) if _FORMULA.match(text) else text for text in cells])
        text = self._buffer.getvalue()[:-2]
        self._buffer.seek(0)
        self._buffer.truncate()
        return encode(text)

    def _safe(self, text: str) -> str:
        if _NUMBER.fullmatch(text):
            return text
        self._formulas += 1
        return "'" + text if self._spreadsheet else text

    def empty(self, count: int) -> bytes:
        """So many empty cells behind others."""
        return self._delimiter.encode() * count

    def report(self, say: Callable[[str], None]) -> None:
        """Tell of the cells that a spreadsheet would run."""
        if not self._formulas:
            return
        cells = "1 cell" if self._formulas == 1 else f"{self._formulas:,} cells"
        if self._spreadsheet:
            say(f"{cells} that a spreadsheet would run: an apostrophe stands before each")
        else:
            say(
                f"{cells} that a spreadsheet would run (= + - @), as they stand: --spreadsheet of export escapes them"
            )


def _write_chosen(rows: Rows, writer: BinaryIO, columns: Sequence[str], line: _Line) -> int:
    writer.write(line(columns) + b"\n")
    count = 0
    for record in chosen(rows, columns):
        writer.write(line(map(cell, record.values())) + b"\n")
        count += 1
    return count


def _write_all(records: Iterator[Record], writer: BinaryIO, line: _Line) -> int:
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
            writer.write(spool.read(offset, size) + line.empty(len(columns) - width) + b"\n")
            offset += size
    return len(sizes)


def _first_columns(records: Iterable[Record]) -> dict[str, None]:
    keys = dict.fromkeys(chain.from_iterable(records))
    digest = [field for field in DIGEST_FIELDS if field in keys]
    return dict.fromkeys(chain(digest, keys))
