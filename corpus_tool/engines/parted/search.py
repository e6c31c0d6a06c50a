"""`dedup.search` on many machines: what is proposed, decided and, in crowded buckets, searched again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import Reach
from corpus_tool.dedup.columns import take
from corpus_tool.engines.parted import buckets, crowds, deciding, rarity, settling
from corpus_tool.engines.parted.buckets import BY_BANDS, BY_WORDS
from corpus_tool.match import DUPLICATE, VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.homes import Home
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.match import Policy
    from corpus_tool.match.rules import Rules


@dataclass(slots=True)
class Search:
    """Finds all matching pairs among the records of one rule.

    Attributes:
        policy: What proposes pairs.
        rules: What decides them.
        where: `common` columns by place.
        standing: Of all stretches.
        bounds: The first place of each home.
        apart: Whether a cluster may hold one record of each value only.
        transitive: Whether whole components are wanted.
        matched: Columns `left`, `right` and `score` at the homes of right records.
        edges: How many these are.
        versions: Pairs of versions that stay apart, in parts.
        proposed: Pairs decided so far.
        crowded: Records that the last search left in buckets too large to compare all their pairs.
    """

    policy: Policy
    rules: Rules
    where: Parts
    standing: Sequence[Standing]
    bounds: NDArray[np.int64]
    apart: bool
    transitive: bool
    matched: Parts | None = None
    edges: int = 0
    versions: list[Parts] = field(default_factory=list)
    proposed: int = 0
    crowded: int = 0

    def matches(self, leads: Parts) -> Parts:
        """All matching pairs, as `Search.matches` of one machine finds them.

        Args:
            leads: Columns of the records that take part, with their `place`.
        """
        crowd, size = self._once(leads)
        if size > 1:
            self._again(leads, crowd)
        return self.found()

    def _again(self, leads: Parts, crowd: Parts) -> None:
        """Search a crowd again, in one task: who meets whom depends on who stays so far."""
        values = self.where if self.apart else None
        more = crowds.search(
            leads,
            crowd,
            self._that_matter(crowd),
            self.where,
            values,
            crowds.Task(self.policy, self.rules, self.standing, self.bounds, self.transitive),
        )
        told = more.map(_told_of_crowd).values()
        self.proposed += sum(each[0] for each in told)
        self.crowded = sum(each[1] for each in told)
        self.edges += sum(each[2] for each in told)
        self.matched = self.found().beside(more.map(_found_in_crowd)).map(_both).keep()
        self.versions.append(more.map(_versions_in_crowd))

    def found(self) -> Parts:
        if self.matched is None:
            raise AssertionError("nothing was searched")
        return self.matched

    def _that_matter(self, crowd: Parts) -> Parts:
        """The matches on which it may depend who of a crowd stays: all, where these are not too many to look."""
        if self.edges <= settling.EDGES:
            return self.found()
        return crowds.connected(self.found(), crowd, self.bounds)

    def _once(self, leads: Parts) -> tuple[Parts, int]:
        """The first search: who is in large buckets, places at their homes, and how many."""
        met = buckets.entries(leads, self.bounds)
        proposed = buckets.pairs(met, self.bounds, Reach(), compiled=self.policy.compiled)
        pairs = proposed.map(_by_bands)
        if self.policy.name == "papers":
            pairs = pairs.beside(rarity.by_keys(leads, self.bounds)).map(_with_more)
            for name in rarity.RAGGED:
                more = rarity.by_rare_values(leads, self.bounds, name, compiled=self.policy.compiled)
                pairs = pairs.beside(more).map(_with_more)
        union = pairs.map(_union)
        possible = deciding.possible(union, leads, self.bounds, self.policy)
        decided = deciding.decide(possible, self.where, self.standing, self.bounds, self.rules).keep()
        crowd = proposed.map(_crowd)
        told = decided.beside(crowd).map(_told).values()
        self.matched = decided.map(_matches).keep()
        self.edges += sum(each[1] for each in told)
        self.proposed += sum(each[0] for each in told)
        if any(each[2] for each in told):
            self.versions.append(decided.map(_versions))
        return crowd, sum(each[3] for each in told)


def leads_of(
    at: int, bounds: NDArray[np.int64], index: int, given: tuple[Home, NDArray[np.int64]]
) -> Columns:
    """The columns of a home's records that follow a rule and take part in its search, with their `place`."""
    home, first = given
    mine = np.flatnonzero(home.common["rule"] == at)
    columns = home.rules[at]
    if not columns:
        return {"place": mine + bounds[index]}
    places = mine + bounds[index]
    rows = np.flatnonzero((first[mine] == places) & (columns["identity"] != 0))
    within = {"within": home.common["within"][mine[rows]]} if "within" in home.common else {}
    return {"place": places[rows], **within, **take(columns, rows)}


