"""From bytes to words, shingles and MinHash: the compiled twin of `corpus_tool.sketch.reference`.

They never read beyond a buffer that ends in `PADDING` spare bytes.

How bytes become words: 64 bytes at a time are classified by vector instructions into a bit mask (Mula and Lemire's
and simdjson's way), words begin and end where neighbouring bits differ, and the hash takes eight bytes in one load.
"""

from __future__ import annotations

import numpy as np

from corpus_tool import text
from corpus_tool.kernel.bytes import bits_of, eight_bytes, lowest, ones
from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.hashing import HALF, LENGTH_MULTIPLIER, MULTIPLIER, SHINGLE_MULTIPLIER, absorb
from corpus_tool.kernel.memory import allocate, release

PADDING = 64
"""Readable bytes that a buffer needs after its last text: the width of one classification."""
SEPARATOR, WORD, ALONE, MARK = 0, 1, 2, 3
"""What a code point is, in the table of classes: `ALONE` is a word with the marks that follow."""

SEGMENT = 8192
"""Bytes of one text whose words are held at a time: bounds the scratch memory, and keeps it in the first cache."""
STRIDE = 64
"""Shingles are padded to a multiple of this, so that no vector loop of the permutations has a remainder."""

_ONE = np.uint64(1)
_TWO = np.uint64(2)
_ALL = np.uint64(text.MASK)
_CASE = np.uint64(0x2020202020202020)
_EACH_BYTE = np.uint64(0x0101010101010101)
_SIGN = np.uint64(63)

_word_bits = bits_of(lambda some: some.either(some.letters, some.digits, some.any_of(b"_")))
"""Which bytes belong to a word of ASCII."""
_high_bits = bits_of(lambda some: some.beyond_ascii)
"""Which bytes belong to a character beyond ASCII."""


