"""Where every record of a run stands, so that its bytes can be read again instead of being held.

A plain file is read again by offset. What cannot be read again (standard input, compressed files, records made
from digests) goes through one spool: an unnamed temporary file, gone with the process however that ends.
"""

from __future__ import annotations

import os
import resource
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from corpus_tool.errors import InputError, OutputError
from corpus_tool.lines.lines import PADDING, Lines
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corpus_tool.store import Place

_SPOOL_IN_MEMORY = 16 << 20
_COPIED_AT_ONCE = 2048
GAP = 4096
"""Bytes between two records that are read rather than passed over."""
_OPEN_FILES = 64
_SHARE = 4
"""One in so many of the files that the system lets a process open may be such a one."""
_CHUNK = 1 << 20


class FileStore:
    """Positions of all records, in input order; a record's ordinal is its place in it.

    Args:
        tmp_dir: Folder of the spool; None for the system's.
    """

    def __init__(self, tmp_dir: str | None = None) -> None:
        self._tmp_dir = tmp_dir
        self.names: list[str] = []
        self._paths: list[str | None] = []
        self._stats: list[tuple[int, int] | None] = []
        self._chunks: list[tuple[int, int, int]] = []
        self._within: list[NDArray[np.uint32]] = []
        self._spool: IO[bytes] = tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY, dir=tmp_dir)  # noqa: SIM115
        self._spooled = 0
        self._files: dict[int, int] = {}
        self._most_files = _most_files()
        self.bytes_read = 0
        self.layout = Layout()
        self._lock = threading.Lock()

    def add(
        self,
        name: str,
        path: str | None,
        lines: NDArray[np.int64],
        starts: NDArray[np.int64],
        sizes: NDArray[np.int64],
        *,
        spooled: bytes | memoryview | None = None,
    ) -> None:
        """Note consecutive records of one source.

        Args:
            name: Of the source.
            path: Where its bytes can be read again.
            lines: int64[n], 1-based lines of the records.
            starts: int64[n], where they begin in the file at `path`, or in `spooled`.
            sizes: int64[n], bytes without the newline.
            spooled: The bytes to keep, where the source cannot be read again; newlines included.
        """
        self.bytes_read += int(sizes.sum()) + len(sizes)
        if spooled is not None:
            path, starts = None, starts + self._spooled
            try:
                self._spool.seek(0, os.SEEK_END)
                self._spool.write(spooled)
            except OSError as error:
                raise OutputError(
                    f"the temporary folder {tempfile.gettempdir() if self._tmp_dir is None else self._tmp_dir} "
                    f"cannot be written ({error.strerror}): choose another with --tmp-dir"
                ) from error
            self._spooled += len(spooled)
        for at in range(0, len(lines), _CHUNK):
            part = slice(at, at + _CHUNK)
            self._add_chunk(self._source(name, path), lines[part], starts[part], sizes[part])

    def _add_chunk(
        self, source: int, lines: NDArray[np.int64], starts: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> None:
        line, start = int(lines[0]), int(starts[0])
        self._chunks.append((source, line, start))
        self._within.append(np.stack((lines - line, starts - start, sizes)).astype(np.uint32))

    def _source(self, name: str, path: str | None) -> int:
        if not (self.names and self.names[-1] == name and self._paths[-1] == path):
            self.names.append(name)
            self._paths.append(path)
            self._stats.append(_identity(path))
        return len(self.names) - 1

    def close_books(self) -> None:
        """Nothing more will be noted."""
        counts = [part.shape[1] for part in self._within]
        self._first = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        self._table = np.array(self._chunks, np.int64).reshape(-1, 3)
        self._places = np.concatenate(self._within, axis=1) if counts else np.zeros((3, 0), np.uint32)
        self._chunks, self._within = [], []

    def __len__(self) -> int:
        return int(self._places.shape[1])

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bytes of records, without the newline."""
        found: NDArray[np.int64] = self._places[2][ordinals].astype(np.int64)
        return found

    def _where(
        self, ordinals: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Source, start and size of records."""
        source, _, base = self._table[np.searchsorted(self._first, ordinals, "right") - 1].T
        return source, base + self._places[1][ordinals], self.sizes(ordinals)

    def sources(self) -> list[tuple[str, int, int]]:
        """The sources in order: name, and the ordinals from the first of their records to past the last."""
        begins = np.flatnonzero(np.diff(self._table[:, 0], prepend=-1))
        bounds = [*self._first[begins].tolist(), len(self)]
        names = [self.names[source] for source in self._table[begins, 0].tolist()]
        return list(zip(names, bounds[:-1], bounds[1:], strict=True))

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        """Source names and 1-based lines of records."""
        source, line, _ = self._table[np.searchsorted(self._first, ordinals, "right") - 1].T
        lines = (line + self._places[0][ordinals]).tolist()
        return [(self.names[which], at) for which, at in zip(source.tolist(), lines, strict=True)]

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        """The records as they stand, in the order asked for; neighbours are read together, with what is between."""
        source, start, size = self._where(ordinals)
        first, last = stretches(source, start, size, GAP)
        begin = start[first]
        length = start[last] + size[last] - begin
        filled = np.cumsum(length)
        data = np.empty((int(filled[-1]) if len(filled) else 0) + PADDING, np.uint8)
        data[-PADDING:] = 0
        room = data.data
        tasks = zip(
            source[first].tolist(), begin.tolist(), (filled - length).tolist(), filled.tolist(), strict=True
        )
        for which, at, to, end in tasks:
            self._read(which, at, room[to:end])
        shift = np.repeat(filled - length - begin, last - first + 1)
        return Lines(data, start + shift, size)

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        """Write records byte for byte, a newline after each; ordinals ascend."""
        for at in range(0, len(ordinals), _COPIED_AT_ONCE):
            lines = self.lines(ordinals[at : at + _COPIED_AT_ONCE])
            source = np.zeros(len(lines), np.int64)
            view = lines.data.data
            first, last = stretches(source, lines.starts, lines.sizes, 1)
            ends = (lines.starts + lines.sizes)[last]
            pieces = [view[a:b] for a, b in zip(lines.starts[first].tolist(), ends.tolist(), strict=True)]
            write(b"\n".join((*pieces, b"")))

    def _read(self, source: int, start: int, room: memoryview) -> None:
        path = self._paths[source]
        if path is None:
            with self._lock:
                self._spool.seek(start)
                got = self._spool.readinto(room)  # type: ignore[attr-defined]
        else:
            got = self._read_file(source, path, start, room)
        if got != len(room):
            raise InputError("changed while it was being read: run again", path=self.names[source])

    def _read_file(self, source: int, path: str, start: int, room: memoryview) -> int:
        """Read from a source's file; files past the first so many are closed again, as there may be very many."""
        file = self._files.get(source)
        if file is not None:
            return os.preadv(file, [room], start)
        try:
            with self._lock:
                if _identity(path) != self._stats[source]:
                    raise InputError("changed while it was being read: run again", path=self.names[source])
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                keep = source not in self._files and len(self._files) < self._most_files
                if keep:
                    self._files[source] = file
            got = os.preadv(file, [room], start)
            if not keep:
                os.close(file)
        except OSError as error:
            raise InputError(f"could not be read again: {error.strerror}", path=self.names[source]) from error
        return got

    def close(self) -> None:
        """Let go of all files."""
        self._spool.close()
        for file in self._files.values():
            os.close(file)
        self._files.clear()


def _most_files() -> int:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _OPEN_FILES if allowed == resource.RLIM_INFINITY else min(_OPEN_FILES, allowed // _SHARE)


def _identity(path: str | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def stretches(
    source: NDArray[np.int64], start: NDArray[np.int64], size: NDArray[np.int64], gap: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last index of each stretch of one file in which records follow each other by at most `gap` bytes."""
    between = start[1:] - (start[:-1] + size[:-1])
    breaks = np.flatnonzero((source[1:] != source[:-1]) | (between < 1) | (between > gap)) + 1
    some = np.zeros(min(1, len(start)), np.int64)
    return np.concatenate((some, breaks)), np.concatenate((breaks, some + len(start))) - 1
