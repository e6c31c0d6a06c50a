"""Pairs that share rare values, counted without a list of all of them: the twin of `rare.rare_pairs`.

Values are sorted a slice of their range at a time, with a place in the low bits of 64: into bins by their highest 8
bits, then each bin by digits. What is found of a value goes to its place, one byte each, so that what follows reads
each record's values in a row.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.memory import allocate, release
from corpus_tool.kernel.sorting import merge_sort

BINS = 256
"""Parts of the range of values, by their highest 8 bits."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_DIGIT = 12
_IN_BIN = np.uint32(0xFFFFFF)


@kernel(read(np.uint32), write(np.int64))
def count_bins(values, counts):
    """Add how many values each of `BINS` holds."""
    for value in values:
        counts[value >> np.uint32(24)] += 1


@inlined
def _sort_bin(keys, start, stop, spare, place_bits, counts):
    """Sort keys[start:stop] by the 24 bits over their `place_bits`, keeping the order of equals.

    By the least significant digit first (Knuth, The Art of Computer Programming, volume 3, section 5.2.5): two passes.
    """
    mask = np.uint64((1 << _DIGIT) - 1)
    for turn in range(2):
        by = np.uint64(place_bits + turn * _DIGIT)
        counts[:] = 0
        for at in range(stop - start):
            key = spare[at] if turn else keys[start + at]
            counts[(key >> by) & mask] += 1
        total = 0
        for digit in range(counts.size):
            total += counts[digit]
            counts[digit] = total - counts[digit]
        for at in range(stop - start):
            key = spare[at] if turn else keys[start + at]
            digit = (key >> by) & mask
            if turn:
                keys[start + counts[digit]] = key
            else:
                spare[counts[digit]] = key
            counts[digit] += 1


@kernel(
    *(read(np.uint32), read(np.int64), np.int64, np.int64, np.int64, np.int64, np.int64),
    *(write(np.int64), write(np.int64), write(np.uint64)),
)
def gather(values, stops, first, last, first_bin, last_bin, place_bits, cursors, ends, keys):
    """Put the values of the records from first to last that are in some bins where their bins end in `keys`.

    Each record's values are sorted and end at its stop: `cursors` says from where to look for the first bin. A key has
    the value's place among `values` in its `place_bits` low bits and over it the 24 that tell it apart in its bin.
    """
    shift = np.uint64(place_bits)
    for record in range(first, last):
        at, end = cursors[record], stops[record]
        while at < end and values[at] >> np.uint32(24) < first_bin:
            at += 1
        while at < end and values[at] >> np.uint32(24) < last_bin:
            slot = values[at] >> np.uint32(24)
            keys[ends[slot]] = np.uint64(values[at] & _IN_BIN) << shift | np.uint64(at)
            ends[slot] += 1
            at += 1
        cursors[record] = at


@kernel(
    *(np.int64, np.int64, read(np.int64), read(np.int64), np.int64, np.int64),
    *(write(np.uint64), write(np.uint64), write(np.uint8)),
)
def count_records(first_bin, last_bin, begins, ends, common, place_bits, keys, spare, frequency):
    """Fill in how many records each gathered value stands in, where these are 2 to `common`, which is under 256."""
    shift = np.uint64(place_bits)
    places = (np.uint64(1) << shift) - np.uint64(1)
    counts = allocate(1 << _DIGIT, np.int64)
    for slot in range(first_bin, last_bin):
        start, stop = begins[slot], ends[slot]
        _sort_bin(keys, start, stop, spare, place_bits, counts)
        while start < stop:
            value = keys[start] >> shift
            end = start + 1
            while end < stop and keys[end] >> shift == value:
                end += 1
            if 2 <= end - start <= common:
                for at in range(start, end):
                    frequency[np.int64(keys[at] & places)] = end - start
            start = end
    release(counts)


