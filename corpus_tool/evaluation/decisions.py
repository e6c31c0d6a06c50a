"""Every pair that a run decided, kept by an observer of the run, so that it can be cut at other thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.settle import connected, settle
from corpus_tool.match import VERSION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.match import Decisions

_Decided = tuple["NDArray[np.int64]", "NDArray[np.float64]", "NDArray[np.bool_]"]


class Decided:
    """Pairs of places, the records in the order of the keep policy, and their scores."""

    def __init__(self) -> None:
        self.order = self.first = self._place = np.zeros(0, np.int64)
        self._parts: list[_Decided] = []
        self._whole: _Decided = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        self.order, self.first = order, first
        self._place = np.argsort(order)

    def decided(self, pairs: NDArray[np.int64], decisions: Decisions) -> None:
        apart = decisions.relation == VERSION
        self._parts.append((pairs[:, 0] << 32 | pairs[:, 1], decisions.scores, apart))

    def _joined(self) -> _Decided:
        """The codes of all decided pairs, each once and ascending; their scores; which are versions that stay apart."""
        if self._parts:
            codes, scores, apart = (
                np.concatenate(part) for part in zip(self._whole, *self._parts, strict=True)
            )
            self._parts.clear()
            codes, index = np.unique(codes, return_index=True)
            self._whole = codes, scores[index], apart[index]
        return self._whole

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """int64[m, 2], decided pairs of places that may be merged, the smaller first, in order; and their scores."""
        codes, scores, apart = self._joined()
        codes, scores = codes[~apart], scores[~apart]
        return np.stack((codes >> 32, codes & 0xFFFFFFFF), axis=1), scores

    def cut(
        self,
        threshold: float,
        *,
        transitive: bool = False,
        within: NDArray[np.uint64] | None = None,
        compiled: bool = False,
    ) -> NDArray[np.int64]:
        """The clusters at a threshold, as a run makes them: for each ordinal, that of its survivor.

        `within` are the values of which a cluster may hold one each, by ordinal; empty or None where any may meet.
        """
        pairs, scores = self.pairs()
        pairs, scores = pairs[scores >= threshold], scores[scores >= threshold]
        if transitive:
            kept = connected(self.first, pairs)
        else:
            values = None if within is None or not len(within) else within[self.order]
            witness, _ = settle(self.first, pairs, scores, values, compiled=compiled)
            kept = np.where(witness < 0, np.arange(len(witness)), witness)
        labels = np.empty(len(kept), np.int64)
        labels[self.order] = self.order[kept]
        return labels

    def scores_of(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """Scores of pairs of ordinals: 1 for records alike beyond doubt, NaN where never decided."""
        known, scores, _ = self._joined()
        a, b = (self.first[self._place[side]] for side in (left, right))
        codes = np.minimum(a, b) << 32 | np.maximum(a, b)
        found = np.where(a == b, 1.0, np.nan)
        if len(known):
            at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
            found = np.where(known[at] == codes, scores[at], found)
        return found
