"""The title that a heading, a list item or a table's cell prints, told from its number, marks, captions and tail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..links import urls
from .phrases import (
    are_names,
    categories_in,
    dates_in,
    is_caption,
    is_identifier,
    is_navigation,
    is_only_date,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .inline import Span

_NUMBERING = re.compile(
    r"(?:\d\ufe0f?\u20e3){1,3}\s*|(?:no\.?\s*|#)?\d{1,4}\s*[.)、．]\s+|[\[(【（#]\s*#?\d{1,4}\s*[\])】）]\s*|"
    r"\d{1,4}[、．]\s*|\d{1,3}\.(?=[A-Z\u4e00-\u9fff])|(?:paper|论文)\s*\d{1,3}\s*[:：.]\s*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[^\w\[(（【《「\"'“‘«$\\<{`~@+#&¿¡^|]+")
_GAP = "\x00"
_EMPTY_GROUP = re.compile(
    r"[(\[（【{](?:[\s\x00|/,;:·•&+\-–—]|\b(?:read|more|on|or|and|see|also|via|at|in|the|"
    r"arxiv)\b)*[)\]）】}]",
    re.IGNORECASE,
)
_IDENTIFIER_GROUP = re.compile(
    r"[(\[（【]\s*(?:arxiv:?\s*)?\d{4}\.\d{4,5}(?:v\d+)?(?:\s*\[[\w.-]+\])?\s*[)\]）】]", re.IGNORECASE
)
_PRINTED_URL = re.compile(r"[(\[（<]?\s*https?://[^\s()\[\]（）<>]+\s*[)\]）>]?")
_EDGES = " \t|/·•,;:-–—→>*_\x00"
_PAIRS = {"[": "]", "《": "》", "「": "」", "【": "】", "“": "”", '"': '"', "«": "»"}
_VENUE = re.compile(r"[\[(【`][^\[\]()【】`]{2,30}[\])】`]\s*", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d{2}")
_PAPER_HOSTS = (
    "arxiv.org openreview.net doi.org aclanthology.org biorxiv.org medrxiv.org chemrxiv.org "
    "papers.nips.cc proceedings.neurips.cc "
    "proceedings.mlr.press openaccess.thecvf.com ecva.net dl.acm.org ieeexplore.ieee.org "
    "link.springer.com sciencedirect.com "
    "nature.com science.org pubmed.ncbi.nlm.nih.gov ncbi.nlm.nih.gov ssrn.com papers.ssrn.com "
    "alphaxiv.org papers.cool "
    "semanticscholar.org paperswithcode.com jmlr.org ojs.aaai.org isca-archive.org hal.science "
    "arxiv-sanity-lite.com scirate.com "
    "pnas.org journals.aps.org iopscience.iop.org onlinelibrary.wiley.com academic.oup.com "
    "eprint.iacr.org mdpi.com frontiersin.org "
    "preprints.org zenodo.org researchsquare.com osf.io psyarxiv.com techrxiv.org authorea.com eartharxiv.org "
    "essopenarchive.org philpapers.org philarchive.org sciety.org dblp.org inspirehep.net adsabs.harvard.edu "
    "pmc.ncbi.nlm.nih.gov europepmc.org core.ac.uk base-search.net researchgate.net cinii.ac.jp jstage.jst.go.jp "
    "scielo.br scielo.org cnki.net wanfangdata.com.cn cell.com thelancet.com jamanetwork.com nejm.org bmj.com plos.org "
    "biomedcentral.com springeropen.com springer.com elifesciences.org peerj.com f1000research.com tandfonline.com "
    "sagepub.com royalsocietypublishing.org degruyter.com degruyterbrill.com hindawi.com worldscientific.com "
    "usenix.org vldb.org jair.org distill.pub pubs.acs.org pubs.rsc.org pubs.aip.org cambridge.org jstor.org "
    "hal.archives-ouvertes.fr hal.inria.fr theses.hal.science journals.sagepub.com openreview.org paperdigest.org"
).split()
_LONGEST_NOTE = 300
_DOI_IN_URL = re.compile(r"/10\.\d{4,9}/[^\s/]")
_OWN_NOTE = re.compile(
    r"(?:\.{0,2}/)*(?:[^\s:?#]*/)?(?:(?:papers?|articles?|arxiv|preprints?|paper[-_]notes?|论文)(?:/[^\s:?#/]+)+|\d{4}\.\d{4,5}(?:v\d)?)"
    r"\.(?:md|html?|pdf)(?:#\S*)?",
    re.IGNORECASE,
)
"""A page of the same site about one paper: a file in a folder of papers, or one that is called by an arXiv id."""
_ARXIV_IN_URL = re.compile(r"(?<![\d.])\d{4}\.\d{5}(?!\d)|/(?:abs|pdf|html)/[a-z-]+(?:\.[A-Z]{2})?/\d{7}")
_HUGGING_PAPER = re.compile(r"/papers/\d{4}\.\d{4,5}")


@dataclass(slots=True)
class Title:
    """A title and what stood around it.

    Attributes:
        text: The title.
        url: Where it leads, or "".
        before: Text in front of it (a date, a venue).
        rest: Spans behind it.
        bare: Whether neither a link nor bold marks it.
    """

    text: str
    url: str
    before: str
    rest: list[Span]
    bare: bool


def is_paper_url(url: str) -> bool:
    """Whether a URL leads to one paper, or to the page of the same site that is about one."""
    if not url.startswith(("http://", "https://")):
        return (
            len(url) < _LONGEST_NOTE and _OWN_NOTE.fullmatch(url) is not None and "readme" not in url.lower()
        )
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return False
    if host in ("huggingface.co", "hf.co"):
        return _HUGGING_PAPER.search(parts.path) is not None
    if host in ("github.com", "img.shields.io") or parts.path in ("", "/"):
        return False
    if host.endswith("arxiv.org"):
        return parts.path.startswith(("/abs/", "/pdf/", "/html/", "/ps/", "/e-print/"))
    known = any(host == each or host.endswith("." + each) for each in _PAPER_HOSTS)
    return (
        known
        or _DOI_IN_URL.search(parts.path) is not None
        or _ARXIV_IN_URL.search(url) is not None
        or parts.path.lower().endswith(".pdf")
    )


def clean_title(text: str) -> str:
    """A title without number, leading marks, enclosing brackets and trailing captions."""
    text = " ".join(text.split())
    for _ in range(3):
        text = _strip_front(text)
        text = _IDENTIFIER_GROUP.sub(_GAP, _PRINTED_URL.sub(_GAP, text))
        text = _EMPTY_GROUP.sub(_GAP, text).rstrip(_EDGES).replace(_GAP, " ")
        end = _PAIRS.get(text[:1])
        if end and text.endswith(end) and text.find(end, 1) == len(text) - 1:
            text = text[1:-1]
    return " ".join(text.split())


def _strip_front(text: str) -> str:
    marks = _MARKS.match(text)
    if marks and marks.end() < len(text):
        text = text[marks.end() :]
    number = _NUMBERING.match(text)
    return text[number.end() :] if number and number.end() < len(text) else text


def looks_like_title(text: str) -> bool:
    """Whether a text can be the title of a paper."""
    return (
        1 <= len(text) <= 400
        and words_of(text) >= 1
        and not is_caption(text)
        and not is_navigation(text)
        and not is_only_date(text)
        and categories_in(text) is None
    )


def title_of(spans: Sequence[Span], *, alone: bool = False) -> Title | None:
    """The title among the spans of a line.

    Args:
        spans: The line; what is link, bold or quoted stands out.
        alone: Whether the line holds the title and little else (a heading, a cell), so that it needs no mark.
    """
    best = _marked(spans)
    if best is not None and (not alone or _share(spans, best) > 0.5 or is_paper_url(best[2])):
        start, end, url = best
        text = clean_title("".join(span.text for span in spans[start:end]))
        before = "".join(span.text for span in spans[:start])
        if looks_like_title(text) and (not alone or words_of(before) <= 3 or is_paper_url(url)):
            return Title(text, url, before, list(spans[end:]), False)
    return _plain(spans, alone)


def _marked(spans: Sequence[Span]) -> tuple[int, int, str] | None:
    """The run of linked or bold spans that can be a title: links to papers first, then links, then bold."""
    best: tuple[int, int, int, int, str] | None = None
    index = 0
    while index < len(spans):
        span = spans[index]
        end = index + 1
        if (span.url or span.bold) and not span.summary:
            while end < len(spans) and (spans[end].url, spans[end].bold) == (span.url, span.bold):
                end += 1
            text = "".join(each.text for each in spans[index:end]).strip()
            rank = 3 if is_paper_url(span.url) else 2 if span.bold else 1
            clean = clean_title(text)
            if looks_like_title(clean) and words_of(clean) >= 2 and not are_venue(clean):
                candidate = (rank, min(words_of(clean), 4), -index, end, span.url)
                if best is None or candidate[:3] > best[:3]:
                    best = candidate
        index = end
    return (-best[2], best[3], best[4]) if best else None


def are_venue(text: str) -> bool:
    """Whether a text is a venue and a year, or a mark like it, and no title."""
    return len(text) <= 24 and (_YEAR.search(text) is not None or text.isupper()) and words_of(text) <= 2


def _share(spans: Sequence[Span], run: tuple[int, int, str]) -> float:
    """How much of a line's words a run of spans holds, captions of links left out."""
    whole = sum(words_of(span.text) for span in spans if not (span.url and is_caption(span.text)))
    return sum(words_of(span.text) for span in spans[run[0] : run[1]]) / max(1, whole)


