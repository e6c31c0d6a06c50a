"""Matches between two collections: for every record of either, whether the other has it too.

A run takes records in order and stops at the first witness; here every record counts by itself, also one that its own
collection repeats. So no chain and no order decides: a record has a partner where some record of the other side matches
it directly. Candidates are those of a run. Whom large buckets leave alone is looked for again with the other side
first, since every member of a bucket meets its first ones, and then wider. So in a crowd each has a partner where there
is one, and not always the best.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import Reach
from corpus_tool.dedup.clusters import first_alike
from corpus_tool.match import DUPLICATE
from corpus_tool.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from corpus_tool.dedup.search import Decide, Sketches
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.store import Store

    _Pairs = tuple[NDArray[np.int64], NDArray[np.float64]]

_SEARCHES = 16
_READ_AT_ONCE = 1 << 12


@dataclass(frozen=True, slots=True)
class Between:
    """The two collections side by side, by ordinal: those of the first, then those of the second.

    Attributes:
        partner: int64[n], the record of the other side that each matches best: one that says the same before any other,
            then the higher score, then the earlier; -1 where none matches.
        score: float64[n], the score between the two; 0 where there is no partner.
        same: bool[n], whether the partner says the same, word for word, in all texts that are compared.
        crowded: Records without a partner that stood in buckets too large to compare all their pairs.
    """

    partner: NDArray[np.int64]
    score: NDArray[np.float64]
    same: NDArray[np.bool_]
    crowded: int


def between(
    rules: Rules, sketches: Sketches, store: Store, decide: Decide, split: int, progress: Progress
) -> Between:
    """Find the partners of all records.

    Args:
        rules: What proposes pairs.
        sketches: Columns of all records.
        store: Where the records stand.
        decide: Scores pairs of ordinals.
        split: How many records the first collection has.
        progress: Told of the stages.
    """
    return _Sides(rules, sketches, store, decide, split, progress).found()


class _Sides:
    """The work on two collections: of records alike beyond doubt within one side only the first is compared."""

    def __init__(
        self, rules: Rules, sketches: Sketches, store: Store, decide: Decide, split: int, progress: Progress
    ) -> None:
        self._rules, self._sketches, self._store = rules, sketches, store
        self._decide, self._progress = decide, progress
        count = len(store)
        self._rule = sketches.common["rule"]
        self._identity = sketches.identity()
        self._second = np.arange(count) >= split
        self._first = np.arange(count)
        for side in (slice(0, split), slice(split, count)):
            self._first[side] = first_alike(self._identity[side]) + side.start
        some = (self._first == np.arange(count)) & (self._identity != 0)
        own, other = np.flatnonzero(some & ~self._second), np.flatnonzero(some & self._second)
        self._places = np.concatenate((own, other) if len(own) <= len(other) else (other, own))
        self._exact = np.full(count, -1, np.int64)
        left, right = _equal(own, self._identity[own], other, self._identity[other]).T
        self._exact[left], self._exact[right] = right, left

    def found(self) -> Between:
        """The partners of all records."""
        met = self._exact >= 0
        parts = [(np.zeros((0, 2), np.int64), np.zeros(0)), self._of_two_rules()]
        met[parts[1][0]] = True
        crowded = 0
        for at, columns in enumerate(self._sketches.rules):
            if columns:
                found, left = self._of_rule(at, met)
                parts += found
                crowded += left
        pairs = np.concatenate([part for part, _ in parts])
        scores = np.concatenate([part for _, part in parts])
        self._progress.stage("compare", len(pairs), "pairs")
        partner, score, same = self._exact.copy(), (self._exact >= 0).astype(np.float64), self._exact >= 0
        alike = self._say_the_same(pairs)
        both = np.concatenate((pairs, pairs[:, ::-1]))
        twice, alike = np.concatenate((scores, scores)), np.concatenate((alike, alike))
        open_ones = self._exact[both[:, 0]] < 0
        both, twice, alike = both[open_ones], twice[open_ones], alike[open_ones]
        order = np.lexsort((both[:, 1], -twice, ~alike, both[:, 0]))
        own, best = np.unique(both[order, 0], return_index=True)
        partner[own], score[own] = both[order, 1][best], twice[order][best]
        same[own] = alike[order][best]
        self._progress.finish()
        return Between(partner[self._first], score[self._first], same[self._first], crowded)

    def _of_rule(self, at: int, met: NDArray[np.bool_]) -> tuple[list[_Pairs], int]:
        """Matching pairs of records that follow one rule, and how many were left alone in a crowd.

        Args:
            at: The rule's place.
            met: bool[n], which records have a partner; more will.
        """
        mine = self._rule == at
        row = np.cumsum(mine) - 1
        policy, columns = self._rules.policies[at], self._sketches.rules[at]
        found: list[_Pairs] = []

        def search(places: NDArray[np.int64], reach: Reach, alone: NDArray[np.int64]) -> NDArray[np.int64]:
            """Note the matches of some who are alone, and give those places that are in crowds."""
            self._progress.stage("propose", len(places), "records")
            waiting = np.zeros(len(met), np.bool_)
            waiting[alone] = True
            search = policy.search(columns, row[places], reach)
            for portion in search.portions:
                pairs = places[portion]
                found.append(self._matching(pairs[waiting[pairs].any(axis=1)]))
                met[found[-1][0]] = True
            return places[search.crowded]

        places = self._places[mine[self._places]]
        crowd = search(places, Reach(), places)
        lonely = crowd[~met[crowd]]
        for turn in range(_SEARCHES):
            left = [lonely[:0]]
            for side in (self._second, ~self._second):
                alone, others = lonely[side[lonely]], crowd[~side[crowd]]
                if len(alone) and len(others):
                    places = np.concatenate((others, alone))
                    reach = policy.reach(columns, row[places]) if turn else Reach()
                    still = np.isin(alone, search(places, reach, alone))
                    left.append(alone[still & ~met[alone]])
            before, lonely = lonely, np.concatenate(left)
            if not len(lonely) or (turn and len(lonely) == len(before)):
                break
        return found, len(lonely)

    def _matching(self, pairs: NDArray[np.int64]) -> _Pairs:
        """Those of the proposed pairs that lie across and match; whoever has an exact partner needs no other."""
        across = self._second[pairs[:, 0]] != self._second[pairs[:, 1]]
        pairs = np.sort(pairs[across & (self._exact[pairs] < 0).any(axis=1)], axis=1)
        self._progress.stage("decide", len(pairs), "pairs")
        decided = self._decide(pairs)
        self._progress.stage("propose", None, "records")
        matched = decided.relation == DUPLICATE
        return pairs[matched], decided.scores[matched]

    def _of_two_rules(self) -> _Pairs:
        """Pairs of records of different rules that are equal under the more general one."""
        found = [np.zeros((0, 2), np.int64)]
        for at, policy in enumerate(self._rules.policies):
            general = self._places[self._rule[self._places] == at]
            particular = self._places[self._rule[self._places] < at]
            if not len(general) or not len(particular) or policy.name == "bytes":
                continue
            said = np.zeros(len(particular), np.uint64)
            for start in range(0, len(particular), _READ_AT_ONCE):
                part = slice(start, start + _READ_AT_ONCE)
                said[part] = policy.sketch(list(self._store.lines(particular[part])))["identity"]
            for side in (self._second, ~self._second):
                own, other = general[side[general]], particular[~side[particular]]
                found.append(_equal(own, self._identity[own], other, said[~side[particular]]))
        pairs = np.sort(np.concatenate(found), axis=1)
        return pairs, np.ones(len(pairs))

    def _say_the_same(self, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which matching pairs have the same words in all that is compared, in the same order."""
        if not len(pairs):
            return np.zeros(0, np.bool_)
        needed, where = np.unique(pairs, return_inverse=True)
        said: list[bytes] = []
        for start in range(0, len(needed), _READ_AT_ONCE):
            part = needed[start : start + _READ_AT_ONCE]
            rules = self._rule[part].tolist()
            for rule, record in zip(rules, self._store.lines(part), strict=True):
                said.append(_said(self._rules.policies[rule].compared(record).values()))
        left, right = np.array(said)[where.reshape(-1, 2)].T
        alike: NDArray[np.bool_] = (left == right) | (self._rule[pairs[:, 0]] != self._rule[pairs[:, 1]])
        return alike


def _said(texts: Iterable[str]) -> bytes:
    """A key of the words of some texts; none ends in a zero byte, which NumPy would drop."""
    whole = "\0".join(" ".join(words(text)) for text in texts)
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=15).digest() + b"."


def _equal(
    own: NDArray[np.int64],
    identity: NDArray[np.uint64],
    other: NDArray[np.int64],
    said: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Pairs of records whose keys are equal and not 0; those of `own` are distinct."""
    order = np.argsort(identity)
    known = identity[order]
    if not len(known):
        return np.zeros((0, 2), np.int64)
    at = np.minimum(np.searchsorted(known, said), len(known) - 1)
    hit = (known[at] == said) & (said != 0)
    return np.stack((own[order[at[hit]]], other[hit]), axis=1)
