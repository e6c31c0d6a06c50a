"""Connected components of matches that stand on many machines, and what is settled component by component.

Edges become stars whose centre is the first place of each component: every place hands its later neighbours to the
earliest (large star), then its earlier ones (small star), in turns, until nothing changes (Kiveris, Lattanzi, Mirrokni,
Rastogi, Vassilvitskii, "Connected components in MapReduce and beyond", 2014).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import clusters
from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.parted.parts import home_of, joined, split, spread
from corpus_tool.papers.rare import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

_MIX = np.uint64(0xD6E8FEB86659FD93)
_HIGH = np.uint64(32)


def components(edges: Parts, bounds: NDArray[np.int64]) -> Parts:
    """The first place of the component of each record of each home, int64.

    Args:
        edges: Columns `left` and `right`, at any homes.
        bounds: The first place of each home.
    """
    found = edges.map(_codes).keep()
    mark = None
    while True:
        large = found.exchange(partial(_both_ways, bounds)).map(_large_star)
        found = large.exchange(partial(_to_later, bounds)).map(_small_star).keep()
        now = np.sum([np.array(each, np.uint64) for each in found.map(_mark).values()], axis=0).tolist()
        if now == mark:
            return found.exchange(partial(_to_later, bounds)).map(partial(_labels, bounds))
        mark = now


def _codes(_: int, edges: Columns) -> NDArray[np.uint64]:
    """Edges as numbers, the later end first."""
    return distinct(edges["right"].astype(np.uint64) << _HIGH | edges["left"].astype(np.uint64))


def _ends(codes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return (codes >> _HIGH).astype(np.int64), (codes & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _coded(later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.uint64]:
    return distinct(later.astype(np.uint64) << _HIGH | earlier.astype(np.uint64))


def _both_ways(bounds: NDArray[np.int64], _: int, codes: NDArray[np.uint64]) -> Iterator[tuple[int, Columns]]:
    later, earlier = _ends(codes)
    both = {"place": np.concatenate((later, earlier)), "other": np.concatenate((earlier, later))}
    yield from split(both, home_of(both["place"], bounds), len(bounds) - 1)


def _to_later(bounds: NDArray[np.int64], _: int, codes: NDArray[np.uint64]) -> Iterator[tuple[int, Columns]]:
    later, earlier = _ends(codes)
    columns = {"place": later, "other": earlier}
    yield from split(columns, home_of(later, bounds), len(bounds) - 1)


def _earliest(received: list[Columns]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Places and neighbours that met, by place, and the earliest among both of each place."""
    met = joined(received)
    if not met:
        none = np.zeros(0, np.int64)
        return none, none, none
    order = np.lexsort((met["other"], met["place"]))
    place, other = met["place"][order], met["other"][order]
    starts, lengths = runs(place)
    return place, other, np.repeat(np.minimum(other[starts], place[starts]), lengths)


def _large_star(_: int, received: list[Columns]) -> NDArray[np.uint64]:
    place, other, earliest = _earliest(received)
    later = other > place
    return _coded(other[later], earliest[later])


def _small_star(_: int, received: list[Columns]) -> NDArray[np.uint64]:
    place, other, earliest = _earliest(received)
    ends, centres = np.concatenate((other, place)), np.concatenate((earliest, earliest))
    apart = ends != centres
    return _coded(ends[apart], centres[apart])


def _mark(_: int, codes: NDArray[np.uint64]) -> tuple[int, int]:
    """What tells one set of edges from another, whatever home each is at."""
    mixed = codes * _MIX
    return len(codes), int((mixed ^ mixed >> _HIGH).sum(dtype=np.uint64))


def _labels(bounds: NDArray[np.int64], index: int, received: list[Columns]) -> NDArray[np.int64]:
    found = np.arange(bounds[index], bounds[index + 1])
    for columns in received:
        found[columns["place"] - bounds[index]] = columns["other"]
    return found


