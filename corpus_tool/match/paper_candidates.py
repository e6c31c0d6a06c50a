"""Pairs of papers worth deciding: a union of exact keys, rare shingles and rare title words.

    records ──columns──> fixed and ragged arrays ──propose──> pairs i < j

A pair is proposed where two records share a normalised title, a DOI or an arXiv id; or at least
`SHARED` of the rarest 2-word shingles of their abstracts; or as many of the rarest word pairs of their titles.
Rarity is counted over the records at hand; what more than `MOST_COMMON` records hold says nothing and is left out,
so pairs grow in line with records. Texts that stand more often than that are what MinHash LSH sees, which
`corpus_tool.candidates` adds. Inverted lists of rare features with a document-frequency cap are those of
Christen, "A survey of indexing techniques for scalable record linkage and deduplication", 2012, section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.match.fields import PaperFields, paper_fields
from corpus_tool.match.paper_text import hash_text, says_something, title_words, word_shingles, words
from corpus_tool.text import hash_shingle, hash_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.records import Record

    Columns = dict[str, NDArray[np.generic]]

KEYS = ("title_key", "doi_key", "arxiv_key")
"""Fixed columns, uint64: equal keys propose a pair; 0 is no key."""

RAGGED = ("shingles", "title_pairs")
"""Ragged columns: `NAME` holds the uint32 values of all records one after another, unique in each record, and
`NAME_offsets` (int64, one more than records) where each begins."""

REACH = 3
"""Words of a title this far apart make a pair."""

MOST_COMMON = 50
"""A shingle or title pair in more records than this is not used."""

RAREST = {"shingles": 16, "title_pairs": 8}
"""How many of a record's rarest values are used."""

SHARED = {"shingles": 2, "title_pairs": 2}
"""How many of them two records must share."""

ALL_PAIRS = 16
"""Records of an equal key make every pair up to this many; more make a star and a chain."""


def columns(records: Sequence[Record], mapping: Mapping[str, str] | None = None) -> Columns:
    """What proposing needs to know of each record of a batch; the batches of a run are joined by `concatenate`."""
    return reference_columns([paper_fields(record, mapping) for record in records])


def reference_columns(papers: Sequence[PaperFields]) -> Columns:
    """The columns of some papers, one by one."""
    keys = np.zeros((len(KEYS), len(papers)), np.uint64)
    ragged: dict[str, list[list[int]]] = {name: [] for name in RAGGED}
    for at, paper in enumerate(papers):
        title, abstract = title_words(paper.title), words(paper.abstract)
        keys[:, at] = hash_text("".join(title)), hash_text(paper.doi), hash_text(paper.arxiv)
        telling = says_something(abstract, title)
        ragged["shingles"].append(sorted(word_shingles(abstract)) if telling else [])
        ragged["title_pairs"].append(sorted(title_pairs(title)))
    found: Columns = dict(zip(KEYS, keys, strict=True))
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


def concatenate(parts: Iterable[Columns]) -> Columns:
    """Join the columns of consecutive batches."""
    listed = list(parts) or [reference_columns([])]
    joined: Columns = {
        name: np.concatenate([part[name] for part in listed])
        for name in listed[0]
        if not name.endswith("_offsets")
    }
    for name in RAGGED:
        lengths = [np.diff(part[f"{name}_offsets"]) for part in listed]
        joined[f"{name}_offsets"] = np.concatenate([[0], *lengths]).cumsum(dtype=np.int64)
    return joined


def propose(columns: Columns) -> NDArray[np.int64]:
    """Pairs worth deciding.

    Args:
        columns: Of all records, as `columns` and `concatenate` give them.

    Returns:
        int64 [m, 2], each row i < j, unique, in lexicographic order.
    """
    size = len(columns[KEYS[0]])
    codes = [key_pairs(columns[name].astype(np.uint64, copy=False), size) for name in KEYS]
    for name in RAGGED:
        values = columns[name].astype(np.uint32, copy=False)
        offsets = columns[f"{name}_offsets"].astype(np.int64, copy=False)
        codes.append(rare_pairs(values, offsets, RAREST[name], SHARED[name]))
    union = np.unique(np.concatenate(codes))
    return np.stack(np.divmod(union, max(size, 1)), axis=1)


def key_pairs(keys: NDArray[np.uint64], size: int) -> NDArray[np.int64]:
    """Pairs (as i * size + j) of records with equal keys, linear in the records however many share one.

    A group of up to `ALL_PAIRS` records gives each of its pairs; a larger one pairs each record with the
    first of the group and with the next `ALL_PAIRS` // 4.
    """
    some = np.flatnonzero(keys)
    order = some[np.argsort(keys[some], kind="stable")]
    starts, lengths = _runs(keys[order])
    first = np.repeat(starts, lengths)
    large = np.repeat(lengths > ALL_PAIRS, lengths)
    found = [_code(order[first[large]], order[large], size)]
    found[0] = found[0][order[first[large]] != order[large]]
    end = np.repeat(starts + lengths, lengths)
    for step in range(1, min(ALL_PAIRS, int(lengths.max(initial=1)))):
        reach = ~large if step > ALL_PAIRS // 4 else np.ones_like(large)
        left = np.flatnonzero(reach & (np.arange(len(order)) + step < end))
        found.append(_code(order[left], order[left + step], size))
    return np.concatenate(found)


def rare_pairs(
    values: NDArray[np.uint32], offsets: NDArray[np.int64], rarest: int, shared: int
) -> NDArray[np.int64]:
    """Pairs (as i * records + j) that share enough of their rarest values.

    Args:
        values: Of all records, unique in each.
        offsets: Where each record's begin; one more than records.
        rarest: How many of a record's values count: those in the fewest records (at least 2, at most
            `MOST_COMMON`), ties by value.
        shared: How many of them a pair must share.
    """
    size = len(offsets) - 1
    owner = np.repeat(np.arange(size, dtype=np.int64), np.diff(offsets))
    order = np.argsort(values, kind="stable")
    starts, lengths = _runs(values[order])
    frequency = np.repeat(lengths, lengths)
    useful = (frequency >= 2) & (frequency <= MOST_COMMON)
    order, frequency = order[useful], frequency[useful]
    chosen = np.lexsort((values[order], frequency, owner[order]))
    starts, lengths = _runs(owner[order][chosen])
    rank = np.arange(len(chosen)) - np.repeat(starts, lengths)
    kept = np.sort(chosen[rank < rarest])
    token, record = values[order[kept]], owner[order[kept]]
    starts, lengths = _runs(token)
    end = np.repeat(starts + lengths, lengths)
    place = np.arange(len(token))
    found = []
    for step in range(1, int(lengths.max(initial=1))):
        left = np.flatnonzero(place + step < end)
        found.append(_code(record[left], record[left + step], size))
    pairs, count = np.unique(np.concatenate([*found, np.empty(0, np.int64)]), return_counts=True)
    return pairs[count >= shared]


def _runs(ordered: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and length of each run of equal values."""
    if not len(ordered):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.append(starts, len(ordered)))


def _code(left: NDArray[np.int64], right: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Each pair as one number, the smaller record first."""
    return np.minimum(left, right) * size + np.maximum(left, right)
