"""The observer of pairs near the threshold holds what a look at all of them would find, however they come."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool.config import Options
from corpus_tool.engines import memory
from corpus_tool.evaluation.borderline import BINS, Borderline
from corpus_tool.match import DUPLICATE, NEITHER, VERSION, Decisions
from corpus_tool.progress import Progress

PLACES = 12
scores = st.floats(0, 1)
batches = st.lists(
    st.lists(
        st.tuples(st.integers(0, PLACES - 1), st.integers(0, PLACES - 1), scores),
        min_size=1,
        max_size=15,
        unique_by=lambda each: each[:2],
    ),
    max_size=6,
)


@given(batches, st.integers(1, 6), st.permutations(range(PLACES)))
def test_the_nearest_of_all_batches(
    parts: list[list[tuple[int, int, float]]], most: int, order: list[int]
) -> None:
    threshold = 0.5
    observer, known = Borderline(most), {}
    observer.begin(np.array(order), np.arange(PLACES))
    for part in parts:
        rule = part[0][0] % 2
        some = [(a, b) for a, b, _ in part if a < b and a % 2 == b % 2 == rule]
        values = [known.setdefault(pair, score) for pair, (_, _, score) in zip(some, part, strict=False)]
        relation = [
            VERSION
            if sum(pair) % 7 == 0 and score >= threshold
            else DUPLICATE
            if score >= threshold
            else NEITHER
            for pair, score in zip(some, values, strict=True)
        ]
        pairs = np.array(some, np.int64).reshape(-1, 2)
        observer.decided(pairs, Decisions(np.array(values), np.array(relation, np.uint8)))
    rule_of = np.zeros(PLACES, np.uint8)
    rule_of[order] = np.arange(PLACES) % 2
    run: Any = SimpleNamespace(rule=rule_of)
    above, below = observer.near(run, most)
    for side, sign in ((above, 1), (below, -1)):
        wanted = []
        for rule in (0, 1):
            mine = [
                (sign * score, pair)
                for pair, score in known.items()
                if pair[0] % 2 == rule and (score >= threshold) == (sign > 0)
                if not (sum(pair) % 7 == 0 and score >= threshold)
            ]
            wanted += [(order[a], order[b], sign * score) for score, (a, b) in sorted(mine)[:most]]
        assert [(*each.ordinals, each.score) for each in side] == wanted
        assert all(each.duplicate == (sign > 0) for each in side)


def test_every_decided_pair_is_counted() -> None:
    words = [f"word{at}" for at in range(4000)]
    bodies = [" ".join(words[at * 20 : at * 20 + 100]) for at in range(100)]
    observer = Borderline(5)
    raws = [json.dumps({"text": body}).encode() for body in bodies + [f"{body} end" for body in bodies]]
    found = memory.deduplicate(raws, "in", Options(match="text"), Progress(), observer)
    ((rule, counts),) = observer.histograms(found).items()
    assert (rule, len(counts)) == (0, BINS)
    assert sum(counts) == found.proposed >= 99
    above, _ = observer.near(found, 5)
    assert [each.score for each in above] == sorted(each.score for each in above)
    assert all(each.score >= 0.7 for each in above)
