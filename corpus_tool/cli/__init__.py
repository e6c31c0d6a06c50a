"""The command line: one file a command, loaded when it is called.

Here stands only what all commands share: their list, and how a process ends. Exit codes: 0 done, 1 a finding
that was asked for, 2 usage, input or output, 130 interrupted. No traceback reaches a user, unless the variable
CORPUS_TOOL_DEBUG is set.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from corpus_tool import __version__
from corpus_tool.cli import defaults, pages
from corpus_tool.cli.command import Command, nearest, unknown
from corpus_tool.errors import CorpusError, UsageError
from corpus_tool.views.terminal import visible, without_passwords

if TYPE_CHECKING:
    from types import FrameType

COMMANDS = {
    "parse": "Turn raw digests into JSONL records.",
    "dedup": "Collapse near-duplicate records: one a cluster, in input order.",
    "restore": "Put removed records back among the kept ones.",
    "export": "Write records as JSONL, CSV or a readable Markdown page.",
    "explain": "Show why two records are, or are not, duplicates.",
    "stats": "Count records, exact copies, lengths and missing fields.",
    "report": "Show what a run did as one HTML page with charts.",
    "check": "Hold a collection to limits, for CI: exit 1 if it breaks one.",
    "compare": "Tell what two collections share, and what was revised.",
    "evaluate": "Score a deduplication against a gold file.",
    "recover": "Finish what a killed run left between two output files.",
    "review": "Label borderline pairs in the terminal, one key each.",
    "index": "Look at, ask or change what dedup --index remembers.",
    "tune": "Fit the weights of the papers scorecard to your own labels.",
}
"""Every command and what the list of them says of it, so that the list need not load them."""

HELP = "help"
"""The command that shows the help of another; no row of its own in lists of what the tool does."""

INTERRUPTED = 130
_VERBOSE = "corpus_tool.verbose"
_NO_MEMORY = "out of memory: set a --memory-limit, or give the machine more"


def load(name: str) -> Command:
    """The command of a name, its module loaded."""
    module = importlib.import_module(f"corpus_tool.cli.{name}")
    single = typer.Typer(rich_markup_mode=None, add_completion=False)
    single.command(name, cls=Command, no_args_is_help=False, epilog=module.EXAMPLES)(module.command)
    found = get_command(single)
    assert isinstance(found, Command)
    found.name = name
    return found


class Commands(TyperGroup):
    """Loads the module of a command when it is named."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, HELP]

    def get_help(self, ctx: Any) -> str:
        return pages.listing(self, ctx, {**COMMANDS, HELP: "Show the help of a command."})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return load(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def all_options(self) -> dict[str, set[str]]:
        """The options of every command that may have defaults from outside."""
        return {name: set(load(name).options) for name in COMMANDS}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            raise unknown(args[0], list(COMMANDS))
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta[_VERBOSE] = "--verbose" in args  # known before --version, which ends the parsing, is met
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            name = getattr(error, "option_name", None)
            if type(error).__name__ != "NoSuchOption" or name is None:
                raise
            cure = nearest(name, [own for each in self.get_params(ctx) for own in each.opts])
            cure = cure or "; the options of a command stand after its name"
            raise UsageError(f"No such option: {name}{cure} (see --help)") from error


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(ctx: typer.Context, wanted: bool) -> None:
    if not wanted:
        return
    print(f"corpus-tool {__version__}")
    if ctx.meta.get(_VERBOSE):
        import platform

        from corpus_tool.kernel import loading

        print(f"Python {platform.python_version()} on {platform.machine()}")
        print(loading.describe())
    raise typer.Exit


def _overview() -> list[str]:
    """What is set from outside, command by command, as lines of TOML."""
    group = get_command(app)
    assert isinstance(group, Commands)
    lines = [f"# {each}" for each in defaults.unknown_variables(group.all_options)]
    for name in COMMANDS:
        options = load(name).options
        found = defaults.of(name, options, group.all_options)
        if found:
            rows = defaults.listed({each.option: options[each.option] for each in found.values()}, found)
            lines += [f"[{name}]", *rows]
    return lines or [
        f"# nothing is set: no {defaults.OWN_FILE} here or above, no {defaults.PREFIX}* variable"
    ]


def _show_config(wanted: bool) -> None:
    if wanted:
        print("\n".join(_overview()))
        raise typer.Exit


@app.callback(
    epilog="Examples:\n  corpus-tool dedup digests/ -o clean.jsonl\n"
    "  cat *.txt | corpus-tool parse - | corpus-tool dedup - > clean.jsonl"
)
def root(
    version: Annotated[
        bool,
        typer.Option(
            "-V", "--version", callback=_version, is_eager=True, help="Print the version.", show_default=False
        ),
    ] = False,
    show_config: Annotated[
        bool,
        typer.Option(
            "--show-config",
            callback=_show_config,
            is_eager=True,
            help="Print the defaults that a file or the environment sets.",
            show_default=False,
        ),
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="With --version: what runs the kernels.", show_default=False)
    ] = False,
) -> None:
    """Turn piles of paper digests, and any texts, into clean, deduplicated ones."""
    if verbose:
        raise UsageError("--verbose goes with --version")


def main() -> NoReturn:
    """Run the command line and end the process."""
    if sys.stderr is None:  # closed by whoever started us: `print` would turn to standard output
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # unlike under nohup
            signal.signal(number, _terminate)
    try:
        code = _run()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # all is done: a further one may only end the process
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = _closed_pipe()
    except OSError as error:
        code = _tell(f"standard output: cannot write: {error.strerror}", 2)
    _silence()
    sys.exit(code)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def _failed(error: OSError) -> str:
    """What the system refused, in one line."""
    if error.errno == errno.ENOMEM:
        return _NO_MEMORY
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _run() -> int:
    try:
        code = int(app(prog_name="corpus-tool", standalone_mode=False) or 0)
        return _tell(_interruption(), code) if code == INTERRUPTED else code
    except CorpusError as error:
        return _tell(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(_interruption(), INTERRUPTED)
    except BrokenPipeError:
        return _closed_pipe()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # which typer takes for a failure
            return _closed_pipe()
        raise
    except MemoryError:
        return _tell(_NO_MEMORY, 2)
    except OSError as error:
        return _tell(_failed(error), 2)
    except Exception as error:
        if os.environ.get("CORPUS_TOOL_DEBUG"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error, file=sys.stderr)
            return 2
        if hasattr(error, "format_message"):  # what the option parser raises
            return _tell(f"{error.format_message()} (see --help)", 2)
        return _tell(
            f"internal error, please report it: {type(error).__name__}: {error} "
            "(CORPUS_TOOL_DEBUG=1 shows where)",
            2,
        )


def _interruption() -> str:
    """What an interrupt found: all outputs in their places, or none."""
    atomic = sys.modules.get("corpus_tool.sinks.atomic")
    if atomic is not None and atomic.Outputs.published:
        return "interrupted when all outputs had been written"
    return "interrupted: no output file was written or replaced"


def _tell(message: str, code: int) -> int:
    with suppress(OSError, ValueError):
        print(visible(without_passwords(message)), file=sys.stderr, flush=True)
    return code


def _closed_pipe() -> int:
    """Whoever read our output has gone: that is no error."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _silence() -> None:
    """Keep the interpreter's own flush at exit from complaining about streams that are gone."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
