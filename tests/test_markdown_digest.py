"""Markdown as people and programs keep papers in it: one small invented page of each kind, and what it holds."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from running import run

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources.markdown import detect, parse


class P(NamedTuple):
    """What is expected of one paper."""

    title: str
    abstract: str
    line: int
    extra: dict[str, Any]


ROTATIONS = "Sparse Rotations for Small Models"
MAPS = "Do Maps Help Walkers on Foot?"
RIVERS = "Slow Rivers: Estimating $Q_{max}$ from Sparse Gauges"
STUDY = (
    "We study sparse rotations for small models. Our method keeps outliers in check and needs no data at all."
)
WALK = (
    "Maps are used by walkers everywhere. We follow 200 walkers and show that a map shortens the way by 8%."
)
GAUGE = r"Most rivers carry no gauge. We bound $\sum_{i} |a_i|^2 \le C_{0}$ on forty basins, where two gauges suffice."
ONE, TWO, THREE = (f"https://arxiv.org/abs/2501.1000{number}" for number in (1, 2, 3))


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(text.split("\n")))


def papers(text: str) -> list[Paper]:
    return [item for item in read(text) if isinstance(item, Paper)]


def check(text: str, expected: list[P]) -> None:
    found = papers(text)
    assert [(each.title, each.abstract, each.line) for each in found] == [each[:3] for each in expected]
    for paper, wanted in zip(found, expected, strict=True):
        told = {**paper.extra, "links": paper.links, "date": paper.date, "digest_date": paper.digest_date}
        assert {name: told.get(name) for name in wanted.extra} == wanted.extra
    assert detect(text)


KINDS = {
    "a table a day": (
        f"""
## Papers for 2025-01-24

