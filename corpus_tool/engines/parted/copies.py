"""Records alike beyond doubt, which meet by their identity: the first of them stands for all."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.clusters import first_alike
from corpus_tool.engines.parted.parts import home_of, joined, split, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.homes import Home
    from corpus_tool.engines.parted.parts import Parts


def first_places(placed: Parts, bounds: NDArray[np.int64], *, apart: bool) -> Parts:
    """As `settle.first_places`: int64 for each record of each home.

    Args:
        placed: Records by place.
        bounds: The first place of each home.
        apart: Whether a cluster may hold only some of them, so that each stands for itself.
    """
    if apart:
        return placed.map(partial(_themselves, bounds))
    met = placed.exchange(partial(_by_identity, bounds)).exchange(partial(_copies, bounds))
    return met.map(partial(_firsts, bounds)).keep()


def _themselves(bounds: NDArray[np.int64], index: int, _: Home) -> NDArray[np.int64]:
    return np.arange(bounds[index], bounds[index + 1])


def _by_identity(bounds: NDArray[np.int64], index: int, home: Home) -> Iterator[tuple[int, Columns]]:
    identity = home.identity()
    worded = np.flatnonzero(identity)
    columns = {"identity": identity[worded], "place": (worded + bounds[index]).astype(np.uint32)}
    count = len(bounds) - 1
    yield from split(columns, spread(columns["identity"], count), count)


def _copies(bounds: NDArray[np.int64], _: int, received: list[Columns]) -> Iterator[tuple[int, Columns]]:
    """Tell the homes of copies their first; as homes send in order, the places of each identity ascend."""
    met = joined(received)
    if not met:
        return
    first = first_alike(met["identity"])
    copies = np.flatnonzero(first != np.arange(len(first)))
    places, count = met["place"], len(bounds) - 1
    columns = {"place": places[copies], "first": places[first[copies]]}
    yield from split(columns, home_of(columns["place"], bounds), count)


def _firsts(bounds: NDArray[np.int64], index: int, received: list[Columns]) -> NDArray[np.int64]:
    found = np.arange(bounds[index], bounds[index + 1])
    for columns in received:
        found[columns["place"] - bounds[index]] = columns["first"]
    return found
