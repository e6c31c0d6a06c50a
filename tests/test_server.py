"""An index that several machines share: writers in line, readers beside them, and messages that give nothing away."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from running import run

from corpus_tool.errors import CorpusError, UsageError
from corpus_tool.index.protocol import BANDS
from corpus_tool.index.server.address import Address
from corpus_tool.index.storages import open_storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from postgres import Server

COMMAND = (sys.executable, "-m", "corpus_tool")
WORDS = [f"w{number}" for number in range(3000)]


def _day(path: Path, seed: int, count: int = 60) -> Path:
    """Records of a day, of which some were there before under other seeds."""
    pick = random.Random(seed)
    texts = [" ".join(random.Random(pick.randrange(200)).choices(WORDS, k=30)) for _ in range(count)]
    texts.append(f"the day {seed} has this text and no other one")
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return path


def _counted(server: Server, schema: str, table: str = "records") -> int:
    return int(server.sql(f"SELECT count(*) FROM {schema}.{table}")[0][0])


def _dedup(day: Path, index: str, fresh: Path, *options: str) -> subprocess.Popen[bytes]:
    """A run in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, "dedup", str(day), "--index", index, "-o", str(fresh), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def writer(server: Server) -> Iterator[str]:
    """An index that somebody else writes meanwhile."""
    with open_storage(server.address("busy"), write=True) as storage:
        storage.begin(0, pytest.fail)
        yield storage.name


def test_another_writer_is_waited_for(writer: str, tmp_path: Path) -> None:
    day = _day(tmp_path / "day.jsonl", 0)
    done = run("dedup", day, "--index", writer, "-o", tmp_path / "fresh", "--wait", "0.2")
    first, second = done.err.splitlines()
    assert done.code == 2
    assert "another run writes this index; waiting for it up to 0.2 s" in first
    assert "another run writes this index, and has for 0.2 s: run again when it is done" in second
    assert not (tmp_path / "fresh").exists()
    assert len(run("dedup", day, "--index", writer, "--wait", "0").err.splitlines()) == 1


def test_who_waits_can_be_interrupted(writer: str, tmp_path: Path) -> None:
    process = _dedup(_day(tmp_path / "day.jsonl", 0), writer, tmp_path / "fresh")
    assert process.stderr is not None
    assert b"waiting for it up to 600 s" in process.stderr.readline()
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_many_small_runs_grow_little(server: Server) -> None:
    """Room that postings leave behind when they are merged is used again; they are a fifth of an index at most."""
    random_ = np.random.default_rng(1)
    codes = random_.integers(0, 2**32, (16, 6000), np.uint32)

    def take_in(schema: str, portion: int) -> int:
        with open_storage(server.address(schema), write=True) as storage:
            for first in range(0, 6000, portion):
                storage.begin(0, pytest.fail)
                recs = np.arange(first + 1, first + portion + 1)
                for kind, row in enumerate(codes):
                    storage.post(BANDS + kind, row[first : first + portion], recs)
                storage.commit()
            every = np.sort(codes[0])
            assert (storage.frequency(BANDS, every[np.diff(every, prepend=0) != 0]) > 0).all()
            return storage.counts().size

    assert take_in("grown", 120) < 1.6 * take_in("built", 6000)


def test_two_writers_and_a_reader(server: Server, tmp_path: Path) -> None:
    index, known = server.address("two"), _day(tmp_path / "known.jsonl", 99)
    assert run("dedup", known, "--index", index, "-o", tmp_path / "fresh").code == 0
    done = (tmp_path / "fresh").read_text("utf-8").splitlines()
    days = [_day(tmp_path / f"{at}.jsonl", at) for at in range(2)]
    runs = [_dedup(day, index, day.with_suffix(".fresh"), "--wait", "60") for day in days]
    while any(each.poll() is None for each in runs):
        assert run("dedup", known, "--index", index, "--read-only", "-q") == (0, b"", "")
    for each, day in zip(runs, days, strict=True):
        each.communicate()
        assert each.returncode == 0
        done += day.with_suffix(".fresh").read_text("utf-8").splitlines()
    assert len(done) == len(set(done)) == _counted(server, "two")
    assert _counted(server, "two", "runs") == 3


