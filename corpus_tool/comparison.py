"""What two collections share: the near-duplicate `comm`.

Every record is judged by itself, so that neither order nor repeats decide. Of a record of A it is said

    only_a      no record of B matches it,
    both        it matches a record of B that says the same, word for word, in all texts that are compared,
    revised     it matches records of B, and none of them says the same;

and of one of B alike. A collection that repeats itself has the same status at each copy, so that A and B may count
different numbers in both. As rows, every record of A stands once, beside the record of B that it matches best; after
them every record of B that stands in no row yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.between import Between
    from corpus_tool.engines.side_by_side import SideBySide
    from corpus_tool.match.rules import Rules
    from corpus_tool.records import Record
    from corpus_tool.store import Store

ONLY_A, ONLY_B, BOTH, REVISED = STATUSES = ("only_a", "only_b", "both", "revised")


class Row(NamedTuple):
    """A record of A, one of B, or one of each that match.

    Attributes:
        status: A member of `STATUSES`.
        a: Ordinal of the record of A; -1 where there is none.
        b: Ordinal of the record of B, counted on after those of A; -1 where there is none.
        score: Of the two; 0 where there is only one.
    """

    status: str
    a: int
    b: int
    score: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found.

    Attributes:
        store: Where the records stand, those of A first.
        rules: What decided.
        split: How many records A has.
        found: The partner of each record.
        why: One sentence on what was compared.
    """

    store: Store
    rules: Rules
    split: int
    found: Between
    why: str

    @classmethod
    def of(cls, sides: SideBySide) -> Comparison:
        """Compare two collections."""
        return cls(sides.store, sides.rules, sides.split, sides.between(), sides.why)

    def status(self, ordinal: int) -> str:
        """What is said of a record."""
        if self.found.partner[ordinal] < 0:
            return ONLY_A if ordinal < self.split else ONLY_B
        return BOTH if self.found.same[ordinal] else REVISED

    def counts(self) -> dict[str, dict[str, int]]:
        """How many records of each side have which status: `records`, `only`, `both`, `revised`."""
        sides = {"a": slice(0, self.split), "b": slice(self.split, len(self.store))}
        return {name: self._counted(side) for name, side in sides.items()}

    def _counted(self, side: slice) -> dict[str, int]:
        partner, same = self.found.partner[side], self.found.same[side]
        both = int(same.sum())
        only = int((partner < 0).sum())
        return {"records": len(partner), "only": only, "both": both, "revised": len(partner) - only - both}

    def rows(self, wanted: Collection[str] = STATUSES) -> Iterator[Row]:
        """The rows of some statuses, in the order of A and then of B."""
        for ordinal in self._leading().tolist():
            status = self.status(ordinal)
            if status in wanted:
                pair = sorted((ordinal, int(self.found.partner[ordinal])))
                a, b = pair if pair[0] >= 0 else (ordinal, -1) if ordinal < self.split else (-1, ordinal)
                yield Row(status, a, b, float(self.found.score[ordinal]))

    def differing(self, a: Record, b: Record) -> dict[str, tuple[str, str]]:
        """The texts that are compared of two records, by the second's names, where they are not the same."""
        one, other = (self.rules.policies[self.rules.rule_of(record)].compared(record) for record in (a, b))
        pairs = zip(other, one.values(), other.values(), strict=False)
        return {name: (left, right) for name, left, right in pairs if left != right}

    def _leading(self) -> NDArray[np.int64]:
        """The records that have a row of their own."""
        partner = self.found.partner
        stands = np.ones(len(partner), np.bool_)
        shown = partner[: self.split]
        stands[shown[shown >= 0]] = False
        return np.flatnonzero(stands)
