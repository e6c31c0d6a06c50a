"""Which bytes each task reads, and reading them: a line belongs to the stretch in which it begins."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool import sources
from corpus_tool.errors import InputError
from corpus_tool.lines import blocks
from corpus_tool.sources import remote
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus_tool.config import Reading
    from corpus_tool.lines.blocks import Block
    from corpus_tool.records import Batch
    from corpus_tool.sources.inputs import Input

TASK_BYTES, LEAST_BYTES = 64 << 20, 4 << 20
"""Bytes that a task reads: many small tasks cost more than what they do."""
MOST_TASKS = 1 << 15
"""Tasks of which a home's number is sent in 16 bits; an input in very many files may make twice as many."""
_LOOKED_AT = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bytes of an input.

    Attributes:
        input: What is read.
        start: The first byte.
        end: Past the last; -1 for an input that can only be read whole.
    """

    input: Input
    start: int = 0
    end: int = -1


def stretches(found: Iterable[tuple[Input, bool]], size: int) -> Iterator[Stretch]:
    """Inputs cut into stretches of about a size, where they are plain lines."""
    for given, plain in found:
        if not plain:
            yield Stretch(given)
            continue
        whole = size_of(given)
        pieces = max(1, -(-whole // size))
        bounds = [whole * at // pieces for at in range(pieces + 1)]
        for start, end in pairwise(bounds):
            yield Stretch(given, start, end)


def tasks(found: Sequence[tuple[Input, bool]], count: int, width: int = 1) -> list[list[Stretch]]:
    """What each task reads.

    Args:
        found: The inputs, and whether each is plain lines.
        count: How many tasks there are; 0 for one to `TASK_BYTES`, and more where a part of the cluster has none.
        width: How many tasks the cluster runs at once.
    """
    total = sum(size_of(given) for given, _ in found)
    shared = max(LEAST_BYTES, -(-total // width))
    size = max(1, -(-total // count)) if count else max(min(TASK_BYTES, shared), -(-total // MOST_TASKS))
    made: list[list[Stretch]] = [[]]
    held = 0
    for stretch in stretches(found, size):
        weight = stretch.end - stretch.start if stretch.end >= 0 else size
        if made[-1] and held + weight > size and not (count and len(made) >= count):
            made.append([])
            held = 0
        made[-1].append(stretch)
        held += weight
    return made + [[] for _ in range(count - len(made))]


class Noted(Problems):
    """Keeps what it is told of, for whoever knows where the stretch stands.

    Attributes:
        told: Method of `Problems`, and its arguments.
    """

    def __init__(self) -> None:
        super().__init__(skip=True, say=lambda _: None)
        self.told: list[tuple[str, tuple[object, ...], dict[str, object]]] = []

    def hopeless(self, path: str) -> None:
        self.told.append(("hopeless", (path,), {}))

    def bad(self, path: str, line: int | None, message: str, raw: bytes = b"", *, hint: bool = True) -> None:
        self.told.append(("bad", (path, line, message, raw), {"hint": hint}))

    def left_out(self, error: InputError) -> None:
        self.told.append(("left_out", (error,), {}))

    def reject(self, raw: bytes) -> None:
        self.told.append(("reject", (raw,), {}))

    def note(self, path: str, message: str) -> None:
        self.told.append(("note", (path, message), {}))

    def unplaced(self, path: str, line: int, text: str, why: str) -> None:
        self.told.append(("unplaced", (path, line, text, why), {}))


def read(stretch: Stretch, reading: Reading, problems: Problems) -> Iterator[Batch | Block]:
    """The records that begin in a stretch, as `sources.read_blocks` gives them."""
    if stretch.end < 0:
        yield from sources.read_blocks([stretch.input], reading, problems)
        return
    name, path = stretch.input.name, stretch.input.path
    longest = blocks.Longest(
        reading.limits.line,
        sources.teller(stretch.input, reading, problems, again=not remote.is_address(path)),
    )
    try:
        with _opened(path) as file:
            first, last = _line_from(file, stretch.start), _line_from(file, stretch.end)
            part = cast("BinaryIO", _Part(file, first, last))
            yield from blocks.read(part, name, reading.block, path, longest, first)
    except InputError as error:
        problems.bad(error.path or name, error.line, error.message, error.rest, hint=False)
    except OSError as error:
        problems.bad(name, None, f"could not be read: {error.strerror}", hint=False)


def size_of(given: Input) -> int:
    """Bytes of an input that may be read from any byte on; 0 of others."""
    if not remote.in_store(given.path):
        return given.size
    with remote.open_seekable(given.path) as file:
        return int(file.size())


def _opened(path: str) -> io.FileIO:
    return remote.open_seekable(path) if remote.is_address(path) else Path(path).open("rb", buffering=0)


def _line_from(file: io.FileIO, start: int) -> int:
    """Where the first line begins that begins at a byte or after it."""
    if start == 0:
        return 0
    at = start - 1
    file.seek(at)
    while data := file.read(_LOOKED_AT):
        newline = data.find(b"\n")
        if newline >= 0:
            return at + newline + 1
        at += len(data)
    return at


class _Part(io.RawIOBase):
    """Some bytes of a file as a stream."""

    def __init__(self, file: io.FileIO, first: int, last: int) -> None:
        super().__init__()
        self._file, self._left = file, last - first
        file.seek(first)

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        got = self._file.readinto(room[: max(0, self._left)])
        self._left -= got
        return got
