"""Options as they were typed become one ready, frozen value before any work: no stage sees the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.cli import options
from corpus_tool.cli.command import typed
from corpus_tool.config import Limits, Options, Reading, Similarity, parse_size
from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    import typer


def reading(ctx: typer.Context, source_format: str | None = None) -> Reading:
    """How a command reads its inputs, by those options that it has.

    Args:
        ctx: Of the command.
        source_format: What is read, where the command has no `--from`.

    Raises:
        UsageError: An option has a value that cannot be.
    """
    given = ctx.params
    on_error = given.get("on_error", "fail")
    if on_error not in {"fail", "skip"}:
        raise UsageError(f"--on-error {on_error} is not one of fail, skip")
    limits = Limits()
    if "max_line" in given:
        limits = Limits(parse_size(given["max_line"]), given["max_expansion"])
    return Reading(
        given.get("source_format", source_format),
        given.get("encoding", "utf-8"),
        given.get("year"),
        given.get("strict", False),
        on_error == "skip",
        given.get("rejects"),
        limits=limits,
    )


def run_options(ctx: typer.Context) -> Options:
    """What a command that deduplicates, or explains how, depends on, by those options that it has.

    Raises:
        CorpusError: An option has a value that cannot be, or does not go with another.
    """
    given, usual, alike = ctx.params, Options(), Similarity()
    policy = given.get("policy", given.get("policy_file"))
    return Options(
        reading=reading(ctx),
        similarity=Similarity(
            given["shingle"],
            given.get("permutations", alike.permutations),
            given["threshold"],
            given.get("recall", alike.recall),
            given.get("seed", alike.seed),
        ),
        papers=options.papers(given["strictness"], given["mapping"], policy, given["versions"]),
        match=given["match"],
        typed=typed(ctx, *options.TEXT_ONLY),
        fields=options.names(given["fields"]),
        unique_within=given.get("unique_within"),
        keep=given.get("keep", usual.keep),
        transitive=given.get("transitive", False),
        jobs=given.get("jobs", usual.jobs),
        memory_limit=parse_size(given.get("memory_limit", "0")),
        tmp_dir=given.get("tmp_dir"),
    )
