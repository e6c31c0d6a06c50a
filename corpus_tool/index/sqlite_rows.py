"""The rows of postings and of bodies in SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from corpus_tool.index.segments import Segment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.index.bodies import Body

POSTINGS = (
    "CREATE TABLE segment(kind INTEGER, segment INTEGER, depth INTEGER, postings INTEGER, PRIMARY KEY(kind, segment)) "
    "WITHOUT ROWID",
    "CREATE TABLE posting(part INTEGER PRIMARY KEY, postings BLOB)",
)
BODIES = (
    "CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, data BLOB)",
    "CREATE TABLE body(rec INTEGER PRIMARY KEY, dictionary INTEGER, data BLOB)",
)
_A_PART = 1 << 11
_FEW = 4
"""One part in so many is read by itself; more are read in a row."""


class SQLiteRows:
    """As `corpus_tool.index.segments.Rows`.

    Args:
        connection: Of the database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def a_part(self) -> int:
        return _A_PART

    def kinds(self) -> list[int]:
        return [
            kind for (kind,) in self._connection.execute("SELECT DISTINCT kind FROM segment ORDER BY kind")
        ]

    def segments(self, kind: int) -> list[Segment]:
        rows = self._connection.execute(
            "SELECT * FROM segment WHERE kind = ? ORDER BY postings DESC", (kind,)
        )
        return [Segment(*row) for row in rows]

    def add_segment(self, segment: Segment) -> None:
        self._connection.execute("INSERT INTO segment VALUES(?, ?, ?, ?)", segment)

    def remove_segments(self, segments: Iterable[Segment]) -> None:
        gone = [(segment.kind, segment.number) for segment in segments]
        self._connection.executemany("DELETE FROM segment WHERE kind = ? AND segment = ?", gone)

    def between(self, first: int, last: int) -> bytes:
        rows = self._connection.execute(
            "SELECT postings FROM posting WHERE part BETWEEN ? AND ? ORDER BY part", (first, last)
        )
        return b"".join([data for (data,) in rows])

    def some(self, rows: Sequence[int]) -> bytes:
        if rows[-1] - rows[0] < _FEW * len(rows):
            return self.between(rows[0], rows[-1])
        one = "SELECT postings FROM posting WHERE part = ?"
        found = [self._connection.execute(one, (row,)).fetchone() for row in rows]
        return b"".join([row[0] for row in found if row])

    def write(self, rows: Iterable[tuple[int, bytes]]) -> None:
        self._connection.executemany("INSERT INTO posting VALUES(?, ?)", rows)

    def remove(self, first: int, last: int) -> None:
        self._connection.execute("DELETE FROM posting WHERE part BETWEEN ? AND ?", (first, last))


class SQLiteBodies:
    """As `corpus_tool.index.bodies.Rows`.

    Args:
        connection: Of the database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self) -> int:
        (number,) = self._connection.execute("SELECT max(dictionary) FROM dictionary").fetchone()
        return number or 0

    def dictionary(self, number: int) -> bytes | None:
        row = self._connection.execute(
            "SELECT data FROM dictionary WHERE dictionary = ?", (number,)
        ).fetchone()
        return row[0] if row else None

    def add_dictionary(self, number: int, data: bytes) -> None:
        self._connection.execute("INSERT INTO dictionary VALUES(?, ?)", (number, data))

    def remove_dictionaries(self) -> None:
        self._connection.execute(
            "DELETE FROM dictionary WHERE dictionary NOT IN (SELECT dictionary FROM body)"
        )

    def count(self) -> int:
        (held,) = self._connection.execute("SELECT count(*) FROM body").fetchone()
        return int(held)

    def some(self, recs: NDArray[np.int64]) -> Iterator[Body]:
        listed = orjson.dumps(recs, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        return self._connection.execute(
            "SELECT rec, dictionary, data FROM json_each(?) CROSS JOIN body ON rec = value", (listed,)
        )

    def spread(self, most: int) -> list[Body]:
        return self._connection.execute(
            "SELECT rec, dictionary, data FROM body WHERE rec % max(1, (SELECT count(*) FROM body) / ?1) = 0 LIMIT ?1",
            (most,),
        ).fetchall()

    def following(self, rec: int, most: int) -> list[Body]:
        return self._connection.execute(
            "SELECT rec, dictionary, data FROM body WHERE rec > ? ORDER BY rec LIMIT ?", (rec, most)
        ).fetchall()

    def put(self, rows: Iterable[Body]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO body VALUES(?, ?, ?)", rows)
