"""How right a clustering is, against a gold standard.

Everything counts pairs of records, or records, over all that the gold standard or the prediction lists; what one of
them does not list is there a cluster of one. Where gold is labels of pairs, only what these connect counts. Names
stand sorted, a clustering is an array with a number a record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import receipts
from corpus_tool.errors import InputError
from corpus_tool.evaluation import wrong_pairs
from corpus_tool.evaluation.agreement import LEVEL, RESAMPLES, Intervals, Scores, Sides, intervals, score
from corpus_tool.evaluation.gold import require_shared
from corpus_tool.evaluation.wrong_pairs import FALSE_MERGES, MISSES
from corpus_tool.stats import TEXT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.decisions import Decided
    from corpus_tool.evaluation.gold import Clustering
    from corpus_tool.evaluation.wrong_pairs import WrongPairs
    from corpus_tool.match import Policy
    from corpus_tool.records import Record

_TITLE = 200
_POINTS = np.arange(-10, 11) / 2
_SHARES = np.arange(1, 21) / 20


@dataclass(frozen=True, slots=True)
class Point:
    """The scores at one threshold; `strictness` in points over the run's own, where a scorecard decides."""

    threshold: float
    strictness: float | None
    scores: Scores


@dataclass(frozen=True, slots=True)
class Wrong:
    """A pair on which prediction and gold differ.

    Attributes:
        kind: A key of `FALSE_MERGES` or `MISSES` in `corpus_tool.evaluation.wrong_pairs`.
        names: Of the two records.
        titles: Theirs, or the beginnings of their texts.
        score: What the policy gives the pair; None where no policy has run.
        explain: The command line that shows why.
    """

    kind: str
    names: tuple[str, str]
    titles: tuple[str, str]
    score: float | None
    explain: str

    def as_json(self) -> dict[str, Any]:
        """The same with `a`, `b` and `titles`."""
        a, b = self.names
        shown = {"kind": self.kind, "a": a, "b": b, "score": self.score}
        return {**shown, "titles": list(self.titles), "explain": self.explain}


@dataclass(slots=True)
class Evaluation:
    """All that is known of a prediction; `curve` is empty where no policy has run."""

    scores: Scores
    intervals: Intervals
    gold: Clustering
    input_records: int
    not_in_input: list[str]
    not_in_gold: int
    match: str | None = None
    threshold: float | None = None
    transitive: bool = False
    pairs_decided: int | None = None
    curve: list[Point] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    worst: list[Wrong] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One object with everything; the scores stand at its top."""
        ends = {name: getattr(self.intervals, name) for name in Intervals.__slots__}
        return {
            **self.scores.as_json(),
            "intervals": {
                **{name: [round(end, 4) for end in pair] for name, pair in ends.items()},
                "level": LEVEL,
                "resamples": RESAMPLES,
                "method": "percentile bootstrap over gold clusters",
            },
            "gold": {
                "path": self.gold.path,
                "form": self.gold.form,
                "records": len(self.gold.cluster),
                "not_in_input": len(self.not_in_input),
                "first_not_in_input": self.not_in_input[:5],
            },
            "input": {"records": self.input_records, "not_in_gold": self.not_in_gold},
            "match": self.match,
            "threshold": self.threshold,
            "transitive": self.transitive,
            "pairs_decided": self.pairs_decided,
            "curve": [
                {"threshold": point.threshold, "strictness": point.strictness, **point.scores.as_json()}
                for point in self.curve
            ],
            "errors": self.counts,
            "false_merges": [wrong.as_json() for wrong in self.worst if wrong.kind in FALSE_MERGES],
            "misses": [wrong.as_json() for wrong in self.worst if wrong.kind in MISSES],
        }


class Records:
    """Names, places and titles of the input's records, by ordinal."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.titles: list[str] = []
        self.ordinal: dict[str, int] = {}
        self._places: list[tuple[str, int]] = []

    def add(self, record: Record, place: tuple[str, int]) -> None:
        """Note the next record, which stands at a source and line.

        Raises:
            InputError: Another has its name.
        """
        name = str(receipts.name_of(record, place))
        known = self.ordinal.setdefault(name, len(self.names))
        if known < len(self.names):
            source, line = self._places[known]
            raise InputError(
                f"the id {name} stands already at {source}:{line}: a gold file can only tell records apart by their "
                "ids; give each its own (`jq -c '.id = input_line_number'` numbers them), or drop the repeat",
                path=place[0],
                line=place[1],
            )
        self.names.append(name)
        self._places.append(place)
        texts = (record.get(key) for key in ("title", *TEXT_FIELDS))
        self.titles.append(next((text[:_TITLE] for text in texts if isinstance(text, str) and text), ""))

    @classmethod
    def of(cls, run: Run) -> Records:
        """Those of a run."""
        found = cls()
        for at in range(0, len(run.store), 4096):
            ordinals = np.arange(at, min(at + 4096, len(run.store)))
            for record, place in zip(run.store.lines(ordinals), run.store.places(ordinals), strict=True):
                found.add(record, place)
        return found


