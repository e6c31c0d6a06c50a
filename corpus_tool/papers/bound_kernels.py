"""The compiled twin of `bound._possible`: it stops at the first part that settles a pair.

Limits come as arguments: they are those of `bound`, and no constant of compiled code.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from corpus_tool.kernel.bytes import ones, prefetch
from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.sorting import shared

MAP_WORDS, FACTS, NUMBERS, PLACE = 4, 4, 5, 6
"""How many words of an outline are a map, and what the others are."""
_BITS = 64.0 * MAP_WORDS
_SERVED = np.uint64(1)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_AUTHORS, _PAGES, _DOI, _ARXIV = (np.uint64(1 << bit) for bit in range(32, 36))
_MARKERS = np.uint64(0xFFF << 36)
_YEAR, _VOLUME, _PAGE = (np.uint64(0xFFFF << shift) for shift in (0, 16, 32))
_AHEAD = 8
"""Pairs before whose turn their outlines are asked for."""

BEST = (
    "threshold",
    "base",
    "title",
    "title_unknown",
    "abstract",
    "abstract_overlap",
    "figures",
    "abstract_unknown",
    "title_alone",
    "authors",
    "authors_unknown",
    "pages",
    "pages_differ",
    "volume",
    "volume_differs",
    "year_differs",
    "years_apart",
    "doi",
    "doi_differs",
    "arxiv",
    "arxiv_differs",
    "numbers_same",
    "numbers_other",
    "numbers_differ",
    "markers_other",
    "title_whole",
)
"""What the weights are, in the order in which they come."""
(
    _THRESHOLD,
    _BASE,
    _TITLE,
    _TITLE_UNKNOWN,
    _ABSTRACT,
    _ABSTRACT_OVERLAP,
    _FIGURES,
    _ABSTRACT_UNKNOWN,
    _TITLE_ALONE,
    _BOTH_SIGNED,
    _AUTHORS_UNKNOWN,
    _BOTH_PAGED,
    _PAGES_DIFFER,
    _VOLUME_KNOWN,
    _VOLUME_DIFFERS,
    _YEAR_DIFFERS,
    _YEARS_APART,
    _DOI_EQUAL,
    _DOI_DIFFERS,
    _ARXIV_EQUAL,
    _ARXIV_DIFFERS,
    _NUMBERS_SAME,
    _NUMBERS_OTHER,
    _NUMBERS_DIFFER,
    _MARKERS_OTHER,
    _TITLE_WHOLE,
) = range(26)


@inlined
def _surely_alike(common, bits, others, alike, sure):
    """Whether so few bits of a map are not in another that their titles are alike beyond doubt."""
    unshared, free = (1.0 - alike) * bits, 1.0 - others / _BITS
    expected = unshared * free * (1.0 - unshared / (2.0 * _BITS))
    missed = expected - (bits - common)
    return missed > 0.0 and missed * missed > sure * sure * (unshared * free * (1.0 - free))


@inlined
def _title_points(points, overlap, common, in_left, in_right, numbers, others, alike, sure, best):
    """What the overlap of two titles and their numbers can add at best."""
    ours, theirs = numbers & ~others != 0, others & ~numbers != 0
    if ours and theirs:
        return points + best[_NUMBERS_DIFFER]
    if not (ours or theirs):
        return points + best[_NUMBERS_SAME]
    points += best[_NUMBERS_OTHER]
    least = best[_TITLE] * min(overlap, alike)
    if points >= least or _surely_alike(common, in_left, in_right, alike, sure):
        return points
    return points if _surely_alike(common, in_right, in_left, alike, sure) else least


@inlined
def _titles(outlines, left, right, alike, sure, best):
    """What two titles can add at best, and the most that the Jaccard index of their 4-grams can be."""
    facts, others = outlines[left, FACTS], outlines[right, FACTS]
    one, other = np.int64(facts & _LOW_HALF), np.int64(others & _LOW_HALF)
    if one == 0 or other == 0:
        return best[_TITLE_UNKNOWN], 0.0
    common, in_left, in_right = np.int64(0), np.int64(0), np.int64(0)
    for word in range(MAP_WORDS):
        common += ones(outlines[left, word] & outlines[right, word])
        in_left += ones(outlines[left, word])
        in_right += ones(outlines[right, word])
    most = common + min(one - in_left, other - in_right)
    overlap, whole = most / min(one, other), most / (one + other - most)
    found = _title_points(
        best[_TITLE] * overlap, overlap, common, in_left, in_right,
        outlines[left, NUMBERS], outlines[right, NUMBERS], alike, sure, best,
    )  # fmt: skip
    return found + (best[_MARKERS_OTHER] if (facts ^ others) & _MARKERS else 0.0), whole


@inlined
def _places(one, other, paged, best):
    """What the places of two papers can add at best."""
    found, year, other_year = 0.0, np.int64(one & _YEAR), np.int64(other & _YEAR)
    if year and other_year and year != other_year:
        found += best[_YEAR_DIFFERS]
        if abs(year - other_year) > 1:
            found += best[_YEARS_APART]
    if one & _VOLUME and other & _VOLUME:
        found += best[_VOLUME_DIFFERS] if (one ^ other) & _VOLUME else best[_VOLUME_KNOWN]
    if one & _PAGE and other & _PAGE and (one ^ other) & _PAGE:
        return found + best[_PAGES_DIFFER]
    return found + (best[_BOTH_PAGED] if paged else 0.0)


@inlined
def _beside_texts(known, one, other, doi, arxiv, left, right, best):
    """What all else that two papers say can add at best."""
    total = best[_BASE]
    total += best[_BOTH_SIGNED] if known & _AUTHORS else best[_AUTHORS_UNKNOWN]
    total += _places(one, other, known & _PAGES != 0, best)
    if known & _DOI:
        if doi[left] == doi[right]:
            total += best[_DOI_EQUAL]
        elif not (doi[left] ^ doi[right]) & _SERVED:
            total += best[_DOI_DIFFERS]
    if known & _ARXIV:
        total += best[_ARXIV_EQUAL] if arxiv[left] == arxiv[right] else best[_ARXIV_DIFFERS]
    return total


@inlined
def _highest_share(common, size, spread):
    """The upper limit of the share of which samples show so many of so many.

    `abs` changes nothing: it shows the compiler that no root of a negative number needs a library.
    """
    half = spread / 2.0
    deviation = sqrt(abs(spread * common * (1.0 - common / size) + half * half))
    return (common + half + deviation) / (size + spread)


@inlined
def _abstracts(values, offsets, left, right, enough_shared, spread, best):
    """What two abstracts can add at best by what their samples share."""
    size, other = offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right]
    common = shared(values, offsets, left, right)
    judged = best[_ABSTRACT] * min(
        1.0, _highest_share(common, max(size + other - common, 1), spread) / enough_shared
    )
    return judged + best[_ABSTRACT_OVERLAP] * _highest_share(common, min(size, other), spread)


@kernel(
    *(read(np.uint32), read(np.int64), read(np.uint64, 2), read(np.uint64), read(np.uint64)),
    *(read(np.float64), read(np.int64), read(np.int64)),
    *(np.float64, np.float64, np.float64, np.float64, np.int64),
    write(np.bool_),
)
def possible(
    values, offsets, outlines, doi, arxiv, best, lefts, rights, enough_shared, spread, alike, sure, few, found
):
    """Fill which pairs may reach the threshold."""
    threshold, texts = best[_THRESHOLD], best[_ABSTRACT] + best[_ABSTRACT_OVERLAP]
    for pair in range(lefts.size):
        if pair + _AHEAD < lefts.size:
            prefetch(outlines, lefts[pair + _AHEAD])
            prefetch(outlines, rights[pair + _AHEAD])
        left, right = lefts[pair], rights[pair]
        known = outlines[left, FACTS] & outlines[right, FACTS]
        titles, whole = _titles(outlines, left, right, alike, sure, best)
        places = outlines[left, PLACE], outlines[right, PLACE]
        total = _beside_texts(known, places[0], places[1], doi, arxiv, left, right, best) + titles
        unknown = best[_ABSTRACT_UNKNOWN] + best[_TITLE_ALONE] * whole
        besides = best[_FIGURES] + best[_TITLE_WHOLE] * whole
        if total + max(unknown, texts + besides) < threshold:
            found[pair] = False
            continue
        size, other = offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right]
        if min(size, other) == 0 or (max(size, other) < few and total + unknown >= threshold):
            found[pair] = True
        elif total + (texts + besides) < threshold:
            found[pair] = False
        else:
            judged = _abstracts(values, offsets, left, right, enough_shared, spread, best)
            found[pair] = total + (judged + besides) >= threshold
