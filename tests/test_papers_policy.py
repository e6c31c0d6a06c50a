"""Policies as files, explanations with their counterfactuals, and weights fitted to labels."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.errors import InputError
from corpus_tool.papers.explain import explain, explain_profiles
from corpus_tool.papers.fields import PaperFields
from corpus_tool.papers.reference import profile, score_profiles
from corpus_tool.papers.scorecard import DEFAULT, NAMES, TERMS, Scorecard, from_toml, to_toml
from corpus_tool.papers.tune import FREE, LEAST_OF_EACH, Training, fit, solve, training

WEIGHTS = st.lists(st.floats(-20, 20), min_size=len(TERMS), max_size=len(TERMS)).map(tuple)


@given(WEIGHTS, st.floats(-3, 3))
def test_a_policy_survives_its_file(weights: tuple[float, ...], threshold: float) -> None:
    policy = Scorecard(weights, threshold)
    read = from_toml(to_toml(policy))
    assert read == policy
    assert read.key == policy.key


def test_a_policy_may_name_some_terms_only() -> None:
    policy = from_toml("threshold = 1\n[weights]\ntitle = 9\n")
    assert policy.threshold == 1.0
    assert policy.by_name() == {**DEFAULT.by_name(), "title": 9.0}
    assert policy.key != DEFAULT.key == from_toml("").key
    assert len(DEFAULT.key) == 16


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("threshold =", "not a policy: "),
        ("weights = 3", "weights is not a table"),
        ("[weights]\ntitel = 1", "'titel' is no term"),
        ("bands = 3", "'bands' is no term"),
        ("[weights]\ntitle = true", "title is not a finite number"),
        ("threshold = nan", "threshold is not a finite number"),
    ],
)
def test_a_wrong_policy_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        from_toml(text, "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")


PROSE = (
    "we study how sediment moves along a braided river bed when the water rises and falls again over one summer "
    "and find that gravel bars near bends keep their shape while those on straight reaches travel downstream"
)
PAPER = {
    "title": "Gravel bars of braided rivers, part I",
    "abstract": PROSE,
    "authors": "Ada Example; Bob Sample",
}


def test_an_explanation_adds_up_and_its_changes_flip_the_verdict() -> None:
    other = {**PAPER, "title": "Gravel bars of braided rivers, part II"}
    found = explain(PAPER, other)
    assert found.base + sum(step.points for step in found.steps) == pytest.approx(found.total)
    assert not found.duplicate
    assert found.total < found.threshold
    assert "if the number in the title agreed" in map(str, found.flips)
    assert all(flip.total >= found.threshold for flip in found.flips)
    gaps = [abs(flip.total - found.total) for flip in found.flips]
    assert gaps == sorted(gaps)
    points = [step.points for step in found.steps]
    assert points == sorted(points, key=lambda value: (value < 0, -abs(value)))


def test_a_match_says_what_holds_it() -> None:
    found = explain(PAPER, {**PAPER, "abstract": PROSE[:120]})
    assert found.duplicate
    assert "if the authors differed" in map(str, found.flips)
    assert all(flip.total < found.threshold for flip in found.flips)


@given(st.sampled_from(["title", "abstract", "authors"]), st.sampled_from(["title", "abstract", "authors"]))
def test_every_flip_is_a_verdict_of_the_scorecard(left: str, right: str) -> None:
    a, b = {**PAPER, left: ""}, {**PAPER, right: "something else by nobody"}
    found = explain(a, b)
    assert all((flip.total >= found.threshold) is not found.duplicate for flip in found.flips)


def test_wordless_records_are_explained() -> None:
    nothing = profile(PaperFields(authors="Ada Example"))
    assert not explain_profiles(nothing, nothing).duplicate


def invented(count: int, seed: int = 1) -> tuple[list[PaperFields], list[int]]:
    """Papers of random words, each second one a revised copy of the one before with half of its authors."""
    chooser = random.Random(seed)
    words = [f"word{number}" for number in range(400)]
    papers, clusters = [], []
    for number in range(count):
        text = chooser.choices(words, k=60)
        paper = PaperFields(title=" ".join(text[:6]), abstract=" ".join(text[6:]), authors=" ".join(text[:4]))
        revised = replace(
            paper, abstract=" ".join(text[6:40] + chooser.choices(words, k=20)), authors=text[0]
        )
        near = replace(paper, title=" ".join(text[:5]) + " part 2", authors="Somebody Else")
        papers += [paper, revised, near]
        clusters += [2 * number, 2 * number, 2 * number + 1]
    return papers, clusters


def test_a_fit_follows_the_labels_and_keeps_the_signs() -> None:
    papers, clusters = invented(40)
    labelled = training(papers, clusters, compiled=False)
    found = fit([labelled])
    assert found.pairs == len(labelled.same)
    assert found.positives == 40
    assert 0.9 < found.f1 <= 1.0
    assert found.f1 >= found.shipped_f1
    for term, weight in zip(TERMS, found.policy.weights, strict=True):
        assert term.name in FREE or weight * term.weight >= 0.0
    assert found.policy.by_name()["pages"] == DEFAULT.by_name()["pages"]
    assert found == fit([labelled])


def test_too_few_labels_are_refused() -> None:
    papers, clusters = invented(LEAST_OF_EACH - 1)
    with pytest.raises(
        InputError, match=f"too few labels to tune: {LEAST_OF_EACH - 1} candidate pairs of one"
    ):
        fit([training(papers, clusters, compiled=False)])


def test_unlabelled_records_take_no_part() -> None:
    papers, clusters = invented(10)
    some = training(papers, [*clusters[:15], *[-1] * 15], compiled=False)
    whole = training(papers[:15], clusters[:15], compiled=False)
    assert some.same.tolist() == whole.same.tolist()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000), st.floats(0.1, 50))
def test_the_solver_finds_the_constrained_optimum(seed: int, strength: float) -> None:
    generator = np.random.default_rng(seed)
    values = generator.random((1, 80, len(NAMES)))
    values[:, :, 0] = 1.0
    same = generator.random(80) < 0.5
    one = Training(np.repeat(values, 5, axis=0), same, np.arange(80))
    weights = solve([one], DEFAULT, strength)

    def loss(at: np.ndarray) -> float:
        margin = values[0] @ at
        return float(
            5 * (np.logaddexp(0, margin) - same * margin).sum()
            + strength * ((at - DEFAULT.weights) ** 2).sum()
        )

    best = loss(weights)
    signs = np.array([0 if term.name in FREE else np.sign(term.weight) for term in TERMS])
    assert (weights * signs >= 0).all()
    for _ in range(60):
        step = generator.normal(size=len(NAMES)) * 10.0 ** -generator.integers(1, 5)
        moved = weights + step
        moved = np.where(moved * signs < 0, 0.0, moved)
        assert loss(moved) >= best - 1e-6 * abs(best)


def test_the_score_of_a_policy_is_its_weights_times_the_values() -> None:
    a, b = (
        profile(PaperFields(title="River beds of old", abstract=PROSE)),
        profile(PaperFields(title="River beds")),
    )
    ones = Scorecard(tuple(1.0 for _ in TERMS))
    assert score_profiles(a, b, ones).total == pytest.approx(
        sum(item.value for item in score_profiles(a, b).contributions)
    )
