"""Where papers were seen: the `seen` of a record, how a run makes it grow, and how that is taken back.

A record that came through `parse` (its first fields are a digest's), or that carries `seen` already, gains the places
of the records that it stands for. Records of any other origin keep their bytes. What is added stands at the very end,
so that it can be cut off again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from corpus_tool.records import DIGEST_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from corpus_tool.lines.lines import Lines
    from corpus_tool.records import Record
    from corpus_tool.store import Place

SEEN = "seen"
_ADDED = b',"seen":'
_OPENINGS = (
    ((0, b'{"id":"'), (23, b'","title":')),
    ((0, b'{"id": "'), (24, b'", "title":')),
)
"""How a line begins that `parse` wrote, and one that was written again with blanks: an id has 16 digits."""
_ENDING = b"}]}"
_SHORTEST = 40


def may_grow(lines: Lines) -> NDArray[np.bool_]:
    """Which lines may carry `seen` or a digest's fields, told from their ends alone: few others are among them."""
    long = lines.sizes >= _SHORTEST
    starts = np.where(long, lines.starts, 0)
    found = _stands(lines.data, np.where(long, lines.starts + lines.sizes - len(_ENDING), 0), _ENDING)
    for opening in _OPENINGS:
        found |= np.logical_and.reduce([_stands(lines.data, starts + at, text) for at, text in opening])
    return found & long


def _stands(data: NDArray[np.uint8], at: NDArray[np.int64], text: bytes) -> NDArray[np.bool_]:
    found = np.ones(len(at), np.bool_)
    for place, byte in enumerate(text):
        rest = np.flatnonzero(found)
        found[rest] = data[at[rest] + place] == byte
    return found


def is_parsed(record: Record) -> bool:
    """Whether a record has a digest's fields, in their order and before all others."""
    return tuple(record)[: len(DIGEST_FIELDS)] == DIGEST_FIELDS


def entries(record: Record, place: Place) -> list[Any]:
    """Where a record was seen: what it says itself, or where it stands."""
    known = record.get(SEEN)
    if isinstance(known, list) and known:
        return known
    source, line = (record["source"], record["line"]) if is_parsed(record) else place
    return [{"source": source, "line": line, "digest_date": record.get("digest_date")}]


def gained(raw: bytes, record: Record, own: int, members: Iterable[tuple[Record, Place]]) -> list[Any] | None:
    """What a kept record gains.

    Args:
        raw: Its bytes.
        record: The same, decoded.
        own: Its place among the members.
        members: Itself and the records that it stands for, in input order, each with its place.

    Returns:
        Entries to add to its `seen`, or its first ones where it has none; None where it keeps its bytes.
    """
    known = record.get(SEEN)
    if SEEN in record:
        if not (isinstance(known, list) and tuple(record)[-1] == SEEN and raw.endswith(b"]}")):
            return None
        found = [entry for at, member in enumerate(members) if at != own for entry in entries(*member)]
        return _distinct(found, known)
    if not is_parsed(record) or not raw.endswith(b"}"):
        return None
    return _distinct([entry for member in members for entry in entries(*member)], [])


def _distinct(found: list[Any], known: list[Any]) -> list[Any]:
    told = dict.fromkeys(map(orjson.dumps, known))
    new = {orjson.dumps(entry): entry for entry in found}
    return [entry for key, entry in new.items() if key not in told]


def grown(raw: bytes, record: Record, added: list[Any]) -> bytes:
    """The record with what it gained at its end."""
    if SEEN not in record:
        return raw[:-1] + _ADDED + orjson.dumps(added) + b"}"
    if not added:
        return raw
    comma = b"," if record[SEEN] else b""
    return raw[:-2] + comma + orjson.dumps(added)[1:-1] + b"]}"


def without_all(raw: bytes) -> bytes:
    """The record before it gained a `seen`.

    Raises:
        ValueError: It has none.
    """
    at = raw.rfind(_ADDED)
    if at < 0:
        raise ValueError("a kept record has lost its seen")
    return raw[:at] + b"}"


def without_last(raw: bytes, count: int) -> bytes:
    """The record before its `seen` gained so many entries.

    Raises:
        ValueError: It does not end with them.
    """
    known = orjson.loads(raw).get(SEEN)
    if not isinstance(known, list) or not 0 < count <= len(known):
        raise ValueError("a kept record has lost some of its seen")
    comma = b"," if count < len(known) else b""
    ending = comma + orjson.dumps(known[-count:])[1:-1] + b"]}"
    if not raw.endswith(ending):
        raise ValueError("a kept record has another seen than the run wrote")
    return raw[: -len(ending)] + b"]}"
