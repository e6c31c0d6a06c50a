"""Values of the scorecard for many pairs: the compiled twin of `corpus_tool.papers.reference.values`.

Sets are sorted arrays, so that what two share is found by merging them. Limits come as arguments: they are those of
the reference, and no constant of compiled code.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.sorting import shared

_DOUBTFUL, _SERVED, _VERSIONS = np.uint64(1), np.uint64(1), np.uint64(0xFE)
_OF_A_BODY, _NEGATED, _EVEN = 1, 1 << 62, 0x1555555555555555
"""Bits of hashes of pages and DOIs, of kinds of lists of authors, and of contrasts."""

TITLE_LENGTH, MARKERS, YEAR, NAME_KIND, CONTRASTS = range(5)
"""Columns of a table's counts."""
VOLUME, ISSUE, FIRST_PAGE, LAST_PAGE, DOI, ARXIV, TEXT = range(7)
"""Columns of a table's hashes."""

VALUES = (
    "base",
    "title",
    "title_whole",
    "title_unknown",
    "abstract",
    "abstract_overlap",
    "figures_differ",
    "abstract_unknown",
    "title_alone",
    "authors",
    "authors_whole",
    "names_shared",
    "authors_differ",
    "authors_unknown",
    "pages",
    "pages_differ",
    "volume_differs",
    "issue_differs",
    "doi",
    "doi_differs",
    "arxiv",
    "arxiv_differs",
    "year_differs",
    "years_apart",
    "venue_differs",
    "numbers_differ",
    "numbers_extra",
    "markers_differ",
    "contrast",
    "generic_title",
)
"""The terms in the order in which the kernel fills them."""

(
    _BASE,
    _TITLE,
    _TITLE_WHOLE,
    _TITLE_UNKNOWN,
    _ABSTRACT,
    _ABSTRACT_OVERLAP,
    _FIGURES_DIFFER,
    _ABSTRACT_UNKNOWN,
    _TITLE_ALONE,
    _AUTHORS,
    _AUTHORS_WHOLE,
    _NAMES_SHARED,
    _AUTHORS_DIFFER,
    _AUTHORS_UNKNOWN,
    _PAGES,
    _PAGES_DIFFER,
    _VOLUME_DIFFERS,
    _ISSUE_DIFFERS,
    _DOI,
    _DOI_DIFFERS,
    _ARXIV,
    _ARXIV_DIFFERS,
    _YEAR_DIFFERS,
    _YEARS_APART,
    _VENUE_DIFFERS,
    _NUMBERS_DIFFER,
    _NUMBERS_EXTRA,
    _MARKERS_DIFFER,
    _CONTRAST,
    _GENERIC_TITLE,
) = range(len(VALUES))

(
    ENOUGH_SHARED,
    NO_COMMON_NAME,
    SAME_AUTHORS,
    SEVERAL_NAMES,
    GENERIC_TITLE_WORDS,
    LEAST_FIGURES,
    ENOUGH_FIGURES,
    UNTITLED_SHINGLES,
    ENOUGH_NAMES,
    ALIKE_TITLES,
    WORD_FOR_WORD,
    SAME_TITLE,
    ALIKE_WORDS,
    SHORT_TITLE_WORDS,
    FEW_SHINGLES,
    OTHER_TITLE,
) = range(16)
"""Places of the limits, which are those of `corpus_tool.papers.limits`."""


@inlined
def _size(offsets, record):
    return offsets[record + 1] - offsets[record]


@inlined
def _jaccard(shared, left, right):
    return shared / (left + right - shared) if shared else 0.0


@inlined
def _overlap(shared, left, right):
    return shared / min(left, right) if shared else 0.0


@inlined
def _meet(values, offsets, i, others, other_offsets, j):
    """Whether a set of one record meets another kind of set of another record."""
    left, left_end = offsets[i], offsets[i + 1]
    right, right_end = other_offsets[j], other_offsets[j + 1]
    while left < left_end and right < right_end:
        a, b = values[left], others[right]
        if a == b:
            return True
        left += a < b
        right += b < a
    return False


@inlined
def _lacking(values, offsets, i, j):
    """How many of two sorted multisets hold something that the other lacks: 0, 1 or 2."""
    left, left_end = offsets[i], offsets[i + 1]
    right, right_end = offsets[j], offsets[j + 1]
    more_left, more_right = False, False
    while left < left_end and right < right_end:
        a, b = values[left], values[right]
        more_left |= a < b
        more_right |= b < a
        left += a <= b
        right += b <= a
    return np.int64(more_left or left < left_end) + np.int64(more_right or right < right_end)


