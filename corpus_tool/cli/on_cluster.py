"""`dedup --engine spark`: the same options, and outputs that are folders of parts."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tool.cli.command import typed
from corpus_tool.cli.writing import format_of_kept
from corpus_tool.compression import codec_of
from corpus_tool.engines.parted import run as parted
from corpus_tool.engines.parted.folders import Folder
from corpus_tool.engines.parted.writing import Outputs, write
from corpus_tool.engines.spark.cluster import SparkCluster
from corpus_tool.engines.spark.session import session
from corpus_tool.errors import InputError, UsageError
from corpus_tool.sinks import FORMATS
from corpus_tool.sinks.atomic import Outputs as Files
from corpus_tool.sources.inputs import look_again
from corpus_tool.sources.remote import is_address, shown
from corpus_tool.views import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from corpus_tool.cli.console import Notes
    from corpus_tool.config import Options
    from corpus_tool.engines.parted.run import Found
    from corpus_tool.engines.parted.writing import Written
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

_ALONE = {
    "index": "one machine reads and writes it: run without --engine spark, or give what is known as the first INPUT",
    "against": "give the known records as the first INPUT, and take what is kept of the others",
    "read_only": "it is for --index",
    "wait": "it is for --index",
    "newer_than": "choose the files with --include",
    "max_cluster": "look at --clusters before the parts are used",
    "max_removed": "look at the summary before the parts are used",
    "recall_check": "it compares records with all others on one machine: try it on a sample",
    "jobs": "the cluster says how many tasks run at once: see --master",
    "memory_limit": "the cluster says how much memory a task has: see spark.executor.memory",
    "tmp_dir": "the cluster says where it spills: see spark.local.dir",
}
"""Options that mean one machine, and what to do instead."""


def deduplicate(ctx: typer.Context, notes: Notes, options: Options, inputs: Sequence[Input]) -> None:
    """Run `dedup` on a cluster, by the options in the context of the command.

    Raises:
        CorpusError: An option does not go with that, or the run failed.
    """
    given, allow_empty = ctx.params, ctx.params["allow_empty"]
    for option in typed(ctx, *_ALONE):
        raise UsageError(f"{option} does not go with --engine spark: {_ALONE[option[2:].replace('-', '_')]}")
    outputs = _outputs(given, notes)
    inputs = _apart(inputs, outputs)
    for folder in outputs.folders:
        folder.prepare()
    replaced = [folder.name for folder in outputs.folders if folder.complete_already()]
    with Files(lambda replaced: None) as files, notes.progress() as progress:
        problems = notes.problems(options.reading, files)
        with session(given["master"]) as context:
            run = parted.deduplicate(
                SparkCluster(context), inputs, options, problems, progress, given["partitions"]
            )
            options.refuse_idle(_only(run), run.why)
            if not run.bases[-1] and problems.bad_count and replaced and not allow_empty:
                raise InputError(
                    f"nothing could be read, all was skipped, and {replaced[0]} would be replaced; if that is meant, "
                    "say --allow-empty"
                )
            progress.stage("write", int(run.bases[-1]), "records")
            written = write(run, outputs, partial(look_again, inputs, allow_empty, replaced))
        progress.finish()
    told = _numbers(run, written, len(inputs) - problems.left_out_count, problems, progress)
    notes.say_of_year(ctx, inputs)
    for line in summary.remarks(told):
        notes.say(line)
    notes.summary(summary.sentence(told, outputs.annotate), told, as_json=given["as_json"], outputs=files)


def _outputs(given: dict[str, Any], notes: Notes) -> Outputs:
    path = given["output"]
    if path in {None, "-"}:
        raise UsageError("--engine spark writes a folder of parts, one a task: add -o FOLDER")
    wanted = format_of_kept(_shown(path))
    if wanted is not None and wanted.name != "parquet":
        raise UsageError(
            f"--engine spark writes JSONL or Parquet, no {wanted.name}: write JSONL, then `corpus-tool export`",
            path=path,
        )
    if wanted is not None and given["removed"]:
        notes.say("`restore` needs the kept records as JSONL: it cannot give the input back from parquet")
    chosen = wanted or FORMATS[0]
    beside = [_folder(given[name], FORMATS[0].endings[0]) for name in ("removed", "clusters")]
    annotate = given["annotate"] or given["annotate_as"] is not None
    kept = _folder(path, chosen.endings[0])
    if kept is None:
        raise AssertionError("an output has a name")
    return Outputs(kept, chosen.name, beside[0], beside[1], annotate, given["annotate_as"])


def _folder(path: str | None, ending: str) -> Folder | None:
    if path is None:
        return None
    if path == "-":
        raise UsageError("--engine spark writes folders of parts, no standard output")
    return Folder(path, ending + (codec_of(_shown(path)) or ""))


def _shown(path: str) -> str:
    """A name by whose ending the format is told."""
    return (shown(path) if is_address(path) else path).rstrip("/")


def _apart(inputs: Sequence[Input], outputs: Outputs) -> list[Input]:
    """The inputs but for what an earlier run wrote to the same folders, which a walk of a folder may bring in.

    Raises:
        UsageError: Such a file was named.
    """
    places = {os.path.realpath(folder.name) for folder in outputs.folders if not is_address(folder.name)}
    kept = []
    for each in inputs:
        inside = not is_address(each.path) and any(
            str(one) in places for one in Path(os.path.realpath(each.path)).parents
        )
        if inside and not each.found:
            raise UsageError(
                "this input lies in a folder that the run would replace: write elsewhere", path=each.name
            )
        kept += [] if inside else [each]
    if not kept:
        raise UsageError("all inputs lie in a folder that the run would replace: write elsewhere")
    return kept


def _only(run: Found) -> str:
    names = [policy.name for policy, count in zip(run.rules.policies, run.counts, strict=True) if count]
    return names[0] if len(names) == 1 else ""


def _numbers(
    run: Found, written: Written, inputs: int, problems: Problems, progress: Progress
) -> dict[str, Any]:
    """As `summary.numbers`."""
    named = zip(run.rules.policies, run.counts, strict=True)
    compared = {policy.name: count for policy, count in named if count}
    return {
        "sources": inputs,
        "records": int(run.bases[-1]),
        "kept": written.kept,
        "removed": written.removed,
        "exact_copies": written.exact,
        "pairs_decided": run.proposed,
        "crowded": run.crowded,
        "match": max(compared, key=lambda name: compared[name], default=run.rules.policies[0].name),
        "compared_as": compared,
        "not_compared": {"records": written.mute, "first": written.first_mute},
        "why": run.why,
        "bytes": sum(book.size for book in run.books),
        "bad": problems.bad_count,
        "unplaced": problems.unplaced_count,
        "stages": {
            stage: {"seconds": round(seconds, 4), "units": progress.counts[stage]}
            for stage, seconds in progress.seconds.items()
        },
    }
