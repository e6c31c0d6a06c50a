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
    return _taken(count, pairs[order, 0], pairs[order, 1], scores[order], compiled=compiled)


def kept(count: int, pairs: NDArray[np.int64], *, compiled: bool = False) -> NDArray[np.bool_]:
    """Who stays by the rule of `witnesses`, which scores do not change."""
    codes = np.sort(pairs[:, 1] << 32 | pairs[:, 0])
    witness, _ = _taken(count, codes & 0xFFFFFFFF, codes >> 32, np.ones(len(codes)), compiled=compiled)
    return np.asarray(witness < 0)


def _taken(
    count: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    score: NDArray[np.float64],
    *,
    compiled: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    witness, joined = np.full(count, -1, np.int64), np.ones(count)
    if compiled:
        from corpus_tool.dedup.candidate_kernels import take_in_order

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


def one_of_each(
    count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64], value: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Join the best matches first, never two records of one value.

    A cluster is a star: its first record, which is kept, and others that match that one directly. Pairs are taken
    by score, equals by their places; each joins two clusters where no value is in both and all of their records
    match the first of them directly. With two sources, each without copies, this is the greedy one-to-one
    matching of record linkage (Christen, "Data matching", 2012, section 6.11).

    Args:
        count: Number of records.
        pairs: int64[m, 2] of matching places, the smaller first.
        scores: float64[m].
        value: [n] of each record; records of 0 have none, and any number of them may be together.

    Returns:
        As `witnesses`.
    """
    pairs, scores = _distinct(pairs, scores)
    may = (value[pairs[:, 0]] != value[pairs[:, 1]]) | (value[pairs[:, 0]] == 0)
    pairs, scores = pairs[may], scores[may]
    degree = np.bincount(pairs.reshape(-1), minlength=count)
    alone = (degree[pairs] == 1).all(axis=1)
    witness, joined = np.full(count, -1, np.int64), np.ones(count)
    witness[pairs[alone, 1]], joined[pairs[alone, 1]] = pairs[alone, 0], scores[alone]
    stars = _Stars(pairs[~alone], scores[~alone], value)
    for first, others in stars.members.items():
        for other in others:
            witness[other], joined[other] = first, stars.score_of(first, other)
    return witness, joined


class _Stars:
    """The clusters of `one_of_each` among pairs that share records.

    Attributes:
        members: The first record of each cluster of several, and the others.
    """

    def __init__(self, pairs: NDArray[np.int64], scores: NDArray[np.float64], value: NDArray[Any]) -> None:
        self._codes, self._scores = pairs[:, 0] << 32 | pairs[:, 1], scores
        self._values: dict[int, set[int]] = {}
        self.members: dict[int, list[int]] = {}
        order = np.argsort(-scores, kind="stable")
        ends = zip(*pairs[order].T.tolist(), *value[pairs[order]].T.tolist(), strict=True)
        taken: set[int] = set()
        for first, second, one, other in ends:
            if first not in taken and second not in taken and self._join(first, second, one, other):
                taken.update(self.members[first])

    def _join(self, first: int, second: int, one: int, other: int) -> bool:
        """Whether the clusters of two first records became one."""
        values, more = self._values.get(first, {one}), self._values.get(second, {other})
        followers = self.members.get(second, [])
        if (values & more) - {0} or any(self.score_of(first, each) is None for each in followers):
            return False
        self._values[first] = values | more
        self._values.pop(second, None)
        self.members[first] = [*self.members.get(first, []), second, *self.members.pop(second, [])]
        return True

    def score_of(self, first: int, second: int) -> float | None:
        """The score of two records that match directly."""
        code = first << 32 | second
        at = int(np.searchsorted(self._codes, code))
        return float(self._scores[at]) if at < len(self._codes) and self._codes[at] == code else None


def _distinct(
    pairs: NDArray[np.int64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs in the order of their places, each once."""
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, scores = pairs[order], scores[order]
    fresh = np.ones(len(pairs), np.bool_)
    fresh[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    return pairs[fresh], scores[fresh]


def first_alike(identity: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The first place that has the same identity as each place; itself where the identity is 0."""
    first = np.arange(len(identity))
    order = np.argsort(identity, kind="stable")
    alike = identity[order]
    copies = np.flatnonzero((alike[1:] == alike[:-1]) & (alike[1:] != 0)) + 1
    opens = copies[np.diff(copies, prepend=-1) > 1] - 1
    runs = np.searchsorted(opens, copies, "right") - 1
    first[order[copies]] = order[opens[runs]]
    return first


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
