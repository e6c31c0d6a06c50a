"""Abstracts to sets of shingles and figures, 64 bytes at a time: the compiled twin of what `normalise` does to them.

Importing this module compiles the kernels, or loads them from numba's cache; `corpus_tool.papers.table` does so
when asked. Texts come as one buffer in which a word is a run of ASCII letters and digits or of bytes beyond ASCII
(`table.lay_out` sees to that, and to `PADDING` spare bytes), capitals allowed in ASCII. 64 bytes are classified
by vector instructions into a bit mask, and words begin and end where neighbouring bits differ (as simdjson does:
Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.1). Limits come as arguments: numba knows a
cached kernel to be stale only by this file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corpus_tool import text
from corpus_tool.kernel.jit import inlined, kernel, read, write

PADDING = 64
"""Readable bytes that a buffer needs after its last text: the width of one classification."""
BUCKETS, SMALL = 256, 4096
"""Sets of up to this many values are sorted by buckets: larger ones would fill them too much."""

_MULTIPLIER = np.uint64(text.MULTIPLIER)
_LENGTH_MULTIPLIER = np.uint64(text.LENGTH_MULTIPLIER)
_SHINGLE_MULTIPLIER = np.uint64(text.SHINGLE_MULTIPLIER)
_ALL = np.uint64(text.MASK)
_ZERO, _ONE, _TWO = np.uint64(0), np.uint64(1), np.uint64(2)
_HALF, _LAST = np.uint64(32), np.uint64(63)
_BUCKET = np.uint32(24)
_LOW_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
_HIGH_BITS = np.uint64(0x8080808080808080)
_FROM_A = np.uint64(0x3F3F3F3F3F3F3F3F)
_PAST_Z = np.uint64(0x2525252525252525)

_BYTES = ir.VectorType(ir.IntType(8), 64)


def _load(kind: Any, context: Any, builder: Any, buffer_type: Any, buffer: Any, position: Any) -> Any:
    """IR that loads a value of any width from any byte of an array."""
    data = context.make_array(buffer_type)(context, builder, buffer).data
    return builder.load(builder.bitcast(builder.gep(data, [position]), kind.as_pointer()), align=1)


@intrinsic  # type: ignore[untyped-decorator]
def _lane(typing: Any, buffer: Any, position: Any) -> Any:
    """Eight bytes from any position, as a little-endian integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _load(ir.IntType(64), context, builder, signature.args[0], *arguments)

    return types.uint64(buffer, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _word_bits(typing: Any, buffer: Any, position: Any) -> Any:
    """A bit for each of 64 bytes: whether it is an ASCII letter or digit, or beyond ASCII."""

    def splat(value: int) -> Any:
        return ir.Constant(_BYTES, [value] * 64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _load(_BYTES, context, builder, signature.args[0], *arguments)
        small = builder.sub(builder.or_(data, splat(0x20)), splat(ord("a")))
        letter = builder.icmp_unsigned("<", small, splat(26))
        digit = builder.icmp_unsigned("<", builder.sub(data, splat(ord("0"))), splat(10))
        beyond = builder.icmp_unsigned(">=", data, splat(0x80))
        return builder.bitcast(builder.or_(builder.or_(letter, digit), beyond), ir.IntType(64))

    return types.uint64(buffer, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _digit_bits(typing: Any, buffer: Any, position: Any) -> Any:
    """A bit for each of 64 bytes: whether it is an ASCII digit."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _load(_BYTES, context, builder, signature.args[0], *arguments)
        above = builder.sub(data, ir.Constant(_BYTES, [ord("0")] * 64))
        return builder.bitcast(
            builder.icmp_unsigned("<", above, ir.Constant(_BYTES, [10] * 64)), ir.IntType(64)
        )

    return types.uint64(buffer, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _lowest(typing: Any, bits: Any) -> Any:
    """The number of the lowest set bit."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


@inlined
def _absorb(state, lane):  # type: ignore[no-untyped-def]
    state = (state ^ lane) * _MULTIPLIER
    return state ^ (state >> _HALF)


@inlined
def _fold(lane):  # type: ignore[no-untyped-def]
    """Eight bytes with ASCII capitals made small."""
    low = lane & _LOW_BITS
    capital = ((low + _FROM_A) ^ (low + _PAST_Z)) & ~lane & _HIGH_BITS
    return lane | capital >> _TWO


@inlined
def _hash_word(buffer, start, end):  # type: ignore[no-untyped-def]
    """`corpus_tool.text.hash_word` of folded bytes."""
    state = np.uint64(end - start) * _LENGTH_MULTIPLIER
    while end - start > 8:
        state = _absorb(state, _fold(_lane(buffer, start)))
        start += 8
    return _absorb(state, _fold(_lane(buffer, start) & _ALL >> np.uint64(64 - 8 * (end - start))))


@inlined
def _hash_words(buffer, start, stop, hashes):  # type: ignore[no-untyped-def]
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
            at = position + _lowest(turns)
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
def _figure_end(buffer, start, stop):  # type: ignore[no-untyped-def]
    """Where the word of two digits and more that begins at a digit ends, or -1 where it is none."""
    end = start + 1
    while end < stop and 48 <= buffer[end] <= 57:
        end += 1
    if end - start < 2 or (end < stop and _word_bits(buffer, end) & _ONE):
        return -1
    return end


@inlined
def _sort(values, start, stop, spare, starts):  # type: ignore[no-untyped-def]
    """Sort values[start:stop], which are hashes: spread over 256 buckets they need few steps of insertion."""
    count = stop - start
    if count < 24 or count > spare.size:
        values[start:stop].sort()
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
def _unique(values, start, stop, spare, starts):  # type: ignore[no-untyped-def]
    """Sort values[start:stop] and drop repeats in place; returns the new end."""
    if stop - start < 2:
        return stop
    _sort(values, start, stop, spare, starts)
    end = start + 1
    for at in range(start + 1, stop):
        values[end] = values[at]
        end += values[at] != values[end - 1]
    return end


@inlined
def _longest(offsets):  # type: ignore[no-untyped-def]
    longest = np.int64(0)
    for record in range(offsets.size - 1):
        longest = max(longest, offsets[record + 1] - offsets[record])
    return longest


@inlined
def _says_something(hashes, count, known, in_title, new_words):  # type: ignore[no-untyped-def]
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
    *(read(types.uint8), read(types.int64), read(types.uint8), read(types.int64), types.int64, types.int64),
    *(write(types.uint32), write(types.int64), write(types.uint64)),
)
def abstract_sets(  # type: ignore[no-untyped-def]
    buffer, offsets, titles, title_offsets, new_words, sample, values, ends, states
):
    """Fill the 2-word shingles of abstracts that say something, and a hash of all words of title and abstract.

    Of the shingles those that are multiples of `sample`, a power of two.
    """
    hashes = np.empty(_longest(offsets) // 2 + 1, np.uint64)
    known = np.empty(_longest(title_offsets) // 2 + 1, np.uint64)
    spare, starts = np.empty(SMALL, np.uint32), np.empty(BUCKETS, np.int64)
    mask = np.uint32(sample - 1)
    total = 0
    for record in range(offsets.size - 1):
        in_title = _hash_words(titles, title_offsets[record], title_offsets[record + 1], known)
        count = _hash_words(buffer, offsets[record], offsets[record + 1], hashes)
        state = _ZERO
        for at in range(in_title):
            state = _absorb(state, known[at])
        for at in range(count):
            state = _absorb(state, hashes[at])
        if _says_something(hashes, count, known, in_title, new_words):
            end = total
            for at in range(count - 1):
                pair = hashes[at] * _SHINGLE_MULTIPLIER + hashes[at + 1]
                values[end] = np.uint32(_absorb(pair ^ (pair >> _HALF), _ZERO) >> _HALF)
                end += values[end] & mask == 0
            total = _unique(values, total, end, spare, starts)
        ends[record] = total
        counts = np.uint64(in_title) << _HALF | np.uint64(count)
        states[record] = _absorb(state, counts) if counts else _ZERO


@kernel(read(types.uint8), read(types.int64), write(types.uint32), write(types.int64))
def figure_sets(buffer, offsets, values, ends):  # type: ignore[no-untyped-def]
    """Fill the sets of the words of two digits and more."""
    spare, starts = np.empty(SMALL, np.uint32), np.empty(BUCKETS, np.int64)
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
                at = position + _lowest(first)
                first &= first - _ONE
                end = _figure_end(buffer, at, stop)
                if end >= 0:
                    values[filled] = np.uint32(_hash_word(buffer, at, end) >> _HALF)
                    filled += 1
            carry = word >> _LAST
        total = _unique(values, total, filled, spare, starts)
        ends[record] = total
