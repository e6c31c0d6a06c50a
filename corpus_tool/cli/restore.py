"""`corpus-tool restore`: kept and receipts back to the input."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.console import Notes
from corpus_tool.cli.ready import reading
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import expand, look_again
from corpus_tool.sources.problems import Problems

EXAMPLES = given.examples(
    "corpus-tool restore clean.jsonl removed.jsonl -o all.jsonl",
    "zcat clean.jsonl.gz | corpus-tool restore - removed.jsonl > all.jsonl",
)


def command(
    ctx: typer.Context,
    kept: Annotated[str, typer.Argument(metavar="KEPT", help="What dedup wrote, or - for stdin.")],
    receipts: Annotated[
        str | None,
        typer.Argument(metavar="[RECEIPTS]", help="What dedup --removed wrote.", show_default=False),
    ] = None,
    removed: Annotated[
        str | None,
        typer.Option(
            "--removed",
            metavar="FILE",
            help="The receipts, as an option.",
            rich_help_panel=pages.INPUT,
        ),
    ] = None,
    output: given.Output = None,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Put removed records back among the kept ones. Gives the input of a dedup run, line for line."""
    from corpus_tool.restore import Receipts

    if (receipts is None) == (removed is None):
        raise UsageError("name the receipts once: restore KEPT RECEIPTS")
    notes = Notes(ctx)
    name = receipts or removed or ""
    if name == kept == "-":
        raise UsageError("standard input can be the kept records or the receipts, not both")
    how = reading(ctx, "jsonl")
    problems = Problems()
    removed_ones, kept_ones = expand([name], output), expand([kept], output)
    with Outputs(partial(look_again, [*removed_ones, *kept_ones], True)) as outputs:
        writer = outputs.open(output)
        with Receipts(sources.read(removed_ones, how, problems)) as gone:
            lines = (raw for batch in sources.read(kept_ones, how, problems) for raw in batch.raws)
            total = gone.merge(lines, writer)
            numbers = {"records": total, "kept": total - len(gone), "removed": len(gone)}
    text = "restored {records:,} records: {kept:,} kept, {removed:,} from receipts".format(**numbers)
    notes.summary(text, numbers, as_json=as_json, outputs=outputs)
