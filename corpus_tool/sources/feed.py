"""Feeds: RSS 0.9 to 2.0, RSS 1.0 in RDF, and Atom, of arXiv (its API too), journals, and whoever renders papers so.

The XML is read as it arrives, one item at a time. Entity declarations are refused, so no text can expand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .feed_item import Item, printed_day
from .prologue import declared_encoding, root_name
from .xml_text import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "feed"
EMPTY = "a feed without items: there is nothing in it to read"
"""What is said of a text of this format that is whole and holds no papers; without it, such a text is an error."""
encoding_of = declared_encoding
"""The encoding that the text itself names goes before the one that is assumed."""

_ROOTS = ("rss", "feed", "RDF")
_ITEMS = ("item", "entry")
_DATES = ("pubDate", "lastBuildDate", "dc:date", "date", "updated", "modified")
_ROOT_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)\s*>")
_PIECE = 1 << 14
"""Characters given to the parser at once; doubled while they end nothing, since it looks at such text again."""

_CORE = frozenset(
    [
        "",
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://backend.userland.com/rss2",
        "http://backend.userland.com/RSS2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    ]
)
"""Vocabularies whose names stand for themselves."""
_PREFIXES = (
    ("http://purl.org/dc/elements/", "dc"),
    ("http://purl.org/dc/terms/", "dcterms"),
    ("http://purl.org/rss/1.0/modules/content/", "content"),
    ("http://arxiv.org/", "arxiv"),
    ("http://search.yahoo.com/mrss", "media"),
    ("http://www.itunes.com/", "itunes"),
)
"""Beginnings of other vocabularies' names, and the prefix that their elements go by whatever the feed calls them."""


def detect(head: str) -> bool:
    """Whether a text is XML whose root is that of RSS, RDF or Atom."""
    return root_name(head) in _ROOTS


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of one feed, or of several one after the other.

    Args:
        lines: The text without line ends. One item is held at a time.

    Yields:
        Papers, and items without a title.

    Raises:
        InputError: The XML is malformed or declares entities.
    """
    document: _Feed | None = None
    piece: list[str] = []
    size, enough = 0, _PIECE
    for number, line in enumerate(lines, 1):
        if document is None or document.closed:
            if not line.strip():
                continue
            document, enough = _Feed(number - 1), _PIECE
        piece.append(line + "\n")
        size += len(line) + 1
        if size >= enough or ("</" in line and _ROOT_END.search(line)):
            before = document.position
            yield from document.feed("".join(piece))
            enough = _PIECE if document.position > before else 2 * enough
            piece, size = [], 0
    if document is not None and not document.closed:
        yield from document.feed("".join(piece))
        yield from document.feed("", last=True)


class _Feed(Document):
    """One XML document: the feed's date, and the item being read.

    Args:
        offset: Lines that stand before it.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.parser.StartNamespaceDeclHandler = self._declare
        self.parser.buffer_text = False
        self.prefixes: dict[str, str] = {}
        self.path: list[str] = []
        self.digest_date: str | None = None
        self.opens_digest = True
        self.item: Item | None = None
        self.own: list[str] = []

    def since(self, line: int) -> int:
        return self.item.line if self.item is not None else line

    def _declare(self, prefix: str | None, uri: str) -> None:
        known = next((name for start, name in _PREFIXES if uri.startswith(start)), prefix or "")
        self.prefixes.setdefault(uri, "" if uri in _CORE else "prism" if "prism" in uri else known)

    def _named(self, name: str) -> str:
        """An element's name with the prefix of its vocabulary; the feed's own ones have none."""
        uri, _, local = name.rpartition(" ")
        prefix = self.prefixes.get(uri, "") if uri else ""
        return f"{prefix}:{local}" if prefix else local

    def start(self, name: str, attributes: dict[str, str]) -> None:
        named = self._named(name)
        if not self.path and named.rpartition(":")[2] not in _ROOTS:
            raise InputError(f"the XML is no feed: its first element is <{named[:40]}>", line=self.line)
        self.path.append(named)
        if named in _ITEMS and self.item is None:
            self.item = Item(self.line, len(self.path))
        elif self.item is not None:
            self.item.start(named, len(self.path), attributes)
        else:
            self.own = []

    def text(self, text: str) -> None:
        if self.item is not None:
            self.item.text(text, self.line)
        elif self.path and self.path[-1] in _DATES:
            self.own.append(text)

    def end(self, _name: str) -> None:
        named, depth = self.path.pop(), len(self.path) + 1
        self.closed = not self.path
        if self.item is None:
            if named in _DATES and self.digest_date is None:
                self.digest_date = printed_day("".join(self.own))
        elif depth == self.item.depth:
            self._give(self.item)
            self.item = None
        else:
            self.item.end(named, depth)

    def _give(self, item: Item) -> None:
        made = item.paper(self.digest_date)
        if isinstance(made, Paper):
            made.opens_digest, self.opens_digest = self.opens_digest, False
        self.ready.append(made)
