"""Records as bytes: lines of JSON in one buffer, decoded only where something needs them decoded.

`field_texts` takes the text of one field straight out of such lines, without making objects of them. Its kernel
accepts only what it can prove to be one JSON object of plain ASCII; every other line it calls odd, and those go
the slow way, through `corpus_tool.json_line.decode`, which alone says what is wrong with a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from corpus_tool.json_line import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.records import Record

PADDING = 64
"""Bytes after the last line that kernels may read."""
NEWLINE = 10


@dataclass(slots=True)
class Lines(Sequence["Record"]):
    """Records of one buffer; as a sequence it gives them decoded.

    Attributes:
        data: uint8, the bytes, `PADDING` of them past the last line.
        starts: int64[n], where each record begins.
        sizes: int64[n], its bytes without the newline.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, data: NDArray[np.uint8], first: int, last: int) -> Lines:
        """All lines of `data[first:last]`, blank ones included; the last may lack its newline."""
        ends = np.flatnonzero(data[first:last] == NEWLINE) + first
        if last > first and data[last - 1] != NEWLINE:
            ends = np.append(ends, last)
        starts = np.concatenate((np.full(min(1, len(ends)), first), ends[:-1] + 1))
        return cls(data, starts, ends - starts)

    @classmethod
    def joined(cls, raws: Sequence[bytes]) -> Lines:
        """Records laid out one after another."""
        data = np.frombuffer(b"\n".join((*raws, bytes(PADDING))), np.uint8)
        sizes = np.fromiter(map(len, raws), np.int64, len(raws))
        return cls(data, np.cumsum(sizes + 1) - sizes - 1, sizes)

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return decode(self.raw(index))

    def raw(self, index: int) -> bytes:
        """The bytes of one record."""
        start = int(self.starts[index])
        return self.data[start : start + int(self.sizes[index])].tobytes()

    def take(self, places: NDArray[Any]) -> Lines:
        """Some of the records, over the same buffer."""
        return Lines(self.data, self.starts[places], self.sizes[places])


@dataclass(frozen=True, slots=True)
class FieldTexts:
    """The text of one field of many records, as the sketch's kernels want it.

    Attributes:
        buffer: uint8, UTF-8, `PADDING` bytes longer than the texts.
        offsets: int64[n + 1], where each text begins; odd records have none there.
        odd: int64, places of the records that only the slow way can read.
    """

    buffer: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    odd: NDArray[np.int64]


def field_texts(lines: Lines, field: str) -> FieldTexts:
    """The ASCII texts of a top-level field; a record without it, or with null there, has an empty text."""
    from corpus_tool import line_kernels

    buffer = np.empty(int(lines.sizes.sum()) + 2 * PADDING, np.uint8)
    offsets = np.zeros(len(lines) + 1, np.int64)
    odd = np.zeros(len(lines), np.bool_)
    key = np.frombuffer(field.encode("utf-8", "surrogatepass"), np.uint8)
    line_kernels.extract(lines.data, lines.starts, lines.sizes, key, buffer, offsets, odd)
    return FieldTexts(buffer, offsets, np.flatnonzero(odd))
