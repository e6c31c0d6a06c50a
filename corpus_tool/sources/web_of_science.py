"""Web of Science's tagged export: `FN`, `VR`, then entries from `PT` to `ER`, texts going on three blanks in, `EF`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover

from . import bibliography
from .bibliography import Building, Schema, Unplaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Paper, Record

    from .bibliography import Entry

NAME = "web-of-science"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"([A-Z][A-Z0-9])(?:[ \t](.*)|)", re.DOTALL)
_HEADER = frozenset({"FN", "VR"})
_LISTS = frozenset({"AU", "AF", "BA", "BF", "BE", "CA", "CR", "C1", "GP"})


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """Keywords stand in one text, parted by semicolons."""
    for tag in ("DE", "ID"):
        if texts := values.get(tag):
            values[tag] = [word.strip() for text in texts for word in text.split(";") if word.strip()]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("TI",),
        "abstract": ("AB",),
        "year": ("PY", "EY"),
        "venue": ("SO",),
        "volume": ("VL",),
        "issue": ("IS",),
        "pages": ("BP", "AR"),
        "doi": ("DI",),
        "pmid": ("PM",),
        "publisher": ("PU",),
        "language": ("LA",),
        "type": ("DT",),
        "page_count": ("PG",),
    },
    several={
        "authors": ("AF", "AU", "CA"),
        "editors": ("BE", "ED"),
        "keywords": ("DE",),
        "keywords_plus": ("ID",),
        "references": ("CR",),
        "affiliations": ("C1",),
        "issn": ("SN",),
    },
    last_page=("EP",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether the text opens as this export does, or with an entry of it."""
    lines = [line for line in head.splitlines() if line.strip()][:4]
    tags = [found[1] if (found := _LINE.fullmatch(line)) else "" for line in lines]
    if tags[:2] == ["FN", "VR"]:
        return True
    return len(tags) > 2 and tags[0] == "PT" and tags[1] in {"AU", "BA", "CA", "TI", "AF", "GP"}


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    building: Building | None = None
    unplaced = Unplaced("Web of Science's tagged format", "PT J")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        tag = found[1] if found else ""
        if building and tag == "ER":
            yield building.entry()
            building = None
        elif found and tag == "PT":
            yield from unplaced.give()
            if building:
                yield building.entry()
            building = Building(number, _LISTS, wrapped=True)
            building.add(tag, found[2] or "")
        elif building and found:
            building.add(tag, found[2] or "")
        elif building:
            building.more(line)
        elif tag not in _HEADER and tag != "EF":
            unplaced.add(number, line)
    if building:
        yield building.entry()
        yield Leftover(
            building.line, "PT", "the text ends within this entry, before its ER: it may be cut short"
        )
    yield from unplaced.give(entry=False)
