"""Options that several commands share, declared once."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from corpus_tool.config import Papers
from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, globs, URLs, or - (the default) for stdin.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write here, whole or not at all; default stdout."),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="FORMAT", help="huggingface, arxiv-mail, feed, jsonl; or detected."),
]
Encoding = Annotated[
    str, typer.Option("--encoding", metavar="NAME", help="Of text inputs; default utf-8.", show_default=False)
]
Year = Annotated[
    int | None, typer.Option("--year", metavar="YYYY", help="Year of digest dates printed without one.")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Text that no paper takes is an error.", show_default=False),
]
OnError = Annotated[
    str,
    typer.Option(
        "--on-error",
        metavar="fail|skip",
        help="At bad input: stop (default), or go on and count.",
        show_default=False,
    ),
]
Rejects = Annotated[
    str | None, typer.Option("--rejects", metavar="FILE", help="With skip: the bad lines go here.")
]
AllowEmpty = Annotated[
    bool,
    typer.Option("--allow-empty", help="Empty stdin may replace a file.", show_default=False, hidden=True),
]
MaxLine = Annotated[
    str, typer.Option("--max-line", metavar="SIZE", help="Longest line; 0 is no limit.", hidden=True)
]
MaxExpansion = Annotated[
    int,
    typer.Option(
        "--max-expansion",
        metavar="N",
        help="How many times its size a compressed file may take; 0 is no limit.",
        hidden=True,
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="No notes on stderr, only errors.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="The summary as one JSON object.", show_default=False)]

Match = Annotated[
    str,
    typer.Option(
        "--match", metavar="auto|text|papers", help="What a duplicate is; default auto.", show_default=False
    ),
]
Fields = Annotated[
    str | None, typer.Option("--fields", metavar="A,B.C", help="Fields that text compares, dotted paths too.")
]
Threshold = Annotated[
    float,
    typer.Option(
        "--threshold", metavar="J", help="Least Jaccard index of duplicates; default 0.7.", show_default=False
    ),
]
Strictness = Annotated[
    str | None,
    typer.Option("--strictness", metavar="LEVEL", help="Papers: lenient, default, strict, or points."),
]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="NAME=YOURS,...", help="Papers: fields by your names, as venue=forum."),
]
PolicyFile = Annotated[
    str | None, typer.Option("--policy", metavar="FILE", help="Papers: the weights that tune wrote.")
]
Versions = Annotated[
    str,
    typer.Option(
        "--versions",
        metavar="HOW",
        help="Papers: merge (default), keep or link versions.",
        show_default=False,
    ),
]
UniqueWithin = Annotated[
    str | None,
    typer.Option("--unique-within", metavar="FIELD", help="Never merge two of one value, as of source."),
]
Shingle = Annotated[
    int, typer.Option("--shingle", metavar="N", help="Words in a shingle; default 5.", show_default=False)
]
Permutations = Annotated[
    int,
    typer.Option(
        "--permutations", metavar="N", help="Length of a signature; default 128.", show_default=False
    ),
]
Recall = Annotated[
    float,
    typer.Option(
        "--recall", metavar="P", help="Chance to propose a pair at the threshold; 0.99.", show_default=False
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", metavar="N", help="Of the permutations; default 1.", show_default=False)
]
Jobs = Annotated[
    int, typer.Option("--jobs", metavar="N", help="Threads; default one a core.", show_default=False)
]
TmpDir = Annotated[str | None, typer.Option("--tmp-dir", metavar="DIR", help="Folder of temporary files.")]


def papers(strictness: str | None, mapping: str | None, policy: str | None, versions: str) -> Papers:
    """The options that only `--match papers` knows, read and checked.

    Raises:
        CorpusError: One of them cannot be used.
    """
    from corpus_tool.match import choosing

    try:
        text = None if policy is None else Path(policy).read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError("not a policy: it is not UTF-8", path=policy) from None
    pairs = () if mapping is None else choosing.mapping(mapping)
    found = Papers(strictness, text, policy, pairs, versions)
    choosing.scorecard(found)
    return found


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "Examples:\n\n\b\n" + "\n".join(f"  {line}" for line in lines)


def print_to(writer: BinaryIO, show: Callable[[Console], None]) -> None:
    """Let `show` print to an output: in colour and as wide as the terminal where it is one."""
    from rich.console import Console

    shown = io.StringIO()
    terminal = sys.stdout.isatty() and writer.isatty()
    show(Console(file=shown, force_terminal=terminal, width=None if terminal else _columns()))
    lines = (line.rstrip() for line in shown.getvalue().split("\n"))
    writer.write("\n".join(lines).encode("utf-8", "replace"))


def _columns() -> int:
    """Width of what is not a terminal: what the environment says, or 100."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and int(said) else 100
