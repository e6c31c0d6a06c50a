"""Where the shipped weights come from: run by hand, prints the evidence and the weights.

    python tests/benchmarks/fit.py [-o policy.toml]

A study on further sets, most of which are not open, gave a first scorecard. It is the centre of the prior here; the
open sets say how far to move from it. How strongly the prior holds is chosen by leaving one set out: the weights are
fitted to the others, and judged on it by pairwise F1 of candidate pairs, with every field and with fewer. What
is shipped is the fit to all sets at the strength with the best mean, rounded to half points.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from labelled import SETS, load

from corpus_tool.papers.scorecard import DEFAULT, NAMES, Scorecard, to_toml
from corpus_tool.papers.tune import Training, solve, training

STUDY = {
    "base": -11.5,
    "title": 3.5,
    "title_whole": 1.0,
    "title_unknown": 2.5,
    "abstract": 3.5,
    "abstract_overlap": 2.5,
    "figures_differ": -1.0,
    "abstract_unknown": 2.0,
    "title_alone": 4.5,
    "authors": 3.5,
    "authors_whole": 1.0,
    "names_shared": 3.0,
    "authors_differ": -3.0,
    "authors_unknown": 3.0,
    "pages": 4.0,
    "pages_differ": -3.0,
    "volume_differs": -3.0,
    "issue_differs": -1.0,
    "doi": 3.0,
    "doi_differs": -2.0,
    "arxiv": 8.0,
    "arxiv_differs": -2.0,
    "year_differs": -3.5,
    "years_apart": -2.0,
    "venue_differs": -5.0,
    "numbers_differ": -6.0,
    "numbers_extra": -2.0,
    "markers_differ": -1.0,
    "contrast": -6.0,
    "generic_title": -8.0,
}
"""The study's scorecard, with the terms that it did not have: a missing title, arXiv ids, issues, opposites and
the figures of abstracts are weighed by judgement, names shared and whole titles by leaving sets out."""
STRENGTHS = (20.0, 100.0, 500.0, 2500.0, 12500.0)


def pairwise_f1(one: Training, weights: np.ndarray) -> list[float]:
    """F1 of candidate pairs under each of the copies of a set."""
    scores = []
    for values in one.values:
        found = values @ weights >= 0
        scores.append(2 * int((found & one.same).sum()) / (int(found.sum()) + int(one.same.sum())))
    return scores


def main() -> None:
    """Leave one set out at each strength, then fit all."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("-o", "--output", type=Path)
    chosen = options.parse_args()
    sets = []
    for name in SETS:
        labelled = load(name)
        sets.append(training(labelled.papers(), labelled.clusters, compiled=True))
    study = Scorecard(tuple(STUDY[name] for name in NAMES))
    means = {}
    for strength in STRENGTHS:
        rows = []
        for out, unseen in enumerate(sets):
            rows.append(pairwise_f1(unseen, solve(sets[:out] + sets[out + 1 :], study, strength)))
        means[strength] = float(np.mean(rows))
        print(f"strength {strength:g}: mean F1 of sets left out {means[strength]:.4f}", flush=True)
    print(
        f"the study's weights, unfitted: {np.mean([pairwise_f1(one, np.array(study.weights)) for one in sets]):.4f}"
    )
    best = max(means, key=lambda strength: means[strength])
    fitted = np.round(solve(sets, study, best) * 2) / 2
    policy = Scorecard(tuple(fitted.tolist()))
    print(
        f"fitted at {best:g}, rounded: {'the shipped weights' if policy == DEFAULT else 'not the shipped weights'}"
    )
    text = to_toml(policy)
    print(text)
    if chosen.output:
        chosen.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
