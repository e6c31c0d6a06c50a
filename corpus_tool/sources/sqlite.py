"""A table of an SQLite database, named as `papers.sqlite:table`. A row's line is its number."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import InputError

from . import heads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Record

MAGIC = b"SQLite format 3\0"
"""How the file begins."""


def rows(path: str, name: str, table: str | None) -> Iterator[tuple[int, Record]]:
    """Number and cells of each row, empty cells left out; the database is only read.

    Args:
        path: Of a plain file.
        name: What messages call it.
        table: The table or view; None where the database has but one.

    Raises:
        InputError: The database is damaged, or has no such table.
    """
    number = 0
    try:
        connection = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.text_factory = lambda data: data.decode("utf-8", "replace")
            chosen = _table(connection, name, table)
            quoted = '"' + chosen.replace('"', '""') + '"'
            cursor = connection.execute(f"SELECT * FROM {quoted}")  # quoted, and one of its own
            names = heads.names([column[0] for column in cursor.description])
            for number, cells in enumerate(cursor, 1):
                record = {key: _value(key, cell) for key, cell in zip(names, cells, strict=True)}
                record = {key: cell for key, cell in record.items() if cell is not None and cell != ""}
                if record:
                    yield number, record
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise InputError(
            f"cannot be read as an SQLite database: {error}", path=name, line=number + 1
        ) from None


def _table(connection: sqlite3.Connection, name: str, table: str | None) -> str:
    known = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "ORDER BY name"
        )
    ]
    if table is not None and table in known:
        return table
    if table is None and len(known) == 1:
        return str(known[0])
    listing = ", ".join(known) or "none"
    if table is None:
        example = f"{name}:{known[0] if known else 'papers'}"
        raise InputError(f"a database with several tables ({listing}): say which, as in {example}", path=name)
    raise InputError(f"this database has no table {table!r}; it has {listing}", path=name)


def _value(name: str, cell: Any) -> Any:
    """A list or an object where a text is one in JSON, as exports of records have them."""
    if isinstance(cell, str) and name not in heads.TEXTS and cell[:1] in {"[", "{"} and cell[-1] in "]}":
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell
