"""Ways of writing papers in Markdown: among prose, linked within the site, in quotes, as sheets of fields, anywhere hosted."""

# ruff: noqa: E501  pages stand as they are kept

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from running import run

from corpus_tool.errors import InputError
from corpus_tool.sources import markdown
from corpus_tool.sources.markdown.titles import is_paper_url, without_names

if TYPE_CHECKING:
    from pathlib import Path

SNAIL, FOLD, KNOT = "Snail trails as a clock", "Folding maps without tears", "Knots that untie themselves"
NAMES = {SNAIL: ["Ada Okafor", "Émile Brandt"], FOLD: ["Bo Lim"], KNOT: ["Ines Costa"]}
TEXTS = {
    SNAIL: "We time snails in wet gardens. Their trails dry in forty minutes, so that they may serve as a clock.",
    FOLD: "We fold maps of paper and count the tears. A fold along the grain tears least, and a second hardly more.",
    KNOT: "Knots are tied, and they untie. We show that some do so by themselves when they are shaken for long.",
}
LINKS = {title: f"https://arxiv.org/abs/2503.0000{at}" for at, title in enumerate(NAMES, 1)}
PROSE = (
    "This week our group met again. We talked about gardens, about the weather, and about how slow things are. "
    * 14
)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def papers(page: str, *options: str) -> list[dict[str, Any]]:
    done = run("parse", *options, stdin=page.encode())
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def each(form: str) -> str:
    return "\n".join(
        form.format(title=title, names=", ".join(names), both=" and ".join(names), link=LINKS[title], text=TEXTS[title],
                    file=title.split()[0].lower(), at=at)
        for at, (title, names) in enumerate(NAMES.items(), 1)
    )  # fmt: skip


TABLES = {
    "authors": "| Title | Authors | Link |\n|---|---|---|\n" + each("| {title} | {names} | [pdf]({link}) |"),
    "abstracts": "| # | Paper | Abstract |\n|---|---|---|\n" + each("| {at} | [{title}]({link}) | {text} |"),
    "Chinese": "| 序号 | 论文 | 作者 | 链接 |\n|:-:|---|---|---|\n"
    + each("| {at} | {title} | {names} | {link} |"),
}


@pytest.mark.parametrize("form", TABLES)
def test_a_table_of_papers_among_long_prose(form: str) -> None:
    page = f"# Reading group, March 13\n\n{PROSE}\n\n{PROSE}\n\n## What we read\n\n{TABLES[form]}\n\n## And then\n\n{PROSE}"
    assert [paper["title"] for paper in papers(page)] == list(NAMES)
    done = run("parse", stdin=page.encode())
    assert done.err.count("text of the page that belongs to no paper") == 3


def test_a_manual_with_a_table_that_names_papers_is_none() -> None:
    manual = f"# Tool\n\n{PROSE}\n\n## Installation\n\n```\nmake\n```\n\n## Usage\n\n{PROSE}\n\n{TABLES['authors']}\n"
    assert not markdown.detect(manual)
    results = "| Method | Paper | MMLU |\n|---|---|---|\n" + each("| ours{at} | [{at}]({link}) | 80.{at} |")
    assert not markdown.detect(f"# Results\n\n{PROSE}\n\n{results}\n\n{PROSE}\n")


RELATIVE = {
    "items": "- [{title}](papers/{file}.md)\n  - Authors: {names}\n  - Abstract: {text}",
    "headings": "## [{title}](./papers/2025/{file}.html)\n\n**Authors:** {names}\n\n{text}\n",
    "bare headings": "### [{title}](papers/{file}.md)\n\n{text}\n",
    "numbers": "{at}. [{title}](../arxiv/{file}.md) - {names}",
    "ids": "- [{title}](2503.0000{at}.md)\n  - **Authors**: {names}",
}


@pytest.mark.parametrize("form", RELATIVE)
def test_titles_that_link_within_the_site(form: str) -> None:
    found = papers(f"# Daily papers\n\n{each(RELATIVE[form])}\n")
    assert [paper["title"] for paper in found] == list(NAMES)
    if "{names}" in RELATIVE[form]:
        assert [paper["authors"] for paper in found] == list(NAMES.values())
    if "{text}" in RELATIVE[form]:
        assert [paper["abstract"] for paper in found] == list(TEXTS.values())


def test_lists_of_other_files_are_no_papers() -> None:
    for page in (
        "# Guide\n\n- [How to begin with it](docs/begin.md)\n- [How to go on with it](docs/on.md)\n",
        "# Notes\n\n1. [What we read last week](notes/1.md)\n2. [What we read this week](notes/2.md)\n",
        "# Papers\n\n- [How to add a paper here](papers/README.md)\n",
    ):
        assert not markdown.detect(page), page


