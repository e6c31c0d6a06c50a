"""Columns of many records: gathered batch by batch, in memory or on disk, and taken row by row.

A ragged column is two arrays: `NAME` holds the values of all records one after another, and `NAME_offsets`
(int64, one more than records) where each record's begin. Every other array counts records on its first axis.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from corpus_tool.errors import OutputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns = dict[str, "NDArray[Any]"]
OFFSETS = "_offsets"


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
        self._parts: dict[str, list[NDArray[Any]]] = {}
        self._files: dict[str, IO[bytes]] = {}
        self._held = 0

    def add(self, columns: Columns) -> None:
        """One more batch.

        Raises:
            OutputError: The temporary folder cannot be written.
        """
        for name, array in columns.items():
            part = np.diff(array) if name.endswith(OFFSETS) else array
            self._parts.setdefault(name, []).append(part)
            self._held += part.nbytes
        if self._limit is not None and self._held > self._limit:
            self._spill()

    def _spill(self) -> None:
        for name, parts in self._parts.items():
            wide = parts[0].ndim > 1 and parts[0].shape[1] > 1
            if not wide and name + OFFSETS not in self._parts:
                continue
            try:
                if name not in self._files:
                    self._files[name] = tempfile.TemporaryFile(dir=self._tmp_dir)  # noqa: SIM115
                for part in parts:
                    self._files[name].write(np.ascontiguousarray(part).data)
            except OSError as error:
                raise OutputError(
                    f"the temporary folder cannot be written ({error.strerror}): choose another with --tmp-dir"
                ) from error
            self._held -= sum(part.nbytes for part in parts)
            parts[:] = [parts[0][:0]]

    def finish(self) -> Columns:
        """The columns; those on disk are mapped, see `release`."""
        if self._files:
            self._spill()
        whole: Columns = {}
        while self._parts:
            name, parts = self._parts.popitem()
            if name in self._files:
                whole[name] = _mapped(self._files[name], parts[0])
            elif name.endswith(OFFSETS):
                whole[name] = np.concatenate([np.zeros(1, np.int64), *parts]).cumsum(dtype=np.int64)
            else:
                whole[name] = np.concatenate(parts)
            parts.clear()
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
