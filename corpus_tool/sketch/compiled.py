"""The fast twin: texts laid out as one buffer of UTF-8, and the kernels run over it.

`prepare` needs the interpreter and is quick; everything else releases the GIL, so that an engine prepares one block
while threads sketch others.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import text
from corpus_tool.sketch import tables
from corpus_tool.sketch.signature import Sketch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

PADDING = 64
"""Bytes after the last text of a buffer that the kernels may read, and whose values do not matter."""

_PAD = "\0" * PADDING
_WORTH_TABLES = 1 << 20
"""Characters that Python normalises in about the time that the tables of the kernel take to make."""
_folded = 0
_counting = threading.Lock()


def prepare(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Lay texts out for the kernels.

    ASCII goes in as it is, since the kernels fold its capitals; what lies beyond goes in normalised.

    Returns:
        The buffer, UTF-8 with surrogates as three bytes each, `PADDING` bytes longer than its texts; and
        int64[n + 1] offsets: text i stands at `buffer[offsets[i]:offsets[i + 1]]`.
    """
    if not all(map(str.isascii, texts)):
        if _worth_tables(sum(len(one) for one in texts if not one.isascii())):
            return _prepare_folded(texts)
        return _joined([(one if one.isascii() else text.normalise(one)) for one in texts])
    data = "".join((*texts, _PAD)).encode("ascii")
    return np.frombuffer(data, np.uint8), _offsets(map(len, texts), len(texts))


def _worth_tables(characters: int) -> bool:
    """Whether so many characters come to so many in all that folding by a kernel is worth making its tables."""
    global _folded
    with _counting:
        _folded += characters
        return _folded >= _WORTH_TABLES


def _joined(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    encoded = [one.encode("utf-8", "surrogatepass") for one in texts]
    data = np.frombuffer(b"".join((*encoded, _PAD.encode())), np.uint8)
    return data, _offsets(map(len, encoded), len(texts))


def _prepare_folded(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same where not all is ASCII: a kernel folds most texts, and `text.normalise` those that need it."""
    from corpus_tool.sketch import fold_kernels

    data, offsets = _joined(texts)
    output = np.empty(tables.GROWTH * len(data) + PADDING, np.uint8)
    ends = np.zeros_like(offsets)
    left_over = np.empty(len(texts), np.bool_)
    fold_kernels.fold(data, offsets, *tables.foldings(), output, ends[1:], left_over)
    output.resize(int(ends[-1]) + PADDING, refcheck=False)
    if not left_over.any():
        return output, ends
    return _insert(output, ends, {i: text.normalise(texts[i]) for i in np.flatnonzero(left_over).tolist()})


def _insert(
    buffer: NDArray[np.uint8], offsets: NDArray[np.int64], texts: dict[int, str]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Put texts, by ascending record, where the buffer has empty ones."""
    parts: list[bytes | memoryview] = []
    sizes = np.diff(offsets)
    copied = 0
    for record, one in texts.items():
        data = one.encode("utf-8", "surrogatepass")
        start = int(offsets[record])
        parts += (buffer[copied:start].data, data)
        copied = start
        sizes[record] = len(data)
    parts.append(buffer[copied:].data)
    return np.frombuffer(b"".join(parts), np.uint8), _offsets(sizes, len(sizes))


def _offsets(sizes: Iterable[int], count: int) -> NDArray[np.int64]:
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.fromiter(sizes, np.int64, count), out=offsets[1:])
    return offsets


def sketch_buffer(
    buffer: NDArray[np.uint8], offsets: NDArray[np.int64], shingle: int, perms: NDArray[np.uint32]
) -> Sketch:
    """MinHash signatures, fingerprints and word counts of the texts of a buffer; releases the GIL.

    Args:
        buffer: From `prepare`, or any slice of consecutive texts of one.
        offsets: int64[n + 1], where each text begins and ends in the buffer.
        shingle: Words in a shingle, at least 1.
        perms: uint32[2, k] from `permutations`, or its first columns.
    """
    count = len(offsets) - 1
    signatures = np.empty((count, perms.shape[1]), np.uint32)
    fingerprints = np.empty(count, np.uint64)
    words = np.empty(count, np.int32)
    if count:
        inputs = (_padded(buffer, offsets), offsets, tables.classes(), shingle, np.ascontiguousarray(perms))
        _kernels().sketch(*inputs, signatures, fingerprints, words)
    return Sketch(signatures, fingerprints, words)


def shingle_sets_buffer(
    buffer: NDArray[np.uint8], offsets: NDArray[np.int64], shingle: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The set of shingle hashes of each text of a buffer, as `corpus_tool.sketch.shingle_sets`; releases the GIL."""
    # Words are separated by at least a byte, or take three; pages that stay untouched cost nothing.
    values = np.empty(int(((np.diff(offsets) + 1) // 2).sum()), np.uint64)
    set_offsets = np.zeros(len(offsets), np.int64)
    if len(offsets) > 1:
        inputs = (_padded(buffer, offsets), offsets, tables.classes(), shingle)
        _kernels().all_shingles(*inputs, values, set_offsets[1:])
        _set_kernels().sort_sets(values, set_offsets)
    values.resize(int(set_offsets[-1]), refcheck=False)
    return values, set_offsets


def jaccard_pairs(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Exact Jaccard index of pairs of records, as `corpus_tool.sketch.jaccard_pairs`; releases the GIL."""
    scores = np.empty(len(left), np.float64)
    arrays = (values, offsets, left, right)
    _set_kernels().jaccard(*(np.ascontiguousarray(array) for array in arrays), scores)
    return scores


def _padded(buffer: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    if len(buffer) >= offsets[-1] + PADDING and buffer.flags.c_contiguous:
        return buffer
    return np.concatenate((buffer, np.zeros(PADDING, np.uint8)))


def _kernels() -> Any:
    from corpus_tool.sketch import kernels

    return kernels


def _set_kernels() -> Any:
    from corpus_tool.sketch import set_kernels

    return set_kernels
