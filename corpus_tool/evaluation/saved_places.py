"""Where each record of a run stood, told from what it left behind, and which kept record each receipt means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus_tool.records import Batch
    from corpus_tool.store import Place


class Removed(NamedTuple):
    """What a receipt says of a removed record."""

    ordinal: int
    place: Place
    kept_place: Place
    kept: str
    score: float


def unknown(receipt: Removed) -> InputError:
    """What to say where it is not known which kept record a receipt means."""
    place, kept = (f"{source}:{line}" for source, line in (receipt.place, receipt.kept_place))
    return InputError(
        f"the receipt of {place} names a kept record at {kept}, and it is not known which of the kept ones that is: "
        "give --clusters of the same run too, or the run's inputs"
    )


class Kept:
    """Names and places of the kept records, as far as they say them."""

    def __init__(self) -> None:
        self.names: list[str | None] = []
        self.places: list[Place] = []
        self.own: list[bool] = []

    def through(self, batches: Iterable[Batch]) -> Iterator[bytes]:
        """Their bytes, noting each as it passes."""
        for batch in batches:
            for raw, record, line in zip(batch.raws, batch.records, batch.lines, strict=True):
                name, source, at = record.get("id"), record.get("source"), record.get("line")
                own = isinstance(source, str) and type(at) is int
                self.names.append(None if name is None else str(name))
                self.own.append(own)
                self.places.append((str(source), int(at or 0)) if own else (batch.source, line))
                yield raw


class Places:
    """Where each record of the input stood, and which one a receipt means by its witness.

    A kept record says where it stood, or is found by its name. Where it does neither it is found by counting: within
    a source of lines, a record stands as many lines below another as there are records and blank lines between them.
    One source of which nothing was removed is taken for the first of all; who asks must look whether that is so.

    Args:
        removed: What the receipts say.
        blank: For each blank line, how many records stood before it.
        known: What the kept records say.
        every: Where all records stood, if that is known.

    Attributes:
        guessed: The source that was taken for the first; empty where none was.
    """

    def __init__(
        self, removed: Sequence[Removed], blank: Sequence[int], known: Kept, every: Sequence[Place] | None
    ) -> None:
        self._gone = {each.ordinal: each for each in removed}
        count = len(self._gone) + len(known.places)
        self._of: list[Place | None] = [None] * count if every is None else list(every)
        self._named: dict[str, int] = {}
        self._fallback: dict[int, Place] = {}
        kept = iter(range(len(known.places)))
        for ordinal in range(count):
            if ordinal in self._gone:
                self._of[ordinal] = self._gone[ordinal].place
                continue
            at = next(kept)
            self._fallback[ordinal] = known.places[at]
            if known.own[at] and every is None:
                self._of[ordinal] = known.places[at]
            if (name := known.names[at]) is not None:
                self._named[name] = -1 if name in self._named else ordinal
        self._kept = {place: at for at in self._fallback if (place := self._of[at]) is not None}
        before = np.searchsorted(np.array(blank, np.int64), np.arange(count), "right")
        self._heights = np.arange(count) + before
        self._offsets = self._counted_offsets()
        self.guessed = ""

    def __len__(self) -> int:
        return len(self._of)

    def _counted_offsets(self) -> dict[str, int]:
        """How far the lines of each source lie from the records' own count, where all receipts agree on it."""
        found: dict[str, set[int]] = {}
        for ordinal, each in self._gone.items():
            found.setdefault(each.place[0], set()).add(each.place[1] - int(self._heights[ordinal]))
        return {source: offsets.pop() for source, offsets in found.items() if len(offsets) == 1}

    def witness(self, receipt: Removed) -> int:
        """The kept record that a receipt means.

        Raises:
            InputError: It is not known.
        """
        found = self._kept.get(receipt.kept_place, self._named.get(receipt.kept, -1))
        if found < 0:
            found = self._counted(receipt.kept_place)
        if found < 0:
            raise unknown(receipt)
        self._of[found] = receipt.kept_place
        return found

    def _counted(self, place: Place) -> int:
        if place[0] not in self._offsets:
            if self.guessed:
                return -1
            self.guessed = place[0]
            self._offsets[place[0]] = 1
        height = place[1] - self._offsets[place[0]]
        at = int(np.searchsorted(self._heights, height))
        return at if at in self._fallback and self._heights[at] == height else -1

    def filled(self) -> Iterator[Place]:
        """Where each record stood; a record of which nothing says it, between two of one source, is of that source.

        Any other is where it was read.
        """
        known = [at for at, place in enumerate(self._of) if place is not None]
        before, after = -1, iter([*known, -1])
        behind = next(after)
        for at, place in enumerate(self._of):
            if place is not None:
                before, behind = at, next(after)
                yield place
                continue
            left, right = (self._of[side] if side >= 0 else None for side in (before, behind))
            if left and right and left[0] == right[0] and left[0] in self._offsets:
                yield left[0], int(self._heights[at]) + self._offsets[left[0]]
            else:
                yield self._fallback[at]
