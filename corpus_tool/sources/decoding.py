"""Bytes to text, with the line and the byte that are wrong named."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.compression import Rejoined, read_once
from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sources.problems import Problems

HEAD = 1 << 16
_LONGEST_HEAD = 1 << 22
_BLOCK = 1 << 20
_BEYOND = re.compile(r"[^\x00-\x7f]+")
_SIGNS = 3
"""So many characters of UTF-8 and more are no accident in a text of another encoding."""


@dataclass(frozen=True)
class Head:
    """The beginning of a stream, looked at without being used up.

    Attributes:
        stream: The whole stream, beginning included.
        data: The first 64 KiB, or more where one line is longer.
        text: The same decoded, undecodable bytes replaced; where it is plainly of another encoding, by that.
        whole: Whether that is all there is.
        encoding: The encoding asked for, unless a byte order mark tells of another.
        empty: Whether nothing but white space is there.
        binary: Whether it holds bytes that no text holds.
        mistaken: Whether another encoding was asked for than that in which it is, UTF-8.
    """

    stream: BinaryIO
    data: bytes
    text: str
    whole: bool
    encoding: str
    empty: bool
    binary: bool
    mistaken: bool = False

    @staticmethod
    def of(stream: BinaryIO, name: str, encoding: str) -> Head:
        """Read the head of a stream."""
        data = _beginning(stream, name)
        marked = _marked(data)
        mistaken = marked is None and _is_utf8_after_all(data, encoding)
        encoding = "utf-8" if mistaken else marked or encoding
        wide = is_wide(encoding)
        if not wide and (found := _utf16(data)):
            raise InputError(f"UTF-16 text: read it with --encoding {found}", path=name)
        text = _text(data, encoding).removeprefix("\ufeff")
        joined = cast("BinaryIO", io.BufferedReader(Rejoined(data, stream), _BLOCK))
        binary = not wide and b"\0" in data
        return Head(joined, data, text, len(data) < HEAD, encoding, not text.strip(), binary, mistaken)

    @property
    def lines(self) -> list[str]:
        """The whole lines in it that are not blank; where there is not even one, what there is of it."""
        lines = self.text.split("\n")
        if not self.whole and len(lines) > 1:
            lines.pop()
        return [line for line in lines if line.strip()]


def _beginning(stream: BinaryIO, name: str) -> bytes:
    data, room = b"", HEAD
    try:
        while len(data) < room and (more := read_once(stream, room - len(data))):
            data += more
            if len(data) == room < _LONGEST_HEAD and b"\n" not in data and b"\0" not in data:
                room *= 4
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name) from error
    except InputError:  # a compressed file that is cut: told when what stands before the cut has been read
        if not data:
            raise
    return data


def _is_utf8_after_all(data: bytes, encoding: str) -> bool:
    """Whether bytes are UTF-8 by many signs, though another encoding was asked for: one folder may hold both."""
    if data.isascii() or codecs.lookup(encoding).name == "utf-8" or is_wide(encoding):
        return False
    whole = data[: data.rfind(b"\n") + 1] or data
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        return False
    return sum(map(len, _BEYOND.findall(text))) >= _SIGNS


def _text(data: bytes, encoding: str) -> str:
    """The beginning as text, so that a format is recognised whose bytes are then refused, or read, as what they are."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.end == len(data) and error.reason == "unexpected end of data"
        if not cut and codecs.lookup(encoding).name == "utf-8" and b"\0" not in data:
            from corpus_tool.lines.charsets import guessed  # for what is seldom met

            found = guessed(data)
            encoding = found.name if found else encoding
        return data.decode(encoding, "replace")


def is_wide(encoding: str) -> bool:
    """Whether a newline is more than one byte in an encoding."""
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def _marked(data: bytes) -> str | None:
    """The encoding that a byte order mark tells of."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8" if data.startswith(codecs.BOM_UTF8) else None


def cause(error: Exception) -> str:
    """What went wrong with a stream, in the system's words, without its number."""
    return getattr(error, "strerror", None) or str(error)


