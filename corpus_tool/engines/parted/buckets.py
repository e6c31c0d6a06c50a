"""Buckets of records that share a band's key: they meet by band and key, and are paired as on one machine."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import bucket_pairs, distinct
from corpus_tool.engines.parted.parts import home_of, split, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.candidates import Reach
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

    Entries = tuple[Columns, NDArray[np.int64]]

BY_BANDS, BY_WORDS = 1, 2
"""How a pair was proposed."""
_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)


def entries(leads: Parts, bounds: NDArray[np.int64]) -> Parts:
    """The members of buckets, where those of each bucket meet."""
    return leads.exchange(partial(_entries, len(bounds) - 1))


def _entries(count: int, _: int, leads: Columns) -> Iterator[tuple[int, Entries]]:
    """Keys and places band by band, and how many of each band are sent."""
    if "bands" not in leads or not len(leads["place"]):
        return
    keys, places = leads["bands"].T, leads["place"].astype(np.uint32)
    bands = len(keys)
    band = np.repeat(np.arange(bands, dtype=np.uint64), len(places))
    flat = np.ascontiguousarray(keys).reshape(-1)
    target = spread(flat ^ band << _HIGH, count)
    sizes = np.bincount(target * np.int64(bands) + band.astype(np.int64), minlength=count * bands)
    columns = {"key": flat, "place": np.tile(places, bands)}
    for at, some in split(columns, target, count):
        yield at, (some, sizes[at * bands : (at + 1) * bands])


def _by_band(received: list[Entries]) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32]]]:
    """For each band its buckets, packed and sorted, and the places they count, which ascend: homes send in order."""
    if not received:
        return
    ends = [np.concatenate(([0], np.cumsum(sizes))) for _, sizes in received]
    for band in range(len(received[0][1])):
        some = [slice(end[band], end[band + 1]) for end in ends]
        pairs = list(zip(received, some, strict=True))
        keys = np.concatenate([columns["key"][part] for (columns, _), part in pairs])
        places = np.concatenate([columns["place"][part] for (columns, _), part in pairs])
        packed = keys.astype(np.uint64) << _HIGH | np.arange(len(keys), dtype=np.uint64)
        packed.sort()
        yield packed, places


def pairs(met: Parts, bounds: NDArray[np.int64], reach: Reach, *, compiled: bool) -> Parts:
    """The pairs of all buckets at the homes of their right records, and at those of their own who is in large ones.

    Returns:
        Lists of columns `left` and `right`, uint32 places, and of arrays of such places.
    """
    return met.exchange(partial(_pairs, bounds, reach, compiled))


def _pairs(
    bounds: NDArray[np.int64], reach: Reach, compiled: bool, _: int, received: list[Entries]
) -> Iterator[tuple[int, Columns | NDArray[np.uint32]]]:
    count, found, crowd = len(bounds) - 1, [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
    for packed, places in _by_band(received):
        crowded, every = np.zeros(len(places), np.bool_), np.arange(len(places))
        nothing = np.zeros((len(places), 0), np.uint8)  # what agrees is known only where the records are
        for codes in bucket_pairs(packed, nothing, every, 0, reach, crowded, compiled=compiled):
            left, right = places[codes >> _HIGH].astype(np.uint64), places[codes & _LOW]
            found.append(distinct(left << _HIGH | right))
        crowd.append(places[crowded])
    codes = distinct(np.concatenate(found))
    columns = {"left": (codes >> _HIGH).astype(np.uint32), "right": (codes & _LOW).astype(np.uint32)}
    yield from split(columns, home_of(columns["right"], bounds), count)
    places = distinct(np.concatenate(crowd))
    for at, some in split({"place": places}, home_of(places, bounds), count):
        yield at, some["place"]
