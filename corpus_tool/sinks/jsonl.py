"""JSON Lines: each record's own bytes, exactly as they were read, unless columns are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sinks import ExportOptions, Rows


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write one line a record; see `corpus_tool.sinks`."""
    count = 0
    for raw in (raw for raw, _ in rows) if options.columns is None else _chosen(rows, options):
        writer.write(raw)
        writer.write(b"\n")
        count += 1
    return count


def _chosen(rows: Rows, options: ExportOptions) -> Iterator[bytes]:
    """Records of the chosen columns alone, null where one has none."""
    from corpus_tool.sinks.columns import chosen, dumped

    return (dumped(record) for record in chosen(rows, options.columns or ()))
