"""A line cut into its labelled parts: `**Authors**: …`, `作者：…`, `**arXiv**: … | **Score**: …`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from ..field_labels import ABSTRACTS, LINKED, field_name, own_name
from .inline import Line, Span
from .phrases import are_names, dates_in, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .blocks import Block

_COLON = re.compile(r"[ \t]{0,4}[:：]")
_INNER_COLON = re.compile(r"[:：]")
_PLAIN = re.compile(r"[^\w\[(（【《]{0,6}([^\W\d_][^:：\n|,。]{0,40}?)[ \t]{0,4}[:：](?!//)")
_LATER = re.compile(
    r"[|·•;；,，][ \t]{0,4}[^\w\s|·•;,\[(]{0,4}([^\W\d_][\w ./-]{0,30}?)[ \t]{0,4}[:：](?!//)"
)
_LEADING = re.compile(r"[\s\W]*")
_ENDS_SEPARATED = re.compile(r"(?:^|[|·•;；/]|\s{2})[\s\W]*$")
_LOOSE = frozenset(("published", "categories", "comments", "venue", "authors"))


class Style(IntEnum):
    """How a label is set; a label ends a field whose own label is of its style or a lesser one."""

    PLAIN = 0
    BOLD = 1
    FOLD = 2
    HEADING = 3


@dataclass(slots=True)
class Segment:
    """One part of a line.

    Attributes:
        number: The line where it stands.
        label: The field that its label names, or "".
        known: Whether that label is known.
        style: How the label is set.
        printed: The label as it stands.
        opens_line: Whether it is the first of its line.
        spans: Its text.
    """

    number: int
    label: str = ""
    known: bool = False
    style: Style = Style.PLAIN
    printed: str = ""
    opens_line: bool = True
    spans: list[Span] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text without markup."""
        return "".join(span.text for span in self.spans).strip()


def split_line(line: Line) -> list[Segment]:
    """The parts of a line, in order; the first has no label where the line begins without one."""
    if (caption := _caption(line)) is not None:
        return [caption]
    cutter = _Cutter(line)
    return [segment for segment in cutter.segments if segment.label or segment.spans]


def mark_fields(blocks: Sequence[Block]) -> None:
    """Mark the items of lists whose other items print known labels: theirs are labels too ("来源：…")."""
    openings = [block for block in blocks if block.opens_item and block.lines]
    known = {block.depth for block in openings if _names_field(block.lines[0])}
    for block in openings:
        block.lines[0].field = block.depth in known


def _names_field(line: Line) -> bool:
    segments = split_line(line)
    return bool(segments) and segments[0].known


def _caption(line: Line) -> Segment | None:
    """A short line set whole in bold: the name of what follows, known or not."""
    shown = [span for span in line.spans if span.text.strip()]
    text = line.text.strip(" :：")
    if not shown or not all(span.bold and not span.url and not span.summary for span in shown):
        return None
    known = field_name(text)
    if known is None and (
        not _can_be_label(text) or are_names(text) or text[-1] in ".。!?？！" or dates_in(text)
    ):
        return None
    if known is None and _INNER_COLON.search(text):
        return None
    return Segment(line.number, known or own_name(text), known is not None, Style.BOLD, text)


class _Cutter:
    def __init__(self, line: Line) -> None:
        self.segments = [Segment(line.number)]
        self.whole = line.text
        self.field = line.field
        spans = [replace(span) for span in line.spans]
        index = 0
        while index < len(spans):
            after = spans[index + 1] if index + 1 < len(spans) else None
            self._span(spans[index], after)
            index += 1

    def _span(self, span: Span, after: Span | None) -> None:
        if span.summary:
            self._fold(span)
        elif (span.bold or span.em) and self._at_boundary(span) and self._styled(span, after):
            return
        elif span.url or span.code or span.bold:
            self.segments[-1].spans.append(span)
        else:
            self._plain(span)

    def _fold(self, span: Span) -> None:
        label = span.text.strip()
        if known := field_name(label):
            self._open(known, label, True, Style.FOLD)

    def _at_boundary(self, span: Span) -> bool:
        before = "".join(each.text for each in self.segments[-1].spans)
        return not before.strip() or _ENDS_SEPARATED.search(before[-12:]) is not None or span.text[:1] == "\n"

    def _styled(self, span: Span, after: Span | None) -> bool:
        """Whether a bold or slanted span begins with a label; if so a part is opened."""
        text = span.text.strip()
        label, rest = text, ""
        coloned = text.endswith((":", "："))
        if coloned:
            label = text[:-1]
        elif after is not None and (colon := _COLON.match(after.text)) and not after.url:
            after.text = after.text[colon.end() :]
            coloned = True
        elif (inner := _INNER_COLON.search(text)) and field_name(text[: inner.start()]):
            label, rest, coloned = text[: inner.start()], text[inner.end() :], True
        known = field_name(label)
        if known is None and not (coloned and span.bold and _can_be_label(label)):
            if coloned and after is not None and not text.endswith((":", "：")) and not rest:
                after.text = ":" + after.text
            return False
        if known is not None and not coloned and (span.url or not span.bold):
            return False
        self._open(known or own_name(label), label, known is not None, Style.BOLD)
        if rest.strip():
            self.segments[-1].spans.append(Span(rest.lstrip(), span.url, em=span.em))
        elif span.url and coloned:
            self.segments[-1].spans.append(Span("", span.url))
        return True

    def _plain(self, span: Span) -> None:
        text = span.text
        first = len(self.segments) == 1 and not self.segments[0].spans
        if (
            first
            and len(text) <= 24
            and text.strip() == self.whole
            and (known := field_name(text)) in ABSTRACTS
        ):
            self._open(known or "", text, True, Style.PLAIN)
            return
        if first and (found := _PLAIN.match(text)):
            known = field_name(found.group(1))
            if known or (self.field and not self.segments[0].label and _can_be_label(found.group(1))):
                style = Style.PLAIN if known else Style.BOLD
                self._open(known or own_name(found.group(1)), found.group(1), known is not None, style)
                text = text[found.end() :]
        start = 0
        for found in _LATER.finditer(text):
            known = field_name(found.group(1))
            barred = found.group()[0] in "|·•"
            if known is None or not (
                barred or known in LINKED or (known in _LOOSE and found.group()[0] in ";；")
            ):
                continue
            self._text(text[start : found.start()], span)
            self._open(known, found.group(1), True, Style.PLAIN)
            start = found.end()
        self._text(text[start:], span)

    def _text(self, text: str, span: Span) -> None:
        if text:
            self.segments[-1].spans.append(Span(text, em=span.em))

    def _open(self, label: str, printed: str, known: bool, style: Style) -> None:
        before = self.segments[-1]
        if before.spans and not before.spans[-1].url:
            before.spans[-1].text = before.spans[-1].text.rstrip(" \t|·•")
        opens = len(self.segments) == 1 and _LEADING.fullmatch(self.segments[0].text) is not None
        self.segments.append(Segment(self.segments[0].number, label, known, style, printed.strip(), opens))
        if opens:
            del self.segments[0]


def _can_be_label(text: str) -> bool:
    return 0 < len(text) <= 40 and words_of(text) <= (18 if any(each >= "\u4e00" for each in text) else 6)
