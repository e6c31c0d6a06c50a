"""Entries of a bibliography, whatever its format, to papers under one set of names.

A format's module cuts its text into entries: tags and texts, as they stand. What a tag means is a `Schema` there.
Here the known ones get the names that every bibliography shares (authors, year, venue, volume, issue, pages, doi,
arxiv, pmid, url, keywords, ...); whatever is left keeps its own tag as name. Nothing is dropped.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.records import DIGEST_FIELDS, Leftover, Paper

from .dates import year_of
from .links import arxiv_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from corpus_tool.records import Record

LINES_BEFORE = 50
"""So many lines before a first entry, and a text is not what it is said to be."""

_WRAPPED_AT = 110
_RAGGED = 16
_TAG = re.compile(
    r"</?(?:jats:|mml:)?(?:p|i|b|u|em|strong|sub|sup|sec|title|italic|bold|br|span|scp|small|inf|sc)\b[^<>]{0,200}>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"</?(?:jats:)?(?:p|br|sec|title)\b[^<>]{0,200}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_PP = re.compile(r"pp?\.?\s+(?=\w*\d)", re.IGNORECASE)
_HYPHENS = re.compile(r"(?<=\w)(?:\s*[\u2010-\u2015\u2212]\s*|\s+-\s+)(?=\w)")
_NO_PAGES = frozenset({"no", "no specified", "no pagination", "no pagination specified", "no page"})
_DAY = re.compile(r"((?:1[5-9]|20)\d\d)(?:[/-](\d{1,2})[/-](\d{1,2})/?|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))")
RESOLVER = re.compile(
    r"(?:https?://)?(?:dx\.)?doi\.org/|https?://[^\s/]+/(?:doi/(?:abs/|full/|pdf/)?)?(?=10\.\d{4,9}/)|doi:\s*",
    re.IGNORECASE,
)
"""What stands before a DOI where it is an address: that of a resolver, or of a publisher."""
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,9}://\S+", re.IGNORECASE)
_NOTICE = re.compile(
    r"[\[(]?(?:NA|N/A|NaN|null|none|no abstract(?: is)?(?: available)?|abstract not available)\.?[\])]?",
    re.IGNORECASE,
)
"""What programs write where there is no abstract."""
_RESERVED = frozenset({*DIGEST_FIELDS, "seen"})


@dataclass(slots=True)
class Entry:
    """One entry as it stands: the line where it begins, and its tags with their texts, in order."""

    line: int
    fields: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Schema:
    """What the tags of a format mean.

    Attributes:
        name: Of the format.
        one: Name of a field to the tags that hold it, the surest first; the first that is there is taken.
        several: The same for fields with several values, of which all of one tag are taken.
        addresses: Tags that hold addresses: what is one goes to the links of the paper.
        last_page: Tags of a last page that stands apart from the first.
        mend: Rewrites the fields of a paper where a format needs more than names.
    """

    name: str
    one: Mapping[str, tuple[str, ...]]
    several: Mapping[str, tuple[str, ...]]
    addresses: tuple[str, ...] = ()
    last_page: tuple[str, ...] = ()
    mend: Callable[[dict[str, list[str]], Record], None] | None = None


def papers(entries: Iterable[Entry | Leftover], schema: Schema) -> Iterator[Paper | Leftover]:
    """Papers out of entries, what could not be placed left as it is.

    Raises:
        InputError: There is nothing but text that no entry takes.
    """
    opens = True
    for entry in entries:
        if isinstance(entry, Leftover):
            yield entry
            continue
        made = paper(entry, schema)
        if isinstance(made, Paper):
            made.opens_digest, opens = opens, False
        yield made


def paper(entry: Entry, schema: Schema) -> Paper | Leftover:
    """The paper of one entry; an entry that has neither title nor abstract is none."""
    values: dict[str, list[str]] = defaultdict(list)
    for tag, text in entry.fields:
        if text:
            values[tag].append(text)
    extra: Record = {}
    if schema.mend:
        schema.mend(values, extra)
    for name, tags in schema.one.items():
        used = next((tag for tag in tags if values.get(tag)), None)
        if used is not None and name not in extra:
            extra[name] = values[used].pop(0)
    for name, tags in schema.several.items():
        used = next((tag for tag in tags if values.get(tag)), None)
        if used is not None and name not in extra:
            extra[name] = values.pop(used)
    title, abstract = (
        plain(extra.pop("title", "")),
        without_notice(plain(extra.pop("abstract", ""), lines=True)),
    )
    if not title and not abstract:
        shown = "; ".join(text for _, text in entry.fields[:3])
        return Leftover(entry.line, shown, "an entry with neither title nor abstract")
    links = _links(values, extra, schema)
    _refine(values, extra, schema)
    for tag, rest in values.items():
        if rest:
            extra[_own_name(tag, extra, schema)] = rest[0] if len(rest) == 1 else rest
    return Paper(title, abstract, entry.line, links=links, extra=extra)


def _own_name(tag: str, extra: Record, schema: Schema) -> str:
    """A tag as the name of a field; those that mean something else in a record carry their format's name."""
    return f"{schema.name}_{tag}" if tag in _RESERVED or tag in extra else tag


def _links(values: dict[str, list[str]], extra: Record, schema: Schema) -> list[str]:
    found: dict[str, None] = {}
    for tag in schema.addresses:
        texts = values.pop(tag, [])
        addresses = [address for text in texts for address in _addresses(text)]
        found.update(dict.fromkeys(addresses))
        if rest := [text for text in texts if not _addresses(text)]:
            values[tag] = rest
    if found and "url" not in extra:
        extra["url"] = next(iter(found))
    return list(found)


