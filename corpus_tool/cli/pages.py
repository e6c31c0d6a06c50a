"""How the help of a command is laid out: by what the options are for, and within one screen.

A page that fits a terminal of 24 lines has every option; of a longer one the screen has those that are asked for
most, and `--help-all` the rest. It is drawn without rich, which takes longer to load than most help to read.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from inspect import cleandoc
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from typer.core import TyperCommand, TyperGroup

LIMITS = "What must hold"
OUTPUT = "Output"
DUPLICATE = "What is a duplicate"
KEEPING = "Which copy stays"
INPUT = "Input"
RESOURCES = "Resources"
TUNING = "Tuning of the search for candidates"
MESSAGES = "Messages and help"
PANELS = (LIMITS, OUTPUT, DUPLICATE, KEEPING, INPUT, RESOURCES, TUNING, MESSAGES)
"""Groups of options, in the order in which they are shown."""

RARE = tuple(
    (
        "source_name seed partitions master engine newer_than wait read_only permutations "
        "recall shingle annotate_as recall_check policy encoding include exclude tmp_dir "
        "show_config help_all help max_removed clusters versions rejects allow_empty strictness strict "
        "source_format transitive unique_within memory_limit as_json year quiet listed jobs annotate on_error "
        "keep mapping max_cluster"
    ).split()
)
"""Parameters that a screen without room leaves to `--help-all`, the first to go first."""

_BESIDE = ("verbose", "show_completion")
"""Options of the tool that only go with another, or say what another does: the README has them."""
LINES, WIDTH = 23, 80
"""A terminal's lines, one of them for the prompt, and its columns."""
_COLUMN, _NAMES = 26, 12
_CODES = "Exit: 0 done, 2 bad usage, input or output, 130 interrupted."
_FOUND = {"check": "1 a limit is broken", "dedup": "1 a limit is broken"}
"""What the exit code 1 says, of commands that are asked to find something."""
_OUTSIDE = "Defaults may come from CORPUS_TOOL_* variables and a corpus-tool.toml: --show-config tells."
_MORE = "More: --help-all. "

_Row = tuple[str, str]


def screen(command: TyperCommand, ctx: Any) -> str:
    """The help of a command on one screen: with every option where they fit, else with as many as do."""
    codes = _codes(command)
    page = _page(command, ctx, (), codes, 1)
    for hidden in range(len(RARE) + 1):
        if len(page) <= LINES:
            break
        page = _page(command, ctx, RARE[:hidden], _MORE + codes if hidden else codes, 0)
    return "\n".join(page)


def everything(command: TyperCommand, ctx: Any) -> str:
    """The help of a command with every option, however long."""
    return "\n".join(_page(command, ctx, (), f"{_OUTSIDE} {_codes(command)}", 1))


def _codes(command: TyperCommand) -> str:
    """What the exit codes of a command mean."""
    found = _FOUND.get(str(command.name))
    return _CODES.replace("done,", f"done, {found},") if found else _CODES


def listing(group: TyperGroup, ctx: Any, commands: Mapping[str, str]) -> str:
    """The help of the tool: its commands, a line each, and its own options in one."""
    width = _width()
    names = [sorted(each.opts, key=len) for each in group.get_params(ctx) if each.name not in _BESIDE]
    options = _wrap("Options: " + "; ".join(map(", ".join, names)), width, "  ")
    rows = chain.from_iterable(_row(*row, width, _NAMES) for row in commands.items())
    about = _wrap(cleandoc(group.help or ""), width)
    usage = f"Usage: {ctx.command_path} COMMAND [OPTIONS] [INPUT...]"
    lines = [
        usage,
        *about,
        _heading("Commands"),
        *rows,
        *options,
        *_wrap(_CODES, width),
        *(group.epilog or "").splitlines(),
    ]
    return "\n".join(lines)


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines of whole words; an option's name is one."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)


def _heading(text: str) -> str:
    """Bold where a terminal shows it."""
    shown = sys.stdout is not None and sys.stdout.isatty()
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not shown
    return text if plain else f"\x1b[1m{text}\x1b[0m"


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDTH)


def _page(command: TyperCommand, ctx: Any, hidden: Sequence[str], codes: str, blanks: int) -> list[str]:
    width = _width()
    usage = " ".join([f"Usage: {ctx.command_path}", *command.collect_usage_pieces(ctx)])
    parts = [_wrap(usage, width, "  ") + _wrap(cleandoc(command.help or ""), width)]
    arguments = [_argument(each) for each in command.params if each.param_type_name == "argument"]
    rows = list(chain.from_iterable(_row(*row, width) for row in arguments))
    if blanks:
        parts.append(rows)
    else:
        parts[0] += rows
    for panel, options in _groups(command, ctx, hidden).items():
        parts.append([_heading(panel), *chain.from_iterable(_row(*row, width) for row in options)])
    examples = (command.epilog or "").splitlines()
    parts += [_wrap(codes, width), examples]
    return list(chain.from_iterable([*part, *[""] * blanks] for part in parts if part))[: -blanks or None]


def _groups(command: TyperCommand, ctx: Any, hidden: Sequence[str]) -> dict[str, list[_Row]]:
    groups: dict[str, list[_Row]] = {panel: [] for panel in PANELS}
    for each in command.get_params(ctx):
        if (
            each.param_type_name == "option"
            and each.name not in hidden
            and not (hidden and getattr(each, "hidden", False))
        ):
            panel = getattr(each, "rich_help_panel", None) or MESSAGES
            groups.setdefault(panel, []).append(_option(each))
    return {panel: rows for panel, rows in groups.items() if rows}


def _argument(argument: Any) -> _Row:
    return argument.metavar or argument.name.upper(), argument.help or ""


def _option(option: Any) -> _Row:
    """How an option is written, and what it does: with its default, where it has one."""
    names = sorted(option.opts, key=len)
    value = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    text = (option.help or "").removesuffix(".")
    default = option.show_default if isinstance(option.show_default, str) else option.default
    if default not in (None, False, "", []):
        text += f"; default {default}"
    return ", ".join(names) + value, text if text.endswith("?") else text + "."


def _row(name: str, text: str, width: int, column: int = _COLUMN) -> Iterator[str]:
    """A name and what it means, side by side; a name that is too long has a line of its own."""
    lines: Iterable[str] = _wrap(text, max(20, width - column)) or [""]
    head = f"  {name}"
    if len(head) > column - 2:
        yield head
        head = ""
    for line in lines:
        yield f"{head:<{column}}{line}".rstrip()
        head = ""
