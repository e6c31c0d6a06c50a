"""`corpus-tool export`: records to a clean collection."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from corpus_tool import sinks, sources
from corpus_tool.cli import options as given
from corpus_tool.cli import pages, writing
from corpus_tool.cli.command import typed
from corpus_tool.cli.console import Notes, refuse_loss
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import reading
from corpus_tool.errors import UsageError
from corpus_tool.sinks import selection
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import look_again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Batch, Record

_HEADED = ("markdown", "html", "datasets")
"""Formats that --title gives a heading."""

EXAMPLES = given.examples(
    "corpus-tool export clean.jsonl -o papers.md --title 'Papers of March'",
    "corpus-tool dedup digests/ | corpus-tool export --format csv > papers.csv",
)


def command(
    ctx: typer.Context,
    inputs: given.Inputs = None,
    output: given.Output = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=", ".join(each.name for each in sinks.FORMATS) + ".",
            show_default="by FILE's ending",
            rich_help_panel=pages.OUTPUT,
            autocompletion=given.one_of(each.name for each in sinks.FORMATS),
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            metavar="A,B",
            help="Columns of a table, in this order.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="Only records from this day on.", rich_help_panel=pages.OUTPUT
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DATE", help="Only records up to this day.", rich_help_panel=pages.OUTPUT
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort", metavar="FIELD", help="By a field; =-FIELD is backwards.", rich_help_panel=pages.OUTPUT
        ),
    ] = None,
    spreadsheet: Annotated[
        bool,
        typer.Option(
            "--spreadsheet", help="CSV: escape cells that would be run.", rich_help_panel=pages.OUTPUT
        ),
    ] = False,
    title: Annotated[
        str,
        typer.Option("--title", metavar="TEXT", help="Heading of a document.", rich_help_panel=pages.OUTPUT),
    ] = "Papers",
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Write records as lines, tables, bibliographies or pages; with -o 'out/{source}.csv', a file for each value."""
    notes = Notes(ctx)
    how = reading(ctx)
    chosen = sinks.format_for(output, to)
    names = given.names(columns) or None
    if typed(ctx, "title") and chosen.name not in _HEADED:
        raise UsageError(f"--title does nothing here: {chosen.name} has no heading, {_HEADED[0]} has")
    if spreadsheet and chosen.name not in {"csv", "tsv"}:
        raise UsageError(f"--spreadsheet does nothing here: {chosen.name} has no cells to escape, csv has")
    first, last = selection.day(since, "--since"), selection.day(until, "--until")
    found = inputs_of(ctx, notes, inputs, output, rejects)
    with Outputs(partial(look_again, found, allow_empty)) as outputs:
        problems = notes.problems(how, outputs)
        rows = _rows(sources.read(found, how, problems))
        if first or last:
            rows = selection.between(rows, first, last, notes.say)
        options = sinks.ExportOptions(names, title, spreadsheet, notes.say)
        count = writing.write(rows, outputs, output, chosen, options, sort)
        refuse_loss(count, problems, outputs, rejects, allow_empty=allow_empty)
    notes.say_of_year(ctx, found)
    numbers = {"records": count, "format": chosen.name, "bad": problems.bad_count}
    notes.summary(f"exported {count:,} records as {chosen.name}", numbers, as_json=as_json, outputs=outputs)


def _rows(batches: Iterable[Batch]) -> Iterator[tuple[bytes, Record]]:
    for batch in batches:
        yield from zip(batch.raws, batch.records, strict=True)
