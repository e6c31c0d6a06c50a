"""What two papers can score at best: no pair is left out that reaches the threshold, and few others stay in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.papers import bound_kernels, table_kernels
from corpus_tool.papers.bound import (
    BITS,
    FACTS,
    FIRST_MARKER,
    MAP_WORDS,
    NUMBERS,
    PLACE,
    Bound,
    _Best,
    outline,
)
from corpus_tool.papers.columns import columns_of
from corpus_tool.papers.fields import PaperFields
from corpus_tool.papers.reference import profile, score_profiles
from corpus_tool.papers.scorecard import DEFAULT
from corpus_tool.papers.table import prepare, score_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.papers.scorecard import Scorecard

pytestmark = pytest.mark.usefixtures("each_step")

NAMES = "gravel river model theory of the growth plants decay spin glass chiral neutrino mass".split()
TITLES = st.lists(st.sampled_from([*NAMES, "part", "ii", "2", "3", "2019", "a1"]), max_size=14).map(" ".join)


def possible(papers: Sequence[PaperFields], policy: Scorecard, *, compiled: bool) -> list[bool]:
    """Which of the pairs of neighbours may be duplicates."""
    left = np.arange(0, len(papers), 2)
    bound = Bound(columns_of(papers, compiled=compiled), np.arange(len(papers)), policy, compiled)
    return bound.possible(left, left + 1).tolist()


def lost(papers: Sequence[PaperFields]) -> int:
    """How many of the pairs of neighbours are left out where their own score is the threshold."""
    left = np.arange(0, len(papers), 2)
    totals = score_pairs(prepare(papers, compiled=True), left, left + 1, compiled=True)
    known, count = columns_of(papers, compiled=True), 0
    for at, total in zip(left.tolist(), totals.tolist(), strict=True):
        bound = Bound(known, np.arange(len(papers)), replace(DEFAULT, threshold=total), compiled=True)
        count += not bound.possible(np.array([at]), np.array([at + 1]))[0]
    return count


def test_the_kernels_know_what_the_reference_calls_its_parts() -> None:
    assert _Best._fields == bound_kernels.BEST
    assert bound_kernels.MAP_WORDS == MAP_WORDS
    assert (bound_kernels.FACTS, bound_kernels.NUMBERS, bound_kernels.PLACE) == (FACTS, NUMBERS, PLACE)
    assert (table_kernels.MAP_BITS, table_kernels.FACTS, table_kernels.NUMBERS) == (BITS, FACTS, NUMBERS)
    assert int(table_kernels.MARKERS) == FIRST_MARKER


@settings(deadline=None)
@given(TITLES, TITLES, st.booleans(), st.booleans())
def test_no_pair_of_titles_is_hopeless_at_its_own_score(
    one: str, other: str, long: bool, compiled: bool
) -> None:
    text = " ".join(f"word{number}" for number in range(60)) if long else ""
    papers = [PaperFields(title=title, abstract=text) for title in (one, other)]
    policy = replace(DEFAULT, threshold=score_profiles(*map(profile, papers)).total)
    assert possible(papers, policy, compiled=compiled) == [True]


@pytest.mark.parametrize(
    ("sizes", "share"), [((40, 40), 0.7), ((120, 120), 0.35), ((120, 120), 0.9), ((60, 240), 0.6)]
)
def test_samples_of_abstracts_hide_next_to_no_pair(sizes: tuple[int, int], share: float) -> None:
    papers = []
    for number in range(1000):
        one = [f"a{number}x{word}" for word in range(sizes[0])]
        shared = one[: int(share * sizes[0])]
        other = [*shared, *(f"b{number}x{word}" for word in range(sizes[1] - len(shared)))]
        papers += [PaperFields(title="Gravel bars", abstract=" ".join(part)) for part in (one, other)]
    assert lost(papers) <= 1


@pytest.mark.parametrize("size", [4, 7, 12])
def test_a_number_more_hides_no_pair_of_titles_that_are_nearly_alike(size: int) -> None:
    papers, random = [], np.random.default_rng(size)
    words = ["".join(map(chr, random.integers(97, 123, length))) for length in random.integers(2, 11, 4000)]
    for _ in range(1000):
        one = random.choice(words, size)
        other = np.where(random.random(size) < 0.27, random.choice(words, size), one)
        papers += [PaperFields(title=" ".join(one)), PaperFields(title=" ".join([*other, "7"]))]
    assert lost(papers) == 0


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Gravel bars of rivers in winter", "Gravel bars of rivers in winter", True),
        ("Gravel bars of rivers in winter", "Gravel bars of rivers in winter 279970", False),
        ("Gravel bars of rivers in winter 17", "Gravel bars of rivers in winter 18", False),
        ("Gravel bars of rivers in winter part 2", "Gravel bars of rivers in winter part II", True),
        ("Gravel bars of 2 rivers in winter 2", "Gravel bars of 2 rivers in winter", False),
        ("A gravel bar 2", "A sandy bed of rivers in spring", False),
    ],
)
def test_numbers_of_titles_settle_pairs_of_much_the_same_text(
    one: str, other: str, expected: bool, compiled: bool
) -> None:
    words = [f"word{number}" for number in range(240)]
    papers = [
        PaperFields(title=title, abstract=" ".join(part))
        for title, part in ((one, words[:160]), (other, words[80:]))
    ]
    assert possible(papers, DEFAULT, compiled=compiled) == [expected]


def test_equal_numbers_of_a_title_have_bits_of_their_own() -> None:
    once, twice = (outline(f"gravel {numbers}".split())[NUMBERS] for numbers in ("2", "2 2"))
    assert once & twice == once != twice
    assert once.bit_count() == 1
    assert twice.bit_count() == 2
    assert outline(["gravel"])[NUMBERS] == 0


PLACES = st.builds(
    PaperFields,
    title=st.sampled_from(["Gravel bars of rivers in winter", "Gravel bars"]),
    year=st.sampled_from([0, 1999, 2000, 2001]),
    venue=st.sampled_from(["", "arXiv", "Journal of Invented Rivers"]),
    volume=st.sampled_from(["", "12", "12(3)", "XIII", "abs/2001.00001", "in press"]),
    pages=st.sampled_from(["", "1-10", "1", "01-Oct", "2000", "xii", "e12"]),
)


@settings(deadline=None)
@given(
    PLACES, PLACES, st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=len(DEFAULT.weights)), st.booleans()
)
def test_no_pair_is_hopeless_by_its_place_whatever_the_weights(
    one: PaperFields, other: PaperFields, signs: list[float], compiled: bool
) -> None:
    weights = tuple(weight * sign for weight, sign in zip(DEFAULT.weights, signs, strict=False))
    policy = replace(DEFAULT, weights=weights)
    policy = replace(policy, threshold=score_profiles(profile(one), profile(other), policy).total)
    assert possible([one, other], policy, compiled=compiled) == [True]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({}, {}, True),
        ({"year": 2001}, {"year": 2002}, True),
        ({"year": 2001, "volume": "12"}, {"year": 2003, "volume": "13"}, False),
        ({"year": 2001, "pages": "1-10"}, {"year": 2003, "pages": "17-20"}, False),
        ({"volume": "12", "pages": "1-10"}, {"volume": "Vol. 12", "pages": "1"}, True),
        ({"year": 2001, "pages": "01-Oct"}, {"year": 2003, "pages": "17-20"}, True),
    ],
)
def test_places_settle_pairs_of_one_title(
    one: dict[str, str | int], other: dict[str, str | int], expected: bool, compiled: bool
) -> None:
    papers = [
        PaperFields(title="Gravel bars of rivers", authors="Ada Example", **some) for some in (one, other)
    ]
    assert possible(papers, DEFAULT, compiled=compiled) == [expected]
