"""Charts as SVG: no script, no font, no colour of their own; the page's style sheet says what a class looks like.

Every chart is drawn at the width at which it is shown, once for a wide page and once for a telephone's: letters keep
their size where a drawing that is scaled would lose them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from corpus_tool.views.terminal import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus_tool.match import Step
    from corpus_tool.views.report.contents import BarChart, Heat

WIDE, HALF, NARROW = 1040, 500, 330
"""Widths of a chart of bars: over the whole page, beside another, on a telephone."""
_HEIGHT, _TOP, _FOOT, _LEFT, _RIGHT = 260, 22, 46, 56, 12
_LETTER = 6.6
"""About how wide a letter of a label is."""
_WIDEST_BAR = 84
_STEPS_WIDTH, _STEP_HEIGHT = 150, 14
_HEAT_WIDE, _HEAT_NARROW = 1040, 330
_CELL_LEAST, _CELL_MOST = 11, 44
_STRONG = 0.55
"""Share of the greatest value from which on a cell is dark enough for light letters."""


def bars(chart: BarChart, width: int) -> Markup:
    """A chart of bars."""
    inner, height = width - _LEFT - _RIGHT, _HEIGHT - _TOP - _FOOT
    scale = _Scale(max((sum(bar.parts) for bar in chart.bars), default=0), height, log=chart.log)
    step = min(inner / max(1, len(chart.bars)), _WIDEST_BAR)
    body = [*_grid(scale, width), *_drawn_bars(chart, scale, step), *_labels(chart, step)]
    if chart.mark is not None:
        body += _mark(chart, _LEFT + chart.mark * step, width)
    middle = max(step * len(chart.bars), len(chart.across) * _LETTER) / 2
    body.append(_text(_LEFT + middle, _HEIGHT - 6, chart.across, "axis middle"))
    unit = chart.upwards + (" (log scale)" if chart.log else "")
    body.append(_text(4, 12, unit, "axis"))
    return _svg(width, _HEIGHT, f"{chart.heading}: {len(chart.bars)} bars", body)


class _Scale:
    """From numbers to heights: the whole numbers that have a line, and how high any number stands."""

    def __init__(self, most: int, height: float, *, log: bool) -> None:
        self._log, self._height = log, height
        if log:
            self.ticks = [0, *(10**power for power in range(math.ceil(math.log10(max(most, 2))) + 1))]
            thinned = self.ticks[1 :: 1 + len(self.ticks) // 8]
            self.ticks = [0, *thinned] if thinned[-1] >= most else [0, *thinned, self.ticks[-1]]
        else:
            step = _round_step(most)
            self.ticks = list(range(0, max(most, 1) + step, step))
        self._top = self._raised(self.ticks[-1])

    def _raised(self, value: float) -> float:
        return math.log10(value) + 0.5 if self._log and value else value

    def __call__(self, value: float) -> float:
        """The height of a number; whatever is more than nothing shows."""
        return max(1.5, self._raised(value) / self._top * self._height) if value else 0.0


def _round_step(most: int) -> int:
    """A round number that fits four to eight times into the greatest."""
    power: int = 10 ** max(0, len(str(max(most, 1))) - 2)
    return next(
        (step for factor in (1, 2, 5, 10, 20, 50) if (step := factor * power) * 6 >= most), 100 * power
    )


def _grid(scale: _Scale, width: int) -> Iterator[Markup]:
    for tick in scale.ticks:
        y = _HEIGHT - _FOOT - scale(tick)
        yield Markup('<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>').format(
            _LEFT, y, width - _RIGHT, y
        )
        yield _text(_LEFT - 6, y + 4, _short(tick), "tick end")


def _short(number: int) -> str:
    """A number of an axis: 1,200 or 35k."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size and not number % (size // (10 if unit == "k" else 1)):
            whole = number / (1000 if unit == "k" else size)
            return f"{whole:g}{unit}"
    return f"{number:,}"


def _drawn_bars(chart: BarChart, scale: _Scale, step: float) -> Iterator[Markup]:
    gap = min(4.0, 0.15 * step)
    for at, bar in enumerate(chart.bars):
        if not any(bar.parts):
            continue
        below = 0
        yield Markup('<g class="bar"><title>{}</title>').format(visible(bar.tip))
        for number, part in enumerate(bar.parts):
            foot, head = scale(below), scale(below + part)
            below += part
            if part:
                side = _side(chart, at, number)
                yield Markup(
                    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
                ).format(
                    side,
                    _LEFT + at * step + gap / 2,
                    _HEIGHT - _FOOT - head,
                    max(0.5, step - gap),
                    max(1.0, head - foot),
                )
        yield Markup("</g>")


def _side(chart: BarChart, at: int, number: int) -> str:
    """The class of a part of a bar: by which part it is, or by its side of the line."""
    if chart.mark is None:
        return f"part{number}"
    return "part1" if at + 0.5 >= chart.mark else "part2"


def _labels(chart: BarChart, step: float) -> Iterator[Markup]:
    """Labels under the bars, as many as there is room for."""
    longest = max((len(bar.label) for bar in chart.bars), default=0)
    every = max(1, math.ceil((longest * _LETTER + 10) / step))
    if chart.ends:
        every = next((nice for nice in (1, 5, 10, 25) if nice >= every), 50)
    shift = 0.0 if chart.ends else 0.5
    for at, bar in enumerate(chart.bars):
        if at % every == 0:
            yield _text(_LEFT + (at + shift) * step, _HEIGHT - _FOOT + 16, bar.label, "tick middle")
    if chart.ends:
        yield _text(_LEFT + len(chart.bars) * step, _HEIGHT - _FOOT + 16, "1", "tick middle")


