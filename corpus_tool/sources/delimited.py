"""Tables in text: CSV, TSV and their kin, with a line of heads, as databases, managers and spreadsheets write them.

A text is a table where a first line holds names that such tables have, or where every row has as many cells as a
first line of names. Prose with commas has neither.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import InputError

from . import heads
from .completed import Completed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus_tool.records import Record
    from corpus_tool.sources.problems import Problems

NAME = "csv"

_MARKDOWN = re.compile(r"^[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+(?:[ \t]*:?-{3,}:?)?[ \t]*$", re.MULTILINE)
"""The rule under the heads of a table in Markdown, whose bars part no fields of this kind."""
_DELIMITERS = (",", "\t", ";", "|")
_HEAD_ROWS = 200
_PREAMBLE = 10
_NAME = re.compile(r"[^\W\d_](?:[^,;|\t\n\"<>={}\[\]]{0,58})", re.DOTALL)
_CONSISTENT = 0.6
_MANY = 5
"""So many known heads and a table is one, though its rows end early."""
_SOME = 3
"""So many, and it is nothing else."""
_ROW_LINES = 10_000
_ROW_SIZE = 64 << 20
_TOLD = 20
_UNCLOSED = (
    "a quote that is opened in this row is not closed: close it, or double it where it belongs to the text"
)
_AS_TEXT = re.compile(r'="([^"]*)"', re.DOTALL)
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How a table is written.

    Attributes:
        delimiter: Between cells.
        quoted: Whether quotes enclose cells.
        before: Lines before that of the heads.
        cells: The heads as printed.
        sure: Whether they name what such tables hold.
    """

    delimiter: str
    quoted: bool
    before: int
    cells: tuple[str, ...]
    sure: bool


def detect(head: str) -> bool:
    """Whether a text is a table with heads."""
    return _MARKDOWN.search(head) is None and layout(head) is not None


def surely(head: str) -> bool:
    """Whether the first line of a text names so many columns of papers that it is nothing else, whatever follows."""
    first = head.lstrip("\ufeff \t\r\n").split("\n", 1)[0]
    if not any(first.count(mark) >= _SOME for mark in _DELIMITERS):
        return False
    found = layout(head)
    return found is not None and found.sure and len(heads.known(found.cells)) >= _SOME


def layout(head: str, *, asked: bool = False) -> Layout | None:
    """The layout of a table by its beginning; None where it is none.

    Args:
        head: The beginning of the text.
        asked: Whether the user says that it is a table: then known heads, or rows of one length, are enough.
    """
    separator = _SEPARATOR_LINE.match(head)
    ways = [(separator[1], True)] if separator else [(mark, True) for mark in _DELIMITERS if mark in head]
    if "\t" in head and not separator:
        ways.append(("\t", False))
    found = [way for mark, quoted in ways if (way := _layout(head, mark, quoted, asked))]
    if asked and not found:
        first = head.lstrip().split("\n", 1)[0].strip().strip('"')
        if heads.known((first,)):
            found.append(Layout(",", True, 0, (first,), True))
    return max(
        found,
        key=lambda way: (way.sure, len(way.cells), not way.quoted and heads.is_tagged(way.cells)),
        default=None,
    )


def _layout(head: str, delimiter: str, quoted: bool, asked: bool) -> Layout | None:
    rows = _rows_of_head(head, delimiter, quoted)
    if rows and _SEPARATOR_LINE.match(head):
        rows.pop(0)
    if not rows or (delimiter == "|" and not rows[0][1][0].strip()):  # a table of Markdown
        return None
    for at, (line, cells) in enumerate(rows[:_PREAMBLE]):
        known = heads.known(cells)
        rest = [row for _, row in rows[at + 1 :]]
        if len(cells) > 1 and len(known) > 1 and known & heads.TEXTS and _fits(rest, len(cells), known):
            return Layout(delimiter, quoted, line - 1, tuple(cells), True)
    line, cells = rows[0]
    rest = [row for _, row in rows[1:]]
    least = 2 if asked or delimiter == "\t" else 3
    if len(cells) < least or not _are_names(cells) or (len(rest) < 2 and not asked):
        return None
    if _share(rest, len(cells), 0) < (_CONSISTENT if asked else 1):
        return None
    return Layout(delimiter, quoted, line - 1, tuple(cells), bool(heads.known(cells) & heads.TEXTS))


def _rows_of_head(head: str, delimiter: str, quoted: bool) -> list[tuple[int, list[str]]]:
    """Line and cells of the first rows; the last is left out where it may be cut, or where a quote is open."""
    text = head.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    over: list[bool] = []

    def lines() -> Iterator[str]:
        yield from io.StringIO(text, newline="")
        over.append(True)

    reader = _reader(lines(), delimiter, quoted)
    rows: list[tuple[int, list[str]]] = []
    line = 0
    try:
        for cells in reader:
            start, line = line + 1, reader.line_num
            if any(cells) and not over:
                rows.append((start, cells))
            if len(rows) > _HEAD_ROWS:
                return rows
    except csv.Error:
        return []
    if len(head) >= 1 << 15 and len(rows) > 2:
        rows.pop()
    return rows


def _reader(lines: Iterable[str], delimiter: str, quoted: bool) -> Any:
    csv.field_size_limit(min(sys.maxsize, (1 << 31) - 1))
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def _share(rows: Sequence[Sequence[str]], width: int, slack: int) -> float:
    """The share of rows that are as long as the heads, or end in one cell more or less."""
    if not rows:
        return 1.0
    return sum(abs(len(row) - width) <= slack and len(row) > 1 for row in rows) / len(rows)


