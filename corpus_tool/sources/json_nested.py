"""Papers inside of a JSON value, in document order: in lists, under keys, in objects around them, in texts that hold a feed.

What surrounds papers (a digest's own title and date, counts, settings) is no paper: an object counts as one only where no
list in it holds papers, or where it has all that papers have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .json_paper import is_surely_paper, paper_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DEEPEST = 60
_EMBEDDED = 200
"""Characters from which on a text may be a whole feed or page that an answer's `body` holds."""
_ROW = re.compile(
    r"[|\-\s]*\*{0,2}(\d{4}-\d\d-\d\d)\*{0,2}[|,]\s*\*\*(.{3,400}?)\*\*[|,]\s*([^|\[\]]{0,2000}?)(?:[|,]\s*[^|]{0,20}\[|\|)"
)
_TARGET = re.compile(r"\]\((https?://[^\s()]++)\)")


class Nested:
    """The papers of one value.

    Args:
        value: As decoded.
        lines: The line of each object in it, in the order of their opening braces.
    """

    def __init__(self, value: Any, lines: Sequence[int]) -> None:
        self._value = value
        self._lines = lines
        self._objects = 0

    def __iter__(self) -> Iterator[Paper | Leftover]:
        self._objects = 0
        yield from self._in(self._value, 0)

    def is_container(self) -> bool:
        """Whether there are papers inside of it rather than the value itself being one."""
        first = next(iter(self), None)
        return first is not None and self._objects > 1

    def _line(self) -> int:
        at = self._objects - 1
        return self._lines[at] if 0 <= at < len(self._lines) else (self._lines[0] if self._lines else 1)

    def _in(self, value: Any, depth: int) -> Iterator[Paper | Leftover]:
        if depth > _DEEPEST:
            return
        if isinstance(value, dict):
            self._objects += 1
            yield from self._in_object(value, depth)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, (dict, list)):
                    yield from self._in(each, depth + 1)

    def _in_object(self, value: Mapping[str, Any], depth: int) -> Iterator[Paper | Leftover]:
        line, counted = self._line(), self._objects
        paper = paper_of(value, line)
        if paper is not None and (is_surely_paper(paper) or not self._has_inner(value, depth)):
            self._objects = counted + sum(map(_objects_in, value.values()))
            yield paper
            return
        self._objects = counted
        for key, each in value.items():
            if isinstance(each, str):
                yield from _embedded(key, each, line, depth)
            else:
                yield from self._in(each, depth + 1)

    def _has_inner(self, value: Mapping[str, Any], depth: int) -> bool:
        """Whether a list of objects in a value, or in one of its objects, holds papers."""
        lists = [
            each for each in value.values() if isinstance(each, list) and each and isinstance(each[0], dict)
        ]
        return any(next(Nested(each, [])._in(each, depth + 1), None) is not None for each in lists)


def _objects_in(value: Any) -> int:
    """How many objects a value holds, itself included."""
    count, todo = 0, [value]
    while todo:
        each = todo.pop()
        if isinstance(each, dict):
            count += 1
            todo += each.values()
        elif isinstance(each, list):
            todo += each
    return count


def _embedded(key: str, text: str, line: int, depth: int) -> Iterator[Paper | Leftover]:
    """Papers of a feed, a page or JSON that stands in a text, or of a row of a Markdown table; all on the object's line."""
    row = _ROW.match(text) if len(text) < 4000 and "**" in text else None
    if row:
        yield _of_row(key, row, text, line)
        return
    start = text[:_EMBEDDED].lstrip()
    if len(text) < _EMBEDDED or start[:1] not in ("<", "{", "["):
        return
    for item in _of_text(start[0], text, depth):
        item.line = line
        yield item


def _of_text(first: str, text: str, depth: int) -> Iterator[Paper | Leftover]:
    from . import feed

    if first != "<":
        try:
            yield from Nested(orjson.loads(text), [])._in(orjson.loads(text), depth + 1)
        except ValueError:
            return
    elif feed.detect(text[: 1 << 16]):
        try:
            yield from feed.parse(text.split("\n"))
        except InputError as error:
            yield Leftover(1, text[:200], f"a feed inside of JSON cannot be read: {error.message}")
    else:
        from . import html_page

        if html_page.detect(text[: 1 << 16]):
            yield from html_page.papers(text)


def _of_row(key: str, row: re.Match[str], text: str, line: int) -> Paper:
    """The paper of a row such as `|**date**|**title**|authors|[id](link)|code|`."""
    from .links import arxiv_id
    from .names import author_names

    date, title, authors = row.groups()
    links = list(dict.fromkeys(_TARGET.findall(text)))
    paper = Paper(" ".join(title.split()), "", line, links=links)
    named = next((found for found in map(arxiv_id, links) if found), None)
    extra = {"arxiv": named or (key if arxiv_id(f"arxiv.org/abs/{key}") else None), "published": date}
    extra["authors"] = author_names(authors)  # type: ignore[assignment]
    paper.extra.update((name, value) for name, value in extra.items() if value)
    return paper
