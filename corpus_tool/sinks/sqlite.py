"""An SQLite database with one table, `papers`: numbers as numbers, text as text, lists and objects as text of JSON."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus_tool.errors import OutputError
from corpus_tool.sinks.cells import cell, encode
from corpus_tool.sinks.columns import NUMBER, TEXT_OF_JSON, TRUTH, WHOLE, Gathered, conformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sinks import ExportOptions, Rows
    from corpus_tool.sinks.columns import Kind

TABLE = "papers"
_TYPES = {TRUTH: "INTEGER", WHOLE: "INTEGER", NUMBER: "REAL"}
_MOST_COLUMNS = 2000


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write all rows; see `corpus_tool.sinks`. The database is made in the folder for temporary files, then copied."""
    with (
        Gathered(rows, options.columns) as table,
        tempfile.TemporaryDirectory(prefix="corpus-tool-") as folder,
    ):
        if len(table.kinds) > _MOST_COLUMNS:
            raise OutputError(
                f"SQLite holds {_MOST_COLUMNS} columns, and the records have {len(table.kinds)}"
            )
        made = Path(folder, "papers.sqlite")
        try:
            _fill(made, table)
        except sqlite3.Error as error:
            raise OutputError(f"the database could not be made: {error}", path=folder) from error
        with made.open("rb") as file:
            shutil.copyfileobj(file, writer, 1 << 20)
        return len(table)


def _fill(path: Path, table: Gathered) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        names = _names(list(table.kinds)) or ["id"]
        kinds = list(table.kinds.values()) or [TEXT_OF_JSON]
        columns = ", ".join(
            f"{_quoted(name)} {_TYPES.get(kind, 'TEXT') if isinstance(kind, str) else 'TEXT'}"
            for name, kind in zip(names, kinds, strict=True)
        )
        connection.execute(f"CREATE TABLE {TABLE} ({columns})")
        connection.execute("BEGIN")
        marks = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", _cells(table, len(names)))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _cells(table: Gathered, width: int) -> Iterator[list[Any]]:
    for record in table.records():
        found = [_cell(record.get(name), kind) for name, kind in table.kinds.items()]
        yield found or [None] * width


def _cell(value: Any, kind: Kind) -> Any:
    if isinstance(kind, tuple):
        return None if value is None else encode(cell(value)).decode()
    return conformed(value, kind)


def _names(columns: list[str]) -> list[str]:
    """Names that differ in more than case, as SQLite wants them."""
    taken: set[str] = set()
    found = []
    for column in columns:
        plain = encode(column).decode().replace("\0", "")
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.lower())
        found.append(name)
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
