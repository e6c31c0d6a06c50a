"""Sets of hashes as sorted arrays, and their exact Jaccard index: compiled."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from corpus_tool.sketch.jit import kernel, read, write

BUCKET_BITS = 20
"""At most so many leading bits of a hash choose its bucket while a set is sorted."""
CROWDED = 32
"""Hashes in one bucket over which comparing each with each would begin to cost."""


@njit
def _sift(heap, root, size):  # type: ignore[no-untyped-def]
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and heap[child] < heap[child + 1]:
            child += 1
        if heap[root] >= heap[child]:
            return
        heap[root], heap[child] = heap[child], heap[root]
        root = child


@njit
def _heap_sort(heap):  # type: ignore[no-untyped-def]
    for root in range(heap.size // 2 - 1, -1, -1):
        _sift(heap, root, heap.size)
    for last in range(heap.size - 1, 0, -1):
        heap[0], heap[last] = heap[last], heap[0]
        _sift(heap, 0, last)


@njit
def _insertion_sort(values, count):  # type: ignore[no-untyped-def]
    for i in range(1, count):
        value = values[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@njit
def _distribute(values, count, spread, ends):  # type: ignore[no-untyped-def]
    """Write values[:count] to spread, ordered by their leading bits; long runs of equal bits are sorted there."""
    bits = 1
    while bits < BUCKET_BITS and 1 << bits < count:
        bits += 1
    shift = np.uint64(64 - bits)
    buckets = 1 << bits
    ends[:buckets] = 0
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
                _heap_sort(spread[start : ends[bucket]])
            start = ends[bucket]


@njit
def _sort_unique(values, count, spread, ends):  # type: ignore[no-untyped-def]
    """Sort values[:count] and drop repeats; returns how many are left.

    Hashes are uniform, so their leading bits are nearly their ranks: distributed over at least as many buckets as
    there are values, they are almost sorted, and one insertion sort over all does the rest. Where repeats, or chance,
    crowd a bucket, it has been heap-sorted, which bounds the time.
    """
    _distribute(values, count, spread, ends)
    _insertion_sort(spread, count)
    kept = 0
    for i in range(count - 1):
        values[kept] = spread[i]
        kept += spread[i] != spread[i + 1]
    values[kept] = spread[count - 1]
    return kept + 1


@kernel(write(types.uint64), write(types.int64))
def sort_sets(values, offsets):  # type: ignore[no-untyped-def]
    """Sort each record's hashes and drop repeats, in place; moves the offsets accordingly."""
    longest = np.diff(offsets).max()
    spread = np.empty(longest, np.uint64)
    ends = np.empty(min(2 * longest, 1 << BUCKET_BITS) + 2, np.int64)
    total = 0
    start = offsets[0]
    for record in range(offsets.size - 1):
        stop = offsets[record + 1]
        found = values[start:stop]
        kept = _sort_unique(found, stop - start, spread, ends) if stop > start else 0
        if total < start:
            values[total : total + kept] = found[:kept]
        total += kept
        offsets[record + 1] = total
        start = stop


@kernel(
    *(read(types.uint64), read(types.int64), read(types.int64), read(types.int64)),
    write(types.float64),
)
def jaccard(values, offsets, left, right, scores):  # type: ignore[no-untyped-def]
    """Fill scores with the exact Jaccard index of each pair of sets."""
    bounds = offsets.view(np.uint64)  # an index that cannot be negative needs no test whether it is
    for pair in range(left.size):
        i, i_end = bounds[left[pair]], bounds[left[pair] + 1]
        j, j_end = bounds[right[pair]], bounds[right[pair] + 1]
        sizes = np.int64(i_end - i + j_end - j)
        shared = 0
        while i < i_end and j < j_end:
            one, other = values[i], values[j]
            shared += one == other
            i += np.uint64(one <= other)
            j += np.uint64(other <= one)
        scores[pair] = shared / (sizes - shared) if shared else 0.0
