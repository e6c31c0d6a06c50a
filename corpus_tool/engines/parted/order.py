"""Places: records in the order of the keep policy, so that each home holds consecutive ones."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup import keep
from corpus_tool.engines.parted.homes import Home
from corpus_tool.engines.parted.parts import home_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.engines.parted.parts import Parts

_SAMPLE = 64
"""Records of each home by which the order is cut into parts."""


def arrange(homes: Parts, bases: NDArray[np.int64], policy: str) -> tuple[Parts, NDArray[np.int64]]:
    """Records by place, and the first place of each home.

    Args:
        homes: `Home` values in input order.
        bases: int64[n + 1], the first ordinal of each.
        policy: Of keeping.
    """
    if policy == "first":
        return homes, bases
    numbered = homes.map(partial(_number, bases))
    if policy == "last":
        placed = numbered.exchange(partial(_reversed, len(bases) - 1)).map(partial(_receive, policy))
        return placed.keep(), int(bases[-1]) - bases[::-1]
    samples = np.concatenate(numbered.map(_sample).values())
    ordered = samples[_order(samples)]
    cuts = (
        ordered[len(ordered) * np.arange(1, len(bases) - 1) // (len(bases) - 1)] if len(ordered) else ordered
    )
    placed = numbered.exchange(partial(_send, cuts)).map(partial(_receive, policy)).keep()
    return placed, np.concatenate(([0], np.cumsum(placed.map(_count).values(), dtype=np.int64)))


def _number(bases: NDArray[np.int64], index: int, home: Home) -> Home:
    home.common["ordinal"] = np.arange(bases[index], bases[index + 1])
    return home


def _count(_: int, home: Home) -> int:
    return len(home)


def _worths(home: Home) -> NDArray[np.int64]:
    """Worth and ordinal of each record, int64[n, 4]."""
    return np.concatenate((home.common["worth"], home.common["ordinal"][:, None]), axis=1)


def _order(worths: NDArray[np.int64]) -> NDArray[np.int64]:
    value, length, tie, ordinal = worths.T
    return np.lexsort((ordinal, tie, -length, -value))


def _sample(_: int, home: Home) -> NDArray[np.int64]:
    worths = _worths(home)
    return worths[:: max(1, len(worths) // _SAMPLE)]


def _send(cuts: NDArray[np.int64], index: int, home: Home) -> Iterator[tuple[int, Home]]:
    """Each record to the home of the stretch between two cuts in which it is."""
    both = np.concatenate((cuts, _worths(home)))
    order = _order(both)
    before = np.cumsum(order < len(cuts))
    target = np.empty(len(both), np.int64)
    target[order] = before
    target = target[len(cuts) :]
    yield index, home.take(target[:0])  # whoever gets no record needs to know of what kind
    for at in np.unique(target).tolist():
        yield at, home.take(np.flatnonzero(target == at))


def _reversed(count: int, index: int, home: Home) -> Iterator[tuple[int, Home]]:
    yield count - 1 - index, home


def _receive(policy: str, _: int, received: list[Home]) -> Home:
    home = Home.joined(received)
    return home.take(keep.order(home.common["worth"], policy))


def to_ordinals(
    relation: Parts, placed: Parts, bounds: NDArray[np.int64], bases: NDArray[np.int64], policy: str
) -> Parts:
    """What is known of places, at the homes of their ordinals.

    Args:
        relation: Columns at the homes of their `place`, with `other`, another place or -1, and any more.
        placed: Records by place.
        bounds: The first place of each home.
        bases: The first ordinal of each.
        policy: Of keeping.

    Returns:
        The columns with ordinals instead, in lists, at the homes of ordinals.
    """
    if policy == "first":
        return relation.map(_alone)
    ordinals = placed.map(_ordinals).keep()
    asked = relation.beside(ordinals).exchange(partial(_ask, bounds))
    return asked.beside(ordinals).exchange(partial(_answer, bounds, bases))


def _alone(_: int, columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [columns]


def _ordinals(_: int, home: Home) -> NDArray[np.int64]:
    return home.common["ordinal"]


def _ask(
    bounds: NDArray[np.int64], index: int, given: tuple[dict[str, Any], NDArray[np.int64]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    columns, ordinals = given
    columns = {**columns, "place": ordinals[columns["place"] - bounds[index]]}
    target = np.where(columns["other"] < 0, index, home_of(columns["other"], bounds))
    for at in np.unique(target).tolist():
        yield at, {name: array[target == at] for name, array in columns.items()}


def _answer(
    bounds: NDArray[np.int64],
    bases: NDArray[np.int64],
    index: int,
    given: tuple[list[dict[str, Any]], NDArray[np.int64]],
) -> Iterator[tuple[int, dict[str, Any]]]:
    received, ordinals = given
    for columns in received:
        other = columns["other"]
        known = other >= 0
        found = np.full(len(other), -1, np.int64)
        found[known] = ordinals[other[known] - bounds[index]]
        target = home_of(columns["place"], bases)
        for at in np.unique(target).tolist():
            mine = target == at
            yield at, {name: (found if name == "other" else array)[mine] for name, array in columns.items()}
