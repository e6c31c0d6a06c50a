"""Abstracts that are none: what publishers, servers and programs put in the place of one, or behind it.

`own_words` is what a paper says itself. It is asked of every abstract, so rare words are looked for first, and a
pattern only where one of its own stands. The list helps single cases; a short text that stands under unlike titles
is no evidence either way, which `corpus_tool.papers.reference` sees to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RIGHTS_SIGNS = ("copyright", "(c)", "reserved", "regist", "clinicaltrials", "prospero", "\u00a9", "&copy;")
"""One of these stands where rights or a registration are appended, in small letters."""

LONGEST_NOTICE = 600
"""A longer text has said something else besides its notice, characters."""

HEAD, TAIL = 16, 800
"""In how many of the first and the last characters rights may begin."""

_PAPER = r"(?:paper|article|manuscript|submission|preprint|work|version|note|study|report|abstract|letter|comment)s?"

_NOTICES = {
    # withdrawn by its authors, its publisher or its server
    ("withdr", "retract", "removed"): (
        rf"\b{_PAPER}\b[^.]{{0,60}}\b(?:has|have|is|was|are|were|being)\b[^.]{{0,20}}\b(?:withdrawn|retracted|removed)\b",
        r"^\W*(?:(?:this|the) )?(?:paper |article )?(?:withdrawn|retracted)\b",
        r"\b(?:withdrawn|removed|retracted)\b[^.]{0,30}\b(?:by|at the request of)\b[^.]{0,30}\b"
        r"(?:authors?|publishers?|editors?|arxiv|admin\w*)",
        r"\b(?:authors?|editors?|we|i)\b (?:have |has |had )?(?:withdraw|withdrew|withdrawn|retract|retracted)\b"
        rf"[^.]{{0,20}}\b(?:this|the|our|my)\b[^.]{{0,20}}\b{_PAPER}",
    ),
    ("zurückgezogen", "retiré", "retirado", "ritirato"): (
        r"wurde[^.]{0,40}zurückgezogen|a été retirée?\b|ha sido retirado|foi retirado|è stato ritirato",
    ),
    # there is no abstract
    ("abstract",): (
        r"\babstract\b[^.]{0,20}\b(?:not|un)\s?(?:yet )?(?:availab|provid|suppli|giv|found|includ)",
        r"\b(?:there is|has|have) no (?:\w+ )?abstract\b",
    ),
    ("no abstract", "no summary"): (r"^\W*no (?:\w+ )?(?:abstract|summary)\b",),
    ("availab",): (
        r"\b(?:content|text|article|abstract|preview|pdf)\b[^.]{0,40}\b(?:is|are) (?:not |un)availab",
    ),
    ("full html", "full text", "full pdf"): (
        r"\bfull (?:html|text|pdf)\b[^.]{0,40}\b(?:is|are|content)\b[^.]{0,20}\b(?:availab|provided|access)",
    ),
    ("preview of", "access to"): (
        r"\bpreview of (?:the )?subscription content|\baccess to (?:this|the full) (?:content|text|article)",
    ),
    ("please",): (
        r"\bplease (?:see|refer to|click|log in|login|subscribe)\b[^.]{0,60}\b"
        r"(?:full|pdf|content|article|text|access)\b",
        r"\bplease provide (?:me )?(?:with )?(?:the|a|an|more|your)\b",
    ),
    # a program failed
    ("as an ai", "as an artificial", "as a large", "as a language"): (
        r"\bas (?:an (?:ai|artificial intelligence)|a (?:large|language))\b[^.]{0,20}\b(?:model|assistant)",
    ),
    ("sorry", "apologi"): (
        r"\b(?:i['’]?m|i am|we are) (?:very )?sorry\b|\bi apologi[sz]e\b|\bsorry, (?:but )?i\b",
    ),
    ("i cannot", "i can", "unable to", "not able to", "i could not"): (
        r"\bi(?:['’]m| am)? (?:cannot|can['’]t|could not|unable to|not able to)\b[^.]{0,40}\b"
        r"(?:summar|provid|generat|access|creat|help|assist|fulfil|process|complet|find)",
    ),
    ("could not be",): (
        r"\b(?:summary|abstract|text|content|page|document)\b[^.]{0,30}\bcould not be "
        r"(?:generat|load|retriev|found|extract|access)",
    ),
}
NOTICES = tuple(
    (signs, re.compile("|".join(patterns), re.IGNORECASE | re.DOTALL)) for signs, patterns in _NOTICES.items()
)
"""What stands for an abstract, beside the signs, in small letters, of which one stands in each."""
NOTICE_SIGNS = tuple(sign for signs in _NOTICES for sign in signs)
"""One of these stands in all that stands for an abstract, in small letters."""

_YEAR = re.compile(r"\s*(?:19|20)\d\d")
_HELD = re.compile(r"\s*(?:©|\(c\)|(?:19|20)\d\d|of\b|is held|held by|by\b)")
_NUMBER = re.compile(r".{0,30}crd", re.DOTALL)
ENDINGS: tuple[tuple[int, tuple[tuple[str, re.Pattern[str] | None], ...]], ...] = (
    (
        TAIL,
        (("©", None), ("&copy;", None), ("(c)", _YEAR), ("copyright", _HELD), ("all rights reserved", None))
        + (
            ("rights are reserved", None),
            ("this article is protected by", None),
            ("protected by copyright", None),
        ),
    ),
    (
        250,
        tuple(
            (f"{what} registration", None)
            for what in ("trial", "study", "protocol", "systematic review", "review", "prospero")
        )
        + tuple((f"registered {where} ", None) for where in ("at", "with", "in", "on", "under"))
        + (("clinicaltrials.gov", None), ("prospero", _NUMBER)),
    ),
)
"""Of how many last characters, and with what begins what publishers and registries append, and what has to follow."""

LEADING = re.compile(
    r"\A\W*(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:19|20)?\d*[^.]{0,80}(?:all rights reserved)?\.\s+",
    re.IGNORECASE,
)
"""The same before an abstract: one sentence."""


def own_words(abstract: str) -> str:
    """An abstract without what others have put in its place or behind it; "" where nothing else is left."""
    if not abstract:
        return ""
    own = abstract
    if _has_rights(own):
        own = LEADING.sub("", own, count=1)
        for reach, needles in ENDINGS:
            own = _without_ending(own, max(0, len(own) - reach), needles)
    return "" if len(own) <= LONGEST_NOTICE and _is_notice(own) else own


def _without_ending(text: str, start: int, needles: Iterable[tuple[str, re.Pattern[str] | None]]) -> str:
    """A text up to the first of some beginnings from `start` on."""
    small, ends = _small(text), list[int]()
    for needle, more in needles:
        at = small.find(needle, start)
        while at >= 0 and more and not more.match(small, at + len(needle)):
            at = small.find(needle, at + 1)
        if at >= 0:
            ends.append(at)
    return text[: min(ends)].rstrip(" \t\n([{-–—") if ends else text


def _small(text: str) -> str:
    """A text in small letters, where each stands in the place of its capital."""
    small = text.lower()
    return small if len(small) == len(text) else text


def _has_rights(text: str) -> bool:
    return _holds(f"{text[:HEAD]} {text[-TAIL:]}".lower(), RIGHTS_SIGNS)


def _is_notice(text: str) -> bool:
    small = text.lower()
    return _holds(small, NOTICE_SIGNS) and any(
        _holds(small, signs) and notice.search(text) for signs, notice in NOTICES
    )


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    """Whether one of some signs stands in a text, in a plain loop: `any` of a generator takes half as long again."""
    for sign in signs:  # noqa: SIM110
        if sign in text:
            return True
    return False
