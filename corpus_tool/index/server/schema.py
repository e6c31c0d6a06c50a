"""The tables and views of an index on a server, in a schema of their own, and whose they are.

    run, input         what was taken in, and when
    source, record     every record: where it stood, what identifies it, and the kept one that it repeats
    body, dictionary   the bytes of the kept ones (`corpus_tool.index.bodies`)
    outline            what bounds the scores of kept papers (`corpus_tool.index.outlines`)
    segment, posting   what records are found by (`corpus_tool.index.segments`)
    meta, mark         what records are compared by; whose tables these are

`runs`, `records` and `repeats` are views for people. Bytes are stored as they are (`EXTERNAL`: they are compressed, or
hashes). Text is compared by its bytes, so that an index outlives an upgrade of the system's collations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.index.opening import VERSION, other_version

if TYPE_CHECKING:
    import psycopg

    from corpus_tool.index.server.address import Address

PROGRAM = "corpus-tool index"
_ID = r"CASE WHEN id LIKE '%\\u%' THEN id ELSE id::json #>> '{}' END AS id"
TABLES = (
    'CREATE TABLE mark(program TEXT COLLATE "C" PRIMARY KEY, format INTEGER)',
    'CREATE TABLE meta(key TEXT COLLATE "C" PRIMARY KEY, value TEXT)',
    "CREATE TABLE run(run INTEGER PRIMARY KEY, time TEXT, records BIGINT, kept BIGINT)",
    "CREATE TABLE input(hash BYTEA PRIMARY KEY, run INTEGER, name TEXT)",
    'CREATE TABLE source(source INTEGER PRIMARY KEY, name TEXT COLLATE "C")',
    "CREATE INDEX source_name ON source USING hash(name)",
    "CREATE TABLE record(rec BIGINT PRIMARY KEY, identity BIGINT, score DOUBLE PRECISION, witness BIGINT, "
    'run INTEGER, source INTEGER, line INTEGER, id TEXT COLLATE "C", seen TEXT)',
    "CREATE TABLE dictionary(dictionary INTEGER PRIMARY KEY, data BYTEA)",
    "CREATE TABLE body(rec BIGINT PRIMARY KEY, dictionary INTEGER, data BYTEA)",
    "ALTER TABLE body ALTER COLUMN data SET STORAGE EXTERNAL",
    "CREATE TABLE outline(rec BIGINT PRIMARY KEY, data BYTEA)",
    "ALTER TABLE outline ALTER COLUMN data SET STORAGE EXTERNAL",
    "CREATE TABLE segment(kind INTEGER, segment INTEGER, depth INTEGER, postings BIGINT, PRIMARY KEY(kind, segment))",
    "CREATE TABLE posting(part BIGINT PRIMARY KEY, postings BYTEA)",
    "ALTER TABLE posting ALTER COLUMN postings SET STORAGE EXTERNAL",
    "CREATE VIEW runs AS SELECT run, time::timestamptz AS time, records AS records_read, kept AS records_new FROM run",
    f"CREATE VIEW records AS SELECT rec AS record, {_ID}, name AS source, line, run, time::timestamptz AS first_seen "
    "FROM record JOIN source USING(source) JOIN run USING(run) WHERE witness IS NULL",
    f"CREATE VIEW repeats AS SELECT witness AS record, {_ID}, name AS source, line, run, "
    "time::timestamptz AS seen_again, score "
    "FROM record JOIN source USING(source) JOIN run USING(run) WHERE witness IS NOT NULL",
)
TIDY = "VACUUM (SKIP_LOCKED) posting, segment"
"""Gives the room of postings that were merged to the next ones: many small runs would outpace autovacuum."""
BULKY = ("record", "body", "dictionary", "outline", "segment", "posting", "source", "input")
"""Tables that `compact` writes anew."""
_STATE = (
    "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = %(schema)s), "
    "(SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %(schema)s), "
    "(SELECT count(*) FROM pg_attribute WHERE attrelid = (SELECT c.oid FROM pg_class c JOIN pg_namespace n "
    "ON n.oid = relnamespace WHERE nspname = %(schema)s AND relname = 'mark') AND attname IN ('program', 'format'))"
)


def made(connection: psycopg.Connection, address: Address) -> bool:
    """Whether the index is there.

    Raises:
        InputError: The schema holds what is another program's, or an index of another version.
    """
    row = connection.execute(_STATE, {"schema": address.schema}).fetchone()
    schemas, things, columns = row or (0, 0, 0)
    if not schemas or not things:
        return False
    mark = None
    if columns == 2:
        query = f'SELECT format FROM "{address.schema}".mark WHERE program::text = %s'
        mark = connection.execute(query.encode(), (PROGRAM,)).fetchone()
    if mark is None:
        raise InputError(
            f"the schema {address.schema} holds tables of another program, and no index: name another schema "
            "(?schema=NAME at the end of the address)",
            path=address.shown,
        )
    if mark[0] != VERSION:
        raise other_version(address.shown, mark[0])
    return True


def make(connection: psycopg.Connection, address: Address) -> None:
    """Make the tables, within the transaction of the connection; the schema too, where nobody has made it for us."""
    row = connection.execute(_STATE, {"schema": address.schema}).fetchone()
    if not (row and row[0]):
        connection.execute(f'CREATE SCHEMA "{address.schema}"'.encode())
    for statement in TABLES:
        connection.execute(statement.encode())
    connection.execute("INSERT INTO mark VALUES(%s, %s)", (PROGRAM, VERSION))
