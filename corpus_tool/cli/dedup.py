"""`corpus-tool dedup`: any input to one record a cluster."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from corpus_tool.cli import engines, pages, writing
from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes, refuse_loss
from corpus_tool.cli.index_past import NothingNew, chosen_of, nothing_new, own_files, past_of
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.errors import LimitBroken, UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import look_again
from corpus_tool.views import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.cli.index_past import NoPast
    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.recall_check import RecallCheck
    from corpus_tool.evaluation.valve import Valve
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

EXAMPLES = given.examples(
    "corpus-tool dedup digests/ -o clean.jsonl --removed removed.jsonl",
    "corpus-tool dedup crawl.jsonl.zst --fields title,body > clean.jsonl",
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
            help="For every removed record, what it repeats.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option(
            "--clusters",
            metavar="FILE",
            help="For every record, which it is grouped with.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    annotate: Annotated[
        bool,
        typer.Option(
            "--annotate",
            help="Remove nothing: add to each record its group.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = False,
    annotate_as: Annotated[
        str | None,
        typer.Option(
            "--annotate-as",
            metavar="NAME",
            help="The same, in keys NAME and NAME_kept.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    max_cluster: Annotated[
        int | None,
        typer.Option(
            "--max-cluster",
            metavar="N",
            min=1,
            help="Write nothing if a group has more records.",
            rich_help_panel=pages.KEEPING,
        ),
    ] = None,
    max_removed: Annotated[
        str | None,
        typer.Option(
            "--max-removed",
            metavar="P%",
            help="Write nothing if more would be removed.",
            rich_help_panel=pages.KEEPING,
        ),
    ] = None,
    keep: given.Keep = "first",
    transitive: given.Transitive = False,
    unique_within: given.UniqueWithin = None,
    index: given.Index = None,
    against: given.Against = None,
    read_only: given.ReadOnly = False,
    wait: given.Wait = 600.0,
    newer_than: given.NewerThan = None,
    recall_check: Annotated[
        int | None,
        typer.Option(
            "--recall-check",
            metavar="N",
            min=1,
            help="Compare N records with all: what was missed?",
            rich_help_panel=pages.TUNING,
        ),
    ] = None,
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
    strict: given.Strict = False,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    jobs: given.Jobs = 0,
    memory_limit: Annotated[
        str,
        typer.Option(
            "--memory-limit",
            metavar="SIZE",
            help="Such as 512M.",
            show_default="none",
            rich_help_panel=pages.RESOURCES,
        ),
    ] = "0",
    tmp_dir: given.TmpDir = None,
    engine: engines.Engine = "local",
    master: engines.Master = None,
    partitions: engines.Partitions = 0,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Keep one record of each set of near-duplicates, in input order, as it was read."""
    notes = Notes(ctx)
    options = run_options(ctx)
    if tmp_dir is not None and not Path(tmp_dir).is_dir():
        raise UsageError(f"--tmp-dir {tmp_dir} is not a folder: create it first, or name another")
    annotate = annotate or annotate_as is not None
    if versions == "link" and (removed or annotate):
        raise UsageError(
            f"--versions link changes records, so --{'removed' if removed else 'annotate'} could not give the "
            "input back: take --versions keep, which keeps and removes the same ones"
        )
    if annotate and removed:
        raise UsageError(
            "--annotate removes nothing, so there is nothing to restore from --removed: --clusters writes which record "
            "is grouped with which"
        )
    if annotate_as == "":
        raise UsageError("--annotate-as needs the name of a key, such as group")
    if max_removed is not None:
        _valve(max_cluster, max_removed)
    found = inputs_of(ctx, notes, inputs, output, removed, clusters, rejects, *own_files(ctx))
    if engines.is_many(ctx, engine):
        from corpus_tool.cli import on_cluster

        on_cluster.deduplicate(ctx, notes, options, found)
        return
    checked = None
    try:
        with past_of(ctx, notes, options) as past:
            found = past.fresh(chosen_of(ctx, found))
            _say_of_memory(notes, found, options)
            with Outputs(partial(look_again, found, allow_empty)) as outputs, notes.progress() as progress:
                kept = writing.KeptOutput(outputs, output, notes.say, receipts=bool(removed))
                beside = [outputs.open(name) if name else None for name in (removed, clusters)]
                problems = notes.problems(options.reading, outputs)
                with closing(_found(found, options, problems, progress, past)) as run:
                    refuse_loss(len(run.store), problems, outputs, rejects, allow_empty=allow_empty)
                    _hold(run, max_cluster, max_removed, notes)
                    _write(run, annotate, annotate_as, kept, *beside)
                    past.take(run)
                    if recall_check:
                        checked = _check(run, options, recall_check, progress)
                progress.finish()
            past.commit(outputs, output, removed, clusters)
    except NothingNew as finding:
        nothing_new(ctx, notes, len(found), str(finding))
        return
    told = summary.numbers(run, len(found) - problems.left_out_count, problems, progress)
    notes.say_of_year(ctx, found)
    for line in (*summary.remarks(told), *(checked.lines() if checked else ())):
        notes.say(line)
    if checked:
        told["recall_check"] = checked.as_json()
    notes.summary(summary.sentence(told, annotate), told, as_json=as_json, outputs=outputs)


def _found(
    inputs: Sequence[Input], options: Options, problems: Problems, progress: Progress, past: NoPast
) -> Run:
    from corpus_tool.engines import local

    run = local.deduplicate(inputs, options, problems, progress, past=past.past(problems))
    try:
        options.refuse_idle(run.only, run.why)
    except BaseException:
        run.close()
        raise
    progress.stage("write", len(run.store), "records")
    return run


def _write(
    run: Run,
    annotate: bool,
    annotate_as: str | None,
    records: writing.KeptOutput,
    removed: BinaryIO | None,
    clusters: BinaryIO | None,
) -> None:
    from corpus_tool import receipts

    if annotate:
        records.write(lambda writer: receipts.write_annotated(run, writer, annotate_as))
    else:
        records.write(partial(receipts.write_kept, run))
    if removed:
        receipts.write_receipts(run, removed)
    if clusters:
        receipts.write_clusters(run, clusters)


def _valve(max_cluster: int | None, max_removed: str | None) -> Valve:
    """The limits of the run, checked before any work."""
    from corpus_tool.evaluation.valve import Valve

    return Valve.of(max_cluster, max_removed)


def _hold(run: Run, max_cluster: int | None, max_removed: str | None, notes: Notes) -> None:
    """Stop before anything is written where the run goes beyond its limits.

    Raises:
        LimitBroken: It does.
    """
    if max_cluster is None and max_removed is None:
        return
    if broken := _valve(max_cluster, max_removed).broken(run):
        for sentence in broken.clusters:
            notes.warn(sentence)
        raise LimitBroken(f"nothing was written, as the run goes beyond {' and '.join(broken.limits)}")


def _say_of_memory(notes: Notes, found: Sequence[Input], options: Options) -> None:
    """That a limit cannot be held, before the run takes what it needs."""
    from corpus_tool.engines.needs import least_memory

    least = least_memory(found, options) if options.memory_limit else 0
    if least > options.memory_limit:
        notes.say(
            f"--memory-limit of {options.memory_limit / 2**20:,.0f} MiB: this run takes some {least / 2**20:,.0f} MiB "
            "at least; the limit holds for what is beyond that"
        )


def _check(run: Run, options: Options, sample: int, progress: Progress) -> RecallCheck:
    from corpus_tool.evaluation.recall_check import check

    progress.stage("check", len(run.store), "records")
    return check(run, options, sample, progress)
