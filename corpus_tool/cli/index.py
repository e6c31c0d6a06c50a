"""`corpus-tool index`: the memory of what was seen, looked at, asked and kept in order."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli.command import nearest, typed
from corpus_tool.cli.console import Notes
from corpus_tool.errors import UsageError

EXAMPLES = given.examples(
    "corpus-tool index info seen.idx",
    "corpus-tool index query seen.idx < candidates.jsonl",
)
ACTIONS = ("info", "add", "query", "remove", "compact", "export", "verify")
_ONLY = {
    "add": (
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
        *("recall", "seed", "include", "exclude", "source_name", "newer_than"),
    ),
    "add, query": ("source_format", "encoding", "year", "strict", "on_error", "jobs", "tmp_dir"),
    "add, remove, compact": ("wait",),
    "add, export": ("lean_minhash",),
    "query, export": ("output",),
}
"""Options that only some actions have."""


def command(
    ctx: typer.Context,
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            help="info, add, query, remove, compact, export or verify.",
            autocompletion=given.one_of(ACTIONS),
        ),
    ],
    index: Annotated[str, typer.Argument(metavar="INDEX", help="What `dedup --index` made.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WHAT...",
            help="add, query: inputs; remove: ids or source:line.",
            show_default=False,
        ),
    ] = None,
    output: given.Output = None,
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
    newer_than: given.NewerThan = None,
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    strict: given.Strict = False,
    on_error: given.OnError = "fail",
    lean_minhash: Annotated[
        bool, typer.Option("--lean-minhash", help="add, export: signatures of datasketch.")
    ] = False,
    wait: given.Wait = 600.0,
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Look at an index of `dedup --index`, ask it, or change it."""
    if action not in ACTIONS:
        raise UsageError(f"index {action} is not one of {', '.join(ACTIONS)}{nearest(action, ACTIONS)}")
    for actions, names in _ONLY.items():
        if action not in actions.split(", ") and (idle := typed(ctx, *names)):
            raise UsageError(f"{idle[0]} does nothing here: it is for index {actions.replace(', ', ' and ')}")
    if inputs and action not in {"add", "query", "remove"}:
        raise UsageError(f"index {action} takes only the index: {inputs[0]} is one thing too many")
    from corpus_tool.cli import index_actions

    getattr(index_actions, action)(ctx, Notes(ctx), index, inputs or [])
