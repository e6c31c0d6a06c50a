"""The fast twin: texts laid out as one buffer of UTF-8, and the kernels run over it.

`prepare` needs the interpreter and is quick; everything else releases the GIL, so that an engine prepares one block
while threads sketch others. The kernels themselves load at the first use, in 0.2 s from their cache on disk.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import text
from corpus_tool.sketch.signature import Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PADDING = 64
"""Bytes after the last text of a buffer that the kernels may read, and whose values do not matter."""

_PAD = "\0" * PADDING
_loading = threading.Lock()


def prepare(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Lay texts out for the kernels.

    Texts of ASCII go in as they are; others normalised, as the kernels know the classes of characters but not
    their foldings.

    Returns:
        The buffer, UTF-8 with surrogates as three bytes each, `PADDING` bytes longer than its texts; and
        int64[n + 1] offsets: text i stands at `buffer[offsets[i]:offsets[i + 1]]`.
    """
    joined = "".join((*texts, _PAD))
    if joined.isascii():
        sizes = map(len, texts)
        data = joined.encode("ascii")
    else:
        encoded = [
            one.encode("ascii") if one.isascii() else text.normalise(one).encode("utf-8", "surrogatepass")
            for one in texts
        ]
        sizes = map(len, encoded)
        data = b"".join((*encoded, _PAD.encode("ascii")))
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(sizes, np.int64, len(texts)), out=offsets[1:])
    return np.frombuffer(data, np.uint8), offsets


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
        inputs = (_padded(buffer, offsets), offsets, _classes(), shingle, np.ascontiguousarray(perms))
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
        inputs = (_padded(buffer, offsets), offsets, _classes(), shingle)
        _kernels().shingle_sets(*inputs, values, set_offsets)
    values.resize(int(set_offsets[-1]), refcheck=False)
    return values, set_offsets


def jaccard_pairs(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Exact Jaccard index of pairs of records, as `corpus_tool.sketch.jaccard_pairs`; releases the GIL."""
    scores = np.empty(len(left), np.float64)
    arrays = (values, offsets, left, right)
    _kernels().jaccard(*(np.ascontiguousarray(array) for array in arrays), scores)
    return scores


def _padded(buffer: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint8]:
    if len(buffer) >= offsets[-1] + PADDING and buffer.flags.c_contiguous:
        return buffer
    return np.concatenate((buffer, np.zeros(PADDING, np.uint8)))


def _kernels() -> Any:
    from corpus_tool.sketch import kernels

    return kernels


def _classes() -> NDArray[np.uint8]:
    with _loading:
        return _class_table()


@lru_cache(maxsize=1)
def _class_table() -> NDArray[np.uint8]:
    """What each code point is: 0 a separator, 1 part of a word, 2 an ideograph; as `corpus_tool.text` defines it."""
    every = np.arange(0x110000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    table = np.zeros(len(every), np.uint8)
    for kind, pattern in ((1, r"\w+"), (2, rf"[{text.IDEOGRAPHS}]+")):
        for run in re.finditer(pattern, every):
            table[run.start() : run.end()] = kind
    return table
