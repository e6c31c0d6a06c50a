"""A cluster that is this process: what its tasks send each other is copied, as if it went over a wire."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class InProcess:
    width = 2

    def parts(self, values: Sequence[Any]) -> Held:
        return Held([pickle.dumps(value) for value in values])


class Held:
    def __init__(self, blobs: list[bytes]) -> None:
        self._blobs = blobs

    def map(self, task: Callable[[int, Any], Any]) -> Held:
        task = pickle.loads(pickle.dumps(task))
        return Held([pickle.dumps(task(index, pickle.loads(blob))) for index, blob in enumerate(self._blobs)])

    def beside(self, other: Held) -> Held:
        both = zip(self.values(), other.values(), strict=True)
        return Held([pickle.dumps(pair) for pair in both])

    def exchange(self, task: Callable[[int, Any], Any]) -> Held:
        task = pickle.loads(pickle.dumps(task))
        received: list[list[Any]] = [[] for _ in self._blobs]
        for index, blob in enumerate(self._blobs):
            for target, value in task(index, pickle.loads(blob)):
                received[target].append(value)
        return Held(list(map(pickle.dumps, received)))

    def keep(self) -> Held:
        return self

    def values(self) -> list[Any]:
        return list(map(pickle.loads, self._blobs))
