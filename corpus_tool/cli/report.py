"""`corpus-tool report`: what a run did, as one HTML page."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.command import typed
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.config import Reading
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import STDIN, Input, look_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.borderline import Borderline
    from corpus_tool.progress import Progress
    from corpus_tool.records import Batch
    from corpus_tool.sources.problems import Problems

_OF_A_RUN = ("transitive", "unique_within", "permutations", "recall", "seed", "jobs")
"""Parameters that say how a run goes, and nothing of what it found."""

EXAMPLES = given.examples(
    "corpus-tool report digests/ -o report.html",
    "corpus-tool report clean.jsonl --removed removed.jsonl -o report.html",
)


def command(
    ctx: typer.Context,
    inputs: given.Inputs = None,
    output: given.Output = None,
    removed: Annotated[
        str | None,
        typer.Option(
            "--removed",
            metavar="FILE",
            help="Receipts of a run: INPUT is what it kept.",
            rich_help_panel=pages.INPUT,
        ),
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option(
            "--clusters",
            metavar="FILE",
            help="Clusters of a run: INPUT is what it read.",
            rich_help_panel=pages.INPUT,
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", help="Heading of the page.", rich_help_panel=pages.OUTPUT),
    ] = None,
    pairs: Annotated[
        int,
        typer.Option(
            "--pairs",
            metavar="N",
            min=1,
            help="Pairs on either side of the threshold.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = 12,
    keep: given.Keep = "first",
    transitive: given.Transitive = False,
    unique_within: given.UniqueWithin = None,
    match: given.Match = "auto",
    strictness: given.Strictness = None,
    mapping: given.Map = None,
    policy: given.PolicyFile = None,
    versions: given.Versions = "merge",
    threshold: given.Threshold = 0.7,
    fields: given.Fields = None,
    shingle: given.Shingle = 5,
    permutations: given.Permutations = 128,
    recall: given.Recall = 0.99,
    seed: given.Seed = 1,
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    on_error: given.OnError = "fail",
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Show what dedup does to the input, or did, as one HTML page that works offline."""
    from corpus_tool.views import summary
    from corpus_tool.views.report import page
    from corpus_tool.views.report.gathering import Told, gather

    notes, options, told = Notes(ctx), run_options(ctx), Told()
    _refuse_idle(ctx, removed, clusters)
    found = inputs_of(ctx, notes, inputs, output)
    with Outputs(partial(look_again, found, True)) as outputs, notes.progress() as progress:
        writer = outputs.open(output)
        problems = notes.problems(options.reading, outputs)
        problems.say = _both(problems.say, told.add)
        observed: Borderline | None = None
        if removed or clusters:
            run = _saved(found, options, problems, progress, removed, clusters)
        else:
            run, observed = _run(found, options, problems, progress, pairs)
        with closing(run):
            progress.stage("report", len(run.store), "records")
            read = (
                len(found) - problems.left_out_count
                if observed
                else len({name for name, *_ in run.store.sources()})
            )
            numbers = summary.numbers(run, read, problems, progress)
            contents = gather(
                run,
                observed,
                numbers,
                told,
                title=_title(found) if title is None else title,
                keep=options.keep,
                most_pairs=pairs,
            )
            page.write(contents, writer)
        progress.finish()
    for line in summary.remarks(numbers):
        notes.say(line)
    notes.summary(f"reported on {_sentence(numbers)}", numbers, as_json=as_json, outputs=outputs)


def _run(
    found: Sequence[Input], options: Options, problems: Problems, progress: Progress, pairs: int
) -> tuple[Run, Borderline]:
    """The run of the inputs, and what observed it."""
    from corpus_tool.engines import local
    from corpus_tool.evaluation.borderline import Borderline

    observed = Borderline(pairs)
    run = local.deduplicate(found, options, problems, progress, observed)
    try:
        options.refuse_idle(run.only, run.why)
    except BaseException:
        run.close()
        raise
    return run, observed


def _saved(
    found: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    removed: str | None,
    clusters: str | None,
) -> Run:
    """The run that left its outputs."""
    from corpus_tool.evaluation import saved
    from corpus_tool.match.choosing import choose

    def of(path: str) -> Iterator[Batch]:
        return sources.read([Input(path, path)], Reading("jsonl"), problems)

    progress.stage("read", None, "records")
    rules, records = choose(options), sources.read(found, options.reading, problems)
    rows = saved.read_clusters(of(clusters)) if clusters else None
    if not removed:
        return saved.of_clusters(records, rows or [], str(clusters), rules, options.tmp_dir)
    with saved.Witnessed(of(removed)) as receipts:
        return saved.of_receipts(records, receipts, rules, rows, options.tmp_dir)


def _refuse_idle(ctx: typer.Context, removed: str | None, clusters: str | None) -> None:
    """Refuse what chooses how a run goes where its outcome is read."""
    saved = "--removed" if removed else "--clusters" if clusters else ""
    if saved and (idle := typed(ctx, *_OF_A_RUN)):
        raise UsageError(f"{idle[0]} does nothing here: with {saved} nothing is deduplicated")
    if [*(ctx.params["inputs"] or [STDIN]), removed, clusters].count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once: name files for the others")


def _both(first: Any, second: Any) -> Any:
    def say(text: str) -> None:
        first(text)
        second(text)

    return say


def _title(found: Sequence[Input]) -> str:
    names = [each.name for each in found]
    return f"Duplicates in {names[0]}" if len(names) == 1 else f"Duplicates in {len(names):,} sources"


def _sentence(numbers: dict[str, Any]) -> str:
    text: str = "{records:,} records from {sources:,} source" + "s" * (numbers["sources"] != 1)
    text += ": {kept:,} kept, {removed:,} removed ({why})"
    return text.format(**numbers)
