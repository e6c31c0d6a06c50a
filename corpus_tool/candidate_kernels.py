"""The compiled twins of what `candidates` and `clusters` do element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from corpus_tool.candidates import Reach

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)


@njit(nogil=True, cache=True)
def _agree(agreement: Any, left: int, right: int, least: int) -> bool:
    equal = 0
    for value in range(agreement.shape[1]):
        equal += agreement[left, value] == agreement[right, value]
    return equal >= least


@njit(nogil=True, cache=True)
def _bucket_pairs(
    packed: Any, agreement: Any, rows: Any, least: int, limit: int, partners: int, out: Any, large: Any
) -> tuple[int, int]:
    """Fill `out` and `large`; counts past their lengths say how long they must be."""
    found, members = 0, 0
    start, count = 0, len(packed)
    while start < count:
        end = start + 1
        while end < count and packed[end] >> _HIGH == packed[start] >> _HIGH:
            end += 1
        size = end - start
        if size > limit:
            for at in range(start, end):
                if members < len(large):
                    large[members] = np.int64(packed[at] & _LOW)
                members += 1
        for at in range(start + 1, end):
            right = packed[at] & _LOW
            nearest = start if size <= limit else max(start, at - partners)
            firsts = 0 if size <= limit else min(partners, nearest - start)
            for step in range(firsts + at - nearest):
                left = packed[start + step if step < firsts else nearest + step - firsts] & _LOW
                if _agree(agreement, rows[left], rows[right], least):
                    if found < len(out):
                        out[found] = left << _HIGH | right
                    found += 1
        start = end
    return found, members


def bucket_pairs(packed: Any, agreement: Any, rows: Any, least: int, reach: Reach) -> tuple[Any, Any]:
    """As `candidates._bucket_pairs`: coded pairs of one band, and the members of large buckets."""
    room, places = 1 << 16, 1 << 10
    while True:
        out, large = np.empty(room, np.uint64), np.empty(places, np.int64)
        found, members = _bucket_pairs(
            packed, agreement, rows, least, reach.limit, reach.partners, out, large
        )
        if found <= room and members <= places:
            return np.unique(out[:found]), np.sort(large[:members])
        room, places = max(room, found), max(places, members)


@njit(nogil=True, cache=True)
def take_in_order(left: Any, right: Any, score: Any, witness: Any, joined: Any) -> None:
    """As `clusters._take_in_order`."""
    for edge in range(len(left)):
        earlier, later = left[edge], right[edge]
        if witness[later] < 0 and witness[earlier] < 0:
            witness[later] = earlier
            joined[later] = score[edge]
