"""`corpus-tool check`: a gate that ends with 1 where a collection does not keep its limits."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of, refuse_replacing, two_of
from corpus_tool.cli.ready import run_options
from corpus_tool.errors import InputError, UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import STDIN, look_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.engines.side_by_side import SideBySide
    from corpus_tool.evaluation.gates import Amount, Gate
    from corpus_tool.evaluation.gold import Clustering
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

EXAMPLES = given.examples(
    "corpus-tool check digests/ --max-duplicates 1% --max-cluster 50",
    "corpus-tool check train.jsonl --against test.jsonl --junit check.xml",
)

FAILED = 1
"""The exit code of a check that found something."""


def _limit(name: str, metavar: str, text: str, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=pages.LIMITS, **more)


def command(
    ctx: typer.Context,
    inputs: given.Inputs = None,
    max_duplicates: Annotated[
        str | None, _limit("--max-duplicates", "P%|N", "Records that may repeat another.")
    ] = None,
    max_cluster: Annotated[
        int | None, _limit("--max-cluster", "N", "Records that may be one cluster.", min=1)
    ] = None,
    against: Annotated[
        list[str] | None, _limit("--against", "FILE", "Nothing of FILE may be in the input.")
    ] = None,
    min_f1: Annotated[
        float | None, _limit("--min-f1", "F", "Least F1 of pairs against --gold, 0 to 1.")
    ] = None,
    gold: Annotated[str | None, _limit("--gold", "FILE", "The truth, as for evaluate.")] = None,
    junit: Annotated[
        str | None,
        typer.Option("--junit", metavar="FILE", help="Write JUnit XML.", rich_help_panel=pages.OUTPUT),
    ] = None,
    github: Annotated[
        bool,
        typer.Option("--github", help="Print annotations of GitHub Actions.", rich_help_panel=pages.OUTPUT),
    ] = False,
    listed: Annotated[
        int,
        typer.Option(
            "--list",
            metavar="N",
            min=0,
            help="Findings of a limit to tell; 0 is all.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = 20,
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
    strict: given.Strict = False,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Hold a collection to limits, for CI: exit 1, and say where, if it breaks one."""
    notes = Notes(ctx)
    options = run_options(ctx)
    if as_json and github:
        raise UsageError("--json and --github both want standard output: choose one")
    limits = _limits(max_duplicates, max_cluster, against, min_f1, gold, listed)
    first, second = _inputs(ctx, notes, inputs, limits, junit, rejects)
    every = [*first, *second]
    refuse_replacing("--junit", junit, every)
    told: dict[str, Any] = {}
    with suppress(BrokenPipeError), Outputs(partial(look_again, every, True)) as outputs:
        report = outputs.open(junit) if junit else None
        problems = notes.problems(options.reading, outputs)
        with notes.progress() as progress:
            checked = _Check(limits, options, problems, progress, allow_empty)
            gates = checked.gates(first, second)
        told = checked.numbers(gates)
        from corpus_tool.views import gates as view

        if report:
            report.write(view.as_junit(gates))
        if as_json:
            from corpus_tool.lines.encode import encode

            seconds = round(time.perf_counter() - notes.started, 4)
            lines = [encode({**told, "seconds": seconds}).decode()]
        else:
            lines = list(view.as_annotations(gates, every) if github else view.as_text(gates))
        outputs.open(None).write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
    if checked.crowded:
        notes.warn(
            f"{checked.crowded:,} records stood among look-alikes too many to compare all pairs: some may match too"
        )
    notes.say_of_year(ctx, every)
    if not as_json:
        notes.summary(_sentence(told), told, as_json=False, outputs=outputs)
    if not told["passed"]:
        raise typer.Exit(FAILED)


@dataclass(frozen=True, slots=True)
class _Limits:
    """What must hold.

    Attributes:
        duplicates: Records that may repeat another.
        cluster: Records that may be one cluster.
        against: What the input may hold nothing of.
        least: F1 wanted.
        gold: The truth.
        listed: Findings to tell of each limit; 0 for all.
    """

    duplicates: Amount | None
    cluster: int | None
    against: tuple[str, ...]
    least: float | None
    gold: str | None
    listed: int

    @property
    def of_a_run(self) -> bool:
        """Whether any limit is of the input's own repeats."""
        return any(each is not None for each in (self.duplicates, self.cluster, self.least))


