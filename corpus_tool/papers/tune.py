"""Weights from labels: the scorecard refitted to a user's own records.

A sign-constrained logistic regression with a Gaussian prior around the shipped weights. The sign constraints keep
every agreement worth something or nothing, never less; the prior keeps a term that the labels say nothing about
where it was. Field dropout, copies of the training pairs with fields blanked, keeps the fit from leaning on metadata
that other records lack (after Srivastava et al., "Dropout", 2014, applied to whole fields). What comes out is judged
by cross-validation over clusters, and refused where labels are too few to judge.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.errors import InputError
from corpus_tool.papers.candidates import propose
from corpus_tool.papers.columns import columns_of
from corpus_tool.papers.fields import PaperFields
from corpus_tool.papers.scorecard import DEFAULT, TERMS, Scorecard
from corpus_tool.papers.table import prepare, value_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Verdicts = tuple[NDArray[np.bool_], NDArray[np.bool_]]

LEAST_OF_EACH = 30
"""Pairs of one paper, and likewise of two papers, without which a fit is refused."""

DROPPED: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"authors", "year", "venue", "volume", "pages", "doi", "arxiv"}),
    frozenset({"authors"}),
    frozenset({"abstract", "doi", "arxiv"}),
    frozenset({"venue", "volume", "pages", "doi", "arxiv"}),
)
"""The fields that each copy of the training records lacks."""

PRIOR = 100.0
"""Strength of the prior around the shipped weights, against pairs that weigh one each up to `SET_WEIGHT`."""

SET_WEIGHT = 1000.0
"""One set of records with all its pairs weighs at most this much in a fit, however many pairs it has."""

FOLDS = 5
FREE = frozenset({"base"})
"""Terms without a sign; every other keeps that of its shipped weight."""


@dataclass(frozen=True, slots=True)
class Training:
    """Labelled pairs of one set of records.

    Attributes:
        values: float64[copies, m, terms], of the pairs under each of `DROPPED`.
        same: bool[m], whether the two are one paper.
        group: int64[m], pairs of one number are never parted between folds.
    """

    values: NDArray[np.float64]
    same: NDArray[np.bool_]
    group: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted policy and what cross-validation says of it.

    Attributes:
        policy: The weights, to two decimals.
        pairs: Labelled pairs that it was fitted to.
        positives: How many of them are of one paper.
        f1: Pairwise F1 of fits on pairs that each had not seen.
        shipped_f1: The same of the weights that the tool comes with.
    """

    policy: Scorecard
    pairs: int
    positives: int
    f1: float
    shipped_f1: float


def training(
    papers: Sequence[PaperFields],
    clusters: Sequence[int],
    *,
    compiled: bool,
    compared: Sequence[int] | None = None,
) -> Training:
    """Candidate pairs of some records with their values and labels.

    Args:
        papers: The records.
        clusters: For each the number of its gold cluster, or -1 where it has no label.
        compiled: Whether to run the kernels.
        compared: For each the set of records within which labels say something of pairs; None where they do of all.
    """
    pairs = propose(columns_of(papers, compiled=compiled), compiled=compiled)
    gold = np.asarray(clusters, np.int64)
    pairs = pairs[(gold[pairs] >= 0).all(axis=1)]
    if compared is not None:
        one, other = np.asarray(compared, np.int64)[pairs].T
        pairs = pairs[one == other]
    left, right = pairs.T
    copies = []
    for dropped in DROPPED:
        blanks: dict[str, Any] = {
            field.name: field.default for field in fields(PaperFields) if field.name in dropped
        }
        table = prepare([replace(paper, **blanks) for paper in papers], compiled=compiled)
        copies.append(value_pairs(table, left, right, compiled=compiled))
    return Training(np.stack(copies), gold[left] == gold[right], np.minimum(gold[left], gold[right]))


