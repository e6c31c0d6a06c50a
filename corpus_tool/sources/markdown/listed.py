"""Papers as items of a list, and papers whose titles open a paragraph."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ..links import urls
from .blocks import Block, Kind
from .paper import PaperBuilder
from .phrases import are_names, dates_in, is_han, words_of
from .segments import Segment, split_line
from .titles import Title, clean_title, is_paper_url, looks_like_title, title_of, without_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .inline import Line

_ENOUGH = 0.5
_COUNTED = re.compile(r"(\d{1,3})[.、．](?=[A-Z\u4e00-\u9fff])")
_LEAST_COUNTED = 3
_TELLING = frozenset(("abstract", "abstract_zh", "authors", "tldr", "ai_summary", "arxiv", "summary"))


class Found(NamedTuple):
    """Where a paper stands among the blocks of a section.

    Attributes:
        start: Index of the block where it begins.
        end: Index of the block behind its last.
        line: Index of the line of its title within the first block.
        title: Its title.
    """

    start: int
    end: int
    line: int
    title: Title


def paper_items(body: Sequence[Block]) -> list[Found]:
    """The items of lists that are papers; empty where lists hold something else."""
    found: list[Found] = []
    start = 0
    while start < len(body):
        if not body[start].depth:
            start += 1
            continue
        end = start
        while end < len(body) and body[end].depth:
            end += 1
        found += _items(body, start, end)
        start = end
    return found


def _items(body: Sequence[Block], start: int, end: int) -> list[Found]:
    depths = sorted({block.depth for block in body[start:end] if block.opens_item})
    for depth in depths:
        starts = [
            index for index in range(start, end) if body[index].opens_item and body[index].depth == depth
        ]
        spans = list(zip(starts, [*starts[1:], end], strict=True))
        found = [item for first, last in spans if (item := _item(body, first, last)) is not None]
        if found and len(found) >= _ENOUGH * len(spans):
            return found
        if headed := _headed(body, starts, end):
            return headed
    return []


def _headed(body: Sequence[Block], starts: Sequence[int], end: int) -> list[Found]:
    """Papers whose fields are the items behind that of the title rather than items within it."""
    kinds = [_heads_or_tells(body[index]) for index in starts]
    if "" in kinds or kinds[0] != "title" or kinds[-1] != "field":
        return []
    heads = [index for index, kind in zip(starts, kinds, strict=True) if kind == "title"]
    spans = zip(heads, [*heads[1:], end], strict=True)
    found = [item for first, last in spans if (item := _item(body, first, last)) is not None]
    return found if len(found) == len(heads) else []


def _heads_or_tells(block: Block) -> str:
    """Whether an item is set as a title or is a field; empty for any other."""
    segments = split_line(block.lines[0]) if block.kind is Kind.TEXT and block.lines else []
    if not segments:
        return ""
    if segments[0].label and (segments[0].known or segments[0].spans):
        return "field"
    title = title_of(block.lines[0].spans)
    return "title" if title is not None and not title.bare and words_of(title.text) >= _LEAST_COUNTED else ""


def _item(body: Sequence[Block], start: int, end: int) -> Found | None:
    block = body[start]
    if block.kind is not Kind.TEXT or not block.lines:
        return None
    line = block.lines[0]
    segments = split_line(line)
    title = _labelled_title(segments)
    if title is None:
        if segments and segments[0].known and segments[0].label != "title":
            return None
        title = title_of(line.spans)
        if title is None or words_of(title.text) < 2:
            return None
    inside = body[start:end]
    return Found(start, end, 0, title) if _is_paper(title, inside) else None


def _labelled_title(segments: Sequence[Segment]) -> Title | None:
    if not segments or segments[0].label != "title":
        return None
    title = title_of(segments[0].spans, alone=True)
    if title is not None:
        title.rest = [span for segment in segments[1:] for span in segment.spans]
    return title


def _is_paper(title: Title, blocks: Sequence[Block]) -> bool:
    """Whether what stands with a title shows that it is a paper's."""
    lines = [line for block in blocks for line in block.lines]
    if any(is_paper_url(url) for line in lines for url in (*line.urls, *urls(line.text))):
        return not title.bare or not _is_sentence(title.text)
    if any(segment.label in _TELLING and segment.known for line in lines for segment in split_line(line)):
        return True
    rest = "".join(span.text for span in title.rest)
    return title.url.startswith("http") and bool(dates_in(title.before)) and are_names(rest.strip(" ,.-–—"))