@inlined
def _differ(a, b):
    return 1.0 if a != b and a != 0 and b != 0 else 0.0


@inlined
def _agree(a, b):
    return 1.0 if a == b and a != 0 else 0.0


@inlined
def _pages_agree(a, b):
    return 1.0 if a | _DOUBTFUL == b | _DOUBTFUL and a != 0 and b != 0 else 0.0


@inlined
def _text_values(
    abstract, abstracts, figure, figures, gram, grams, number, numbers, counts, limits, i, j, out
):
    left, right = _size(grams, i), _size(grams, j)
    common = shared(gram, grams, i, j) if left and right else 0
    if left and right:
        out[_TITLE] = _overlap(common, left, right)
        lacking = _lacking(number, numbers, i, j)
        out[_NUMBERS_DIFFER] = lacking == 2
        out[_NUMBERS_EXTRA] = lacking == 1 and out[_TITLE] >= limits[ALIKE_TITLES]
        out[_MARKERS_DIFFER] = counts[i, MARKERS] != counts[j, MARKERS]
    else:
        out[_TITLE_UNKNOWN] = 1.0
    titles = _jaccard(common, left, right)
    first, second = _size(abstracts, i), _size(abstracts, j)
    few = max(first, second) < limits[FEW_SHINGLES] and left and right and titles < limits[OTHER_TITLE]
    if first and second and not few:
        both = shared(abstract, abstracts, i, j)
        out[_TITLE_WHOLE] = titles
        out[_ABSTRACT] = min(1.0, _jaccard(both, first, second) / limits[ENOUGH_SHARED])
        out[_ABSTRACT_OVERLAP] = _overlap(both, first, second)
        fewer = min(_size(figures, i), _size(figures, j))
        share = (fewer - shared(figure, figures, i, j)) / max(fewer, limits[LEAST_FIGURES])
        out[_FIGURES_DIFFER] = min(1.0, share / limits[ENOUGH_FIGURES])
    else:
        out[_ABSTRACT_UNKNOWN] = 1.0
        out[_TITLE_ALONE] = titles


@inlined
def _metadata_values(counts, hashes, i, j, out):
    a, b = hashes[i], hashes[j]
    out[_PAGES] = _pages_agree(a[FIRST_PAGE], b[FIRST_PAGE]) * (
        a[LAST_PAGE] | _DOUBTFUL == b[LAST_PAGE] | _DOUBTFUL
    )
    if not (a[FIRST_PAGE] | b[FIRST_PAGE]) & _DOUBTFUL:
        out[_PAGES_DIFFER] = _differ(a[FIRST_PAGE], b[FIRST_PAGE])
    out[_VOLUME_DIFFERS] = _differ(a[VOLUME], b[VOLUME])
    out[_ISSUE_DIFFERS] = _differ(a[ISSUE], b[ISSUE]) * _agree(a[VOLUME], b[VOLUME])
    out[_DOI] = _agree(a[DOI], b[DOI])
    if not (a[DOI] ^ b[DOI]) & _SERVED and a[DOI] | _VERSIONS != b[DOI] | _VERSIONS:
        out[_DOI_DIFFERS] = _differ(a[DOI], b[DOI])
    out[_ARXIV] = _agree(a[ARXIV], b[ARXIV])
    out[_ARXIV_DIFFERS] = _differ(a[ARXIV], b[ARXIV])
    year, other = counts[i, YEAR], counts[j, YEAR]
    out[_YEAR_DIFFERS] = _differ(year, other)
    out[_YEARS_APART] = _differ(year, other) * (abs(year - other) > 1)


@inlined
def _one_place(counts, hashes, i, j):
    """Whether two papers stand on one page of one volume."""
    a, b = hashes[i], hashes[j]
    placed = _agree(counts[i, YEAR], counts[j, YEAR]) * _agree(a[VOLUME], b[VOLUME])
    return placed * _pages_agree(a[FIRST_PAGE], b[FIRST_PAGE]) != 0.0


@inlined
def _author_values(common, left, right, counts, hashes, limits, i, j, word_for_word, out):
    """What two lists of names say of which `common` are in both."""
    alike = _overlap(common, left, right)
    unlike = alike < limits[NO_COMMON_NAME]
    kind, other = counts[i, NAME_KIND], counts[j, NAME_KIND]
    incomparable = (kind ^ other) & _OF_A_BODY != 0 or kind & other & ~_OF_A_BODY == 0
    unknown = left == 0 or right == 0 or (unlike and incomparable)
    if unknown or (alike < limits[SAME_AUTHORS] and word_for_word):
        out[_AUTHORS_UNKNOWN] = 1.0
        return
    out[_AUTHORS] = alike
    out[_AUTHORS_WHOLE] = _jaccard(common, left, right)
    out[_NAMES_SHARED] = min(1.0, common / limits[ENOUGH_NAMES])
    if unlike:
        here = out[_TITLE] >= limits[SAME_TITLE] and _one_place(counts, hashes, i, j)
        out[_AUTHORS_DIFFER] = not here


