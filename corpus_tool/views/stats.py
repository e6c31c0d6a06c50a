"""How a terminal of any width shows a `corpus_tool.stats.Summary`."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from corpus_tool.views.terminal import bar, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console, JustifyMethod, RenderableType
    from rich.table import Table

    from corpus_tool.stats import Bin, Dates, Lengths, Overlap, Summary

MOST_DATES = 12
"""Printed dates that are listed one by one."""
_NAME_LEAST, _NAME_MOST = 12, 48
_WIDEST_BAR = 60


def render(result: Summary, console: Console) -> None:
    """Print the summary: totals, sources and their overlap, lengths, fields."""
    from rich.text import Text

    if not result.records:
        console.print(Text("no records"))
        return
    for line in _totals(result):
        console.print(line)
    sections: list[tuple[str, Iterator[RenderableType]]] = [
        (f"Sources ({len(result.sources):,})", _sources(result, console.width)),
        (
            "Records of a row's source that also stand in the column's",
            _overlap(result.overlap, console.width),
        ),
        ("Length in words", _lengths(result.lengths, console)),
        ("Fields", _fields(result, console.width)),
    ]
    for heading, parts in sections:
        found = list(parts)
        if found:
            console.print(Text("\n" + heading, style="bold"))
            for part in found:
                console.print(part)


def _totals(result: Summary) -> Iterator[RenderableType]:
    from rich.filesize import decimal
    from rich.text import Text

    repeated = result.repeats / result.records
    yield Text.assemble(
        (f"{result.records:,}", "bold"),
        f" {'record' if result.records == 1 else 'records'}, {decimal(result.bytes)}: ",
        (f"{result.distinct:,}", "bold green"),
        " distinct, ",
        (f"{result.repeats:,}", "bold yellow" if result.repeats else "bold"),
        f" exact {'copy' if result.repeats == 1 else 'copies'} ({repeated:.1%})",
    )
    if result.repeats:
        yield Text("exact copies: the same words in the same order", "dim")
    if result.without_words:
        yield Text(f"{result.without_words:,} without any words, each counted as distinct", style="yellow")
    dates = _dates(result.dates)
    if dates:
        yield Text(dates)


def _dates(dates: Dates) -> str:
    parts: list[str] = []
    if dates.first is not None and dates.last is not None:
        parts.append(dates.first if dates.first == dates.last else f"{dates.first} to {dates.last}")
    if dates.printed:
        listed = [visible(printed) for printed in list(dates.printed)[:MOST_DATES]]
        further = len(dates.printed) - len(listed)
        parts.append(", ".join(listed) + (f" and {further:,} more" if further else "") + " (no year)")
    if parts and dates.undated:
        parts.append(f"{dates.undated:,} undated")
    return f"dated {'; '.join(parts)}" if parts else ""


def _grid(names: Sequence[str], left: int) -> Table:
    """A table without lines; the first `left` columns are text, the others numbers."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for number, name in enumerate(names):
        justify: JustifyMethod = "left" if number < left else "right"
        table.add_column(Text(name), justify=justify, no_wrap=True, overflow="ellipsis")
    return table


def _named_rows(
    header: Sequence[str], rows: Sequence[Sequence[str]], width: int, styles: Sequence[str] = ()
) -> Table:
    """A table of a name and numbers a row; names get the room that the numbers leave."""
    from rich.text import Text

    table = _grid(header, 1)
    columns = zip(header[1:], *(row[1:] for row in rows), strict=True)
    room = width - sum(max(map(len, column)) + 2 for column in columns)
    for row, style in zip_longest(rows, styles, fillvalue=""):
        table.add_row(_name(row[0], room), *(Text(number, style=style) for number in row[1:]))
    return table


def _name(name: str, room: int) -> RenderableType:
    from rich.text import Text

    return Text(shorten(visible(name), max(_NAME_LEAST, min(_NAME_MOST, room))))


