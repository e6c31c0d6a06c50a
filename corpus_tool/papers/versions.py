"""Two records of one paper: are they the same version of it, or two?

Two versions are a preprint and its publication, two numbered versions on arXiv, two updates of a review, a paper and
the same with the mark of an erratum or a retraction, or two texts that neither record calls published. What differs
only in spelling out (case, accents, tags, line breaks, hyphens, a cut end) is one version: databases and digests do
that. Records of one publication are one version whatever their abstracts say, since databases edit them. Nothing is
guessed: a record that does not say whether it is published is no preprint of one that does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from corpus_tool.papers.fields import ALIASES, strings
from corpus_tool.papers.identifiers import PREPRINT_DOI, VERSIONS, doi_mark, review_update
from corpus_tool.papers.normalise import spelt, title_markers, title_words, words
from corpus_tool.papers.places import is_server
from corpus_tool.records import dotted

if TYPE_CHECKING:
    from corpus_tool.papers.fields import FieldMap, PaperFields
    from corpus_tool.records import Record

PREPRINT, PUBLICATION, UNKNOWN = "preprint", "publication", ""

_NAMES = frozenset(
    name for field in ("arxiv", "address", "doi", "identifiers", "paper") for name in ALIASES[field]
)
_VERSION = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})v(\d{1,3})\b", re.IGNORECASE)
_COMPLETE = re.compile(r"(?<!\.\.)[.!?][)\]\"'”’]*$")


@dataclass(frozen=True, slots=True)
class Edition:
    """What a record says about which version of its paper it is.

    Attributes:
        stage: `PREPRINT`, `PUBLICATION` or `UNKNOWN`.
        arxiv: Number of the version on arXiv, 0 where unknown.
        doi: As in the fields.
        markers: Bits of the kinds of marker in the title: an erratum, a retraction.
        title: The title's letters and digits, with nothing in between.
        abstract: Those of the abstract.
        complete: Whether the abstract ends as a sentence does.
    """

    stage: str
    arxiv: int
    doi: str
    markers: int
    title: str
    abstract: str
    complete: bool


def edition(paper: PaperFields, record: Record, mapping: FieldMap | None = None) -> Edition:
    """The version that a record holds.

    Args:
        paper: Its fields.
        record: The record itself, for the number of the version on arXiv.
        mapping: As for `paper_fields`.
    """
    return Edition(
        _stage(paper),
        arxiv_version(record, mapping),
        paper.doi,
        title_markers(title_words(paper.title)),
        "".join(spelt(title_words(paper.title))),
        "".join(words(paper.abstract)),
        bool(_COMPLETE.search(paper.abstract.rstrip())),
    )


def _stage(paper: PaperFields) -> str:
    venue, unpublished = words(paper.venue), is_server(paper.venue)
    preprint_doi = bool(PREPRINT_DOI.match(paper.doi))
    if (
        (paper.doi and not preprint_doi)
        or (venue and not unpublished)
        or (not venue and (paper.volume or paper.pages))
    ):
        return PUBLICATION
    return PREPRINT if venue or preprint_doi or paper.arxiv else UNKNOWN


def arxiv_version(record: Record, mapping: FieldMap | None = None) -> int:
    """The version in a record's arXiv id, address or DOI ("2401.01234v2"); 0 where none stands there."""
    own = (mapping or {}).get("arxiv", ())
    mapped = ((path, dotted(record, path)) for path in own)
    for key, value in chain(mapped, record.items()):
        if key in own or "".join(filter(str.isalnum, key.lower())) in _NAMES:
            for text in strings(value):
                found = _VERSION.search(text)
                if found:
                    return int(found[1])
    return 0


def difference(left: Edition, right: Edition) -> str:
    """How two records of one paper are different versions of it, in words; empty where they are one version.

    Symmetric, and empty for a record and itself.
    """
    if left.arxiv and right.arxiv and left.arxiv != right.arxiv:
        first, last = sorted((left.arxiv, right.arxiv))
        return f"versions {first} and {last} on arXiv"
    first, last = sorted((review_update(left.doi), review_update(right.doi)))
    if first != last and not (doi_mark(left.doi) ^ doi_mark(right.doi)) & ~VERSIONS:
        return f"updates of one review, {f'{first} and {last}' if first else f'the first text and update {last}'}"
    if left.markers != right.markers:
        return "one is marked as an erratum, a retraction, a comment or the like"
    stages = {left.stage, right.stage}
    if stages == {PREPRINT, PUBLICATION}:
        return "a preprint and its publication"
    if PUBLICATION in stages:
        return ""
    if left.title and right.title and left.title != right.title:
        return "the title was revised, and neither is published"
    if left.abstract and right.abstract and not _same_text(left, right):
        return "the abstract was revised, and neither is published"
    return ""


def _same_text(left: Edition, right: Edition) -> bool:
    """Whether two abstracts agree letter by letter, or up to where one of them was cut."""
    shorter, longer = sorted((left, right), key=lambda each: len(each.abstract))
    if shorter.abstract == longer.abstract:
        return True
    return not shorter.complete and longer.abstract.startswith(shorter.abstract)
