"""Text that nobody wrote: the time of each reader grows with its length and no faster."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from corpus_tool.errors import InputError
from corpus_tool.sources import arxiv_listing, arxiv_mail, huggingface, labelled_text, markdown, oai, quoting

if TYPE_CHECKING:
    from types import ModuleType

SHORT, LONG = 20_000, 160_000
"""A quadratic reader takes 64 times as long for the second; 24 times leaves room for a busy machine."""
ALLOWED, SLACK = 24, 0.3

RUNS = (
    "[",
    "![",
    "[a](",
    "](",
    " ",
    ".",
    "*",
    "**a",
    "_a",
    "`",
    "<",
    "<a ",
    "<b>",
    "<!--",
    "$a ",
    "|",
    "\\",
    "> ",
    "- ",
    "(",
    ": ",
    "，",
    "&",
    "[1] ",
    "http://",
    "A B, ",
)
FEW = ("[", " ", "(", ": ", "A B, ")
HEADS: dict[ModuleType, str] = {
    markdown: "### [A title of it](https://arxiv.org/abs/2501.10001)\n\n**Abstract**: ",
    labelled_text: "Title: A\nAuthors: B\nAbstract: ",
    arxiv_listing: "[1] arXiv:2501.10001 [pdf]\nTitle: A\nSubjects: ",
    arxiv_mail: "\\\\\narXiv:2501.10001\nTitle: A\nAuthors: ",
    huggingface: "Mar 13\n\nA Title of Some Words\n\n",
    oai: "<OAI-PMH><record><title>",
}


def seconds(reader: ModuleType, text: str) -> float:
    start = time.process_time()
    reader.detect(quoting.unquoted(text[:65536]))
    with suppress(InputError):
        list(reader.parse(text.split("\n")))
    return time.process_time() - start


@pytest.mark.parametrize(
    ("reader", "run"),
    [(reader, run) for reader in HEADS for run in (RUNS if reader is markdown else FEW)],
    ids=lambda value: value if isinstance(value, str) else value.NAME,
)
def test_time_grows_with_the_length_of_a_line(reader: ModuleType, run: str) -> None:
    short, long = (seconds(reader, HEADS[reader] + run * (size // len(run))) for size in (SHORT, LONG))
    assert long <= ALLOWED * short + SLACK


@pytest.mark.parametrize("run", ["[a](", "**a", "`", "<b>", "$a "])
@pytest.mark.parametrize("head", ["", "| Title | Authors |\n|---|---|\n"])
def test_time_grows_with_the_number_of_lines(head: str, run: str) -> None:
    line = ("| " if head else "") + run * (1000 // len(run)) + "\n"
    short, long = (seconds(markdown, head + line * (size // len(line))) for size in (SHORT, LONG))
    assert long <= ALLOWED * short + SLACK


@pytest.mark.parametrize("nest", ["> ", "- ", "1. ", "  - ", "<details>", "<b>", "#", "[", "**"])
def test_deep_nesting_is_read_without_an_error(nest: str) -> None:
    list(markdown.parse([nest * 5000 + "text", "", *(" " * depth + "- item" for depth in range(0, 400, 2))]))
