"""Answers of OAI-PMH (`ListRecords`, `GetRecord`) with metadata as arXiv gives it: `arXiv`, `arXivRaw`, `oai_dc`.

The XML is read as it arrives, one record at a time. Entity declarations are refused, so no text can expand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .dates import iso_date
from .links import ARXIV_ID, arxiv_id, urls
from .names import author_names
from .xml_text import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "oai"

_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:OAI-PMH|ListRecords|GetRecord)[\s>]")
_PROLOGUE = re.compile(r"<\?[^>]{0,400}\?>|<!--.{0,4000}?-->", re.DOTALL)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2} \d{4}")
_COMMENT = re.compile(r"Comments?:\s*")
_OAI_ID = re.compile(rf"oai:arXiv\.org:({ARXIV_ID})")
_DOI = re.compile(r"(?:doi:|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_NAMED = {
    "comments": "comments",
    "journal-ref": "journal",
    "doi": "doi",
    "report-no": "report",
    "license": "license",
    "acm-class": "acm_class",
    "msc-class": "msc_class",
    "submitter": "submitter",
    "proxy": "proxy",
    "publisher": "publisher",
    "language": "language",
    "rights": "license",
    "relation": "relation",
}
"""Elements of the metadata and the fields of a record that they fill."""
_READ = frozenset(
    (
        *_NAMED,
        "id",
        "title",
        "abstract",
        "categories",
        "created",
        "updated",
        "authors",
        "author",
        "keyname",
        "forenames",
        "suffix",
    )
    + (
        "affiliation",
        "creator",
        "subject",
        "description",
        "date",
        "identifier",
        "type",
        "version",
        "header",
        "datestamp",
        "setSpec",
    )
    + ("metadata", "arXiv", "arXivRaw", "arXivOld", "dc", "size", "source_type")
)


def detect(head: str) -> bool:
    """Whether a text is XML whose root is that of an OAI-PMH answer."""
    text = _PROLOGUE.sub("", head[:8000]).lstrip() if head.lstrip().startswith("<") else ""
    return _ROOT.match(text) is not None


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of one answer, or of several one after the other.

    Args:
        lines: The text without line ends. One record is held at a time.

    Yields:
        Papers, and records without a title (those that were deleted).

    Raises:
        InputError: The XML is malformed, declares entities, or is an answer that reports an error.
    """
    document: _Answer | None = None
    for number, line in enumerate(lines, 1):
        if document is None or document.closed:
            if not line.strip():
                continue
            document = _Answer(number - 1)
        yield from document.feed(line + "\n")
    if document is not None and not document.closed:
        yield from document.feed("", last=True)


