"""The values of a paper's short fields: names, ids, categories, dates, where links lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..links import arxiv_id, urls
from ..names import author_names
from .phrases import categories_in, is_identifier, is_only_date, without_et_al

if TYPE_CHECKING:
    from .segments import Segment

_ROOTS = ("abs/", "pdf/", "html/")
"""Where links lead that a program made of an id that it did not have."""
_FULL_STOP = re.compile(r"(?<=[^\W\d_]{4})\.$")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_SEPARATORS = re.compile(r"[,;|/、，；]+")
_ARXIV_LABEL = re.compile(r"arxiv:?\s{0,4}", re.IGNORECASE)
_VERSION = re.compile(r"v\d+$")
_LIST_MARK = re.compile("[、，；]")


def leads_somewhere(url: str) -> bool:
    """Whether a link leads to a page: not about this one, not to the front of a site, not to a badge."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if scheme not in ("http", "https") or host.endswith("shields.io") or "/issues/new" in path:
        return False
    return bool(path.strip("/#?")) and not (host.endswith("arxiv.org") and path in _ROOTS)


def people(printed: str) -> list[str]:
    """Names in a list of authors, whichever marks part them."""
    bare = _FULL_STOP.sub("", without_et_al(" ".join(printed.split())).strip(" *_"))
    return [name for name in author_names(_LIST_MARK.sub(", ", bare)) if not _YEAR.fullmatch(name)]


def target(name: str, segment: Segment) -> str:
    """Where a labelled link leads; the id, for a label that names one."""
    targets = [span.url for span in segment.spans if span.url.startswith("http")] or urls(segment.text)
    if name == "arxiv":
        return next((arxiv for arxiv in map(arxiv_id, targets) if arxiv), "")
    return "\n".join(dict.fromkeys(filter(leads_somewhere, targets)))


def identifier_in(text: str) -> str | None:
    """The arXiv id, without version, that a text consists of."""
    bare = _VERSION.sub("", _ARXIV_LABEL.sub("", text.split("\n")[0]).strip(" []()`"))
    return bare if is_identifier(bare) else None


def listed(text: str) -> list[str]:
    """The parts of a list: arXiv categories where it holds nothing else, else whatever marks part."""
    codes = categories_in(text)
    if codes is not None:
        return list(dict.fromkeys(codes))
    return [
        part for part in (each.strip(" `.*\n") for each in _SEPARATORS.split(text.replace("\n", ","))) if part
    ]


def fact(piece: str) -> str:
    """The field that a piece of a line of facts holds, or ""."""
    if is_only_date(piece):
        return "published"
    if is_identifier(piece):
        return "arxiv"
    if categories_in(piece) is not None:
        return "categories"
    return "link" if piece.startswith(("http://", "https://")) and " " not in piece else ""
