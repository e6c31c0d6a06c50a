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
    from collections.abc import Callable, Iterator

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


@dataclass(frozen=True)
class Longest:
    """What no line may exceed.

    Attributes:
        bytes: Of a line; 0 for no limit.
        tell: Told of the byte offset at which a longer one begins; where it returns, that line is left out.
    """

    bytes: int
    tell: Callable[[int], None]


NO_LIMIT = Longest(0, lambda start: None)


def read(
    stream: BinaryIO,
    name: str,
    size: int,
    path: str | None = None,
    longest: Longest = NO_LIMIT,
    begins: int = 0,
) -> Iterator[Block]:
    """The blocks of a stream, of about `size` bytes each, more where one line is longer.

    Args:
        stream: Of bytes.
        name: Of the source.
        size: Bytes read at once.
        path: Where the same bytes can be read again, if anywhere.
        longest: The limit of one line.
        begins: The byte of the source with which the stream begins, at the beginning of a line.

    Raises:
        InputError: The stream cannot be read, once the lines before that have been given.
    """
    start, opens = begins, not begins
    carried = np.zeros(0, np.uint8)
    while True:
        data, whole, filled, fault = _fill(stream, name, size, carried, longest.bytes)
        if whole < 0:
            longest.tell(start)
            dropped, carried = _next_line(stream, name, data)
            start += filled + dropped
            continue
        first = len(BOM) if start == 0 and data[: len(BOM)].tobytes() == BOM else 0
        if whole > first:
            yield Block(name, start + first, data, first, whole, opens, path)
            opens = False
        if fault:
            fault.rest = data[whole:filled].tobytes()
            raise fault
        if not filled:
            return
        start, carried = start + whole, data[whole:filled]


def _fill(
    stream: BinaryIO, name: str, size: int, carried: NDArray[np.uint8], longest: int
) -> tuple[NDArray[np.uint8], int, int, InputError | None]:
    """A padded buffer that begins with what was carried over.

    Returns:
        The buffer; where its last whole line ends, -1 where one line is longer than the longest; its bytes; and what
        went wrong after these.
    """
    filled, searched = len(carried), 0
    data = np.empty(filled + size + PADDING, np.uint8)
    data[:filled] = carried
    while True:
        got, fault = _read_into(stream, name, data[filled : len(data) - PADDING])
        whole, filled = _after_last_newline(data, searched, filled + got), filled + got
        searched = filled
        if whole or fault or filled + PADDING < len(data):
            data[filled : filled + PADDING] = 0
            return data, whole if whole or fault else filled, filled, fault
        if longest and filled > longest:
            return data, -1, filled, None
        data = np.concatenate((data, np.empty(len(data), np.uint8)))


def _next_line(stream: BinaryIO, name: str, room: NDArray[np.uint8]) -> tuple[int, NDArray[np.uint8]]:
    """Pass over the rest of a line: how many bytes of it, and what was read from its newline on."""
    passed = 0
    while True:
        got, fault = _read_into(stream, name, room)
        newlines = np.flatnonzero(room[:got] == NEWLINE)
        if len(newlines):
            first = int(newlines[0])
            return passed + first, room[first:got].copy()
        if fault:
            raise fault
        passed += got
        if not got:
            return passed, room[:0]


def _after_last_newline(data: NDArray[np.uint8], first: int, last: int) -> int:
    """Where the last whole line of `data[first:last]` ends; 0 where there is none."""
    while first < last:
        at = max(first, last - _WINDOW)
        found = np.flatnonzero(data[at:last] == NEWLINE)
        if len(found):
            return at + int(found[-1]) + 1
        last = at
    return 0


def _read_into(stream: BinaryIO, name: str, room: NDArray[np.uint8]) -> tuple[int, InputError | None]:
    """Fill the room, unless the stream ends or fails before: how many bytes came, and why no more."""
    once = getattr(stream, "readinto1", None) or stream.readinto  # type: ignore[attr-defined]
    got = 0
    try:
        while got < len(room) and (more := once(room[got:].data)):
            got += more
    except InputError as fault:
        return got, fault
    except (OSError, EOFError) as error:
        return got, InputError(f"could not be read: {error}", path=name)
    return got, None
