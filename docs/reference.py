"""The command reference and the manual pages, made from the commands themselves.

    python docs/reference.py      writes docs/commands.md and docs/man/*.1 anew

They are in the repository, so that a wheel needs nothing to have them; `tests/test_reference.py` says when they are
old, and `make golden` writes them too.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Any

from corpus_tool import __version__
from corpus_tool.cli import COMMANDS, app, load, pages

DOCS = Path(__file__).parent
SUMMARY = "turn piles of paper digests, and any text collection, into clean, deduplicated ones"
EXITS = {
    "0": "Done.",
    "2": "Bad usage, input or output: one line on standard error says what, where and what to do.",
    "130": "Interrupted.",
}
OUTSIDE = (
    "Options may have defaults from outside: `CORPUS_TOOL_KEEP=longest` is `--keep longest` for every command that has "
    'the option, `CORPUS_TOOL_DEDUP_KEEP` for one; `keep = "longest"` in a `corpus-tool.toml`, or under '
    "`[tool.corpus-tool]` in a `pyproject.toml`, in the working folder or above it, does the same, and a table "
    "`[dedup]` is for one command. Typed beats variable beats file; `--show-config` tells."
)


@dataclass(frozen=True)
class Option:
    """An option or argument as it is written, and what it does.

    Attributes:
        names: Its names, the short one first; none of an argument.
        value: What stands for its value; empty where it takes none.
        text: What it does.
        default: What it is where nobody says.
    """

    names: tuple[str, ...]
    value: str
    text: str
    default: str


@dataclass(frozen=True)
class Page:
    """All that is said of a command."""

    name: str
    summary: str
    usage: str
    about: str
    arguments: list[Option]
    groups: dict[str, list[Option]]
    exits: dict[str, str]
    examples: list[str]


def page_of(name: str) -> Page:
    """What the command says of itself."""
    command = load(name)
    context = command.make_context(name, [], resilient_parsing=True)
    context.info_name = f"corpus-tool {name}"
    groups: dict[str, list[Option]] = {panel: [] for panel in pages.PANELS}
    arguments = []
    for each in command.get_params(context):
        if each.param_type_name == "argument":
            arguments.append(Option((), each.metavar or str(each.name).upper(), each.help or "", ""))
        else:
            groups.setdefault(getattr(each, "rich_help_panel", None) or pages.MESSAGES, []).append(
                _option(each)
            )
    found = re.search(r"Exit: (.*?)\.", " ".join(pages.everything(command, context).split()))
    assert found
    told = dict(part.split(" ", 1) for part in found[1].split(", ") if part[0].isdigit())
    exits = {code: EXITS.get(code, f"{text[0].upper()}{text[1:]}.") for code, text in told.items()}
    usage = " ".join(each.replace("{", "").replace("}", "") for each in command.collect_usage_pieces(context))
    examples = [line.strip() for line in (command.epilog or "").splitlines()[1:]]
    about = cleandoc(command.help or "")
    shown = {panel: options for panel, options in groups.items() if options}
    return Page(name, COMMANDS[name], f"corpus-tool {name} {usage}", about, arguments, shown, exits, examples)


def _option(option: Any) -> Option:
    default = option.show_default if isinstance(option.show_default, str) else option.default
    shown = "" if default in (None, False, "", []) else str(default)
    value = "" if option.is_flag else option.metavar or str(option.name).upper()
    return Option(tuple(sorted(option.opts, key=len)), value, option.help or "", shown)


def markdown() -> str:
    """The command reference as one page."""
    parts = [
        "# Command reference",
        "Made from the commands by `docs/reference.py`: what `corpus-tool COMMAND --help-all` shows, and the same as "
        "the manual pages (`man corpus-tool-dedup`).",
        OUTSIDE,
        "\n".join(f"- [{name}](#{name}): {text}" for name, text in COMMANDS.items()),
    ]
    for page in map(page_of, COMMANDS):
        parts += [f"## {page.name}", page.about, f"```text\n{page.usage}\n```"]
        parts += [_table("argument", page.arguments)] if page.arguments else []
        for panel, options in page.groups.items():
            parts += [f"**{panel}**", _table("option", options)]
        parts.append("Exit codes: " + " ".join(f"{code}: {text}" for code, text in page.exits.items()))
        parts.append("```sh\n" + "\n".join(page.examples) + "\n```")
    return "\n\n".join(parts) + "\n"


def _table(heading: str, options: list[Option]) -> str:
    rows = [f"| {heading} | does | default |", "|---|---|---|"]
    for each in options:
        written = ", ".join(f"`{name}`" for name in each.names)
        value = f" `{each.value}`" if each.names and each.value else f"`{each.value}`" if each.value else ""
        cells = (written + value, each.text, f"`{each.default}`" if each.default else "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def manuals() -> dict[str, str]:
    """The manual pages by the names of their files: one of the tool, and one of each command."""
    return {
        "corpus-tool.1": _manual_of_all(),
        **{f"corpus-tool-{name}.1": _manual(name) for name in COMMANDS},
    }


def _head(title: str, summary: str, synopsis: str) -> list[str]:
    return [
        f'.TH "{title.upper()}" "1" "" "corpus-tool {__version__}" "User Commands"',
        ".SH NAME",
        f"{_roff(title)} \\- {_roff(summary)}",
        ".SH SYNOPSIS",
        f".B {_roff(synopsis)}",
    ]


def _manual_of_all() -> str:
    lines = _head("corpus-tool", SUMMARY, "corpus-tool COMMAND [OPTIONS] [INPUT...]")
    lines += [
        ".SH DESCRIPTION",
        _roff(_plain("Data goes to standard output, everything else to standard error.")),
        ".SH COMMANDS",
    ]
    for name, text in COMMANDS.items():
        lines += [".TP", f".BR corpus\\-tool\\-{_roff(name)} (1)", _roff(text)]
    lines += [".SH OPTIONS"]
    for each in _own_options():
        lines += _told(each)
    lines += _ending(EXITS)
    return "\n".join(lines) + "\n"


def _own_options() -> list[Option]:
    from typer.main import get_command

    return [_option(each) for each in get_command(app).params if getattr(each, "help", None)]


def _manual(name: str) -> str:
    page = page_of(name)
    summary = page.summary.rstrip(".")
    lines = _head(f"corpus-tool-{name}", summary[0].lower() + summary[1:], page.usage)
    lines += [".SH DESCRIPTION", _roff(page.about)]
    for each in page.arguments:
        lines += [".TP", f".I {_roff(each.value)}", _roff(each.text)]
    lines.append(".SH OPTIONS")
    for panel, options in page.groups.items():
        lines.append(f".SS {_roff(panel)}")
        for each in options:
            lines += _told(each)
    lines += _ending(page.exits)
    lines.append(".SH EXAMPLES")
    for example in page.examples:
        lines += [".RS", ".nf", _roff(example), ".fi", ".RE"]
    lines += [".SH SEE ALSO", ".BR corpus\\-tool (1)"]
    return "\n".join(lines) + "\n"


def _told(option: Option) -> list[str]:
    written = ", ".join(f"\\fB{_roff(name)}\\fR" for name in option.names)
    value = f" \\fI{_roff(option.value)}\\fR" if option.value else ""
    text = option.text.removesuffix(".") + (f"; default {option.default}" if option.default else "")
    return [".TP", written + value, _roff(text if text.endswith("?") else text + ".")]


def _ending(exits: dict[str, str]) -> list[str]:
    lines = [".SH EXIT STATUS"]
    for code, text in exits.items():
        lines += [".TP", f".B {code}", _roff(text)]
    return [*lines, ".SH ENVIRONMENT AND FILES", _roff(_plain(OUTSIDE))]


def _plain(text: str) -> str:
    return text.replace("`", "")


def _roff(text: str) -> str:
    """Text in which nothing is a request, an escape or a hyphen that a terminal would not find again."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def files() -> dict[Path, str]:
    """Everything that is made here."""
    made = {DOCS / "commands.md": markdown()}
    return made | {DOCS / "man" / name: text for name, text in manuals().items()}


if __name__ == "__main__":
    os.environ["COLUMNS"] = "80"
    for path, text in files().items():
        path.write_text(text, "utf-8")
