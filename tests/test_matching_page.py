"""The page on matching says what the code does: its table of terms is the scorecard's, its numbers the defaults'.

`CORPUS_TOOL_REWRITE=1 pytest tests/test_matching_page.py` writes the scorecard as it is now into the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus_tool.config import Similarity
from corpus_tool.papers.scorecard import STRICTNESS, TERMS

PAGE = Path(__file__).parents[1] / "examples" / "matching.md"
BEGIN = "<!-- terms: written by tests/test_matching_page.py -->\n"
END = "<!-- end of terms -->\n"


def _table() -> str:
    """The scorecard in Markdown."""
    lines = ["| term | weight | value | can count when |", "| --- | ---: | --- | --- |"]
    lines += [f"| `{term.name}` | {term.weight:+g} | {term.meaning} | {term.applies} |" for term in TERMS]
    return "\n".join(lines) + "\n"


def test_the_table_is_the_scorecard(rewrite: bool) -> None:
    page = PAGE.read_text("utf-8")
    before, found = page.split(BEGIN)
    shown, after = found.split(END)
    if rewrite and shown != _table():
        PAGE.write_text(before + BEGIN + _table() + END + after, "utf-8")
        return
    assert shown == _table()


def test_the_bands_are_those_of_the_defaults() -> None:
    page, default = " ".join(PAGE.read_text("utf-8").split()), Similarity()
    bands, rows = default.bands_rows
    assert f"{bands} bands of {rows} rows, {bands * rows} of the {default.permutations} values" in page
    assert f"By default m = {default.least_agreement}." in page


def test_the_chances_are_those_of_the_formula() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    said = re.search(r"Pairs of J = (.+?) are then proposed with chance (.+?)\. - ", page)
    assert said
    bands, rows = Similarity().bands_rows
    for similarity, chance in zip(*(part.split(", ") for part in said.groups()), strict=True):
        rounded = 0.51 * 10 ** -len(chance.partition(".")[2])
        assert float(chance) == pytest.approx(1 - (1 - float(similarity) ** rows) ** bands, abs=rounded)


def test_the_words_of_strictness_are_those_of_the_command() -> None:
    page = PAGE.read_text("utf-8").replace("−", "-")
    said = ", ".join(
        f"`{word}` {points:+g}" if points else f"`{word}` 0" for word, points in STRICTNESS.items()
    )
    assert said in page
