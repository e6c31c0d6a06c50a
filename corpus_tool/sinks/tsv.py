"""TSV: as CSV, with tabulators between cells and the same quotes where a cell holds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.sinks import csv

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write a header and one row a record; see `corpus_tool.sinks`."""
    return csv.write(rows, writer, options, delimiter="\t")
