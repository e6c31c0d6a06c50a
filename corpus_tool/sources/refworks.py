"""RefWorks' tagged format, which CNKI writes as well: `RT Journal Article`, `A1` an author, `T1` the title."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import bibliography
from .bibliography import Schema
from .tagged import Tags, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper, Record

    from .bibliography import Building

NAME = "refworks"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"([A-Z][A-Z0-9]|vo)[ \t](.*)", re.DOTALL)
_USUAL = frozenset({"SR", "ID", "A1", "T1", "JF", "YR", "AB", "AD"})


def _mend(values: dict[str, list[str]], _: Record) -> None:
    """CNKI writes names and keywords on one line each, with semicolons; tags may stand in small letters."""
    for tag in [tag for tag in values if tag != tag.upper()]:
        values.setdefault(tag.upper(), []).extend(values.pop(tag))
    for tag in ("A1", "K1", "AD"):
        if texts := values.get(tag):
            values[tag] = [part for text in texts for each in text.split(";") if (part := each.strip())]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("T1", "OT", "ST"),
        "abstract": ("AB",),
        "year": ("YR", "FD"),
        "venue": ("JF", "JO", "T2", "BT"),
        "volume": ("VO",),
        "issue": ("IS",),
        "pages": ("SP", "OP"),
        "doi": ("DO",),
        "publisher": ("PB",),
        "language": ("LA",),
        "type": ("RT",),
    },
    several={
        "authors": ("A1",),
        "editors": ("A2",),
        "keywords": ("K1",),
        "issn": ("SN",),
        "affiliations": ("AD",),
    },
    addresses=("LK", "UL"),
    last_page=("OP",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether an entry of this format opens the text: its kind, and other tags in the lines below."""
    lines = [line for line in head.lstrip("\ufeff").splitlines() if line.strip()][:8]
    found = [_LINE.fullmatch(line.rstrip()) for line in lines]
    tags = [each[1].upper() if each else "" for each in found]
    return tags[:1] == ["RT"] and len(_USUAL.intersection(tags[1:])) > 1


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(entries(lines, _TAGS), SCHEMA)


def _begins(tag: str, building: Building, after_blank: bool) -> bool:
    """Whether a tag begins another entry, which its kind does."""
    return tag == "RT" and (after_blank or building.has("T1"))


_TAGS = Tags("RefWorks' tagged format", "RT Journal Article", _LINE, _begins)
