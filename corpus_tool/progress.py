"""How far a run is, as told to whoever watches; the stages know no more of it than this."""

from __future__ import annotations

import time


class Progress:
    """Times the stages of a run and shows nothing. The command line draws it where there is a terminal.

    Attributes:
        seconds: Seconds of each finished stage, by name, in order.
        counts: Units of work done in each stage (bytes while reading, pairs while deciding).
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self._stage: str | None = None
        self._since = time.perf_counter()

    def stage(self, name: str, total: int | None = None, unit: str = "bytes") -> None:
        """Begin a stage of `total` units, unknown if None; the one before is over."""
        self.finish()
        self._stage = name
        self._since = time.perf_counter()
        self.counts.setdefault(name, 0)

    def advance(self, amount: int) -> None:
        """That much more of the stage is done."""
        if self._stage is not None:
            self.counts[self._stage] += amount

    def finish(self) -> None:
        """The last stage is over."""
        if self._stage is not None:
            spent = time.perf_counter() - self._since
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + spent
            self._stage = None
