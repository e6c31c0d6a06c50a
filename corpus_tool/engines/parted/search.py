"""`dedup.search` on many machines: what is proposed, decided and, in crowded buckets, searched again."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import Reach, widest_within
from corpus_tool.dedup.columns import take
from corpus_tool.engines.parted import buckets, deciding, rarity, settling
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

_SEARCHES = 16


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
        crowd, size = self._once(leads, Reach())
        searched: Parts | None = None
        for _ in range(_SEARCHES if size > 1 else 0):
            rows = self._kept(crowd)
            count, again = self._again(rows, searched)
            if count < 2 or again:
                break
            some, before = leads.beside(rows).map(_restricted).keep(), self.edges
            _, large = self._once(some, None, count)
            self.crowded = large
            if large and self.edges == before:
                break
            searched = searched if large else rows
        return self.found()

    def found(self) -> Parts:
        if self.matched is None:
            raise AssertionError("nothing was searched")
        return self.matched

    def _kept(self, crowd: Parts) -> Parts:
        """The places of a crowd that are kept so far."""
        fates = settling.witnesses(
            self.found(), self.edges, self.where, self.bounds, apart=self.apart, compiled=self.policy.compiled
        )
        return crowd.beside(fates).map(partial(_still_kept, self.bounds)).keep()

    def _again(self, rows: Parts, searched: Parts | None) -> tuple[int, bool]:
        """How many these are, and whether all were searched before."""
        if searched is None:
            return sum(rows.map(_length).values()), False
        found = rows.beside(searched).map(_known).values()
        return sum(count for count, _ in found), all(known for _, known in found)

    def _once(self, leads: Parts, reach: Reach | None, count: int = 0) -> tuple[Parts, int]:
        """One search: who is in large buckets, places at their homes, and how many.

        Args:
            leads: The records to look at.
            reach: How far to go in large buckets; None for as far as can be afforded.
            count: How many records these are, where that must be known.
        """
        met = buckets.entries(leads, self.bounds)
        if reach is None:
            reach = widest_within(*buckets.sizes(met), count)
        proposed = buckets.pairs(met, self.bounds, reach, compiled=self.policy.compiled)
        pairs = proposed.map(_by_bands)
        if self.policy.name == "papers":
            pairs = pairs.beside(rarity.by_keys(leads, self.bounds)).map(_with_more)
            for name in rarity.RAGGED:
                more = rarity.by_rare_values(leads, self.bounds, name, compiled=self.policy.compiled)
                pairs = pairs.beside(more).map(_with_more)
        union = pairs.map(_union)
        if self.matched is not None:
            union = union.beside(self.matched).map(_not_in)
        possible = deciding.possible(union, leads, self.bounds, self.policy)
        decided = deciding.decide(possible, self.where, self.standing, self.bounds, self.rules).keep()
        crowd = proposed.map(_crowd)
        told = decided.beside(crowd).map(_told).values()
        matched = decided.map(_matches)
        self.matched = (matched if self.matched is None else self.matched.beside(matched).map(_both)).keep()
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


def _restricted(_: int, given: tuple[Columns, NDArray[np.int64]]) -> Columns:
    leads, places = given
    return take(leads, np.searchsorted(leads["place"], places))


def _still_kept(
    bounds: NDArray[np.int64], index: int, given: tuple[NDArray[np.int64], Columns]
) -> NDArray[np.int64]:
    places, fates = given
    kept: NDArray[np.int64] = places[fates["witness"][places - bounds[index]] < 0]
    return kept


def _length(_: int, places: NDArray[np.int64]) -> int:
    return len(places)


def _known(_: int, given: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[int, bool]:
    places, searched = given
    return len(places), bool(np.isin(places, searched).all())


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


def _not_in(_: int, given: tuple[Columns, Columns]) -> Columns:
    pairs, matched = given
    codes, known = (each["right"] << 32 | each["left"] for each in (pairs, matched))
    return take(pairs, np.flatnonzero(~np.isin(codes, known)))


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
