"""Records of different rules that are equal under the more general of the two, as `dedup.search.across` pairs them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.engines.parted.parts import home_of, joined, split, spread
from corpus_tool.engines.parted.texts import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.homes import Home
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.match import Policy

_READ_AT_ONCE = 1 << 12


def across(
    policy: Policy,
    at: int,
    placed: Parts,
    firsts: Parts,
    standing: Sequence[Standing],
    bounds: NDArray[np.int64],
) -> Parts:
    """Pairs of a rule's records and those of more particular ones, at the homes of right records.

    Returns:
        Lists of columns `left`, `right` and `score`.
    """
    met = placed.beside(firsts).exchange(partial(_send, policy, at, standing, bounds))
    return met.exchange(partial(_pairs, bounds))


def _send(
    policy: Policy,
    at: int,
    standing: Sequence[Standing],
    bounds: NDArray[np.int64],
    index: int,
    given: tuple[Home, NDArray[np.int64]],
) -> Iterator[tuple[int, Columns]]:
    home, first = given
    rule, every = home.common["rule"], np.arange(bounds[index], bounds[index + 1])
    identity = np.where(rule == at, home.identity(), np.uint64(0))
    identity[first != every] = 0
    particular = np.flatnonzero(rule < at)
    for start in range(0, len(particular), _READ_AT_ONCE):
        part = particular[start : start + _READ_AT_ONCE]
        identity[part] = policy.sketch(list(lines_of(standing, home.common, part)))["identity"]
    worded = np.flatnonzero(identity)
    columns = {
        "identity": identity[worded],
        "place": every[worded],
        "first": first[worded],
        "general": rule[worded] == at,
    }
    if "within" in home.common:
        columns["within"] = home.common["within"][worded]
    yield from split(columns, spread(columns["identity"], len(bounds) - 1), len(bounds) - 1)


def _pairs(bounds: NDArray[np.int64], _: int, received: list[Columns]) -> Iterator[tuple[int, Columns]]:
    """Each general text and the first record alone that says the same; as homes send in order, places ascend."""
    met = joined(received)
    if not met:
        return
    particular, general = np.flatnonzero(~met["general"]), np.flatnonzero(met["general"])
    values, earliest = np.unique(met["identity"][particular], return_index=True)
    own = general[np.isin(met["identity"][general], values)]
    partner = particular[earliest[np.searchsorted(values, met["identity"][own])]]
    if "within" in met:
        one, other = met["within"][own], met["within"][partner]
        may = (one != other) | (one == 0)
        own, partner = own[may], partner[may]
    pairs = np.sort(np.stack((met["first"][partner], met["place"][own]), axis=1), axis=1)
    columns = {"left": pairs[:, 0], "right": pairs[:, 1], "score": np.ones(len(pairs))}
    yield from split(columns, home_of(columns["right"], bounds), len(bounds) - 1)
