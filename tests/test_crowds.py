"""Buckets of more records than can be compared each with each: who stays is what comparing all of them would keep."""

from __future__ import annotations

import random
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool import receipts
from corpus_tool.config import Options, Similarity
from corpus_tool.dedup import candidates, clusters, search
from corpus_tool.dedup.candidates import Reach
from corpus_tool.dedup.cover import Budget, Cover, bridge
from corpus_tool.dedup.leaders import Led, led
from corpus_tool.engines import memory
from corpus_tool.evaluation.decisions import Decided
from corpus_tool.match.text import TextPolicy
from corpus_tool.progress import Progress
from corpus_tool.text import jaccard, shingles
from corpus_tool.views.summary import numbers, sentence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run

Pairs = set[tuple[int, int]]


class Graph:
    """Places that share buckets, some of which match, and what was asked of them."""

    def __init__(self, seed: int, count: int, meet: float, match: float) -> None:
        chooser = random.Random(seed)
        self.count = count
        self.met = {pair for pair in combinations(range(count), 2) if chooser.random() < meet}
        self.matching = {pair for pair in sorted(self.met) if chooser.random() < match}
        self.known: Pairs = set()
        self.asked: Pairs = set()
        self.looked = self.decided = 0

    def join(self, leaders: NDArray[np.int64], others: NDArray[np.int64]) -> Led:
        found = [
            (at, nth)
            for nth, other in enumerate(others.tolist())
            for at, leader in enumerate(leaders.tolist())
            if (min(leader, other), max(leader, other)) in self.met or leader == other
        ]
        self.looked += len(found)
        leader, row = np.array(found, np.int64).reshape(-1, 2).T
        return Led(leader, row, len(found))

    def decide(self, pairs: NDArray[np.int64]) -> int:
        asked = list(map(tuple, pairs.tolist()))
        assert len(set(asked)) == len(asked)
        assert all(one < other for one, other in asked)
        self.asked.update(asked)
        self.known.update(self.matching & self.asked)
        self.decided += len(asked)
        return len(asked)

    def pairs(self) -> NDArray[np.int64]:
        return np.array(sorted(self.known), np.int64).reshape(-1, 2)

    def kept(self) -> NDArray[np.bool_]:
        return clusters.kept(self.count, self.pairs())

    def label(self) -> NDArray[np.int64]:
        return clusters.components(self.count, self.pairs())

    def mixed(self, label: NDArray[np.int64]) -> NDArray[np.bool_]:
        unlike = [pair for pair in self.met if label[pair[0]] != label[pair[1]]]
        return np.isin(np.arange(self.count), np.array(unlike, np.int64))

    def cover(self, largest: int, budget: Budget | None = None) -> Cover:
        every = np.arange(self.count)
        return Cover(every, self.join, self.decide, budget or Budget(1 << 40, 1 << 40), largest)


def greedy(count: int, matching: Pairs) -> list[int]:
    """Those that stay when records are taken in order."""
    kept: list[int] = []
    for place in range(count):
        if not any((earlier, place) in matching for earlier in kept):
            kept.append(place)
    return kept


graphs = st.builds(
    Graph,
    st.integers(0, 10**6),
    st.integers(0, 40),
    st.sampled_from([0.1, 0.5, 1.0]),
    st.sampled_from([0.0, 0.05, 0.3, 0.9]),
)


@settings(deadline=None)
@given(graphs, st.integers(1, 40), st.floats(0, 1))
def test_waves_keep_what_taking_records_in_order_keeps(graph: Graph, largest: int, known: float) -> None:
    """Whatever was known before: some are removed by what is removed later, and wait again."""
    every = sorted(graph.matching)
    graph.known.update(random.Random(largest).sample(every, int(known * len(every))))
    assert graph.cover(largest).settle(graph.kept).tolist() == []
    assert np.flatnonzero(graph.kept()).tolist() == greedy(graph.count, graph.matching)


