"""An index gives, day by day, what one run over all days gives: in records, receipts and witnesses."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool import compression
from corpus_tool.config import Options
from corpus_tool.index import opening, outlines, shelf
from corpus_tool.index.segments import Segments
from corpus_tool.index.sqlite_rows import POSTINGS, SQLiteRows
from corpus_tool.match.choosing import choose
from corpus_tool.papers.bound import Bound

if TYPE_CHECKING:
    from collections.abc import Sequence

DAILY = Path(__file__).parents[1] / ".." / "shared" / "data" / "corpora" / "arxiv_daily_raw.jsonl.zst"

TEXTS = st.lists(st.sampled_from("a b c d e".split()), max_size=9).map(" ".join)
DAYS = st.lists(st.lists(TEXTS, min_size=1, max_size=6), min_size=1, max_size=5)
RECORDS = st.one_of(
    st.fixed_dictionaries({"text": TEXTS}),
    st.fixed_dictionaries({"title": TEXTS, "abstract": TEXTS}),
    st.fixed_dictionaries({"title": TEXTS, "abstract": TEXTS, "year": st.sampled_from(["2020", "2021"])}),
    st.fixed_dictionaries({"name": TEXTS}),
)
property_test = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def day_by_day(folder: Path, days: Sequence[Sequence[dict[str, Any]]], *options: str) -> list[str]:
    """What leaves a run a day with one index, each of which must be undone by its receipts."""
    index, found = folder / "seen.idx", list[str]()
    index.unlink(missing_ok=True)
    for at, records in enumerate(days):
        day, fresh, gone = (
            write(folder / f"day{at}.jsonl", records),
            folder / "fresh.jsonl",
            folder / "gone.jsonl",
        )
        for path in (fresh, gone):
            path.unlink(missing_ok=True)
        done = run("dedup", day, "--index", index, "-o", fresh, "--removed", gone, "-q", *options)
        assert (done.code, done.err) == (0, "")
        found += lines(fresh)
        if gone.stat().st_size:
            assert run("restore", fresh, gone, "-q").out == day.read_bytes()
    return found


def at_once(folder: Path, days: Sequence[Sequence[dict[str, Any]]], *options: str) -> list[str]:
    """What leaves one run over all days."""
    every = [str(folder / f"day{at}.jsonl") for at in range(len(days))]
    done = run("dedup", *every, "-o", folder / "all.jsonl", "-q", *options)
    assert (done.code, done.err) == (0, "")
    return lines(folder / "all.jsonl")


@property_test
@given(days=DAYS, shingle=st.integers(1, 3), threshold=st.sampled_from(["0.3", "0.5", "0.7", "1"]))
def test_text_day_by_day_is_one_run(
    days: list[list[str]], shingle: int, threshold: str, tmp_path: Path
) -> None:
    records = [[{"text": f"day{at}"}, *({"text": text} for text in day)] for at, day in enumerate(days)]
    options = "--match", "text", "--shingle", str(shingle), "--threshold", threshold, "--recall", "0.9999999"
    assert day_by_day(tmp_path, records, *options) == at_once(tmp_path, records, *options)


@property_test
@given(days=st.lists(st.lists(RECORDS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_records_of_all_kinds_day_by_day_are_one_run(
    days: list[list[dict[str, Any]]], tmp_path: Path
) -> None:
    days = [[{"text": f"day{at}"}, *day] for at, day in enumerate(days)]
    assert day_by_day(tmp_path, days) == at_once(tmp_path, days)


@pytest.mark.skipif(not DAILY.is_file(), reason="the shared data are not beside this checkout")
@pytest.mark.parametrize("match", ["text", "papers"])
def test_real_rows_day_by_day_are_one_run(match: str, tmp_path: Path) -> None:
    with DAILY.open("rb") as packed, compression.open_reader(packed, DAILY.name) as file:
        rows = [json.loads(line) for line in islice(file, 0, 30_000, 10)]
    days = [rows[at : at + 500] for at in range(0, len(rows), 500)]
    assert day_by_day(tmp_path, days, "--match", match) == at_once(tmp_path, days, "--match", match)


@property_test
@given(
    batches=st.lists(st.lists(st.integers(0, 40), max_size=60), min_size=1, max_size=8),
    spread=st.sampled_from([1, 1 << 20, 107_374_182]),
    asked=st.lists(st.integers(0, 40), max_size=10),
    gone=st.sets(st.integers(1, 60)),
)
def test_segments_find_what_was_added(
    batches: list[list[int]], spread: int, asked: list[int], gone: set[int], monkeypatch_parts: None
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in POSTINGS:
            connection.execute(statement)
        segments, truth, rec = Segments(SQLiteRows(connection)), list[tuple[int, int]](), 1
        for batch in batches:
            recs = np.arange(rec, rec + len(batch))
            segments.add(7, np.array(batch, np.uint32) * np.uint32(spread), recs)
            truth += zip(batch, recs.tolist(), strict=True)
            rec += len(batch)
        wanted = sorted(set(asked))
        codes = np.array(wanted, np.uint32) * np.uint32(spread)

        def check() -> None:
            which, recs = segments.find(7, codes)
            found = sorted(zip((wanted[at] for at in which.tolist()), recs.tolist(), strict=True))
            assert found == sorted(each for each in truth if each[0] in wanted)
            counts = [sum(1 for code, _ in truth if code == each) for each in wanted]
            assert segments.frequency(7, codes).tolist() == counts

        check()
        truth = [each for each in truth if each[1] not in gone]
        segments.compact(7, np.array([each for each in range(1, rec) if each not in gone], np.int64))
        check()


@pytest.fixture
def monkeypatch_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of a few postings a part, so that small ones have many."""
    monkeypatch.setattr("corpus_tool.index.sqlite_rows._A_PART", 4)
    monkeypatch.setattr("corpus_tool.index.segments._AT_ONCE", 16)


