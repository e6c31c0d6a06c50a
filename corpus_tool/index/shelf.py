"""Outlines in SQLite, by rec: those of neighbours in one row, so that many are read at once.

A row holds `_A_ROW` recs: the size of each in two bytes, counted in words of 8, 0 for none; then what there is of them,
in whole words.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import orjson

from corpus_tool.dedup.candidates import distinct
from corpus_tool.index.protocol import Outlines

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCHEMA = ("CREATE TABLE outline(shelf INTEGER PRIMARY KEY, data BLOB)",)
_A_ROW = 32
_SIZE, _WORD = np.dtype("<u2"), np.dtype("<u8")
_HEAD = _A_ROW * _SIZE.itemsize // _WORD.itemsize
"""Words of the sizes."""


class Shelf:
    """The outlines of an index.

    Args:
        connection: Of its database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, recs: NDArray[np.int64], outlines: Sequence[bytes]) -> None:
        """Put in the outlines of new records, ascending recs."""
        rows = zip(recs.tolist(), outlines, strict=True)
        for shelf, some in groupby(rows, lambda row: row[0] // _A_ROW):
            held = self._row(shelf)
            for rec, outline in some:
                held[rec % _A_ROW] = outline
            self._put(shelf, held)

    def read(self, recs: NDArray[np.int64]) -> Outlines:
        """Those of some records, ascending recs, as far as there are any."""
        shelves = distinct(recs // _A_ROW)
        rows = self._connection.execute(
            "SELECT shelf, data FROM json_each(?) CROSS JOIN outline ON shelf = value",
            (orjson.dumps(shelves, option=orjson.OPT_SERIALIZE_NUMPY).decode(),),
        ).fetchall()
        if not rows:
            return Outlines(recs[:0], b"", recs[:0])
        words = np.frombuffer(b"".join([row[1] for row in rows]), _WORD)
        lengths = np.array([len(row[1]) for row in rows], np.int64) // _WORD.itemsize
        begins = np.cumsum(lengths) - lengths
        heads = words[begins[:, None] + np.arange(_HEAD)]
        sizes = np.ascontiguousarray(heads).view(_SIZE).astype(np.int64)
        ends = (begins + _HEAD)[:, None] + sizes.cumsum(axis=1)
        every = np.array([row[0] for row in rows], np.int64)[:, None] * _A_ROW + np.arange(_A_ROW)
        wanted = (sizes > 0) & np.isin(every, recs)
        data = _gathered(words, (ends - sizes)[wanted], sizes[wanted])
        return Outlines(every[wanted], data, sizes[wanted] * _WORD.itemsize)

    def keep_only(self, alive: NDArray[np.int64]) -> None:
        """Drop those of records that are gone; alive recs ascend."""
        living = set((alive // _A_ROW).tolist())
        for (shelf,) in self._connection.execute("SELECT shelf FROM outline").fetchall():
            if shelf not in living:
                self._connection.execute("DELETE FROM outline WHERE shelf = ?", (shelf,))
                continue
            low, high = np.searchsorted(alive, (shelf * _A_ROW, (shelf + 1) * _A_ROW))
            if high - low < _A_ROW:
                here = set((alive[low:high] % _A_ROW).tolist())
                held = self._row(shelf)
                self._put(shelf, [each if at in here else b"" for at, each in enumerate(held)])

    def _row(self, shelf: int) -> list[bytes]:
        row = self._connection.execute("SELECT data FROM outline WHERE shelf = ?", (shelf,)).fetchone()
        if row is None:
            return [b""] * _A_ROW
        sizes = np.frombuffer(row[0], _SIZE, _A_ROW).astype(np.int64) * _WORD.itemsize
        ends = (_A_ROW * _SIZE.itemsize + np.cumsum(sizes)).tolist()
        return [row[0][end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)]

    def _put(self, shelf: int, held: Sequence[bytes]) -> None:
        sizes = (np.array(list(map(len, held))) // _WORD.itemsize).astype(_SIZE).tobytes()
        self._connection.execute(
            "INSERT OR REPLACE INTO outline VALUES(?, ?)", (shelf, b"".join((sizes, *held)))
        )


def _gathered(words: NDArray[np.uint64], begins: NDArray[np.int64], sizes: NDArray[np.int64]) -> bytes:
    """Stretches of words, one after another."""
    ends = np.cumsum(sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
    found: bytes = words[np.repeat(begins, sizes) + within].tobytes()
    return found
