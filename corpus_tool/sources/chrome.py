"""Page furniture of the Hugging Face Papers pages: what a saved page prints that is not a paper.

Each entry names what a line is, given the line as a reader sees it (`markup.shown`). Wordings that no title or
abstract consists of are `sure`; others (a bare number, `new`, `Previous`) count only where they stand apart from
running text, which the caller knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from .dates import DATE, is_date


class Kind(Enum):
    """What a piece of page furniture does for the text around it."""

    HEADER = auto()
    """The top of a page: a digest begins here."""
    TABS = auto()
    """The choice of day, week or month, the last of the header."""
    NAME = auto()
    """The name of the page itself (its address, title or metadata)."""
    DATE = auto()
    """A date and nothing else: the digest's or, beside a paper, the paper's."""
    PUBLISHED = auto()
    """A line that ends in a paper's date of publication."""
    SUBMITTER = auto()
    """`Submitted by`, with the name on this line or the next."""
    BESIDE = auto()
    """Votes, comments, author counts, organisations, link captions: they stand between papers."""
    OWNER = auto()
    """A middle dot: what stands before it is an organisation, not text."""
    LINK = auto()
    """A bare URL."""
    CUT = auto()
    """The mark of a program that cut the text off."""
    FOOTER = auto()
    """The bottom of a page."""
    RULE = auto()
    """Brackets, rules and anchors without words."""


@dataclass(slots=True, frozen=True)
class Furniture:
    """One recognised line: its kind, whether wording alone decides, and the date it holds."""

    kind: Kind
    sure: bool
    date: str | None = None


_TABLE: tuple[tuple[Kind, bool, str], ...] = (
    (Kind.HEADER, True, r"get trending papers in your email inbox.{0,20}"),
    (Kind.HEADER, True, r"(?:by.{0,80}AK\s*)?and the research community"),
    (Kind.HEADER, False, r"new|subscribe|by|AK|(?:daily|trending) papers|log ?in|sign ?up"),
    (Kind.TABS, False, r"[-*•]?\s*(?:daily|weekly|monthly)"),
    (Kind.NAME, True, r"\*\*(?:url|page title|title|source|retrieved|date)(?::\*\*|\*\*:).*"),
    (
        Kind.NAME,
        True,
        r"(?:url|page title|source url): ?https?://\S+|(?:daily|trending) papers - hugging face",
    ),
    (Kind.PUBLISHED, True, rf"(?:.{{0,120}}·\s*)?published on (?P<a>{DATE})"),
    (Kind.PUBLISHED, True, rf".{{0,120}}·\s*(?P<b>{DATE})"),
    (Kind.SUBMITTER, True, r"submitted by(?:\s+\S{1,40})?"),
    (Kind.BESIDE, True, r"(?:·\s*)?[-•*]?\s*\+?\d+ authors?"),
    (Kind.BESIDE, True, r"(?:\+?\d+ )?upvotes?(?:\s+\d+)?|(?:\d+ )?comments?(?: \d+)?"),
    (
        Kind.BESIDE,
        True,
        r"(?:link: ?)?github(?:\s+[\d.,]+\s*[km]?)?(?:\s+arxiv page)?|(?:view )?arxiv page|view pdf",
    ),
    (Kind.BESIDE, True, r"\[(?:图片|image|img|avatar|photo|picture)[^\[\]]*\]"),
    (Kind.BESIDE, True, rf"{DATE}\s+\d+"),
    (Kind.BESIDE, False, r"\[?[-+]?\]?\s*\d[\d.,]*\s*[km]?|[-+]"),
    (Kind.OWNER, True, r"[·•]\s*\d*"),
    (Kind.OWNER, True, r"(?!.*[.?!] ).{1,80}\s·\s\d+(?: authors?)?"),
    (Kind.LINK, False, r"<?https?://\S+>?"),
    (
        Kind.CUT,
        True,
        r"[\[(<]\s*(?:\.\.\.|…)?\s*(?:(?:content|text|page|output|file)\s+)?truncated\b[^\])>]{0,60}[\])>]",
    ),
    (Kind.CUT, False, r"\[?(?:\.\.\.|…)\]?"),
    (Kind.FOOTER, True, r"(?:trending )?papers ranked by github stars activity|system theme"),
    (Kind.FOOTER, False, r"previous|next"),
    (Kind.RULE, True, r"<(?:a|img|br|hr|div|span|p|/)[^<>]*>(?:\s*</\w+>)?|[\[\]()]+|\](?:\(\S*\)|\[\d+\])"),
    (Kind.RULE, False, r"[-=_*#~|>\\\s]+"),
)

_ALTERNATIVES = tuple(
    (kind, sure, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, sure, pattern in _TABLE
)
_LONGEST = 240
_ODD_SPACE = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
"""Characters without width, which some programs leave in a page."""
_UNSEEN = str.maketrans("", "", UNSEEN)
_FOOTER_WORDS = frozenset(
    [
        "company",
        "tos",
        "privacy",
        "about",
        "careers",
        "website",
        "models",
        "datasets",
        "spaces",
        "pricing",
        "docs",
        "blog",
        "enterprise",
        "community",
        "posts",
        "collections",
        "forum",
    ]
)
_CUT_TAIL = re.compile(r"[\[(<](?:content|text|page|output) truncated\b[^\])>]{0,60}[\])>]$", re.IGNORECASE)


def furniture(text: str) -> Furniture | None:
    """What piece of a page a line is, or None where it may be a paper's text.

    Args:
        text: The line as a reader sees it, without outer blanks.
    """
    if not text:
        return Furniture(Kind.RULE, True)
    if len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = _ODD_SPACE.sub(" ", text.translate(_UNSEEN)).strip()
        if not text:
            return Furniture(Kind.RULE, True)
    if is_date(text):
        return Furniture(Kind.DATE, False, text)
    for kind, sure, pattern in _ALTERNATIVES:
        match = pattern.fullmatch(text)
        if match:
            found = match.groupdict()
            return Furniture(kind, sure, found.get("a") or found.get("b"))
    return None


def is_footer_word(text: str) -> bool:
    """Whether a line is one of the site's links that stand below the last paper."""
    return text.lower() in _FOOTER_WORDS


def without_cut_mark(text: str) -> str:
    """A text without the mark of a program that cut it off at its end."""
    match = _CUT_TAIL.search(text) if text.endswith(("]", ")", ">")) else None
    return text[: match.start()].rstrip() if match else text
