"""Embase's export by rows: CSV with a field a row, `"TITLE","..."`, `"AUTHOR NAMES","...","..."`.

Records are parted by a row of dashes or an empty one, or by nothing: then a title begins the next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

from . import bibliography
from .bibliography import Entry, Schema, Unplaced
from .printed_source import published_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper, Record

NAME = "embase-rows"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_TITLE = "TITLE"
_LABEL = (
    "AUTHOR NAMES|AUTHOR ADDRESSES|AUTHOR KEYWORDS|SOURCE|SOURCE TITLE|PUBLICATION YEAR|PUBLICATION TYPE|"
    "ABSTRACT|DOI|VOLUME"
)
_TITLES = re.compile(r'^\ufeff?"?TITLE"?,', re.MULTILINE)
_LABELS = re.compile(rf'^"?({_LABEL})"?,', re.MULTILINE)
_NAME = re.compile(r"[A-Z][A-Za-z]*(?:[ /(][A-Za-z/() ]*)?")
_RULE = re.compile(r'[\s",]*-{5,}[\s",]*')
_LONGEST = 500
"""So many lines of one row, and a quote is open."""
_LISTS = frozenset(
    {
        "AUTHOR NAMES",
        "AUTHOR ADDRESSES",
        "AUTHOR KEYWORDS",
        "EDITORS",
        "ISSN",
        "EMTREE DRUG INDEX TERMS",
        "EMTREE DRUG INDEX TERMS (MAJOR FOCUS)",
        "EMTREE MEDICAL INDEX TERMS",
        "EMTREE MEDICAL INDEX TERMS (MAJOR FOCUS)",
    }
)
"""Rows of which each cell is a value; the cells of others are one text."""

_PARTS = {
    "venue": "SOURCE TITLE",
    "volume": "VOLUME",
    "issue": "ISSUE",
    "pages": "FIRST PAGE",
    "year": "PUBLICATION YEAR",
}


def _mend(values: dict[str, list[str]], _: Record) -> None:
    """An older export has all of the publication in one row."""
    told = published_in(" ".join(values.get("SOURCE", [])))
    for name, label in _PARTS.items():
        if name in told and not values.get(label):
            values[label] = [told[name]]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("TITLE", "ORIGINAL TITLE"),
        "abstract": ("ABSTRACT", "ORIGINAL ABSTRACT"),
        "year": ("PUBLICATION YEAR", "DATE OF PUBLICATION"),
        "venue": ("SOURCE TITLE",),
        "volume": ("VOLUME",),
        "issue": ("ISSUE",),
        "pages": ("FIRST PAGE",),
        "doi": ("DOI",),
        "pmid": ("MEDLINE PMID",),
        "publisher": ("BOOK PUBLISHER",),
        "language": ("ARTICLE LANGUAGE", "LANGUAGE OF ARTICLE"),
        "type": ("PUBLICATION TYPE",),
    },
    several={
        "authors": ("AUTHOR NAMES",),
        "editors": ("EDITORS",),
        "keywords": ("AUTHOR KEYWORDS",),
        "issn": ("ISSN",),
        "affiliations": ("AUTHOR ADDRESSES",),
    },
    addresses=("FULL TEXT LINK", "EMBASE LINK", "OPEN URL LINK"),
    last_page=("LAST PAGE",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether rows begin with the names of fields, a title's among them."""
    return _TITLES.search(head) is not None and len(set(_LABELS.findall(head))) > 1


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    entry: Entry | None = None
    unplaced = Unplaced("Embase's export by rows", '"TITLE","..."')
    for number, cells in _rows(lines):
        if not any(cells) or (len(cells) == 1 and _RULE.fullmatch(cells[0])):
            if entry:
                yield entry
            entry = None
            continue
        label, values = cells[0].strip(), [cell.strip() for cell in cells[1:] if cell.strip()]
        if label == _TITLE:
            if entry:
                yield entry
            yield from unplaced.give()
            entry = Entry(number)
        if entry is None or not _NAME.fullmatch(label):
            unplaced.add(number, " ".join(cells))
        elif label in _LISTS:
            entry.fields += [(label, value) for value in values]
        else:
            entry.fields.append((label, " ".join(values)))
    if entry:
        yield entry
    yield from unplaced.give(entry=False)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The line and the cells of each row; a quoted cell may go on over lines."""
    import csv  # only for what is of this format

    csv.field_size_limit((1 << 31) - 1)
    gathered: list[str] = []
    begun = quotes = 0
    for number, line in enumerate(lines, 1):
        begun = begun if gathered else number
        gathered.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            try:
                cells = next(csv.reader(["\n".join(gathered)]), [""])
            except csv.Error:
                raise InputError("the quotes of this row do not enclose whole cells", line=begun) from None
            yield begun, cells
            gathered, quotes = [], 0
        elif len(gathered) > _LONGEST:
            break
    if gathered:
        raise InputError("a quote that is opened in this row is not closed", line=begun)
