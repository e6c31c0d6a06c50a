"""A part of a run as `receipts` wants it: some records by their ordinals, as if they were all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corpus_tool.lines.lines import Lines
    from corpus_tool.match.rules import Rules
    from corpus_tool.store import Layout, Place


@dataclass(frozen=True, slots=True)
class Sparse:
    """Values of some ordinals, indexed by these as an array of all would be.

    Attributes:
        ordinals: int64, ascending.
        values: One for each.
    """

    ordinals: NDArray[np.int64]
    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.ordinals)

    def __getitem__(self, wanted: Any) -> Any:
        if isinstance(wanted, slice):
            wanted = np.arange(wanted.start, wanted.stop)
        return self.values[np.searchsorted(self.ordinals, wanted)]


@dataclass(frozen=True, slots=True)
class SparseStore:
    """The records of a part of a run, by ordinal.

    Attributes:
        ordinals: int64, ascending.
        held: As they stand.
        stand: Where each stood in the input.
        count: How many records the run has.
        layout: What stands between them.
    """

    ordinals: NDArray[np.int64]
    held: Lines
    stand: list[Place]
    count: int
    layout: Layout

    def __len__(self) -> int:
        return self.count

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.held.sizes[np.searchsorted(self.ordinals, ordinals)]

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        return self.held.take(np.searchsorted(self.ordinals, ordinals))

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        return [self.stand[at] for at in np.searchsorted(self.ordinals, ordinals).tolist()]

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        for at in np.searchsorted(self.ordinals, ordinals).tolist():
            write(self.held.raw(at) + b"\n")


@dataclass(frozen=True, slots=True)
class Portion:
    """What `dedup.run.Run` says of all records, of those of one part; attributes as there.

    Attributes:
        ordinals: The records of the part, of which something is written.
    """

    ordinals: NDArray[np.int64]
    kept: NDArray[np.int64]
    removed: NDArray[np.int64]
    store: SparseStore
    rules: Rules
    rule: Sparse
    parsed: Sparse
    witness: Sparse
    score: Sparse
    through: Sparse
    version_of: Sparse
