"""`corpus-tool parse`: raw digests to JSONL records."""

from __future__ import annotations

from functools import partial

import typer  # noqa: TC002 - typer reads the annotation

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes, refuse_loss
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import reading
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import look_again

EXAMPLES = given.examples(
    "corpus-tool parse digests/ --year 2026 -o papers.jsonl",
    "cat monday.txt tuesday.txt | corpus-tool parse - | corpus-tool stats -",
)


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
    strict: given.Strict = False,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Turn raw digests into JSONL records. Reads Hugging Face Papers pages, arXiv mail, RSS and Atom feeds."""
    notes = Notes(ctx)
    how = reading(ctx)
    found = inputs_of(ctx, notes, inputs, output, rejects)
    papers = 0
    with Outputs(partial(look_again, found, allow_empty)) as outputs:
        problems = notes.problems(how, outputs)
        writer = outputs.open(output)
        for batch in sources.read(found, how, problems, only_digests=True):
            papers += len(batch.raws)
            writer.writelines(raw + b"\n" for raw in batch.raws)
        refuse_loss(papers, problems, outputs, rejects, allow_empty=allow_empty)
    used = len(found) - problems.left_out_count
    numbers = {
        "sources": used,
        "papers": papers,
        "unplaced": problems.unplaced_count,
        "bad": problems.bad_count,
    }
    text = f"parsed {papers:,} papers from {used} source{'s' * (used != 1)}"
    text += f", skipped {problems.bad_count}" if problems.bad_count else ""
    text += f", could not place {problems.unplaced_count} lines" if problems.unplaced_count else ""
    notes.summary(text, numbers, as_json=as_json, outputs=outputs)
