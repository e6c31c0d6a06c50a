"""MEDLINE, the tagged format of PubMed (`.nbib`): `PMID- 123`, texts that go on six blanks in, empty lines between."""

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

NAME = "medline"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"([A-Z][A-Z0-9 ]{3})-\s?(.*)", re.DOTALL)
_MARKED = re.compile(r"(.*\S)\s*\[(doi|pii|pmc|pmcid|arxiv)\]", re.IGNORECASE | re.DOTALL)
_OPENS = 6
_ELSEWHERE = re.compile(r"(?:Publisher: )?Abstract available from", re.IGNORECASE)
_BETWEEN = re.compile(r"</?pre>|\d{1,9}[.:]")


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """Article identifiers say in brackets what they are; that an abstract is elsewhere is none."""
    if not any(_ELSEWHERE.match(text) for text in values.get("OAB", ())) and not values.get("AB"):
        values["AB"] = values.pop("OAB", [])
    for tag in ("AID", "LID"):
        for text in tuple(values.get(tag, ())):
            marked = _MARKED.fullmatch(text)
            if marked and marked[2].lower() == "doi" and extra.get("doi", marked[1]) == marked[1]:
                extra["doi"] = marked[1]
                values[tag].remove(text)


SCHEMA = Schema(
    NAME,
    one={
        "title": ("TI", "BTI", "TT"),
        "abstract": ("AB",),
        "year": ("DP",),
        "venue": ("JT", "TA", "BTI"),
        "volume": ("VI",),
        "issue": ("IP",),
        "pages": ("PG",),
        "pmid": ("PMID",),
        "pmcid": ("PMC",),
        "language": ("LA",),
    },
    several={
        "authors": ("FAU", "AU"),
        "keywords": ("OT",),
        "mesh": ("MH",),
        "type": ("PT",),
        "issn": ("IS",),
        "affiliations": ("AD",),
    },
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether the first lines carry PubMed's tags, its own number among them."""
    lines = [line for line in head.splitlines() if line.strip() and not _BETWEEN.fullmatch(line.strip())][:40]
    tags = [found[1].strip() for line in lines if (found := _LINE.fullmatch(line))]
    opening = [_LINE.fullmatch(line) is not None for line in lines[:2]]
    return all(opening) and len(tags) >= 3 and "PMID" in tags[:_OPENS]


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(entries(lines, _TAGS), SCHEMA)


def _begins(tag: str, building: Building, after_blank: bool) -> bool:
    """Whether a tag begins another entry: one that has its number ends at an empty line, or at another number."""
    return building.has("PMID") and (after_blank or tag == "PMID")


_TAGS = Tags(
    "MEDLINE",
    "PMID- 12345678",
    _LINE,
    _begins,
    goes_on=lambda line: line.startswith(" "),
    ignored=lambda line: _BETWEEN.fullmatch(line.strip()) is not None,
    wrapped=True,
)
