"""Why two records are, or are not, the same paper, and what would have to change for the other verdict.

The counterfactuals are not guessed from the weights: one field of the pair is made to agree, to differ or to be
missing, and the pair is scored again, so that what hangs together (a missing abstract and a short title) does so here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus_tool.papers.reference import Contribution, Profile, profile_of, score_profiles
from corpus_tool.papers.scorecard import DEFAULT, Scorecard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.papers.fields import FieldMap
    from corpus_tool.records import Record

STRANGE = 2
"""A hash that no field has: words hash to it with a probability of 2^-32."""

FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("grams", "title_length", "numbers", "markers"),
    "abstract": ("abstract", "figures"),
    "authors": ("names",),
    "venue": ("venue", "venue_short"),
    "year": ("year",),
    "volume": ("volume",),
    "issue": ("issue",),
    "pages": ("first_page", "last_page"),
    "DOI": ("doi",),
    "arXiv id": ("arxiv",),
    "number in the title": ("numbers",),
}
"""What a counterfactual changes at once, and the parts of a profile that hold it."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One change that gives the other verdict.

    Attributes:
        field: What changes.
        how: `agreed`, `differed`, `was missing`, or, of what neither record has, `was known and agreed`.
        total: The score it would give.
    """

    field: str
    how: str
    total: float

    def __str__(self) -> str:
        """The change as a clause."""
        if self.how == "was missing":
            return f"without the {self.field}"
        if self.how == "was known and agreed":
            return f"if both gave the same {self.field}"
        return f"if the {self.field} {self.how}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict as a waterfall.

    Attributes:
        base: Where every pair starts.
        steps: What counts for this pair, for and then against, the greater first; base and steps add up to the total.
        total: The score.
        threshold: Duplicates reach it.
        duplicate: The verdict.
        flips: Single changes that give the other verdict, the smallest first; empty where none does.
    """

    base: float
    steps: tuple[Contribution, ...]
    total: float
    threshold: float
    duplicate: bool
    flips: tuple[Flip, ...]


def explain(
    a: Record, b: Record, policy: Scorecard = DEFAULT, mapping: FieldMap | None = None
) -> Explanation:
    """Explain the verdict on two records; arguments as for `corpus_tool.papers.reference.score`."""
    return explain_profiles(profile_of(a, mapping), profile_of(b, mapping), policy)


def explain_profiles(a: Profile, b: Profile, policy: Scorecard = DEFAULT) -> Explanation:
    """Explain the verdict on two prepared papers."""
    found = score_profiles(a, b, policy)
    base, *rest = found.contributions
    steps = sorted(
        (step for step in rest if step.points), key=lambda step: (step.points < 0, -abs(step.points))
    )
    flips = []
    for field, how, left, right in _changes(a, b):
        changed = score_profiles(left, right, policy)
        if changed.duplicate != found.duplicate:
            flips.append(Flip(field, how, changed.total))
    flips.sort(key=lambda flip: abs(flip.total - found.total))
    return Explanation(
        base.points, tuple(steps), found.total, policy.threshold, found.duplicate, tuple(flips)
    )


def _changes(a: Profile, b: Profile) -> Iterator[tuple[str, str, Profile, Profile]]:
    """Every pair of profiles that differs from this one in one field: what changes, how, and the profiles."""
    for field, parts in FIELDS.items():
        known = getattr(a, parts[0]) and getattr(b, parts[0])
        either = any(getattr(a, part) or getattr(b, part) for part in parts)
        agreed: dict[str, Any] = {part: getattr(a, part) or _strange(a, part) for part in parts}
        yield (
            field,
            "agreed" if either else "was known and agreed",
            replace(a, **agreed),
            replace(b, **agreed),
        )
        if known or field == "number in the title":
            strange: dict[str, Any] = {part: _strange(b, part) for part in parts}
            yield field, "differed", a, replace(b, **strange)
        if known and field != "title":
            blank: dict[str, Any] = {part: type(getattr(b, part))() for part in parts}
            yield field, "was missing", a, replace(b, **blank)


def _strange(profile: Profile, part: str) -> Any:
    """A value that agrees with no other, of the right kind."""
    if part in ("title_length", "markers"):
        return getattr(profile, part)
    if part == "year":
        return profile.year + 2 if profile.year else STRANGE
    kind = type(getattr(profile, part))
    return STRANGE if kind is int else kind((STRANGE,))
