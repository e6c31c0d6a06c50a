"""The rows of postings, bodies and outlines on a server.

Parts are small, so that a few codes move a few bytes over the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index.protocol import Outlines
from corpus_tool.index.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import psycopg
    from numpy.typing import NDArray

    from corpus_tool.index.bodies import Body

_AT_ONCE = 1 << 12
_MOST = 0.7
"""Where a larger share of parts is wanted, all are read in a row."""
A_PART = 32
"""Postings that a part holds at most: of half as many a row would be mostly its header, of 240, which just fit into a
row, four times as much would be moved."""


class ServerRows:
    """As `corpus_tool.index.segments.Rows`.

    Args:
        connection: To the database.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    @property
    def a_part(self) -> int:
        return A_PART

    def kinds(self) -> list[int]:
        rows = self._connection.execute("SELECT DISTINCT kind FROM segment ORDER BY kind")
        return [kind for (kind,) in rows]

    def segments(self, kind: int) -> list[Segment]:
        rows = self._connection.execute(
            "SELECT kind, segment, depth, postings FROM segment WHERE kind = %s ORDER BY postings DESC",
            (kind,),
        )
        return [Segment(*row) for row in rows]

    def add_segment(self, segment: Segment) -> None:
        self._connection.execute("INSERT INTO segment VALUES(%s, %s, %s, %s)", segment)

    def remove_segments(self, segments: Iterable[Segment]) -> None:
        for segment in segments:
            self._connection.execute(
                "DELETE FROM segment WHERE kind = %s AND segment = %s", (segment.kind, segment.number)
            )

    def between(self, first: int, last: int) -> bytes:
        return self._joined("part BETWEEN %s AND %s", first, last)

    def some(self, rows: Sequence[int]) -> bytes:
        if len(rows) > _MOST * (rows[-1] - rows[0]):
            return self.between(rows[0], rows[-1])
        return self._joined("part = ANY(%s)", np.array(rows, np.int64))

    def _joined(self, condition: str, *values: object) -> bytes:
        """The postings of rows as one value: moved row by row they would take twice as long."""
        ordered = f"SELECT postings FROM posting WHERE {condition} ORDER BY part"
        query = f"SELECT string_agg(postings, '') FROM ({ordered}) AS ordered"
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(query.encode(), values)
            row = cursor.fetchone()
        return (row[0] if row else None) or b""

    def write(self, rows: Iterable[tuple[int, bytes]]) -> None:
        copy_in(self._connection, "posting", ("int8", "bytea"), rows)

    def remove(self, first: int, last: int) -> None:
        self._connection.execute("DELETE FROM posting WHERE part BETWEEN %s AND %s", (first, last))


class ServerBodies:
    """As `corpus_tool.index.bodies.Rows`.

    Args:
        connection: To the database.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def latest(self) -> int:
        row = self._connection.execute("SELECT coalesce(max(dictionary), 0) FROM dictionary").fetchone()
        return int(row[0]) if row else 0

    def dictionary(self, number: int) -> bytes | None:
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute("SELECT data FROM dictionary WHERE dictionary = %s", (number,))
            row = cursor.fetchone()
        return row[0] if row else None

    def add_dictionary(self, number: int, data: bytes) -> None:
        self._connection.execute("INSERT INTO dictionary VALUES(%s, %s)", (number, data))

    def remove_dictionaries(self) -> None:
        self._connection.execute(
            "DELETE FROM dictionary WHERE dictionary NOT IN (SELECT dictionary FROM body)"
        )

    def count(self) -> int:
        row = self._connection.execute("SELECT count(*) FROM body").fetchone()
        return int(row[0]) if row else 0

    def some(self, recs: NDArray[np.int64]) -> Iterator[Body]:
        for at in range(0, len(recs), _AT_ONCE):
            yield from self._rows("WHERE rec = ANY(%s) ORDER BY rec", recs[at : at + _AT_ONCE])

    def spread(self, most: int) -> list[Body]:
        condition = "WHERE rec %% greatest(1, (SELECT count(*) FROM body) / %s) = 0 ORDER BY rec LIMIT %s"
        return self._rows(condition, most, most)

    def following(self, rec: int, most: int) -> list[Body]:
        return self._rows("WHERE rec > %s ORDER BY rec LIMIT %s", rec, most)

    def _rows(self, condition: str, *values: object) -> list[Body]:
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(f"SELECT rec, dictionary, data FROM body {condition}".encode(), values)
            return cursor.fetchall()

    def put(self, rows: Iterable[Body]) -> None:
        some = list(rows)
        self._connection.execute(
            "DELETE FROM body WHERE rec = ANY(%s)", (np.array([row[0] for row in some], np.int64),)
        )
        copy_in(self._connection, "body", ("int8", "int4", "bytea"), some)


def add_outlines(connection: psycopg.Connection, recs: NDArray[np.int64], outlines: Sequence[bytes]) -> None:
    """Put in the outlines of new records; of empty ones nothing is stored."""
    rows = zip(recs.tolist(), outlines, strict=True)
    copy_in(connection, "outline", ("int8", "bytea"), (row for row in rows if row[1]))


def read_outlines(connection: psycopg.Connection, recs: NDArray[np.int64]) -> Outlines:
    """Those of some records."""
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT rec, data FROM outline WHERE rec = ANY(%s) ORDER BY rec", (recs,))
        rows = cursor.fetchall()
    return Outlines(
        np.array([rec for rec, _ in rows], np.int64),
        b"".join([data for _, data in rows]),
        np.array([len(data) for _, data in rows], np.int64),
    )


def copy_in(
    connection: psycopg.Connection, columns: str, types: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Add rows to a table, or to the columns of it that are named, by COPY."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {columns} FROM STDIN (FORMAT BINARY)".encode()) as copy,
    ):
        copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)
