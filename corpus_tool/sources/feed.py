"""Feeds of arXiv: RSS 2.0 (rss.arxiv.org), the older RSS 1.0 in RDF, and Atom (the answers of export.arxiv.org/api).

The XML is read as it arrives, one item at a time. Entity declarations are refused, so no text can expand.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .dates import iso_date
from .links import ARXIV_ID, arxiv_id, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "feed"

_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<(?:\w+:)?(?:rss|feed|RDF)[\s>]",
    re.DOTALL,
)
_ITEMS = ("item", "entry")
_DATES = ("pubDate", "lastBuildDate", "date", "updated")
_TITLE_TAIL = re.compile(rf"\s*\(arXiv:({ARXIV_ID})(?:v\d+)?\s*(?:\[([^\]]+)\])?[^()]*\)$")
_ADDED_PERIOD = re.compile(r"(?<!\.)\.$")
"""The older feed ends a title with a period of its own before its `(arXiv:...)`."""
_ANNOUNCED = re.compile(r"arXiv:\S+\s+Announce Type:\s*(\S+)\s*(?:Abstract:\s*)?", re.IGNORECASE)
_ABSTRACT = re.compile(r"Abstract:\s*", re.IGNORECASE)
_IDENTIFIER = re.compile(rf"arXiv(?:\.org)?:({ARXIV_ID})", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|a|br|div|span|i|b|em|strong|sub|sup)\b[^<>]*>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"</?(?:p|br|div)\b[^<>]*>", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?(https?://[^\"'\s>]+)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2} [A-Z][a-z]{2} \d{4}")


def detect(head: str) -> bool:
    """Whether a text is XML whose root is that of RSS, RDF or Atom."""
    return head.lstrip().startswith("<") and _ROOT.match(head) is not None


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of one feed, or of several one after the other.

    Args:
        lines: The text without line ends. One item is held at a time.

    Yields:
        Papers, and items without a title.

    Raises:
        InputError: The XML is malformed or declares entities.
    """
    document: _Document | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if document is None or document.closed:
            if not line.strip():
                continue
            document = _Document(number - 1)
        yield from document.feed(line + "\n")
    if document is not None and not document.closed:
        yield from document.end()


class _Document:
    """One XML document: the feed's date, and the item being read.

    Args:
        offset: Lines that stand before it.
    """

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self.path: list[str] = []
        self.closed = False
        self.digest_date: str | None = None
        self.opens_digest = True
        self.item: _Item | None = None
        self.own: list[str] = []
        self.ready: list[Paper | Leftover] = []

    def feed(self, text: str) -> Iterator[Paper | Leftover]:
        """The next piece of the document."""
        self._parse(text, False)
        ready, self.ready = self.ready, []
        yield from ready

    def end(self) -> Iterator[Paper | Leftover]:
        """Nothing follows: raises where the document is not complete."""
        self._parse("", True)
        yield from self.ready

    def _parse(self, text: str, last: bool) -> None:
        try:
            self.parser.Parse(text, last)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise InputError(f"malformed XML: {what}", line=self.offset + error.lineno) from None

    def _refuse(self, name: str, *_: object) -> None:
        raise InputError(
            f"the XML declares the entity {name!r}: refused, since entities can expand", line=self._line()
        )

    def _line(self) -> int:
        return self.offset + self.parser.CurrentLineNumber

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self.path.append(local)
        if local in _ITEMS and self.item is None:
            self.item = _Item(self._line(), len(self.path))
        elif self.item is not None:
            self.item.start(local, len(self.path), attributes)
        else:
            self.own = []

    def _text(self, text: str) -> None:
        if self.item is not None:
            self.item.text(text, self._line())
        elif self.path and self.path[-1] in _DATES:
            self.own.append(text)

    def _end(self, _name: str) -> None:
        local, depth = self.path.pop(), len(self.path) + 1
        self.closed = not self.path
        if self.item is None:
            if local in _DATES and self.digest_date is None:
                self.digest_date = _printed_day("".join(self.own))
        elif depth == self.item.depth:
            self._give(self.item)
            self.item = None
        else:
            self.item.end(local, depth)

    def _give(self, item: _Item) -> None:
        made = item.paper(self.digest_date)
        if isinstance(made, Paper):
            made.opens_digest, self.opens_digest = self.opens_digest, False
        self.ready.append(made)


