"""Tables with a paper a row: which column holds what, by the heads or by what stands below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..field_labels import ABOUT, LINKED, field_name, own_name
from ..links import urls
from .blocks import Block, Kind
from .inline import Line, Span
from .paper import PaperBuilder
from .phrases import are_names, dates_in, is_identifier, is_only_date, words_of
from .segments import Segment, Style
from .titles import Title, clean_title, is_paper_url, looks_like_title, title_of, without_names

if TYPE_CHECKING:
    from collections.abc import Sequence

_TITLES = frozenset(
    (
        "title",
        "paper",
        "papers",
        "name",
        "论文",
        "文章",
        "paper name",
        "article",
        "work",
        "publication",
        "paper & code",
    )
)
_COUNTED = frozenset(("", "#", "no", "no.", "序号", "idx", "index", "编号", "nr", "№"))
_COUNT = "#"
"""The column that only counts the rows."""
_DATED = frozenset(("published", "updated"))
_SAMPLE = 12


def paper_columns(block: Block) -> list[str] | None:
    """The field of each column of a table of papers; None for any other table."""
    heads = [" ".join(line.text for line in cell) for cell in block.cells[0][1]]
    rows = [cells for _, cells in block.cells[1 : 1 + _SAMPLE]]
    if not rows:
        return None
    columns = _named(heads) if heads else _guessed(rows)
    if "title" not in columns:
        columns = _titled(columns, rows)
    if "title" not in columns:
        return None
    about = set(columns) & {
        "authors",
        "abstract",
        "summary",
        "published",
        "pdf",
        "arxiv",
        "link",
        "tldr",
        "abstract_zh",
        "comments",
        "doi",
    }
    linked = sum(
        any(is_paper_url(url) for cell in cells for line in cell for url in (*line.urls, *urls(line.text)))
        for cells in rows
    )
    return columns if linked >= 0.5 * len(rows) or len(about) >= 2 else None


def sheet_title(block: Block) -> Title | None:
    """The title in a table that tells of one paper, a field a row, its name in the first of two columns."""
    if block.kind is not Kind.TABLE:
        return None
    rows = [cells for _, cells in block.cells if len(cells) == 2 and cells[0]]
    fields = {field_name(" ".join(line.text for line in cells[0])): cells[1] for cells in reversed(rows)}
    titled = next((fields[name] for name in ("title", "title_zh") if fields.get(name)), None)
    return cell_title(titled) if titled and len(ABOUT & fields.keys()) > 1 else None


def _named(heads: Sequence[str]) -> list[str]:
    columns: list[str] = []
    for head in heads:
        bare = head.strip(" *_`📄📝📅👤🔗").lower()
        name = "title" if bare in _TITLES and "title" not in columns else field_name(head) or own_name(head)
        if bare in _COUNTED:
            columns.append(_COUNT)
            continue
        columns.append(
            name if name not in columns or name in LINKED else own_name(f"{head} {len(columns) + 1}")
        )
    return columns


def _titled(columns: list[str], rows: Sequence[Sequence[list[Line]]]) -> list[str]:
    """The same columns, one of them the title where its cells are linked or bold titles."""
    for index, name in enumerate(columns):
        if name in ("authors", "abstract", "published", "comments", "code"):
            continue
        marked = sum(
            index < len(cells)
            and (found := cell_title(cells[index])) is not None
            and is_paper_url(found.url)
            and not found.bare
            for cells in rows
        )
        if marked >= 0.7 * len(rows):
            return [*columns[:index], "title", *columns[index + 1 :]]
    return columns


def _guessed(rows: Sequence[Sequence[list[Line]]]) -> list[str]:
    """Fields of the columns of a table without heads."""
    width = max(map(len, rows))
    columns: list[str] = []
    for index in range(width):
        texts = [" ".join(line.text for line in cells[index]) for cells in rows if index < len(cells)]
        columns.append(_guess(texts, columns))
    return columns


def _guess(texts: Sequence[str], before: Sequence[str]) -> str:
    whole = len(texts)
    if sum(map(is_only_date, texts)) > 0.7 * whole:
        name = "published"
    elif sum(is_identifier(text) or text.startswith("http") for text in texts) > 0.7 * whole:
        name = "pdf"
    elif (
        "title" not in before
        and sum(looks_like_title(text) and words_of(text) >= 2 for text in texts) > 0.7 * whole
    ):
        name = "title"
    elif "title" in before and sum(map(are_names, texts)) > 0.6 * whole:
        name = "authors"
    elif sum(text in ("null", "link", "code", "Link", "Code", "") for text in texts) > 0.7 * whole:
        name = "code"
    elif sum(words_of(text) > 25 for text in texts) > 0.6 * whole:
        name = "abstract"
    else:
        name = f"column_{len(before) + 1}"
    return name if name not in before else f"column_{len(before) + 1}"


def cell_title(cell: Sequence[Line]) -> Title | None:
    """The title in a cell."""
    spans = _joined(cell)
    found = title_of(spans, alone=True)
    text = clean_title("".join(span.text for span in spans))
    if found is None and any(map(str.isalnum, text)):  # short as it is: its column says what it is
        return Title(text, next((span.url for span in spans if span.url), ""), "", [], True)
    return found


def _joined(cell: Sequence[Line], between: str = " ") -> list[Span]:
    spans: list[Span] = []
    for line in cell:
        if spans:
            spans.append(Span(between))
        spans += [span for span in line.spans if not span.summary]
    return spans


def row_paper(
    columns: Sequence[str], number: int, cells: Sequence[Sequence[Line]], section: str
) -> PaperBuilder | None:
    """The paper of one row; None where the row has no title."""
    at = columns.index("title")
    title = cell_title(cells[at]) if at < len(cells) else None
    if title is None:
        return None
    text, names = (title.text, "") if "authors" in columns or not title.bare else without_names(title.text)
    builder = PaperBuilder(text, number, title.url, section)
    builder.listed = True
    if names:
        builder.fields["authors"] = [names]
    builder.before(title.before)
    builder.beside(title.rest)
    for name, cell in zip(columns, cells, strict=False):
        spans = _joined(cell, ", " if name == "authors" else " ")
        if name in ("title", _COUNT) or not spans:
            continue
        builder.fresh = True
        builder.segment(Segment(number, name, known=True, style=Style.HEADING, spans=spans))
        builder.open = ""
    for name in _DATED:
        if found := [date for value in builder.fields.get(name, ()) for date in dates_in(value)]:
            builder.fields[name] = found[:1]
    return builder
