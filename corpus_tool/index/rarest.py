"""Which of a record's ragged values it is found by: the rarest, as far as index and batch tell.

A run over all records at once counts how many hold each value; an index sees the past only through what was posted.
So more values are posted of each record than a run would use, by what is known when it comes, and those that have
turned out common are passed over when others are looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.columns import OFFSETS, take
from corpus_tool.papers.candidates import SHARED
from corpus_tool.papers.rare import MOST_COMMON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.index.protocol import Storage

POSTED = {"shingles": 24, "title_pairs": 12}
"""How many of a kept record's values are posted."""
_OWNER, _FREQUENCY = np.uint64(40), np.uint64(32)
"""Where a record's place, and under it how common a value is, stand over the value in a number to sort by."""
_VALUE = np.uint64(0xFFFFFFFF)
_AT_ONCE = 1 << 12


class Rarest(NamedTuple):
    """Values of some records.

    Attributes:
        owners: int32, the row of a record for each value, ascending.
        values: uint32.
    """

    owners: NDArray[Any]
    values: NDArray[np.uint32]


def choose(
    storage: Storage, kind: int, name: str, columns: Columns, rows: NDArray[np.int64]
) -> tuple[Rarest, NDArray[np.int64]]:
    """The values by which the records of some rows are to be found, and int64[m, 2], rows and recs that share enough.

    Args:
        storage: The past.
        kind: Of the postings.
        name: Of the ragged column.
        columns: Of all records.
        rows: Some of them.
    """
    part = take({name: columns[name], name + OFFSETS: columns[name + OFFSETS]}, rows)
    values, offsets = part[name], part[name + OFFSETS]
    owners = np.repeat(np.arange(len(rows)), np.diff(offsets))
    known, at, here = _counted(values)
    stored = storage.frequency(kind, known)
    common = stored + here
    posted = _rarest(owners, values, common[at], POSTED[name], common[at] <= MOST_COMMON)
    asked = _rarest(owners, values, common[at], POSTED[name], (stored[at] > 0) & (stored[at] <= MOST_COMMON))
    sharing = _sharing(storage, kind, asked, SHARED[name])
    sharing[:, 0] = rows[sharing[:, 0]]
    return posted._replace(owners=rows[posted.owners].astype(np.int32)), sharing


def _counted(
    values: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct values, ascending; for each value its place among them; and how often each is there."""
    packed = np.arange(len(values), dtype=np.uint64)
    packed |= values.astype(np.uint64) << _FREQUENCY
    packed.sort()
    ordered = (packed >> _FREQUENCY).astype(np.uint32)
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    at = np.empty(len(ordered), np.int64)
    at[(packed & _VALUE).astype(np.int64)] = np.cumsum(fresh) - 1
    starts = np.flatnonzero(fresh)
    return ordered[starts], at, np.diff(np.append(starts, len(ordered)))


def _rarest(
    owners: NDArray[np.int64],
    values: NDArray[np.uint32],
    frequency: NDArray[np.int64],
    most: int,
    useful: NDArray[np.bool_],
) -> Rarest:
    """Of each owner's useful values those of the lowest frequency, ties by value."""
    packed = owners[useful].astype(np.uint64) << _OWNER
    packed |= np.minimum(frequency[useful], 255).astype(np.uint64) << _FREQUENCY
    packed |= values[useful].astype(np.uint64)
    packed.sort()
    owner = (packed >> _OWNER).astype(np.int64)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    rank = np.arange(len(owner)) - np.repeat(starts, np.diff(np.append(starts, len(owner))))
    chosen = rank < most
    return Rarest(owner[chosen], (packed[chosen] & _VALUE).astype(np.uint32))


def _sharing(storage: Storage, kind: int, asked: Rarest, shared: int) -> NDArray[np.int64]:
    """Owners and recs that share enough values."""
    codes = distinct(asked.values)
    which, recs = storage.find(kind, codes)
    order = np.argsort(which, kind="stable")
    ends = np.searchsorted(which[order], np.arange(len(codes) + 1))
    recs = recs[order]
    at, found = np.searchsorted(codes, asked.values), [np.zeros(0, np.int64)]
    last = int(asked.owners[-1]) + 1 if len(asked.owners) else 0
    for first in range(0, last, _AT_ONCE):
        low, high = np.searchsorted(asked.owners, (first, first + _AT_ONCE))
        begin, sizes = ends[at[low:high]], ends[at[low:high] + 1] - ends[at[low:high]]
        held = np.repeat(begin - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
        pairs = np.sort(np.repeat(asked.owners[low:high], sizes) << 32 | recs[held])
        often = pairs[shared - 1 :][pairs[shared - 1 :] == pairs[: len(pairs) - shared + 1]]
        found.append(distinct(often))
    pairs = np.concatenate(found)
    return np.stack((pairs >> 32, pairs & 0xFFFFFFFF), axis=1)
