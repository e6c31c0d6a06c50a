"""What `dedup` holds its records against: an index, which takes them in, or a file; nothing where none is named.

    1. the index is opened, and what it has taken in already is not read again
    2. the run is held against it, and its outputs are written
    3. its records are put into the index, which nobody sees yet
    4. the outputs take their places, then the index commits

So whenever a run is killed, the index knows of no record that no output holds, and the same command does it again.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.cli.command import typed
from corpus_tool.errors import CorpusError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typer

    from corpus_tool.cli.console import Notes
    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.engines.beside import Past
    from corpus_tool.index.protocol import Storage
    from corpus_tool.sinks.atomic import Outputs
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems


class NothingNew(Exception):
    """All that was given was known before, or is older than what is asked for.

    Args:
        why: In words.
    """


_BEFORE = "all that was named was taken in before"


class NoPast:
    """A run that is held against nothing."""

    def fresh(self, inputs: Sequence[Input]) -> list[Input]:
        """The inputs that are to be read.

        Raises:
            NothingNew: There is none.
        """
        return list(inputs)

    def past(self, problems: Problems) -> Past | None:
        """What the run is held against."""
        return None

    def take(self, run: Run) -> None:
        """Take in what was read, so that nobody sees it yet.

        Raises:
            NothingNew: All of it had been taken in before.
        """

    def commit(self, outputs: Outputs, *paths: str | None) -> None:
        """What was taken in stays; the outputs have their places."""


class FilePast(NoPast):
    """A run that is held against the records of a file, of a folder, or of whatever else is an input."""

    def __init__(self, path: str) -> None:
        from corpus_tool.sources.inputs import expand

        self._path, self._inputs = path, expand([path])

    def past(self, problems: Problems) -> Past:
        from corpus_tool.engines.against import InputsPast

        return InputsPast(self._path, self._inputs, problems)


class IndexPast(NoPast):
    """A run that is held against an index.

    Args:
        storage: The index, in a transaction where it is to be written.
        notes: Told of inputs that are not read.
        write: Whether it takes in what is read.
    """

    def __init__(self, storage: Storage, notes: Notes, *, write: bool) -> None:
        from corpus_tool.index.past import IndexPast as Known

        self._storage, self._notes, self._write = storage, notes, write
        since = time.perf_counter() - notes.started  # before the inputs were looked for
        self._time = (
            datetime.fromtimestamp(time.time() - since).astimezone().isoformat(timespec="milliseconds")
        )
        self._known = Known(storage)

    def fresh(self, inputs: Sequence[Input]) -> list[Input]:
        if not self._write:
            return list(inputs)
        from corpus_tool.index.inputs import Inputs

        self._inputs = Inputs(self._storage, inputs)
        before = self._inputs.before
        if before and self._inputs.fresh:
            name, run = next(iter(before.items()))
            self._notes.say(
                f"{len(before):,} of {len(inputs):,} inputs were taken into {self._storage.name} before and are not "
                f"read again; the first is {name}, in run {run}"
            )
        if not self._inputs.fresh:
            raise NothingNew(_BEFORE)
        return self._inputs.fresh

    def past(self, problems: Problems) -> Past:
        return self._known

    def take(self, run: Run) -> None:
        if not self._write:
            return
        from corpus_tool.index.taking import take

        if self._inputs.read(run.store):
            raise NothingNew(_BEFORE)
        take(self._storage, self._known, self._time, self._inputs.hashes)

    def commit(self, outputs: Outputs, *paths: str | None) -> None:
        if not self._write:
            return
        if outputs.dropped:
            self._notes.warn(
                f"{self._storage.name}: standard output was closed before all was read, so nothing was taken in"
            )
            return
        _make_last(paths)
        try:
            self._storage.commit()
        except CorpusError as error:
            error.message += (
                "; the outputs are written, the index is as it was: the same command does both again"
            )
            raise


@contextmanager
def past_of(ctx: typer.Context, notes: Notes, options: Options) -> Iterator[NoPast]:
    """What a run is held against, by the options of its command; the index is closed afterwards.

    Raises:
        CorpusError: Options that do not go together, or an index that cannot be used.
    """
    given = ctx.params
    index, against = given.get("index"), given.get("against")
    _refuse(ctx, options)
    if index is None and against is None:
        yield NoPast()
        return
    from corpus_tool.index.storages import is_index, open_storage

    if against is not None and not is_index(against):
        yield FilePast(against)
        return
    write = index is not None and not given.get("read_only")
    with open_storage(index or against or "", write=write) as storage:
        from corpus_tool.index import configuration

        if write:
            storage.begin(given["wait"], notes.warn)
        configuration.settle(storage, options, write=write)
        yield IndexPast(storage, notes, write=write)


def _refuse(ctx: typer.Context, options: Options) -> None:
    """Refuse options that do not go together."""
    given = ctx.params
    index, against = given.get("index"), given.get("against")
    if idle := [each for each in typed(ctx, "read_only", "wait") if index is None]:
        raise UsageError(f"{idle[0]} is for --index: name the index too")
    if index is None and against is None:
        return
    chosen = "--index" if index is not None else "--against"
    if index is not None and against is not None:
        raise UsageError(
            "--index takes in what it lets pass, --against only looks: choose one (--index FILE --read-only looks too)"
        )
    if given["wait"] < 0:
        raise UsageError("--wait needs seconds, 0 or more")
    clash = {
        "--transitive": options.transitive,
        "--unique-within": bool(options.unique_within),
        "--versions link": options.papers.versions == "link",
        "--recall-check": bool(given.get("recall_check")),
    }
    for option, was in clash.items():
        if was:
            raise UsageError(f"{option} looks at all records at once: it does not go with {chosen}")
    if against == "-":
        raise UsageError("--against needs the name of a file: standard input is what is held against it")
    mine = {os.path.realpath(each) for each in own_files(ctx)}
    for name in ("output", "removed", "clusters", "rejects"):
        path = given.get(name)
        if path and path != "-" and index is not None and os.path.realpath(path) in mine:
            raise UsageError(f"--{name} {path} is the index, which would be replaced: write elsewhere")


def own_files(ctx: typer.Context) -> list[str]:
    """The files that a command is held against, and those of its index: no folder brings them in as an input."""
    held = [ctx.params.get("index"), ctx.params.get("against")]
    return [name + ending for name in held if name for ending in ("", "-wal", "-shm", "-journal")]


def _make_last(paths: Sequence[str | None]) -> None:
    """Let outputs reach the disk before the index does: after a power cut it must know of no record that they lost."""
    for path in {path for path in paths if path and path != "-"}:
        for place in (Path(path), Path(os.path.realpath(path)).parent):
            with suppress(OSError):
                descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)


def chosen_of(ctx: typer.Context, inputs: list[Input]) -> list[Input]:
    """The inputs that are new enough, where that is asked for.

    Raises:
        NothingNew: There is none.
    """
    since = ctx.params.get("newer_than")
    if since is None:
        return inputs
    from corpus_tool.cli.newer import newer

    found = newer(inputs, since)
    if not found:
        raise NothingNew(f"no input has changed since {since}")
    return found


def nothing_new(ctx: typer.Context, notes: Notes, count: int, why: str) -> None:
    """The end of a run in which there is nothing to read: outputs that are there stay, others are made empty."""
    from corpus_tool.sinks.atomic import Outputs

    given = ctx.params
    named = [given.get(each) for each in ("output", "removed", "clusters")]
    missing = [path for path in named if path and path != "-" and not os.path.lexists(path)]
    with Outputs() as outputs:
        for path in missing:
            outputs.open(path)
    text = f"nothing is new: {why}"
    if any(path and path not in {"-", *missing} for path in named):
        text += "; the outputs stay as they are"
    numbers = {"sources": 0, "not_new": count, "records": 0, "kept": 0, "removed": 0}
    notes.summary(text, numbers, as_json=bool(given.get("as_json")), outputs=outputs)