def fit(sets: Sequence[Training], prior: Scorecard = DEFAULT, strength: float = PRIOR) -> Fit:
    """Fit the weights to labelled sets.

    Args:
        sets: One for each collection of records, from `training`.
        prior: Where the weights are drawn to; its threshold is kept.
        strength: How strongly.

    Raises:
        InputError: There are too few labelled pairs of either kind to fit and to judge weights.
    """
    positives = sum(int(one.same.sum()) for one in sets)
    total = sum(len(one.same) for one in sets)
    if min(positives, total - positives) < LEAST_OF_EACH:
        raise InputError(
            f"too few labels to tune: {positives} candidate pairs of one paper and {total - positives} of two, "
            f"where {LEAST_OF_EACH} of each are needed; label more records"
        )
    seen: list[Verdicts] = []
    shipped: list[Verdicts] = []
    for fold in range(FOLDS):
        kept = [_select(one, one.group % FOLDS != fold) for one in sets]
        weights = solve(kept, prior, strength)
        for one in sets:
            unseen = _select(one, one.group % FOLDS == fold)
            for scores, weighed in ((seen, weights), (shipped, np.array(prior.weights))):
                scores.append((unseen.values[0] @ weighed >= prior.threshold, unseen.same))
    weights = np.round(solve(sets, prior, strength), 2)
    return Fit(Scorecard(tuple(weights.tolist()), prior.threshold), total, positives, _f1(seen), _f1(shipped))


def solve(sets: Sequence[Training], prior: Scorecard, strength: float) -> NDArray[np.float64]:
    """The weights that maximise the penalised likelihood under the sign constraints, float64[terms].

    Projected Newton steps with an active set and backtracking (Bertsekas, "Projected Newton methods for optimization
    problems with simple constraints", 1982): the problem is strictly convex, so the optimum is one.
    """
    design, same, weight = _stack(sets)
    centre = np.array(prior.weights)
    shipped = np.array([0.0 if term.name in FREE else np.sign(term.weight) for term in TERMS])
    beta = centre.copy()

    def loss(at: NDArray[np.float64]) -> float:
        margin = design @ at - prior.threshold
        likelihood = weight @ (np.logaddexp(0.0, margin) - same * margin)
        return float(likelihood + strength * ((at - centre) ** 2).sum())

    best = loss(beta)
    for _ in range(100):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ beta - prior.threshold, -50.0, 50.0)))
        gradient = design.T @ (weight * (chance - same)) + 2.0 * strength * (beta - centre)
        bound = (shipped != 0.0) & (beta * shipped <= 0.0) & (gradient * shipped > 0.0)
        free = ~bound
        curved = design[:, free] * (weight * chance * (1.0 - chance))[:, None]
        hessian = design[:, free].T @ curved + 2.0 * strength * np.eye(int(free.sum()))
        step = np.zeros_like(beta)
        step[free] = np.linalg.solve(hessian, gradient[free])
        length, moved = 1.0, best
        while length > 1e-8:
            trial = beta - length * step
            trial = np.where(shipped * trial < 0.0, 0.0, trial)
            moved = loss(trial)
            if moved < best:
                break
            length /= 2.0
        if best - moved < 1e-9 * max(1.0, abs(best)):
            break
        beta, best = trial, moved
    return beta


def _stack(
    sets: Sequence[Training],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """All copies of all pairs: values, labels and weights."""
    copies = len(DROPPED)
    design = np.concatenate([one.values.reshape(-1, len(TERMS)) for one in sets])
    same = np.concatenate([np.tile(one.same.astype(np.float64), copies) for one in sets])
    weight = np.concatenate(
        [np.full(copies * len(one.same), min(1.0, SET_WEIGHT / max(1, len(one.same)))) for one in sets]
    )
    return design, same, weight


def _select(one: Training, rows: NDArray[np.bool_]) -> Training:
    return Training(one.values[:, rows], one.same[rows], one.group[rows])


def _f1(scores: Sequence[Verdicts]) -> float:
    """Pairwise F1 over (predicted, true) portions; 0 where nothing is right."""
    right = sum(int((found & same).sum()) for found, same in scores)
    named = sum(int(found.sum()) + int(same.sum()) for found, same in scores)
    return 2.0 * right / named if named else 0.0
