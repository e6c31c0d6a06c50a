"""URLs in the text of a digest: where they stand, which belong to a paper, which arXiv id they name.

What a page links to for its own sake (login, votes, date navigation, people) is told apart here; what the page
prints as words is the business of `chrome`.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
"""Both forms of an arXiv identifier (new since April 2007), without the version; a regular expression."""

_URL = re.compile(r"https?://[^\s<>\"`{}\[\]|\\^]+")
_NAMED = re.compile(
    rf"(?:arxiv\.org/(?:abs|pdf|html)/|(?:huggingface\.co|hf\.co)/papers/)({ARXIV_ID})(?!\d)", re.IGNORECASE
)
_PAPER_PAGE = re.compile(rf"/papers/{ARXIV_ID}/?")
_REPOSITORY = re.compile(
    r"/(?:datasets/|spaces/)?(?!papers/|front/|docs/|blog/|login|join|avatars/)[\w.-]+/[\w.-]+/?"
)
_HUGGING_FACE = ("huggingface.co", "hf.co")


def urls(text: str) -> list[str]:
    """The URLs that stand bare in a text, in order, without the punctuation of the sentence around them."""
    return [_without_punctuation(match.group()) for match in _URL.finditer(text)] if "http" in text else []


def _without_punctuation(url: str) -> str:
    end, surplus = len(url), url.count(")") - url.count("(")
    while end:
        if url[end - 1] == ")" and surplus > 0:
            surplus -= 1
        elif url[end - 1] not in ".,;:!?'*_~$":
            break
        end -= 1
    return url[:end]


def arxiv_id(url: str) -> str | None:
    """The arXiv id, without version, that a URL of arXiv or of a Hugging Face paper page names."""
    match = _NAMED.search(url)
    return match.group(1) if match else None


def split(url: str) -> SplitResult | None:
    """The parts of an address; None where it is none (a bracket that stands open)."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def is_paper_page(url: str) -> bool:
    """Whether the URL is that of one paper's page on Hugging Face, and not of its comments or votes."""
    parts = split(url)
    return (
        parts is not None
        and parts.hostname in _HUGGING_FACE
        and not parts.fragment
        and not parts.query
        and _PAPER_PAGE.fullmatch(parts.path) is not None
    )


def belongs_to_paper(url: str) -> bool:
    """Whether a link printed beside a paper leads to the paper, its code or data rather than about the site."""
    if not url.startswith(("http://", "https://")):
        return False
    parts = split(url)
    if parts is None:
        return False
    host = parts.hostname or ""
    if host in _HUGGING_FACE:
        return is_paper_page(url) or (not parts.fragment and _REPOSITORY.fullmatch(parts.path) is not None)
    return not host.endswith(".huggingface.co")
