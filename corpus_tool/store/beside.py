"""Records of two stores under one numbering: a run's own, and after them those that it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.lines.lines import Lines
from corpus_tool.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corpus_tool.store import Place, Store


class PlacedStore(MemoryStore):
    """Records that are held, each with the place where it stood once.

    Args:
        raws: The bytes of each record.
        places: Of each.
    """

    def __init__(self, raws: Sequence[bytes], places: Sequence[Place]) -> None:
        super().__init__(raws, "")
        self._places = places

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        return [self._places[ordinal] for ordinal in ordinals.tolist()]


class BesideStore:
    """A store that also finds the records of another, by ordinals past its own; everything else is of its own alone.

    Args:
        own: The records of a run.
        others: What they are held against.
    """

    def __init__(self, own: Store, others: Store) -> None:
        self._own, self._others = own, others
        self.bytes_read, self.layout = own.bytes_read, own.layout

    def __len__(self) -> int:
        return len(self._own)

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        own = ordinals < len(self._own)
        found = np.empty(ordinals.shape, np.int64)
        found[own] = self._own.sizes(ordinals[own])
        found[~own] = self._others.sizes(ordinals[~own] - len(self._own))
        return found

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        own = ordinals < len(self._own)
        if own.all():
            return self._own.lines(ordinals)
        mine, theirs = self._own.lines(ordinals[own]), self._others.lines(ordinals[~own] - len(self._own))
        starts, sizes = np.empty(len(ordinals), np.int64), np.empty(len(ordinals), np.int64)
        starts[own], starts[~own] = mine.starts, theirs.starts + len(mine.data)
        sizes[own], sizes[~own] = mine.sizes, theirs.sizes
        return Lines(np.concatenate((mine.data, theirs.data)), starts, sizes)

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        own = ordinals < len(self._own)
        mine = iter(self._own.places(ordinals[own]))
        theirs = iter(self._others.places(ordinals[~own] - len(self._own)))
        return [next(mine) if each else next(theirs) for each in own.tolist()]

    def sources(self) -> list[tuple[str, int, int]]:
        return self._own.sources()

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        self._own.copy(ordinals, write)

    def close(self) -> None:
        """Let go of the files of both."""
        self._own.close()
        self._others.close()
