"""Options that name fields: they add up, read one kind of path, and are refused where they cannot act."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Ran, run

from corpus_tool.papers.fields import paper_fields
from corpus_tool.records import dotted

TITLE = "Slow sand in narrow openings of tall silos"
ABSTRACT = "We measure how dry sand flows through a narrow opening, and find that it stops for a long time at random."


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, *records: dict[str, Any]) -> str:
    Path(name).write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")
    return name


def kept(*arguments: str) -> int:
    done = run("dedup", *arguments)
    assert done.code == 0, done.err
    return len(done.out.splitlines())


def refused(done: Ran, message: str) -> None:
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert len(done.err.splitlines()) == 1


def test_repeated_fields_add() -> None:
    common = "the same words stand here in both of the records"
    write(
        "in.jsonl",
        {"a": common, "b": "one " * 30 + "x", "c": 1},
        {"a": common, "b": "two " * 30 + "y", "c": 2},
    )
    assert kept("in.jsonl", "--fields", "a") == 1
    assert kept("in.jsonl", "--fields", "a", "--fields", "b") == 2
    assert kept("in.jsonl", "--fields", "b", "--fields", "a") == 2
    once, twice = (
        run("dedup", "in.jsonl", "--fields", "a,b"),
        run("dedup", "in.jsonl", "--fields", "a", "--fields", "b"),
    )
    assert once.out == twice.out
    assert "matching text: a, b)" in twice.err


def test_repeated_columns_add() -> None:
    write("in.jsonl", {"a": 1, "b": 2, "c": 3})
    done = run("export", "-q", "in.jsonl", "--format", "csv", "--columns", "c", "--columns", "a,c")
    assert done.out.split() == [b"c,a", b"3,1"]


def people() -> list[str]:
    """One paper as three people write it down, each under names of their own."""
    return [
        write("ada.jsonl", {"Titel": TITLE, "Zusammenfassung": ABSTRACT, "Jahr": 2024}),
        write("bob.jsonl", {"paper": {"name": TITLE, "about": [ABSTRACT, "other"]}}),
        write("eve.jsonl", {"title": TITLE, "abstract": ABSTRACT}),
    ]


def test_a_map_adds_to_the_known_names_and_maps_one_name_to_several() -> None:
    names = [
        "--map",
        "title=Titel",
        "--map",
        "title=paper.name,abstract=Zusammenfassung",
        "--map",
        "abstract=paper.about.0",
    ]
    assert kept(*people(), *names, "--unique-within", "source") == 1
    assert kept(*people(), "--match", "papers", *names) == 1


def test_a_mapped_name_is_surer_than_a_known_one() -> None:
    record = {"title": "Issue 3", "headline": TITLE, "abstract": ABSTRACT}
    assert paper_fields(record, {"title": ["none", "headline"]}).title == TITLE
    assert paper_fields(record, {"title": ["none"]}).title == "Issue 3"
    assert paper_fields({**record, "headline": ""}, {"title": ["headline"]}).title == "Issue 3"


def test_evaluate_writes_a_map_of_several_that_explain_takes() -> None:
    first, second = people()[:2]
    Path("gold.csv").write_text(f"id,cluster\n{first}:1,1\n{second}:1,2\n", "utf-8")
    done = run(
        "evaluate", first, second, "--gold", "gold.csv", "--map", "title=Titel,title=paper.name", "--json"
    )
    line = json.loads(done.out)["false_merges"][0]["explain"]
    assert "--map title=Titel,title=paper.name" in line
    assert run(*line.split()[1:]).code == 0


paths = st.sampled_from(["a", "b.c", "b.0", "l.0", "l.1.x", "l.x", "l.x.0", "m.n", "d.e", "l.9", "b.c.d"])


@given(paths)
def test_fields_and_map_reach_the_same(path: str) -> None:
    record = {
        "a": "one",
        "b": {"c": "two", "0": "zero"},
        "l": ["three", {"x": ["four", "five"]}],
        "m": [{"n": "six"}, {"n": "seven"}, {}],
        "d.e": "eight",
    }
    wanted = {
        "a": "one",
        "b.c": "two",
        "b.0": "zero",
        "l.0": "three",
        "l.1.x": ["four", "five"],
        "l.x": [["four", "five"]],
        "l.x.0": ["four", "five"],
        "m.n": ["six", "seven"],
        "d.e": "eight",
    }.get(path)
    assert dotted(record, path) == wanted
    named = paper_fields(record, {"authors": [path]}).authors
    assert named == "; ".join([wanted] if isinstance(wanted, str) else _flat(wanted))


def _flat(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [text for each in value or [] for text in _flat(each)]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_path_reaches_nothing_or_something_of_anything(value: Any) -> None:
    for path in ("a", "a.0", "a.b.c", "", ".", "a.²", "a." + "9" * 5000):
        dotted({"a": value}, path)


AS_PAPERS = (["--match", "papers"], ["--strictness", "strict"], ["--versions", "keep"])


def papers() -> str:
    return write(
        "papers.jsonl",
        {"id": 1, "title": TITLE, "abstract": ABSTRACT},
        {"id": 2, "title": TITLE, "abstract": ABSTRACT},
    )


@pytest.mark.parametrize("option", [["--threshold", "0.7"], ["--shingle", "3"], ["--threshold=0.9"]])
@pytest.mark.parametrize(
    ("command", "chosen"),
    [
        (["dedup"], []),
        *((command, chosen) for command in (["dedup"], ["explain", "1", "2"]) for chosen in AS_PAPERS),
    ],
)
def test_what_says_nothing_of_papers_is_refused_there(
    option: list[str], chosen: list[str], command: list[str]
) -> None:
    Path("old").write_bytes(b"old")
    done = run(*command, papers(), *option, *chosen, "-o", "old")
    refused(done, f"{option[0].partition('=')[0]} does nothing here (")
    assert "--strictness" in done.err
    assert Path("old").read_bytes() == b"old"


def test_among_papers_and_texts_it_acts_on_the_texts() -> None:
    text = "one two three four five six seven eight nine ten"
    texts = write("texts.jsonl", {"id": 3, "text": text}, {"id": 4, "text": text + " eleven"})
    assert kept(papers(), texts, "--threshold", "0.9") == 3
    assert kept(papers(), texts, "--threshold", "0.5") == 2
    done = run("explain", "1", "2", papers(), "--threshold", "0.5")
    assert done.code == 0
    assert (
        "--threshold does nothing here: it says how alike texts must be, and these two are papers" in done.err
    )


def test_evaluate_refuses_it_too() -> None:
    Path("gold.csv").write_text("id,cluster\n1,1\n2,1\n", "utf-8")
    refused(
        run("evaluate", papers(), "--gold", "gold.csv", "--threshold", "0.8"), "--threshold does nothing here"
    )


def test_what_acts_is_taken() -> None:
    assert kept(papers(), "--match", "text", "--threshold", "0.9", "--shingle", "2") == 1
    assert kept(papers(), "--fields", "abstract", "--threshold", "0.9") == 1
    assert kept(papers(), "--recall", "0.9", "--permutations", "64", "--seed", "2") == 1


@pytest.mark.parametrize(
    "option", [["--keep", "last"], ["--transitive"], ["--recall", "0.9"], ["--unique-within", "source"]]
)
def test_what_only_a_run_asks_is_refused_where_clusters_are_given(option: list[str]) -> None:
    Path("gold.csv").write_text("id,cluster\n1,1\n2,1\n", "utf-8")
    done = run("evaluate", papers(), "--gold", "gold.csv", "--predicted", "gold.csv", *option)
    refused(done, f"{option[0]} does nothing here: with --predicted nothing is deduplicated")


@pytest.mark.parametrize("chosen", ["csv", "jsonl"])
def test_a_heading_is_refused_where_there_is_none(chosen: str) -> None:
    refused(
        run("export", papers(), "--format", chosen, "--title", "Ours"),
        f"--title does nothing here: {chosen} has",
    )
