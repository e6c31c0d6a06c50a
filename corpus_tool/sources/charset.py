"""Text whose encoding nobody named: bibliographies and tables come from many programs, some of them old.

UTF-8 is tried first, line by line; what is not UTF-8 is read as Windows-1252, which holds Latin-1, and said once.
An encoding that was asked for is held to.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.errors import InputError

from .decoding import cause, decoded_lines, too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    told = False
    for number, raw in enumerate(_raw_lines(stream, name, longest), 1):
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = _western(raw)
            if not told:
                told = True
                problems.note(
                    f"{name}:{number}",
                    "not UTF-8: this line and others like it are read as Windows-1252; if the text is in another "
                    "encoding, name it with --encoding",
                )
        if number == 1:
            text = text.removeprefix("\ufeff")
            if text.count("\r") > 1:
                yield from text.split("\r")
                continue
        yield text.removesuffix("\r")


def _raw_lines(stream: BinaryIO, name: str, longest: int) -> Iterator[bytes]:
    try:
        for number, raw in enumerate(stream, 1):
            if longest and len(raw) > longest:
                raise too_long(name, longest, number)
            yield raw[:-1] if raw.endswith(b"\n") else raw
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name) from error


def _western(raw: bytes) -> str:
    """Windows-1252; five bytes that it leaves open are the controls that Latin-1 has there."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
