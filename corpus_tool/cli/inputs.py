"""The inputs of a command: its arguments, and the options that choose among what they bring in, or name it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from corpus_tool.cli.command import typed
from corpus_tool.errors import InputError, UsageError
from corpus_tool.sources.chosen import Chosen
from corpus_tool.sources.inputs import STDIN, expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import typer

    from corpus_tool.cli.console import Notes
    from corpus_tool.sources.inputs import Input


def inputs_of(
    ctx: typer.Context, notes: Notes, arguments: Iterable[str] | None, *outputs: str | None
) -> list[Input]:
    """What to read, by the options in the context of a command.

    Args:
        ctx: Of the command.
        notes: Told of each place where `--include` and `--exclude` leave nothing.
        arguments: INPUT as typed.
        outputs: Of the same run, as its options name them.

    Raises:
        InputError: An argument names nothing that is there, or no input is left.
        UsageError: An option was typed that has nothing to choose from, or to name.
    """
    given = ctx.params
    chosen = Chosen(given.get("include") or (), given.get("exclude") or ())
    name = given.get("source_name")
    if name == "":
        raise UsageError("--source-name is empty: say what standard input is to be called")
    inputs = expand(arguments or (), *outputs, chosen=chosen, stdin_name=name or STDIN)
    _refuse_idle(ctx, chosen, inputs)
    if name and sum(each.name == name for each in inputs) > 1:
        raise UsageError(f"--source-name {name}: another input is called so; take a name of its own")
    for error in chosen.nothing_left:
        notes.say(str(error))
    return inputs


def two_of(
    ctx: typer.Context,
    notes: Notes,
    first: Sequence[str],
    second: Sequence[str],
    *outputs: str | None,
) -> tuple[list[Input], list[Input]]:
    """The inputs of two collections, named so that all can be told apart.

    What a folder or a pattern brings in for the one and the other names itself is only of the other.

    Raises:
        CorpusError: As for `inputs_of`; also where one of the two has no input left.
    """
    for path in (*first, *second):
        _refuse_index(path)
    found = inputs_of(ctx, notes, [*first, *second], *outputs)
    given = ctx.params
    chosen = Chosen(given.get("include") or (), given.get("exclude") or ())
    count = len(expand(first, *outputs, chosen=chosen))
    if count == len(found):
        raise chosen.nothing_left[0] if chosen.nothing_left else UsageError("the second collection is empty")
    own, others = found[:count], found[count:]
    return _apart(own, others, notes), _apart(others, own, notes)


def _apart(own: list[Input], others: list[Input], notes: Notes) -> list[Input]:
    """The inputs of one collection without what only a folder brought in and the other collection names."""
    named = {os.path.realpath(each.path) for each in others if not each.found}
    left = [each for each in own if not (each.found and os.path.realpath(each.path) in named)]
    for each in own:
        if each not in left:
            notes.say(f"{each.name} is named as the other collection, and is left out of the folder's")
    if not left:
        raise UsageError("one collection holds nothing but what is named as the other: name other inputs")
    return left


def refuse_replacing(option: str, output: str | None, inputs: Iterable[Input]) -> None:
    """Refuse an output that would take the place of an input, of a command that writes no records back.

    Raises:
        UsageError: It would.
    """
    if output is not None and os.path.realpath(output) in {os.path.realpath(each.path) for each in inputs}:
        raise UsageError(f"{option} {output} is an input, and would be lost: name another file")


def _refuse_index(path: str) -> None:
    """An index keeps one record of several: what it holds must be written out to be compared."""
    from corpus_tool.index.opening import is_index

    if is_index(path):
        raise InputError(
            "this is an index: `corpus-tool index export` writes the records that it keeps, which can be given",
            path=path,
        )


def as_typed(ctx: typer.Context) -> list[str]:
    """The same options as words of a command line, for a command that reads the same inputs."""
    given = ctx.params
    pairs = [("--include", each) for each in given.get("include") or ()]
    pairs += [("--exclude", each) for each in given.get("exclude") or ()]
    pairs += [("--source-name", name)] if (name := given.get("source_name")) else []
    return [word for pair in pairs for word in pair]


def _refuse_idle(ctx: typer.Context, chosen: Chosen, inputs: Iterable[Input]) -> None:
    """Refuse options that were typed and change nothing: whoever typed them believes that they do."""
    choosing = typed(ctx, "include", "exclude")
    if choosing and not chosen.asked:
        raise UsageError(
            f"{choosing[0]} does nothing here: it chooses among what a folder, a pattern or an archive brings in, and "
            "every input is named (the shell may have done that: write the pattern in quotes)"
        )
    if typed(ctx, "source_name") and all(each.path != STDIN for each in inputs):
        raise UsageError("--source-name does nothing here: standard input is not among the inputs")
