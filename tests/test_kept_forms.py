"""Further forms in which people keep papers: one small invented file of each, with what a reader of it sees."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.sources.field_labels import _NAMES
from corpus_tool.sources.markdown import parse
from corpus_tool.sources.markdown.phrases import dates_in, is_imprint, iso_of

if TYPE_CHECKING:
    from pathlib import Path

LOOMS = "Sparse Looms Weave Dense Patterns"
THREADS = "Threads that Nobody Spun"
WEAVE = "We weave patterns on looms that hold few threads, and say how it is done by hand."
SPIN = "We spin threads at night and nobody sees it, which is the point of the whole exercise."
ONE, TWO = "https://arxiv.org/abs/2405.00001", "https://arxiv.org/abs/2405.00002"
ADA, CY = ["Ada Example", "Bo Sample"], ["Cy Other"]


def read(folder: Path, text: str, name: str = "page.md") -> tuple[list[dict[str, Any]], str]:
    """The records of a page as the command prints them, and what it says beside."""
    page = folder / name
    page.write_text(text, encoding="utf-8")
    ran = run("parse", page)
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()], ran.err


def pair(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["title"], each["abstract"], each["arxiv"]) for each in records]


BOTH = [(LOOMS, WEAVE, "2405.00001"), (THREADS, SPIN, "2405.00002")]

PAGES = {
    "titles that link to notes": f"""
# cs.LG | Machine Learning | 2025-11-03

**论文数**: 2

### [[Notes/Papers/Sparse_Looms|{LOOMS}]]

![[assets/2405.00001.png|800]]

- **arXiv**: [2405.00001]({ONE})
- **详细分析**: [[Notes/Papers/Sparse_Looms|{LOOMS}]]
- **作者**: Ada Example, Bo Sample
- **摘要**: {WEAVE}

### [[{THREADS}]]

- **arXiv**: [2405.00002]({TWO})
- **作者**: Cy Other
- **摘要**: {SPIN}
""",
    "the title on the line below its label": f"""
# Showing new listings for Monday, 3 November 2025
## Keyword: weaving
### Title:
          {LOOMS}
 - **Authors:** Ada Example, Bo Sample
 - **Subjects:** Subjects:
Machine Learning (cs.LG)
 - **Arxiv link:** {ONE}
 - **Abstract**
 {WEAVE}
## Keyword: nothing
There is no result
## Keyword: spinning
### Title:

{THREADS}
 - **Authors:** Cy Other
 - **Arxiv link:** {TWO}
 - **Abstract**
 {SPIN}
""",
    "a list of fields with labels of its own": f"""
# 论文周报

- 时间范围：2025-11-03 ~ 2025-11-09

## 综合（9 -> 2）

### 甲刊（0 -> 0）

- 本期无命中

### 乙刊（9 -> 2）

#### 1. {LOOMS}

- 来源：乙刊
- 作者：Ada Example, Bo Sample
- 链接：[{ONE}]({ONE})
- 摘要原文：{WEAVE}
- 推荐理由：与织布相关。

#### 2. {THREADS}

- 来源：乙刊
- 作者：Cy Other
- 链接：[{TWO}]({TWO})
- 摘要原文：{SPIN}
- 推荐理由：与纺线相关。
""",
    "names and number on one line": f"""
# arXiv-2025-11-03

## arXiv-2025-11-03 — Item 1

### {LOOMS}

**Ada Example, Bo Sample — arXiv:2405.00001**

{WEAVE}

**Background.** Looms are old.

**Why it matters for you:** Patterns are everywhere.

Last seen here: [arXiv 2405.00001]({ONE})

## arXiv-2025-11-03 — Item 2

### {THREADS}

**Cy Other — arXiv:2405.00002**

{SPIN}

**Background.** Spinning is older.

It was done by hand.

**Why it matters for you:** Threads are needed.

[arXiv 2405.00002]({TWO})
""",
    "the address printed in the heading": f"""
New uploads on arXiv(cs.LG)

### {LOOMS} ({ONE})
Comments: Accepted to a fair

- **Abstract**: {WEAVE}

### {THREADS} ({TWO})

- **Abstract**: {SPIN}
""",
    "dates without marks, names in italics": f"""
# 20251103

## [{LOOMS}]({ONE})

*Ada Example, Bo Sample*

{WEAVE}

# 20251104

## [{THREADS}]({TWO})

*Cy Other, Di Another*

{SPIN}
""",
    "links for feedback with blanks in them": f"""
