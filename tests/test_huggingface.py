from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import huggingface
from corpus_tool.sources.alternation import _highest_score, title_score
from corpus_tool.sources.huggingface import detect, parse

if TYPE_CHECKING:
    import random

SHARED = Path(__file__).parents[1] / ".." / "shared"
SEEDS = sorted((SHARED / "seeds").glob("*.txt"))
SHAPES = SHARED / "data" / "digest_shapes"
HEADER = ["new", "Get trending papers in your email inbox!", "Subscribe", "byAK and the research community"]

PAPERS = [
    (
        "Kettle: Steam-Aware Scheduling of Tea Rooms",
        "We study the scheduling of tea rooms under steam. Prior work ignores the lid. "
        "We propose Kettle, which does not, "
        "and show that it halves the waiting time on three invented benchmarks. Code is at https://github.com/no/kettle.",
    ),
    (
        "Do Snails Dream of Gradient Descent?",
        "Snails are slow. We ask whether their paths follow a gradient, and find that they do in two gardens out "
        "of three. The third garden had no snails; we report it for completeness.",
    ),
    (
        "On a Conjecture about Umbrellas",
        "An umbrella is a closed set with a handle. We prove that every umbrella that is left in a train is lost, "
        "and give a bound on the number of trains.",
    ),
    (
        "Learning to Fold Maps Back along Their Creases without Tearing",
        "Folding a map is harder than unfolding it. This paper presents a model that learns the creases from pictures. "
        "It outperforms people by a wide margin in experiments with forty maps.",
    ),
    (
        "A Library of Doors, Part II",
        "The second part of our study catalogues doors that open inwards. We describe their hinges and compare the "
        "results with those of the first part.",
    ),
]


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(line.removesuffix("\r") for line in text.split("\n")))


def pairs(text: str) -> list[tuple[str, str]]:
    items = read(text)
    assert not [item for item in items if isinstance(item, Leftover)]
    return [(item.title, item.abstract) for item in items if isinstance(item, Paper)]


def plain(papers: list[tuple[str, str]], head: list[str] | None = None, between: str = "\n\n") -> str:
    blocks = [*([*HEADER, "Mar 13"] if head is None else head)]
    for title, abstract in papers:
        blocks += [title, *filter(None, abstract.split("\n"))]
    return between.join(blocks)


def wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


def test_plain_form() -> None:
    items = read(plain(PAPERS))
    assert items[0] == Paper(
        *PAPERS[0], 11, "Mar 13", None, ["https://github.com/no/kettle"], opens_digest=True
    )
    assert items[1] == Paper(*PAPERS[1], 15, "Mar 13")
    assert [item.line for item in items] == [11, 15, 19, 23, 27]


@pytest.mark.parametrize(
    "text",
    [
        plain(PAPERS, ["Mar 13"]),
        plain(PAPERS, HEADER),
        plain(PAPERS, []),
        plain(PAPERS, between="\n\n\n"),
        plain(PAPERS, between="\n  \n\t\n\n"),
        plain(PAPERS, between="\n"),
        plain(PAPERS, between="  \r\n\r\n") + "\r\n\r\n",
        "\n\n".join(f"{title}\n{abstract}" for title, abstract in PAPERS),
        "\n\n".join([*HEADER, *(wrapped(text, 60) for paper in PAPERS for text in paper)]),
        "\n\n".join("\n".join(wrapped(text, 60) for text in paper) for paper in PAPERS),
        plain(PAPERS) + "\n\n[Content truncated]\n",
    ],
    ids=[
        "no header",
        "no date",
        "bare",
        "doubled",
        "blanks",
        "no blanks",
        "crlf",
        "pairs",
        "wrapped",
        "both",
        "mark",
    ],
)
def test_mangled_forms_give_the_same_papers(text: str) -> None:
    assert pairs(text) == PAPERS
    assert detect(text.replace("\r", ""))


def test_missing_abstract_does_not_shift_the_papers_behind_it() -> None:
    for missing in range(len(PAPERS)):
        papers = [(title, "" if at == missing else abstract) for at, (title, abstract) in enumerate(PAPERS)]
        assert pairs(plain(papers)) == papers


def test_second_paragraph_is_joined_by_a_newline() -> None:
    for split in range(len(PAPERS)):
        papers = list(PAPERS)
        papers[split] = (papers[split][0], papers[split][1].replace(". ", ".\n", 1))
        assert pairs(plain(papers)) == papers


def test_missing_blank_between_an_abstract_and_the_next_title() -> None:
    text = plain(PAPERS).replace(f"\n\n{PAPERS[2][0]}", f"\n{PAPERS[2][0]}")
    assert pairs(text) == PAPERS


