"""`corpus-tool stats`: what is in a collection."""

from __future__ import annotations

from functools import partial

import orjson
import typer  # noqa: TC002 - typer reads the annotation

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import reading
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import look_again

EXAMPLES = given.examples("corpus-tool stats digests/", "corpus-tool stats clean.jsonl --json | jq .records")


def command(
    ctx: typer.Context,
    inputs: given.Inputs = None,
    output: given.Output = None,
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Count records, exact copies, lengths and missing fields."""
    from corpus_tool import stats
    from corpus_tool.views import stats as stats_view

    notes = Notes(ctx)
    how = reading(ctx)
    found = inputs_of(ctx, notes, inputs, output, rejects)
    with Outputs(partial(look_again, found, True)) as outputs:
        writer = outputs.open(output)
        problems = notes.problems(how, outputs)
        counted = stats.Stats()
        for batch in sources.read(found, how, problems):
            for raw, record in zip(batch.raws, batch.records, strict=True):
                counted.add(batch.source, record, len(raw))
        if as_json:
            writer.write(orjson.dumps(counted.result().as_json()) + b"\n")
        else:
            given.print_to(writer, lambda console: stats_view.render(counted.result(), console))
