"""Where the records of a run stand, so that they can be read again instead of being held.

A store numbers its records from 0 in input order: their ordinals. `files` reads them again from where they stand,
`memory` holds them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.lines.lines import Lines
    from corpus_tool.records import Record

Place = tuple[str, int]
"""Name of a source and 1-based line in it."""


@dataclass
class Layout:
    """What stands between the lines that hold records, so that an input can be written again as it was.

    Attributes:
        blank: Lines without a record: how many records stand before each, and what is in it.
        ended: Whether the last line of all had its newline.
    """

    blank: list[tuple[int, str]] = field(default_factory=list)
    ended: bool = True


class Store(Protocol):
    """The records of a run, by ordinal.

    Attributes:
        bytes_read: Of all records, newlines included.
        layout: What stands between them.
    """

    bytes_read: int
    layout: Layout

    def __len__(self) -> int: ...

    def sizes(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """Bytes of records, without the newline."""
        ...

    def lines(self, ordinals: NDArray[np.int64]) -> Lines:
        """The records as they stand, in the order asked for."""
        ...

    def places(self, ordinals: NDArray[np.int64]) -> list[Place]:
        """Where records stood in the input."""
        ...

    def sources(self) -> list[tuple[str, int, int]]:
        """The sources in order: name, and the ordinals from the first of their records to past the last."""
        ...

    def copy(self, ordinals: NDArray[np.int64], write: Callable[[bytes], object]) -> None:
        """Write records byte for byte, a newline after each; ordinals ascend."""
        ...

    def close(self) -> None:
        """Let go of all files."""
        ...


def raws(store: Store, ordinals: NDArray[np.int64]) -> Iterator[bytes]:
    """The bytes of records, in the order asked for."""
    lines = store.lines(ordinals)
    return map(lines.raw, range(len(lines)))


def records(store: Store, ordinals: NDArray[np.int64]) -> list[Record]:
    """The decoded records, in the order asked for."""
    return list(store.lines(ordinals))
