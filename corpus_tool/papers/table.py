"""Many papers as compact arrays, and the scores of many pairs of them.

    PaperFields ──prepare──> PaperTable ──score_pairs──> one number a pair

Both steps have a reference (`corpus_tool.papers.reference`, one record and one pair at a time) and compiled kernels
with the same bits. A table takes some 1.5 KB a paper with an abstract: of millions, prepare only those in pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.papers import identifiers, names, normalise, places
from corpus_tool.papers.contrasts import SHORT_TEXT, contrast_table
from corpus_tool.papers.layout import PaperTexts, beyond_ascii, joined, lay_papers, text_at
from corpus_tool.papers.limits import LIMITS
from corpus_tool.papers.places import published
from corpus_tool.papers.reference import Profile, profile, values
from corpus_tool.papers.scorecard import DEFAULT, NAMES, TERMS, Scorecard
from corpus_tool.text import hash_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.papers.fields import PaperFields
    from corpus_tool.papers.layout import Texts

    Ragged = tuple[NDArray[np.uint32], NDArray[np.int64]]

SETS = (
    "abstract",
    "figures",
    "grams",
    "numbers",
    "names",
    "venue",
    "venue_short",
    "short_numbers",
    "short_words",
)
"""The sets of a `Profile`, in the order in which a table and the kernel hold them."""
COUNTS = ("title_length", "markers", "year", "name_kind", "contrasts")
HASHES = ("volume", "issue", "first_page", "last_page", "doi", "arxiv", "text")

PAIRS_AT_ONCE = 1 << 16
"""Pairs whose values are held at a time."""


@dataclass(frozen=True, slots=True)
class PaperTable:
    """Profiles of n papers, column by column.

    Attributes:
        sets: For each of `SETS` the uint32 values of all papers, sorted within each, and int64[n + 1] offsets.
        counts: int64[n, 5], the `COUNTS`.
        hashes: uint64[n, 7], the `HASHES`.
        worded: bool[n], whether title or abstract have any word.
    """

    sets: tuple[Ragged, ...]
    counts: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    worded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.worded)

    def profile(self, at: int) -> Profile:
        """One paper of the table."""
        found: dict[str, Any] = {
            name: frozenset(column[offsets[at] : offsets[at + 1]].tolist())
            for name, (column, offsets) in zip(SETS, self.sets, strict=True)
        }
        numbers, offsets = self.sets[SETS.index("numbers")]
        found["numbers"] = tuple(numbers[offsets[at] : offsets[at + 1]].tolist())
        found.update(zip(COUNTS, self.counts[at].tolist(), strict=True))
        found.update(zip(HASHES, self.hashes[at].tolist(), strict=True))
        return Profile(has_words=bool(self.worded[at]), **found)


def prepare(papers: Sequence[PaperFields], *, compiled: bool) -> PaperTable:
    """Profiles of some papers.

    Args:
        papers: As `paper_fields` reads them.
        compiled: Whether to run the kernels instead of the reference; the table is the same.
    """
    if compiled:
        return compiled_table(lay_papers(papers))
    return _reference_table([profile(paper) for paper in papers])


def value_pairs(
    table: PaperTable, left: NDArray[Any], right: NDArray[Any], *, compiled: bool
) -> NDArray[np.float64]:
    """The value of every term of the scorecard for pairs of papers, float64[m, terms].

    Args:
        table: The papers.
        left: One paper of each pair, by place in the table.
        right: The other.
        compiled: Whether to run the kernel instead of the reference; the values are the same.
    """
    found = np.zeros((len(left), len(TERMS)))
    if compiled:
        from corpus_tool.papers import score_kernels as kernels

        flat = [array for ragged in table.sets for array in ragged]
        pairs = (np.ascontiguousarray(side, np.int64) for side in (left, right))
        kernels.pair_values(*flat, table.counts, table.hashes, np.array(LIMITS, np.float64), *pairs, found)
        return found if kernels.VALUES == NAMES else found[:, [kernels.VALUES.index(name) for name in NAMES]]
    get = lru_cache(maxsize=None)(table.profile)
    for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        found[at] = values(get(i), get(j))
    return found


def score_pairs(
    table: PaperTable, left: NDArray[Any], right: NDArray[Any], policy: Scorecard = DEFAULT, *, compiled: bool
) -> NDArray[np.float64]:
    """Totals of the scorecard for pairs of papers, float64[m]; minus infinity where one has no words.

    Duplicates are those at or over `policy.threshold`. Arguments as for `value_pairs`.
    """
    totals = np.zeros(len(left))
    for start in range(0, len(left), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        found = value_pairs(table, left[part], right[part], compiled=compiled)
        for term, weight in enumerate(policy.weights):
            totals[part] += found[:, term] * weight
    totals[~(table.worded[left] & table.worded[right])] = -np.inf
    return totals


def _reference_table(profiles: Sequence[Profile]) -> PaperTable:
    def stack(names: Iterable[str], kind: Any) -> NDArray[Any]:
        columns = [np.array([getattr(one, name) for one in profiles], kind) for name in names]
        return np.ascontiguousarray(np.stack(columns, axis=1))

    sets = tuple(_ragged([sorted(getattr(one, name)) for one in profiles]) for name in SETS)
    worded = np.array([one.has_words for one in profiles], np.bool_)
    return PaperTable(sets, stack(COUNTS, np.int64), stack(HASHES, np.uint64), worded)


def _ragged(lists: Sequence[Sequence[int]]) -> Ragged:
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return np.array([value for values in lists for value in values], np.uint32), offsets


def compiled_table(papers: PaperTexts) -> PaperTable:
    """Profiles of papers that are laid out, by kernels."""
    from corpus_tool.papers import table_kernels

    titles, abstracts = papers.titles, papers.abstracts
    abstract, states = abstract_sets(abstracts, titles)
    size, room = len(papers), len(titles[0])
    grams, numbers = np.empty(room + 4 * size, np.uint32), np.empty(room, np.uint32)
    gram_offsets, number_offsets = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    lengths, markers = np.empty(size, np.int64), np.empty(size, np.int64)
    table_kernels.title_profiles(
        *titles,
        *word_table(),
        normalise.MARKER_REACH,
        grams,
        gram_offsets[1:],
        numbers,
        number_offsets[1:],
        lengths,
        markers,
    )
    for at in beyond_ascii(titles):
        title = text_at(titles, at).decode("utf-8", "surrogatepass")
        lengths[at] = normalise.title_length(title, int(lengths[at]))
    texts = (
        abstract,
        _figure_sets(abstracts),
        (grams[: gram_offsets[-1]].copy(), gram_offsets),
        (numbers[: number_offsets[-1]].copy(), number_offsets),
    )
    where = {at: published(paper) for at, paper in papers.rest.items()}
    authors, kinds = _name_sets(papers)
    contrasts, short_numbers, short_words = _short_texts(papers)
    years = np.zeros(size, np.int64)
    for at, paper in where.items():
        years[at] = paper.year
    counts = np.stack([lengths, markers, years, kinds, contrasts], axis=1)
    sets = (*texts, authors, *_venue_sets(where, size), short_numbers, short_words)
    return PaperTable(sets, counts, _hashes(where, states), states != 0)


def abstract_sets(abstracts: Texts, titles: Texts, sample: int = 1) -> tuple[Ragged, NDArray[np.uint64]]:
    """By kernel: the 2-word shingles of abstracts, and a hash of all words of each paper (0 without words).

    With `sample`, a power of two, only the shingles that are multiples of it.
    """
    from corpus_tool.papers import abstract_kernels as kernels

    buffer, offsets = abstracts
    # Words take a byte and a separator at least; pages that stay untouched cost nothing.
    shingles = np.empty(len(buffer) // 2 + len(offsets), np.uint32)
    ends, states = np.zeros(len(offsets), np.int64), np.empty(len(offsets) - 1, np.uint64)
    kernels.abstract_sets(buffer, offsets, *titles, normalise.NEW_WORDS, sample, shingles, ends[1:], states)
    return (shingles[: ends[-1]].copy(), ends), states


def _figure_sets(abstracts: Texts) -> Ragged:
    from corpus_tool.papers import abstract_kernels as kernels

    buffer, bounds = abstracts
    found, offsets = np.empty(len(buffer) // 3 + len(bounds), np.uint32), np.zeros(len(bounds), np.int64)
    kernels.figure_sets(buffer, bounds, found, offsets[1:])
    return found[: offsets[-1]].copy(), offsets


def _name_sets(papers: PaperTexts) -> tuple[Ragged, NDArray[np.int64]]:
    from corpus_tool.papers import word_kernels

    ends, kinds = np.zeros(len(papers) + 1, np.int64), np.zeros(len(papers), np.int64)
    if not any(paper.authors for paper in papers.rest.values()):
        return (np.zeros(0, np.uint32), ends), kinds
    buffer, bounds = joined([names.name_line(paper.authors) for paper in papers.others()])
    found = np.empty(len(buffer), np.uint32)
    word_kernels.name_sets(buffer, bounds, *_name_words(), found, ends[1:], kinds)
    return (found[: ends[-1]].copy(), ends), kinds


@lru_cache(maxsize=1)
def _name_words() -> tuple[NDArray[np.uint64], ...]:
    stops, bodies = (sorted(map(hash_word, words)) for words in (names.NAME_STOPS, names.COLLECTIVE))
    return (
        np.array(stops, np.uint64),
        np.array(bodies, np.uint64),
        np.array([hash_word("et"), hash_word("al")], np.uint64),
    )


def _short_texts(papers: PaperTexts) -> tuple[NDArray[np.int64], Ragged, Ragged]:
    """What may tell short texts apart, their numbers, and their other words."""
    from corpus_tool.papers import word_kernels

    size, room = len(papers), SHORT_TEXT * len(papers)
    bits = np.zeros(size, np.int64)
    found = [(np.empty(room, np.uint32), np.zeros(size + 1, np.int64)) for _ in range(2)]
    flat = [array for values, ends in found for array in (values, ends[1:])]
    word_kernels.short_texts(*papers.titles, *papers.abstracts, *contrast_table(), SHORT_TEXT, bits, *flat)
    numbers, others = ((values[: ends[-1]].copy(), ends) for values, ends in found)
    return bits, numbers, others


def _venue_sets(papers: Mapping[int, PaperFields], size: int) -> tuple[Ragged, Ragged]:
    """Venues, and what may stand for these."""
    nothing = np.zeros(0, np.uint32), np.zeros(size + 1, np.int64)
    if not any(paper.venue for paper in papers.values()):
        return nothing, nothing
    marks: list[tuple[Iterable[int], Iterable[int]]] = [((), ())] * size
    for at, paper in papers.items():
        if paper.venue:
            marks[at] = normalise.venue_marks(paper.venue)
    return _ragged([sorted(words) for words, _ in marks]), _ragged([sorted(short) for _, short in marks])


def _hashes(papers: Mapping[int, PaperFields], texts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    found = np.zeros((len(texts), len(HASHES)), np.uint64)
    found[:, HASHES.index("text")] = texts
    for at, paper in papers.items():
        if paper.volume:
            found[at, :2] = places.volume_mark(paper.volume), places.issue_mark(paper.issue, paper.volume)
        if paper.pages:
            found[at, 2:4] = places.page_range(paper.pages, paper.year)
        if paper.doi:
            found[at, 4] = identifiers.doi_mark(paper.doi)
        if paper.arxiv:
            found[at, 5] = normalise.hash_text(paper.arxiv)
    return found


@lru_cache(maxsize=1)
def word_table() -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.uint32]]:
    """The word lists of titles by hash: the words' hashes, what each is, and the value of those that are numbers.

    A word stands at the high bits of its hash, or at the next free place; `table_kernels` says what the roles are.
    """
    from corpus_tool.papers.table_kernels import NUMBER, PART, WORD_SLOTS

    words, roles = np.zeros(WORD_SLOTS, np.uint64), np.zeros(WORD_SLOTS, np.int64)
    values = np.zeros(WORD_SLOTS, np.uint32)
    for word in sorted({*normalise.SMALL_NUMBERS, *normalise.MARKERS, *normalise.PART_WORDS}):
        place = hash_word(word) * WORD_SLOTS >> 64
        while words[place]:
            place = (place + 1) % WORD_SLOTS
        words[place] = hash_word(word)
        roles[place] = normalise.MARKERS.get(word, 0)
        if word in normalise.PART_WORDS:
            roles[place] |= PART
        if word in normalise.SMALL_NUMBERS:
            roles[place] |= NUMBER
            values[place] = normalise.hash_number(str(normalise.SMALL_NUMBERS[word]))
    return words, roles, values