class _Answer(Document):
    """One answer: its date, and the record being read.

    Args:
        offset: Lines that stand before it.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.depth = 0
        self.digest_date: str | None = None
        self.opens_digest = True
        self.record: _Record | None = None
        self.pieces: list[str] = []

    def since(self, line: int) -> int:
        return self.record.line if self.record is not None else line

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.pieces = []
        local = name.rpartition(" ")[2]
        if local == "record" and self.record is None:
            self.record = _Record(self.line)
        elif self.record is not None:
            self.record.start(local, attributes, self.line)

    def text(self, text: str) -> None:
        self.pieces.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.closed = not self.depth
        local, text = name.rpartition(" ")[2], " ".join("".join(self.pieces).split())
        self.pieces = []
        if self.record is None:
            self._own(local, text)
        elif local == "record":
            made, self.record = self.record.paper(self.digest_date), None
            if isinstance(made, Paper):
                made.opens_digest, self.opens_digest = self.opens_digest, False
            self.ready.append(made)
        else:
            self.record.end(local, text)

    def _own(self, local: str, text: str) -> None:
        """An element of the answer itself."""
        if local == "responseDate" and (day := _DAY.search(text)):
            self.digest_date = day.group()
        elif local == "error":
            raise InputError(f"the server answered with an error: {text}", line=self.line)


class _Record:
    """One `record`: the texts of its elements by name.

    Args:
        line: Where it begins.
    """

    def __init__(self, line: int) -> None:
        self.line = line
        self.title_line = 0
        self.deleted = False
        self.fields: dict[str, list[str]] = {}
        self.authors: list[str] = []
        self.name: dict[str, str] = {}
        self.in_header = True
        self.in_version = False

    def start(self, local: str, attributes: dict[str, str], line: int) -> None:
        """An element within the record begins."""
        if local == "header":
            self.deleted = attributes.get("status") == "deleted"
        elif local == "metadata":
            self.in_header = False
        elif local == "title" and not self.title_line:
            self.title_line = line
        elif local == "version":
            self.in_version = True
            self.fields.setdefault("version", []).append(attributes.get("version", ""))

    def end(self, local: str, text: str) -> None:
        """An element within the record ends."""
        if local == "version":
            self.in_version = False
        elif local in ("keyname", "forenames", "suffix"):
            self.name[local] = text
        elif local == "author":
            parts = (self.name.get(part) for part in ("forenames", "keyname", "suffix"))
            self.authors.append(" ".join(filter(None, parts)) or text)
            self.name = {}
        elif text:
            key = f"version_{local}" if self.in_version else f"header_{local}" if self.in_header else local
            self.fields.setdefault(key, []).append(text)

    def first(self, *names: str) -> str:
        """The first text of the first of these elements that has one."""
        return next((self.fields[name][0] for name in names if name in self.fields), "")

    def paper(self, digest_date: str | None) -> Paper | Leftover:
        """What the record tells of its paper."""
        identifier = self.first("header_identifier", "id", "identifier")
        title = self.first("title")
        if not title:
            why = "a record that the server deleted" if self.deleted else "a record without a title"
            return Leftover(self.line, identifier, why)
        described = self.fields.get("description", [])
        comments = [text for text in described if _COMMENT.match(text)]
        abstract = self.first("abstract") or next((text for text in described if text not in comments), "")
        digest_date = digest_date or self.first("header_datestamp") or None
        named = self._arxiv()
        found = [f"https://arxiv.org/abs/{named}"] if named else []
        found += [url for text in self.fields.get("identifier", []) for url in urls(text)]
        paper = Paper(
            title,
            abstract,
            self.title_line,
            digest_date,
            iso_date(digest_date) if digest_date else None,
            list(dict.fromkeys([*map(_secure, found), *urls(abstract)])),
        )
        paper.extra.update(self._extra(named, comments))
        return paper

    def _extra(self, named: str | None, comments: list[str]) -> dict[str, object]:
        categories = self.first("categories").split() or self.fields.get("subject", [])
        names = (
            self.authors
            or [*map(_straight, self.fields.get("creator", []))]
            or author_names(self.first("authors"))
        )
        versions = self.fields.get("version_date", [])
        dates = [day.group() for text in versions if (day := _DAY.search(text))]
        extra: dict[str, object] = {
            "arxiv": named,
            "authors": names,
            "categories": categories,
            "comments": _COMMENT.sub("", comments[0]) if comments else None,
            "published": iso_date(self.first("created", "date") or (dates[0] if dates else "")),
            "updated": iso_date(self.first("updated") or (dates[-1] if len(dates) > 1 else "")),
            "doi": next(
                (doi.group(1) for text in self.fields.get("identifier", []) if (doi := _DOI.fullmatch(text))),
                None,
            ),
            "affiliations": self.fields.get("affiliation"),
        }
        extra.update((field, self.first(name)) for name, field in _NAMED.items() if name in self.fields)
        own = {name: "; ".join(texts) for name, texts in self.fields.items() if _is_own(name)}
        return {name: value for name, value in {**own, **extra}.items() if value}

    def _arxiv(self) -> str | None:
        """The arXiv id, from the metadata or the record's own identifier."""
        given = self.first("id")
        if re.fullmatch(ARXIV_ID, given):
            return given
        found = _OAI_ID.search(self.first("header_identifier"))
        if found:
            return found.group(1)
        return next((each for text in self.fields.get("identifier", []) if (each := arxiv_id(text))), None)


def _is_own(name: str) -> bool:
    """Whether an element is none of those that have a place in a record."""
    return name not in _READ and not name.startswith(("header_", "version_"))


def _straight(name: str) -> str:
    """A name with the surname first ("Example, Ada") the other way round."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and first and "," not in first else name


def _secure(url: str) -> str:
    return re.sub(r"^http://arxiv\.org/", "https://arxiv.org/", url)
