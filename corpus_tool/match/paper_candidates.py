"""Pairs of papers worth deciding: a union of exact keys, rare shingles and rare title words.

    records ──columns──> fixed and ragged arrays ──propose──> pairs i < j

A pair is proposed where two records share a normalised title, a DOI or an arXiv id; or at least
`SHARED` of the rarest 2-word shingles of their abstracts; or as many of the rarest word pairs of their titles.
Of papers of which title and abstract are all that is known, those whose abstracts share next to nothing are left out
again. Rarity is counted over the records at hand; what more than `MOST_COMMON` records hold says nothing and is left
out, so pairs grow in line with records. Texts that stand more often than that are what MinHash LSH sees, which
`corpus_tool.candidates` adds. Inverted lists of rare features with a document-frequency cap are those of
Christen, "A survey of indexing techniques for scalable record linkage and deduplication", 2012, section 3.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.match.paper_table import abstract_sets, lay_out
from corpus_tool.match.paper_text import (
    bare_title,
    hash_text,
    page_range,
    says_something,
    title_words,
    volume_mark,
    word_shingles,
    words,
)
from corpus_tool.text import absorb, hash_shingle, hash_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.columns import Columns
    from corpus_tool.match.fields import PaperFields

KEYS = ("title_key", "doi_key", "arxiv_key")
"""Fixed columns, uint64: equal keys propose a pair; 0 is no key."""

DETAIL = "detail_key"
"""Fixed column, uint64: year, volume and first page. Records of one title are lined up by it, so that among 50,000
editorials those of one page are neighbours."""

RAGGED = ("shingles", "title_pairs")
"""Ragged columns: `NAME` holds the uint32 values of all records one after another, sorted in each and unique, and
`NAME_offsets` (int64, one more than records) where each begins."""

BARE = "bare"
"""Fixed column, bool: title and abstract are all that is known."""

PROPOSING = (*KEYS, DETAIL, BARE, *RAGGED)
"""The columns that `propose` reads (of the ragged ones, the offsets too)."""

SAMPLE = 2
"""Only shingles whose hash is a multiple of this take part (Manber's sampling, "Finding similar files in a large file
system", 1994): half the memory and time, and among them the rarest lie further apart in a text."""

REACH = 3
"""Words of a title this far apart make a pair."""

MOST_COMMON = 50
"""A shingle or title pair in more records than this is not used."""

RAREST = {"shingles": 16, "title_pairs": 8}
"""How many of a record's rarest values are used."""

SHARED = {"shingles": 2, "title_pairs": 2}
"""How many of them two records must share."""

LEAST_SHARED = 1 / 16
"""Two bare papers are no candidates, whatever their titles, when of the sampled shingles of the shorter abstract a
smaller share than this is in the other. The scorecard wants three times as much of them even when lenient."""

ENOUGH_TO_TELL = 16
"""Sampled shingles of the shorter abstract from which that share says something."""

ALL_PAIRS = 16
"""Records of an equal key make every pair up to this many; of more, each meets the first and its neighbours."""

SORTED_AT_ONCE = 1 << 23
RECORDS_AT_ONCE = 1 << 11


def columns(papers: Sequence[PaperFields], *, compiled: bool) -> Columns:
    """What proposing needs to know of each paper of a batch; batches are joined by `corpus_tool.columns.Gathered`.

    Args:
        papers: As `paper_fields` reads them.
        compiled: Whether to run the kernels instead of the reference; the columns are the same.

    Returns:
        `PROPOSING`, and `text_key`: uint64, equal for papers whose titles and abstracts agree word for
        word, 0 for those without any word.
    """
    return _compiled_columns(papers) if compiled else reference_columns(papers)


def reference_columns(papers: Sequence[PaperFields]) -> Columns:
    """The columns of some papers, one by one."""
    keys = np.zeros((len(KEYS), len(papers)), np.uint64)
    texts = np.zeros(len(papers), np.uint64)
    ragged: dict[str, list[list[int]]] = {name: [] for name in RAGGED}
    for at, paper in enumerate(papers):
        title, abstract = title_words(paper.title), words(paper.abstract)
        keys[:, at] = hash_text("".join(title)), hash_text(paper.doi), hash_text(paper.arxiv)
        texts[at] = text_key(title, abstract)
        telling = says_something(abstract, title)
        shingles = sorted(value for value in word_shingles(abstract) if value % SAMPLE == 0)
        ragged["shingles"].append(shingles if telling else [])
        ragged["title_pairs"].append(sorted(title_pairs(title)))
    found = _fixed(papers, keys, texts)
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


def text_key(title: list[str], abstract: list[str]) -> int:
    """64-bit hash of the words of a title and an abstract, in order; 0 where there is none."""
    state = 0
    for word in (*title, *abstract):
        state = absorb(state, hash_word(word))
    counts = len(title) << 32 | len(abstract)
    return absorb(state, counts) if counts else 0


def _fixed(papers: Sequence[PaperFields], keys: NDArray[np.uint64], texts: NDArray[np.uint64]) -> Columns:
    found: Columns = dict(zip(KEYS, keys, strict=True))
    found.update({DETAIL: _details(papers), BARE: _bare(papers), "text_key": texts})
    return found


def _bare(papers: Sequence[PaperFields]) -> NDArray[np.bool_]:
    known = (paper.authors or paper.doi or paper.arxiv or paper.pages for paper in papers)
    return np.fromiter((not one for one in known), np.bool_, len(papers))


def _details(papers: Sequence[PaperFields]) -> NDArray[np.uint64]:
    found = np.zeros(len(papers), np.uint64)
    for at, paper in enumerate(papers):
        if paper.year or paper.volume or paper.pages:
            page, _ = page_range(paper.pages)
            found[at] = absorb(absorb(paper.year, volume_mark(paper.volume)), page)
    return found


def _compiled_columns(papers: Sequence[PaperFields]) -> Columns:
    from corpus_tool.match import paper_kernels

    buffer, bounds = lay_out([bare_title(paper.title) for paper in papers])
    (shingles, offsets), texts = abstract_sets(
        lay_out([paper.abstract for paper in papers]), (buffer, bounds), SAMPLE
    )
    keys = np.zeros((len(KEYS), len(papers)), np.uint64)
    pairs = np.empty(REACH * (len(buffer) // 2 + len(papers)), np.uint32)
    ends = np.zeros(len(papers) + 1, np.int64)
    paper_kernels.title_columns(buffer, bounds, REACH, keys[0], pairs, ends[1:])
    for row, name in ((1, "doi"), (2, "arxiv")):
        keys[row] = [hash_text(getattr(paper, name)) for paper in papers]
    found = _fixed(papers, keys, texts)
    found.update(shingles=shingles, shingles_offsets=offsets)
    found.update(title_pairs=pairs[: ends[-1]].copy(), title_pairs_offsets=ends)
    return found


def propose(columns: Columns, *, compiled: bool = False, jobs: int = 1) -> NDArray[np.int64]:
    """Pairs worth deciding.

    Args:
        columns: Of all records.
        compiled: Whether to run the kernels instead of the reference; the pairs are the same.
        jobs: Threads of the kernels.

    Returns:
        int64 [m, 2], each row i < j, unique, in lexicographic order.
    """
    size = len(columns[KEYS[0]])
    codes = [key_pairs(columns[name], columns[DETAIL]) for name in KEYS]
    for name in RAGGED:
        values = columns[name].astype(np.uint32, copy=False)
        offsets = columns[f"{name}_offsets"].astype(np.int64, copy=False)
        bounds = RAREST[name], SHARED[name]
        if compiled:
            codes.append(compiled_rare_pairs(values, offsets, *bounds, jobs))
        else:
            codes.append(rare_pairs(values, offsets, *bounds))
    union = np.sort(np.concatenate(codes))
    union = union[np.diff(union, prepend=-1) > 0]
    pairs = np.stack(np.divmod(union, max(size, 1)), axis=1)
    return pairs[~_unlike(columns, pairs, compiled)]


def _unlike(columns: Columns, pairs: NDArray[np.int64], compiled: bool) -> NDArray[np.bool_]:
    """Pairs of bare papers whose abstracts share next to nothing."""
    values, offsets = columns["shingles"], columns["shingles_offsets"]
    sizes = np.diff(offsets)
    smaller = np.minimum(sizes[pairs[:, 0]], sizes[pairs[:, 1]])
    unlike = columns[BARE][pairs].all(axis=1) & (smaller >= ENOUGH_TO_TELL)
    left, right = (np.ascontiguousarray(side) for side in pairs[unlike].T)
    shared = np.zeros(len(left), np.int64)
    if compiled:
        from corpus_tool.match import paper_candidate_kernels as kernels

        kernels.count_shared(values, offsets, left, right, shared)
    else:
        for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            one, other = values[offsets[i] : offsets[i + 1]], values[offsets[j] : offsets[j + 1]]
            shared[at] = len(np.intersect1d(one, other, assume_unique=True))
    unlike[unlike] = shared < smaller[unlike] * LEAST_SHARED
    return unlike


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
        values: Of all records, sorted and unique in each.
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


def compiled_rare_pairs(
    values: NDArray[np.uint32], offsets: NDArray[np.int64], rarest: int, shared: int, jobs: int = 1
) -> NDArray[np.int64]:
    """`rare_pairs` by kernels; memory past the values is a slice of them and some 700 bytes a record."""
    from corpus_tool.match import paper_candidate_kernels as kernels

    size = len(offsets) - 1
    counts = np.zeros(kernels.BINS, np.int64)
    kernels.count_bins(values, counts)
    shares = np.array_split(np.array(_slices(counts, min(SORTED_AT_ONCE, len(values) // jobs + 1))), jobs)

    def choose(slices: NDArray[np.int64]) -> NDArray[np.uint64]:
        chosen, cursors = np.full((size, rarest), kernels.NOTHING), offsets[:-1].copy()
        for first, last in slices.tolist():
            keys, spare = np.empty((2, int(counts[first:last].sum())), np.uint64)
            kernels.choose_rarest(values, offsets, first, last, MOST_COMMON, cursors, keys, spare, chosen)
        return chosen

    with ThreadPoolExecutor(jobs) as threads:
        chosen, *others = threads.map(choose, (share for share in shares if len(share)))
        for other in others:
            kernels.merge_chosen(other, chosen)
        total = int(np.count_nonzero(chosen != kernels.NOTHING))
        keys, spare = np.empty((2, total), np.uint64)
        owners, groups = np.empty(total, np.uint32), np.empty(total, np.int64)
        places, sizes = np.empty((size, rarest), np.int64), np.empty(size, np.uint8)
        kernels.link(chosen, keys, spare, owners, groups, places, sizes)

        def count(first: int) -> NDArray[np.int64]:
            codes = np.empty(RECORDS_AT_ONCE * rarest * MOST_COMMON, np.int64)
            filled = np.zeros(1, np.int64)
            last = min(size, first + RECORDS_AT_ONCE)
            kernels.shared_pairs(owners, groups, places, sizes, first, last, shared, codes, filled)
            return codes[: filled[0]].copy()

        found = list(threads.map(count, range(0, size, RECORDS_AT_ONCE)))
    return np.sort(np.concatenate([*found, np.empty(0, np.int64)]))


def _slices(counts: NDArray[np.int64], most: int) -> list[tuple[int, int]]:
    """Runs of bins that hold up to `most` values each, or a single bin."""
    slices, first, held = [], 0, 0
    for at, count in enumerate(counts.tolist()):
        if held and held + count > most:
            slices.append((first, at))
            first, held = at, 0
        held += count
    return [*slices, (first, len(counts))]


def _runs(ordered: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and length of each run of equal values."""
    if not len(ordered):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.append(starts, len(ordered)))


def _code(left: NDArray[np.int64], right: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Each pair as one number, the smaller record first."""
    return np.minimum(left, right) * size + np.maximum(left, right)
