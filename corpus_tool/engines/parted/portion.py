"""A part of a run as `receipts` wants it: some records by their ordinals, as if they were all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.engines.parted.texts import joined, lines_of, unpacked
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.lines.lines import Lines
    from corpus_tool.match.rules import Rules
    from corpus_tool.store import Place

    Told = Sequence[tuple[Columns, list[Place]]]


@dataclass(frozen=True, slots=True)
class Sparse:
    """Values of some ordinals, indexed by these as an array of all would be.

    Attributes:
        ordinals: int64, ascending.
        values: One for each.
    """

    ordinals: NDArray[np.int64]
    values: NDArray[Any]

    def __len__(self) -> int:
        return len(self.ordinals)

    def __getitem__(self, wanted: Any) -> Any:
        if isinstance(wanted, slice):
            wanted = np.arange(wanted.start, wanted.stop)
        return self.values[np.searchsorted(self.ordinals, wanted)]


@dataclass(frozen=True, slots=True)
class SparseStore:
    """The records of a part of a run, by ordinal.

    Attributes:
        ordinals: int64, ascending.
        held: As they stand.
        stand: Where each stood in the input.
        count: How many records the run has.
        layout: What stands between them.
    """

    ordinals: NDArray[np.int64]
    held: Lines
    stand: list[Place]
    count: int
    layout: Layout

    def __len__(self) -> int:
        return self.count

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.held.sizes[np.searchsorted(self.ordinals, ordinals)]

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        return self.held.take(np.searchsorted(self.ordinals, ordinals))

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        return [self.stand[at] for at in np.searchsorted(self.ordinals, ordinals).tolist()]

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        for at in np.searchsorted(self.ordinals, ordinals).tolist():
            write(self.held.raw(at) + b"\n")


@dataclass(frozen=True, slots=True)
class Portion:
    """What `dedup.run.Run` says of all records, of those of one part; attributes as there.

    Attributes:
        ordinals: The records of the part, of which something is written.
        known: No run of many machines is held against known records.
    """

    ordinals: NDArray[np.int64]
    kept: NDArray[np.int64]
    removed: NDArray[np.int64]
    store: SparseStore
    rules: Rules
    rule: Sparse
    parsed: Sparse
    witness: Sparse
    score: Sparse
    through: Sparse
    version_of: Sparse
    known: None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What every task knows of the run.

    Attributes:
        rules: What decided.
        standing: Of all stretches.
        lines: What is added to the lines of each.
        bases: The first ordinal of each home.
        whole: Whether the text of a witness is wanted where the removed record is.
        parsed: Whether any record may carry `seen`.
    """

    rules: Rules
    standing: list[Standing]
    lines: NDArray[np.int64]
    bases: NDArray[np.int64]
    whole: bool
    parsed: bool

    def stand(self, common: Columns, rows: NDArray[np.int64]) -> list[Place]:
        """Where records of a home stood."""
        stretch = common["stretch"][rows]
        lines = common["line"][rows] + self.lines[stretch]
        names = [self.standing[each].name for each in stretch.tolist()]
        return list(zip(names, lines.tolist(), strict=True))


def portion_of(
    known: Known, index: int, fates: Columns, others: Told = (), members: Told | None = None
) -> Portion:
    """The run as a home sees it.

    Args:
        known: Of the run.
        index: Of the home.
        fates: Of its records.
        others: Records of other homes of which something is said here.
        members: Records of other homes for which some of its own stand; with them, the removed are those for which own
            ones stand, wherever they are.
    """
    first, last = known.bases[index : index + 2]
    own, witness = np.arange(first, last), fates["witness"]
    told = [*(members or ()), *others]
    columns = [_like(fates, own, witness), *(_like(*_rest(fates, each)) for each, _ in told)]
    known_of = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    ordinals, at = np.unique(known_of.pop("ordinal"), return_index=True)
    lines = joined([lines_of(known.standing, fates, own - first), *(unpacked(each) for each, _ in told)])
    stand = [*known.stand(fates, own - first), *(place for _, places in told for place in places)]
    removed = own[witness >= 0]
    if members is not None:
        inside = (witness[removed - first] >= first) & (witness[removed - first] < last)
        removed = np.concatenate((removed[inside], *(each["ordinal"] for each, _ in members)))
    none = Sparse(own[:0], own[:0])
    return Portion(
        own,
        own[witness < 0],
        np.sort(removed),
        SparseStore(
            ordinals, lines.take(at), [stand[each] for each in at.tolist()], int(known.bases[-1]), Layout()
        ),
        known.rules,
        Sparse(ordinals, known_of["rule"][at]),
        Sparse(ordinals, known_of["parsed"][at]),
        Sparse(ordinals, known_of["witness"][at]),
        Sparse(own, fates["score"]),
        Sparse(own, fates["through"]) if "through" in fates else none,
        Sparse(own, fates["version_of"]) if "version_of" in fates else none,
    )


def _rest(fates: Columns, told: Columns) -> tuple[Columns, NDArray[np.int64], NDArray[np.int64]]:
    """What was told of other homes' records; of what stands for a member nothing more need be known."""
    count = len(told["ordinal"])
    nothing = {name: np.zeros(count, fates[name].dtype) for name in ("rule", "parsed")}
    return {**nothing, **told}, told["ordinal"], told.get("witness", np.full(count, -1))


def _like(columns: Columns, ordinals: NDArray[np.int64], witness: NDArray[np.int64]) -> Columns:
    return {"ordinal": ordinals, "witness": witness, "rule": columns["rule"], "parsed": columns["parsed"]}
