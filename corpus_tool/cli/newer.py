"""`--newer-than`: of the files that a command names only those that have changed since a time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.errors import UsageError
from corpus_tool.sources import remote
from corpus_tool.sources.inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.sources.inputs import Input

_TICK = 0.02
"""Seconds by which a file system's clock may be behind."""


def newer(inputs: Sequence[Input], since: str) -> list[Input]:
    """The inputs that have changed since a time; what is no file has, as far as anybody knows.

    Args:
        inputs: What was named.
        since: A date or a time in ISO form, here where it names no zone; or a file: since it changed, or, where it is
            an index, since the last run began that took something into it.

    Raises:
        CorpusError: It is none of these.
    """
    least = _moment(since)
    return [each for each in inputs if _changed(each) >= least]


def _changed(given: Input) -> float:
    if given.path == STDIN or remote.is_address(given.path):
        return float("inf")
    return Path(given.path).stat().st_mtime


def _moment(since: str) -> float:
    """Seconds since the epoch."""
    if _is_index(since):
        return _last_run(since)
    path = Path(since)
    if path.is_file():
        return path.stat().st_mtime
    try:
        return datetime.fromisoformat(since).timestamp()
    except (ValueError, OverflowError):
        raise UsageError(
            f"--newer-than {since} is no time, and no file is called so: write 2026-03-14, 2026-03-14T06:30, or the "
            "name of a file, such as the index"
        ) from None


def _is_index(path: str) -> bool:
    from corpus_tool.index.storages import is_index

    return is_index(path)


def _last_run(path: str) -> float:
    from corpus_tool.index.storages import open_storage

    with open_storage(path, write=False) as storage:
        runs = storage.runs()
    return datetime.fromisoformat(runs[-1].time).timestamp() - _TICK if runs else 0.0
