"""What each action of `corpus-tool index` does."""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool import sources
from corpus_tool.cli import writing
from corpus_tool.cli.command import typed
from corpus_tool.cli.index_past import NothingNew, chosen_of, nothing_new, own_files, past_of
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.errors import InputError, UsageError
from corpus_tool.index import configuration
from corpus_tool.index.storages import configuration_of, open_storage
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources import jsonl
from corpus_tool.sources.inputs import STDIN, expand, look_again
from corpus_tool.views import summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer

    from corpus_tool.cli.console import Notes
    from corpus_tool.config import Options
    from corpus_tool.index.protocol import Storage
    from corpus_tool.records import Batch
    from corpus_tool.sources.problems import Problems

_COMPARED_BY = (
    *(
        "match",
        "strictness",
        "mapping",
        "policy",
        "versions",
        "threshold",
        "fields",
        "shingle",
        "permutations",
    ),
    *("recall", "seed"),
)
_RUNS = 10
SIGNATURES = "signatures"
"""What `--match` is for records that have only the signatures of their texts."""


def info(ctx: typer.Context, notes: Notes, index: str, _: Sequence[str]) -> None:
    """How much is in it, and by what it compares."""
    with open_storage(index, write=False) as storage:
        counts, runs, made_with = storage.counts(), storage.runs(), _made_with(storage)
    numbers = {
        **counts._asdict(),
        "compared_by": {name: orjson.loads(value) for name, value in made_with.items()},
        "last_runs": [run._asdict() for run in runs[-_RUNS:]],
    }
    with Outputs() as outputs:
        writer = outputs.open(None)
        if ctx.params["as_json"]:
            writer.write(orjson.dumps(numbers) + b"\n")
            return
        rows = [
            f"{counts.records:,} records in {counts.runs:,} run{'s' * (counts.runs != 1)}, "
            f"{counts.kept:,} of them kept; {counts.size / 2**20:,.1f} MiB",
            "compared by "
            + " ".join(f"--{name} {configuration.shown(made_with[name])}" for name in _said(made_with)),
            *(
                f"run {run.run}, {run.time}: {run.records:,} records, {run.kept:,} new"
                for run in runs[-_RUNS:]
            ),
        ]
        writer.write("".join(f"{row}\n" for row in rows).encode())


def _said(made_with: dict[str, str]) -> list[str]:
    """The options worth showing: those that somebody chose, and the rule."""
    usual = configuration.usual()
    return [name for name in made_with if name == "match" or made_with[name] != usual[name]]


def add(ctx: typer.Context, notes: Notes, index: str, inputs: Sequence[str]) -> None:
    """Take in records, as `dedup --index` does, and write none."""
    from corpus_tool.engines import local

    options = _options(ctx, index)
    found = inputs_of(ctx, notes, inputs, *own_files(ctx))
    try:
        with past_of(ctx, notes, options) as past:
            found = past.fresh(chosen_of(ctx, found))
            with Outputs(partial(look_again, found, True)) as outputs, notes.progress() as progress:
                problems = notes.problems(options.reading, outputs)
                with closing(
                    local.deduplicate(found, options, problems, progress, past=past.past(problems))
                ) as run:
                    past.take(run)
                    told = summary.numbers(run, len(found) - problems.left_out_count, problems, progress)
            past.commit(outputs)
    except NothingNew as finding:
        nothing_new(ctx, notes, len(found), str(finding))
        return
    for line in summary.remarks(told):
        notes.say(line)
    text = "took in {records:,} records, {kept:,} of them new".format(**told)
    notes.summary(text, told, as_json=ctx.params["as_json"], outputs=outputs)


def query(ctx: typer.Context, notes: Notes, index: str, inputs: Sequence[str]) -> None:
    """For each record whether it is known, as it comes."""
    from corpus_tool.index.query import Questions

    output = ctx.params["output"]
    with open_storage(index, write=False) as storage, Outputs() as outputs:
        options = configuration.options_of(_made_with(storage), run_options(ctx))
        problems = notes.problems(options.reading, outputs)
        writer = outputs.open(output)
        asked = known = 0
        with Questions(storage, options) as questions:
            for batch in _batches(inputs, options, problems, output):
                for answer in questions.answers(batch):
                    writer.write(orjson.dumps(answer) + b"\n")
                    asked, known = asked + 1, known + answer["known"]
                writer.flush()
    numbers = {"records": asked, "known": known, "bad": problems.bad_count}
    text = f"asked for {asked:,} record{'s' * (asked != 1)}, {known:,} known"
    notes.summary(text, numbers, as_json=ctx.params["as_json"], outputs=outputs)


def _batches(
    inputs: Sequence[str], options: Options, problems: Problems, output: str | None
) -> Iterator[Batch]:
    """The records that are asked about: JSON lines on standard input as they come, all else as ever."""
    found = expand(inputs, output)
    reading = options.reading
    if (
        [each.path for each in found] == [STDIN]
        and reading.format in {None, jsonl.NAME}
        and _comes_as_lines()
    ):
        stream = found[0].open(reading.limits)
        batches = jsonl.read(stream, found[0].name, reading.block, problems, reading.limits.line)
    else:
        batches = sources.read(found, reading, problems)
    return (batch for batch in batches if batch.records)


