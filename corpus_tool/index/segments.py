"""Postings: a few sorted runs for each kind, merged as they grow, in rows of whatever stores an index.

Codes are hashes, so a B-tree of postings is written at random: ten thousand new records would touch every page of a
large one. Instead each run of the program appends a *segment*, its postings sorted, and a segment that is no longer
much larger than what follows it is merged with that (O'Neil, Cheng, Gawlick, O'Neil: "The log-structured merge-tree",
1996). A segment is cut into parts by the leading bits of the codes, so that few codes read few parts.

A posting is 8 bytes, code above rec; a part's row has kind, segment and part in its number.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_AT_ONCE = 1 << 20
_FACTOR = 3
"""A segment stays apart while it has more than so many times the postings of all that follow it."""
_KIND, _SEGMENT = 47, 24
_CODE = np.uint64(32)
_REC = np.uint64(0xFFFFFFFF)
_ENTRY = np.dtype("<u8")


class Segment(NamedTuple):
    """Postings of one kind that were sorted together.

    Attributes:
        kind: Theirs.
        number: Tells segments of a kind apart.
        depth: Leading bits of the codes that tell its parts apart.
        postings: How many.
    """

    kind: int
    number: int
    depth: int
    postings: int

    def row(self, part: int) -> int:
        """The number of a part's row."""
        return self.kind << _KIND | self.number << _SEGMENT | part


