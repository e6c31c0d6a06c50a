"""Records on their way into the tables of a server, by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index.server.rows import copy_in

if TYPE_CHECKING:
    import psycopg

    from corpus_tool.index.protocol import Records

_RECORD = {
    "rec": "int8",
    "identity": "int8",
    "score": "float8",
    "witness": "int8",
    "run": "int4",
    "source": "int4",
    "line": "int4",
    "id": "text",
    "seen": "text",
}


def add_records(connection: psycopg.Connection, run: int, records: Records, sources: dict[str, int]) -> None:
    """Add rows of records.

    Args:
        connection: To the database.
        run: That brought them.
        records: As `Storage.add`.
        sources: Numbers by names.
    """
    columns = zip(
        records.recs.tolist(),
        records.identity.view(np.int64).tolist(),
        records.score.tolist(),
        records.witness.tolist(),
        records.places,
        records.ids,
        records.seen,
        strict=True,
    )
    rows = (
        (
            *(rec, identity),
            *((None, None) if rec == witness else (score, witness)),
            *(run, sources[source], line, own_id, seen),
        )
        for rec, identity, score, witness, (source, line), own_id, seen in columns
    )
    copy_in(connection, f"record({', '.join(_RECORD)})", list(_RECORD.values()), rows)


def numbers_of(connection: psycopg.Connection, names: list[str]) -> dict[str, int]:
    """The numbers of sources, those of new ones too."""
    query = "SELECT name, source FROM source WHERE name = ANY(%s)"
    found: dict[str, int] = dict(connection.execute(query, (names,)).fetchall())
    missing = [name for name in names if name not in found]
    if missing:
        connection.execute(
            "INSERT INTO source SELECT (SELECT coalesce(max(source), 0) FROM source) + nth, name "
            "FROM unnest(%s::text[]) WITH ORDINALITY AS new(name, nth)",
            (missing,),
        )
        found |= dict(connection.execute(query, (missing,)).fetchall())
    return found
