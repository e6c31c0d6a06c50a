"""`corpus-tool evaluate`: how right the deduplication of labelled records is."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.command import typed
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import as_typed, inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.evaluation.scores import Evaluation, Records
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

EXAMPLES = given.examples(
    "corpus-tool evaluate in.jsonl --gold gold.csv --threshold 0.8",
    "corpus-tool evaluate in.jsonl --gold gold.csv --predicted clusters.jsonl",
)

_OF_A_RUN = ("keep", "transitive", "unique_within", "permutations", "recall", "seed", "jobs", "tmp_dir")

Gold = Annotated[
    str,
    typer.Option(
        "--gold",
        metavar="FILE",
        help="The truth (required), CSV id,cluster or id1,id2.",
        rich_help_panel=pages.INPUT,
    ),
]
Predicted = Annotated[
    str | None,
    typer.Option(
        "--predicted",
        metavar="FILE",
        help="Score these clusters, run nothing.",
        rich_help_panel=pages.INPUT,
    ),
]
Errors = Annotated[
    int,
    typer.Option(
        "--errors",
        metavar="N",
        min=0,
        help="Wrong pairs of a kind to list.",
        rich_help_panel=pages.OUTPUT,
    ),
]


def command(
    ctx: typer.Context,
    gold: Gold,
    inputs: given.Inputs = None,
    predicted: Predicted = None,
    output: given.Output = None,
    errors: Errors = 5,
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
    rejects: given.Rejects = None,
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Score dedup, or given clusters, against the truth: pairs, records, thresholds."""
    notes = Notes(ctx)
    options = run_options(ctx)
    idle = typed(ctx, *_OF_A_RUN) if predicted else ()
    if idle:
        raise UsageError(f"{idle[0]} does nothing here: with --predicted nothing is deduplicated")
    arguments = inputs or [STDIN]
    if [*arguments, gold, predicted].count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once: name files for the others")
    found = inputs_of(ctx, notes, arguments, output)
    import orjson

    from corpus_tool.views import evaluation as evaluate_view

    with Outputs() as outputs:
        writer = outputs.open(output)
        problems = notes.problems(options.reading, outputs)
        task = _Task(gold, options, found, problems, errors, arguments, as_typed(ctx))
        result = task.of_file(predicted) if predicted else task.of_run(notes)
        if as_json:
            writer.write(orjson.dumps(result.as_json()) + b"\n")
        else:
            given.print_to(writer, lambda console: evaluate_view.render(result, console))
    _tell(result, notes)


class _Task:
    """One evaluation: what to read, and with which options."""

    def __init__(
        self,
        gold: str,
        options: Options,
        inputs: Sequence[Input],
        problems: Problems,
        listed: int,
        arguments: Sequence[str],
        choosing: Sequence[str],
    ) -> None:
        from corpus_tool.evaluation.gold import read

        self.gold = read(gold)
        self.options, self.inputs, self.problems, self.listed = options, inputs, problems, listed
        self.arguments, self.choosing = arguments, choosing

    def of_file(self, predicted: str) -> Evaluation:
        """Score the clusters of a file."""
        from corpus_tool.evaluation.gold import read, require_shared
        from corpus_tool.evaluation.scores import Records, evaluate

        clusters = read(predicted)
        records: Records = Records()
        for batch in sources.read(self.inputs, self.options.reading, self.problems):
            for record, line in zip(batch.records, batch.lines, strict=True):
                records.add(record, (batch.source, line))
        require_shared(clusters, records.names)
        return evaluate(self.gold, clusters.cluster, records, self.explain, self.listed)

    def of_run(self, notes: Notes) -> Evaluation:
        """Run dedup and score what it did."""
        from corpus_tool.engines import local
        from corpus_tool.evaluation.decisions import Decided
        from corpus_tool.evaluation.scores import evaluate_run

        decided = Decided()
        with notes.progress() as progress:
            run = local.deduplicate(self.inputs, self.options, self.problems, progress, decided)
        try:
            self.options.refuse_idle(run.only, run.why)
            notes.say(run.why)
            return evaluate_run(
                self.gold, run, decided, self.explain, self.listed, transitive=self.options.transitive
            )
        finally:
            run.store.close()

    def explain(self, left: str, right: str) -> str:
        """The command line that explains two records by the same rule, ready for a shell."""
        how, rule, papers = self.options.reading, self.options.similarity, self.options.papers
        options = (
            ("--match", self.options.match, "auto"),
            ("--strictness", papers.strictness or "", ""),
            ("--map", ",".join(f"{name}={path}" for name, paths in papers.mapping for path in paths), ""),
            ("--policy", papers.policy_path or "", ""),
            ("--versions", papers.versions, "merge"),
            ("--fields", ",".join(self.options.fields), ""),
            ("--threshold", f"{rule.threshold:.15g}", "0.7"),
            ("--shingle", str(rule.shingle), "5"),
            ("--from", how.format or "", ""),
            ("--encoding", how.encoding, "utf-8"),
            ("--year", str(how.year or ""), ""),
        )
        given_ones = [part for name, value, default in options if value != default for part in (name, value)]
        names = [left, right, *self.arguments]
        guard = ["--"] if any(name.startswith("-") for name in names if name != STDIN) else []
        return shlex.join(["corpus-tool", "explain", *given_ones, *self.choosing, *guard, *names])


def _tell(result: Evaluation, notes: Notes) -> None:
    """What gold and input do not share, for people."""
    if result.not_in_input:
        missing = len(result.not_in_input)
        notes.say(
            f"{result.gold.path}: {missing:,} of {len(result.gold.cluster):,} ids are not in the input, "
            f"such as {result.not_in_input[0]}: each counts as predicted alone"
        )
    if result.gold.compared is not None:
        notes.say(
            f"{result.gold.path}: scored over its {len(result.gold.cluster):,} labelled records, and there only over "
            "pairs that labels connect"
        )
        return
    if result.not_in_gold and not result.gold.pairs:
        notes.say(
            f"{result.not_in_gold:,} of {result.input_records:,} records are not in {result.gold.path}: "
            "each counts as truly alone"
        )
