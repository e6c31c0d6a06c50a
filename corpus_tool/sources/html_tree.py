"""A page as a tree, and what a reader sees of its elements: lxml, without scripts, and formulas once.

lxml is used because it tells the line of an element; nothing here descends by recursion, however deep a page is nested.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import etree

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

Element = Any
"""An element of lxml, which has no types."""

BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td tfoot th thead tr "
    "ul".split()
)
_UNSEEN = frozenset("script style template noscript svg button select textarea head iframe object".split())
_FORMULA = frozenset(["MathJax", "MathJax_Preview", "MathJax_Display", "katex-html", "MJX_Assistive_MathML"])
_HIDDEN = re.compile(r"display\s?:\s?none", re.IGNORECASE)
_TEX = ("math/tex", "math/tex; mode=display")
_BLANKS = re.compile(r"[^\S\n]+")
_SPACE = re.compile(r"\s+")
_NULLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def tree_of(text: str) -> Element | None:
    """The root of a page; None where there is nothing in it.

    Raises:
        InputError: It is nested too deeply.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = _NULLS.sub(" ", text).encode("utf-8", "replace")
    if not data.strip():
        return None
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"HTML that cannot be read: {error.msg}", line=error.lineno or 1) from None
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise InputError("HTML nested too deeply to read", line=1)
    return root


def classes(element: Element) -> set[str]:
    """The classes of an element."""
    return set((element.get("class") or "").split())


def text_lines(element: Element, skip: frozenset[str] = frozenset()) -> list[str]:
    """The lines of an element as shown, one a block, none empty.

    Args:
        element: Of a page.
        skip: Classes of the elements in it that are left out.
    """
    pieces: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        block = node.tag in BLOCKS
        if event == "end":
            pieces.append("\n" if block else "")
            pieces.append(_flat(node.tail) if node is not element else "")
            continue
        pieces.append("\n" if block else "")
        if _is_left_out(node, skip):
            walker.skip_subtree()
            pieces.append(_formula(node))
        else:
            pieces.append(_flat(node.text))
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    return [line for line in lines if line]


def _flat(text: str | None) -> str:
    """A piece of text with a single blank wherever it has any."""
    return _SPACE.sub(" ", text) if text else ""


def _is_left_out(node: Element, skip: frozenset[str]) -> bool:
    if node.tag in _UNSEEN:
        return True
    if node.tag == "math" and node.find(".//annotation") is not None:
        return True
    mine = node.get("class")
    if mine and not (skip | _FORMULA).isdisjoint(mine.split()):
        return True
    style = node.get("style")
    return bool(style and _HIDDEN.search(style) and "abstract-full" not in (mine or ""))


def _formula(node: Element) -> str:
    """The TeX that a rendered formula was made from, where the page keeps it."""
    if node.tag == "script" and node.get("type") in _TEX:
        return f"${(node.text or '').strip()}$"
    if node.tag == "math":
        note = node.find(".//annotation")
        return f"${(note.text or '').strip()}$" if note is not None else ""
    return ""


def shown(element: Element | None, skip: frozenset[str] = frozenset()) -> str:
    """The text of an element on one line."""
    return " ".join(text_lines(element, skip)) if element is not None else ""


def line_of(element: Element, skip: frozenset[str] = frozenset()) -> int:
    """The line in the page where an element's text begins, what has one of these classes left aside."""
    line: int = element.sourceline or 1
    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        text = node.text
        if event == "end":
            text = node.tail if node is not element else None
        else:
            line = max(line, node.sourceline or 1)
            if _is_left_out(node, skip):
                walker.skip_subtree()
                line += "".join(node.itertext()).count("\n")
                text = None
        if text and text.strip():
            blanks: str = text[: len(text) - len(text.lstrip())]
            return line + blanks.count("\n")
        line += text.count("\n") if text else 0
    return element.sourceline or 1


def base_of(root: Element) -> str:
    """The address that the page's links start from, where it tells; empty where it does not."""
    for path in ("//base/@href", "//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for found in root.xpath(path):
            if str(found).startswith("http"):
                return str(found)
    return ""


def address(element: Element, base: str) -> str:
    """Where a link leads; empty where that is no address of the web. Redirections of alerts are undone."""
    href = (element.get("href") or "").strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "data:")):
        return ""
    try:
        whole = urljoin(base, href) if base else href
        parts = urlsplit(whole)
        if parts.netloc.endswith(("scholar.google.com", "google.com")) and parts.path in (
            "/scholar_url",
            "/url",
        ):
            wanted = parse_qs(parts.query)
            return next(iter(wanted.get("url") or wanted.get("q") or [whole]))
    except ValueError:
        return ""
    return whole if parts.scheme in ("http", "https") else ""


def has_class(name: str) -> str:
    """The XPath condition that an element has a class."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def elements(node: Element, path: str) -> Iterator[Element]:
    """The elements at an XPath."""
    for found in node.xpath(path):
        if etree.iselement(found):
            yield found


def first(node: Element, *paths: str) -> Element | None:
    """The first element at the first of the paths that has one."""
    return next((found for path in paths for found in elements(node, path)), None)
