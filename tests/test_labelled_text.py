"""Plain text of labelled fields: where blocks begin and end, and what stays part of an abstract."""

from __future__ import annotations

import pytest

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources.labelled_text import detect, parse

PLAIN = """Title: Sparse Rotations for Small Models
Authors: Ada Example, Bo Sample
URL: https://arxiv.org/abs/2501.10001
Abstract: We study sparse rotations for small models.

Title: Do Maps Help Walkers on Foot
Authors: Bo Sample
URL: https://arxiv.org/abs/2501.10002
Abstract: Maps are used by walkers everywhere.
"""


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(text.split("\n")))


def told(text: str) -> list[tuple[str, str, int]]:
    assert detect(text)
    items = read(text)
    assert all(isinstance(item, Paper) for item in items)
    return [(item.title, item.abstract, item.line) for item in items if isinstance(item, Paper)]


TWO = [
    ("Sparse Rotations for Small Models", "We study sparse rotations for small models."),
    ("Do Maps Help Walkers on Foot", "Maps are used by walkers everywhere."),
]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n\n", "\n----------\n"),
        PLAIN.replace("\n\n", "\n\n==========\n\n"),
        PLAIN.replace("\n\n", "\n"),
        PLAIN.replace(": ", " : ").replace("Title", "TITLE"),
        PLAIN.replace("Title", "标题")
        .replace("Authors", "作者")
        .replace("Abstract", "摘要")
        .replace(": ", "："),
        PLAIN.replace("Title:", "Paper Title:").replace("URL", "Link"),
        PLAIN.replace("Title: S", "1. Title: S").replace("Title: D", "2. Title: D"),
        PLAIN.replace("Abstract: ", "Abstract:\n    "),
        PLAIN.replace("Small Models\n", "Small\n       Models\n").replace("on Foot\n", "on\n       Foot\n"),
        PLAIN.replace(": ", ":\u00a0"),
        "Walking Weekly\nJanuary 24, 2025\n\n" + PLAIN,
    ],
    ids=[
        "plain",
        "dashes",
        "rules",
        "no blanks",
        "capitals",
        "chinese",
        "names",
        "numbers",
        "below",
        "wrapped",
        "nbsp",
        "head",
    ],
)
def test_forms_of_blocks(text: str) -> None:
    assert [each[:2] for each in told(text)] == TWO


def test_every_field() -> None:
    first, second = read(
        "Friday, January 24, 2025\n\n" + PLAIN.replace("URL", "Venue: Nowhere\nMood: fine\nURL")
    )
    assert isinstance(first, Paper)
    assert (first.line, first.date, first.links) == (3, "2025-01-24", ["https://arxiv.org/abs/2501.10001"])
    assert first.extra == {
        "arxiv": "2501.10001",
        "authors": ["Ada Example", "Bo Sample"],
        "venue": "Nowhere",
        "mood": "fine",
    }
    assert (first.opens_digest, isinstance(second, Paper) and second.opens_digest) == (True, False)


def test_labels_that_would_hide_fields_of_the_record() -> None:
    text = PLAIN.replace("URL", "Source: a shelf\nPosition: 7\nURL")
    (paper, _) = read(text)
    assert isinstance(paper, Paper)
    assert {"printed_source": "a shelf", "printed_position": "7"}.items() <= paper.extra.items()


def test_abstracts_with_lists_equations_parts_rules_and_keywords() -> None:
    text = """Title: Lessons
Authors: Ada Example
Abstract: Serving taught us lessons:

- Batching matters.
- Caches must be warmed.

  $$ x = y $$

where x is small.
Methods: We wait.
----------
And a rule stands within.
Keywords: serving, caches

Title: 2024
Authors: Bo Sample
Abstract: A year.
"""
    assert told(text) == [
        (
            "Lessons",
            "Serving taught us lessons:\n- Batching matters.\n- Caches must be warmed.\n$$ x = y $$\nwhere x is small. "
            "Methods: We wait.\n----------\nAnd a rule stands within.",
            1,
        ),
        ("2024", "A year.", 16),
    ]
    (first, _) = read(text)
    assert isinstance(first, Paper)
    assert first.extra["keywords"] == ["serving", "caches"]


def test_what_belongs_to_no_paper_is_told() -> None:
    items = read("Authors: Ada Example\nAbstract: We lost the title.\n\n" + PLAIN)
    assert items[0] == Leftover(
        1, "Ada Example\nWe lost the title.", "a block of labelled fields without a title"
    )
    items = read(PLAIN.replace("URL: https://arxiv.org/abs/2501.10001\n", "\nSome words about nothing.\n\n"))
    assert [item.text for item in items if isinstance(item, Leftover)] == ["Some words about nothing."]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Title: A Book\n",
        "title: My Site\nauthor: Ada\nurl: https://a.example\n",
        "From: ada@a.example\nTo: bo@b.example\nSubject: Hello\nDate: today\n\nDear Bo,\nall is well.\n",
        "Return-Path: <a@b>\nReceived: here\n" + PLAIN,
        "# Notes\n\n" + PLAIN,
        "cff-version: 1.2.0\ntitle: Tool\nabstract: A tool.\nauthors:\n  - name: Ada\n",
        "Error: no such file\nTitle: none\nNote: this\nWarning: that\n" * 3,
        "To do today: buy milk\nTitle of the book: forgotten\n",
        "\\\\\narXiv:2503.00001\nTitle: Tea\nAuthors: Ada\n\\\\\n  Tea.\n\\\\\n",
    ],
    ids=["empty", "book", "yaml", "letter", "mail", "markdown", "cff", "log", "prose", "arxiv"],
)
def test_other_texts_are_refused(text: str) -> None:
    assert not detect(text)
