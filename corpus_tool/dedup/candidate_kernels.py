"""The compiled twins of what `candidates` and `clusters` do element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.dedup.candidates import Reach

_ROOM = 1 << 20
_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)


@inlined
def _agree(agreement, left, right, least):
    equal = 0
    for value in range(agreement.shape[1]):
        equal += agreement[left, value] == agreement[right, value]
    return equal >= least


@inlined
def _bucket_end(packed, start):
    end = start + 1
    while end < len(packed) and packed[end] >> _HIGH == packed[start] >> _HIGH:
        end += 1
    return end


@kernel(
    read(np.uint64),
    read(np.uint8, 2),
    read(np.int64),
    np.int64,
    np.int64,
    np.int64,
    write(np.int64),
    write(np.uint64),
    write(np.bool_),
)
def _search(packed, agreement, rows, least, limit, partners, state, out, crowded):
    """Fill `out` with pairs, from where `state` says on.

    `state` holds where the current bucket starts, which member is next, which of its partners, and how many pairs
    were found.
    """
    found = 0
    start, at, step = state[0], state[1], state[2]
    while start < len(packed):
        end = _bucket_end(packed, start)
        small = end - start <= limit
        if not small and at == start:
            for member in range(start, end):
                crowded[np.int64(packed[member] & _LOW)] = True
        while at < end:
            right = packed[at] & _LOW
            nearest = start if small else max(start, at - partners)
            firsts = 0 if small else min(partners, nearest - start)
            while step < firsts + at - nearest:
                if found == len(out):
                    state[0], state[1], state[2], state[3] = start, at, step, found
                    return
                left = packed[start + step if step < firsts else nearest + step - firsts] & _LOW
                if _agree(agreement, rows[np.int64(left)], rows[np.int64(right)], least):
                    out[found] = left << _HIGH | right
                    found += 1
                step += 1
            at, step = at + 1, 0
        start = end
    state[0], state[1], state[2], state[3] = start, at, step, found


def bucket_pairs(
    packed: Any, agreement: Any, rows: Any, least: int, reach: Reach, crowded: Any
) -> Iterator[Any]:
    """As `candidates._bucket_pairs`."""
    state = np.zeros(4, np.int64)
    while state[0] < len(packed):
        out = np.empty(_ROOM, np.uint64)
        _search(packed, agreement, rows, least, reach.limit, reach.partners, state, out, crowded)
        yield out[: state[3]]


@kernel(read(np.int64), read(np.int64), read(np.float64), write(np.int64), write(np.float64))
def take_in_order(left, right, score, witness, joined):
    """As `clusters._take_in_order`."""
    for edge in range(len(left)):
        earlier, later = left[edge], right[edge]
        if witness[later] < 0 and witness[earlier] < 0:
            witness[later] = earlier
            joined[later] = score[edge]
