"""Other people's field names, brought to one: what a record says about its paper.

`paper_fields` reads the names that bibliographies use (RIS and PubMed tags, BibTeX, CSL-JSON, Crossref,
OpenAlex, Semantic Scholar, spreadsheets), whatever their case and punctuation, and returns plain strings.
The record's own `id` is never read: it names the record, not the paper. Nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from corpus_tool.errors import UsageError
from corpus_tool.papers.damage import repaired, somebody, telling
from corpus_tool.papers.identifiers import (
    arxiv_cited,
    arxiv_in_addresses,
    arxiv_of_doi,
    bare_arxiv,
    clean_arxiv,
    clean_doi,
    doi_in_address,
)
from corpus_tool.papers.notices import own_words
from corpus_tool.records import bare_name, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Record


@dataclass(slots=True, frozen=True)
class PaperFields:
    """What a record says about its paper; an empty string (or year 0) where it says nothing.

    Attributes:
        title: As written.
        abstract: As written, without notices in its place and rights behind it.
        authors: One string; names that came as a list are joined by "; ".
        year: Of publication, 0 where unknown.
        venue: Journal, proceedings or book.
        volume: As written.
        issue: As written; a number is one only beside a volume.
        pages: As written, or "first-last" where the two stand in separate fields.
        doi: Lower case, without a resolver's address in front; empty where it is not a DOI.
        arxiv: Identifier without "arXiv:" and version; empty where it is not one.
    """

    title: str = ""
    abstract: str = ""
    authors: str = ""
    year: int = 0
    venue: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    arxiv: str = ""

    @property
    def more(self) -> bool:
        """Whether anything is known besides title and abstract."""
        some = self.authors or self.arxiv or self.doi or self.year or self.venue
        return bool(some or self.volume or self.issue or self.pages)


ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title", "ti", "t1", "articletitle", "documenttitle", "papertitle", "primarytitle"),
    "abstract": ("abstract", "ab", "n2", "abstracttext", "abstractnote", "summary", "description"),
    "authors": ("authors", "author", "au", "a1", "af", "fau", "authorships", "creators", "creator")
    + ("authornames", "authorfullnames"),
    "year": ("year", "py", "y1", "yr", "pubyear", "publicationyear", "yearpublished", "issued"),
    "date": ("published", "publicationdate", "publisheddate", "pubdate", "dp", "coverdate", "date", "da"),
    "venue": ("venue", "journal", "journaltitle", "containertitle", "booktitle", "publicationtitle")
    + (
        "publicationname",
        "publication",
        "sourcetitle",
        "journalname",
        "jf",
        "jo",
        "t2",
        "jt",
        "ja",
        "ta",
        "so",
    )
    + ("secondarytitle", "conference", "proceedings"),
    "volume": ("volume", "vol", "vl", "vi"),
    "issue": ("issue", "is", "ip", "issuenumber", "journalissue", "number"),
    "pages": ("pages", "page", "pagerange", "pagination", "pg", "pagenumbers"),
    "first_page": ("startpage", "firstpage", "pagestart", "beginningpage", "sp", "bp"),
    "last_page": ("endpage", "lastpage", "pageend", "endingpage", "ep"),
    "doi": ("doi", "do", "di", "doinumber", "articledoi"),
    "arxiv": ("arxiv", "arxivid", "eprint", "arxivurl", "arxivlink", "arxivabs"),
    "identifiers": ("externalids", "ids", "identifiers"),
    "address": ("url", "ur", "link", "entryid", "absurl", "pdfurl", "landingpage", "landingpageurl")
    + (
        "abs",
        "pdf",
        "links",
        "urls",
        "paperid",
        "paperurl",
        "paperlink",
        "huggingfaceurl",
        "hfurl",
        "alphaxiv",
    ),
    "paper": ("paper",),
}
"""Canonical field to the names it goes by, the surest first; names are compared without case, blanks, `_`, `-` and `:`.

