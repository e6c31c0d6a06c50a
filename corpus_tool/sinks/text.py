"""Plain text lists: the chosen columns, a record a line, a tabulator between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.errors import UsageError
from corpus_tool.sinks.cells import cell, encode
from corpus_tool.sinks.columns import chosen

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write one line a record, white space in a value as one blank; see `corpus_tool.sinks`.

    Raises:
        UsageError: No column is chosen, or no record has one.
    """
    if not options.columns:
        raise UsageError("a plain list needs to know what to list: add --columns, as in --columns title")
    count = 0
    for record in chosen(rows, options.columns):
        writer.write(encode("\t".join(" ".join(cell(value).split()) for value in record.values()) + "\n"))
        count += 1
    return count
