"""Columns of many records: joined batch by batch, or taken row by row.

A ragged column is two arrays: `NAME` holds the values of all records one after another, and `NAME_offsets`
(int64, one more than records) where each record's begin. Every other array counts records on its first axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Columns = dict[str, "NDArray[Any]"]
OFFSETS = "_offsets"


def join(parts: Sequence[Columns]) -> Columns:
    """The columns of consecutive batches as those of one; at least one part."""
    joined: Columns = {}
    for name in parts[0]:
        arrays = [part[name] for part in parts]
        if name.endswith(OFFSETS):
            arrays = [np.zeros(1, np.int64), *(np.diff(array) for array in arrays)]
            joined[name] = np.concatenate(arrays).cumsum(dtype=np.int64)
        else:
            joined[name] = np.concatenate(arrays)
    return joined


def take(columns: Columns, rows: NDArray[Any]) -> Columns:
    """The columns of some records, in the order asked for."""
    taken: Columns = {}
    for name, array in columns.items():
        if name.endswith(OFFSETS):
            continue
        offsets = columns.get(name + OFFSETS)
        if offsets is None:
            taken[name] = array[rows]
            continue
        sizes = (offsets[1:] - offsets[:-1])[rows]
        ends = np.cumsum(sizes, dtype=np.int64)
        taken[name + OFFSETS] = np.concatenate((np.zeros(1, np.int64), ends))
        within = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
        taken[name] = array[np.repeat(offsets[:-1][rows], sizes) + within]
    return taken
