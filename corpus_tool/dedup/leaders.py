"""Which of some leaders each record shares a band with, and agrees with: a join, record by record.

It keeps nothing from one record to the next, so that records may be cut into parts anywhere, and each part be
joined where it is: all that it needs besides are the leaders' own keys and signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corpus_tool.dedup.candidates import agree
from corpus_tool.dedup.columns import release

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)


class Led(NamedTuple):
    """What a join found.

    Attributes:
        leader: int64[m], places among the leaders.
        row: int64[m], places among the rows, ascending; the leaders of one row come band by band.
        met: How many pairs share a band, be they alike or not.
    """

    leader: NDArray[np.int64]
    row: NDArray[np.int64]
    met: int

    @classmethod
    def nothing(cls) -> Led:
        """No pair."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)

    def where(self, wanted: NDArray[np.bool_]) -> Led:
        """Those pairs alone."""
        return Led(self.leader[wanted], self.row[wanted], self.met)


def led(
    keys: NDArray[np.uint32],
    agreement: NDArray[np.uint8],
    leaders: NDArray[np.int64],
    rows: NDArray[np.int64],
    least: int,
    *,
    compiled: bool,
) -> Led:
    """Pairs of a leader and a row that share a band and agree in enough of their signatures' values.

    Args:
        keys: uint32[n, bands] of all records.
        agreement: uint8[n, k], the low byte of each signature value.
        leaders: int64[l], records.
        rows: int64[r], records; one that leads is paired with itself too.
        least: Values that must agree.
        compiled: Use the kernel; it gives the same pairs.
    """
    theirs = np.ascontiguousarray(keys[leaders].T)
    order = np.argsort(theirs, axis=1, kind="stable")
    ordered = np.take_along_axis(theirs, order, axis=1)
    if compiled:
        from corpus_tool.dedup.candidate_kernels import led_codes

        codes, met = led_codes(ordered, order, np.asarray(keys), np.asarray(agreement), leaders, rows, least)
    else:
        codes = _shared(ordered, order, keys[rows])
        met = len(codes)
        codes = codes[agree(agreement, leaders[_leader(codes)], rows[_row(codes)], least)]
    release(keys)
    release(agreement)
    return Led(_leader(codes), _row(codes), met)


def _shared(
    ordered: NDArray[np.uint32], order: NDArray[np.int64], keys: NDArray[np.uint32]
) -> NDArray[np.uint64]:
    """`row << 32 | leader` of all that share a band, each once."""
    found = [np.zeros(0, np.uint64)]
    for band in range(len(order)):
        first, last = (np.searchsorted(ordered[band], keys[:, band], side) for side in ("left", "right"))
        sizes = last - first
        row = np.repeat(np.arange(len(keys)), sizes)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        leader = order[band][np.repeat(first, sizes) + nth]
        found.append(row.astype(np.uint64) << _HIGH | leader.astype(np.uint64))
    codes, first = np.unique(np.concatenate(found), return_index=True)
    return np.asarray(codes[np.lexsort((first, codes >> _HIGH))])


def _leader(codes: NDArray[np.uint64]) -> NDArray[Any]:
    return (codes & _LOW).astype(np.int64)


def _row(codes: NDArray[np.uint64]) -> NDArray[Any]:
    return (codes >> _HIGH).astype(np.int64)
