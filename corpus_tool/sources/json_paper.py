"""One JSON object to one paper: the names that APIs and programs give to title, abstract, authors and identifiers.

Known are Hugging Face, Semantic Scholar, OpenReview, OpenAlex, Crossref and CSL, Europe PMC, arXiv's own programs,
JSON Feed, schema.org. What they do not share is kept under its own name; a name that a record has itself gets
`original_` before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from corpus_tool.records import DIGEST_FIELDS, Paper

from .dates import iso_date
from .described import described
from .html_text import has_entities, plain_lines
from .json_authors import AUTHORS, authors_of
from .json_keys import first, key_of, plain_key
from .json_publication import publication
from .links import ARXIV_ID, arxiv_id, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corpus_tool.records import Record

_TITLES = ("title", "papertitle", "articletitle", "displayname", "headline", "titles")
_ABSTRACTS: tuple[str, ...] = (
    "abstract",
    "summary",
    "abstracttext",
    "paperabstract",
    "abstracts",
    "contenttext",
    "contenthtml",
    "description",
)
_ABSTRACTS += ("descriptions", "abstractinvertedindex", "content")
_SURELY_ABSTRACTS = (
    "abstract",
    "summary",
    "abstracttext",
    "paperabstract",
    "abstracts",
    "abstractinvertedindex",
)
"""Names that only papers give to their text; a `description` is that of anything."""
_DATES: tuple[str, ...] = (
    "published",
    "publishedat",
    "publicationdate",
    "publisheddate",
    "datepublished",
    "submitteddate",
    "issued",
    "date",
)
_DATES += ("publishedonline", "created", "pubdate")
_SIGNS: tuple[str, ...] = (
    "doi",
    "year",
    "venue",
    "journal",
    "containertitle",
    "pubyear",
    "publicationyear",
    "externalids",
    "pmid",
    "keywords",
)
_SIGNS += ("categories", "primarycategory", "upvotes", "forum", "paperid", "arxivid", "arxiv")
_NESTS: tuple[str, ...] = (
    "paper",
    "details",
    "content",
    "article",
    "work",
    "attributes",
    "metadata",
    "bib",
    "source",
    "citedpaper",
)
_NESTS += ("citingpaper", "record", "item", "entry", "fields", "data", "info", "node", "doc", "publication")
_PICTURES = ("thumbnail", "image", "avatar", "icon", "media", "logo", "banner", "video")
_DEEPEST_LINK = 3
_IDENTIFIERS = ("identifier", "identifiers", "externalids", "articleids", "ids")
_KINDS = ("type", "idtype", "identifiertype", "kind")

_ID = re.compile(rf"(?:arxiv:\s?)?({ARXIV_ID})(?:v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")


def paper_of(found: Mapping[str, Any], line: int) -> Paper | None:
    """The paper that an object describes; None where it describes none.

    A title alone is no paper: an abstract, authors, an identifier, or a place of publication belongs to it.
    """
    flat, sources = _flattened(found)
    title = _one_line(_text(first(flat, _TITLES)))
    if not title:
        return None
    abstract, told = _abstract(flat)
    authors, authors_key = authors_of(flat)
    arxiv = _arxiv(flat)
    links = list(dict.fromkeys([*_links(flat, 0), *urls(abstract)]))
    told_of = abstract and any(key_of(flat, name) for name in _SURELY_ABSTRACTS)
    dated = isinstance(flat.get("issued"), dict) and "date-parts" in flat["issued"]
    if (
        not told_of
        and not authors
        and not arxiv
        and not dated
        and not any(key_of(flat, name) for name in _signs(abstract))
    ):
        return None
    paper = Paper(title, abstract, line, links=links)
    extra: Record = {"arxiv": arxiv, "authors": authors, "doi": _doi(flat), "published": _published(flat)}
    paper.extra.update((key, value) for key, value in extra.items() if value)
    paper.extra.update(publication(flat))
    for key, value in told.items():
        paper.extra.setdefault(key, value)
    paper.extra.update(_others(flat, sources, authors_key, paper))
    return paper


def _signs(abstract: str) -> tuple[str, ...]:
    """What shows that an object with a title is a paper; with some text beside it, a date does."""
    return (*_SIGNS, *_DATES) if abstract else _SIGNS


def is_surely_paper(paper: Paper) -> bool:
    """Whether it has an abstract and what only papers have, so that no list inside of it is one of papers."""
    return bool(paper.abstract) and any(paper.extra.get(key) for key in ("authors", "arxiv", "doi"))


def _flattened(found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of an object, and of those inside of it that hold the paper; of which of these each is."""
    flat: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, value in found.items():
        if isinstance(value, dict) and plain_key(key) in _NESTS and _holds_paper(value):
            continue
        flat[key] = value
    for nest, inner in found.items():
        if nest in flat:
            continue
        for key, value in inner.items():
            empty = flat.get(key) in (None, "", [], {})
            name = key if empty or flat[key] == value else f"{nest}_{key}"
            flat[name] = value
            sources[name] = nest
    return flat, sources


def _holds_paper(value: Mapping[str, Any]) -> bool:
    names = {plain_key(key) for key in value}
    return not names.isdisjoint(_TITLES) or not names.isdisjoint(_ABSTRACTS[:8])


def _text(value: Any) -> str:
    """The text in a value, however an API wraps it."""
    for _ in range(4):
        if isinstance(value, (list, tuple)):
            value = next((each for each in value if each), None)
        elif isinstance(value, dict):
            names = ("value", "text", "title", "name", "description", "#text", "@value", "content", "en")
            value = next((value[name] for name in names if value.get(name)), None)
        else:
            break
    return value if isinstance(value, str) else ""


