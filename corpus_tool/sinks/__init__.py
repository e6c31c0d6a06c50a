"""A writer a format, and the registry that finds it by name or by a file's ending.

A format is one module with a function

    write(rows, writer, options) -> int

where `rows` yields (raw, record): the record's own bytes and the same decoded; `writer` takes bytes; and the
result is the number of records written. Adding one is that module and one line in `FORMATS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.compression import strip_codec
from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from corpus_tool.records import Record

    Rows = Iterable[tuple[bytes, Record]]
    Write = Callable[[Rows, BinaryIO, "ExportOptions"], int]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a user may say about a format.

    Attributes:
        columns: The columns of a table, in order; None for all that the records have.
        title: The heading of a document.
    """

    columns: tuple[str, ...] | None = None
    title: str = "Papers"


@dataclass(frozen=True, slots=True)
class Format:
    """One format that records can be written in.

    Attributes:
        name: What `--format` takes.
        endings: The endings of file names that mean it; the first is the usual one.
        module: The module that holds its `write`, imported when it is first used.
        tabular: Whether it has columns to choose.
    """

    name: str
    endings: tuple[str, ...]
    module: str
    tabular: bool = False

    def write(self, rows: Rows, writer: BinaryIO, options: ExportOptions | None = None) -> int:
        """Write all rows and return their number; the writer stays open.

        Raises:
            UsageError: Columns are asked of a format without any, or a column that no record has.
            OutputError: The writer, or the folder for temporary files, is full.
        """
        options = options or ExportOptions()
        if options.columns is not None and not self.tabular:
            able = ", ".join(each.name for each in FORMATS if each.tabular)
            raise UsageError(f"{self.name} has no columns to choose: leave them out, or write {able}")
        return cast("Write", import_module(self.module).write)(rows, writer, options)


FORMATS = (
    Format("jsonl", (".jsonl", ".ndjson"), "corpus_tool.sinks.jsonl"),
    Format("csv", (".csv",), "corpus_tool.sinks.csv", tabular=True),
    Format("markdown", (".md", ".markdown"), "corpus_tool.sinks.markdown"),
)
"""Every format there is, the default first."""


def format_for(path: str | None, chosen: str | None = None) -> Format:
    """The format of an output.

    Args:
        path: The output's name; None and `-` mean standard output, which is JSONL unless one is chosen.
        chosen: The user's choice: a format's name, or an ending of it without the dot.

    Raises:
        UsageError: There is no such format, or the file's ending names none.
    """
    if chosen is not None:
        key = chosen.lower().removeprefix(".")
        for each in FORMATS:
            if key == each.name or f".{key}" in each.endings:
                return each
        raise UsageError(f"there is no format {chosen!r}: choose one of {_listing()}")
    if not path or path == "-":
        return FORMATS[0]
    ending = PurePath(strip_codec(path)).suffix.lower()
    for each in FORMATS:
        if ending in each.endings:
            return each
    what = f"the ending {ending!r} names no format" if ending else "a name without an ending names no format"
    raise UsageError(f"{what}: add --format with one of {_listing()}", path=path)


def _listing() -> str:
    return ", ".join(f"{each.name} ({' '.join(each.endings)})" for each in FORMATS)
