"""DOIs and arXiv ids as people write them, brought to one form.

A DOI is kept whole: with the angle brackets and semicolons of old SICI codes, whatever a URL or an entity made of
them. Which of two DOIs name one paper is said by `doi_mark`: a server's versions do, the updates of a review do not.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from urllib.parse import unquote

from corpus_tool.text import hash_word

PREPRINT_DOI = re.compile(
    r"10\.48550/"  # arXiv
    r"|10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d{6,8}"  # bioRxiv, medRxiv; the publisher's journals have letters
    r"|10\.2139/ssrn|10\.20944/preprints|10\.21203/rs|10\.26434/|10\.36227/techrxiv|10\.22541/"
    r"|10\.312(?:34|19|35)/osf"  # PsyArXiv, OSF, SocArXiv
)
"""DOIs that preprint servers give."""

SERVED = 1
"""The bit of a DOI's mark that says that a preprint server gave it."""
VERSIONS = 0xFE
"""The bits of a DOI's mark that hold the number of an update."""

_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>]|<[^\s<>]*::[^\s<>]*>)+")
_DOI_ADDRESS = re.compile(r"doi\.org/+(10\.\d{4,9}/[^\s\"?#]+)", re.IGNORECASE)
_PAGE_OF = re.compile(r"/(?:abstract|abs|full|fulltext|pdf|epdf|html|meta)$|\.pdf$")
_UPDATE = re.compile(r"(?:\.pub|[/.]v|(?<=\d)v)(\d{1,2})$")
_ARXIV_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV_ID = rf"({_ARXIV_NEW}|{_ARXIV_OLD})"
_ARXIV = re.compile(rf"(?:arxiv\s*:\s*)?(?:abs/)?{_ARXIV_ID}(?:v\d+)?(?:\s*\[[\w.-]+\])?", re.IGNORECASE)
_ARXIV_ADDRESS = re.compile(
    rf"(?:arxiv\.org/(?:abs|pdf|html|ps|format)|alphaxiv\.org/(?:abs|overview)|huggingface\.co/papers|hf\.co/papers)/{_ARXIV_ID}(?![\d/])",
    re.IGNORECASE,
)
_ARXIV_CITED = re.compile(rf"\b(?:arxiv\s*:\s*|abs/){_ARXIV_ID}(?!\d)", re.IGNORECASE)
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.{_ARXIV_ID}(?:v\d+)?", re.IGNORECASE)


def clean_doi(text: str) -> str:
    """The first DOI in a text, in lower case, without closing punctuation; "" where there is none."""
    if not text:
        return ""
    if "%" in text:
        text = unquote(text)
    if "&" in text:
        text = html.unescape(text)
    match = _DOI.search(text)
    if not match:
        return ""
    found = match[0].lower()
    if "://" in text[: match.start()]:
        found = _PAGE_OF.sub("", found.partition("?")[0].partition("#")[0])
    return _without_closing(found.removesuffix("[doi]"))


def _without_closing(doi: str) -> str:
    """A DOI without the punctuation of the sentence around it; brackets that it opened itself are its own."""
    while doi:
        last = doi[-1]
        opening = {")": "(", "]": "[", "}": "{"}.get(last)
        if last in ".,;:'" or (opening and doi.count(last) > doi.count(opening)):
            doi = doi[:-1]
        else:
            break
    return doi


def doi_in_address(address: str) -> str:
    """The DOI in a resolver's address; "" where there is none."""
    match = _DOI_ADDRESS.search(address) if "10." in address else None
    return clean_doi(match[1]) if match else ""


@lru_cache(maxsize=1 << 14)
def doi_mark(doi: str) -> int:
    """64-bit hash of a DOI without the number of its version; 0 for none.

    The lowest bit is set where a preprint server gave it. The next seven hold the number of an update (".pub3") that
    is a publication of its own; versions on a server are one paper.
    """
    if not doi:
        return 0
    update, served = _UPDATE.search(doi), bool(PREPRINT_DOI.match(doi))
    stem = doi[: update.start()] if update else doi
    number = int(update[1]) if update and not served else 0
    return (hash_word(stem) or 1 << 8) & ~(VERSIONS | SERVED) | number << 1 & VERSIONS | served


def review_update(doi: str) -> int:
    """The number of the update of a review in its DOI ("10.1002/14651858.cd001.pub3"); 0 where it has none."""
    return (doi_mark(doi) & VERSIONS) >> 1


def arxiv_of_doi(doi: str) -> str:
    """The arXiv id in one of arXiv's own DOIs; "" for any other."""
    match = _ARXIV_DOI.fullmatch(doi) if doi else None
    return match[1].lower() if match else ""


def clean_arxiv(text: str) -> str:
    """An arXiv identifier without prefix and version; "" where the text is anything more or else."""
    if not text:
        return ""
    match = _ARXIV.fullmatch(text.strip()) or _ARXIV_ADDRESS.search(text) or _ARXIV_CITED.match(text.strip())
    return match[1].lower() if match else ""


def bare_arxiv(text: str) -> str:
    """The arXiv id that a text is, with or without "arXiv:" and version; "" where it is anything more."""
    match = _ARXIV.fullmatch(text.strip())
    return match[1].lower() if match else ""


def arxiv_in_addresses(texts: list[str]) -> str:
    """The one arXiv id that some addresses lead to; "" where there is none, or more than one."""
    likely = (
        text for text in texts if "xiv" in text or "hf.co" in text or "huggingface" in text or "XIV" in text
    )
    found = {match.lower() for text in likely for match in _ARXIV_ADDRESS.findall(text)}
    return found.pop() if len(found) == 1 else ""


def arxiv_cited(text: str) -> str:
    """The arXiv id that a venue or volume gives ("arXiv preprint arXiv:2101.00001", "abs/2101.00001")."""
    match = _ARXIV_CITED.search(text) if ":" in text or "/" in text else None
    return match[1].lower() if match else ""
