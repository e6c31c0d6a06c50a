"""XML that holds one element a record, read as it arrives: of the document, one record is held at a time.

Entity declarations are refused, so no text can expand, and nesting has a bound.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from corpus_tool.errors import InputError

from .decoding import cause

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 16
_DEEPEST = 100
INLINE = frozenset(
    {"style", "i", "b", "u", "em", "strong", "sup", "sub", "sc", "italic", "bold", "DispFormula", "DispQuote"}
)
"""Elements inside of a text, no fields of their own; those of MathML are told by their prefix."""


@dataclass(slots=True)
class Node:
    """One element: its name, attributes, the line where it begins, and what stands in it."""

    name: str
    attributes: dict[str, str]
    line: int
    inside: list[str | Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(each if isinstance(each, str) else each.text for each in self.inside)

    @property
    def children(self) -> list[Node]:
        """The elements in it that are fields, not part of a text."""
        return [
            each
            for each in self.inside
            if isinstance(each, Node) and each.name not in INLINE and ":" not in each.name
        ]

    def leaves(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Every element without elements in it, with the names of those around it."""
        here = (*path, self.name)
        children = self.children
        if not children:
            yield here, self
        for child in children:
            yield from child.leaves(here)


def records(stream: BinaryIO, encoding: str, names: frozenset[str]) -> Iterator[Node]:
    """The elements of these names that stand in none of them.

    Raises:
        InputError: The XML is malformed, declares entities, or nests too deep; with its line.
    """
    reader = _Reader(names)
    decoder = codecs.getincrementaldecoder(encoding)()
    while True:
        try:
            data = stream.read(_CHUNK)
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise InputError(_undecodable(error, encoding), line=reader.parser.CurrentLineNumber) from None
        except (OSError, EOFError) as error:
            raise InputError(f"could not be read: {cause(error)}") from error
        yield from reader.feed(text, last=not data)
        if not data:
            return


def _undecodable(error: UnicodeDecodeError, encoding: str) -> str:
    from corpus_tool.lines.charsets import advice  # for what is seldom met

    wrong = f"byte 0x{error.object[error.start]:02x} is not {encoding}"
    if codecs.lookup(encoding).name != "utf-8":
        return f"{wrong}; if the text is in another encoding, name it with --encoding"
    return f"{wrong}; {advice(error.object)}"


class _Reader:
    def __init__(self, names: frozenset[str]) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self._names = names
        self._open: list[Node] = []
        self._depth = 0
        self._ready: list[Node] = []
        self._begun = False

    def feed(self, text: str, *, last: bool) -> list[Node]:
        if text and not self._begun:
            text, self._begun = text.removeprefix("\ufeff").lstrip(), True
        try:
            self.parser.Parse(text, last)
        except expat.ExpatError as error:
            ready = f"; {len(self._ready)} records before it were read" if self._ready else ""
            what = expat.ErrorString(error.code) or "an error"
            raise InputError(f"malformed XML: {what}{ready}", line=error.lineno) from None
        ready_now, self._ready = self._ready, []
        return ready_now

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InputError(
                f"the XML nests deeper than {_DEEPEST} elements", line=self.parser.CurrentLineNumber
            )
        if self._open or name in self._names:
            node = Node(name, attributes, self.parser.CurrentLineNumber)
            if self._open:
                self._open[-1].inside.append(node)
            self._open.append(node)

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self._ready.append(node)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].inside.append(text)

    def _refuse(self, name: str, *_: object) -> None:
        raise InputError(
            f"the XML declares the entity {name!r}: refused, since entities can expand",
            line=self.parser.CurrentLineNumber,
        )
