"""`corpus-tool compare`: counts, rows and pages of what two collections share."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from running import run

EXAMPLES = Path(__file__).parents[1] / "examples"
OLD, NEW = "digests/apr-13.txt", "digests/apr-15.txt"


@pytest.fixture(autouse=True)
def among_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)


def rows_of(*arguments: str | Path) -> list[dict[str, Any]]:
    done = run("compare", "-q", *arguments, "--format", "jsonl")
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def lines_of(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def test_counts_alone_go_to_standard_output() -> None:
    done = run("compare", OLD, NEW)
    assert [line.split() for line in done.out.decode().splitlines()] == [
        ["records", "only", "here", "in", "both", "revised"],
        ["A", OLD, "7", "4", "2", "1"],
        ["B", NEW, "8", "5", "2", "1"],
    ]
    assert done.err.startswith("compared 7 records with 8 (matching papers")
    told = json.loads(run("compare", OLD, NEW, "--json").out)
    assert told["a"] == {"name": OLD, "records": 7, "only": 4, "both": 2, "revised": 1}
    assert told["b"]["only"] == 5


def test_swapped_sides_swap_the_counts() -> None:
    told, swapped = (json.loads(run("compare", *pair, "--json").out) for pair in ((OLD, NEW), (NEW, OLD)))
    assert {**told["a"], "name": ""} == {**swapped["b"], "name": ""}
    assert {**told["b"], "name": ""} == {**swapped["a"], "name": ""}


def test_rows_name_both_records_and_the_words_that_differ() -> None:
    rows = rows_of(OLD, NEW)
    assert len(rows) == 7 + 5
    revised = next(row for row in rows if row["status"] == "revised")
    assert (revised["a"]["source"], revised["a"]["line"]) == (OLD, 15)
    assert (revised["b"]["source"], revised["b"]["line"]) == (NEW, 15)
    assert list(revised["diff"]) == ["abstract"]
    assert {"tag": "replace", "left": "18,400", "right": "21,900"} in revised["diff"]["abstract"]["spans"]
    assert revised["a"]["record"]["title"] == revised["b"]["record"]["title"]
    only_b = [row for row in rows if row["status"] == "only_b"]
    assert all(row["a"] is None and row["score"] is None and "diff" not in row for row in only_b)


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        ("-1", {"only_b", "both", "revised"}),
        ("-12", {"both", "revised"}),
        ("-34", {"only_a", "only_b"}),
        ("-134", {"only_b"}),
        ("--hide-b", {"only_a", "both", "revised"}),
    ],
)
def test_columns_are_left_out_as_comm_does(columns: str, left: set[str]) -> None:
    assert {row["status"] for row in rows_of(OLD, NEW, columns)} == left


def test_only_in_b_is_what_dedup_would_add() -> None:
    """Where no side repeats itself: what B alone has is what is left of it beside A."""
    kept = run("dedup", "-q", OLD, NEW).out.splitlines()[7:]
    added = [row["b"]["record"] for row in rows_of(OLD, NEW, "-134")]
    assert [record["id"] for record in added] == [json.loads(line)["id"] for line in kept]


def test_a_side_that_repeats_itself(tmp_path: Path) -> None:
    say = [f"word{n}" for n in range(30)]
    text, other = " ".join(say), " ".join([*say[:29], "else"])
    a = lines_of(tmp_path / "a.jsonl", {"text": text}, {"text": text.upper()}, {"text": other})
    b = lines_of(tmp_path / "b.jsonl", {"text": text}, {"text": "none of that"})
    told = json.loads(run("compare", a, b, "--json").out)
    assert (told["a"]["both"], told["a"]["revised"], told["a"]["only"]) == (2, 1, 0)
    assert (told["b"]["both"], told["b"]["revised"], told["b"]["only"]) == (1, 0, 1)
    assert [(row["status"], row["b"] and row["b"]["line"]) for row in rows_of(a, b)] == [
        ("both", 1),
        ("both", 1),
        ("revised", 1),
        ("only_b", 2),
    ]


def test_markdown_by_the_ending(tmp_path: Path) -> None:
    page = tmp_path / "changes.md"
    assert run("compare", OLD, NEW, "-o", page).code == 0
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
    assert headings == [f"{OLD} and {NEW}", "Only in A (4)", "Only in B (5)", "Revised (1)", "In both (2)"]
    assert "<del>18,400</del> <ins>21,900</ins>" in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<li>") == 12
    assert html.count("<h2>") == 4
    assert "<code>" not in html


def test_hostile_titles_stay_text_in_markdown() -> None:
    a = json.dumps(
        {"text": "<script>alert(1)</script> *one* [two](http://x) `three` &lt; four\n# five | six"}
    )
    b = json.dumps(
        {"text": "<script>alert(1)</script> *one* [two](http://x) `three` &lt; four\n# five | seven"}
    )
    (EXAMPLES / "digests").resolve()
    done = run("compare", "-", "notices.jsonl", "--format", "markdown", stdin=a.encode() + b"\n" + b.encode())
    html = MarkdownIt("commonmark").enable("table").render(done.out.decode())
    assert "<script" not in html
    assert "<a " not in html
    assert "<em>" not in html


def test_revised_hostile_words_stay_text(tmp_path: Path) -> None:
    say = " ".join(f"word{n}" for n in range(40))
    a = lines_of(tmp_path / "a.jsonl", {"text": f"{say} <b>old</b> **x**"})
    b = lines_of(tmp_path / "b.jsonl", {"text": f"{say} <b>new</b> \u202e__y__"})
    done = run("compare", a, b, "--format", "markdown")
    html = MarkdownIt("commonmark").render(done.out.decode())
    assert "<b>" not in html
    assert "<strong>" not in html
    assert "\u202e" not in html
    assert "<del>" in html


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (f"{OLD}", "Missing argument"),
        (f"{OLD} {NEW} -1", "only counts are asked for"),
        (f"{OLD} {NEW} -o out.csv", "rows are written as .jsonl or .md"),
        (f"{OLD} {NEW} --format csv", "--format csv is not one of jsonl, markdown"),
        ("- -", "can be read only once"),
        (f"{OLD} nowhere", "nowhere: no such file"),
        ("pages.jsonl notices.jsonl", "pages.jsonl: the records have none of"),
        (f"{OLD} damaged.jsonl", "damaged.jsonl:2: not JSON"),
        (f"{OLD} {NEW} --shingle 3", "--shingle does nothing here"),
    ],
)
def test_mistakes(arguments: str, said: str) -> None:
    done = run("compare", *arguments.split())
    assert (done.code, done.out) == (2, b"")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_an_empty_side_has_nothing(tmp_path: Path) -> None:
    empty = lines_of(tmp_path / "empty.jsonl")
    told = json.loads(run("compare", empty, "notices.jsonl", "--json").out)
    assert told["a"]["records"] == 0
    assert told["b"]["only"] == told["b"]["records"] == 9


def test_a_collection_and_itself() -> None:
    told = json.loads(run("compare", "digests", "digests", "--json").out)
    assert told["a"]["both"] == told["b"]["both"] == 22


def test_nothing_depends_on_threads_blocks_or_hash_seeds(tmp_path: Path) -> None:
    outs = {
        run("compare", "digests", NEW, "--format", "jsonl", "--jobs", str(jobs)).out for jobs in (1, 2, 5)
    }
    assert len(outs) == 1
