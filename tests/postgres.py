"""A PostgreSQL server for tests: its own, in a folder of its own, heard on a Unix socket alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ADMIN, DATABASE = "admin", "papers"
_WHO = ("postgres", "nobody")
"""Users that the server runs as where the tests are root's: it refuses to be root."""


def found() -> Path | None:
    """Where the server's programs are: Debian keeps them out of the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return places[-1].parent if places else Path(on_path).parent if on_path else None


class Server:
    """A server that runs from `start` to `stop`, as often as one likes.

    Args:
        programs: Where its programs are.
    """

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="corpus-tool-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._as = []
        if os.geteuid() == 0:
            user = next(
                pwd.getpwnam(name) for name in _WHO if name in {each.pw_name for each in pwd.getpwall()}
            )
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        options = "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={ADMIN}"
        self._run("initdb", *options, "--pgdata", self.data)
        rules = self.data / "pg_hba.conf"
        rules.write_text("local all guarded scram-sha-256\n" + rules.read_text("utf-8"), "utf-8")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [*self._as, self._programs / program, *arguments], cwd=self.folder, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "",
            "fsync": "off",  # the machine itself does not fall in a test
            "autovacuum_naptime": "5s",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as, self._programs / "postgres", "-D", self.data, *options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 60
        while subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", self.folder, "-U", ADMIN], capture_output=True
        ).returncode:
            assert time.monotonic() < until, (self.folder / "log").read_text("utf-8")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends sessions in order, SIGQUIT is as if it had crashed."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(60)
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def address(self, schema: str = "", user: str = ADMIN, database: str = DATABASE, **query: str) -> str:
        """The address of an index on it."""
        query = {"host": str(self.folder), **query, **({"schema": schema} if schema else {})}
        return f"postgresql://{user}@/{database}?{urlencode(query, safe='/')}"

    def sql(self, *statements: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """What the last of some statements gives."""
        import psycopg

        text = f"host={self.folder} user={ADMIN} dbname={database}"
        with psycopg.connect(text, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []
