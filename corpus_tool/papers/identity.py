"""Which papers say exactly the same: keys by which copies are collapsed before any are compared."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.papers.bound import FACTS, GRAMS, MARKERS, OUTLINE
from corpus_tool.papers.limits import UNTITLED_SHINGLES
from corpus_tool.papers.table import score_pairs
from corpus_tool.text import absorb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.fields import PaperFields
    from corpus_tool.papers.scorecard import Scorecard
    from corpus_tool.papers.table import PaperTable
    from corpus_tool.records import Record

    Prepare = Callable[[NDArray[np.int64]], PaperTable]


def identities(
    columns: Columns,
    papers: Mapping[int, PaperFields],
    prepare: Prepare,
    records: Sequence[Record],
    policy: Scorecard,
    *,
    compiled: bool,
) -> NDArray[np.uint64]:
    """Keys of title and abstract, told apart by whatever else is compared; 0 for papers without any word.

    Papers so bare that the scorecard would not take a copy for the same ("Editorial") are alike only where
    the whole records are.

    Args:
        columns: Of `corpus_tool.papers.columns`.
        papers: By place those of which more than title and abstract is known.
        prepare: Makes the profiles of the papers at some places.
        records: As they stand; few are looked at.
        policy: Weights and threshold.
        compiled: Whether to run the kernels; the keys are the same.
    """
    found: NDArray[np.uint64] = columns["text_key"].copy()
    for at, paper in papers.items():
        if paper.more and found[at]:
            where = f"{paper.year}\0{paper.venue}\0{paper.volume}\0{paper.issue}\0{paper.pages}"
            rest = f"{paper.authors}\0{where}\0{paper.doi}\0{paper.arxiv}"
            found[at] = _absorbed(int(found[at]), rest)
    sure = beyond_doubt(columns, prepare, policy, compiled=compiled)
    for at in np.flatnonzero(~sure & (found != 0)).tolist():
        found[at] = _absorbed(int(found[at]), repr(sorted(records[at].items(), key=str)))
    return found


def _absorbed(key: int, text: str) -> int:
    """Another key, never 0; the usual hash would take long, byte by byte in Python."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return absorb(key, int.from_bytes(digest, "little")) or 1


def beyond_doubt(
    columns: Columns, prepare: Prepare, policy: Scorecard, *, compiled: bool
) -> NDArray[np.bool_]:
    """Which papers would match a record that says exactly the same, bool[n].

    Two records "Editorial" with nothing else known would not, however equal: their texts may not be collapsed. From
    `UNTITLED_SHINGLES` sampled shingles on, never more than an abstract has in all, a copy is a copy whatever else is
    known; so it is with a title without marker and any abstract where the weights are like the shipped ones. A text
    without title is its own copy, however short.
    """
    shingles = np.diff(columns["shingles_offsets"])
    sure: NDArray[np.bool_] = shingles >= UNTITLED_SHINGLES
    sure |= columns[OUTLINE][:, FACTS] & np.uint64(GRAMS) == 0
    if _least_of_a_copy(policy) >= policy.threshold:
        told = columns[OUTLINE][:, FACTS]
        sure |= (shingles > 0) & (told & np.uint64(GRAMS) > 0) & (told & np.uint64(MARKERS) == 0)
    rest = np.flatnonzero(~sure)
    same = np.arange(len(rest))
    if len(rest):
        sure[rest] = score_pairs(prepare(rest), same, same, policy, compiled=compiled) >= policy.threshold
    return sure


def _least_of_a_copy(policy: Scorecard) -> float:
    """The least that a paper with title and abstract scores against its copy."""
    weight = policy.by_name()
    least = weight["base"] + weight["title"] + weight["abstract"] + weight["abstract_overlap"]
    least += min(weight["authors"], weight["authors_unknown"])
    return least + sum(min(0.0, weight[name]) for name in ("pages", "doi", "arxiv"))
