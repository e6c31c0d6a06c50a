"""The pages of sites that list papers, each by the classes that it gives to a paper's parts.

One entry a page form: arXiv's listings and search, PubMed's results, Google Scholar's results and alerts, bioRxiv's and
medRxiv's collections, ACL's volumes. Pages that carry their data as JSON, or describe one paper, are for
`html_metadata`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tool.records import Paper

from .dates import DATE, iso_date
from .html_tree import address, elements, first, has_class, line_of, shown
from .links import arxiv_id, urls
from .names import author_names
from .printed_source import published_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .html_tree import Element

_SKIP = frozenset(
    [
        "descriptor",
        "search-hit-label",
        "gs_ctg2",
        "gs_ct1",
        "gs_ct2",
        "gs_ctc",
        "gs_ctu",
        "sr-only",
        "usa-sr-only",
    ]
)
_CODES = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")
_DATE = re.compile(DATE, re.IGNORECASE)
_LEADING = re.compile(
    r"(?:\[(?:PDF|HTML|BOOK|CITATION|DOC|B|C)\]\s*)+|(?:Title|Abstract|Authors?|Comments|Subjects|Journal ref)\s?:\s*",
    re.IGNORECASE,
)
_CITATION = re.compile(r"([^.]{2,120})\. ((?:19|20)\d\d)\b")
_NUMBER = re.compile(r"\d{1,9}")
_SEVERAL = re.compile(r",|\band\b")
_INITIALS_END = re.compile(r"(?<=\s)([A-Z]{1,4})\.$")
_SCHOLAR_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_ANNOUNCED = re.compile(r"\((cross-list|replaced|new)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """Where a page form keeps what it says of a paper; XPaths from the paper's element.

    Attributes:
        base: The address that its links start from.
        papers: From the page's root, one element a paper.
        title: The title's element.
        link: The link to the paper.
        authors: Elements of one name each, or of all names.
        abstract: The abstract's element, the fullest first.
        fields: Record field to the element that holds it.
        day: What stands before a paper and shows the day of the listing.
    """

    base: str
    papers: str
    title: tuple[str, ...]
    link: tuple[str, ...]
    authors: tuple[str, ...] = ()
    abstract: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    day: tuple[str, ...] = ()


def _at(name: str, tag: str = "*") -> str:
    return f".//{tag}[{has_class(name)}]"


SITES: dict[str, Site] = {
    "arXiv listing": Site(
        base="https://arxiv.org/",
        papers=f"//dd[{_at('list-title')}]",
        title=(_at("list-title"),),
        link=("preceding-sibling::dt[1]//a[contains(@href, '/abs/')]",),
        authors=(f"{_at('list-authors')}//a", _at("list-authors")),
        abstract=(".//p[contains(@class, 'mathjax')]", ".//p"),
        fields={
            "comments": _at("list-comments"),
            "journal": _at("list-journal-ref"),
            "categories": _at("list-subjects"),
            "announce_type": "preceding-sibling::dt[1]",
            "doi": f"{_at('list-doi')}//a",
        },
        day=("preceding-sibling::h3[1]", "preceding::h3[position() < 4]", "//h3"),
    ),
    "arXiv search": Site(
        base="https://arxiv.org/",
        papers=f"//li[{has_class('arxiv-result')}]",
        title=(_at("title", "p"),),
        link=(f"{_at('list-title')}//a[contains(@href, '/abs/')]", ".//a[contains(@href, '/abs/')]"),
        authors=(f"{_at('authors')}//a", _at("authors")),
        abstract=(_at("abstract-full"), _at("abstract-short"), _at("abstract")),
        fields={
            "comments": f"{_at('comments')}/span[last()]",
            "published": ".//p[span[contains(., 'Submitted')]]",
            "categories": f"{_at('tags')}//span",
            "doi": ".//a[contains(@href, 'doi.org/10.')]",
        },
    ),
    "PubMed results": Site(
        base="https://pubmed.ncbi.nlm.nih.gov/",
        papers=f"//article[{has_class('full-docsum')}] | "
        f"//*[{has_class('docsum-content')}][not(ancestor::article[{has_class('full-docsum')}])]",
        title=(_at("docsum-title"),),
        link=(_at("docsum-title"),),
        authors=(_at("full-authors"), _at("short-authors"), _at("docsum-authors")),
        abstract=(_at("full-view-snippet"), _at("short-view-snippet"), _at("docsum-snippet")),
        fields={
            "journal": f"{_at('full-journal-citation')} | {_at('docsum-journal-citation')}",
            "pmid": _at("docsum-pmid"),
            "doi": f"{_at('full-journal-citation')} | {_at('docsum-journal-citation')}",
        },
    ),
    "PubMed mail": Site(
        base="https://pubmed.ncbi.nlm.nih.gov/",
        papers=f"//a[{has_class('docsum-title')}]/ancestor::*[self::td or self::div or self::li or self::tr][1]",
        title=(_at("docsum-title"),),
        link=(_at("docsum-title"),),
        authors=(_at("docsum-authors"),),
        abstract=(_at("docsum-snippet"),),
        fields={
            "journal": _at("docsum-journal-citation"),
            "pmid": _at("docsum-pmid"),
            "doi": _at("docsum-journal-citation"),
        },
    ),
    "My NCBI mail": Site(
        base="https://www.ncbi.nlm.nih.gov/",
        papers="//table[.//a[starts-with(@ref, 'ordinalpos') and contains(@href, '/pubmed/')]][not(.//table)]",
        title=("(.//a[starts-with(@ref, 'ordinalpos')])[1]",),
        link=("(.//a[starts-with(@ref, 'ordinalpos')])[1]",),
        authors=("(.//tr)[2]/td[last()]",),
        fields={
            "journal": "(.//tr)[3]/td[last()]",
            "doi": "(.//tr)[3]/td[last()]",
            "pmid": "(.//tr)[4]/td[last()]",
        },
    ),
    "PubMed abstracts": Site(
        base="https://pubmed.ncbi.nlm.nih.gov/",
        papers=f"//*[{has_class('heading-title')}]/ancestor::*[self::article or self::main "
        f"or {has_class('results-article')}][1]",
        title=(_at("heading-title"),),
        link=(f"{_at('heading-title')}//a",),
        authors=(f"({_at('authors-list')})[1]//a[{has_class('full-name')}]", _at("authors-list")),
        abstract=(_at("abstract-content"), _at("abstract"), _at("abstract-text")),
        fields={
            "journal": _at("journal-actions-trigger"),
            "doi": f"{_at('citation-doi')} | {_at('doi')}//a",
            "pmid": f".//strong[{has_class('current-id')}]",
            "published": _at("cit"),
        },
    ),
    "Scholar alert": Site(
        base="https://scholar.google.com/",
        papers=f"//h3[.//*[{has_class('gse_alrt_title')}]]",
        title=(f".//*[{has_class('gse_alrt_title')}]",),
        link=(f".//a[{has_class('gse_alrt_title')}]",),
        authors=("following-sibling::*[1][self::div]",),
        abstract=(
            f"following-sibling::*[position() < 4][{has_class('gse_alrt_sni')}]",
            "following-sibling::*[2][self::div][not(.//table)]",
        ),
    ),
    "Scholar results": Site(
        base="https://scholar.google.com/",
        papers=f"//*[{has_class('gs_ri')}]",
        title=(f"{_at('gs_rt')}//a", _at("gs_rt")),
        link=(f"{_at('gs_rt')}//a",),
        authors=(_at("gs_a"),),
        abstract=(_at("gs_rs"),),
    ),
    "bioRxiv collection": Site(
        base="https://www.biorxiv.org/",
        papers=f"//*[{has_class('highwire-article-citation')}]",
        title=(f".//*[{has_class('highwire-cite-title')}]//a", _at("highwire-cite-title")),
        link=(f".//*[{has_class('highwire-cite-title')}]//a", ".//a[contains(@href, '/content/')]"),
        authors=(
            _at("highwire-citation-author"),
            _at("highwire-citation-authors"),
            _at("highwire-cite-authors"),
        ),
        abstract=(_at("highwire-cite-snippet"), _at("highwire-cite-abstract"), _at("abstract")),
        fields={"doi": _at("highwire-cite-metadata-doi"), "journal": _at("highwire-cite-metadata-journal")},
    ),
    "HighWire alert": Site(
        base="https://www.biorxiv.org/",
        papers=f"//*[{has_class('citation_title')}]/ancestor::*[.//*[@id='authorlist']][1]",
        title=(_at("citation_title"),),
        link=(".//a[contains(@href, '/abstract/')]", ".//a[contains(@href, '/content/')]"),
        authors=(".//*[@id='authorlist']",),
        fields={"doi": ".", "published": "."},
    ),
    "ACL volume": Site(
        base="https://aclanthology.org/",
        papers=f"//p[.//strong/a[{has_class('align-middle')}]][.//a[contains(@href, '/people/')]]",
        title=(f".//strong/a[{has_class('align-middle')}]",),
        link=(f".//strong/a[{has_class('align-middle')}]",),
        authors=(".//a[contains(@href, '/people/')]",),
        abstract=(
            f"following-sibling::*[1][{has_class('abstract-collapse')}]//*[{has_class('card-body')}]",
            f"following-sibling::*[1][{has_class('abstract-collapse')}]",
        ),
    ),
}
"""Page forms by name, in the order in which they are tried."""


def papers_of_sites(root: Element) -> list[Paper]:
    """The papers of the first page form that a page has."""
    for name, site in SITES.items():
        found = [
            paper
            for element in elements(root, site.papers)
            if (paper := _paper(element, site, name)) is not None
        ]
        if found:
            return found
    return []


def _paper(element: Element, site: Site, name: str) -> Paper | None:
    titled = first(element, *site.title)
    title = _bare(shown(titled, _SKIP))
    if titled is None or not title:
        return None
    abstract = next((text for path in site.abstract for text in _texts(element, path) if text), "")
    linked = first(element, *site.link)
    link = address(linked, site.base) if linked is not None else ""
    day = next((found for path in site.day if (found := _day(element, path))), None)
    paper = Paper(title, _bare(abstract), line_of(titled, _SKIP), day, iso_date(day) if day else None)
    paper.links = list(dict.fromkeys([*([link] if link else []), *urls(abstract)]))
    extra = dict(_fields(element, site))
    authors = _authors(element, site)
    if name.startswith("Scholar"):
        authors, told = _scholar(" ".join(authors))
        extra.update(told)
    known = {"arxiv": arxiv_id(link), "authors": authors, **extra}
    paper.extra.update((key, value) for key, value in known.items() if value)
    return paper


def _texts(element: Element, path: str) -> Iterator[str]:
    for found in elements(element, path):
        lines = [_bare(line) for line in _without_more(found)]
        yield " ".join(filter(None, lines))


def _without_more(element: Element) -> list[str]:
    """The lines of an abstract without the links that fold it."""
    from .html_tree import text_lines

    text = text_lines(element, _SKIP)
    return [re.sub(r"\s*[△▽]\s?(?:Less|More)$", "", line) for line in text]


def _bare(text: str) -> str:
    """A text without the caption that the page puts before it."""
    match = _LEADING.match(text)
    return text[match.end() :].strip() if match else text.strip()


def _authors(element: Element, site: Site) -> list[str]:
    for path in site.authors:
        names = [_bare(shown(found, _SKIP)) for found in elements(element, path)]
        names = [name for name in names if name and name.lower() != "authors:"]
        if len(names) > 1 or (names and path.endswith(("a", "]")) and not _SEVERAL.search(names[0])):
            return [_INITIALS_END.sub(r"\1", name) for name in names]
        if names:
            return (
                author_names(names[0].rstrip("."))
                if "gs_a" not in path and "following" not in path
                else names
            )
    return []


def _fields(element: Element, site: Site) -> Iterator[tuple[str, object]]:
    for name, path in site.fields.items():
        text = _bare(shown(first(element, path), _SKIP))
        if name == "categories":
            text = " ".join(shown(each, _SKIP) for each in elements(element, path))
            yield name, list(dict.fromkeys(_CODES.findall(text) or text.split()))
        elif name == "journal" and (match := _CITATION.match(text)):
            yield from (("journal", match.group(1)), ("year", int(match.group(2))), ("citation", text))
            told = published_in(text)
            yield from ((part, told[part]) for part in ("volume", "issue", "pages") if part in told)
        elif name == "pmid":
            yield name, (found := _NUMBER.search(text)) and found.group()
        elif name == "announce_type":
            match = _ANNOUNCED.search(text)
            yield name, match.group(1).lower() if match else None
        elif name == "published":
            match = _DATE.search(text)
            yield name, iso_date(match.group()) if match else None
        elif name == "doi":
            found = re.search(r"10\.\d{4,9}/\S+", text)
            yield name, found.group().rstrip(".;,") if found else None
        else:
            yield name, text or None


def _scholar(line: str) -> tuple[list[str], dict[str, object]]:
    """Authors, venue and year of Scholar's line `A Author, B Author - Venue, 2024 - publisher`."""
    parts = [part.strip() for part in re.split(r"\s[-–—]\s", line.replace("\xa0", " "))]
    year = _SCHOLAR_YEAR.findall(line)
    venue = re.sub(r",?\s*(?:19|20)\d\d$", "", parts[1]) if len(parts) > 1 else ""
    names = [name for name in author_names(parts[0].replace("…", "")) if name]
    return names, {"venue": venue, "year": int(year[-1]) if year else None}


def _day(element: Element, path: str) -> str | None:
    for found in elements(element, path):
        match = _DATE.search(shown(found))
        if match:
            return match.group()
    return None
