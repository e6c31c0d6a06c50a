from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus_tool import text
from corpus_tool.sketch import (
    EMPTY,
    compiled,
    jaccard_pairs,
    kernels,
    permutations,
    set_kernels,
    shingle_sets,
    sketch_texts,
    tables,
)
from corpus_tool.sketch.reference import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("each_step")

PERMS = permutations()
EDGE = range(kernels.SEGMENT - 12, kernels.SEGMENT + 2)


@pytest.fixture(scope="module", autouse=True)
def _with_tables() -> Iterator[None]:
    """However little the text is, a kernel folds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_WORTH_TABLES", 0)
        yield


HARD = "aZ_09 \n\0\x7f-éßİıŉǅﬁﬀ"
HARD += "कि्\u093cน้ำฺかーｶﾞ\u3099ខ្ဟ်العَـﹷשָׁ\u00ad\u200b\u200d\ufeff\u034f\U000e0101\U00011046\U0001d165"
HARD += "１２Ａ\u0301\u0307\u0345\u200d\u3000中文々〇㐀\U00020000\U0003ffff豈ก๙٣²½𝐀\ud800\udfffáﷺΣς🙂"
EVERY_CHARACTER = st.characters(categories=("L", "M", "N", "P", "S", "Z", "C"))
TEXTS = st.text(EVERY_CHARACTER | st.sampled_from(HARD) | st.sampled_from("ab ") | st.sampled_from("中 é"))
SPLIT_TEXTS = st.lists(TEXTS | st.sampled_from(["", "a", "the", "x" * 63, "中" * 30]), max_size=40).map(
    " ".join
)


def same_bits(texts: list[str], shingle: int, columns: int = 128) -> None:
    slow = sketch_texts(texts, shingle, PERMS[:, :columns], compiled=False)
    fast = sketch_texts(texts, shingle, PERMS[:, :columns], compiled=True)
    for name in ("signatures", "fingerprints", "words"):
        left, right = getattr(slow, name), getattr(fast, name)
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left, right, name)
    slow_values, slow_offsets = shingle_sets(texts, shingle, compiled=False)
    fast_values, fast_offsets = shingle_sets(texts, shingle, compiled=True)
    assert (fast_values.dtype, fast_offsets.dtype) == (slow_values.dtype, slow_offsets.dtype)
    np.testing.assert_array_equal(slow_offsets, fast_offsets)
    np.testing.assert_array_equal(slow_values, fast_values)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS | SPLIT_TEXTS, max_size=8), st.integers(1, 8), st.sampled_from([1, 68, 128]))
@example(["", "one", "one two", "", "\n"], 5, 128)
@example([word * 9 for word in ("a", "ab ", "abcdefgh", "é ", "中", "a中 ")], 3, 68)
@example([HARD, HARD * 40, "中" * 200, "a" * 63 + "中b", "a" * 62 + "中b", "a" * 61 + "中"], 2, 128)
def test_kernels_equal_reference(texts: list[str], shingle: int, columns: int) -> None:
    same_bits(texts, shingle, columns)


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS | SPLIT_TEXTS, max_size=6), st.integers(1, 8), st.booleans())
@example(["", "one", "ONE", "one two", HARD * 3], 5, False)
@example(["", "one", "ONE", "one two", HARD * 3], 5, True)
def test_both_follow_the_definition(texts: list[str], shingle: int, compiled: bool) -> None:
    sketch = sketch_texts(texts, shingle, PERMS, compiled=compiled)
    assert sketch.fingerprints.tolist() == [text.fingerprint(one) for one in texts]
    assert sketch.words.tolist() == [len(text.words(one)) for one in texts]
    values, offsets = shingle_sets(texts, shingle, compiled=compiled)
    sets = [values[start:stop].tolist() for start, stop in pairwise(offsets)]
    assert sets == [sorted(text.shingles(one, shingle)) for one in texts]
    pairs = [(left, right) for left in range(len(texts)) for right in range(len(texts))]
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    scores = jaccard_pairs(values, offsets, left, right, compiled=compiled)
    expected = [text.jaccard(set(sets[one]), set(sets[other])) for one, other in pairs]
    assert scores.tolist() == expected


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("length", [0, 1, 4, 5, 63, 64, 65, 127, 300])
def test_signatures_are_datasketchs(length: int, compiled: bool) -> None:
    from datasketch import MinHash

    one = " ".join(f"word{number}" for number in range(length))
    expected = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda value: value)
    expected.update_batch([value >> 32 for value in text.shingles(one)])
    for columns in (68, 128):
        sketch = sketch_texts([one], 5, PERMS[:, :columns], compiled=compiled)
        assert sketch.signatures[0].tolist() == expected.hashvalues[:columns].tolist()


@pytest.mark.parametrize("seed", [1, 7])
def test_permutations_are_datasketchs(seed: int) -> None:
    from datasketch import MinHash

    expected = np.array(MinHash(num_perm=128, seed=seed, scheme="affine32").permutations)
    np.testing.assert_array_equal(permutations(128, seed), expected)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_record_without_words_is_empty(compiled: bool) -> None:
    sketch = sketch_texts(["", " .\n\0", "\u0301"], 5, PERMS, compiled=compiled)
    assert (sketch.signatures == EMPTY).all()
    assert not sketch.fingerprints.any()
    assert not sketch.words.any()
    values, offsets = shingle_sets(["", "-"], 5, compiled=compiled)
    assert jaccard_pairs(values, offsets, np.array([0]), np.array([1]), compiled=compiled).tolist() == [0.0]
    assert len(sketch_texts([], 5, PERMS, compiled=compiled).words) == 0
    assert shingle_sets([], 5, compiled=compiled)[1].tolist() == [0]


def test_a_million_words() -> None:
    generator = np.random.default_rng(3)
    vocabulary = np.array(
        ["the", "of", "a", "minhash", "naïve", "中文", "similarity", "x" * 20, "signatures"]
    )
    record = " ".join(vocabulary[generator.integers(0, len(vocabulary), 1_000_000)])
    same_bits([record, "after"], 5, 16)


@pytest.mark.parametrize(
    "unit",
    ["a", "Ab_9", "é", "中", "\U00020000", "a中", "\ud800é", "ก้", "中\u0308\u0323", "क्", "\u0308", " \u0308"],
)
@pytest.mark.parametrize("around", [-1, 0, 1, 2, 3, 4, 5])
def test_texts_about_a_segment_long(unit: str, around: int) -> None:
    size = (kernels.SEGMENT + around) // len(unit.encode("utf-8", "surrogatepass"))
    same_bits([unit * size, " " + unit * size, unit * 2 * size + " b c"], 3, 4)


@pytest.mark.parametrize("base", ["a", "é", "中", "ก", "क", " ", "\U00020000"])
@pytest.mark.parametrize("mark", ["\u0e49", "\u0308", "\U0001d165"])
def test_marks_across_vectors_and_segments(base: str, mark: str) -> None:
    texts = [
        " " * before + base + mark * count + after
        for before in (*range(50, 66), *EDGE)
        for count in (1, 2, 30)
        for after in ("", "x", "中", "ก้ก ")
    ]
    same_bits(texts, 2, 4)


def test_word_lengths() -> None:
    texts = ["w" * length + end for length in range(1, 140) for end in ("", " x", "é")]
    same_bits(texts, 2, 4)
    fingerprints = sketch_texts(texts, 2, PERMS, compiled=True).fingerprints
    assert len(set(fingerprints.tolist())) == len(texts)


def test_the_reference_permutes_in_blocks() -> None:
    texts = [" ".join(map(str, range(size))) for size in (BLOCK + 4, 3, 0, 3 * BLOCK, BLOCK, 1)]
    same_bits(texts, 5, 4)


def test_sets_of_repeats() -> None:
    same_bits(["a b " * 5000, "a " * 9000, "a b c d e f g " * 3000 + "end"], 1, 4)


@given(st.lists(st.sampled_from([0, 1, 2**63, 2**64 - 1]) | st.integers(0, 300), max_size=300))
@settings(max_examples=60, deadline=None)
def test_sorting_survives_hashes_that_are_not_uniform(numbers: list[int]) -> None:
    values = np.array([*numbers, *numbers, 5], np.uint64)
    offsets = np.array([0, len(numbers), len(numbers), len(values)])
    set_kernels.sort_sets(values, offsets)
    expected = [sorted(set(numbers)), [], sorted({*numbers, 5})]
    assert [values[start:stop].tolist() for start, stop in pairwise(offsets)] == expected


def test_threads_over_chunks_equal_the_whole() -> None:
    texts = [f"record {number} " + "word " * (number % 17) + "é中"[: number % 3] for number in range(500)]
    buffer, offsets = compiled.prepare(texts)
    whole = compiled.sketch_buffer(buffer, offsets, 5, PERMS)
    cuts = [0, 1, 100, 101, 377, 500]
    slices = [offsets[start : stop + 1] for start, stop in pairwise(cuts)]
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda part: compiled.sketch_buffer(buffer, part, 5, PERMS), slices))
    for name in ("signatures", "fingerprints", "words"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name))


def test_a_buffer_without_padding() -> None:
    data = np.frombuffer(b"the quick brown fox jumps_over", np.uint8)
    sketch = compiled.sketch_buffer(data, np.array([0, 9, len(data)]), 2, PERMS)
    expected = sketch_texts(["the quick", " brown fox jumps_over"], 2, PERMS, compiled=False)
    np.testing.assert_array_equal(sketch.signatures, expected.signatures)


def test_every_code_point_is_classified_as_in_text() -> None:
    every = [chr(code) for code in range(0x110000)]
    folded = [one for one in every if text.normalise(one) == one]

    def kind(one: str) -> int:
        if text.words(f"a{one}a") == ["a", one, "a"]:
            return kernels.ALONE
        if not text.words(one) and len(text.words(f"xx{one}xx")) == 1:
            return kernels.MARK
        return len(text.words(one))

    expected = [kind(one) for one in folded]
    assert [int(tables.classes()[ord(one)]) for one in folded] == expected


def test_characters_folded_by_table_need_no_context() -> None:
    actions, _ = tables.foldings()
    generator = np.random.default_rng(5)
    codes = np.flatnonzero(actions != tables.IN_CONTEXT)
    assert len(codes) > 1_100_000
    changed = np.flatnonzero(actions > 0)
    for some in (generator.permutation(codes), generator.choice(changed, 50_000), np.arange(0xAC00, 0xD7A4)):
        one = "".join(map(chr, some.tolist()))
        buffer, offsets = compiled.prepare([one, "A", "\u0301" + one[:9]])
        assert buffer[: offsets[1]].tobytes().lower() == text.normalise(one).encode("utf-8", "surrogatepass")
        context = text.normalise("\u0301" + one[:9]).encode("utf-8", "surrogatepass")
        assert buffer[offsets[1] : offsets[3]].tobytes() == b"A" + context


@pytest.mark.parametrize("one", ["e\u0301", "\u1112\u1161\u11ab", "\u3046\u3099", "\u09c7\u09be", "=\u0338"])
def test_characters_that_compose_are_normalised_in_context(one: str) -> None:
    buffer, offsets = compiled.prepare(["first", one, "", one * 2, "last é"])
    texts = [buffer[start:stop].tobytes().decode() for start, stop in pairwise(offsets)]
    assert texts == [text.normalise(part) for part in ("first", one, "", one * 2, "last é")]
    assert len(text.normalise(one)) == 1


def test_classes_are_those_of_regular_expressions() -> None:
    every = np.arange(0x110000, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    table = np.zeros(len(every), np.uint8)
    for kind, pattern in ((1, r"\w"), (2, rf"[{text.UNSPACED}]"), (3, text.mark_pattern())):
        table[[found.start() for found in re.finditer(pattern, every)]] = kind
    assert (table == tables.classes()).all()


@given(st.lists(TEXTS | SPLIT_TEXTS, max_size=6))
def test_few_texts_are_normalised_without_tables(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_WORTH_TABLES", 1 << 60)
        few = compiled.sketch_buffer(*compiled.prepare(texts), 2, PERMS)
    many = compiled.sketch_buffer(*compiled.prepare(texts), 2, PERMS)
    assert few.fingerprints.tolist() == many.fingerprints.tolist()
    assert few.signatures.tolist() == many.signatures.tolist()


def test_kernels_refuse_other_types() -> None:
    with pytest.raises(TypeError):
        set_kernels.jaccard(np.zeros(1), *(np.zeros(1, np.int64),) * 3, np.zeros(1))
