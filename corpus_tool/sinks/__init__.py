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


def _silent(_: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a user may say about a format.

    Attributes:
        columns: The columns of a table, in order; None for all that the records have.
        title: The heading of a document.
        spreadsheet: Whether cells of CSV that a spreadsheet would run are escaped.
        say: Is told what does not survive in the format, one line.
    """

    columns: tuple[str, ...] | None = None
    title: str = "Papers"
    spreadsheet: bool = False
    say: Callable[[str], None] = _silent


@dataclass(frozen=True, slots=True)
class Format:
    """One format that records can be written in.

    Attributes:
        name: What `--format` takes.
        endings: The endings of file names that mean it; the first is the usual one.
        module: The module that holds its `write`, imported when it is first used.
        tabular: Whether it has columns to choose.
        folder: Whether it is a folder of files, which `datasets.write` writes.
    """

    name: str
    endings: tuple[str, ...]
    module: str
    tabular: bool = False
    folder: bool = False

    def write(self, rows: Rows, writer: BinaryIO, options: ExportOptions | None = None) -> int:
        """Write all rows and return their number; the writer stays open.

        Raises:
            UsageError: Columns are asked of a format without any, or a column that no record has.
            OutputError: The writer, or the folder for temporary files, is full.
        """
        options = options or ExportOptions()
        if self.folder:
            raise UsageError(f"{self.name} is a folder of files: it cannot be written as one stream")
        if options.columns is not None and not self.tabular:
            able = ", ".join(each.name for each in FORMATS if each.tabular)
            raise UsageError(f"{self.name} has no columns to choose: leave them out, or write {able}")
        return cast("Write", import_module(self.module).write)(rows, writer, options)


FORMATS = (
    Format("jsonl", (".jsonl", ".ndjson"), "corpus_tool.sinks.jsonl", tabular=True),
    Format("csv", (".csv",), "corpus_tool.sinks.csv", tabular=True),
    Format("tsv", (".tsv", ".tab"), "corpus_tool.sinks.tsv", tabular=True),
    Format("parquet", (".parquet",), "corpus_tool.sinks.parquet", tabular=True),
    Format("sqlite", (".sqlite", ".sqlite3", ".db"), "corpus_tool.sinks.sqlite", tabular=True),
    Format("bibtex", (".bib",), "corpus_tool.sinks.bibtex"),
    Format("ris", (".ris",), "corpus_tool.sinks.ris"),
    Format("csl-json", (".csl.json", ".csl"), "corpus_tool.sinks.csl"),
    Format("markdown", (".md", ".markdown"), "corpus_tool.sinks.markdown"),
    Format("html", (".html", ".htm"), "corpus_tool.sinks.html"),
    Format("text", (".txt",), "corpus_tool.sinks.text", tabular=True),
    Format("datasets", ("/",), "corpus_tool.sinks.datasets", tabular=True, folder=True),
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
            if key in {each.name, each.name.partition("-")[0]} or f".{key}" in each.endings:
                return each
        raise UsageError(f"there is no format {chosen!r}: choose one of {_listing()}")
    if not path or path == "-":
        return FORMATS[0]
    plain = strip_codec(path).lower()
    for each in FORMATS:
        if plain.endswith(each.endings):
            return each
    ending = PurePath(plain).suffix
    what = f"the ending {ending!r} names no format" if ending else "a name without an ending names no format"
    raise UsageError(f"{what}: add --format with one of {_listing()}", path=path)


def _listing() -> str:
    return ", ".join(f"{each.name} ({' '.join(each.endings)})" for each in FORMATS)
