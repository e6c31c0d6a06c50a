"""What to do about input that cannot be used: end the run, or go on, count and keep it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Sink(Protocol):
        """Where rejected lines go."""

        def write(self, data: bytes, /) -> object: ...


class Problems:
    """Collects what is wrong with the inputs of one run.

    Args:
        skip: Go on after a bad line or file instead of raising.
        strict: Raise for text that a digest parser could not place.
        rejects: Receives each bad line as it stood, with a newline.
        say: Prints a warning, one line.
        hint: Added to the message about a line that ends the run.
    """

    def __init__(
        self,
        *,
        skip: bool = False,
        strict: bool = False,
        rejects: Sink | None = None,
        say: Callable[[str], None] | None = None,
        hint: str = "",
    ) -> None:
        self.skip = skip
        self.strict = strict
        self.rejects = rejects
        self.hint = hint
        self.say = say or (lambda text: print(text, file=sys.stderr))
        self.bad_count = 0
        self.unplaced_count = 0
        self.left_out_count = 0
        self._hopeless: set[str] = set()

    def hopeless(self, path: str) -> None:
        """Of this source no line has been seen that could be used: to skip bad ones would lose all of it."""
        self._hopeless.add(path)

    def bad(self, path: str, line: int | None, message: str, raw: bytes = b"", *, hint: bool = True) -> None:
        """A line or a file that cannot be used.

        Raises:
            InputError: Unless bad input is to be skipped.
        """
        if not self.skip:
            hint = hint and bool(raw) and path not in self._hopeless
            raise InputError(message + (self.hint if hint else ""), path=path, line=line)
        self.bad_count += 1
        self.say(f"skipped {InputError(message, path=path, line=line)}")
        if self.rejects is not None and raw:
            self.rejects.write(raw + b"\n")

    def left_out(self, error: InputError) -> None:
        """A file of another kind in a folder where others can be read.

        Raises:
            InputError: Where the run is strict.
        """
        if self.strict:
            raise error
        self.left_out_count += 1
        self.say(f"left out {error}")

    def reject(self, raw: bytes) -> None:
        """Keep a line that was not read because of what `bad` was told."""
        if self.rejects is not None:
            self.rejects.write(raw + b"\n")

    def note(self, path: str, message: str) -> None:
        """Something worth knowing about an input that is not wrong."""
        self.say(f"{path}: {message}")

    def unplaced(self, path: str, line: int, text: str, why: str) -> None:
        """Text of a digest that is no part of any paper.

        Raises:
            InputError: Where the run is strict.
        """
        shown = text if len(text) <= 60 else text[:57] + "..."
        message = f"could not place {shown!r}: {why}"
        if self.strict:
            self.bad(path, line, message, text.encode("utf-8", "surrogatepass"))
            return
        self.unplaced_count += 1
        self.say(f"{path}:{line}: {message}")
