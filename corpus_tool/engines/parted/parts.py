"""What is asked of a cluster: values in parts, one a task, that are mapped, paired and exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from corpus_tool.dedup.columns import Gathered, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns

    Sent = Iterable[tuple[int, Any]]

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HIGH = np.uint64(32)


class Parts(Protocol):
    """Values on the machines of a cluster, one a part; they are made when they are asked for."""

    def map(self, task: Callable[[int, Any], Any]) -> Parts:
        """What a task makes of the number and the value of each part."""
        ...

    def beside(self, other: Any) -> Parts:
        """Pairs of the values of each part."""
        ...

    def exchange(self, task: Callable[[int, Any], Sent]) -> Parts:
        """Lists of what was sent to each part, in the order of the senders; a task yields (receiver, value)."""
        ...

    def keep(self) -> Parts:
        """The same, made once however often they are asked for."""
        ...

    def values(self) -> list[Any]:
        """All values, on the machine that asks."""
        ...


class Cluster(Protocol):
    """Where parts come from."""

    @property
    def width(self) -> int:
        """How many tasks run at once."""
        ...

    def parts(self, values: Sequence[Any]) -> Parts:
        """These values, one a part."""
        ...


def spread(keys: NDArray[Any], count: int) -> NDArray[np.uint16]:
    """The part at which equal keys meet."""
    mixed = keys.astype(np.uint64) * _SPREAD
    found: NDArray[np.uint16] = ((mixed >> _HIGH) % np.uint64(count)).astype(np.uint16)
    return found


def split(columns: Columns, target: NDArray[Any], count: int) -> Iterator[tuple[int, Columns]]:
    """The rows of columns by the part that each is for, in their order."""
    order = np.argsort(target.astype(np.uint16), kind="stable")
    ends = np.cumsum(np.bincount(target, minlength=count))
    start = 0
    for at, end in enumerate(ends.tolist()):
        if end > start:
            yield at, take(columns, order[start:end])
        start = end


def joined(parts: Iterable[Columns]) -> Columns:
    """Columns one after another; none of nothing."""
    gathered = Gathered()
    for columns in parts:
        gathered.add(columns)
    return gathered.finish()


def home_of(places: NDArray[Any], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """At which home each place is: the i-th holds those from `bounds[i]` to before the next."""
    return np.searchsorted(bounds, places, "right") - 1
