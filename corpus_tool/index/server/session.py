"""A connection to the server, and what its errors mean to people.

Each is one line that names the index, the cause, and what to do; no secret of the address is in any of them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
from psycopg import conninfo, pq
from psycopg.abc import Buffer  # noqa: TC002 - psycopg looks at annotations
from psycopg.adapt import Dumper

from corpus_tool.errors import CorpusError, InputError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.index.server.address import Address

_OLDEST = 120_000
_PATIENCE = "10"
"""Seconds to wait for a server that does not answer, where neither address nor environment say."""
_SETTINGS = {
    "idle_in_transaction_session_timeout": "0",  # a run computes between what it asks
    "tcp_keepalives_idle": "60",  # the server lets go of the lock of a machine that is gone
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}


class Columns(Dumper):
    """A column of numbers as one array parameter, packed by NumPy rather than number by number."""

    format = pq.Format.BINARY
    oid = 1016

    def dump(self, obj: Any) -> Buffer:
        """The array in the server's own form: its dimensions, and of each number the size and the bytes."""
        packed = np.empty(len(obj), np.dtype([("size", ">i4"), ("value", ">i8")]))
        packed["size"], packed["value"] = 8, obj
        head = np.array([1 if len(obj) else 0, 0, 20, *([len(obj), 1] if len(obj) else [])], ">i4")
        return head.tobytes() + packed.tobytes()


def connect(address: Address) -> psycopg.Connection:
    """A connection in which transactions are begun by hand, and the schema's tables have their plain names.

    Raises:
        CorpusError: There is no such server, or it does not let us in.
    """
    try:
        given = conninfo.conninfo_to_dict(address.conninfo)
    except psycopg.Error as error:
        raise UsageError(f"the address {address.shown} does not hold: {_told(error, address)}") from None
    if "connect_timeout" not in given and "PGCONNECT_TIMEOUT" not in os.environ:
        given["connect_timeout"] = _PATIENCE
    given.setdefault("fallback_application_name", "corpus-tool")
    try:
        text = conninfo.make_conninfo("", **given)
        connection = psycopg.connect(text, autocommit=True, prepare_threshold=None, client_encoding="utf8")
    except psycopg.Error as error:
        raise _no_way_in(error, address) from None
    with explained(address):
        _look_at(connection, address)
        connection.adapters.register_dumper(np.ndarray, Columns)
        for name, value in {**_SETTINGS, "search_path": f'"{address.schema}"'}.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.add_notice_handler(lambda _: None)
    return connection


def _look_at(connection: psycopg.Connection, address: Address) -> None:
    """Refuse a server that cannot store an index."""
    if connection.info.server_version < _OLDEST:
        connection.close()
        raise InputError(
            f"the server is PostgreSQL {connection.info.server_version // 10_000}: 12 or later is needed",
            path=address.shown,
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise InputError(
            f"the database holds text in {encoding}, not UTF8: name one made with "
            "CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
            path=address.shown,
        )


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """What the server says, in the words of a message."""
    try:
        yield
    except psycopg.Error as error:
        raise meaning(error, address) from error
    except UnicodeEncodeError as error:
        raise OutputError(
            f"a name that is no text ({error.object!r:.60}) cannot be stored on a server: rename the file",
            path=address.shown,
        ) from error


def lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone, rather than something refused."""
    state = error.sqlstate or ""
    return not state or (state[:2] in {"08", "57"} and state != "57014")


_CAUSES = {
    "42501": "{said}: ask the owner of the index for it (GRANT; the cookbook shows which)",
    "53100": "no space left on the server: free some there, and run again",
    "53200": "the server has no memory left: run again later",
    "55P03": "somebody holds a table of this index locked: run again later",
    "57014": "the server ended a statement ({said}): ask its administrator, or run again",
    "25006": "this server takes no writes (is it a replica?): name the primary, or say --read-only",
    "42P01": "a table of this index is missing ({said}): restore it from a backup, or build it again (index add)",
    "42703": "a column of this index is missing ({said}): restore it from a backup, or build it again (index add)",
}


def meaning(error: psycopg.Error, address: Address) -> CorpusError:
    """An error of the server as one of this program."""
    said, state = _told(error, address), error.sqlstate or ""
    if lost(error):
        return OutputError(
            f"the connection to the server was lost ({said}): run again when it is back", path=address.shown
        )
    if state.startswith("XX"):
        said = f"this index is damaged ({said}): restore it from a backup, or build it again (index add)"
        return InputError(said, path=address.shown)
    cause = _CAUSES.get(state, "the server refused this ({said}, SQLSTATE " + state + ")")
    return OutputError(cause.format(said=said), path=address.shown)


_ENTRANCE = (
    ("password authentication failed", "the server does not know this user with this password", "correct it"),
    ("no password supplied", "the server wants a password", "put it in ~/.pgpass or PGPASSWORD"),
    ("Peer authentication failed", "the server lets in another system user here", "name your own user"),
    ("no pg_hba.conf entry", "the server lets nobody in this way", "ask its administrator (pg_hba.conf)"),
    ("starting up", "the server is starting", "run again in a moment"),
    ("shutting down", "the server is stopping", "run again when it is back"),
    ("too many", "the server has no connection left", "run again later"),
    ("translate host name", "there is no such host", "correct its name"),
    ("timeout expired", "the server does not answer", "look at its name, the network and its firewall"),
    ("Connection refused", "no server listens there", "start it, or correct host and port"),
    ("No such file", "no server listens there", "start it, or correct host and port"),
)


def _no_way_in(error: psycopg.Error, address: Address) -> CorpusError:
    """Why there is no connection."""
    said = str(error)
    if 'database "' in said and "does not exist" in said:
        return InputError(
            "there is no such database on the server: make it (createdb), or correct its name",
            path=address.shown,
        )
    if 'role "' in said and "does not exist" in said:
        return InputError(
            "the server knows no such user: make it (createuser), or correct the name", path=address.shown
        )
    for sign, cause, remedy in _ENTRANCE:
        if sign in said:
            return InputError(f"{cause}: {remedy}", path=address.shown)
    return InputError(f"cannot connect to the server ({_told(error, address)})", path=address.shown)


def _told(error: psycopg.Error, address: Address) -> str:
    """The gist of what the server, or libpq, says."""
    text = error.diag.message_primary or next(iter(str(error).strip().splitlines()), "")
    return address.without_secrets(text.split("FATAL: ")[-1].strip() or type(error).__name__)
