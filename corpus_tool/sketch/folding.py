"""`text.normalise` over a buffer of UTF-8, for the characters where it needs no context: compiled."""

from __future__ import annotations

import numpy as np
from numba import njit, types

from corpus_tool.sketch.jit import kernel, read, write

BLOCK = 32
"""Bytes that are copied at once where all of them are ASCII."""


@njit
def _character(buffer, position):  # type: ignore[no-untyped-def]
    """The code point of the valid UTF-8 sequence at a byte beyond ASCII, and its number of bytes."""
    lead = np.int64(buffer[position])
    second = np.int64(buffer[position + 1]) & 0x3F
    if lead < 0xE0:
        return (lead & 0x1F) << 6 | second, 2
    third = np.int64(buffer[position + 2]) & 0x3F
    if lead < 0xF0:
        return (lead & 0xF) << 12 | second << 6 | third, 3
    return (lead & 7) << 18 | second << 12 | third << 6 | np.int64(buffer[position + 3]) & 0x3F, 4


@njit
def _copy_ascii(buffer, position, stop, output, end):  # type: ignore[no-untyped-def]
    """Copy up to the next character beyond ASCII; returns the number of bytes."""
    start = position
    while position + BLOCK <= stop:
        every = np.uint8(0)
        for i in range(BLOCK):
            every |= buffer[position + i]
        if every >= 0x80:
            break
        for i in range(BLOCK):
            output[end + i] = buffer[position + i]
        position += BLOCK
        end += BLOCK
    while position < stop and buffer[position] < 0x80:
        output[end] = buffer[position]
        position += 1
        end += 1
    return position - start


@njit
def _fold_text(buffer, position, stop, actions, replacements, output, end):  # type: ignore[no-untyped-def]
    """Append one text to the output; returns its new end, or -1 where a character needs its context."""
    while position < stop:
        copied = _copy_ascii(buffer, position, stop, output, end)
        position += copied
        end += copied
        while position < stop and buffer[position] >= 0x80:
            code, size = _character(buffer, position)
            action = np.int64(actions[code])
            if action < 0:
                return -1
            if action:
                for i in range(np.int64(replacements[action])):
                    output[end + i] = replacements[action + 1 + i]
                end += np.int64(replacements[action])
            else:
                for i in range(size):
                    output[end + i] = buffer[position + i]
                end += size
            position += size
    return end


@kernel(
    *(read(types.uint8), read(types.int64), read(types.int32), read(types.uint8)),
    *(write(types.uint8), write(types.int64), write(types.boolean)),
)
def fold(buffer, offsets, actions, replacements, output, ends, left_over):  # type: ignore[no-untyped-def]
    """Fill the output with all texts normalised, and ends with where each ends; those left over are empty there."""
    end = np.int64(0)
    for record in range(offsets.size - 1):
        start, stop = offsets[record], offsets[record + 1]
        folded = _fold_text(buffer, start, stop, actions, replacements, output, end)
        left_over[record] = folded < 0
        if folded >= 0:
            end = folded
        ends[record] = end
