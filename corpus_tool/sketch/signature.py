"""What a sketch is: MinHash signatures, the permutations behind them, and a fingerprint a record.

Shared by the NumPy reference and the compiled kernels; the numbers are those of datasketch's `affine32` scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMPTY = 0xFFFFFFFF
"""Each value of the signature of a record without words: the largest, as in an untouched `datasketch.MinHash`."""


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
    generator = np.random.RandomState(seed)
    multipliers = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    increments = generator.randint(0, 1 << 32, count, dtype=np.uint32)
    return np.stack((multipliers, increments))
