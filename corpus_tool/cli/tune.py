"""`corpus-tool tune`: the weights of `--match papers` refitted to labelled records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool import sources
from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import reading
from corpus_tool.errors import InputError, UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus_tool.evaluation.gold import Clustering
    from corpus_tool.papers.fields import FieldMap, PaperFields
    from corpus_tool.papers.scorecard import Scorecard
    from corpus_tool.papers.tune import Fit
    from corpus_tool.records import Batch

EXAMPLES = given.examples(
    "corpus-tool tune records.jsonl --gold gold.csv -o policy.toml",
    "corpus-tool dedup more.jsonl --policy policy.toml -o clean.jsonl",
)


def command(
    ctx: typer.Context,
    gold: Annotated[
        str,
        typer.Option(
            "--gold",
            metavar="FILE",
            help="The truth (required), CSV id,cluster or id1,id2.",
            rich_help_panel=pages.INPUT,
        ),
    ],
    inputs: given.Inputs = None,
    output: given.Output = None,
    mapping: given.Map = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="Start from these weights, not the shipped.",
            rich_help_panel=pages.INPUT,
        ),
    ] = None,
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Fit the weights of --match papers to labelled records, for --policy. Judged by cross-validation."""
    from corpus_tool.evaluation.gold import read
    from corpus_tool.kernel.loading import available
    from corpus_tool.match import choosing
    from corpus_tool.papers.scorecard import to_toml
    from corpus_tool.papers.tune import fit, training

    notes = Notes(ctx)
    arguments = inputs or [STDIN]
    if [*arguments, gold].count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once: name files for the others")
    how = reading(ctx)
    asked = given.papers(None, mapping, policy, "merge")
    prior = choosing.scorecard(asked)
    truth = read(gold)
    with Outputs() as outputs:
        writer = outputs.open(output)
        problems = notes.problems(how, outputs, skippable=False)
        batches = sources.read(inputs_of(ctx, notes, arguments, output), how, problems)
        papers, labels, compared = labelled(batches, truth, dict(asked.mapping))
        found = fit([training(papers, labels, compiled=available(), compared=compared)], prior)
        writer.write(to_toml(found.policy).encode())
    numbers = _numbers(found, prior, len(papers), sum(label >= 0 for label in labels))
    notes.summary(_sentence(numbers), numbers, as_json=as_json, outputs=outputs)


def labelled(
    batches: Iterable[Batch], truth: Clustering, mapping: FieldMap
) -> tuple[list[PaperFields], list[int], list[int] | None]:
    """The papers; for each the number of its gold cluster, -1 where it has none, and the set that it was compared in.

    In a gold standard of pairs all that it does not name stands alone. The sets are None but for labels of pairs.

    Raises:
        InputError: Most of the truth is of other records, or two records have one name.
    """
    from corpus_tool.evaluation.gold import require_shared
    from corpus_tool.papers.fields import paper_fields
    from corpus_tool.receipts import name_of

    papers: list[PaperFields] = []
    labels: list[int] = []
    alone = len(truth.cluster)
    seen: dict[str, None] = {}  # in order, unlike a set
    for batch in batches:
        for record, line in zip(batch.records, batch.lines, strict=True):
            name = str(name_of(record, (batch.source, line)))
            if name in seen:
                raise InputError(
                    f"a second record is called {name}: give each its own id", path=batch.source, line=line
                )
            seen[name] = None
            papers.append(paper_fields(record, mapping))
            labels.append(truth.cluster.get(name, alone + len(labels) if truth.pairs else -1))
    require_shared(truth, seen)
    sets = truth.compared
    return papers, labels, None if sets is None else [sets.get(name, -1) for name in seen]


def _numbers(found: Fit, prior: Scorecard, records: int, labels: int) -> dict[str, Any]:
    before, after = prior.by_name(), found.policy.by_name()
    return {
        "records": records,
        "labelled": labels,
        "pairs": found.pairs,
        "positives": found.positives,
        "f1_before": round(found.shipped_f1, 4),
        "f1": round(found.f1, 4),
        "threshold": found.policy.threshold,
        "weights": dict(after),
        "changed": {name: [before[name], after[name]] for name in after if before[name] != after[name]},
    }


def _sentence(numbers: dict[str, Any]) -> str:
    text = "fitted to {pairs:,} labelled pairs, {positives:,} of them of one paper: F1 over these pairs "
    text += "{f1_before:.4f} before, {f1:.4f} after (cross-validated)"
    return text.format(**numbers) + (
        "" if numbers["f1"] > numbers["f1_before"] else "; keep the weights you had"
    )
