"""Matches to fates: who is kept, and the witness of everybody else, whichever machine the match is on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import clusters, settle
from corpus_tool.engines.parted import rounds, stars
from corpus_tool.engines.parted.parts import home_of, joined, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

_NONE = np.zeros(0, np.int64)
EDGES = 1 << 18
"""Matches up to which one machine settles them all: more are settled where they are."""


def witnesses(
    matched: Parts, edges: int, where: Parts, bounds: NDArray[np.int64], *, apart: bool, compiled: bool
) -> Parts:
    """As `settle.witnesses`, columns `witness` and `score` for the records of each home.

    Args:
        matched: Columns `left`, `right` and `score` at the homes of right records.
        edges: How many these are.
        where: `common` columns by place.
        bounds: The first place of each home.
        apart: Whether a cluster may hold one record of each value only.
        compiled: Whether to use kernels.
    """
    if edges > EDGES:
        if apart:
            return stars.one_of_each(matched, where, bounds)
        return rounds.witnesses(matched, bounds, EDGES, compiled=compiled)
    pairs = joined(matched.values()) if edges else {}
    if not pairs:
        return where.map(partial(_fates, bounds, {}))
    places, ends = np.unique(np.stack((pairs["left"], pairs["right"]), axis=1), return_inverse=True)
    within = np.concatenate(where.map(partial(_values, bounds, places)).values()) if apart else None
    witness, score = settle.witnesses(
        len(places), ends.reshape(-1, 2), pairs["score"], within, compiled=compiled
    )
    removed = np.flatnonzero(witness >= 0)
    known = {"place": places[removed], "witness": places[witness[removed]], "score": score[removed]}
    return where.map(partial(_fates, bounds, known))


def _values(
    bounds: NDArray[np.int64], places: NDArray[np.int64], index: int, common: Columns
) -> NDArray[np.uint64]:
    first, last = np.searchsorted(places, bounds[index : index + 2])
    found: NDArray[np.uint64] = common["within"][places[first:last] - bounds[index]]
    return found


def _fates(bounds: NDArray[np.int64], known: Columns, index: int, common: Columns) -> Columns:
    count = len(common["rule"])
    witness, score = np.full(count, -1, np.int64), np.ones(count)
    if known:
        some = slice(*np.searchsorted(known["place"], bounds[index : index + 2]))
        rows = known["place"][some] - bounds[index]
        witness[rows], score[rows] = known["witness"][some], known["score"][some]
    return {"witness": witness, "score": score}


def with_copies(fates: Parts, firsts: Parts, bounds: NDArray[np.int64]) -> Parts:
    """As `settle.settle`: copies share the fate of their first."""
    asked = firsts.exchange(partial(_ask, bounds))
    told = asked.beside(fates).exchange(partial(_tell, bounds))
    return told.beside(fates).map(partial(_copied, bounds))


def _ask(bounds: NDArray[np.int64], index: int, first: NDArray[np.int64]) -> Iterator[tuple[int, Columns]]:
    places = np.arange(bounds[index], bounds[index + 1])
    copies = np.flatnonzero(first != places)
    columns = {"place": places[copies], "first": first[copies]}
    yield from split(columns, home_of(columns["first"], bounds), len(bounds) - 1)


def _tell(
    bounds: NDArray[np.int64], index: int, given: tuple[list[Columns], Columns]
) -> Iterator[tuple[int, Columns]]:
    asked, fates = joined(given[0]), given[1]
    if not asked:
        return
    witness, score = (fates[name][asked["first"] - bounds[index]] for name in ("witness", "score"))
    found = {
        "place": asked["place"],
        "witness": np.where(witness < 0, asked["first"], witness),
        "score": np.where(witness < 0, 1.0, score),
    }
    yield from split(found, home_of(found["place"], bounds), len(bounds) - 1)


def _copied(bounds: NDArray[np.int64], index: int, given: tuple[list[Columns], Columns]) -> Columns:
    received, fates = given
    for columns in received:
        rows = columns["place"] - bounds[index]
        fates["witness"][rows], fates["score"][rows] = columns["witness"], columns["score"]
    return fates


def join(matched: Parts, firsts: Parts, where: Parts, bounds: NDArray[np.int64]) -> tuple[Parts, Parts]:
    """Whole components, as `settle.join`, but for the scores.

    Args:
        matched: Columns `left`, `right` and `score` at the homes of right records.
        firsts: The first place alike each of a home's records.
        where: `common` columns by place.
        bounds: The first place of each home.

    Returns:
        Columns `witness`, `through` and `score` for the records of each home; and columns `left` and `right` of the
        pairs of a component's first record and another whose score is not known, at the homes of the first.
    """
    edges = matched.beside(firsts).map(partial(_with_copies, bounds)).keep()
    if sum(edges.map(_length).values()) > EDGES:
        labels, partners = stars.components(edges, bounds), stars.best_partners(edges, bounds)
    else:
        known = _joined_here(joined(edges.values()))
        labels, partners = (where.map(partial(_known, bounds, known, name)) for name in ("label", "partner"))
    fates = labels.beside(partners).map(partial(_joined_fates, bounds)).keep()
    return fates, fates.beside(firsts).exchange(partial(_to_score, bounds)).map(_as_pairs)


def _with_copies(bounds: NDArray[np.int64], index: int, given: tuple[Columns, NDArray[np.int64]]) -> Columns:
    matched, first = given
    places = np.arange(bounds[index], bounds[index + 1])
    copies = np.flatnonzero(first != places)
    more = {"left": first[copies], "right": places[copies], "score": np.ones(len(copies))}
    return {name: np.concatenate((matched[name], more[name])) for name in more}


def _length(_: int, edges: Columns) -> int:
    return len(edges["left"])


def _joined_here(edges: Columns) -> Columns:
    """The first place of the component, and the best partner, of all places that match any, by one machine."""
    ends = np.stack((edges["left"], edges["right"]), axis=1) if edges else np.zeros((0, 2), np.int64)
    places, where = np.unique(ends, return_inverse=True)
    pairs = where.reshape(-1, 2)
    label = clusters.components(len(places), pairs)
    partner = settle.best_partner(len(places), pairs, edges.get("score", np.zeros(0)))
    return {"place": places, "label": places[label], "partner": places[partner]}


def _known(bounds: NDArray[np.int64], known: Columns, name: str, index: int, _: Columns) -> NDArray[np.int64]:
    """What is known of a home's records: of those of which nothing is, themselves or -1."""
    every = np.arange(bounds[index], bounds[index + 1])
    found = every if name == "label" else np.full(len(every), -1)
    some = slice(*np.searchsorted(known["place"], bounds[index : index + 2]))
    found[known["place"][some] - bounds[index]] = known[name][some]
    return found


