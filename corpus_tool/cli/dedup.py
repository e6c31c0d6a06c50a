"""`corpus-tool dedup`: any input to one record a cluster."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.command import typed
from corpus_tool.cli.console import Notes, reading
from corpus_tool.config import Options, Similarity, parse_size
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import expand

if TYPE_CHECKING:
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.recall_check import RecallCheck
    from corpus_tool.progress import Progress

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
    keep: given.Keep = "first",
    transitive: given.Transitive = False,
    unique_within: given.UniqueWithin = None,
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
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Keep one record of each set of near-duplicates, in input order, as it was read."""
    notes = Notes(ctx)
    options = Options(
        reading=reading(
            source_format=source_format,
            encoding=encoding,
            year=year,
            strict=strict,
            on_error=on_error,
            rejects=rejects,
        ),
        similarity=Similarity(shingle, permutations, threshold, recall, seed),
        papers=given.papers(strictness, mapping, policy, versions),
        match=match,
        typed=typed(ctx, *given.TEXT_ONLY),
        fields=given.names(fields),
        unique_within=unique_within,
        keep=keep,
        transitive=transitive,
        jobs=jobs,
        memory_limit=parse_size(memory_limit),
        tmp_dir=tmp_dir,
    )
    if tmp_dir is not None and not Path(tmp_dir).is_dir():
        raise UsageError(f"--tmp-dir {tmp_dir} is not a folder: create it first, or name another")
    if versions == "link" and (removed or annotate):
        raise UsageError(
            f"--versions link changes records, so --{'removed' if removed else 'annotate'} could not give the "
            "input back: take --versions keep, which keeps and removes the same ones"
        )
    found = expand(inputs or [])
    from corpus_tool import receipts
    from corpus_tool.engines import local

    with Outputs() as outputs, notes.progress() as progress:
        writer = outputs.open(output)
        receipt_writer = outputs.open(removed) if removed else None
        cluster_writer = outputs.open(clusters) if clusters else None
        problems = notes.problems(options.reading, outputs)
        run = local.deduplicate(found, options, problems, progress)
        with closing(run.store):
            options.refuse_idle(run.policy.name, run.why)
            progress.stage("write", len(run.store), "records")
            (receipts.write_annotated if annotate else receipts.write_kept)(run, writer)
            if receipt_writer:
                receipts.write_receipts(run, receipt_writer)
            if cluster_writer:
                receipts.write_clusters(run, cluster_writer)
            checked = _check(run, options, recall_check, progress) if recall_check else None
        progress.finish()
    numbers = _numbers(run, len(found), problems.bad_count, problems.unplaced_count)
    if checked:
        numbers["recall_check"] = checked.as_json()
        for line in checked.lines():
            notes.say(line)
    numbers["stages"] = {
        stage: {"seconds": round(seconds, 4), "units": progress.counts[stage]}
        for stage, seconds in progress.seconds.items()
    }
    notes.summary(_sentence(numbers, annotate), numbers, as_json=as_json, outputs=outputs)


def _check(run: Run, options: Options, sample: int, progress: Progress) -> RecallCheck:
    from corpus_tool.evaluation.recall_check import check

    progress.stage("check", len(run.store), "records")
    return check(run, options, sample, progress)


def _numbers(run: Run, inputs: int, bad: int, unplaced: int) -> dict[str, Any]:
    return {
        "sources": inputs,
        "records": len(run.store),
        "kept": len(run.kept),
        "removed": len(run.removed),
        "exact_copies": int((run.score[run.removed] == 1).sum()),
        "pairs_decided": run.proposed,
        "crowded": run.crowded,
        "match": run.policy.name,
        "why": run.why,
        "bytes": run.store.bytes_read,
        "bad": bad,
        "unplaced": unplaced,
    }


def _sentence(numbers: dict[str, Any], annotated: bool = False) -> str:
    text: str = "read {records:,} records from {sources:,} source" + "s" * (numbers["sources"] != 1)
    text += (
        ", kept all, marked {removed:,} as repeats" if annotated else ", kept {kept:,}, removed {removed:,}"
    )
    text += _copies(numbers["removed"], numbers["exact_copies"])
    text += ", skipped {bad:,}" if numbers["bad"] else ""
    text += (
        ", {crowded:,} of them in groups of look-alikes too large to compare all pairs"
        if numbers["crowded"]
        else ""
    )
    return (text + " ({why})").format(**numbers)


def _copies(removed: int, exact: int) -> str:
    """How many of the removed records `stats` counts as well: those that score 1."""
    if not removed:
        return ""
    if exact == removed:
        return ", an exact copy" if removed == 1 else ", all exact copies"
    if not exact:
        return ", no exact copy" if removed == 1 else ", none of them exact copies"
    return f", {exact:,} of them {'an exact copy' if exact == 1 else 'exact copies'}"
