"""An index on a PostgreSQL server: one writer at a time, readers beside it, and a commit that outlives a power cut.

The writer is whoever holds an advisory lock, which the server takes back when the transaction ends or the client is
gone. A reader looks at one state of the index from its first question to its last.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg

from corpus_tool.errors import InputError, OutputError
from corpus_tool.index import bodies
from corpus_tool.index.protocol import Counts, Fates, Kept, Outlines, TakenIn
from corpus_tool.index.segments import Segments
from corpus_tool.index.server import schema, session
from corpus_tool.index.server.committing import commit
from corpus_tool.index.server.rows import ServerBodies, ServerRows, add_outlines, read_outlines
from corpus_tool.index.server.writing import add_records, numbers_of
from corpus_tool.lines.encode import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Self

    from numpy.typing import NDArray

    from corpus_tool.index.protocol import Records
    from corpus_tool.index.server.address import Address
    from corpus_tool.store import Place

_AT_ONCE = 1 << 12
_LONGEST = 2_000_000_000
"""Milliseconds that the server can wait for a lock."""
_LAST = "last"
"""Key of the greatest rec that was ever given, where records were removed."""
_KEPT = "SELECT rec, run, name, line FROM record JOIN source USING(source) WHERE witness IS NULL"


class ServerStorage:
    """As `corpus_tool.index.protocol.Storage`.

    Args:
        address: Of the database, and the schema in it.
        write: Whether it may be written, and is made where there is none.

    Raises:
        CorpusError: What is there is no index, or cannot be reached.
    """

    def __init__(self, address: Address, *, write: bool) -> None:
        self._address = address
        self._use(session.connect(address))
        try:
            with self._told():
                if not write:
                    self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                self._made = schema.made(self._connection, address)
        except BaseException:
            self._connection.close()
            raise
        if not (write or self._made):
            self._connection.close()
            raise InputError(
                "there is no such index on the server; `corpus-tool dedup --index` or `index add` makes one",
                path=self.name,
            )

    def _use(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._segments = Segments(ServerRows(connection))
        self._bodies = bodies.Bodies(ServerBodies(connection), self._address.shown)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        return self._address.shown

    def _told(self) -> AbstractContextManager[None]:
        return session.explained(self._address)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._told(), self._connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode(), values).fetchall()

    def _do(self, query: str, *values: object) -> int:
        """Run a statement; how many rows it concerned."""
        with self._told():
            return self._connection.execute(query.encode(), values).rowcount

    def begin(self, wait: float, say: Callable[[str], None]) -> None:
        self._do("BEGIN")
        if not self._rows("SELECT pg_try_advisory_xact_lock(%s)", self._lock())[0][0]:
            if wait > 0:
                say(f"{self.name}: another run writes this index; waiting for it up to {wait:g} s")
            with self._told():
                became = wait > 0 and self._in_line(wait)
            if not became:
                self._do("ROLLBACK")
                raise OutputError(
                    f"another run writes this index{f', and has for {wait:g} s' * (wait > 0)}: run again when it is "
                    "done, or wait longer (--wait SECONDS)",
                    path=self.name,
                )
        with self._told():
            self._made = schema.made(self._connection, self._address)
            if not self._made:
                schema.make(self._connection, self._address)
                self._made = True

    def _lock(self) -> int:
        """The number that stands for this index among the advisory locks of its database."""
        digest = blake2b(f"{schema.PROGRAM} {self._address.schema}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def _in_line(self, wait: float) -> bool:
        """Whether this became the writer in time; the server takes those who wait in their order."""
        patience = str(min(int(wait * 1000) + 1, _LONGEST))
        try:
            self._connection.execute("SELECT set_config('lock_timeout', %s, true)", (patience,))
            self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (self._lock(),))
            self._connection.execute("SELECT set_config('lock_timeout', '0', true)")
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def commit(self) -> None:
        with self._told():
            self._use(commit(self._connection, self._address))
        with suppress(psycopg.Error):  # what counts is done; where it is not ours to do, autovacuum does it
            self._connection.execute(schema.TIDY.encode())

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()

    def configuration(self) -> dict[str, str]:
        return dict(self._rows("SELECT key, value FROM meta WHERE key <> %s", _LAST)) if self._made else {}

    def configure(self, values: Mapping[str, str]) -> None:
        for key, value in values.items():
            self._store(key, value)

    def _store(self, key: str, value: str) -> None:
        self._do(
            "INSERT INTO meta VALUES(%s, %s) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            key,
            value,
        )

    def counts(self) -> Counts:
        size = "(SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = "
        size += "(SELECT oid FROM pg_namespace WHERE nspname = %s))"
        query = f"SELECT (SELECT count(*) FROM run), count(*), count(*) - count(witness), {size} FROM record"
        return Counts(*self._rows(query, self._address.schema)[0])

    def runs(self) -> list[TakenIn]:
        return [TakenIn(*row) for row in self._rows("SELECT run, time, records, kept FROM run ORDER BY run")]

    def taken(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        if not (self._made and hashes):
            return {}
        return dict(self._rows("SELECT hash, run FROM input WHERE hash = ANY(%s)", list(hashes)))

    def add_run(self, time: str, records: int, kept: int, inputs: Mapping[bytes, str]) -> int:
        query = "INSERT INTO run SELECT coalesce(max(run), 0) + 1, %s, %s, %s FROM run RETURNING run"
        run = int(self._rows(query, time, records, kept)[0][0])
        for each, name in inputs.items():
            self._do("INSERT INTO input VALUES(%s, %s, %s) ON CONFLICT DO NOTHING", each, run, name)
        return run

    def next_rec(self) -> int:
        query = "SELECT coalesce(max(rec), 0), (SELECT value FROM meta WHERE key = %s) FROM record"
        last, gone = self._rows(query, _LAST)[0]
        return max(int(last), int(gone or 0)) + 1

    def add(self, run: int, records: Records) -> None:
        with self._told():
            sources = numbers_of(self._connection, sorted({source for source, _ in records.places}))
            add_records(self._connection, run, records, sources)
            kept = records.recs[records.witness == records.recs]
            self._bodies.add(kept.tolist(), records.raws)

    def post(self, kind: int, codes: NDArray[np.uint32], recs: NDArray[np.int64]) -> None:
        with self._told():
            self._segments.add(kind, codes, recs)

    def outline(self, recs: NDArray[np.int64], outlines: Sequence[bytes]) -> None:
        with self._told():
            add_outlines(self._connection, recs, outlines)

    def outlines(self, recs: NDArray[np.int64]) -> Outlines:
        with self._told():
            return read_outlines(self._connection, recs)

    def frequency(self, kind: int, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        with self._told():
            return self._segments.frequency(kind, codes)

    def find(self, kind: int, codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        with self._told():
            return self._segments.find(kind, codes)

    def fates(self, recs: NDArray[np.int64]) -> Fates:
        rows = self._rows(
            "SELECT rec, identity, coalesce(witness, rec), coalesce(score, 1.0) FROM record WHERE rec = ANY(%s) "
            "ORDER BY rec",
            recs,
        )
        rec, identity, witness, score = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Fates(
            np.array(rec, np.int64),
            np.array(identity, np.int64).view(np.uint64),
            np.array(witness, np.int64),
            np.array(score, np.float64),
        )

    def kept(self, recs: NDArray[np.int64]) -> Kept:
        return self._with_bytes(self._rows(f"{_KEPT} AND rec = ANY(%s) ORDER BY rec", recs))

    def every(self) -> Iterator[Kept]:
        last = 0
        while rows := self._rows(f"{_KEPT} AND rec > %s ORDER BY rec LIMIT %s", last, _AT_ONCE):
            yield self._with_bytes(rows)
            last = rows[-1][0]

    def _with_bytes(self, rows: list[tuple[int, int, str, int]]) -> Kept:
        recs = np.array([row[0] for row in rows], np.int64)
        with self._told():
            raws = list(self._bodies.read(recs))
        return Kept(recs, [row[1] for row in rows], [(row[2], row[3]) for row in rows], raws)

    def repeats(self) -> Iterator[tuple[int, int, Place, str | None]]:
        query = (
            "SELECT witness, rec, name, line, seen FROM record JOIN source USING(source) WHERE witness IS NOT NULL "
            "ORDER BY witness, rec"
        )
        with self._told(), self._connection.cursor("repeats", binary=True, withhold=True) as cursor:
            cursor.itersize = _AT_ONCE
            for witness, rec, name, line, seen in cursor.execute(query.encode()):
                yield witness, rec, (name, line), seen

    def named(self, name: str) -> NDArray[np.int64]:
        source, _, line = name.rpartition(":")
        rows = self._rows(
            "SELECT rec FROM record JOIN source USING(source) WHERE id = ANY(%s) OR (name = %s AND line::text = %s) "
            "ORDER BY rec",
            [name, encode(name).decode()],
            source,
            line,
        )
        return np.array([rec for (rec,) in rows], np.int64)

    def remove(self, recs: NDArray[np.int64]) -> int:
        last = self.next_rec() - 1
        these = "rec = ANY(%s) OR witness = ANY(%s)"
        self._do(f"DELETE FROM input WHERE run IN (SELECT run FROM record WHERE {these})", recs, recs)
        gone = self._do(f"DELETE FROM record WHERE {these}", recs, recs)
        self._do("DELETE FROM body WHERE rec = ANY(%s)", recs)
        self._store(_LAST, str(last))
        return gone

    def compact(self) -> None:
        from corpus_tool.index.server.compacting import compact

        with self._told():
            compact(self._connection, self._segments, self._bodies)
        self.commit()
        for table in schema.BULKY:
            self._do(f"VACUUM (FULL, ANALYZE) {table}")

    def problems(self) -> Iterator[str]:
        from corpus_tool.index.server.compacting import problems

        with self._told():
            yield from problems(self._connection)
