"""`corpus-tool dedup`: any input to one record a cluster."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes, reading
from corpus_tool.config import Options, Similarity, parse_size
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import expand, look_again

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.recall_check import RecallCheck
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input

EXAMPLES = given.examples(
    "corpus-tool dedup digests/ -o clean.jsonl --removed removed.jsonl",
    "corpus-tool dedup crawl.jsonl.zst --fields title,body > clean.jsonl",
)


def command(
    inputs: given.Inputs = None,
    output: given.Output = None,
    removed: Annotated[
        str | None, typer.Option("--removed", metavar="FILE", help="A receipt for every removed record.")
    ] = None,
    clusters: Annotated[
        str | None,
        typer.Option("--clusters", metavar="FILE", help="id, source, line, cluster, score of all."),
    ] = None,
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Keep every record, add its cluster.", show_default=False)
    ] = False,
    keep: Annotated[
        str,
        typer.Option(
            "--keep",
            metavar="POLICY",
            help="first, last, longest, newest or most-complete.",
            show_default=False,
        ),
    ] = "first",
    transitive: Annotated[
        bool, typer.Option("--transitive", help="Clusters are connected components.", show_default=False)
    ] = False,
    unique_within: given.UniqueWithin = None,
    recall_check: Annotated[
        int | None,
        typer.Option(
            "--recall-check",
            metavar="N",
            min=1,
            help="Brute-force N records: what was missed?",
            show_default=False,
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
            "--memory-limit", metavar="SIZE", help="Such as 512M; default none.", show_default=False
        ),
    ] = "0",
    tmp_dir: given.TmpDir = None,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Keep one record of each set of near-duplicates. They leave in input order, byte for byte as read."""
    notes = Notes(quiet)
    options = Options(
        reading=reading(
            source_format=source_format,
            encoding=encoding,
            year=year,
            strict=strict,
            on_error=on_error,
            rejects=rejects,
            max_line=max_line,
            max_expansion=max_expansion,
        ),
        similarity=Similarity(shingle, permutations, threshold, recall, seed),
        papers=given.papers(strictness, mapping, policy, versions),
        match=match,
        fields=tuple(part for part in (fields or "").split(",") if part),
        unique_within=unique_within,
        keep=keep,
        transitive=transitive,
        jobs=jobs,
        memory_limit=parse_size(memory_limit),
        tmp_dir=tmp_dir,
    )
    _check_outputs(options, removed, annotate)
    found = expand(inputs or [], output, removed, clusters, rejects)
    from corpus_tool import receipts
    from corpus_tool.engines import local

    _say_of_memory(notes, found, options)
    with Outputs(partial(look_again, found, allow_empty)) as outputs, notes.progress() as progress:
        writer = outputs.open(output)
        receipt_writer = outputs.open(removed) if removed else None
        cluster_writer = outputs.open(clusters) if clusters else None
        problems = notes.problems(options.reading, outputs)
        run = local.deduplicate(found, options, problems, progress)
        progress.stage("write", len(run.store), "records")
        (receipts.write_annotated if annotate else receipts.write_kept)(run, writer)
        if receipt_writer:
            receipts.write_receipts(run, receipt_writer)
        if cluster_writer:
            receipts.write_clusters(run, cluster_writer)
        checked = _check(run, options, recall_check, progress) if recall_check else None
        run.store.close()
        progress.finish()
    numbers = _numbers(run, len(found) - problems.left_out_count, problems.bad_count, problems.unplaced_count)
    for remark in _remarks(numbers):
        notes.say(remark)
    if checked:
        numbers["recall_check"] = checked.as_json()
        for line in checked.lines():
            notes.say(line)
    numbers["stages"] = {
        stage: {"seconds": round(seconds, 4), "units": progress.counts[stage]}
        for stage, seconds in progress.seconds.items()
    }
    notes.summary(_sentence(numbers), numbers, as_json=as_json, outputs=outputs)


def _check_outputs(options: Options, removed: str | None, annotate: bool) -> None:
    """That what is asked for can be written.

    Raises:
        UsageError: It cannot.
    """
    if options.tmp_dir is not None and not Path(options.tmp_dir).is_dir():
        raise UsageError(f"--tmp-dir {options.tmp_dir} is not a folder: create it first, or name another")
    if options.papers.versions == "link" and (removed or annotate):
        raise UsageError(
            f"--versions link changes records, so --{'removed' if removed else 'annotate'} could not give the "
            "input back: take --versions keep, which keeps and removes the same ones"
        )


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


def _numbers(run: Run, inputs: int, bad: int, unplaced: int) -> dict[str, Any]:
    return {
        "sources": inputs,
        "records": len(run.store),
        "kept": len(run.kept),
        "removed": len(run.removed),
        "pairs_decided": run.proposed,
        "crowded": run.crowded,
        "match": run.policy.name,
        "compared_as": run.counts(),
        "not_compared": _first(run, ~run.compared),
        "why": run.why,
        "bytes": run.store.bytes_read,
        "bad": bad,
        "unplaced": unplaced,
    }


def _first(run: Run, some: NDArray[Any]) -> dict[str, Any]:
    """How many records these are, and where the first stands."""
    ordinals = some.nonzero()[0]
    place = ":".join(map(str, run.store.places(ordinals[:1])[0])) if len(ordinals) else None
    return {"records": len(ordinals), "first": place}


def _remarks(numbers: dict[str, Any]) -> Iterator[str]:
    """What somebody who cleans a collection must not miss."""
    alone = numbers["not_compared"]
    if alone["records"]:
        some = (
            "a record, which stays"
            if alone["records"] == 1
            else f"{alone['records']:,} records, which all stay"
        )
        yield f"nothing was compared of {some}: no word is in what is compared; the first is {alone['first']}"


def _sentence(numbers: dict[str, Any]) -> str:
    text = "read {records:,} records from {sources:,} sources, kept {kept:,}, removed {removed:,}"
    text += ", skipped {bad:,}" if numbers["bad"] else ""
    text += (
        ", {crowded:,} of them in groups of look-alikes too large to compare all pairs"
        if numbers["crowded"]
        else ""
    )
    return (text + " ({why})").format(**numbers)
