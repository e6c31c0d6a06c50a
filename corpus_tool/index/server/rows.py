"""The rows of postings on a server.

A part is so small that its row stands in a page of the table, and that few codes move few bytes over the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

A_PART = 240
"""Postings that a part holds at most: 1,920 bytes, which PostgreSQL does not move to another table."""


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
        return self._joined(
            "SELECT postings FROM posting WHERE part BETWEEN %s AND %s ORDER BY part", (first, last)
        )

    def some(self, rows: Sequence[int]) -> bytes:
        return self._joined(
            "SELECT postings FROM posting WHERE part = ANY(%s) ORDER BY part", (np.array(rows, np.int64),)
        )

    def _joined(self, query: str, values: tuple[object, ...]) -> bytes:
        with self._connection.cursor(binary=True) as cursor:
            return b"".join([data for (data,) in cursor.execute(query, values)])

    def write(self, rows: Iterable[tuple[int, bytes]]) -> None:
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY posting FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(["int8", "bytea"])
            for row in rows:
                copy.write_row(row)

    def remove(self, first: int, last: int) -> None:
        self._connection.execute("DELETE FROM posting WHERE part BETWEEN %s AND %s", (first, last))
