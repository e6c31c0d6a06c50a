"""Which storage a name means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from corpus_tool.index.protocol import Storage


def open_storage(name: str, *, write: bool) -> AbstractContextManager[Storage]:
    """The storage of a name, to be closed by leaving the context.

    Args:
        name: As typed: the path of a file, or the address of a PostgreSQL server's database.
        write: Whether it may be written, and is made where there is none.

    Raises:
        CorpusError: It cannot be opened.
    """
    scheme, divided, _ = name.partition("://")
    if divided:
        return _on_server(name, scheme, write=write)
    from corpus_tool.index.sqlite import SQLiteStorage

    return SQLiteStorage(name, write=write)


def is_index(name: str) -> bool:
    """Whether a name is that of an index, of whatever version; an address is taken at its word."""
    from corpus_tool.index import opening
    from corpus_tool.index.server.address import is_server

    return is_server(name) or opening.is_index(name)


def configuration_of(name: str) -> dict[str, str]:
    """What the index of a name was made with; empty where there is none yet.

    Raises:
        CorpusError: What is there cannot be opened.
    """
    from corpus_tool.index.server.address import is_server

    server = is_server(name)
    if not server and not (Path(name).exists() and Path(name).stat().st_size):
        return {}
    with open_storage(name, write=server) as storage:
        return storage.configuration()


def _on_server(name: str, scheme: str, *, write: bool) -> AbstractContextManager[Storage]:
    from corpus_tool.index.server.address import Address, is_server

    if not is_server(name):
        raise UsageError(
            f"an index is a file, or postgresql://USER@HOST/DATABASE: nothing is known of {scheme}://"
        )
    address = Address.parse(name)
    try:
        from corpus_tool.index.server.storage import ServerStorage
    except ImportError:
        raise UsageError("an index on a server needs psycopg: pip install 'corpus-tool[server]'") from None
    return ServerStorage(address, write=write)
