"""Abstracts that are none: what publishers, servers and programs put in the place of one, or behind it.

`own_words` is what a paper says itself. It is asked of every abstract, so a few rare words are looked for first, and
the patterns only where one stands. The list helps single cases; a short text that stands under unlike titles is no
evidence either way, which `corpus_tool.papers.reference` sees to.
"""

from __future__ import annotations

import re

SIGNS = (
    *("withdr", "retract", "removed", "availab", "copyright", "(c)", "\u00a9", "rights reserved", "preview"),
    *(
        "sorry",
        "language model",
        "apologi",
        "i cannot",
        "unable to",
        "please provide",
        "could not be",
        "full text",
    ),
    *("no abstract", "abstract no", "registration", "registered", "clinicaltrials", "prospero", "content"),
    *("&copy;", "zurückgezogen", "retiré", "retirado", "ritirato"),
)
"""One of these stands in every text that a pattern here can match, in small letters."""

MOST_WORDS = 70
"""A longer abstract with a notice has said something else, too."""

NOTICES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # withdrawn by its authors, its publisher or its server
        r"\b(?:paper|article|manuscript|submission|preprint|work|version|note|study|report|abstract|letter|comment)s?\b"
        r"[^.]{0,60}\b(?:has|have|is|was|are|were|being)\b[^.]{0,20}\b(?:withdrawn|retracted|removed)\b",
        r"^\W*(?:(?:this|the) )?(?:paper |article )?(?:withdrawn|retracted)\b",
        r"\b(?:withdrawn|removed|retracted)\b[^.]{0,30}\b(?:by|at the request of)\b[^.]{0,30}\b"
        r"(?:authors?|publishers?|editors?|arxiv|admin\w*)",
        r"\b(?:authors?|editors?|we|i)\b (?:have |has |had )?(?:withdraw|withdrew|withdrawn|retract|retracted)\b"
        r"[^.]{0,20}\b(?:this|the|our|my)\b[^.]{0,20}\b(?:paper|article|manuscript|submission|preprint|work|version|note)",
        r"wurde[^.]{0,40}zurückgezogen|a été retirée?\b|ha sido retirado|foi retirado|è stato ritirato",
        # there is no abstract
        r"\babstract\b[^.]{0,20}\b(?:not|un)\s?(?:yet )?(?:availab|provid|suppli|giv|found|includ)",
        r"^\W*no (?:\w+ )?(?:abstract|summary)\b",
        r"\b(?:there is|has|have) no (?:\w+ )?abstract\b",
        r"\b(?:content|text|article|abstract|preview|pdf)\b[^.]{0,40}\b(?:is|are) (?:not |un)availab",
        r"\bfull (?:html|text|pdf)\b[^.]{0,40}\b(?:is|are|content)\b[^.]{0,20}\b(?:availab|provided|access)",
        r"\bpreview of (?:the )?subscription content|\baccess to (?:this|the full) (?:content|text|article)",
        r"\bplease (?:see|refer to|click|log in|login|subscribe)\b[^.]{0,60}\b"
        r"(?:full|pdf|content|article|text|access)\b",
        # a program failed
        r"\bas an? (?:ai|artificial intelligence|large|language)\b[^.]{0,20}\b(?:model|assistant)",
        r"\b(?:i['’]?m|i am|we are) (?:very )?sorry\b|\bi apologi[sz]e\b|\bsorry, (?:but )?i\b",
        r"\bi(?:['’]m| am)? (?:cannot|can['’]t|could not|unable to|not able to)\b[^.]{0,40}\b"
        r"(?:summar|provid|generat|access|creat|help|assist|fulfil|process|complet|find)",
        r"\bplease provide (?:me )?(?:with )?(?:the|a|an|more|your)\b",
        r"\b(?:summary|abstract|text|content|page|document)\b[^.]{0,30}\bcould not be "
        r"(?:generat|load|retriev|found|extract|access)",
    )
)
"""What stands for an abstract."""

RIGHTS = re.compile(
    r"(?:©|&copy;|\(c\)\s*(?:19|20)\d\d|copyright\s*(?:©|\(c\)|(?:19|20)\d\d|of\b|is held|held by|by\b)"
    r"|(?:this (?:article|work|paper) is )?protected by copyright|all rights (?:are )?reserved)",
    re.IGNORECASE,
)
REGISTRY = re.compile(
    r"(?:clinical |systematic )?(?:trial|study|protocol|review|prospero) registration\b"
    r"|(?:trial |study )?registered (?:at|with|in|on|under)\b|clinicaltrials\.gov|prospero\b(?=.{0,30}crd)",
    re.IGNORECASE,
)
TAILS = ((RIGHTS, 800), (REGISTRY, 250))
"""Where begins what publishers and registries append, and in how many of the last characters it may."""

LEADING = re.compile(
    r"\A\W*(?:©|\(c\)|copyright)\s*(?:©|\(c\))?\s*(?:19|20)?\d*[^.]{0,80}(?:all rights reserved)?\.\s+",
    re.IGNORECASE,
)
"""The same before an abstract: one sentence."""


def has_sign(text: str) -> bool:
    """Whether `own_words` may be other than the text."""
    small = text.lower()
    return any(sign in small for sign in SIGNS)


def own_words(abstract: str) -> str:
    """An abstract without what others have put in its place or behind it; "" where nothing else is left."""
    if not abstract or not has_sign(abstract):
        return abstract
    own = LEADING.sub("", abstract, count=1)
    for begins, longest in TAILS:
        tail = begins.search(own, max(0, len(own) - longest))
        if tail:
            own = own[: tail.start()].rstrip(" \t\n([{-–—")
    if own.count(" ") < MOST_WORDS and any(notice.search(own) for notice in NOTICES):
        return ""
    return own
