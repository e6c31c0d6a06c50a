"""The safety valve: what a run may do at most, looked at when it is known and before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.evaluation import bonds
from corpus_tool.evaluation.gates import Amount
from corpus_tool.receipts import name_of
from corpus_tool.store import records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run

_NAMED = 3
"""Clusters that are told in full."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The limits that a run breaks, each with by how much, and sentences on the clusters that break them."""

    limits: tuple[str, ...]
    clusters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Valve:
    """Limits of a run.

    Attributes:
        cluster: Records that a cluster may have; None for any number.
        removed: Records, or the share of them, that may be removed; None for any.
    """

    cluster: int | None = None
    removed: Amount | None = None

    @classmethod
    def of(cls, max_cluster: int | None, max_removed: str | None) -> Valve:
        """The limits that were typed.

        Raises:
            UsageError: The second is neither a share nor a number.
        """
        return cls(max_cluster, None if max_removed is None else Amount.of(max_removed, "--max-removed"))

    def broken(self, run: Run) -> Broken | None:
        """What a run breaks of the limits, and what breaks it; None where it keeps them."""
        sizes, limits, told = _sizes(run), [], []
        large = np.flatnonzero(sizes > (sizes.max(initial=0) if self.cluster is None else self.cluster))
        large = large[np.argsort(-sizes[large], kind="stable")]
        if len(large):
            clusters = "a cluster has" if len(large) == 1 else f"{len(large):,} clusters have"
            limits.append(f"--max-cluster {self.cluster} ({clusters} more)")
            told += [_described(run, survivor) for survivor in large[:_NAMED].tolist()]
        removed, total = len(run.removed), len(run.witness)
        if self.removed is not None and not self.removed.allows(removed, total):
            told = told or [_described(run, int(np.argmax(sizes)))]
            share = f"{removed:,} of {total:,} records, {100 * removed / total:.4g}%, would be removed"
            limits.append(f"--max-removed {self.removed.text} ({share})")
        return Broken(tuple(limits), tuple(told)) if limits else None


def _sizes(run: Run) -> NDArray[np.int64]:
    """How many records each one stands for, by ordinal; a known one, from before the run, for itself as well."""
    sizes = np.bincount(run.survivor, minlength=len(run.witness))
    sizes[len(run.witness) :] += sizes[len(run.witness) :] > 0
    return sizes


def _described(run: Run, survivor: int) -> str:
    """A sentence on a cluster: where it begins, how large it is, what holds it together."""
    members = np.union1d(np.flatnonzero(run.survivor == survivor), survivor)
    kept = np.array([survivor])
    ((source, line),) = run.store.places(kept)
    name = name_of(records(run.store, kept)[0], (source, line))
    place = f"{source}:{line}" + ("" if name == f"{source}:{line}" else f" ({name})")
    others = run.score[members[members != survivor]]
    copies = int((others == 1).sum())
    copied = f", {copies:,} of them {'a copy' if copies == 1 else 'copies'}" if copies else ""
    least = f", the least alike at {others.min():.4f}" if copies < len(others) else ""
    return f"{place}: a cluster of {len(members):,} records{copied}{least}; {bonds.told(run, members)}"
