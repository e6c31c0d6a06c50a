"""How far two clusterings of the same records agree: scores, and how sure they are.

A clustering is an array with the number of a cluster for each record, from 0 on without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

RESAMPLES = 1000
LEVEL = 0.95
_SEED = 1993


@dataclass(frozen=True, slots=True)
class Sides:
    """Gold and prediction over the same records.

    Attributes:
        names: Sorted.
        gold: int64[n], cluster of each; the numbers are dense.
        predicted: The same of the prediction.
        ordinal: int64[n], place in the input; -1 for what is not in it.
        compared: int64[n], the set of records within which gold says something of pairs; None where it does of all.
    """

    names: list[str]
    gold: Labels
    predicted: Labels
    ordinal: Labels
    compared: Labels | None = None

    @classmethod
    def of(
        cls,
        gold: Mapping[str, int],
        predicted: Mapping[str, int],
        ordinal: Mapping[str, int],
        compared: Mapping[str, int] | None = None,
    ) -> Sides:
        """Put two clusterings side by side; where gold knows only some pairs, nothing but these."""
        names = sorted(gold.keys() | predicted.keys() if compared is None else gold)
        places = np.fromiter((ordinal.get(name, -1) for name in names), np.int64, len(names))
        sets = None if compared is None else _dense(names, compared)
        return cls(names, _dense(names, gold), _within(_dense(names, predicted), sets), places, sets)

    def with_labels(self, labels: Labels) -> Labels:
        """The prediction that clusters of the input make: `labels` holds an ordinal for each ordinal."""
        predicted = np.arange(len(self.names))
        known = self.ordinal >= 0
        if self.compared is not None:
            predicted[known] = len(self.names) + labels[self.ordinal[known]]
            return _within(predicted, self.compared)
        position = np.empty(len(labels), np.int64)
        position[self.ordinal[known]] = predicted[known]
        predicted[known] = position[labels[self.ordinal[known]]]
        return predicted


def _within(predicted: Labels, sets: Labels | None) -> Labels:
    """A prediction cut to the sets of which something is known."""
    if sets is None or not len(sets):
        return predicted
    return np.unique(predicted * (sets.max() + 1) + sets, return_inverse=True)[1].astype(np.int64)


def _dense(names: list[str], cluster: Mapping[str, int]) -> Labels:
    label = np.fromiter((cluster.get(name, -1) for name in names), np.int64, len(names))
    alone = label < 0
    label[alone] = len(names) + np.flatnonzero(alone)
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scores:
    """One clustering against another.

    Attributes:
        records: Of either.
        pair_precision: Share of the predicted pairs that are true; 1 where none is predicted.
        pair_recall: Share of the true pairs that are predicted; 1 where there is none.
        pair_f1: Harmonic mean of the two.
        lost_unique: Gold clusters of which no record is kept, where each predicted cluster keeps one record (the
            first by name).
        surplus_removed: Further copies that are rightly not kept.
        surplus_kept: Further copies that are kept.
        ari: Adjusted Rand index (Hubert and Arabie, "Comparing partitions", 1985).
        gold_pairs: True pairs.
        predicted_pairs: Predicted pairs.
    """

    records: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    lost_unique: int
    surplus_removed: int
    surplus_kept: int
    ari: float
    gold_pairs: int
    predicted_pairs: int

    def as_json(self) -> dict[str, Any]:
        """The same, shares to four decimals."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in values}


@dataclass(frozen=True, slots=True)
class Intervals:
    """Confidence intervals, lower and upper end of each."""

    precision: tuple[float, float]
    recall: tuple[float, float]
    f1: tuple[float, float]


def score(gold: Labels, predicted: Labels) -> Scores:
    """Score a clustering of records that stand in the order of their names."""
    gold_sizes, predicted_sizes = np.bincount(gold), np.bincount(predicted)
    true, found = _pairs(gold_sizes), _pairs(predicted_sizes)
    right = _pairs(_cells(gold, predicted)[2])
    precision, recall = right / found if found else 1.0, right / true if true else 1.0
    everything = _pairs(np.array([len(gold)]))
    chance = true * found / everything if everything else 0.0
    spread = (true + found) / 2 - chance
    kept = np.unique(predicted, return_index=True)[1]
    survivors = np.bincount(gold[kept], minlength=len(gold_sizes))
    lost = survivors == 0
    return Scores(
        records=len(gold),
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=_f1(precision, recall),
        lost_unique=int(lost.sum()),
        surplus_removed=int((gold_sizes - np.maximum(survivors, 1)).sum()),
        surplus_kept=int((survivors[~lost] - 1).sum()),
        ari=(right - chance) / spread if spread else 1.0,
        gold_pairs=true,
        predicted_pairs=found,
    )


def intervals(gold: Labels, predicted: Labels, resamples: int = RESAMPLES) -> Intervals:
    """Percentile bootstrap intervals of the pairwise scores, gold clusters resampled with replacement.

    Clusters are resampled because pairs and records are not independent of each other: all pairs of a cluster stand
    or fall together (Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapters 8 and 13). The scores
    are ratios of sums over gold clusters; a pair across two clusters counts half in each (Binette et al., "How to
    evaluate entity resolution systems", 2024). Clusters alike in their sums are drawn together, by a multinomial
    count, so the cost does not grow with the records. The same clusterings give the same intervals. Where no error
    was made the interval is a point: a bootstrap knows nothing of what it has not seen.
    """
    row, column, count = _cells(gold, predicted)
    predicted_sizes = np.bincount(predicted)
    clusters = len(np.bincount(gold))
    right = np.bincount(row, count * (count - 1) // 2, clusters)
    across = np.bincount(row, count * (predicted_sizes[column] - count), clusters)
    sizes = np.bincount(gold)
    sums = np.stack((right, right + across / 2, sizes * (sizes - 1) // 2), axis=1)
    kinds, times = np.unique(sums, axis=0, return_counts=True)
    if not len(sums):
        return Intervals((1.0, 1.0), (1.0, 1.0), (1.0, 1.0))
    drawn = np.random.default_rng(_SEED).multinomial(len(sums), times / len(sums), size=resamples)
    hits, found, true = (drawn @ kinds).T
    precision = np.divide(hits, found, out=np.ones(resamples), where=found > 0)
    recall = np.divide(hits, true, out=np.ones(resamples), where=true > 0)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros(resamples), where=total > 0)
    return Intervals(_middle(precision), _middle(recall), _middle(f1))


def _middle(values: NDArray[np.float64]) -> tuple[float, float]:
    lower, upper = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(lower), float(upper)


def _cells(gold: Labels, predicted: Labels) -> tuple[Labels, Labels, Labels]:
    """The table of gold against predicted clusters where it is not 0: row, column, count."""
    columns = int(predicted.max(initial=-1)) + 1
    codes, count = np.unique(gold * columns + predicted, return_counts=True)
    return codes // max(columns, 1), codes % max(columns, 1), count


def _pairs(sizes: NDArray[np.int64]) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
