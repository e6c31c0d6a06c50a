"""`text.normalise` over a buffer of UTF-8, for the characters where it needs no context: compiled."""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write

BLOCK = 32
"""Bytes that are copied at once where all of them are ASCII."""
COPIED_BYTES = 8
"""Bytes of a replacement that are copied at once; the last replacement is followed by as many."""


@inlined
def _character(buffer, position):
    """The code point of the valid UTF-8 sequence at a byte beyond ASCII, and its number of bytes."""
    lead = np.int64(buffer[position])
    second = np.int64(buffer[position + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = np.int64(buffer[position + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0xF) << 12 | second << 6 | third, 3
    return (lead & 7) << 18 | second << 12 | third << 6 | np.int64(buffer[position + 3]) & 0x3F, 4


@inlined
def _copy_ascii(buffer, position, output, end):
    """Copy a block; returns whether it was all ASCII, for otherwise the copy is of no use."""
    every = np.uint8(0)
    for i in range(BLOCK):
        every |= buffer[position + i]
        output[end + i] = buffer[position + i]
    return every < 0x80


@inlined
def _fold_character(buffer, position, actions, replacements, output, end):
    """Append what becomes of one character; returns the number of its bytes and the new end, -1 if undecided.

    Copies have a fixed size, beyond which a later one writes: a loop over two or three bytes would cost far more.
    """
    code, size = _character(buffer, position)
    action = np.int64(actions[code])
    if action < 0:
        return size, np.int64(-1)
    if action == 0:
        for i in range(4):
            output[end + i] = buffer[position + i]
        return size, end + size
    length = np.int64(replacements[action])
    for i in range(COPIED_BYTES):
        output[end + i] = replacements[action + 1 + i]
    for i in range(COPIED_BYTES, length):
        output[end + i] = replacements[action + 1 + i]
    return size, end + length


@inlined
def _fold_text(buffer, position, stop, actions, replacements, output, end):
    """Append one text to the output; returns its new end, or -1 where a character needs its context."""
    while position < stop:
        if position + BLOCK <= stop and _copy_ascii(buffer, position, output, end):
            position += BLOCK
            end += BLOCK
            continue
        block_end = min(position + BLOCK, stop)
        while position < block_end:
            if buffer[position] < 0x80:
                output[end] = buffer[position]
                position += 1
                end += 1
                continue
            size, end = _fold_character(buffer, position, actions, replacements, output, end)
            if end < 0:
                return end
            position += size
    return end


@kernel(
    *(read(np.uint8), read(np.int64), read(np.int32), read(np.uint8)),
    *(write(np.uint8), write(np.int64), write(np.bool_)),
)
def fold(buffer, offsets, actions, replacements, output, ends, left_over):
    """Fill the output with all texts normalised, and ends with where each ends; those left over are empty there."""
    end = np.int64(0)
    for record in range(offsets.size - 1):
        start, stop = offsets[record], offsets[record + 1]
        folded = _fold_text(buffer, start, stop, actions, replacements, output, end)
        left_over[record] = folded < 0
        if folded >= 0:
            end = folded
        ends[record] = end
