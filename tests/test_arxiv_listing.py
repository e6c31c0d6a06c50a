"""arXiv's listing pages as text, with and without abstracts, in the layouts that browsers and text browsers give."""

from __future__ import annotations

import pytest

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import huggingface, labelled_text
from corpus_tool.sources.arxiv_listing import detect, parse

RECENT = """Machine Learning
Authors and titles for recent submissions
Fri, 24 Jan 2025
Thu, 23 Jan 2025
See today's new changes
[ total of 3 entries ]
Showing up to 50 entries per page: fewer | more | all
Fri, 24 Jan 2025 (showing 2 of 2 entries )

[1] arXiv:2501.10001 [pdf, html, other]
    Title: Sparse Rotations for Small Models
    Ada Example, Bo Sample (University of Nowhere)
    Comments: 12 pages,
    4 figures
    Subjects: Machine Learning (cs.LG); Optimization and Control (math.OC)

[2] arXiv:2501.10002 (cross-list from cs.RO) [pdf, other]
    Title: Do Maps Help Walkers on Foot
    Bo Sample
    Journal-ref: J. Walk. 3 (2025)
    Subjects: Robotics (cs.RO)
Thu, 23 Jan 2025 (showing 1 of 1 entries )

[3] arXiv:math/0501001 [pdf, ps, other]
    Title: Umbrellas
    Carol Placeholder
    Subjects: Combinatorics (math.CO)
[ total of 3 entries ]
"""

NEW = """Showing new listings for Friday, 24 January 2025
New submissions (showing 2 of 2 entries)
[1] arXiv:2501.10001 [pdf, html, other]
Title:Sparse Rotations for Small Models
Authors:Ada Example, Bo Sample
Subjects: Machine Learning (cs.LG)
We study sparse rotations
for small models. Code is at https://a.example/x.

A second paragraph.

Replacement submissions (showing 1 of 1 entries)
[2] arXiv:2501.10002 (replaced) [pdf, other]
Title:
          Do Maps Help Walkers on Foot
Authors:
          Bo Sample
Comments: v2
Subjects: Robotics (cs.RO)

Maps are used by walkers everywhere.
"""


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(text.split("\n")))


def test_recent_papers_by_day() -> None:
    assert detect(RECENT)
    first, second, third = (item for item in read(RECENT) if isinstance(item, Paper))
    assert first == Paper(
        "Sparse Rotations for Small Models",
        "",
        11,
        "Fri, 24 Jan 2025",
        "2025-01-24",
        ["https://arxiv.org/abs/2501.10001"],
        {
            "arxiv": "2501.10001",
            "authors": ["Ada Example", "Bo Sample"],
            "categories": ["cs.LG", "math.OC"],
            "comments": "12 pages, 4 figures",
        },
        True,
    )
    assert (second.title, second.line, second.opens_digest) == ("Do Maps Help Walkers on Foot", 18, False)
    assert second.extra["announce_type"] == "cross-list from cs.RO"
    assert second.extra["journal"] == "J. Walk. 3 (2025)"
    assert (third.extra["arxiv"], third.date, third.opens_digest) == ("math/0501001", "2025-01-23", True)


def test_new_papers_with_abstracts() -> None:
    assert detect(NEW)
    first, second = (item for item in read(NEW) if isinstance(item, Paper))
    assert (first.title, first.abstract) == (
        "Sparse Rotations for Small Models",
        "We study sparse rotations for small models. Code is at https://a.example/x.\nA second paragraph.",
    )
    assert first.links == ["https://arxiv.org/abs/2501.10001", "https://a.example/x"]
    assert (second.title, second.abstract, second.line) == (
        "Do Maps Help Walkers on Foot",
        "Maps are used by walkers everywhere.",
        15,
    )
    assert second.extra["authors"] == ["Bo Sample"]
    assert {first.date, second.date} == {"2025-01-24"}


def test_saved_as_markdown() -> None:
    text = RECENT.replace(
        "arXiv:2501.10001 [pdf", "[arXiv:2501.10001](https://arxiv.org/abs/2501.10001) [[pdf](/pdf/x)"
    )
    assert detect(text)
    assert len(read(text)) == 3


def test_an_entry_without_a_title_is_told() -> None:
    items = read(NEW.replace("Title:Sparse Rotations for Small Models\n", ""))
    assert items[0] == Leftover(3, "arXiv:2501.10001", "an entry of an arXiv listing without a title")
    assert len(items) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "As shown in [1] arXiv:2501.10001 we see.\n",
        "[1] arXiv:2501.10001\n[2] arXiv:2501.10002\n",
        "Title: A\n",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    assert not detect(text)


def test_no_other_reader_takes_a_listing_for_its_own() -> None:
    assert not labelled_text.detect(RECENT)
    assert not huggingface.detect(RECENT)
