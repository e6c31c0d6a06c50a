"""Records that are held: those of a list, or of a block that a worker was handed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.lines.lines import Lines
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.store import Place


class MemoryStore:
    """Records in one buffer.

    Args:
        raws: The bytes of each record, one JSON object without a newline.
        source: Name of where they come from.
    """

    def __init__(self, raws: Sequence[bytes], source: str) -> None:
        self._lines, self.source = Lines.joined(raws), source
        self.layout = Layout()
        self.bytes_read = int(self._lines.sizes.sum()) + len(raws)

    def __len__(self) -> int:
        return len(self._lines)

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._lines.sizes[ordinals]

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        return self._lines.take(ordinals)

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        return [(self.source, ordinal + 1) for ordinal in ordinals.tolist()]

    def sources(self) -> list[tuple[str, int, int]]:
        return [(self.source, 0, len(self))]

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        for ordinal in ordinals.tolist():
            write(self._lines.raw(ordinal) + b"\n")

    def close(self) -> None:
        """Nothing is open."""