def _by_bands(_: int, received: list[Columns | NDArray[np.uint32]]) -> list[tuple[Columns, int]]:
    return [(each, BY_BANDS) for each in received if isinstance(each, dict)]


def _crowd(_: int, received: list[Columns | NDArray[np.uint32]]) -> NDArray[np.int64]:
    found = [np.zeros(0, np.uint32), *(each for each in received if not isinstance(each, dict))]
    return np.unique(np.concatenate(found)).astype(np.int64)


def _with_more(
    _: int, given: tuple[list[tuple[Columns, int]], list[Columns] | Columns]
) -> list[tuple[Columns, int]]:
    pairs, more = given
    return pairs + [(each, BY_WORDS) for each in ([more] if isinstance(more, dict) else more)]


def _union(_: int, pairs: list[tuple[Columns, int]]) -> Columns:
    return deciding.union(pairs)


def _told(_: int, given: tuple[Columns, NDArray[np.int64]]) -> tuple[int, int, int, int]:
    """How many pairs were decided, match and are versions; how many records are in a crowd.

    A pair that was proposed in both ways is decided twice on one machine, unless it matches.
    """
    decided, crowd = given
    matched = decided["relation"] == DUPLICATE
    twice = (decided["kind"] & (BY_BANDS | BY_WORDS)) == BY_BANDS | BY_WORDS
    versions = int((decided["relation"] == VERSION).sum())
    return len(matched) + int((twice & ~matched).sum()), int(matched.sum()), versions, len(crowd)


def _matches(_: int, decided: Columns) -> Columns:
    return take(
        {name: decided[name] for name in ("left", "right", "score")},
        np.flatnonzero(decided["relation"] == DUPLICATE),
    )


def _versions(_: int, decided: Columns) -> Columns:
    return take(
        {name: decided[name] for name in ("left", "right")}, np.flatnonzero(decided["relation"] == VERSION)
    )


def _both(_: int, given: tuple[Columns, Columns]) -> Columns:
    one, other = given
    return {name: np.concatenate((one[name], other[name])) for name in one}


def _told_of_crowd(_: int, received: list[crowds.Searched]) -> tuple[int, int, int]:
    """How many pairs were decided, how many records are crowded yet, and how many more matches there are."""
    edges = sum(len(each.matched["left"]) for each in received)
    return sum(each.proposed for each in received), sum(each.crowded for each in received), edges


def _found_in_crowd(_: int, received: list[crowds.Searched]) -> Columns:
    none = {"left": np.zeros(0, np.int64), "right": np.zeros(0, np.int64), "score": np.zeros(0)}
    return {name: np.concatenate([none[name], *(each.matched[name] for each in received)]) for name in none}


def _versions_in_crowd(_: int, received: list[crowds.Searched]) -> Columns:
    none = np.zeros(0, np.int64)
    return {
        name: np.concatenate([none, *(each.versions[name] for each in received)])
        for name in ("left", "right")
    }
