"""Two stores as one, for what looks at two collections at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.lines.lines import Lines
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corpus_tool.store import Place, Store


class Joined:
    """The records of a store, and after them those of another; both stay their owners' to close."""

    def __init__(self, first: Store, second: Store) -> None:
        self._parts, self._split = (first, second), len(first)
        self.bytes_read = first.bytes_read + second.bytes_read
        self.layout = Layout()

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def _parted(self, ordinals: NDArray[np.int64]) -> tuple[NDArray[np.bool_], list[NDArray[np.int64]]]:
        """Which of the ordinals are the second's, and those of each by its own count."""
        later = ordinals >= self._split
        return later, [ordinals[~later], ordinals[later] - self._split]

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        later, parts = self._parted(ordinals.reshape(-1))
        found = np.empty(len(later), np.int64)
        found[~later], found[later] = (
            store.sizes(part) for store, part in zip(self._parts, parts, strict=True)
        )
        return found.reshape(ordinals.shape)

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        later, parts = self._parted(ordinals)
        one, other = (store.lines(part) for store, part in zip(self._parts, parts, strict=True))
        starts, sizes = np.empty(len(later), np.int64), np.empty(len(later), np.int64)
        starts[~later], starts[later] = one.starts, other.starts + len(one.data)
        sizes[~later], sizes[later] = one.sizes, other.sizes
        return Lines(np.concatenate((one.data, other.data)), starts, sizes)

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        later, parts = self._parted(ordinals)
        found = [iter(store.places(part)) for store, part in zip(self._parts, parts, strict=True)]
        return [next(found[each]) for each in later.tolist()]

    def sources(self) -> list[tuple[str, int, int]]:
        first, second = (store.sources() for store in self._parts)
        return first + [(name, start + self._split, end + self._split) for name, start, end in second]

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        for store, part in zip(self._parts, self._parted(ordinals)[1], strict=True):
            store.copy(part, write)

    def close(self) -> None:
        """Nothing of its own is open."""
