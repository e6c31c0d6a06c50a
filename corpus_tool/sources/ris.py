"""RIS, as databases and reference managers export it: `TY  - JOUR`, fields, `ER  - `.

Exports differ in the tags they choose, in one or two blanks before the dash, in what stands between entries
(numbers, links of the database), and in texts that go on over lines without a tag.
"""

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

NAME = "ris"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_LINE = re.compile(r"(\s{0,4})([A-Z][A-Z0-9]{1,3})( {1,2})-(?:[ \t](.*)|)", re.DOTALL)
_END = re.compile(r"\s{0,4}ER {0,2}-\s*")
_BETWEEN = re.compile(
    r"<?\d{1,9}\.? ?>?|Record #?\d+ of \d+|(?:Provider|Database|Content)\s?:.*|Link to the (?:Ovid|External) .*"
    r"|NL  - .*",
    re.IGNORECASE | re.DOTALL,
)
_PUBMED = re.compile(r"(?:PUBMED |PMID:\s?)(\d{1,9})(?=,|$)")
"""The number of PubMed as Cochrane's register and other programs give it among others."""
_DOI = re.compile(r"(?:doi\s?:?\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_DOI_TAGS = ("M3", "L3", "N1", "C7", "ID", "UR", "L2")
_MARKUP = re.compile(r"\s*(?:[#<{*/`~%]|```)")
_LISTS = frozenset({"KW", "SN"})


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """A chapter's book title is its venue; a whole book's own title may stand there instead."""
    if not any(values.get(tag) for tag in ("TI", "T1", "CT")) and values.get("BT"):
        extra["title"] = values["BT"].pop(0)
    arxiv = [
        text for text in values.get("M3", []) + values.get("C1", []) if text.lower().startswith("arxiv:")
    ]
    if arxiv:
        extra["arxiv"] = arxiv[0][6:].strip()
    if not any(values.get(tag) for tag in ("DO", "DI")):
        _doi_elsewhere(values)
    for tag in ("AN", "C3"):
        for text in values.get(tag, []):
            if "pmid" not in extra and not values.get("PMID") and (number := _PUBMED.match(text)):
                extra["pmid"] = number[1]
                if number[0] == text:
                    values[tag].remove(text)
                break


def _doi_elsewhere(values: dict[str, list[str]]) -> None:
    """A DOI where older exports have it: EBSCO's in L3, PsycNET's in M3, those of others in N1, C7 or an address."""
    for tag in _DOI_TAGS:
        for text in values.get(tag, []):
            if found := _DOI.fullmatch(text.strip()):
                if tag not in _ADDRESSES:
                    values[tag].remove(text)
                values["DO"] = [found[1]]
                return


_ADDRESSES = ("UR", "L1", "L2", "L3", "L4", "LK")

SCHEMA = Schema(
    NAME,
    one={
        "title": ("TI", "T1", "CT", "ST"),
        "abstract": ("AB", "N2"),
        "year": ("PY", "Y1", "DA", "Y2"),
        "venue": ("T2", "JF", "JO", "BT", "JA", "J2", "J1"),
        "volume": ("VL",),
        "issue": ("IS",),
        "pages": ("SP",),
        "doi": ("DO", "DI"),
        "pmid": ("PMID", "PM"),
        "language": ("LA",),
        "publisher": ("PB",),
        "type": ("TY",),
    },
    several={
        "authors": ("AU", "A1"),
        "editors": ("ED", "A2"),
        "keywords": ("KW",),
        "issn": ("SN",),
        "affiliations": ("AD",),
    },
    addresses=_ADDRESSES,
    last_page=("EP",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether an entry opens the text, after nothing or a few lines of a database's own."""
    strangers = 0
    lines = iter(head.splitlines())
    for line in lines:
        opened = _LINE.fullmatch(line)
        if opened and opened[2] == "TY":
            following = next((each for each in lines if each.strip()), "")
            return _LINE.fullmatch(following) is not None or not following
        if line.strip() and not _BETWEEN.fullmatch(line.strip()):
            strangers += 1
            if strangers > 3 or _MARKUP.match(line):
                return False
    return False


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    building: Building | None = None
    style = ("", "")
    unplaced = Unplaced("RIS", "TY  - JOUR")
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found and found[2] == "TY" and (building is None or (found[1], found[3]) == style):
            yield from unplaced.give()
            if building:
                yield building.entry()
            style = (found[1], found[3])
            building = Building(number, _LISTS)
            building.add("TY", found[4] or "")
        elif building and _END.fullmatch(line):
            yield building.entry()
            building = None
        elif building and found and (found[1], found[3]) == style:
            building.add(found[2], found[4] or "")
        elif building:
            building.more(line)
        elif line.strip() and not _BETWEEN.fullmatch(line.strip()):
            unplaced.add(number, line)
    if building:
        yield building.entry()
        yield Leftover(
            building.line, "TY", "the text ends within this entry, before its ER: it may be cut short"
        )
    yield from unplaced.give(entry=False)
