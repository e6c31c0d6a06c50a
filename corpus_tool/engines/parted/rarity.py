"""What `papers.candidates.propose` does, where keys and rare values meet: count, choose, link, pair, step by step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup.columns import OFFSETS
from corpus_tool.engines.parted.parts import home_of, joined, split, spread
from corpus_tool.papers import rare
from corpus_tool.papers.candidates import RAREST, SHARED, key_pairs
from corpus_tool.papers.columns import DETAIL, KEYS, RAGGED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

    Values = NDArray[np.uint32]

_PAIRS_AT_ONCE = 1 << 22


def by_keys(leads: Parts, bounds: NDArray[np.int64]) -> Parts:
    """Pairs of equal keys, lists of columns `left` and `right` at the homes of their right records."""
    return leads.exchange(partial(_keys, len(bounds) - 1)).exchange(partial(_key_pairs, bounds))


def _keys(count: int, _: int, leads: Columns) -> Iterator[tuple[int, tuple[str, Columns]]]:
    for name in KEYS if KEYS[0] in leads else ():
        some = np.flatnonzero(leads[name])
        columns = {"key": leads[name][some], "detail": leads[DETAIL][some], "place": leads["place"][some]}
        for at, part in split(columns, spread(columns["key"], count), count):
            yield at, (name, part)


def _key_pairs(
    bounds: NDArray[np.int64], _: int, received: list[tuple[str, Columns]]
) -> Iterator[tuple[int, Columns]]:
    for wanted in KEYS:
        met = joined(columns for name, columns in received if name == wanted)
        if met:
            pairs = np.divmod(key_pairs(met["key"], met["detail"]), len(met["key"]))
            left, right = (met["place"][side].astype(np.uint32) for side in pairs)
            yield from split({"left": left, "right": right}, home_of(right, bounds), len(bounds) - 1)


def by_rare_values(leads: Parts, bounds: NDArray[np.int64], name: str, *, compiled: bool) -> Parts:
    """Pairs that share enough of their rarest values: columns `left` and `right` at the homes of right records.

    Args:
        leads: The records, by place.
        bounds: The first place of each home.
        name: Of the ragged column.
        compiled: Whether to run the kernels; the pairs are the same.
    """
    count = len(bounds) - 1
    asked = leads.exchange(partial(_values, count, name)).exchange(partial(_frequencies, compiled))
    chosen = asked.beside(leads).exchange(partial(_choose, count, name, compiled))
    return chosen.exchange(partial(_link, bounds)).map(partial(_pair, bounds, name, compiled))


def _values(count: int, name: str, index: int, leads: Columns) -> Iterator[tuple[int, tuple[int, Values]]]:
    if name in leads:
        values = leads[name]
        for at, some in split({"value": values}, spread(values, count), count):
            yield at, (index, some["value"])


def _frequencies(
    compiled: bool, _: int, received: list[tuple[int, Values]]
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Tell each home in how many records its values stand, in the order in which it sent them."""
    if not received:
        return
    frequency = _count(np.concatenate([values for _, values in received]), compiled=compiled)
    ends = np.cumsum([len(values) for _, values in received])
    yield from zip((home for home, _ in received), np.split(frequency, ends[:-1]), strict=True)


def _count(values: Values, *, compiled: bool) -> NDArray[np.uint8]:
    """As `rare.count`."""
    if compiled:
        every = np.arange(len(values) + 1)
        with ThreadPoolExecutor(1) as threads:
            return rare.count(values, every[:-1], every[1:], threads, 1)
    _, where, many = np.unique(values, return_inverse=True, return_counts=True)
    useful = np.where((many >= 2) & (many <= rare.MOST_COMMON), many, 0)
    found: NDArray[np.uint8] = useful.astype(np.uint8)[where]
    return found


def _choose(
    count: int, name: str, compiled: bool, _: int, given: tuple[list[NDArray[np.uint8]], Columns]
) -> Iterator[tuple[int, Columns]]:
    received, leads = given
    if name not in leads:
        return
    values, offsets = leads[name], leads[name + OFFSETS]
    frequency = np.zeros(len(values), np.uint8)
    if received:
        order = np.argsort(spread(values, count), kind="stable")
        frequency[order] = np.concatenate(received)
    place, value = _chosen(values, offsets, frequency, RAREST[name], compiled=compiled)
    columns = {"value": value, "place": leads["place"][place].astype(np.uint32)}
    yield from split(columns, spread(value, count), count)


