"""The greedy choice of who is kept, in rounds: exactly what taking records one after another gives.

A record is decided as soon as all that come before it and match it are, or one of these is kept (Blelloch, Fineman,
Shun, "Greedy sequential maximal independent set and matching are parallel on average", 2012). In a round each home
decides what it can in the order of its records, and tells those homes that wait for one of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import clusters
from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.parted.parts import home_of, joined, split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts

UNDECIDED, KEPT, REMOVED = 0, 1, 2


def witnesses(matched: Parts, bounds: NDArray[np.int64], most: int, *, compiled: bool) -> Parts:
    """As `clusters.witnesses`, columns `witness` and `score` for the records of each home.

    Args:
        matched: Columns `left`, `right` and `score` at the homes of right records.
        bounds: The first place of each home.
        most: Matches between undecided records up to which one machine decides the rest.
        compiled: Whether to use kernels there.
    """
    asked = matched.exchange(partial(_wait, bounds))
    state = matched.beside(asked).map(partial(_begin, bounds)).keep()
    while sum(state.map(_pending).values()) > most:
        state = state.beside(state.exchange(partial(_tell, bounds))).map(partial(_decide, bounds)).keep()
    state = state.beside(state.exchange(partial(_tell, bounds))).map(_hear).keep()
    return state.map(partial(_fates, bounds, _decide_here(state, compiled=compiled)))


def _wait(
    bounds: NDArray[np.int64], index: int, matched: Columns
) -> Iterator[tuple[int, tuple[int, Columns]]]:
    """Ask the homes of earlier records to tell what becomes of them."""
    lefts = distinct(matched["left"])
    lefts = lefts[lefts < bounds[index]]
    for at, some in split({"place": lefts}, home_of(lefts, bounds), len(bounds) - 1):
        yield at, (index, some)


def _begin(
    bounds: NDArray[np.int64], index: int, given: tuple[Columns, list[tuple[int, Columns]]]
) -> Columns:
    """The state of a home.

    `left`, `right` and `score` are its matches in the order of their places, by where these stand in `place`, beside
    `status`; `waits` and `waited` the homes that wait, and for which record; `fresh` what the last round decided.
    """
    matched, asked = given
    order = np.lexsort((matched["left"], matched["right"]))
    left, right = matched["left"][order], matched["right"][order]
    none = [np.zeros(0, np.int64)]
    waited = np.concatenate([*none, *(some["place"] for _, some in asked)])
    waits = np.concatenate([*none, *(np.full(len(some["place"]), home) for home, some in asked)])
    place = distinct(np.concatenate((left, right, waited)))
    state: Columns = {
        "left": np.searchsorted(place, left),
        "right": np.searchsorted(place, right),
        "score": matched["score"][order],
        "place": place,
        "status": np.zeros(len(place), np.uint8),
        "waits": waits,
        "waited": np.searchsorted(place, waited),
    }
    return _decided(state, bounds[index])


def _decided(state: Columns, first: np.int64) -> Columns:
    """Decide what can be; a record of the home that matches nothing before it is kept."""
    status, before = state["status"], state["status"].copy()
    own = np.flatnonzero(state["place"] >= first)
    alone = np.setdiff1d(own, state["right"], assume_unique=False)
    status[alone] = KEPT
    open_edges = np.flatnonzero(status[state["right"]] == UNDECIDED)
    known, now = status.tolist(), -1
    waiting = kept_before = False
    for left, right in zip(
        state["left"][open_edges].tolist(), state["right"][open_edges].tolist(), strict=True
    ):
        if right != now:
            _settle(known, now, waiting=waiting, kept_before=kept_before)
            now, waiting, kept_before = right, False, False
        kept_before = kept_before or known[left] == KEPT
        waiting = waiting or known[left] == UNDECIDED
    _settle(known, now, waiting=waiting, kept_before=kept_before)
    status = np.array(known, np.uint8)
    fresh = own[(status[own] != UNDECIDED) & (before[own] == UNDECIDED)]
    return {**state, "status": status, "fresh": fresh}


def _settle(known: list[int], record: int, *, waiting: bool, kept_before: bool) -> None:
    if record >= 0 and kept_before:
        known[record] = REMOVED
    elif record >= 0 and not waiting:
        known[record] = KEPT


def _pending(_: int, state: Columns) -> int:
    status = state["status"]
    return int(((status[state["left"]] == UNDECIDED) & (status[state["right"]] == UNDECIDED)).sum())


def _tell(bounds: NDArray[np.int64], _: int, state: Columns) -> Iterator[tuple[int, Columns]]:
    some = np.flatnonzero(np.isin(state["waited"], state["fresh"]))
    at = state["waited"][some]
    told = {"place": state["place"][at], "status": state["status"][at]}
    yield from split(told, state["waits"][some], len(bounds) - 1)


def _decide(bounds: NDArray[np.int64], index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    return _decided(_hear(index, given), bounds[index])


def _hear(_: int, given: tuple[Columns, list[Columns]]) -> Columns:
    state, received = given
    for told in received:
        state["status"][np.searchsorted(state["place"], told["place"])] = told["status"]
    return state


def _decide_here(state: Parts, *, compiled: bool) -> Columns:
    """The fate of the records that are undecided yet, by one machine; what matches none of these is kept."""
    pairs = joined(state.map(_undecided).values())
    if not pairs:
        return {}
    places, ends = np.unique(np.stack((pairs["left"], pairs["right"]), axis=1), return_inverse=True)
    witness, _ = clusters.witnesses(len(places), ends.reshape(-1, 2), pairs["score"], compiled=compiled)
    return {"place": places, "status": np.where(witness < 0, KEPT, REMOVED).astype(np.uint8)}


def _undecided(_: int, state: Columns) -> Columns:
    """The matches of undecided records with any before them that is not removed."""
    status = state["status"]
    some = np.flatnonzero((status[state["left"]] != REMOVED) & (status[state["right"]] == UNDECIDED))
    ends = {name: state["place"][state[name][some]] for name in ("left", "right")}
    return {**ends, "score": state["score"][some]}


def _fates(bounds: NDArray[np.int64], known: Columns, index: int, state: Columns) -> Columns:
    """The kept record that each removed one matches best, the earliest of equals."""
    first, count = int(bounds[index]), int(bounds[index + 1] - bounds[index])
    witness, joined_by = np.full(count, -1, np.int64), np.ones(count)
    status = state["status"]
    if known:
        _, here, there = np.intersect1d(state["place"], known["place"], return_indices=True)
        status[here] = known["status"][there]
    status[status == UNDECIDED] = KEPT
    some = np.flatnonzero((status[state["left"]] == KEPT) & (status[state["right"]] == REMOVED))
    left, right, score = (state[name][some] for name in ("left", "right", "score"))
    order = np.lexsort((left, -score, right))
    removed, at = np.unique(right[order], return_index=True)
    rows = state["place"][removed] - first
    witness[rows], joined_by[rows] = state["place"][left[order][at]], score[order][at]
    return {"witness": witness, "score": joined_by}