def test_several_digests_in_one_file() -> None:
    text = "\n".join(
        [plain(PAPERS[:2]), plain(PAPERS[2:], [*HEADER, "Mar 14"]), plain(PAPERS[:1], ["Mar 15, 2025"]), ""]
    )
    items = [item for item in read(text) if isinstance(item, Paper)]
    assert [item.digest_date for item in items] == ["Mar 13"] * 2 + ["Mar 14"] * 3 + ["Mar 15, 2025"]
    assert [item.date for item in items] == [None] * 5 + ["2025-03-15"]
    assert [item.opens_digest for item in items] == [True, False, True, False, False, True]


def test_text_cut_in_the_middle() -> None:
    text = plain(PAPERS[:2])[:-40]
    (_, second) = pairs(text + "\n\n[Content truncated]")
    assert second == (PAPERS[1][0], PAPERS[1][1][:-40])


def test_empty() -> None:
    assert read("") == [] == read("\n \n")
    assert read("\n\n".join([*HEADER, "Mar 13"])) == []


def test_abstract_without_a_title_is_reported() -> None:
    items = read(plain(PAPERS[1:], [PAPERS[0][1] * 2]))
    assert items[0] == Leftover(1, PAPERS[0][1] * 2, "an abstract without a title")
    assert [(item.title, item.abstract) for item in items[1:] if isinstance(item, Paper)] == PAPERS[1:]


def test_plain_text_keeps_what_looks_like_markup() -> None:
    paper = (
        "[Re] A Claim about $[0,1]$ and \\emph{Tea}",
        "[Abridged] We read [a page](https://tea.example/a) of \\_x\\_.",
    )
    assert pairs(plain([paper, *PAPERS])) == [paper, *PAPERS]


MARKED = """\
# Daily Papers

## by [![](https://huggingface.co/front/assets/x.png)AK](https://huggingface.co/akhaliq) and the research community

- Daily
- Weekly

Oct 2

[-](https://huggingface.co/login?next=%2Fpapers%2F2412.00001)

### [Kettle: Steam-Aware\\  Scheduling](https://huggingface.co/papers/2412.00001)

[We study tea rooms\\\\
under steam, with \\_care\\_. See https://tea.example/x.](https://huggingface.co/papers/2412.00001)

[- 3 authors](https://huggingface.co/papers/2412.00001)

·

Dec 8, 2024

[Upvote

23](https://huggingface.co/login?next=%2Fpapers%2F2412.00001)

[GitHub 1.2k](https://github.com/no/kettle) [arXiv Page](https://arxiv.org/abs/2412.00001)

Submitted by

ada

### Do Snails Dream of Gradient Descent, and If So of
  Which One
Snails are slow.

They stay so.

[[Img: Snail Lab] Snail Lab](https://huggingface.co/snail-lab) · Published on Jun 2, 2026

an orphan line

[Previous](https://huggingface.co/papers/date/2026-10-01)

System theme

Company

TOS
"""


def test_markdown() -> None:
    assert detect(MARKED)
    assert read(MARKED) == [
        Paper(
            "Kettle: Steam-Aware Scheduling",
            "We study tea rooms under steam, with _care_. See https://tea.example/x.",
            12,
            "Oct 2",
            None,
            [
                "https://huggingface.co/papers/2412.00001",
                "https://tea.example/x",
                "https://github.com/no/kettle",
                "https://arxiv.org/abs/2412.00001",
            ],
            {"arxiv": "2412.00001", "published": "2024-12-08"},
            True,
        ),
        Leftover(41, "an orphan line", "text between papers that belongs to none of them"),
        Paper(
            "Do Snails Dream of Gradient Descent, and If So of Which One",
            "Snails are slow.\nThey stay so.",
            33,
            "Oct 2",
            extra={"published": "2026-06-02"},
        ),
    ]


def test_headings_without_abstracts_stay_papers() -> None:
    assert pairs("### One Title\n\n### Another Title\n\nWith text.\n\n**A Third in Bold**\n\nMore.\n") == [
        ("One Title", ""),
        ("Another Title", "With text."),
        ("A Third in Bold", "More."),
    ]


@pytest.mark.skipif(not SEEDS, reason="the seed digests are not beside this checkout")
@pytest.mark.parametrize(
    ("path", "count"), list(zip(SEEDS, (81, 85), strict=False)), ids=lambda value: str(value)[-6:]
)
def test_seeds_are_read_exactly(path: Path, count: int) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = [line for line in text.split("\n") if line][5:]
    papers = list(zip(blocks[::2], blocks[1::2], strict=True))
    assert len(papers) == count
    assert pairs(text) == papers
    assert detect(text[:65536])
    for start, _ in enumerate(papers):
        one_gone = [(title, "" if at == start else abstract) for at, (title, abstract) in enumerate(papers)]
        if start % 8 == 0:
            assert pairs(plain(one_gone)) == one_gone


@pytest.mark.skipif(not SEEDS, reason="the seed digests are not beside this checkout")
def test_seeds_wrapped_at_eighty_columns() -> None:
    for path in SEEDS:
        text = path.read_text(encoding="utf-8")
        hard = "\n\n".join(wrapped(line, 80) for line in text.split("\n") if line)
        assert pairs(hard) == pairs(text)