def _chosen(
    values: Values, offsets: NDArray[np.int64], frequency: NDArray[np.uint8], rarest: int, *, compiled: bool
) -> tuple[NDArray[np.int64], Values]:
    """The rarest values of each record, and whose each is, by record."""
    if compiled:
        with ThreadPoolExecutor(1) as threads:
            found, sizes = rare.choose(values, offsets[:-1], offsets[1:], frequency, rarest, threads)
        some = np.arange(rarest) < sizes[:, None]
        return np.nonzero(some)[0], found[some]
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    useful = np.flatnonzero(frequency)
    chosen = useful[np.lexsort((values[useful], frequency[useful], owner[useful]))]
    starts, lengths = rare.runs(owner[chosen])
    rank = np.arange(len(chosen)) - np.repeat(starts, lengths)
    kept = np.sort(chosen[rank < rarest])
    return owner[kept], values[kept]


def _link(bounds: NDArray[np.int64], _: int, received: list[Columns]) -> Iterator[tuple[int, Columns]]:
    """Tell each home who chose the values that its records chose, up to the last of its own.

    As homes send in order, the places of each value ascend.
    """
    met = joined(received)
    if not met:
        return
    order = np.argsort(met["value"], kind="stable")
    value, place = met["value"][order], met["place"][order]
    starts, lengths = rare.runs(value)
    first, home = np.repeat(starts, lengths), home_of(place, bounds)
    begins = np.flatnonzero(np.concatenate(([True], (home[1:] != home[:-1]) | (first[1:] != first[:-1]))))
    ends = np.append(begins[1:], len(place))
    several = ends - first[begins] > 1
    begins, ends = begins[several], ends[several]
    opens, target = first[begins], home[begins]
    for at in np.unique(target).tolist():
        mine = np.flatnonzero(target == at)
        sizes = ends[mine] - opens[mine]
        stops = np.cumsum(sizes)
        within = np.arange(int(sizes.sum())) - np.repeat(stops - sizes, sizes)
        yield (
            at,
            {"owner": place[np.repeat(opens[mine], sizes) + within], "owner_offsets": np.append(0, stops)},
        )


def _pair(
    bounds: NDArray[np.int64], name: str, compiled: bool, index: int, received: list[Columns]
) -> Columns:
    groups = joined(received)
    if not groups:
        return {"left": np.zeros(0, np.uint32), "right": np.zeros(0, np.uint32)}
    owners, offsets, own = groups["owner"], groups["owner_offsets"], bounds[index]
    pairs: tuple[NDArray[Any], NDArray[Any]]
    if compiled:
        pairs = _compiled_pairs(owners, offsets, bounds[index : index + 2], name)
    else:
        pairs = _pairs(owners, offsets, int(own), SHARED[name])
    return {"left": pairs[0].astype(np.uint32), "right": pairs[1].astype(np.uint32)}


def _pairs(
    owners: NDArray[np.uint32], offsets: NDArray[np.int64], own: int, shared: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    begins = np.repeat(offsets[:-1], np.diff(offsets))
    place, codes = np.arange(len(owners)), [np.zeros(0, np.uint64)]
    mine, wide = owners >= own, owners.astype(np.uint64)
    for step in range(1, int(np.diff(offsets).max())):
        right = np.flatnonzero(mine & (place - step >= begins))
        codes.append(wide[right - step] << np.uint64(32) | wide[right])
    found, many = np.unique(np.concatenate(codes), return_counts=True)
    found = found[many >= shared]
    return found >> np.uint64(32), found & np.uint64(0xFFFFFFFF)


def _compiled_pairs(
    owners: NDArray[np.uint32], offsets: NDArray[np.int64], bounds: NDArray[np.int64], name: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The kernel counts for records numbered from 0 on: those of other homes, which all come before, then the own."""
    foreign = owners < bounds[0]
    before, where = np.unique(owners[foreign], return_inverse=True)
    number = owners.astype(np.int64) - bounds[0] + len(before)
    number[foreign] = where
    records = len(before) + int(bounds[1] - bounds[0])
    groups, sizes = np.zeros((records, RAREST[name]), np.uint32), np.zeros(records, np.uint8)
    mine = np.flatnonzero(~foreign)
    mine = mine[np.argsort(number[mine], kind="stable")]
    starts, lengths = rare.runs(number[mine])
    rank = np.arange(len(mine)) - np.repeat(starts, lengths)
    groups[number[mine], rank] = np.repeat(offsets[:-1], np.diff(offsets))[mine]
    sizes[number[mine][starts]] = lengths
    numbered, firsts = number.astype(np.uint32), range(len(before), records, rare.RECORDS_AT_ONCE)
    codes = [rare.pair(numbered, groups, sizes, first, SHARED[name]).copy() for first in firsts]
    left, right = np.divmod(np.concatenate([np.zeros(0, np.int64), *codes]), records)
    places = np.concatenate((before.astype(np.int64), np.arange(bounds[0], bounds[1])))
    return places[left], places[right]


__all__ = ["RAGGED", "by_keys", "by_rare_values"]
