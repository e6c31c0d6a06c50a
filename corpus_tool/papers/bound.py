"""What two papers can score at best, from a few numbers of each: most candidates need not be read again.

A pair's total of the scorecard is bounded term by term. Identifiers are compared as they are. The overlap of two
titles is bounded by bit maps of their 4-grams, without error: grams that both have set bits that both have (Bloom,
"Space/time trade-offs in hash coding with allowable errors", 1970); so are the numbers that only one of them has.
The overlap of two abstracts is estimated from their sampled shingles, and its upper limit taken (Wilson, "Probable
inference, the law of succession, and statistical inference", 1927). Of everything else the best is assumed. A pair
whose bound is under the threshold is no candidate.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus_tool.dedup.columns import on_disk, release
from corpus_tool.papers.identifiers import SERVED
from corpus_tool.papers.limits import ALIKE_TITLES, ENOUGH_SHARED, FEW_SHINGLES
from corpus_tool.papers.normalise import character_grams, title_markers, title_numbers
from corpus_tool.papers.places import DOUBTFUL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.fields import PaperFields
    from corpus_tool.papers.scorecard import Scorecard

OUTLINE = "outline"
"""Fixed column, uint64[n, 7]. The first words are a bit map of the title's 4-grams: for each the bit of its hash modulo
`BITS`. The low half of word `FACTS` is how many these are; above it stand flags and the title's markers. Word `NUMBERS`
is a bit map of the title's numbers: for each the bit of its hash and of how many equal ones stand before it, mod 64.
Word `PLACE` is the year, and above it 16 bits each of the hashes of volume and first page, 0 where it is not known."""

MAP_WORDS, WORDS = 4, 7
FACTS, NUMBERS, PLACE = 4, 5, 6
BITS, GRAMS = 64 * MAP_WORDS, (1 << 32) - 1
AUTHORS, PAGES, DOI, ARXIV = 1 << 32, 1 << 33, 1 << 34, 1 << 35
"""Flags of what is known, or may be."""
FIRST_MARKER = 36
MARKERS = 0xFFF << FIRST_MARKER

YEAR, VOLUME, PAGE = (0xFFFF << shift for shift in (0, 16, 32))
"""Where in word `PLACE` they stand."""

DEVIATIONS = 4.0
"""Standard deviations by which the overlap of two abstracts may exceed that of their samples. Simulated, pairs right at
the threshold whose other terms are all at their best are lost less than once in 10,000."""

SURE = 5.0
"""Standard deviations that a bit map of unlike titles would have to be off to be taken for one of alike titles."""

SAMPLE = 2
"""Only shingles whose hash is a multiple of this take part (Manber's sampling, "Finding similar files in a large file
system", 1994): half the memory and time, and among them the rarest lie further apart in a text."""

_SPREAD = DEVIATIONS * DEVIATIONS * (1 - 1 / SAMPLE)
"""The square of the deviations: less of what is drawn without putting it back."""
_ROUNDING = 1e-6
_READ_AT_ONCE = 1 << 9
_SIGNED = ("authors", "authors_whole", "names_shared", "authors_differ")
_NOT_LOOKED_AT = ("issue_differs", "contrast", "venue_differs", "generic_title")


def outline(title: list[str]) -> list[int]:
    """The outline of a title's words, without flags."""
    grams, words = frozenset(character_grams(title)), [0] * WORDS
    for value in grams:
        slot = value % BITS
        words[slot // 64] |= 1 << slot % 64
    words[FACTS] = len(grams) | title_markers(title) << FIRST_MARKER
    before: Counter[int] = Counter()
    for number in title_numbers(title):
        words[NUMBERS] |= 1 << (number + before[number]) % 64
        before[number] += 1
    return words


def flags(paper: PaperFields) -> int:
    """What is known of a paper."""
    return (
        AUTHORS * bool(paper.authors)
        | PAGES * bool(paper.pages)
        | DOI * bool(paper.doi)
        | ARXIV * bool(paper.arxiv)
    )


def place(year: int, volume: int, page: int) -> int:
    """Word `PLACE` of a year, and of the marks of a volume and a first page."""
    known = 0 if page & DOUBTFUL else page
    return (
        year & YEAR
        | (volume >> 32 | 1 << 16) & VOLUME * bool(volume)
        | (known >> 16 | 1 << 32) & PAGE * bool(known)
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
    pages_differ: float
    volume: float
    volume_differs: float
    year_differs: float
    years_apart: float
    doi: float
    doi_differs: float
    arxiv: float
    arxiv_differs: float
    numbers_same: float
    numbers_other: float
    numbers_differ: float
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
            weight["pages_differ"],
            best["volume_differs"],
            weight["volume_differs"],
            weight["year_differs"],
            weight["years_apart"],
            max(0.0, weight["doi"]),
            weight["doi_differs"],
            weight["arxiv"],
            weight["arxiv_differs"],
            max(0.0, weight["numbers_differ"], weight["numbers_extra"]),
            max(weight["numbers_differ"], weight["numbers_extra"]),
            weight["numbers_differ"],
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
        limits = ENOUGH_SHARED, _SPREAD, ALIKE_TITLES, SURE, FEW_SHINGLES
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
    known = outlines[left, FACTS] & outlines[right, FACTS]
    total = np.full(len(left), best.base)
    total += np.where(known & np.uint64(AUTHORS), best.authors, best.authors_unknown)
    total += _places(outlines[left, PLACE], outlines[right, PLACE], known & np.uint64(PAGES) != 0, best)
    served = (doi[left] ^ doi[right]) & np.uint64(SERVED) != 0
    for flag, key, equal, differs in (
        (DOI, doi, best.doi, np.where(served, 0.0, best.doi_differs)),
        (ARXIV, arxiv, best.arxiv, best.arxiv_differs),
    ):
        total += np.where(known & np.uint64(flag), np.where(key[left] == key[right], equal, differs), 0.0)
    titles, whole = _titles(outlines, best, left, right)
    total += titles
    besides = best.figures + best.title_whole * whole
    unknown = best.abstract_unknown + best.title_alone * whole
    smaller, both = np.minimum(sizes[left], sizes[right]), sizes[left] + sizes[right]
    judged = best.abstract * np.minimum(1.0, _highest_share(shared, both - shared) / ENOUGH_SHARED)
    judged += best.abstract_overlap * _highest_share(shared, smaller)
    judged += besides
    few = both - smaller < FEW_SHINGLES
    unjudged = np.maximum(unknown, best.abstract + best.abstract_overlap + besides)
    total += np.where(smaller > 0, np.where(few, np.maximum(judged, unknown), judged), unjudged)
    enough: NDArray[np.bool_] = total >= best.threshold
    return enough


def _places(
    one: NDArray[np.uint64], other: NDArray[np.uint64], paged: NDArray[np.bool_], best: _Best
) -> NDArray[np.float64]:
    """What the places of papers, of which some may both have pages, can add at best."""

    def known(part: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where both have a part, and where that surely differs besides."""
        mine, theirs = one & np.uint64(part), other & np.uint64(part)
        both = (mine != 0) & (theirs != 0)
        return both, both & (mine != theirs)

    (_, years), (both, volumes), (_, pages) = map(known, (YEAR, VOLUME, PAGE))
    apart = np.abs((one & np.uint64(YEAR)).astype(np.int64) - (other & np.uint64(YEAR)).astype(np.int64)) > 1
    found = np.where(years, np.where(apart, best.year_differs + best.years_apart, best.year_differs), 0.0)
    found += np.where(volumes, best.volume_differs, np.where(both, best.volume, 0.0))
    found += np.where(pages, best.pages_differ, np.where(paged, best.pages, 0.0))
    return found


def _highest_share(shared: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The upper limit of the share of which samples show so many of so many: Wilson's, for samples of finite sets."""
    half, some = _SPREAD / 2.0, np.maximum(sizes, 1)
    spread = np.sqrt(_SPREAD * shared * (1.0 - shared / some) + half * half)
    highest: NDArray[np.float64] = (shared + half + spread) / (some + _SPREAD)
    return highest


def _titles(
    outlines: NDArray[np.uint64], best: _Best, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the titles of pairs can add at best, and the most that the Jaccard index of their 4-grams can be.

    Of either set at most as many are shared as bits are, and as many more as fell on a bit already set.
    """
    grams, maps = (outlines[:, FACTS] & np.uint64(GRAMS)).astype(np.int64), outlines[:, :MAP_WORDS]
    one, other, common = grams[left], grams[right], _set_bits(maps[left] & maps[right])
    in_left, in_right = _set_bits(maps[left]), _set_bits(maps[right])
    most = common + np.minimum(one - in_left, other - in_right)
    overlap, whole = most / np.maximum(np.minimum(one, other), 1), most / np.maximum(one + other - most, 1)
    numbers, others = outlines[left, NUMBERS], outlines[right, NUMBERS]
    ours, theirs = numbers & ~others != 0, others & ~numbers != 0
    points = best.title * overlap
    alike = _surely_alike(common, in_left, in_right) | _surely_alike(common, in_right, in_left)
    least = np.where(alike, -np.inf, best.title * np.minimum(overlap, ALIKE_TITLES))
    found = np.where(
        ours | theirs, np.maximum(points + best.numbers_other, least), points + best.numbers_same
    )
    found = np.where(ours & theirs, points + best.numbers_differ, found)
    unlike = (outlines[left, FACTS] ^ outlines[right, FACTS]) & np.uint64(MARKERS) != 0
    found += np.where(unlike, best.markers_other, 0.0)
    titled = (one > 0) & (other > 0)
    return np.where(titled, found, best.title_unknown), np.where(titled, whole, 0.0)


def _surely_alike(
    common: NDArray[np.int64], bits: NDArray[np.int64], others: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether so few bits of a title's map are not in another's that they overlap by `ALIKE_TITLES` beyond doubt.

    Were they to overlap by just that, the 4-grams that only one has would set more of them: each falls on a bit that
    the other has not with the probability `free`, or on one that another of them has set.
    """
    unshared, free = (1.0 - ALIKE_TITLES) * bits, 1.0 - others / BITS
    expected = unshared * free * (1.0 - unshared / (2.0 * BITS))
    missed = expected - (bits - common)
    sure: NDArray[np.bool_] = (missed > 0) & (missed**2 > SURE * SURE * (unshared * free * (1.0 - free)))
    return sure


def _set_bits(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    octets = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), 8 * words.shape[1])
    found: NDArray[np.int64] = np.unpackbits(octets, axis=1).sum(axis=1, dtype=np.int64)
    return found
