"""The text of one paragraph of Markdown, line by line: spans with their links and emphasis, tags of HTML resolved."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_LONGEST_FORMULA = 400
_MARKDOWN_MARKS = "*_[]|<>#"
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b([^>]*)>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_VALUED = re.compile(r"\s*(?:/|[\w:.-]+\s*=.*|open|hidden|markdown|controls|download)?\s*/?\s*", re.DOTALL)
_BOLD = frozenset(("b", "strong", "th"))
_EMPHASISED = frozenset(("em", "i"))
_BREAKING = frozenset(
    ("br", "p", "li", "ol", "ul", "div", "tr", "dt", "dd", "details", "blockquote", "hr", "section")
)
_PLAIN = frozenset(
    "a article center code dl figure font h1 h2 h3 h4 h5 h6 header footer img kbd label main mark nav "
    "picture small "
    "source span sub sup summary table tbody td thead u".split()
)
_HEADING = re.compile(r"h([1-6])", re.IGNORECASE)


@dataclass(slots=True)
class Span:
    """A run of text of one look.

    Attributes:
        text: What is shown.
        url: The target of its link, or "".
        bold: Set in bold.
        em: Set in italics.
        code: Set as code.
        summary: The caption of a fold (`<summary>`).
    """

    text: str
    url: str = ""
    bold: bool = False
    em: bool = False
    code: bool = False
    summary: bool = False


@dataclass(slots=True)
class Line:
    """One printed line.

    Attributes:
        number: Where it stands, 1-based.
        spans: Its text.
        heading: Its level, where HTML makes it a heading.
        closes: Whether a fold (`<details>`) ends before it.
        field: Whether it opens an item of a list of fields, so that a label which is not known is one too.
    """

    number: int
    spans: list[Span] = field(default_factory=list)
    heading: int = 0
    closes: bool = False
    field: bool = False

    @property
    def text(self) -> str:
        """The line without markup, outer blanks removed."""
        return "".join(span.text for span in self.spans).strip()

    @property
    def urls(self) -> list[str]:
        """The targets of its links, in order."""
        return list(dict.fromkeys(span.url for span in self.spans if span.url))


def math_rule(state: StateInline, silent: bool) -> bool:
    """A formula between dollars, kept as it stands."""
    start = state.pos
    source = state.src
    if source[start] != "$":
        return False
    mark = "$$" if source.startswith("$$", start) else "$"
    begin = start + len(mark)
    limit = min(state.posMax, begin + _LONGEST_FORMULA)
    end = source.find(mark, begin, limit)
    while end > 0 and source[end - 1] == "\\":
        end = source.find(mark, end + 1, limit)
    if end <= begin or (mark == "$" and (source[begin].isspace() or source[end - 1].isspace())):
        return False
    if mark == "$" and source[end + 1 : end + 2].isdigit():  # amounts of money
        return False
    if not silent:
        state.push("math", "", 0).content = source[start : end + len(mark)]
    state.pos = end + len(mark)
    return True


def escape_rule(state: StateInline, silent: bool) -> bool:
    r"""A backslash where the writer escapes nothing: LaTeX (`80\%`, `G\"odel`), but for marks of Markdown itself."""
    after = state.src[state.pos + 1 : state.pos + 2]
    if state.src[state.pos] != "\\" or not after or after == "\n" or after.isalnum() or after.isspace():
        return False
    if not silent:
        state.pending += after if after in _MARKDOWN_MARKS else "\\" + after
    state.pos += 2
    return True


def lines_of(tokens: Sequence[Token], number: int) -> list[Line]:
    """The printed lines of a paragraph's tokens.

    Args:
        tokens: The children of an inline token.
        number: The line where the paragraph begins.
    """
    text = _Text(number)
    for token in tokens:
        text.token(token)
    return text.lines


class _Text:
    """The lines so far, and what is open."""

    def __init__(self, number: int) -> None:
        self.lines = [Line(number)]
        self.number = number
        self.links: list[str] = []
        self.bold = 0
        self.em = 0
        self.summary = False
        self.closed = False
        self.heading = 0

    def token(self, token: Token) -> None:
        """The next token."""
        kind = token.type
        if kind in ("softbreak", "hardbreak"):
            self.number += 1
            self._break()
        elif kind == "link_open":
            self.links.append(str(token.attrs.get("href", "")))
        elif kind == "link_close":
            self._unlink()
        elif kind in ("strong_open", "strong_close"):
            self.bold += token.nesting
        elif kind in ("em_open", "em_close"):
            self.em += token.nesting
        elif kind == "html_inline":
            self._html(token.content)
        elif kind == "image":
            self._add("")
        else:
            self._add(token.content, code=kind == "code_inline")

    def _add(self, text: str, *, code: bool = False) -> None:
        url = html.unescape(self.links[-1]) if self.links else ""
        line = self.lines[-1]
        if line.spans and line.spans[-1].url == url and not code and not line.spans[-1].code:
            last = line.spans[-1]
            if (last.bold, last.em, last.summary) == (self.bold > 0, self.em > 0, self.summary):
                last.text += text.replace("\n", " ")
                self.number += text.count("\n")
                return
        if text or url:
            line.spans.append(
                Span(text.replace("\n", " "), url, self.bold > 0, self.em > 0, code, self.summary)
            )
        self.number += text.count("\n")

    def _break(self) -> None:
        line = self.lines[-1]
        if line.spans:
            self.lines.append(Line(self.number, heading=self.heading, closes=self.closed))
        else:
            line.number, line.closes = self.number, line.closes or self.closed
            line.heading = self.heading
        self.closed = False

    def _unlink(self) -> None:
        if self.links:
            self.links.pop()

    def _html(self, source: str) -> None:
        tag = _TAG.fullmatch(source)
        name = tag.group(2).lower() if tag else ""
        known = name in _BOLD or name in _EMPHASISED or name in _BREAKING or name in _PLAIN
        if tag is None or not known or not _VALUED.fullmatch(tag.group(3)):
            self._add("" if source.startswith(("<!--", "<?", "<!")) else source)
            return
        closing = bool(tag.group(1))
        if name in _BREAKING:
            self.closed = self.closed or (closing and name == "details")
            self._break()
        elif name == "a":
            self._anchor(tag.group(3), closing)
        elif name in _BOLD:
            self.bold = max(0, self.bold + (-1 if closing else 1))
        elif name in _EMPHASISED:
            self.em = max(0, self.em + (-1 if closing else 1))
        elif name == "summary":
            self._fold(closing)
        elif heading := _HEADING.fullmatch(name):
            self.heading = 0 if closing else int(heading.group(1))
            self._break()
        self.number += source.count("\n")

    def _anchor(self, attributes: str, closing: bool) -> None:
        if closing:
            self._unlink()
        elif target := _HREF.search(attributes):
            self.links.append(next(filter(None, target.groups()), ""))
        else:
            self.links.append("")

    def _fold(self, closing: bool) -> None:
        self._break()
        self.summary = not closing
