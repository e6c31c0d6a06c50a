"""The pairs of records on which a prediction and the gold standard differ, the most surely wrong first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.agreement import Sides
    from corpus_tool.evaluation.decisions import Decided

MOST = 1_000_000
"""Wrong pairs of either side that are looked at; of more, those in the largest clusters are not."""
_DECIDED = 2000

FALSE_MERGES = {
    "matched": "match each other",
    "joined": "do not match or were never compared, but joined one record",
    "merged": "in one predicted cluster",
}
MISSES = {
    "below": "decided, and below the threshold",
    "parted": "match, but joined different records, or are versions kept apart",
    "unproposed": "never proposed, those first that would match best",
    "missed": "in two predicted clusters",
    "absent": "one of them is not in the input",
}
"""Kinds of wrong pairs in the order in which they are told: `merged` and `missed` where no run says more."""


@dataclass(frozen=True, slots=True)
class WrongPairs:
    """Wrong pairs of one kind.

    Attributes:
        kind: A key of `FALSE_MERGES` or `MISSES`.
        count: How many were looked at.
        pairs: int64[k, 2], places among the names of both sides, of the most surely wrong.
        scores: float64[k], what the policy gives them; NaN where it was not asked.
    """

    kind: str
    count: int
    pairs: NDArray[np.int64]
    scores: NDArray[np.float64]


def find(
    sides: Sides, listed: int, run: Run | None = None, decided: Decided | None = None
) -> list[WrongPairs]:
    """All kinds of wrong pairs that there are.

    Surely wrong is a false merge with a high score, a decided miss with a low one, and one that was never
    decided and would get a high one.

    Args:
        sides: Gold and prediction.
        listed: Pairs of each kind to give.
        run: What predicted, its store still open.
        decided: What observed it.
    """
    merged = apart(sides.predicted, sides.gold, MOST)
    missed = apart(sides.gold, sides.predicted, MOST)
    absent = (sides.ordinal[missed] < 0).any(axis=1)
    merge_scores, miss_scores = np.full(len(merged), np.nan), np.full(len(missed), np.nan)
    if run is not None and decided is not None:
        merge_scores = decided.scores_of(*sides.ordinal[merged].T)
        miss_scores[~absent] = decided.scores_of(*sides.ordinal[missed[~absent]].T)
        merge_kinds = np.where(merge_scores >= _thresholds(run, sides.ordinal[merged]), "matched", "joined")
        cases = (absent, miss_scores >= _thresholds(run, sides.ordinal[missed]), np.isnan(miss_scores))
        miss_kinds = np.select(cases, ("absent", "parted", "unproposed"), "below")
        _decide(run, sides.ordinal[merged], merge_scores, np.isnan(merge_scores))
        _decide(run, sides.ordinal[missed], miss_scores, miss_kinds == "unproposed")
    else:
        merge_kinds, miss_kinds = np.full(len(merged), "merged"), np.where(absent, "absent", "missed")
    rank = np.where(miss_kinds == "unproposed", -miss_scores, miss_scores)
    return [
        *_by_kind(FALSE_MERGES, merge_kinds, merged, merge_scores, -merge_scores, listed),
        *_by_kind(MISSES, miss_kinds, missed, miss_scores, rank, listed),
    ]


def _decide(
    run: Run, ordinals: NDArray[np.int64], scores: NDArray[np.float64], unknown: NDArray[np.bool_]
) -> None:
    """Fill in the scores of pairs that the run did not decide, as far as a moment's work reaches."""
    chosen = np.flatnonzero(unknown)[:_DECIDED]
    if not len(chosen):
        return
    needed, where = np.unique(ordinals[chosen], return_inverse=True)
    left, right = where.reshape(-1, 2).T
    scores[chosen] = run.rules.compare(run.store.lines(needed), run.rule[needed], left, right).scores


def _thresholds(run: Run, ordinals: NDArray[np.int64]) -> NDArray[np.float64]:
    """The least score of duplicates of each pair; any where one is not in the input."""
    return run.rules.thresholds(*run.rule[np.maximum(ordinals, 0)].T)


def _by_kind(
    kinds: Mapping[str, str],
    kind: NDArray[np.str_],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    rank: NDArray[np.float64],
    listed: int,
) -> Iterator[WrongPairs]:
    """How many pairs there are of each kind, and the first by rank; what is absent cannot be shown."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0], rank))
    for each in kinds:
        members = order[kind[order] == each]
        if len(members):
            shown = members[: 0 if each == "absent" else listed]
            yield WrongPairs(each, len(members), pairs[shown], scores[shown])


def apart(outer: NDArray[np.int64], inner: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Pairs of records that are together in one clustering and apart in another.

    Args:
        outer: int64[n], the clusters that hold both.
        inner: int64[n], the clusters that part them.
        most: Pairs to give; those of small outer clusters first.

    Returns:
        int64[m, 2], the smaller place first.
    """
    if not len(outer):
        return np.zeros((0, 2), np.int64)
    order = np.lexsort((inner, outer, np.bincount(outer)[outer]))
    outer, inner = outer[order], inner[order]
    parted = outer[1:] != outer[:-1]
    outer_end, inner_end = _ends(parted), _ends(parted | (inner[1:] != inner[:-1]))
    partners = outer_end - inner_end
    before = np.cumsum(partners) - partners
    partners = np.clip(most - before, 0, partners)
    left = np.repeat(np.arange(len(order)), partners)
    right = np.arange(len(left)) - np.repeat(before, partners) + np.repeat(inner_end, partners)
    return np.sort(np.stack((order[left], order[right]), axis=1), axis=1)


def _ends(breaks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where the run of each item ends, given whether it breaks between neighbours."""
    ends = np.append(np.flatnonzero(breaks) + 1, len(breaks) + 1)
    return np.repeat(ends, np.diff(ends, prepend=0))
