"""What a run is held against: records of earlier runs, or of another file, all of them kept and none written again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus_tool.dedup.columns import Gathered
from corpus_tool.dedup.search import Sketches

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.store import Store


@dataclass(frozen=True, slots=True)
class Beside:
    """Known records, in their order, which comes before that of all new ones.

    Attributes:
        name: Of where they stand, for receipts.
        store: Their bytes and places.
        sketches: Their columns.
        fate: int64[n], for each new record that was met before, word for word, the known one that is kept for it; -1
            for all others.
        score: float64[n], of the two.
    """

    name: str
    store: Store
    sketches: Sketches
    fate: NDArray[np.int64]
    score: NDArray[np.float64]


class Past(Protocol):
    """Knows such records, and learns what became of new ones."""

    def meet(
        self, sketches: Sketches, rules: Rules, options: Options, pool: ThreadPoolExecutor, progress: Progress
    ) -> Beside:
        """The known records that any of the new ones may match."""
        ...

    def settled(self, run: Run, sketches: Sketches) -> None:
        """What a run found; `sketches` are the new records' and after them those of the known ones."""
        ...


def joined(new: Sketches, known: Sketches, options: Options) -> Sketches:
    """The columns of new records, and after them those of known ones; the parts are used up."""
    if not len(known):
        return new
    limit = options.memory_limit // 16 or None
    rules = []
    for parts in zip(new.rules, known.rules, strict=True):
        gathered = Gathered(limit, options.tmp_dir)
        for columns in parts:
            gathered.add(columns)
            columns.clear()
        rules.append(gathered.finish())
    common = Gathered()
    common.add(new.common)
    common.add(known.common)
    return Sketches(tuple(rules), common.finish())


def nothing_known(count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Fates and scores where none of so many records was met before."""
    return np.full(count, -1, np.int64), np.ones(count)
