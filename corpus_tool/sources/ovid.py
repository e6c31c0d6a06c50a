"""Ovid's tagged format, one for all of its databases: `<1. >`, `VN  - Ovid Technologies`, `TI  - ...`.

It looks like MEDLINE's, and its tags mean other things: `IS` is an ISSN in both, `UI` a number of the database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import bibliography
from .bibliography import Building, Schema, Unplaced
from .printed_source import published_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper, Record

    from .bibliography import Entry

NAME = "ovid"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)", re.DOTALL)
_NUMBER = re.compile(r"<\d{1,9} ?\. ?>")
_MAKER = re.compile(r"Ovid Technologies\b")

_PARTS = {"venue": "JN", "year": "YR", "volume": "VI", "issue": "IP", "pages": "PG"}


def _mend(values: dict[str, list[str]], _: Record) -> None:
    """Without tags of their own, volume and pages stand in the source."""
    told = published_in(" ".join(values.get("SO", [])))
    for name, tag in _PARTS.items():
        if name in told and not any(values.get(each) for each in SCHEMA.one[name]):
            values[tag] = [told[name]]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("TI", "TT", "OT"),
        "abstract": ("AB",),
        "year": ("YR", "DP", "PY"),
        "venue": ("JN", "JT", "JA", "TA"),
        "volume": ("VI", "VO"),
        "issue": ("IP",),
        "pages": ("PG",),
        "doi": ("DO", "DI"),
        "pmid": ("PM",),
        "publisher": ("PB",),
        "language": ("LG",),
    },
    several={
        "authors": ("FA", "AU"),
        "keywords": ("KW",),
        "mesh": ("MH",),
        "type": ("PT",),
        "issn": ("IS",),
        "affiliations": ("IN",),
    },
    addresses=("UR", "XL"),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether the first record names Ovid in its first lines."""
    lines = [line.strip() for line in head.splitlines() if line.strip()][:4]
    if lines and _NUMBER.fullmatch(lines[0]):
        del lines[0]
    found = _LINE.fullmatch(lines[0]) if lines else None
    return found is not None and found[1] == "VN" and _MAKER.match(found[2]) is not None


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    building: Building | None = None
    unplaced = Unplaced("Ovid's tagged format", "VN  - Ovid Technologies")
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        begins = found is not None and found[1] == "VN"
        if building and (begins or _NUMBER.fullmatch(line.strip())):
            yield building.entry()
            building = None
        if found and (building or begins):
            if building is None:
                yield from unplaced.give()
                building = Building(number, frozenset({"IN"}))
            building.add(found[1], found[2])
        elif building and line.strip():
            building.more(line)
        elif line.strip() and not _NUMBER.fullmatch(line.strip()):
            unplaced.add(number, line)
    if building:
        yield building.entry()
    yield from unplaced.give(entry=False)