# Paper Digest - 2025-11-03

### {LOOMS}

**Authors:** Ada Example, Bo Sample
**Link:** [arXiv:2405.00001v1]({ONE}v1)
**Abstract:** {WEAVE}

[👍 Useful](https://github.com/a/b/issues/new?title=x&body=arxiv_id: 2405.00001v1&labels=yes) | [👎 Not relevant](https://github.com/a/b/issues/new?title=x&body=arxiv_id: 2405.00001v1&labels=no)

### {THREADS}

**Authors:** Cy Other
**Link:** [arXiv:2405.00002v1]({TWO}v1)
**Abstract:** {SPIN}

---

*Generated at 10:49 | Must-read: 2*
""",
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_of_two_papers_is_read(kind: str, tmp_path: Path) -> None:
    records, said = read(tmp_path, PAGES[kind])
    assert pair(records) == BOTH
    assert "could not place" not in said


def test_labels_that_nobody_knows_are_fields_of_their_list(tmp_path: Path) -> None:
    records, _ = read(tmp_path, PAGES["a list of fields with labels of its own"])
    assert [(each["来源"], each["推荐理由"]) for each in records] == [
        ("乙刊", "与织布相关。"),
        ("乙刊", "与纺线相关。"),
    ]


def test_points_of_an_abstract_are_no_fields(tmp_path: Path) -> None:
    page = f"""
# Digest 2025-11-03

## 1. {LOOMS}
- **Authors**: Ada Example, Bo Sample
- **arXiv**: [2405.00001]({ONE})
- **Abstract**: We weave three things:
  - Speed: twice as fast as before
  - Cost: half of what it was
- Note to self: read it again

## 2. {THREADS}
- **Authors**: Cy Other
- **arXiv**: [2405.00002]({TWO})
- **Abstract**: {SPIN}
"""
    first, second = read(tmp_path, page)[0]
    assert first["abstract"] == (
        "We weave three things:\nSpeed: twice as fast as before\nCost: half of what it was"
    )
    assert first["note_to_self"] == "read it again"
    assert second["abstract"] == SPIN


def test_names_before_a_number_are_the_authors(tmp_path: Path) -> None:
    records, _ = read(tmp_path, PAGES["names and number on one line"])
    assert [each["authors"] for each in records] == [ADA, CY]


def test_each_day_of_a_page_holds_for_its_papers(tmp_path: Path) -> None:
    records, _ = read(tmp_path, PAGES["dates without marks, names in italics"])
    assert [each["date"] for each in records] == ["2025-11-03", "2025-11-04"]


def test_links_that_report_to_a_repository_are_no_links_of_a_paper(tmp_path: Path) -> None:
    records, _ = read(tmp_path, PAGES["links for feedback with blanks in them"])
    assert [each["links"] for each in records] == [[f"{ONE}v1"], [f"{TWO}v1"]]


def test_a_heading_among_papers_that_is_none_is_told(tmp_path: Path) -> None:
    page = f"""
# Digest

### {LOOMS}

**Abstract:** {WEAVE}

### A Title with Nothing below It

Nobody knows.

### {THREADS}

**Abstract:** {SPIN}
"""
    records, said = read(tmp_path, page)
    assert [each["title"] for each in records] == [LOOMS, THREADS]
    assert "page.md:8: could not place 'A Title with Nothing below It'" in said


def test_the_link_below_a_heading_holds_the_title_in_chinese(tmp_path: Path) -> None:
    page = f"""
## {LOOMS}
[稀疏织机编织稠密图案]({ONE})

我们在线很少的织机上编织图案，并说明如何手工完成。这样的图案随处可见，却没有人知道它们从何而来。

## Imagen 3
[Imagen 3]({TWO})

本文介绍一种根据文本提示生成高质量图像的模型。我们详细阐述了该模型的质量和责任评估结果。
"""
    first, second = read(tmp_path, page)[0]
    assert (first["title"], first["title_zh"], first["line"]) == (LOOMS, "稀疏织机编织稠密图案", 2)
    assert (second["title"], second["arxiv"]) == ("Imagen 3", "2405.00002")
    assert "title_zh" not in second


def test_a_list_of_slanted_titles(tmp_path: Path) -> None:
    page = f"- *{LOOMS}*\nAda Example, Bo Sample\n{ONE}\n\n- *{THREADS}*\nCy Other\n{TWO}\n"
    records, said = read(tmp_path, page)
    assert pair(records) == [(LOOMS, "", "2405.00001"), (THREADS, "", "2405.00002")]
    assert [each["authors"] for each in records] == [ADA, CY]
    assert "could not place" not in said


def test_fields_that_stand_behind_the_item_of_a_title(tmp_path: Path) -> None:
    page = f"""# Collected

## Recent Papers

> 13. **{LOOMS}**
> - Organizations: A Loom Works
> - Authors: Ada Example, Bo Sample
> - Abstract: {WEAVE}
> - arXiv Id: 2405.00001
>
> 14. **{THREADS}**
> - Organizations: None
> - Authors: Cy Other
> - Abstract: {SPIN}
> - arXiv Id: 2405.00002
"""
    records, _ = read(tmp_path, page)
    assert pair(records) == BOTH
    assert [each["authors"] for each in records] == [ADA, CY]


def test_a_mark_behind_a_title_is_a_tag_and_badges_are_none(tmp_path: Path) -> None:
    page = f"""+ **{LOOMS}** `[wild-card]`
[![paper](https://img.shields.io/badge/Arxiv-blue)]({ONE})
![task](https://img.shields.io/badge/Weaving-red) <p style="font-size: 14px;">**{WEAVE}**</p>

+ **{THREADS}**
[![paper](https://img.shields.io/badge/Arxiv-blue)]({TWO})
![task](https://img.shields.io/badge/Spinning-red) <p style="font-size: 14px;">**{SPIN}**</p>
"""
    records, _ = read(tmp_path, page)
    assert pair(records) == BOTH
    assert (records[0]["tags"], records[0]["links"]) == ("wild-card", [ONE])


def test_a_newsletter_that_counts_its_titles(tmp_path: Path) -> None:
    page = f"""1.稀疏织机：由 AI 生成的稠密图案

我们在线很少的织机上编织由机器生成的图案，并说明如何手工完成。这样的图案随处可见，却没有人知道它们从何而来。

论文链接：{ONE}

2.{THREADS}

{SPIN}

论文链接：{TWO}
"""
    first, second = read(tmp_path, page)[0]
    assert first["title"] == "稀疏织机：由 AI 生成的稠密图案"
    assert first["abstract"].startswith("我们在线很少的织机上编织由机器生成的图案")
    assert (second["title"], second["abstract"], second["arxiv"]) == (THREADS, SPIN, "2405.00002")


NOTES = {
    "its data below a heading": f"""# {LOOMS}

## 1. 论文基本信息

- 作者：Ada Example, Bo Sample
- 链接：{ONE}
- 发表时间：2024-05-01

## 2. 摘要

{WEAVE}

## 2.1 方法

织布。
""",
    "its data in front": f"""---
layout: paper
title: "{LOOMS}"
title_ja: "織機"
authors: "Ada Example, Bo Sample"
arxiv_id: "2405.00001v1"
arxiv_submitted: "2024-05-01"
abstract_en: >-
  {WEAVE}
---

## 書誌情報

- **arXiv:** [arXiv:2405.00001v1]({ONE})
- **著者:** Ada Example, Bo Sample

## 背景

織機は古い。

## 原論文との対応

- **Abstractページ:** [arXiv:2405.00001]({ONE})
""",
}


@pytest.mark.parametrize("kind", NOTES)
def test_a_note_is_one_paper(kind: str, tmp_path: Path) -> None:
    records, _ = read(tmp_path, NOTES[kind])
    assert pair(records) == BOTH[:1]
    assert (records[0]["authors"], records[0]["published"]) == (ADA, "2024-05-01")


CARDS = f"""<!DOCTYPE html>
<html><head><title>Weekly Papers</title></head><body><h1>Digest of 3 November 2025</h1>
<div class="card"><h2><a href="{ONE}">{LOOMS}</a></h2>
<p class="meta">Ada Example, Bo Sample et al. &nbsp;·&nbsp; 2025-11-02</p>
<p>{WEAVE}</p>
<div class="grid"><span class="sec-label">Problem</span><span class="sec">Few threads.</span><span class="sec-label">Our view</span><span class="sec">Worth a look.</span></div></div>
<div class="card"><h2><a href="{TWO}">{THREADS}</a></h2>
<p class="meta">Cy Other, Di Another · 2025-11-01</p>
<dl><dt>Abstract</dt><dd>{SPIN}</dd><dt>Problem</dt><dd>Darkness.</dd></dl></div>
</body></html>
"""


def test_cards_of_a_page_with_labels_that_only_their_look_parts(tmp_path: Path) -> None:
    records, _ = read(tmp_path, CARDS, "page.html")
    assert pair(records) == BOTH
    assert [each["problem"] for each in records] == ["Few threads.", "Darkness."]
    assert records[0]["our_view"] == "Worth a look."
    assert [(each["authors"], each["published"]) for each in records] == [
        (ADA, "2025-11-02"),
        (["Cy Other", "Di Another"], "2025-11-01"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"date": "2025-11-03", "papers": [{"title": LOOMS, "abstract": WEAVE, "url": ONE}]},
        {"2025-11-03": [{"title": LOOMS, "abstract": WEAVE, "url": ONE}]},
        [
            {
                "day": "2025-11-03T08:00:00Z",
                "lists": {"new": [{"title": LOOMS, "abstract": WEAVE, "url": ONE}]},
            }
        ],
    ],
    ids=["an object", "by day", "an array of days"],
)
def test_papers_have_the_day_of_the_digest_around_them(value: object, tmp_path: Path) -> None:
    records, _ = read(tmp_path, json.dumps(value, indent=1), "digest.json")
    assert [(each["title"], each["date"]) for each in records] == [(LOOMS, "2025-11-03")]


REFUSED = {
    "tables without rows": "# daily\n\n## Vision\n|Date|Title|Authors|PDF|Code|\n| :---: | :---: | :---: | :---: | :---: |\n\n"
    "## Sound\n|Date|Title|Authors|PDF|Code|\n| :---: | :---: | :---: | :---: | :---: |\n",
    "data about a commit": "# 提交 12：Widen the loom\n\n## 提交信息\n\n- **哈希**：026a9b00459ae458\n- **日期**：2025-01-24\n- **作者**：Ada Example\n",
    "a skill": "---\nname: daily-paper\ndescription: |\n  Finds papers.\n---\n\n# Daily Paper\n\n## Sources\n\n- **arXiv**: cs.RO, cs.LG\n- **Authors**: Ada, Bo\n",
    "works that a tool cites": "# loom\n\n## Installation\n\n```bash\nmake\n```\n\n## Usage\n\nRun it.\n\n## Credits\n\n"
    f"### **1. Looms**\n* **Paper:** [{LOOMS}]({ONE})\n* **Authors:** Ada Example\n\n### **2. Threads**\n* **Paper:** [{THREADS}]({TWO})\n* **Authors:** Cy Other\n",
    "a specification": "# Profiles\n\n> **Status:** READY\n> **Date:** October 2026\n> **Authors:** The Architecture Group\n\n## 1. Law\n\n"
    "The system adapts to where it runs and does not keep a branch for each of these places.\n",
    "steps": "1.Open the lid\n\nIt is heavy.\n\n2.Look inside of it\n\nIt is dark.\n\n3.Close the lid again\n\nIt is still heavy.\n",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_digest_is_refused(kind: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(REFUSED[kind], encoding="utf-8")
    ran = run("parse", page)
    assert (ran.code, ran.out) == (2, b"")


def test_a_page_with_front_matter_is_not_called_yaml(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(REFUSED["a skill"], encoding="utf-8")
    assert "a page with front matter, not a digest of papers" in run("parse", page).err


def test_a_sentence_about_generating_is_no_imprint() -> None:
    assert is_imprint("本日报由机器人自动生成")
    assert is_imprint("Generated at 10:49 | Must-read: 2")
    assert not is_imprint("我们研究由大语言模型生成的文本，并提出一种检测方法。")
    assert not is_imprint("该系统能够自动生成测试用例，覆盖率提高了两成。")


def test_brackets_of_codes_stay() -> None:
    text = f"## [{LOOMS}]({ONE})\n\nWe use the [[7,1,3]] code and the [[n, k, d]] code, and say how it is done by hand.\n"
    (paper,) = parse(text.split("\n"))
    assert "[[7,1,3]] code and the [[n, k, d]] code" in paper.abstract  # type: ignore[union-attr]


def test_no_label_names_two_fields() -> None:
    labels = [label for joined in _NAMES.values() for label in joined.split("|")]
    assert len(labels) == len(set(labels))


@given(st.dates(min_value=datetime.date(1990, 1, 1), max_value=datetime.date(2099, 12, 31)))
def test_a_day_without_marks_is_that_day(day: datetime.date) -> None:
    printed = day.strftime("%Y%m%d")
    assert dates_in(f"Papers of {printed}") == [printed]
    assert iso_of(printed) == day.isoformat()
