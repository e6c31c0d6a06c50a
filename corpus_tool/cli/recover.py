"""`corpus-tool recover`: outputs of a run that was killed while they took their places."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes
from corpus_tool.errors import InputError
from corpus_tool.publication import finish_at, finish_in

EXAMPLES = given.examples("corpus-tool recover clean.jsonl", "corpus-tool recover results/")


def command(
    ctx: typer.Context,
    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PLACE...", help="Output files, or folders of them; default here.", show_default=False
        ),
    ] = None,
    quiet: given.Quiet = False,
) -> None:
    """Finish what a killed run left. All its outputs take their places, or all old ones stay."""
    notes = Notes(ctx)
    done = [str(path) for place in places or ["."] for path in _finished(place)]
    for name in done:
        notes.say(f"put in its place: {name}")
    if not done:
        notes.say("nothing to finish: every output is whole")


def _finished(place: str) -> list[Path]:
    path = Path(os.path.realpath(place))
    if path.is_dir():
        return finish_in(path)
    if not path.parent.is_dir():
        raise InputError("no such file or folder; check the spelling and the folder you are in", path=place)
    return finish_at(path)
