"""Which sources repeat which: every removed record counts where it stood and where its witness stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.views.report.contents import Heat, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run

MOST_DRAWN = 60
"""Sources in the heat map; of more, those with most repeats, and all others together."""
MOST_LISTED = 1000
OTHERS = "all others"


def numbered(run: Run) -> tuple[list[str], NDArray[np.int64]]:
    """The names of the sources, each once, and int64[n], the number of that in which each record stood."""
    numbers: dict[str, int] = {}
    stretches = run.store.sources()
    which = [numbers.setdefault(name, len(numbers)) for name, _, _ in stretches]
    lengths = [last - first for _, first, last in stretches]
    return list(numbers), np.repeat(np.array(which, np.int64), np.array(lengths, np.int64))


class Overlap:
    """Repeats between sources.

    Args:
        run: What was found.
        names: Of the sources.
        source: int64[n], the number of each record's source.
    """

    def __init__(self, run: Run, names: Sequence[str], source: NDArray[np.int64]) -> None:
        self._names = names
        removed = run.removed
        total = max(len(names), 1)
        codes, self._counts = np.unique(
            source[removed] * total + source[run.witness[removed]], return_counts=True
        )
        self._from, self._to = codes // total, codes % total
        self._records = np.bincount(source, minlength=total)
        self._removed = np.bincount(self._from, self._counts, total).astype(np.int64)
        self._repeated = np.bincount(self._to, self._counts, total).astype(np.int64)

    def heat(self) -> Heat | None:
        """The matrix; None where one source is all there is, or nothing was removed."""
        if len(self._names) < 2 or not len(self._counts):
            return None
        busy = np.argsort(-(self._removed + self._repeated), kind="stable")
        drawn = np.sort(busy[: MOST_DRAWN if len(busy) <= MOST_DRAWN else MOST_DRAWN - 1])
        row = np.full(len(self._names), len(drawn))
        row[drawn] = np.arange(len(drawn))
        names = [self._names[number] for number in drawn.tolist()]
        names += [OTHERS] if len(drawn) < len(self._names) else []
        matrix = np.zeros((len(names), len(names)), np.int64)
        np.add.at(matrix, (row[self._from], row[self._to]), self._counts)
        return Heat(tuple(without_folder(names)), tuple(map(tuple, matrix.tolist())))

    def listed(self) -> tuple[list[Source], int]:
        """The sources in their order, those with most repeats where there are too many; how many are left out."""
        own = np.zeros(len(self._names), np.int64)
        same = self._from == self._to
        own[self._from[same]] = self._counts[same]
        busy = np.argsort(-self._removed[: len(self._names)], kind="stable")[:MOST_LISTED]
        found = [
            Source(
                self._names[at],
                int(self._records[at]),
                int(self._removed[at]),
                int(own[at]),
                int(self._removed[at] - own[at]),
            )
            for at in np.sort(busy).tolist()
        ]
        return found, len(self._names) - len(found)


def without_folder(names: Sequence[str]) -> list[str]:
    """Names without the folder that all of them stand in."""
    real = [name for name in names if name != OTHERS]
    first, last = min(real), max(real)
    alike = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    folder = first[: first.rfind("/", 0, alike) + 1]
    return [name if name == OTHERS else name.removeprefix(folder) for name in names]