def _plain(spans: Sequence[Span], alone: bool) -> Title | None:
    """A title that no mark sets off: the text before the first caption of a link."""
    pieces: list[str] = []
    rest: list[Span] = []
    for index, span in enumerate(spans):
        caption = (
            (span.url and is_caption(span.text))
            or (span.code and _is_mark(span.text))
            or is_identifier(span.text)
        )
        if caption:
            rest.append(span)
            pieces.append(_GAP)
            if not alone and words_of("".join(pieces)) >= 2:
                rest += spans[index + 1 :]
                break
        elif not span.summary:
            pieces.append(span.text)
    text = "".join(pieces)
    before = ""
    if not alone and (venue := _VENUE.match(text.strip())):
        before, text = venue.group(), text.strip()[venue.end() :]
    title = clean_title(text)
    return Title(title, _first_url(spans), before, rest, True) if looks_like_title(title) else None


def _is_mark(text: str) -> bool:
    return is_identifier(text) or categories_in(text) is not None or bool(dates_in(text)) or len(text) <= 12


def _first_url(spans: Sequence[Span]) -> str:
    linked = (span.url for span in spans)
    printed = (url for span in spans for url in urls(span.text))
    return next((url for url in (*linked, *printed) if is_paper_url(url)), "")


_QUOTED = re.compile(
    r"[\"“「《«]\s*([^\"“”「」《》«»]{8,300})[\"”」》»]\s*[.,:;，。]?\s*(?:(?:by|von|par|por|作者[:：]?|[-–—|,])\s*)?(.{0,600})",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[^\W\d_a-z][\w'’.-]*[ ]){1,3}[^\W\d_a-z][\w'’-]+")


def is_name(text: str) -> bool:
    """Whether a text can be one person's name: two to four words with capitals."""
    return len(text) <= 60 and _NAME.fullmatch(text) is not None


def without_names(title: str) -> tuple[str, str]:
    """A title and the list of authors that stands behind it, where a plain line prints both."""
    if quoted := _QUOTED.fullmatch(title):
        names = quoted[2].rstrip(" .;")
        if not names or are_names(names) or is_name(names):
            return quoted[1].rstrip(" .,"), names
    for mark in (" - ", " – ", " — ", " | ", ". ", ", "):
        for at in _positions(title, mark):
            left, right = title[:at], title[at + len(mark) :]
            if words_of(left) >= 3 and ("," in right or mark != ", ") and are_names(right):
                return left.strip(), right.strip()
    return title, ""


def _positions(text: str, mark: str) -> list[int]:
    found: list[int] = []
    at = text.find(mark)
    while at >= 0 and len(found) < 6:
        found.append(at)
        at = text.find(mark, at + 1)
    return found
