"""Markdown to blocks: headings, paragraphs and tables, each with its lines, as a reader of the page sees them.

The grammar is markdown-it-py's. Three of its rules do not suit pages that programs write: raw HTML would hide what
stands in `<details>`, an indentation of four blanks would turn an abstract into code, and a formula would be read for
emphasis. So HTML is read tag by tag within the text, indented text is text, and formulas are left as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from .inline import Line, escape_rule, lines_of, math_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_LONGEST = 1 << 16
"""Characters of a paragraph that are read for markup; a longer one is no text that anybody wrote."""
_MOST_MARKS = 1000
_MARK = re.compile(r"[*_\[\]<`!&$\\~]")
_OWN_LINE = re.compile(r"[ \t>]{0,12}(?:[-*+|#]|\d{1,4}[.)])")
_COMMENT = re.compile(r"<!--|-->")
_SHORTCODE = re.compile(r"\{\{[<%][^{}]*[%>]\}\}|\{%[^{}]*%\}|:::.*|\[!\w+\][-+]?[ \t]*")
_EMBEDDED = re.compile(r"!\[\[[^\[\]]{1,400}\]\]")
_WIKI = re.compile(r"\[\[(?:[^\[\]|]{1,400}\\?\|)?([^\W\d][^\[\]|,]{2,300})\]\](?![(\[])")
_BLANK_URL = re.compile(r"(?<=\]\()https?://[^()\s\"<>]{1,2000}(?: [^()\s\"<>]{1,2000}){1,20}(?=\))")
_ESCAPED = re.compile(r"\\[-.!+#]")
_NESTING = re.compile(r"[ \t]*(?:(?:[*+-][ \t]+|>[ \t]*){20,})")
_BOLD = re.compile(r"(?<![\\*])\*\*(?!\*)")
_PIPED = re.compile(r"\s*\|.*\|.*\|\s*")
_CELL = re.compile(r"\\.|[|`$]|<details", re.IGNORECASE)
_PAIRED = {"`": "`", "$": "$", "<details": "</details"}
_LONGEST_FORMULA = 400


class Kind(Enum):
    """What a block is."""

    HEADING = auto()
    TEXT = auto()
    TABLE = auto()
    RULE = auto()
    CODE = auto()


@dataclass(slots=True)
class Block:
    """One heading, paragraph or table.

    Attributes:
        kind: What it is.
        lines: Its lines; those of a table are in `cells`.
        level: 1 to 6 for a heading.
        depth: How many lists it stands in.
        opens_item: Whether it is the first of a list item.
        cells: Rows of a table, the heads first (empty where the table has none); a cell is its lines.
    """

    kind: Kind
    line: int
    lines: list[Line] = field(default_factory=list)
    level: int = 0
    depth: int = 0
    opens_item: bool = False
    cells: list[tuple[int, list[list[Line]]]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its lines, joined."""
        return " ".join(filter(None, (line.text for line in self.lines)))


