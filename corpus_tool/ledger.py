"""Where every record of a run stands, so that its bytes can be read again instead of being held.

A plain file is read again by offset. What cannot be read again (standard input, compressed files, records made
from digests) goes through one spool: an unnamed temporary file, gone with the process however that ends.
"""

from __future__ import annotations

import os
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

import numpy as np

from corpus_tool.errors import InputError, OutputError
from corpus_tool.sources import jsonl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from corpus_tool.records import Batch, Record

_SPOOL_IN_MEMORY = 16 << 20
_OPEN_FILES = 64
_COPY = 4 << 20


class Ledger:
    """Positions of all records, in input order; a record's ordinal is its place in it.

    Args:
        tmp_dir: Folder of the spool; None for the system's.
    """

    def __init__(self, tmp_dir: str | None = None) -> None:
        self.names: list[str] = []
        self._paths: list[str | None] = []
        self._digest: list[bool] = []
        self._stats: list[tuple[int, int] | None] = []
        self._chunks: list[tuple[int, NDArray[np.int64]]] = []
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY, dir=tmp_dir)  # noqa: SIM115
        self._spooled = 0
        self._files: OrderedDict[int, BinaryIO] = OrderedDict()
        self.bytes_read = 0

    def add(self, batch: Batch, path: str | None) -> None:
        """Note a batch; `path` is where its bytes can be read again, None where they cannot."""
        if not batch.raws:
            return
        again = path if batch.starts is not None else None
        source = self._source(batch.source, again, batch.digest)
        sizes = np.fromiter(map(len, batch.raws), np.int64, len(batch.raws))
        lines = np.asarray(batch.lines, np.int64)
        if batch.starts is not None and again is not None:
            starts = np.asarray(batch.starts, np.int64)
        else:
            starts = self._spooled + np.concatenate(([0], np.cumsum(sizes[:-1] + 1)))
            data = b"\n".join(batch.raws) + b"\n"
            try:
                self._spool.seek(0, os.SEEK_END)
                self._spool.write(data)
            except OSError as error:
                raise OutputError(
                    f"the temporary folder is full or cannot be written ({error.strerror}): choose another with "
                    "--tmp-dir"
                ) from error
            self._spooled += len(data)
        self.bytes_read += int(sizes.sum()) + len(sizes)
        self._chunks.append((source, np.stack((lines, starts, sizes))))

    def _source(self, name: str, path: str | None, digest: bool) -> int:
        if not (
            self.names and self.names[-1] == name and self._paths[-1] == path and self._digest[-1] == digest
        ):
            self.names.append(name)
            self._paths.append(path)
            self._digest.append(digest)
            self._stats.append(_identity(path))
        return len(self.names) - 1

    def close_books(self) -> None:
        """Turn what was noted into the columns `source`, `line`, `start` and `size`."""
        counts = [chunk.shape[1] for _, chunk in self._chunks]
        table = (
            np.concatenate([chunk for _, chunk in self._chunks], axis=1)
            if counts
            else np.zeros((3, 0), np.int64)
        )
        self.source = np.repeat(np.array([source for source, _ in self._chunks], np.int32), counts)
        self.line, self.start, self.size = table
        self._chunks.clear()

    def __len__(self) -> int:
        return len(self.line)

    def is_digest(self, ordinal: int) -> bool:
        """Whether a record was parsed from a digest."""
        return self._digest[int(self.source[ordinal])]

    def any_digest(self) -> bool:
        """Whether any record was parsed from a digest."""
        return any(self._digest)

    def place(self, ordinal: int) -> tuple[str, int]:
        """Source name and 1-based line of a record."""
        return self.names[self.source[ordinal]], int(self.line[ordinal])

    def raws(self, ordinals: NDArray[np.int64]) -> Iterator[bytes]:
        """The bytes of records, in the order asked for; neighbours are read together."""
        source, start, size = self.source[ordinals], self.start[ordinals], self.size[ordinals]
        for first, last in _runs(source, start, size):
            base = int(start[first])
            data = self._read(int(source[first]), base, int(start[last] + size[last]) - base)
            for k in range(first, last + 1):
                at = int(start[k]) - base
                yield data[at : at + int(size[k])]

    def records(self, ordinals: NDArray[np.int64]) -> list[Record]:
        """The decoded records, in the order asked for."""
        return [jsonl.decode(raw) for raw in self.raws(ordinals)]

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        """Write records byte for byte, a newline after each; ordinals ascend."""
        source, start, size = self.source[ordinals], self.start[ordinals], self.size[ordinals]
        for first, last in _runs(source, start, size, gap=1):
            write(
                self._read(
                    int(source[first]), int(start[first]), int(start[last] + size[last] - start[first])
                )
            )
            write(b"\n")

    def _read(self, source: int, start: int, size: int) -> bytes:
        path = self._paths[source]
        file = self._spool if path is None else self._file(source, path)
        file.seek(start)
        data = file.read(size)
        if len(data) != size:
            raise InputError("changed while it was being read: run again", path=self.names[source])
        return data

    def _file(self, source: int, path: str) -> BinaryIO:
        file = self._files.get(source)
        if file is None:
            try:
                if _identity(path) != self._stats[source]:
                    raise InputError("changed while it was being read: run again", path=self.names[source])
                file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - kept open, closed by close()
            except OSError as error:
                raise InputError(
                    f"could not be read again: {error.strerror}", path=self.names[source]
                ) from error
            self._files[source] = file
            if len(self._files) > _OPEN_FILES:
                self._files.popitem(last=False)[1].close()
        self._files.move_to_end(source)
        return file

    def close(self) -> None:
        """Let go of all files."""
        self._spool.close()
        for file in self._files.values():
            file.close()
        self._files.clear()


def _identity(path: str | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _runs(
    source: NDArray[np.int32], start: NDArray[np.int64], size: NDArray[np.int64], gap: int = 1
) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch of neighbours in one file: up to `_COPY` bytes, or one record."""
    if not len(start):
        return
    joined = (source[1:] == source[:-1]) & (start[1:] == start[:-1] + size[:-1] + gap)
    breaks = np.flatnonzero(~joined) + 1
    firsts = np.concatenate(([0], breaks))
    lasts = np.concatenate((breaks, [len(start)])) - 1
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        at = first
        while at <= last:
            end = int(np.searchsorted(start[at : last + 1], start[at] + _COPY)) + at - 1
            end = min(max(end, at), last)
            yield at, end
            at = end + 1
