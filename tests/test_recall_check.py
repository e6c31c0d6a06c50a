"""`--recall-check`: what a run missed is found, and what it did not miss is not counted as missed."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run as corpus_tool

from corpus_tool.config import Options, Similarity
from corpus_tool.engines import local
from corpus_tool.evaluation.recall_check import EDITS, Share, check, edited
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import Input
from corpus_tool.sources.problems import Problems

WORDS = [f"word{n}" for n in range(500)]


def collection(count, copies, seed=1):
    """Texts of random words, and of the first ones a copy with one word changed."""
    rng = random.Random(seed)
    texts = [rng.choices(WORDS, k=80) for _ in range(count)]
    for text in texts[:copies]:
        changed = list(text)
        changed[rng.randrange(80)] = "changed"
        texts.append(changed)
    return [
        {"id": n, "title": " ".join(text[:8]), "text": " ".join(text[8:])} for n, text in enumerate(texts)
    ]


@pytest.fixture
def ran(tmp_path):
    """Runs over records; their stores are closed after the test."""
    runs = []

    def run(records, options):
        path = tmp_path / "in.jsonl"
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
        runs.append(local.deduplicate([Input("in.jsonl", str(path))], options, Problems(), Progress()))
        return runs[-1]

    yield run
    for each in runs:
        each.store.close()


# From Wilson's formula by hand, and as tabulated by Brown, Cai and DasGupta, 2001.
@pytest.mark.parametrize(
    ("found", "trials", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (10, 10, 0.7225, 1.0),
        (0, 10, 0.0, 0.2775),
        (95, 100, 0.8882, 0.9785),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilson_intervals(found, trials, low, high):
    assert Share(found, trials).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_share(trials, data):
    found = data.draw(st.integers(0, trials))
    low, high = Share(found, trials).interval
    assert 0.0 <= low <= found / trials + 1e-12
    assert found / trials - 1e-12 <= high <= 1.0
    z = 1.959964  # its ends are where a test of that share would just reject (Wilson's definition)
    for end in (low, high):
        if 1e-6 < end < 1 - 1e-6:
            assert abs(found / trials - end) == pytest.approx(
                z * (end * (1 - end) / trials) ** 0.5, rel=1e-6, abs=1e-9
            )


@pytest.mark.parametrize("match", ["text", "papers"])
@pytest.mark.parametrize("compiled", [False, True])
def test_a_good_run_is_found_good(ran, match, compiled):
    options = Options(match=match, compiled=compiled)
    records = collection(40, 20)
    if match == "papers":
        records = [{"id": r["id"], "title": r["title"], "abstract": r["text"]} for r in records]
    run = ran(records, options)
    found = check(run, options, 30, Progress())
    assert (found.sample, found.records) == (30, 60)
    assert found.real.trials == found.real.found > 5
    assert found.pairs_missed == 0
    assert found.planted.trials == found.planted.found > 20
    assert found == check(run, options, 30, Progress())


def test_what_was_missed_is_found_missing(ran):
    """Undo the removals of a run: all of its duplicates were missed then."""
    options = Options()
    run = ran(collection(20, 10), options)
    assert len(run.removed) == 10
    run.witness = np.full_like(run.witness, -1)
    found = check(run, options, 1000, Progress())
    assert (found.sample, found.real.found, found.real.trials) == (30, 0, 20)
    assert (found.pairs, found.pairs_missed) == (10, 10)
    assert len(found.missed) == 5
    assert all(abs(a - b) == 20 and score >= 0.7 for a, b, score in found.missed)


def test_bands_that_propose_little_are_found_out(ran):
    """With a single band of many rows most planted copies share none."""
    weak = Options(similarity=replace(Similarity(threshold=0.7, recall=1e-4)))
    strong = Options()
    shares = []
    for options in (weak, strong):
        run = ran(collection(120, 0), options)
        planted = check(run, options, 120, Progress()).planted
        shares.append(planted.found / planted.trials)
    assert shares[1] > 0.97
    assert shares[0] < 0.6


def test_the_rule_of_the_run_is_not_a_miss(ran):
    """Records kept apart by --unique-within, or by a version, match but were not missed."""
    records = [{**record, "source": "a"} for record in collection(20, 10)]
    options = Options(unique_within="source")
    run = ran(records, options)
    found = check(run, options, 30, Progress())
    assert (len(run.removed), found.real.trials, found.pairs_missed) == (0, 0, 0)


def test_one_of_many_copies_across_sources_is_no_miss(ran):
    """Two sources with two alike records each: all match, but only two pairs may be merged."""
    text = " ".join(WORDS[:50])
    records = [{"id": n, "text": text, "source": "ab"[n % 2]} for n in range(4)]
    options = Options(unique_within="source")
    run = ran(records, options)
    found = check(run, options, 4, Progress())
    assert len(run.removed) == 2
    assert (found.pairs, found.pairs_missed) == (4, 0)


@pytest.mark.parametrize("edit", EDITS)
def test_edits_are_light_and_leave_short_texts_alone(edit):
    text = " ".join(f"w{n}" for n in range(100))
    record = {"id": 3, "authors": ["A. Short Name"], "body": {"text": [text, None]}}
    made = edited(record, edit, random.Random(2))
    assert (made["id"], made["authors"], made["body"]["text"][1]) == (3, ["A. Short Name"], None)
    changed = made["body"]["text"][0]
    assert changed != text
    shared = set(changed.lower().split()) & set(text.split())
    assert len(shared) >= 90


def test_the_command_reports_it(tmp_path):
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in collection(30, 20)))
    plain = corpus_tool("dedup", path)
    checked = corpus_tool("dedup", path, "--recall-check", "25", "-o", out, "--json")
    assert checked.code == 0
    assert out.read_bytes() == plain.out
    found = orjson.loads(checked.out)["recall_check"]
    assert (found["sample"], found["records"], found["real"]["share"]) == (25, 50, 1.0)
    assert found["planted"]["trials"] > 15
    assert found["missed"] == []
    assert checked.err.splitlines()[0] == "recall check of 25 records, by brute force against all 50"
    assert corpus_tool("dedup", path, "--recall-check", "0").code == 2
    nothing = corpus_tool("dedup", "-", "--recall-check", "5", "--fields", "text")
    assert nothing.code == 0
    assert "none to find" in nothing.err


def test_records_without_long_texts_are_planted_formatted_anew(ran):
    records = [
        {"id": n, "title": f"{WORDS[n]} and {WORDS[n + 1]} in spring", "abstract": ""} for n in range(30)
    ]
    options = Options(match="papers")
    planted = check(ran(records, options), options, 30, Progress()).planted
    assert planted.found == planted.trials == 30


def test_crowded_groups_are_told():
    from corpus_tool.views.summary import sentence

    numbers = {
        "records": 9,
        "sources": 1,
        "kept": 8,
        "removed": 1,
        "exact_copies": 1,
        "bad": 0,
        "why": "text",
        "crowded": 0,
    }
    assert "look-alikes" not in sentence(numbers)
    assert "1,234 of them in groups of look-alikes too large to compare all pairs" in sentence(
        {**numbers, "crowded": 1234}
    )
