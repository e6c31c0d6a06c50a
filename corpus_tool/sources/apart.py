"""What a run writes is none of its inputs: its own files are left out where a folder or a pattern names many."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_STREAMS = {None, "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}


class Apart:
    """The files that the outputs of a run are, or will replace.

    Args:
        outputs: As the options name them; None and `-` are standard output.
    """

    def __init__(self, outputs: Iterable[str | None] = ()) -> None:
        given = list(outputs)
        self._paths = {os.path.realpath(each) for each in given if each and each not in _STREAMS}
        self._files = {found for each in self._paths if (found := _file(each))}
        self._stdout = _stdout() if any(each in _STREAMS for each in given) else None

    def holds(self, path: str) -> bool:
        """Whether a path, a link to it or another name of the same file is one of the outputs."""
        if not self._paths and not self._stdout:
            return False
        found = _file(path)
        return os.path.realpath(path) in self._paths or (
            found is not None and (found in self._files or found == self._stdout)
        )

    def check(self, path: str, name: str) -> None:
        """That an input which was named is not what standard output goes to.

        Raises:
            InputError: It is: by now the shell has emptied it, or what is written would be read again.
        """
        if self._stdout is None or _file(path) != self._stdout:
            return
        emptied = "" if _size(path) else ", and the shell has emptied it (> does, before anything runs)"
        raise InputError(
            f"standard output goes to this very input{emptied}: write with -o FILE, which may be the input",
            path=name,
        )

    def check_stdin(self, name: str) -> None:
        """As `check`, for standard input that was redirected from a file."""
        try:
            descriptor = sys.stdin.fileno() if sys.stdin is not None else -1
        except OSError:
            return
        self.check(f"/dev/fd/{descriptor}", name)


def _stdout() -> tuple[int, int] | None:
    """Device and inode of standard output, where it is a plain file."""
    try:
        found = os.fstat(sys.stdout.fileno())
    except (OSError, AttributeError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _file(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _size(path: str) -> int:
    return Path(path).stat().st_size
