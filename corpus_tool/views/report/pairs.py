"""Pairs near the threshold, explained word by word, and how the scores of all decided pairs lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.evaluation.borderline import BINS
from corpus_tool.store import records
from corpus_tool.views import diff
from corpus_tool.views.report.clusters import many, title_of, wide
from corpus_tool.views.report.contents import Bar, BarChart, Compared, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.borderline import Near
    from corpus_tool.match import Verdict

_MOST_CHARACTERS = 4000
"""Of a text that is shown word by word."""
_SAME = 1e-6
_NAMES = {"papers": "papers", "text": "texts"}


def explained(run: Run, pairs: Sequence[Near]) -> Iterator[Pair]:
    """The pairs as `explain` shows them."""
    for pair in pairs:
        ordinals = np.array(pair.ordinals)
        left, right = records(run.store, ordinals)
        _, verdict = run.rules.explain(left, right)
        places = tuple(f"{source}:{line}" for source, line in run.store.places(ordinals))
        yield Pair(
            (places[0], places[1]),
            (title_of(left), title_of(right)),
            pair.score,
            verdict.threshold,
            pair.duplicate,
            verdict.sentence + _otherwise(pair.score, verdict.score),
            tuple(_compared(verdict)),
            verdict.steps,
            verdict.flips[:4],
        )


def _otherwise(score: float, now: float) -> str:
    """What to say where a saved score is not what the options of this report give."""
    if abs(score - now) < _SAME:
        return ""
    return f" This report compares otherwise than the run did, and finds {now:.4f}: give it the options of the run."


def _compared(verdict: Verdict) -> Iterator[Compared]:
    for name, left, right in verdict.texts:
        if left or right:
            one, other, note = diff.excerpt(left, right, _MOST_CHARACTERS)
            yield Compared(name, tuple(diff.rows(diff.spans(one, other), diff.KEEP)), note)


def histograms(run: Run, counted: Mapping[int, Sequence[int]]) -> Iterator[BarChart]:
    """One chart a rule, since scores of two rules are not of one scale.

    Args:
        run: What was found.
        counted: Pairs in each of `BINS` bins, by the place of their rule.
    """
    for rule, counts in counted.items():
        policy = run.rules.policies[rule]
        several = f" of {_NAMES.get(policy.name, policy.name)}" if len(counted) > 1 else ""
        bars = [
            Bar(
                f"{at / BINS:g}", (count,), f"{at / BINS:.2f} to {(at + 1) / BINS:.2f}: {many(count, 'pair')}"
            )
            for at, count in enumerate(counts)
        ]
        yield BarChart(
            f"Scores of decided pairs{several}",
            "",
            "Score" if policy.name == "papers" else "Jaccard index",
            "Pairs",
            ("pairs",),
            tuple(bars),
            mark=policy.threshold * BINS,
            mark_name=f"threshold {policy.threshold:g}",
            ends=True,
            log=wide(np.array(counts)),
        )


def of_scores(rule: Iterable[int], scores: Iterable[float]) -> dict[int, list[int]]:
    """Pairs in each bin, by the place of their rule."""
    found: dict[int, list[int]] = {}
    for which, score in zip(rule, scores, strict=True):
        found.setdefault(which, [0] * BINS)[min(int(score * BINS), BINS - 1)] += 1
    return dict(sorted(found.items()))
