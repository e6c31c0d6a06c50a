"""JSON Lines: one object a line, each kept with its own bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import orjson

from corpus_tool.errors import InputError
from corpus_tool.lines.decode import BOM, decode
from corpus_tool.records import Batch
from corpus_tool.sources.decoding import cause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sources.problems import Problems

NAME = "jsonl"


def detect(head: str) -> bool:
    """Whether the first thing that stands there opens a JSON object."""
    return head.lstrip().startswith("{")


def read(stream: BinaryIO, name: str, block: int, problems: Problems) -> Iterator[Batch]:
    """Batches of about `block` bytes; blank lines are passed over but counted."""
    line, position, carried = 1, 0, b""
    while True:
        data = _read_lines(stream, block, carried, name)
        if data is None:
            break
        chunk, carried = data
        start = position
        if position == 0 and chunk.startswith(BOM):
            chunk, start = chunk[len(BOM) :], len(BOM)
        yield _batch(chunk, name, line, start, problems)
        position = start + len(chunk)
        line += chunk.count(b"\n")


def _read_lines(stream: BinaryIO, block: int, carried: bytes, name: str) -> tuple[bytes, bytes] | None:
    """The next bytes that end with a whole line, and the beginning of the line after them."""
    parts = [carried] if carried else []
    while True:
        try:
            data = stream.read(block)
        except (OSError, EOFError) as error:
            raise InputError(f"could not be read: {cause(error)}", path=name) from error
        if not data:
            whole = b"".join(parts)
            return (whole, b"") if whole else None
        cut = data.rfind(b"\n") + 1
        if cut:
            parts.append(data[:cut])
            return b"".join(parts), data[cut:]
        parts.append(data)


def _batch(chunk: bytes, name: str, line: int, start: int, problems: Problems) -> Batch:
    """The records of consecutive whole lines that begin at the given line and byte offset."""
    batch = Batch(name, [], [], [], [])
    lines, starts = [], []
    raws, records = batch.raws, batch.records
    loads = orjson.loads
    pieces = chunk.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    for raw in pieces:
        try:
            record = loads(raw)
            if type(record) is not dict or float in map(type, record.values()):
                record = decode(raw)
        except ValueError:
            try:
                record = decode(raw) if raw.strip() else None
            except ValueError as error:
                problems.bad(name, line, str(error), raw)
                record = None
        if record is not None:
            raws.append(raw)
            records.append(record)
            lines.append(line)
            starts.append(start)
        line += 1
        start += len(raw) + 1
    batch.lines, batch.starts = lines, starts
    return batch
