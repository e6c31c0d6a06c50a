"""JSON that is no JSON Lines: an array, one object with lists of papers inside, or objects over several lines each.

The text is parted into the array's elements, or its objects, as it arrives, and each is decoded by itself: one is held
at a time, and a bad one is told of by its line. Objects that hold papers become papers, wherever in them these stand;
an array of other objects is an array of records, each kept as one line.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from corpus_tool.errors import InputError, UnknownForm
from corpus_tool.records import Leftover, Paper

from .decoding import HEAD
from .embedded import embedded
from .faults import Plain, Unusable
from .json_nested import Nested
from .json_units import Unit, units

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "json"
EMPTY = "JSON without any records: there is nothing in it to read"

_OPENING = re.compile(r'\[\s*+\{\s*+"|\{[ \t\r]*+\n\s*+"(?:[^"\\\n]|\\.){0,200}+"\s*+:')
"""How an array of objects begins, and an object over several lines: told of as such even where they are damaged."""
_DECODER = json.JSONDecoder()
_LOOKED_AT = 100
"""Units that are looked at to see whether they are papers or other records."""
_OWN_TEXTS = ("title", "text", "content", "abstract", "body")


def detect(head: str) -> bool:
    """Whether a text is JSON, but not one object a line."""
    text = head.lstrip("\ufeff \t\r\n")
    if text[:1] not in ("[", "{"):
        return False
    value, end = _beginning(text, len(head) >= HEAD // 2)
    if end is None:  # damaged further on, perhaps
        return _OPENING.match(text) is not None
    whole, rest = text[:end], text[end:].lstrip(" \t\r")
    if text[0] == "[":
        return not rest.strip() or ("{" in whole and ("\n" in whole or not rest.startswith("\n")))
    if "\n" in whole.rstrip():
        return True
    if end == len(text) and value is None:
        return _opens_list(text)
    if rest.startswith("{"):
        return True
    if rest.strip() or not isinstance(value, dict):
        return False
    return _is_empty(value) or Nested(value, [], embedded).is_container()


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
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        first = text.partition("\n")[0]
        return None, len(first) if first.rstrip().endswith(("}", "]")) else len(text)


def _opens_list(text: str) -> bool:
    """Whether an object that is cut holds a list of objects before it holds a text of its own."""
    at = max(text.find("[{"), text.find("[ {"))
    return at >= 0 and not any(f'"{name}"' in text[:at] for name in _OWN_TEXTS)


def _is_empty(value: dict[str, Any]) -> bool:
    """Whether an object is the answer of a day without papers: lists, all empty, and no text of its own."""
    lists = [each for each in value.values() if isinstance(each, list)]
    return bool(lists) and not any(lists) and not any(value.get(name) for name in _OWN_TEXTS)


def read(stream: BinaryIO, name: str, encoding: str) -> Iterator[Paper | Leftover | Plain | Unusable]:
    """The papers, or the records, in the order in which they stand.

    Raises:
        InputError: The text is no JSON, ends within a value, or holds neither papers nor records.
    """
    held: list[tuple[Unit, Any]] = []
    papers: bool | None = None
    objects = False
    fault: InputError | None = None
    for unit in _until_fault(units(stream, name, encoding)):
        if isinstance(unit, InputError):
            fault = unit
            break
        value = None if unit.fault else _decoded(unit)
        held.append((unit, value))
        objects = objects or not unit.fault
        looking = papers is None and len(held) < _LOOKED_AT
        if looking and next(iter(Nested(value, unit.braces, embedded)), None) is None:
            continue
        papers = papers if papers is not None else len(held) < _LOOKED_AT
        yield from _items(held, papers)
        held = []
    if fault is None and papers is None and len(held) == 1 and not held[0][0].in_array:
        _refuse(*held[0], name)
        return
    if held and not objects:
        unit = held[0][0]
        raise InputError(f"JSON without objects: {unit.fault}", path=name, line=unit.line)
    yield from _items(held, bool(papers))
    if fault is not None:
        raise fault


def _until_fault(found: Iterator[Unit]) -> Iterator[Unit | InputError]:
    """Units, and at their end what was wrong with the text: those before it are read."""
    try:
        yield from found
    except InputError as error:
        yield error


def _decoded(unit: Unit) -> Any:
    """The value of a unit; None, and its fault, where it is not JSON after all."""
    try:
        return orjson.loads(unit.data)
    except orjson.JSONDecodeError as strict:
        try:
            return json.loads(unit.data.decode("utf-8", "surrogatepass"))
        except RecursionError:
            unit.fault = "JSON nested too deeply to read"
        except UnicodeDecodeError as error:
            from corpus_tool.lines.charsets import advice  # for what is seldom met

            unit.fault = f"byte 0x{unit.data[error.start]:02x} in it is not UTF-8; {advice(unit.data)}"
        except ValueError:
            unit.fault = f"not JSON: {strict.msg} (line {strict.lineno} of it, column {strict.colno})"
        return None


def _items(held: list[tuple[Unit, Any]], papers: bool) -> Iterator[Paper | Leftover | Plain | Unusable]:
    for unit, value in held:
        if unit.fault:
            yield Unusable(unit.line, unit.fault, unit.data)
        elif papers:
            found = False
            for item in Nested(value, unit.braces, embedded):
                found = True
                yield item
            if not found:
                yield Leftover(unit.line, unit.data.decode("utf-8", "replace"), "an object without a paper")
        elif isinstance(value, dict):
            yield Plain(unit.line, _one_line(unit.data, value), value)
        else:
            yield Unusable(unit.line, "a list in an array of which objects are wanted", unit.data)


def _one_line(data: bytes, value: Any) -> bytes:
    """A record as one line: its own bytes, where they are one."""
    if b"\n" not in data and b"\r" not in data:
        return data
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):  # numbers and surrogates that only the standard library knows
        return json.dumps(value).encode()


def _refuse(unit: Unit, value: Any, name: str) -> None:
    """One object without papers: an empty list in it is nothing to read, else it is no collection."""
    if unit.fault:
        raise InputError(unit.fault, path=name, line=unit.line)
    if not value or (isinstance(value, dict) and _is_empty(value)):
        return
    raise UnknownForm(
        "one JSON object in which no papers are recognised; if it holds records in a list, write them one a line "
        f"(jq -c '.LIST[]' {name})",
        path=name,
        line=unit.line,
    )
