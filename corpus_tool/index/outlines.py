"""What bounds the score of a paper with another, kept of each stored one, so that few need be read again.

A run leaves out candidates that `corpus_tool.papers.bound` knows to be no duplicates, from columns of all records. Of
stored ones these columns are kept here, packed: outline, keys of DOI and arXiv id, and the upper halves of the sampled
shingles. Two that differ below are taken for equal, which makes the bound wider, never wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.columns import OFFSETS, take
from corpus_tool.papers.bound import OUTLINE, Bound
from corpus_tool.papers.policy import PaperPolicy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.index.protocol import Outlines, Storage
    from corpus_tool.match import Policy

_SHINGLES = "shingles"
_HALF = np.uint32(16)
_FIXED = 40
"""Bytes of the outline and the two keys."""
LONGEST = 1 << 15
"""Bytes of one that is kept; of a paper with more shingles nothing is known."""


def packed(columns: Columns, rows: NDArray[np.int64]) -> list[bytes]:
    """The outlines of some papers; empty for one that is too long."""
    part = _part(columns, rows)
    fixed = np.concatenate((part[OUTLINE], part["doi_key"][:, None], part["arxiv_key"][:, None]), axis=1)
    values, ends = part[_SHINGLES].astype("<u2"), part[_SHINGLES + OFFSETS].tolist()
    head, tail = fixed.astype("<u8").tobytes(), values.tobytes()
    found = [
        head[at * _FIXED : (at + 1) * _FIXED] + tail[2 * ends[at] : 2 * ends[at + 1]]
        for at in range(len(rows))
    ]
    return [each if len(each) <= LONGEST else b"" for each in found]


def possible(
    storage: Storage,
    policy: Policy,
    columns: Columns,
    rows: NDArray[np.int64],
    recs: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which pairs of a new paper and a stored one may be duplicates, bool[m].

    Args:
        storage: The index.
        policy: What decides.
        columns: Of the new papers.
        rows: int64[m], the new one of each pair.
        recs: int64[m], the stored one.
    """
    if not isinstance(policy, PaperPolicy) or not len(recs):
        return np.ones(len(recs), np.bool_)
    stored = storage.outlines(np.unique(recs))
    new, at = np.unique(rows, return_inverse=True)
    one, other = _part(columns, new), _unpacked(stored)
    together = {
        name: np.concatenate((one[name], other[name]))
        for name in (OUTLINE, "doi_key", "arxiv_key", _SHINGLES)
    }
    ends = one[_SHINGLES + OFFSETS]
    together[_SHINGLES + OFFSETS] = np.concatenate((ends, ends[-1] + other[_SHINGLES + OFFSETS][1:]))
    place = np.minimum(np.searchsorted(stored.recs, recs), max(len(stored.recs) - 1, 0))
    known = stored.recs[place] == recs if len(stored.recs) else np.zeros(len(recs), np.bool_)
    found = ~known
    bound = Bound(together, np.arange(len(new) + len(stored.recs)), policy.scorecard, policy.compiled)
    found[known] = bound.possible(at[known], len(new) + place[known])
    return found


def _part(columns: Columns, rows: NDArray[np.int64]) -> Columns:
    """What bounds a score, of some rows, with the upper halves of shingles."""
    names = (OUTLINE, "doi_key", "arxiv_key", _SHINGLES, _SHINGLES + OFFSETS)
    part = take({name: columns[name] for name in names}, rows)
    part[_SHINGLES] = part[_SHINGLES] >> _HALF
    return part


def _unpacked(stored: Outlines) -> Columns:
    sizes = (stored.sizes - _FIXED) // 2
    begins = np.cumsum(stored.sizes) - stored.sizes
    data = np.frombuffer(stored.data, np.uint8)
    fixed = data[begins[:, None] + np.arange(_FIXED)].view("<u8").astype(np.uint64)
    values = np.ones(len(data), np.bool_)
    values[begins[:, None] + np.arange(_FIXED)] = False
    return {
        OUTLINE: fixed[:, :3],
        "doi_key": fixed[:, 3],
        "arxiv_key": fixed[:, 4],
        _SHINGLES: data[values].view("<u2").astype(np.uint32),
        _SHINGLES + OFFSETS: np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    }