@inlined
def _opposed(left, right):
    """Whether one short text negates what the other does not, or turns it into its opposite."""
    ours, theirs = left & ~right, right & ~left
    if (ours | theirs) & _NEGATED:
        return True
    return (ours & theirs >> 1 | theirs & ours >> 1) & _EVEN != 0


@inlined
def _contrast(counts, digit, digits, word, words, limits, i, j):
    """Whether two short texts, otherwise alike, say the opposite or give other numbers."""
    left, right = _size(words, i), _size(words, j)
    if left == 0 or right == 0:
        return False
    if _jaccard(shared(word, words, i, j), left, right) < limits[ALIKE_WORDS]:
        return False
    return _lacking(digit, digits, i, j) == 2 or _opposed(counts[i, CONTRASTS], counts[j, CONTRASTS])


@inlined
def _agreed(counts, hashes, limits, i, j, names, venues, marked, out):
    """Whether all else is known and equal enough to trust a title that says little."""
    a, b = hashes[i], hashes[j]
    placed = out[_PAGES] == 1.0 or (_agree(a[VOLUME], b[VOLUME]) == 1.0 and not out[_PAGES_DIFFER])
    if out[_AUTHORS] < limits[SAME_AUTHORS] or not (names >= limits[SEVERAL_NAMES] or placed):
        return False
    if _agree(counts[i, YEAR], counts[j, YEAR]) == 0.0 or not venues:
        return False
    return placed or not marked


@kernel(
    *(read(np.uint32), read(np.int64)) * 9,
    *(read(np.int64, 2), read(np.uint64, 2), read(np.float64), read(np.int64), read(np.int64)),
    write(np.float64, 2),
)
def pair_values(
    abstract, abstracts, figure, figures, gram, grams, number, numbers, name, names, venue, venues, short, shorts,
    digit, digits, word, words, counts, hashes, limits, left, right, values,
):  # fmt: skip
    """Fill the value of every term for pairs of records; of each set come its values and its offsets."""
    for pair in range(left.size):
        i, j, out = left[pair], right[pair], values[pair]
        out[:] = 0.0
        out[_BASE] = 1.0
        _text_values(
            abstract, abstracts, figure, figures, gram, grams, number, numbers, counts, limits, i, j, out
        )
        _metadata_values(counts, hashes, i, j, out)
        shared_names = shared(name, names, i, j)
        in_both = min(_size(abstracts, i), _size(abstracts, j))
        long = in_both >= limits[WORD_FOR_WORD] and counts[i, MARKERS] == 0
        equal = hashes[i, TEXT] == hashes[j, TEXT] and in_both > 0 and _size(grams, i) > 0
        _author_values(
            shared_names, _size(names, i), _size(names, j), counts, hashes, limits, i, j,
            equal and (long or out[_DOI] != 0.0 or out[_ARXIV] != 0.0), out,
        )  # fmt: skip
        out[_CONTRAST] = _contrast(counts, digit, digits, word, words, limits, i, j)
        same_venue = False
        if _size(venues, i) and _size(venues, j):
            same_venue = _meet(venue, venues, i, short, shorts, j) or _meet(
                venue, venues, j, short, shorts, i
            )
            out[_VENUE_DIFFERS] = not same_venue
        length = min(counts[i, TITLE_LENGTH], counts[j, TITLE_LENGTH])
        marked = counts[i, MARKERS] | counts[j, MARKERS] != 0 or length == 0
        unsigned = marked and out[_AUTHORS] < limits[SAME_AUTHORS] and out[_PAGES] == 0.0
        least = 1.0 if length and not unsigned else limits[UNTITLED_SHINGLES]
        if min(_size(abstracts, i), _size(abstracts, j)) >= least:
            continue
        apart = out[_VOLUME_DIFFERS] + out[_ISSUE_DIFFERS] + out[_PAGES_DIFFER] + out[_DOI_DIFFERS] != 0.0
        most = limits[SHORT_TITLE_WORDS] if apart else limits[GENERIC_TITLE_WORDS]
        if (marked or length <= most) and not (out[_DOI] or out[_ARXIV]):
            out[_GENERIC_TITLE] = apart or not _agreed(
                counts, hashes, limits, i, j, shared_names, same_venue, marked, out
            )