@kernel(
    *(read(np.uint32), read(np.int64), read(np.int64), read(np.uint8), np.int64, np.int64),
    *(write(np.uint32, 2), write(np.uint8)),
)
def choose_rarest(values, starts, stops, frequency, first, last, chosen, sizes):
    """Fill the rarest values of each record from first to last, in ascending order, and how many they are.

    Those of equal frequency are taken by value; a frequency of 0 says that a value is of no use.
    """
    counts = allocate(256, np.int64)
    for record in range(first, last):
        counts[:] = 0
        for at in range(starts[record], stops[record]):
            counts[frequency[at]] += 1
        room, limit = chosen.shape[1], 0
        while limit < 255 and counts[limit + 1] <= room:
            limit += 1
            room -= counts[limit]
        count = 0
        for at in range(starts[record], stops[record]):
            found = frequency[at]
            at_limit = found == limit + 1 and room > 0
            room -= at_limit
            if at_limit or 0 < found <= limit:
                chosen[record, count] = values[at]
                count += 1
        sizes[record] = count
    release(counts)


@kernel(read(np.uint32, 2), read(np.uint8), write(np.int64))
def count_chosen(chosen, sizes, counts):
    """Fill how many chosen values each of `BINS` holds."""
    counts[:] = 0
    for record in range(sizes.size):
        for slot in range(sizes[record]):
            counts[chosen[record, slot] >> np.uint32(24)] += 1


@kernel(
    *(read(np.uint32, 2), read(np.uint8), np.int64, np.int64, write(np.int64)),
    *(write(np.uint64), write(np.uint64)),
    *(write(np.uint32), write(np.uint32, 2), write(np.uint8), write(np.int64)),
)
def link(chosen, chosen_sizes, first_bin, last_bin, ends, keys, spare, owners, groups, sizes, filled):
    """Line up the records of the chosen values of some bins, value by value and ascending within one.

    `owners` goes on with them at `filled`, but for values that only one record chose; `groups` notes for each record
    where those of its values begin, `sizes` how many it has. In `keys` the bins begin at `ends`.
    """
    for owner in range(chosen_sizes.size):
        for slot in range(chosen_sizes[owner]):
            place = chosen[owner, slot] >> np.uint32(24)
            if first_bin <= place < last_bin:
                keys[ends[place]] = np.uint64(chosen[owner, slot] & _IN_BIN) << _HALF | np.uint64(owner)
                ends[place] += 1
    counts = allocate(1 << _DIGIT, np.int64)
    total, start = filled[0], 0
    for slot in range(first_bin, last_bin):
        stop = ends[slot]
        _sort_bin(keys, start, stop, spare, 32, counts)
        while start < stop:
            end = start + 1
            while end < stop and keys[end] >> _HALF == keys[start] >> _HALF:
                end += 1
            if end - start > 1:
                for at in range(start, end):
                    holder = np.int64(keys[at] & _LOW)
                    owners[total + at - start] = holder
                    groups[holder, sizes[holder]] = total
                    sizes[holder] += 1
                total += end - start
            start = end
    release(counts)
    filled[0] = total


@kernel(
    *(read(np.uint32), read(np.uint32, 2), read(np.uint8)),
    *(np.int64, np.int64, np.int64, write(np.int64), write(np.int64)),
)
def shared_pairs(owners, groups, sizes, first, last, shared, codes, filled):
    """Fill the codes of pairs (j < i, i) for first <= i < last that share enough chosen values."""
    room = groups.shape[1] * 256
    partners, spare = allocate(room, np.uint32), allocate(room, np.uint32)
    total = 0
    for record in range(first, last):
        count = 0
        for slot in range(sizes[record]):
            at = np.int64(groups[record, slot])
            while owners[at] < record:
                partners[count] = owners[at]
                count += 1
                at += 1
        merge_sort(partners, count, spare)
        start = 0
        while start < count:
            end = start + 1
            while end < count and partners[end] == partners[start]:
                end += 1
            if end - start >= shared:
                codes[total] = np.int64(partners[start]) * sizes.size + record
                total += 1
            start = end
    release(partners)
    release(spare)
    filled[0] = total