class _Item:
    """One `item` or `entry`: the texts of its children by name.

    Args:
        line: Where it begins.
        depth: How deep in the document it stands.
    """

    def __init__(self, line: int, depth: int) -> None:
        self.line = line
        self.depth = depth
        self.title_line = 0
        self.name = ""
        self.pieces: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.hrefs: list[str] = []

    def start(self, local: str, depth: int, attributes: dict[str, str]) -> None:
        """A child, or the child of one, begins."""
        if depth == self.depth + 1 or (local == "name" and self.name == "author"):
            self.name, self.pieces = local, []
        if depth > self.depth + 1:
            return
        if local == "link" and attributes.get("href") and attributes.get("rel") != "self":
            self.hrefs.append(attributes["href"])
        term = attributes.get("term")
        if local in ("category", "primary_category") and term:
            self.fields.setdefault(local, []).append(term)

    def text(self, text: str, line: int) -> None:
        """Character data inside of the item."""
        if self.name == "title" and not self.title_line and text.strip():
            self.title_line = line
        self.pieces.append(text)

    def end(self, local: str, depth: int) -> None:
        """A child ends."""
        if depth == self.depth + 1 or local == "name":
            text = "".join(self.pieces).strip()
            if text and self.name:
                self.fields.setdefault(self.name, []).append(text)
            self.name, self.pieces = "", []

    def first(self, *names: str) -> str:
        """The first text of the first of these children that has one, as it stands."""
        return next((self.fields[name][0] for name in names if name in self.fields), "")

    def paper(self, digest_date: str | None) -> Paper | Leftover:
        """What the item tells of its paper."""
        title = _on_one_line(_plain(self.first("title")))
        tail = _TITLE_TAIL.search(title)
        if tail:
            title = _ADDED_PERIOD.sub("", title[: tail.start()])
        abstract, announced = _abstract(_plain(self.first("summary", "description", "content", "encoded")))
        if not title:
            return Leftover(self.line, abstract, "an item of a feed without a title")
        digest_date = digest_date or _printed_day(self.first("pubDate", "date"))
        iso = iso_date(digest_date) if digest_date else None
        found = [*self.hrefs, *self.fields.get("link", []), *urls(abstract)]
        found += _HREF.findall(self.first("summary", "description"))
        paper = Paper(title, abstract, self.title_line, digest_date, iso, list(dict.fromkeys(found)))
        paper.extra.update(self._extra(tail, announced))
        return paper

    def _extra(self, tail: re.Match[str] | None, announced: str | None) -> dict[str, object]:
        names = self.fields.get("name") or author_names(
            ", ".join(map(_plain, self.fields.get("creator", [])))
        )
        primary = self.fields.get("primary_category", [])
        categories = [
            *primary,
            *([tail.group(2)] if tail and tail.group(2) else []),
            *self.fields.get("category", []),
        ]
        published, updated = self.first("published", "pubDate"), self.first("updated")
        extra = {
            "arxiv": self._arxiv(tail),
            "authors": [_on_one_line(name) for name in names],
            "categories": list(dict.fromkeys(categories)),
            "comments": _on_one_line(self.first("comment")),
            "journal": _on_one_line(self.first("journal_ref", "journal_reference")),
            "doi": _on_one_line(self.first("doi", "DOI")),
            "published": iso_date(_printed_day(published) or ""),
            "updated": iso_date(_printed_day(updated) or ""),
            "announce_type": self.first("announce_type") or announced,
        }
        return {key: value for key, value in extra.items() if value}

    def _arxiv(self, tail: re.Match[str] | None) -> str | None:
        """The arXiv id, from whichever place names it first: title, links, id, description."""
        if tail:
            return tail.group(1)
        for text in (self.first("id"), *self.fields.get("link", []), *self.hrefs):
            if named := arxiv_id(text):
                return named
        found = _IDENTIFIER.match(self.first("guid")) or _IDENTIFIER.search(self.first("guid", "identifier"))
        found = found or _IDENTIFIER.match(self.first("description"))
        return found.group(1) if found else None


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """A text without HTML, where it has any; a lone `<` of a formula is none."""
    return html.unescape(_TAG.sub("", _BREAK_TAG.sub(" ", text))) if _TAG.search(text) else text


def _abstract(text: str) -> tuple[str, str | None]:
    """An abstract on one line, and the kind of announcement that stood before it."""
    text = _on_one_line(text)
    announced = _ANNOUNCED.match(text)
    if announced:
        return text[announced.end() :], announced.group(1)
    return text[match.end() :] if (match := _ABSTRACT.match(text)) else text, None


def _printed_day(text: str) -> str | None:
    """The day in a date with weekday, time and zone, as printed."""
    found = _DAY.search(text)
    return found.group() if found else None
