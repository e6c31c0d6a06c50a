import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.dedup import candidates, clusters
from corpus_tool.dedup.candidates import Reach

pytestmark = pytest.mark.usefixtures("each_step")

NARROW = Reach()


def proposed(keys, agreement, rows, least, compiled, reach=NARROW):
    found = candidates.search(keys, agreement, rows, least, reach, compiled=compiled)
    (pairs,) = found.portions
    return pairs.tolist(), np.flatnonzero(found.crowded).tolist()


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 400),
    st.integers(1, 4),
    st.integers(1, 40),
    st.integers(0, 4),
    st.integers(0, 9),
    st.integers(1, 40),
)
def test_kernel_proposes_what_the_reference_does(count, bands, different, least, partners, limit):
    rng = np.random.default_rng(count)
    reach = Reach(limit, partners)
    keys = rng.integers(0, different, (count, bands)).astype(np.uint32)
    agreement = rng.integers(0, 3, (count, 4)).astype(np.uint8)
    rows = rng.permutation(count)[: count - count // 5].astype(np.int64)
    reference = proposed(keys, agreement, rows, least, False, reach)
    assert proposed(keys, agreement, rows, least, True, reach) == reference


def test_all_pairs_of_small_buckets_and_no_others():
    keys = np.array([[1, 9], [1, 8], [2, 8], [3, 7]], np.uint32)
    agreement = np.zeros((4, 4), np.uint8)
    assert proposed(keys, agreement, np.arange(4), 4, False) == ([[0, 1], [1, 2]], [])


def test_pairs_that_agree_too_little_are_not_proposed():
    keys = np.zeros((2, 1), np.uint32)
    agreement = np.array([[1, 2, 3, 4], [1, 2, 0, 0]], np.uint8)
    assert proposed(keys, agreement, np.arange(2), 2, False)[0] == [[0, 1]]
    assert proposed(keys, agreement, np.arange(2), 3, False)[0] == []


@pytest.mark.parametrize("compiled", [False, True])
def test_large_buckets_stay_linear_and_are_named(compiled):
    count = 5000
    keys, agreement = np.zeros((count, 3), np.uint32), np.zeros((count, 4), np.uint8)
    pairs, large = proposed(keys, agreement, np.arange(count), 4, compiled)
    assert len(pairs) <= 4 * count
    assert large == list(range(count))
    assert {left for left, right in pairs if right == count - 1} == {0, 1, count - 3, count - 2}


def test_the_widest_reach_keeps_to_its_budget():
    keys = np.zeros((3000, 2), np.uint32)
    assert candidates.widest_reach(keys, np.arange(3000)).limit >= 3000
    keys = np.zeros((300_000, 2), np.uint32)
    limit = candidates.widest_reach(keys, np.arange(300_000)).limit
    assert 64 <= limit <= 2**26 // 300_000


def test_band_keys_depend_on_all_rows_of_their_band_only():
    rng = np.random.default_rng(1)
    signatures = rng.integers(0, 2**32, (1, 12), dtype=np.uint64).astype(np.uint32)
    base = candidates.band_keys(signatures, 4, 3)[0]
    for value in range(12):
        changed = signatures.copy()
        changed[0, value] ^= 1
        differs = candidates.band_keys(changed, 4, 3)[0] != base
        assert differs.tolist() == [band == value // 3 for band in range(4)]


edges = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from([0.7, 0.8, 0.9])), max_size=30
)


def arrays(found):
    unique = {(min(a, b), max(a, b)): score for a, b, score in found if a != b}
    pairs = np.array(sorted(unique), np.int64).reshape(-1, 2)
    return pairs, np.array([unique[tuple(pair)] for pair in pairs.tolist()])


@given(edges)
def test_witness_rule_by_definition(found):
    pairs, scores = arrays(found)
    match = {tuple(pair): score for pair, score in zip(pairs.tolist(), scores.tolist(), strict=True)}
    witness, joined = clusters.witnesses(13, pairs, scores)
    kept = []
    for place in range(13):
        options = [(-match[(k, place)], k) for k in kept if (k, place) in match]
        if options:
            assert (-joined[place], witness[place]) == min(options)
        else:
            assert witness[place] == -1
            kept.append(place)


@settings(deadline=None)
@given(edges)
def test_witness_kernel_is_the_reference(found):
    pairs, scores = arrays(found)
    for one, other in zip(
        clusters.witnesses(13, pairs, scores),
        clusters.witnesses(13, pairs, scores, compiled=True),
        strict=True,
    ):
        assert one.tolist() == other.tolist()


@given(edges)
def test_components_by_definition(found):
    pairs, _ = arrays(found)
    label = clusters.components(13, pairs)
    sets = {place: {place} for place in range(13)}
    for left, right in pairs.tolist():
        union = sets[left] | sets[right]
        for place in union:
            sets[place] = union
    assert label.tolist() == [min(sets[place]) for place in range(13)]
