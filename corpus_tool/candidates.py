"""Which pairs are worth deciding: LSH bands over signatures, by sorting.

Records that share a band's key are a bucket. All pairs of a small bucket are proposed; in a large one each
record is paired only with the bucket's first records and with those just before it, so that the work stays
linear. Large buckets are then proposed again among what is still kept (`Proposals.again`): each round removes
what matches, and the loop ends when a round finds nothing new.

Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4 (banding).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL_BUCKET = 64
"""Members up to which every pair of a bucket is proposed."""
FIRST, BEFORE = 2, 2
"""Partners of each member of a larger bucket: its first ones, and those just before it."""
_BAND_MULTIPLIER = np.uint64(0x9FB21C651E98DF25)
_FINISH = np.uint64(0xFF51AFD7ED558CCD)
_GATHER = 1 << 20


@dataclass(frozen=True, slots=True)
class Proposals:
    """Pairs of rows, each once.

    Attributes:
        pairs: int64[m, 2], the smaller row first, sorted.
        again: int64[a], rows of buckets that were too large to propose all their pairs, sorted.
    """

    pairs: NDArray[np.int64]
    again: NDArray[np.int64]


def band_keys(signatures: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint32]:
    """The 32-bit key of each band of each signature, uint32[n, bands].

    Unlike keys collide once in 2^32, which costs a decision and never a wrong one.
    """
    state = np.zeros((len(signatures), bands), np.uint64)
    for row in range(rows):
        state *= _BAND_MULTIPLIER
        state += signatures[:, row : bands * rows : rows]
        state ^= state >> np.uint64(29)
    state *= _FINISH
    return (state >> np.uint64(32)).astype(np.uint32)


def propose(
    keys: NDArray[np.uint32],
    agreement: NDArray[np.uint8],
    rows: NDArray[Any],
    least: int,
    *,
    compiled: bool,
) -> Proposals:
    """Pairs that share a band and agree in enough of their signatures' values.

    Args:
        keys: uint32[n, bands] of all records.
        agreement: uint8[n, k], the low byte of each signature value.
        rows: int64[r], the records to look at, in the order of the keep policy.
        least: Values that must agree (`Similarity.least_agreement`).
        compiled: Use the kernel; it gives the same pairs.

    Returns:
        Pairs of places in `rows`.
    """
    found: list[NDArray[np.uint64]] = []
    again: list[NDArray[np.int64]] = []
    if compiled:
        from corpus_tool.candidate_kernels import bucket_pairs
    else:
        bucket_pairs = _bucket_pairs
    places = np.arange(len(rows), dtype=np.uint64)
    for band in range(keys.shape[1]):
        packed = (keys[rows, band].astype(np.uint64) << np.uint64(32)) | places
        packed.sort()
        pairs, large = bucket_pairs(packed, agreement, rows, least)
        found.append(pairs)
        again.append(large)
        if sum(map(len, found)) > 1 << 22:
            found = [np.unique(np.concatenate(found))]
    codes = np.unique(np.concatenate(found)) if found else np.zeros(0, np.uint64)
    pairs = np.stack((codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)), axis=1).astype(np.int64)
    return Proposals(pairs, np.unique(np.concatenate(again)) if again else np.zeros(0, np.int64))


def _bucket_pairs(
    packed: NDArray[np.uint64], agreement: NDArray[np.uint8], rows: NDArray[Any], least: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Pairs of one band, coded `left << 32 | right`, and the members of large buckets.

    `packed` holds `key << 32 | place`, sorted.
    """
    bucket = packed >> np.uint64(32)
    place = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    starts = (
        np.flatnonzero(np.concatenate(([True], bucket[1:] != bucket[:-1])))
        if len(packed)
        else np.zeros(0, int)
    )
    sizes = np.diff(np.append(starts, len(packed)))
    size, start = np.repeat(sizes, sizes), np.repeat(starts, sizes)
    nth = np.arange(len(packed)) - start
    large = size > SMALL_BUCKET
    found = []
    for back in range(1, min(SMALL_BUCKET, int(sizes.max(initial=1)))):
        right = np.flatnonzero((nth >= back) & (~large if back > BEFORE else True))
        found.append(np.stack((place[right - back], place[right])))
    for first in range(FIRST):
        right = np.flatnonzero(large & (nth > first))
        found.append(np.stack((place[start[right] + first], place[right])))
    left, right = np.concatenate(found, axis=1) if found else np.zeros((2, 0), np.int64)
    agreed = agree(agreement, rows[left], rows[right], least)
    codes = left[agreed].astype(np.uint64) << np.uint64(32) | right[agreed].astype(np.uint64)
    return np.unique(codes), np.sort(place[large])


def agree(
    agreement: NDArray[np.uint8], left: NDArray[Any], right: NDArray[Any], least: int
) -> NDArray[np.bool_]:
    """Which pairs of records have at least `least` equal signature values."""
    result = np.empty(len(left), np.bool_)
    for at in range(0, len(left), _GATHER):
        part = slice(at, at + _GATHER)
        result[part] = (agreement[left[part]] == agreement[right[part]]).sum(axis=1) >= least
    return result