def _sources(result: Summary, width: int) -> Iterator[RenderableType]:
    from rich.filesize import decimal
    from rich.text import Text

    chosen = set(result.overlap.sources)
    listed = [each for each in result.sources if each.source in chosen]
    rows = [
        (each.source, f"{each.records:,}", f"{each.distinct:,}", f"{each.elsewhere:,}", decimal(each.bytes))
        for each in listed
    ]
    yield _named_rows(("source", "records", "distinct", "elsewhere", "size"), rows, width)
    if result.overlap.left_out:
        yield Text(f"the {len(listed)} of {len(result.sources):,} that share most with others", style="dim")


def _overlap(overlap: Overlap, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    total = len(overlap.sources) + overlap.left_out
    if total < 2:
        return
    widest = max(len(f"{count:,}") for row in overlap.matrix for count in row)
    widest = max(widest, len(str(len(overlap.sources))))
    shown = max(2, min(len(overlap.sources), (width - _NAME_LEAST - 4) // (widest + 2)))
    table = _grid(("", "", *(str(column + 1) for column in range(shown))), 2)
    for row in range(shown):
        cells = [
            Text(f"{count:,}", style="dim" if row == column or not count else "")
            for column, count in enumerate(overlap.matrix[row][:shown])
        ]
        room = width - 4 - shown * (widest + 2)
        table.add_row(Text(str(row + 1), style="dim"), _name(overlap.sources[row], room), *cells)
    yield table
    if shown < total:
        why = "that share most with others" if shown == len(overlap.sources) else "for which there is room"
        yield Text(f"{shown} of {total:,} sources, those {why}", style="dim")


def _lengths(lengths: Lengths | None, console: Console) -> Iterator[RenderableType]:
    from rich.text import Text

    if lengths is None:
        return
    yield from _histogram(lengths.histogram, console)
    ranks = {f"{name} {value:,}": value for name, value in lengths.percentiles.items() if name != "p50"}
    middle = {f"median {lengths.median:,.10g}": lengths.median, f"mean {lengths.mean:,.1f}": lengths.mean}
    ordered = sorted({**ranks, **middle}.items(), key=lambda item: item[1])
    items = [f"min {lengths.min:,}", *(label for label, _ in ordered), f"max {lengths.max:,}"]
    for line in _packed(items, console.width):
        yield Text(line)


def _packed(items: Sequence[str], width: int) -> Iterator[str]:
    """The items on as few lines as hold them, none broken."""
    line = ""
    for item in items:
        if line and len(line) + 2 + len(item) > width:
            yield line
            line = ""
        line += ("  " if line else "") + item
    if line:
        yield line


def _histogram(bins: Sequence[Bin], console: Console) -> Iterator[RenderableType]:
    from rich.text import Text

    ascii_only = not console.encoding.lower().startswith("utf")
    labels = [_label(each, "-" if ascii_only else "–") for each in bins]
    counts = [f"{each.records:,}" for each in bins]
    label_width, count_width = max(map(len, labels)), max(map(len, counts))
    room = min(_WIDEST_BAR, console.width - label_width - count_width - 4)
    most = max(each.records for each in bins)
    for each, label, count in zip(bins, labels, counts, strict=True):
        drawn = bar(each.records / most, room, ascii_only=ascii_only)
        yield Text.assemble(f"{label:>{label_width}}  {count:>{count_width}}  ", (drawn, "cyan"))


def _label(each: Bin, dash: str) -> str:
    if each.end is None:
        return f"{each.start:,} or more"
    return f"{each.start:,}" if each.start == each.end else f"{each.start:,}{dash}{each.end:,}"


def _percent(share: float) -> str:
    """To a tenth; 100.0% means all, and 0.0% none."""
    tenths = round(share * 1000)
    return f"{(min(max(tenths, 1), 999) if 0 < share < 1 else tenths) / 10:.1f}%"


def _fields(result: Summary, width: int) -> Iterator[RenderableType]:
    from rich.text import Text

    rows = [
        (each.field, f"{each.present:,}", f"{each.empty:,}", f"{each.missing:,}", _percent(each.share))
        for each in result.fields
    ]
    styles = ["" if each.present == result.records else "yellow" for each in result.fields]
    yield _named_rows(("field", "present", "empty", "missing", "share"), rows, width, styles)
    if result.fields_left_out:
        yield Text(f"{result.fields_left_out:,} further fields are not listed", style="dim")
