"""The front matter of a page: the YAML between `---` lines, as far as generators of notes write it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = re.compile(r"([^\W\d][\w .-]{0,40}?)[ \t]{0,8}:(?:[ \t]+(.*)|$)")
_ITEM = re.compile(r"[ \t]{0,8}-[ \t]+(.*)")
_NESTED_NAME = re.compile(r"name:[ \t]*(.*)")
_INLINE = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^,\[\]]+")
_LONGEST = 400
_BLOCK = re.compile(r"[|>][+-]?\d?")


def split_front_matter(lines: Sequence[str]) -> tuple[dict[str, list[str]], int]:
    """The values of each key of a page's front matter, and how many lines it takes (0 where there is none)."""
    start = next((index for index, line in enumerate(lines[:20]) if line.strip()), 0)
    if not lines or lines[start].strip() != "---":
        return {}, 0
    behind = range(start + 1, min(len(lines), _LONGEST))
    end = next((index for index in behind if lines[index].strip() in ("---", "...")), 0)
    if not end:
        return {}, 0
    inner = lines[start + 1 : end]
    values = _json(inner) if inner and inner[0].strip() == "{" else _values(inner)
    return (values, end + 1) if values and (inner[0].strip() == "{" or _KEY.match(inner[0])) else ({}, 0)


def _json(lines: Sequence[str]) -> dict[str, list[str]]:
    """The values of front matter that is one JSON object: its texts, numbers and lists of them."""
    try:
        read = json.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return {}
    return {
        key: texts
        for key, value in read.items()
        if (
            texts := [
                str(each) for each in (value if isinstance(value, list) else [value]) if _is_plain(each)
            ]
        )
    }


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _values(lines: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    key = ""
    folded = False
    for line in lines:
        item = _ITEM.match(line)
        pair = _KEY.match(line)
        if pair and not line[:1].isspace():
            key, value = pair.group(1).strip(), (pair.group(2) or "").strip()
            folded = _BLOCK.fullmatch(value) is not None
            found[key] = [] if folded or not value else _scalars(value)
        elif key and item and not folded:
            value = item.group(1).strip()
            named = _NESTED_NAME.match(value)
            found[key] += _scalars(named.group(1) if named else value)
        elif key and line.strip() and (folded or line[:1].isspace()):
            found[key] = [" ".join([*found[key], line.strip()])] if folded or not item else found[key]
    return found


def _scalars(value: str) -> list[str]:
    if value.startswith("[") and value.endswith("]"):
        return [text for part in _INLINE.findall(value[1:-1]) if (text := _unquoted(part.strip()))]
    text = _unquoted(value)
    return [text] if text else []


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        inner = value[1:-1]
        return (
            inner.replace('\\"', '"').replace("\\\\", "\\") if value[0] == '"' else inner.replace("''", "'")
        )
    return value
