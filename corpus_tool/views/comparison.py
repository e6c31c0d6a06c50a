"""What two collections share, as a table of counts, as lines of JSON, and as a page of Markdown."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from corpus_tool.comparison import BOTH, ONLY_A, ONLY_B, REVISED
from corpus_tool.dedup.candidates import distinct
from corpus_tool.lines.encode import encode
from corpus_tool.sinks.markdown import inline
from corpus_tool.stats import TEXT_FIELDS
from corpus_tool.store import records
from corpus_tool.views import diff
from corpus_tool.views.terminal import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from corpus_tool.comparison import Comparison, Row
    from corpus_tool.records import Record
    from corpus_tool.store import Place

_AT_ONCE = 1024
_NAME = 40
_TITLE = 120
_MARKS = (("<del>", "</del>"), ("<ins>", "</ins>"))
_COLUMNS = ("records", "only", "both", "revised")
_HEADINGS = ("records", "only here", "in both", "revised")
_CHAPTERS = {ONLY_A: "Only in A", ONLY_B: "Only in B", REVISED: "Revised", BOTH: "In both"}


def table(comparison: Comparison, names: tuple[str, str]) -> list[str]:
    """The counts of both sides, a line each under a line of headings."""
    shown = [f"{side}  {shorten(visible(name), _NAME)}" for side, name in zip("AB", names, strict=True)]
    width = max(map(len, shown))
    counts = comparison.counts()
    rows = [[f"{counts[side][column]:,}" for column in _COLUMNS] for side in ("a", "b")]
    sizes = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    return [
        " " * width + "".join(f"  {each:>{size}}" for each, size in zip(_HEADINGS, sizes, strict=True)),
        *(
            f"{name:<{width}}" + "".join(f"  {each:>{size}}" for each, size in zip(row, sizes, strict=True))
            for name, row in zip(shown, rows, strict=True)
        ),
    ]


def numbers(comparison: Comparison, names: tuple[str, str]) -> dict[str, Any]:
    """The counts for machines."""
    counts = comparison.counts()
    return {
        "a": {"name": names[0], **counts["a"]},
        "b": {"name": names[1], **counts["b"]},
        "crowded": comparison.found.crowded,
        "why": comparison.why,
    }


def write_jsonl(comparison: Comparison, wanted: Collection[str], writer: BinaryIO) -> None:
    """One object a row: `status`, `score`, `a` and `b` (`id`, `source`, `line`, `record`), `diff` of the revised."""
    for row, sides in _read(comparison, comparison.rows(wanted)):
        told: dict[str, Any] = {"status": row.status, "score": row.score if len(sides) == 2 else None}
        for side, ordinal in (("a", row.a), ("b", row.b)):
            told[side] = _side(*sides[ordinal]) if ordinal >= 0 else None
        if row.status == REVISED:
            parts = differing(comparison, row, sides)
            told["diff"] = {name: diff.as_json(spans) for name, spans in parts}
        writer.write(encode(told) + b"\n")


def write_markdown(
    comparison: Comparison, names: tuple[str, str], wanted: Collection[str], writer: BinaryIO
) -> None:
    """A page: the counts, then a chapter for each status."""
    a, b = (inline(visible(name)) for name in names)
    lines = [f"# {a} and {b}", "", "| | " + " | ".join(_HEADINGS) + " |", "|---" * 5 + "|"]
    for side, name in (("a", a), ("b", b)):
        counts = comparison.counts()[side]
        cells = [f"{counts[column]:,}" for column in _COLUMNS]
        lines.append(f"| {side.upper()}: {name.replace('|', chr(92) + '|')} | {' | '.join(cells)} |")
    _put(writer, lines)
    for status, heading in _CHAPTERS.items():
        rows = list(comparison.rows({status})) if status in wanted else []
        if rows:
            _put(writer, ["", f"## {heading} ({len(rows):,})", ""])
            for row, sides in _read(comparison, rows):
                _put(writer, _entry(comparison, row, sides))


def _put(writer: BinaryIO, lines: Iterable[str]) -> None:
    writer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def _entry(comparison: Comparison, row: Row, sides: dict[int, tuple[Record, Place]]) -> list[str]:
    """A row as an item of a list; under it, where it was revised, the words that differ."""
    record, _ = sides[row.b if row.b >= 0 else row.a]
    places = [f"{source}:{line}" for _, (source, line) in (sides[at] for at in (row.a, row.b) if at >= 0)]
    where = inline(visible(" → ".join(places) if row.status == REVISED else ", ".join(places)))
    lines = [f"- {inline(visible(title_of(record)))} ({where})"]
    if row.status == REVISED:
        for name, spans in differing(comparison, row, sides):
            changed = diff.marked(spans, _MARKS, lambda text: inline(visible(text)))
            lines += ["", f"    {inline(visible(name))}: {changed}"]
        lines.append("")
    return lines


def differing(
    comparison: Comparison, row: Row, sides: dict[int, tuple[Record, Place]]
) -> Iterator[tuple[str, list[diff.Span]]]:
    """The texts of a pair that differ: name, and the spans that turn one into the other."""
    for name, texts in comparison.differing(sides[row.a][0], sides[row.b][0]).items():
        found = diff.spans(*diff.excerpt(*texts)[:2])
        if any(span.tag != "equal" for span in found):
            yield name, found


def title_of(record: Record) -> str:
    """What a person calls a record: its title, or how its text begins."""
    texts = (record.get(key) for key in ("title", *TEXT_FIELDS))
    said = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    line = " ".join((said or encode(record).decode("utf-8", "replace"))[: 4 * _TITLE].split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"


def _read(
    comparison: Comparison, rows: Iterable[Row]
) -> Iterator[tuple[Row, dict[int, tuple[Record, Place]]]]:
    """Rows with their records and where these stand, by ordinal."""
    waiting = iter(rows)
    while part := list(islice(waiting, _AT_ONCE)):
        needed = distinct(np.array([at for row in part for at in (row.a, row.b) if at >= 0]))
        found = zip(records(comparison.store, needed), comparison.store.places(needed), strict=True)
        read = dict(zip(needed.tolist(), found, strict=True))
        for row in part:
            yield row, {at: read[at] for at in (row.a, row.b) if at >= 0}


def _side(record: Record, place: Place) -> Record:
    return {"id": record.get("id"), "source": place[0], "line": place[1], "record": record}
