"""One line of JSON Lines to one record, and what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from corpus_tool.records import Record

BOM = b"\xef\xbb\xbf"
"""UTF-8's byte order mark, which some programs put before the first line."""
DEEPEST = 100
"""Levels of arrays and objects in each other: what walks through a record goes down a call a level, or several."""
_TELLING = 1 << 10
"""Bytes of a line by which another encoding is told: many such lines may be skipped."""
_BEYOND_64_BITS = 2.0**63
_TOO_DEEP = f"JSON nested more than {DEEPEST} levels deep: no record is"


def decode(raw: bytes) -> Record:
    """The object that a line holds.

    orjson is strict where the standard library is not (numbers such as 1e400, lone surrogates, NaN); what
    only the latter reads is accepted, since the line leaves with its own bytes.

    Raises:
        ValueError: The line is not one JSON object; the message says why.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as strict:
        try:
            value = json.loads(raw.decode())
        except UnicodeDecodeError as error:
            raise ValueError(
                f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not UTF-8: convert the file or "
                f"name its --encoding{_seeming(raw)}"
            ) from None
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        except ValueError:
            raise ValueError(f"not JSON: {strict.msg} at column {strict.colno}") from None
    if not isinstance(value, dict):
        kind = {list: "array", str: "string", type(None): "null"}.get(type(value), type(value).__name__)
        raise ValueError(f"a JSON {kind} where an object is wanted: one record a line, in braces")
    if is_deep(raw, value):
        raise ValueError(_TOO_DEEP)
    for found in value.values():
        if type(found) is float and abs(found) >= _BEYOND_64_BITS:
            return _exact(raw, value)
    return value


def _seeming(raw: bytes) -> str:
    from corpus_tool.lines.charsets import looks_like  # for what is seldom met

    found = looks_like(raw[:_TELLING])
    return f"; {found}" if found else ""


def is_deep(raw: bytes, value: Record) -> bool:
    """Whether a line that holds a record is nested deeper than `DEEPEST`."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        inner = (node.values() if type(node) is dict else node for node in level)
        level = [child for children in inner for child in children if type(child) in (dict, list)]
        if not level:
            return False
    return True


def _exact(raw: bytes, read: Record) -> Record:
    """A record in which orjson read a number with a point: it rounds integers beyond 64 bits to such."""
    try:
        found: Record = json.loads(raw)
    except ValueError:  # more digits than Python converts
        return read
    return found