`date`, `first_page`, `last_page`, `identifiers` (a mapping such as {"DOI": ..., "ArXiv": ...}), `paper` (a nested
record, whose `id` is looked at) and `address` are not fields of a paper themselves: the year, the pages, the
DOI and the arXiv id are read from them where they are.
"""

PUBLISHED = frozenset({"venue", "volume", "pages", "first_page"})
"""A date is the year of publication only beside one of these: without them it is the day of a posting, a feed or a
digest, and one paper has several."""

BY_THEMSELVES_NOTHING = frozenset({"date", "last_page", "issue"})
"""A date says nothing without one of `PUBLISHED`, a last page nothing without a first, an issue without a volume."""

MAPPABLE = ("title", "abstract", "authors", "year", "venue", "volume", "issue", "pages", "doi", "arxiv")
"""The canonical names that a caller may map to names of their own."""

FieldMap = Mapping[str, Sequence[str]]
"""Canonical names, each with the records' own where the aliases do not know them ("venue": ["wo"]), as dotted paths."""

_IDENTIFYING = frozenset({"doi", "arxiv", "identifiers", "address", "paper", "venue", "volume"})
_CANONICAL = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
_RANK = {alias: rank for aliases in ALIASES.values() for rank, alias in enumerate(aliases)}
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def paper_fields(record: Record, mapping: FieldMap | None = None) -> PaperFields:
    """Read a record under whatever names its fields have.

    Args:
        record: One JSON object.
        mapping: Further names, surer than the known ones; the first that has a value counts.

    Raises:
        UsageError: The mapping names a field that papers do not have.
    """
    found = _members(record)
    if mapping:
        found.update(_mapped(record, mapping))
    title, abstract = found.pop("title", None), found.pop("abstract", None)
    known: dict[str, Any] = {}
    if "authors" in found:
        known["authors"] = _names(found["authors"])
    if "year" in found or "date" in found:
        known["year"] = _published_year(found)
    for field in ("venue", "volume"):
        if field in found:
            known[field] = _text(found[field])
    if "issue" in found and "volume" in found:
        known["issue"] = _text(found["issue"])
    if "pages" in found or "first_page" in found:
        known["pages"] = _pages(found)
    if not _IDENTIFYING.isdisjoint(found):
        known.update(_identifiers(found))
    return PaperFields(_text(title), own_words(_text(abstract)), **known)


def paper_title(record: Record) -> str:
    """The title alone, as `paper_fields` reads it."""
    titles = (record[key] for field, key in _plan(tuple(record)) if field == "title")
    return _text(next(filter(None, titles), None))


def has_paper(record: Record, mapping: FieldMap | None = None) -> bool:
    """Whether a record has a title or an abstract, be it empty."""
    named = {field for field, _ in _plan(tuple(record))}
    named.update(field for field, _ in _mapped(record, mapping or {}))
    return not named.isdisjoint({"title", "abstract"})


