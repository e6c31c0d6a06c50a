"""Sorted arrays as sets: sorting, dropping repeats, counting what two share."""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined

BUCKETS, SMALL = 256, 4096
"""Sets of up to so many hashes are sorted by buckets: larger ones would fill them too much."""

_FEW = 24
_BUCKET = np.uint32(24)


@inlined
def longest(offsets):
    """The size of the largest of some parts."""
    found = np.int64(0)
    for part in range(offsets.size - 1):
        found = max(found, offsets[part + 1] - offsets[part])
    return found


@inlined
def insertion_sort(values, start, stop):
    """Sort values[start:stop], where they are few or nearly sorted."""
    for at in range(start + 1, stop):
        value = values[at]
        place = at
        while place > start and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value


@inlined
def _sift(heap, start, root, size):
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and heap[start + child] < heap[start + child + 1]:
            child += 1
        if heap[start + root] >= heap[start + child]:
            return
        heap[start + root], heap[start + child] = heap[start + child], heap[start + root]
        root = child


@inlined
def heap_sort(values, start, stop):
    """Sort values[start:stop] in a time that nothing in them can lengthen."""
    size = stop - start
    for root in range(size // 2 - 1, -1, -1):
        _sift(values, start, root, size)
    for last in range(size - 1, 0, -1):
        values[start], values[start + last] = values[start + last], values[start]
        _sift(values, start, 0, last)


@inlined
def sort(values, start, stop):
    """Sort values[start:stop]."""
    if stop - start < _FEW:
        insertion_sort(values, start, stop)
    else:
        heap_sort(values, start, stop)


@inlined
def merge_sort(values, count, spare):
    """Sort values[:count], most of them in runs; `spare` is as long."""
    for start in range(0, count, _FEW):
        insertion_sort(values, start, min(start + _FEW, count))
    width = _FEW
    while width < count:
        for start in range(0, count, 2 * width):
            left, right = start, min(start + width, count)
            middle, stop = right, min(start + 2 * width, count)
            for at in range(start, stop):
                if left < middle and (right == stop or values[left] <= values[right]):
                    spare[at] = values[left]
                    left += 1
                else:
                    spare[at] = values[right]
                    right += 1
        for at in range(count):
            values[at] = spare[at]
        width *= 2


@inlined
def sort_hashes(values, start, stop, spare, starts):
    """Sort values[start:stop], which are hashes: spread over 256 buckets they need few steps of insertion."""
    count = stop - start
    if count < _FEW or count > spare.size:
        sort(values, start, stop)
        return
    starts[:] = 0
    for at in range(start, stop):
        starts[values[at] >> _BUCKET] += 1
    total = 0
    for bucket in range(starts.size):
        total += starts[bucket]
        starts[bucket] = total - starts[bucket]
    for at in range(start, stop):
        bucket = values[at] >> _BUCKET
        spare[starts[bucket]] = values[at]
        starts[bucket] += 1
    for at in range(count):
        value = spare[at]
        place = start + at
        while place > start and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value


@inlined
def unique(values, start, stop, spare, starts):
    """Sort values[start:stop], which are hashes, and drop repeats in place; returns the new end."""
    if stop - start < 2:
        return stop
    sort_hashes(values, start, stop, spare, starts)
    end = start + 1
    for at in range(start + 1, stop):
        values[end] = values[at]
        end += values[at] != values[end - 1]
    return end


@inlined
def shared(values, offsets, i, j):
    """How many values the sets of two records share, found by merging them."""
    left, left_end = offsets[i], offsets[i + 1]
    right, right_end = offsets[j], offsets[j + 1]
    count = 0
    while left < left_end and right < right_end:
        a, b = values[left], values[right]
        count += a == b
        left += a <= b
        right += b <= a
    return count
