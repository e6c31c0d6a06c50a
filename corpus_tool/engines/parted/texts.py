"""The bytes of a home's records: read again from where they stand, or taken from what its task holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus_tool.errors import InputError
from corpus_tool.lines.lines import PADDING, Lines
from corpus_tool.sources import remote
from corpus_tool.store.files import FileStore, stretches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns


_FAR_GAP = 1 << 16
"""Bytes between two records of a store's file that are read rather than asked for anew."""


class Standing(NamedTuple):
    """Of a stretch: the name of its source, and where its bytes can be read again; None where its task holds them."""

    name: str
    path: str | None


def lines_of(
    standing: Mapping[int, Standing] | Sequence[Standing], common: Columns, rows: NDArray[np.int64]
) -> Lines:
    """The records at some rows of a home, as they stand.

    Args:
        standing: By the number of a stretch.
        common: Columns of the home.
        rows: int64[m].

    Raises:
        InputError: They cannot be read, or have changed.
    """
    order = np.lexsort(
        (common["start"][rows], common["stretch"][rows])
    )  # as they stand, so that neighbours are read together
    rows = rows[order]
    stretch, start, size = (common[name][rows] for name in ("stretch", "start", "size"))
    bounds = np.flatnonzero(np.diff(stretch)) + 1
    parts = [part for part in np.split(np.arange(len(rows)), bounds) if len(part)]
    pieces = []
    for part in parts:
        book = standing[int(stretch[part[0]])]
        if book.path is None:
            pieces.append(_held(common, rows[part]))
        else:
            pieces.append(_read(book.name, book.path, start[part], size[part].astype(np.int64)))
    where = np.empty_like(order)
    where[order] = np.arange(len(order))
    return joined(pieces).take(where)


def _read_far(name: str, path: str, start: NDArray[np.int64], size: NDArray[np.int64]) -> Lines:
    """Records of a store's file; neighbours are read together, with what is between."""
    first, last = stretches(np.zeros(len(start), np.int64), start, size, _FAR_GAP)
    begins, ends = start[first], (start + size)[last]
    try:
        with remote.open_seekable(path) as file:
            bounds = zip(begins.tolist(), ends.tolist(), strict=True)
            pieces = [file.read_at(end - begin, begin) for begin, end in bounds]
    except OSError as error:
        raise InputError(f"could not be read again: {error}", path=name) from error
    if [len(piece) for piece in pieces] != (ends - begins).tolist():
        raise InputError("changed while it was being read: run again", path=name)
    data = np.frombuffer(b"".join((*pieces, bytes(PADDING))), np.uint8)
    filled = np.cumsum(ends - begins)
    shift = np.repeat(filled - (ends - begins) - begins, last - first + 1)
    return Lines(data, start + shift, size)


def _read(name: str, path: str, start: NDArray[np.int64], size: NDArray[np.int64]) -> Lines:
    if remote.is_address(path):
        return _read_far(name, path, start, size)
    store = FileStore()
    try:
        store.add(name, path, np.arange(len(start)), start, size)
        store.close_books()
        return store.lines(np.arange(len(start)))
    finally:
        store.close()


def _held(common: Columns, rows: NDArray[np.int64]) -> Lines:
    data, offsets = common["held"], common["held_offsets"]
    padded = np.concatenate((data, np.zeros(PADDING, np.uint8)))
    return Lines(padded, offsets[:-1][rows], (offsets[1:] - offsets[:-1])[rows])


def joined(parts: Sequence[Lines]) -> Lines:
    """Lines of several buffers in one."""
    if len(parts) == 1:
        return parts[0]
    shift, starts, data = 0, [np.zeros(0, np.int64)], []
    for part in parts:
        starts.append(part.starts + shift)
        data.append(part.data)
        shift += len(part.data)
    data.append(np.zeros(PADDING, np.uint8))
    sizes = np.concatenate([np.zeros(0, np.int64), *(part.sizes for part in parts)])
    return Lines(np.concatenate(data), np.concatenate(starts), sizes)


def packed(lines: Lines) -> Columns:
    """Lines as a ragged column, to be sent."""
    ends = np.cumsum(lines.sizes, dtype=np.int64)
    within = np.arange(int(lines.sizes.sum())) - np.repeat(ends - lines.sizes, lines.sizes)
    return {
        "text": lines.data[np.repeat(lines.starts, lines.sizes) + within],
        "text_offsets": np.concatenate((np.zeros(1, np.int64), ends)),
    }


def unpacked(columns: Columns) -> Lines:
    """Lines that were sent."""
    offsets = columns["text_offsets"]
    data = np.concatenate((columns["text"], np.zeros(PADDING, np.uint8)))
    return Lines(data, offsets[:-1], np.diff(offsets))