class Rows(Protocol):
    """Stores parts, each under the number of its row, and what segments there are.

    Attributes:
        a_part: Postings that a part holds at most, but for codes that many records share.
    """

    @property
    def a_part(self) -> int: ...

    def kinds(self) -> list[int]:
        """The kinds of which there are segments, ascending."""
        ...

    def segments(self, kind: int) -> list[Segment]:
        """The segments of a kind, the largest first."""
        ...

    def add_segment(self, segment: Segment) -> None:
        """Note a segment."""
        ...

    def remove_segments(self, segments: Iterable[Segment]) -> None:
        """Forget some; their parts are removed by themselves."""
        ...

    def between(self, first: int, last: int) -> bytes:
        """The postings of all rows from the first to the last, in their order."""
        ...

    def some(self, rows: Sequence[int]) -> bytes:
        """The postings of some ascending rows, of which any may be missing, and perhaps of others between them."""
        ...

    def write(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Add rows."""
        ...

    def remove(self, first: int, last: int) -> None:
        """Remove all rows from the first to the last."""
        ...


class Segments:
    """All postings of an index.

    Args:
        rows: Where they are stored, in a transaction of its own where anything is written.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def kinds(self) -> list[int]:
        """The kinds of which there are postings."""
        return self._rows.kinds()

    def add(self, kind: int, codes: NDArray[np.uint32], recs: NDArray[np.int64]) -> None:
        """Add postings; recs are greater than those of all that are there."""
        if not len(codes):
            return
        entries = np.sort(codes.astype(np.uint64) << _CODE | recs.astype(np.uint64))
        segments, total = self._rows.segments(kind), len(entries)
        kept = len(segments)
        while kept and segments[kept - 1].postings <= _FACTOR * total:
            kept -= 1
            total += segments[kept].postings
        self._merge(kind, segments, segments[kept:], entries)

    def compact(self, kind: int, alive: NDArray[np.int64]) -> None:
        """Make one segment of all of a kind, without the postings of records that are gone; alive recs ascend."""
        segments = self._rows.segments(kind)
        self._merge(kind, segments, segments, np.zeros(0, np.uint64), alive)

    def frequency(self, kind: int, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        """As `Storage.frequency`."""
        found = np.zeros(len(codes), np.int64)
        for segment in self._rows.segments(kind):
            for some, entries in self._parts(segment, codes):
                first, last = _ends(entries, codes[some])
                found[some] += last - first
        return found

    def find(self, kind: int, codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As `Storage.find`."""
        which, recs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for segment in self._rows.segments(kind):
            for some, entries in self._parts(segment, codes):
                first, last = _ends(entries, codes[some])
                sizes = last - first
                held = np.repeat(first - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
                which.append(np.repeat(np.arange(some.start, some.stop), sizes))
                recs.append((entries[held] & _REC).astype(np.int64))
        return np.concatenate(which), np.concatenate(recs)

    def _parts(
        self, segment: Segment, codes: NDArray[np.uint32]
    ) -> Iterator[tuple[slice, NDArray[np.uint64]]]:
        """Runs of the codes, and of the segment's postings those among which theirs are."""
        part = _part_of(codes, segment.depth)
        wanted = part[np.flatnonzero(np.diff(part, prepend=-1))]
        at, window = 0, max(1, _AT_ONCE // self._rows.a_part)
        while at < len(wanted):
            last = int(np.searchsorted(wanted, wanted[at] + window)) - 1
            span = wanted[at : last + 1]
            data = self._read(segment, span)
            run = slice(int(np.searchsorted(part, span[0])), int(np.searchsorted(part, span[-1], "right")))
            yield run, np.frombuffer(data, _ENTRY)
            at = last + 1

    def _read(self, segment: Segment, parts: NDArray[np.int64]) -> bytes:
        """The postings of some ascending parts, and perhaps of some between them."""
        return self._rows.some([segment.row(part) for part in parts.tolist()])

    def _write(self, segment: Segment, begin: int, bits: int, entries: NDArray[np.uint64]) -> None:
        """Write the sorted postings of all parts that begin with some leading bits."""
        deeper = segment.depth - bits
        first = begin << deeper
        edges = (np.arange(first + 1, first + (1 << deeper), dtype=np.uint64)) << np.uint64(
            64 - segment.depth
        )
        ends = [0, *np.searchsorted(entries, edges).tolist(), len(entries)] if deeper else [0, len(entries)]
        stored = entries.astype(_ENTRY, copy=False)
        rows = (
            (segment.row(first + at), stored[start:stop].tobytes())
            for at, (start, stop) in enumerate(pairwise(ends))
            if stop > start
        )
        self._rows.write(rows)

    def _merge(
        self,
        kind: int,
        segments: list[Segment],
        merged: list[Segment],
        entries: NDArray[np.uint64],
        alive: NDArray[np.int64] | None = None,
    ) -> None:
        """Make one segment of some of a kind's and of sorted new postings; a stretch of codes at a time is in memory.

        The rows of the old ones go as they are read, so that the file hardly grows.
        """
        total = sum(segment.postings for segment in merged) + len(entries)
        depth = max(0, (total - 1) // self._rows.a_part).bit_length()
        number = min(set(range(len(segments) + 1)) - {segment.number for segment in segments})
        made, left = Segment(kind, number, depth, total), 0
        bits = min(depth, max(0, (total - 1) // _AT_ONCE).bit_length())
        readers = [_Reader(self._rows, segment, bits) for segment in merged]
        for begin in range(1 << bits):
            low, high = _stretch(entries, begin, bits)
            some = np.sort(np.concatenate([*(each.take(begin) for each in readers), entries[low:high]]))
            if alive is not None:
                some = some[_among((some & _REC).astype(np.int64), alive)]
            self._write(made, begin, bits, some)
            left += len(some)
        self._rows.remove_segments(merged)
        if left:
            self._rows.add_segment(made._replace(postings=left))


class _Reader:
    """Reads a segment stretch by stretch, and removes it behind itself."""

    def __init__(self, rows: Rows, segment: Segment, bits: int) -> None:
        self._rows, self._segment, self._bits = rows, segment, bits
        self._held = np.zeros(0, np.uint64)
        self._next = 0

    def take(self, begin: int) -> NDArray[np.uint64]:
        """The postings of a stretch, which follows the one that was taken before."""
        deeper = self._segment.depth - self._bits
        last = (begin + 1) << deeper if deeper >= 0 else (begin >> -deeper) + 1
        if last > self._next:
            ends = self._segment.row(self._next), self._segment.row(last - 1)
            self._held = np.frombuffer(self._rows.between(*ends), _ENTRY).astype(np.uint64)
            self._rows.remove(*ends)
            self._next = last
        low, high = _stretch(self._held, begin, self._bits)
        return self._held[low:high]


def _part_of(codes: NDArray[np.uint32], depth: int) -> NDArray[np.int64]:
    return codes.astype(np.int64) >> (32 - depth)


def _stretch(entries: NDArray[np.uint64], begin: int, bits: int) -> tuple[int, int]:
    """Where the sorted entries begin and end whose leading bits are these."""
    if not bits:
        return 0, len(entries)
    ends = np.array([begin, begin + 1], np.uint64) << np.uint64(64 - bits)
    low = int(np.searchsorted(entries, ends[0]))
    return low, int(np.searchsorted(entries, ends[1])) if begin + 1 < 1 << bits else len(entries)


def _ends(
    entries: NDArray[np.uint64], codes: NDArray[np.uint32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the postings of each code begin and end."""
    least = codes.astype(np.uint64) << _CODE
    return np.searchsorted(entries, least), np.searchsorted(entries, least | _REC, "right")


def _among(recs: NDArray[np.int64], alive: NDArray[np.int64]) -> NDArray[np.bool_]:
    if not len(alive):
        return np.zeros(len(recs), np.bool_)
    found: NDArray[np.bool_] = alive[np.minimum(np.searchsorted(alive, recs), len(alive) - 1)] == recs
    return found
