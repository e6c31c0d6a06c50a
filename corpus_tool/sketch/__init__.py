"""MinHash sketches, shingle sets and exact Jaccard: a NumPy reference and compiled kernels with the same bits.

Importing this package imports neither twin. The kernels release the GIL; the reference serves where there is no
library of them and no compiler, and it is what they are held to. Engines that stream call
`corpus_tool.sketch.compiled.prepare` and `sketch_buffer` themselves, to split a block over threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.sketch.signature import EMPTY, Sketch, permutations

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.config import Similarity

__all__ = [
    "EMPTY",
    "Sketch",
    "banded_permutations",
    "jaccard_pairs",
    "permutations",
    "shingle_sets",
    "sketch_texts",
]


def banded_permutations(similarity: Similarity) -> NDArray[np.uint32]:
    """uint32[2, k], the permutations whose values fall into the bands of `Similarity.bands_rows`."""
    bands, rows = similarity.bands_rows
    return permutations(similarity.permutations, similarity.seed)[:, : bands * rows].copy()


def sketch_texts(texts: Sequence[str], shingle: int, perms: NDArray[np.uint32], *, compiled: bool) -> Sketch:
    """MinHash signatures, fingerprints and word counts of texts.

    Args:
        texts: Any strings, lone surrogates included.
        shingle: Words in a shingle, at least 1.
        perms: uint32[2, k] from `permutations`, or its first columns.
        compiled: Whether to run the kernels instead of the reference; the result is the same.
    """
    if compiled:
        from corpus_tool.sketch import compiled as kernels

        return kernels.sketch_buffer(*kernels.prepare(texts), shingle, perms)
    from corpus_tool.sketch import reference

    return reference.sketch_texts(texts, shingle, perms)


def shingle_sets(
    texts: Sequence[str], shingle: int, *, compiled: bool
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The set of shingle hashes of each text.

    Returns:
        values uint64[total] and offsets int64[n + 1]: record i has `values[offsets[i]:offsets[i + 1]]`, ascending
        and each once.
    """
    if compiled:
        from corpus_tool.sketch import compiled as kernels

        return kernels.shingle_sets_buffer(*kernels.prepare(texts), shingle)
    from corpus_tool.sketch import reference

    return reference.shingle_sets(texts, shingle)


def jaccard_pairs(
    values: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    *,
    compiled: bool,
) -> NDArray[np.float64]:
    """Exact Jaccard index of m pairs of records.

    Args:
        values: Shingle hashes, as `shingle_sets` gives them.
        offsets: Where each record's hashes begin and end in them.
        left: int64[m], one record of each pair.
        right: int64[m], the other.
        compiled: Whether to run the kernel instead of the reference; the result is the same.

    Returns:
        float64[m], 0.0 to 1.0; 0.0 where either set is empty.
    """
    if compiled:
        from corpus_tool.sketch import compiled as kernels

        return kernels.jaccard_pairs(values, offsets, left, right)
    from corpus_tool.sketch import reference

    return reference.jaccard_pairs(values, offsets, left, right)
