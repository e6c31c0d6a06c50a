"""Titles to keys and sets: the compiled twin of what `normalise` does to them.

Texts come as one buffer in which a word is a run of ASCII letters and digits or of bytes beyond ASCII
(`table.lay_out` sees to that), capitals allowed in ASCII. Limits and word lists come as arguments. Sets leave as sorted
arrays without repeats.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.hashing import HALF, LENGTH_MULTIPLIER, absorb, hash_two
from corpus_tool.kernel.memory import allocate, release
from corpus_tool.kernel.sorting import BUCKETS, SMALL, longest, sort, unique

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_BLANK = np.uint64(ord(" "))

SLOT_BITS = 10
WORD_SLOTS = 1 << SLOT_BITS
"""Places of the table of known words."""
PART, NUMBER = 1 << 20, 1 << 21
"""What a word may be besides a marker, whose bits are lower."""

MAP_BITS, FACTS, NUMBERS = 256, 4, 5
"""How many bits of an outline are a map of 4-grams, and which words come after it."""
MARKERS = np.uint64(36)
"""Where in the facts of an outline the markers begin."""

_FOLD = np.zeros(256, np.uint8)
"""A byte in lower case; 0 where it parts words."""
_FOLD[0x80:] = np.arange(0x80, 0x100)
for _letter in b"abcdefghijklmnopqrstuvwxyz0123456789":
    _FOLD[_letter] = _FOLD[ord(chr(_letter).upper())] = _letter


_A, _E, _O, _Q, _S, _U, _SMALL = (np.uint8(letter) for letter in b"aeoqsu\x20")


@inlined
def _is_umlaut(byte, last):
    """Whether two bytes of a text may be one letter: ae, oe, ue or aa."""
    byte, last = byte | _SMALL, last | _SMALL
    return ((byte == _E) & ((last == _A) | (last == _O) | (last == _U))) | ((byte == _A) & (last == _A))


@inlined
def _without_umlauts(buffer, start, stop, spelt):
    """Copy a text as `spelling.without_umlauts` leaves its words, most in one vector loop; returns the length."""
    found, length = False, min(1, stop - start)
    if length:
        spelt[0] = buffer[start]
    for at in range(start + 1, stop):
        spelt[at - start] = buffer[at]
        found |= _is_umlaut(buffer[at], buffer[at - 1])
    if not found:
        return stop - start
    for at in range(start + 1, stop):
        spelt[length] = buffer[at]
        length += 1
        if _is_umlaut(buffer[at], buffer[at - 1]):
            before = _FOLD[buffer[at - 2]] if at - 2 >= start else np.uint8(0)
            after = at + 1 + (at + 1 < stop and _FOLD[buffer[at + 1]] == _S)
            umlaut = buffer[at - 1] | _SMALL != _U or (before != _A and before != _E and before != _Q)
            length -= umlaut and after < stop and 97 <= _FOLD[buffer[after]] <= 122
    return length


@inlined
def _next_word(buffer, at, stop):
    """Where the next word from `at` on begins and ends; equal when there is none."""
    while at < stop and _FOLD[buffer[at]] == 0:
        at += 1
    end = at
    while end < stop and _FOLD[buffer[end]] != 0:
        end += 1
    return at, end


@inlined
def _hash_word(buffer, start, end):
    """`corpus_tool.text.hash_word` of folded bytes."""
    state = np.uint64(end - start) * LENGTH_MULTIPLIER
    for at in range(start, end, 8):
        lane = _ZERO
        for byte in range(min(8, end - at)):
            lane |= np.uint64(_FOLD[buffer[at + byte]]) << np.uint64(8 * byte)
        state = absorb(state, lane)
    return state


@inlined
def _whole_key(titles, start, stop):
    """The hash of all word bytes as one word; 0 where there is none."""
    length = np.int64(0)
    for at in range(start, stop):
        length += _FOLD[titles[at]] != 0
    if length == 0:
        return _ZERO
    state = np.uint64(length) * LENGTH_MULTIPLIER
    lane, filled = _ZERO, 0
    for at in range(start, stop):
        byte = _FOLD[titles[at]]
        if byte:
            lane |= np.uint64(byte) << np.uint64(8 * filled)
            filled += 1
            if filled == 8:
                state = absorb(state, lane)
                lane, filled = _ZERO, 0
    if filled:
        state = absorb(state, lane)
    return max(state, np.uint64(1))


@inlined
def _slot(known, wanted):
    """Where a hash stands in a table by hash, or -1."""
    place = np.int64(wanted >> np.uint64(64 - SLOT_BITS))
    while known[place] != wanted:
        if known[place] == _ZERO:
            return -1
        place = (place + 1) & (WORD_SLOTS - 1)
    return place


@inlined
def _digit_runs(titles, start, end, numbers, count):
    """Append the hashes of the numbers written in digits within a word."""
    at = start
    while at < end:
        if not 48 <= titles[at] <= 57:
            at += 1
            continue
        close = at
        while close < end and 48 <= titles[close] <= 57:
            close += 1
        while at < close - 1 and titles[at] == 48:
            at += 1
        numbers[count] = np.uint32(_hash_word(titles, at, close) >> HALF)
        count += 1
        at = close
    return count


@inlined
def _append_points(titles, start, end, points, count):
    """Append the code points of a word's UTF-8."""
    at = start
    while at < end:
        lead = np.uint64(_FOLD[titles[at]])
        if lead < np.uint64(0x80):
            size, point = 1, lead
        elif lead < np.uint64(0xE0):
            size, point = 2, lead & np.uint64(0x1F)
        elif lead < np.uint64(0xF0):
            size, point = 3, lead & np.uint64(0x0F)
        else:
            size, point = 4, lead & np.uint64(0x07)
        for more in range(1, size):
            point = point << np.uint64(6) | np.uint64(titles[at + more]) & np.uint64(0x3F)
        points[count] = point
        count += 1
        at += size
    points[count] = _BLANK
    return count + 1


