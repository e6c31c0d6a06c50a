"""What a description in a feed, a page or a mail tells beside the abstract: labelled lines and journals' boilerplate.

`Authors: …`, `Upvotes: …`, `Publication date: … Source: … Author(s): …` are fields. The labels of a structured
abstract (`Methods: …`) are none: they are not in the list, and stay.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ABSTRACT = "abstract"

LABELS: dict[str, tuple[str, ...]] = {
    "abstract": ("abstract", "summary", "description", "摘要", "简介", "概要"),
    "tldr": ("tl;dr", "tldr"),
    "authors": ("author", "authors", "author(s)", "by", "作者"),
    "upvotes": ("upvotes", "upvote", "votes", "likes"),
    "stars": ("stars", "github stars"),
    "code": ("code", "github", "github repo", "repository", "代码"),
    "project": ("project page", "project"),
    "doi": ("doi",),
    "pmid": ("pmid",),
    "pmcid": ("pmcid",),
    "arxiv": ("arxiv", "arxiv id"),
    "journal": (
        "source",
        "journal",
        "journal reference",
        "journal ref",
        "journal-ref",
        "published in",
        "期刊",
    ),
    "published": (
        "publication date",
        "published",
        "published online",
        "date",
        "published on",
        "date published",
        "posted",
        "日期",
        "发布日期",
        "发表日期",
        "发布时间",
    ),
    "submitted": ("submitted", "submitted on"),
    "updated": ("updated", "last updated"),
    "categories": (
        "categories",
        "category",
        "subjects",
        "subject",
        "subject areas",
        "primary category",
        "分类",
        "类别",
    ),
    "keywords": ("keywords", "tags", "key words", "关键词"),
    "comments": ("comments", "comment", "备注"),
    "announce_type": ("announce type",),
    "links": (
        "link",
        "links",
        "url",
        "pdf",
        "html",
        "paper",
        "paper link",
        "arxiv link",
        "pdf link",
        "read more",
        "链接",
        "论文链接",
        "标题链接",
    ),
    "issn": ("issn",),
    "publisher": ("publisher",),
    "license": ("license",),
    "affiliations": ("affiliation", "affiliations", "institutions"),
}
"""Record field to the labels that introduce it; `links` are read from the addresses themselves."""

_FIELD_OF = {label: field for field, labels in LABELS.items() for label in labels}
_WORDS = "|".join(sorted(map(re.escape, _FIELD_OF), key=len, reverse=True))
_LABELLED = re.compile(rf"[\W_]{{0,6}}({_WORDS})\s?[*_]{{0,2}}[:：][*_]{{0,2}}\s*+", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:^|(?<=\s))(?=(?:Author\(s\)|Authors?|Source|Upvotes?|Summary|Abstract|Publication date|DOI|PMID|PMCID|"
    r"Published|Journal|Categories|Subjects|Keywords|Comments?|URL|Link|PDF|Date|Announce Type)[:：])"
)
"""Where the next field begins in a line of several; only there, so that a colon in a sentence is none."""

_HEADING = re.compile(r"(?:abstract|summary)\W{0,3}", re.IGNORECASE)
_NATURE = re.compile(
    r"([^:;,]{2,80}), Published online: ([^;]{4,40}); doi:\s?(10\.\d{4,9}/\S+)\s*+(.*)", re.DOTALL
)
_PUBMED = re.compile(
    r"([A-Z][\w &.:()'-]{1,120}?)\. ((?:19|20)\d\d(?: [A-Z][a-z]{2}(?:-[A-Z][a-z]{2})?(?: \d{1,2})?)?)[;.:]"
    r"[^\n]{0,200}?\bdoi: ?(10\.\d{4,9}/\S+?)\.?(?: (?:Online ahead of print|eCollection|Epub)[^\n]{0,60})?"
)
_APS = re.compile(r"\[([^\[\]]{4,80})\] Published ([A-Z][^\n]{4,40})")
_VOLUME = re.compile(r"Volume \w{1,9}, (?:Issue|Number) [^\n]{1,120}")


def described(lines: Iterable[str]) -> tuple[str, dict[str, str]]:
    """The abstract, on one line, and the labelled fields by name, as printed.

    Args:
        lines: Of a description, without HTML, none of them empty.
    """
    found: dict[str, list[str]] = {}
    abstract: list[str] = []
    field, explicit = ABSTRACT, False
    for line in lines:
        if _HEADING.fullmatch(line):
            field = ABSTRACT
            continue
        if not explicit and (fields := _boilerplate(line)) is not None:
            rest = fields.pop(ABSTRACT, "")
            found.update((name, [value]) for name, value in fields.items())
            abstract += [rest] if rest else []
            continue
        for name, text in _parts(line, in_abstract=explicit and field == ABSTRACT):
            if name:
                field, explicit = name, explicit or name == ABSTRACT
            elif field != ABSTRACT and not _runs_on(found.get(field)):
                field = ABSTRACT
            if field == ABSTRACT:
                abstract.append(text)
            elif text not in found.setdefault(field, []):
                found[field].append(text)
    fields = {name: " ".join(filter(None, texts)).strip(" |,;") for name, texts in found.items()}
    return " ".join(filter(None, abstract)), {name: text for name, text in fields.items() if text}


def is_labelled(line: str) -> bool:
    """Whether a line begins with the label of a field."""
    return _LABELLED.match(line) is not None


def _runs_on(texts: list[str] | None) -> bool:
    return not texts or not texts[-1] or texts[-1].endswith((",", ";"))


def _parts(line: str, *, in_abstract: bool) -> list[tuple[str, str]]:
    """The fields that a line holds, in order: name (empty where it has no label) and text."""
    match = _LABELLED.match(line)
    if match is None:
        return [("", line)]
    name = _FIELD_OF[match.group(1).lower()]
    if name == ABSTRACT:
        return [(name, line[match.end() :])]
    if in_abstract and len(line) > 400:  # a paragraph that begins with such a word
        return [("", line)]
    pieces = [piece for piece in _NEXT.split(line.replace(" | ", "  ")) if piece.strip(" |")]
    for at, piece in enumerate(pieces):
        inner = _LABELLED.match(piece)
        if inner and _FIELD_OF[inner.group(1).lower()] == ABSTRACT:
            pieces[at:] = ["".join(pieces[at:])]
            break
    return [_part(piece) for piece in pieces]


def _part(piece: str) -> tuple[str, str]:
    match = _LABELLED.match(piece)
    return (_FIELD_OF[match.group(1).lower()], piece[match.end() :].strip()) if match else ("", piece.strip())


def _boilerplate(line: str) -> dict[str, str] | None:
    """The fields of a line that a journal's feed puts around its abstract; None where it is none."""
    if match := _NATURE.fullmatch(line):
        journal, published, doi, rest = match.groups()
        return {"journal": journal, "published": published, "doi": doi, ABSTRACT: rest}
    if match := _PUBMED.fullmatch(line):
        journal, published, doi = match.groups()
        return {"journal": journal, "published": published, "doi": doi}
    if match := _APS.fullmatch(line):
        return {"journal": match.group(1), "published": match.group(2)}
    if _VOLUME.fullmatch(line):
        return {"issue": line}
    return None
