"""What a table says of a paper in columns of its own: a first and a last page, a date, a whole source in one string.

From these come pages, year, venue, volume and issue. Only what a row has no cell for is added; nothing is taken away
but what moves to the name that it should have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import heads
from .bibliography import RESOLVER, pages, without_notice
from .dates import year_of
from .printed_source import published_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.records import Record

_PARTED = re.compile(r"\s*(?:\||//)\s*")
"""What parts names in OpenAlex's tables and in EndNote's."""

_NO_VENUE = re.compile(
    r"[a-z]+://.*|\S*/\S*|\S+\.\w{2,5}|\W*|\d+|pubmed|medline|embase|scopus|web of science|wos|cochrane|central"
    r"|psycinfo|cinahl|arxiv|openalex|crossref|(?:semantic|google) scholar|dimensions|lens|ieee xplore|acm|dblp",
    re.IGNORECASE,
)
"""What stands in a column of that name where it tells whence a row comes: an address, a file, a database."""


class Completed:
    """Completes the records of one table.

    Args:
        names: Of its columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._pages = heads.page_columns(names)
        self._source = heads.source_column(names)
        self._date = heads.date_column(names)

    def complete(self, record: Record) -> None:
        """Add what a row says, and write what it has in the form that all records share."""
        if doi := record.get("doi"):
            record["doi"] = _without_resolver(doi)
        if (
            (authors := record.get("authors"))
            and type(authors) is str
            and ("|" in authors or "//" in authors)
        ):
            record["authors"] = _PARTED.sub("; ", authors)
        if (abstract := record.get("abstract")) and not without_notice(abstract):
            del record["abstract"]
        if self._pages and (first := record.get(self._pages[0])):
            record["pages"] = self._range(record, str(first), *self._pages[1:])
        elif (printed := record.get("pages")) and type(printed) is str:
            record["pages"] = pages(printed)
        if self._source and (printed := record.get(self._source[0])):
            self._publish(record, str(printed), *self._source)
        if self._date and (printed := record.get(self._date)) and (year := year_of(str(printed))):
            record["year"] = year

    @staticmethod
    def _range(record: Record, first: str, last_page: str | None, count: str | None) -> str:
        last = str(record.get(last_page, "")) if last_page else ""
        if not last and count and first.isdecimal() and (many := str(record.get(count, ""))).isdecimal():
            last = str(int(first) + int(many) - 1)
        return pages(f"{first}-{last}" if last and last != first else first)

    @staticmethod
    def _publish(record: Record, printed: str, column: str, is_venue: bool) -> None:
        told = published_in(printed)
        if not told and is_venue and not _NO_VENUE.fullmatch(printed.strip()):
            told = {"venue": record.pop(column)}
        elif told and column == "source":  # the file goes by this name
            record["original_source"] = record.pop(column)
        for name, value in told.items():
            record.setdefault(name, value)


def _without_resolver(doi: object) -> object:
    if type(doi) is not str or doi.startswith("10."):
        return doi
    return RESOLVER.sub("", doi.strip(), count=1)
