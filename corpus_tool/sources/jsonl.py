"""JSON Lines: one object a line, each kept with its own bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from corpus_tool.compression import read_once
from corpus_tool.errors import InputError
from corpus_tool.lines.decode import BOM, decode, is_deep
from corpus_tool.records import Batch
from corpus_tool.sources.decoding import cause, too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus_tool.records import Record
    from corpus_tool.sources.problems import Problems

NAME = "jsonl"
_JUDGED = 200
"""Lines of the head by which a file is judged: one bad line, though it be the first, makes no other format of it."""
_BLANKS = " \t\r\n"
"""All that JSON takes for blank, which is less than Python does."""
_RECEIPT = {"source", "line", "kept", "kept_source", "kept_line", "score", "reasons", "raw"}
_HEADER = {"records", "new_seen", "more_seen", "blank", "unended"}
"""Fields of the line that stands for receipts where nothing was removed."""
_CLUSTER = {"source", "line", "cluster", "score"}
_CLUSTER_MAY = {"id", "kept"}


def objects(lines: Sequence[str]) -> list[Record]:
    """The JSON objects among the first lines of a head, each one line."""
    found = []
    for line in lines[:_JUDGED]:
        value = _value(line.strip(_BLANKS).removeprefix("\ufeff")) if "{" in line else None
        if isinstance(value, dict):
            found.append(value)
    return found


def _value(text: str) -> Any:
    try:
        return decode(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return None


def detect(text: str, lines: Sequence[str]) -> bool:
    """Whether a head is one of JSON Lines: by half of its lines, or because it opens an object that is not spread out.

    Args:
        text: The head.
        lines: Its whole lines that are not blank.
    """
    if not lines:
        return False
    if 2 * len(objects(lines)) >= len(lines[:_JUDGED]):
        return True
    return text.lstrip(_BLANKS).startswith("{") and not is_spread(text)


def is_spread(text: str) -> bool:
    """Whether a text begins with one JSON object that takes several lines, as a person would like to read it."""
    text = text.lstrip()
    first, _, rest = text.partition("\n")
    if not text.startswith("{") or not rest.strip():
        return False
    if first.strip() == "{":
        return True
    try:
        return json.JSONDecoder().raw_decode(text)[1] > len(first)
    except (ValueError, RecursionError):
        return False


def by_dedup(lines: Sequence[str]) -> str | None:
    """What `dedup` called a file that it wrote beside its records, None where it is none of these."""
    found = [set(each) for each in objects(lines)]
    if not found:
        return None
    if all(keys >= _RECEIPT or {"records"} < keys <= _HEADER for keys in found):
        return "receipts"
    if all(keys >= _CLUSTER and keys <= _CLUSTER | _CLUSTER_MAY for keys in found):
        return "clusters"
    return None


def read(stream: BinaryIO, name: str, block: int, problems: Problems, longest: int = 0) -> Iterator[Batch]:
    """Batches of about `block` bytes; blank lines are passed over but counted.

    Raises:
        InputError: The stream cannot be read, once the lines before that have been given.
    """
    for position, line, chunk in _chunks(stream, name, block, problems, longest):
        mark = len(BOM) if position == 0 and chunk.startswith(BOM) else 0
        yield _batch(chunk[mark:], name, line, problems)


def _chunks(
    stream: BinaryIO, name: str, block: int, problems: Problems, longest: int
) -> Iterator[tuple[int, int, bytes]]:
    """Byte offset and number of the first of some whole lines, and their bytes."""
    position, line = 0, 1
    parts: list[bytes] = []
    rest = b""
    while True:
        data, fault = (rest, None) if rest else _read(stream, block, name)
        rest = b""
        cut = data.rfind(b"\n") + 1
        if cut:
            chunk = b"".join((*parts, data[:cut]))
            yield position, line, chunk
            position, line, parts = position + len(chunk), line + chunk.count(b"\n"), []
        parts.append(data[cut:])
        if fault:
            fault.rest = b"".join(parts)
            raise fault
        if not data:
            if whole := b"".join(parts):
                yield position, line, whole
            return
        held = sum(map(len, parts)) if longest else 0
        if held > longest:
            problems.bad(name, line, too_long(name, longest).message)
            passed, rest = _next_line(stream, block, name)
            position, parts = position + held + passed, []


def _next_line(stream: BinaryIO, block: int, name: str) -> tuple[int, bytes]:
    """Pass over the rest of a line: how many bytes of it, and what was read from its newline on."""
    passed = 0
    while True:
        data, fault = _read(stream, block, name)
        if fault:
            raise fault
        cut = data.find(b"\n")
        if cut >= 0 or not data:
            return passed + max(cut, 0), data[max(cut, 0) :]
        passed += len(data)


def _read(stream: BinaryIO, size: int, name: str) -> tuple[bytes, InputError | None]:
    """The next bytes, none at the end, or what is wrong with them."""
    try:
        return read_once(stream, size), None
    except InputError as fault:
        return b"", fault
    except (OSError, EOFError) as error:
        return b"", InputError(f"could not be read: {cause(error)}", path=name)


def _batch(chunk: bytes, name: str, line: int, problems: Problems) -> Batch:
    """The records of consecutive whole lines that begin at the given line."""
    batch = Batch(name, [], [], [])
    lines = []
    raws, records = batch.raws, batch.records
    loads = orjson.loads
    pieces = chunk.split(b"\n")
    if not pieces[-1]:
        pieces.pop()
    for piece in pieces:
        raw = piece.removeprefix(BOM)  # joined files may begin anywhere
        try:
            record = loads(raw)
            if type(record) is not dict or float in map(type, record.values()) or is_deep(raw, record):
                record = decode(raw)
        except ValueError:
            record = _slowly(raw, name, line, problems)
        if record is not None:
            raws.append(raw)
            records.append(record)
            lines.append(line)
        line += 1
    batch.lines = lines
    return batch


def _slowly(raw: bytes, name: str, line: int, problems: Problems) -> Record | None:
    """A line that the quick way does not read; None where it is blank or bad."""
    try:
        return decode(raw) if raw.strip() else None
    except ValueError as error:
        problems.bad(name, line, str(error), raw)
        return None