def _limits(
    duplicates: str | None,
    cluster: int | None,
    against: list[str] | None,
    least: float | None,
    gold: str | None,
    listed: int,
) -> _Limits:
    """The limits as they were typed.

    Raises:
        UsageError: There is none, or one cannot be.
    """
    from corpus_tool.evaluation.gates import Amount

    if (least is None) != (gold is None):
        raise UsageError(
            "--min-f1 and --gold go together: the least F1 of pairs, and the file with the truth"
        )
    if least is not None and not 0 <= least <= 1:
        raise UsageError(f"--min-f1 {least:g} is outside 0 to 1")
    if all(each is None for each in (duplicates, cluster, least)) and not against:
        raise UsageError(
            "no limit is given: say --max-duplicates 1%, --max-cluster 50, --against FILE, or --min-f1 0.97 with --gold"
        )
    amount = None if duplicates is None else Amount.of(duplicates, "--max-duplicates")
    return _Limits(amount, cluster, tuple(against or ()), least, gold, listed)


def _inputs(
    ctx: typer.Context,
    notes: Notes,
    inputs: list[str] | None,
    limits: _Limits,
    junit: str | None,
    rejects: str | None,
) -> tuple[list[Input], list[Input]]:
    """What is checked, and what it is held against."""
    arguments = inputs or [STDIN]
    if [*arguments, *limits.against, limits.gold].count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once: name files for the others")
    if not limits.against:
        return inputs_of(ctx, notes, arguments, junit, rejects), []
    return two_of(ctx, notes, arguments, limits.against, junit, rejects)


class _Check:
    """One check: which limits, and what was found of them."""

    def __init__(
        self, limits: _Limits, options: Options, problems: Problems, progress: Progress, allow_empty: bool
    ) -> None:
        from corpus_tool.evaluation.gold import read

        self._limits, self._options = limits, options
        self._problems, self._progress, self._allow_empty = problems, progress, allow_empty
        self._gold: Clustering | None = None if limits.gold is None else read(limits.gold)
        self._why = ""
        self._records = self._sources = 0
        self.crowded = 0

    def gates(self, first: Sequence[Input], second: Sequence[Input]) -> list[Gate]:
        """What was found of each limit."""
        with ExitStack() as stack:
            if not second:
                from corpus_tool.engines import local

                run = local.deduplicate(first, self._options, self._problems, self._progress)
                stack.callback(run.close)
                self._options.refuse_idle(run.only, run.why)
                return self._of_run(run)
            from corpus_tool.engines import side_by_side

            both = side_by_side.of_files(first, second, self._options, self._problems, self._progress)
            sides = stack.enter_context(both)
            gates = self._of_both(sides)
            return [*(self._of_run(sides.first()) if self._limits.of_a_run else ()), *gates]

    def _of_run(self, run: Run) -> list[Gate]:
        from corpus_tool.evaluation import gates

        self._look(len(run.store), "the input")
        self._sources = len(run.store.sources())
        self._why = self._why or run.why
        limits, found = self._limits, []
        if limits.duplicates is not None:
            found.append(gates.duplicates(run, limits.duplicates, limits.listed))
        if limits.cluster is not None:
            found.append(gates.clusters(run, limits.cluster, limits.listed))
        if limits.least is not None and self._gold is not None:
            found.append(gates.agreement(run, self._gold, limits.least))
        return found

    def _of_both(self, sides: SideBySide) -> list[Gate]:
        from corpus_tool.evaluation import gates

        self._look(sides.split, "the input")
        self._sources = sum(first < sides.split for _, first, _ in sides.store.sources())
        self._look(len(sides.store) - sides.split, ", ".join(self._limits.against))
        self._why = sides.why
        found = sides.between()
        self.crowded = found.crowded
        names = ", ".join(self._limits.against)
        return [gates.contamination(sides.store, sides.split, found, names, self._limits.listed)]

    def _look(self, count: int, what: str) -> None:
        """Refuse to call a collection good of which nothing was read."""
        self._records = self._records or count
        if not count and not self._allow_empty:
            raise InputError(
                f"{what} holds no record, so nothing can be checked; if that is right, say --allow-empty"
            )

    def numbers(self, gates: Sequence[Gate]) -> dict[str, Any]:
        """What was checked and found, as `--json` gives it."""
        from corpus_tool.views import gates as view

        return {
            **view.as_json(gates),
            "sources": self._sources,
            "records": self._records,
            "crowded": self.crowded,
            "bad": self._problems.bad_count,
            "why": self._why,
        }


def _sentence(told: dict[str, Any]) -> str:
    """The last line of a check."""
    kept = sum(gate["passed"] for gate in told["gates"])
    text = (
        f"checked {told['records']:,} records from {told['sources']:,} source{'s' * (told['sources'] != 1)}"
    )
    text += f", skipped {told['bad']:,}" if told["bad"] else ""
    return f"{text}: {kept} of {len(told['gates'])} limits kept ({told['why']})"
