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

from corpus_tool.papers.contrasts import opposed, short_text
from corpus_tool.papers.fields import PaperFields, paper_fields
from corpus_tool.papers.identifiers import SERVED, VERSIONS, doi_mark
from corpus_tool.papers.limits import (
    ALIKE_TITLES,
    ALIKE_WORDS,
    ENOUGH_FIGURES,
    ENOUGH_NAMES,
    ENOUGH_SHARED,
    FEW_SHINGLES,
    GENERIC_TITLE_WORDS,
    LEAST_FIGURES,
    NO_COMMON_NAME,
    OTHER_TITLE,
    SAME_AUTHORS,
    SAME_TITLE,
    SEVERAL_NAMES,
    SHORT_TITLE_WORDS,
    UNTITLED_SHINGLES,
    WORD_FOR_WORD,
)
from corpus_tool.papers.names import OF_A_BODY, author_kind, author_names
from corpus_tool.papers.normalise import (
    abstract_words,
    character_grams,
    figures,
    hash_text,
    says_something,
    spelt,
    text_key,
    title_length,
    title_markers,
    title_numbers,
    title_words,
    venue_marks,
    word_shingles,
)
from corpus_tool.papers.places import DOUBTFUL, issue_mark, page_range, published, volume_mark
from corpus_tool.papers.scorecard import DEFAULT, NAMES, TERMS, Scorecard

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from corpus_tool.papers.fields import FieldMap
    from corpus_tool.records import Record

NOTHING: frozenset[int] = frozenset()