def _joined_fates(
    bounds: NDArray[np.int64], index: int, given: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Columns:
    label, partner = given
    every = np.arange(bounds[index], bounds[index + 1])
    return {"witness": np.where(label == every, -1, label), "through": partner, "score": np.ones(len(every))}


def _to_score(
    bounds: NDArray[np.int64], index: int, given: tuple[Columns, NDArray[np.int64]]
) -> Iterator[tuple[int, Columns]]:
    """Pairs whose score is not known, to the homes of their first records; copies of that one score 1."""
    fates, first = given
    some = np.flatnonzero((fates["witness"] >= 0) & (first != fates["witness"]))
    pairs = {
        "left": fates["witness"][some],
        "right": some + bounds[index],
        "kind": np.zeros(len(some), np.uint8),
    }
    yield from split(pairs, home_of(pairs["left"], bounds), len(bounds) - 1)


def _as_pairs(_: int, received: list[Columns]) -> Columns:
    none: Columns = {"left": _NONE, "right": _NONE, "kind": np.zeros(0, np.uint8)}
    return joined([none, *received])


def scored(fates: Parts, decided: Parts, bounds: NDArray[np.int64]) -> Parts:
    """Fates with the scores of decided pairs at the homes of their right records."""
    return fates.beside(decided).map(partial(_scored, bounds))


def _scored(bounds: NDArray[np.int64], index: int, given: tuple[Columns, Columns]) -> Columns:
    fates, decided = given
    fates["score"][decided["right"] - bounds[index]] = decided["score"]
    return fates


def later_versions(fates: Parts, versions: Parts, bounds: NDArray[np.int64]) -> Parts:
    """As `settle.later_versions`: int64 for the records of each home.

    Args:
        fates: Columns with `witness`.
        versions: Columns `left` and `right` of two versions of one paper, at any homes.
        bounds: The first place of each home.
    """
    for side in ("left", "right"):
        met = versions.exchange(partial(_to_end, bounds, side))
        versions = met.beside(fates).map(partial(_kept_end, bounds, side))
    return versions.exchange(partial(_to_later, bounds)).beside(fates).map(partial(_earliest, bounds))


def _to_end(bounds: NDArray[np.int64], side: str, _: int, pairs: Columns) -> Iterator[tuple[int, Columns]]:
    yield from split(pairs, home_of(pairs[side], bounds), len(bounds) - 1)


def _kept_end(
    bounds: NDArray[np.int64], side: str, index: int, given: tuple[list[Columns], Columns]
) -> Columns:
    """Pairs with the kept record in the place of one that is removed, at one side."""
    received, fates = given
    pairs = joined([{"left": _NONE, "right": _NONE}, *received])
    witness = fates["witness"][pairs[side] - bounds[index]]
    return {**pairs, side: np.where(witness < 0, pairs[side], witness)}


def _to_later(bounds: NDArray[np.int64], _: int, pairs: Columns) -> Iterator[tuple[int, Columns]]:
    earlier, later = np.sort(np.stack((pairs["left"], pairs["right"])), axis=0)
    apart = earlier != later
    columns = {"earlier": earlier[apart], "later": later[apart]}
    yield from split(columns, home_of(columns["later"], bounds), len(bounds) - 1)


def _earliest(
    bounds: NDArray[np.int64], index: int, given: tuple[list[Columns], Columns]
) -> NDArray[np.int64]:
    received, fates = given
    none = np.iinfo(np.int64).max
    found = np.full(len(fates["witness"]), none)
    for columns in received:
        np.minimum.at(found, columns["later"] - bounds[index], columns["earlier"])
    return np.where(found == none, -1, found)
