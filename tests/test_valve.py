"""The safety valve: what stops a run before it writes, and what it says holds a cluster together."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.config import Options
from corpus_tool.engines import memory
from corpus_tool.evaluation.bonds import _phrases, _terms
from corpus_tool.evaluation.valve import Valve
from corpus_tool.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

BANNER = "this page was saved from the archive of the town and may be read by all"


def texts(folder: Path, bodies: list[str], **more: str) -> str:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps({"text": body, **more}) + "\n" for body in bodies), "utf-8")
    return str(path)


def own(at: int, count: int = 3) -> str:
    return " ".join(f"w{at}x{word}" for word in range(count))


@pytest.mark.parametrize(
    "output", [("--annotate",), ("--transitive",), ("--keep", "last"), ("--json",), ("-q",)]
)
def test_nothing_is_written_whatever_is_asked_for(tmp_path: Path, output: tuple[str, ...]) -> None:
    path = texts(tmp_path, [f"{BANNER} {own(at, 2)}" for at in range(6)])
    done = run("dedup", path, "--max-cluster", "5", *output)
    assert (done.code, done.out) == (1, b"")
    assert BANNER in done.err
    assert run("dedup", path, "--max-cluster", "6", *output).code == 0


def test_rejects_are_outputs_too(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "one"}\n{"text": "one"}\n{"text"\n', "utf-8")
    rejects = tmp_path / "rejects"
    done = run("dedup", path, "--on-error", "skip", "--rejects", rejects, "--max-cluster", "1")
    assert done.code == 1
    assert not rejects.exists()


@pytest.mark.parametrize("typed", ["0.2", "120%", "-1%", "%", "all", "1e2%", ""])
def test_what_is_no_share(tmp_path: Path, typed: str) -> None:
    done = run("dedup", texts(tmp_path, ["one"]), f"--max-removed={typed}")
    assert done.code == 2
    assert f"--max-removed {typed}" in done.err


@pytest.mark.parametrize(("typed", "code"), [("1", 1), ("2", 0)])
def test_a_number_of_records_is_a_limit_too(tmp_path: Path, typed: str, code: int) -> None:
    done = run("dedup", texts(tmp_path, ["one", "one", "one"]), "--max-removed", typed)
    assert (done.code, b"one" in done.out) == (code, not code)


def test_known_records_belong_to_the_cluster(tmp_path: Path) -> None:
    bodies = [f"{BANNER} {own(at, 2)}" for at in range(4)]
    known = texts(tmp_path, bodies[:1])
    new = tmp_path / "new.jsonl"
    new.write_text("".join(json.dumps({"text": body}) + "\n" for body in bodies[1:]), "utf-8")
    done = run("dedup", new, "--against", known, "--max-cluster", "3")
    assert done.code == 1
    assert "in.jsonl:1: a cluster of 4 records" in done.err
    assert f'"{BANNER}" (4 of 4)' in done.err
    assert run("dedup", new, "--against", known, "--max-cluster", "4").code == 0


@pytest.mark.parametrize(
    ("typed", "code"), [("0%", 1), ("33.3%", 1), ("33.4%", 0), ("100%", 0), (" 50 % ", 0)]
)
def test_shares_are_exact(tmp_path: Path, typed: str, code: int) -> None:
    assert run("dedup", texts(tmp_path, ["one", "two", "one"]), f"--max-removed={typed}").code == code


def test_a_share_of_nothing(tmp_path: Path) -> None:
    done = run("dedup", texts(tmp_path, []), "--max-removed", "0%", "--max-cluster", "1")
    assert (done.code, done.out) == (0, b"")


def test_the_banner_is_told_and_not_what_stands_around_it(tmp_path: Path) -> None:
    bodies = [f"{own(at, 1)} {BANNER} {own(100 + at, 1)}" for at in range(300)]
    done = run("dedup", texts(tmp_path, bodies), "--threshold", "0.6", "--max-cluster", "50")
    assert f'are those of "{BANNER}" (200 of 200 looked at)' in done.err
    assert re.search(r"in\.jsonl:1: a cluster of 300 records, the least alike at 0\.\d{4};", done.err)


def test_the_largest_of_many_are_told(tmp_path: Path) -> None:
    bodies = [own(number, 9) for number in range(7) for _ in range(number + 2)]
    done = run("dedup", texts(tmp_path, bodies), "--max-cluster", "3")
    assert re.findall(r"a cluster of (\d+) records", done.err) == ["8", "7", "6"]
    assert "--max-cluster 3 (5 clusters have more)" in done.err


def test_papers_are_told_by_terms_that_others_lack(tmp_path: Path) -> None:
    common = "we study the model of the data and show that the results of the method are good"
    bodies = [f"zebrafish larvae {common} {own(at, 1)}" for at in range(4)]
    bodies += [f"{own(at + 10, 6)} {common}" for at in range(4)]
    path = tmp_path / "in.jsonl"
    titles = ["Swimming of zebrafish larvae"] * 4 + [f"Study of {own(at, 2)}" for at in range(4)]
    records = ({"title": title, "abstract": body} for title, body in zip(titles, bodies, strict=True))
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    done = run("dedup", path, "--max-cluster", "2")
    assert (
        'terms that hold it together are "zebrafish" (4 of 4), "swimming" (4 of 4), "larvae" (4 of 4)'
        in done.err
    )
    assert '"results"' not in done.err


def test_what_is_compared_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"n":1}\n{"n":1}\n{"text":"one"}\n', "utf-8")
    done = run("dedup", path, "--max-cluster", "1")
    assert "its records are the same bytes" in done.err


@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 5), st.integers(0, 100))
def test_a_run_is_stopped_where_it_breaks_a_limit(kinds: list[int], most: int, percent: int) -> None:
    raws = [json.dumps({"text": own(kind, 4)}).encode() for kind in kinds]
    found = memory.deduplicate(raws, "in", Options(match="text", jobs=1, compiled=False), Progress())
    large = any(kinds.count(kind) > most for kind in kinds)
    many = 100 * (len(kinds) - len(set(kinds))) > percent * len(kinds)
    broken = Valve.of(most, f"{percent}%").broken(found)
    limits = " ".join(broken.limits) if broken else ""
    assert ("--max-cluster" in limits, "--max-removed" in limits) == (large, many)
    assert bool(broken and broken.clusters) == (large or many)


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=12), min_size=1, max_size=6), st.integers(1, 4))
def test_a_phrase_is_in_one_text_and_its_shingles_in_as_many_as_told(
    texts: list[list[str]], size: int
) -> None:
    spelled = [" ".join(["", *text, ""]) for text in texts]
    for phrase, count in _phrases(texts, size):
        assert any(f" {phrase} " in text for text in spelled)
        words = phrase.split()
        for at in range(max(1, len(words) - size + 1)):
            shingle = f" {' '.join(words[at : at + size])} "
            assert sum(shingle in text for text in spelled) >= count >= 2


@given(*[st.lists(st.lists(st.sampled_from("abcdef"), max_size=6), max_size=5)] * 2)
def test_terms_are_in_more_of_these_than_of_others(ours: list[list[str]], theirs: list[list[str]]) -> None:
    for term, count in _terms(ours, theirs):
        assert count == sum(term in text for text in ours) >= 2
        assert count / len(ours) > sum(term in text for text in theirs) / max(1, len(theirs))
