"""One pair of records on one screen: what differs, what the run made of it, and which keys there are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tool.views import diff
from corpus_tool.views.terminal import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from corpus_tool.match import Verdict

KEYS = (
    ("s", "same"),
    ("d", "different"),
    ("u", "unsure"),
    ("z", "undo"),
    ("space", "more"),
    ("q", "quit"),
)
_AROUND = 4
"""Lines of a screen that are not the texts: the head, the foot and what parts them from the texts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair to be judged.

    Attributes:
        places: Of the two records.
        verdict: What the run made of them, and why.
        progress: Where in the walk this is, as a text.
    """

    places: tuple[str, str]
    verdict: Verdict
    progress: str


def lines(pair: Shown, console: Console) -> list[str]:
    """The texts side by side, with differing words marked, as lines of a terminal."""
    from rich.console import Console as Drawn
    from rich.text import Text

    file = io.StringIO()
    drawn = Drawn(
        file=file,
        width=console.width,
        force_terminal=console.is_terminal,
        no_color=console.no_color,
        color_system=None if console.color_system is None else "standard",
    )
    room = console.width // 2 - 2
    names = (shorten(pair.places[0], room), shorten(pair.places[1], room))
    for name, left, right in pair.verdict.texts:
        drawn.print(Text(name, style="bold"))
        one, other, note = diff.excerpt(left, right)
        diff.render(one, other, drawn, names=names)
        if note:
            drawn.print(Text(note, style="dim"))
        drawn.print()
    for step in pair.verdict.steps[1:]:
        drawn.print(Text(f"{step.points:+6.2f}  {step.meaning}", style="dim"))
    return file.getvalue().rstrip("\n").split("\n")


def draw(pair: Shown, body: Sequence[str], first: int, told: str, console: Console) -> int:
    """Draw a screen, its texts from a line on; the line from which the next screen goes on, 0 for the beginning.

    Args:
        pair: What is judged.
        body: Its lines.
        first: The first that is shown.
        told: What is said of the last key; empty for nothing.
        console: The terminal.
    """
    from rich.rule import Rule
    from rich.text import Text

    room = max(3, console.height - _AROUND)
    last = min(len(body), first + room)
    verdict = pair.verdict
    head = f"{pair.progress}   score {verdict.score:.4f}, threshold {verdict.threshold:g}: "
    console.clear()
    console.print(
        Text.assemble(head, ("same" if verdict.duplicate else "different", "bold")),
        no_wrap=True,
        overflow="ellipsis",
    )
    console.print(Rule(style="dim"))
    console.out("\n".join(body[first:last]) + "\n" * (room - (last - first)), highlight=False)
    hidden = f"{len(body) - last:,} more lines" if last < len(body) else ""
    console.print(Rule(Text(" · ".join(filter(None, (visible(told), hidden))), style="dim"), style="dim"))
    console.print(_keys(), no_wrap=True, overflow="ellipsis", end="")
    return 0 if last == len(body) else last - 1


def _keys() -> object:
    from rich.text import Text

    parts = [(part, style) for key, does in KEYS for part, style in ((key, "bold"), (f" {does}   ", "dim"))]
    return Text.assemble(*parts)
