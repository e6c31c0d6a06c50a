"""Papers that a page marks with schema.org's microdata: `itemscope`, `itemtype`, `itemprop`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from corpus_tool.records import Paper

from .html_tree import elements, text_lines
from .links import arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .html_tree import Element

_ARTICLE = re.compile(r"https?://schema\.org/(?:Medical)?ScholarlyArticle/?", re.IGNORECASE)
_SCOPES = "//*[@itemscope and contains(@itemtype, 'ScholarlyArticle')]"
_TITLES = ("headline", "name")
_ABSTRACTS = ("abstract", "description")
_ONE = {"isPartOf": "venue", "volumeNumber": "volume", "issueNumber": "issue", "pagination": "pages"}
_SEVERAL = {"author": "authors", "keywords": "keywords"}
_LINKS = ("url", "sameAs")
_DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)(10\.\S+)", re.IGNORECASE)
_ARXIV = re.compile(r"arxiv:\s?(\S+)", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})(?:-\d\d(?:-\d\d)?)?")


def papers_of_microdata(root: Element) -> list[Paper]:
    """The articles that a page marks, those that say nothing of themselves left out."""
    scopes = (
        element for element in elements(root, _SCOPES) if _ARTICLE.fullmatch(element.get("itemtype").strip())
    )
    return [paper for scope in scopes if (paper := _paper(scope)) is not None]


def _paper(scope: Element) -> Paper | None:
    said: dict[str, list[str]] = {}
    for name, lines in _properties(scope):
        said.setdefault(name, []).extend(lines if name in _ABSTRACTS else [" ".join(lines)])
    title = next((said[name][0] for name in _TITLES if said.get(name)), "")
    abstract = "\n".join(next((said[name] for name in _ABSTRACTS if said.get(name)), []))
    if not title and not abstract:
        return None
    paper = Paper(title, abstract, scope.sourceline or 1)
    paper.links = list(dict.fromkeys(text for name in _LINKS for text in said.get(name, [])))
    paper.extra.update((field, texts) for name, field in _SEVERAL.items() if (texts := said.get(name)))
    paper.extra.update((field, said[name][0]) for name, field in _ONE.items() if said.get(name))
    paper.extra.update(_identifiers(said.get("identifier", []), paper.links))
    if printed := next(iter(said.get("datePublished", [])), ""):
        year = _YEAR.fullmatch(printed)
        paper.extra.update({"year": int(year[1])} if year else {"published": printed})
        if year and year[0] != year[1]:
            paper.extra["published"] = printed
    return paper


def _identifiers(identifiers: list[str], links: list[str]) -> Iterator[tuple[str, Any]]:
    for text in identifiers:
        if doi := _DOI.fullmatch(text):
            yield "doi", doi[1]
        elif arxiv := _ARXIV.fullmatch(text):
            yield "arxiv", arxiv[1]
    if named := next(filter(None, map(arxiv_id, links)), None):
        yield "arxiv", named


def _properties(scope: Element) -> Iterator[tuple[str, list[str]]]:
    """The names and texts of what is said of one item; of an item inside of it, its name."""
    for element in scope.iter("*"):
        names = (element.get("itemprop") or "").split()
        if not names or element is scope or _owner(element) is not scope:
            continue
        lines = _lines(element)
        if lines:
            yield from ((name, lines) for name in names)


def _owner(element: Element) -> Element:
    """The item that a property is of."""
    owner = element.getparent()
    while owner is not None and owner.get("itemscope") is None:
        owner = owner.getparent()
    return owner


def _lines(element: Element) -> list[str]:
    """The text of a property: what it gives machines, else what is shown."""
    if element.get("itemscope") is not None:
        named = [each for each in element.iter("*") if "name" in (each.get("itemprop") or "").split()]
        return _lines(named[0]) if named else text_lines(element)
    value = element.get("content") or (element.get("href") if element.tag in ("a", "link") else None)
    return [" ".join(value.split())] if value else text_lines(element)
