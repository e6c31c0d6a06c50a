"""JSON Lines: each record's own bytes, exactly as they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write one line a record; see `corpus_tool.sinks`."""
    count = 0
    for raw, _ in rows:
        writer.write(raw)
        writer.write(b"\n")
        count += 1
    return count