def _mark(chart: BarChart, x: float, width: int) -> list[Markup]:
    end = x > width / 2
    return [
        Markup('<line class="mark" x1="{0:.1f}" y1="{1}" x2="{0:.1f}" y2="{2}"/>').format(
            x, _TOP - 6, _HEIGHT - _FOOT
        ),
        _text(x + (-6 if end else 6), _TOP + 4, chart.mark_name, "marked end" if end else "marked"),
    ]


def heat(data: Heat, *, narrow: bool) -> Markup:
    """The matrix of sources: a row for where the removed stood, a column for what they repeat."""
    room = _HEAT_NARROW if narrow else _HEAT_WIDE
    letters = max(map(len, data.names))
    labels = min(letters + 4, 18 if narrow else 40) * _LETTER + 10
    cell = min(_CELL_MOST, max(_CELL_LEAST, (room - labels - 4) / len(data.names)))
    head = 22
    width, height = (
        math.ceil(labels + cell * len(data.names) + 4),
        math.ceil(head + cell * len(data.names) + 4),
    )
    most = max(map(max, data.matrix)) or 1
    body = [*_heat_names(data.names, labels, cell, head), *_heat_ground(len(data.names), labels, cell, head)]
    for at, row in enumerate(data.matrix):
        for to, value in enumerate(row):
            if value:
                where = (labels + to * cell, head + at * cell, cell)
                body += _heat_cell(
                    where, value, most, f"{data.names[at]} repeats {data.names[to]}: {value:,}"
                )
    return _svg(width, height, "Removed records by their source and the source that they repeat", body)


def _heat_names(names: Sequence[str], labels: float, cell: float, head: int) -> Iterator[Markup]:
    """Rows with number and name, columns with the number alone; numbers are thinned where they have no room."""
    every = max(1, math.ceil(len(str(len(names))) * (_LETTER + 2) / cell))
    tall = max(1, math.ceil(_CELL_LEAST / cell))
    for at, name in enumerate(names):
        if at % tall == 0:
            shown = shorten(visible(name), int((labels - 10) / _LETTER) - 4)
            label = f"{shown} {at + 1}"
            yield _text(labels - 6, head + (at + 0.5) * cell + 4, label, "tick end", name)
        if at % every == 0:
            yield _text(labels + (at + 0.5) * cell, head - 7, f"{at + 1}", "tick middle", name)


def _heat_ground(count: int, left: float, cell: float, top: float) -> Iterator[Markup]:
    """What the cells lie on: one empty field, parted by lines."""
    side = count * cell
    yield Markup('<rect class="empty" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        left, top, side - 1, side - 1
    )
    across = "".join(f"M{left:.1f} {top + at * cell - 0.5:.1f}h{side:.1f}" for at in range(1, count))
    down = "".join(f"M{left + at * cell - 0.5:.1f} {top:.1f}v{side:.1f}" for at in range(1, count))
    yield Markup('<path class="parting" d="{}{}"/>').format(across, down)


def _heat_cell(where: tuple[float, float, float], value: int, most: int, tip: str) -> Iterator[Markup]:
    x, y, cell = where
    share = math.sqrt(value / most)
    yield Markup(
        '<g class="cell"><title>{}</title><rect class="heat" fill-opacity="{:.2f}" x="{:.1f}" y="{:.1f}" '
        'width="{:.1f}" height="{:.1f}"/>'
    ).format(visible(tip), 0.15 + 0.85 * share, x, y, cell - 1, cell - 1)
    if len(f"{most:,}") * (_LETTER + 1) <= cell:
        strong = "strong" if share >= _STRONG else "faint"
        yield _text(x + cell / 2, y + cell / 2 + 4, f"{value:,}", f"{strong} middle")
    yield Markup("</g>")


def waterfall(steps: Sequence[Step]) -> list[Markup]:
    """A small drawing a step: where the sum stood before it, and where it stands after."""
    sums = [0.0]
    for step in steps:
        sums.append(sums[-1] + step.points)
    low, high = min(sums), max(sums)
    scale = (_STEPS_WIDTH - 4) / ((high - low) or 1.0)
    drawn = []
    for at, (before, after) in enumerate(pairwise(sums)):
        left, right = sorted((before, after))
        side = "for" if after > before else "against" if at else "base"
        body = [
            Markup('<line class="zero" x1="{0:.1f}" y1="0" x2="{0:.1f}" y2="{1}"/>').format(
                2 - low * scale, _STEP_HEIGHT
            ),
            Markup('<rect class="{}" x="{:.1f}" y="2" width="{:.1f}" height="{}"/>').format(
                side, 2 + (left - low) * scale, max(1.5, (right - left) * scale), _STEP_HEIGHT - 4
            ),
        ]
        drawn.append(_svg(_STEPS_WIDTH, _STEP_HEIGHT, f"from {before:+.2f} to {after:+.2f}", body))
    return drawn


def _text(x: float, y: float, text: str, kind: str, tip: str = "") -> Markup:
    told = Markup("<title>{}</title>").format(visible(tip)) if tip and tip not in text else ""
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}{}</text>').format(
        kind, x, y, told, visible(text)
    )


def _svg(width: int, height: int, name: str, body: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{}" width="{}" height="{}" viewBox="0 0 {} {}">{}</svg>'
    ).format(visible(name), width, height, width, height, Markup("").join(body))
