"""The compiled twins of `--match papers` against their references, bit for bit, and what candidates promise."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus_tool.dedup.columns import Gathered
from corpus_tool.papers import (
    abstract_kernels,
    columns,
    extract,
    extract_kernels,
    notices,
    rare,
    score_kernels,
)
from corpus_tool.papers.bound import Bound
from corpus_tool.papers.candidates import key_pairs, propose
from corpus_tool.papers.columns import columns_of
from corpus_tool.papers.fields import PaperFields, paper_fields
from corpus_tool.papers.identity import beyond_doubt
from corpus_tool.papers.limits import LIMIT_NAMES, LIMITS, UNTITLED_SHINGLES
from corpus_tool.papers.rare import compiled_rare_pairs, rare_pairs
from corpus_tool.papers.reference import profile, score_profiles
from corpus_tool.papers.scorecard import DEFAULT, NAMES
from corpus_tool.papers.table import COUNTS, HASHES, SETS, PaperTable, prepare, score_pairs, value_pairs

pytestmark = pytest.mark.usefixtures("each_step")

LABELLED = Path(__file__).parents[1] / ".." / "shared" / "data" / "labelled"

PIECES = st.sampled_from(
    [
        "part ii",
        "2019",
        "007",
        "comment on",
        "中文々",
        "a1b22",
        '\\"o',
        "{\\'e}tude",
        "\\c c",
        "\\ss",
        "&lt;b&gt;",
    ]
    + ["H<sub>2</sub>O", "β-cell", "ﬁne", "n\u0303", "Ł", "[Chinese]", "x" * 20, "𝐀𝐁", "Straße", "_", "É"]
)
TEXTS = st.lists(
    st.text(max_size=12) | PIECES | st.sampled_from("of the river study model".split()), max_size=30
).map(" ".join)
PAPERS = st.builds(
    PaperFields,
    title=TEXTS,
    abstract=TEXTS
    | st.lists(st.integers(0, 99), min_size=10, max_size=80).map(lambda n: " ".join(map(str, n))),
    authors=TEXTS | st.sampled_from(["", "LucasM.MirzaeiF.", "Núñez, C.; Li X"]),
    year=st.sampled_from([0, 2019, 2020, 2022]),
    venue=TEXTS | st.sampled_from(["", "J. Inv. Riv.", "Journal of Invented Rivers"]),
    volume=st.sampled_from(["", "12", "13"]),
    pages=st.sampled_from(["", "1-10", "01-Oct", "5"]),
    doi=st.sampled_from(["", "10.1/a", "10.1/b"]),
    arxiv=st.sampled_from(["", "2101.00001"]),
)
LISTS = st.lists(PAPERS, max_size=6)


def same_arrays(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any], name: str) -> None:
    assert left.dtype == right.dtype, name
    np.testing.assert_array_equal(left, right, name)


def all_pairs(size: int) -> np.ndarray[Any, Any]:
    return np.array(list(combinations(range(size), 2)), np.int64).reshape(-1, 2)


@settings(deadline=None)
@example([])
@example([PaperFields()])
@example([PaperFields(title="\ud800 x", abstract="\udfff y " * 30)])
@given(LISTS)
def test_tables_and_scores_are_the_same(papers: list[PaperFields]) -> None:
    slow, fast = prepare(papers, compiled=False), prepare(papers, compiled=True)
    for name, left, right in zip(SETS, slow.sets, fast.sets, strict=True):
        same_arrays(left[0], right[0], name)
        same_arrays(left[1], right[1], f"{name} offsets")
    for name in ("counts", "hashes", "worded"):
        same_arrays(getattr(slow, name), getattr(fast, name), name)
    assert [fast.profile(at) for at in range(len(fast))] == [profile(paper) for paper in papers]
    left, right = all_pairs(len(papers)).T
    same_arrays(
        value_pairs(slow, left, right, compiled=False),
        value_pairs(fast, left, right, compiled=True),
        "values",
    )


@settings(deadline=None)
@given(LISTS)
def test_scores_are_those_of_the_reference(papers: list[PaperFields]) -> None:
    left, right = all_pairs(len(papers)).T
    table = prepare(papers, compiled=True)
    for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        found = score_profiles(profile(papers[i]), profile(papers[j]))
        total = score_pairs(table, left[at : at + 1], right[at : at + 1], compiled=True)[0]
        assert bool(total >= DEFAULT.threshold) is found.duplicate
        assert total == (found.total if table.worded[i] and table.worded[j] else -np.inf)


@settings(deadline=None)
@given(LISTS)
def test_columns_and_pairs_are_the_same(papers: list[PaperFields]) -> None:
    slow, fast = columns_of(papers, compiled=False), columns_of(papers, compiled=True)
    assert slow.keys() == fast.keys()
    for name in slow:
        same_arrays(slow[name], fast[name], name)
    same_arrays(propose(slow), propose(fast, compiled=True), "pairs")
    for rows in (np.arange(len(papers)), np.arange(0, len(papers), 2)[::-1].copy()):
        bounds = (Bound(found, rows, DEFAULT, compiled) for found, compiled in ((slow, False), (fast, True)))
        pairs = (
            propose(found, rows, bound, compiled=bound.compiled)
            for found, bound in zip((slow, fast), bounds, strict=True)
        )
        same_arrays(*pairs, "pairs of some")


@settings(deadline=None)
@example([PaperFields(title="00", abstract="0 0 0 0 0 0 0 0 0 0", venue="0")], 0.0, False)
@given(LISTS, st.sampled_from([0.0, 1.0, 1.5, 3.0]), st.booleans())
def test_what_is_beyond_doubt_matches_itself(
    papers: list[PaperFields], threshold: float, compiled: bool
) -> None:
    def some(places: np.ndarray[Any, Any]) -> PaperTable:
        return prepare([papers[at] for at in places.tolist()], compiled=compiled)

    known = columns_of(papers, compiled=compiled)
    policy = replace(DEFAULT, threshold=threshold)
    sure = beyond_doubt(known, some, policy, compiled=compiled)
    for paper, found in zip(papers, sure.tolist(), strict=True):
        score = score_profiles(profile(paper), profile(paper), policy)
        prepared = profile(paper)
        sure = len(prepared.abstract) >= UNTITLED_SHINGLES or not prepared.grams
        assert found is score.duplicate or sure


def test_kernels_know_the_terms_and_limits() -> None:
    assert sorted(score_kernels.VALUES) == sorted(NAMES)
    places = ("TITLE_LENGTH", "MARKERS", "YEAR", "NAME_KIND", "CONTRASTS")
    assert [getattr(score_kernels, place) for place in places] == list(range(len(COUNTS)))
    assert [getattr(score_kernels, name.upper()) for name in HASHES] == list(range(len(HASHES)))
    assert tuple(place.lower() for place in places) == COUNTS
    assert [getattr(score_kernels, name) for name in LIMIT_NAMES] == list(range(len(LIMITS)))


def test_words_and_figures_across_blocks() -> None:
    papers = [
        PaperFields(
            title=f"{'a' * before} {'b' * 9}", abstract=f"{'x ' * 9}{'y' * before} {word} z{word} {'w ' * 20}"
        )
        for before in range(30, 60)
        for word in ("1234", "1234567890123456", "12a", "7", "Ab" * 12)
    ]
    slow, fast = prepare(papers, compiled=False), prepare(papers, compiled=True)
    for name, left, right in zip(SETS, slow.sets, fast.sets, strict=True):
        same_arrays(left[0], right[0], name)
        same_arrays(left[1], right[1], name)
    assert sum(len(fast.profile(at).figures) for at in range(len(fast))) == 60


def test_large_sets_are_sorted_too() -> None:
    words = " ".join(f"w{number * 7919 % 10007}" for number in range(3 * abstract_kernels.SMALL))
    papers = [PaperFields(title=words, abstract=words[::-1], authors=words)]
    for slow, fast in zip(
        prepare(papers, compiled=False).sets, prepare(papers, compiled=True).sets, strict=True
    ):
        same_arrays(slow[0], fast[0], "values")


RAGGED = st.lists(st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted), max_size=90)


@settings(deadline=None)
@given(RAGGED, st.integers(1, 6), st.integers(1, 3), st.sampled_from([1, 64, 1 << 20]), st.booleans())
def test_rare_pairs_are_the_same(
    lists: list[list[int]], rarest: int, shared: int, at_once: int, spread: bool
) -> None:
    scale = 104729 * 1001 if spread else 1
    values = np.array([value * scale for values in lists for value in sorted(values)], np.uint32)
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rare, "SORTED_AT_ONCE", at_once)
        patch.setattr(rare, "RECORDS_AT_ONCE", min(at_once, 7))
        ends = offsets[:-1], offsets[1:]
        fast = [
            np.sort(np.concatenate([*found, np.zeros(0, np.int64)]))
            for jobs in (1, 2, 3)
            for found in [compiled_rare_pairs(values, *ends, rarest, shared, jobs=jobs)]
        ]
    for codes in fast:
        same_arrays(rare_pairs(values, offsets, rarest, shared), codes, "codes")


@given(RAGGED, st.integers(1, 3))
def test_rare_pairs_share_what_they_must(lists: list[list[int]], shared: int) -> None:
    values = np.array([value for values in lists for value in values], np.uint32)
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    frequency = {value: sum(value in values for values in lists) for values in lists for value in values}
    useful = [{value for value in values if 2 <= frequency[value] <= rare.MOST_COMMON} for values in lists]
    expected = [
        i * len(lists) + j
        for i, j in combinations(range(len(lists)), 2)
        if len(useful[i] & useful[j]) >= shared
    ]
    assert rare_pairs(values, offsets, 99, shared).tolist() == expected


def test_equal_keys_of_any_number_stay_linear() -> None:
    size = 50_000
    keys = np.full(size, 7, np.uint64)
    keys[: size // 2 : 5] = 0
    pairs = key_pairs(keys, np.zeros(size, np.uint64))
    assert len(pairs) < size * 6
    assert set((pairs // size).tolist()) | set((pairs % size).tolist()) == set(np.flatnonzero(keys).tolist())
    small = key_pairs(np.array([5, 0, 5, 5, 0], np.uint64), np.zeros(5, np.uint64))
    assert sorted(small.tolist()) == [0 * 5 + 2, 0 * 5 + 3, 2 * 5 + 3]


def test_one_title_many_times_lines_up_by_year_and_page() -> None:
    papers = [PaperFields(title="Editorial", year=2000, pages=str(page % 200)) for page in range(400)]
    found = {tuple(pair) for pair in propose(columns_of(papers, compiled=False)).tolist()}
    assert all((page, page + 200) in found for page in range(200))


@settings(deadline=None)
@given(LISTS, st.booleans())
def test_no_pair_is_hopeless_at_its_own_score(papers: list[PaperFields], compiled: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:  # no estimate: all shingles are known
        patch.setattr(columns, "SAMPLE", 1)
        known = columns_of(papers, compiled=compiled)
    for i, j in all_pairs(len(papers)).tolist():
        policy = replace(DEFAULT, threshold=score_profiles(profile(papers[i]), profile(papers[j])).total)
        bound = Bound(known, np.arange(len(papers)), policy, compiled)
        assert bound.possible(np.array([i]), np.array([j])).tolist() == [True]


@pytest.mark.parametrize("compiled", [False, True])
def test_samples_of_abstracts_leave_no_pair_out_at_its_own_score(compiled: bool) -> None:
    words = [f"w{number}" for number in range(400)]
    for shared in range(0, 121, 4):
        one, other = words[:120], words[:shared] + words[200 : 320 - shared]
        papers = [PaperFields(title="Gravel bars", abstract=" ".join(part)) for part in (one, other)]
        policy = replace(DEFAULT, threshold=score_profiles(*map(profile, papers)).total)
        bound = Bound(columns_of(papers, compiled=compiled), np.arange(2), policy, compiled)
        assert bound.possible(np.array([0]), np.array([1])).tolist() == [True], shared


@pytest.mark.parametrize("compiled", [False, True])
def test_papers_of_one_title_and_unlike_abstracts_are_no_candidates(compiled: bool) -> None:
    bare = [
        PaperFields(title="Gravel bars of rivers", abstract=" ".join(f"{x}{n}" for n in range(120)))
        for x in "ab"
    ]
    signed = [replace(paper, authors="Ada Example", doi="10.1/a") for paper in bare]
    for papers, expected in ((bare, []), (signed, [[0, 1]])):
        found = columns_of(papers, compiled=compiled)
        bound = Bound(found, np.arange(2), DEFAULT, compiled)
        assert propose(found, compiled=compiled).tolist() == [[0, 1]]
        assert propose(found, None, bound, compiled=compiled).tolist() == expected


def test_pairs_are_sorted_and_unique() -> None:
    papers = [
        PaperFields(title=f"Rivers {n % 7}", abstract=f"of {n % 5} and {n % 3} more " * 9) for n in range(60)
    ]
    pairs = propose(columns_of(papers, compiled=True), compiled=True)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert pairs.tolist() == sorted(map(list, {tuple(pair) for pair in pairs.tolist()}))


def test_columns_of_batches_join() -> None:
    papers = [PaperFields(title=f"Rivers {n}", abstract=f"water {n} " * 20) for n in range(9)]
    gathered = Gathered()
    for start in range(0, 9, 4):
        gathered.add(columns_of(papers[start : start + 4], compiled=True))
    joined, whole = gathered.finish(), columns_of(papers, compiled=True)
    for name in whole:
        same_arrays(joined[name], whole[name], name)


@pytest.mark.skipif(not LABELLED.is_dir(), reason="the shared labelled sets are not beside this checkout")
@pytest.mark.skipif(shutil.which("zstd") is None, reason="the labelled sets are unpacked by the zstd command")
@pytest.mark.parametrize(
    "name",
    [
        "bib_diabetes",
        "bib_stroke",
        "sra_tafenoquine",
        "arxiv_versions_dev",
        "arxiv_same_title",
        "er_dblp_acm",
    ],
)
def test_labelled_candidates_score_the_same(name: str) -> None:
    packed = str(LABELLED / name / "records.jsonl.zst")
    raw = subprocess.run(["zstd", "-dcq", packed], capture_output=True, check=True).stdout
    papers = [paper_fields(json.loads(line)) for line in raw.splitlines()[:2000]]
    pairs = propose(columns_of(papers, compiled=True), compiled=True)
    assert len(pairs) > 20
    scores = score_pairs(prepare(papers, compiled=True), *pairs.T, compiled=True)
    profiles = [profile(paper) for paper in papers]
    expected = [score_profiles(profiles[i], profiles[j]).total for i, j in pairs.tolist()]
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-9)


NOTICED = st.lists(
    st.sampled_from([sign for sign in notices.NOTICE_SIGNS + notices.RIGHTS_SIGNS if sign.isascii()])
    | st.sampled_from(
        ["the paper has been ", "withdrawn", " by the authors. ", "all rights ", " 2020", "\n", "x" * 300]
    )
    | st.text(st.characters(max_codepoint=127), max_size=12),
    max_size=8,
).map("".join)


@given(st.lists(NOTICED | NOTICED.map(str.upper), min_size=1, max_size=6))
@example(["x" * 700, "copyright 2020 " + "x" * 700, "(c) 2020"])
def test_every_abstract_with_a_notice_or_rights_is_noticed(abstracts: list[str]) -> None:
    parts = [abstract.strip().encode() for abstract in abstracts]
    found = np.zeros(len(parts), np.bool_)
    extract_kernels.noticed(
        np.frombuffer(b"".join(parts) + bytes(64), np.uint8),
        np.cumsum([0, *map(len, parts)]),
        *extract.signs(notices.RIGHTS_SIGNS),
        *extract.signs(notices.RIGHTS_SIGNS + notices.NOTICE_SIGNS),
        *(notices.HEAD, notices.TAIL, notices.LONGEST_NOTICE, found),
    )
    for part, noticed in zip(parts, found.tolist(), strict=True):
        assert noticed or notices.own_words(part.decode()) == part.decode()


def test_every_sign_of_rights_has_two_letters_that_are_rare_side_by_side() -> None:
    for sign in filter(str.isascii, notices.RIGHTS_SIGNS):
        places = [sign.find(anchor) for anchor in extract_kernels.ANCHORS]
        assert any(0 <= place <= extract_kernels.BEFORE for place in places), sign


@pytest.mark.parametrize("sign", [sign for sign in notices.RIGHTS_SIGNS if sign.isascii()])
def test_a_sign_of_rights_is_noticed_wherever_it_stands_at_an_end(sign: str) -> None:
    size, filler = 700, b"gist spell lay result "
    for start in (0, 3, *range(size - len(sign) - 140, size - len(sign) + 1, 7), size - len(sign)):
        text = bytearray((filler * size)[:size])
        text[start : start + len(sign)] = (sign.upper() if start % 2 else sign).encode()
        buffer = np.frombuffer(bytes(text) + bytes(64), np.uint8)
        found = np.zeros(1, np.bool_)
        extract_kernels.noticed(
            buffer,
            np.array([0, size]),
            *extract.signs(notices.RIGHTS_SIGNS),
            *extract.signs(notices.RIGHTS_SIGNS + notices.NOTICE_SIGNS),
            *(notices.HEAD, notices.TAIL, notices.LONGEST_NOTICE, found),
        )
        assert found[0], start


def test_a_text_is_not_noticed_by_what_stands_before_it() -> None:
    """Nothing is read before a text that is shorter than the part of it in which rights are looked for."""
    parts, found = [b"all rights reserved", b"x" * 700], np.zeros(2, np.bool_)
    extract_kernels.noticed(
        np.frombuffer(b"".join(parts) + bytes(64), np.uint8),
        np.cumsum([0, *map(len, parts)]),
        *extract.signs(notices.RIGHTS_SIGNS),
        *extract.signs(notices.RIGHTS_SIGNS + notices.NOTICE_SIGNS),
        *(notices.HEAD, notices.TAIL, notices.LONGEST_NOTICE, found),
    )
    assert found.tolist() == [True, False]
