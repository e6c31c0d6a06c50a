"""EndNote's tagged format (`.enw`, the older refer): `%0 Journal Article`, `%A` an author, `%T` the title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import bibliography
from .bibliography import Schema
from .tagged import Tags, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper

    from .bibliography import Building

NAME = "endnote"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"(%[0-9A-Za-z!#$&()*+<=>?@\[\]^~])(?:[ \t]+(.*)|)", re.DOTALL)
_OPENERS = frozenset({"%T", "%A", "%F"})
_USUAL = frozenset({"%0", "%A", "%T", "%J", "%D", "%F", "%X", "%B"})

SCHEMA = Schema(
    NAME,
    one={
        "title": ("%T", "%Q", "%!"),
        "abstract": ("%X",),
        "year": ("%D", "%8"),
        "venue": ("%J", "%B", "%S"),
        "volume": ("%V",),
        "issue": ("%N",),
        "pages": ("%P",),
        "doi": ("%R",),
        "publisher": ("%I",),
        "language": ("%G",),
        "type": ("%0",),
    },
    several={
        "authors": ("%A",),
        "editors": ("%E",),
        "keywords": ("%K",),
        "issn": ("%@",),
        "affiliations": ("%+",),
    },
    addresses=("%U", "%>"),
)


def detect(head: str) -> bool:
    """Whether the text opens with tags of this format; a comment of TeX begins with a blank or a word."""
    lines = [line for line in head.splitlines() if line.strip()][:12]
    tags = [found[1] for line in lines if (found := _LINE.fullmatch(line))]
    first = _LINE.fullmatch(lines[0]) if lines else None
    return first is not None and first[1] in _USUAL and len(_USUAL.intersection(tags)) >= min(3, len(lines))


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(entries(lines, _TAGS), SCHEMA)


def _begins(tag: str, building: Building, after_blank: bool) -> bool:
    """Whether a tag begins another entry: the kind, or what the one before began with, comes again.

    An entry may begin with its title and say its kind only then, or never; an abstract may hold empty lines.
    """
    if tag == "%0":
        return after_blank or building.has(tag)
    if tag == building.opened_with and tag in _OPENERS:
        return after_blank or tag == "%T"
    return after_blank and building.has("%T") and not building.has("%0")


_TAGS = Tags(
    "EndNote's tagged format",
    "%0 Journal Article",
    _LINE,
    _begins,
    lists=frozenset({"%K", "%+", "%@"}),
)