def _addresses(text: str) -> list[str]:
    parts = text.split()
    return parts if parts and all(_URL.fullmatch(part) for part in parts) else []


def _refine(values: dict[str, list[str]], extra: Record, schema: Schema) -> None:
    """Years as numbers, pages as a range, DOIs without a resolver, names and venues on one line."""
    if printed := extra.pop("year", ""):
        year = year_of(printed)
        if year:
            extra["year"] = year
        if not year or printed.strip("/ ") != str(year):
            extra["published"] = published(printed)
    _pages(values, extra, schema)
    if doi := extra.get("doi"):
        extra["doi"] = RESOLVER.sub("", doi, count=1).strip()
    if "arxiv" not in extra and (named := _arxiv(extra)):
        extra["arxiv"] = named
    for name, value in extra.items():
        if isinstance(value, str) and name != "notes":
            extra[name] = plain(value)


def _pages(values: dict[str, list[str]], extra: Record, schema: Schema) -> None:
    """First and last page as a range, with a plain hyphen and no "pp."; that there are none is no page."""
    first = pages(extra.pop("pages", ""))
    for tag in schema.last_page:
        if last := values.get(tag):
            if f"{first} {last[0]}".lower() in _NO_PAGES:
                first = ""
                last.pop(0)
            elif first and first != last[0] and "-" not in first:
                first = f"{first}-{last.pop(0)}"
            elif first == last[0] or not first:
                first = last.pop(0)
    if first and first.lower() not in _NO_PAGES:
        extra["pages"] = first


def pages(printed: str) -> str:
    """A page, or a range of them, as "41-57"."""
    return _HYPHENS.sub("-", _PP.sub("", printed.strip()))


def _arxiv(extra: Record) -> str | None:
    address = str(extra.get("url", ""))
    return arxiv_id(address) if "arxiv.org/" in address else None


def without_notice(abstract: str) -> str:
    """An abstract; nothing where it only says that there is none."""
    return "" if len(abstract) < 30 and _NOTICE.fullmatch(abstract.strip()) else abstract


def published(printed: str) -> str:
    """A date in ISO form where it is a whole day in figures; else as printed."""
    day = _DAY.fullmatch(printed.strip())
    return f"{day[1]}-{int(day[2] or day[4]):02}-{int(day[3] or day[5]):02}" if day else printed


def plain(text: str, *, lines: bool = False) -> str:
    """Text without the markup of publishers, on one line or with its lines kept."""
    if "<" in text:
        text = _TAG.sub("", _BLOCK_TAG.sub("\n", text))
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if not lines:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


class Building:
    """An entry in the making: tags, and lines that go on.

    Args:
        line: Where the entry begins.
        lists: Tags of which each further line is a value of its own.
        wrapped: Whether the format itself breaks lines, so that no break is a paragraph's.
    """

    def __init__(self, line: int, lists: frozenset[str] = frozenset(), *, wrapped: bool = False) -> None:
        self.line = line
        self._lists = lists
        self._wrapped = wrapped
        self._fields: list[tuple[str, list[str]]] = []

    @property
    def opened_with(self) -> str:
        """The tag that stands first."""
        return self._fields[0][0] if self._fields else ""

    def add(self, tag: str, text: str) -> None:
        """A tag with the beginning of its text."""
        self._fields.append((tag, [text.strip()]))

    def more(self, text: str) -> bool:
        """A line that goes on with the last tag; whether there is one."""
        if self._fields:
            tag, texts = self._fields[-1]
            if tag in self._lists and text.strip():
                self._fields.append((tag, [text.strip()]))
            else:
                texts.append(text.strip())
        return bool(self._fields)

    def has(self, tag: str) -> bool:
        """Whether a tag is there already."""
        return any(tag == known for known, _ in self._fields)

    def entry(self) -> Entry:
        """What has been made."""
        join = " ".join if self._wrapped else joined
        return Entry(self.line, [(tag, join(texts)) for tag, texts in self._fields])


def joined(texts: list[str]) -> str:
    """Lines of one text: wrapped ones are joined by a blank, paragraphs by a newline."""
    if len(texts) == 1:
        return texts[0]
    full = [len(text) for text in texts[:-1] if text]
    wrapped = full and 40 <= max(full) <= _WRAPPED_AT and max(full) - min(full) <= _RAGGED + max(full) // 6
    return (" " if wrapped else "\n").join(text for text in texts if text)


class Unplaced:
    """Lines that no entry takes: neighbours are told as one, and too many at the beginning end the reading.

    Args:
        format_name: What the text was taken for.
        wanted: What an entry begins with.
    """

    def __init__(self, format_name: str, wanted: str) -> None:
        self._format = format_name
        self._wanted = wanted
        self._line = 0
        self._texts: list[str] = []
        self._found = False

    def add(self, line: int, text: str) -> None:
        """One more line.

        Raises:
            InputError: No entry has begun for too long.
        """
        self._line = self._line or line
        self._texts.append(text.strip())
        if not self._found and len(self._texts) >= LINES_BEFORE:
            raise InputError(
                f"is not {self._format}: none of its first {LINES_BEFORE} lines begins an entry ({self._wanted})",
                line=self._line,
            )

    def give(self, *, entry: bool = True) -> Iterator[Leftover]:
        """What has gathered, before an entry begins or the text ends."""
        self._found = self._found or entry
        if self._texts:
            yield Leftover(
                self._line, " ".join(self._texts)[:200], f"it stands in no entry of {self._format}"
            )
        self._line, self._texts = 0, []
