"""Pairs of papers worth deciding: a union of exact keys, rare shingles and rare title words.

    records ──columns──> fixed and ragged arrays ──propose──> pairs i < j

A pair is proposed where two records share a normalised title, a DOI or an arXiv id; or at least
`SHARED` of the rarest 2-word shingles of their abstracts; or as many of the rarest word pairs of their titles.
Those that `corpus_tool.papers.bound` knows to be no duplicates are left out again. Rarity is counted over the
records at hand; what more than `rare.MOST_COMMON` records hold says nothing and is left out, so pairs grow in line with
records. Texts that stand more often than that are what MinHash LSH sees, which `corpus_tool.dedup.candidates` adds.
Inverted lists of rare features with a document-frequency cap are those of Christen, "A survey of indexing techniques
for scalable record linkage and deduplication", 2012, section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.columns import OFFSETS, take
from corpus_tool.papers.columns import DETAIL, KEYS, RAGGED
from corpus_tool.papers.rare import code, compiled_rare_pairs, rare_pairs, runs

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.bound import Bound

RAREST = {"shingles": 16, "title_pairs": 8}
"""How many of a record's rarest values are used."""

SHARED = {"shingles": 2, "title_pairs": 2}
"""How many of them two records must share."""

ALL_PAIRS = 16
"""Records of an equal key make every pair up to this many; of more, each meets the first and its neighbours."""


def propose(
    columns: Columns,
    rows: NDArray[np.int64] | None = None,
    bound: Bound | None = None,
    *,
    compiled: bool = False,
    jobs: int = 1,
) -> NDArray[np.int64]:
    """Pairs worth deciding.

    Args:
        columns: Of all records.
        rows: int64[r], the records to pair; None for all.
        bound: Says of pairs of places in `rows` which may be duplicates; None where all may.
        compiled: Whether to run the kernels instead of the reference; the pairs are the same.
        jobs: Threads of the kernels.

    Returns:
        int64 [m, 2], places in `rows`, each row i < j, unique, in lexicographic order.
    """
    rows = np.arange(len(columns[KEYS[0]])) if rows is None else rows

    def possible(codes: NDArray[np.int64]) -> NDArray[np.int64]:
        if bound is None or not len(codes):
            return codes
        wanted: NDArray[np.int64] = codes[bound.possible(*np.divmod(codes, len(rows)))]
        return wanted

    codes = [possible(key_pairs(columns[name][rows], columns[DETAIL][rows])) for name in KEYS]
    for name in RAGGED:
        offsets = columns[name + OFFSETS]
        limits = RAREST[name], SHARED[name]
        if compiled:
            ends = offsets[:-1][rows], offsets[1:][rows]
            codes += compiled_rare_pairs(columns[name], *ends, *limits, possible, jobs)
        else:
            taken = take({name: columns[name], name + OFFSETS: offsets}, rows)
            codes.append(possible(rare_pairs(taken[name], taken[name + OFFSETS], *limits)))
    union = np.sort(np.concatenate(codes))
    union = union[np.diff(union, prepend=-1) > 0]
    return np.stack(np.divmod(union, max(len(rows), 1)), axis=1)


def key_pairs(keys: NDArray[Any], details: NDArray[Any]) -> NDArray[np.int64]:
    """Pairs (as i * records + j) with equal keys, linear in the records however many share one.

    A group of up to `ALL_PAIRS` records gives each of its pairs. In a larger one each record is paired with the
    group's first and with the `ALL_PAIRS` // 4 that follow it in the order of the details.

    Args:
        keys: uint64[n]; 0 is no key.
        details: uint64[n], which records of one key belong closer together.
    """
    size = len(keys)
    some = np.flatnonzero(keys)
    order = some[np.lexsort((details[some], keys[some]))]
    starts, lengths = runs(keys[order])
    first = np.repeat(starts, lengths)
    large = np.repeat(lengths > ALL_PAIRS, lengths)
    found = [code(order[first[large]], order[large], size)]
    found[0] = found[0][order[first[large]] != order[large]]
    end = np.repeat(starts + lengths, lengths)
    for step in range(1, min(ALL_PAIRS, int(lengths.max(initial=1)))):
        reach = ~large if step > ALL_PAIRS // 4 else np.ones_like(large)
        left = np.flatnonzero(reach & (np.arange(len(order)) + step < end))
        found.append(code(order[left], order[left + step], size))
    return np.concatenate(found)
