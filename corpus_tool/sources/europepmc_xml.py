"""Europe PMC's XML, as its search service gives it: `<responseWrapper><resultList><result>...`."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from . import bibliography, prologue
from .bibliography import Entry, Schema
from .xml_records import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Leftover, Paper, Record

    from .xml_records import Node

NAME = "europepmc-xml"
EMPTY = "a search of Europe PMC that found nothing"

_RECORDS = frozenset({"result"})
encoding_of = prologue.declared_encoding


def _mend(values: dict[str, list[str]], _: Record) -> None:
    """An answer in brief has the authors in one string."""
    if not values.get("author") and (texts := values.get("authorString")):
        values["author"] = [name for text in texts for name in text.rstrip(".").split(", ")]


SCHEMA = Schema(
    NAME,
    one={
        "title": ("title",),
        "abstract": ("abstractText",),
        "year": ("pubYear", "journalInfo.yearOfPublication"),
        "venue": ("journal.title", "journalTitle", "bookOrReportDetails.publisher"),
        "volume": ("journalInfo.volume", "journalVolume"),
        "issue": ("journalInfo.issue", "issue"),
        "pages": ("pageInfo",),
        "doi": ("doi",),
        "pmid": ("pmid",),
        "pmcid": ("pmcid",),
        "language": ("language",),
    },
    several={
        "authors": ("author",),
        "keywords": ("keywordList.keyword",),
        "mesh": ("meshHeading.descriptorName",),
        "type": ("pubTypeList.pubType", "pubType"),
        "issn": ("journal.issn", "journalIssn"),
        "affiliations": ("authorAffiliation.affiliation", "affiliation"),
    },
    addresses=("fullTextUrl.url",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether the first element is Europe PMC's answer, or its list of results."""
    if not head.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    root = prologue.root_name(head)
    return root == "responseWrapper" or (root == "resultList" and "<result" in head)


def read(stream: BinaryIO, name: str, encoding: str) -> Iterator[Paper | Leftover]:
    """The papers of a file.

    Raises:
        InputError: The XML cannot be read.
    """
    return bibliography.papers(map(_entry, records(stream, encoding, _RECORDS)), SCHEMA)


def _entry(record: Node) -> Entry:
    entry = Entry(record.line)
    for path, leaf in record.leaves():
        text = leaf.text.strip()
        if not text:
            continue
        if path[-2] == "author":
            if leaf.name in {"fullName", "collectiveName"}:
                entry.fields.append(("author", text))
        else:
            entry.fields.append((leaf.name if path[-2] == "result" else ".".join(path[-2:]), text))
    return entry
