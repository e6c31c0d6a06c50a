"""The heads of tables, as databases and reference managers print them, to the names that all records share.

Of each canonical name the surest head is taken; every other column keeps its own name, as printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS: dict[str, tuple[str, ...]] = {
    "title": (
        "title",
        "articletitle",
        "documenttitle",
        "papertitle",
        "primarytitle",
        "itemtitle",
        "titles",
        "titleprimary",
        "displayname",
        "题名",
        "标题",
        "篇名",
        "论文题目",
    ),
    "abstract": ("abstract", "abstractnote", "abstracttext", "abstracts", "summary", "摘要"),
    "authors": (
        "authors",
        "author",
        "authornames",
        "authornamess",
        "authorfullnames",
        "authorss",
        "authorsprimary",
        "creators",
        "creator",
        "authorshipsauthordisplayname",
        "authorshipsrawauthorname",
        "contributors",
        "作者",
    ),
    "year": (
        "year",
        "publicationyear",
        "pubyear",
        "publishedyear",
        "yearpublished",
        "pubyr",
        "publicationyears",
        "年",
        "年份",
    ),
    "venue": (
        "venue",
        "journal",
        "journaltitle",
        "journalbook",
        "sourcetitle",
        "publicationtitle",
        "publicationname",
        "journalname",
        "containertitle",
        "secondarytitle",
        "conference",
        "booktitle",
        "periodicalfull",
        "pubtitle",
        "primarylocationsourcedisplayname",
        "hostvenuedisplayname",
        "publication",
        "文献来源",
        "来源",
        "刊名",
        "期刊",
    ),
    "volume": ("volume", "vol", "journalvolume", "bibliovolume", "卷"),
    "issue": ("issue", "number", "issuenumber", "journalissue", "biblioissue", "期"),
    "pages": ("pages", "pagerange", "pagination", "pagenumbers", "页码", "页"),
    "doi": (
        "doi",
        "articledoi",
        "itemdoi",
        "doinumber",
        "digitalobjectidentifier",
        "digitalobjectidentifierdoi",
    ),
    "pmid": ("pmid", "pubmedid", "pubmedpmid", "medlinepmid", "idspmid"),
    "arxiv": ("arxiv", "arxivid"),
    "url": ("url", "link", "articleurl", "plink", "urls"),
    "keywords": ("keywords", "authorkeywords", "authorskeywords", "关键词"),
}
"""Canonical names to heads without case, blanks and punctuation, the surest first."""

TAGS = {
    "TI": "title",
    "AB": "abstract",
    "AF": "authors",
    "AU": "authors",
    "PY": "year",
    "SO": "venue",
    "VL": "volume",
    "IS": "issue",
    "BP": "start_page",
    "EP": "end_page",
    "DI": "doi",
    "PM": "pmid",
    "DE": "keywords",
    "ID": "keywords_plus",
    "PG": "page_count",
}
"""The heads of Web of Science's tab-delimited export are its tags."""

FIRST_PAGES = frozenset(
    {"firstpage", "startpage", "pagestart", "spage", "bibliofirstpage", "articlestartpage"}
)
LAST_PAGES = frozenset({"lastpage", "endpage", "pageend", "epage", "bibliolastpage", "otherpages"})
"""Heads of the ends of a range of pages, where a table has them in two columns."""

PAGE_COUNTS = frozenset({"pagecount", "numberofpages"})
"""How many pages there are, where only the first is printed."""

SOURCES = frozenset({"source", "so", "citation"})
"""Heads of columns that may say all of a publication in one string; or its venue, or whence the row comes."""

DATES = (
    "publicationdate",
    "datepublished",
    "dateofpublication",
    "publisheddate",
    "pubdate",
    "coverdate",
    "issued",
    "publicationdateprint",
    "publicationdateonline",
    "发表时间",
    "出版时间",
)
"""Heads of dates of publication, the surest first: the year is read from one where a table has none."""

TEXTS = frozenset({"title", "abstract", "text", "content", "body"})
"""Heads of what records are compared by: a row with one of them among others is a head line."""

_TAGGED = frozenset({"PT", "AU", "TI", "SO", "UT"})
_PUNCTUATION = re.compile(r"[\W_]+")
_CANONICAL = {head: name for name, heads in HEADS.items() for head in heads}
_RANK = {head: rank for heads in HEADS.values() for rank, head in enumerate(heads)}


def is_tagged(heads: Sequence[str]) -> bool:
    """Whether the heads are Web of Science's tags."""
    return _TAGGED.issubset(head.strip() for head in heads)


def names(heads: Sequence[str]) -> list[str]:
    """A name for each column: canonical, or its head as printed; a head that is missing or met before is numbered."""
    found = _tagged(heads) if is_tagged(heads) else known_columns(heads)
    taken: set[str] = set()
    result = []
    for at, head in enumerate(heads):
        name = found.get(at) or head.strip() or f"column_{at + 1}"
        number = 2
        while name in taken:
            name = f"{found.get(at) or head.strip()}_{number}"
            number += 1
        taken.add(name)
        result.append(name)
    return result


def known(heads: Sequence[str]) -> set[str]:
    """The canonical names and the names of texts that a row of heads has."""
    found = set((_tagged(heads) if is_tagged(heads) else known_columns(heads)).values())
    return found | TEXTS.intersection(_key(head) for head in heads)


def _tagged(heads: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for tag, name in TAGS.items():
        at = next((at for at, head in enumerate(heads) if head.strip() == tag), None)
        if at is not None and name not in found.values():
            found[at] = name
    return found


def page_columns(names: Sequence[str]) -> tuple[str, str | None, str | None] | None:
    """The columns of a first page, a last one, and of how many there are, where there is none of pages."""
    first = next((name for name in names if _key(name) in FIRST_PAGES), None)
    last = next((name for name in names if _key(name) in LAST_PAGES), None)
    count = next((name for name in names if _key(name) in PAGE_COUNTS), None)
    return (first, last, count) if first and "pages" not in names else None


def source_column(names: Sequence[str]) -> tuple[str, bool] | None:
    """The column of a source of publication, and whether what stands in it, read in no known way, is a venue.

    Beside a volume, an issue or an ISSN it is one, where no other column is; a table of this program's has the files
    there that its records come from.
    """
    column = next((name for name in names if _key(name) in SOURCES), None)
    if column is None or "title" not in names or "line" in names:
        return None
    published = (
        "volume" in names or "issue" in names or any(_key(name) in {"issn", "issns"} for name in names)
    )
    return column, published and "venue" not in names and _key(column) != "citation"


def date_column(names: Sequence[str]) -> str | None:
    """The column of the date of publication, in a table of titles that has none of years."""
    if "year" in names or "title" not in names:
        return None
    keys = {_key(name): name for name in reversed(names)}
    return next((keys[date] for date in DATES if date in keys), None)


def known_columns(heads: Sequence[str]) -> dict[int, str]:
    """The columns whose heads have canonical names: where each stands, and the name."""
    best: dict[str, tuple[int, int]] = {}
    for at, head in enumerate(heads):
        key = _key(head)
        if key in _CANONICAL:
            name = _CANONICAL[key]
            best[name] = min(best.get(name, (len(HEADS), at)), (_RANK[key], at))
    return {at: name for name, (_, at) in best.items()}


def _key(head: str) -> str:
    return _PUNCTUATION.sub("", head.lower())
