"""Which storage a name means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from corpus_tool.index.protocol import Storage


def open_storage(name: str, *, write: bool) -> AbstractContextManager[Storage]:
    """The storage of a name, to be closed by leaving the context.

    Args:
        name: As typed: the path of a file.
        write: Whether it may be written, and is made where there is none.

    Raises:
        CorpusError: It cannot be opened.
    """
    from corpus_tool.index.sqlite import SQLiteStorage

    return SQLiteStorage(name, write=write)
