"""Blocks of whole JSON lines as they stand in a stream: read once, copied at most once, decoded by whoever needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from corpus_tool.errors import InputError
from corpus_tool.lines.decode import BOM
from corpus_tool.lines.lines import NEWLINE, PADDING, Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_WINDOW = 1 << 14


@dataclass
class Block:
    """Consecutive lines of one source.

    Attributes:
        source: The source's name as given.
        start: Byte offset of the first line in the source.
        data: uint8, padded; the lines are `data[first:last]`.
        first: Where the first line begins.
        last: Where the last line ends, its newline included.
        opens: Whether it is the first block of its source.
        path: Where the bytes can be read again by offset; None where they cannot.
    """

    source: str
    start: int
    data: NDArray[np.uint8]
    first: int
    last: int
    opens: bool
    path: str | None

    @cached_property
    def lines(self) -> Lines:
        """Every line, blank and unreadable ones included."""
        return Lines.of(self.data, self.first, self.last)


def read(stream: BinaryIO, name: str, size: int, path: str | None = None) -> Iterator[Block]:
    """The blocks of a stream, of about `size` bytes each, more where one line is longer.

    Args:
        stream: Of bytes.
        name: Of the source.
        size: Bytes read at once.
        path: Where the same bytes can be read again, if anywhere.

    Raises:
        InputError: The stream cannot be read.
    """
    start = 0
    carried = np.zeros(0, np.uint8)
    while True:
        data, whole, filled = _fill(stream, name, size, carried)
        if not filled:
            return
        first = len(BOM) if start == 0 and data[: len(BOM)].tobytes() == BOM else 0
        yield Block(name, start + first, data, first, whole, start == 0, path)
        start, carried = start + whole, data[whole:filled]


def _fill(
    stream: BinaryIO, name: str, size: int, carried: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], int, int]:
    """A padded buffer that begins with what was carried over; where its last whole line ends, and its bytes."""
    filled = len(carried)
    data = np.empty(filled + size + PADDING, np.uint8)
    data[:filled] = carried
    while True:
        got = _read_into(stream, name, data[filled : len(data) - PADDING])
        whole, filled = _after_last_newline(data, filled, filled + got), filled + got
        if whole or not got:
            data[filled : filled + PADDING] = 0
            return data, whole or filled, filled
        if filled + PADDING == len(data):
            data = np.concatenate((data, np.empty(len(data), np.uint8)))


def _after_last_newline(data: NDArray[np.uint8], first: int, last: int) -> int:
    """Where the last whole line of `data[first:last]` ends; 0 where there is none."""
    while first < last:
        at = max(first, last - _WINDOW)
        found = np.flatnonzero(data[at:last] == NEWLINE)
        if len(found):
            return at + int(found[-1]) + 1
        last = at
    return 0


def _read_into(stream: BinaryIO, name: str, room: NDArray[np.uint8]) -> int:
    try:
        return stream.readinto(room.data) or 0  # type: ignore[attr-defined]
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {error}", path=name) from error
