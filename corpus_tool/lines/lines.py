"""Records as bytes: lines of JSON in one buffer, decoded only where something needs them decoded.

`field_texts` takes the text of one field straight out of such lines, without making objects of them, and `line_parts`
those of two, with whatever other members are wanted. Their kernel accepts only what it can prove to be one JSON object
of plain ASCII; every other line it calls odd, and those go the slow way, through `corpus_tool.lines.decode`,
which alone says what is wrong with a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from corpus_tool.lines.decode import BOM, decode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from corpus_tool.records import Record

    Texts = tuple[NDArray[np.uint8], NDArray[np.int64]]

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
        marked = starts[data[starts] == BOM[0]] if len(starts) else starts
        if len(marked):  # joined files may begin anywhere
            starts = starts + len(BOM) * _begins(data, starts, ends, BOM)
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

    def decoded(self, places: Iterable[int]) -> tuple[dict[int, Record], list[tuple[int, str]]]:
        """The records at some places, and what is wrong there; blank lines are neither."""
        records: dict[int, Record] = {}
        bad: list[tuple[int, str]] = []
        for place in places:
            raw = self.raw(place)
            try:
                records[place] = decode(raw)
            except ValueError as error:
                if raw.strip():
                    bad.append((place, str(error)))
        return records, bad

    def take(self, places: NDArray[Any]) -> Lines:
        """Some of the records, over the same buffer."""
        return Lines(self.data, self.starts[places], self.sizes[places])


def _begins(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], mark: bytes
) -> NDArray[np.bool_]:
    """Whether each of some lines begins with a mark."""
    found = ends - starts >= len(mark)
    for place, byte in enumerate(mark):
        found &= data[np.minimum(starts + place, len(data) - 1)] == byte
    return found


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
    key = np.frombuffer(field.encode("utf-8", "surrogatepass"), np.uint8)
    parts = _extract(lines, key, np.zeros((0, 3), np.uint64))
    return FieldTexts(*parts.first, parts.odd)


@dataclass(frozen=True, slots=True)
class LineParts:
    """What was wanted of many lines, each part as a buffer and int64[n + 1] offsets; odd lines have nothing there.

    Attributes:
        first: ASCII texts, the buffer uint8 with `PADDING` spare bytes; none where null or nothing but blanks.
        second: The same of the second field.
        rest: For each line of which more is wanted, one JSON object of the bytes of those members, and a comma.
        odd: int64, places of the records that only the slow way can read.
    """

    first: Texts
    second: Texts
    rest: Texts
    odd: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Names:
    """Top-level keys that are wanted, in lower case and without blanks, `_`, `-` and `:`, as all keys are compared.

    Attributes:
        first: Keys of the first text. A line with two of them is odd, as is one with another value than a string.
        second: Keys of the second text.
        telling: Keys whose members are wanted as they stand, of values that are not empty.
        beside: Keys whose members are wanted only beside one of those.
    """

    first: Collection[str]
    second: Collection[str]
    telling: Collection[str]
    beside: Collection[str]

    def table(self) -> NDArray[np.uint64]:
        """The hash table for `line_parts`: the bytes of a name as two numbers, and what it is for.

        Raises:
            ValueError: A name is too long, or not ASCII.
        """
        from corpus_tool.lines import kernels

        table = np.zeros((kernels.NAME_SLOTS, 3), np.uint64)
        roles = kernels.FIRST, kernels.SECOND, kernels.TELLING, kernels.BESIDE
        wanted = self.first, self.second, self.telling, self.beside
        for name, role in ((name, role) for names, role in zip(wanted, roles, strict=True) for name in names):
            if len(name) > kernels.LONGEST_NAME or not name.isascii():
                raise ValueError(f"not a name of up to {kernels.LONGEST_NAME} ASCII characters: {name!r}")
            high, low = divmod(int.from_bytes(name.encode(), "big"), 1 << 64)
            slot = ((high ^ low) * kernels.SPREAD % (1 << 64)) * kernels.NAME_SLOTS >> 64
            while table[slot, 2]:
                slot = (slot + 1) % kernels.NAME_SLOTS
            table[slot] = high, low, role
        return table


def line_parts(lines: Lines, table: NDArray[np.uint64]) -> LineParts:
    """Two texts of every line, and the members that a table of `Names` wants besides."""
    return _extract(lines, np.zeros(0, np.uint8), table)


def _extract(lines: Lines, key: NDArray[np.uint8], table: NDArray[np.uint64]) -> LineParts:
    from corpus_tool.lines import kernels

    size = int(lines.sizes.sum()) + 2 * PADDING
    more = size + len(lines) if len(table) else PADDING
    # Pages that stay untouched cost nothing.
    buffers = [np.empty(room, np.uint8) for room in (size, more, more)]
    offsets = np.zeros((3, len(lines) + 1), np.int64)
    odd = np.zeros(len(lines), np.bool_)
    filled = [array for buffer, ends in zip(buffers, offsets[:, 1:], strict=True) for array in (buffer, ends)]
    kernels.extract(lines.data, lines.starts, lines.sizes, key, table, *filled, odd)
    first, second, rest = zip(buffers, offsets, strict=True)
    return LineParts(first, second, rest, np.flatnonzero(odd))
