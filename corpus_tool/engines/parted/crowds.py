"""Records that the first search left in large buckets, which one task searches again.

Who is compared with whom there depends on who stays so far, so that the very search of one machine goes on with them:
over their columns, the matches known of them and of whatever these lead to, and their texts, read as they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.columns import take
from corpus_tool.dedup.search import Search
from corpus_tool.engines.parted import stars
from corpus_tool.engines.parted.deciding import compared
from corpus_tool.engines.parted.parts import home_of, joined, split
from corpus_tool.engines.parted.texts import lines_of
from corpus_tool.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.match import Decisions, Policy
    from corpus_tool.match.rules import Rules

_WHERE = ("rule", "stretch", "start", "size", "held", "held_offsets")


@dataclass(frozen=True, slots=True)
class Task:
    """What the task knows of the run.

    Attributes:
        policy: What proposes pairs.
        rules: What decides them.
        standing: Where each stretch is read again.
        bounds: The first place of each home.
        transitive: Whether whole components are wanted.
    """

    policy: Policy
    rules: Rules
    standing: Sequence[Standing]
    bounds: NDArray[np.int64]
    transitive: bool


@dataclass(frozen=True, slots=True)
class Searched:
    """What the task found.

    Attributes:
        matched: Columns `left`, `right` and `score` of matches that were not known.
        versions: Columns `left` and `right` of pairs of versions that stay apart.
        proposed: Pairs that were decided.
        crowded: Records in buckets too large to compare all that would have to be.
    """

    matched: Columns
    versions: Columns
    proposed: int = 0
    crowded: int = 0


def search(
    leads: Parts, crowd: Parts, matched: Parts, where: Parts, values: Parts | None, task: Task
) -> Parts:
    """Search a crowd again: lists of `Searched` at the homes of right records.

    Args:
        leads: Columns of the records that were searched, with their `place`.
        crowd: Places of those in large buckets, at their homes.
        matched: The matches of the first search, at the homes of right records.
        where: `common` columns by place.
        values: The same, where a cluster may hold one record of each value only; None elsewhere.
        task: What the task knows of the run.
    """
    known = matched
    if values is not None:
        known = stars.with_values(matched, values.map(partial(_values, task.bounds)), task.bounds)
    some = leads.beside(crowd).map(_restricted).beside(where).exchange(partial(_send, task.bounds))
    met = some.beside(known.exchange(_to_first))
    return met.exchange(partial(_search, task))


def connected(matched: Parts, crowd: Parts, bounds: NDArray[np.int64]) -> Parts:
    """Of matches those in a component with any of a crowd, at the homes of their right records."""
    labels = stars.components(matched, bounds).keep()
    touched = crowd.beside(labels).exchange(partial(_touch, bounds))
    met = matched.beside(labels).exchange(partial(_to_label, bounds)).beside(touched)
    return met.exchange(partial(_touched, bounds)).map(_matches)


def _touch(
    bounds: NDArray[np.int64], index: int, given: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> Iterator[tuple[int, Columns]]:
    crowd, label = given
    first = distinct(label[crowd - bounds[index]])
    yield from split({"label": first}, home_of(first, bounds), len(bounds) - 1)


def _to_label(
    bounds: NDArray[np.int64], index: int, given: tuple[Columns, NDArray[np.int64]]
) -> Iterator[tuple[int, Columns]]:
    matched, label = given
    columns = {**matched, "label": label[matched["right"] - bounds[index]]}
    yield from split(columns, home_of(columns["label"], bounds), len(bounds) - 1)


def _touched(
    bounds: NDArray[np.int64], _: int, given: tuple[list[Columns], list[Columns]]
) -> Iterator[tuple[int, Columns]]:
    matched, labels = joined(given[0]), joined(given[1])
    if matched and labels:
        some = take(matched, np.flatnonzero(np.isin(matched.pop("label"), labels["label"])))
        yield from split(some, home_of(some["right"], bounds), len(bounds) - 1)


def _matches(_: int, received: list[Columns]) -> Columns:
    none = np.zeros(0, np.int64)
    return joined([{"left": none, "right": none, "score": np.zeros(0)}, *received])


def _values(bounds: NDArray[np.int64], index: int, common: Columns) -> Columns:
    return {"within": common["within"], "label": np.arange(bounds[index], bounds[index + 1])}


def _restricted(_: int, given: tuple[Columns, NDArray[np.int64]]) -> Columns:
    leads, places = given
    return take(leads, np.searchsorted(leads["place"], places))


def _send(
    bounds: NDArray[np.int64], index: int, given: tuple[Columns, Columns]
) -> Iterator[tuple[int, tuple[Columns, Columns]]]:
    """The crowd's columns, and where their texts stand."""
    crowd, common = given
    if len(crowd["place"]):
        yield 0, (crowd, take({name: common[name] for name in _WHERE}, crowd["place"] - bounds[index]))


