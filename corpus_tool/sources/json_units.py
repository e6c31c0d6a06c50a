"""JSON as it arrives, parted into the elements of its array or its top-level objects, without decoding any.

Brackets are counted outside of strings; of each unit the lines of its opening braces are noted, in their order,
which is the order in which a decoded value holds its objects.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.errors import InputError

from .decoding import cause
from .faults import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]"]', re.DOTALL)
_READ = 1 << 18
_LARGEST = 1 << 28
"""Bytes of one unit that are held at most."""
_DEEPEST = 900
_BETWEEN = b" \t\r\n,"


@dataclass(slots=True)
class Unit:
    """One element of the array, or one top-level object.

    Attributes:
        line: Where it begins.
        data: Its bytes.
        braces: The line of each `{` in it.
        in_array: Whether it is an element of an array.
        fault: What is wrong with it, where that shows before decoding.
    """

    line: int
    data: bytes
    braces: list[int] = field(default_factory=list)
    in_array: bool = False
    fault: str = ""


class _Parting:
    """Where in the text the reader is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.buffer = b""
        self.line = 1
        self.counted = 0
        self.place = 0
        self.end = 0
        self.depth = 0
        self.array = False
        self.start = -1
        self.unit = Unit(1, b"")

    def more(self, data: bytes) -> None:
        """Take more bytes; what is done with is let go."""
        keep = self.start if self.start >= 0 else min(self.end, self.place)
        self._count(keep)
        self.buffer = self.buffer[keep:] + data
        self.place -= keep
        self.end -= keep
        self.counted -= keep
        self.start = 0 if self.start >= 0 else -1
        if len(self.buffer) > _LARGEST:
            raise InputError(
                f"one JSON value of over {_LARGEST >> 20} MiB: part it into one record a line (jq -c)",
                path=self.name,
                line=self.line,
            )

    def _count(self, place: int) -> int:
        """The line at a place, none before the last."""
        if place > self.counted:
            self.line += self.buffer.count(b"\n", self.counted, place)
            self.counted = place
        return self.line

    def last_line(self) -> int:
        """The line at which the text ends."""
        return self._count(len(self.buffer.rstrip()))

    def units(self) -> Iterator[Unit]:
        """The units that are whole."""
        for token in _TOKEN.finditer(self.buffer, self.place):
            first = token.group()[:1]
            if first == b'"':
                if token.end() - token.start() == 1:
                    self.place = token.start()
                    return
            elif first in b"{[":
                yield from self._open(first, token.start())
            else:
                yield from self._close(token.start())
            self.place = token.end()
        self.place = len(self.buffer)

    def _open(self, first: bytes, at: int) -> Iterator[Unit]:
        if self.start < 0:
            yield from self._between(at)
            if first == b"[" and self.depth == 0:
                self.array, self.depth, self.end = True, 1, at + 1
                return
            self.start = at
            self.unit = Unit(self._count(at), b"", in_array=self.array)
        self.depth += 1
        if self.depth > _DEEPEST:
            raise InputError("JSON nested too deeply to read", path=self.name, line=self._count(at))
        if first == b"{":
            self.unit.braces.append(self._count(at))

    def _close(self, at: int) -> Iterator[Unit]:
        if self.start < 0:
            yield from self._between(at)
            if self.depth != 1:
                raise InputError(
                    "not JSON: a bracket closes what none opened", path=self.name, line=self._count(at)
                )
            self.array, self.depth, self.end = False, 0, at + 1
            return
        self.depth -= 1
        if self.depth == (1 if self.array else 0):
            self.unit.data = self.buffer[self.start : at + 1]
            self.start, self.end = -1, at + 1
            yield self.unit

    def _between(self, at: int) -> Iterator[Unit]:
        """What stands between two units and is no blank: other values of an array, or no JSON at all."""
        text = self.buffer[self.end : at].lstrip(_BETWEEN)
        if not text:
            return
        line = self._count(at - len(text))
        text = text.rstrip(_BETWEEN)
        if not self.array:
            raise InputError("not JSON: text stands between the objects", path=self.name, line=line)
        yield Unit(
            line, text[:1000], in_array=True, fault="a plain value in an array of which objects are wanted"
        )


def units(stream: BinaryIO, name: str, encoding: str) -> Iterator[Unit]:
    """The units of a text.

    Raises:
        InputError: The text is no JSON, or ends within a value.
    """
    parting = _Parting(name)
    decoder = None if codecs.lookup(encoding).name == "utf-8" else codecs.getincrementaldecoder(encoding)()
    more = True
    while more:
        data = _read(stream, name, max(_READ, len(parting.buffer)), parting)
        more = bool(data)
        if decoder is not None:
            data = _as_utf8(data, decoder, name, encoding, parting)
        if not parting.buffer and parting.line == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        parting.more(data)
        yield from parting.units()
    rest = parting.buffer[parting.end :].strip(_BETWEEN + b"\x00")
    if parting.depth or rest:
        since = parting.unit.line if parting.start >= 0 else parting.line
        raw = parting.buffer[parting.start :] if parting.start >= 0 else rest
        what = "the JSON ends within a value: it is cut short, or not JSON"
        raise Unread(what, line=parting.last_line(), since=since, raw=raw.rstrip())


def _read(stream: BinaryIO, name: str, size: int, parting: _Parting) -> bytes:
    try:
        return stream.read(size)
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name, line=parting.line) from error


def _as_utf8(
    data: bytes, decoder: codecs.IncrementalDecoder, name: str, encoding: str, parting: _Parting
) -> bytes:
    try:
        return decoder.decode(data, not data).encode("utf-8", "surrogatepass")
    except UnicodeError as error:
        raise InputError(f"is not {encoding}: {error}", path=name, line=parting.line) from None
