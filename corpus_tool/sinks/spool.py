"""What a format holds back until it has seen every record: in memory while small, then in a nameless file."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus_tool.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

IN_MEMORY = 1 << 23
"""Bytes a spool keeps in memory before it moves to the folder for temporary files."""


class Spool:
    """Bytes appended one after another and read back by offset; gone when closed."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, data: bytes) -> int:
        """Store bytes at the end and return their offset."""
        offset = self.size
        with _named_failure():
            self._file.write(data)
        self.size += len(data)
        return offset

    def read(self, offset: int, size: int) -> bytes:
        """The `size` bytes at an offset. Nothing may be appended after the first read."""
        with _named_failure():
            if self._file.tell() != offset:
                self._file.seek(offset)
            return self._file.read(size)


@contextmanager
def _named_failure() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = error.strerror or str(error)
        advice = "free some space there, or set TMPDIR to a folder elsewhere"
        raise OutputError(
            f"cannot write temporary data: {cause}: {advice}", path=tempfile.gettempdir()
        ) from error
