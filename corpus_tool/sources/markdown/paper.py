"""One paper of a Markdown page, put together from the lines that belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from ..field_labels import ABSTRACTS, LINKED, STRUCTURED, field_name, own_name
from ..links import arxiv_id, urls
from .blocks import Block, Kind
from .facts import fact, identifier_in, leads_somewhere, listed, people, target
from .inline import Line, Span
from .phrases import (
    PRINTED_ID,
    are_names,
    dates_in,
    is_caption,
    is_han,
    is_identifier,
    is_imprint,
    is_navigation,
    iso_of,
    without_et_al,
    words_of,
)
from .segments import Segment, Style, mark_fields, split_line
from .titles import clean_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHORT = frozenset(
    "authors arxiv categories published updated doi pdf link code project score venue journal "
    "institutions comments keywords tags "
    "upvotes version language license report title title_zh".split()
)
"""Fields whose value is one paragraph."""
_NOTHING = frozenset(
    (
        "",
        "null",
        "none",
        "n/a",
        "na",
        "-",
        "–",
        "—",
        "无",
        "暂无",
        "not available",
        "/",
        "nan",
        "未提供",
        "未知",
        "unknown",
        "not provided",
    )
)
_PIECES = re.compile(r"[ \t]*[|·•][ \t]*|[ \t]+[—–][ \t]+|[ \t]{2,}")
_LINK_ROOM = re.compile(r"[\s\W]*")
_AFTER = " \t,，;；:：.-–—|·"
_PICTURE = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\u200d\s]*")
"""A picture that stands for a label ("👤 Ada Example")."""
_PROSE = 60
_FEW = 3
_TELLING = 12
"""Words of a field that can stand for an abstract."""


class PaperBuilder:
    """The fields of one paper, as its lines come.

    Args:
        title: Its title.
        line: Where the title stands.
        url: Where the title leads, or "".
        section: The heading under which it stands, or "".

    `listed` is set where it is a row or an item, whose form alone says that it is one paper of a list.
    """

    def __init__(self, title: str, line: int, url: str = "", section: str = "") -> None:
        self.title = title
        self.line = line
        self.url = url
        self.listed = False
        self.section = section
        self.links: list[str] = []
        self.fields: dict[str, list[str]] = {}
        self.loose: list[tuple[int, str]] = []
        self.open = ""
        self.style = Style.PLAIN
        self.fresh = False
        self.link(url)

    def link(self, *targets: str) -> None:
        """Note where links lead; what leads about the page or the repository is left out."""
        self.links += filter(leads_somewhere, targets)

    def add(self, blocks: Iterable[Block]) -> None:
        """Blocks that stand below the title, in order."""
        told = list(blocks)
        mark_fields(told)
        for block in told:
            self.block(block)

    def block(self, block: Block) -> None:
        """The next block."""
        if block.kind is Kind.RULE:
            self.open = ""
        elif block.kind is Kind.HEADING:
            self._heading(block)
        elif block.kind is Kind.TABLE:
            self._table(block)
        elif block.kind is Kind.TEXT:
            self.lines(block.lines)

    def _heading(self, block: Block) -> None:
        text = clean_title(block.text)
        self.link(*(url for line in block.lines for url in line.urls))
        self._open(field_name(text) or own_name(text), Style.HEADING)

    def lines(self, lines: Sequence[Line]) -> None:
        """The lines of one paragraph."""
        if self.open in _SHORT and self.style < Style.HEADING and self.fields.get(self.open):
            self.open = ""
        self.fresh = True
        if is_imprint(" ".join(line.text for line in lines)):
            return
        for line in lines:
            if line.closes:
                self.open = ""
            for segment in split_line(line):
                self.segment(segment)

    def segment(self, segment: Segment) -> None:
        """One part of a line."""
        if segment.label and not self._is_inner(segment):
            self._open(segment.label, segment.style)
            self._value(segment)
        elif segment.label:
            self._text(f"{segment.printed}: {segment.text}".strip(" :"), segment)
        elif self.open:
            self._value(segment)
        else:
            self._loose(segment)

    def _is_inner(self, segment: Segment) -> bool:
        """Whether a label stands within an abstract, as a part of it ("Methods: …")."""
        lesser = segment.style < self.style
        told = bool(self.fields.get(self.open))
        if self.style is Style.HEADING and self.open and not segment.known and told:
            return True
        if self.open not in ABSTRACTS or (
            self.style is Style.HEADING and self.open == "summary" and not told
        ):
            return False
        if segment.label in STRUCTURED or not segment.known:
            return lesser or (not self.fresh and told)
        return lesser and not segment.opens_line

    def _open(self, label: str, style: Style) -> None:
        if label == "abstract" and self.has("abstract"):  # in another language
            label = "abstract_zh"
        self.open, self.style, self.fresh = label, style, True
        self.fields.setdefault(label, [])

    def _value(self, segment: Segment) -> None:
        targets = [span.url for span in segment.spans if span.url]
        self.link(*targets, *urls(segment.text))
        text = segment.text.strip()
        if self.open in LINKED:
            text = target(self.open, segment) or text
        elif (
            self._is_only_links(segment.spans) and self.open not in _SHORT and (self.fresh or not urls(text))
        ):
            self._code(segment.spans)
            return
        if text and not (is_navigation(text) and targets):
            self._text(text, segment)

    def _text(self, text: str, segment: Segment) -> None:
        values = self.fields.setdefault(self.open, [])
        if self.fresh or not values:
            values.append(text)
        else:
            values[-1] = f"{values[-1]} {text}"
        self.fresh = False

    def _is_only_links(self, spans: Sequence[Span]) -> bool:
        """Whether there is nothing but links with captions, and what stands between them."""
        outside = "".join(span.text for span in spans if not span.url)
        linked = [span for span in spans if span.url]
        bare = urls(outside)
        for url in bare:
            outside = outside.replace(url, "")
        return (
            bool(linked or bare)
            and (_LINK_ROOM.fullmatch(outside) is not None or (len(outside) <= 40 and is_caption(outside)))
            and sum(words_of(span.text) for span in linked) <= 14 * len(linked)
        )

    def _code(self, spans: Sequence[Span]) -> None:
        for span in spans:
            name = field_name(span.text.strip(" []()")) if span.url.startswith("http") else None
            if name in ("code", "project") and span.url not in self.fields.setdefault(name, []):
                self.fields[name].append(span.url)

    def _loose(self, segment: Segment) -> None:
        """Text without a label: links, a line of facts, names, or prose."""
        mark = _PICTURE.match(segment.text)
        text = segment.text[mark.end() :] if mark else segment.text
        self.fresh = self.fresh or mark is not None
        self.link(*(span.url for span in segment.spans), *urls(text))
        if text in self.fields.get("title_zh", ()):
            return
        if self._is_only_links(segment.spans):
            self._code(segment.spans)
        elif (
            not text
            or is_navigation(text)
            or (not words_of(text) and not dates_in(text))
            or self._facts(segment.spans)
        ):
            return
        elif "authors" not in self.fields and not self.loose and are_names(text):
            self.fields["authors"] = [text]
        elif self.loose and not self.fresh:
            number, before = self.loose[-1]
            self.loose[-1] = (number, f"{before} {text}")
        else:
            self.loose.append((segment.number, text))
        self.fresh = False

    def _facts(self, spans: Sequence[Span]) -> bool:
        """Whether a line holds only dates, ids, categories and links, by pieces; they become fields."""
        pieces = [
            piece.strip(" _*`[]()" + _AFTER)
            for span in spans
            for piece in (_PIECES.split(span.text) if not span.code else [span.text])
        ]
        pieces = [piece for piece in pieces if (piece and not is_caption(piece)) or is_identifier(piece)]
        kinds = [fact(piece) for piece in pieces]
        named = "authors" not in self.fields
        kinds = [
            "authors" if not kind and named and are_names(piece) else kind
            for kind, piece in zip(kinds, pieces, strict=True)
        ]
        if not kinds or not all(kinds) or set(kinds) == {"authors"}:
            return False
        for kind, piece in zip(kinds, pieces, strict=True):
            self.fields.setdefault(kind, []).append(piece)
        return True

    def _table(self, block: Block) -> None:
        """A table of two columns whose first names fields, or rows of text."""
        rows = [(number, cells) for number, cells in block.cells if cells]
        for number, cells in rows:
            texts = [" ".join(filter(None, (line.text for line in cell))) for cell in cells]
            if len(texts) == 2 and (label := field_name(texts[0])):
                self._open(label, Style.BOLD)
                self._value(Segment(number, label, spans=[span for line in cells[1] for span in line.spans]))
                self.open = ""
            elif (self.open and (number, cells) != rows[0]) or len(texts) > 2:
                self.fresh = True
                self._text(" | ".join(texts), Segment(number))

    def beside(self, spans: Sequence[Span]) -> None:
        """What stands on the line of the title, behind it: authors, date, venue, links, fields."""
        self.fresh = True
        for segment in split_line(Line(self.line, list(spans))):
            if segment.label:
                self._open(segment.label, segment.style)
                self._value(segment)
                self.open = ""
                continue
            self.link(*(span.url for span in segment.spans), *urls(segment.text))
            self._code(segment.spans)
            self._tags(segment)
            names = next((span for span in segment.spans if span.em and are_names(span.text)), None)
            if names is not None and "authors" not in self.fields:
                self.fields["authors"] = [names.text]
                segment.spans.remove(names)
            plain = "".join(span.text for span in segment.spans if not (span.url and is_caption(span.text)))
            for url in urls(plain):
                plain = plain.replace(url, " ")
            self._beside_text(plain.strip(_AFTER + "()[]{}<>_*"), segment)

    def _tags(self, segment: Segment) -> None:
        """Take short texts set as code behind a title: what a list marks its papers with."""
        for span in [span for span in segment.spans if span.code and not span.url]:
            text = span.text.strip(_AFTER + "[]()")
            if 1 <= words_of(text) <= _FEW and not fact(text):
                self.fields.setdefault("tags", []).append(text)
                segment.spans.remove(span)

    def _beside_text(self, text: str, segment: Segment) -> None:
        if not text or not (words_of(text) or dates_in(text)) or is_caption(text):
            return
        bare = without_et_al(text).strip(_AFTER)
        if "authors" not in self.fields and are_names(bare):
            self.fields["authors"] = [text]
        elif not self._facts([span for span in segment.spans if not span.url]):
            self.loose.append((segment.number, text))

    def before(self, text: str) -> None:
        """What stands on the line of the title, in front of it."""
        if dates := dates_in(text):
            self.fields.setdefault("published", []).append(dates[0])

    def identify(self, text: str) -> None:
        """The arXiv id that the line of the title prints beside it, where no link names one."""
        found = PRINTED_ID.search(text)
        if found and not self.has("arxiv"):
            self.fields["arxiv"] = [found.group(1)]

    def has(self, *names: str) -> bool:
        """Whether one of these fields has a value."""
        return any(any(self.fields.get(name, ())) for name in names)

    def build(self, digest_date: str | None) -> tuple[Paper, Leftover | None]:
        """The paper, and what of its text was not understood."""
        values = {name: "\n".join(filter(None, value)) for name, value in self.fields.items()}
        values = {name: text for name, text in values.items() if text.strip().lower() not in _NOTHING}
        left: Leftover | None = None
        if (
            is_han(values.get("abstract", ""))
            and values.get("abstract_zh")
            and not is_han(values["abstract_zh"])
        ):
            values["abstract"], values["abstract_zh"] = values["abstract_zh"], values["abstract"]
        abstract = self._abstract(values)
        if self.loose and abstract is None:
            abstract = "\n".join(text for _, text in self.loose if _is_prose(text))
            self.loose = [(number, text) for number, text in self.loose if not _is_prose(text)]
        if self.loose:
            left = Leftover(
                self.loose[0][0],
                " ".join(text for _, text in self.loose),
                "text of a paper that has no label",
            )
        if not abstract:
            abstract = next(
                (text for name, text in values.items() if name not in _SHORT and words_of(text) >= _TELLING),
                "",
            )
        title = values.pop("title", "") or self.title
        published = iso_of(values.pop("published", "")) if "published" in values else None
        date = digest_date or published
        paper = Paper(
            title,
            abstract or "",
            self.line,
            date,
            iso_of(date) if date else None,
            list(dict.fromkeys(self.links)),
        )
        paper.extra.update(self._extra(values, published))
        return paper, left

    def _abstract(self, values: dict[str, str]) -> str | None:
        """The best of the texts that can stand for the abstract; what is no abstract keeps its own field too."""
        for name in ABSTRACTS:
            if values.get(name):
                return values.pop(name) if name in ("abstract", "summary") else values[name]
        return None

    def _extra(self, values: dict[str, str], published: str | None) -> dict[str, object]:
        named = [arxiv for arxiv in map(arxiv_id, self.links) if arxiv]
        extra: dict[str, object] = {
            "arxiv": identifier_in(values.pop("arxiv", "")) or next(iter(named), None),
            "authors": people(values.pop("authors", "")),
            "categories": listed(values.pop("categories", "")),
            "keywords": listed(values.pop("keywords", "")),
            "published": published,
        }
        for name in ("link",):
            values.pop(name, None)
        if self.section:
            extra["section"] = self.section
        extra.update(values)
        return {name: value for name, value in extra.items() if value}


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE or (
        words_of(text) >= 3 and text.endswith((".", "。", "!", "?", "！", "？", "…"))
    )