def test_a_killed_run_leaves_nothing_or_everything(server: Server, tmp_path: Path) -> None:
    """At any moment: the index knows only of records that the output holds, and the same command gives the same."""
    index, pick = server.address("killed"), random.Random(5)
    kept = list[str]()
    for turn in range(4):
        day, fresh = _day(tmp_path / f"{turn}.jsonl", turn), tmp_path / f"{turn}.fresh"
        process = _dedup(day, index, fresh, "--wait", "60")
        time.sleep(pick.uniform(0.2, 1.5))
        process.kill()
        process.communicate()
        if turn == 2:
            server.stop(signal.SIGQUIT)
            server.start()
        held = fresh.read_text("utf-8").splitlines() if fresh.exists() else []
        known = len(kept) + len(held)
        assert turn == 0 or _counted(server, "killed") in {len(kept), known}
        assert run("dedup", day, "--index", index, "-o", fresh, "-q", "--wait", "60").code == 0
        assert not held or fresh.read_text("utf-8").splitlines() == held
        kept += fresh.read_text("utf-8").splitlines()
        assert _counted(server, "killed") == len(kept) == len(set(kept))


def test_a_server_that_stops_is_one_line(server: Server, tmp_path: Path) -> None:
    day = _day(tmp_path / "day.jsonl", 1)
    index = server.address("stopped")
    with open_storage(index, write=True) as storage:
        storage.begin(0, pytest.fail)
        server.stop(signal.SIGQUIT)
        with pytest.raises(
            CorpusError, match=r"the connection to the server was lost .*run again when it is back"
        ):
            storage.add_run("2026-03-14T06:30:00+0100", 1, 1, {})
    done = run("dedup", day, "--index", index)
    assert (done.code, done.out) == (2, b"")
    assert done.err == f"{index}: no server listens there: start it, or correct host and port\n"
    server.start()
    assert run("dedup", day, "--index", index, "-o", tmp_path / "fresh").code == 0


