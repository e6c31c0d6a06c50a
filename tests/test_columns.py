import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool.dedup.columns import Gathered, on_disk, release, take
from corpus_tool.errors import OutputError


def batch(rng, size):
    sizes = rng.integers(0, 4, size)
    return {
        "key": rng.integers(0, 99, size),
        "none": np.zeros((size, 0), np.int64),
        "wide": rng.integers(0, 99, (size, 5)).astype(np.uint8),
        "words": rng.integers(0, 99, sizes.sum()).astype(np.uint32),
        "words_offsets": np.concatenate(([0], np.cumsum(sizes))),
    }


def rows(columns):
    offsets = columns["words_offsets"]
    return [
        (int(key), wide.tolist(), columns["words"][offsets[row] : offsets[row + 1]].tolist())
        for row, (key, wide) in enumerate(zip(columns["key"], columns["wide"], strict=True))
    ]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.sampled_from([None, 1, 100, 10_000]))
def test_gathering_on_disk_and_in_memory_gives_the_same(sizes, limit):
    rng = np.random.default_rng(len(sizes))
    batches = [batch(rng, size) for size in sizes]
    gathered = Gathered(limit)
    for each in batches:
        gathered.add(each)
    whole = gathered.finish()
    assert rows(whole) == [row for each in batches for row in rows(each)]
    assert whole["none"].shape == (sum(sizes), 0)
    assert whole["wide"].dtype == np.uint8
    release(whole["wide"])
    some = np.arange(sum(sizes))[::-2]
    assert rows(take(whole, some)) == [rows(whole)[row] for row in some.tolist()]


def test_past_the_limit_wide_columns_are_on_disk():
    rng = np.random.default_rng(1)
    gathered = Gathered(10)
    gathered.add(batch(rng, 50))
    whole = gathered.finish()
    assert on_disk(whole["wide"])
    assert on_disk(whole["words"])
    assert not on_disk(whole["key"])


def test_a_folder_that_cannot_be_written_is_named():
    gathered = Gathered(1, "/nowhere")
    with pytest.raises(OutputError, match="--tmp-dir"):
        gathered.add(batch(np.random.default_rng(1), 5))
