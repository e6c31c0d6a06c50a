"""PubMed's lists without abstracts: what its page saves as a summary, and its older mails.

1: Okafor A, Brandt E. A title. Ann Maps. 2024 Mar;3(2):1-9. doi: 10.5555/maps.1. PMID: 38400001.

1. A title.
Okafor A, Brandt E.
Ann Maps. 2024 Mar;3(2):1-9. doi: 10.5555/maps.1.
PMID: 38400001 [PubMed - in process]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .names import author_names
from .printed_source import published_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "pubmed-summary"

_OPENS = re.compile(r"\d{1,5}[.:] (?=\S)")
_PMID = re.compile(r"\bPMID:\s?(\d{1,9})\b")
_PMCID = re.compile(r"\bPMCID:\s?(PMC\d{1,9})\b")
_DOI = re.compile(r"\bdoi:\s?(10\.\d{4,9}/\S+?)\.?(?=\s|$)", re.IGNORECASE)
_NAME = r"[^\W\d_][\w'’ -]{0,40} [A-ZÀ-Þ]{1,4}(?: (?:Jr|Sr|2nd|3rd))?"
_AUTHORS = re.compile(rf"(?:{_NAME})(?:, (?:{_NAME}|et al))*\. (?=\S)")
_CITATION = re.compile(r"(?:^|(?<=[.?!\]] ))([^.?!\]]{2,120})\. (?=(?:19|20)\d\d(?:[ ;.]|$))")
_MOST_LINES = 40


def detect(head: str) -> bool:
    """Whether a numbered block ends with a PMID, a citation before it."""
    return any(isinstance(item, Paper) for item in parse(head.split("\n")[:400]))


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers, in order; one is held at a time.

    Args:
        lines: The text without line ends.
    """
    held: list[tuple[int, str]] = []
    opens = True
    for number, line in enumerate(lines, 1):
        text = " ".join(line.split())
        if _OPENS.match(text):
            held = []
        elif not held or not text:
            held = held if text else []
            continue
        held.append((number, text))
        if _PMID.search(text):
            paper = _paper(held)
            if paper is None:
                yield Leftover(held[0][0], held[0][1], "a PMID without a title and a citation before it")
            else:
                paper.opens_digest, opens = opens, False
                yield paper
            held = []
        elif len(held) > _MOST_LINES:
            held = []


def _paper(held: list[tuple[int, str]]) -> Paper | None:
    """The paper of a block: its parts by line, or all in one string."""
    first = _OPENS.sub("", held[0][1], count=1)
    whole = " ".join([first, *(text for _, text in held[1:])])
    rest = [text for _, text in held[1:]]
    at = next((at for at, text in enumerate(rest) if at and _CITATION.match(text)), None)
    if at is not None and not _AUTHORS.match(first):
        title, names, citation = first, rest[at - 1], " ".join(rest[at:])
        title = " ".join([title, *rest[: at - 1]])
    else:
        found = _AUTHORS.match(whole)
        placed = _CITATION.search(whole, found.end() if found else 0)
        if placed is None:
            return None
        names = found.group() if found else ""
        title, citation = whole[len(names) : placed.start()].strip(), whole[placed.start() :]
    if not title:
        return None
    paper = Paper(title, "", held[0][0])
    paper.extra = {key: value for key, value in _told(names, citation, whole).items() if value}
    return paper


def _told(names: str, citation: str, whole: str) -> dict[str, object]:
    told: dict[str, object] = {"authors": author_names(names.strip().removesuffix("."))}
    place = _CITATION.match(citation)
    year = re.search(r"(?:19|20)\d\d", citation[place.end() :] if place else citation)
    told |= {"venue": place[1] if place else "", "year": int(year.group()) if year else None}
    told |= {name: value for name, value in published_in(citation).items() if name not in {"year", "venue"}}
    for name, pattern in (("doi", _DOI), ("pmid", _PMID), ("pmcid", _PMCID)):
        found = pattern.search(whole)
        told[name] = found[1] if found else None
    return told
