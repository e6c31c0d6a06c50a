"""The Cochrane Library's text export: `Record #1 of 12`, then a field a line: `AU: Okafor A`, `TI: ...`, `AB: ...`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import bibliography
from .bibliography import Building, Schema, Unplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper, Record

    from .bibliography import Entry

NAME = "cochrane"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_OPENS = re.compile(r"Record #\d{1,9} of \d{1,9}\s*")
_LINE = re.compile(
    r"(ID|AU|TI|OT|SO|YR|VL|NO|PG|PM|XR|PT|KY|DOI|AB|US|CC|DOC|DE|ST|LA|ED|GP|CT|CN):(?:[ \t]+(.*)|)",
    re.DOTALL,
)
"""A field; other words before a colon at the beginning of a line belong to an abstract."""
_NUMBER = re.compile(r"(?:PUBMED|MEDLINE)?\s*(\d{1,9})(?=,|$)")


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """Keywords stand in one text, parted by semicolons; PubMed's number says whose it is."""
    if texts := values.get("KY"):
        values["KY"] = [word.strip() for text in texts for word in text.split(";") if word.strip()]
    if (texts := values.get("PM")) and (number := _NUMBER.match(texts[0])):
        extra["pmid"] = number[1]
        if number[0] == texts[0]:
            del texts[0]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("TI", "OT"),
        "abstract": ("AB",),
        "year": ("YR",),
        "venue": ("SO",),
        "volume": ("VL",),
        "issue": ("NO",),
        "pages": ("PG",),
        "doi": ("DOI",),
        "language": ("LA",),
        "type": ("PT",),
    },
    several={"authors": ("AU",), "editors": ("ED",), "keywords": ("KY",)},
    addresses=("US",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether a record is announced, and a field follows."""
    lines = [line for line in head.splitlines() if line.strip()][:2]
    return (
        len(lines) == 2 and _OPENS.fullmatch(lines[0]) is not None and _LINE.fullmatch(lines[1]) is not None
    )


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    building: Building | None = None
    announced = False
    unplaced = Unplaced("the Cochrane Library's text export", "Record #1 of 12")
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if _OPENS.fullmatch(line):
            if building:
                yield building.entry()
            building, announced = None, True
        elif found and (building or announced):
            if building is None:
                yield from unplaced.give()
                building = Building(number)
            building.add(found[1], found[2] or "")
        elif building:
            if line.strip():
                building.more(line)
        elif line.strip():
            unplaced.add(number, line)
    if building:
        yield building.entry()
    yield from unplaced.give(entry=False)
