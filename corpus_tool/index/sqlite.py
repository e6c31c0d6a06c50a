"""An index in one SQLite file: one writer at a time, readers beside it, and a commit that outlives a power cut.

    run, input      what was taken in, and when
    record          every record: where it stood, what identifies it, and the kept one that it repeats
    body, dictionary   the bytes of the kept ones (`bodies`)
    outline         what bounds the scores of kept papers (`shelf`)
    segment, posting   what records are found by (`segments`)
    meta            what records are compared by

`runs`, `records` and `repeats` are views for people. In the write-ahead log a reader sees the last commit, and a
process that is killed leaves nothing that counts (sqlite.org/wal.html).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from corpus_tool.errors import OutputError
from corpus_tool.index import bodies, opening
from corpus_tool.index.protocol import Counts, Fates, Kept, Outlines, TakenIn
from corpus_tool.index.segments import Segments
from corpus_tool.index.shelf import SCHEMA as OUTLINES
from corpus_tool.index.shelf import Shelf
from corpus_tool.index.sqlite_rows import BODIES, POSTINGS, SQLiteBodies, SQLiteRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from corpus_tool.index.protocol import Records
    from corpus_tool.store import Place

SCHEMA = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    "CREATE TABLE run(run INTEGER PRIMARY KEY, time TEXT, records INTEGER, kept INTEGER)",
    "CREATE TABLE input(hash BLOB PRIMARY KEY, run INTEGER, name TEXT) WITHOUT ROWID",
    "CREATE TABLE source(source INTEGER PRIMARY KEY, name TEXT UNIQUE)",
    "CREATE TABLE record(rec INTEGER PRIMARY KEY, run INTEGER, id TEXT, source INTEGER, line INTEGER, "
    "identity INTEGER, witness INTEGER, score REAL, seen TEXT)",
    *BODIES,
    *OUTLINES,
    *POSTINGS,
    "CREATE VIEW runs AS SELECT run, time, records AS records_read, kept AS records_new FROM run",
    "CREATE VIEW records AS SELECT rec AS record, json_extract(id, '$') AS id, name AS source, line, run, "
    "time AS first_seen FROM record JOIN source USING(source) JOIN run USING(run) WHERE witness IS NULL",
    "CREATE VIEW repeats AS SELECT witness AS record, json_extract(id, '$') AS id, name AS source, line, run, "
    "time AS seen_again, score FROM record JOIN source USING(source) JOIN run USING(run) WHERE witness IS NOT NULL",
)
_AT_ONCE = 1 << 12
_POLL = 0.1
_CACHE = 32 << 10
"""KiB of pages in memory."""
_LAST = "last"
"""Key of the greatest rec that was ever given, where records were removed."""


class SQLiteStorage:
    """As `corpus_tool.index.protocol.Storage`.

    Args:
        path: Of the file.
        write: Whether it may be written, and is made where there is none.

    Raises:
        CorpusError: What is there is no index, or cannot be opened.
    """

    def __init__(self, path: str, *, write: bool) -> None:
        self._path, self._write = path, write
        self._fresh = False
        self._connect()

    def _connect(self) -> None:
        opening.look_at(self._path, write=self._write)
        with self._told():
            self._connection = opening.connect(self._path, write=self._write)
            self._connection.execute("PRAGMA schema_version")
            self._file = opening.inode(self._path)
            if self._write and self._made():
                opening.log_ahead(self._connection)
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._segments, self._shelf = Segments(SQLiteRows(self._connection)), Shelf(self._connection)
        self._bodies = bodies.Bodies(SQLiteBodies(self._connection), self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        return self._path

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, in the words of a message."""
        try:
            yield
        except sqlite3.Error as error:
            raise opening.explained(error, self._path) from error

    def begin(self, wait: float, say: Callable[[str], None]) -> None:
        until, told = time.monotonic() + wait, False
        while not self._began():
            left = until - time.monotonic()
            if left <= 0:
                raise OutputError(
                    f"another run writes this index{f', and has for {wait:g} s' * told}: run again when it is done, or "
                    "wait longer (--wait SECONDS)",
                    path=self._path,
                )
            if not told:
                say(f"{self._path}: another run writes this index; waiting for it up to {wait:g} s")
                told = True
            time.sleep(min(_POLL, left))

    def _began(self) -> bool:
        """Whether this is the writer now: of the file that stands at the path, which a failed run may have removed."""
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise opening.explained(error, self._path) from error
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {opening.BRIEFLY * 1000:.0f}")
        if opening.inode(self._path) != self._file:
            self._connection.close()
            self._connect()
            return False
        with self._told():
            self._fresh = not opening.made(self._connection)
            if self._fresh:
                for statement in (*SCHEMA, *opening.MARKS):
                    self._connection.execute(statement)
            elif wrong := opening.wrong_version(self._connection, self._path):
                raise wrong
        return True

    def commit(self) -> None:
        with self._told():
            self._connection.execute("COMMIT")
            if self._fresh:
                opening.log_ahead(self._connection)
        self._fresh = False

    def close(self) -> None:
        if self._fresh:
            self._fresh = False
            self._remove()
        self._connection.close()

    def _remove(self) -> None:
        """Remove the file that this run has made and never written; its lock is held meanwhile."""
        with suppress(sqlite3.Error, OSError):
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN IMMEDIATE")
            if not self._made() and opening.inode(self._path) == self._file:
                Path(self._path).unlink()

    def configuration(self) -> dict[str, str]:
        with self._told():
            if not self._made():
                return {}
            return dict(self._connection.execute("SELECT key, value FROM meta WHERE key <> ?", (_LAST,)))

    def _made(self) -> bool:
        return opening.made(self._connection)

    def configure(self, values: Mapping[str, str]) -> None:
        with self._told():
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES(?, ?)", values.items())

    def counts(self) -> Counts:
        with self._told():
            count = self._connection.execute(
                "SELECT (SELECT count(*) FROM run), count(*), count(*) - count(witness) FROM record"
            ).fetchone()
        return Counts(count[0], count[1], count[2], opening.size(self._path))

    def runs(self) -> list[TakenIn]:
        with self._told():
            return [TakenIn(*row) for row in self._connection.execute("SELECT * FROM run ORDER BY run")]

    def taken(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        if not self._made():
            return {}
        found: dict[bytes, int] = {}
        with self._told():
            for each in hashes:
                row = self._connection.execute("SELECT run FROM input WHERE hash = ?", (each,)).fetchone()
                if row:
                    found[each] = row[0]
        return found

    def add_run(self, time: str, records: int, kept: int, inputs: Mapping[bytes, str]) -> int:
        with self._told():
            row = (time, records, kept)
            run = (
                self._connection.execute(
                    "INSERT INTO run(time, records, kept) VALUES(?, ?, ?)", row
                ).lastrowid
                or 0
            )
            rows = [(each, run, name) for each, name in inputs.items()]
            self._connection.executemany("INSERT OR IGNORE INTO input VALUES(?, ?, ?)", rows)
        return run

    def next_rec(self) -> int:
        with self._told():
            (last,) = self._connection.execute("SELECT max(rec) FROM record").fetchone()
            gone = self._connection.execute("SELECT value FROM meta WHERE key = ?", (_LAST,)).fetchone()
        return max(last or 0, int(gone[0]) if gone else 0) + 1

    def add(self, run: int, records: Records) -> None:
        with self._told():
            kept = (records.witness == records.recs).tolist()
            sources = self._sources({source for source, _ in records.places})
            rows = zip(
                records.recs.tolist(),
                [run] * len(kept),
                records.ids,
                [sources[source] for source, _ in records.places],
                [line for _, line in records.places],
                records.identity.view(np.int64).tolist(),
                [None if own else rec for own, rec in zip(kept, records.witness.tolist(), strict=True)],
                [None if own else score for own, score in zip(kept, records.score.tolist(), strict=True)],
                records.seen,
                strict=True,
            )
            self._connection.executemany("INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._bodies.add(records.recs[kept].tolist(), records.raws)

    def post(self, kind: int, codes: NDArray[np.uint32], recs: NDArray[np.int64]) -> None:
        with self._told():
            self._segments.add(kind, codes, recs)

    def _sources(self, names: set[str]) -> dict[str, int]:
        """The numbers of sources, those of new ones too."""
        found = {}
        for name in sorted(names):
            self._connection.execute("INSERT OR IGNORE INTO source(name) VALUES(?)", (name,))
            (found[name],) = self._connection.execute(
                "SELECT source FROM source WHERE name = ?", (name,)
            ).fetchone()
        return found

    def outline(self, recs: NDArray[np.int64], outlines: Sequence[bytes]) -> None:
        with self._told():
            self._shelf.add(recs, outlines)

    def outlines(self, recs: NDArray[np.int64]) -> Outlines:
        with self._told():
            return self._shelf.read(recs)

    def frequency(self, kind: int, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        with self._told():
            return self._segments.frequency(kind, codes)

    def find(self, kind: int, codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        with self._told():
            return self._segments.find(kind, codes)

    def fates(self, recs: NDArray[np.int64]) -> Fates:
        with self._told():
            rows = self._connection.execute(
                "SELECT rec, identity, coalesce(witness, rec), coalesce(score, 1.0) FROM json_each(?) "
                "CROSS JOIN record ON rec = value",
                (_listed(recs),),
            ).fetchall()
        rec, identity, witness, score = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Fates(
            np.array(rec, np.int64),
            np.array(identity, np.int64).view(np.uint64),
            np.array(witness, np.int64),
            np.array(score, np.float64),
        )

    def kept(self, recs: NDArray[np.int64]) -> Kept:
        with self._told():
            rows = self._connection.execute(
                "SELECT rec, run, name, line FROM json_each(?) CROSS JOIN record ON rec = value "
                "CROSS JOIN source USING(source) WHERE witness IS NULL",
                (_listed(recs),),
            ).fetchall()
            return self._with_bytes(rows)

    def every(self) -> Iterator[Kept]:
        last = 0
        while True:
            with self._told():
                rows = self._connection.execute(
                    "SELECT rec, run, name, line FROM record CROSS JOIN source USING(source) "
                    "WHERE witness IS NULL AND rec > ? ORDER BY rec LIMIT ?",
                    (last, _AT_ONCE),
                ).fetchall()
                if not rows:
                    return
                found = self._with_bytes(rows)
            yield found
            last = int(found.recs[-1])

    def _with_bytes(self, rows: list[tuple[int, int, str, int]]) -> Kept:
        found = Kept(np.array([row[0] for row in rows], np.int64))
        found.runs = [row[1] for row in rows]
        found.places = [(row[2], row[3]) for row in rows]
        found.raws = list(self._bodies.read(found.recs))
        return found

    def repeats(self) -> Iterator[tuple[int, int, Place, str | None]]:
        with self._told():
            rows = self._connection.execute(
                "SELECT witness, rec, name, line, seen FROM record CROSS JOIN source USING(source) "
                "WHERE witness IS NOT NULL ORDER BY witness, rec"
            )
            for witness, rec, name, line, seen in rows:
                yield witness, rec, (name, line), seen

    def named(self, name: str) -> NDArray[np.int64]:
        source, _, line = name.rpartition(":")
        with self._told():
            rows = self._connection.execute(
                "SELECT rec FROM record JOIN source USING(source) "
                "WHERE id = ? OR id = json_quote(?) OR (name = ? AND line = ?) ORDER BY rec",
                (name, name, source, line),
            ).fetchall()
        return np.array([rec for (rec,) in rows], np.int64)

    def remove(self, recs: NDArray[np.int64]) -> int:
        with self._told():
            last = self.next_rec() - 1
            these = "(SELECT value FROM json_each(?1))"
            runs = f"SELECT run FROM record WHERE rec IN {these} OR witness IN {these}"
            self._connection.execute(f"DELETE FROM input WHERE run IN ({runs})", (_listed(recs),))
            gone = self._connection.execute(
                f"DELETE FROM record WHERE rec IN {these} OR witness IN {these}",
                (_listed(recs),),
            ).rowcount
            self._connection.execute(f"DELETE FROM body WHERE rec IN {these}", (_listed(recs),))
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (_LAST, str(last)))
        return gone

    def compact(self) -> None:
        from corpus_tool.index.compacting import compact

        with self._told():
            compact(self._connection, self._segments, self._shelf, self._bodies)
        self.commit()
        with self._told():
            self._connection.execute("VACUUM")

    def problems(self) -> Iterator[str]:
        with self._told():
            for (text,) in self._connection.execute("PRAGMA integrity_check(20)"):
                if text != "ok":
                    yield f"SQLite: {text}"


def _listed(recs: NDArray[np.int64]) -> str:
    """Recs as a table-valued parameter."""
    return orjson.dumps(recs, option=orjson.OPT_SERIALIZE_NUMPY).decode()
