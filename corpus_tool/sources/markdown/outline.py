"""Which headings of a page are papers and which are sections of the page or parts of a paper.

No single mark tells: people set titles at any level, with the link in the heading or below it, and print the parts of
a paper as headings too. What decides is evidence (a link to a paper, a list of authors, an abstract), to which heading
it belongs, and whether most headings of that level have it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..field_labels import field_name
from ..links import arxiv_id, urls
from .blocks import Block, Kind
from .listed import paper_items, paper_lines
from .phrases import PRINTED_ID, categories_in, dates_in, is_han, is_only_date, words_of
from .segments import split_line
from .tables import paper_columns, sheet_title
from .titles import Title, clean_title, is_paper_url, looks_like_title, title_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STRONG = frozenset(
    ("authors", "abstract", "abstract_zh", "summary", "ai_summary", "tldr", "arxiv", "doi", "pdf", "comments")
)
"""Labels that stand only below the title of a paper."""
_ENOUGH = 0.5
_MOST = 0.5
_NEAR = 4
"""A paper's link stands within so many lines below its heading."""


@dataclass(slots=True)
class Node:
    """A heading and what stands below it.

    Attributes:
        heading: Its block; None for the page itself.
        body: The blocks up to the next heading.
        children: The headings below it.
        title: The title its heading can be.
        linked: Whether the heading itself leads to a paper.
        labelled: Whether fields of a paper, or a link to one, stand directly below it.
        items: Whether papers stand in its body, as rows, items or paragraphs.
        paper: Whether it is a paper.
        passed: Whether it is none although it could be one and most headings of its level are.
        translation: The title in Chinese, which the link below the heading prints.
        bold_titles: Of the page: whether nothing but bold type can mark its titles.
    """

    heading: Block | None = None
    body: list[Block] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    title: Title | None = None
    linked: bool = False
    labelled: bool = False
    items: bool = False
    paper: bool = False
    passed: bool = False
    translation: str = ""
    bold_titles: bool = False

    @property
    def level(self) -> int:
        """The level of its heading; 0 for the page."""
        return self.heading.level if self.heading else 0

    def everything(self) -> Iterator[Block]:
        """All blocks below the heading, in order."""
        yield from self.body
        for child in self.children:
            if child.heading is not None:
                yield child.heading
            yield from child.everything()

    def nodes(self) -> Iterator[Node]:
        """This node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.nodes()


_PAPERS = re.compile(r"(?:[\w-]+ ){0,2}(?:papers|articles|publications|preprints)", re.IGNORECASE)
"""What a part of the page is called that lists papers."""
_DATA_SHEET = re.compile(
    r"(?:论文|文章|文献|書誌|书目|論文|基本|元)?(?:基本)?(?:信息|資訊|資料|情報|数据)|元数据|"
    r"(?:paper |basic |bibliographic |publication |article )?(?:info(?:rmation)?|metadata|details|data)",
    re.IGNORECASE,
)


def outline(blocks: Sequence[Block]) -> Node:
    """The tree of a page's headings, papers among them marked."""
    root = Node()
    path = [root]
    for block in blocks:
        if block.kind is not Kind.HEADING:
            path[-1].body.append(block)
            continue
        while path[-1].level >= block.level:
            path.pop()
        node = Node(block)
        path[-1].children.append(node)
        path.append(node)
    for node in root.nodes():
        _look_at(node)
    shares = _shares(root)
    _decide(root, shares)
    if not any(node.paper or node.items for node in root.nodes()):
        _promote(root)
    root.bold_titles = not any(node.paper or node.items for node in root.nodes())
    return root


def _look_at(node: Node) -> None:
    """Find the evidence of one node."""
    sheets = sum(sheet_title(block) is not None for block in node.body)
    tables = sheets > 1 or any(block.kind is Kind.TABLE and paper_columns(block) for block in node.body)
    node.items = tables or bool(paper_items(node.body)) or bool(paper_lines(node.body))
    if node.heading is None:
        return
    spans = [span for line in node.heading.lines for span in line.spans]
    if is_data_sheet(node):
        node.items = False
        return
    title = title_of(spans, alone=True)
    if (
        title is None
        or sheets > 1
        or is_section(node.heading.text)
        or field_name(clean_title(node.heading.text))
    ):
        return
    node.title = title
    node.linked = any(is_paper_url(span.url) for span in spans) or any(
        map(is_paper_url, urls(node.heading.text))
    )
    told = node.children[0].body if node.children and is_data_sheet(node.children[0]) else node.body
    node.labelled = _has_labels(told) or _has_near_link(told)
    if (repeated := _repeated(title, node.body)) is not None:
        node.items, node.labelled = False, True
        node.translation = repeated.text if is_han(repeated.text) else ""


