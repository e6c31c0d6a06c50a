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


@inlined
def _first_of(ordered, value):
    start, stop = 0, len(ordered)
    while start < stop:
        middle = (start + stop) >> 1
        if ordered[middle] < value:
            start = middle + 1
        else:
            stop = middle
    return start


@kernel(
    read(np.uint32, 2),
    read(np.int64, 2),
    read(np.uint32, 2),
    read(np.uint8, 2),
    read(np.int64),
    read(np.int64),
    np.int64,
    write(np.int64),
    write(np.int64),
    write(np.uint64),
)
def _led(ordered, order, keys, agreement, leaders, rows, least, met_by, state, out):
    """Fill `out` with whole rows, from where `state` says on.

    `met_by` holds the last row, counted from 1, that met each leader. `state` holds which row is next, how many
    pairs were found, and how many were looked at so far.
    """
    found, looked, at = 0, state[2], state[0]
    while at < len(rows) and found + len(leaders) <= len(out):
        row = rows[at]
        for band in range(len(order)):
            key = keys[row, band]
            nth = _first_of(ordered[band], key)
            while nth < len(leaders) and ordered[band, nth] == key:
                leader = order[band, nth]
                if met_by[leader] != at + 1:
                    met_by[leader] = at + 1
                    looked += 1
                    if _agree(agreement, leaders[leader], row, least):
                        out[found] = np.uint64(at) << _HIGH | np.uint64(leader)
                        found += 1
                nth += 1
        at += 1
    state[0], state[1], state[2] = at, found, looked


def led_codes(
    ordered: Any, order: Any, keys: Any, agreement: Any, leaders: Any, rows: Any, least: int
) -> tuple[Any, int]:
    """The codes `leaders.led` wants, row by row, and how many pairs share a band.

    Args:
        ordered: uint32[bands, l], the leaders' keys, sorted.
        order: int64[bands, l], whose key each of them is.
        keys: As `leaders.led`, and so all others.
        agreement: The same.
        leaders: The same.
        rows: The same.
        least: The same.
    """
    state, parts = np.zeros(3, np.int64), [np.zeros(0, np.uint64)]
    met_by = np.zeros(len(leaders), np.int64)
    while state[0] < len(rows):
        out = np.empty(max(_ROOM, len(leaders)), np.uint64)
        _led(ordered, order, keys, agreement, leaders, rows, least, met_by, state, out)
        parts.append(out[: state[1]])
    return np.concatenate(parts), int(state[2])


@kernel(read(np.int64), read(np.int64), read(np.float64), write(np.int64), write(np.float64))
def take_in_order(left, right, score, witness, joined):
    """As `clusters._take_in_order`."""
    for edge in range(len(left)):
        earlier, later = left[edge], right[edge]
        if witness[later] < 0 and witness[earlier] < 0:
            witness[later] = earlier
            joined[later] = score[edge]