def _to_first(_: int, matched: Columns) -> Iterator[tuple[int, Columns]]:
    if matched and len(matched["left"]):
        yield 0, matched


def _search(
    task: Task, _: int, given: tuple[list[tuple[Columns, Columns]], list[Columns]]
) -> Iterator[tuple[int, Searched]]:
    """As homes send in order, the places of the crowd ascend."""
    received, known = given
    if not received:
        return
    crowd, common = joined(columns for columns, _ in received), joined(common for _, common in received)
    matched = joined(known) or {
        "left": np.zeros(0, np.int64),
        "right": np.zeros(0, np.int64),
        "score": np.zeros(0),
    }
    places = distinct(np.concatenate((crowd["place"], matched["left"], matched["right"])))
    among = np.searchsorted(places, crowd["place"])
    row = np.zeros(len(places), np.int64)
    row[among] = np.arange(len(among))
    found = Search(
        task.policy, crowd, among, row, np.arange(len(places)), _Deciding(task, common, row), Progress()
    )
    found.within, found.transitive = _within(places, among, crowd, matched), task.transitive
    pairs = np.searchsorted(places, np.stack((matched["left"], matched["right"]), axis=1))
    every, scores = found.again(among, len(places), pairs, matched["score"])
    yield from _to_homes(task.bounds, found, places, every[len(pairs) :], scores[len(pairs) :])


def _within(
    places: NDArray[np.int64], among: NDArray[np.int64], crowd: Columns, matched: Columns
) -> NDArray[np.uint64] | None:
    """The values of all places, where a cluster may hold one of each."""
    if "within" not in crowd:
        return None
    found = np.zeros(len(places), np.uint64)
    found[among] = crowd["within"]
    for side in ("left", "right") if "left_value" in matched else ():
        found[np.searchsorted(places, matched[side])] = matched[f"{side}_value"]
    return found


class _Deciding:
    """Exact decisions on pairs of places, from the texts of the crowd."""

    def __init__(self, task: Task, common: Columns, row: NDArray[np.int64]) -> None:
        self._task, self._common, self._row = task, common, row

    def __call__(self, pairs: NDArray[np.int64]) -> Decisions:
        needed, where = np.unique(self._row[pairs], return_inverse=True)
        lines = lines_of(self._task.standing, self._common, needed)
        left, right = where.reshape(-1, 2).T
        return compared(self._task.rules, lines, self._common["rule"][needed], left, right)


def _to_homes(
    bounds: NDArray[np.int64],
    found: Search,
    places: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> Iterator[tuple[int, Searched]]:
    count = len(bounds) - 1
    versions = places[np.concatenate([np.zeros((0, 2), np.int64), *found.versions])]
    none = {"left": places[:0], "right": places[:0]}
    yield 0, Searched({**none, "score": scores[:0]}, none, found.proposed, found.crowded)
    matched = {"left": places[pairs[:, 0]], "right": places[pairs[:, 1]], "score": scores}
    for at, some in split(matched, home_of(matched["right"], bounds), count):
        yield at, Searched(some, none)
    apart = {"left": versions[:, 0], "right": versions[:, 1]}
    for at, some in split(apart, home_of(apart["right"], bounds), count):
        yield at, Searched({**none, "score": scores[:0]}, some)
