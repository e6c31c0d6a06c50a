"""Text whose encoding nobody named: bibliographies and tables come from many programs, some of them old.

UTF-8 is tried first, line by line; what is not UTF-8 is read as the encoding that it looks like, else as Windows-1252,
which holds Latin-1, and said once. An encoding that was asked for is held to.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.errors import InputError

from .decoding import ahead, cause, decoded_lines, too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.lines.charsets import Charset
    from corpus_tool.sources.problems import Problems


def lines(stream: BinaryIO, encoding: str, name: str, problems: Problems, longest: int = 0) -> Iterator[str]:
    r"""The lines of a text without their ends (`\n`, `\r\n`, or `\r` alone throughout), its byte order mark removed.

    Args:
        stream: The bytes.
        encoding: As asked for; UTF-8, the default, leaves it open.
        name: Of the source.
        problems: Is told, once, of the place where a line is not UTF-8, and what is done.
        longest: Bytes that a line may have; 0 for no limit.

    Raises:
        InputError: The stream cannot be read, or has a byte that the encoding asked for does not have.
    """
    if codecs.lookup(encoding).name != "utf-8":
        yield from decoded_lines(stream, encoding, name, problems, longest)
        return
    found: Charset | None = None
    beyond = False
    for number, raw in enumerate(_raw_lines(stream, name, longest), 1):
        try:
            text = raw.decode()
            if found and not text.isascii():
                text = _either(raw, text, found.name)
            beyond = beyond or not text.isascii()
        except UnicodeDecodeError:
            if found is None:
                found = _charset(raw, b"" if beyond else ahead(stream))
                problems.note(f"{name}:{number}", _TOLD.format(found.called))
            text = _decoded(raw, found.name)
        if number == 1:
            text = text.removeprefix("\ufeff")
            if text.count("\r") > 1:
                yield from text.split("\r")
                continue
        yield text.removesuffix("\r")


_TOLD = (
    "not UTF-8: this line and others like it are read as {}; if the text is in another encoding, name it with "
    "--encoding"
)


def _charset(raw: bytes, following: bytes) -> Charset:
    """The encoding of a line, by what is at hand of those behind it; Windows-1252 where nothing tells."""
    from corpus_tool.lines.charsets import WESTERN, guessed  # for what is seldom met

    return guessed(raw + following) or WESTERN


def _either(raw: bytes, text: str, encoding: str) -> str:
    """A line that is UTF-8 by its bytes in a text that is not: pairs of bytes may be that by chance, three are not."""
    if encoding == "cp1252" or max(text) > "\u07ff":
        return text
    return _decoded(raw, encoding)


def _raw_lines(stream: BinaryIO, name: str, longest: int) -> Iterator[bytes]:
    try:
        for number, raw in enumerate(stream, 1):
            if longest and len(raw) > longest:
                raise too_long(name, longest, number)
            yield raw[:-1] if raw.endswith(b"\n") else raw
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name) from error


def _decoded(raw: bytes, encoding: str) -> str:
    """A line in its encoding, else in Windows-1252; bytes that this leaves open are the controls of Latin-1."""
    for each in (encoding, "cp1252"):
        try:
            return raw.decode(each)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