@settings(deadline=None)
@given(graphs, st.integers(1, 40))
def test_components_are_those_of_all_matches(graph: Graph, largest: int) -> None:
    assert bridge(graph.cover(largest), graph.label, graph.mixed).tolist() == []
    every = np.array(sorted(graph.matching), np.int64).reshape(-1, 2)
    assert graph.label().tolist() == clusters.components(graph.count, every).tolist()


@settings(deadline=None)
@given(graphs, st.integers(1, 40), st.integers(0, 400), st.booleans())
def test_what_a_spent_budget_left_is_told(graph: Graph, largest: int, most: int, looked: bool) -> None:
    """Of two that stay and were not compared, though they share a bucket, one is named."""
    budget = Budget(most, 1 << 40) if looked else Budget(1 << 40, most)
    waiting = set(graph.cover(largest, budget).settle(graph.kept).tolist())
    kept = np.flatnonzero(graph.kept()).tolist()
    assert waiting <= set(kept)
    for pair in graph.met - graph.asked:
        assert not set(pair) <= set(kept) or waiting & set(pair)


@settings(deadline=None)
@given(graphs, st.integers(1, 40), st.integers(0, 400))
def test_what_components_lack_is_told(graph: Graph, largest: int, most: int) -> None:
    waiting = bridge(graph.cover(largest, Budget(1 << 40, most)), graph.label, graph.mixed)
    label = graph.label()
    for one, other in graph.met - graph.asked:
        assert label[one] == label[other] or {one, other} & set(waiting.tolist())


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 200))
def test_one_record_covers_all_that_match_it(largest: int, count: int) -> None:
    graph = Graph(0, 0, 0, 0)
    graph.count = count
    graph.met = graph.matching = set(combinations(range(count), 2))
    assert graph.cover(largest).settle(graph.kept).tolist() == []
    first = min(largest, 16, count)
    assert graph.decided == first * (first - 1) // 2 + count - first


@pytest.mark.parametrize("budget", [(2000, 1 << 40), (1 << 40, 2000)], ids=["looked", "decided"])
def test_a_budget_bounds_the_pairs(budget: tuple[int, int]) -> None:
    """No more than it and one wave's."""
    graph, whole = (Graph(1, 150, 1.0, 0.0) for _ in range(2))
    assert len(graph.cover(5, Budget(*budget)).settle(graph.kept)) > 50
    assert 2000 <= graph.decided <= 2000 + 5 * 150
    assert len(bridge(whole.cover(5, Budget(*budget)), whole.label, whole.mixed)) > 50
    assert whole.decided <= 2000 + 5 * 150


def test_the_largest_component_is_not_compared_with_itself() -> None:
    graph = Graph(1, 150, 1.0, 0.0)
    graph.matching = {pair for pair in graph.met if pair[1] < 145}
    graph.known = {(0, other) for other in range(1, 145)}
    assert bridge(graph.cover(16), graph.label, graph.mixed).tolist() == []
    assert (graph.looked, graph.decided) == (5 * 150, 5 * 145 + 10)


