"""The scorecard of `--match papers`: one table of what counts, by how much, and what it means.

Two records are one paper when the sum of weight times value over all terms reaches the threshold. Code,
`explain`, `tune` and the documentation read this table; nothing about the weights stands elsewhere. The values
themselves come from `corpus_tool.papers.reference` (and, for many pairs, from its compiled twin), in this order.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the scorecard.

    Attributes:
        name: How policies, `explain` and the kernels call it.
        weight: Points for a value of 1.
        meaning: What the value measures, from 0 to 1 (`numbers_extra` and brackets are 0 or 1).
        applies: When it can be other than 0.
    """

    name: str
    weight: float
    meaning: str
    applies: str


BOTH_TITLES = "both have a title"
BOTH_ABSTRACTS = "both have an abstract"
NO_ABSTRACT = "one or both have no abstract, or both a short one under other titles"

TERMS: tuple[Term, ...] = (
    Term("base", -11.5, "where every pair starts", "always"),
    Term("title", 3.5, "overlap of the titles' character 4-grams (shared over the smaller set)", BOTH_TITLES),
    Term(
        "title_whole", 1.0, "Jaccard index of the titles' character 4-grams", BOTH_ABSTRACTS + ", and a title"
    ),
    Term("title_unknown", 2.5, "no titles to compare", "one or both have no title"),
    Term("abstract", 3.5, "Jaccard index of the abstracts' 2-word shingles, full at 0.2", BOTH_ABSTRACTS),
    Term(
        "abstract_overlap",
        2.5,
        "overlap of the abstracts' 2-word shingles (shared over the smaller set)",
        BOTH_ABSTRACTS,
    ),
    Term(
        "figures_differ",
        -1.0,
        "the abstracts' numbers of two digits and more differ, full where a quarter of the fewer do (of at least four)",
        BOTH_ABSTRACTS,
    ),
    Term("abstract_unknown", 2.0, "no abstracts to compare", NO_ABSTRACT),
    Term(
        "title_alone", 4.5, "Jaccard index of the titles' character 4-grams", NO_ABSTRACT + ", both a title"
    ),
    Term("authors", 3.5, "overlap of the names (shared over the smaller set)", "both have authors"),
    Term("authors_whole", 1.0, "Jaccard index of the names (shared over all)", "both have authors"),
    Term("names_shared", 3.0, "how many names they share, full from ten on", "both have authors"),
    Term("authors_differ", -3.0, "no name in common", "both have authors"),
    Term("authors_unknown", 3.0, "no authors to compare", "one or both have no authors"),
    Term("pages", 4.0, "first and last page are equal", "both have pages"),
    Term("pages_differ", -3.0, "the first pages differ", "both have pages"),
    Term("volume_differs", -3.0, "the volumes differ", "both have a volume"),
    Term("issue_differs", -1.0, "the issues of one volume differ", "both have a volume and an issue"),
    Term("doi", 3.0, "the DOIs are equal", "both have a DOI"),
    Term("doi_differs", -2.0, "the DOIs differ", "both have a DOI, from preprint servers or neither"),
    Term("arxiv", 8.0, "the arXiv ids are equal", "both have an arXiv id"),
    Term("arxiv_differs", -2.0, "the arXiv ids differ", "both have an arXiv id"),
    Term("year_differs", -3.5, "the years differ", "both have a year"),
    Term("years_apart", -2.0, "the years are more than one apart", "both have a year"),
    Term("venue_differs", -5.0, "the venues share no word, abbreviation or acronym", "both have a venue"),
    Term(
        "numbers_differ", -6.0, "each title has a number that the other lacks (Part I, Part II)", BOTH_TITLES
    ),
    Term(
        "numbers_extra",
        -2.0,
        "one title has a number more, and they are otherwise alike (an overlap of 0.7 and more)",
        BOTH_TITLES,
    ),
    Term(
        "markers_differ",
        -1.0,
        "one title is a comment, reply, erratum, ... and the other is not",
        BOTH_TITLES,
    ),
    Term(
        "contrast",
        -6.0,
        "short texts, otherwise alike, say the opposite or give other numbers (men, women; is, is not)",
        "both have fewer than 60 words",
    ),
    Term(
        "generic_title",
        -8.0,
        "the title says little (three words at most, or a comment, reply, ...), and not all else is known and equal",
        "one has no abstract, or, of an unsigned comment, a short one",
    ),
)
"""The scorecard. Its order is the order of every vector of values or weights."""

NAMES = tuple(term.name for term in TERMS)

STRICTNESS = {"lenient": -2.0, "default": 0.0, "strict": 1.5}
"""What the words of `--strictness` add to the threshold."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Weights and threshold: all that a decision depends on besides the two records.

    Attributes:
        weights: Points of each term, in the order of `TERMS`.
        threshold: Duplicates reach it.
    """

    weights: tuple[float, ...] = tuple(term.weight for term in TERMS)
    threshold: float = 0.0

    def at(self, strictness: str | float) -> Scorecard:
        """The same weights at another strictness: a word of `STRICTNESS`, or points to add to the threshold.

        Raises:
            UsageError: The word is not known, and not a number.
        """
        return Scorecard(self.weights, self.threshold + strictness_points(strictness))

    @property
    def key(self) -> str:
        """16 hex digits that are the same for policies that decide alike, in any version with these terms."""
        return blake2b(to_toml(self).encode(), digest_size=8).hexdigest()

    def by_name(self) -> Mapping[str, float]:
        """The weights by the names of their terms."""
        return dict(zip(NAMES, self.weights, strict=True))


DEFAULT = Scorecard()


def strictness_points(strictness: str | float) -> float:
    """What a strictness adds to the threshold; positive is stricter."""
    if isinstance(strictness, str) and strictness in STRICTNESS:
        return STRICTNESS[strictness]
    try:
        points = float(strictness)
    except ValueError:
        points = float("nan")
    if not -1000.0 < points < 1000.0:
        known = ", ".join(STRICTNESS)
        raise UsageError(f"strictness is one of {known}, or a number of points, not {strictness!r}")
    return points


def to_toml(policy: Scorecard) -> str:
    """A policy as text that `from_toml` reads back, equal to the last bit."""
    lines = ["# Points of each term of the scorecard; duplicates reach the threshold."]
    lines.append(f"threshold = {float(policy.threshold)!r}")
    lines += ["", "[weights]"]
    lines += [f"{name} = {float(weight)!r}" for name, weight in policy.by_name().items()]
    return "\n".join(lines) + "\n"


def from_toml(text: str, path: str | None = None) -> Scorecard:
    """Read a policy; a term that it does not name keeps its shipped weight.

    Args:
        text: TOML with an optional `threshold` and a table `weights`.
        path: The file it came from, for messages.

    Raises:
        InputError: It is not TOML, names something that the scorecard has not, or a value is no finite number.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not a policy: {error}", path=path) from error
    threshold, weights = found.pop("threshold", 0.0), found.pop("weights", {})
    if not isinstance(weights, dict):
        raise InputError("not a policy: weights is not a table", path=path)
    unknown = sorted({*found, *(weights.keys() - set(NAMES))})
    if unknown:
        raise InputError(f"not a policy: {unknown[0]!r} is no term of the scorecard", path=path)
    for name, value in {"threshold": threshold, **weights}.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InputError(f"not a policy: {name} is not a finite number", path=path)
    chosen = tuple(float(weights.get(term.name, term.weight)) for term in TERMS)
    return Scorecard(chosen, float(threshold))
