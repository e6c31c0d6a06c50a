"""Crowded buckets: who stays in them, without comparing each record with each.

A record that is kept covers its bucket: what matches it is removed, is nobody's witness, and need not be compared any
further. So leaders are found in waves. The first few records that still wait are compared with each other; those
that stay lead from then on, and every other that waits is compared with them. Where nothing waits any more, each that
stays was compared with all others that stay, and with them alone; as many waves, and as much work, as leaders need.

Who stays is then what taking the records in order gives, whatever the sizes of the waves: the only set of which no two
match and of which each other record matches an earlier one (Blelloch, Fineman, Shun, "Greedy sequential maximal
independent set and matching are parallel on average", 2012).

Components want more: of two records that were removed either may join two components. `bridge` compares all but those
of the largest one with every record of another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corpus_tool.dedup.leaders import Led

    Join = Callable[[NDArray[np.int64], NDArray[np.int64]], Led]

FEWEST, MOST = 16, 512
"""Records of a wave: few where one covers many, more where nearly all stay."""
LOOKED = 1 << 27
"""Pairs whose signatures may be compared, at least."""
_PAIRS_AT_ONCE = 1 << 20


@dataclass(slots=True)
class Budget:
    """How much may be done, in pairs: unlike seconds they are the same in every run.

    Attributes:
        looked: Pairs of one bucket whose signatures may still be compared.
        decided: Pairs whose records may still be.
    """

    looked: int
    decided: int

    @classmethod
    def of(cls, records: int, decided: int) -> Budget:
        """That of a crowd: fixed, and linear in its records where these are very many."""
        return cls(max(LOOKED, records << 8), max(decided, records << 4))

    @property
    def spent(self) -> bool:
        return self.looked <= 0 or self.decided <= 0


@dataclass(slots=True)
class Cover:
    """The waves among the records of crowded buckets, as far as a budget goes; they can be taken up again.

    Attributes:
        crowd: int64[c], their places, ascending.
        join: Pairs of two sets of places that share a bucket and may match.
        decide: Decides int64[m, 2] pairs of places, the smaller first, and notes those that match; tells how many
            were decided.
        budget: What is left of it.
        largest: Records of a wave at most.
    """

    crowd: NDArray[np.int64]
    join: Join
    decide: Callable[[NDArray[np.int64]], int]
    budget: Budget
    largest: int = MOST
    _leaders: NDArray[np.int64] = field(init=False)
    _leads: NDArray[np.bool_] = field(init=False)
    _met: NDArray[np.int64] = field(init=False)
    _size: int = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.crowd)
        self._leaders, self._leads = self.crowd[:0], np.zeros(count, np.bool_)
        self._met = np.zeros(count, np.int64)
        self._size = min(FEWEST, self.largest)

    def settle(self, kept: Callable[[], NDArray[np.bool_]]) -> NDArray[np.int64]:
        """Compare all that stay with each other.

        Args:
            kept: Who stays by the matches known so far, bool[n] by place.

        Returns:
            Places of those that stay and were not compared with all others: none, unless the budget is spent.
        """
        enough = True
        while True:
            waiting = np.flatnonzero(kept()[self.crowd] & ~self._leads)
            if not len(waiting) or not enough:
                return self.crowd[waiting]
            enough = self._wave(waiting, kept)

    def _wave(self, waiting: NDArray[np.int64], kept: Callable[[], NDArray[np.bool_]]) -> bool:
        """Let those that are furthest behind meet the leaders; where none is, make more leaders."""
        met = self._met[waiting]
        furthest = int(met.min())
        if furthest < len(self._leaders):
            behind = waiting[met == furthest]
            self._met[behind] = len(self._leaders)
            return self.meet(self._leaders[furthest:], behind)
        wave = waiting[: self._size]
        if not self.meet(wave, wave):
            return False
        fresh = wave[kept()[self.crowd[wave]]]
        self._leads[fresh] = True
        self._leaders = np.concatenate((self._leaders, fresh))
        self._size = min(max(2 * len(fresh), min(FEWEST, self.largest)), self.largest)
        return True

    def meet(
        self, leaders: NDArray[np.int64], others: NDArray[np.int64], label: NDArray[np.int64] | None = None
    ) -> bool:
        """Decide all pairs of a leader and another that may match; whether the budget sufficed.

        Args:
            leaders: int64, places in the crowd.
            others: int64, the same.
            label: int64[c], of which none are paired that have the same.
        """
        leads = np.zeros(len(self.crowd), np.bool_)
        leads[leaders] = True
        step = max(1, _PAIRS_AT_ONCE // len(leaders))
        for at in range(0, len(others), step):
            if self.budget.spent:
                return False
            part = others[at : at + step]
            found = self.join(self.crowd[leaders], self.crowd[part])
            one, other = leaders[found.leader], part[found.row]
            wanted = ~leads[other] | (one < other)  # two that lead meet once
            if label is not None:
                wanted &= label[one] != label[other]
            one, other = one[wanted], other[wanted]
            pairs = np.stack((np.minimum(one, other), np.maximum(one, other)), axis=1)
            self.budget.looked -= found.met
            self.budget.decided -= self.decide(self.crowd[pairs])
        return True


def bridge(
    cover: Cover,
    label_of: Callable[[], NDArray[np.int64]],
    mixed: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """Compare all pairs of a crowd that are not of one component yet, as far as the budget of a cover goes.

    Args:
        cover: Of the crowd.
        label_of: The component of each place by the matches known so far.
        mixed: Of labels of the crowd, whose record shares a bucket with one of another.

    Returns:
        Places of those that were not compared with all others: none, unless the budget is spent.
    """
    alone, size = ~mixed(label_of()[cover.crowd]), min(FEWEST, cover.largest)
    while True:
        label = label_of()[cover.crowd]
        values, sizes = np.unique(label[~alone], return_counts=True)
        waiting = np.flatnonzero(~alone & (label != values[np.argmax(sizes)])) if len(values) else values
        if not len(waiting):
            return cover.crowd[:0]
        some = waiting[:size]
        if not cover.meet(some, np.flatnonzero(~alone), label):
            return cover.crowd[waiting]
        alone[some] = True
        size = min(2 * size, cover.largest)