@pytest.mark.usefixtures("each_step")
class TestLed:
    @settings(deadline=None, max_examples=40)
    @given(st.integers(0, 300), st.integers(0, 60), st.integers(1, 4), st.integers(1, 40), st.integers(0, 4))
    def test_kernel_joins_what_the_reference_does(
        self, count: int, leading: int, bands: int, different: int, least: int
    ) -> None:
        rng = np.random.default_rng(count)
        keys = rng.integers(0, different, (count + 1, bands)).astype(np.uint32)
        agreement = rng.integers(0, 3, (count + 1, 4)).astype(np.uint8)
        rows = rng.permutation(count + 1)[: count - count // 5].astype(np.int64)
        leaders = rng.permutation(count + 1)[:leading].astype(np.int64)
        slow, fast = (
            led(keys, agreement, leaders, rows, least, compiled=compiled) for compiled in (False, True)
        )
        assert slow.leader.tolist() == fast.leader.tolist()
        assert slow.row.tolist() == fast.row.tolist()
        assert slow.met == fast.met
        share = (keys[leaders][:, None] == keys[rows][None]).any(axis=2)
        alike = (agreement[leaders][:, None] == agreement[rows][None]).sum(axis=2) >= least
        assert slow.met == share.sum()
        assert sorted(zip(slow.leader, slow.row, strict=True)) == sorted(
            zip(*np.nonzero(share & alike), strict=True)
        )

    def test_more_pairs_than_fit_at_once(self) -> None:
        keys, agreement = np.zeros((2000, 2), np.uint32), np.zeros((2000, 4), np.uint8)
        found = led(keys, agreement, np.arange(1500), np.arange(2000), 4, compiled=True)
        assert found.met == len(found.row) == 1500 * 2000
        assert found.row.tolist() == np.repeat(np.arange(2000), 1500).tolist()


def test_who_shares_a_band_with_another_label() -> None:
    keys = np.array([[1, 9], [1, 8], [2, 8], [3, 7], [3, 7]], np.uint32)
    label = np.array([5, 5, 6, 4, 4])
    assert candidates.mixed(keys, np.arange(5), label).tolist() == [False, True, True, False, False]
    assert candidates.mixed(keys, np.arange(0), label[:0]).tolist() == []


def test_all_pairs_where_they_fit() -> None:
    keys = np.zeros((300, 2), np.uint32)
    assert candidates.widest_reach(keys, np.arange(300), 90_000).limit >= 300
    assert candidates.widest_reach(keys, np.arange(300), 60_000).limit < 300


SIMILARITY = Similarity(shingle=1, threshold=0.6, recall=0.95)


def texts_of(seed: int, count: int, templates: int, edits: int) -> list[str]:
    chooser = random.Random(seed)
    bases = [[f"w{chooser.randrange(40)}" for _ in range(24)] for _ in range(templates)]
    texts = []
    for _ in range(count):
        words = list(chooser.choice(bases))
        for at in chooser.sample(range(24), edits):
            words[at] = f"e{chooser.randrange(12)}"
        texts.append(" ".join(words))
    return texts


def ran(texts: list[str], observer: Decided | None = None, **chosen: Any) -> Run:
    lines = [orjson.dumps({"id": n, "text": text}) for n, text in enumerate(texts)]
    options = Options(**{"match": "text", "similarity": SIMILARITY, **chosen})
    return memory.deduplicate(lines, "in", options, Progress(), observer)


def every_match(texts: list[str], similarity: Similarity) -> Pairs:
    """All pairs that share a band, agree enough, and match."""
    policy = TextPolicy(similarity, ("text",))
    columns = policy.sketch([{"text": text} for text in texts])
    whole = candidates.search(
        columns["bands"],
        columns["agreement"],
        np.arange(len(texts)),
        similarity.least_agreement,
        Reach(len(texts)),
        compiled=False,
    )
    sets = [shingles(text, similarity.shingle) for text in texts]
    return {
        (one, other)
        for portion in whole.portions
        for one, other in portion.tolist()
        if jaccard(sets[one], sets[other]) >= similarity.threshold
    }


@pytest.fixture
def waves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Crowds are settled in waves, however few they are."""
    monkeypatch.setattr(search, "_FEW", 1)


crowds = st.builds(
    texts_of, st.integers(0, 999), st.integers(70, 160), st.sampled_from([1, 1, 2, 3]), st.integers(2, 8)
)


@pytest.mark.parametrize("few", [search._FEW, 1], ids=["all pairs", "waves"])
@settings(deadline=None, max_examples=15)
@given(crowds, st.booleans())
def test_crowds_keep_what_comparing_all_would(few: int, texts: list[str], compiled: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", few)
        run = ran(texts, compiled=compiled)
        whole = ran(texts, compiled=compiled, transitive=True)
    unlike = list(dict.fromkeys(tuple(sorted(shingles(text, 1))) for text in texts))
    assert len(unlike) > 1
    matching = every_match(texts, SIMILARITY)
    assert run.kept.tolist() == greedy(len(texts), matching)
    assert (run.crowded, whole.crowded) == (0, 0)
    every = np.array(sorted(matching), np.int64).reshape(-1, 2)
    assert whole.survivor.tolist() == clusters.components(len(texts), every).tolist()


def written(run: Run) -> list[bytes]:
    parts: list[bytes] = []
    for write in (receipts.write_kept, receipts.write_receipts, receipts.write_clusters):
        write(run, Into(parts))  # type: ignore[arg-type]
    return parts


class Into:
    def __init__(self, parts: list[bytes]) -> None:
        self.write = parts.append


@pytest.mark.usefixtures("waves")
@pytest.mark.parametrize("chosen", [{}, {"transitive": True}, {"keep": "longest"}], ids=str)
def test_kernels_threads_and_watchers_change_nothing(chosen: dict[str, Any]) -> None:
    texts, decided = texts_of(5, 400, 2, 7), Decided()
    plain = ran(texts, compiled=False, **chosen)
    assert len(plain.kept) > 20 or chosen.get("transitive")
    for other in (
        ran(texts, compiled=True, jobs=1, **chosen),
        ran(texts, compiled=True, jobs=3, **chosen),
        ran(texts, decided, compiled=True, **chosen),
    ):
        assert b"".join(written(other)) == b"".join(written(plain))
        assert (other.proposed, other.crowded) == (plain.proposed, plain.crowded)
    labels = decided.cut(0.6, transitive=bool(chosen.get("transitive")))
    assert labels.tolist() == plain.survivor.tolist()


def templates(count: int, words: int, edits: int) -> list[str]:
    chooser = random.Random(7)
    base = [f"w{n}" for n in range(words)]
    texts = []
    for _ in range(count):
        text = list(base)
        for at in chooser.sample(range(words), edits):
            text[at] = f"e{chooser.randrange(100_000)}"
        texts.append(" ".join(text))
    return texts


@pytest.mark.usefixtures("waves")
def test_removed_records_join_components() -> None:
    texts = templates(700, 60, 3)
    run = ran(texts, similarity=Similarity(), transitive=True)
    every = np.array(sorted(every_match(texts, Similarity())), np.int64).reshape(-1, 2)
    assert run.survivor.tolist() == clusters.components(len(texts), every).tolist()


@pytest.mark.usefixtures("waves")
@pytest.mark.parametrize("edits", [1, 2, 3])
def test_pairs_grow_with_the_records_of_a_template(edits: int) -> None:
    small, large = (ran(templates(count, 150, edits), similarity=Similarity()) for count in (1000, 4000))
    assert large.proposed < 4.5 * small.proposed
    assert large.proposed < 80 * 4000
    assert (small.crowded, large.crowded) == (0, 0)


@pytest.mark.usefixtures("waves")
def test_pairs_that_cannot_all_be_decided_are_bounded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = templates(900, 60, 2)
    whole = ran(texts, similarity=Similarity())
    monkeypatch.setattr(search, "_DECIDED", (1 << 30, 1000, 1000))
    monkeypatch.setattr(candidates, "_BUDGET", 1)
    monkeypatch.setattr(candidates, "_BUDGET_A_RECORD", 1)
    run = ran(texts, similarity=Similarity())
    assert run.proposed < whole.proposed / 2
    assert len(whole.kept) <= len(run.kept) < 1.05 * len(whole.kept)
    assert 0 < run.crowded <= len(run.kept)
    assert whole.crowded == 0
    told = numbers(run, 1, Nothing(), Progress())  # type: ignore[arg-type]
    assert told["crowded"] == run.crowded
    assert f"{run.crowded:,} of them in groups of look-alikes too large to compare all pairs" in sentence(
        told
    )


class Nothing:
    bad_count = unplaced_count = 0
