"""Where a paper stands: its venue, volume, issue and pages, made comparable.

A preprint server is no venue, and what spreadsheets have made dates of is doubtful. A doubtful page may agree with
another; that it differs says nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus_tool.papers.identifiers import PREPRINT_DOI
from corpus_tool.papers.normalise import MONTHS, hash_text, plain, words

if TYPE_CHECKING:
    from corpus_tool.papers.fields import PaperFields

PREPRINT_SERVERS = frozenset(
    ("arxiv", "biorxiv", "medrxiv", "chemrxiv", "psyarxiv", "socarxiv", "techrxiv", "ssrn", "corr", "osf")
    + ("eartharxiv", "edarxiv", "engrxiv", "authorea", "zenodo", "preprint", "preprints", "eprint", "eprints")
)
"""Words of a venue that is none: a paper there is not published yet."""

PREPRINT_VENUES = (
    "research square",
    "computing research repository",
    "e print",
    "social science research network",
)
"""The same of more than one word."""

DOUBTFUL = 1
"""The bit of a page's hash that says that it may be none: a date, or a year."""

_DIGITS = re.compile(r"[0-9]+")
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d\u301c\uff5e~]|--+")
_PAGE_WORD = re.compile(r"\b(?:pp?|pages?|pgs?|s|seiten?|с|стр)\.?\s*(?=[a-z]?\d|[ivxlc]+\b)")
_RANGE = re.compile(r"([a-z]*)\s?0*(\d+)(?:\s*-\s*([a-z]*)0*(\d+))?")
_MONTH = re.compile(r"\b(" + "|".join(MONTHS) + r")[a-z]*\b")
_DATE = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?(?![-\d])|\d\d?[/.]\d\d?[/.](?:\d{4}|\d\d)\b")
_NUMERAL = r"x{0,4}(?:ix|iv|v?i{0,4})"
_ROMAN = re.compile(
    rf"(?=[ivxlc])(c{{0,3}}(?:xc|xl|l?){_NUMERAL})(?:\s*-\s*(c{{0,3}}(?:xc|xl|l?){_NUMERAL}))?"
)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ISSUE_IN_VOLUME = re.compile(
    r"\d[a-z]?\s*(?:\(\s*|[,;.]?\s*(?:no|nr|num|number|issue|iss|heft|is)\b\.?\s*)([a-z]*\s?\d*)"
)
_NOT_YET = frozenset(
    "press print ahead online early forthcoming accepted submitted published publication".split()
)
"""Words of a volume or issue that a paper has not got yet."""


@lru_cache(maxsize=1 << 14)
def is_server(venue: str) -> bool:
    """Whether a venue is a preprint server."""
    found = words(venue)
    return not PREPRINT_SERVERS.isdisjoint(found) or " ".join(found).startswith(PREPRINT_VENUES)


def is_preprint(paper: PaperFields) -> bool:
    """Whether a record is that of a preprint: by its venue, or, without one, by its DOI."""
    if paper.venue:
        return is_server(paper.venue)
    return bool(PREPRINT_DOI.match(paper.doi)) and not paper.volume


def published(paper: PaperFields) -> PaperFields:
    """What a record says of where and when its paper was published: of a preprint nothing."""
    if (paper.venue or paper.doi) and is_preprint(paper):
        return replace(paper, venue="", volume="", issue="", pages="", year=0)
    if paper.volume.startswith("abs/"):
        return replace(paper, volume="")
    return paper


@lru_cache(maxsize=1 << 14)
def volume_mark(volume: str) -> int:
    """64-bit hash of a volume's first number, or of its first word; 0 where it has neither."""
    digits = _DIGITS.search(plain(volume))
    if digits:
        return hash_text(digits[0].lstrip("0") or "0")
    return _word_mark(volume)


@lru_cache(maxsize=1 << 14)
def issue_mark(issue: str, volume: str = "") -> int:
    """64-bit hash of an issue's first number, or of its first word; 0 where it has neither.

    Without an issue of its own, it is looked for in the volume: "12(3)", "Vol. 12, No. 3".
    """
    if not issue:
        match = _ISSUE_IN_VOLUME.search(plain(volume))
        issue = match[1] if match else ""
    digits = _DIGITS.search(plain(issue))
    return hash_text(digits[0].lstrip("0") or "0") if digits else _word_mark(issue)


def _word_mark(text: str) -> int:
    found = words(text)
    return 0 if not found or not _NOT_YET.isdisjoint(found) else hash_text(found[0])


@lru_cache(maxsize=1 << 14)
def page_range(pages: str, year: int = 0) -> tuple[int, int]:
    """64-bit hashes of the first and the last page; 0 where there is none.

    "682-9" is 682-689, "S12" and "e12" are 12, "xii-xv" is counted apart. A spreadsheet's "01-Oct" and "2010-10-01" are
    1-10, but `DOUBTFUL`, as is what looks like a year; a page that is the year of the paper is none.
    """
    text = _DASHES.sub("-", plain(_DASHES.sub("-", pages)))
    dated = _DATE.search(text) or _MONTH.search(text)
    if dated:
        return _of_date(text)
    text = text.rpartition(":")[2]
    word = _PAGE_WORD.search(text)
    text = text[word.end() :] if word else text
    match = _RANGE.search(text)
    if not match:
        return _roman_range(text.strip(" .,;[]()"))
    _, first, _, last = match.groups()
    if last and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    if not last and len(first) == 4 and 1900 <= int(first) < 2100:
        return (0, 0) if int(first) == year else (_sure(first) | DOUBTFUL, 0)
    return _sure(first), _sure(last) if last else 0


def _sure(page: str) -> int:
    return (hash_text(page) or 2) & ~DOUBTFUL or 2


def _of_date(text: str) -> tuple[int, int]:
    """What a spreadsheet has made a date: day and month, the smaller first; nothing where one of them is missing."""
    text = _MONTH.sub(lambda match: f" {MONTHS[match[1]]} ", text)
    numbers = sorted(int(number) for number in _DIGITS.findall(text.partition("t")[0]) if len(number) < 3)[:2]
    if len(numbers) < 2:
        return 0, 0
    first, last = (_sure(str(number)) | DOUBTFUL for number in numbers)
    return first, last


def _roman_range(text: str) -> tuple[int, int]:
    match = _ROMAN.fullmatch(text)
    if not match:
        return 0, 0
    first, last = (_sure(f"roman{_roman(numeral)}") if numeral else 0 for numeral in match.groups(default=""))
    return first, last


def _roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(
        -value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True)
    )