def _utf16(data: bytes) -> str | None:
    """Name of the UTF-16 that the bytes are in without a mark: every other byte of ASCII text is 0 in it."""
    half = len(data) // 2
    zeros = {"utf-16-be": data[0::2].count(0), "utf-16-le": data[1::2].count(0)}
    name = max(zeros, key=lambda each: zeros[each])
    return name if zeros[name] > 0.5 * half and min(zeros.values()) < 0.1 * half else None


def decoded_lines(
    stream: BinaryIO, encoding: str, name: str, problems: Problems, longest: int = 0
) -> Iterator[str]:
    r"""The lines of a text without their ends (`\n` or `\r\n`), byte order marks at their beginnings removed.

    Where `problems` goes on after bad input, a line with bytes that the encoding does not have is read with U+FFFD in
    their places.

    Raises:
        InputError: A byte that the encoding does not have, or a line of more than `longest` bytes, with its line.
    """
    lines = _wide_lines if is_wide(encoding) else _lines
    for line in lines(stream, encoding, name, problems, longest):
        yield line.removeprefix("\ufeff").removesuffix("\r")


def _wide_lines(
    stream: BinaryIO, encoding: str, name: str, problems: Problems, longest: int
) -> Iterator[str]:
    reader = io.TextIOWrapper(stream, encoding, "replace" if problems.skip else "strict", newline="\n")
    number = 0
    try:
        while line := reader.readline(longest or -1):
            number += 1
            if longest and len(line) == longest:
                raise too_long(name, longest, number)
            if problems.skip and "\ufffd" in line:
                raw = line.removesuffix("\n").encode("utf-8", "surrogatepass")
                problems.bad(name, number, f"bytes that are not {encoding}; read as U+FFFD", raw)
            yield line.removesuffix("\n")
    except UnicodeError as error:
        raise InputError(f"is not {encoding}: {error}", path=name) from None


def _lines(stream: BinaryIO, encoding: str, name: str, problems: Problems, longest: int) -> Iterator[str]:
    number, beyond, told = 0, False, ""
    try:
        while raw := stream.readline(longest + 1 if longest else -1):
            number += 1
            if longest and len(raw) > longest:
                raise too_long(name, longest, number)
            raw = raw.removesuffix(b"\n")
            try:
                text = raw.decode(encoding)
                beyond = beyond or not text.isascii()
                yield text
            except UnicodeDecodeError as error:
                told = told or _encoding_told(raw, encoding, b"" if beyond else ahead(stream))
                message = (
                    f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not {encoding}; {told}"
                )
                problems.bad(name, number, f"{message}{'; read as U+FFFD' * problems.skip}", raw, hint=False)
                yield raw.decode(encoding, "replace")
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name, line=number + 1) from error


def ahead(stream: BinaryIO) -> bytes:
    """What of a stream is at hand beyond what was read, left where it is."""
    peek = getattr(stream, "peek", None)
    return b"\n" + cast("bytes", peek(HEAD)) if peek else b"\n"


def _encoding_told(raw: bytes, encoding: str, following: bytes) -> str:
    """What to do about a line; no other encoding is advised where lines before it were of this one."""
    from corpus_tool.lines.charsets import advice  # for what is seldom met

    if codecs.lookup(encoding).name != "utf-8" or not following:
        return "if the text is in another encoding, name it with --encoding"
    return advice(raw + following)


def too_long(name: str, longest: int, line: int | None = None) -> InputError:
    """That a line is longer than any is allowed to be."""
    return InputError(
        f"a line of more than {longest >> 20} MiB: if that is right, raise --max-line (0 is no limit)",
        path=name,
        line=line,
    )


def transcoded(stream: BinaryIO, encoding: str, name: str, problems: Problems, longest: int) -> BinaryIO:
    """The same text as UTF-8 bytes."""
    lines = decoded_lines(stream, encoding, name, problems, longest)
    return cast("BinaryIO", io.BufferedReader(_Joined(lines), _BLOCK))


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
