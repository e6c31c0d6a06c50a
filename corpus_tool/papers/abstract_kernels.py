"""Abstracts to sets of shingles and figures, 64 bytes at a time: the compiled twin of what `normalise` does to them.

Texts come as one buffer in which a word is a run of ASCII letters and digits or of bytes beyond ASCII
(`table.lay_out` sees to that, and to `PADDING` spare bytes), capitals allowed in ASCII. 64 bytes are classified
by vector instructions into a bit mask, and words begin and end where neighbouring bits differ (as simdjson does:
Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.1). Limits come as arguments.
"""

from __future__ import annotations

import numpy as np

from corpus_tool import text
from corpus_tool.kernel.bytes import bits_of, eight_bytes, lowest
from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.hashing import HALF, LENGTH_MULTIPLIER, absorb, hash_two
from corpus_tool.kernel.memory import allocate, release
from corpus_tool.kernel.sorting import BUCKETS, SMALL, longest, unique

PADDING = 64
"""Readable bytes that a buffer needs after its last text: the width of one classification."""

_ALL = np.uint64(text.MASK)
_ZERO, _ONE, _TWO = np.uint64(0), np.uint64(1), np.uint64(2)
_LAST = np.uint64(63)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_HIGH_BITS = np.uint64(0x8080808080808080)
_FROM_A = np.uint64(0x3F3F3F3F3F3F3F3F)
_PAST_Z = np.uint64(0x2525252525252525)

_word_bits = bits_of(lambda some: some.either(some.letters, some.digits, some.beyond_ascii))
"""Which bytes belong to words."""
_digit_bits = bits_of(lambda some: some.digits)
"""Which bytes are ASCII digits."""


@inlined
def _fold(lane):
    """Eight bytes with ASCII capitals made small."""
    low = lane & _LOW_BITS
    capital = ((low + _FROM_A) ^ (low + _PAST_Z)) & ~lane & _HIGH_BITS
    return lane | capital >> _TWO


@inlined
def _hash_word(buffer, start, end):
    """`corpus_tool.text.hash_word` of folded bytes."""
    state = np.uint64(end - start) * LENGTH_MULTIPLIER
    while end - start > 8:
        state = absorb(state, _fold(eight_bytes(buffer, start)))
        start += 8
    return absorb(state, _fold(eight_bytes(buffer, start) & _ALL >> np.uint64(64 - 8 * (end - start))))


@inlined
def _hash_words(buffer, start, stop, hashes):
    """Write the hashes of a text's words; returns their number."""
    count, opened = 0, np.int64(-1)
    carry = _ZERO
    position = start
    while position < stop:
        left = stop - position
        valid = _ALL if left >= 64 else (_ONE << np.uint64(left)) - _ONE
        word = _word_bits(buffer, position) & valid
        turns = word ^ (word << _ONE | carry)
        if left < 64:
            turns &= valid | (_ONE << np.uint64(left))
        while turns:
            at = position + lowest(turns)
            turns &= turns - _ONE
            if opened < 0:
                opened = at
                continue
            hashes[count] = _hash_word(buffer, opened, at)
            count += 1
            opened = np.int64(-1)
        carry = word >> _LAST
        position += 64
    if opened >= 0:
        hashes[count] = _hash_word(buffer, opened, stop)
        count += 1
    return count


@inlined
def _figure_end(buffer, start, stop):
    """Where the word of two digits and more that begins at a digit ends, or -1 where it is none."""
    end = start + 1
    while end < stop and 48 <= buffer[end] <= 57:
        end += 1
    if end - start < 2 or (end < stop and _word_bits(buffer, end) & _ONE):
        return -1
    return end


@inlined
def _says_something(hashes, count, known, in_title, new_words):
    new = 0
    for at in range(count):
        found = False
        for other in range(in_title):
            found |= known[other] == hashes[at]
        new += not found
        if new == new_words:
            return True
    return False


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint8), read(np.int64), np.int64, np.int64),
    *(write(np.uint32), write(np.int64), write(np.uint64)),
)
def abstract_sets(buffer, offsets, titles, title_offsets, new_words, sample, values, ends, states):
    """Fill the 2-word shingles of abstracts that say something, and a hash of all words of title and abstract.

    Of the shingles those that are multiples of `sample`, a power of two.
    """
    hashes = allocate(longest(offsets) // 2 + 1, np.uint64)
    known = allocate(longest(title_offsets) // 2 + 1, np.uint64)
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    mask = np.uint32(sample - 1)
    total = 0
    for record in range(offsets.size - 1):
        in_title = _hash_words(titles, title_offsets[record], title_offsets[record + 1], known)
        count = _hash_words(buffer, offsets[record], offsets[record + 1], hashes)
        state = _ZERO
        for at in range(in_title):
            state = absorb(state, known[at])
        for at in range(count):
            state = absorb(state, hashes[at])
        if _says_something(hashes, count, known, in_title, new_words):
            end = total
            for at in range(count - 1):
                values[end] = hash_two(hashes[at], hashes[at + 1])
                end += values[end] & mask == 0
            total = unique(values, total, end, spare, starts)
        ends[record] = total
        counts = np.uint64(in_title) << HALF | np.uint64(count)
        states[record] = absorb(state, counts) if counts else _ZERO
    release(hashes)
    release(known)
    release(spare)
    release(starts)


@kernel(read(np.uint8), read(np.int64), write(np.uint32), write(np.int64))
def figure_sets(buffer, offsets, values, ends):
    """Fill the sets of the words of two digits and more."""
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    total = 0
    for record in range(offsets.size - 1):
        stop, filled, carry = offsets[record + 1], total, _ZERO
        for position in range(offsets[record], stop, 64):
            left = stop - position
            word = _word_bits(buffer, position)
            first = word & ~(word << _ONE | carry) & _digit_bits(buffer, position)
            if left < 64:
                first &= (_ONE << np.uint64(left)) - _ONE
            while first:
                at = position + lowest(first)
                first &= first - _ONE
                end = _figure_end(buffer, at, stop)
                if end >= 0:
                    values[filled] = np.uint32(_hash_word(buffer, at, end) >> HALF)
                    filled += 1
            carry = word >> _LAST
        total = unique(values, total, filled, spare, starts)
        ends[record] = total
    release(spare)
    release(starts)
