"""`corpus-tool help`: the help of a command, by its name."""

from __future__ import annotations

from typing import Annotated

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli.command import unknown


def _names() -> list[str]:
    from corpus_tool.cli import COMMANDS

    return list(COMMANDS)


EXAMPLES = given.examples("corpus-tool help dedup", "corpus-tool help explain")


def command(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMMAND]", help="Which; without one, the list.", autocompletion=given.one_of(_names)
        ),
    ] = None,
) -> None:
    """Show the help of a command."""
    from corpus_tool.cli import load

    root = ctx.find_root()
    if name is None:
        print(root.get_help())
        return
    if name not in _names():
        raise unknown(name, _names())
    shown = load(name)
    print(shown.get_help(type(ctx)(shown, info_name=name, parent=root)))
