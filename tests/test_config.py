import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool.config import Options, Reading, Similarity, parse_size
from corpus_tool.errors import UsageError


def test_defaults_reach_the_recall():
    similarity = Similarity()
    bands, rows = similarity.bands_rows
    assert bands * rows <= 128
    assert 1 - (1 - 0.7**rows) ** bands >= 0.99


@given(st.floats(0.2, 0.99), st.floats(0.5, 0.999))
def test_bands_follow_from_the_recall(threshold, recall):
    try:
        bands, rows = Similarity(threshold=threshold, recall=recall).bands_rows
    except UsageError:
        assert 1 - (1 - threshold) ** 128 < recall
        return
    assert bands * rows <= 128
    assert 1 - (1 - threshold**rows) ** bands >= recall - 1e-12
    assert bands == 1 or 1 - (1 - threshold**rows) ** (bands - 1) < recall


def test_least_agreement_loses_almost_nothing():
    from math import comb

    similarity = Similarity()
    bands, rows = similarity.bands_rows
    size = bands * rows
    lost = sum(comb(size, k) * 0.7**k * 0.3 ** (size - k) for k in range(similarity.least_agreement))
    assert 0 < lost <= 1e-4


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0},
        {"threshold": 1.5},
        {"recall": 1.0},
        {"shingle": 0},
        {"permutations": 0},
        {"seed": -1},
        {"permutations": 2},
    ],
)
def test_impossible_similarity_is_refused(wrong):
    with pytest.raises(UsageError):
        Similarity(**wrong)


def test_threshold_of_one_needs_one_band():
    assert Similarity(threshold=1.0).bands_rows[0] == 1


@pytest.mark.parametrize(
    ("written", "size"), [("0", 0), ("512M", 512 << 20), ("1.5GiB", 3 << 29), ("2 kb", 2048), ("7", 7)]
)
def test_sizes(written, size):
    assert parse_size(written) == size


@pytest.mark.parametrize("written", ["", "M", "12x", "-1", "1e3"])
def test_what_is_not_a_size(written):
    with pytest.raises(UsageError, match="512M"):
        parse_size(written)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Options(match="fuzzy"),
        lambda: Options(keep="best"),
        lambda: Options(match="papers", fields=("a",)),
        lambda: Options(jobs=-1),
        lambda: Reading(encoding="klingon"),
        lambda: Reading(year=26),
        lambda: Reading(rejects="x"),
    ],
)
def test_options_that_cannot_be(wrong):
    with pytest.raises(UsageError):
        wrong()
