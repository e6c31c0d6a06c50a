"""Columns of many records: gathered batch by batch, in memory or on disk, and taken row by row.

A ragged column is two arrays: `NAME` holds the values of all records one after another, and `NAME_offsets`
(int64, one more than records) where each record's begin. Every other array counts records on its first axis.
"""

from __future__ import annotations

import math
import mmap
import tempfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from corpus_tool.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Columns = dict[str, "NDArray[Any]"]
OFFSETS = "_offsets"
_CHUNK = 16 << 20


class Gathered:
    """The columns of consecutive batches, to become those of one.

    Args:
        limit: Bytes to hold in memory; past them the wide columns (more than one number a record) go to unnamed
            temporary files. None for no limit.
        tmp_dir: Folder of these files; None for the system's.
    """

    def __init__(self, limit: int | None = None, tmp_dir: str | None = None) -> None:
        self._limit = limit
        self._tmp_dir = tmp_dir
        self._columns: dict[str, _Chunks] = {}
        self._files: dict[str, IO[bytes]] = {}

    def add(self, columns: Columns) -> None:
        """One more batch.

        Raises:
            OutputError: The temporary folder cannot be written.
        """
        for name, array in columns.items():
            part = np.diff(array) if name.endswith(OFFSETS) else array
            self._columns.setdefault(name, _Chunks(part)).add(part)
        if self._limit is not None and sum(one.held for one in self._columns.values()) > self._limit:
            self._spill()

    def _spill(self) -> None:
        for name, column in self._columns.items():
            if column.width < 2 and name + OFFSETS not in self._columns:
                continue
            try:
                if name not in self._files:
                    self._files[name] = tempfile.TemporaryFile(dir=self._tmp_dir)  # noqa: SIM115
                for part in column.taken():
                    self._files[name].write(part.data)
            except OSError as error:
                raise OutputError(
                    f"the temporary folder cannot be written ({error.strerror}): choose another with --tmp-dir"
                ) from error

    def finish(self) -> Columns:
        """The columns; those on disk are mapped, see `release`."""
        if self._files:
            self._spill()
        whole: Columns = {}
        while self._columns:
            name, column = self._columns.popitem()
            if name in self._files:
                whole[name] = _mapped(self._files[name], column.joined())
            elif name.endswith(OFFSETS):
                whole[name] = np.concatenate(([0], column.joined())).cumsum(dtype=np.int64)
            else:
                whole[name] = column.joined()
        return whole


class _Chunks:
    """One column as it grows, in stretches of memory that go back to the system as soon as they are joined.

    What is left to `malloc` stays with the process: columns would take twice their size.
    """

    def __init__(self, like: NDArray[Any]) -> None:
        self._dtype, self._shape = like.dtype, like.shape[1:]
        self.width = math.prod(self._shape)
        self._whole: list[NDArray[Any]] = []
        self._open = like[:0]
        self._filled = 0

    @property
    def held(self) -> int:
        """Bytes."""
        return sum(part.nbytes for part in self._whole) + self._open[: self._filled].nbytes

    def add(self, part: NDArray[Any]) -> None:
        """Go on with a copy of these rows."""
        while len(part):
            if self._filled == len(self._open):
                self._whole += [self._open] if self._filled else []
                size = max(1, self.width) * self._dtype.itemsize
                rows = max(1, _CHUNK // size)
                flat = np.frombuffer(mmap.mmap(-1, rows * size), self._dtype)
                self._open, self._filled = flat[: rows * self.width].reshape(rows, *self._shape), 0
            count = min(len(part), len(self._open) - self._filled)
            self._open[self._filled : self._filled + count] = part[:count]
            self._filled += count
            part = part[count:]

    def taken(self) -> Iterator[NDArray[Any]]:
        """The stretches, one after another; none is left."""
        parts = [*self._whole, self._open[: self._filled]]
        self._whole, self._open, self._filled = [], self._open[:0], 0
        while parts:
            yield parts.pop(0)

    def joined(self) -> NDArray[Any]:
        """All rows as one array; none is left."""
        rows = sum(map(len, self._whole)) + self._filled
        whole, at = np.empty((rows, *self._shape), self._dtype), 0
        for part in self.taken():
            whole[at : at + len(part)] = part
            at += len(part)
        return whole


def _mapped(file: IO[bytes], like: NDArray[Any]) -> NDArray[Any]:
    file.flush()
    if not file.tell():
        file.close()
        return like[:0]
    flat = np.memmap(file, like.dtype, "r")
    file.close()
    return flat.reshape(-1, *like.shape[1:])


def on_disk(array: NDArray[Any]) -> bool:
    """Whether an array is mapped from a file."""
    return isinstance(array, np.memmap)


def release(array: NDArray[Any]) -> None:
    """Let go of the memory that a mapped array's pages take; they are read again where they are needed."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap):
        base.madvise(mmap.MADV_DONTNEED)


def take(columns: Columns, rows: NDArray[Any]) -> Columns:
    """The columns of some records, in the order asked for."""
    taken: Columns = {}
    for name, array in columns.items():
        if name.endswith(OFFSETS):
            continue
        offsets = columns.get(name + OFFSETS)
        if offsets is None:
            taken[name] = array[rows]
            continue
        sizes = (offsets[1:] - offsets[:-1])[rows]
        ends = np.cumsum(sizes, dtype=np.int64)
        taken[name + OFFSETS] = np.concatenate((np.zeros(1, np.int64), ends))
        within = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
        taken[name] = array[np.repeat(offsets[:-1][rows], sizes) + within]
    return taken
