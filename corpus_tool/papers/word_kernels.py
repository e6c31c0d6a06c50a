"""Names and short texts to sets of words: the compiled twins of `corpus_tool.papers.names` and `.contrasts`.

Importing this module compiles the kernels, or loads them from numba's cache; `corpus_tool.papers.table` does so when
asked. Texts come as one buffer in which a word is a run of ASCII letters and digits or of bytes beyond ASCII. Limits
and word lists come as arguments: numba knows a cached kernel to be stale only by this file.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.hashing import HALF, LENGTH_MULTIPLIER, absorb
from corpus_tool.kernel.memory import allocate, release
from corpus_tool.kernel.sorting import BUCKETS, SMALL, longest, unique

_ZERO = np.uint64(0)
_BEYOND = np.uint8(0x80)

OF_A_BODY, LATIN, OTHER_SCRIPT = 1, 2, 4
"""What a list of authors may be: bits."""

_FOLD = np.zeros(256, np.uint8)
"""A byte in lower case; 0 where it parts words."""
_FOLD[0x80:] = np.arange(0x80, 0x100)
for _letter in b"abcdefghijklmnopqrstuvwxyz0123456789":
    _FOLD[_letter] = _FOLD[ord(chr(_letter).upper())] = _letter


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
def _next_word(buffer, at, stop):
    """Where the next word from `at` on begins and ends; equal when there is none."""
    while at < stop and _FOLD[buffer[at]] == 0:
        at += 1
    end = at
    while end < stop and _FOLD[buffer[end]] != 0:
        end += 1
    return at, end


@inlined
def _is_small(byte):
    return 97 <= byte <= 122


@inlined
def _is_capital(byte):
    return 65 <= byte <= 90


@inlined
def _part_end(buffer, start, end):
    """Where a part of a word ends: before a capital after a small letter, but for Mc and Mac."""
    for at in range(start + 1, end):
        if _is_small(buffer[at - 1]) and _is_capital(buffer[at]):
            scots = buffer[start] == 77 and buffer[at - 1] == 99
            if not (scots and (at - start == 2 or (at - start == 3 and buffer[start + 1] == 97))):
                return at
    return end


@inlined
def _is_name(buffer, start, end):
    """Whether a part may be a name, by its length and case."""
    characters = 0
    for at in range(start, end):
        characters += buffer[at] & 0xC0 != 0x80
    if characters != 2:
        return characters > 2
    return buffer[start] >= _BEYOND or (_is_capital(buffer[start]) and _is_small(buffer[start + 1]))


@inlined
def _small_at(buffer, at, start, end):
    """A byte of a part in lower case; 0 beyond its ends."""
    return _FOLD[buffer[at]] if start <= at < end else np.uint8(0)


@inlined
def _is_umlaut(buffer, at, start, end):
    """Whether a byte only spells out the umlaut of the letter before it."""
    letter, before = _small_at(buffer, at, start, end), _small_at(buffer, at - 1, start, end)
    earlier = _small_at(buffer, at - 2, start, end)
    if letter == 101:  # e
        spelt = before == 97 or before == 111
        spelt |= before == 117 and earlier != 97 and earlier != 101 and earlier != 113
    else:
        spelt = letter == 97 and before == 97
    after = _small_at(buffer, at + 1, start, end)
    if after == 115:  # s
        after = _small_at(buffer, at + 2, start, end)
    return spelt and _is_small(after)


@inlined
def _folded(buffer, start, end, folded):
    """Write a part as names are compared; returns its length."""
    size = 0
    for at in range(start, end):
        if _is_umlaut(buffer, at, start, end):
            continue
        letter = _FOLD[buffer[at]]
        if letter == 121 or letter == 106:
            letter = np.uint8(105)
        if letter == 105 and size and folded[size - 1] == 105:
            continue
        folded[size] = letter
        size += 1
    return size


@inlined
def _place(table, wanted):
    """Where a value stands in a sorted table, or -1."""
    start, stop = 0, table.size
    while start < stop:
        middle = (start + stop) // 2
        if table[middle] < wanted:
            start = middle + 1
        else:
            stop = middle
    return start if start < table.size and table[start] == wanted else -1


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint64), read(np.uint64), read(np.uint64)),
    *(write(np.uint32), write(np.int64), write(np.int64)),
)
def name_sets(buffer, offsets, stops, collective, open_end, values, ends, kinds):
    """Fill the sets of the words of names that are not among `stops`, and what kind of list each is.

    A list is that of a body where it has a word of `collective`, or the two words of `open_end` side by side.
    """
    folded = allocate(longest(offsets), np.uint8)
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    total = 0
    for record in range(offsets.size - 1):
        stop, filled, kind, before = offsets[record + 1], total, np.int64(0), _ZERO
        start, end = _next_word(buffer, offsets[record], stop)
        while end > start:
            close = _part_end(buffer, start, end)
            word = _hash_word(buffer, start, close)
            if (before == open_end[0] and word == open_end[1]) or _place(collective, word) >= 0:
                kind |= OF_A_BODY
            before = word
            if _is_name(buffer, start, close) and _place(stops, word) < 0:
                kind |= OTHER_SCRIPT if buffer[start] >= _BEYOND else LATIN
                size = _folded(buffer, start, close, folded)
                values[filled] = np.uint32(_hash_word(folded, 0, size) >> HALF)
                filled += 1
            start = close
            if start == end:
                start, end = _next_word(buffer, end, stop)
        total = unique(values, total, filled, spare, starts)
        ends[record] = total
        kinds[record] = kind
    release(folded)
    release(spare)
    release(starts)


@inlined
def _count_words(buffer, start, stop, most):
    count = 0
    at, end = _next_word(buffer, start, stop)
    while end > at and count < most:
        count += 1
        at, end = _next_word(buffer, end, stop)
    return count


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint8), read(np.int64)),
    *(read(np.uint64), read(np.int64), np.int64),
    *(write(np.int64), write(np.uint32), write(np.int64), write(np.uint32), write(np.int64)),
)
def short_texts(
    titles, title_offsets, abstracts, abstract_offsets, known, bits,
    most, contrasts, numbers, number_ends, others, other_ends,
):  # fmt: skip
    """Fill the contrasts, the numbers and the other words of texts of fewer than `most` words."""
    spare, starts = allocate(SMALL, np.uint32), allocate(BUCKETS, np.int64)
    number_total, other_total = 0, 0
    for record in range(title_offsets.size - 1):
        first, last = title_offsets[record], title_offsets[record + 1]
        begin, close = abstract_offsets[record], abstract_offsets[record + 1]
        contrasts[record] = 0
        filled, more = number_total, other_total
        words = _count_words(titles, first, last, most)
        if words < most:
            words += _count_words(abstracts, begin, close, most)
        if words < most:
            for side in range(2):
                buffer = titles if side == 0 else abstracts
                at, stop = (first, last) if side == 0 else (begin, close)
                at, end = _next_word(buffer, at, stop)
                while end > at:
                    word = _hash_word(buffer, at, end)
                    place = _place(known, word)
                    if place >= 0:
                        contrasts[record] |= bits[place]
                    if 48 <= buffer[at] <= 57:
                        numbers[filled] = np.uint32(word >> HALF)
                        filled += 1
                    elif place < 0:
                        others[more] = np.uint32(word >> HALF)
                        more += 1
                    at, end = _next_word(buffer, end, stop)
        number_total = unique(numbers, number_total, filled, spare, starts)
        other_total = unique(others, other_total, more, spare, starts)
        number_ends[record], other_ends[record] = number_total, other_total
    release(spare)
    release(starts)
