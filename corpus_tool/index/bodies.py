"""The bytes of records, each by itself, compressed with what they have in common.

A dictionary, made of the first records, halves what each would take alone, and any of them is read without the others.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Body = tuple[int, int, bytes]
"""A rec, the dictionary that its bytes were packed with, 0 for none, and what they became."""
_FEWEST, _MOST = 200, 1000
"""Records of which a dictionary is made: of fewer it would know little, of more it would hardly know more."""
_LARGEST, _SHARE = 64 << 10, 8
"""Bytes of a dictionary at most, and one in so many of those that it is made of."""
_LEVEL = 3


class Rows(Protocol):
    """Stores packed bytes and dictionaries."""

    def latest(self) -> int:
        """The number of the latest dictionary, 0 where there is none."""
        ...

    def dictionary(self, number: int) -> bytes | None:
        """A dictionary."""
        ...

    def add_dictionary(self, number: int, data: bytes) -> None:
        """Add one."""
        ...

    def remove_dictionaries(self) -> None:
        """Remove those that nothing is packed with."""
        ...

    def count(self) -> int:
        """How many bodies there are."""
        ...

    def some(self, recs: NDArray[np.int64]) -> Iterator[Body]:
        """Those of some ascending recs, in order."""
        ...

    def spread(self, most: int) -> list[Body]:
        """So many at most, evenly spread."""
        ...

    def following(self, rec: int, most: int) -> list[Body]:
        """The first ones past a rec, in order."""
        ...

    def put(self, rows: Iterable[Body]) -> None:
        """Add some, or put them in the place of others."""
        ...


class Bodies:
    """The bytes of the kept records of an index.

    Args:
        rows: Where they are stored.
        name: Of the index, for messages.
    """

    def __init__(self, rows: Rows, name: str) -> None:
        self._rows, self._name = rows, name
        self._known: dict[int, zstd.ZstdDict | None] = {0: None}

    def add(self, recs: Sequence[int], raws: Sequence[bytes]) -> None:
        """Store the bytes of new records."""
        number = self._rows.latest()
        if not number and self._rows.count() + len(raws) >= _FEWEST:
            number = self._train([*self._sample(), *raws])
            self._pack_again(number)
        self._insert(recs, raws, number)

    def read(self, recs: NDArray[np.int64]) -> Iterator[bytes]:
        """The bytes of some records, ascending recs.

        Raises:
            InputError: One is damaged, or not there.
        """
        wanted = iter(recs.tolist())
        for rec, number, data in self._rows.some(recs):
            if rec != next(wanted):
                break
            yield self._unpacked(rec, number, data)
        if next(wanted, None) is not None:
            raise self._damaged("the bytes of a record are missing")

    def pack_anew(self) -> None:
        """Store all records with a dictionary of what is there now."""
        sample = self._sample()
        if len(sample) >= _FEWEST:
            self._pack_again(self._train(sample))
            self._rows.remove_dictionaries()

    def _dictionary(self, number: int) -> zstd.ZstdDict | None:
        if number not in self._known:
            data = self._rows.dictionary(number)
            if data is None:
                raise self._damaged("a dictionary is missing")
            try:
                self._known[number] = zstd.ZstdDict(data)
            except ValueError as error:
                raise self._damaged(str(error)) from error
        return self._known[number]

    def _sample(self) -> list[bytes]:
        """Some of the records that are there, evenly spread."""
        return [self._unpacked(*row) for row in self._rows.spread(_MOST)]

    def _train(self, raws: Sequence[bytes]) -> int:
        """Make a dictionary; its number, 0 where the records have too little in common for one."""
        sample = raws[:: max(1, len(raws) // _MOST)][:_MOST]
        try:
            made = zstd.train_dict(sample, min(_LARGEST, max(256, sum(map(len, sample)) // _SHARE)))
        except zstd.ZstdError:
            return 0
        number = self._rows.latest() + 1
        self._rows.add_dictionary(number, made.dict_content)
        return number

    def _pack_again(self, number: int) -> None:
        last = -1
        while rows := self._rows.following(last, _MOST):
            last = rows[-1][0]
            self._insert([row[0] for row in rows], (self._unpacked(*row) for row in rows), number)

    def _insert(self, recs: Sequence[int], raws: Iterable[bytes], number: int) -> None:
        packer = zstd.ZstdCompressor(_LEVEL, zstd_dict=self._dictionary(number))
        packed = (
            (rec, number, packer.compress(raw, packer.FLUSH_FRAME))
            for rec, raw in zip(recs, raws, strict=True)
        )
        self._rows.put(packed)

    def _unpacked(self, rec: int, number: int, data: bytes) -> bytes:
        try:
            unpacker = zstd.ZstdDecompressor(zstd_dict=self._dictionary(number))
            found: bytes = unpacker.decompress(data)
        except zstd.ZstdError as error:
            raise self._damaged(f"record {rec}: {error}") from error
        if not unpacker.eof:
            raise self._damaged(f"record {rec} is cut off")
        return found

    def _damaged(self, why: str) -> InputError:
        return InputError(
            f"this index is damaged ({why}): take a copy of it, or build it again from what was kept (index add)",
            path=self._name,
        )
