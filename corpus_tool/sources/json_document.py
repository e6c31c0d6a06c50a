"""JSON that is no JSON Lines: an array, one object with lists of papers inside, or objects over several lines each.

The text is parted into the array's elements, or its objects, as it arrives, and each is decoded by itself: one is held
at a time, and a bad one is told of by its line. Objects that hold papers become papers, wherever in them these stand;
an array of other objects is an array of records, each kept as one line.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .decoding import HEAD
from .faults import Plain, Unusable
from .json_nested import Nested
from .json_units import Unit, units

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "json"
EMPTY = "JSON without any records: there is nothing in it to read"

_DECODER = json.JSONDecoder()
_LOOKED_AT = 100
"""Units that are looked at to see whether they are papers or other records."""
_OWN_TEXTS = ("title", "text", "content", "abstract", "body", "id")


def detect(head: str) -> bool:
    """Whether a text is JSON, but not one object a line."""
    text = head.lstrip("\ufeff \t\r\n")
    if text[:1] not in ("[", "{"):
        return False
    value, end = _beginning(text, len(head) >= HEAD // 2)
    if end is None:
        return False
    whole, rest = text[:end], text[end:].lstrip(" \t\r")
    if text[0] == "[":
        return not rest.strip() or not rest.startswith("\n") or "\n" in whole
    if "\n" in whole.rstrip():
        return True
    if end == len(text) and value is None:
        return _opens_list(text)
    if rest.startswith("{"):
        return True
    return not rest.strip() and isinstance(value, dict) and Nested(value, []).is_container()


def _beginning(text: str, cut: bool) -> tuple[Any, int | None]:
    """The value that a text begins with and where it ends; None and the text's length where the text ends within it.

    The end is None where the text is not JSON.
    """
    try:
        return _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        size = len(text.rstrip())
        if error.pos >= size - (10 if cut else 0) or error.msg.startswith("Unterminated"):
            return None, len(text)
        return None, None
    except (RecursionError, ValueError):
        return None, len(text)


def _opens_list(text: str) -> bool:
    """Whether an object that is cut holds a list of objects before it holds a text of its own."""
    at = text.find("[{")
    at = at if at >= 0 else text.find("[ {")
    return at >= 0 and not any(f'"{name}"' in text[:at] for name in _OWN_TEXTS[:5])


def read(stream: BinaryIO, name: str, encoding: str) -> Iterator[Paper | Leftover | Plain | Unusable]:
    """The papers, or the records, in the order in which they stand.

    Raises:
        InputError: The text is no JSON, ends within a value, or holds neither papers nor records.
    """
    held: list[tuple[Unit, Any]] = []
    papers: bool | None = None
    for unit in units(stream, name, encoding):
        if unit.fault:
            yield Unusable(unit.line, unit.fault, unit.data)
            continue
        try:
            value = _decoded(unit.data)
        except ValueError as error:
            yield Unusable(unit.line, f"not JSON: {error}", unit.data)
            continue
        held.append((unit, value))
        if papers is None and len(held) < _LOOKED_AT:
            papers = True if next(iter(Nested(value, unit.braces)), None) is not None else None
            if papers is None:
                continue
        yield from _items(held, bool(papers))
        papers, held = bool(papers), []
    if papers is None and len(held) == 1 and not held[0][0].in_array:
        _refuse(*held[0], name)
        return
    yield from _items(held, bool(papers))


def _decoded(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(data.decode("utf-8", "surrogatepass"))
        except RecursionError:
            raise ValueError("nested too deeply") from None
        except ValueError:
            raise ValueError(f"{strict.msg} (line {strict.lineno} of it, column {strict.colno})") from None


def _items(held: list[tuple[Unit, Any]], papers: bool) -> Iterator[Paper | Leftover | Plain | Unusable]:
    first = True
    for unit, value in held:
        if not papers:
            if isinstance(value, dict):
                yield Plain(unit.line, orjson.dumps(value) if b"\n" in unit.data else unit.data, value)
            else:
                yield Unusable(unit.line, "a list where an object is wanted", unit.data)
            continue
        found = False
        for item in Nested(value, unit.braces):
            found, first = True, False
            yield item
        if not found:
            yield Leftover(unit.line, unit.data.decode("utf-8", "replace"), "an object without a paper")


def _refuse(unit: Unit, value: Any, name: str) -> None:
    """One object without papers: an empty list in it is nothing to read, else it is no collection."""
    lists = [each for each in value.values() if isinstance(each, list)] if isinstance(value, dict) else []
    if not value or (lists and not any(lists)):
        return
    raise InputError(
        "one JSON object in which no papers are recognised; if it holds records in a list, write them one a line "
        f"(jq -c '.LIST[]' {name})",
        path=name,
        line=unit.line,
    )
