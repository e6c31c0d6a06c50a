"""Markdown digests: the pages of daily-arXiv repositories, newsletters, tables, lists, and one note a paper.

A page is read whole: which headings are papers shows only when all of them are seen. So its length has a bound.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper

NAME = "markdown"
_LONGEST = 64 << 20
"""Characters of the longest page; a day of all of arXiv has 2 million."""

_FOREIGN = re.compile(
    r"\s*(?:<(?:!doctype|html|\?xml|rss|feed|rdf|svg)|\{|\[\s*[\[{\"\d]|%PDF|#!)", re.IGNORECASE
)
_MAIL = re.compile(r"^\\\\[ \t\r]*\n(?:arXiv|Paper):", re.MULTILINE)
_MARKS = re.compile(
    r"^[ \t]{0,8}\[\d{1,3}\]:?[ \t]{1,8}<?https?://|"
    r"\A\s{0,40}---[ \t]*\n[\w-]{1,40}:|^[ >]{0,6}(?:#{1,6}[ \t]+\S|\|[^\n|]*\||"
    r"[-*+][ \t]+[^\n]{0,400}\]\(|\d{1,4}[.)][ \t]+[^\n]{0,400}\]\(|"
    r"\d{1,3}[.、．][A-Z\u4e00-\u9fff]|"
    r"[-*+][ \t]+\*[^*\n]{8,300}\*[ \t]*$|"
    r"[-*+]?[ \t]*(?:\*\*|__|<font|<strong|<b>|<h[1-6])|\[[^\n\]]{8,300}\]\(https?://|[=-]{5,}[ \t]*$|"
    r"[^\n|]{2,80}\|[^\n|]+\|)",
    re.MULTILINE | re.IGNORECASE,
)


def detect(head: str) -> bool:
    """Whether a text is a Markdown page that consists of papers."""
    if _FOREIGN.match(head) or _MAIL.search(head) or not _MARKS.search(head):
        return False
    from .page import holds_papers

    lines = head.replace("\r\n", "\n").split("\n")
    if len(lines) > 1 and len(head) >= 1 << 15:
        lines.pop()
    return holds_papers(lines)


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a page.

    Args:
        lines: The text without line ends.

    Yields:
        Papers, and text that belongs to none.

    Raises:
        InputError: The page is longer than any that a person keeps.
    """
    from .page import read_page

    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line) + 1
        if size > _LONGEST:
            raise InputError(
                f"a Markdown page of more than {_LONGEST >> 20} MiB: it is read whole, so split it (one file a day)"
            )
    yield from read_page(held)