@inlined
def _decode(buffer, position):
    """The code point at a byte >= 0x80 and its number of bytes; a stray continuation byte counts as a control."""
    lead = np.int64(buffer[position])
    if lead < 0xC0:
        return 0, 1
    second = np.int64(buffer[position + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = np.int64(buffer[position + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0xF) << 12 | second << 6 | third, 3
    return (lead & 7) << 18 | second << 12 | third << 6 | np.int64(buffer[position + 3]) & 0x3F, 4


@inlined
def _classify_high(buffer, classes, position, word, high, carry, spill):
    """Add to the word bits of 64 bytes the characters beyond ASCII.

    `carry` says whether a word is open: a mark is part of it. `spill` is what the last of them said about the block
    after its own: continuation bytes, those that belong to a word, and the byte before which a word must end, unless
    there is a mark. Returns the word bits, the breaks, and the new spill.
    """
    high, word, breaks = high & ~spill[0], word | spill[1], spill[2]
    over, over_word, over_break = np.uint64(0), np.uint64(0), np.uint64(0)
    while high:
        bit = lowest(high)
        code, length = _decode(buffer, position + bit)
        kind = classes[code] if code < classes.size else np.uint8(0)
        first = np.uint64(bit)
        joined = kind == MARK and (word << _ONE | carry) >> first & _ONE != 0
        alone = kind == ALONE or (joined and breaks >> first & _ONE != 0)
        if joined:
            breaks &= ~(_ONE << first)
        own = ((_ONE << np.uint64(length)) - _ONE) << first
        high &= ~own
        beyond = bit + length - 64
        if beyond > 0:
            over = (_ONE << np.uint64(beyond)) - _ONE
        if joined or kind == WORD or kind == ALONE:
            word |= own
            if beyond > 0:
                over_word = over
        if kind == ALONE:
            breaks |= _ONE << first
        if alone and beyond < 0:
            breaks |= _ONE << np.uint64(bit + length)
        elif alone:
            over_break = _ONE << np.uint64(beyond)
    return word, breaks, (over, over_word, over_break)


@inlined
def _find_words(buffer, classes, start, stop, bounds, count, complete):
    """Append where words begin and end in buffer[start:stop] to bounds; an odd count is a word still open.

    `complete` is 1 where that ends unless a mark follows. Returns the count and the same for the next segment.
    """
    nothing, carry = np.uint64(0), np.uint64(count & 1)
    spill = (nothing, nothing, complete)
    position = start
    while position < stop:
        left = stop - position
        valid = _ALL if left >= 64 else (_ONE << np.uint64(left)) - _ONE
        word = _word_bits(buffer, position) & valid
        high = _high_bits(buffer, position) & valid
        breaks = nothing
        if high | spill[0] | spill[2]:
            word, breaks, spill = _classify_high(buffer, classes, position, word, high, carry, spill)
        before = (word << _ONE) | carry
        if breaks == nothing:
            count = _append_turns(position, (word ^ before) & valid, bounds, count)
        else:
            count = _break_words(position, word, before, breaks, valid, bounds, count)
        if left > 64:
            carry = word >> _SIGN
        elif left < 64:
            spill = (nothing, nothing, (breaks >> np.uint64(left)) & _ONE)
        position += 64
    return count, spill[2] & _ONE


@inlined
def _append_turns(position, turns, bounds, count):
    """Append the positions of bits, eight at a time, needed or not: a loop of a predictable length costs less."""
    at = np.uint64(count)
    count += ones(turns)
    while turns:
        for i in range(8):
            bounds[at + np.uint64(i)] = position + lowest(turns)
            turns &= turns - _ONE
        at += np.uint64(8)
    return count


@inlined
def _break_words(position, word, before, breaks, valid, bounds, count):
    """The words of a block with characters that are words: one may end at the very byte at which the next begins."""
    ends = before & (~word | breaks) & valid
    starts = word & (~before | breaks) & valid
    turns = ends | starts
    while turns:
        at = lowest(turns)
        bit = turns & (~turns + _ONE)
        if ends & bit:
            bounds[count] = position + at
            count += 1
        if starts & bit:
            bounds[count] = position + at
            count += 1
        turns ^= bit
    return count


@inlined
def _fold(lane, size):
    """The first `size` (1 to 8) bytes of a lane, ASCII capitals made small, the rest zero."""
    lane &= _ALL >> np.uint64(64 - 8 * size)
    # Capitals and `_` alone have bit 6 and not bit 5; adding one sets bit 5 of `_` alone.
    return lane | ((lane >> _ONE) & ~(lane >> _TWO) & ~(lane + _EACH_BYTE) & _CASE)


@inlined
def _hash_words(buffer, bounds, count, hashes, lanes):
    """Write the hashes of `count` words; `lanes` is scratch for their second eight bytes.

    Loading first lets the hashing be one vector loop. It always absorbs a second lane and then chooses, which spares
    a branch that nobody can predict; words of more than 16 bytes are rare and finished afterwards.
    """
    for word in range(count):
        start = bounds[2 * word]
        hashes[word] = eight_bytes(buffer, start)
        lanes[word] = eight_bytes(buffer, start + 8)
    longest = np.int64(0)
    for word in range(count):
        length = bounds[2 * word + 1] - bounds[2 * word]
        longest = max(longest, length)
        state = absorb(np.uint64(length) * LENGTH_MULTIPLIER, _fold(hashes[word], min(length, 8)))
        longer = absorb(state, _fold(lanes[word], max(1, min(length - 8, 8))))
        hashes[word] = longer if length > 8 else state
    if longest > 16:
        for word in range(count):
            start, stop = bounds[2 * word], bounds[2 * word + 1]
            for position in range(start + 16, stop, 8):
                lane = _fold(eight_bytes(buffer, position), min(stop - position, 8))
                hashes[word] = absorb(hashes[word], lane)


@inlined
def _fingerprint(hashes, fingerprint):
    for word_hash in hashes:
        fingerprint = absorb(fingerprint, word_hash)
    return fingerprint


@inlined
def _hash_shingles(hashes, count, width, shingles):
    """Write the hashes of `count` shingles of `width` words; a pass a word, so that each pass is one vector loop."""
    for i in range(count):
        shingles[i] = hashes[i]
    for word in range(1, width):
        for i in range(count):
            shingles[i] = shingles[i] * SHINGLE_MULTIPLIER + hashes[i + word]
    for i in range(count):
        state = shingles[i]
        state = (state ^ (state >> HALF)) * MULTIPLIER
        shingles[i] = state ^ (state >> HALF)


@inlined
def _segment_end(buffer, start, stop):
    """Where a segment of a text ends: never within a character."""
    end = start + SEGMENT
    if end >= stop:
        return stop
    while end > start + SEGMENT - 4 and buffer[end] & 0xC0 == 0x80:
        end -= 1
    return end


@inlined
def _next_shingles(buffer, classes, start, end, last, shingle, scratch, shingles, state):
    """Hash the shingles that are completed in one segment of a text; returns their number.

    `scratch` and `state` last from one segment of a text to the next. `scratch` holds the bounds of words, their
    hashes, and spare lanes; `state`, as uint64: whether a word is open at the start (it begins at bounds[0]), the
    hashes kept, the words so far, the fingerprint so far, whether the open word ends unless a mark follows.
    """
    bounds, hashes, lanes = scratch
    count, state[4] = _find_words(buffer, classes, start, end, bounds, np.int64(state[0]), state[4])
    if last and count & 1:
        bounds[count] = end
        count += 1
    words = count // 2
    kept = np.int64(state[1])
    fresh = hashes[kept : kept + words]
    _hash_words(buffer, bounds, words, fresh, lanes)
    state[3] = _fingerprint(fresh, state[3])
    state[2] += np.uint64(words)
    state[0] = np.uint64(count & 1)
    if count & 1:
        bounds[0] = bounds[count - 1]
    held = kept + words
    width = shingle
    if last and np.int64(state[2]) < shingle:
        width = held
    ready = held - width + 1 if held else 0
    if ready <= 0:
        state[1] = np.uint64(held)
        return 0
    _hash_shingles(hashes, ready, width, shingles)
    for i in range(held - ready):
        hashes[i] = hashes[ready + i]
    state[1] = np.uint64(held - ready)
    return ready


@inlined
def _scratch(shingle):
    bounds = allocate(SEGMENT + 2 * PADDING, np.int64)
    return bounds, allocate(SEGMENT + shingle, np.uint64), allocate(SEGMENT, np.uint64)


@inlined
def _release_scratch(scratch):
    bounds, hashes, lanes = scratch
    release(bounds)
    release(hashes)
    release(lanes)


@inlined
def _mix(shingles, count, mixed):
    """MurmurHash3's finaliser of each hash's high half, repeated up to a multiple of STRIDE; returns that number."""
    for i in range(count):
        value = np.uint32(shingles[i] >> HALF)
        value = np.uint32(np.uint32(value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
        value = np.uint32(np.uint32(value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
        mixed[i] = np.uint32(value ^ (value >> np.uint32(16)))
    padded = (count + STRIDE - 1) // STRIDE * STRIDE
    for i in range(count, padded):
        mixed[i] = mixed[0]
    return padded


@inlined
def _minhash(mixed, count, perms, signature):
    """Lower each value of a signature to the minimum of its permutation over mixed[:count]."""
    for row in range(signature.size):
        a, b = perms[0, row], perms[1, row]
        least = signature[row]
        for i in range(count):
            least = min(least, np.uint32(np.uint32(a * mixed[i]) + b))
        signature[row] = least


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint8), np.int64, read(np.uint32, 2)),
    *(write(np.uint32, 2), write(np.uint64), write(np.int32)),
)
def sketch(buffer, offsets, classes, shingle, perms, signatures, fingerprints, words):
    """Fill signatures, fingerprints and words of all texts of a buffer."""
    scratch = _scratch(shingle)
    shingles = allocate(SEGMENT + shingle, np.uint64)
    mixed = allocate(SEGMENT + shingle + STRIDE, np.uint32)
    state = allocate(5, np.uint64)
    for record in range(offsets.size - 1):
        start, stop = offsets[record], offsets[record + 1]
        signature = signatures[record]
        signature[:] = np.uint32(0xFFFFFFFF)
        state[:] = np.uint64(0)
        while start < stop:
            end = _segment_end(buffer, start, stop)
            ready = _next_shingles(
                buffer, classes, start, end, end == stop, shingle, scratch, shingles, state
            )
            if ready:
                _minhash(mixed, _mix(shingles, ready, mixed), perms, signature)
            start = end
        words[record] = np.int32(state[2])
        fingerprint = np.uint64(0)
        if state[2]:
            fingerprint = max(absorb(state[3], state[2]), _ONE)
        fingerprints[record] = fingerprint
    _release_scratch(scratch)
    release(shingles)
    release(mixed)
    release(state)


@kernel(
    *(read(np.uint8), read(np.int64), read(np.uint8), np.int64),
    *(write(np.uint64), write(np.int64)),
)
def all_shingles(buffer, offsets, classes, shingle, values, ends):
    """Fill values with the shingle hashes of all texts, in order and with repeats, and ends with where each ends."""
    scratch = _scratch(shingle)
    state = allocate(5, np.uint64)
    total = 0
    for record in range(offsets.size - 1):
        start, stop = offsets[record], offsets[record + 1]
        state[:] = np.uint64(0)
        while start < stop:
            end = _segment_end(buffer, start, stop)
            free = values[total:]
            total += _next_shingles(buffer, classes, start, end, end == stop, shingle, scratch, free, state)
            start = end
        ends[record] = total
    _release_scratch(scratch)
    release(state)
