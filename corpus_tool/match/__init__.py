"""Policies: when two records are duplicates. One protocol, one file a policy.

A policy sketches batches of records into columns, proposes pairs from the columns of all records, and
decides pairs exactly from the records themselves. It never sees files, engines or clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.candidates import Reach, Search
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.dedup.leaders import Led
    from corpus_tool.lines.lines import Lines
    from corpus_tool.records import Record


NEITHER, DUPLICATE, VERSION = 0, 1, 2
"""What two records are to each other; versions of one paper stay apart where the policy keeps them so."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a policy says of m pairs.

    Attributes:
        scores: float64[m], from 0 to 1.
        relation: uint8[m], `NEITHER`, `DUPLICATE` or `VERSION`.
    """

    scores: NDArray[np.float64]
    relation: NDArray[np.uint8]

    @classmethod
    def at(cls, scores: NDArray[np.float64], threshold: float) -> Decisions:
        """Duplicates are the pairs that reach a threshold."""
        return cls(scores, (scores >= threshold).astype(np.uint8))

    @classmethod
    def joined(cls, parts: Sequence[Decisions]) -> Decisions:
        """Those on several portions of pairs, in order."""
        none = np.zeros(0, np.uint8)
        return cls(
            np.concatenate([none.astype(np.float64), *(part.scores for part in parts)]),
            np.concatenate([none, *(part.relation for part in parts)]),
        )


@dataclass(frozen=True, slots=True)
class FromLines:
    """What a policy made of lines.

    Attributes:
        columns: Of all lines; of those that are not `readable`, or that are `left`, whatever they are.
        readable: int64, places of the lines that are records, `left` ones included.
        bad: Place and message of the unreadable lines; blank ones are neither.
        left: int64, places of records that may not be of the policy's kind, where it takes only such.
    """

    columns: Columns
    readable: NDArray[np.int64]
    bad: list[tuple[int, str]]
    left: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Step:
    """What one feature adds to a score.

    Attributes:
        name: Of the feature.
        value: The feature's value.
        points: What it adds.
        meaning: In words.
    """

    name: str
    value: float
    points: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and what led to it.

    Attributes:
        score: From 0 to 1.
        threshold: Least score of duplicates.
        sentence: The verdict, for people.
        texts: What was compared of the two records, part by part: name, left, right.
        steps: From the base of the score to its total; empty where the score is one number.
        flips: What would have to change for the other verdict.
        version: Whether the two are versions of one paper that stay apart, though the score would merge them.
    """

    score: float
    threshold: float
    sentence: str
    texts: tuple[tuple[str, str, str], ...]
    steps: tuple[Step, ...] = ()
    flips: tuple[str, ...] = ()
    version: bool = False

    @property
    def duplicate(self) -> bool:
        """Whether the two are duplicates."""
        return self.score >= self.threshold and not self.version


class Policy(Protocol):
    """What an engine needs to know of duplicates.

    Attributes:
        name: `text` or `papers`.
        threshold: Least score of duplicates; scores run from 0 to 1.
        compiled: Whether kernels are used; the reference gives the same bits.
    """

    @property
    def name(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def compiled(self) -> bool: ...

    def sees(self, record: Record) -> bool:
        """Whether a record has any of what is compared, be it empty."""
        ...

    @property
    def reads_lines(self) -> bool:
        """Whether `sketch_lines` works, for records that nothing else needs decoded."""
        ...

    def sketch_lines(self, lines: Lines) -> FromLines:
        """As `sketch`, from lines as they stand."""
        ...

    def sketch(self, records: Sequence[Record]) -> Columns:
        """Columns of a batch.

        Always there: `identity`, uint64, equal for records that are duplicates beyond doubt (score 1) and 0
        for those that have nothing to compare; `length`, int64, characters compared.
        """
        ...

    def reach(self, columns: Columns, rows: NDArray[Any], budget: int = 0) -> Reach:
        """How far a second search among the given rows can go in large buckets for so many pairs; 0 for as usual.

        The limit is the number of rows where all pairs of buckets are within the budget.
        """
        ...

    def mixed(self, columns: Columns, rows: NDArray[Any], label: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the given rows share a bucket with one of another label; `label` is int64[r]."""
        ...

    def search(
        self, columns: Columns, rows: NDArray[Any], reach: Reach | None, *, bounded: bool = True
    ) -> Search:
        """Pairs worth deciding among the given rows of the columns, as places in `rows`.

        Without a reach buckets are left out: what is proposed by other means alone.

        With `bounded`, pairs that are known, before they are compared, not to reach the threshold are left out where
        the policy can tell; without it they come too, for a caller who wants their scores.
        """
        ...

    def led(
        self,
        columns: Columns,
        leaders: NDArray[np.int64],
        rows: NDArray[np.int64],
        level: int,
        *,
        bounded: bool = True,
    ) -> Led:
        """Pairs of a leader and a row of the columns that share a bucket and are worth deciding.

        Level 0 are those that agree as every other duplicate does, level 1 as nearly all do, and the last, 2, are
        all that `search` would propose. `bounded` is as there.
        """
        ...

    def compare(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> Decisions:
        """Exact decisions on pairs of the given records."""
        ...

    def compared(self, record: Record) -> dict[str, str]:
        """The texts of a record that decide, by the names of their fields, as they are printed."""
        ...

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        """Why pairs of the given records are duplicates, most telling first."""
        ...

    def explain(self, left: Record, right: Record) -> Verdict:
        """The decision on two records, with what led to it."""
        ...
