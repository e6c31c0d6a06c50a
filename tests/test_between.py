"""Partners between two collections: held to the plain definition, every pair compared with every other."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.comparison import STATUSES, Comparison
from corpus_tool.config import Options, Similarity
from corpus_tool.engines import memory, side_by_side
from corpus_tool.match import DUPLICATE
from corpus_tool.match.choosing import choose
from corpus_tool.progress import Progress
from corpus_tool.store import records
from corpus_tool.text import words

SURE = Similarity(recall=1 - 1e-12)
"""So many bands that no matching pair of these sizes is ever missed."""

texts = st.lists(st.sampled_from(["ox", "cow", "Bär", "elk", "hen", ""]), max_size=12).map(" ".join)
long_texts = st.builds(
    lambda at, word: " ".join(
        ["one", "two", "three"] * 6 + [f"w{n}" for n in range(30)][at : at + 20] + [word]
    ),
    st.integers(0, 3),
    st.sampled_from(["x", "y", "Z.", "z"]),
)
text_records = st.builds(lambda text: {"text": text}, texts | long_texts)
paper_records = st.builds(
    lambda title, abstract, year: {"title": title, "abstract": abstract, "year": year},
    st.sampled_from(["Lights of Porto", "Lights of Porto, Part II", "On tides"]),
    long_texts,
    st.sampled_from([2019, 2024]),
)
any_records = text_records | paper_records | st.builds(lambda n: {"n": n}, st.integers(0, 2))


def compared(a: list[Any], b: list[Any], options: Options) -> tuple[Comparison, side_by_side.SideBySide]:
    """Both sides compared, while what they were read from is at hand."""
    sides = [[orjson.dumps(record) for record in side] for side in (a, b)]
    with side_by_side.of_records(sides[0], sides[1], ("a", "b"), options, Progress()) as both:
        return Comparison.of(both), both


def plainly(a: list[Any], b: list[Any], options: Options) -> list[str]:
    """The status of every record by its definition."""
    rules = choose(options)
    everything = [*a, *b]
    rule = rules.of(everything)
    lines = side_by_side.MemoryStore([orjson.dumps(record) for record in everything], "x").lines(
        np.arange(len(everything))
    )
    said = [
        [words(text) for text in rules.policies[which].compared(record).values()]
        for which, record in zip(rule.tolist(), everything, strict=True)
    ]
    found = []
    for at in range(len(everything)):
        others = np.arange(len(a), len(everything)) if at < len(a) else np.arange(len(a))
        relation = rules.compare(lines, rule, np.full(len(others), at), others).relation
        partners = others[relation == DUPLICATE].tolist()
        if not partners:
            found.append("only_a" if at < len(a) else "only_b")
        elif any(said[at] == said[other] or rule[at] != rule[other] for other in partners):
            found.append("both")
        else:
            found.append("revised")
    return found


@settings(max_examples=150, deadline=None)
@given(
    st.lists(text_records, max_size=8),
    st.lists(text_records, min_size=1, max_size=8),
    st.sampled_from([0.3, 0.7, 1]),
)
def test_texts_as_defined(a: list[Any], b: list[Any], threshold: float) -> None:
    options = Options(match="text", similarity=Similarity(threshold=threshold, recall=SURE.recall), jobs=1)
    found, _ = compared(a, b, options)
    assert [found.status(at) for at in range(len(a) + len(b))] == plainly(a, b, options)


@settings(max_examples=150, deadline=None)
@given(st.lists(any_records, max_size=8), st.lists(any_records, max_size=8), st.booleans())
def test_all_kinds_of_records_as_defined(a: list[Any], b: list[Any], compiled: bool) -> None:
    a, b = [*a, {"text": "something"}], [*b, {"text": "else"}]  # a source of bytes alone is refused
    options = Options(similarity=SURE, jobs=1, compiled=None if compiled else False)
    found, _ = compared(a, b, options)
    assert [found.status(at) for at in range(len(a) + len(b))] == plainly(a, b, options)


@settings(max_examples=80, deadline=None)
@given(st.lists(text_records, min_size=1, max_size=8), st.lists(text_records, min_size=1, max_size=8))
def test_rows_hold_every_record_and_those_of_a_once(a: list[Any], b: list[Any]) -> None:
    found, _ = compared(a, b, Options(similarity=SURE, jobs=1))
    rows = list(found.rows())
    assert [row.a for row in rows if row.a >= 0][: len(a)] == list(range(len(a)))
    assert {row.b for row in rows if row.b >= 0} == set(range(len(a), len(a) + len(b)))
    for row in rows:
        assert (row.a < 0) == (row.status == "only_b")
        assert (row.b < 0) == (row.status == "only_a")
        assert row.status in STATUSES
    counts = found.counts()
    assert counts["a"]["records"] == len(a)
    for side in counts.values():
        assert side["only"] + side["both"] + side["revised"] == side["records"]


def test_the_partner_says_the_same_before_it_scores_high_or_stands_first() -> None:
    say = " ".join(f"word{n}" for n in range(40))
    a = [{"text": say}]
    b = [{"text": say + " more"}, {"text": say.upper() + "!"}, {"text": say}]
    found, _ = compared(a, b, Options())
    assert found.found.partner.tolist() == [2, 0, 0, 0]
    assert [row.status for row in found.rows()] == ["both", "revised", "both"]


def test_the_same_words_beside_other_fields_are_no_revision() -> None:
    paper = {"title": "Quiet sensors in orchards", "abstract": " ".join(f"word{n}" for n in range(60))}
    found, _ = compared([{**paper, "venue": "Acta"}], [{**paper, "year": 2024}], Options())
    assert [row.status for row in found.rows()] == ["both"]


@pytest.mark.parametrize("sizes", [(3000, 2), (2, 3000), (1500, 1500)])
def test_crowds_leave_nobody_out(sizes: tuple[int, int]) -> None:
    """Thousands of copies of one template: each record's counterpart is among them, wherever it stands."""
    rng = random.Random(7)
    template = [f"word{n}" for n in range(120)]

    def record(n: int) -> dict[str, Any]:
        text = list(template)
        text[rng.randrange(120)] = f"number{n}"
        return {"text": " ".join(text)}

    a, b = ([record(n) for n in range(size)] for size in sizes)
    found, _ = compared(a, b, Options())
    assert (found.found.partner >= 0).all()
    assert found.found.crowded == 0


def test_the_first_alone_is_a_run_of_its_own() -> None:
    rng = random.Random(5)
    pool = [{"text": " ".join(rng.choices([f"w{n}" for n in range(9)], k=8))} for _ in range(30)]
    a, b = rng.choices(pool, k=40), rng.choices(pool, k=20)
    raws = [orjson.dumps(record) for record in a]
    with side_by_side.of_records(
        raws, [orjson.dumps(each) for each in b], ("a", "b"), Options(), Progress()
    ) as both:
        both.between()
        run = both.first()
        alone = memory.deduplicate(raws, "a", Options(), Progress())
        assert run.witness.tolist() == alone.witness.tolist()
        assert run.why == alone.why
        assert records(both.store, np.array([41, 0, 40, 39])) == [b[1], a[0], b[0], a[39]]
        assert both.store.places(np.array([41, 0])) == [("b", 2), ("a", 1)]
        assert both.store.sizes(np.array([[41, 0]])).tolist() == [[len(orjson.dumps(b[1])), len(raws[0])]]
