"""One line of JSON Lines to one record, and what is wrong with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from corpus_tool.records import Record

BOM = b"\xef\xbb\xbf"
"""UTF-8's byte order mark, which some programs put before the first line."""
_BEYOND_64_BITS = 2.0**63


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
                f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not UTF-8: "
                "convert the file or name its --encoding"
            ) from None
        except RecursionError:
            raise ValueError("JSON nested too deeply to read") from None
        except ValueError:
            raise ValueError(f"not JSON: {strict.msg} at column {strict.colno}") from None
    if not isinstance(value, dict):
        kind = {list: "array", str: "string", type(None): "null"}.get(type(value), type(value).__name__)
        raise ValueError(f"a JSON {kind} where an object is wanted: one record a line, in braces")
    for found in value.values():
        if type(found) is float and abs(found) >= _BEYOND_64_BITS:
            return _exact(raw, value)
    return value


def _exact(raw: bytes, read: Record) -> Record:
    """A record in which orjson read a number with a point: it rounds integers beyond 64 bits to such."""
    try:
        found: Record = json.loads(raw)
    except ValueError:  # more digits than Python converts
        return read
    return found
