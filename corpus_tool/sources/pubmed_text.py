"""PubMed's text of abstracts: numbered papers of paragraphs, as in its mails and in what its page saves as text.

    1. J Inv. 2024 Mar 1;3(2):1-9. doi: 10.1234/jinv.2024.1.

    A title, wrapped.

    Author A(1), Author B(2).

    Author information:
    (1)Somewhere.

    The abstract.

    DOI: 10.1234/jinv.2024.1
    PMID: 38400001

The form is wrapped at 80 columns; paragraphs part what belongs together, and a PMID ends a paper.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .dates import iso_date
from .links import urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "pubmed-text"

_CITATION = re.compile(r"(\d{1,5})[.:] (\S[^\n]{0,200}?)\. ((?:19|20)\d\d)\b([^\n]*)")
_PMID = re.compile(r"PMID:\s?(\d{1,9})\b")
_FIELD = re.compile(r"(DOI|PMID|PMCID):\s?(\S+)")
_DOI = re.compile(r"\bdoi:\s?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_SENT = re.compile(r"Sent (?:on|by)[^\n:]{0,60}:\s*(?:\w{3} )?(\w{3} \d{1,2})(?: \d\d:\d\d:\d\d)? (\d{4})")
_MARKS = re.compile(r"\(\d+\)")
_BESIDE = re.compile(
    r"(?:Author information|Collaborators|Comment in|Comment on|Erratum in|Update in|Conflict of interest|© |Copyright|"
    r"\(c\) |Published by|This article is protected)",
    re.IGNORECASE,
)


def detect(head: str) -> bool:
    """Whether a text holds a numbered citation, and a PMID on a line of its own."""
    lines = head.split("\n")
    first = next((at for at, line in enumerate(lines) if _CITATION.match(line)), None)
    return first is not None and any(_PMID.match(line.strip()) for line in lines[first:])


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers, in order; one is held at a time.

    Args:
        lines: The text without line ends.
    """
    held: list[tuple[int, str]] = []
    day, opens = None, True
    for number, line in enumerate(lines, 1):
        sent = _SENT.match(line)
        if sent:
            day = f"{sent.group(1)} {sent.group(2)}"
        starts = _CITATION.match(line) is not None and (
            not held or any(_PMID.match(text) for _, text in held)
        )
        if starts:
            for item in _paper(held):
                yield _opened(item, day, opens)
                opens = False
            held = []
        if starts or held:
            held.append((number, line.strip()))
    for item in _paper(held):
        yield _opened(item, day, opens)


def _opened(item: Paper | Leftover, day: str | None, opens: bool) -> Paper | Leftover:
    if isinstance(item, Paper):
        item.opens_digest, item.digest_date = opens, day
        item.date = iso_date(day) if day else None
    return item


def _paper(held: list[tuple[int, str]]) -> Iterator[Paper | Leftover]:
    """The paper of the lines from one citation to the next."""
    if not held:
        return
    paragraphs = _paragraphs(held)
    citation = paragraphs[0][1]
    fields = {
        name.lower(): value.rstrip(".") for _, text in paragraphs for name, value in _FIELD.findall(text)
    }
    if len(paragraphs) < 2 or "pmid" not in fields:
        yield Leftover(held[0][0], citation, "a citation of PubMed without a title or a PMID")
        return
    line, title = paragraphs[1]
    match = _CITATION.match(held[0][1])
    doi = fields.get("doi") or (found.group(1).rstrip(".") if (found := _DOI.search(citation)) else None)
    authors, texts = _authors_and_texts([text for _, text in paragraphs[2:]])
    paper = Paper(title, "\n".join(texts), line, links=urls(" ".join(texts)))
    extra = {
        "authors": authors,
        "doi": doi,
        "pmid": fields["pmid"],
        "pmcid": fields.get("pmcid"),
        "journal": match.group(2) if match else None,
        "year": int(match.group(3)) if match else None,
        "citation": citation.partition(". ")[2] if citation[:1].isdigit() else citation,
    }
    paper.extra.update((key, value) for key, value in extra.items() if value)
    yield paper


def _paragraphs(held: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Paragraphs with the line where each begins, wrapped lines joined."""
    found: list[tuple[int, list[str]]] = []
    apart = True
    for number, text in held:
        if text and apart:
            found.append((number, []))
        if text:
            found[-1][1].append(text)
        apart = not text
    return [(number, " ".join(texts)) for number, texts in found]


def _authors_and_texts(paragraphs: list[str]) -> tuple[list[str], list[str]]:
    """The authors, and the paragraphs of the abstract among what stands below a title."""
    authors: list[str] = []
    texts: list[str] = []
    for at, text in enumerate(paragraphs):
        if _FIELD.match(text):
            break
        if at == 0 and not text.endswith(":"):
            authors = author_names(_MARKS.sub("", text).rstrip("."))
        elif not _BESIDE.match(text):
            texts.append(text)
    return authors, texts
