"""Which pairs are worth deciding: LSH bands over signatures, by sorting.

Three steps: the keys of a batch of signatures (`band_keys`), the pairs of whole buckets (`bucket_pairs`, on sorted
keys), and their union (`distinct`). `search` runs them over all bands; where keys are grouped by another means, each
works on its own part.

Records that share a band's key are a bucket. All pairs of a bucket are proposed up to a limit of members; in a larger
one each record is paired only with the bucket's first records and with those just before it, so that the work stays
linear. A first search with a small limit finds the copies of a template; `corpus_tool.dedup.cover` looks at what it
left in large buckets. Only where a cluster may hold one of each value, these are searched again with the largest limit
that a fixed budget of pairs allows.

Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4 (banding).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup.columns import on_disk, release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_PAIRS_AT_ONCE = 1 << 21
_BUDGET = 1 << 25
_BUDGET_A_RECORD = 1 << 6
_BAND_MULTIPLIER = np.uint64(0x9FB21C651E98DF25)
_FINISH = np.uint64(0xFF51AFD7ED558CCD)
_GATHER = 1 << 18
_PAGES_AT_ONCE = 1 << 15


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a search goes in a bucket.

    Attributes:
        limit: Members up to which every pair is proposed.
        partners: In a larger bucket, how many of its first members, and of those just before, each one meets.
    """

    limit: int = 64
    partners: int = 2


@dataclass(slots=True)
class Search:
    """One search for candidates; the pairs come in portions, so that memory stays bounded.

    Attributes:
        portions: int64[m, 2] each, places of rows, the smaller first, sorted, each pair once a portion.
        crowded: bool[r], rows that a bucket over the limit held; complete once the portions are used up.
    """

    portions: Iterator[NDArray[np.int64]]
    crowded: NDArray[np.bool_]

    @classmethod
    def nothing(cls, rows: int) -> Search:
        """One among so many rows that finds nothing."""
        return cls(iter(()), np.zeros(rows, np.bool_))


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


def search(
    keys: NDArray[np.uint32],
    agreement: NDArray[np.uint8],
    rows: NDArray[Any],
    least: int,
    reach: Reach,
    *,
    compiled: bool,
) -> Search:
    """Pairs that share a band and agree in enough of their signatures' values.

    Args:
        keys: uint32[n, bands] of all records.
        agreement: uint8[n, k], the low byte of each signature value.
        rows: int64[r], the records to look at, in the order of the keep policy.
        least: Values that must agree (`Similarity.least_agreement`).
        reach: How far to go in large buckets.
        compiled: Use the kernel; it gives the same pairs.
    """
    crowded = np.zeros(len(rows), np.bool_)

    def portions() -> Iterator[NDArray[np.int64]]:
        found: list[NDArray[np.uint64]] = []
        for packed in _bands(keys, rows):
            for piece in _pieces(packed, _PAGES_AT_ONCE if on_disk(agreement) else len(packed)):
                signatures = np.asarray(agreement)
                for codes in bucket_pairs(piece, signatures, rows, least, reach, crowded, compiled=compiled):
                    found.append(distinct(codes))
                    if sum(map(len, found)) > _PAIRS_AT_ONCE:
                        yield _decoded(found)
                        found = []
                release(agreement)
        yield _decoded(found)

    return Search(portions(), crowded)


