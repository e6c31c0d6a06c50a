"""An index on a server put in order, and what is wrong with one."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index import bodies
from corpus_tool.index.server.writing import write_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from corpus_tool.index.segments import Segments

_AT_ONCE = bodies.IN_A_BLOCK << 6
_WRONG = (
    "SELECT format('record %s has no source or no run', rec) FROM record LEFT JOIN source USING(source) "
    "LEFT JOIN run USING(run) WHERE source.name IS NULL OR run.time IS NULL",
    "SELECT format('record %s stands in block %s, which is missing', rec, block) FROM record LEFT JOIN block "
    "USING(block) WHERE witness IS NULL AND data IS NULL",
    "SELECT format('record %s repeats record %s, which is missing', rec, witness) FROM record "
    "WHERE witness NOT IN (SELECT rec FROM record WHERE witness IS NULL)",
    "SELECT format('segment %s of kind %s has %s postings of %s', segment, kind, coalesce(held, 0), postings) "
    "FROM segment LEFT JOIN (SELECT part >> 24 AS its, sum(length(postings)) / 8 AS held FROM posting GROUP BY 1) "
    "AS found ON its = (kind::bigint << 23 | segment) WHERE held IS DISTINCT FROM postings",
)
_MOST = 20


def compact(connection: psycopg.Connection, segments: Segments, name: str) -> None:
    """Pack blocks and segments anew within the connection's transaction; the room is given back later, by VACUUM."""
    rows = connection.execute("SELECT rec FROM record ORDER BY rec").fetchall()
    alive = np.array([rec for (rec,) in rows], np.int64)
    for kind in segments.kinds():
        segments.compact(kind, alive)
    connection.execute("CREATE TEMP TABLE packed(block INTEGER, records INTEGER, data BYTEA) ON COMMIT DROP")
    kept = _kept(connection, name)
    for number in count(1, _AT_ONCE // bodies.IN_A_BLOCK):
        portion = list(islice(kept, _AT_ONCE))
        if not portion:
            break
        write_blocks(connection, "packed", number, portion)
    connection.execute("DELETE FROM block")
    connection.execute("INSERT INTO block SELECT * FROM packed")
    connection.execute(
        "UPDATE record SET block = nth / %s + 1, place = nth %% %s FROM (SELECT rec AS kept, row_number() OVER "
        "(ORDER BY rec) - 1 AS nth FROM record WHERE witness IS NULL) AS ordered WHERE rec = kept",
        (bodies.IN_A_BLOCK, bodies.IN_A_BLOCK),
    )
    connection.execute("DELETE FROM source WHERE source NOT IN (SELECT source FROM record)")


def _kept(connection: psycopg.Connection, name: str) -> Iterator[bytes]:
    """The bytes of kept records, in order."""
    places = connection.execute(
        "SELECT block, place FROM record WHERE witness IS NULL ORDER BY rec"
    ).fetchall()
    number, block = 0, list[bytes]()
    for wanted, place in places:
        if wanted != number:
            with connection.cursor(binary=True) as cursor:
                row = cursor.execute("SELECT data FROM block WHERE block = %s", (wanted,)).fetchone()
            number, block = wanted, bodies.unpack(row[0] if row else b"", name)
        yield block[place]


def problems(connection: psycopg.Connection) -> Iterator[str]:
    """What does not fit together in the tables, in words."""
    for query in _WRONG:
        for (text,) in connection.execute(f"{query} LIMIT {_MOST}".encode()):
            yield f"PostgreSQL: {text}"
