"""Every pair that a run decided, kept by an observer of the engine, so that the run can be cut at other thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import clusters

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Decided:
    """Pairs of places, the records in the order of the keep policy, and their scores."""

    def __init__(self) -> None:
        self.order = self.first = self._place = np.zeros(0, np.int64)
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
        self._codes, self._scores = np.zeros(0, np.int64), np.zeros(0)

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        self.order, self.first = order, first
        self._place = np.argsort(order)

    def decided(self, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        self._parts.append((pairs[:, 0] << 32 | pairs[:, 1], scores))

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """int64[m, 2], all decided pairs of places, the smaller first, each once and in order; and their scores."""
        if self._parts:
            codes, scores = (np.concatenate(part) for part in zip(*self._parts, strict=True))
            self._parts.clear()
            self._codes, index = np.unique(np.concatenate((self._codes, codes)), return_index=True)
            self._scores = np.concatenate((self._scores, scores))[index]
        return np.stack((self._codes >> 32, self._codes & 0xFFFFFFFF), axis=1), self._scores

    def cut(
        self,
        threshold: float,
        *,
        transitive: bool = False,
        within: NDArray[np.uint64] | None = None,
        compiled: bool = False,
    ) -> NDArray[np.int64]:
        """The clusters at a threshold, as the engine makes them: for each ordinal, that of its survivor.

        `within` are the values of which a cluster may hold one each, by ordinal; empty or None where any may meet.
        """
        pairs, scores = self.pairs()
        count, matched = len(self.order), scores >= threshold
        if transitive:
            copies = np.flatnonzero(self.first != np.arange(count))
            edges = np.concatenate((pairs[matched], np.stack((self.first[copies], copies), axis=1)))
            kept = clusters.components(count, edges)
        elif within is not None and len(within):
            witness, _ = clusters.one_of_each(count, pairs[matched], scores[matched], within[self.order])
            kept = np.where(witness < 0, np.arange(count), witness)
        else:
            witness, _ = clusters.witnesses(count, pairs[matched], scores[matched], compiled=compiled)
            kept = np.where(witness < 0, np.arange(count), witness)[self.first]
        labels = np.empty(count, np.int64)
        labels[self.order] = self.order[kept]
        return labels

    def scores_of(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """Scores of pairs of ordinals: 1 for records alike beyond doubt, NaN where never decided."""
        self.pairs()
        a, b = (self.first[self._place[side]] for side in (left, right))
        codes = np.minimum(a, b) << 32 | np.maximum(a, b)
        found = np.where(a == b, 1.0, np.nan)
        if len(self._codes):
            at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
            found = np.where(self._codes[at] == codes, self._scores[at], found)
        return found