def one_of_each(matched: Parts, where: Parts, bounds: NDArray[np.int64]) -> Parts:
    """As `clusters.one_of_each`, component by component: columns `witness` and `score` for the records of each home.

    Args:
        matched: Columns `left`, `right` and `score` at the homes of right records.
        where: `common` columns by place.
        bounds: The first place of each home.
    """
    labels = components(matched, bounds)
    valued = with_values(matched, where.beside(labels).map(_values), bounds)
    return (
        valued.exchange(partial(_to_component, bounds))
        .exchange(partial(_settled, bounds))
        .map(partial(_fates, bounds))
    )


def with_values(matched: Parts, known: Parts, bounds: NDArray[np.int64]) -> Parts:
    """Matches at the homes of left records, with what is known of both ends: `left_value`, `right_value` and `label`.

    Args:
        matched: Columns at the homes of right records.
        known: Columns `within` and `label` of the records of each home.
        bounds: The first place of each home.
    """
    right = matched.beside(known).exchange(partial(_with_right, bounds))
    return right.beside(known).map(partial(_with_left, bounds))


def _values(_: int, given: tuple[Columns, NDArray[np.int64]]) -> Columns:
    common, label = given
    return {"within": common["within"], "label": label}


def _with_right(
    bounds: NDArray[np.int64], index: int, given: tuple[Columns, Columns]
) -> Iterator[tuple[int, Columns]]:
    matched, known = given
    columns = {**matched, "right_value": known["within"][matched["right"] - bounds[index]]}
    yield from split(columns, home_of(columns["left"], bounds), len(bounds) - 1)


def _with_left(bounds: NDArray[np.int64], index: int, given: tuple[list[Columns], Columns]) -> Columns:
    matched, known = joined(given[0]), given[1]
    if not matched:
        return {}
    rows = matched["left"] - bounds[index]
    return {**matched, "left_value": known["within"][rows], "label": known["label"][rows]}


def _to_component(bounds: NDArray[np.int64], _: int, matched: Columns) -> Iterator[tuple[int, Columns]]:
    """Each edge to where its component is settled."""
    if matched:
        yield from split(matched, spread(matched["label"], len(bounds) - 1), len(bounds) - 1)


def _settled(bounds: NDArray[np.int64], _: int, received: list[Columns]) -> Iterator[tuple[int, Columns]]:
    met = joined(received)
    if not met:
        return
    ends = np.concatenate((met["left"], met["right"]))
    values = np.concatenate((met["left_value"], met["right_value"]))
    places, at, where = np.unique(ends, return_index=True, return_inverse=True)
    pairs = np.stack(np.split(where, 2), axis=1)
    witness, score = clusters.one_of_each(len(places), pairs, met["score"], values[at])
    removed = np.flatnonzero(witness >= 0)
    found = {"place": places[removed], "witness": places[witness[removed]], "score": score[removed]}
    yield from split(found, home_of(found["place"], bounds), len(bounds) - 1)


def _fates(bounds: NDArray[np.int64], index: int, received: list[Columns]) -> Columns:
    count = int(bounds[index + 1] - bounds[index])
    witness, score = np.full(count, -1, np.int64), np.ones(count)
    for columns in received:
        rows = columns["place"] - bounds[index]
        witness[rows], score[rows] = columns["witness"], columns["score"]
    return {"witness": witness, "score": score}


def best_partners(edges: Parts, bounds: NDArray[np.int64]) -> Parts:
    """The partner that each record of each home matches best, as `settle.best_partner`, int64."""
    return edges.exchange(partial(_scored_both_ways, bounds)).map(partial(_best, bounds))


def _scored_both_ways(bounds: NDArray[np.int64], _: int, edges: Columns) -> Iterator[tuple[int, Columns]]:
    ends = edges["left"], edges["right"]
    both = {
        "place": np.concatenate(ends),
        "other": np.concatenate(ends[::-1]),
        "score": np.concatenate((edges["score"], edges["score"])),
    }
    yield from split(both, home_of(both["place"], bounds), len(bounds) - 1)


def _best(bounds: NDArray[np.int64], index: int, received: list[Columns]) -> NDArray[np.int64]:
    found, met = np.full(int(bounds[index + 1] - bounds[index]), -1, np.int64), joined(received)
    if met:
        order = np.lexsort((met["other"], -met["score"], met["place"]))
        place, at = np.unique(met["place"][order], return_index=True)
        found[place - bounds[index]] = met["other"][order][at]
    return found