def evaluate(
    gold: Clustering,
    predicted: Mapping[str, int],
    records: Records,
    explain: Callable[[str, str], str],
    listed: int,
) -> Evaluation:
    """Score a prediction that somebody made, and tell where it is wrong.

    Args:
        gold: The truth.
        predicted: Number of the cluster of each record that it lists, by name.
        records: Of the input.
        explain: The command line that explains two records, by their names.
        listed: Wrong pairs of each kind to list.
    """
    sides = Sides.of(gold.cluster, predicted, records.ordinal, gold.compared)
    result = _scored(sides, gold, records)
    _add_wrong(result, wrong_pairs.find(sides, listed), sides, records, explain)
    return result


def evaluate_run(
    gold: Clustering,
    run: Run,
    decided: Decided,
    explain: Callable[[str, str], str],
    listed: int,
    *,
    transitive: bool = False,
) -> Evaluation:
    """As `evaluate`, of a run and what observed it; the run's store is still open."""
    records = Records.of(run)
    predicted = dict(zip(records.names, run.survivor.tolist(), strict=True))
    sides = Sides.of(gold.cluster, predicted, records.ordinal, gold.compared)
    result = _scored(sides, gold, records)
    result.match, result.threshold = run.policy.name, run.policy.threshold
    result.transitive, result.pairs_decided = transitive, run.proposed
    result.curve = list(_curve(sides, run, decided, transitive=transitive))
    _add_wrong(result, wrong_pairs.find(sides, listed, run, decided), sides, records, explain)
    return result


def _scored(sides: Sides, gold: Clustering, records: Records) -> Evaluation:
    require_shared(gold, records.names)
    return Evaluation(
        scores=score(sides.gold, sides.predicted),
        intervals=intervals(sides.gold, sides.predicted),
        gold=gold,
        input_records=len(records.names),
        not_in_input=[name for name in gold.cluster if name not in records.ordinal],
        not_in_gold=sum(name not in gold.cluster for name in records.names),
    )


def _curve(sides: Sides, run: Run, decided: Decided, *, transitive: bool) -> Iterator[Point]:
    """Scores at thresholds around the run's: half points of a scorecard, or twentieths of a Jaccard index."""
    if len(np.unique(run.rule)) > 1:  # scores of two rules are not of one scale
        return
    for threshold, points in _thresholds(run.policy):
        labels = decided.cut(
            threshold, transitive=transitive, within=run.within, compiled=run.policy.compiled
        )
        yield Point(threshold, points, score(sides.gold, sides.with_labels(labels)))


def _thresholds(policy: Policy) -> list[tuple[float, float | None]]:
    if (
        policy.name == "papers"
    ):  # its scores are the logistic function of points over the scorecard's threshold
        return [(1 / (1 + math.exp(-points)), points) for points in _POINTS.tolist()]
    return [(share, None) for share in sorted({*_SHARES.tolist(), policy.threshold})]


def _add_wrong(
    result: Evaluation,
    found: list[WrongPairs],
    sides: Sides,
    records: Records,
    explain: Callable[[str, str], str],
) -> None:
    """Count all wrong pairs, and name those that are listed."""

    def title(place: int) -> str:
        ordinal = int(sides.ordinal[place])
        return records.titles[ordinal] if ordinal >= 0 else ""

    for each in found:
        result.counts[each.kind] = each.count
        for (a, b), points in zip(each.pairs.tolist(), each.scores.tolist(), strict=True):
            names = (sides.names[a], sides.names[b])
            known = None if np.isnan(points) else points
            result.worst.append(Wrong(each.kind, names, (title(a), title(b)), known, explain(*names)))
