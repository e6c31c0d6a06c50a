"""Matches to fates: who is kept, and the witness of everybody else, whichever machine the match is on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup import clusters, settle
from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.parted.parts import home_of, joined, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

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

    Returns:
        Columns `witness` for the records of each home; columns `left` and `right` of the pairs of a component's first
        record and another whose score is not known, at the homes of the first; and `through`.
    """
    pairs: Columns = joined(matched.values())
    copies: Columns = joined(firsts.map(partial(_copies, bounds)).values())
    edges = np.stack((pairs.get("left", _NONE), pairs.get("right", _NONE)), axis=1)
    scores = np.concatenate((pairs.get("score", np.zeros(0)), np.ones(len(copies.get("place", _NONE)))))
    more = np.stack((copies.get("first", _NONE), copies.get("place", _NONE)), axis=1)
    edges = np.concatenate((edges, more))
    places, ends = np.unique(edges, return_inverse=True)
    ends = ends.reshape(-1, 2)
    label = clusters.components(len(places), ends)
    through = settle.best_partner(len(places), ends, scores)
    first = np.arange(len(places))
    first[np.searchsorted(places, more[:, 1])] = np.searchsorted(places, more[:, 0])
    known: Columns = {
        "place": places,
        "witness": np.where(label == np.arange(len(places)), -1, places[label]),
        "through": places[through],
        "scored": first != label,
    }
    return where.map(partial(_fates_joined, bounds, known)), where.map(partial(_to_score, bounds, known))


_NONE = np.zeros(0, np.int64)


def _copies(bounds: NDArray[np.int64], index: int, first: NDArray[np.int64]) -> Columns:
    places = np.arange(bounds[index], bounds[index + 1])
    copies = np.flatnonzero(first != places)
    return {"place": places[copies], "first": first[copies]}


def _fates_joined(bounds: NDArray[np.int64], known: Columns, index: int, common: Columns) -> Columns:
    count = len(common["rule"])
    witness, through = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    some = slice(*np.searchsorted(known["place"], bounds[index : index + 2]))
    rows = known["place"][some] - bounds[index]
    witness[rows], through[rows] = known["witness"][some], known["through"][some]
    return {"witness": witness, "through": through, "score": np.ones(count)}


def _to_score(bounds: NDArray[np.int64], known: Columns, index: int, _: Columns) -> Columns:
    """The pairs at the homes of their first records."""
    witness = known["witness"]
    mine = (witness >= bounds[index]) & (witness < bounds[index + 1]) & known["scored"]
    left, right = witness[mine], known["place"][mine]
    return {"left": left, "right": right, "kind": np.zeros(len(left), np.uint8)}


def scored(fates: Parts, decided: Parts, bounds: NDArray[np.int64]) -> Parts:
    """Fates with the scores of decided pairs at the homes of their right records."""
    return fates.beside(decided).map(partial(_scored, bounds))


def _scored(bounds: NDArray[np.int64], index: int, given: tuple[Columns, Columns]) -> Columns:
    fates, decided = given
    fates["score"][decided["right"] - bounds[index]] = decided["score"]
    return fates


def later_versions(fates: Parts, versions: Parts, bounds: NDArray[np.int64]) -> Parts:
    """As `settle.later_versions`: int64 for the records of each home."""
    pairs: Columns = joined(versions.values())
    if not pairs:
        return fates.map(_no_version)
    places = distinct(np.concatenate((pairs["left"], pairs["right"])))
    witness = np.concatenate(fates.map(partial(_witnesses, bounds, places)).values())
    every = distinct(np.concatenate((places, witness[witness >= 0])))
    whose = np.full(len(every), -1, np.int64)
    at = np.searchsorted(every, places)
    whose[at[witness >= 0]] = np.searchsorted(every, witness[witness >= 0])
    ends = np.stack([np.searchsorted(every, pairs[side]) for side in ("left", "right")], axis=1)
    found = settle.later_versions(whose, ends)
    known = {"place": every[found >= 0], "other": every[found[found >= 0]]}
    return fates.map(partial(_versions, bounds, known))


def _no_version(_: int, fates: Columns) -> NDArray[np.int64]:
    return np.full(len(fates["witness"]), -1, np.int64)


def _witnesses(
    bounds: NDArray[np.int64], places: NDArray[np.int64], index: int, fates: Columns
) -> NDArray[Any]:
    first, last = np.searchsorted(places, bounds[index : index + 2])
    found: NDArray[np.int64] = fates["witness"][places[first:last] - bounds[index]]
    return found


def _versions(bounds: NDArray[np.int64], known: Columns, index: int, fates: Columns) -> NDArray[np.int64]:
    found = np.full(len(fates["witness"]), -1, np.int64)
    some = slice(*np.searchsorted(known["place"], bounds[index : index + 2]))
    found[known["place"][some] - bounds[index]] = known["other"][some]
    return found