@inlined
def _append_grams(points, count, grams, end):
    """Append the hashes of the 4-grams of some code points."""
    while count < 4:
        points[count] = _BLANK
        count += 1
    for at in range(count - 3):
        state = absorb(points[at] | points[at + 1] << HALF, points[at + 2] | points[at + 3] << HALF)
        grams[end] = np.uint32(absorb(state, _ZERO) >> HALF)
        end += 1
    return end


@inlined
def _take_apart(titles, start, stop, known, roles, values, points, hashes, numbers, bits):
    """Write what a title consists of, and return how many of each there are.

    Code points of its words, with a blank before and after each; hashes of its words; hashes of its numbers, sorted;
    and for each word the bits of the marker that it is.
    """
    points[0] = _BLANK
    filled, count, found, after_part = 1, 0, 0, False
    start, end = _next_word(titles, start, stop)
    while end > start:
        word = _hash_word(titles, start, end)
        filled = _append_points(titles, start, end, points, filled)
        place = _slot(known, word)
        role = roles[place] if place >= 0 else 0
        letter = _FOLD[titles[start]]
        if role & NUMBER:
            numbers[found] = values[place]
            found += 1
        elif after_part and end - start == 1 and 97 <= letter <= 104:
            numbers[found] = np.uint32(word >> HALF)
            found += 1
        else:
            found = _digit_runs(titles, start, end, numbers, found)
        after_part = role & PART != 0
        bits[count] = role & (PART - 1)
        hashes[count] = word
        count += 1
        start, end = _next_word(titles, end, stop)
    sort(numbers, 0, found)
    return filled, count, found


@inlined
def _markers(bits, count, reach):
    """The markers among the first and last words of a title."""
    mask = np.int64(0)
    for at in range(count):
        if at < reach or at >= count - reach:
            mask |= bits[at]
    return mask


