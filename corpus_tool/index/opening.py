"""Opening an index file: what is looked at before SQLite is let near it, and what its errors mean to people.

A file that is no index stays as it is: SQLite is not asked about it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from corpus_tool.errors import CorpusError, InputError, OutputError

APPLICATION = 0x43544958
"""What marks a database as an index, at byte 68."""
VERSION = 1
MARKS = (f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {VERSION}")
PAGE = 8192
BRIEFLY = 60.0
"""Seconds to wait for a lock that another process only has while it opens, closes or commits."""
_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_AGAIN = "take a copy of it, or build it again from what was kept (index add)"


def is_index(path: str) -> bool:
    """Whether the file at a path is an index of this program, of whatever version."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEADER)
    except OSError:
        return False
    return head.startswith(_MAGIC) and _number(head, 68) == APPLICATION


def look_at(path: str, *, write: bool) -> int | None:
    """The inode of the index at a path; None where there is none and one may be made.

    Raises:
        CorpusError: What is there is no index, cannot be read, or is not whole.
    """
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        if not write:
            raise InputError(
                "no such index; `corpus-tool dedup --index` or `index add` makes one", path=path
            ) from None
        _check_folder(path)
        return None
    except OSError as error:
        raise InputError(
            f"cannot be opened as an index: {(error.strerror or '').lower()}", path=path
        ) from error
    if stat.S_ISDIR(found.st_mode):
        raise InputError("this is a folder; an index is a file: name one in it, such as seen.idx", path=path)
    if not stat.S_ISREG(found.st_mode):
        raise InputError("this is no file, so it is no index; name one such as seen.idx", path=path)
    if write:
        if not os.access(path, os.W_OK):
            raise OutputError(
                "this index is write-protected: change its rights, or say --read-only", path=path
            )
        _check_folder(path)
    if found.st_size:
        _check_head(path, found.st_size)
    elif not write:
        raise InputError("this file is empty, so it is no index", path=path)
    return found.st_ino


def _check_folder(path: str) -> None:
    folder = Path(path).resolve().parent
    if not folder.is_dir():
        raise OutputError(f"the folder {folder.name} does not exist: create it first", path=path)
    if not os.access(folder, os.W_OK):
        raise OutputError(
            "nothing can be written in the folder of this index: change its rights, or say --read-only",
            path=path,
        )


def _check_head(path: str, size: int) -> None:
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEADER)
    except OSError as error:
        raise InputError(
            f"cannot be opened as an index: {(error.strerror or '').lower()}", path=path
        ) from error
    if not head.startswith(_MAGIC):
        raise InputError(
            "this is no index: it was not written by `corpus-tool --index`; name another file", path=path
        )
    if len(head) < _HEADER:
        raise damaged(path, "it is cut off")
    pages, waiting = _number(head, 28), _waiting(path)
    if _number(head, 68) != APPLICATION and not _begun(head):
        raise InputError("this is a database of another program, no index: name another file", path=path)
    if not waiting and size < pages * _page_size(head):
        raise damaged(path, f"it is cut off at {size:,} of {pages * _page_size(head):,} bytes")
    if _number(head, 68) == APPLICATION and _number(head, 60) != VERSION:
        raise other_version(path, _number(head, 60))


def _begun(head: bytes) -> bool:
    """Whether nothing was ever written to a database, as a killed first run leaves it."""
    return _number(head, 40) == 0 and _number(head, 60) == 0 and _number(head, 68) == 0


def _waiting(path: str) -> bool:
    """Whether there is a log with what the file does not hold yet, or should hold no longer."""
    for name in (f"{path}-wal", f"{path}-journal"):
        with suppress(OSError):
            if Path(name).stat().st_size:
                return True
    return False


def _number(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 4], "big")


def _page_size(head: bytes) -> int:
    size = int.from_bytes(head[16:18], "big")
    return 65_536 if size == 1 else size


def connect(path: str, *, write: bool) -> sqlite3.Connection:
    """A connection in which transactions are begun by hand."""
    writable = os.access(path, os.W_OK) and os.access(Path(path).resolve().parent, os.W_OK)
    if write or writable:  # only a connection that may write takes the log away behind itself
        connection = sqlite3.connect(path, timeout=BRIEFLY, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("PRAGMA synchronous = FULL" if write else "PRAGMA query_only = 1")
        return connection
    address = f"file:{quote(os.path.abspath(path))}"  # noqa: PTH100 - links stay
    how = "mode=ro" if _waiting(path) else "immutable=1"
    return sqlite3.connect(
        f"{address}?{how}", uri=True, timeout=BRIEFLY, isolation_level=None, check_same_thread=False
    )


def log_ahead(connection: sqlite3.Connection) -> None:
    """Let readers stand beside the writer from now on; where one is at work just now, some other time.

    A new index has no such log until its first commit: one that comes to nothing can then be removed, with no log that
    belongs to it, while its lock is still held.
    """
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


def inode(path: str) -> int | None:
    """What stands at a path now."""
    try:
        return Path(path).stat().st_ino
    except OSError:
        return None


def size(path: str) -> int:
    """Bytes of an index, with what stands in its log."""
    total = 0
    for name in (path, f"{path}-wal"):
        with suppress(OSError):
            total += Path(name).stat().st_size
    return total


def made(connection: sqlite3.Connection) -> bool:
    """Whether there is an index in a database already."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    return int(application) == APPLICATION


def wrong_version(connection: sqlite3.Connection, path: str) -> CorpusError | None:
    """The refusal of an index of another version, where it is one."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return None if version == VERSION else other_version(path, version)


def other_version(path: str, version: int) -> InputError:
    """The refusal of an index of another version."""
    return InputError(
        f"this index has format {version}, and this corpus-tool knows {VERSION}: "
        + (
            "take a later corpus-tool"
            if version > VERSION
            else "build it again from what was kept (index add)"
        ),
        path=path,
    )


def damaged(path: str, why: str) -> InputError:
    """The refusal of an index that is not whole."""
    return InputError(f"this index is damaged ({why}): {_AGAIN}", path=path)


_FULL = {sqlite3.SQLITE_FULL: "no space left on the device: free some, and run again"}


def explained(error: sqlite3.Error, path: str) -> CorpusError:
    """An error of SQLite as one that names the index, the cause, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return OutputError(f"cannot write the index: {_FULL[code]}", path=path)
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_IOERR:
        return OutputError(
            f"the index cannot be read or written ({error}): look at the disk, and run again", path=path
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return OutputError(
            f"the index cannot be opened ({error}): change its rights, or say --read-only", path=path
        )
    if code == sqlite3.SQLITE_BUSY:
        return OutputError("another run writes this index: run again when it is done", path=path)
    return damaged(path, str(error))
