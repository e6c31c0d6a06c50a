"""An index on a server put in order, and what is wrong with one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from corpus_tool.index.bodies import Bodies
    from corpus_tool.index.segments import Segments

_WRONG = (
    "SELECT format('record %s has no source or no run', rec) FROM record LEFT JOIN source USING(source) "
    "LEFT JOIN run USING(run) WHERE source.name IS NULL OR run.time IS NULL",
    "SELECT format('the bytes of record %s are missing', rec) FROM record LEFT JOIN body USING(rec) "
    "WHERE witness IS NULL AND data IS NULL",
    "SELECT format('record %s repeats record %s, which is missing', rec, witness) FROM record "
    "WHERE witness NOT IN (SELECT rec FROM record WHERE witness IS NULL)",
    "SELECT format('segment %s of kind %s has %s postings of %s', segment, kind, coalesce(held, 0), postings) "
    "FROM segment LEFT JOIN (SELECT part >> 24 AS its, sum(length(postings)) / 8 AS held FROM posting GROUP BY 1) "
    "AS found ON its = (kind::bigint << 23 | segment) WHERE held IS DISTINCT FROM postings",
)
_MOST = 20


def compact(connection: psycopg.Connection, segments: Segments, bodies: Bodies) -> None:
    """Pack everything anew within the connection's transaction; the room is given back later, by VACUUM."""
    rows = connection.execute("SELECT rec FROM record ORDER BY rec").fetchall()
    alive = np.array([rec for (rec,) in rows], np.int64)
    for kind in segments.kinds():
        segments.compact(kind, alive)
    connection.execute(
        "DELETE FROM outline WHERE NOT EXISTS (SELECT FROM record WHERE record.rec = outline.rec)"
    )
    bodies.pack_anew()
    connection.execute("DELETE FROM source WHERE source NOT IN (SELECT source FROM record)")


def problems(connection: psycopg.Connection) -> Iterator[str]:
    """What does not fit together in the tables, in words."""
    for query in _WRONG:
        for (text,) in connection.execute(f"{query} LIMIT {_MOST}".encode()):
            yield f"PostgreSQL: {text}"
