"""`corpus_tool.Index`: the same as `dedup --index` and `index query` on the same records."""

from __future__ import annotations

import doctest
import random
import threading
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool import CorpusError, CorpusWarning, Index, InputError, UsageError, deduplicate, parse
from corpus_tool.api import indexed

EXAMPLES = Path(__file__).parents[1] / "examples"
SAY = [f"word{n}" for n in range(30)]


def records_of(seed: int, count: int = 12) -> list[dict[str, Any]]:
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        words = list(SAY)
        for _ in range(rng.choice((0, 1, 2, 20))):
            words[rng.randrange(30)] = rng.choice("abc")
        found.append({"id": rng.randrange(99), "text": " ".join(words)})
    return found


def lines(records: list[Any]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 9**9), min_size=1, max_size=3, unique=True), st.sampled_from([0.7, 0.4]))
def test_the_same_as_the_command_s(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int], threshold: float
) -> None:
    folder = tmp_path_factory.mktemp("index")
    own = Index(folder / "own.idx", threshold=threshold)
    named = ("--source-name", "records", "--index", folder / "theirs.idx", "--threshold", str(threshold))
    for seed in seeds:
        given_records = records_of(seed)
        removed = folder / "removed.jsonl"
        done = run("dedup", "-q", "-", *named, "--removed", removed, stdin=lines(given_records))
        found = own.add(given_records)
        assert lines(found.kept) == done.out
        told = [each for each in map(orjson.loads, removed.read_bytes().splitlines()) if "raw" in each]
        extra = {"records", "kept_in"}
        assert [{k: v for k, v in each.items() if k not in extra} for each in found.receipts] == [
            {k: v for k, v in each.items() if k not in extra} for each in told
        ]
    asked = records_of(seeds[0] + 1)
    done = run("index", "query", "-q", folder / "theirs.idx", "-", stdin=lines(asked))
    theirs = list(map(orjson.loads, done.out.splitlines()))
    alike = ("known", "kept", "score", "reasons", "run", "line", "id")
    assert [{key: each.get(key) for key in alike} for each in own.query(asked)] == [
        {key: each.get(key) for key in alike} for each in theirs
    ]
    assert len(own) == 12 * len(seeds)
    assert own.counts["runs"] == len(seeds)


def test_parts_are_what_the_whole_is(tmp_path: Path) -> None:
    records = [record for seed in range(5) for record in records_of(seed)]
    seen, kept = Index(tmp_path / "seen.idx"), []
    for at in range(0, len(records), 12):
        kept += seen.add(records[at : at + 12]).kept
    assert kept == deduplicate(records).kept


def test_the_command_and_the_library_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    path = tmp_path / "seen.idx"
    assert run("dedup", "-q", "digests/apr-13.txt", "--index", path).code == 0
    seen = Index(path)
    answers = seen.query(parse("digests/apr-15.txt"))
    assert [answer["known"] for answer in answers].count(True) == 3
    assert answers[4]["kept_line"] == 11
    found = seen.add(parse("digests/apr-15.txt"))
    assert (len(found.kept), len(found.removed)) == (5, 3)
    assert max(found.clusters) >= 8
    assert b"15 records in 2 runs" in run("index", "info", path).out


def test_tables(tmp_path: Path) -> None:
    seen = Index(tmp_path / "seen.idx")
    seen.add(["a b c"])
    table = pl.DataFrame({"text": ["A, b, c!", "d e f"], "n": [1, 2]})
    assert seen.query(table)[0]["known"]
    assert seen.add(table).kept["n"].to_list() == [2]
    assert seen.add(iter([])).kept == []
    assert seen.query([]) == []


def test_settings_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "seen.idx"
    Index(path, threshold=0.5, match="text").add(["one two three four five six"])
    assert Index(path).query(["one two three four five"])[0]["known"]
    assert Index(path, threshold=0.5, match="text", jobs=1).query(["one two three four five"])[0]["known"]
    with pytest.raises(UsageError) as caught:
        Index(path, threshold=0.8).add(["x"])
    assert "was made with match='text' threshold=0.5, and this run has match='auto' threshold=0.8" in str(
        caught.value
    )
    assert len(Index(path)) == 1


def test_mistakes(tmp_path: Path) -> None:
    missing = Index(tmp_path / "none.idx")
    assert len(missing) == 0
    with pytest.raises(InputError, match="no such index") as caught:
        missing.query(["a"])
    assert "--" not in str(caught.value)
    with pytest.raises(TypeError, match="unexpected keyword argument 'keep'"):
        Index(tmp_path / "x", keep="last")  # type: ignore[call-arg]
    with pytest.raises(UsageError, match="versions='link' looks at all records at once"):
        Index(tmp_path / "x", versions="link")
    with pytest.raises(UsageError, match="year says how files are read"):
        Index(tmp_path / "x", year=2026)
    with pytest.raises(CorpusError, match="this is a folder"):
        Index(tmp_path).add(["a"])
    with pytest.raises(TypeError, match="where records are wanted"):
        missing.add("a text alone")
    with pytest.raises(InputError, match="none of text"):
        missing.add([{"size": 3}])
    assert not (tmp_path / "none.idx").exists()


def test_a_failed_addition_takes_nothing_in(tmp_path: Path) -> None:
    path = tmp_path / "seen.idx"
    seen = Index(path)
    seen.add(["a b c"])
    with pytest.raises(TypeError):
        seen.add(["d e f", object()])
    with pytest.raises(InputError):
        seen.add([{"size": 3}])
    assert seen.counts["records"] == 1


def test_two_writers_take_turns(tmp_path: Path) -> None:
    seen = Index(tmp_path / "seen.idx")
    seen.add(["first of all"])
    threads = [
        threading.Thread(
            target=lambda n=n: Index(seen.path).add([f"number {n} of the {m}th" for m in range(5)])
        )
        for n in range(4)
    ]
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CorpusWarning)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 21


def test_examples_in_docstrings() -> None:
    found = doctest.testmod(indexed)
    assert (found.failed, found.attempted) == (0, 6)
