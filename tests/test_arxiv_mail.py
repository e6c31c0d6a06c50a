from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import huggingface
from corpus_tool.sources.arxiv_mail import detect, parse
from corpus_tool.sources.names import author_names

SHARED = Path(__file__).parents[1] / ".." / "shared"
SHAPE = SHARED / "data" / "digest_shapes" / "F_arxiv_mail.txt"

RULE = "-" * 78
HEADER = rf"""{RULE}
Archives at http://arxiv.org/
 Submissions to:
Machine Learning
 received from  Tue 11 Mar 25 18:00:00 GMT  to  Wed 12 Mar 25 18:00:00 GMT
{RULE}
"""
MAIL = rf"""{HEADER}\\
arXiv:2503.00001
Date: Tue, 11 Mar 2025 18:20:03 GMT   (1234kb,D)

Title: Tea Rooms That Are Scheduled under Steam, and Their
  Lids
Authors: Ada Example (1), Bob Sample (University of Nowhere (North)) and Eve
  Nemo Jr.
Categories: cs.LG stat.ML
Comments: 12 pages,
  4 figures
Journal-ref: J. Inv. 1 (2025) 2
DOI: 10.1000/xyz
Report-no: T-1
License: http://creativecommons.org/licenses/by/4.0/
\\
  We study tea in $O(n \log n)$ time.
Code is at https://tea.example/x.

  A second paragraph.
\\ ( https://arxiv.org/abs/2503.00001 ,  1234kb)
{RULE}
\\
arXiv:math/0301002 (*cross-listing*)
Date: Mon, 10 Mar 2025 09:00:00 GMT   (321kb)

Title: Umbrellas
Authors: Carol Placeholder
Categories: math.CO
\\
  An umbrella is closed.
\\ ( https://arxiv.org/abs/math/0301002 ,  321kb)
%%--%%--%%--%%--%%--%%--%%--%%--%%--%%
\\
arXiv:2401.00003
replaced with revised version Tue, 11 Mar 2025 10:11:12 GMT   (100kb,D)

Title: A Replacement
Authors: Dan Nobody and Eve Nemo
Categories: cs.LG
\\ ( https://arxiv.org/abs/2401.00003 ,  100kb)
%%%---%%%---%%%---%%%---%%%---%%%---
For subscribe options to combined physics archives,
e-mail To: physics@arxiv.org, Subject: subscribe
"""


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(line.removesuffix("\r") for line in text.split("\n")))


@pytest.mark.parametrize("text", [MAIL, MAIL.replace("\n", "\r\n"), MAIL.replace("\n", "  \n")])
def test_every_kind_of_block(text: str) -> None:
    assert detect(text)
    first, second, third = read(text)
    assert first == Paper(
        "Tea Rooms That Are Scheduled under Steam, and Their Lids",
        "We study tea in $O(n \\log n)$ time. Code is at https://tea.example/x.\nA second paragraph.",
        11,
        "12 Mar 25",
        "2025-03-12",
        ["https://arxiv.org/abs/2503.00001", "https://tea.example/x"],
        {
            "arxiv": "2503.00001",
            "authors": ["Ada Example", "Bob Sample", "Eve Nemo Jr."],
            "categories": ["cs.LG", "stat.ML"],
            "comments": "12 pages, 4 figures",
            "journal": "J. Inv. 1 (2025) 2",
            "doi": "10.1000/xyz",
            "report": "T-1",
            "license": "http://creativecommons.org/licenses/by/4.0/",
        },
        True,
    )
    assert isinstance(second, Paper)
    assert isinstance(third, Paper)
    assert (second.title, second.abstract, second.line) == ("Umbrellas", "An umbrella is closed.", 33)
    assert second.extra["arxiv"] == "math/0301002"
    assert (third.title, third.abstract, third.line) == ("A Replacement", "", 44)
    assert third.extra == {
        "arxiv": "2401.00003",
        "authors": ["Dan Nobody", "Eve Nemo"],
        "categories": ["cs.LG"],
    }


def test_two_mails_in_one_file() -> None:
    items = read(MAIL + MAIL.replace("Wed 12 Mar 25", "Thu 13 Mar 25"))
    assert [item.digest_date for item in items] == ["12 Mar 25"] * 3 + ["13 Mar 25"] * 3
    assert [item.opens_digest for item in items] == [True, False, False] * 2


def test_mail_that_is_cut_off() -> None:
    cut = MAIL[: MAIL.index("A second paragraph")] + "[Content truncated]"
    (paper,) = read(cut)
    assert paper.abstract == "We study tea in $O(n \\log n)$ time. Code is at https://tea.example/x."


def test_blocks_without_bars_or_title() -> None:
    (paper,) = read("arXiv:2503.00004\nTitle: Doors\nAuthors: Ada Example\n\\\\\n  They open.\n")
    assert (paper.title, paper.abstract, paper.extra["arxiv"]) == ("Doors", "They open.", "2503.00004")
    (left,) = read("\\\\\narXiv:2503.00005\nAuthors: Ada Example\n\\\\\n  They close.\n\\\\\n")
    assert left == Leftover(
        1, "arXiv:2503.00005\nAda Example\nThey close.", "a block of an arXiv mail without a title"
    )


