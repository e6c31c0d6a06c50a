"""What a page says of papers for machines: JSON that its scripts were given, schema.org, and `citation_*` names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool.records import Paper

from .dates import DATE, iso_date
from .html_tree import base_of, elements, first, has_class, shown
from .json_nested import Nested
from .json_paper import is_surely_paper, paper_of
from .links import arxiv_id
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html_tree import Element

_ARTICLES = frozenset(["ScholarlyArticle", "MedicalScholarlyArticle", "Thesis", "Report", "Chapter"])
_LARGEST = 1 << 26
_DIGEST_DATES = ("date", "dateString", "digestDate", "currentDate")
_DATE = re.compile(DATE, re.IGNORECASE)
_ABSTRACTS = (
    "citation_abstract",
    "dc.description",
    "dcterms.abstract",
    "eprints.abstract",
    "description",
    "og:description",
)
_ABSTRACT_ELEMENTS = (
    f"//blockquote[{has_class('abstract')}]",
    "//*[@id='abstract' or @id='Abs1-content' or @id='abstracts']",
    f"//*[{has_class('abstract')} or {has_class('abstractSection')} or {has_class('article-abstract')}]",
    "//*[@data-title='Abstract']",
)
_HEADING = re.compile(r"\s*(?:abstract|summary)\s*[:.]?\s*", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")


def papers_of_scripts(root: Element) -> list[Paper]:
    """Papers in the data that the page's own scripts were given, as on Hugging Face."""
    for element in elements(root, "//*[@data-props]"):
        value = _json(element.get("data-props"))
        found = [item for item in Nested(value, []) if isinstance(item, Paper)]
        if found:
            return list(_dated(found, value, element.sourceline or 1))
    for element in elements(root, "//script[@type='application/json' or @id='__NEXT_DATA__']"):
        value = _json(element.text)
        found = [item for item in Nested(value, []) if isinstance(item, Paper) and is_surely_paper(item)]
        if found:
            return list(_dated(found, value, element.sourceline or 1))
    return []


def _json(text: str | None) -> Any:
    if not text or len(text) > _LARGEST or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def _dated(found: list[Paper], value: Any, line: int) -> Iterator[Paper]:
    """Papers on the line of their data, with the date of the page where it tells one."""
    texts = [value.get(name) for name in _DIGEST_DATES] if isinstance(value, dict) else []
    match = next(
        (match for text in texts if isinstance(text, str) and (match := _DATE.search(text[:60]))), None
    )
    for paper in found:
        paper.line = line
        if match:
            paper.digest_date, paper.date = match.group(), iso_date(match.group())
        yield paper


def papers_of_schema(root: Element) -> list[Paper]:
    """The scholarly articles among the page's schema.org objects."""
    found: list[Paper] = []
    for element in elements(root, "//script[@type='application/ld+json']"):
        todo, line = [_json(element.text)], element.sourceline or 1
        while todo:
            value = todo.pop(0)
            if isinstance(value, list):
                todo = [*value, *todo]
            elif isinstance(value, dict):
                kinds = value.get("@type")
                kinds = kinds if isinstance(kinds, list) else [kinds]
                if not _ARTICLES.isdisjoint(each for each in kinds if isinstance(each, str)):
                    paper = paper_of(_article(value), line)
                    found += [paper] if paper else []
                else:
                    todo += [each for each in value.values() if isinstance(each, (dict, list))]
    return found


def _article(value: dict[str, Any]) -> dict[str, Any]:
    """An article of schema.org with the names that papers have."""
    known = {
        key: each
        for key, each in value.items()
        if not key.startswith("@") and key not in ("headline", "name")
    }
    identifier = value.get("identifier")
    doi = (
        identifier
        if isinstance(identifier, str) and identifier.startswith(("10.", "doi:", "https://doi"))
        else None
    )
    return {"title": value.get("headline") or value.get("name"), "doi": doi or value.get("sameAs"), **known}


def paper_of_citation(root: Element) -> Paper | None:
    """The one paper that a page describes by `citation_*` (or Dublin Core) names."""
    values: dict[str, list[str]] = {}
    line = 1
    for element in elements(root, "//meta[@content]"):
        name = (element.get("name") or element.get("property") or "").lower()
        text = " ".join((element.get("content") or "").split())
        if name and text:
            values.setdefault(name, []).append(text)
            line = element.sourceline or 1 if name == "citation_title" and len(values[name]) == 1 else line
    title = next(iter(values.get("citation_title", [])), "")
    if not title:
        return None
    paper = Paper(title, _abstract(root, values), line)
    paper.links = list(dict.fromkeys(_links(root, values)))
    authors = values.get("citation_author") or author_names("; ".join(values.get("citation_authors", [])))
    known = {
        "arxiv": next(iter(values.get("citation_arxiv_id", [])), None)
        or next((named for link in paper.links if (named := arxiv_id(link))), None),
        "authors": [_forwards(name) for name in authors],
        "doi": next(iter(values.get("citation_doi", [])), "").removeprefix("doi:"),
        "published": _published(values),
    }
    paper.extra.update((key, value) for key, value in known.items() if value)
    for name, texts in values.items():
        field = name.removeprefix("citation_")
        if name.startswith("citation_") and field not in _READ:
            paper.extra.setdefault(_NAMES.get(field, field), texts if len(texts) > 1 else texts[0])
    return paper


_READ = frozenset(
    [
        "title",
        "author",
        "authors",
        "doi",
        "arxiv_id",
        "abstract",
        "pdf_url",
        "abstract_html_url",
        "public_url",
        "fulltext_html_url",
    ]
    + [
        "date",
        "publication_date",
        "online_date",
        "reference",
        "author_institution",
        "author_email",
        "author_orcid",
    ]
)
_NAMES = {
    "journal_title": "journal",
    "conference_title": "venue",
    "firstpage": "first_page",
    "lastpage": "last_page",
}


def _abstract(root: Element, values: dict[str, list[str]]) -> str:
    """The longest of what the page calls its abstract; a description is often cut."""
    told = next((values[name][0] for name in _ABSTRACTS[:4] if name in values), "")
    element = first(root, *_ABSTRACT_ELEMENTS)
    printed = shown(element, frozenset(["descriptor"]))
    printed = printed[match.end() :] if (match := _HEADING.match(printed)) else printed
    if told or printed:
        return told if len(told) >= len(printed) or ("<" not in told and told) else printed
    return next((values[name][0] for name in _ABSTRACTS if name in values), "")


def _links(root: Element, values: dict[str, list[str]]) -> Iterator[str]:
    base = base_of(root)
    if base:
        yield base
    for name in ("citation_abstract_html_url", "citation_public_url", "citation_pdf_url"):
        yield from (text for text in values.get(name, []) if text.startswith("http"))


def _published(values: dict[str, list[str]]) -> str | None:
    for name in ("citation_publication_date", "citation_date", "citation_online_date", "dc.date"):
        for text in values.get(name, []):
            if match := _SLASHED.search(text):
                return iso_date("-".join(part.zfill(2) for part in match.groups()))
            if found := iso_date(text[:60]):
                return found
    return None


def _forwards(name: str) -> str:
    """A name with the given one first."""
    last, comma, rest = name.partition(",")
    return f"{rest.strip()} {last.strip()}" if comma and "," not in rest else name