@pytest.mark.skipif(not SHAPES.is_dir(), reason="the saved page shapes are not beside this checkout")
@pytest.mark.parametrize(
    ("shape", "titles", "arxiv", "published", "dates"),
    [
        (
            "A",
            ["FunAudioLLM: Voice", "FunAudioLLM: Voice", "DataFlow: An"],
            [None] * 3,
            [None] * 3,
            [None] * 3,
        ),
        ("B", ["Distilling Conv", "Reducing Distr"], [None] * 2, [None] * 2, ["Jun 29"] * 2),
        ("C", ["Ultralytics YOLO26"] * 2, ["2606.03748"] * 2, ["2026-06-02"] * 2, [None] * 2),
        ("D", ["Language Server CLI"], ["2510.22907"], ["2025-10-26"], ["Mar 25"]),
        ("E", ["Methods for Legal Citation"], ["2412.06272"], ["2024-12-08"], ["Oct 2"]),
    ],
)
def test_shapes_of_saved_pages(shape: str, titles: list, arxiv: list, published: list, dates: list) -> None:
    text = next(SHAPES.glob(f"{shape}_*.txt")).read_text(encoding="utf-8")
    assert detect(text)
    items = read(text)
    assert [item.title[: len(title)] for item, title in zip(items, titles, strict=True)] == titles
    assert [item.extra.get("arxiv") for item in items] == arxiv
    assert [item.extra.get("published") for item in items] == published
    assert [item.digest_date for item in items] == dates
    for item in items:
        assert item.abstract.endswith((".", "Ho"))
        assert not re.search(r"[\[\]\\·\n]|truncated|authors$", item.title + item.abstract)
        assert not [link for link in item.links if "login" in link or "/date/" in link]


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "A Paper"}\n' * 5,
        "id,title,abstract\n" + '1,"A Paper About Tea","We study tea. We show results."\n' * 5,
        "<!DOCTYPE html><html><body>Get trending papers in your email inbox!</body></html>",
        "import os\n\n\ndef main() -> None:\n    print(os.name)\n",
        "2025-03-13 10:00:00 INFO started\n2025-03-13 10:00:01 INFO stopped\n" * 10,
        "Buy milk\n\nCall Ada\n\nFix the roof\n\nRead the mail\n\n" * 10,
        "On Walking Through Cities\n\n" + "\n\n".join(["Walking is a habit that grows on people. " * 12] * 6),
        "# tool\n\nA tool.\n\n## Install\n\n```\npip install tool\n```\n\n- fast\n- small\n",
        "",
    ],
    ids=["jsonl", "csv", "html", "code", "log", "list", "essay", "readme", "empty"],
)
def test_other_texts_are_not_digests(text: str) -> None:
    assert not detect(text)


WORDS = st.sampled_from(
    "tea snail umbrella map door crease steam garden train hinge model method bound".split()
)
TITLES = st.lists(WORDS, min_size=3, max_size=9).map(lambda words: " ".join(words).title())
SENTENCES = st.lists(WORDS, min_size=6, max_size=20).map(lambda words: f"We show that {' '.join(words)}.")
ABSTRACTS = st.lists(SENTENCES, min_size=2, max_size=6).map(" ".join)
DIGESTS = st.lists(st.tuples(TITLES, ABSTRACTS), min_size=1, max_size=30)


@given(DIGESTS, st.sampled_from(["\n\n", "\n\n\n", "\n", " \n\n"]), st.booleans())
def test_parse_gives_back_what_was_rendered(
    papers: list[tuple[str, str]], between: str, header: bool
) -> None:
    assert pairs(plain(papers, None if header else [], between)) == papers


@given(DIGESTS, st.integers(40, 100), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_mutations_neither_lose_nor_invent_text(
    papers: list[tuple[str, str]], width: int, rng: random.Random
) -> None:
    blocks = [wrapped(text, width) for paper in papers for text in paper if rng.random() > 0.1]
    items = read("".join(block + rng.choice(["\n", "\n\n", "\n\n\n"]) for block in blocks))
    seen = " ".join(
        item.text if isinstance(item, Leftover) else f"{item.title} {item.abstract}" for item in items
    )
    assert seen.split() == " ".join(blocks).split()


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_text_is_read_without_an_error(text: str) -> None:
    detect(text)
    read(text)


def test_long_digests_are_read_in_windows() -> None:
    papers = [(f"{title} {number}", abstract) for number in range(700) for title, abstract in PAPERS]
    assert 2 * len(papers) > 2 * huggingface.WINDOW
    assert pairs(plain(papers)) == papers


def test_title_score_tells_titles_from_abstracts() -> None:
    assert min(title_score(title) for title, _ in PAPERS) > 0 > max(title_score(text) for _, text in PAPERS)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_the_bound_that_saves_scoring_holds(text: str) -> None:
    assert title_score(text) <= _highest_score(len(text))