def test_texts_without_papers() -> None:
    assert read("") == [] == read(HEADER)
    assert not detect("")
    assert not detect("Some text about arXiv:2503.00001.\n")
    assert not huggingface.detect(MAIL)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Ada Example, Bob Sample", ["Ada Example", "Bob Sample"]),
        ("Ada Example, Bob Sample, and Eve Nemo", ["Ada Example", "Bob Sample", "Eve Nemo"]),
        ("Ada Example (A, B and C), Bob", ["Ada Example", "Bob"]),
        ("Ada Example, Jr., Bob", ["Ada Example, Jr.", "Bob"]),
        ("Ada Anderson et al.", ["Ada Anderson"]),
        ('P. Erd\\H{o}s and K. G\\"odel', ["P. Erd\\H{o}s", 'K. G\\"odel']),
        ("", []),
    ],
)
def test_author_names(printed: str, names: list[str]) -> None:
    assert author_names(printed) == names


@pytest.mark.skipif(not SHAPE.is_file(), reason="the saved page shapes are not beside this checkout")
def test_shape() -> None:
    text = SHAPE.read_text(encoding="utf-8")
    assert detect(text)
    items = read(text)
    assert [item.line for item in items] == [17, 33, 45]
    assert [item.extra["arxiv"] for item in items] == ["2503.99901", "2502.99902", "2401.99903"]
    assert items[0].extra["authors"] == ["Ada Example", "Bob Sample"]
    assert [bool(item.abstract) for item in items] == [True, True, False]
    assert {item.date for item in items} == {"2025-03-12"}


LINES = st.sampled_from(
    ["\\\\", "arXiv:2503.00001", "Title: Tea", "  more", "Authors: A, B", "", "text", RULE]
)


@given(st.lists(LINES, max_size=30))
def test_any_order_of_lines_is_read_without_an_error(lines: list[str]) -> None:
    titles = [item for item in parse(lines) if isinstance(item, Paper)]
    assert len(titles) <= lines.count("Title: Tea")


def test_continuation_lines_that_lost_their_indentation() -> None:
    text = MAIL.replace("Their\n  Lids", "Their\nLids").replace(
        "12 pages,\n  4 figures", "12 pages,\n4 figures"
    )
    first = read(text.replace("Eve\n  Nemo", "Eve\nNemo"))[0]
    assert isinstance(first, Paper)
    assert first.title == "Tea Rooms That Are Scheduled under Steam, and Their Lids"
    assert first.extra["comments"] == "12 pages, 4 figures"
    assert first.extra["authors"] == ["Ada Example", "Bob Sample", "Eve Nemo Jr."]


@pytest.mark.parametrize(
    "mark", ["Paper (*cross-listing*): cs/0501001", "arXiv:cs/0501001 (*cross-listing*)"]
)
def test_cross_listings_with_old_ids(mark: str) -> None:
    text = f"{RULE}\n\\\\\n{mark}\nFrom: Ada <a@b.example>\nDate: Mon, 3 Jan 2005 10:00:00 GMT   (9kb)\n"
    text += (
        f"Date (revised): Tue, 4 Jan 2005 10:00:00 GMT\n\nTitle: Tea\nAuthors: Ada Example\n\\\\\n{RULE}\n"
    )
    assert detect(text)
    (paper,) = read(text)
    assert isinstance(paper, Paper)
    assert paper.extra == {
        "arxiv": "cs/0501001",
        "authors": ["Ada Example"],
        "submitter": "Ada",
        "published": "2005-01-03",
        "updated": "2005-01-04",
    }


@pytest.mark.parametrize("rule", ["-" * 12, "=" * 20])
def test_a_rule_within_an_abstract(rule: str) -> None:
    first, second, third = read(MAIL.replace("\n\n  A second", f"\n  {rule}\n\n  A second"))
    assert isinstance(first, Paper)
    assert first.abstract.endswith("Code is at https://tea.example/x.\nA second paragraph.")
    assert [second.title, third.title] == ["Umbrellas", "A Replacement"]


def test_a_rule_that_ends_a_paper_whose_last_bars_are_missing() -> None:
    text = MAIL.replace("\\\\ ( https://arxiv.org/abs/2503.00001 ,  1234kb)\n", "")
    first, second, third = read(text)
    assert isinstance(first, Paper)
    assert first.abstract.endswith("A second paragraph.")
    assert [second.title, third.title] == ["Umbrellas", "A Replacement"]


def test_an_entry_that_is_cut_within_its_id_is_told() -> None:
    (left,) = read(f"{RULE}\n\\\\\nPaper: astro-ph/9\n")
    assert left == Leftover(2, "Paper: astro-ph/9", "a block of an arXiv mail without a title")
