"""PubMed's XML, as its search page and E-utilities give it: `<PubmedArticleSet><PubmedArticle>...`."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from . import bibliography, prologue
from .bibliography import Entry, Schema
from .xml_records import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Leftover, Paper, Record

    from .xml_records import Node

NAME = "pubmed-xml"

_RECORDS = frozenset({"PubmedArticle", "PubmedBookArticle"})
_ROOTS = _RECORDS | {"PubmedArticleSet", "PubmedBookArticleSet"}
_OTHERS = frozenset({"ReferenceList", "CommentsCorrectionsList"})
"""What stands in these is said of other papers."""
_AUTHOR_PARTS = frozenset({"LastName", "ForeName", "Initials", "Suffix", "CollectiveName", "Identifier"})
encoding_of = prologue.declared_encoding


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """A structured abstract is one text, a labelled paragraph each."""
    if len(values.get("AbstractText", [])) > 1:
        extra["abstract"] = "\n".join(values.pop("AbstractText"))


SCHEMA = Schema(
    NAME,
    one={
        "title": ("ArticleTitle", "BookTitle", "VernacularTitle"),
        "abstract": ("AbstractText", "OtherAbstract.AbstractText"),
        "year": ("PubDate.Year", "PubDate.MedlineDate", "ArticleDate.Year"),
        "venue": ("Journal.Title", "MedlineJournalInfo.MedlineTA", "BookTitle"),
        "volume": ("JournalIssue.Volume",),
        "issue": ("JournalIssue.Issue",),
        "pages": ("Pagination.MedlinePgn", "Pagination.StartPage"),
        "doi": ("ELocationID:doi", "ArticleId:doi"),
        "pmid": ("MedlineCitation.PMID", "BookDocument.PMID", "ArticleId:pubmed"),
        "pmcid": ("ArticleId:pmc",),
        "language": ("Language",),
    },
    several={
        "authors": ("author",),
        "keywords": ("Keyword",),
        "mesh": ("MeshHeading.DescriptorName",),
        "type": ("PublicationType",),
        "issn": ("Journal.ISSN",),
        "affiliations": ("AffiliationInfo.Affiliation",),
    },
    last_page=("Pagination.EndPage",),
    mend=_mend,
)
_SHORT = frozenset({"ArticleTitle", "BookTitle", "VernacularTitle", "Language", "Keyword", "PublicationType"})


def detect(head: str) -> bool:
    """Whether the first element is one of PubMed's sets or articles."""
    return head.lstrip("\ufeff \t\r\n").startswith("<") and prologue.root_name(head) in _ROOTS


def read(stream: BinaryIO, name: str, encoding: str) -> Iterator[Paper | Leftover]:
    """The papers of a file.

    Raises:
        InputError: The XML cannot be read.
    """
    return bibliography.papers(map(_entry, records(stream, encoding, _RECORDS)), SCHEMA)


def _entry(record: Node) -> Entry:
    entry = Entry(record.line)
    entry.fields += [("author", author) for author in _authors(record)]
    for path, leaf in record.leaves():
        text = " ".join(leaf.text.split())
        if text and not ("Author" in path and leaf.name in _AUTHOR_PARTS):
            entry.fields.append((_tag(path, leaf), _labelled(leaf, text)))
    return entry


def _tag(path: tuple[str, ...], leaf: Node) -> str:
    """A name for a leaf: its own and that of the element around it, or its kind."""
    kind = leaf.attributes.get("IdType") or leaf.attributes.get("EIdType")
    if not _OTHERS.isdisjoint(path):
        return ".".join(path[-2:])
    if kind:
        return f"{leaf.name}:{kind}"
    if leaf.name == "AbstractText" and "OtherAbstract" in path:
        return "OtherAbstract.AbstractText"
    return leaf.name if leaf.name in _SHORT or leaf.name == "AbstractText" else ".".join(path[-2:])


def _labelled(leaf: Node, text: str) -> str:
    label = leaf.attributes.get("Label") if leaf.name == "AbstractText" else None
    return f"{label}: {text}" if label and label != "UNLABELLED" else text


def _authors(record: Node) -> Iterator[str]:
    """Names as "Last, First", or of a group."""
    for path, node in _lists(record, ()):
        if node.name == "Author" and "AuthorList" in path and "InvestigatorList" not in path:
            parts = {child.name: " ".join(child.text.split()) for child in node.children}
            first = parts.get("ForeName") or parts.get("Initials", "")
            last = " ".join(filter(None, (parts.get("LastName"), parts.get("Suffix"))))
            yield parts.get("CollectiveName") or ", ".join(filter(None, (last, first)))


def _lists(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node]]:
    for child in node.children:
        if child.name not in _OTHERS:
            yield path, child
            yield from _lists(child, (*path, child.name))
