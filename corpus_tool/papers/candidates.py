"""Pairs of papers worth deciding: a union of exact keys, rare shingles and rare title words.

    records ──columns──> fixed and ragged arrays ──propose──> pairs i < j

A pair is proposed where two records share a normalised title, a DOI or an arXiv id; or at least
`SHARED` of the rarest 2-word shingles of their abstracts; or as many of the rarest word pairs of their titles.
Those that `corpus_tool.papers.bound` knows to be no duplicates are left out again. Rarity is counted over the
records at hand; what more than `MOST_COMMON` records hold says nothing and is left out, so pairs grow in line with
records. Texts that stand more often than that are what MinHash LSH sees, which `corpus_tool.dedup.candidates` adds.
Inverted lists of rare features with a document-frequency cap are those of Christen, "A survey of indexing techniques
for scalable record linkage and deduplication", 2012, section 3.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.columns import OFFSETS, on_disk, release, take
from corpus_tool.papers.columns import DETAIL, KEYS, RAGGED

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.bound import Bound

MOST_COMMON = 50
"""A shingle or title pair in more records than this is not used."""

RAREST = {"shingles": 16, "title_pairs": 8}
"""How many of a record's rarest values are used."""

SHARED = {"shingles": 2, "title_pairs": 2}
"""How many of them two records must share."""

ALL_PAIRS = 16
"""Records of an equal key make every pair up to this many; of more, each meets the first and its neighbours."""

SORTED_AT_ONCE = 1 << 23
PLACE_BITS, MORE_PLACE_BITS = 32, 40
"""Bits of 64 that a value's place takes: more of more than 2^32 values."""
RECORDS_AT_ONCE, READ_AT_ONCE = 1 << 11, 1 << 15


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
    values: NDArray[np.uint32],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    rarest: int,
    shared: int,
    wanted: Callable[[NDArray[np.int64]], NDArray[np.int64]] = lambda codes: codes,
    jobs: int = 1,
) -> list[NDArray[np.int64]]:
    """`rare_pairs` by kernels, in portions, for records whose values are `values[starts[i]:stops[i]]`.

    Of each portion only the `wanted` codes are held. Memory past the values is a byte for each of them, two slices a
    job, and for 16 of a record's values some 200 bytes a record.
    """
    from corpus_tool.papers import candidate_kernels as kernels

    size, ends = len(starts), (starts, stops)
    with ThreadPoolExecutor(jobs) as threads:
        frequency = _frequencies(values, *ends, threads, jobs)
        chosen, sizes = _rarest(values, *ends, frequency, rarest, threads)
        del frequency
        owners, groups, sizes = _linked(chosen, sizes)
        del chosen

        def pairs(first: int) -> NDArray[np.int64]:
            codes, total = np.empty(RECORDS_AT_ONCE * rarest * MOST_COMMON, np.int64), np.zeros(1, np.int64)
            last = min(size, first + RECORDS_AT_ONCE)
            kernels.shared_pairs(owners, groups, sizes, first, last, shared, codes, total)
            return wanted(codes[: total[0]]).copy()

        return list(threads.map(pairs, range(0, size, RECORDS_AT_ONCE)))


def _frequencies(
    values: NDArray[np.uint32],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    threads: ThreadPoolExecutor,
    jobs: int,
) -> NDArray[np.uint8]:
    """In how many records each value stands, where these are 2 to `MOST_COMMON`; 0 elsewhere."""
    from corpus_tool.papers import candidate_kernels as kernels

    counts, found = np.zeros(kernels.BINS, np.int64), np.zeros(len(values), np.uint8)
    for at in range(0, len(values), SORTED_AT_ONCE):
        kernels.count_bins(np.asarray(values[at : at + SORTED_AT_ONCE]), counts)
        release(values)
    slices = np.array(_slices(counts, min(SORTED_AT_ONCE, len(values) // jobs + 1)))
    bits = PLACE_BITS if len(values) >> PLACE_BITS == 0 else MORE_PLACE_BITS
    rows = READ_AT_ONCE if on_disk(values) else max(1, len(starts))

    def count(share: NDArray[np.int64]) -> None:
        cursors, (keys, spare) = starts.copy(), _scratch(counts, share)
        for bins in share.tolist():
            begins = _begins(counts, *bins)
            ends = begins.copy()
            for at in range(0, len(starts), rows):
                part = np.asarray(values), stops, at, min(at + rows, len(starts))
                kernels.gather(*part, *bins, bits, cursors, ends, keys)
                release(values)
            kernels.count_records(*bins, begins, ends, MOST_COMMON, bits, keys, spare, found)

    list(threads.map(count, np.array_split(slices, jobs)))
    return found


def _rarest(
    values: NDArray[np.uint32],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    frequency: NDArray[np.uint8],
    rarest: int,
    threads: ThreadPoolExecutor,
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """The rarest values of each record, ascending, [n, rarest], and how many they are, [n]."""
    from corpus_tool.papers import candidate_kernels as kernels

    found, sizes = np.empty((len(starts), rarest), np.uint32), np.empty(len(starts), np.uint8)

    def choose(first: int) -> None:
        last = min(len(starts), first + RECORDS_AT_ONCE)
        kernels.choose_rarest(np.asarray(values), starts, stops, frequency, first, last, found, sizes)
        release(values)

    list(threads.map(choose, range(0, len(starts), RECORDS_AT_ONCE)))
    return found, sizes


def _linked(
    chosen: NDArray[np.uint32], chosen_sizes: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint8]]:
    """The records of each chosen value; for each record where those of its values begin, and how many these are."""
    from corpus_tool.papers import candidate_kernels as kernels

    counts = np.zeros(kernels.BINS, np.int64)
    kernels.count_chosen(chosen, chosen_sizes, counts)
    owners, groups = np.empty(int(counts.sum()), np.uint32), np.empty_like(chosen)
    sizes, filled = np.zeros_like(chosen_sizes), np.zeros(1, np.int64)
    slices = np.array(_slices(counts, SORTED_AT_ONCE))
    keys, spare = _scratch(counts, slices)
    for first, last in slices.tolist():
        begins = _begins(counts, first, last)
        kernels.link(chosen, chosen_sizes, first, last, begins, keys, spare, owners, groups, sizes, filled)
    return owners, groups, sizes


def _scratch(
    counts: NDArray[np.int64], slices: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Arrays that can hold the values of any of some slices, and those of any bin."""
    most = max((int(counts[first:last].sum()) for first, last in slices.tolist()), default=0)
    return np.empty(most, np.uint64), np.empty(int(counts.max()), np.uint64)


def _begins(counts: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Where each of some bins begins in an array of their values."""
    found = np.zeros(len(counts), np.int64)
    found[first:last] = np.cumsum(counts[first:last]) - counts[first:last]
    return found


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
