"""What a command says on stderr, and how it ends: notes, progress, summaries, exit codes."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import orjson

from corpus_tool.cli import defaults
from corpus_tool.cli.command import typed
from corpus_tool.errors import InputError, OutputError
from corpus_tool.kernel import loading
from corpus_tool.progress import Progress
from corpus_tool.sinks.atomic import STDOUT
from corpus_tool.sources.problems import Problems
from corpus_tool.views.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer
    from rich.progress import Progress as Bars

    from corpus_tool.cli import Commands
    from corpus_tool.config import Reading
    from corpus_tool.sinks.atomic import Outputs
    from corpus_tool.sources.inputs import Input

_UNREAD = "the outputs are written, what --json says of them is lost"


def refuse_loss(
    count: int, problems: Problems, outputs: Outputs, rejects: str | None, *, allow_empty: bool
) -> None:
    """Keep what stands at the outputs' places, but for the rejects, where all that was given had to be skipped.

    Raises:
        InputError: No record was read of inputs in which something was wrong, and a file would be lost by that.
    """
    if count or not problems.bad_count or allow_empty:
        return
    if replaced := [name for name in outputs.replaced() if name != rejects]:
        raise InputError(
            f"nothing could be read, all was skipped, and {replaced[0]}, which is not empty, would be replaced; "
            "if that is meant, say --allow-empty"
        )


class Notes:
    """Notes on stderr, silent where asked; what the options of a command say of them is read from its context.

    With `--json` a summary that cannot go to stdout, where the records are, has stderr for itself: notes are held and
    become a part of it. A run that fails, or has no summary, says them at its end.
    """

    def __init__(self, ctx: typer.Context) -> None:
        given = ctx.params
        self.quiet = bool(given.get("quiet"))
        self.started = time.perf_counter()
        loading.say = self.say
        data_on_stdout = {given.get("output"), given.get("removed"), given.get("clusters")} & {"-", None}
        self._holding = bool(given.get("as_json") and data_on_stdout)
        self._held: list[str] = []
        ctx.call_on_close(self._release)
        for text in defaults.unknown_variables(cast("Commands", ctx.find_root().command).all_options):
            self.say(text)
        for text in defaults.told(defaults.used(ctx).values()):
            self.say(text)

    def say(self, text: str) -> None:
        """One line for people; a stderr that is full or gone is no reason to stop."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """What was skipped, left out or not placed: said in any case, as it is missing from what the run gives."""
        if self._holding:
            self._held.append(text)
            return
        with suppress(OSError):
            print(visible(text), file=sys.stderr)

    def _release(self) -> None:
        self._holding, held, self._held = False, self._held, []
        for text in held:
            self.warn(text)

    def problems(self, options: Reading, outputs: Outputs, *, skippable: bool = True) -> Problems:
        """The collector of bad input that goes with the reading options, of a command with --on-error or without."""
        return Problems(
            skip=options.skip,
            strict=options.strict,
            rejects=outputs.open(options.rejects) if options.rejects else None,
            say=self.warn,
            hint=" (--on-error skip leaves it out)" if skippable else "",
        )

    def say_of_year(self, ctx: typer.Context, inputs: Sequence[Input]) -> None:
        """That a year was typed for dates of digests where none of the inputs is one."""
        if typed(ctx, "year") and not any(each.met.digest for each in inputs):
            self.say("--year does nothing here: it completes dates of digests, and no input is one")

    def summary(self, text: str, numbers: dict[str, Any], *, as_json: bool, outputs: Outputs) -> None:
        """The last line of a run: for people on stderr; for machines on stdout, or stderr where data is there."""
        seconds = time.perf_counter() - self.started
        if not as_json:
            self.say(f"{text} in {seconds:.2f} s")
            return
        told = {**numbers, "seconds": round(seconds, 4)}
        if outputs.on_stdout and self._held:
            told["notes"], self._held = self._held, []
        self._release()
        line = orjson.dumps(told).decode()
        if outputs.on_stdout:
            with suppress(OSError):
                print(line, file=sys.stderr)
            return
        if sys.stdout is None:
            raise OutputError(f"it is closed: {_UNREAD}", path=STDOUT)
        try:
            print(line, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot write, {(error.strerror or '').lower()}: {_UNREAD}", path=STDOUT
            ) from error

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress bars where stderr is a terminal, a stop-watch elsewhere."""
        if self.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            yield Progress()
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description:<8}"),
            BarColumn(),
            TextColumn("{task.fields[shown]}"),
            TimeRemainingColumn(compact=True),
        )
        with RichProgress(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Shown(bars)


class _Shown(Progress):
    """Progress drawn by rich: a bar that pulses until a stage first says how far it is."""

    def __init__(self, bars: Bars) -> None:
        super().__init__()
        self._bars = bars
        self._task: Any = None
        self._total: float | None = None
        self._unit = ""
        self._scale = 1
        self._before = 0

    def stage(self, name: str, total: int | None = None, unit: str = "bytes") -> None:
        super().stage(name, total, unit)
        self._scale = 1 << 20 if unit == "bytes" else 1
        self._unit = "MiB" if unit == "bytes" else unit
        self._total = None if total is None else total / self._scale
        self._before = self.counts[name]
        shown = "" if self._total is None or unit == "bytes" else f"{self._total:,.0f} {self._unit}"
        self._task = self._bars.add_task(name, total=None, shown=shown)

    def advance(self, amount: int) -> None:
        super().advance(amount)
        if self._stage is None:
            return
        done = (self.counts[self._stage] - self._before) / self._scale
        rate = done / max(time.perf_counter() - self._since, 1e-6)
        of = "" if self._total is None else f"/{self._total:,.0f}"
        shown = f"{done:,.0f}{of} {self._unit}, {rate:,.0f} {self._unit}/s"
        self._bars.update(self._task, total=self._total, completed=done, shown=shown)

    def finish(self) -> None:
        super().finish()
        if self._task is not None:
            self._bars.remove_task(self._task)
            self._task = None
