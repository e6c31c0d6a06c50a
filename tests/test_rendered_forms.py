"""One set of papers rendered in every form that is read as text: each form gives the same papers back."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.records import Paper
from corpus_tool.sources import arxiv_listing, arxiv_mail, labelled_text, markdown, oai

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType


class Told(NamedTuple):
    """What each form prints of a paper."""

    title: str
    authors: list[str]
    number: str
    abstract: str

    @property
    def url(self) -> str:
        return f"https://arxiv.org/abs/{self.number}"


Render = "Callable[[Told], str]"


def names(paper: Told) -> str:
    return ", ".join(paper.authors)


def each(
    item: Callable[[Told], str], head: str = "", between: str = "\n\n"
) -> Callable[[Sequence[Told]], str]:
    return lambda papers: head + between.join(map(item, papers)) + "\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


FORMS: dict[str, tuple[ModuleType, Callable[[Sequence[Told]], str]]] = {
    "linked headings": (
        markdown,
        each(
            lambda p: f"### [{p.title}]({p.url})\n*{names(p)}*\n\n**Abstract**: {p.abstract}", "# cs.LG\n\n"
        ),
    ),
    "numbered headings": (
        markdown,
        each(
            lambda p: (
                f"## 7. {p.title}\n\n- **Authors**: {names(p)}\n- **Link**: {p.url}\n\n### Abstract\n\n{p.abstract}\n\n---"
            )
        ),
    ),
    "folded plain fields": (
        markdown,
        each(
            lambda p: (
                f"### [3] [{p.title}]({p.url})\n{names(p)}\n\nTL;DR: It helps.\n\n<details>\n  <summary>Details</summary>\n"
                f"Method: We try.\n\nAbstract: {p.abstract}\n\n</details>"
            )
        ),
    ),
    "Chinese labels": (
        markdown,
        each(
            lambda p: (
                f"### 12. [{p.title}]({p.url})\n\n**<font color=#1a73e8>作者：</font>** {names(p)} 等 7 位作者\n\n"
                f"**<font color=#5f6368>摘要：</font>**\n> {p.abstract}\n\n---"
            ),
            "# 论文日报 | 2026年08月20日\n\n",
        ),
    ),
    "a list": (
        markdown,
        each(
            lambda p: (
                f"- **[{p.title}]({p.url})** `cs.LG`\n  _{names(p)}_\n  <details><summary>Abstract</summary>\n\n  {p.abstract}\n\n  </details>"
            ),
            "## Papers\n\n",
        ),
    ),
    "a table": (
        markdown,
        each(
            lambda p: f"| **{cell(p.title)}** | {names(p)} | {cell(p.abstract)} | [{p.number}]({p.url}) |",
            "# 2025-01-24\n\n| Title | Authors | Abstract | PDF |\n|---|---|---|---|\n",
            "\n",
        ),
    ),
    "a table with folds": (
        markdown,
        each(
            lambda p: (
                f"|2025-01-20|**[{cell(p.title)}]({p.url})**|{names(p)}|<details><summary>Show</summary>{cell(p.abstract)}</details>|"
            ),
            "|Publish Date|Title|Authors|Abstract|\n|---|---|---|---|\n",
            "\n",
        ),
    ),
    "bold titles": (markdown, each(lambda p: f"**[{p.title}]({p.url})**\n{names(p)}\n\n{p.abstract}")),
    "HTML in Markdown": (
        markdown,
        each(
            lambda p: (
                f'<h3><a href="{p.url}">{xml(p.title)}</a></h3>\n<p><b>Authors:</b> {names(p)}</p>\n<p><b>Abstract:</b> {xml(p.abstract)}</p>'
            )
        ),
    ),
    "labelled text": (
        labelled_text,
        each(lambda p: f"Title: {p.title}\nAuthors: {names(p)}\nURL: {p.url}\nAbstract: {p.abstract}"),
    ),
    "labels above": (
        labelled_text,
        each(
            lambda p: (
                f"Title:\n  {p.title}\nAuthors:\n  {names(p)}\nLink:\n  {p.url}\nAbstract:\n  {p.abstract}\n----------"
            ),
            between="\n",
        ),
    ),
    "a listing": (
        arxiv_listing,
        each(
            lambda p: (
                f"[3] arXiv:{p.number} [pdf, html, other]\nTitle: {p.title}\nAuthors: {names(p)}\nSubjects: X (cs.LG)\n\n{p.abstract}"
            )
        ),
    ),
    "a mail": (
        arxiv_mail,
        each(
            lambda p: (
                f"\\\\\narXiv:{p.number}\nTitle: {p.title}\nAuthors: {names(p)}\n\\\\\n  {p.abstract}\n\\\\ ( {p.url} , 9kb)"
            ),
            between="\n" + "-" * 20 + "\n",
        ),
    ),
    "OAI-PMH": (
        oai,
        lambda papers: (
            "<OAI-PMH><ListRecords>\n"
            + "\n".join(
                f"<record><header/><metadata><arXivRaw><id>{p.number}</id><title>{xml(p.title)}</title><authors>{names(p)}</authors>"
                f"<abstract>{xml(p.abstract)}</abstract></arXivRaw></metadata></record>"
                for p in papers
            )
            + "\n</ListRecords></OAI-PMH>"
        ),
    ),
}

WORDS = st.sampled_from(
    "tea snail umbrella map door crease steam garden train hinge model bound café naïve".split()
)
SPECIAL = st.sampled_from(
    [
        r"$\alpha_{i}^2$",
        "$O(n \\log n)$",
        "3D",
        "8\\%",
        "(tight)",
        "x < y",
        "R&D",
        "v2.0",
        r"G\"odel",
        "$|x|$",
        "a/b",
    ]
)
PHRASE = st.lists(st.one_of(WORDS, WORDS, SPECIAL), min_size=2, max_size=8)
TITLES = st.builds(lambda first, rest: " ".join([first.title(), *rest, "Models"]), WORDS, PHRASE)
SENTENCES = st.builds(lambda words: f"We show that {' '.join(words)} helps.", PHRASE)
ABSTRACTS = st.lists(SENTENCES, min_size=2, max_size=5).map(" ".join)
AUTHORS = st.lists(
    st.sampled_from(["Ada Example", "Bo Sample", "Eve van der Nemo", "José Núñez", "D. E. Knuth", "Li Wei"]),
    min_size=1,
    max_size=4,
    unique=True,
)
PAPERS = st.lists(
    st.tuples(TITLES, AUTHORS, ABSTRACTS), min_size=2, max_size=6, unique_by=lambda paper: paper[0]
).map(
    lambda papers: [
        Told(title, who, f"2501.{10000 + index}", text) for index, (title, who, text) in enumerate(papers)
    ]
)


@pytest.mark.parametrize("form", FORMS)
@given(papers=PAPERS)
@settings(deadline=None, max_examples=30)
def test_every_form_gives_the_papers_back(form: str, papers: list[Told]) -> None:
    module, render = FORMS[form]
    text = render(papers)
    assert module.detect(text)
    items = list(module.parse(text.split("\n")))
    assert all(isinstance(item, Paper) for item in items), items
    found = [item for item in items if isinstance(item, Paper)]
    shown = [
        (item.title, item.extra.get("authors"), item.extra.get("arxiv"), item.abstract) for item in found
    ]
    assert shown == [tuple(paper) for paper in papers]
    lines = text.split("\n")
    for item, paper in zip(found, papers, strict=True):
        line = lines[item.line - 1]
        assert paper.title.split()[0] in line or (form == "labels above" and line == "Title:")
        assert not re.search(r"\*\*|\]\(|</?\w+>", item.title + item.abstract)


@pytest.mark.parametrize("form", FORMS)
def test_no_reader_takes_the_form_of_another(form: str) -> None:
    papers = [
        Told(
            f"Maps of {word.title()} Models",
            ["Ada Example"],
            f"2501.{10000 + i}",
            f"We show that {word} helps us all.",
        )
        for i, word in enumerate(("tea", "door", "snail"))
    ]
    module, render = FORMS[form]
    text = render(papers)
    others = {each for each, _ in FORMS.values()} - {module}
    assert [each.__name__ for each in others if each.detect(text)] == []


TEXTS = {
    "Umbrellas in Small Towns": "We follow umbrellas over a year in twelve towns and show who leaves them where. Most come back on rainy days.",
    "Do Maps Help Walkers on Foot": "Maps are used by walkers everywhere. A trial with 200 of them finds that a map shortens the way by 8\\%.",
    "Steam under the Lids of Tea Rooms": "The lids of pots rattle at a pitch that depends on $p$ alone. A model of three springs predicts the pitch.",
}


def test_all_forms_together_keep_each_paper_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    papers = [
        Told(title, ["Ada Example", "Bo Sample"], f"2501.{10000 + index}", abstract)
        for index, (title, abstract) in enumerate(TEXTS.items())
    ]
    for index, (_, render) in enumerate(FORMS.values()):
        Path(f"{index:02}.txt").write_text(render(papers), encoding="utf-8")
    done = run("dedup", *sorted(path.name for path in Path.cwd().glob("*.txt")))
    assert done.code == 0, done.err
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["title"] for record in records] == [paper.title for paper in papers]
    assert [len(record["seen"]) for record in records] == [len(FORMS)] * len(papers)
