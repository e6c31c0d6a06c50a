"""Pairs that share rare values, counted without a list of all of them: the twin of `paper_candidates.rare_pairs`.

Importing this module compiles the kernels, or loads them from numba's cache; `paper_candidates` does so when asked.
Values are sorted a slice of their range at a time, as (value, owner) in 64 bits by their high half: a least
significant digit radix sort (Knuth, The Art of Computer Programming, volume 3, section 5.2.5).
"""

from __future__ import annotations

import numpy as np
from numba import types

from corpus_tool.jit import inlined, kernel, read, write

BINS = 256
"""Slices of the range of values, by their highest 8 bits."""

NOTHING = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Fills the rows of chosen values of records that have few."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_DIGIT = 11


@kernel(read(types.uint32), write(types.int64))
def count_bins(values, counts):  # type: ignore[no-untyped-def]
    """Fill how many values each of `BINS` holds."""
    counts[:] = 0
    for value in values:
        counts[value >> np.uint32(24)] += 1


@inlined
def _sort_by_value(keys, spare, count):  # type: ignore[no-untyped-def]
    """Sort keys[:count] by their high half, keeping the order of equals; returns the array that holds the result."""
    starts = np.empty(1 << _DIGIT, np.int64)
    mask = np.uint64((1 << _DIGIT) - 1)
    for shift in range(32, 64, _DIGIT):
        by = np.uint64(shift)
        starts[:] = 0
        for at in range(count):
            starts[(keys[at] >> by) & mask] += 1
        total = 0
        for digit in range(starts.size):
            total += starts[digit]
            starts[digit] = total - starts[digit]
        for at in range(count):
            digit = (keys[at] >> by) & mask
            spare[starts[digit]] = keys[at]
            starts[digit] += 1
        keys, spare = spare, keys
    return keys


@inlined
def _remember(rarest, value):  # type: ignore[no-untyped-def]
    """Keep a value among the smallest of a sorted row."""
    place = rarest.size - 1
    if rarest[place] <= value:
        return
    while place > 0 and rarest[place - 1] > value:
        rarest[place] = rarest[place - 1]
        place -= 1
    rarest[place] = value


@kernel(
    *(read(types.uint32), read(types.int64), types.int64, types.int64, types.int64),
    *(write(types.int64), write(types.uint64), write(types.uint64), write(types.uint64, 2)),
)
def choose_rarest(  # type: ignore[no-untyped-def]
    values, offsets, first_bin, last_bin, common, cursors, keys, spare, chosen
):
    """Remember each record's rarest values of some bins, as frequency << 32 | value in ascending order.

    Each record's values are sorted: `cursors` says from where to look for the first bin. `keys` and `spare` are
    scratch that can hold all values of these bins.
    """
    count = 0
    for owner in range(offsets.size - 1):
        at, end = cursors[owner], offsets[owner + 1]
        while at < end and values[at] >> np.uint32(24) < first_bin:
            at += 1
        while at < end and values[at] >> np.uint32(24) < last_bin:
            keys[count] = np.uint64(values[at]) << _HALF | np.uint64(owner)
            count += 1
            at += 1
        cursors[owner] = at
    ordered = _sort_by_value(keys, spare, count)
    start = 0
    while start < count:
        value = ordered[start] >> _HALF
        end = start + 1
        while end < count and ordered[end] >> _HALF == value:
            end += 1
        if 2 <= end - start <= common:
            rated = np.uint64(end - start) << _HALF | value
            for at in range(start, end):
                _remember(chosen[np.int64(ordered[at] & _LOW)], rated)
        start = end


@kernel(
    *(read(types.uint32), read(types.int64), read(types.int64), read(types.int64)),
    write(types.int64),
)
def count_shared(values, offsets, left, right, counts):  # type: ignore[no-untyped-def]
    """Fill how many of their sorted values the records of each pair share."""
    for pair in range(left.size):
        i, end = offsets[left[pair]], offsets[left[pair] + 1]
        j, other_end = offsets[right[pair]], offsets[right[pair] + 1]
        count = 0
        while i < end and j < other_end:
            a, b = values[i], values[j]
            count += a == b
            i += a <= b
            j += b <= a
        counts[pair] = count


@kernel(read(types.uint64, 2), write(types.uint64, 2))
def merge_chosen(others, chosen):  # type: ignore[no-untyped-def]
    """Remember what was chosen from other values, too."""
    for owner in range(chosen.shape[0]):
        for rated in others[owner]:
            _remember(chosen[owner], rated)


@kernel(
    *(read(types.uint64, 2), write(types.uint64), write(types.uint64)),
    *(write(types.uint32), write(types.int64), write(types.int64, 2), write(types.uint8)),
)
def link(chosen, keys, spare, owners, groups, places, sizes):  # type: ignore[no-untyped-def]
    """Line up the chosen values of all records.

    `owners` becomes their records, value by value and ascending within one; `groups` where each one's value begins;
    `places` where a record's values stand in them, `sizes` how many it has.
    """
    count = 0
    for owner in range(chosen.shape[0]):
        for rated in chosen[owner]:
            if rated != NOTHING:
                keys[count] = (rated & _LOW) << _HALF | np.uint64(owner)
                count += 1
    ordered = _sort_by_value(keys, spare, count)
    sizes[:] = 0
    start = 0
    for at in range(count):
        if at and ordered[at] >> _HALF != ordered[at - 1] >> _HALF:
            start = at
        holder = np.int64(ordered[at] & _LOW)
        owners[at] = holder
        groups[at] = start
        places[holder, sizes[holder]] = at
        sizes[holder] += 1


@kernel(
    *(read(types.uint32), read(types.int64), read(types.int64, 2), read(types.uint8)),
    *(types.int64, types.int64, types.int64, write(types.int64), write(types.int64)),
)
def shared_pairs(owners, groups, places, sizes, first, last, shared, codes, filled):  # type: ignore[no-untyped-def]
    """Fill the codes of pairs (j < i, i) for first <= i < last that share enough chosen values."""
    partners = np.empty(places.shape[1] * 256, np.uint32)
    total = 0
    for record in range(first, last):
        count = 0
        for slot in range(sizes[record]):
            place = places[record, slot]
            for at in range(groups[place], place):
                partners[count] = owners[at]
                count += 1
        partners[:count].sort()
        start = 0
        while start < count:
            end = start + 1
            while end < count and partners[end] == partners[start]:
                end += 1
            if end - start >= shared:
                codes[total] = np.int64(partners[start]) * sizes.size + record
                total += 1
            start = end
    filled[0] = total