PLACED_APART = ("volume_differs", "issue_differs", "pages_differ", "doi_differs")
"""Terms of which none may count where a title says little."""


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
        name_kind: Bits of the kind of list that the authors are.
        venue: 32-bit hashes of the words of the venue.
        venue_short: 32-bit hashes of the beginnings of its words and of its acronym.
        year: Of publication.
        volume: 64-bit hash.
        issue: 64-bit hash.
        first_page: 64-bit hash.
        last_page: 64-bit hash.
        doi: 64-bit hash.
        arxiv: 64-bit hash.
        text: 64-bit hash of all words of title and abstract.
        contrasts: Of a short text the bits of its negations and opposites.
        short_numbers: Of a short text 32-bit hashes of its numbers.
        short_words: Of a short text 32-bit hashes of its other words.
        has_words: Whether title and abstract hold any word.
    """

    abstract: frozenset[int]
    figures: frozenset[int]
    grams: frozenset[int]
    title_length: int
    numbers: tuple[int, ...]
    markers: int
    names: frozenset[int]
    name_kind: int
    venue: frozenset[int]
    venue_short: frozenset[int]
    year: int
    volume: int
    issue: int
    first_page: int
    last_page: int
    doi: int
    arxiv: int
    text: int
    contrasts: int
    short_numbers: frozenset[int]
    short_words: frozenset[int]
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
    compared, abstract = spelt(title), abstract_words(fields.abstract)
    where = published(fields)
    venue, venue_short = venue_marks(where.venue) if where.venue else (NOTHING, NOTHING)
    first_page, last_page = page_range(where.pages, where.year)
    contrasts, numbers, others = short_text([*title, *abstract])
    return Profile(
        abstract=word_shingles(abstract) if says_something(abstract, title) else NOTHING,
        figures=figures(abstract),
        grams=frozenset(character_grams(compared)),
        title_length=title_length(" ".join(title), len(title)),
        numbers=title_numbers(compared),
        markers=title_markers(compared),
        names=author_names(fields.authors),
        name_kind=author_kind(fields.authors),
        venue=venue,
        venue_short=venue_short,
        year=where.year,
        volume=volume_mark(where.volume),
        issue=issue_mark(where.issue, where.volume),
        first_page=first_page,
        last_page=last_page,
        doi=doi_mark(fields.doi),
        arxiv=hash_text(fields.arxiv),
        text=text_key(title, abstract),
        contrasts=contrasts,
        short_numbers=numbers,
        short_words=others,
        has_words=bool(title or abstract),
    )


def profile_of(record: Record, mapping: FieldMap | None = None) -> Profile:
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


def pages_agree(left: int, right: int) -> float:
    """1 where both pages are known and equal, doubtful or not."""
    return float(left | DOUBTFUL == right | DOUBTFUL and left != 0 and right != 0)


def pages_differ(left: int, right: int) -> float:
    """1 where both pages are known, not equal, and neither is doubtful."""
    return differ(left, right) * float(not (left | right) & DOUBTFUL)


def dois_differ(left: int, right: int) -> float:
    """1 where both DOIs are known, of two papers, and both or none from a preprint server."""
    return (
        differ(left | VERSIONS, right | VERSIONS) * differ(left, right) * float(not (left ^ right) & SERVED)
    )


def same_venue(a: Profile, b: Profile) -> bool:
    """Whether a word of one venue may stand for one of the other."""
    return not (a.venue.isdisjoint(b.venue_short) and b.venue.isdisjoint(a.venue_short))


def values(a: Profile, b: Profile) -> tuple[float, ...]:
    """The value of every term of the scorecard for two papers, in its order."""
    found = {"base": 1.0}
    found.update(_title_values(a, b))
    found.update(_abstract_values(a, b))
    found.update(_metadata_values(a, b))
    found.update(_author_values(a, b, found))
    found["contrast"] = _contrast(a, b)
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
    titles = jaccard(a.grams, b.grams)
    few = max(len(a.abstract), len(b.abstract)) < FEW_SHINGLES
    if not (a.abstract and b.abstract) or (few and a.grams and b.grams and titles < OTHER_TITLE):
        return {"abstract_unknown": 1.0, "title_alone": titles}
    fewer = min(len(a.figures), len(b.figures))
    lacking = (fewer - len(a.figures & b.figures)) / max(fewer, LEAST_FIGURES)
    return {
        "title_whole": titles,
        "abstract": min(1.0, jaccard(a.abstract, b.abstract) / ENOUGH_SHARED),
        "abstract_overlap": overlap(a.abstract, b.abstract),
        "figures_differ": min(1.0, lacking / ENOUGH_FIGURES),
    }


def _metadata_values(a: Profile, b: Profile) -> dict[str, float]:
    return {
        "pages": pages_agree(a.first_page, b.first_page)
        * float(a.last_page | DOUBTFUL == b.last_page | DOUBTFUL),
        "pages_differ": pages_differ(a.first_page, b.first_page),
        "volume_differs": differ(a.volume, b.volume),
        "issue_differs": differ(a.issue, b.issue) * agree(a.volume, b.volume),
        "doi": agree(a.doi, b.doi),
        "doi_differs": dois_differ(a.doi, b.doi),
        "arxiv": agree(a.arxiv, b.arxiv),
        "arxiv_differs": differ(a.arxiv, b.arxiv),
        "year_differs": differ(a.year, b.year),
        "years_apart": differ(a.year, b.year) * float(abs(a.year - b.year) > 1),
        "venue_differs": float(bool(a.venue and b.venue) and not same_venue(a, b)),
    }


def _author_values(a: Profile, b: Profile, found: Mapping[str, float]) -> dict[str, float]:
    alike = overlap(a.names, b.names)
    if not (a.names and b.names) or (alike < NO_COMMON_NAME and _incomparable(a, b)):
        return {"authors_unknown": 1.0}
    if alike < SAME_AUTHORS and _word_for_word(a, b, found):
        return {"authors_unknown": 1.0}
    return {
        "authors": alike,
        "authors_whole": jaccard(a.names, b.names),
        "names_shared": min(1.0, len(a.names & b.names) / ENOUGH_NAMES),
        "authors_differ": float(alike < NO_COMMON_NAME and not _one_place(a, b, found)),
    }


def _incomparable(a: Profile, b: Profile) -> bool:
    """Whether only one of two lists of authors names a body or stops early, or they are in other scripts."""
    return bool((a.name_kind ^ b.name_kind) & OF_A_BODY) or not a.name_kind & b.name_kind & ~OF_A_BODY


def _word_for_word(a: Profile, b: Profile, found: Mapping[str, float]) -> bool:
    """Whether title and abstract are equal and enough of a text to be that of one paper."""
    if a.text != b.text or not (a.grams and a.abstract and b.abstract):
        return False
    long = min(len(a.abstract), len(b.abstract)) >= WORD_FOR_WORD and not a.markers
    return long or bool(found["doi"] or found["arxiv"])


def _one_place(a: Profile, b: Profile, found: Mapping[str, float]) -> bool:
    """Whether two papers of one title stand on one page of one volume."""
    placed = agree(a.year, b.year) * agree(a.volume, b.volume) * pages_agree(a.first_page, b.first_page)
    return bool(placed) and found.get("title", 0.0) >= SAME_TITLE


def _contrast(a: Profile, b: Profile) -> float:
    """1 where two short texts, otherwise alike, say the opposite or give other numbers."""
    if jaccard(a.short_words, b.short_words) < ALIKE_WORDS:
        return 0.0
    numbers = bool(a.short_numbers - b.short_numbers) and bool(b.short_numbers - a.short_numbers)
    return float(numbers or opposed(a.contrasts, b.contrasts))


def _generic_title(a: Profile, b: Profile, found: Mapping[str, float]) -> float:
    """1 where a title that says little ("Editorial", "Comment on ...") is all that the records surely share."""
    length = min(a.title_length, b.title_length)
    marked = bool(a.markers | b.markers) or length == 0
    unsigned = marked and found.get("authors", 0.0) < SAME_AUTHORS and not found["pages"]
    least = 1 if length and not unsigned else UNTITLED_SHINGLES
    told = min(len(a.abstract), len(b.abstract)) >= least
    apart = any(found[name] for name in PLACED_APART)
    if told or not (marked or length <= (SHORT_TITLE_WORDS if apart else GENERIC_TITLE_WORDS)):
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
        and not apart
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


def score(a: Record, b: Record, policy: Scorecard = DEFAULT, mapping: FieldMap | None = None) -> Score:
    """Decide whether two records are the same paper.

    Args:
        a: A record.
        b: Another; the score is the same the other way round.
        policy: Weights and threshold.
        mapping: Canonical field name to the records' own, where the aliases do not know it.
    """
    return score_profiles(profile_of(a, mapping), profile_of(b, mapping), policy)
