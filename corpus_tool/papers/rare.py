"""Pairs of records that share enough of their rarest values, in four steps: count, choose, link, pair.

    values a record ──count──> in how many records each stands ──choose──> the rarest of each record
        ──link──> who else chose each ──pair──> records that share enough of them

One machine runs the steps by sorting, slice by slice of the range of values; where values are grouped by another
means, each step works on a group alone. The reference does all four at once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.columns import on_disk, release

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MOST_COMMON = 50
"""A shingle or title pair in more records than this is not used."""

SORTED_AT_ONCE = 1 << 23
PLACE_BITS, MORE_PLACE_BITS = 32, 40
"""Bits of 64 that a value's place takes: more of more than 2^32 values."""
RECORDS_AT_ONCE, READ_AT_ONCE = 1 << 11, 1 << 15


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
    starts, lengths = runs(values[order])
    frequency = np.repeat(lengths, lengths)
    useful = (frequency >= 2) & (frequency <= MOST_COMMON)
    order, frequency = order[useful], frequency[useful]
    chosen = np.lexsort((values[order], frequency, owner[order]))
    starts, lengths = runs(owner[order][chosen])
    rank = np.arange(len(chosen)) - np.repeat(starts, lengths)
    kept = np.sort(chosen[rank < rarest])
    token, record = values[order[kept]], owner[order[kept]]
    starts, lengths = runs(token)
    end = np.repeat(starts + lengths, lengths)
    place = np.arange(len(token))
    found = []
    for step in range(1, int(lengths.max(initial=1))):
        left = np.flatnonzero(place + step < end)
        found.append(code(record[left], record[left + step], size))
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
    ends = starts, stops
    with ThreadPoolExecutor(jobs) as threads:
        frequency = count(values, *ends, threads, jobs)
        chosen, sizes = choose(values, *ends, frequency, rarest, threads)
        del frequency
        owners, groups, sizes = link(chosen, sizes)
        del chosen

        def some(first: int) -> NDArray[np.int64]:
            return wanted(pair(owners, groups, sizes, first, shared)).copy()

        return list(threads.map(some, range(0, len(starts), RECORDS_AT_ONCE)))


def count(
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

    def count_share(share: NDArray[np.int64]) -> None:
        cursors, (keys, spare) = starts.copy(), _scratch(counts, share)
        for bins in share.tolist():
            begins = _begins(counts, *bins)
            ends = begins.copy()
            for at in range(0, len(starts), rows):
                part = np.asarray(values), stops, at, min(at + rows, len(starts))
                kernels.gather(*part, *bins, bits, cursors, ends, keys)
                release(values)
            kernels.count_records(*bins, begins, ends, MOST_COMMON, bits, keys, spare, found)

    list(threads.map(count_share, np.array_split(slices, jobs)))
    return found


def choose(
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

    def choose_some(first: int) -> None:
        last = min(len(starts), first + RECORDS_AT_ONCE)
        kernels.choose_rarest(np.asarray(values), starts, stops, frequency, first, last, found, sizes)
        release(values)

    list(threads.map(choose_some, range(0, len(starts), RECORDS_AT_ONCE)))
    return found, sizes


def link(
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


def pair(
    owners: NDArray[np.uint32],
    groups: NDArray[np.uint32],
    sizes: NDArray[np.uint8],
    first: int,
    shared: int,
) -> NDArray[np.int64]:
    """Codes of the pairs (j < i, i) that share enough chosen values, for `RECORDS_AT_ONCE` records i from the first on.

    Args:
        owners: As `link` gives them.
        groups: The same.
        sizes: The same.
        first: A record.
        shared: How many values a pair must share.
    """
    from corpus_tool.papers import candidate_kernels as kernels

    codes = np.empty(RECORDS_AT_ONCE * groups.shape[1] * MOST_COMMON, np.int64)
    total, last = np.zeros(1, np.int64), min(len(groups), first + RECORDS_AT_ONCE)
    kernels.shared_pairs(owners, groups, sizes, first, last, shared, codes, total)
    return codes[: total[0]]


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


def runs(ordered: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and length of each run of equal values."""
    if not len(ordered):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return starts, np.diff(np.append(starts, len(ordered)))


def code(left: NDArray[np.int64], right: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Each pair as one number, the smaller record first."""
    return np.minimum(left, right) * size + np.maximum(left, right)
