"""The benchmark's chart as SVG text: time and peak memory over the number of records, both axes logarithmic.

Colours follow the reader's light or dark scheme; the background is the chart's own, so that it is readable anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

SERIES = {
    "floor": ("#6e7781", "#8b949e"),
    "corpus-tool": ("#0969da", "#58a6ff"),
    "rensa pipeline": ("#bc4c00", "#f0883e"),
    "text-dedup": ("#8250df", "#bc8cff"),
    "datasketch pipeline": ("#1a7f37", "#3fb950"),
}
"""What is drawn, each in its colour on light and on dark."""

WIDTH, HEIGHT = 920, 380
TOP, PLOT_WIDTH, PLOT_HEIGHT = 56, 270, 264
LEFTS = (64, 524)
LABEL_HEIGHT = 16
SIZES = {
    1_000: "1,000",
    10_000: "10,000",
    100_000: "100,000",
    1_000_000: "1 million",
    10_000_000: "10 million",
}

Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis over whole powers of ten, from a value to pixels."""

    low: int
    high: int
    start: float
    end: float

    @classmethod
    def over(cls, values: list[float], start: float, end: float) -> Axis:
        low = math.floor(math.log10(min(values)) + 1e-9)
        return cls(low, max(low + 1, math.ceil(math.log10(max(values)) - 1e-9)), start, end)

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def draw(results: dict[str, Any]) -> str:
    """The whole chart; two panels side by side."""
    parts = [_opening(results)]
    panels = (("Seconds, start to end", "seconds"), ("Peak memory, MiB", "peak_mib"))
    for left, (title, figure) in zip(LEFTS, panels, strict=True):
        parts += _panel(left, title, _lines(results, figure))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _opening(results: dict[str, Any]) -> str:
    light, dark = (
        "".join(
            f".s{at}{{fill:{pair[scheme]};stroke:{pair[scheme]}}}" for at, pair in enumerate(SERIES.values())
        )
        for scheme in (0, 1)
    )
    cores = results["machine"]["cores"]
    what = f"Deduplication on {cores} cores: time and peak memory over the number of records"
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>{what}</title>
<style>
text{{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328}}
.back{{fill:#ffffff}}.grid{{stroke:#d1d9e0}}.soft{{fill:#59636e}}
{light}
@media (prefers-color-scheme:dark){{
text{{fill:#f0f6fc}}.back{{fill:#0d1117}}.grid{{stroke:#3d444d}}.soft{{fill:#9198a1}}
{dark}
}}
.line{{fill:none;stroke-width:2.5}}.name{{stroke:none;font-weight:600}}.title{{font-size:14px;font-weight:600}}
</style>
<rect class="back" {size} rx="6"/>"""


def _lines(results: dict[str, Any], figure: str) -> dict[str, list[Point]]:
    """For each tool, its figure at each size at which it has one."""
    lines = {}
    for name in SERIES:
        points = [
            (float(each["records"]), float(each["tools"][name][figure]))
            for each in results["sizes"]
            if figure in each["tools"].get(name, {})
        ]
        if points:
            lines[name] = points
    return lines


def _panel(left: int, title: str, lines: dict[str, list[Point]]) -> list[str]:
    points = [point for line in lines.values() for point in line]
    bottom = TOP + PLOT_HEIGHT
    across = Axis.over([x for x, _ in points], left, left + PLOT_WIDTH)
    up = Axis.over([y for _, y in points], bottom, TOP)
    parts = [f'<text class="title" x="{left}" y="28">{title}</text>']
    for value in up.ticks():
        y = up.at(value)
        parts.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{left + PLOT_WIDTH}" y2="{y:.1f}"/>')
        parts.append(f'<text class="soft" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
    for value in across.ticks():
        x, label = across.at(value), SIZES.get(round(value), f"{value:,g}")
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="soft" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>')
    middle = left + PLOT_WIDTH / 2
    parts.append(f'<text class="soft" x="{middle:.1f}" y="{bottom + 40}" text-anchor="middle">records</text>')
    placed = {name: [(across.at(x), up.at(y)) for x, y in line] for name, line in lines.items()}
    return [*parts, *_curves(placed), *_names(placed, max(x for line in placed.values() for x, _ in line))]


def _curves(placed: dict[str, list[Point]]) -> list[str]:
    parts = []
    for at, name in enumerate(SERIES):
        line = placed.get(name, [])
        if len(line) > 1:
            corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
            parts.append(f'<polyline class="line s{at}" points="{corners}"/>')
        parts += [f'<circle class="s{at}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in line]
    return parts


def _names(placed: dict[str, list[Point]], right: float) -> list[str]:
    """Each tool's name in its colour where its line ends; at the right edge, none over another."""
    ends = {name: line[-1] for name, line in placed.items()}
    order = sorted((name for name in ends if ends[name][0] >= right), key=lambda name: ends[name][1])
    heights = [ends[name][1] for name in order]
    for at in range(1, len(heights)):
        heights[at] = max(heights[at], heights[at - 1] + LABEL_HEIGHT)
    lowest: float = TOP + PLOT_HEIGHT
    for at in reversed(range(len(heights))):
        heights[at] = min(heights[at], lowest)
        lowest = heights[at] - LABEL_HEIGHT
    ends |= {name: (right, y) for name, y in zip(order, heights, strict=True)}
    return [
        f'<text class="name s{at}" x="{ends[name][0] + 12:.1f}" y="{ends[name][1] + 4:.1f}">{name.split()[0]}</text>'
        for at, name in enumerate(SERIES)
        if name in ends
    ]
