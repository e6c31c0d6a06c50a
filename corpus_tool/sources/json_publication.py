"""Where and when a paper was published, from the fields in which APIs say it.

Crossref and CSL give dates by parts; OpenAlex, Europe PMC and Semantic Scholar have objects of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .bibliography import pages as plain_pages
from .dates import year_of
from .json_keys import plain_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus_tool.records import Record

_VENUES: tuple[str, ...] = (
    "venue",
    "journal",
    "journaltitle",
    "containertitle",
    "publicationtitle",
    "publicationname",
    "sourcetitle",
    "booktitle",
)
_VENUES += ("fulljournalname", "pub", "container", "journals", "publicationvenue", "primarylocation")
_VENUES += ("hostvenue", "journalinfo", "publicationinfo", "conference", "proceedings")
_NESTED: tuple[str, ...] = ("journal", "journalinfo", "biblio", "publication", "publicationinfo")
_NESTED += ("publicationissue", "container", "hostvenue")
"""Objects that hold volume, issue and pages, or lists of one."""
_VOLUMES = ("volume", "journalvolume")
_ISSUES = ("issue", "journalissue", "issuenumber", "issueidentifier", "number")
_PAGES = ("pagerange", "pages", "page", "pageinfo", "pagination", "pagenumbers", "journalpages")
_FIRST_PAGES = ("firstpage", "startpage", "pagestart", "startingpage")
_LAST_PAGES = ("lastpage", "endpage", "pageend", "endingpage")
_YEARS = ("year", "publicationyear", "pubyear", "yearofpublication", "yearpublished", "publishedyear")
_NAMES = ("name", "title", "displayname", "raw", "value", "fullname", "source", "journal")
_DATES: tuple[str, ...] = ("issued", "published", "publishedprint", "publishedonline", "publicationdate")
_DATES += ("dateofpublication", "coverdate", "datepublished", "publisheddate", "pubdate", "earliestdate")
_VOLUME_AND_ISSUE = re.compile(r"(\d{1,5})\s*(?:\((\d{1,5})\)|\s(\d{1,5}))")


def publication(flat: Mapping[str, Any]) -> Record:
    """Venue, year, volume, issue and pages, as far as an object says them; those that it has no field of that name for.

    A year is told only where a venue, a field of its own, or a date by parts shows that it is that of a publication.
    """
    fields = _Fields(flat)
    told: Record = {
        "venue": _name(fields.first(_VENUES)),
        "volume": _text(fields.first(_VOLUMES)),
        "issue": _text(fields.first(_ISSUES)),
        "pages": _pages(fields),
    }
    if told["volume"] and not told["issue"] and (both := _VOLUME_AND_ISSUE.fullmatch(told["volume"])):
        told["volume"], told["issue"] = both[1], both[2] or both[3]
    elif not told["volume"]:
        told["issue"] = ""  # the number of something else
    dated = bool(told["venue"]) or isinstance(fields.first(("issued",)), dict)
    told["year"] = year_of(_text(fields.first(_YEARS))) or (_year(fields) if dated else None)
    return {name: value for name, value in told.items() if value and flat.get(name) in (None, "", [], {})}


class _Fields:
    """The fields of an object, and of those in it that hold the numbers of a publication, by plain names."""

    def __init__(self, flat: Mapping[str, Any]) -> None:
        self._values: dict[str, Any] = {}
        for key, value in (*flat.items(), *_inner(flat)):
            if value not in (None, "", [], {}):
                self._values.setdefault(plain_key(key), value)

    def first(self, names: tuple[str, ...]) -> Any:
        """The first value that there is."""
        return next((self._values[name] for name in names if name in self._values), None)


def _inner(flat: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in flat.items():
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(value, dict) and plain_key(key) in _NESTED:
            yield from (
                (name, each) for name, each in value.items() if plain_key(name) not in {"title", "name"}
            )


def _name(value: Any) -> str:
    """The name of a venue, however it is wrapped."""
    for _ in range(4):
        if isinstance(value, list):
            value = next((each for each in value if each), None)
        elif isinstance(value, dict):
            plain = {plain_key(key): each for key, each in value.items()}
            value = next((plain[name] for name in _NAMES if plain.get(name)), None)
        else:
            break
    return " ".join(value.split()) if isinstance(value, str) else ""


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return " ".join(str(value).split())


def _pages(fields: _Fields) -> str:
    if printed := _text(fields.first(_PAGES)):
        return plain_pages(printed)
    first, last = _text(fields.first(_FIRST_PAGES)), _text(fields.first(_LAST_PAGES))
    return plain_pages(f"{first}-{last}" if last and last != first else first)


def _year(fields: _Fields) -> int | None:
    """The year of the first date that has one: its parts, or its text."""
    for name in _DATES:
        value = fields.first((name,))
        if isinstance(value, dict):
            value = value.get("date-parts", value.get("raw", value.get("literal")))
        while isinstance(value, list) and value:
            value = value[0]
        if year := year_of(_text(value)):
            return year
    return None
