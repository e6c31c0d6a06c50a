"""One item of a feed to one paper: which child is the title, which the abstract, and what the others are called.

A child goes by its own name where it belongs to the feed's own vocabulary, else with a prefix: a `media:title` is no
title. What has no field of its own is kept under the name that the feed gives it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import DIGEST_FIELDS, Leftover, Paper

from .dates import iso_date
from .described import described
from .html_text import hrefs, plain, plain_lines
from .links import ARXIV_ID, arxiv_id, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TITLE_TAIL = re.compile(rf"\s?\(arXiv:({ARXIV_ID})(?:v\d+)?\s?(?:\[([^\[\]]+)\])?[^()]*\)$")
_ADDED_PERIOD = re.compile(r"(?<!\.)\.$")
"""The older feed of arXiv ends a title with a period of its own before its `(arXiv:...)`."""
_ANNOUNCED = re.compile(r"arXiv:\S+\s+Announce Type:\s*+(\S+)\s*+", re.IGNORECASE)
_IDENTIFIER = re.compile(rf"arXiv(?:\.org)?:({ARXIV_ID})", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2} \d{4}")
_DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"<>]++)", re.IGNORECASE)
_MAILBOX = re.compile(r"\S+@\S+\s\((.+)\)")

_TITLES = ("title", "dc:title", "dcterms:title", "prism:title", "media:title", "itunes:title")
_TEXTS = (
    "summary",
    "description",
    "dcterms:abstract",
    "dc:description",
    "content",
    "content:encoded",
    "prism:teaser",
)
_LESSER_TEXTS = ("itunes:summary", "media:description")
_AUTHORS = ("name", "dc:creator", "dcterms:creator", "author", "dc:contributor", "itunes:author")
_KNOWN: dict[str, tuple[str, ...]] = {
    "comments": ("arxiv:comment", "comment"),
    "journal": (
        "arxiv:journal_ref",
        "arxiv:journal_reference",
        "prism:publicationName",
        "dc:source",
        "source",
    ),
    "doi": ("arxiv:doi", "arxiv:DOI", "prism:doi", "doi"),
    "published": (
        "published",
        "pubDate",
        "dc:date",
        "prism:publicationDate",
        "dcterms:issued",
        "issued",
        "created",
    ),
    "updated": ("updated", "modified", "dcterms:modified", "prism:modificationDate"),
    "announce_type": ("arxiv:announce_type",),
    "volume": ("prism:volume",),
    "issue": ("prism:number", "prism:issueIdentifier"),
}
"""Record field to the children that hold it, the surest first."""
_PMID = re.compile(r"pmid:\s?(\d{1,9})", re.IGNORECASE)
_READ_ELSEWHERE = {"link", "guid", "id", "category", "arxiv:primary_category", "dc:subject", "dc:identifier"}
_READ_ELSEWHERE |= {"prism:startingPage", "prism:endingPage", "prism:pageRange", "prism:url", "atom:link"}
_DATES = ("published", "updated")


class Item:
    """An `item` or `entry` as it is read: the texts of its children by name.

    Args:
        line: Where it begins.
        depth: How deep in the document it stands.
    """

    def __init__(self, line: int, depth: int) -> None:
        self.line = line
        self.depth = depth
        self.title_lines: dict[str, int] = {}
        self.name = ""
        self.pieces: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.hrefs: list[str] = []

    def start(self, name: str, depth: int, attributes: dict[str, str]) -> None:
        """A child, or the child of one, begins."""
        if depth == self.depth + 1 or (name == "name" and self.name in ("author", "contributor")):
            self.name, self.pieces = "contributor" if self.name == "contributor" else name, []
        if depth > self.depth + 1:
            if self.name in _TEXTS:
                self.pieces.append("\n" if name in ("div", "p", "br", "li", "ul", "h3") else "")
            return
        if name in ("link", "atom:link") and attributes.get("href") and attributes.get("rel") != "self":
            self.hrefs.append(attributes["href"])
        term = attributes.get("term")
        if name in ("category", "arxiv:primary_category") and term:
            self.fields.setdefault(name, []).append(term)

    def text(self, text: str, line: int) -> None:
        """Character data inside of the item."""
        if self.name in _TITLES and self.name not in self.title_lines and text.strip():
            self.title_lines[self.name] = line
        self.pieces.append(text)

    def end(self, name: str, depth: int) -> None:
        """A child ends."""
        if depth == self.depth + 1 or name == "name":
            text = "".join(self.pieces).strip()
            if text and self.name:
                self.fields.setdefault(self.name, []).append(text)
            self.name, self.pieces = "", []

    def first(self, names: Iterable[str]) -> str:
        """The first text of the first of these children that has one, as it stands."""
        return next((self.fields[name][0] for name in names if name in self.fields), "")

    def paper(self, digest_date: str | None) -> Paper | Leftover:
        """What the item tells of its paper."""
        title = plain(self.first(_TITLES))
        tail = _TITLE_TAIL.search(title)
        if tail:
            title = _ADDED_PERIOD.sub("", title[: tail.start()])
        abstract, told = self._abstract()
        if not title:
            return Leftover(self.line, abstract, "an item of a feed without a title")
        digest_date = digest_date or printed_day(self.first(_KNOWN["published"]))
        iso = iso_date(digest_date) if digest_date else None
        line = next((self.title_lines[name] for name in _TITLES if name in self.fields), self.line)
        paper = Paper(title, abstract, line, digest_date, iso, list(dict.fromkeys(self._links(abstract))))
        paper.extra.update(self._extra(tail, told))
        return paper

    def _abstract(self) -> tuple[str, dict[str, str]]:
        """The longest of the item's texts, without the labelled fields around it, and these."""
        told: dict[str, str] = {}
        best = ""
        for names in (_TEXTS, _LESSER_TEXTS):
            for text in (self.fields[name][0] for name in names if name in self.fields):
                announced = _ANNOUNCED.match(text)
                if announced:
                    told["announce_type"], text = announced.group(1), text[announced.end() :]
                abstract, fields = described(plain_lines(text))
                best = abstract if len(abstract) > len(best) else best
                told = {**fields, **told}
            if best:
                break
        return best, told

    def _links(self, abstract: str) -> Iterator[str]:
        yield from self.hrefs
        yield from (link for name in ("link", "prism:url") for link in self.fields.get(name, []))
        guid = self.first(("guid", "id"))
        if not self.hrefs and "link" not in self.fields and guid.startswith("http"):
            yield guid
        yield from urls(abstract)
        yield from (href for name in _TEXTS for href in hrefs(self.first((name,))))

    def _extra(self, tail: re.Match[str] | None, told: dict[str, str]) -> dict[str, object]:
        categories = [
            *self.fields.get("arxiv:primary_category", []),
            *([tail.group(2)] if tail and tail.group(2) else []),
            *self.fields.get("category", []),
            *self.fields.get("dc:subject", []),
        ]
        known = {field: one_line(plain(self.first(names))) for field, names in _KNOWN.items()}
        extra: dict[str, object] = {
            "arxiv": self._arxiv(tail),
            "authors": self._authors() or author_names(told.pop("authors", "")),
            "categories": list(dict.fromkeys(categories)) or told.pop("categories", "").split(", "),
            **known,
            "doi": self._doi() or told.pop("doi", ""),
            "pmid": self._pmid(),
            "pages": self._pages(),
        }
        extra.update({field: iso_date(printed_day(str(extra[field])) or "") for field in _DATES})
        told.pop("links", None)
        extra = {key: value for key, value in extra.items() if value and value != [""]}
        for key, value in (*told.items(), *self._others()):
            extra.setdefault(key, value)
        return extra

    def _authors(self) -> list[str]:
        name = next((name for name in _AUTHORS if name in self.fields), None)
        if name is None:
            return []
        texts = [one_line(plain(text)) for text in self.fields[name]]
        if name == "name":
            return texts
        texts = [match.group(1) if (match := _MAILBOX.fullmatch(text)) else text for text in texts]
        if len(texts) > 1 and all(text.count(",") == 1 for text in texts):  # "Okafor, Ada", an element each
            return texts
        return author_names(", ".join(texts))

    def _arxiv(self, tail: re.Match[str] | None) -> str | None:
        """The arXiv id, from whichever place names it first: title, links, id, description."""
        if tail:
            return tail.group(1)
        for text in (self.first(("id",)), *self.fields.get("link", []), *self.hrefs, self.first(("guid",))):
            if named := arxiv_id(text):
                return named
        found = _IDENTIFIER.search(self.first(("guid", "dc:identifier", "id")))
        found = found or _IDENTIFIER.match(self.first(("description",)))
        return found.group(1) if found else None

    def _pmid(self) -> str:
        """PubMed's number among the identifiers."""
        found = map(_PMID.fullmatch, self.fields.get("dc:identifier", []))
        return next((match[1] for match in found if match), "")

    def _doi(self) -> str:
        """The DOI, from its own field, an identifier or a link to doi.org."""
        own = self.first(_KNOWN["doi"])
        if own:
            return one_line(own)
        for text in (
            *self.fields.get("dc:identifier", []),
            self.first(("guid",)),
            *self.fields.get("link", []),
        ):
            if (match := _DOI.fullmatch(text.strip())) or (match := _DOI.match(text.strip())):
                return match.group(1)
        return ""

    def _pages(self) -> str:
        first, last = self.first(("prism:startingPage",)), self.first(("prism:endingPage",))
        return self.first(("prism:pageRange",)) or "-".join(filter(None, (first, last)))

    def _others(self) -> Iterator[tuple[str, object]]:
        """Children that no field was made of, under their own names; a name of a record's own keeps its prefix."""
        known = {*_TITLES, *_TEXTS, *_AUTHORS, *_READ_ELSEWHERE}
        known.update(name for names in _KNOWN.values() for name in names)
        taken = {*DIGEST_FIELDS, *_KNOWN, "arxiv", "authors", "categories", "description"}
        for name, texts in self.fields.items():
            local = name.rpartition(":")[2]
            beside = name.startswith(("media:", "itunes:")) and (
                _TITLES[0] in self.fields or local != "title"
            )
            if name in known and not beside:
                continue
            key = name.replace(":", "_") if local in taken else local
            values = [one_line(plain(text)) for text in texts]
            yield (key if key not in taken else f"feed_{key}"), values if len(values) > 1 else values[0]


def one_line(text: str) -> str:
    """A text with single blanks."""
    return " ".join(text.split())


def printed_day(text: str) -> str | None:
    """The day in a date with weekday, time and zone, as printed."""
    found = _DAY.search(text)
    return found.group() if found else None
