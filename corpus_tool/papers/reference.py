"""Are two records the same paper? An additive scorecard over what their fields share.

    record ──fields──> PaperFields ──profile──> Profile ──values──> one number a term ──weights──> score

This is the reference: slow, obvious, and what the compiled kernels are held to. The table of terms is
`corpus_tool.papers.scorecard.TERMS`; the words and numbers come from `corpus_tool.papers.normalise`.
The form (an additive score of agreements, with its weights from labelled pairs) is that of Fellegi and Sunter,
"A theory for record linkage", 1969; the weights are those of a sign-constrained logistic regression.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from corpus_tool.papers.fields import PaperFields, paper_fields
from corpus_tool.papers.normalise import (
    author_names,
    character_grams,
    figures,
    hash_text,
    page_range,
    says_something,
    title_markers,
    title_numbers,
    title_words,
    venue_marks,
    volume_mark,
    word_shingles,
    words,
)
from corpus_tool.papers.scorecard import DEFAULT, NAMES, TERMS, Scorecard

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from corpus_tool.records import Record

ENOUGH_SHARED = 0.2
"""Jaccard index of the abstracts at which the term `abstract` is full."""

NOTHING: frozenset[int] = frozenset()
NO_COMMON_NAME = 0.01
GENERIC_TITLE_WORDS = 3
SAME_AUTHORS = 0.5
SEVERAL_NAMES = 3
ENOUGH_NAMES = 10
"""Names in common from which the term `names_shared` is full."""

ALIKE_TITLES = 0.7
"""Overlap of titles from which a number more in one of them is more than a revision."""

LEAST_FIGURES = 4
ENOUGH_FIGURES = 0.25
"""Share of numbers lacking at which the term `figures_differ` is full: a revision may change them all."""

UNTITLED_SHINGLES = 40
"""Abstracts without a title, and those of comments by nobody knows whom, stand for themselves from this many 2-word
shingles: several people discuss one paper under one title, with no more of an abstract than that they do."""
LIMITS = (
    *(ENOUGH_SHARED, NO_COMMON_NAME, SAME_AUTHORS, SEVERAL_NAMES),
    *(GENERIC_TITLE_WORDS, LEAST_FIGURES, ENOUGH_FIGURES, UNTITLED_SHINGLES, ENOUGH_NAMES, ALIKE_TITLES),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A paper's fields as sets and hashes; an empty set or 0 is a field that is missing.

    Attributes:
        abstract: 32-bit hashes of 2-word shingles.
        figures: 32-bit hashes of the numbers in the abstract.
        grams: 32-bit hashes of the title's character 4-grams.
        title_length: Words in the title.
        numbers: Sorted 32-bit hashes of the numbers in the title.
        markers: Bits of the kinds of marker in the title.
        names: 32-bit hashes of author name words.
        venue: 32-bit hashes of the words of the venue.
        venue_short: 32-bit hashes of the beginnings of its words and of its acronym.
        year: Of publication.
        volume: 64-bit hash.
        first_page: 64-bit hash.
        last_page: 64-bit hash.
        doi: 64-bit hash.
        arxiv: 64-bit hash.
        has_words: Whether title and abstract hold any word.
    """

    abstract: frozenset[int]
    figures: frozenset[int]
    grams: frozenset[int]
    title_length: int
    numbers: tuple[int, ...]
    markers: int
    names: frozenset[int]
    venue: frozenset[int]
    venue_short: frozenset[int]
    year: int
    volume: int
    first_page: int
    last_page: int
    doi: int
    arxiv: int
    has_words: bool


class Contribution(NamedTuple):
    """What one term adds to a score."""

    name: str
    value: float
    points: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Score:
    """The verdict on two records.

    Attributes:
        total: Sum of the contributions.
        contributions: One for each term of the scorecard, in its order, zeros included.
        duplicate: Whether the total reaches the policy's threshold (never where a record has no words).
    """

    total: float
    contributions: tuple[Contribution, ...]
    duplicate: bool


def profile(fields: PaperFields) -> Profile:
    """Prepare one record's fields for comparison."""
    title = title_words(fields.title)
    abstract = words(fields.abstract)
    venue, venue_short = venue_marks(fields.venue) if fields.venue else (NOTHING, NOTHING)
    first_page, last_page = page_range(fields.pages) if fields.pages else (0, 0)
    return Profile(
        abstract=word_shingles(abstract) if says_something(abstract, title) else NOTHING,
        figures=figures(abstract),
        grams=frozenset(character_grams(title)),
        title_length=len(title),
        numbers=title_numbers(title),
        markers=title_markers(title),
        names=author_names(fields.authors) if fields.authors else NOTHING,
        venue=venue,
        venue_short=venue_short,
        year=fields.year,
        volume=volume_mark(fields.volume) if fields.volume else 0,
        first_page=first_page,
        last_page=last_page,
        doi=hash_text(fields.doi),
        arxiv=hash_text(fields.arxiv),
        has_words=bool(title or abstract),
    )


def profile_of(record: Record, mapping: Mapping[str, str] | None = None) -> Profile:
    """Prepare a record, under whatever names its fields have (see `paper_fields`)."""
    return profile(paper_fields(record, mapping))


