"""The bytes of records in SQLite, each by itself, compressed with what they have in common.

A dictionary, made of the first records, halves what each would take alone, and any of them is read without the others.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SCHEMA = (
    "CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, data BLOB)",
    "CREATE TABLE body(rec INTEGER PRIMARY KEY, dictionary INTEGER, data BLOB)",
)
_FEWEST, _MOST = 200, 1000
"""Records of which a dictionary is made: of fewer it would know little, of more it would hardly know more."""
_LARGEST, _SHARE = 64 << 10, 8
"""Bytes of a dictionary at most, and one in so many of those that it is made of."""
_LEVEL = 3


class Bodies:
    """The bytes of the kept records of an index.

    Args:
        connection: Of its database.
        name: Of the index, for messages.
    """

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection, self._name = connection, name
        self._known: dict[int, zstd.ZstdDict | None] = {0: None}

    def add(self, recs: Sequence[int], raws: Sequence[bytes]) -> None:
        """Store the bytes of new records."""
        number = self._latest()
        if not number:
            (held,) = self._connection.execute("SELECT count(*) FROM body").fetchone()
            if held + len(raws) >= _FEWEST:
                number = self._train([*self._sample(), *raws])
                self._pack_again(number)
        self._insert(recs, raws, number)

    def read(self, recs: NDArray[Any]) -> Iterator[bytes]:
        """The bytes of some records, ascending recs.

        Raises:
            InputError: One is damaged, or not there.
        """
        found = self._connection.execute(
            "SELECT rec, dictionary, data FROM json_each(?) CROSS JOIN body ON rec = value",
            (orjson.dumps(recs, option=orjson.OPT_SERIALIZE_NUMPY).decode(),),
        )
        wanted = iter(recs.tolist())
        for rec, number, data in found:
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
            self._connection.execute(
                "DELETE FROM dictionary WHERE dictionary NOT IN (SELECT dictionary FROM body)"
            )

    def _latest(self) -> int:
        (number,) = self._connection.execute("SELECT max(dictionary) FROM dictionary").fetchone()
        return number or 0

    def _dictionary(self, number: int) -> zstd.ZstdDict | None:
        if number not in self._known:
            row = self._connection.execute(
                "SELECT data FROM dictionary WHERE dictionary = ?", (number,)
            ).fetchone()
            if row is None:
                raise self._damaged("a dictionary is missing")
            try:
                self._known[number] = zstd.ZstdDict(row[0])
            except ValueError as error:
                raise self._damaged(str(error)) from error
        return self._known[number]

    def _sample(self) -> list[bytes]:
        """Some of the records that are there, evenly spread."""
        rows = self._connection.execute(
            "SELECT rec, dictionary, data FROM body WHERE rec % max(1, (SELECT count(*) FROM body) / ?1) = 0 LIMIT ?1",
            (_MOST,),
        )
        return [self._unpacked(*row) for row in rows.fetchall()]

    def _train(self, raws: Sequence[bytes]) -> int:
        """Make a dictionary; its number, 0 where the records have too little in common for one."""
        sample = raws[:: max(1, len(raws) // _MOST)][:_MOST]
        try:
            made = zstd.train_dict(sample, min(_LARGEST, max(256, sum(map(len, sample)) // _SHARE)))
        except zstd.ZstdError:
            return 0
        number = self._latest() + 1
        self._connection.execute("INSERT INTO dictionary VALUES(?, ?)", (number, made.dict_content))
        return number

    def _pack_again(self, number: int) -> None:
        last = -1
        while rows := self._connection.execute(
            "SELECT rec, dictionary, data FROM body WHERE rec > ? ORDER BY rec LIMIT ?", (last, _MOST)
        ).fetchall():
            last = rows[-1][0]
            self._insert([row[0] for row in rows], (self._unpacked(*row) for row in rows), number)

    def _insert(self, recs: Sequence[int], raws: Iterable[bytes], number: int) -> None:
        packer = zstd.ZstdCompressor(_LEVEL, zstd_dict=self._dictionary(number))
        packed = (
            (rec, number, packer.compress(raw, packer.FLUSH_FRAME))
            for rec, raw in zip(recs, raws, strict=True)
        )
        self._connection.executemany("INSERT OR REPLACE INTO body VALUES(?, ?, ?)", packed)

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
