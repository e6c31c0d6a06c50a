"""Plain digests that are odd within: lists and equations in abstracts, titles like furniture, blanks nobody sees."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run

from corpus_tool.sources import alternation
from corpus_tool.sources.quoting import unquoted

HEADER = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 13\n\n"
WALK = "Maps are used by walkers everywhere. In this paper we follow 200 walkers and show that a map shortens the way."
MAPS = ("Do Maps Help Walkers on Foot", WALK)
COLD = (
    "Cold Start Routing",
    "We study routing when no data is there yet and show how a prior over experts helps at first.",
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def digest(*papers: tuple[str, str]) -> str:
    return (
        HEADER
        + "\n\n".join(
            f"{title}\n\n{abstract}".replace("\n", "\n\n").replace("\n\n\n\n", "\n\n")
            for title, abstract in papers
        )
        + "\n"
    )


def parsed(text: str) -> list[tuple[str, str]]:
    Path("day.txt").write_text(text, encoding="utf-8")
    done = run("parse", "day.txt", "--strict")
    assert done.code == 0, done.err
    lines = text.split("\n")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert all(record["title"] in lines[record["line"] - 1] for record in records)
    return [(record["title"], record["abstract"]) for record in records]


@pytest.mark.parametrize(
    "abstract",
    [
        "Serving models at scale taught us three lessons that we describe here:\n- Batching matters more than kernels.\n"
        "- Caches must be warmed.\n- Queues should be short.\nWe close with open problems, and with our own traces.",
        "We prove two bounds, of which the second one is tight for every graph that we consider:\n$$ x = \\sum_i y_i $$\n"
        "where the sum runs over all nodes, and all of them are met in practice.",
        "We bound the error of tallies by that of their counters, which gives the identity:\n\\[ a = b \\]\n"
        "which is the first of its kind, and we show that it is the last one as well.",
        "We study routing when no data is there yet and show how a prior helps.\nKeywords: routing, experts, cold start",
        "Our contributions are three, and all of them are small:\n(1) A bound.\n(2) A proof.\n(iii) A figure that shows both.",
        "Our contributions are two, and both of them are small:\n* A bound\n* A proof\n• And a figure",
    ],
    ids=["list", "equation", "brackets", "keywords", "numbers", "bullets"],
)
def test_parts_of_an_abstract_are_no_titles(abstract: str) -> None:
    papers = [("Lessons from Serving", abstract), MAPS, COLD]
    assert parsed(digest(*papers)) == papers


@pytest.mark.parametrize("title", ["2024", "New", "Mar 14", "42", "1984"])
def test_titles_that_look_like_furniture(title: str) -> None:
    papers = [MAPS, (title, COLD[1]), COLD]
    assert parsed(digest(*papers)) == papers


def test_a_number_at_the_top_of_a_digest_is_its_first_title() -> None:
    assert parsed(digest(("2024", WALK), COLD)) == [("2024", WALK), COLD]


def test_votes_and_dates_stay_furniture() -> None:
    text = (
        digest(MAPS, COLD).replace(COLD[0], f"12\n\n{COLD[0]}")
        + "\n7\n\nMar 14\n\n"
        + "\n\n".join(MAPS)
        + "\n"
    )
    assert parsed(text) == [MAPS, COLD, MAPS]


@pytest.mark.parametrize("odd", ["\u00a0", "\u2009", "\u202f", "\u3000"])
def test_odd_blanks_in_the_header(odd: str) -> None:
    text = digest(MAPS).replace(HEADER, HEADER.replace(" ", odd))
    assert parsed(text) == [MAPS]
    assert json.loads(run("parse", "day.txt").out)["digest_date"] is not None


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u2060", "\u00ad"])
def test_characters_without_width_in_the_header(unseen: str) -> None:
    header = "\n".join(f"{unseen}{line}" if line else unseen for line in HEADER.split("\n"))
    Path("day.txt").write_text(header + "\n" + "\n\n".join(MAPS), encoding="utf-8")
    done = run("parse", "day.txt", "--strict")
    assert [json.loads(line)["title"] for line in done.out.splitlines()] == [MAPS[0]]


@pytest.mark.parametrize("mark", ["> ", ">", ">> ", "> > "])
def test_a_page_quoted_as_a_whole(mark: str) -> None:
    text = digest(MAPS, COLD)
    quoted = "\n".join(mark + line if line else mark.strip() for line in text.split("\n"))
    assert parsed(quoted) == [MAPS, COLD]
    assert unquoted(quoted).split() == text.split()


def test_only_pages_that_are_quoted_are_unquoted() -> None:
    for text in ("> a quote\n\nand an answer\n\nin several\n\nlines\n", "a > b\n", "", ">\n"):
        assert unquoted(text) == text


@pytest.mark.parametrize(
    "title", ["Keyword-Aware Routing", "With Great Power", "Where Do We Go?", "A = B", "3D Maps"]
)
def test_titles_that_are_no_parts(title: str) -> None:
    assert not alternation.is_part(title)