@pytest.mark.parametrize("committed", [False, True])
def test_whether_a_broken_commit_took_is_asked(
    committed: bool, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is lost before, or after, the server has committed."""
    import psycopg

    execute = psycopg.Connection.execute

    def breaks(connection: psycopg.Connection, query: str, *values: object) -> psycopg.Cursor:
        if query != "COMMIT":
            return execute(connection, query.encode() if isinstance(query, str) else query, *values)
        if committed:
            execute(connection, "COMMIT")
        connection.close()
        raise psycopg.OperationalError("the connection is gone")

    with open_storage(server.address("broken"), write=True) as storage:
        storage.begin(0, pytest.fail)
        storage.commit()
        runs = len(storage.runs())
        storage.begin(0, pytest.fail)
        storage.add_run("2026-03-14T06:30:00+0100", 1, 1, {})
        with monkeypatch.context() as patch:
            patch.setattr(psycopg.Connection, "execute", breaks)
            if committed:
                storage.commit()
            else:
                with pytest.raises(CorpusError, match="lost"):
                    storage.commit()
    assert _counted(server, "broken", "run") == runs + committed


def _made_by_others(server: Server, schema: str, *statements: str) -> None:
    server.sql(f"CREATE SCHEMA {schema}", f"SET search_path = {schema}", *statements)


FOREIGN = {
    "theirs": ("CREATE TABLE papers(id INTEGER)",),
    "like_ours": ("CREATE TABLE mark(program TEXT, format INTEGER)", "INSERT INTO mark VALUES('another', 1)"),
    "odd_types": ("CREATE TABLE mark(program INTEGER, format DATE)", "CREATE TABLE meta(x INTEGER)"),
    "a_view": ("CREATE VIEW records AS SELECT 1 AS record",),
}


@pytest.mark.parametrize("schema", FOREIGN)
@pytest.mark.parametrize("how", [(), ("--read-only",)], ids=["write", "read"])
def test_tables_of_another_program_stay(
    schema: str, how: tuple[str, ...], server: Server, tmp_path: Path
) -> None:
    if not server.sql(f"SELECT 1 FROM pg_namespace WHERE nspname = '{schema}'"):
        _made_by_others(server, schema, *FOREIGN[schema])
    tables = f"SELECT relname FROM pg_class WHERE relnamespace = '{schema}'::regnamespace ORDER BY 1"
    before = server.sql(tables)
    done = run("dedup", _day(tmp_path / "day", 1), "--index", server.address(schema), *how)
    assert (done.code, done.out) == (2, b"")
    assert done.err.count("\n") == 1
    assert f"the schema {schema} holds tables of another program" in done.err
    assert server.sql(tables) == before


def test_an_index_of_another_version(server: Server, tmp_path: Path) -> None:
    index = server.address("later")
    assert run("dedup", _day(tmp_path / "day", 1), "--index", index, "-o", tmp_path / "fresh").code == 0
    server.sql("UPDATE later.mark SET format = 2")
    done = run("dedup", _day(tmp_path / "other", 2), "--index", index)
    assert done.code == 2
    assert "this index has format 2, and this corpus-tool knows 1: take a later corpus-tool" in done.err
    server.sql("UPDATE later.mark SET format = 1", "DROP TABLE later.posting")
    done = run("dedup", _day(tmp_path / "other", 2), "--index", index)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "a table of this index is missing" in done.err


def test_a_database_that_cannot_hold_all_names(server: Server, tmp_path: Path) -> None:
    latin = "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    server.sql(latin, database="postgres")
    done = run("dedup", _day(tmp_path / "day", 1), "--index", server.address(database="latin"))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "the database holds text in LATIN1, not UTF8: name one made with CREATE DATABASE" in done.err


def test_a_server_that_takes_no_writes(server: Server, tmp_path: Path) -> None:
    index = server.address("frozen", options="-c default_transaction_read_only=on")
    done = run("dedup", _day(tmp_path / "day", 1), "--index", index)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "this server takes no writes (is it a replica?): name the primary, or say --read-only" in done.err


def test_a_run_may_take_its_time(server: Server) -> None:
    """Whatever the server allows others: a run holds its transaction open while it computes."""
    index = server.address("slow", options="-c idle_in_transaction_session_timeout=50")
    with open_storage(index, write=True) as storage:
        storage.begin(0, pytest.fail)
        time.sleep(0.3)
        assert storage.add_run("2026-03-14T06:30:00+0100", 0, 0, {}) == 1


def test_an_empty_schema_that_was_made_for_us(server: Server, tmp_path: Path) -> None:
    """Whoever may not make schemas is given one; readers need to be let in."""
    server.sql("CREATE ROLE team LOGIN", "CREATE ROLE guest LOGIN", "CREATE SCHEMA given AUTHORIZATION team")
    day = _day(tmp_path / "day", 1)
    theirs, guests = server.address("given", "team"), server.address("given", "guest")
    missing = run("dedup", day, "--index", theirs, "--read-only")
    assert "there is no such index on the server" in missing.err
    assert run("dedup", day, "--index", theirs, "-o", tmp_path / "fresh").code == 0
    denied = run("dedup", day, "--index", server.address("own", "guest"))
    assert (denied.code, denied.err.count("\n")) == (2, 1)
    assert "permission denied for database papers: ask the owner of the index for it (GRANT" in denied.err
    denied = run("dedup", day, "--index", guests, "--read-only")
    assert (denied.code, denied.err.count("\n")) == (2, 1)
    assert "permission denied for schema given: ask the owner" in denied.err
    server.sql("GRANT USAGE ON SCHEMA given TO guest", "GRANT SELECT ON ALL TABLES IN SCHEMA given TO guest")
    assert run("dedup", day, "--index", guests, "--read-only", "-q") == (0, b"", "")
    denied = run("dedup", _day(tmp_path / "other", 2), "--index", guests)
    assert (denied.code, denied.err.count("\n")) == (2, 1)
    assert "permission denied for table" in denied.err


TEAM = """\
CREATE ROLE papers_team;
CREATE SCHEMA shared AUTHORIZATION papers_team;
CREATE ROLE ada LOGIN IN ROLE papers_team;
CREATE ROLE bob LOGIN IN ROLE papers_team;
ALTER ROLE ada IN DATABASE papers SET role = papers_team;
ALTER ROLE bob IN DATABASE papers SET role = papers_team;
CREATE ROLE visitor LOGIN;
GRANT USAGE ON SCHEMA shared TO visitor;
ALTER DEFAULT PRIVILEGES FOR ROLE papers_team IN SCHEMA shared GRANT SELECT ON TABLES TO visitor;
"""
"""As the cookbook sets a team's index up."""


def test_a_team_shares_an_index(server: Server, tmp_path: Path) -> None:
    server.sql(*TEAM.splitlines())
    day = _day(tmp_path / "day", 1)
    assert run("dedup", day, "--index", server.address("shared", "ada"), "-o", tmp_path / "fresh").code == 0
    bobs = server.address("shared", "bob")
    assert run("dedup", _day(tmp_path / "other", 2), "--index", bobs, "-o", tmp_path / "more").code == 0
    assert run("index", "compact", bobs, "-q").code == 0
    assert run("index", "verify", server.address("shared", "visitor"), "-q").code == 0
    assert len(run("index", "export", bobs, "-q").out.splitlines()) == _counted(server, "shared")


def test_people_can_look(server: Server, tmp_path: Path) -> None:
    index, day = server.address("looked"), tmp_path / "day.jsonl"
    day.write_text('{"id":"a\\u0000b","text":"one two"}\n{"id":"ä","text":"one two"}\n', "utf-8")
    assert run("dedup", day, "--index", index, "-o", tmp_path / "fresh", "-q").code == 0
    assert server.sql("SELECT record, id, line, run FROM looked.records") == [(1, '"a\\u0000b"', 1, 1)]
    assert server.sql("SELECT record, id, line, run, score FROM looked.repeats") == [(1, "ä", 2, 1, 1.0)]
    assert server.sql("SELECT run, records_read, records_new FROM looked.runs") == [(1, 2, 1)]


SECRET = "s3cr%40t%2Fx"
WRONG = {
    "password": ("postgresql://guarded:{0}@/papers?host={1}", "does not know this user with this password"),
    "in the query": ("postgresql://guarded@/papers?host={1}&password={0}", "does not know this user"),
    "none": ("postgresql://guarded@/papers?host={1}", "the server wants a password"),
    "database": ("postgresql://admin:{0}@/other?host={1}", "there is no such database"),
    "user": ("postgresql://stranger:{0}@/papers?host={1}", "the server knows no such user"),
    "port": ("postgres://admin:{0}@/papers?host={1}&port=1", "no server listens there"),
    "refused": ("postgres://admin:{0}@127.0.0.1:1/papers", "no server listens there"),
    "parameter": (
        "postgresql://admin:{0}@/papers?host={1}&colour=red",
        'invalid URI query parameter: "colour"',
    ),
    "schema": (
        "postgresql://admin:{0}@/papers?host={1}&schema=A-b",
        "the schema has a name of small letters",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_no_way_in_is_one_line_without_secrets(wrong: str, server: Server, tmp_path: Path) -> None:
    if not server.sql("SELECT 1 FROM pg_roles WHERE rolname = 'guarded'"):
        server.sql("CREATE ROLE guarded LOGIN PASSWORD 'another'")
    address, message = WRONG[wrong]
    index = address.format(SECRET, server.folder)
    for option in ("--index", "--against"):
        done = run("dedup", _day(tmp_path / "day", 1), option, index, "--json")
        assert (done.code, done.out) == (2, b"")
        assert done.err.count("\n") == 1
        assert message in done.err
        assert "s3cr" not in done.err


def test_a_password_is_in_no_output(server: Server, tmp_path: Path) -> None:
    server.sql("CREATE ROLE keyed LOGIN PASSWORD 's3cr@t/x'", "GRANT CREATE ON DATABASE papers TO keyed")
    rules = server.data / "pg_hba.conf"
    rules.write_text("local all keyed scram-sha-256\n" + rules.read_text("utf-8"), "utf-8")
    server.sql("SELECT pg_reload_conf()")
    index = server.address("keyed").replace("admin@", f"keyed:{SECRET}@")
    day, gone = _day(tmp_path / "day", 1), tmp_path / "gone"
    for options in (("--removed", str(gone)), ("--read-only", "--removed", str(gone)), ()):
        done = run("dedup", day, "--index", index, "-o", tmp_path / "fresh", "--json", *options)
        assert done.code == 0
        assert "s3cr" not in done.err + done.out.decode() + gone.read_text("utf-8")
    assert '"kept_in":"postgresql://keyed@/papers?host=' in gone.read_text("utf-8")


@pytest.mark.parametrize(
    "typed",
    [
        "postgresql://u:pa@ss3cr@host/db",
        "postgresql://u:pa/ss3cr@host/db",
        "postgresql://u:pa?ss3cr@host/db",
        "postgresql://u:pa#ss3cr@host/db",
        "postgresql://u:1?s3cr@host/db",
        "postgresql://u:ss3cr",
        "postgresql://u:[s3cr@host/db",
        "postgresql://u:1/s3cr@host/db",
        "postgresql://host/db?s3cr",
        "postgresql://host/db?schema=s3cr-",
    ],
)
def test_what_is_no_address_is_not_shown(typed: str) -> None:
    with pytest.raises(UsageError) as raised:
        Address.parse(typed)
    assert "s3cr" not in str(raised.value)


def test_addresses_are_shown_alike() -> None:
    shown = {
        "postgres://ada:s3cr%23@db.example:5432/papers": "postgresql://ada@db.example:5432/papers",
        "postgresql:///papers?host=/run/x&sslpassword=s3cr": "postgresql:///papers?host=/run/x",
        "postgresql://[::1]:5/p?schema=texts&connect_timeout=3": "postgresql://[::1]:5/p?schema=texts",
        "postgresql://a:1,b:2/p?target_session_attrs=read-write": "postgresql://a:1,b:2/p",
        "postgresql://?service=team": "postgresql://?service=team",
    }
    for typed, wanted in shown.items():
        assert Address.parse(typed).shown == wanted


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    done = run("dedup", _day(tmp_path / "day", 1), "--index", "mysql://u:s3cr@host/db")
    assert done.code == 2
    assert done.err == (
        "an index is a file, or postgresql://USER@HOST/DATABASE: nothing is known of mysql://\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("dedup", "postgresql://u:s3cr@h/db"),
        ("dedup", "-", "-o", "postgresql://u:s3cr@h/db"),
        ("index", "info", "seen.idx", "postgresql://u:s3cr/et@h/db"),
        ("index", "remove", "seen.idx", "postgresql://u:s3cr@h/db"),
        ("parse", "-", "--newer-than", "postgresql://u:s3cr@h/db"),
    ],
)
def test_an_address_in_another_place_shows_no_password(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert "s3cr" not in done.err


def test_without_psycopg_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("psycopg", "corpus_tool.index.server."))]:
        if "address" not in name:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    done = run("dedup", _day(tmp_path / "day", 1), "--index", "postgresql://host/db")
    assert done.code == 2
    assert "pip install 'corpus-tool[server]'" in done.err