def _comes_as_lines() -> bool:
    """Whether what stands first on standard input is a line with a JSON object."""
    peek = getattr(sys.stdin.buffer, "peek", None)
    first = peek(1).lstrip().partition(b"\n")[0].decode("utf-8", "replace") if peek else ""
    return bool(jsonl.objects([first]))


def remove(ctx: typer.Context, notes: Notes, index: str, names: Sequence[str]) -> None:
    """Forget records, and what they stand for."""
    import numpy as np

    if not names:
        raise UsageError("say what to remove: ids, or places such as monday.txt:12")
    with open_storage(index, write=True) as storage:
        storage.begin(ctx.params["wait"], notes.warn)
        _made_with(storage)
        found = {name: storage.named(name) for name in names}
        for name, recs in found.items():
            if not len(recs):
                raise InputError(
                    f"no record {name} in this index: name one by its id, or as source:line",
                    path=storage.name,
                )
        kept = np.unique(storage.fates(np.unique(np.concatenate(list(found.values())))).witness)
        gone = storage.remove(kept)
        storage.commit()
    numbers = {"records": len(kept), "repeats": gone - len(kept)}
    text = f"forgot {len(kept):,} record{'s' * (len(kept) != 1)}, and {gone - len(kept):,} that repeat them"
    with Outputs() as outputs:
        notes.summary(text, numbers, as_json=ctx.params["as_json"], outputs=outputs)


def compact(ctx: typer.Context, notes: Notes, index: str, _: Sequence[str]) -> None:
    """Give back room, and put together what came in parts."""
    with open_storage(index, write=True) as storage:
        storage.begin(ctx.params["wait"], notes.warn)
        _made_with(storage)
        before = storage.counts().size
        storage.compact()
    with open_storage(index, write=False) as storage:
        after = storage.counts().size
    text = f"{before / 2**20:,.1f} MiB before, {after / 2**20:,.1f} MiB now"
    with Outputs() as outputs:
        notes.summary(
            text, {"before": before, "after": after}, as_json=ctx.params["as_json"], outputs=outputs
        )


def export(ctx: typer.Context, notes: Notes, index: str, _: Sequence[str]) -> None:
    """The whole collection, or the signatures of its texts."""
    from corpus_tool.index.exporting import collection, signatures

    count = 0
    with open_storage(index, write=False) as storage, Outputs() as outputs:
        options = configuration.options_of(_made_with(storage), run_options(ctx))
        signed = ctx.params["lean_minhash"]
        lines = signatures(storage, options) if signed else collection(storage)
        output = writing.KeptOutput(outputs, ctx.params["output"], notes.say, receipts=False)

        def produce(writer: Any) -> None:
            nonlocal count
            for raw in lines:
                writer.write(raw + b"\n")
                count += 1

        output.write(produce)
        left_out = storage.counts().kept - count
    text = f"wrote {count:,} {'signature' if signed else 'record'}{'s' * (count != 1)}"
    if left_out:
        text += f", and left out {left_out:,} of records without words"
    notes.summary(text, {"records": count}, as_json=ctx.params["as_json"], outputs=outputs)


def verify(ctx: typer.Context, notes: Notes, index: str, _: Sequence[str]) -> None:
    """Read all of it, and hold it against itself."""
    from corpus_tool.index.verifying import problems

    with open_storage(index, write=False) as storage:
        options = configuration.options_of(_made_with(storage), run_options(ctx))
        found, name = list(problems(storage, options)), storage.name
        count = storage.counts().kept
    if found:
        more = f", and {len(found) - 1:,} more" if len(found) > 1 else ""
        raise InputError(
            f"this index is damaged: {found[0]}{more}; take a copy of it, or build it again", path=name
        )
    with Outputs() as outputs:
        text = f"whole: {count:,} kept record{'s' * (count != 1)} can be read and found"
        notes.summary(text, {"kept": count, "problems": []}, as_json=ctx.params["as_json"], outputs=outputs)


def _made_with(storage: Storage) -> dict[str, str]:
    """What an index compares by.

    Raises:
        InputError: Nothing was ever taken in.
    """
    found = storage.configuration()
    if not found:
        raise InputError("nothing was ever taken into this index", path=storage.name)
    return found


def _options(ctx: typer.Context, index: str) -> Options:
    """The options of an index that is there, unless others were typed, which are then held against it."""
    if ctx.params["lean_minhash"] and not typed(ctx, "match"):
        ctx.params["match"] = SIGNATURES
    wanted = run_options(ctx)
    stored = {} if typed(ctx, *_COMPARED_BY) else configuration_of(index)
    found = configuration.options_of(stored, wanted) if stored else wanted
    if ctx.params["lean_minhash"] and found.match != SIGNATURES:
        raise UsageError(
            f"--lean-minhash needs an index of --match signatures, and this one has --match {found.match}: name another"
        )
    return found