QUOTED = {
    "by": '{at}. "{title}" by {both}. [arXiv]({link})',
    "curly": "- “{title}” — {names}. [arXiv]({link})",
    "Chinese": "- 《{title}》，{names} [arXiv]({link})",
    "heading": '## "{title}"\n\n{names}\n\n{text}\n\n{link}\n',
}


@pytest.mark.parametrize("form", QUOTED)
def test_titles_in_quotes(form: str) -> None:
    found = papers(f"# Papers of the week\n\n{each(QUOTED[form])}\n")
    assert [(paper["title"], paper["authors"]) for paper in found] == list(NAMES.items())


def test_quotes_that_are_part_of_a_title_stay() -> None:
    assert without_names('"Attention" is not all you need') == ('"Attention" is not all you need', "")
    assert without_names('"Why should I trust you?": Explaining any classifier')[1] == ""


SHEETS = {
    "fields": "| Field | Content |\n|---|---|\n| **Title** | {title} |\n| **Authors** | {names} |\n| **Link** | [arXiv]({link}) |\n"
    "| **Abstract** | {text} |\n\n---\n",
    "字段": "| 字段 | 内容 |\n|---|---|\n| 标题 | {title} |\n| 作者 | {names} |\n| 链接 | {link} |\n| 摘要 | {text} |\n",
    "字段 below a heading": "## {at}. {title}\n\n| 字段 | 内容 |\n|---|---|\n| 标题 | {title} |\n| 作者 | {names} |\n| 链接 | {link} |\n"
    "| 摘要 | {text} |\n",
    "no heads": "### {title}\n\n| | |\n|---|---|\n| Authors | {names} |\n| URL | {link} |\n| Abstract | {text} |\n",
    "项目": "| 项目 | 详情 |\n|:---|:---|\n| **论文标题** | [{title}]({link}) |\n| **作者** | {names} |\n| **摘要** | {text} |\n",
}  # fmt: skip


@pytest.mark.parametrize("form", SHEETS)
def test_tables_that_tell_of_one_paper(form: str) -> None:
    found = papers(f"# Papers\n\n{each(SHEETS[form])}\n")
    assert [(paper["title"], paper["authors"]) for paper in found] == list(NAMES.items())
    assert [paper["abstract"] for paper in found] == list(TEXTS.values())
    assert [paper["arxiv"] for paper in found] == ["2503.00001", "2503.00002", "2503.00003"]


ADDRESSES = """https://www.preprints.org/manuscript/202503.0001/v1 https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1
https://openreview.net/forum?id=a1 https://aclanthology.org/2025.acl-long.1/ https://zenodo.org/records/1
https://www.semanticscholar.org/paper/abc https://inria.hal.science/hal-1v1 https://www.researchsquare.com/article/rs-1/v1
https://doi.org/10.5555/snail.12 https://osf.io/preprints/psyarxiv/ab1 https://chemrxiv.org/engage/chemrxiv/details/1
https://www.techrxiv.org/doi/full/10.36227/techrxiv.1 https://pmc.ncbi.nlm.nih.gov/articles/PMC1/ https://dblp.org/rec/a/1
https://europepmc.org/article/MED/2 https://www.cell.com/cell/fulltext/S1 https://ui.adsabs.harvard.edu/abs/2025A/abstract
https://journals.plos.org/plosone/article?id=10.1371/journal.pone.1 https://anything.example/doi/full/10.5555/x.1
https://inspirehep.net/literature/1 https://eprint.iacr.org/2025/1 https://www.jstage.jst.go.jp/article/a/1/1/_article"""


@pytest.mark.parametrize("address", ADDRESSES.split())
def test_papers_whose_only_link_is_of_a_server_of_papers(address: str) -> None:
    assert is_paper_url(address)
    found = papers(f"# Reading list\n\n- [{SNAIL}]({address})\n- [{FOLD}]({LINKS[FOLD]})\n")
    assert [(paper["title"], paper["links"]) for paper in found] == [
        (SNAIL, [address]),
        (FOLD, [LINKS[FOLD]]),
    ]


def test_other_addresses_are_none() -> None:
    for address in ("https://zenodo.org/", "https://example.org/blog/1", "https://github.com/a/b", "docs/a.md", "#papers",
                    "mailto:a@b.org", "papers/", "https://example.org/10.5/x"):  # fmt: skip
        assert not is_paper_url(address), address


def test_a_page_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_LONGEST", 1 << 20)
    with pytest.raises(InputError, match="a Markdown page of more than 1 MiB: it is read whole, so split it"):
        list(markdown.parse("# x" * 100 for _ in range(10_000)))
