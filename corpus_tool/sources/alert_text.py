"""The text of alerts whose mails are lists of links: Google Scholar's, and bioRxiv's and medRxiv's.

A paper is a block of lines around the line that only such alerts have: a redirection of Scholar, or a citation that
names the server and a DOI that begins with 10.1101 (10.64898 since 2025). Title above, authors below, then the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from corpus_tool.records import Leftover, Paper

from .dates import DATE, iso_date
from .links import arxiv_id
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "alert"

_SCHOLAR = re.compile(r"[<(]?(https?://scholar\.google\.[a-z.]{2,10}/scholar_url\?[^\s<>)]+)[>)]?")
_SHARED = re.compile(
    r"https?://scholar\.google\.[a-z.]{2,10}/(?:scholar_share|citations|scholar_alerts|scholar_settings)"
)
_PREPRINT = re.compile(r"\b(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?(10\.(?:1101|64898)/[\d.]+\d(?:v\d+)?)")
_CITATION = re.compile(r"(?:bio|med)rxiv\b[^\n|{}\[\]]{0,80}?\b10\.(?:1101|64898)/[\d.]+\d", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://(?:www\.)?(?:bio|med)rxiv\.org/(?:cgi/)?content/\S+")
_KIND = re.compile(r"\[(?:PDF|HTML|BOOK|CITATION|DOC|B|C)\]\s?", re.IGNORECASE)
_DATE = re.compile(DATE, re.IGNORECASE)
_FURNITURE = re.compile(
    r"[-=_*~#\s]{3,}|(?:save|twitter|linkedin|facebook|list alerts|cancel alert|abstract|full text|pdf|view)\b.{0,30}|"
    r"this message was sent.{0,200}|<?https?://\S+>?",
    re.IGNORECASE,
)


def detect(head: str) -> bool:
    """Whether a text is an alert of Google Scholar, bioRxiv or medRxiv."""
    return _SCHOLAR.search(head) is not None or any(
        _CITATION.match(line.strip()) for line in head.split("\n")
    )


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of an alert, in order.

    Args:
        lines: The text without line ends; an alert is held whole.
    """
    held = [(number, " ".join(line.split())) for number, line in enumerate(lines, 1)]
    found = _scholar(held) if any(_SCHOLAR.search(text) for _, text in held) else _preprints(held)
    for at, item in enumerate(found):
        item.opens_digest = at == 0
        yield item


def _scholar(held: list[tuple[int, str]]) -> list[Paper]:
    """Titles before their redirections; the line with dashes behind them; the snippet up to an empty line."""
    starts = [at for at, (_, text) in enumerate(held) if _SCHOLAR.search(text)]
    papers: list[Paper] = []
    for at, end in zip(starts, [*starts[1:], len(held)], strict=True):
        match = _SCHOLAR.search(held[at][1])
        title, place = _KIND.sub("", held[at][1][: match.start()] if match else "").strip(), at
        while not title and place > 0 and held[place - 1][1] and place > at - 3:
            place -= 1
            title = _KIND.sub("", held[place][1]).strip()
        if not title or match is None:
            continue
        texts = [
            text
            for _, text in held[at + 1 : end]
            if text and not _FURNITURE.fullmatch(text) and not _SHARED.search(text)
        ]
        link = next(iter(parse_qs(urlsplit(match.group(1)).query).get("url", [])), match.group(1))
        paper = Paper(title, " ".join(texts[1:]), held[place][0], links=[link])
        names, _, venue = texts[0].partition(" - ") if texts else ("", "", "")
        known = {"arxiv": arxiv_id(link), "authors": author_names(names.replace("…", "")), "venue": venue}
        paper.extra.update((key, value) for key, value in known.items() if value)
        papers.append(paper)
    return papers


def _preprints(held: list[tuple[int, str]]) -> list[Paper]:
    """Blocks that end with a citation, or go on to the next title where an address or an abstract follows it."""
    papers: list[Paper] = []
    block: list[tuple[int, str]] = []
    for number, text in held:
        doi = _PREPRINT.search(text)
        if doi is None:
            address = _ADDRESS.search(text)
            if address and papers and not block:
                papers[-1].links.append(address.group().rstrip(".,>)"))
            elif not text:
                block = block if len(block) > 1 else []
            elif not _FURNITURE.fullmatch(text):
                block.append((number, text))
            continue
        paper = _preprint([*block, (number, text[: doi.start()].strip(" ,;<("))], doi.group(1), text)
        papers += [paper] if paper else []
        block = []
    return papers


def _preprint(block: list[tuple[int, str]], doi: str, citation: str) -> Paper | None:
    lines = [(number, text) for number, text in block if text and "rxiv" not in text.lower()]
    if not lines:
        return None
    authors = author_names(lines[1][1]) if len(lines) > 1 else []
    paper = Paper(
        lines[0][1], " ".join(text for _, text in lines[2:]), lines[0][0], links=[f"https://doi.org/{doi}"]
    )
    date = _DATE.search(citation)
    known = {"authors": authors, "doi": doi, "published": iso_date(date.group()) if date else None}
    paper.extra.update((key, value) for key, value in known.items() if value)
    return paper