def _fits(rows: Sequence[Sequence[str]], width: int, known: set[str]) -> bool:
    """Whether rows go with heads; where many of these are known, rows may leave out their last cells."""
    if _share(rows, width, 1) >= _CONSISTENT:
        return True
    cut = [[*row, *[""] * (width - len(row))] if len(row) > 2 else row for row in rows]
    return len(known) >= _MANY and _share(cut, width, 1) >= _CONSISTENT


def _are_names(cells: Sequence[str]) -> bool:
    if any(cell[:1].isspace() for cell in cells):  # as behind the commas of prose and code
        return False
    texts = [cell.strip() for cell in cells]
    names = all(_NAME.fullmatch(text) and len(text.split()) <= 4 and text[-1] not in ".!?" for text in texts)
    return names and len(set(texts)) == len(texts)


def rows(lines: Iterable[str], head: str, name: str, problems: Problems) -> Iterator[tuple[int, Record]]:
    """Line and cells of each row under the names of their columns, empty cells left out.

    Raises:
        InputError: The text is no table, or a quote is not closed.
    """
    found = layout(head, asked=True)
    if found is None:
        raise InputError(_why_not(head), path=name)
    table = _Table(found, name, problems)
    yield from table.rows(lines)


def _why_not(head: str) -> str:
    first = next((line for line in head.splitlines() if line.strip()), "")
    if not any(mark in first for mark in _DELIMITERS):
        return "is not a table: its first line has but one cell, by comma, tab, semicolon or bar"
    return (
        "is not a table with heads: the first line should name the columns (title, abstract, ...), one name a cell, "
        "and the rows should have as many cells"
    )


class _Table:
    """Reads the rows of one table."""

    def __init__(self, layout: Layout, name: str, problems: Problems) -> None:
        self._layout = layout
        self._name = name
        self._problems = problems
        self._names = heads.names(layout.cells)
        self._completed = Completed(self._names)
        self._told = 0
        self._lines, self._size, self._over = 0, 0, False

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, Record]]:
        """See `rows`."""
        reader = _reader(self._ended(lines), self._layout.delimiter, self._layout.quoted)
        width, heads_line = len(self._names), list(self._layout.cells)
        line = 0
        try:
            for cells in reader:
                start, line = line + 1, reader.line_num
                if self._over:  # the reader went on to the end of the text for more of this row
                    raise InputError(_UNCLOSED, path=self._name, line=start)
                self._lines = self._size = 0
                if start <= self._layout.before + 1 or cells == heads_line:
                    if start <= self._layout.before and any(cells):
                        self._tell(start, " ".join(cells), "it stands before the heads of the table")
                    continue
                if len(cells) != width:
                    if not any(cells):
                        continue
                    if self._is_remark(cells):
                        self._tell(start, cells[0], "a line of one cell among the rows")
                        continue
                    self._ragged(start, cells)
                if record := self._record(cells):
                    yield start, record
        except csv.Error as error:
            raise InputError(f"this row cannot be read: {error}", path=self._name, line=line + 1) from None

    def _is_remark(self, cells: Sequence[str]) -> bool:
        """Whether a short row is a line that a program wrote among the rows, no row of the table."""
        others = len(cells) == 1 and len(self._layout.cells) > 2
        return others and self._layout.sure and self._names[0] not in heads.TEXTS

    def _record(self, cells: Sequence[str]) -> Record:
        """The cells of a row by name, without the empty ones, and what else they say."""
        record: Record = {key: cell for key, cell in zip(self._names, cells, strict=False) if cell}
        for key, cell in record.items():
            if cell[0] in "[{= \t\n" or cell[-1] in " \n\t":
                record[key] = _value(key, cell)
        self._completed.complete(record)
        return record

    def _ended(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines with their ends, as long as a row does not swallow too many of them."""
        for line in lines:
            self._lines += 1
            self._size += len(line)
            if self._lines > _ROW_LINES or self._size > _ROW_SIZE:
                break
            yield (line if "\r" not in line else line.replace("\r", " ")) + "\n"
        self._over = True

    def _ragged(self, line: int, cells: list[str]) -> None:
        """A row of more or fewer cells than heads: kept as far as it goes, and told."""
        width = len(self._names)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        for at in range(len(self._names), len(cells)):
            self._names.append(f"column_{at + 1}")
        if len(cells) != width:
            self._tell(
                line, " ".join(cells), f"a row of {len(cells)} cells under {len(self._layout.cells)} heads"
            )

    def _tell(self, line: int, text: str, why: str) -> None:
        self._told += 1
        if self._told <= _TOLD or self._problems.strict:
            self._problems.unplaced(self._name, line, text, why)
        elif self._told == _TOLD + 1:
            self._problems.note(self._name, "more rows like these follow; they are kept too")


def _value(name: str, cell: str) -> Any:
    """A cell without blanks around it, and without the formula that keeps it text in a spreadsheet.

    It is a list or an object where it is one in JSON, as exports of records have them.
    """
    text = cell.strip()
    if formula := _AS_TEXT.fullmatch(text):
        return formula[1]
    if name not in heads.TEXTS and text[:1] in {"[", "{"} and text[-1] in "]}":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text
