"""Papers inside of a JSON value, in document order: in lists, under keys, in a text that holds a whole feed.

What surrounds papers (a digest's own title and date, counts, settings) is no paper: an object counts as one only
where no list in it holds papers, or where it has all that papers have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.records import Paper

from .dates import iso_date
from .json_paper import is_surely_paper, paper_of
from .links import arxiv_id
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from corpus_tool.records import Leftover

    Embedded = Callable[[str], Iterator[Paper | Leftover]]

_DEEPEST = 60
_LONGEST_ROW = 4000
_WHOLE = 200
"""Characters from which on a text may be a whole feed or page that an answer's `body` holds."""
_ROW = re.compile(
    r"[|\-\s]*\*{0,2}(\d{4}-\d\d-\d\d)\*{0,2}[|,]\s*\*\*(.{3,400}?)\*\*[|,]\s*([^|\[\]]{0,2000}?)(?:[|,]\s*[^|]{0,20}\[|\|)"
)
_DAY = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)")
_DAY_KEYS = ("date", "day", "digest_date", "日期")
_TARGET = re.compile(r"\]\((https?://[^\s()]++)\)")


class Nested:
    """The papers of one value.

    Args:
        value: As decoded.
        lines: The line of each object in it, in the order of their opening braces.
        embedded: Reads a text that is a whole feed or page; without it such texts are left alone.
    """

    def __init__(self, value: Any, lines: Sequence[int], embedded: Embedded | None = None) -> None:
        self._value = value
        self._lines = lines
        self._embedded = embedded
        self._objects = 0

    def __iter__(self) -> Iterator[Paper | Leftover]:
        self._objects = 0
        yield from self._in(self._value, 0)

    def is_container(self) -> bool:
        """Whether there are papers inside of it rather than the value itself being one."""
        first = next(iter(self), None)
        return first is not None and (not isinstance(first, Paper) or paper_of(self._value, 1) != first)

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
        line = self._line()
        paper = paper_of(value, line)
        if paper is None:
            own = next((day for name in _DAY_KEYS if (day := _day(value.get(name)))), None)
            for key, each in value.items():
                for item in self._in_field(key, each, line, depth):
                    yield _of_day(item, _day(key) or own)
        elif is_surely_paper(paper):
            self._objects += sum(map(_objects_in, value.values()))
            yield paper
        else:
            inner = [
                (item, isinstance(each, list))
                for key, each in value.items()
                for item in self._in_field(key, each, line, depth)
            ]
            listed = any(in_list for _, in_list in inner)
            yield from ((item for item, _ in inner) if listed else (paper,))

    def _in_field(self, key: str, value: Any, line: int, depth: int) -> Iterator[Paper | Leftover]:
        if not isinstance(value, str):
            yield from self._in(value, depth + 1)
            return
        row = _ROW.match(value) if len(value) < _LONGEST_ROW and "**" in value else None
        if row:
            yield _of_row(key, row, value, line)
            return
        start = value[:_WHOLE].lstrip()[:1] if len(value) >= _WHOLE else ""
        items: Iterator[Paper | Leftover] = iter(())
        if start in ("{", "["):
            items = self._in_json(value, depth)
        elif start == "<" and self._embedded is not None:
            items = self._embedded(value)
        for item in items:
            item.line = line
            yield item

    def _in_json(self, text: str, depth: int) -> Iterator[Paper | Leftover]:
        try:
            value = orjson.loads(text)
        except ValueError:
            return
        yield from Nested(value, [], self._embedded)._in(value, depth + 1)


def _day(value: object) -> str | None:
    """A day in ISO form, where a value is that and no more than a time of it beside."""
    match = _DAY.match(value) if isinstance(value, str) else None
    return iso_date(match.group()) if match else None


def _of_day(item: Paper | Leftover, day: str | None) -> Paper | Leftover:
    """What a digest holds, with the day of the digest where it has none of its own."""
    if isinstance(item, Paper) and item.digest_date is None and day is not None:
        item.digest_date = item.date = day
    return item


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


def _of_row(key: str, row: re.Match[str], text: str, line: int) -> Paper:
    """The paper of a row such as `|**date**|**title**|authors|[id](link)|code|`."""
    date, title, authors = row.groups()
    links = list(dict.fromkeys(_TARGET.findall(text)))
    paper = Paper(" ".join(title.split()), "", line, links=links)
    named = next((found for found in map(arxiv_id, links) if found), None)
    arxiv = named or (key if arxiv_id(f"arxiv.org/abs/{key}") else None)
    extra = {"arxiv": arxiv, "published": date, "authors": author_names(authors)}
    paper.extra.update((name, value) for name, value in extra.items() if value)
    return paper
