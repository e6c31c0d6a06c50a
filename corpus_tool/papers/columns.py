"""What candidates need to know of each paper: exact keys, rare features, and what bounds a score.

    papers ──columns──> fixed and ragged arrays

`corpus_tool.dedup.columns.Gathered` joins those of batches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.papers.bound import FACTS, OUTLINE, PLACE, SAMPLE, WORDS, flags, outline, place
from corpus_tool.papers.identifiers import VERSIONS, doi_mark
from corpus_tool.papers.layout import lay_papers
from corpus_tool.papers.normalise import (
    MARKER_REACH,
    abstract_words,
    hash_text,
    says_something,
    spelt,
    text_key,
    title_words,
    word_shingles,
)
from corpus_tool.papers.places import DOUBTFUL, page_range, published, volume_mark
from corpus_tool.papers.table import abstract_sets, word_table
from corpus_tool.text import absorb, hash_shingle, hash_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.fields import PaperFields
    from corpus_tool.papers.layout import PaperTexts

KEYS = ("title_key", "doi_key", "arxiv_key", "place_key")
"""Fixed columns, uint64: equal keys propose a pair; 0 is no key."""

DETAIL = "detail_key"
"""Fixed column, uint64: year, volume and first page. Records of one title are lined up by it, so that among 50,000
editorials those of one page are neighbours."""

RAGGED = ("shingles", "title_pairs")
"""Ragged columns: `NAME` holds the uint32 values of all records one after another, sorted in each and unique, and
`NAME_offsets` (int64, one more than records) where each begins."""

REACH = 3
"""Words of a title this far apart make a pair."""


def columns_of(papers: Sequence[PaperFields], *, compiled: bool) -> Columns:
    """What proposing needs to know of each paper of a batch; `corpus_tool.dedup.columns.Gathered` joins batches.

    Args:
        papers: As `paper_fields` reads them.
        compiled: Whether to run the kernels instead of the reference; the columns are the same.

    Returns:
        `KEYS`, `DETAIL`, `RAGGED`, `bound.OUTLINE`, and `text_key`: uint64, equal for papers
        whose titles and abstracts agree word for word, 0 for those without any word.
    """
    return compiled_columns(lay_papers(papers)) if compiled else reference_columns(papers)


def reference_columns(papers: Sequence[PaperFields]) -> Columns:
    """The columns of some papers, one by one."""
    keys = np.zeros((len(KEYS), len(papers)), np.uint64)
    texts = np.zeros(len(papers), np.uint64)
    outlines = np.zeros((len(papers), WORDS), np.uint64)
    ragged: dict[str, list[list[int]]] = {name: [] for name in RAGGED}
    for at, paper in enumerate(papers):
        title, abstract = title_words(paper.title), abstract_words(paper.abstract)
        compared = spelt(title)
        keys[0, at] = hash_text("".join(compared))
        texts[at] = text_key(title, abstract)
        outlines[at] = outline(compared)
        telling = says_something(abstract, title)
        shingles = sorted(value for value in word_shingles(abstract) if value % SAMPLE == 0)
        ragged["shingles"].append(shingles if telling else [])
        ragged["title_pairs"].append(sorted(title_pairs(compared)))
    found = _fixed(dict(enumerate(papers)), keys, texts, outlines)
    for name, lists in ragged.items():
        found[name] = np.array([value for values in lists for value in values], np.uint32)
        found[f"{name}_offsets"] = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return found


def title_pairs(tokens: list[str]) -> set[int]:
    """32-bit hashes of the ordered pairs of a title's words that stand at most `REACH` apart."""
    hashes = [hash_word(token) for token in tokens]
    return {
        hash_shingle([first, second]) >> 32
        for start, first in enumerate(hashes)
        for second in hashes[start + 1 : start + 1 + REACH]
    }


def _fixed(
    papers: Mapping[int, PaperFields],
    keys: NDArray[np.uint64],
    texts: NDArray[np.uint64],
    outlines: NDArray[np.uint64],
) -> Columns:
    """The columns of what is known besides titles and abstracts, for the papers of which anything is."""
    details = np.zeros(len(texts), np.uint64)
    for at, paper in papers.items():
        outlines[at, FACTS] |= np.uint64(flags(paper))
        if paper.doi or paper.arxiv:
            keys[1:3, at] = doi_mark(paper.doi) & ~VERSIONS, hash_text(paper.arxiv)
        if paper.year or paper.volume or paper.pages:
            where = published(paper)
            volume, page = volume_mark(where.volume), page_range(where.pages, paper.year)[0]
            outlines[at, PLACE] = place(where.year, volume, page)
            details[at] = absorb(absorb(paper.year, volume), page)
            if where.year and volume and page and not page & DOUBTFUL:
                keys[3, at] = details[at] or 1
    return {**dict(zip(KEYS, keys, strict=True)), DETAIL: details, OUTLINE: outlines, "text_key": texts}


def compiled_columns(papers: PaperTexts) -> Columns:
    """The columns of papers that are laid out, by kernels."""
    from corpus_tool.papers import table_kernels

    (shingles, offsets), texts = abstract_sets(papers.abstracts, papers.titles, SAMPLE)
    keys = np.zeros((len(KEYS), len(papers)), np.uint64)
    pairs = np.empty(REACH * (len(papers.titles[0]) // 2 + len(papers)), np.uint32)
    ends = np.zeros(len(papers) + 1, np.int64)
    outlines = np.zeros((len(papers), WORDS), np.uint64)
    known = *word_table(), MARKER_REACH, REACH
    table_kernels.title_columns(*papers.titles, *known, keys[0], pairs, ends[1:], outlines)
    found = _fixed(papers.rest, keys, texts, outlines)
    found.update(shingles=shingles, shingles_offsets=offsets)
    found.update(title_pairs=pairs[: ends[-1]].copy(), title_pairs_offsets=ends)
    return found