def _is_sentence(text: str) -> bool:
    return words_of(text) > 30 or (text.endswith(".") and ". " in text)


def item_paper(body: Sequence[Block], found: Found, section: str) -> PaperBuilder:
    """The paper of an item or of a paragraph that opens with its title."""
    first = body[found.start]
    line = first.lines[found.line]
    title = found.title
    text, names = without_names(title.text) if title.bare else (title.text, "")
    builder = PaperBuilder(text, line.number, title.url, section)
    builder.listed = True
    builder.link(*line.urls)
    if names:
        builder.fields["authors"] = [names]
    builder.before(title.before)
    builder.identify(line.text)
    segments = split_line(line)
    if segments and segments[0].label == "title":
        for segment in segments[1:]:
            builder.segment(segment)
    else:
        builder.beside(title.rest)
    builder.lines(first.lines[found.line + 1 :])
    builder.add(body[found.start + 1 : found.end])
    return builder


def paper_lines(body: Sequence[Block], *, bold: bool = False) -> list[Found]:
    """Papers whose titles stand in paragraphs: linked, labelled `Title:` or, where asked for, bold and no more."""
    taken = {index for item in paper_items(body) for index in range(item.start, item.end)}
    opening: list[tuple[int, int, Title, bool]] = []
    counted = _counted(body)
    for index, block in enumerate(body):
        if block.kind is not Kind.TEXT or index in taken:
            continue
        if (title := counted.get(index)) is not None:
            opening.append((index, 0, title, False))
            continue
        for at, line in enumerate(block.lines):
            title, sure = _opens(line, at)
            if title is not None and (bold or sure or title.url):
                opening.append((index, at, title, sure))
    named = Counter(title.text for _, _, title, _ in opening)
    opening = [each for each in opening if each[3] or named[each[2].text] == 1]
    found: list[Found] = []
    for number, (index, at, title, sure) in enumerate(opening):
        end = opening[number + 1][0] if number + 1 < len(opening) else len(body)
        follows = number + 1 < len(opening) and opening[number + 1][0] == index
        inside = [
            Block(Kind.TEXT, 0, body[index].lines[at : opening[number + 1][1] if follows else None]),
            *body[index + 1 : end],
        ]
        if sure or _is_paper(title, inside):
            found.append(Found(index, max(end, index + 1), at, title))
    return found if len(found) >= _ENOUGH * len(opening) else []


def _counted(body: Sequence[Block]) -> dict[int, Title]:
    """Paragraphs of one line that count from 1 on without gap ("1.Title"): the titles of a newsletter in plain text."""
    found: dict[int, Title] = {}
    for index, block in enumerate(body):
        number = _COUNTED.match(block.text) if block.kind is Kind.TEXT and len(block.lines) == 1 else None
        if number is None or block.depth:
            continue
        title = title_of(block.lines[0].spans, alone=True)
        if title is None or int(number.group(1)) != len(found) + 1 or words_of(title.text) < _LEAST_COUNTED:
            return {}
        found[index] = title
    return found if len(found) > 1 else {}


def _opens(line: Line, at: int) -> tuple[Title | None, bool]:
    """The title with which a line opens a paper, and whether that is sure."""
    segments = split_line(line)
    labelled = _labelled_title(segments)
    if labelled is not None:
        return labelled, True
    if not segments or line.closes or (segments[0].label and (segments[0].known or segments[0].spans)):
        return None, False
    title = title_of(line.spans)
    numbered = bool(line.spans[0].url) and line.spans[0].text.strip("[] ").isdigit()
    if title is None or (title.bare and not numbered) or at:
        return None, False
    before = clean_title(title.before) if title.before.strip() else ""
    whole = words_of(line.text)
    own = words_of(title.text)
    least = 2 if title.url else 8 if is_han(title.text) else 3
    if own < least or words_of(before) > 2 or not looks_like_title(title.text):
        return None, False
    return (title, is_paper_url(title.url)) if own >= 0.5 * whole else (None, False)
