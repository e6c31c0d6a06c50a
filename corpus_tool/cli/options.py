"""Options that several commands share, declared once."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from corpus_tool import sources
from corpus_tool.cli.pages import DUPLICATE, INPUT, KEEPING, MESSAGES, OUTPUT, RESOURCES, TUNING
from corpus_tool.config import KEEP_POLICIES, MATCHES, VERSIONS, Papers
from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import Console


def one_of(values: Callable[[], Iterable[str]] | Iterable[str]) -> Callable[[str], list[str]]:
    """What a shell completes an option's value to."""

    def complete(incomplete: str) -> list[str]:
        known = values() if callable(values) else values
        return [each for each in known if each.startswith(incomplete)]

    return complete


def _mappable() -> list[str]:
    from corpus_tool.papers.fields import MAPPABLE

    return [f"{name}=" for name in MAPPABLE]


Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, globs, URLs; - or nothing is stdin.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write here, whole or not at all.",
        show_default="stdout",
        rich_help_panel=OUTPUT,
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="FORMAT",
        help=f"{', '.join(sources.FORMATS)}.",
        show_default="by content",
        rich_help_panel=INPUT,
        autocompletion=one_of(sources.FORMATS),
    ),
]
Encoding = Annotated[
    str,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="Of text inputs.",
        rich_help_panel=INPUT,
        autocompletion=one_of(("utf-8", "latin-1", "cp1252", "utf-16")),
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        "--include",
        metavar="GLOB",
        help="Of folders, only such files; may be repeated.",
        rich_help_panel=INPUT,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="GLOB",
        help="Of folders, no such files; may be repeated.",
        rich_help_panel=INPUT,
    ),
]
SourceName = Annotated[
    str | None,
    typer.Option(
        "--source-name",
        metavar="NAME",
        help="What records call stdin.",
        show_default="-",
        rich_help_panel=INPUT,
    ),
]
Year = Annotated[
    int | None,
    typer.Option(
        "--year", metavar="YYYY", help="Year of digest dates printed without one.", rich_help_panel=INPUT
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Text that no paper takes is an error.", rich_help_panel=INPUT),
]
OnError = Annotated[
    str,
    typer.Option(
        "--on-error",
        metavar="fail|skip",
        help="At bad input: stop, or go on and count.",
        rich_help_panel=INPUT,
        autocompletion=one_of(("fail", "skip")),
    ),
]
Rejects = Annotated[
    str | None,
    typer.Option(
        "--rejects", metavar="FILE", help="With skip: the bad lines go here.", rich_help_panel=OUTPUT
    ),
]
AllowEmpty = Annotated[
    bool,
    typer.Option("--allow-empty", help="Nothing may replace a file.", show_default=False, hidden=True),
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
    bool, typer.Option("-q", "--quiet", help="No notes on stderr, only errors.", rich_help_panel=MESSAGES)
]
Json = Annotated[
    bool, typer.Option("--json", help="The summary as one JSON object.", rich_help_panel=MESSAGES)
]

Match = Annotated[
    str,
    typer.Option(
        "--match",
        metavar="RULE",
        help="Compare papers, text, or what fits.",
        rich_help_panel=DUPLICATE,
        autocompletion=one_of(MATCHES),
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--fields",
        metavar="A,B.C",
        help="Text: which fields to compare, nested ones too.",
        rich_help_panel=DUPLICATE,
    ),
]
Threshold = Annotated[
    float,
    typer.Option(
        "--threshold",
        metavar="J",
        help="Text: share of phrases in common, 0 to 1.",
        rich_help_panel=DUPLICATE,
    ),
]
Strictness = Annotated[
    str | None,
    typer.Option(
        "--strictness",
        metavar="LEVEL",
        help="Papers: lenient, default, strict, or points.",
        rich_help_panel=DUPLICATE,
        autocompletion=one_of(("lenient", "default", "strict")),
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=YOURS",
        help="Papers: what your files call a field: venue=forum.",
        rich_help_panel=DUPLICATE,
        autocompletion=one_of(_mappable),
    ),
]
PolicyFile = Annotated[
    str | None,
    typer.Option(
        "--policy", metavar="FILE", help="Papers: the weights that tune wrote.", rich_help_panel=DUPLICATE
    ),
]
Versions = Annotated[
    str,
    typer.Option(
        "--versions",
        metavar="HOW",
        help="Papers: preprint and publication: merge, keep, link.",
        rich_help_panel=KEEPING,
        autocompletion=one_of(VERSIONS),
    ),
]
Keep = Annotated[
    str,
    typer.Option(
        "--keep",
        metavar="WHICH",
        help="last, longest, newest, most-complete.",
        rich_help_panel=KEEPING,
        autocompletion=one_of(KEEP_POLICIES),
    ),
]
Transitive = Annotated[
    bool,
    typer.Option(
        "--transitive",
        help="If A matches B and B matches C, keep one of the three.",
        rich_help_panel=KEEPING,
    ),
]
UniqueWithin = Annotated[
    str | None,
    typer.Option(
        "--unique-within",
        metavar="FIELD",
        help="Remove no repeat within, say, one source.",
        rich_help_panel=KEEPING,
    ),
]
Index = Annotated[
    str | None,
    typer.Option(
        "--index",
        metavar="FILE",
        help="Keep only what no earlier run with FILE has met.",
        rich_help_panel=KEEPING,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="FILE",
        help="Keep only what is not in FILE, records or an index.",
        rich_help_panel=KEEPING,
    ),
]
ReadOnly = Annotated[
    bool,
    typer.Option("--read-only", help="Take nothing into the index.", rich_help_panel=KEEPING),
]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        help="How long for another run that writes the index.",
        rich_help_panel=RESOURCES,
    ),
]
NewerThan = Annotated[
    str | None,
    typer.Option(
        "--newer-than",
        metavar="WHEN",
        help="Only files changed since a time, or since FILE was.",
        rich_help_panel=INPUT,
    ),
]
Shingle = Annotated[
    int,
    typer.Option("--shingle", metavar="N", help="Text: words in a phrase.", rich_help_panel=TUNING),
]
Permutations = Annotated[
    int,
    typer.Option("--permutations", metavar="N", help="Length of a signature.", rich_help_panel=TUNING),
]
Recall = Annotated[
    float,
    typer.Option(
        "--recall",
        metavar="P",
        help="Chance to find a pair that just reaches the threshold.",
        rich_help_panel=TUNING,
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", metavar="N", help="Of the signatures' random numbers.", rich_help_panel=TUNING),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", metavar="N", help="Threads.", show_default="one a core", rich_help_panel=RESOURCES
    ),
]
TmpDir = Annotated[
    str | None,
    typer.Option(
        "--tmp-dir",
        metavar="DIR",
        help="Folder of temporary files.",
        show_default="the system's",
        rich_help_panel=RESOURCES,
    ),
]


TEXT_ONLY = ("threshold", "shingle")
"""Parameters of the text rule: what `Options.typed` is asked of."""


def names(given: Iterable[str] | None) -> tuple[str, ...]:
    """The names in an option that may be repeated and takes several at once, parted by commas; each once."""
    parts = (part.strip() for each in given or () for part in each.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


def papers(strictness: str | None, mapping: list[str] | None, policy: str | None, versions: str) -> Papers:
    """The options that only `--match papers` knows, read and checked.

    Raises:
        CorpusError: One of them cannot be used.
    """
    from corpus_tool.match import choosing

    try:
        text = None if policy is None else Path(policy).read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError("not a policy: it is not UTF-8", path=policy) from None
    pairs = () if not mapping else choosing.mapping(mapping)
    found = Papers(strictness, text, policy, pairs, versions)
    choosing.scorecard(found)
    return found


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "Examples:\n" + "\n".join(f"  {line}" for line in lines)


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
