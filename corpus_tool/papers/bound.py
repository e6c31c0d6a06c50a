"""What two papers can score at best, from a few numbers of each: most candidates need not be read again.

A pair's total of the scorecard is bounded term by term. Identifiers are compared as they are. The overlap of two
titles is bounded by bit maps of their 4-grams, without error: grams that both have set bits that both have (Bloom,
"Space/time trade-offs in hash coding with allowable errors", 1970). That of two abstracts is estimated from their
sampled shingles and taken `DEVIATIONS` standard deviations higher. Of everything else the best is assumed. A pair
whose bound is under the threshold is no candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus_tool.dedup.columns import on_disk, release
from corpus_tool.papers.identifiers import SERVED
from corpus_tool.papers.limits import ALIKE_TITLES, ENOUGH_SHARED, FEW_SHINGLES
from corpus_tool.papers.normalise import character_grams, title_markers, title_numbers
from corpus_tool.text import absorb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.fields import PaperFields
    from corpus_tool.papers.scorecard import Scorecard

OUTLINE = "outline"
"""Fixed column, uint64[n, 3]. The first two words are a bit map of the title's 4-grams: for each the bit of its hash
modulo `BITS`. The low half of the third is how many these are, repeats included; above it stand flags, the title's
markers, and in the highest quarter a hash of its numbers."""

BITS, GRAMS = 128, (1 << 32) - 1
AUTHORS, PAGES, DOI, ARXIV = 1 << 32, 1 << 33, 1 << 34, 1 << 35
"""Flags of what is known, or may be."""
FIRST_MARKER, FIRST_OF_NUMBERS = 36, 48
MARKERS, NUMBERS = 0xFFF << FIRST_MARKER, 0xFFFF << FIRST_OF_NUMBERS

DEVIATIONS = 3.0
"""Standard deviations by which what two abstracts share may exceed what their samples show. Simulated, pairs right at
the threshold whose other terms are all at their best are lost less than once in 10,000."""

_HALF_SPREAD = DEVIATIONS / 2**0.5
_ROUNDING = 1e-6
_READ_AT_ONCE = 1 << 9
_SIGNED = ("authors", "authors_whole", "names_shared", "authors_differ")
_NOT_LOOKED_AT = (
    "volume_differs",
    "issue_differs",
    "contrast",
    "year_differs",
    "years_apart",
    "venue_differs",
    "generic_title",
)


def outline(title: list[str]) -> list[int]:
    """The outline of a title's words, without flags."""
    grams, state = character_grams(title), 0
    for number in title_numbers(title):
        state = absorb(state, number)
    words = [0, 0, len(grams) | title_markers(title) << FIRST_MARKER | state & NUMBERS]
    for value in grams:
        slot = value % BITS
        words[slot // 64] |= 1 << slot % 64
    return words


def flags(paper: PaperFields) -> int:
    """What is known of a paper."""
    return (
        AUTHORS * bool(paper.authors)
        | PAGES * bool(paper.pages)
        | DOI * bool(paper.doi)
        | ARXIV * bool(paper.arxiv)
    )


class _Best(NamedTuple):
    """The threshold, and what each part of a pair can add at best, in the order in which the kernel unpacks it."""

    threshold: float
    base: float
    title: float
    title_unknown: float
    abstract: float
    abstract_overlap: float
    figures: float
    abstract_unknown: float
    title_alone: float
    authors: float
    authors_unknown: float
    pages: float
    doi: float
    doi_differs: float
    arxiv: float
    arxiv_differs: float
    numbers_same: float
    numbers_other: float
    markers_other: float
    title_whole: float

    @classmethod
    def of(cls, policy: Scorecard) -> _Best:
        """The best of a policy's weights, whatever their signs."""
        weight = policy.by_name()
        best = {name: max(0.0, value) for name, value in weight.items()}
        return cls(
            policy.threshold - _ROUNDING,
            weight["base"] + sum(best[name] for name in _NOT_LOOKED_AT),
            best["title"],
            weight["title_unknown"],
            best["abstract"],
            best["abstract_overlap"],
            best["figures_differ"],
            weight["abstract_unknown"],
            best["title_alone"],
            max(weight["authors_unknown"], sum(best[name] for name in _SIGNED)),
            weight["authors_unknown"],
            best["pages"] + best["pages_differ"],
            max(0.0, weight["doi"]),
            weight["doi_differs"],
            weight["arxiv"],
            weight["arxiv_differs"],
            max(0.0, weight["numbers_differ"], weight["numbers_extra"]),
            max(weight["numbers_differ"], weight["numbers_extra"]),
            weight["markers_differ"],
            best["title_whole"],
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """Which pairs of some rows may reach a policy's threshold.

    Attributes:
        columns: `OUTLINE`, the shingles and the keys of DOI and arXiv id, of all records.
        rows: int64[r], the records; pairs are places in them.
        policy: Weights and threshold.
        compiled: Whether to run the kernel; the answers are the same.
    """

    columns: Columns
    rows: NDArray[np.int64]
    policy: Scorecard
    compiled: bool

    def possible(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs of places may be duplicates, bool[m]."""
        pairs, best = (self.rows[left], self.rows[right]), _Best.of(self.policy)
        values, offsets = self.columns["shingles"], self.columns["shingles_offsets"]
        outlines, doi, arxiv = (self.columns[name] for name in (OUTLINE, "doi_key", "arxiv_key"))
        if not self.compiled:
            return _possible(
                _shared(values, offsets, *pairs), np.diff(offsets), outlines, doi, arxiv, best, *pairs
            )
        from corpus_tool.papers import bound_kernels as kernels

        found = np.empty(len(left), np.bool_)
        known = map(np.ascontiguousarray, (values, offsets, outlines, doi, arxiv, np.array(best)))
        limits = ENOUGH_SHARED, _HALF_SPREAD, ALIKE_TITLES, FEW_SHINGLES
        arrays, step = list(known), _READ_AT_ONCE if on_disk(values) else max(1, len(left))
        for at in range(0, len(left), step):
            some = [array[at : at + step] for array in (*pairs, found)]
            kernels.possible(*arrays, *some[:2], *limits, some[2])
            release(values)
            release(outlines)
        return found


def _shared(
    values: NDArray[np.uint32], offsets: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many values the records of each pair share."""
    found = np.zeros(len(left), np.int64)
    for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        one, other = values[offsets[i] : offsets[i + 1]], values[offsets[j] : offsets[j + 1]]
        found[at] = len(np.intersect1d(one, other, assume_unique=True))
    return found


def _possible(
    shared: NDArray[np.int64],
    sizes: NDArray[np.int64],
    outlines: NDArray[np.uint64],
    doi: NDArray[np.uint64],
    arxiv: NDArray[np.uint64],
    best: _Best,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> NDArray[np.bool_]:
    known = outlines[left, 2] & outlines[right, 2]
    total = np.full(len(left), best.base)
    total += np.where(known & np.uint64(AUTHORS), best.authors, best.authors_unknown)
    total += np.where(known & np.uint64(PAGES), best.pages, 0.0)
    served = (doi[left] ^ doi[right]) & np.uint64(SERVED) != 0
    for flag, key, equal, differs in (
        (DOI, doi, best.doi, np.where(served, 0.0, best.doi_differs)),
        (ARXIV, arxiv, best.arxiv, best.arxiv_differs),
    ):
        total += np.where(known & np.uint64(flag), np.where(key[left] == key[right], equal, differs), 0.0)
    titled, overlap, whole = _title_overlap(outlines, left, right)
    other = outlines[left, 2] ^ outlines[right, 2]
    alike = best.title * overlap
    unlike = np.maximum(alike + best.numbers_other, best.title * np.minimum(overlap, ALIKE_TITLES))
    alike = np.where(other & np.uint64(NUMBERS), unlike, alike + best.numbers_same)
    total += np.where(titled, alike, best.title_unknown)
    total += np.where(titled & (other & np.uint64(MARKERS) != 0), best.markers_other, 0.0)
    smaller, both = np.minimum(sizes[left], sizes[right]), sizes[left] + sizes[right]
    root = (_HALF_SPREAD + np.sqrt(_HALF_SPREAD * _HALF_SPREAD + 4.0 * shared)) / 2.0
    most = np.minimum(root * root, smaller)
    index = most / np.maximum(both - most, 1.0)
    judged = best.abstract * np.minimum(1.0, index / ENOUGH_SHARED)
    judged += best.abstract_overlap * (most / np.maximum(smaller, 1))
    besides = best.figures + best.title_whole * whole
    unknown = best.abstract_unknown + best.title_alone * whole
    unjudged = np.maximum(unknown, best.abstract + best.abstract_overlap + besides)
    judged += besides
    few = both - smaller < FEW_SHINGLES
    total += np.where(smaller > 0, np.where(few, np.maximum(judged, unknown), judged), unjudged)
    enough: NDArray[np.bool_] = total >= best.threshold
    return enough


def _title_overlap(
    outlines: NDArray[np.uint64], left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Which pairs have two titles; the most that their sets of 4-grams can overlap, and their Jaccard index can be.

    Of either set at most as many are shared as bits are, and as many more as fell on a bit already set.
    """
    grams, maps = (outlines[:, 2] & np.uint64(GRAMS)).astype(np.int64), outlines[:, :2]
    one, other = grams[left], grams[right]
    fallen = np.minimum(one - _set_bits(maps[left]), other - _set_bits(maps[right]))
    most = _set_bits(maps[left] & maps[right]) + fallen
    titled: NDArray[np.bool_] = (one > 0) & (other > 0)
    overlap, whole = most / np.maximum(np.minimum(one, other), 1), most / np.maximum(one + other - most, 1)
    return titled, np.where(titled, overlap, 0.0), np.where(titled, whole, 0.0)


def _set_bits(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), 8 * words.shape[1])
    found: NDArray[np.int64] = np.unpackbits(octets, axis=1).sum(axis=1, dtype=np.int64)
    return found
