"""An index put in order: no room is left to what was removed, and what came in parts stands together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3

    from corpus_tool.index.bodies import Bodies
    from corpus_tool.index.segments import Segments
    from corpus_tool.index.shelf import Shelf


def compact(connection: sqlite3.Connection, segments: Segments, shelf: Shelf, bodies: Bodies) -> None:
    """Pack everything anew within the transaction of the connection; the file shrinks later, by VACUUM."""
    alive = np.array([rec for (rec,) in connection.execute("SELECT rec FROM record ORDER BY rec")], np.int64)
    for kind in segments.kinds():
        segments.compact(kind, alive)
    shelf.keep_only(alive)
    bodies.pack_anew()
    connection.execute("DELETE FROM source WHERE source NOT IN (SELECT source FROM record)")
