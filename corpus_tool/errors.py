"""Every failure a user can cause or meet, each with the exit code of its process.

    CorpusError             2   anything below that has no code of its own
    ├── LimitBroken         1   a limit that was asked for
    ├── UsageError          2   options that do not go together
    ├── InputError          2   a file, a line or a record that cannot be used
    │   └── UnknownForm     2   a file of another kind, which among others may be left out
    └── OutputError         2   a result that could not be written

A message says what is wrong and what to do about it; the command line prints it as
`path:line: message`. Programming mistakes are not in this tree and stay visible as such.
"""

from __future__ import annotations


class CorpusError(Exception):
    """Base of all errors that are reported to the user as one line.

    Args:
        message: What is wrong and what to do.
        path: The file it concerns, as the user named it.
        line: The 1-based line in that file.
    """

    exit_code = 2

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        if self.line is None:
            return f"{self.path}: {self.message}"
        return f"{self.path}:{self.line}: {self.message}"


class LimitBroken(CorpusError):
    """A limit that the user set, and that what was found does not keep."""

    exit_code = 1


class UsageError(CorpusError):
    """Options or arguments that cannot be used together."""


class InputError(CorpusError):
    """A file, a line or a record that cannot be used.

    Attributes:
        rest: Bytes that were read before the fault and belong to no whole line.
    """

    rest = b""


class UnknownForm(InputError):
    """A file that is none of those this program reads, though there is nothing wrong with it."""


class OutputError(CorpusError):
    """A result that could not be written."""
