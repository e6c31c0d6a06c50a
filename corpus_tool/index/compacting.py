"""An index put in order: no room is left to what was removed, and what came in parts stands together."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index import bodies

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from corpus_tool.index.segments import Segments


def compact(connection: sqlite3.Connection, segments: Segments, name: str) -> None:
    """Pack blocks and segments anew within the transaction of the connection; the file shrinks later, by VACUUM."""
    alive = np.array([rec for (rec,) in connection.execute("SELECT rec FROM record ORDER BY rec")], np.int64)
    for kind in segments.kinds():
        segments.compact(kind, alive)
    connection.execute("CREATE TEMP TABLE packed(block INTEGER PRIMARY KEY, records INTEGER, data BLOB)")
    rows = _kept(connection, name)
    for number in count(1):
        portion = list(islice(rows, bodies.IN_A_BLOCK))
        if not portion:
            break
        data = bodies.pack([raw for _, raw in portion])
        connection.execute("INSERT INTO packed VALUES(?, ?, ?)", (number, len(portion), data))
    connection.execute("DELETE FROM block")
    connection.execute("INSERT INTO block SELECT * FROM packed")
    connection.execute("DROP TABLE packed")
    connection.execute(
        "UPDATE record SET block = nth / ?1 + 1, place = nth % ?1 FROM (SELECT rec AS kept, row_number() OVER "
        "(ORDER BY rec) - 1 AS nth FROM record WHERE witness IS NULL) WHERE rec = kept",
        (bodies.IN_A_BLOCK,),
    )
    connection.execute("DELETE FROM source WHERE source NOT IN (SELECT source FROM record)")


def _kept(connection: sqlite3.Connection, name: str) -> Iterator[tuple[int, bytes]]:
    """The kept records and their bytes, in order."""
    number, block = 0, list[bytes]()
    rows = connection.execute("SELECT rec, block, place FROM record WHERE witness IS NULL ORDER BY rec")
    for rec, wanted, place in rows:
        if wanted != number:
            (data,) = connection.execute("SELECT data FROM block WHERE block = ?", (wanted,)).fetchone()
            number, block = wanted, bodies.unpack(data, name)
        yield rec, block[place]