def distinct(codes: NDArray[Any]) -> NDArray[Any]:
    """Sorted values, each once. `numpy.unique` hashes integers, which crawls where many are alike."""
    ordered = np.sort(codes)
    if not len(ordered):
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def widest_reach(keys: NDArray[np.uint32], rows: NDArray[Any], budget: int = 0) -> Reach:
    """The widest reach whose pairs stay within a budget; where all pairs do, the limit is the number of rows.

    Without a budget it is a fixed one, linear in the number of rows past half a million.
    """
    sizes = np.concatenate([_bucket_sizes(packed) for packed in _bands(keys, rows)])
    limit, budget = Reach().limit, budget or max(_BUDGET, _BUDGET_A_RECORD * len(rows))
    while limit < len(rows) and (np.minimum(sizes, 2 * limit) * sizes).sum() // 2 <= budget:
        limit *= 2
    return Reach(max(limit, len(rows)) if limit >= sizes.max(initial=0) else limit, Reach().limit // 4)


def mixed(keys: NDArray[np.uint32], rows: NDArray[Any], label: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of some records share a band with one of another label, bool[r]; labels are int64[r]."""
    found = np.zeros(len(rows), np.bool_)
    for packed in _bands(keys, rows) if len(rows) else ():
        place = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
        sizes, labels = _bucket_sizes(packed), label[place]
        starts = np.cumsum(sizes) - sizes
        several = np.minimum.reduceat(labels, starts) != np.maximum.reduceat(labels, starts)
        found[place[np.repeat(several, sizes)]] = True
    return found


def _bands(keys: NDArray[np.uint32], rows: NDArray[Any]) -> Iterator[NDArray[np.uint64]]:
    """For each band `key << 32 | place in rows`, sorted."""
    for band in range(keys.shape[1]):
        packed = np.arange(len(rows), dtype=np.uint64)
        for at in range(0, len(rows), _GATHER):
            part = keys[rows[at : at + _GATHER], band].astype(np.uint64)
            packed[at : at + _GATHER] |= part << np.uint64(32)
            release(keys)
        packed.sort()
        yield packed


def _pieces(packed: NDArray[np.uint64], size: int) -> Iterator[NDArray[np.uint64]]:
    """Parts of about `size` members that cut no bucket."""
    at = 0
    while at < len(packed):
        end = at + size
        if end < len(packed):
            end = int(np.searchsorted(packed, (packed[end] >> np.uint64(32)) + np.uint64(1) << np.uint64(32)))
        yield packed[at : min(end, len(packed))]
        at = end


def _bucket_sizes(packed: NDArray[np.uint64]) -> NDArray[np.int64]:
    bucket = packed >> np.uint64(32)
    return np.diff(np.flatnonzero(np.concatenate(([True], bucket[1:] != bucket[:-1], [True]))))


def _decoded(found: list[NDArray[np.uint64]]) -> NDArray[np.int64]:
    codes = distinct(np.concatenate(found)) if found else np.zeros(0, np.uint64)
    return np.stack((codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)), axis=1).astype(np.int64)


def bucket_pairs(
    packed: NDArray[np.uint64],
    agreement: NDArray[np.uint8],
    rows: NDArray[Any],
    least: int,
    reach: Reach,
    crowded: NDArray[np.bool_],
    *,
    compiled: bool,
) -> Iterator[NDArray[np.uint64]]:
    """Pairs of whole buckets of one band, in portions.

    Args:
        packed: uint64, `key << 32 | place in rows` of their members, sorted.
        agreement: uint8[n, k], the low byte of each signature value of all records.
        rows: int64[r], the record at each place.
        least: Values that must agree.
        reach: How far to go in large buckets.
        crowded: bool[r], to be set for the places in large buckets.
        compiled: Use the kernel; it gives the same pairs.

    Returns:
        uint64 arrays of pairs of places, `left << 32 | right`.
    """
    if compiled:
        from corpus_tool.dedup import candidate_kernels as kernels

        return kernels.bucket_pairs(packed, agreement, rows, least, reach, crowded)
    return _bucket_pairs(packed, agreement, rows, least, reach, crowded)


def _bucket_pairs(
    packed: NDArray[np.uint64],
    agreement: NDArray[np.uint8],
    rows: NDArray[Any],
    least: int,
    reach: Reach,
    crowded: NDArray[np.bool_],
) -> Iterator[NDArray[np.uint64]]:
    if not len(packed):
        return
    place = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    sizes = _bucket_sizes(packed)
    starts = np.cumsum(sizes) - sizes
    size, start = np.repeat(sizes, sizes), np.repeat(starts, sizes)
    nth = np.arange(len(packed)) - start
    large = size > reach.limit
    crowded[place[large]] = True

    def agreed(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint64]:
        alike = agree(agreement, rows[left], rows[right], least)
        return left[alike].astype(np.uint64) << np.uint64(32) | right[alike].astype(np.uint64)

    for back in range(1, min(max(reach.limit, reach.partners + 1), int(sizes.max()))):
        near = large & (back <= reach.partners) | ~large & (back < reach.limit)
        right = np.flatnonzero((nth >= back) & near)
        yield agreed(place[right - back], place[right])
    for first in range(reach.partners):
        right = np.flatnonzero(large & (nth > first))
        yield agreed(place[start[right] + first], place[right])


def agree(
    agreement: NDArray[np.uint8], left: NDArray[Any], right: NDArray[Any], least: int
) -> NDArray[np.bool_]:
    """Which pairs of records have at least `least` equal signature values."""
    result = np.empty(len(left), np.bool_)
    for at in range(0, len(left), _GATHER):
        part = slice(at, at + _GATHER)
        result[part] = (agreement[left[part]] == agreement[right[part]]).sum(axis=1) >= least
    return result
