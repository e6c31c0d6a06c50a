"""Which engine runs a command, and the options that only one of them knows."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_tool.cli.command import typed
from corpus_tool.cli.options import one_of
from corpus_tool.cli.pages import RESOURCES
from corpus_tool.errors import UsageError

ENGINES = ("local", "spark")

Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|spark",
        help="What runs it: this machine, or a cluster.",
        rich_help_panel=RESOURCES,
        autocompletion=one_of(ENGINES),
    ),
]
Master = Annotated[
    str | None,
    typer.Option(
        "--master",
        metavar="URL",
        help="Spark: the cluster.",
        show_default="Spark's own, or local[*]",
        rich_help_panel=RESOURCES,
    ),
]
Partitions = Annotated[
    int,
    typer.Option(
        "--partitions",
        metavar="N",
        min=0,
        max=1 << 15,
        help="Spark: tasks of a stage.",
        show_default="one to 64 MB, or fewer",
        rich_help_panel=RESOURCES,
    ),
]


def is_many(ctx: typer.Context, engine: str) -> bool:
    """Whether the run is one of many machines.

    Raises:
        UsageError: There is no such engine, or an option was typed that only the other one knows.
    """
    if engine not in ENGINES:
        raise UsageError(f"--engine {engine} is not one of {', '.join(ENGINES)}")
    if engine == "local" and (idle := typed(ctx, "master", "partitions")):
        raise UsageError(f"--{idle[0]} does nothing here: it is for --engine spark")
    return engine == "spark"
