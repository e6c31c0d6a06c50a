"""The end of a transaction, also where the connection breaks just then: whether it took is asked of the server."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

from corpus_tool.errors import CorpusError
from corpus_tool.index.server import session

if TYPE_CHECKING:
    from corpus_tool.index.server.address import Address

_PATIENCE = 15.0
"""Seconds in which a server that was started again should be back."""
_POLL = 0.5
_LASTING = (
    "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'"
)


def commit(connection: psycopg.Connection, address: Address) -> psycopg.Connection:
    """Commit; the connection from then on, which is another where the first broke after the server had committed.

    Raises:
        psycopg.Error: Nothing was committed, or nobody can tell.
    """
    connection.execute(_LASTING)
    row = connection.execute("SELECT txid_current_if_assigned()").fetchone()
    try:
        connection.execute("COMMIT")
    except psycopg.Error as error:
        if row is None or row[0] is None or not session.lost(error):
            raise
        again = _committed(int(row[0]), address)
        if again is None:
            raise
        return again
    return connection


def _committed(transaction: int, address: Address) -> psycopg.Connection | None:
    """A new connection to a server that did commit a transaction."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with suppress(CorpusError):
            connection = session.connect(address)
            row = connection.execute("SELECT txid_status(%s)", (transaction,)).fetchone()
            if row and row[0] == "committed":
                return connection
            connection.close()
            if row and row[0] == "aborted":
                return None
        time.sleep(_POLL)
    return None