@inlined
def _number_map(numbers, count):
    """A bit for each of some sorted numbers, and for how many equal ones stand before it."""
    found, before = _ZERO, np.uint64(0)
    for at in range(count):
        before = before + _ONE if at and numbers[at] == numbers[at - 1] else _ZERO
        found |= _ONE << (np.uint64(numbers[at]) + before & np.uint64(63))
    return found


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint64), read(np.int64), read(np.uint32)),
    *(np.int64, np.int64),
    *(write(np.uint64), write(np.uint32), write(np.int64), write(np.uint64, 2)),
)
def title_columns(
    titles, offsets, known, roles, numbers_of, marker_reach, pair_reach, keys, values, ends, outlines
):
    """Fill the key of each whole title, the set of its ordered word pairs at most `pair_reach` apart, and its outline.

    An outline is as `corpus_tool.papers.bound` says, without flags.
    """
    most = longest(offsets)
    points, grams = allocate(most + 8, np.uint64), allocate(most + 8, np.uint32)
    hashes, numbers = allocate(most // 2 + 1, np.uint64), allocate(most + 1, np.uint32)
    bits = allocate(most // 2 + 1, np.int64)
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    spelt = allocate(most + 1, np.uint8)
    outlines[:] = _ZERO
    total = 0
    for record in range(offsets.size - 1):
        stop = _without_umlauts(titles, offsets[record], offsets[record + 1], spelt)
        keys[record] = _whole_key(spelt, 0, stop)
        filled, count, found = _take_apart(
            spelt, 0, stop, known, roles, numbers_of, points, hashes, numbers, bits
        )
        end = total
        for first in range(count):
            for second in range(first + 1, min(count, first + 1 + pair_reach)):
                values[end] = hash_two(hashes[first], hashes[second])
                end += 1
        total = unique(values, total, end, spare, starts)
        ends[record] = total
        length = unique(grams, 0, _append_grams(points, filled, grams, 0), spare, starts) if count else 0
        for gram in grams[:length]:
            slot = gram & np.uint32(MAP_BITS - 1)
            outlines[record, slot >> np.uint32(6)] |= _ONE << np.uint64(slot & np.uint32(63))
        marks = np.uint64(_markers(bits, count, marker_reach))
        outlines[record, FACTS] = np.uint64(length) | marks << MARKERS
        outlines[record, NUMBERS] = _number_map(numbers, found)
    for array in (points, hashes):
        release(array)
    for array in (grams, numbers, spare):
        release(array)
    for array in (bits, starts):
        release(array)
    release(spelt)


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint64), read(np.int64), read(np.uint32)),
    np.int64,
    *(write(np.uint32), write(np.int64), write(np.uint32), write(np.int64)),
    *(write(np.int64), write(np.int64)),
)
def title_profiles(
    titles, offsets, known, roles, numbers_of, reach,
    grams, gram_ends, numbers, number_ends, lengths, markers,
):  # fmt: skip
    """Fill the 4-grams, numbers, lengths in words and markers of titles."""
    most = longest(offsets)
    points, hashes = allocate(most + 8, np.uint64), allocate(most // 2 + 1, np.uint64)
    bits, spelt = allocate(most // 2 + 1, np.int64), allocate(most + 1, np.uint8)
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    gram_total, number_total = 0, 0
    for record in range(offsets.size - 1):
        stop = _without_umlauts(titles, offsets[record], offsets[record + 1], spelt)
        filled, count, found = _take_apart(
            spelt, 0, stop, known, roles, numbers_of, points, hashes, numbers[number_total:], bits
        )
        number_total += found
        number_ends[record] = number_total
        if count:
            end = _append_grams(points, filled, grams, gram_total)
            gram_total = unique(grams, gram_total, end, spare, starts)
        gram_ends[record] = gram_total
        lengths[record] = count
        markers[record] = _markers(bits, count, reach)
    for array in (points, hashes):
        release(array)
    for array in (bits, starts):
        release(array)
    release(spare)
    release(spelt)
