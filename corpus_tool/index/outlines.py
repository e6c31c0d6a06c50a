"""What bounds the score of a paper with another, kept of each stored one, so that few need be read again.

A run leaves out candidates that `corpus_tool.papers.bound` knows to be no duplicates, from columns of all records. Of
stored ones these columns are kept here, packed: outline, keys of DOI and arXiv id, and the upper halves of the sampled
shingles. Two that differ below are taken for equal, which makes the bound wider, never wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.columns import OFFSETS, take
from corpus_tool.papers.bound import OUTLINE, WORDS, Bound
from corpus_tool.papers.policy import PaperPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.index.protocol import Outlines, Storage
    from corpus_tool.match import Policy

_SHINGLES = "shingles"
_HALF = np.uint32(16)
_WORD = 8
"""Bytes of the words in which outlines are counted."""
_FIXED = WORDS + 3
"""Words of the outline, the two keys, and the number of shingles."""
_LONGEST = 1 << 15
"""Bytes of one that is kept; of a paper with more shingles nothing is known."""
_AT_ONCE = 1 << 16


def packed(columns: Columns, rows: NDArray[np.int64]) -> list[bytes]:
    """The outlines of some papers, whole words of 8 bytes; empty for one that is too long."""
    part = _part(columns, rows)
    counts = np.diff(part[_SHINGLES + OFFSETS]).astype(np.uint64)
    keys = part["doi_key"], part["arxiv_key"], counts
    fixed = np.concatenate((part[OUTLINE], np.stack(keys, axis=1)), axis=1).astype("<u8")
    values, ends = part[_SHINGLES].astype("<u2"), part[_SHINGLES + OFFSETS].tolist()
    found = []
    for at in range(len(rows)):
        outline = fixed[at].tobytes() + values[ends[at] : ends[at + 1]].tobytes()
        outline += bytes(-len(outline) % _WORD)
        found.append(outline if len(outline) <= _LONGEST else b"")
    return found


def possible(
    storage: Storage, policy: Policy, columns: Columns, rows: NDArray[np.int64], recs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which pairs of a new paper and a stored one may be duplicates, bool[m].

    Args:
        storage: The index.
        policy: What decides.
        columns: Of the new papers.
        rows: int64[m], the new one of each pair.
        recs: int64[m], the stored one.
    """
    found = np.ones(len(recs), np.bool_)
    if isinstance(policy, PaperPolicy):
        order = np.argsort(recs, kind="stable")
        for at in range(0, len(order), _AT_ONCE):
            some = order[at : at + _AT_ONCE]
            found[some] = _possible(
                storage.outlines(distinct(recs[some])), policy, columns, rows[some], recs[some]
            )
    return found


def _possible(
    stored: Outlines, policy: PaperPolicy, columns: Columns, rows: NDArray[np.int64], recs: NDArray[np.int64]
) -> NDArray[np.bool_]:
    found = np.ones(len(recs), np.bool_)
    if not len(stored.recs):
        return found
    place = np.minimum(np.searchsorted(stored.recs, recs), len(stored.recs) - 1)
    known = np.flatnonzero(stored.recs[place] == recs)
    new = distinct(rows)
    one, other = _part(columns, new), _unpacked(stored)
    together = {name: np.concatenate((one[name], other[name])) for name in one if not name.endswith(OFFSETS)}
    ends = one[_SHINGLES + OFFSETS]
    together[_SHINGLES + OFFSETS] = np.concatenate((ends, ends[-1] + other[_SHINGLES + OFFSETS][1:]))
    bound = Bound(together, np.arange(len(new) + len(stored.recs)), policy.scorecard, policy.compiled)
    found[known] = bound.possible(np.searchsorted(new, rows[known]), len(new) + place[known])
    return found


def _part(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    """What bounds a score, of some rows, with the upper halves of shingles."""
    names = (OUTLINE, "doi_key", "arxiv_key", _SHINGLES, _SHINGLES + OFFSETS)
    part = take({name: columns[name] for name in names}, rows)
    part[_SHINGLES] = part[_SHINGLES] >> _HALF
    return part


def _unpacked(stored: Outlines) -> Columns:
    words = np.frombuffer(stored.data, "<u8").astype(np.uint64, copy=False)
    sizes = stored.sizes // _WORD
    begins = np.cumsum(sizes) - sizes
    fixed = words[begins[:, None] + np.arange(_FIXED)]
    counts = fixed[:, WORDS + 2].astype(np.int64)
    values = {_SHINGLES: np.frombuffer(stored.data, "<u2")}
    first = (begins + _FIXED) * (_WORD // 2)
    ends = np.stack((first, first + counts), axis=1).reshape(-1)
    values[_SHINGLES + OFFSETS] = np.append(ends, ends[-1])
    taken = take(values, 2 * np.arange(len(sizes)))
    return {
        OUTLINE: fixed[:, :WORDS],
        "doi_key": fixed[:, WORDS],
        "arxiv_key": fixed[:, WORDS + 1],
        _SHINGLES: taken[_SHINGLES].astype(np.uint32),
        _SHINGLES + OFFSETS: taken[_SHINGLES + OFFSETS],
    }
