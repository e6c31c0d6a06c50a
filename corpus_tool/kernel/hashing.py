"""The hashes of `corpus_tool.text`, as kernels compute them."""

from __future__ import annotations

import numpy as np

from corpus_tool import text
from corpus_tool.kernel.declare import inlined

MULTIPLIER = np.uint64(text.MULTIPLIER)
LENGTH_MULTIPLIER = np.uint64(text.LENGTH_MULTIPLIER)
SHINGLE_MULTIPLIER = np.uint64(text.SHINGLE_MULTIPLIER)
HALF = np.uint64(32)

_ZERO = np.uint64(0)


@inlined
def absorb(state, lane):
    """`corpus_tool.text.absorb`."""
    state = (state ^ lane) * MULTIPLIER
    return state ^ (state >> HALF)


@inlined
def hash_two(first, second):
    """The high half of `corpus_tool.text.hash_shingle` of two words."""
    state = first * SHINGLE_MULTIPLIER + second
    return np.uint32(absorb(state ^ (state >> HALF), _ZERO) >> HALF)
