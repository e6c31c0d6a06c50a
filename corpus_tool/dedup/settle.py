"""Matching pairs to the fate of every record: who is kept, and which kept record is each other one's witness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import clusters

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def first_places(identity: NDArray[np.uint64], within: NDArray[np.uint64] | None) -> NDArray[np.int64]:
    """The first place alike each beyond doubt: copies share its fate, unless a cluster may hold only some of them."""
    return clusters.first_alike(identity) if within is None else np.arange(len(identity))


def witnesses(
    count: int,
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    within: NDArray[np.uint64] | None,
    *,
    compiled: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The witness of each place, -1 for the kept, and the score that joins them; copies are not looked at."""
    if within is not None:
        return clusters.one_of_each(count, pairs, scores, within)
    return clusters.witnesses(count, pairs, scores, compiled=compiled)


def settle(
    first: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    within: NDArray[np.uint64] | None,
    *,
    compiled: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The witness of each place, -1 for the kept, and the score that joins them.

    Records alike beyond doubt share a fate: their first one is their witness, or its witness is theirs.
    """
    witness, score = witnesses(len(first), pairs, scores, within, compiled=compiled)
    copies = np.flatnonzero(first != np.arange(len(first)))
    model = first[copies]
    kept = witness[model] < 0
    witness[copies] = np.where(kept, model, witness[model])
    score[copies] = np.where(kept, 1.0, score[model])
    return witness, score


def connected(first: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place of the whole component of each place, through any chain of matches and copies."""
    return clusters.components(len(first), _with_copies(first, pairs))


def join(
    first: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    score_of: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], int]:
    """Whole components: every member's witness is the first, its score the exact one between the two.

    Returns:
        Witness and score as `settle`; the place by which each joined, -1 where it stands alone; how many were scored.
    """
    count = len(first)
    label = connected(first, pairs)
    joined = np.flatnonzero(label != np.arange(count))
    score = np.ones(count)
    joined = joined[first[joined] != label[joined]]
    score[joined] = score_of(np.stack((label[joined], joined), axis=1))
    witness = np.where(label == np.arange(count), -1, label)
    edges = _with_copies(first, pairs)
    weights = np.concatenate((scores, np.ones(len(edges) - len(pairs))))
    return witness, score, best_partner(count, edges, weights), len(joined)


def later_versions(witness: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first kept place that each kept one is a later version of, -1 where there is none.

    Args:
        witness: int64[n], as `settle` gives it.
        pairs: int64[m, 2], places of two versions of one paper.
    """
    kept = np.sort(np.where(witness[pairs] < 0, pairs, witness[pairs]), axis=1)
    earliest = np.full(len(witness), len(witness), np.int64)
    apart = kept[:, 0] != kept[:, 1]
    np.minimum.at(earliest, kept[apart, 1], kept[apart, 0])
    return np.where(earliest < len(witness), earliest, -1)


def _with_copies(first: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of places, and after them each copy with its first."""
    copies = np.flatnonzero(first != np.arange(len(first)))
    return np.concatenate((pairs, np.stack((first[copies], copies), axis=1)))


def best_partner(count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The partner that each place matches best, the earliest of equals; -1 where it has none."""
    both = np.concatenate((pairs, pairs[:, ::-1]))
    twice = np.concatenate((scores, scores))
    order = np.lexsort((both[:, 1], -twice, both[:, 0]))
    place, index = np.unique(both[order, 0], return_index=True)
    best = np.full(count, -1, np.int64)
    best[place] = both[order, 1][index]
    return best
