"""Searching for the pairs that match: what is proposed, decided and, in crowded buckets, searched again.

Records stand at *places*: their ordinals in the order of the keep policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus_tool.dedup import clusters
from corpus_tool.dedup.candidates import Reach
from corpus_tool.dedup.cover import Budget, Cover, bridge
from corpus_tool.dedup.settle import witnesses
from corpus_tool.match import DUPLICATE, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.dedup.cover import Join
    from corpus_tool.dedup.leaders import Led
    from corpus_tool.match import Decisions, Policy
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.store import Store

    Decide = Callable[[NDArray[np.int64]], Decisions]

_SEARCHES = 16
_READ_AT_ONCE = 1 << 12
_DECIDED = 1 << 22, 1 << 21, 1 << 21
"""Pairs of a crowd that may be decided at each level of agreement, at least."""
_FEW = 1 << 20
"""Pairs of buckets up to which each record of a crowd meets each."""


@dataclass(frozen=True, slots=True)
class Sketches:
    """What is known of every record before any two are compared.

    Attributes:
        rules: For each rule the policy's columns of the records that follow it, in input order; empty where none does.
        common: Of all records, by ordinal: `rule`, uint8; `worth`, as `keep.worth` gives it; `said`, bool, whether
            there is anything to compare; `parsed`, bool, as `seen.may_grow` tells; and, under `--unique-within`,
            `within`, uint64 hashes of values, 0 for none.
    """

    rules: tuple[Columns, ...]
    common: Columns

    def __len__(self) -> int:
        return len(self.common["rule"])

    def identity(self) -> NDArray[np.uint64]:
        """uint64[n] by ordinal, equal for records that are duplicates beyond doubt, 0 where nothing is compared."""
        found = np.zeros(len(self), np.uint64)
        for at, columns in enumerate(self.rules):
            if columns:
                found[self.common["rule"] == at] = columns["identity"]
        return found


class Observer(Protocol):
    """Sees every pair that a run decides, not only those that match."""

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        """`order`: the ordinal at each place. `first`: the first place alike each beyond doubt, the only one paired."""

    def decided(self, pairs: NDArray[np.int64], decisions: Decisions) -> None:
        """`pairs`: int64[m, 2] of places, the smaller first; what did not match may come again."""


@dataclass(slots=True)
class Search:
    """Finds all matching pairs among records.

    Attributes:
        policy: What proposes pairs.
        columns: Of the records that follow it.
        places: int64[r], theirs, ascending.
        row: int64[n], where the columns of the record at each such place stand; any other number elsewhere.
        order: int64[n], the ordinal at each place.
        decide: Scores pairs of ordinals, int64[m, 2].
        progress: Told of the stages.
        within: uint64[n] by place, values that a cluster may hold one of each, 0 for none; None where any may meet.
        observer: Sees what is decided, and pairs that cannot match besides.
        transitive: Whether whole components are wanted, not only who stays.
        proposed: Pairs decided so far.
        crowded: Records in buckets too large to compare all that would have to be.
        versions: Pairs of two versions of one paper that stay apart, in parts.
    """

    policy: Policy
    columns: Columns
    places: NDArray[np.int64]
    row: NDArray[np.int64]
    order: NDArray[np.int64]
    decide: Decide
    progress: Progress
    within: NDArray[np.uint64] | None = None
    observer: Observer | None = None
    transitive: bool = False
    proposed: int = 0
    crowded: int = 0
    versions: list[NDArray[np.int64]] = field(default_factory=list)
    _pairs: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    _scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _stay: NDArray[np.bool_] | None = None

    def matches(self, first: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All matching pairs of places, int64[m, 2], with their scores; of copies only the first takes part.

        Of what a first search leaves in large buckets, all that stay are compared with each other.

        Args:
            first: int64[n], the first place alike each beyond doubt.
        """
        rows = self.places
        rows = rows[(first[rows] == rows) & (self.columns["identity"][self.row[rows]] != 0)]
        crowd = self._propose(rows, Reach())
        return self.again(crowd, len(first), self._pairs, self._scores)

    def again(
        self, crowd: NDArray[np.int64], count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """As `matches`, where a first search has been.

        Args:
            crowd: int64, places of those that it left in large buckets, ascending.
            count: Number of all places.
            pairs: int64[m, 2], the matches that it found.
            scores: float64[m].
        """
        self._pairs, self._scores = pairs, scores
        if len(crowd) and self.within is None:
            self._cover(crowd, count)
        elif len(crowd):
            self._widen(crowd, count)
        return self._pairs, self._scores

    def _cover(self, crowd: NDArray[np.int64], count: int) -> None:
        """Compare all of a crowd that stay; and, where whole components are wanted, all that are not of one.

        Few are compared each with each. Of many, pairs that agree well come first: they leave few to compare with
        everything. What is proposed by other means is proposed again among fewer records, and the rest taken up anew.
        """

        def kept() -> NDArray[np.bool_]:
            return self._kept(count)

        def label() -> NDArray[np.int64]:
            return clusters.components(count, self._pairs)

        def mixed(label: NDArray[np.int64]) -> NDArray[np.bool_]:
            return self.policy.mixed(self.columns, self.row[crowd], label)

        *early, last = (
            Cover(crowd, self._join(level), self._decide, Budget.of(len(crowd), most))
            for level, most in enumerate(_DECIDED)
        )
        searched = None
        for at in range(_SEARCHES):
            rows = crowd[kept()[crowd]]
            if searched is not None and np.isin(rows, searched).all():
                break
            reach = self.policy.reach(self.columns, self.row[rows], _FEW)
            few = at < _SEARCHES // 2 and reach.limit >= len(rows)
            if len(rows) > 1:
                self._propose(rows, reach if few else None)
            for cover in () if few else early:
                cover.settle(kept)
            if searched is None:
                last.budget = self._budget(crowd if self.transitive else crowd[kept()[crowd]])
            waiting = rows[:0]
            if self.transitive:
                waiting = bridge(last, label, mixed)
            elif not few:
                waiting = last.settle(kept)
            self.crowded, searched = len(waiting), rows

    def _join(self, level: int) -> Join:
        def join(leaders: NDArray[np.int64], others: NDArray[np.int64]) -> Led:
            rows, bounded = (self.row[leaders], self.row[others]), self.observer is None
            return self.policy.led(self.columns, *rows, level, bounded=bounded)

        return join

    def _budget(self, rows: NDArray[np.int64]) -> Budget:
        """What may be done where these are to be compared: all that there is to do where that is not too much."""
        budget = Budget.of(len(rows), _DECIDED[-1])
        if self.policy.reach(self.columns, self.row[rows]).limit >= len(rows):
            budget.decided = max(budget.decided, budget.looked)
        return budget

    def _widen(self, crowd: NDArray[np.int64], count: int) -> None:
        """Search a crowd again among those that stay, wider and wider, as far as a budget goes.

        A cluster that may hold one of each value is made of its best matches first, so that all are wanted.
        """
        searched = crowd[:0]
        for _ in range(_SEARCHES):
            witness, _ = witnesses(
                count, self._pairs, self._scores, self.within, compiled=self.policy.compiled
            )
            rows = crowd[witness[crowd] < 0]
            if len(rows) < 2 or np.isin(rows, searched).all():
                break
            reach, before = self.policy.reach(self.columns, self.row[rows]), len(self._pairs)
            large = self._propose(rows, reach)
            self.crowded = len(large)
            if len(large) and len(self._pairs) == before:
                break
            searched = rows if not len(large) else searched
        else:  # what was searched last let others stay, and they were not searched again
            self.crowded = len(rows)

    def _kept(self, count: int) -> NDArray[np.bool_]:
        """Who stays by the matches known so far, bool[n]."""
        if self._stay is None:
            self._stay = clusters.kept(count, self._pairs, compiled=self.policy.compiled)
        return self._stay

    def _propose(self, rows: NDArray[np.int64], reach: Reach | None) -> NDArray[np.int64]:
        """Search among places, and decide what is proposed; who is in large buckets."""
        self.progress.stage("propose", len(rows), "records")
        bounded = self.observer is None
        search = self.policy.search(self.columns, self.row[rows], reach, bounded=bounded)
        for portion in search.portions:
            self._decide(_not_in(rows[portion], self._pairs))
        return rows[search.crowded]

    def _decide(self, pairs: NDArray[np.int64]) -> int:
        """Decide pairs of places that may be merged, and note those that match; how many were decided."""
        fresh = self._mergeable(pairs)
        self.progress.stage("decide", len(fresh), "pairs")
        self.proposed += len(fresh)
        found = self.decide(self.order[fresh])
        if self.within is not None:  # where nothing else puts exact copies before all other matches
            identity = self.columns["identity"][self.row[fresh]]
            found.scores[identity[:, 0] == identity[:, 1]] = 1.0
        if self.observer:
            self.observer.decided(fresh, found)
        matched = found.relation == DUPLICATE
        self.versions.append(fresh[found.relation == VERSION])
        if matched.any():
            self._stay = None
        self._pairs = np.concatenate((self._pairs, fresh[matched]))
        self._scores = np.concatenate((self._scores, found.scores[matched]))
        self.progress.stage("propose", None, "records")
        return len(fresh)

    def _mergeable(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pairs that may be merged."""
        if self.within is None:
            return pairs
        one, other = self.within[pairs].T
        may: NDArray[np.int64] = pairs[(one != other) | (one == 0)]
        return may


def searches(
    rules: Rules,
    sketches: Sketches,
    order: NDArray[np.int64],
    decide: Decide,
    progress: Progress,
    within: NDArray[np.uint64] | None,
    observer: Observer | None,
    *,
    transitive: bool = False,
) -> Iterator[Search]:
    """The search of each rule that any record follows."""
    every = np.arange(len(order))
    for at, (policy, columns) in enumerate(zip(rules.policies, sketches.rules, strict=True)):
        mine = sketches.common["rule"] == at
        if mine.all() and len(mine):
            yield Search(policy, columns, every, order, order, decide, progress, within, observer, transitive)
        elif mine.any():
            row = (np.cumsum(mine) - 1)[order]
            places = every[mine[order]]
            yield Search(policy, columns, places, row, order, decide, progress, within, observer, transitive)


def across(
    rules: Rules,
    sketches: Sketches,
    identity: NDArray[np.uint64],
    order: NDArray[np.int64],
    first: NDArray[np.int64],
    store: Store,
    within: NDArray[np.uint64] | None,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of records of different rules that are equal under the more general of the two, and their scores.

    Each such text meets the first record alone that says the same: two papers of one abstract stay two.
    """
    rule, found = sketches.common["rule"], [np.zeros((0, 2), np.int64)]
    for at, policy in enumerate(rules.policies):
        general, particular = np.flatnonzero((rule == at)[order]), np.flatnonzero((rule < at)[order])
        if (
            not len(general) or not len(particular) or policy.name == "bytes"
        ):  # unlike records are unlike bytes
            continue
        theirs = np.zeros(len(order), np.uint64)
        for start in range(0, len(particular), _READ_AT_ONCE):
            part = particular[start : start + _READ_AT_ONCE]
            theirs[part] = policy.sketch(list(store.lines(order[part])))["identity"]
        worded = particular[theirs[particular] != 0]
        values, earliest = np.unique(theirs[worded], return_index=True)
        own = general[np.isin(identity[order[general]], values) & (first[general] == general)]
        partner = first[worded[earliest[np.searchsorted(values, identity[order[own]])]]]
        pairs = np.sort(np.stack((partner, own), axis=1), axis=1)
        if within is not None:
            one, other = within[pairs].T
            pairs = pairs[(one != other) | (one == 0)]
        found.append(pairs)
    pairs = np.concatenate(found)
    return pairs, np.ones(len(pairs))


def _not_in(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs that are not among the known ones."""
    if not len(known):
        return pairs
    codes, old = pairs[:, 0] << 32 | pairs[:, 1], np.sort(known[:, 0] << 32 | known[:, 1])
    place = np.minimum(np.searchsorted(old, codes), len(old) - 1)
    fresh: NDArray[np.int64] = pairs[old[place] != codes]
    return fresh
