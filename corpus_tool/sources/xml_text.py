"""XML read from text as it arrives, whatever its vocabulary: faults with their lines, no entity that could expand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from corpus_tool.errors import InputError

from .faults import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Leftover, Paper


class Document:
    """One document; a format says what its elements mean, in `start`, `end` and `text`.

    Args:
        offset: Lines that stand before it.

    Attributes:
        closed: Whether its root has ended.
        ready: Papers that are read whole.
    """

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self._refuse
        self.closed = False
        self.ready: list[Paper | Leftover] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; before its name stand its vocabulary and a blank."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """An element ends."""
        raise NotImplementedError

    def text(self, text: str) -> None:
        """Some of the text of the element that began last."""
        raise NotImplementedError

    def since(self, line: int) -> int:
        """The line from which on nothing can be used where the XML is malformed at a line."""
        return line

    @property
    def line(self) -> int:
        """Where the parser stands."""
        return self.offset + self.parser.CurrentLineNumber

    @property
    def position(self) -> int:
        """Bytes that the parser is done with."""
        return self.parser.CurrentByteIndex

    def feed(self, text: str, *, last: bool = False) -> Iterator[Paper | Leftover]:
        """The next piece of the document; what it completed is given out even where it then turns out malformed.

        Raises:
            InputError: The XML is malformed, or, with the last piece, not complete.
        """
        fault: InputError | None = None
        try:
            self.parser.Parse(text, last)
        except expat.ExpatError as error:
            line = self.offset + error.lineno
            what = expat.ErrorString(error.code)
            fault = Unread(f"malformed XML: {what}", line=line, since=self.since(line))
        except InputError as error:
            fault = error
        ready, self.ready = self.ready, []
        yield from ready
        if fault is not None:
            raise fault

    def _refuse(self, name: str, *_: object) -> None:
        raise InputError(
            f"the XML declares the entity {name!r}: refused, since entities can expand", line=self.line
        )
