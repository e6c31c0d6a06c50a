"""What each feature of `--match papers` is worth on the open labelled sets: run by hand, prints a table in Markdown.

    python tests/benchmarks/features.py [SET...]

Every feature is measured alone, beside none of the others, and by what is missing without it. A feature is switched off
where it stands: by its weights, its limits or the function that it is.
"""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from accuracy import measure
from labelled import SETS, TITLE_AND_ABSTRACT, load

from corpus_tool.papers import fields, limits, places, reference, table
from corpus_tool.papers.scorecard import DEFAULT, NAMES, Scorecard

FEATURES: dict[str, tuple[dict[str, float], dict[tuple[object, str], object]]] = {
    "shared and whole lists of names": ({"authors": 5.5, "authors_whole": 0.0, "names_shared": 0.0}, {}),
    "whole titles beside abstracts": (
        {"title_whole": 0.0, "abstract": 4.0, "figures_differ": -0.5, "title_unknown": 2.0},
        {},
    ),
    "a number more only in alike titles": ({}, {(reference, "ALIKE_TITLES"): 0.0}),
    "names word for word outweighed": ({}, {(reference, "WORD_FOR_WORD"): 1e9}),
    "short titles need their place": ({}, {(reference, "SHORT_TITLE_WORDS"): limits.GENERIC_TITLE_WORDS}),
    "short abstracts under other titles": ({}, {(reference, "FEW_SHINGLES"): 0}),
    "opposites in short texts": ({"contrast": 0.0}, {}),
    "issues": ({"issue_differs": 0.0}, {}),
    "notices and rights": ({}, {(fields, "own_words"): lambda text: text}),
    "placeholders": ({}, {(fields, "telling"): lambda text: text, (fields, "somebody"): lambda text: text}),
    "servers are no venues": (
        {},
        {(table, "published"): lambda paper: paper, (places, "is_preprint"): lambda paper: False},
    ),
}
"""What switches each off: weights of terms, and what stands in the place of a name of a module."""


def row(name: str, keep: frozenset[str] | None, off: set[str], folder: Path) -> str:
    """F1 and lost records of a set without some features."""
    weights = DEFAULT.by_name() | {key: value for one in off for key, value in FEATURES[one][0].items()}
    with ExitStack() as stack:
        for one in off:
            for (module, attribute), value in FEATURES[one][1].items():
                stack.enter_context(patch.object(module, attribute, value))
        now = tuple(float(getattr(reference, limit)) for limit in limits.LIMIT_NAMES)
        stack.enter_context(patch.object(table, "LIMITS", now))
        figures = measure(load(name), keep, Scorecard(tuple(weights[term] for term in NAMES)), folder)
    return f"{figures[6]}/{figures[7].split()[0]}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("sets", nargs="*", default=SETS)
    sets = options.parse_args().sets
    every = set(FEATURES)
    runs = {"none": every, **{f"only {one}": every - {one} for one in FEATURES}}
    runs |= {**{f"all but {one}": {one} for one in FEATURES}, "all": set()}
    print(" | ".join(["features", *(f"{name} {kind}" for name in sets for kind in ("all", "t+a"))]))
    print(" | ".join(["---"] * (2 * len(sets) + 1)))
    with tempfile.TemporaryDirectory() as folder:
        for title, off in runs.items():
            cells = [
                row(name, keep, off, Path(folder)) for name in sets for keep in (None, TITLE_AND_ABSTRACT)
            ]
            print(" | ".join([title, *cells]), flush=True)


if __name__ == "__main__":
    main()
