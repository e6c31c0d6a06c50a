"""Which rule each record follows, and which one decides a pair.

The rules of a run stand from the most particular to the most general: papers, text, bytes. A record follows the
first that sees it. Two records of one rule are compared by it; two of different rules by the more general of the
two, which both satisfy, and they are duplicates only where they are equal under it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.match import DUPLICATE, NEITHER, Decisions
from corpus_tool.match.text import TextPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corpus_tool.lines.lines import Lines
    from corpus_tool.match import Policy, Verdict
    from corpus_tool.records import Record


_MANY = {"papers": "{:,} as papers", "text": "{:,} as text{}", "bytes": "{:,} byte for byte"}


@dataclass(frozen=True)
class Rules:
    """The rules of a run.

    Attributes:
        policies: From the most particular to the most general.
        rule_of: The place among them of the one that a record follows.
        asked: Why these, where an option says so.
        wrong: What is wrong with a record that can be read, where there is such a thing; empty where nothing is.
    """

    policies: tuple[Policy, ...]
    rule_of: Callable[[Record], int]
    asked: str = ""
    wrong: Callable[[Record], str] | None = None

    def compare(
        self, lines: Lines, rule: NDArray[np.uint8], left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> Decisions:
        """Exact decisions on pairs of lines.

        Args:
            lines: Some records.
            rule: uint8[n], the rule that each follows.
            left: int64[m], places in the lines.
            right: int64[m], the same.
        """
        if len(self.policies) == 1:
            return self.policies[0].compare(lines, left, right)
        deciding = np.maximum(rule[left], rule[right])
        found = Decisions(np.zeros(len(left)), np.zeros(len(left), np.uint8))
        for at, policy in enumerate(self.policies):
            mine = np.flatnonzero(deciding == at)
            if len(mine):
                needed, where = np.unique(np.stack((left[mine], right[mine])), return_inverse=True)
                some = policy.compare(lines.take(needed), *where.reshape(2, -1))
                found.scores[mine], found.relation[mine] = some.scores, some.relation
        unlike = (rule[left] != rule[right]) & (found.scores < 1)
        found.relation[unlike & (found.relation == DUPLICATE)] = NEITHER
        return found

    def reasons(
        self, lines: Lines, rule: NDArray[np.uint8], left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> list[list[str]]:
        """Why pairs of lines are duplicates, most telling first; arguments as for `compare`."""
        deciding = np.maximum(rule[left], rule[right])
        found: list[list[str]] = [[]] * len(left)
        for at, policy in enumerate(self.policies):
            mine = np.flatnonzero(deciding == at)
            if not len(mine):
                continue
            needed, where = np.unique(np.stack((left[mine], right[mine])), return_inverse=True)
            why = policy.reasons(lines.take(needed), *where.reshape(2, -1))
            for place, reasons in zip(mine.tolist(), why, strict=True):
                found[place] = reasons
        return found

    def explain(self, left: Record, right: Record) -> tuple[Policy, Verdict]:
        """The decision on two records, with what led to it, and the policy that decides."""
        one, other = self.rule_of(left), self.rule_of(right)
        policy = self.policies[max(one, other)]
        if one != other and isinstance(policy, TextPolicy):  # only equals count
            policy = replace(policy, similarity=replace(policy.similarity, threshold=1.0))
        return policy, policy.explain(left, right)

    def thresholds(self, rule: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
        """float64[m], the least score of duplicates for pairs of records that follow these rules."""
        known = np.array([policy.threshold for policy in self.policies])
        return np.where(rule == other, known[rule], 1.0)

    def counts(self, rule: NDArray[np.uint8]) -> list[int]:
        """How many of some records follow each rule."""
        found: list[int] = np.bincount(rule, minlength=len(self.policies)).tolist()
        return found

    def why(self, rule: NDArray[np.uint8], fields: Sequence[str], *, abstracts: bool = True) -> str:
        """One sentence on what was compared of which records.

        Args:
            rule: uint8[n], the one that each record followed.
            fields: Where texts were found.
            abstracts: Whether any paper has an abstract that says something.
        """
        return self.why_of(self.counts(rule), fields, abstracts=abstracts)

    def why_of(self, counts: Sequence[int], fields: Sequence[str], *, abstracts: bool = True) -> str:
        """The same, by how many records followed each rule.

        Args:
            counts: Records of each rule.
            fields: Where texts were found.
            abstracts: Whether any paper has an abstract that says something.
        """
        if self.asked:
            return self.asked
        named = [(policy.name, count) for policy, count in zip(self.policies, counts, strict=True) if count]
        texts = ", ".join(fields)
        if len(named) > 1:
            within = f" ({texts})" if texts else ""
            return "matching " + ", ".join(_MANY[name].format(count, within) for name, count in named)
        name = named[0][0] if named else self.policies[-1].name
        if name == "papers" and not abstracts:
            return "matching papers: the records have titles, but no abstract; --map names another field"
        if name == "papers":
            return "matching papers: the records have titles and abstracts"
        return f"matching text: {texts}" if name == "text" else "no record to match"

    def sees(self, record: Record) -> bool:
        """Whether there is anything in a record, be it empty, that its rule would compare."""
        return self.policies[self.rule_of(record)].sees(record)

    def of(self, records: Sequence[Record]) -> NDArray[np.uint8]:
        """uint8[n], the rule of each record."""
        return np.fromiter(map(self.rule_of, records), np.uint8, len(records))