@lru_cache(maxsize=4096)
def _plan(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(canonical field, the record's key) for records with these keys, the surest alias of a field first."""
    named = [(bare_name(key), key) for key in keys]
    known = [(_CANONICAL[name], _RANK[name], key) for name, key in named if name in _CANONICAL]
    return tuple((field, key) for field, _, key in sorted(known))


def _members(record: Record) -> dict[str, Any]:
    """The value of each canonical field that says something, under its surest name; all of an address."""
    found: dict[str, Any] = {}
    for field, key in _plan(tuple(record)):
        value = record[key]
        if field == "address" and value:
            found.setdefault(field, []).append(value)
        elif value and field not in found and (type(value) is not str or telling(value)):
            found[field] = value
    return found


def _mapped(record: Record, mapping: FieldMap) -> Iterator[tuple[str, Any]]:
    """The fields that a record has under mapped names."""
    for field, paths in mapping.items():
        if field not in MAPPABLE:
            raise UsageError(f"papers have no field {field!r}; they have {', '.join(MAPPABLE)}")
        value = next((value for path in paths if (value := dotted(record, path))), None)
        if value is not None:
            yield field, value


def _text(value: Any) -> str:
    """A value as one string: the first of a list, a number in digits."""
    if isinstance(value, str):
        return telling(value.strip() if value.isascii() else repaired(value).strip())
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return next((text for text in map(_text, value) if text), "")
    if isinstance(value, dict):
        inner = (value.get(key) for key in ("value", "name", "title", "text", "display_name", "#text"))
        return next((text for text in map(_text, inner) if text), "")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if isinstance(value, bool) else telling(str(value))


def _names(value: Any) -> str:
    """Authors as one string, from a string, a list of strings, or CSL's list of {family, given}."""
    if isinstance(value, (list, tuple)):
        return "; ".join(name for name in map(_names, value) if name)
    if isinstance(value, dict):
        lowered = {str(key).lower(): part for key, part in value.items()}
        for whole in ("author", "literal", "name", "display_name", "full_name", "fullname"):
            if lowered.get(whole):
                return _names(lowered[whole])
        parts = ("family", "last", "lastname", "surname", "given", "first", "firstname", "forename")
        return " ".join(_text(lowered[part]) for part in parts if lowered.get(part))
    return somebody(_text(value))


def _year(value: Any) -> int:
    """The first year that a value shows, 1500 to 2099; 0 where it shows none."""
    if isinstance(value, dict):
        return next((year for year in map(_year, value.values()) if year), 0)
    if isinstance(value, (list, tuple)):
        return next((year for year in map(_year, value) if year), 0)
    match = _YEAR.search(_text(value))
    return int(match[1]) if match else 0


def _published_year(found: dict[str, Any]) -> int:
    """The year of publication, from a date only where it is one of publication."""
    if "year" in found:
        return _year(found["year"])
    return _year(found["date"]) if "date" in found and not PUBLISHED.isdisjoint(found) else 0


def _pages(found: dict[str, Any]) -> str:
    """The page range as one string."""
    whole = _text(found.get("pages"))
    if whole or "first_page" not in found:
        return whole
    first, last = _text(found["first_page"]), _text(found.get("last_page"))
    return f"{first}-{last}" if last else first


def _identifiers(found: dict[str, Any]) -> dict[str, str]:
    """The DOI and the arXiv id, from their own fields, a mapping of identifiers, or the record's addresses.

    arXiv's own DOIs are arXiv ids: kept as DOIs they would contradict that of the publication.
    """
    doi = clean_doi(_text(found["doi"])) if "doi" in found else ""
    arxiv = clean_arxiv(_text(found["arxiv"])) if "arxiv" in found else ""
    addresses = list(strings(found["address"])) if "address" in found else []
    if "identifiers" in found or "paper" in found:
        known = _known_elsewhere(found, addresses)
        doi, arxiv = doi or clean_doi(known.get("doi", "")), arxiv or clean_arxiv(known.get("arxiv", ""))
    if addresses:
        doi = doi or next(filter(None, map(doi_in_address, addresses)), "")
        arxiv = arxiv or arxiv_in_addresses(addresses) or next(filter(None, map(bare_arxiv, addresses)), "")
    if not arxiv and ("venue" in found or "volume" in found):
        arxiv = arxiv_cited(_text(found.get("venue"))) or arxiv_cited(_text(found.get("volume")))
    of_doi = arxiv_of_doi(doi) if doi else ""
    return {"doi": "", "arxiv": arxiv or of_doi} if of_doi else {"doi": doi, "arxiv": arxiv}


def _known_elsewhere(found: dict[str, Any], addresses: list[str]) -> dict[str, str]:
    """Identifiers from a mapping of them or a nested record, by their names; addresses of the latter are added."""
    known, nested = found.get("identifiers"), found.get("paper")
    named = (
        {str(key).lower(): _text(value) for key, value in known.items()} if isinstance(known, dict) else {}
    )
    if isinstance(nested, dict):
        named.setdefault("arxiv", _text(nested.get("id")))
    else:
        addresses.extend(strings(nested))
    return named


def strings(value: Any) -> Iterator[str]:
    """Every string within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)
