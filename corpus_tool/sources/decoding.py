"""Bytes to text, with the line and the byte that are wrong named."""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 1 << 16
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Head:
    """The beginning of a stream, looked at without being used up.

    Attributes:
        stream: The whole stream, beginning included.
        text: The first 64 KiB decoded, undecodable bytes replaced.
        empty: Whether nothing but white space is there.
        binary: Whether it holds bytes that no text holds.
    """

    stream: BinaryIO
    text: str
    empty: bool
    binary: bool

    @staticmethod
    def of(stream: BinaryIO, name: str, encoding: str) -> Head:
        """Read the head of a stream."""
        try:
            data = stream.read(HEAD)
            while len(data) < HEAD and (more := stream.read(HEAD - len(data))):
                data += more
        except (OSError, EOFError) as error:
            raise InputError(f"could not be read: {cause(error)}", path=name) from error
        wide = codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))
        if not wide and (found := _utf16(data)):
            raise InputError(f"UTF-16 text: read it with --encoding {found}", path=name)
        text = data.decode(encoding, "replace").removeprefix("\ufeff")
        whole = cast("BinaryIO", io.BufferedReader(_Rejoined(data, stream), _BLOCK))
        return Head(whole, text, not text.strip(), not wide and b"\0" in data)


def cause(error: Exception) -> str:
    """What went wrong with a stream, in the system's words, without its number."""
    return getattr(error, "strerror", None) or str(error)


def _utf16(data: bytes) -> str | None:
    """Name of the UTF-16 that the bytes are in: by a mark, or because every other byte of ASCII text is 0 in it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(data) // 2
    zeros = {"utf-16-be": data[0::2].count(0), "utf-16-le": data[1::2].count(0)}
    name = max(zeros, key=lambda each: zeros[each])
    return name if zeros[name] > 0.5 * half and min(zeros.values()) < 0.1 * half else None


class _Rejoined(io.RawIOBase):
    """A stream with its beginning put back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self._head:
            size = min(len(view), len(self._head))
            view[:size], self._head = self._head[:size], self._head[size:]
            return size
        data = self._rest.read(len(view))
        view[: len(data)] = data
        return len(data)


def decoded_lines(stream: BinaryIO, encoding: str, name: str) -> Iterator[str]:
    r"""The lines of a text without their ends (`\n` or `\r\n`), its byte order mark removed.

    Raises:
        InputError: A byte that the encoding does not have, with its line.
    """
    number = 0
    for number, line in enumerate(_lines(stream, encoding, name), 1):
        yield (line.removeprefix("\ufeff") if number == 1 else line).removesuffix("\r")


def _lines(stream: BinaryIO, encoding: str, name: str) -> Iterator[str]:
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        try:
            for line in io.TextIOWrapper(stream, encoding, newline="\n"):
                yield line.removesuffix("\n")
        except UnicodeError as error:
            raise InputError(f"is not {encoding}: {error}", path=name) from None
        return
    number = 0
    try:
        for raw in stream:
            number += 1
            yield raw.removesuffix(b"\n").decode(encoding)
    except UnicodeDecodeError as error:
        byte, column = error.object[error.start], error.start + 1
        raise InputError(
            f"byte 0x{byte:02x} at column {column} is not {encoding}; if the text is in another encoding, "
            "name it (for example --encoding latin-1)",
            path=name,
            line=number,
        ) from None
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name, line=number + 1) from error


def transcoded(stream: BinaryIO, encoding: str, name: str) -> BinaryIO:
    """The same text as UTF-8 bytes."""
    return cast("BinaryIO", io.BufferedReader(_Joined(decoded_lines(stream, encoding, name)), _BLOCK))


class _Joined(io.RawIOBase):
    """Lines of text as one stream of UTF-8 bytes."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._left:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._left = (line + "\n").encode("utf-8", "surrogatepass")
        size = min(len(view), len(self._left))
        view[:size], self._left = self._left[:size], self._left[size:]
        return size
