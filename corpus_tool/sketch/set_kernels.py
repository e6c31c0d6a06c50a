"""Sets of hashes as sorted arrays, and their exact Jaccard index: compiled."""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.bytes import prefetch
from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.memory import allocate, release
from corpus_tool.kernel.sorting import heap_sort, insertion_sort, longest

BUCKET_BITS = 20
"""At most so many leading bits of a hash choose its bucket while a set is sorted."""
CROWDED = 32
"""Hashes in one bucket over which comparing each with each would begin to cost."""
PREFETCHED = 1024
"""Hashes of a set that are asked for ahead; of a longer one, the processor guesses the rest."""

_ONE = np.uint64(1)


@inlined
def _distribute(values, count, spread, ends):
    """Write values[:count] to spread, ordered by their leading bits; long runs of equal bits are sorted there."""
    bits = 1
    while bits < BUCKET_BITS and 1 << bits < count:
        bits += 1
    shift = np.uint64(64 - bits)
    buckets = 1 << bits
    for bucket in range(buckets):
        ends[bucket] = 0
    for i in range(count):
        ends[values[i] >> shift] += 1
    start = largest = np.int64(0)
    for bucket in range(buckets):
        size = ends[bucket]
        largest = max(largest, size)
        ends[bucket] = start
        start += size
    for i in range(count):
        bucket = values[i] >> shift
        spread[ends[bucket]] = values[i]
        ends[bucket] += 1
    if largest > CROWDED:
        start = np.int64(0)
        for bucket in range(buckets):
            if ends[bucket] - start > CROWDED:
                heap_sort(spread, start, ends[bucket])
            start = ends[bucket]


@inlined
def _sort_unique(values, count, spread, ends):
    """Sort values[:count] and drop repeats; returns how many are left.

    Hashes are uniform, so their leading bits are nearly their ranks: distributed over at least as many buckets as
    there are values, they are almost sorted, and one insertion sort over all does the rest. Where repeats, or chance,
    crowd a bucket, it has been heap-sorted, which bounds the time.
    """
    _distribute(values, count, spread, ends)
    insertion_sort(spread, 0, count)
    kept = 0
    for i in range(count - 1):
        values[kept] = spread[i]
        kept += spread[i] != spread[i + 1]
    values[kept] = spread[count - 1]
    return kept + 1


@kernel(write(np.uint64), write(np.int64))
def sort_sets(values, offsets):
    """Sort each record's hashes and drop repeats, in place; moves the offsets accordingly."""
    most = max(longest(offsets), 1)
    spread = allocate(most, np.uint64)
    buckets = 2 * most if most < 1 << BUCKET_BITS else 1 << BUCKET_BITS
    ends = allocate(buckets, np.int64)
    total = 0
    start = offsets[0]
    for record in range(offsets.size - 1):
        stop = offsets[record + 1]
        found = values[start:stop]
        kept = _sort_unique(found, stop - start, spread, ends) if stop > start else 0
        for i in range(kept):
            values[total + i] = found[i]
        total += kept
        offsets[record + 1] = total
        start = stop
    release(spread)
    release(ends)


@inlined
def _prefetch_set(values, start, stop):
    for index in range(start, min(stop, start + PREFETCHED), 8):
        prefetch(values, index)


@inlined
def _rank(values, start, stop, value):
    """The first index of an ascending values[start:stop] that holds no less than value."""
    while start < stop:
        middle = (start + stop) >> _ONE
        if values[middle] < value:
            start = middle + _ONE
        else:
            stop = middle
    return start


@inlined
def _step(values, i, j, shared):
    one, other = values[i], values[j]
    return i + np.uint64(one <= other), j + np.uint64(other <= one), shared + (one == other)


@inlined
def _count_shared(values, i, i_end, j, j_end):
    """How many hashes two sets share: one merge of the halves below and one of those above a middle value.

    Each step of a merge waits for the one before; two merges in turn take little longer than one. Indices are
    unsigned, which spares a test whether they are negative.
    """
    shared = 0
    if i == i_end or j == j_end:
        return shared
    k, k_end, m_end = (i + i_end) >> _ONE, i_end, j_end
    m = _rank(values, j, j_end, values[k])
    i_end, j_end = k, m
    while i < i_end and j < j_end and k < k_end and m < m_end:
        i, j, shared = _step(values, i, j, shared)
        k, m, shared = _step(values, k, m, shared)
    while i < i_end and j < j_end:
        i, j, shared = _step(values, i, j, shared)
    while k < k_end and m < m_end:
        k, m, shared = _step(values, k, m, shared)
    return shared


@kernel(
    *(read(np.uint64), read(np.int64), read(np.int64), read(np.int64)),
    write(np.float64),
)
def jaccard(values, offsets, left, right, scores):
    """Fill scores with the exact Jaccard index of each pair of sets."""
    bounds = offsets.view(np.uint64)
    for pair in range(left.size):
        if pair + 1 < left.size:  # the sets of a pair lie far apart, where no processor expects them
            _prefetch_set(values, offsets[left[pair + 1]], offsets[left[pair + 1] + 1])
            _prefetch_set(values, offsets[right[pair + 1]], offsets[right[pair + 1] + 1])
        i, i_end = bounds[left[pair]], bounds[left[pair] + 1]
        j, j_end = bounds[right[pair]], bounds[right[pair] + 1]
        sizes = np.int64(i_end - i + j_end - j)
        shared = _count_shared(values, i, i_end, j, j_end)
        scores[pair] = shared / (sizes - shared) if shared else 0.0
