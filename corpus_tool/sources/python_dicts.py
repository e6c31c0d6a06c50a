"""Lines that are Python's dicts (`{'title': …}`), as `print` and `str` leave them in files named `.jsonl`.

They are read as literals: nothing in them is run. A line is looked at by a pattern first, which knows brackets,
strings, numbers and the three constants, so that the parser of Python never meets anything else.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, Any

import orjson

from .faults import Plain, Unusable
from .json_nested import Nested

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper

NAME = "python-dicts"

_STRING = r"[bBuUrR]{0,2}(?:'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\")"
_LITERAL = re.compile(
    rf"(?:{_STRING}|[-+]?[\d.][\w.]{{0,400}}|True|False|None|nan|inf|[\[\](){{}},:]|\s++)*+"
)
_BRACKETS = re.compile(rf"{_STRING}|[\[({{]|[\])}}]")
_OPENING = re.compile(r"\{\s*'(?:[^'\\\n]|\\.){0,200}+'\s*:")
_DEEPEST = 50
_LONGEST = 1 << 24


def detect(head: str) -> bool:
    """Whether the first line opens a dict of Python: with a key in single quotes, as JSON never has one."""
    return _OPENING.match(head.lstrip("\ufeff \t\r\n")) is not None


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover | Plain | Unusable]:
    """The papers or records of the lines, one a line.

    Args:
        lines: The text without line ends.
    """
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        try:
            value = _literal(text)
        except ValueError as error:
            yield Unusable(number, f"not a dict of Python: {error}", text.encode("utf-8", "surrogatepass"))
            continue
        items = list(Nested(value, [number] * 4))
        yield from items
        if not items:
            raw = orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)
            yield Plain(number, raw, orjson.loads(raw))


def _literal(text: str) -> dict[str, Any]:
    """The dict that a text shows.

    Raises:
        ValueError: It shows none; the message says why.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"the line has over {_LONGEST >> 20} MiB")
    if not text.startswith("{") or _LITERAL.fullmatch(text) is None:
        raise ValueError("it holds more than literals")
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}.get(match.group(), 0)
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(str(error).split("\n")[0][:100]) from None
    if not isinstance(value, dict):
        raise ValueError(f"it is a {type(value).__name__}")
    return value