def jaccard(left: Set[int], right: Set[int]) -> float:
    """Shared over all; 0 where either set is empty."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared) if shared else 0.0


def overlap(left: Set[int], right: Set[int]) -> float:
    """Shared over the smaller set; 0 where either is empty."""
    shared = len(left & right)
    return shared / min(len(left), len(right)) if shared else 0.0


def differ(left: int, right: int) -> float:
    """1 where both are known and not equal."""
    return float(left != right and left != 0 and right != 0)


def agree(left: int, right: int) -> float:
    """1 where both are known and equal."""
    return float(left == right and left != 0)


def same_venue(a: Profile, b: Profile) -> bool:
    """Whether a word of one venue may stand for one of the other."""
    return not (a.venue.isdisjoint(b.venue_short) and b.venue.isdisjoint(a.venue_short))


def values(a: Profile, b: Profile) -> tuple[float, ...]:
    """The value of every term of the scorecard for two papers, in its order."""
    found = {"base": 1.0}
    found.update(_title_values(a, b))
    found.update(_abstract_values(a, b))
    found.update(_metadata_values(a, b))
    found["generic_title"] = _generic_title(a, b, found)
    return tuple(found.get(name, 0.0) for name in NAMES)


def _title_values(a: Profile, b: Profile) -> dict[str, float]:
    if not (a.grams and b.grams):
        return {"title_unknown": 1.0}
    left, right = Counter(a.numbers), Counter(b.numbers)
    lacking = bool(left - right) + bool(right - left)
    alike = overlap(a.grams, b.grams)
    return {
        "title": alike,
        "numbers_differ": float(lacking == 2),
        "numbers_extra": float(lacking == 1 and alike >= ALIKE_TITLES),
        "markers_differ": float(a.markers != b.markers),
    }


def _abstract_values(a: Profile, b: Profile) -> dict[str, float]:
    if not (a.abstract and b.abstract):
        return {"abstract_unknown": 1.0, "title_alone": jaccard(a.grams, b.grams)}
    fewer = min(len(a.figures), len(b.figures))
    lacking = (fewer - len(a.figures & b.figures)) / max(fewer, LEAST_FIGURES)
    return {
        "title_whole": jaccard(a.grams, b.grams),
        "abstract": min(1.0, jaccard(a.abstract, b.abstract) / ENOUGH_SHARED),
        "abstract_overlap": overlap(a.abstract, b.abstract),
        "figures_differ": min(1.0, lacking / ENOUGH_FIGURES),
    }


def _metadata_values(a: Profile, b: Profile) -> dict[str, float]:
    found = {
        "pages": agree(a.first_page, b.first_page) * float(a.last_page == b.last_page),
        "pages_differ": differ(a.first_page, b.first_page),
        "volume_differs": differ(a.volume, b.volume),
        "doi": agree(a.doi, b.doi),
        "doi_differs": differ(a.doi, b.doi),
        "arxiv": agree(a.arxiv, b.arxiv),
        "arxiv_differs": differ(a.arxiv, b.arxiv),
        "year_differs": differ(a.year, b.year),
        "years_apart": differ(a.year, b.year) * float(abs(a.year - b.year) > 1),
        "venue_differs": float(bool(a.venue and b.venue) and not same_venue(a, b)),
    }
    if a.names and b.names:
        found["authors"] = overlap(a.names, b.names)
        found["authors_whole"] = jaccard(a.names, b.names)
        found["names_shared"] = min(1.0, len(a.names & b.names) / ENOUGH_NAMES)
        found["authors_differ"] = float(found["authors"] < NO_COMMON_NAME)
    else:
        found["authors_unknown"] = 1.0
    return found


def _generic_title(a: Profile, b: Profile, found: Mapping[str, float]) -> float:
    """1 where a title that says little ("Editorial", "Comment on ...") is all that the records surely share."""
    length = min(a.title_length, b.title_length)
    marked = bool(a.markers | b.markers) or length == 0
    unsigned = marked and bool(found.get("authors_unknown")) and not found["pages"]
    least = 1 if length and not unsigned else UNTITLED_SHINGLES
    told = min(len(a.abstract), len(b.abstract)) >= least
    if told or not (marked or length <= GENERIC_TITLE_WORDS):
        return 0.0
    if found["doi"] or found["arxiv"]:
        return 0.0
    placed = found["pages"] == 1.0 or (agree(a.volume, b.volume) == 1.0 and not found["pages_differ"])
    agreed = (
        found.get("authors", 0.0) >= SAME_AUTHORS
        and (len(a.names & b.names) >= SEVERAL_NAMES or placed)
        and agree(a.year, b.year) == 1.0
        and bool(a.venue)
        and same_venue(a, b)
        and not (found["volume_differs"] or found["pages_differ"])
        and (placed or not marked)
    )
    return float(not agreed)


def score_profiles(a: Profile, b: Profile, policy: Scorecard = DEFAULT) -> Score:
    """Decide two prepared papers."""
    contributions = tuple(
        Contribution(term.name, value, value * weight, term.meaning)
        for term, value, weight in zip(TERMS, values(a, b), policy.weights, strict=True)
    )
    total = sum(contribution.points for contribution in contributions)
    return Score(total, contributions, a.has_words and b.has_words and total >= policy.threshold)


def score(
    a: Record, b: Record, policy: Scorecard = DEFAULT, mapping: Mapping[str, str] | None = None
) -> Score:
    """Decide whether two records are the same paper.

    Args:
        a: A record.
        b: Another; the score is the same the other way round.
        policy: Weights and threshold.
        mapping: Canonical field name to the records' own, where the aliases do not know it.
    """
    return score_profiles(profile_of(a, mapping), profile_of(b, mapping), policy)
