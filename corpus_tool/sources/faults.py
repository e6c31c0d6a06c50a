"""A text that turns out bad half-way: what was read before is kept, and what was not is kept for the rejects."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Record


@dataclass(slots=True)
class Unusable:
    """A piece of a document that cannot be used, while what follows can: a bad element of a JSON array."""

    line: int
    message: str
    raw: bytes


@dataclass(slots=True)
class Plain:
    """A record that is no paper, in a document that is no JSON Lines: the line that is written for it, and itself."""

    line: int
    raw: bytes
    record: Record


class Unread(InputError):
    """An input that cannot be read further.

    Args:
        message: What is wrong and what to do.
        line: The 1-based line of the fault.
        since: The line from which on nothing could be used, where that is an earlier one.
        raw: What was not used, where the reader held it.
    """

    def __init__(self, message: str, *, line: int, since: int, raw: bytes = b"") -> None:
        super().__init__(message, line=line)
        self.since = since
        self.raw = raw


class Recorded:
    """The lines of a stream, remembered until `settle` says that they were used.

    Args:
        stream: Of bytes.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held: deque[tuple[int, bytes]] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[bytes]:
        while raw := self.readline():
            yield raw

    def readline(self, size: int = -1) -> bytes:
        """The next line, or as much of it as there is room for."""
        raw = self._stream.readline(size)
        if raw:
            self._number += 1
            self._held.append((self._number, raw))
        return raw

    def peek(self, size: int) -> bytes:
        """What is at hand beyond the last line."""
        peek = getattr(self._stream, "peek", None)
        return cast("bytes", peek(size)) if peek else b""

    def settle(self, line: int) -> None:
        """Forget what stands before a line."""
        while self._held and self._held[0][0] < line:
            self._held.popleft()

    def unread(self, since: int) -> Iterator[bytes]:
        """The lines from one on, those too that nobody has asked for yet, without their ends."""
        self.settle(since)
        for _, raw in self._held:
            yield raw.removesuffix(b"\n")
        try:
            for raw in self._stream:
                yield raw.removesuffix(b"\n")
        except (OSError, EOFError, InputError):  # it is what ended the reading
            return


def until_fault(lines: Iterable[str], faults: list[InputError]) -> Iterator[str]:
    """Lines up to the first that cannot be decoded; what was wrong with it is added to the faults."""
    try:
        yield from lines
    except InputError as error:
        faults.append(error)
