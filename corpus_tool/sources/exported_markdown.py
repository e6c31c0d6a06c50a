r"""The Markdown that `export` writes, read back for what it says: each heading a paper, its fields behind its abstract.

It is told from the digests of others by a line that only it has under its papers, `*Seen: ...*`. Whatever the
writer escaped is given back as it was; so nothing of it needs a parser of Markdown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .dates import iso_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "exported-markdown"

_OPENING = re.compile(r"\ufeff?# [^\n]*\n\n## [^\n]+\n\n### [^\n]+\n\n")
_SEEN = re.compile(r"\*Seen: (.+)\*")
_SEEN_LINE = re.compile(r"^\*Seen: .+\*$", re.MULTILINE)
_LABELS = {"Authors": "authors", "Venue": "venue", "DOI": "doi", "Year": "year"}
_LABELLED = re.compile(rf"({'|'.join(_LABELS)}): (.+)")
_LIKE_A_FIELD = re.compile(rf"^({'|'.join(_LABELS)})\\(?=\\?: )")
_PUNCTUATION = re.compile(r"\\([!-/:-@\[-`{-~])")
_MARK = re.compile(r"(\\+)([`\[~*_]|<(?=[A-Za-z/!?])|&(?=#?\w+;))")
_BLOCK = re.compile(r"^\\(?=\\?(?:[#>]|[-+](?:\s|$)|={2,}\s*$|-{2,}\s*$|-(?:\s*-){2,}\s*$))")
_NUMBERED = re.compile(r"^(\d{1,9})\\(?=\\?[.)](?:\s|$))")
_LINK = re.compile(r"- <(.+)>")
_OPENERS = frozenset("\\0123456789")
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_UNDATED = "Undated"


def detect(head: str) -> bool:
    """Whether a text opens as an export does, and tells where a paper was seen."""
    text = head.replace("\r\n", "\n")
    return _OPENING.match(text) is not None and _SEEN_LINE.search(text) is not None


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of an export, in its order."""
    date = ""
    title: tuple[int, str] | None = None
    body: list[tuple[int, str]] = []
    opens = True
    for number, line in enumerate(lines, 1):
        if line.startswith(("## ", "### ")):
            if title:
                yield _paper(title, body, date, opens=opens)
                opens = False
            title, body = None, []
            if line.startswith("### "):
                title = number, line[4:]
            else:
                date, opens = _plain(line[3:].strip()), True
        elif title:
            body.append((number, line))
        elif line.strip() and not line.lstrip("\ufeff").startswith("# "):
            yield Leftover(number, line.strip(), "it stands under no title")
    if title:
        yield _paper(title, body, date, opens=opens)


def _paper(title: tuple[int, str], body: list[tuple[int, str]], date: str, *, opens: bool) -> Paper:
    paragraphs = [line.strip() for _, line in body if line.strip()]
    links: list[str] = []
    while paragraphs and paragraphs[-1].startswith("- "):
        found = _LINK.fullmatch(paragraphs[-1])
        links.insert(0, found[1] if found else _plain(paragraphs[-1][2:]))
        del paragraphs[-1]
    seen = _SEEN.fullmatch(paragraphs[-1]) if paragraphs else None
    if seen:
        del paragraphs[-1]
    paper = Paper(_plain(title[1].strip()), "", title[0], links=links)
    fields: dict[str, str] = {}
    while paragraphs and (found := _LABELLED.fullmatch(paragraphs[-1])) and found[1] not in fields:
        fields[found[1]] = _plain(found[2])
        del paragraphs[-1]
    paper.abstract = "\n".join(map(_paragraph, paragraphs))
    for label, name in reversed(_LABELS.items()):
        if label in fields:
            paper.extra[name] = _value(name, fields[label])
    if seen:
        paper.extra["printed_seen"] = _plain(seen[1])
    if date and date != _UNDATED:
        paper.date = date if _ISO.fullmatch(date) else iso_date(date)
        paper.digest_date = None if _ISO.fullmatch(date) else date
    paper.opens_digest = opens
    return paper


def _value(name: str, text: str) -> str | int | list[str]:
    if name == "authors":
        return [author.strip() for author in text.split(";") if author.strip()]
    return int(text) if name == "year" and text.isdecimal() else text


def _plain(text: str) -> str:
    """A title or a field without the backslashes that keep its signs from being marks."""
    return _PUNCTUATION.sub(r"\1", text)


def _paragraph(text: str) -> str:
    """A paragraph of an abstract: backslashes before marks were doubled, and all others left alone."""
    text = _NUMBERED.sub(r"\1", _BLOCK.sub("", text, count=1), count=1) if text[:1] in _OPENERS else text
    text = _LIKE_A_FIELD.sub(r"\1", text)
    return _MARK.sub(lambda found: "\\" * (len(found[1]) // 2) + found[2], text)
