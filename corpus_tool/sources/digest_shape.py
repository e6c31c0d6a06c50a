"""Whether a text that names no page of its own has the shape of a paper digest.

What tells papers from an essay, a manual, code or a log: titles of several words, each followed by about one
paragraph of prose, and nearly no other text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .alternation import ends_sentence, title_score

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(
    r"```|~~~|\s*(?:def |class |import |from \w+ import |#include|function |return\b|\}|\{|//|/\*|\$ |>>> )"
)
_LOG = re.compile(r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|\[?(?:INFO|DEBUG|WARN(?:ING)?|ERROR)\b")
_LIST = re.compile(r"\s*(?:[-*+•]|\d+[.)])\s")
_SCHOLARLY = re.compile(
    r"\b(?:we|our|paper|study|studies|propose[sd]?|method|methods|results?|approach|model|models|algorithm|experiments?|"
    r"prove|show|theorem|analysis|dataset|performance|introduce[sd]?|investigate[sd]?|demonstrate[sd]?)\b",
    re.IGNORECASE,
)
_PROSE_SHARE = 0.6
_PLACED_SHARE = 0.75


def looks_like_papers(lines: Sequence[str], items: Sequence[Paper | Leftover]) -> bool:
    """Whether what was read from the beginning of a text is a digest.

    Args:
        lines: The beginning of the text.
        items: What the reader made of it.
    """
    texts = [line for line in lines if line.strip()]
    papers = [item for item in items if isinstance(item, Paper)]
    if not papers or _share(texts, _CODE) > 0.02 or _share(texts, _LOG) > 0.05 or _share(texts, _LIST) > 0.2:
        return False
    if _is_table(texts):
        return False
    if sum("arxiv" in paper.extra for paper in papers) > 0.5 * len(papers):
        return True
    good = [paper for paper in papers if _is_paper(paper)]
    placed = sum(len(paper.title) + len(paper.abstract) for paper in good)
    found = sum(
        len(item.text) if isinstance(item, Leftover) else len(item.title) + len(item.abstract)
        for item in items
    )
    paragraphs = sum(1 + paper.abstract.count("\n") for paper in good)
    if not good or placed < _PLACED_SHARE * found or paragraphs > 1.6 * len(good):
        return False
    return sum(_is_scholarly(paper, len(good) == 1) for paper in good) >= 0.5 * len(good)


def other_shape(lines: Sequence[str]) -> str | None:
    """What the beginning of a text is where it is surely no digest: code, a log or a table; else None."""
    texts = [line for line in lines if line.strip()]
    if len(texts) < 3:
        return None
    shapes = {"a log": _share(texts, _LOG), "code": _share(texts, _CODE), "a table": 0.9 * _is_table(texts)}
    name = max(shapes, key=lambda each: shapes[each])
    return name if shapes[name] > 0.5 else None


def _share(texts: Sequence[str], pattern: re.Pattern[str]) -> float:
    return sum(pattern.match(text) is not None for text in texts) / len(texts) if texts else 0.0


def _is_table(texts: Sequence[str]) -> bool:
    """Rows of the same number of fields, as in CSV and TSV."""
    for mark in (",", "\t", ";", "|"):
        counts = [text.count(mark) for text in texts]
        if counts and min(counts) > 0 and (mark == "\t" or len(set(counts)) == 1):
            return True
    quoted = sum('","' in text or text.count('",') + text.count(',"') > 0 for text in texts)
    return quoted > 0.5 * len(texts)


def _is_paper(paper: Paper) -> bool:
    words = _WORD.findall(paper.title)
    letters = sum(map(str.isalpha, paper.abstract))
    return (
        len(words) >= 2
        and title_score(paper.title) > 0
        and "://" not in paper.title
        and len(paper.abstract) >= 25
        and letters >= _PROSE_SHARE * len(paper.abstract)
        and title_score(paper.abstract) < 0
        and (len(paper.abstract) > 300 or ends_sentence(paper.abstract))
    )


def _is_scholarly(paper: Paper, alone: bool) -> bool:
    """Whether an abstract speaks as papers do; a date above it, or its shortness among others, asks for less."""
    wanted = 1 if paper.digest_date or (len(paper.abstract) < 200 and not alone) else 2
    return len(set(map(str.lower, _SCHOLARLY.findall(paper.abstract)))) >= wanted