def read_blocks(lines: Sequence[str]) -> list[Block]:
    """The blocks of a page, in order.

    Args:
        lines: The page without line ends. Line numbers of blocks count from its first line.
    """
    prepared = _sober(list(_without_comments(map(_prepared, lines))))
    escapes = sum(len(_ESCAPED.findall(line)) for line in prepared[:2000]) > max(3, len(prepared) // 50)
    parser = MarkdownIt("commonmark").enable("table").disable(["html_block", "code"])
    if not escapes:
        parser.inline.ruler.before("escape", "math", math_rule)
        parser.inline.ruler.before("escape", "latex", escape_rule)
    return _Reader(parser, prepared).blocks()


def _sober(lines: list[str]) -> list[str]:
    """The same lines; a paragraph with more marks than anybody sets loses them: pairing them would take too long."""
    start, marks = 0, 0
    for index, line in enumerate([*lines, ""]):
        if not line.strip() or _OWN_LINE.match(line):
            if marks > _MOST_MARKS:
                lines[start:index] = [_MARK.sub(" ", each) for each in lines[start:index]]
            start, marks = index, 0
        marks += len(_MARK.findall(line))
    return lines


def _prepared(line: str) -> str:
    """A line as the parser takes it.

    Directives of site generators are dropped, links between notes (`[[path|shown]]`) are what they show, blanks in
    the target of a link do not end it, and absurd nesting is flattened.
    """
    line = line.replace("\0", "\ufffd").replace("\r", " ")  # which the parser would take for an end of line
    if "{" in line or line.startswith(":::") or "[!" in line:
        line = _SHORTCODE.sub("", line)
    if "[[" in line:
        line = _WIKI.sub(r"\1", _EMBEDDED.sub("", line))
    if "](http" in line:
        line = _BLANK_URL.sub(lambda url: url.group().replace(" ", "%20"), line)
    nested = _NESTING.match(line)
    return _bolded(line[nested.end() :] if nested else line)


def _bolded(line: str) -> str:
    """A line whose bold marks stand where Markdown's rules do not see them ("**作者：**某人"), as tags."""
    marks = [found.start() for found in _BOLD.finditer(line)]
    if len(marks) < 2:
        return line
    pieces: list[str] = []
    done = 0
    for start, end in zip(marks[::2], marks[1::2], strict=False):
        if _is_unseen(line, start, end):
            pieces += [line[done:start], "<b>", line[start + 2 : end].strip(), "</b>"]
            done = end + 2
    return "".join(pieces) + line[done:]


def _is_unseen(line: str, start: int, end: int) -> bool:
    before, after = line[start - 1 : start], line[end + 2 : end + 3]
    inner = line[start + 2 : end]
    if not inner.strip() or after == "*":
        return False
    if inner != inner.strip():
        return not line[:start].strip(" >-*+\t") and inner.strip()[-1] in ":："
    closes = _is_mark(inner[-1]) and after.isalnum()
    return closes or (_is_mark(inner[0]) and before.isalnum())


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _without_comments(lines: Iterator[str]) -> Iterator[str]:
    """Lines without HTML comments, which may span blank lines."""
    inside = False
    for line in lines:
        if not inside and "<!--" not in line:
            yield line
            continue
        kept: list[str] = []
        position = 0
        for mark in _COMMENT.finditer(line):
            if not inside and mark.group() == "<!--":
                kept.append(line[position : mark.start()])
                inside = True
            elif inside and mark.group() == "-->":
                position, inside = mark.end(), False
        if not inside:
            kept.append(line[position:])
        yield "".join(kept)


class _Reader:
    """Walks the tokens of one page."""

    def __init__(self, parser: MarkdownIt, lines: list[str]) -> None:
        self.parser = parser
        self.source = lines
        self.found: list[Block] = []
        self.depth = 0
        self.item_opens = False
        self.number = ""

    def blocks(self) -> list[Block]:
        """All blocks of the page."""
        tokens = self.parser.parse("\n".join(line if len(line) < _LONGEST else "" for line in self.source))
        index = 0
        while index < len(tokens):
            index = self._token(tokens, index)
        return self.found

    def _token(self, tokens: Sequence[Token], index: int) -> int:
        token = tokens[index]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self.depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.depth -= 1
        elif token.type == "list_item_open":
            self.item_opens = True
        elif token.type == "inline":
            self._inline(token, tokens[index - 1])
        elif token.type == "hr" and token.map:
            self.found.append(Block(Kind.RULE, token.map[0] + 1, depth=self.depth))
        elif token.type == "fence" and token.map:
            self.found.append(Block(Kind.CODE, token.map[0] + 1, depth=self.depth))
        elif token.type == "table_open" and token.map:
            self._table(*token.map)
            while tokens[index].type != "table_close":
                index += 1
        return index + 1

    def _inline(self, token: Token, before: Token) -> None:
        if token.map is None:
            return
        start = token.map[0] + 1
        lines = lines_of(token.children or [], start)
        underline = self.source[before.map[1] - 1] if before.map else ""
        if before.type == "heading_open" and not _is_underlined_prose(before, underline, lines):
            self._add(Block(Kind.HEADING, start, lines, int(before.tag[1])))
            return
        for part in _parts(lines):
            if part[0].heading:
                self._add(Block(Kind.HEADING, part[0].number, part, part[0].heading))
            elif all(_PIPED.fullmatch(self.source[line.number - 1]) for line in part):
                self._rows([line.number for line in part])
            else:
                self._add(Block(Kind.TEXT, part[0].number, part))

    def _add(self, block: Block) -> None:
        block.depth = self.depth
        block.opens_item, self.item_opens = self.item_opens, False
        self.found.append(block)

    def _table(self, start: int, end: int) -> None:
        heads = self._cells(start)
        block = Block(Kind.TABLE, start + 1, depth=self.depth, cells=[(start + 1, heads)])
        for index in range(start + 2, end):
            cells = self._cells(index)
            block.cells.append((index + 1, _fitted(cells, len(heads))))
        self.found.append(block)

    def _rows(self, numbers: Sequence[int]) -> None:
        """Rows of a table that has no heads."""
        block = Block(Kind.TABLE, numbers[0], depth=self.depth, cells=[(numbers[0], [])])
        block.cells += [(number, self._cells(number - 1)) for number in numbers]
        self.found.append(block)

    def _cells(self, index: int) -> list[list[Line]]:
        return [
            lines_of(token.children or [], index + 1)
            for cell in _split(self.source[index])
            for token in self.parser.parseInline(cell.replace("\\|", "|"))
        ]


def _is_underlined_prose(heading: Token, underline: str, lines: Sequence[Line]) -> bool:
    """Whether what a rule of dashes turned into a heading is a paragraph that was followed by a rule."""
    if heading.markup[:1] not in ("-", "="):
        return False
    text = " ".join(line.text for line in lines)
    dashes = underline.count(heading.markup[0])
    return dashes < 0.5 * len(lines[-1].text) and (
        len(lines) > 1 or len(text) > 60 or ":" in text or "：" in text or text.endswith((".", "。"))
    )


def _parts(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines of a paragraph, parted before and after those that are headings in HTML."""
    shown = [line for line in lines if line.spans or line.closes]
    starts = [0]
    starts += [
        index + 1 for index, (left, right) in enumerate(pairwise(shown)) if left.heading != right.heading
    ]
    for start, end in zip(starts, [*starts[1:], len(shown)], strict=True):
        if start < end:
            yield shown[start:end]


def _split(row: str) -> list[str]:
    """The cells of a table's row; a bar within a formula, code or `<details>` parts no cells."""
    text = row.strip().removeprefix(">").strip()
    cells: list[str] = []
    ends = dict.fromkeys(_PAIRED, 0)
    start = position = 0
    while found := _CELL.search(text, position):
        mark, position = found.group().lower(), found.end()
        if mark == "|":
            cells.append(text[start : found.start()].strip())
            start = position
        elif mark in _PAIRED and ends[mark] >= 0:
            limit = position + _LONGEST_FORMULA if mark == "$" else len(text)
            end = text.find(_PAIRED[mark], position, limit)
            ends[mark] = end if mark != "$" else 0
            position = max(position, end + 1) if end >= 0 else position
    cells.append(text[start:].strip())
    if text.startswith("|"):
        cells.pop(0)
    if len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells


def _fitted(cells: list[list[Line]], count: int) -> list[list[Line]]:
    """As many cells as the table has heads: what is too much belongs to the longest, which holds the bars."""
    surplus = len(cells) - count
    if surplus <= 0:
        return cells
    sizes = [sum(len(line.text) for line in cell) for cell in cells]
    start = max(range(count), key=lambda index: sum(sizes[index : index + surplus + 1]))
    joined = [line for cell in cells[start : start + surplus + 1] for line in cell]
    return [*cells[:start], joined, *cells[start + surplus + 1 :]]
