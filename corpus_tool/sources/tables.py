"""Tables as JSON Lines: a row is one object, on the line of the text where the row begins.

Rows are records of other origin, like those of a JSONL file: their own cells under the names of their columns, and
no field of a digest. What is added, where the table has no column of that name, is the `source` and `line` of the
row, by which commands name a record without an `id` (to make one of title and abstract takes longer than all else
that is done with a row). The JSON written here is the record's own bytes from then on. Rows that take
several lines leave empty ones behind them, so that a line of the JSONL is that line of the text.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson

from .bibliography import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from corpus_tool.records import Record
    from corpus_tool.sources.inputs import Input

_CHUNK = 1 << 18
_NUMBERS = ("year", "line", "position")
_BUFFER = 1 << 20


def as_jsonl(rows: Iterable[tuple[int, Record]], source: str) -> BinaryIO:
    """The stream of bytes in which each row stands on its own line.

    Args:
        rows: The line of each and its cells by name, in order.
        source: Name of the source.
    """
    return cast("BinaryIO", io.BufferedReader(_Pieces(_pieces(rows, source)), _BUFFER))


def of_file(
    rows: Callable[[str, str, str | None], Iterator[tuple[int, Record]]], stream: BinaryIO, source: Input
) -> Iterator[tuple[int, Record]]:
    """The rows of a format that is read by offset: what comes compressed or through a pipe is stored first."""
    if source.seekable:
        yield from rows(source.path, source.name, source.table)
        return
    with tempfile.NamedTemporaryFile(prefix="corpus-tool-") as file:
        shutil.copyfileobj(stream, file, _BUFFER)
        file.flush()
        yield from rows(file.name, source.name, source.table)


def _pieces(rows: Iterable[tuple[int, Record]], source: str) -> Iterator[bytes]:
    done, size = 1, 0
    parts: list[bytes] = []
    for line, row in rows:
        data = orjson.dumps(_record(row, source, line), default=_text)
        parts.append(b"\n" * (line - done) + data)
        done = line
        size += len(data)
        if size > _CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts) + b"\n" * (done > 1 or bool(parts))


def _record(row: Record, source: str, line: int) -> Record:
    title, abstract = row.get("title"), row.get("abstract")
    if isinstance(title, str) and ("\n" in title or "<" in title or "&" in title):
        row["title"] = plain(title)
    if isinstance(abstract, str) and ("<" in abstract or "&" in abstract):
        row["abstract"] = plain(abstract, lines=True)
    pmid = row.get("pmid")
    if isinstance(pmid, str) and pmid.startswith("PUBMED "):
        row["pmid"] = pmid.removeprefix("PUBMED ")
    for name in _NUMBERS:
        value = row.get(name)
        if type(value) is str and len(value) < 10 and value.isdecimal() and value.isascii():
            row[name] = int(value)
    if "source" not in row:
        row["source"] = source
    if "line" not in row:
        row["line"] = line
    return row


def _text(value: Any) -> str:
    """What JSON has no form for: bytes that are text as text, others in hexadecimal digits; the rest as printed."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.hex()
    return str(value)


class _Pieces(io.RawIOBase):
    """Bytes that come in pieces, as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        size = min(len(view), len(self._left))
        view[:size], self._left = self._left[:size], self._left[size:]
        return size
