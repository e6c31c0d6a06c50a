"""What a sketch is: MinHash signatures, the permutations behind them, and a fingerprint a record.

Shared by the NumPy reference and the compiled kernels; the numbers are those of datasketch's `affine32` scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMPTY = 0xFFFFFFFF
"""Each value of the signature of a record without words: the largest, as in an untouched `datasketch.MinHash`."""


_STATE = 624
"""Words of MT19937's state."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of n records once their text is gone.

    Attributes:
        signatures: uint32[n, k]; MinHash of each record's shingles, all `EMPTY` for a record without words.
        fingerprints: uint64[n]; `text.fingerprint` of each record, 0 for a record without words.
        words: int32[n]; number of words of each record.
    """

    signatures: NDArray[np.uint32]
    fingerprints: NDArray[np.uint64]
    words: NDArray[np.int32]


def permutations(count: int = 128, seed: int = 1) -> NDArray[np.uint32]:
    """The affine maps `a*h + b mod 2^32` of `datasketch.MinHash(count, seed, scheme="affine32")`.

    A shorter signature takes the first columns of one longer draw: `permutations(128)[:, :k]` is not `permutations(k)`.

    Args:
        count: Number of permutations, at least 1.
        seed: Seed of the draw.

    Returns:
        uint32[2, count]: the odd multipliers `a`, then the increments `b`.
    """
    drawn = _mersenne_twister(seed).getrandbits(2 * 32 * count).to_bytes(2 * 4 * count, "little")
    multipliers, increments = np.frombuffer(drawn, "<u4").astype(np.uint32).reshape(2, count)
    return np.stack((multipliers * np.uint32(2) + np.uint32(1), increments))


def _mersenne_twister(seed: int) -> Random:
    """The generator of `numpy.random.RandomState(seed)`, whose import takes longer than all else that is done here.

    Python's is the same, Matsumoto and Nishimura's MT19937, but for how a seed becomes its first state.

    Raises:
        ValueError: The seed has more than 32 bits.
    """
    if not 0 <= seed < 1 << 32:
        raise ValueError("Seed must be between 0 and 2**32 - 1")
    state = [seed]
    for place in range(1, _STATE):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + place) % (1 << 32))
    generator = Random()
    generator.setstate((3, (*state, _STATE), None))
    return generator
