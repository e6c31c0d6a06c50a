"""Single keys from a terminal, without a line end behind them."""

from __future__ import annotations

import os
import re
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AT_ONCE = 64
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")
"""What arrows and their like send."""
_ENDS = frozenset(("", "\x04"))


def require(what: str) -> None:
    """Refuse to begin where nobody can press a key.

    Raises:
        UsageError: Standard input or standard error is no terminal.
    """
    for stream, name in ((sys.stdin, "standard input"), (sys.stderr, "standard error")):
        if stream is None or not stream.isatty():
            raise UsageError(f"{what}: {name} is not a terminal")


@contextmanager
def keys() -> Iterator[Callable[[], str]]:
    """Give a function that waits for a key; "" where the terminal has gone. The terminal is put back afterwards.

    Keys such as arrows, which send several characters, are passed over.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    waiting: list[str] = []

    def key() -> str:
        while not waiting:
            try:
                data = os.read(terminal, _AT_ONCE)
            except OSError:
                data = b""
            if not data:
                return ""
            waiting.extend(_SEQUENCE.sub("", data.decode("utf-8", "replace")))
        found = waiting.pop(0)
        return "" if found in _ENDS else found

    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        yield key
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
