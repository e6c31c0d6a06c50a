"""Blocks of whole JSON lines as they stand in a stream: read once, copied at most once, decoded by whoever needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from corpus_tool.errors import InputError
from corpus_tool.json_line import BOM
from corpus_tool.lines import NEWLINE, PADDING, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@dataclass(slots=True)
class Block:
    """Consecutive lines of one source.

    Attributes:
        source: The source's name as given.
        line: 1-based number of the first line.
        start: Byte offset of the first line in the source.
        lines: Every line, blank and unreadable ones included.
        size: Bytes of the block.
    """

    source: str
    line: int
    start: int
    lines: Lines
    size: int


def read(stream: BinaryIO, name: str, size: int) -> Iterator[Block]:
    """The blocks of a stream, of about `size` bytes each, more where one line is longer.

    Raises:
        InputError: The stream cannot be read.
    """
    line, start = 1, 0
    carried = np.zeros(0, np.uint8)
    while True:
        data, whole, filled = _fill(stream, name, size, carried)
        if not filled:
            return
        first = len(BOM) if start == 0 and data[: len(BOM)].tobytes() == BOM else 0
        lines = Lines.of(data, first, whole)
        yield Block(name, line, start + first, lines, whole)
        line, start, carried = line + len(lines), start + whole, data[whole:filled]


def _fill(
    stream: BinaryIO, name: str, size: int, carried: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], int, int]:
    """A padded buffer that begins with what was carried over; where its last whole line ends, and its bytes."""
    filled = len(carried)
    data = np.empty(filled + size + PADDING, np.uint8)
    data[:filled] = carried
    while True:
        got = _read_into(stream, name, data[filled : len(data) - PADDING])
        newlines = np.flatnonzero(data[filled : filled + got] == NEWLINE) if got else ()
        whole, filled = filled + int(newlines[-1]) + 1 if len(newlines) else 0, filled + got
        if whole or not got:
            data[filled : filled + PADDING] = 0
            return data, whole or filled, filled
        if filled + PADDING == len(data):
            data = np.concatenate((data, np.empty(len(data), np.uint8)))


def _read_into(stream: BinaryIO, name: str, room: NDArray[np.uint8]) -> int:
    try:
        return stream.readinto(memoryview(room)) or 0  # type: ignore[attr-defined, no-any-return]
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {error}", path=name) from error
