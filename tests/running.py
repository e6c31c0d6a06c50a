"""Running the command line inside the test's own process: the same `main`, without the cost of a start."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from corpus_tool.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ran(NamedTuple):
    """How a run ended, and what it wrote."""

    code: int
    out: bytes
    err: str


def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
    """Run `corpus-tool ARGUMENTS` here; standard input is a file that holds the bytes."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        _signals_restored(),
    ):
        given.write(stdin)
        given.seek(0)
        with _streams(given.fileno(), out.fileno(), err.fileno(), [str(each) for each in arguments]):
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read(), err.read().decode())


@contextmanager
def _streams(given: int, out: int, err: int, arguments: list[str]) -> Iterator[None]:
    old = sys.stdin, sys.stdout, sys.stderr, sys.argv
    try:
        with (
            open(os.dup(given), encoding="utf-8") as sys.stdin,  # noqa: PTH123 - descriptors
            open(os.dup(out), "w", encoding="utf-8") as sys.stdout,  # noqa: PTH123
            open(os.dup(err), "w", encoding="utf-8", buffering=1) as sys.stderr,  # noqa: PTH123
        ):
            sys.argv = ["corpus-tool", *arguments]
            yield
    finally:
        sys.stdin, sys.stdout, sys.stderr, sys.argv = old


@contextmanager
def _signals_restored() -> Iterator[None]:
    handlers = [(number, signal.getsignal(number)) for number in SIGNALS]
    try:
        yield
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)