def is_data_sheet(node: Node) -> bool:
    """Whether a heading says that the data of the paper above it follow: it is a part of that paper, never one."""
    return node.heading is not None and _DATA_SHEET.fullmatch(clean_title(node.heading.text)) is not None


def _repeated(title: Title, body: Sequence[Block]) -> Title | None:
    """The title that the first line below a heading links, where it is the heading's own or its translation."""
    first = body[0] if body and body[0].kind is Kind.TEXT else None
    if first is None or not any(map(is_paper_url, first.lines[0].urls)):
        return None
    below = title_of(first.lines[0].spans)
    if below is None or below.rest or not is_paper_url(below.url) or len(paper_lines(body)) != 1:
        return None
    translated = is_han(below.text) and not is_han(title.text)
    return below if translated or below.text.casefold() == title.text.casefold() else None


def is_section(text: str) -> bool:
    """Whether a heading names a date, a category or a part of the page."""
    bare = clean_title(text)
    return _names_page(text) or not looks_like_title(bare) or _PAPERS.fullmatch(bare) is not None


def _names_page(text: str) -> bool:
    bare = clean_title(text)
    if not bare or is_only_date(bare) or categories_in(bare.split(" (")[0]) is not None:
        return True
    return bool(dates_in(bare)) and words_of(bare) <= 20


def _has_labels(body: Sequence[Block]) -> bool:
    for block in body:
        for line in block.lines:
            if any(segment.label in STRONG and segment.known for segment in split_line(line)):
                return True
        if block.kind is Kind.TABLE and any(
            len(cells) == 2 and cells[0] and field_name(cells[0][0].text) in STRONG
            for _, cells in block.cells
        ):
            return True
    return False


def _has_near_link(body: Sequence[Block]) -> bool:
    seen = 0
    for block in body:
        for line in block.lines:
            seen += 1
            if any(map(is_paper_url, (*line.urls, *urls(line.text)))) or PRINTED_ID.search(line.text):
                return True
            if seen >= _NEAR:
                return False
    return False


def _shares(root: Node) -> dict[int, float]:
    """For each level, the share of its possible titles that have fields of a paper below them."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for node in root.nodes():
        if node.heading is not None and not node.items and not _names_page(node.heading.text):
            counts[node.level][0] += 1
            counts[node.level][1] += node.linked or node.labelled
    return {level: found / all_ for level, (all_, found) in counts.items()}


def _decide(node: Node, shares: dict[int, float]) -> bool:
    """Mark the papers at and below a node; whether there are any."""
    below = [_decide(child, shares) for child in node.children]
    if node.title is None:
        return any(below)
    if node.linked:
        node.paper = not any(each.linked for child in node.children for each in child.nodes() if each.paper)
    elif node.labelled and not any(below):
        node.paper = (not node.items or _labels_first(node)) and shares[node.level] >= _ENOUGH
    bare = not any(below) and not node.items
    node.passed = not node.paper and bare and shares.get(node.level, 0) > _MOST
    if node.paper:
        for child in node.children:
            for each in child.nodes():
                each.paper = each.passed = False
    return node.paper or any(below)


def _labels_first(node: Node) -> bool:
    """Whether a node's own fields stand above the papers of its body, which are then what it refers to."""
    lines = next((block.lines for block in node.body if block.lines), [])
    segments = split_line(lines[0]) if lines else []
    return bool(segments) and segments[0].known and segments[0].label != "title"


def _promote(root: Node) -> None:
    """Where no heading has evidence directly below it: the level at which most headings hold one paper's link each."""
    levels: dict[int, list[Node]] = defaultdict(list)
    for node in root.nodes():
        if node.title is not None:
            levels[node.level].append(node)
    for level in sorted(levels):
        single = [node for node in levels[level] if len(_papers_named(node)) == 1]
        if len(single) >= max(2, _ENOUGH * len(levels[level])):
            for node in single:
                node.paper = True
            return


def _papers_named(node: Node) -> set[str]:
    found: set[str] = set()
    for block in node.everything():
        for line in block.lines:
            found.update(arxiv_id(url) or url for url in (*line.urls, *urls(line.text)) if is_paper_url(url))
    return found
