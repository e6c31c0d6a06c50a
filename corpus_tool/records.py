"""What flows between the stages: papers as printed, and batches of records as read.

Field names of the record stand here and nowhere else. This module imports nothing heavy: `parse` depends on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, Any]
"""One JSON object."""

DIGEST_FIELDS = ("id", "title", "abstract", "digest_date", "date", "source", "line", "position", "links")
"""The fields of a record that came from a digest, in the order in which they are written."""


_JOINERS = re.compile(r"[\s_:-]+")


def bare_name(key: str) -> str:
    """A key as names of fields are compared: without case, blanks, `_`, `-` and `:`."""
    return _JOINERS.sub("", key.lower())


def dotted(record: Record, path: str) -> Any:
    """The value at a dotted path, None where there is none: the one way in which options name a field.

    A key of that very name comes first. Else each part is a key of an object, or a place in a list (`authors.0`); any
    other part is read of every object in the list (`authors.name`), and gives the list of what is there.
    """
    if path in record:
        return record[path]
    value: Any = record
    for part in path.split("."):
        value = _inner(value, part)
    return value


def _inner(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if not isinstance(value, list):
        return None
    if part.isdecimal():
        place = int(part[:20])
        return value[place] if place < len(value) else None
    found = [inner for each in value if (inner := _inner(each, part)) is not None]
    return found or None


@dataclass(slots=True)
class Paper:
    """One paper as a digest prints it.

    Attributes:
        title: On one line, as printed.
        abstract: Paragraphs joined by a newline; empty where the digest has none.
        line: The 1-based line where the title stands.
        digest_date: The date of the digest as printed ("Mar 13"), or None.
        date: ISO date of the digest where the year is printed, or None.
        links: The URLs that stand in the paper's text, in order, each once.
        extra: Further fields that the format prints (authors, arxiv, categories, ...), by record field name.
        opens_digest: Whether it is the first paper of its digest, so that positions count from one again.
    """

    title: str
    abstract: str
    line: int
    digest_date: str | None = None
    date: str | None = None
    links: list[str] = field(default_factory=list)
    extra: Record = field(default_factory=dict)
    opens_digest: bool = False


@dataclass(slots=True)
class Leftover:
    """Text of a digest that a parser could not place: reported, never dropped in silence."""

    line: int
    text: str
    why: str


@dataclass(slots=True)
class Batch:
    """Consecutive records of one source.

    Attributes:
        source: The source's name as given.
        lines: 1-based line of each record in the source.
        raws: Each record's own bytes, without the newline.
        records: The same, decoded.
        digest: Whether the records were parsed from a digest (they gain `seen`).
    """

    source: str
    lines: Sequence[int]
    raws: list[bytes]
    records: list[Record]
    digest: bool = False
