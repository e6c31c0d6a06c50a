"""The pairs that a run decided by a hair, and how the scores of all decided pairs lie: an observer of the run.

It holds a few hundred pairs on either side of the threshold and counts the rest, so that its memory does not grow
with what is decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.match import DUPLICATE, NEITHER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.match import Decisions

BINS = 50
"""Of equal width, over scores from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Near:
    """A decided pair near the threshold of its rule.

    Attributes:
        ordinals: Of the two records, the one that the keep policy takes first in front.
        score: Exact.
        duplicate: On which side it came out.
    """

    ordinals: tuple[int, int]
    score: float
    duplicate: bool


@dataclass(frozen=True, slots=True)
class _Side:
    """Of one rule, the pairs of one outcome that are nearest to its threshold, as codes of two places."""

    codes: NDArray[np.int64]
    scores: NDArray[np.float64]


class Borderline:
    """Counts the scores of decided pairs, and keeps the nearest to the threshold.

    Args:
        most: Pairs to keep of each outcome and rule.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._order = np.zeros(0, np.int64)
        self._parts: list[tuple[int, NDArray[np.int64], _Side, _Side]] = []

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        self._order = order

    def decided(self, pairs: NDArray[np.int64], decisions: Decisions) -> None:
        if not len(pairs):
            return
        codes, scores, relation = pairs[:, 0] << 32 | pairs[:, 1], decisions.scores, decisions.relation
        alike, unlike = relation == DUPLICATE, relation == NEITHER
        above = _nearest(codes[alike], scores[alike], 1, self._most)
        below = _nearest(codes[unlike], scores[unlike], -1, self._most)
        counts = np.bincount(np.minimum((scores * BINS).astype(np.int64), BINS - 1), minlength=BINS)
        self._parts.append((int(pairs[0, 0]), counts, above, below))

    def histograms(self, run: Run) -> dict[int, list[int]]:
        """Decided pairs in each bin, by the place of their rule among the run's."""
        found: dict[int, NDArray[np.int64]] = {}
        for place, counts, _, _ in self._parts:
            rule = self._rule(run, place)
            found[rule] = found[rule] + counts if rule in found else counts
        return {rule: found[rule].tolist() for rule in sorted(found)}

    def near(self, run: Run, most: int) -> tuple[list[Near], list[Near]]:
        """The nearest pairs that are duplicates, and the nearest that are none; of every rule, the nearest first."""
        rules = sorted({self._rule(run, place) for place, *_ in self._parts})
        sides: list[list[Near]] = [[], []]
        for rule in rules:
            mine = [part for part in self._parts if self._rule(run, part[0]) == rule]
            sides[0] += self._listed([part[2] for part in mine], 1, most)
            sides[1] += self._listed([part[3] for part in mine], -1, most)
        return sides[0], sides[1]

    def _rule(self, run: Run, place: int) -> int:
        """The rule by which the pairs that were decided together with one at a place were."""
        return int(run.rule[self._order[place]])

    def _listed(self, parts: list[_Side], sign: int, most: int) -> list[Near]:
        codes, index = np.unique(np.concatenate([part.codes for part in parts]), return_index=True)
        side = _nearest(codes, np.concatenate([part.scores for part in parts])[index], sign, most)
        one, other = self._order[side.codes >> 32].tolist(), self._order[side.codes & 0xFFFFFFFF].tolist()
        return [
            Near(pair, score, sign > 0)
            for pair, score in zip(zip(one, other, strict=True), side.scores.tolist(), strict=True)
        ]


def _nearest(codes: NDArray[np.int64], scores: NDArray[np.float64], sign: int, most: int) -> _Side:
    """Of pairs of one outcome those with the least scores (`sign` 1) or the greatest (-1), equals by their places."""
    if len(scores) > most:
        edge = np.partition(sign * scores, most - 1)[most - 1]
        within = sign * scores <= edge
        codes, scores = codes[within], scores[within]
    order = np.lexsort((codes, sign * scores))[:most]
    return _Side(codes[order], scores[order])
