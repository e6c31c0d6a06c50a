"""Decided pairs to clusters: who is removed, and which kept record is its witness.

Places count records in the order of the keep policy, so a smaller place is kept before a larger one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def witnesses(
    count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64], *, compiled: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Take records in order; one is removed when it matches a record already kept.

    Its witness is the kept record that it matches best, the earliest of equals. This is the greedy
    (lexicographically first) maximal independent set of the match graph.

    Args:
        count: Number of records.
        pairs: int64[m, 2] of matching places, the smaller first.
        scores: float64[m].
        compiled: Use the kernel; it gives the same result.

    Returns:
        The witness of each record, -1 for the kept, and the score that joins them (1 for the kept).
    """
    order = np.lexsort((pairs[:, 0], -scores, pairs[:, 1]))
    left, right, score = pairs[order, 0], pairs[order, 1], scores[order]
    witness, joined = np.full(count, -1, np.int64), np.ones(count)
    if compiled:
        from corpus_tool.candidate_kernels import take_in_order

        take_in_order(left, right, score, witness, joined)
    else:
        _take_in_order(left, right, score, witness, joined)
    return witness, joined


def _take_in_order(
    left: NDArray[Any], right: NDArray[Any], score: NDArray[Any], witness: NDArray[Any], joined: NDArray[Any]
) -> None:
    for earlier, later, how_alike in zip(left.tolist(), right.tolist(), score.tolist(), strict=True):
        if witness[later] < 0 and witness[earlier] < 0:
            witness[later] = earlier
            joined[later] = how_alike


def components(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place of the connected component of each place, int64[count].

    Labels fall to the least of their neighbours' until none changes, halving paths in between (Shiloach and
    Vishkin, "An O(log n) parallel connectivity algorithm", 1982).
    """
    label = np.arange(count)
    left, right = pairs[:, 0], pairs[:, 1]
    while True:
        low = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], low)
        np.minimum.at(label, label[right], low)
        while True:
            shorter = label[label]
            if np.array_equal(shorter, label):
                break
            label = shorter
        if np.array_equal(before, label):
            return label
