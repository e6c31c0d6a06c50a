"""What all commands share: a help of one screen, defaults from outside, and mistakes told with their cure."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperOption

from corpus_tool.cli import defaults, pages
from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STDIN_PLACE = re.compile(r"-:\d+")
_HELP = frozenset({"-h", "--help", "--help-all"})
_NEAR = 0.7
_OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


class Command(TyperCommand):
    """One command: its help grouped and cut to a screen, its options with defaults from files and environment."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.params += [
            _flag("--help-all", "Every option, tuning too.", _show_all),
            _flag("--show-config", "What the options are without being typed, and why.", _show_config),
        ]

    @property
    def options(self) -> dict[str, TyperOption]:
        """The options that may have a default from outside, by their long names without dashes."""
        return {
            _long_name(each): each
            for each in self.params
            if isinstance(each, TyperOption) and each.name in self.taken
        }

    @property
    def taken(self) -> set[str]:
        """Names of the parameters that the command's function takes."""
        return {str(each.name) for each in self.params if each.expose_value}

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed, with the defaults from outside for what was not."""
        if ctx.resilient_parsing or not _HELP.isdisjoint(args) or not self.options:
            return super().parse_args(ctx, args)
        found = defaults.of(str(ctx.info_name), self.options, ctx.find_root().command.all_options)
        ctx.default_map = {name: each.value for name, each in found.items()}
        ctx.meta[defaults.FOUND] = found
        known = [name for each in self.get_params(ctx) for name in each.opts]
        try:
            return super().parse_args(ctx, _readable(args, known))
        except typer.Exit:
            raise
        except Exception as error:
            told = _explained(error, known, found)
            if told is error:
                raise
            raise told from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what a default from outside made wrong is told with where it stands."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            error.message += _blamed(error.message, defaults.used(ctx))
            raise

    def get_help(self, ctx: Any) -> str:
        """The page that a terminal of 80 columns and 24 lines shows whole."""
        return pages.screen(self, ctx)


def typed(ctx: typer.Context, *names: str) -> tuple[str, ...]:
    """Those of the named options that stood on the command line, as they are written there."""
    return tuple(
        max(each.opts, key=len)
        for each in ctx.command.params
        if each.name in names
        and getattr(ctx.get_parameter_source(str(each.name)), "name", "") == "COMMANDLINE"
    )


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that somebody may have meant, as the end of a sentence; empty where none is near."""
    found = get_close_matches(word, list(known), n=1, cutoff=_NEAR)
    return f"; did you mean {found[0]}?" if found else ""


def unknown(name: str, commands: Sequence[str]) -> UsageError:
    """The refusal of a command that is none, with the nearest one, or what to do with a file."""
    cure = nearest(name, commands)
    if not cure and Path(name).exists():
        cure = f"; {name} is an input: did you mean corpus-tool dedup {name}?"
    return UsageError(f"No such command '{name}'{cure} (see --help)")


def _flag(name: str, text: str, callback: Any) -> TyperOption:
    return TyperOption(
        param_decls=[name],
        is_flag=True,
        default=False,
        is_eager=True,
        expose_value=False,
        show_default=False,
        help=text,
        callback=callback,
        rich_help_panel=pages.MESSAGES,
    )


def _show_all(ctx: Any, _: Any, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        print(pages.everything(ctx.command, ctx))
        raise typer.Exit


def _show_config(ctx: Any, _: Any, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        print("\n".join(defaults.listed(ctx.command.options, ctx.meta[defaults.FOUND])))
        raise typer.Exit


def _long_name(option: TyperOption) -> str:
    return max(option.opts, key=len).lstrip("-")


def _readable(args: list[str], known: Sequence[str]) -> list[str]:
    """The arguments, a line of standard input (`-:11`) as no option.

    Raises:
        UsageError: A long option has one dash, and would be read as a short one with a value.
    """
    for each in args[: args.index("--") if "--" in args else None]:
        name = each.partition("=")[0]
        if len(name) > 2 and name[1] != "-" and f"-{name}" in known:
            raise UsageError(f"{each}: a long option has two dashes; did you mean -{each}?")
    return [f"./{each}" if _STDIN_PLACE.fullmatch(each) else each for each in args]


def _explained(error: Exception, known: Sequence[str], found: dict[str, defaults.Default]) -> Exception:
    """A mistake in options, with the nearest option there is, or where the value came from."""
    if type(error).__name__ == "NoSuchOption":
        name = str(getattr(error, "option_name", ""))
        return UsageError(f"No such option: {name}{nearest(name, known)} (see --help)")
    if hasattr(error, "message"):
        told = error.format_message() if hasattr(error, "format_message") else error.message
        error.message += _blamed(str(told), found)
    return error


def _blamed(message: str, found: dict[str, defaults.Default]) -> str:
    """Where the options that a message names were set, if not on the command line."""
    named = {name.lstrip("-") for name in _OPTION.findall(message)}
    origins = [f"--{each.option} from {each.origin}" for each in found.values() if each.option in named]
    return f" ({', '.join(origins)})" if origins else ""
