"""The obvious twin of the kernels: NumPy over the words that `corpus_tool.text` finds.

Small inputs run on it, so it is vectorised where that is natural; every bit equals the kernels'.
"""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import text
from corpus_tool.sketch.signature import EMPTY, Sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

BLOCK = 1 << 12
"""Shingles permuted at a time: with 128 permutations, 2 MB of intermediate values, which a cache holds."""

_SHIFT = np.uint64(32)


def sketch_texts(texts: Sequence[str], shingle: int, perms: NDArray[np.uint32]) -> Sketch:
    """MinHash signatures, fingerprints and word counts of texts; see `corpus_tool.sketch.sketch_texts`."""
    hashes, counts = _word_hashes(texts)
    shingles, offsets = _shingles(hashes, counts, shingle)
    return Sketch(
        signatures=_minhash(_fmix32((shingles >> _SHIFT).astype(np.uint32)), offsets, perms),
        fingerprints=_fingerprints(hashes, counts),
        words=counts.astype(np.int32),
    )


def shingle_sets(texts: Sequence[str], shingle: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The set of shingle hashes of each text; see `corpus_tool.sketch.shingle_sets`."""
    values, offsets = _shingles(*_word_hashes(texts), shingle)
    sets = [np.unique(part) for part in _parts(values, offsets)]
    return np.concatenate([*sets, values[:0]]), _offsets(np.array([len(part) for part in sets], np.int64))


def jaccard_pairs(
    values: NDArray[np.uint64], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Exact Jaccard index of pairs of records; see `corpus_tool.sketch.jaccard_pairs`."""
    scores = np.zeros(len(left))
    for pair, (first, second) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one = values[offsets[first] : offsets[first + 1]]
        other = values[offsets[second] : offsets[second + 1]]
        shared = len(np.intersect1d(one, other, assume_unique=True))
        if shared:
            scores[pair] = shared / (len(one) + len(other) - shared)
    return scores


def _word_hashes(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The hashes of all words of all texts, in order, and the number of words of each text."""
    found = [text.words(one) for one in texts]
    counts = np.array([len(some) for some in found], np.int64)
    return np.fromiter(map(text.hash_word, chain.from_iterable(found)), np.uint64, int(counts.sum())), counts


def _shingles(
    hashes: NDArray[np.uint64], counts: NDArray[np.int64], shingle: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The hash of every shingle of every text, in order, and where each text's begin and end."""
    sizes = np.where(counts > 0, np.maximum(counts - shingle + 1, 1), 0)
    offsets = _offsets(sizes)
    starts = np.arange(offsets[-1]) + np.repeat(_offsets(counts)[:-1] - offsets[:-1], sizes)
    widths = np.repeat(np.minimum(counts, shingle), sizes)
    states = np.zeros(len(starts), np.uint64)
    for word in range(int(min(shingle, counts.max(initial=0)))):
        following = hashes[np.minimum(starts + word, len(hashes) - 1)]
        states = np.where(word < widths, states * np.uint64(text.SHINGLE_MULTIPLIER) + following, states)
    states = (states ^ (states >> _SHIFT)) * np.uint64(text.MULTIPLIER)
    return states ^ (states >> _SHIFT), offsets


def _fmix32(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finaliser, with which datasketch mixes each hash before its permutations."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    values = (values ^ (values >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return values ^ (values >> np.uint32(16))


def _minhash(
    mixed: NDArray[np.uint32], offsets: NDArray[np.int64], perms: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """The minimum of every permutation over each text's shingles, uint32[n, k]."""
    signatures = np.full((len(offsets) - 1, perms.shape[1]), EMPTY, np.uint32)
    for start in range(0, len(mixed), BLOCK):
        stop = min(start + BLOCK, len(mixed))
        permuted = perms[0, :, None] * mixed[start:stop] + perms[1, :, None]
        first = int(np.searchsorted(offsets, start, "right")) - 1
        last = int(np.searchsorted(offsets, stop, "left"))
        owners = np.arange(first, last)
        owners = owners[offsets[owners] < offsets[owners + 1]]
        minima = np.minimum.reduceat(permuted, np.maximum(offsets[owners], start) - start, axis=1)
        signatures[owners] = np.minimum(signatures[owners], minima.T)
    return signatures


def _fingerprints(hashes: NDArray[np.uint64], counts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """`text.fingerprint` of each text, from the hashes of its words."""
    return np.fromiter(
        (_fingerprint(part.tolist()) for part in _parts(hashes, _offsets(counts))), np.uint64, len(counts)
    )


def _fingerprint(hashes: list[int]) -> int:
    if not hashes:
        return 0
    state = 0
    for word_hash in hashes:
        state = ((state ^ word_hash) * text.MULTIPLIER) & text.MASK
        state ^= state >> 32
    return text.absorb(state, len(hashes)) or 1


def _parts(values: NDArray[np.uint64], offsets: NDArray[np.int64]) -> Iterator[NDArray[np.uint64]]:
    bounds = offsets.tolist()
    return (values[start:stop] for start, stop in pairwise(bounds))


def _offsets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
