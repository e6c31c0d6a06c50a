"""Records on their way into the tables of a server, by COPY."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.index import bodies

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    "block": "int4",
    "place": "int2",
    "id": "text",
    "seen": "text",
}


def add_records(
    connection: psycopg.Connection,
    run: int,
    records: Records,
    blocks: tuple[list[int], list[int]],
    sources: dict[str, int],
) -> None:
    """Add rows of records.

    Args:
        connection: To the database.
        run: That brought them.
        records: As `Storage.add`.
        blocks: Of the kept ones, their blocks and places there.
        sources: Numbers by names.
    """
    kept = iter(zip(*blocks, strict=True))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY record({', '.join(_RECORD)}) FROM STDIN (FORMAT BINARY)".encode()) as copy,
    ):
        copy.set_types(list(_RECORD.values()))
        for rec, identity, score, witness, (source, line), own_id, seen in zip(
            records.recs.tolist(),
            records.identity.view(np.int64).tolist(),
            records.score.tolist(),
            records.witness.tolist(),
            records.places,
            records.ids,
            records.seen,
            strict=True,
        ):
            own = rec == witness
            block, place = next(kept) if own else (None, None)
            repeats = (None, None) if own else (score, witness)
            copy.write_row((rec, identity, *repeats, run, sources[source], line, block, place, own_id, seen))


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


def add_blocks(
    connection: psycopg.Connection, raws: Sequence[bytes], name: str
) -> tuple[list[int], list[int]]:
    """Append records, the first ones to a last block that is not full: their blocks, and places there."""
    if not raws:
        return [], []
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT block, records, data FROM block ORDER BY block DESC LIMIT 1")
        number, held, data = cursor.fetchone() or (1, 0, b"")
    before: list[bytes] = []
    if held >= bodies.IN_A_BLOCK:
        number += 1
    elif held:
        before = bodies.unpack(data, name)
        connection.execute("DELETE FROM block WHERE block = %s", (number,))
    write_blocks(connection, "block", number, [*before, *raws])
    at = np.arange(len(before), len(before) + len(raws))
    return (number + at // bodies.IN_A_BLOCK).tolist(), (at % bodies.IN_A_BLOCK).tolist()


def write_blocks(connection: psycopg.Connection, table: str, number: int, raws: Sequence[bytes]) -> None:
    """Write records as blocks from a number on."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)".encode()) as copy,
    ):
        copy.set_types(["int4", "int4", "bytea"])
        for at in range(0, len(raws), bodies.IN_A_BLOCK):
            some = raws[at : at + bodies.IN_A_BLOCK]
            copy.write_row((number + at // bodies.IN_A_BLOCK, len(some), bodies.pack(some)))