def _one_line(text: str) -> str:
    lines = plain_lines(text) if "<" in text or has_entities(text) else [text]
    return " ".join(" ".join(lines).split())


def _abstract(flat: Mapping[str, Any]) -> tuple[str, Record]:
    """The abstract, paragraphs by line, and what labelled lines of HTML tell beside it."""
    for name in _ABSTRACTS:
        key = key_of(flat, name)
        if key is None:
            continue
        value = flat[key]
        if name == "abstractinvertedindex" and isinstance(value, dict):
            return _from_inverted_index(value), {}
        text = _text(value)
        if name in ("contenthtml", "contenttext", "description") or "<" in text:
            abstract, told = described(plain_lines(text))
            fields: Record = {key: value for key, value in told.items() if key != "links"}
            if "authors" in fields:
                fields["authors"] = author_names(told["authors"])
            if abstract:
                return abstract, fields
        elif text.strip():
            paragraphs = (_one_line(each) for each in _PARAGRAPH.split(text))
            return "\n".join(filter(None, paragraphs)), {}
    return "", {}


def _from_inverted_index(index: Mapping[str, Any]) -> str:
    """OpenAlex gives each word with its places."""
    places = [
        (at, word)
        for word, found in index.items()
        if isinstance(found, list)
        for at in found
        if isinstance(at, int)
    ]
    return " ".join(word for _, word in sorted(places))


def _identifier(
    flat: Mapping[str, Any], names: tuple[str, ...], pattern: re.Pattern[str], kind: str = ""
) -> str:
    """What the first of these fields, or of the identifiers of a kind, holds that is wholly such an identifier."""
    known = first(flat, ("externalids", "ids"))
    for holder in (flat, known if isinstance(known, dict) else {}):
        for name in names:
            key = key_of(holder, name)
            if key is not None and (match := pattern.fullmatch(_text(holder[key]).strip())):
                return match.group(1)
    for value in _typed(flat, kind):
        if match := pattern.fullmatch(value.strip()):
            return match.group(1)
    return ""


def _typed(flat: Mapping[str, Any], kind: str) -> Iterator[str]:
    """The identifiers of a kind in lists that say the kind of each: `{"type": "doi", "value": "10.5555/x"}`."""
    for key, value in flat.items():
        if not kind or plain_key(key) not in _IDENTIFIERS or not isinstance(value, list):
            continue
        for each in value:
            plain = {plain_key(name): part for name, part in each.items()} if isinstance(each, dict) else {}
            if str(first(plain, _KINDS)).lower() == kind and isinstance(
                found := first(plain, ("value", "id")), str
            ):
                yield found


def _arxiv(flat: Mapping[str, Any]) -> str:
    named = _identifier(flat, ("arxiv", "arxivid", "eprint", "arxiveprints", "id", "paperid"), _ID, "arxiv")
    if named:
        return named
    for link in _links(flat, 0):
        if found := arxiv_id(link):
            return found
    return ""


def _doi(flat: Mapping[str, Any]) -> str:
    return _identifier(flat, ("doi", "articledoi", "reldoi", "dois"), _DOI, "doi")


def _published(flat: Mapping[str, Any]) -> str | None:
    for name in _DATES:
        key = key_of(flat, name)
        if key is None:
            continue
        value = flat[key]
        if isinstance(value, dict):
            value = value.get("date-parts", value.get("value"))
            while isinstance(value, list) and value and isinstance(value[0], list):
                value = value[0]
            if not isinstance(value, list):
                continue
            if len(value) < 3:  # other dates are of other days
                return None
            value = "-".join(str(part).zfill(2) for part in value)
        if isinstance(value, str) and not _DOI.match(value):  # bioRxiv names the publication by its DOI
            match = _ISO.match(value)
            return iso_date(match.group() if match else value[:60])
    return None


def _links(value: Any, depth: int, key: str = "") -> Iterator[str]:
    """The addresses among the values of an object; pictures, people and lists of other objects are left out."""
    if isinstance(value, str):
        if value.startswith(("http://", "https://")) and " " not in value:
            yield value
        return
    if depth >= _DEEPEST_LINK or any(name in key for name in _PICTURES) or plain_key(key) in AUTHORS:
        return
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _links(each, depth + 1, str(name).lower())
    elif isinstance(value, list):
        about_links = any(word in key for word in ("link", "url", "href", "pdf"))
        for each in value:
            if about_links or isinstance(each, str):
                yield from _links(each, depth + 1, key)


def _others(
    flat: Mapping[str, Any], sources: Mapping[str, str], authors_key: str | None, paper: Paper
) -> Iterator[tuple[str, Any]]:
    """The fields that the paper was not made of, under their own names."""
    title_key = next((key for name in _TITLES if (key := key_of(flat, name)) is not None), None)
    for key, value in flat.items():
        if key == title_key or value in (None, "", [], {}):
            continue
        if key == authors_key and (key == "authors" or value == paper.extra.get("authors")):
            if isinstance(value, list) and any(isinstance(each, dict) and len(each) > 1 for each in value):
                yield "original_authors", value
            continue
        if isinstance(value, str) and _one_line(value) in (paper.title, paper.abstract):
            continue
        if key in paper.extra and key in ("arxiv", "doi", "published", "authors"):
            continue
        yield (f"original_{key}" if key in DIGEST_FIELDS else key), value