| Title | Authors | Summary |
|-------|---------|---------|
| {ROTATIONS} (Read more on [arXiv]({ONE}) or [HuggingFace](https://huggingface.co/papers/2501.10001))| ada, Bo Sample | {STUDY}   |
| {RIVERS} (Read more on [arXiv]({THREE}))| Eve Nemo | {GAUGE} |
""",
        [
            P(
                ROTATIONS,
                STUDY,
                6,
                {"authors": ["ada", "Bo Sample"], "date": "2025-01-24", "arxiv": "2501.10001"},
            ),
            P(RIVERS, GAUGE, 7, {"authors": ["Eve Nemo"], "links": [THREE]}),
        ],
    ),
    "publish date, title, authors, pdf, code": (
        f"""[![Stars][stars-shield]][stars-url]

## Updated on 2025.03.25
> Usage instructions: [here](./docs/README.md#usage)

<details>
  <summary>Table of Contents</summary>
  <ol>
    <li><a href=#slam>SLAM</a></li>
  </ol>
</details>

## SLAM

{{{{< table "table-responsive" >}}}}
|Publish Date|Title|Authors|PDF|Code|
|---|---|---|---|---|
|**2025-03-19**|**{ROTATIONS}**|Ada Example et.al.|[2501.10001](http://arxiv.org/abs/2501.10001)|null|
|**2025-03-04**|**{MAPS}**|Bo Sample et.al.|[2501.10002](http://arxiv.org/abs/2501.10002)|**[link](https://github.com/bo/maps)**|
{{{{< /table >}}}}

<p align=right>(<a href=#updated-on-20250325>back to top</a>)</p>
""",
        [
            P(
                ROTATIONS,
                "",
                18,
                {"authors": ["Ada Example"], "published": "2025-03-19", "date": "2025-03-25"},
            ),
            P(MAPS, "", 19, {"code": "https://github.com/bo/maps", "section": "SLAM", "arxiv": "2501.10002"}),
        ],
    ),
    "rows without heads": (
        f"""---
layout: default
---

## Updated on 2025.03.25

## Legal

|**2025-03-19**|**{ROTATIONS}**|Ada Example et.al.|[2501.10001v2](http://arxiv.org/abs/2501.10001v2)|null|
|**2025-03-04**|**{MAPS}**|Bo Sample et.al.|[2501.10002](http://arxiv.org/abs/2501.10002)|**[link](https://github.com/bo/maps)**|
""",
        [
            P(ROTATIONS, "", 9, {"authors": ["Ada Example"], "published": "2025-03-19"}),
            P(MAPS, "", 10, {"authors": ["Bo Sample"], "code": "https://github.com/bo/maps"}),
        ],
    ),
    "a table without outer bars": (
        f"""# Daily arXiv

> Updated on 2024.11.08

**Table of Contents**
- [Maps](#maps)

## Maps

 Publish Date | Title | Authors | Links
:-------------|:------|:------- |:------
2024-11-07 | {ROTATIONS} | *Ada Example, Bo Sample* | [2501.10001v1]({ONE}v1), [Code](#)
2024-11-05 | {MAPS} | *Bo Sample* | [2501.10002v1]({TWO}v1), [Code](https://github.com/bo/maps)
""",
        [
            P(ROTATIONS, "", 12, {"authors": ["Ada Example", "Bo Sample"], "links": [ONE + "v1"]}),
            P(MAPS, "", 13, {"links": [TWO + "v1", "https://github.com/bo/maps"], "published": "2024-11-05"}),
        ],
    ),
    "abstracts folded in cells": (
        f"""# Daily Papers
The project fetches the latest papers by keyword.

Last update: 2025-04-25

## Time Series
| **Title** | **Date** | **Abstract** | **Comment** |
| --- | --- | --- | --- |
| **[{ROTATIONS}]({ONE})** | 2025-04-23 | <details><summary>Show</summary><p>{STUDY}</p></details> | 8 pages, 5 figures |
| **[{RIVERS}]({THREE})** | 2025-04-22 | <details><summary>Show</summary><p>{GAUGE}</p></details> | <details><summary>Accep...</summary><p>Accepted to ICCS 2025</p></details> |
""",
        [
            P(
                ROTATIONS,
                STUDY,
                9,
                {"comments": "8 pages, 5 figures", "date": "2025-04-25", "published": "2025-04-23"},
            ),
            P(RIVERS, GAUGE, 10, {"comments": "Accepted to ICCS 2025", "links": [THREE]}),
        ],
    ),
    "a list: date, title, authors, link": (
        f"""> Updated on 2022.12.02

## SLAM

- 2022-11-30, **{ROTATIONS}**, Ada Example et.al., Paper: [{ONE}]({ONE})
- 2022-11-29, **{MAPS}**, Bo Sample et.al., Paper: [{TWO}]({TWO}), Code: **[https://github.com/bo/maps](https://github.com/bo/maps)**

<p align=right>(<a href=#Updated-on-20221202>back to top</a>)</p>
""",
        [
            P(
                ROTATIONS,
                "",
                5,
                {"authors": ["Ada Example"], "published": "2022-11-30", "date": "2022-12-02"},
            ),
            P(
                MAPS,
                "",
                6,
                {"links": [TWO, "https://github.com/bo/maps"], "code": "https://github.com/bo/maps"},
            ),
        ],
    ),
    "a list: bold title, lines, folded abstract": (
        f"""# Daily arXiv Digest

_Updated: 2026-01-22 06:51 UTC_

## Topics

- [Walking](../topics/walking.md) — **2** papers

---

## Walking

- **{ROTATIONS}**
  Ada Example, Bo Sample, et al.
  _2026-01-21_ · {ONE}v1 · `cs.CV`
  <details><summary>Abstract</summary>

  {STUDY}

  </details>



- **{RIVERS}**
  Eve Nemo
  _2026-01-20_ · {THREE}v1 · `math.ST`
  <details><summary>Abstract</summary>

  {GAUGE}

  </details>
""",
        [
            P(
                ROTATIONS,
                STUDY,
                13,
                {"authors": ["Ada Example", "Bo Sample"], "categories": ["cs.CV"], "section": "Walking"},
            ),
            P(RIVERS, GAUGE, 24, {"published": "2026-01-20", "links": [THREE + "v1"], "date": "2026-01-22"}),
        ],
    ),
    "a list: linked title, codes, authors, open fold": (
        f"""# Walking Papers · 2026-03-03

[![Papers](https://img.shields.io/badge/Papers-2-blue)]()

## Paper List

- **[{ROTATIONS}]({ONE})**  `arXiv:2501.10001`  `cs.CV` `cs.AI`
  _Ada Example, Bo Sample, et al._
  <details open><summary>Abstract</summary>
  {STUDY}
  </details>

- **[{MAPS}]({TWO})**  `arXiv:2501.10002`  `cs.CV`
  _Bo Sample_
  <details open><summary>Abstract</summary>
  {WALK}
  </details>
""",
        [
            P(
                ROTATIONS,
                STUDY,
                7,
                {"authors": ["Ada Example", "Bo Sample"], "categories": ["cs.CV", "cs.AI"]},
            ),
            P(MAPS, WALK, 13, {"arxiv": "2501.10002", "links": [TWO], "date": "2026-03-03"}),
        ],
    ),
    "headings with links and plain fields in a fold": (
        f"""<div id=toc></div>

# Table of Contents

- [cs.CV](#cs.CV) [Total: 2]


<div id='cs.CV'></div>

# cs.CV [[Back]](#toc)

### [1] [{ROTATIONS}]({ONE})
*Ada Example,Bo Sample*

Main category: cs.CV

TL;DR: Rotations help.


<details>
  <summary>Details</summary>
Motivation: Outliers hurt.

Method: Rotate.

Abstract: We study sparse rotations for small models. Our method keeps
outliers in check and needs no data at all.

</details>


### [2] [{RIVERS}]({THREE})
*Eve Nemo*

Main category: math.ST

<details>
  <summary>Details</summary>
Abstract: {GAUGE}

</details>
""",
        [
            P(
                ROTATIONS,
                STUDY,
                12,
                {
                    "tldr": "Rotations help.",
                    "motivation": "Outliers hurt.",
                    "method": "Rotate.",
                    "categories": ["cs.CV"],
                },
            ),
            P(RIVERS, GAUGE, 32, {"authors": ["Eve Nemo"], "categories": ["math.ST"]}),
        ],
    ),
    "headings, plain names, a fold of lists, comments behind": (
        f"""<details>
  <summary><b>TOC</b></summary>
  <ol>
    <li><a href=#walking>Walking</a></li>
      <ul>
        <li><a href=#maps>{MAPS}</a></li>
      </ul>
    </li>
  </ol>
</details>

## Walking

### [{MAPS}]({TWO})
[[code](https://github.com/bo/maps)]
Bo Sample, Ada Example
<details>
  <summary>Abstract</summary>
  <ol>
    {WALK}
  </ol>
</details>
**comments**: Accepted to a workshop. Code:
  https://github.com/bo/maps

### [{RIVERS}]({THREE})
Eve Nemo
<details>
  <summary>Abstract</summary>
  <ol>
    {GAUGE}
  </ol>
</details>
""",
        [
            P(
                MAPS,
                WALK,
                14,
                {
                    "authors": ["Bo Sample", "Ada Example"],
                    "comments": "Accepted to a workshop. Code: https://github.com/bo/maps",
                },
            ),
            P(RIVERS, GAUGE, 26, {"authors": ["Eve Nemo"], "comments": None}),
        ],
    ),
    "numbered headings, barred fields, quoted abstract, parts in bold": (
        f"""# ArXiv Daily Digest - 2026-10-05 (Walking, 2 papers)

**Generated**: 2026-10-05 17:30 CST
**Source**: arXiv cs.LG submissions
**Track**: walking (top 2 of 648 papers scanned)

---

Walking dominates. The first is the cleanest result: rotations help, which matters because small models are what
people use on their own machines, and the second shows what everybody believed, with numbers, at last.

---

## Top 2 - Walking

### 1. {ROTATIONS}

**arXiv**: [2501.10001]({ONE}) | **Score**: 9.7 (relevance 10) | **Categories**: cs.AI, cs.LG | **Pages**: 41

**Authors**: Ada Example, Bo Sample

**Affiliation**: University of Nowhere

**Abstract**

> {STUDY}

**Key findings**

- **Finding**: Rotations **help**.

- **Finding**: Nothing else does.

![A figure](res/2501.10001.png)

**Why this ranks #1**: It helps.

---

### 2. {MAPS}

**arXiv**: [2501.10002]({TWO}) | **Score**: 9.4 | **Categories**: cs.LG | **Pages**: 30

**Authors**: Bo Sample

**Abstract**

> {WALK}

**Why this ranks #2**: It walks.
""",
        [
            P(
                ROTATIONS,
                STUDY,
                16,
                {
                    "authors": ["Ada Example", "Bo Sample"],
                    "categories": ["cs.AI", "cs.LG"],
                    "score": "9.7 (relevance 10)",
                    "findings": "Rotations help.\nNothing else does.",
                    "why_this_ranks_1": "It helps.",
                    "institutions": "University of Nowhere",
                },
            ),
            P(MAPS, WALK, 40, {"date": "2026-10-05", "why_this_ranks_2": "It walks."}),
        ],
    ),
    "quoted headings with a table of fields": (
        f"""<div align="center">

# Walking Daily

*papers about walking, every day*

</div>

---

## 📑 论文列表

> ### 1. {ROTATIONS}
>
> | 属性 | 内容 |
> |:---:|:---|
> | 📅 发布日期 | 2026-09-29 |
> | 👤 作者 | Ada Example |
>
> **📄 英文摘要：**
> {STUDY}
>
> 🔗 [阅读论文]({ONE}v1)

---

> ### 2. {MAPS}
>
> | 属性 | 内容 |
> |:---:|:---|
> | 📅 发布日期 | 2026-09-28 |
> | 👤 作者 | Bo Sample |
>
> **📄 英文摘要：**
> {WALK}
>
> 🔗 [阅读论文]({TWO}v1)

---

*由 [Walking-Daily](https://github.com/bo/walking) 自动生成*
""",
        [
            P(
                ROTATIONS,
                STUDY,
                13,
                {"authors": ["Ada Example"], "published": "2026-09-29", "links": [ONE + "v1"]},
            ),
            P(MAPS, WALK, 27, {"authors": ["Bo Sample"], "published": "2026-09-28", "links": [TWO + "v1"]}),
        ],
    ),
    "bold titles in brackets with bare URLs, Chinese parts": (
        f"""作为研究者，我为你整理了今天的论文。

### 📊 今日趋势

1. **行走成为焦点**：今日多篇论文聚焦于行走。

---

### 🔍 重点论文

#### 1. **[{ROTATIONS}]** (https://huggingface.co/papers/2501.10001)
*   **研究机构/作者**：未提供
*   **核心痛点与创新点**：小模型的离群值问题一直没有解决，本文提出稀疏旋转，使小模型的离群值得到控制。
*   **潜在影响力**：推动小模型的应用。

#### 2. **[{MAPS}]** (https://huggingface.co/papers/2501.10002)
*   **研究机构/作者**：未提供
*   **核心痛点与创新点**：地图是否真的有用一直没有定论，本文跟踪了二百人。
*   **潜在影响力**：推动地图的应用。
""",
        [
            P(
                ROTATIONS,
                "小模型的离群值问题一直没有解决，本文提出稀疏旋转，使小模型的离群值得到控制。",
                11,
                {"arxiv": "2501.10001", "潜在影响力": "推动小模型的应用。"},
            ),
            P(
                MAPS,
                "地图是否真的有用一直没有定论，本文跟踪了二百人。",
                16,
                {"links": ["https://huggingface.co/papers/2501.10002"]},
            ),
        ],
    ),
    "a note with front matter": (
        f"""---
layout: default
title: {ROTATIONS}
---

# {ROTATIONS}
**arXiv**：[2501.10001v1]({ONE}v1) · [PDF](https://arxiv.org/pdf/2501.10001.pdf)
**作者**：Ada Example, Bo Sample

**一句话要点**：提出稀疏旋转。

**关键词**：旋转, 小模型

## 3 点简述
- 核心问题：离群值。
- 方法要点：旋转。

## 摘要（原文）

> We study sparse rotations for small models. Our method keeps
> outliers in check and needs no data at all.
""",
        [
            P(
                ROTATIONS,
                STUDY,
                6,
                {
                    "authors": ["Ada Example", "Bo Sample"],
                    "tldr": "提出稀疏旋转。",
                    "keywords": ["旋转", "小模型"],
                },
            )
        ],
    ),
    "a note whose front matter has everything": (
        f"""---
title: "[论文解读] {ROTATIONS}"
authors: [Ada Example, "Bo Sample"]
arxiv_id: "2501.10001"
date: 2026-07-30
tags:
  - "rotation"
  - "small"
abstract: >
  We study sparse rotations for small models. Our method keeps
  outliers in check and needs no data at all.
---

The method is simple, and we like it. It rotates what is sparse.
""",
        [
            P(
                ROTATIONS,
                STUDY,
                1,
                {
                    "authors": ["Ada Example", "Bo Sample"],
                    "tags": "rotation\nsmall",
                    "published": "2026-07-30",
                },
            )
        ],
    ),
    "items of labels below headings, the abstract last": (
        f"""# 前沿日报 · 2026-08-31

完整收录：2 / 2。

## 当日总览

- **{ROTATIONS}：** 小模型的旋转，值得一读。

## 全部论文

### 分析

#### {ROTATIONS}

- **作者：** Ada Example、Bo Sample
- **arXiv：** [2501.10001]({ONE}) · [PDF](https://arxiv.org/pdf/2501.10001)
- **分类：** math.AP、math.DS
- **阅读优先级：** 73/100

**完成的工作**

论文研究旋转。

**原始英文摘要**

We study sparse rotations for small models. Our method keeps outliers in check and needs no data at all&#46;

---

#### {MAPS}

- **作者：** Bo Sample
- **arXiv：** [2501.10002]({TWO})
- **分类：** math.AP

**原始英文摘要**

{WALK}
""",
        [
            P(
                ROTATIONS,
                STUDY,
                13,
                {
                    "authors": ["Ada Example", "Bo Sample"],
                    "categories": ["math.AP", "math.DS"],
                    "完成的工作": "论文研究旋转。",
                },
            ),
            P(MAPS, WALK, 30, {"section": "分析", "date": "2026-08-31"}),
        ],
    ),
    "labels in coloured fonts": (
        f"""# 🧠 行走研究 | 2026年08月20日

> 本类共 **2** 篇论文

> [!TIP]
> - [返回目录](../index.md)
> - 分组跳转：[1-50](./part-01.md) | **51-52**

---

### 51. [{ROTATIONS}]({ONE})

**<font color=#1a73e8>作者：</font>** Ada Example, Bo Sample 等 7 位作者
**<font color=#188038>arXiv所属领域：</font>** Machine Learning

**<font color=#5f6368>摘要：</font>**
> {STUDY}

---

### 52. [{MAPS}]({TWO})

**<font color=#1a73e8>作者：</font>** Bo Sample

**<font color=#5f6368>摘要：</font>**
> Purpose: To follow walkers. Methods: We follow 200.

---

*本日报由 AI 自动生成，数据来源：[arXiv.org](https://arxiv.org)*
""",
        [
            P(
                ROTATIONS,
                STUDY,
                11,
                {"authors": ["Ada Example", "Bo Sample"], "categories": ["Machine Learning"]},
            ),
            P(
                MAPS,
                "Purpose: To follow walkers. Methods: We follow 200.",
                21,
                {"date": "2026-08-20", "links": [TWO]},
            ),
        ],
    ),
    "a newsletter: titles above parts, the link last": (
        f"""# 【2023-09-25】每日论文速览

- [Daily Papers 2023-09-25](https://huggingface.co/papers?date=2023-09-25) 共推荐 2 篇论文。

## {ROTATIONS}

### 1. 介绍本文的主要工作

本文提出稀疏旋转，使小模型的离群值得到控制。

### 2. 核心关键词

- `Rotation (旋转)`

### 3. 打分

- 实用性：4/5

[到 Huggingface 论文主页查看详情](https://huggingface.co/papers/2501.10001)

## {MAPS}

### 文章总结

1. **主要工作**

   本文跟踪二百名行人，说明地图可以缩短路程。

2. **打分**

   - **实用性：**5/5

[到 Huggingface 论文主页查看详情](https://huggingface.co/papers/2501.10002)
""",
        [
            P(
                ROTATIONS,
                "本文提出稀疏旋转，使小模型的离群值得到控制。",
                5,
                {"arxiv": "2501.10001", "keywords": ["Rotation (旋转)"]},
            ),
            P(
                MAPS,
                "本文跟踪二百名行人，说明地图可以缩短路程。",
                21,
                {"arxiv": "2501.10002", "date": "2023-09-25"},
            ),
        ],
    ),
    "an awesome list": (
        f"""# Awesome Walking

## Maps

- [2025] {MAPS} [[paper]]({TWO}) [[code]](https://github.com/bo/maps)
- **{ROTATIONS}**, Ada Example, Bo Sample, *NeurIPS 2024*. [[arXiv]]({ONE})
- [{RIVERS}]({THREE}) - Eve Nemo, Bo Sample
- **[CVPR 2025]** [A Fourth Paper on Maps](https://openreview.net/forum?id=abc)
""",
        [
            P(
                MAPS,
                "",
                5,
                {"links": [TWO, "https://github.com/bo/maps"], "code": "https://github.com/bo/maps"},
            ),
            P(ROTATIONS, "", 6, {"links": [ONE]}),
            P(RIVERS, "", 7, {"authors": ["Eve Nemo", "Bo Sample"]}),
            P("A Fourth Paper on Maps", "", 8, {"section": "Maps"}),
        ],
    ),
    "bold linked titles in paragraphs": (
        f"""# Reading list, January 24, 2025

**1. [{ROTATIONS}]({ONE})**
Ada Example, Bo Sample

{STUDY}

**2. [{MAPS}]({TWO})**
Bo Sample

{WALK}
""",
        [
            P(ROTATIONS, STUDY, 3, {"authors": ["Ada Example", "Bo Sample"], "date": "2025-01-24"}),
            P(MAPS, WALK, 8, {"authors": ["Bo Sample"]}),
        ],
    ),
    "items labelled Title": (
        f"""## cs.CV

- **Title**: {ROTATIONS}
- **Authors**: Ada Example, Bo Sample
- **Abstract**: {STUDY}

---

- **Title**: {MAPS}
- **Authors**: Bo Sample
- **Abstract**: {WALK}
""",
        [
            P(ROTATIONS, STUDY, 3, {"authors": ["Ada Example", "Bo Sample"]}),
            P(MAPS, WALK, 9, {"authors": ["Bo Sample"]}),
        ],
    ),
    "headings in HTML": (
        f"""<h2>January 24, 2025</h2>

<h3><a href="{ONE}">{ROTATIONS}</a></h3>
<p><b>Authors:</b> Ada Example &amp; Bo Sample</p>
<p><b>Abstract:</b> {STUDY}</p>

<h3><a href="{TWO}">{MAPS}</a></h3>
<p><b>Authors:</b> Bo Sample</p>
<p><b>Abstract:</b> {WALK}</p>
""",
        [
            P(ROTATIONS, STUDY, 3, {"authors": ["Ada Example", "Bo Sample"], "date": "2025-01-24"}),
            P(MAPS, WALK, 7, {"authors": ["Bo Sample"], "links": [TWO]}),
        ],
    ),
    "sub-headings for the fields": (
        f"""# Papers of 2025-01-24

## {ROTATIONS}

### Authors
Ada Example, Bo Sample

### Abstract
{STUDY}

### Links
- [arXiv]({ONE})
- [Code](https://github.com/ada/rotations)

## {MAPS}

### Authors
Bo Sample

### Abstract
**Background:** Maps are used.
**Results:** They help.

### Links
- [arXiv]({TWO})
""",
        [
            P(
                ROTATIONS,
                STUDY,
                3,
                {"authors": ["Ada Example", "Bo Sample"], "links": [ONE, "https://github.com/ada/rotations"]},
            ),
            P(
                MAPS,
                "Background: Maps are used. Results: They help.",
                15,
                {"authors": ["Bo Sample"], "date": "2025-01-24"},
            ),
        ],
    ),
    "a newsletter in text: underlined titles, numbered links": (
        f"""Walking Weekly, January 24, 2025
================================

Sparse Rotations for Small Models [1]
-------------------------------------
Ada Example, Bo Sample

{STUDY} As shown in [2].

{MAPS} [2]
----------------------------
Bo Sample

{WALK}

Links:
[1] {ONE}
[2] {TWO}
""",
        [
            P(
                ROTATIONS,
                STUDY + " As shown in [2].",
                4,
                {"authors": ["Ada Example", "Bo Sample"], "arxiv": "2501.10001"},
            ),
            P(MAPS, WALK, 10, {"authors": ["Bo Sample"], "links": [TWO], "date": "2025-01-24"}),
        ],
    ),
    "a newsletter in text: numbered titles": (
        f"""Walking Weekly

[1] {ROTATIONS}
    Ada Example, Bo Sample

{STUDY}

[2] {MAPS}
    Bo Sample

{WALK}

[1]: {ONE}
[2]: {TWO}
""",
        [
            P(ROTATIONS, STUDY, 3, {"links": [ONE]}),
            P(MAPS, WALK, 8, {"authors": ["Bo Sample"], "links": [TWO]}),
        ],
    ),
    "a newsletter in text: numbered items": (
        f"""# 2025-01-24

1. {ROTATIONS} [1]
   Ada Example, Bo Sample
   {STUDY}

2. {MAPS} [2]
   Bo Sample
   {WALK}

## Links

[1] {ONE}
[2] {TWO}
""",
        [
            P(ROTATIONS, STUDY, 3, {"links": [ONE], "authors": ["Ada Example", "Bo Sample"]}),
            P(MAPS, WALK, 7, {"links": [TWO]}),
        ],
    ),
    "front matter in JSON": (
        f"""---
{{
  "title": "{ROTATIONS}",
  "authors": ["Ada Example", "Bo Sample"],
  "doi": "10.1000/x",
  "paperUrl": "https://doi.org/10.1000/x",
  "summary": "{STUDY}",
  "peerReviewed": true
}}
---

## Why it matters

It does.
""",
        [
            P(
                ROTATIONS,
                STUDY,
                1,
                {"authors": ["Ada Example", "Bo Sample"], "doi": "10.1000/x", "why_it_matters": "It does."},
            )
        ],
    ),
    "pictures for labels": (
        f"""# Digest

## 1️⃣ {ROTATIONS}

👤 Ada Example, Bo Sample
🔗 {ONE}
📝 {STUDY}

## 2️⃣ {MAPS}

👤 Bo Sample
🔗 {TWO}
📝 {WALK}
""",
        [
            P(ROTATIONS, STUDY, 3, {"authors": ["Ada Example", "Bo Sample"], "links": [ONE]}),
            P(MAPS, WALK, 9, {"authors": ["Bo Sample"]}),
        ],
    ),
    "links by reference": (
        f"""# Papers of 24 January 2025

### [{ROTATIONS}][1]
Ada Example

{STUDY}

### [{MAPS}][2]
Bo Sample

{WALK}

[1]: {ONE}
[2]: {TWO}
""",
        [
            P(ROTATIONS, STUDY, 3, {"links": [ONE], "authors": ["Ada Example"]}),
            P(MAPS, WALK, 8, {"links": [TWO], "date": "2025-01-24"}),
        ],
    ),
    "callouts": (
        f"""# arXiv 2025-01-24

## {ROTATIONS}
> [!abstract]- Abstract
> {STUDY}

**Authors:** Ada Example · **Link:** [arXiv]({ONE})

## {MAPS}
> [!abstract]- Abstract
> {WALK}

**Authors:** Bo Sample · **Link:** [arXiv]({TWO})
""",
        [
            P(ROTATIONS, STUDY, 3, {"authors": ["Ada Example"], "links": [ONE]}),
            P(MAPS, WALK, 9, {"authors": ["Bo Sample"]}),
        ],
    ),
    "ids without links, nested fields": (
        f"""## Walking

- **{ROTATIONS}** (arXiv:2501.10001)
  - Authors: Ada Example
  - Abstract: {STUDY}
- **{MAPS}** (arXiv:2501.10002)
  - Authors: Bo Sample
  - Abstract: {WALK}
""",
        [
            P(ROTATIONS, STUDY, 3, {"arxiv": "2501.10001"}),
            P(MAPS, WALK, 6, {"arxiv": "2501.10002", "authors": ["Bo Sample"]}),
        ],
    ),
    "rows counted, cells of several lines, a title of one word": (
        f"""---
title: Latest Papers - April 25, 2025
---

| # | Paper | Authors | Summary |
|:-:|:--|:--|:--|
| 1 | [{ROTATIONS}]({ONE})<br>[PDF](https://arxiv.org/pdf/2501.10001) | Ada Example<br>Bo Sample | {STUDY} |
| 2 | [2024]({TWO}) | Bo Sample | {WALK} |
""",
        [
            P(ROTATIONS, STUDY, 7, {"authors": ["Ada Example", "Bo Sample"], "date": "2025-04-25"}),
            P("2024", WALK, 8, {"links": [TWO], "authors": ["Bo Sample"]}),
        ],
    ),
    "colliding labels": (
        f"""### [{ROTATIONS}]({ONE})

- **Authors**: Ada Example
- **Source**: arXiv
- **Position**: 3
- **ID**: 2501.10001v2
- **Abstract**: {STUDY}
- **摘要**: 研究旋转。
""",
        [
            P(
                ROTATIONS,
                STUDY,
                1,
                {
                    "abstract_zh": "研究旋转。",
                    "printed_source": "arXiv",
                    "printed_position": "3",
                    "arxiv": "2501.10001",
                },
            )
        ],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind(kind: str) -> None:
    check(*KINDS[kind])


@pytest.mark.parametrize("name", ["2025-01-24.md", "papers_20250124.md", "2025.01.24_cs.md"])
def test_the_date_in_the_name_of_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(KINDS["items labelled Title"][0], encoding="utf-8")
    records = [json.loads(line) for line in run("parse", name).out.splitlines()]
    assert [(record["date"], record["digest_date"]) for record in records] == [("2025-01-24", None)] * 2


def test_text_that_is_no_part_of_a_paper_is_told_once() -> None:
    prose = (
        "This week was about walking, which many people do, and about maps, which help them more than they know. "
        * 3
    )
    page, papers_of_it = KINDS["bold linked titles in paragraphs"]
    items = read(page.replace("**1.", f"{prose}\n\n**1.", 1))
    assert items[0] == Leftover(3, prose.strip(), "text of the page that belongs to no paper")
    assert len(items) == 1 + len(papers_of_it)
    table = "| Title | Authors | Date |\n|---|---|---|\n| Maps | Ada Example | 2025-01-24 |\n| - | Bo Sample | |\n| - | Eve Nemo | |\n"
    items = read(table)
    assert isinstance(items[0], Paper)
    assert items[1] == Leftover(4, "Bo Sample", "2 rows of a table of papers have no title")
