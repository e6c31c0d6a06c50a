"""How a terminal of any width shows a `corpus_tool.evaluation.scores.Evaluation`."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

from corpus_tool.evaluation.agreement import LEVEL
from corpus_tool.evaluation.wrong_pairs import FALSE_MERGES, MISSES, MOST
from corpus_tool.views.terminal import cells, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.text import Text

    from corpus_tool.evaluation.scores import Evaluation, Point, Wrong

MARKS = (("R", "magenta"), ("P", "cyan"), ("●", "bold green"))
"""Recall, precision and F1 in the plot, a later one over an earlier."""
_LOWER, _BETWEEN = "‹", "─"
_LEAST_PLOT, _MOST_PLOT = 16, 100
_MOST_NAME = 28
_FEET = (0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0)
_OUTLIERS = 0.25
"""Share of the values that may lie below the foot of the axis."""
_TIED = "\u00a0"


def render(result: Evaluation, console: Console) -> None:
    """Print scores, the threshold curve and the worst errors."""
    from rich.text import Text

    for line in _scores(result):
        console.print(line)
    if result.curve:
        console.print(Text("\nScores by threshold", style="bold"))
        for line in curve(result.curve, result.threshold, console.width):
            console.print(line)
        for note in _curve_notes(result):
            for part in wrap(note, max(20, console.width)):
                console.print(Text(part.replace(_TIED, " "), style="dim"))
    for kind, count in result.counts.items():
        listed = [wrong for wrong in result.worst if wrong.kind == kind]
        console.print(Text("\n" + _heading(kind, count, len(listed)), style="bold"))
        for line in _wrong(listed, console.width):
            console.print(line, soft_wrap=True)
    for side, kinds in (("false merges", FALSE_MERGES), ("misses", MISSES)):
        if sum(result.counts.get(kind, 0) for kind in kinds) == MOST:
            console.print(
                Text(f"\nOf the {side} {MOST:,} were looked at, those in small clusters.", style="dim")
            )


def _scores(result: Evaluation) -> Iterator[Text]:
    from rich.text import Text

    scores, ends = result.scores, result.intervals
    yield Text(f"{'pairwise':<11}{'':8}{LEVEL:.0%} interval", style="dim")
    rows = (
        ("precision", scores.pair_precision, ends.precision),
        ("recall", scores.pair_recall, ends.recall),
        ("F1", scores.pair_f1, ends.f1),
    )
    for name, value, (lower, upper) in rows:
        yield Text.assemble(
            f"{name:<11}",
            (f"{value:.4f}", "bold green" if name == "F1" else "bold"),
            f"  {lower:.4f}–{upper:.4f}",
        )
    yield Text.assemble(f"{'ARI':<11}", (f"{scores.ari:.4f}", "bold"))
    yield Text(f"{scores.gold_pairs:,} true pairs, {scores.predicted_pairs:,} predicted")
    removed, kept, lost = scores.surplus_removed, scores.surplus_kept, scores.lost_unique
    yield Text(f"{scores.records:,} records: {removed:,} surplus copies removed, {kept:,} kept,")
    share = 1000 * lost / scores.records if scores.records else 0.0
    yield Text(f"{lost:,} unique {'record' if lost == 1 else 'records'} lost ({share:.1f} in a thousand)")


def curve(points: Sequence[Point], threshold: float | None, width: int) -> Iterator[Text]:
    """A row a threshold: its scores, and where they lie between the foot of the axis and 1."""
    from rich.text import Text

    ruler = "threshold" if points[0].strictness is None else "strictness"
    numbers = f"   {ruler}   prec.  recall      F1  "
    room = max(_LEAST_PLOT, min(_MOST_PLOT, width - len(numbers)))
    values = [_values(point) for point in points]
    low = _foot([value for row in values for value in row])
    best = max(row[2] for row in values)
    yield Text(numbers + _axis(low, room), style="dim")
    for point, (recall, precision, f1) in zip(points, values, strict=True):
        run = "▶" if point.threshold == threshold else " "
        mark = run + ("*" if f1 == best else " ")
        at = f"{point.threshold:.2f}" if point.strictness is None else f"{point.strictness:+.1f}"
        shares = f"{precision:8.4f}{recall:8.4f}{f1:8.4f}"
        line = Text(f"{mark} {at:>{len(ruler)}}{shares}  ", style="bold" if run.strip() else "")
        yield line.append_text(_plot((recall, precision, f1), low, room))


def _values(point: Point) -> tuple[float, float, float]:
    scores = point.scores
    return scores.pair_recall, scores.pair_precision, scores.pair_f1


def _foot(values: Sequence[float]) -> float:
    """The foot of the axis: the highest that few values fall below, lest outliers flatten the rest."""
    allowed = _OUTLIERS * len(values)
    return next(foot for foot in _FEET if sum(value < foot for value in values) <= allowed)


def _column(value: float, low: float, room: int) -> int:
    return round(max(0.0, (value - low) / (1 - low)) * (room - 1))


def _axis(low: float, room: int) -> str:
    """Marks of the axis at its ends and in between, each over its column, the last one ending there."""
    parts = 4 if room >= 40 else 2
    line = ""
    for part in range(parts + 1):
        value = low + (1 - low) * part / parts
        label = f"{value:.4f}".rstrip("0").ljust(3, "0")
        line = line.ljust(min(_column(value, low, room), room - len(label))) + label
    return line


def _plot(values: Sequence[float], low: float, room: int) -> Text:
    from rich.text import Text

    signs = [" "] * room
    styles = [""] * room
    columns = [_column(value, low, room) for value in values]
    for column in range(min(columns), max(columns) + 1):
        signs[column], styles[column] = _BETWEEN, "dim"
    for value, column, (sign, style) in zip(values, columns, MARKS, strict=True):
        signs[column], styles[column] = (_LOWER if value < low else sign), style
    line = Text()
    for (style, _), run in groupby(
        zip(styles, signs, strict=True), key=lambda each: (each[0], each[1] == " ")
    ):
        line.append("".join(sign for _, sign in run), style=style)
    line.rstrip()
    return line


def _curve_notes(result: Evaluation) -> Iterator[str]:
    legend = (
        "P precision",
        "R recall",
        "● F1, over the others",
        "‹ lower than the axis",
        "▶ this run",
        "* best F1",
    )
    yield "  ".join(part.replace(" ", _TIED) for part in legend)
    if result.curve[0].strictness is not None:
        yield "Strictness: points that --strictness would add to this run's threshold."
    yield "Under this run's threshold only the pairs that it proposed are counted: a run there may find more."


def _heading(kind: str, count: int, listed: int) -> str:
    side, meaning = ("False merges", FALSE_MERGES[kind]) if kind in FALSE_MERGES else ("Misses", MISSES[kind])
    pairs = "1 pair" if count == 1 else f"{count:,} pairs"
    worst = f", the worst {listed:,}" if 0 < listed < count else ""
    return f"{side}: {pairs}{worst} ({meaning})"


def _wrong(listed: Sequence[Wrong], width: int) -> Iterator[Text]:
    from rich.text import Text

    shown = [[shorten(visible(name), _MOST_NAME) for name in wrong.names] for wrong in listed]
    wide = max((cells(name) for names in shown for name in names), default=0)
    for wrong, names in zip(listed, shown, strict=True):
        score = "     -" if wrong.score is None else f"{wrong.score:6.4f}"
        for lead, name, title in zip((score, " " * 6), names, wrong.titles, strict=True):
            room = max(12, width - 10 - wide)
            padded = name + " " * (wide - cells(name))
            yield Text.assemble((lead, "bold"), "  ", (padded, "cyan"), "  ", shorten(visible(title), room))
        yield Text(f"        {visible(wrong.explain)}", style="dim")
