"""A whole page of Markdown read for its papers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus_tool.records import Leftover, Paper

from ..chrome import Kind as Furniture
from ..chrome import furniture
from ..field_labels import ABOUT, field_name, own_name
from ..links import urls
from ..markup import shown
from .blocks import Block, Kind, read_blocks
from .front_matter import split_front_matter
from .listed import item_paper, paper_items, paper_lines
from .outline import Node, outline
from .paper import PaperBuilder
from .phrases import categories_in, dates_in, is_navigation, iso_of, words_of
from .tables import paper_columns, row_paper, sheet_title
from .titles import clean_title, is_paper_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MANUAL = re.compile(
    r"(?:quick ?start|getting started|install(?:ation|ing)?|usage|requirements?|prerequisites|"
    r"contributing|licen[cs]e|features?|"
    r"configuration|setup|development|build(?:ing)?|api(?: reference)?|changelog|release notes|unreleased|"
    r"tests?|testing|examples?|"
    r"documentation|faq|troubleshooting|acknowledge?ments?|citation|citing|安装|使用方法?|快速开始|配置|"
    r"部署|许可证?|贡献指南|功能(?:特[性点])?|"
    r"(?:\[v?\d+\.\d+(?:\.\d+)?\]|v\d+\.\d+|\d+\.\d+\.\d+).*|\d+\.\d+(?:\s*[-–—(].*)?|added|changed|fixed|removed|deprecated|security)",
    re.IGNORECASE,
)
_WEAK = frozenset(("published", "keywords", "categories", "comments"))
"""Fields that posts and pages have as well."""
_PASSED = "a heading among those of papers that has nothing of a paper below it"
_NAMING = frozenset(("arxiv", "doi", "abstract"))
_SECTION_SHARE = 0.4
_PLACED = 0.5
_PROSE = 200
_REFERENCE = re.compile(r"[ \t]{0,8}\[(\d{1,3})\]:?[ \t]{1,8}<?(https?://[^\s<>]+)>?[ \t]*")
_NUMBER_MARK = re.compile(r"(?<!\])\[(\d{1,3})\](?![\[(:])")
_TITLE_HEAD = re.compile(
    r"(#{1,6}[ \t]{1,8})[*_]{0,2}([^\W\d][^:：*_]{0,40}?)[*_]{0,2}[ \t]{0,8}[:：]?[*_]{0,2}"
)
_OWN_BLOCK = re.compile(r"[ \t]{0,3}(?:#|>|[-*+][ \t]|\||```)")
_PREFIX = re.compile(r"^(?:\[[^\[\]]{1,12}\]|【[^【】]{1,12}】)\s*")


def read_page(lines: Sequence[str]) -> Iterator[Paper | Leftover]:
    """The papers of a page, in order, and text that belongs to none.

    Args:
        lines: The page without line ends.
    """
    return iter(_Page(lines).read())


def holds_papers(lines: Sequence[str]) -> bool:
    """Whether a page, or the beginning of one, consists of papers: prose and manuals may name some."""
    if any(_is_saved_page(line) for line in lines[:400]):
        return False
    page = _Page(lines)
    page.read()
    return page.is_digest()


def _is_repository(url: str) -> bool:
    """Whether a link leads to a repository, an issue or a release rather than to a paper."""
    return urlsplit(url).hostname in ("github.com", "gitlab.com", "news.ycombinator.com")


def _is_saved_page(line: str) -> bool:
    """Whether a line is one that only pages of Hugging Face Papers print, which have a reader of their own."""
    text = line.strip()
    if not text or len(text) > 300:
        return False
    piece = furniture(shown(text.lstrip("# ")).text)
    return piece is not None and piece.sure and piece.kind in (Furniture.HEADER, Furniture.FOOTER)


def _resolved(lines: list[str]) -> list[str]:
    """The same lines; numbers in brackets lead where the list of numbered links at the end of a newsletter says."""
    found = {index: match for index, line in enumerate(lines) if (match := _REFERENCE.fullmatch(line))}
    targets = {match.group(1): match.group(2) for match in found.values()}
    if not targets:
        return lines

    def link(mark: re.Match[str]) -> str:
        target = targets.get(mark.group(1))
        return rf"[\[{mark.group(1)}\]]({target})" if target else mark.group()

    shown = ["" if index in found else _NUMBER_MARK.sub(link, line) for index, line in enumerate(lines)]
    return [*shown, "", *(f"[{number}]: {target}" for number, target in targets.items())]


def _joined(lines: list[str]) -> list[str]:
    """The same lines; a heading that is nothing but the label of a title takes the title from the next line."""
    joined = list(lines)
    for index, line in enumerate(lines[:-1]):
        head = _TITLE_HEAD.fullmatch(line.rstrip())
        if head and field_name(head.group(2)) == "title":
            behind = next(
                (at for at in (index + 1, index + 2) if lines[at : at + 1] and lines[at].strip()), 0
            )
            if behind and not _OWN_BLOCK.match(lines[behind]):
                joined[index] = head.group(1) + lines[behind].strip()
                joined[behind] = ""
    return joined


class _Page:
    """What was found so far, and the date that holds."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.values, skipped = split_front_matter(lines)
        self.blocks = read_blocks(
            _joined(_resolved(["" if index < skipped else line for index, line in enumerate(lines)]))
        )
        self.digest_date: str | None = None
        self.opens_digest = True
        self.bold_titles = False
        self.found: list[Paper | Leftover] = []
        self.builders: list[PaperBuilder] = []
        self.placed = 0
        self.unplaced = 0
        self.rows = 0
        self.manual = 0
        self.sections = 0

    def read(self) -> list[Paper | Leftover]:
        """Everything on the page."""
        root = outline(self.blocks)
        self.bold_titles = root.bold_titles
        papers = [node for node in root.nodes() if node.paper]
        items = any(node.items for node in root.nodes() if not node.paper)
        if len(papers) == 1 and not items and root.children == papers:
            self._note(papers[0])
        elif (not papers and not items and self._is_note()) or (len(papers) < 2 and self._is_told()):
            self._note(root)
        else:
            self.digest_date = next(
                (
                    date
                    for key in ("date", "day", "日期", "title")
                    for text in self.values.get(key, ())
                    for date in dates_in(text)
                ),
                None,
            )
            self._section(root, "")
        if len(self.builders) == 1 and not self._tells_enough():
            return []
        return self.found

    def is_digest(self) -> bool:
        """Whether what was read is a page of papers rather than one that names some."""
        if not self.builders:
            return False
        if len(self.builders) == 1:
            code = any(block.kind is Kind.CODE for block in self.blocks)
            return self._tells_enough() and not self.manual and not code and self.placed >= self.unplaced
        if all(builder.links and all(map(_is_repository, builder.links)) for builder in self.builders):
            return False
        if self.manual > max(1, _SECTION_SHARE * self.sections) and self.manual > 0.1 * len(self.builders):
            return False
        if self.rows > 1 and 2 * self.rows >= len(self.builders) and not self.manual:
            return True  # whatever else is told around a table of papers
        return self.placed >= _PLACED * (self.placed + self.unplaced)

    def _tells_enough(self) -> bool:
        """Whether the only paper of a page is one: it names a paper and has two things that only papers have."""
        only = self.builders[0]
        paper = next(item for item in self.found if isinstance(item, Paper))
        linked = is_paper_url(only.url)
        told = sum(only.has(name) for name in ABOUT - _WEAK) + linked
        named = only.has("arxiv", "doi", "pdf", "abstract", "abstract_zh") or any(
            map(is_paper_url, only.links)
        )
        return only.listed or (named and told + (told > 0 and bool(paper.abstract)) >= 2)

    def _is_note(self) -> bool:
        names = {field_name(key) for key in self.values}
        return "title" in names and len(names & ABOUT) >= 1

    def _is_told(self) -> bool:
        """Whether the front matter alone describes one paper: its title, and what names it or tells of it."""
        names = {field_name(key) for key in self.values}
        return "title" in names and len(names & _NAMING) >= 1 and len(names & ABOUT) >= 2

    def _note(self, node: Node) -> None:
        """The one paper of a page, with what its front matter says."""
        self._count_heading(node)
        told = " ".join(self.values.get("title", ()))
        told = _PREFIX.sub("", told)
        builder = self._builder(node, "") if node.title else PaperBuilder(told, 1)
        if told.startswith(builder.title):
            builder.title = told
        builder.add(node.everything())
        for key, values in self.values.items():
            name = field_name(key) or own_name(key)
            if name != "title" and not builder.has(name) and values:
                builder.fields[name] = [
                    ", ".join(values) if name in ("authors", "categories", "keywords") else "\n".join(values)
                ]
                builder.link(*values)
        self._give(builder)

    def _builder(self, node: Node, section: str) -> PaperBuilder:
        assert node.title is not None and node.heading is not None
        title = node.title
        builder = PaperBuilder(title.text, node.heading.line, title.url, section)
        builder.link(*(url for line in node.heading.lines for url in (*line.urls, *urls(line.text))))
        builder.before(title.before)
        builder.beside(title.rest)
        builder.identify(node.heading.text)
        if node.translation:
            builder.fields["title_zh"] = [node.translation]
        return builder

    def _section(self, node: Node, section: str) -> None:
        """A heading that is no paper: the papers of its body, then what stands below."""
        self._count_heading(node)
        if node.paper:
            builder = self._builder(node, section)
            builder.add(node.everything())
            self._give(builder)
            return
        if node.heading is not None:
            section = self._page_heading(node, section)
            if node.passed:
                self.found.append(Leftover(node.heading.line, node.heading.text, _PASSED))
        self._body(node.body, section)
        for child in node.children:
            self._section(child, section)

    def _count_heading(self, node: Node) -> None:
        for each in [node] if not node.paper else node.nodes():
            if each.heading is not None:
                self.sections += 1
                self.manual += _MANUAL.fullmatch(clean_title(each.heading.text).strip(" :")) is not None

    def _page_heading(self, node: Node, section: str) -> str:
        """Take the date from a heading of the page; the name of the section that it opens."""
        assert node.heading is not None
        spans = [span for line in node.heading.lines for span in line.spans if not span.url.startswith("#")]
        text = clean_title("".join(span.text for span in spans)) or clean_title(node.heading.text)
        dates = dates_in(node.heading.text)
        if dates:
            if dates[0] != self.digest_date:
                self.digest_date, self.opens_digest = dates[0], True
            return section
        of_page = node.heading.level == 1 and categories_in(text.split(" ")[0]) is None
        return section if of_page or is_navigation(text) else text

    def _body(self, body: Sequence[Block], section: str) -> None:
        found = sorted([*paper_items(body), *paper_lines(body, bold=self.bold_titles)])
        position = 0
        for each in found:
            self._between(body[position : each.start], section)
            self._give(item_paper(body, each, section))
            position = max(position, each.end)
        self._between(body[position:], section)

    def _between(self, blocks: Sequence[Block], section: str) -> None:
        """Blocks that hold no paper, or tables of them."""
        for block in blocks:
            columns = paper_columns(block) if block.kind is Kind.TABLE else None
            if columns is not None:
                self._rows(block, columns, section)
            elif (title := sheet_title(block)) is not None:
                builder = PaperBuilder(title.text, block.line, title.url, section)
                builder.listed = True
                builder.add([block])
                self._give(builder)
            else:
                self._prose(block)

    def _rows(self, block: Block, columns: Sequence[str], section: str) -> None:
        bad: list[tuple[int, str]] = []
        for number, cells in block.cells[1:]:
            builder = row_paper(columns, number, cells, section)
            if builder is not None:
                self.rows += builder.has("authors", "abstract") and any(map(is_paper_url, builder.links))
                self._give(builder)
            elif text := " | ".join(line.text for cell in cells for line in cell).strip(" |-:"):
                bad.append((number, text))
        if bad:
            self.found.append(
                Leftover(bad[0][0], bad[0][1], f"{len(bad)} rows of a table of papers have no title")
            )

    def _prose(self, block: Block) -> None:
        """Text of the page itself: its date, or words about it."""
        text = block.text
        if self.digest_date is None and not self.builders:
            short = [line.text for line in block.lines if len(line.text) <= 120]
            self.digest_date = next((date for line in short for date in dates_in(line) if iso_of(date)), None)
        size = len(text) + sum(len(line.text) for _, cells in block.cells for cell in cells for line in cell)
        if block.kind is Kind.CODE:
            size = _PROSE
        self.unplaced += size
        if len(text) >= _PROSE and words_of(text) >= 20:
            self.found.append(Leftover(block.line, text, "text of the page that belongs to no paper"))

    def _give(self, builder: PaperBuilder) -> None:
        self.builders.append(builder)
        paper, left = builder.build(self.digest_date)
        self.placed += (
            len(paper.title) + len(paper.abstract) + sum(len(str(value)) for value in paper.extra.values())
        )
        paper.opens_digest, self.opens_digest = self.opens_digest, False
        self.found.append(paper)
        if left is not None:
            self.placed += 0
            self.unplaced += len(left.text)
            self.found.append(left)