PAPERS = st.fixed_dictionaries(
    {
        "title": st.lists(st.sampled_from("alpha beta gamma delta part 1 2 on".split()), max_size=7).map(
            " ".join
        ),
        "abstract": st.lists(st.sampled_from([f"w{at}" for at in range(40)]), max_size=60).map(" ".join),
        "doi": st.sampled_from(["", "10.1/a", "10.1/b"]),
    }
)


@settings(max_examples=30, deadline=None)
@given(
    new=st.lists(PAPERS, min_size=1, max_size=6),
    old=st.lists(PAPERS, min_size=1, max_size=40),
    first=st.integers(1, 70),
)
def test_outlines_leave_out_no_more_than_the_bound_does(
    new: list[dict[str, Any]], old: list[dict[str, Any]], first: int
) -> None:
    policy = choose(Options(match="papers")).policies[0]
    columns, every = policy.sketch(new), policy.sketch([*new, *old])
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(shelf.SCHEMA[0])
        stored = shelf.Shelf(connection)
        recs = np.arange(first, first + len(old))
        ours = outlines.packed(policy.sketch(old), np.arange(len(old)))
        for at in range(0, len(old), 7):
            stored.add(recs[at : at + 7], ours[at : at + 7])
        rows, others = np.repeat(np.arange(len(new)), len(old)), np.tile(np.arange(len(old)), len(new))
        place = SimpleNamespace(outlines=stored.read)
        found = outlines.possible(place, policy, columns, rows, recs[others])  # type: ignore[arg-type]
        bound = Bound(every, np.arange(len(new) + len(old)), policy.scorecard, policy.compiled)  # type: ignore[attr-defined]
        assert (found >= bound.possible(rows, len(new) + others)).all()
        assert stored.read(recs).data == b"".join(ours)
        stored.keep_only(recs[::3])
        left = stored.read(recs)
        assert (left.recs == recs[::3]).all()
        assert left.data == b"".join(ours[::3])


def test_a_header_is_looked_at_before_sqlite_is(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [{"text": "one two three"}])
    assert (
        run("dedup", tmp_path / "a.jsonl", "--index", tmp_path / "seen.idx", "-o", tmp_path / "b").code == 0
    )
    assert opening.is_index(str(tmp_path / "seen.idx"))
    assert not opening.is_index(str(tmp_path / "a.jsonl"))
