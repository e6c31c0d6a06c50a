"""`corpus-tool explain`: why two records are, or are not, duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from corpus_tool import sources
from corpus_tool.cli import lookup
from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.views.terminal import bar, shorten

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from corpus_tool.match import Step, Verdict

_BAR = 8
_WIDE = 60
"""Columns of a terminal that has room for bars."""

EXAMPLES = given.examples(
    "corpus-tool explain mon.txt:11 tue.txt:35",
    "corpus-tool explain 3f2a9c0d11e48b76 r17 papers.jsonl --json",
)


def command(
    ctx: typer.Context,
    left: Annotated[
        str, typer.Argument(metavar="A", help="A record: its id, or file:line, as digests/mon.txt:11.")
    ],
    right: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    inputs: given.Inputs = None,
    output: given.Output = None,
    match: given.Match = "auto",
    strictness: given.Strictness = None,
    mapping: given.Map = None,
    policy_file: given.PolicyFile = None,
    versions: given.Versions = "merge",
    fields: given.Fields = None,
    threshold: given.Threshold = 0.7,
    shingle: given.Shingle = 5,
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Show why two records are, or are not, duplicates."""
    from corpus_tool.match.choosing import choose

    notes = Notes(ctx)
    options = run_options(ctx)
    how = options.reading
    found = inputs_of(ctx, notes, inputs or lookup.files((left, right)), output)
    with Outputs() as outputs:
        writer = outputs.open(output)
        search = lookup.Lookup(left, right, found)
        search.through(sources.read(found, how, notes.problems(how, outputs, skippable=False)))
        one, other = search.pair(notes)
        policy, verdict = choose(options).explain(one, other)
        if idle := options.idle(policy.name):
            notes.say(f"{idle} does nothing here: it says how alike texts must be, and these two are papers")
        notes.say(f"matching {policy.name}" + (f": {verdict.texts[0][0]}" if policy.name == "text" else ""))
        if as_json:
            writer.write(orjson.dumps(_as_json(verdict, policy.name, search.places)) + b"\n")
        else:
            given.print_to(writer, lambda console: _render(verdict, search.places, console))


def _as_json(verdict: Verdict, policy: str, places: tuple[str, str]) -> dict[str, Any]:
    return {
        "a": places[0],
        "b": places[1],
        "match": policy,
        "duplicate": verdict.duplicate,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "verdict": verdict.sentence,
        "steps": [
            {"name": step.name, "value": step.value, "points": step.points, "meaning": step.meaning}
            for step in verdict.steps
        ],
        "flips": list(verdict.flips),
        "texts": {name: _compared(left, right) for name, left, right in verdict.texts},
    }


def _compared(left: str, right: str) -> dict[str, Any]:
    from corpus_tool.views import diff

    one, other, note = diff.excerpt(left, right)
    return diff.as_json(diff.spans(one, other)) | ({"excerpt": note} if note else {})


def _render(verdict: Verdict, places: tuple[str, str], console: Console) -> None:
    from rich.text import Text

    from corpus_tool.views import diff

    room = console.width // 2 - 2  # of a column, with its margins
    names = (shorten(places[0], room), shorten(places[1], room))
    for name, left, right in verdict.texts:
        console.print(Text(name, style="bold"))
        one, other, note = diff.excerpt(left, right)
        diff.render(one, other, console, names=names)
        if note:
            console.print(Text(note, style="dim"))
        console.print()
    if verdict.steps:
        console.print(_waterfall(verdict.steps, console.width))
        console.print()
    style = "bold green" if verdict.duplicate else "bold red"
    console.print(Text(verdict.sentence, style=style))
    console.print(Text(f"score {verdict.score:.4f}, threshold {verdict.threshold:g}"))
    for flip in verdict.flips:
        console.print(Text(flip, style="dim"))


def _waterfall(steps: tuple[Step, ...], width: int) -> Table:
    """From the base of a score to its total, a line a step; bars only where words have room beside them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("points", "sum", "value"):
        table.add_column(heading, justify="right")
    wide = width >= _WIDE
    if wide:
        table.add_column("", width=_BAR)
    table.add_column("because", overflow="fold")
    most = max((abs(step.points) for step in steps[1:]), default=0.0) or 1.0
    total = 0.0
    for place, step in enumerate(steps):
        total += step.points
        style = "dim" if not place else "green" if step.points > 0 else "red"
        drawn = Text(bar(abs(step.points) / most, _BAR) if place else "", style)
        points = Text(f"{step.points:+.2f}", style)
        cells = (points, f"{total:+.2f}", f"{step.value:.3g}", *((drawn,) if wide else ()))
        table.add_row(*cells, step.meaning)
    return table
