"""How well `--match papers` does on the open labelled sets: run by hand, prints a table in Markdown.

    python tests/benchmarks/accuracy.py [--policy FILE] [SET...]

Candidates, scores and witness clusters come from the functions that the command runs, without MinHash LSH; figures from
the shared scorer. Each set is measured with every field and with title and abstract alone, at the default and lenient.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from labelled import SETS, TITLE_AND_ABSTRACT, Labelled, judge, load, witness_clusters

from corpus_tool.papers.candidates import propose
from corpus_tool.papers.columns import columns_of
from corpus_tool.papers.scorecard import DEFAULT, Scorecard, from_toml
from corpus_tool.papers.table import prepare, score_pairs


def measure(labelled: Labelled, keep: frozenset[str] | None, policy: Scorecard, folder: Path) -> list[str]:
    """One row of the table."""
    papers = labelled.papers(keep)
    pairs = propose(columns_of(papers, compiled=True), compiled=True)
    scores = score_pairs(prepare(papers, compiled=True), pairs[:, 0], pairs[:, 1], policy, compiled=True)
    gold = np.array(labelled.clusters)
    true = sum(size * (size - 1) // 2 for size in Counter(labelled.clusters).values())
    recall = int((gold[pairs[:, 0]] == gold[pairs[:, 1]]).sum()) / true
    row = [labelled.name, "all" if keep is None else "title, abstract"]
    row += [f"{recall:.4f}", f"{len(pairs) / len(papers):.2f}"]
    for strictness in ("default", "lenient"):
        threshold = policy.at(strictness).threshold
        found = judge(labelled, witness_clusters(len(papers), pairs, scores, threshold), folder)
        row += [f"{found['pair_precision']:.4f}", f"{found['pair_recall']:.4f}", f"{found['pair_f1']:.4f}"]
        row.append(f"{found['lost_unique']} ({1000 * found['lost_unique'] / len(papers):.1f} in 1,000)")
    return row


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("sets", nargs="*", default=SETS)
    options.add_argument("--policy", type=Path)
    chosen = options.parse_args()
    policy = from_toml(chosen.policy.read_text(encoding="utf-8")) if chosen.policy else DEFAULT
    figures = ["precision", "recall", "F1", "unique lost"]
    head = ["set", "fields", "candidate recall", "candidates a record", *figures]
    head += [f"{figure}, lenient" for figure in figures]
    print(" | ".join(head))
    print(" | ".join("---" for _ in head))
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.sets:
            labelled = load(name)
            for keep in (None, TITLE_AND_ABSTRACT):
                print(" | ".join(measure(labelled, keep, policy, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
