"""The texts of one mail, each line with the place where it stands in the file.

Headers, their parameters and encodings are read by the standard library's `email`. Bodies are parted and decoded
line by line here, because its parser does not tell where in the file a part stands. A line of quoted-printable
stands where it begins, a line of base64 on the line of letters that holds its first byte.
"""

from __future__ import annotations

import binascii
import quopri
from bisect import bisect_right
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from corpus_tool.lines.charsets import guessed

from .prologue import character_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message

PLAIN, HTML = "text/plain", "text/html"
_TEXTS = (PLAIN, HTML, "application/xhtml+xml")
_DEEPEST = 20
"""Parts in parts in parts: deeper ones are hostile, and left out."""


@dataclass(slots=True)
class Part:
    """A text of a mail.

    Attributes:
        kind: `text/plain` or `text/html`.
        lines: Without their ends.
        numbers: The 1-based line in the file of each.
    """

    kind: str
    lines: list[str]
    numbers: list[int]


@dataclass(slots=True)
class Mail:
    """What one mail says of itself, and its texts.

    Attributes:
        subject: As shown to a reader.
        day: ISO date on which it was sent, or None.
        bodies: For each text of the mail its alternatives, plain text first.
        headed: Whether it has any header that mails have.
    """

    subject: str
    day: str | None
    bodies: list[list[Part]]
    headed: bool


def read_mail(lines: Sequence[bytes], first: int) -> Mail:
    """Read one mail.

    Args:
        lines: Headers, an empty line, and the body, without line ends.
        first: The line in the file where it begins.
    """
    headers, start = _headers(lines)
    bodies = list(_bodies(headers, lines[start:], first + start, 0))
    headed = any(
        name in headers for name in ("From", "To", "Subject", "Received", "MIME-Version", "Content-Type")
    )
    return Mail(_shown(headers["Subject"]), _day(headers["Date"]), bodies, headed)


def _headers(lines: Sequence[bytes]) -> tuple[Message, int]:
    """The headers that a mail or a part begins with, and where its body begins."""
    end = next((at for at, line in enumerate(lines) if not line), len(lines))
    return BytesHeaderParser().parsebytes(b"\n".join(lines[:end]) + b"\n\n"), min(end + 1, len(lines))


def _shown(value: object) -> str:
    """A header as a reader sees it."""
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError, binascii.Error):
        text = str(value)
    return " ".join(text.split())


def _day(value: object) -> str | None:
    try:
        return parsedate_to_datetime(str(value)).date().isoformat() if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bodies(headers: Message, lines: Sequence[bytes], first: int, depth: int) -> Iterator[list[Part]]:
    kind = headers.get_content_type()
    boundary = headers.get_boundary() if kind.startswith("multipart/") else None
    if boundary and depth < _DEEPEST:
        parts = _parts(lines, first, boundary, depth, whole_mails=kind == "multipart/digest")
        if kind == "multipart/alternative":
            together = [part for alternatives in parts for part in alternatives]
            yield sorted(together, key=lambda part: part.kind != PLAIN)
        else:
            yield from parts
    elif kind == "message/rfc822" and depth < _DEEPEST:
        inner, start = _headers(lines)
        yield from _bodies(inner, lines[start:], first + start, depth + 1)
    elif kind in _TEXTS or kind.startswith("multipart/"):
        yield [_text(headers, lines, first, PLAIN if kind == PLAIN or boundary else kind)]


def _parts(
    lines: Sequence[bytes], first: int, boundary: str, depth: int, *, whole_mails: bool
) -> Iterator[list[Part]]:
    """The bodies of the parts between the lines of a boundary; the last may lack its end."""
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    marks = [at for at, line in enumerate(lines) if line.rstrip() in (mark, mark + b"--")]
    for start, end in pairwise([*marks, len(lines)]):
        if lines[start].rstrip() != mark:
            return
        headers, body = _headers(lines[start + 1 : end])
        if whole_mails and "Content-Type" not in headers:
            headers.set_type("message/rfc822")
        at = start + 1 + body
        yield from _bodies(headers, lines[at:end], first + at, depth + 1)


def _text(headers: Message, lines: Sequence[bytes], first: int, kind: str) -> Part:
    """A body as text."""
    coding = str(headers.get("Content-Transfer-Encoding", "")).strip().lower()
    if coding == "base64":
        raw, numbers = _base64(lines, first)
    elif coding == "quoted-printable":
        raw, numbers = _quoted_printable(lines, first)
    else:
        raw, numbers = list(lines), [first + at for at in range(len(lines))]
    charset = headers.get_content_charset()
    text = _decoded(b"\n".join(raw), charset)
    part = Part(HTML if kind != PLAIN else PLAIN, text.split("\n"), numbers)
    if len(part.lines) != len(numbers):  # an encoding whose line ends are no single bytes
        part.numbers = [first] * len(part.lines)
    if str(headers.get_param("format", "")).lower() == "flowed":
        part = _unflowed(part, str(headers.get_param("delsp", "")).lower() == "yes")
    return part


def _decoded(raw: bytes, charset: str | None) -> str:
    """Bytes in the character set that is named; where they are not, in UTF-8; at last with marks for what is wrong."""
    named = character_set(charset) if charset else None
    for each in dict.fromkeys(filter(None, (None if named == "cp1252" else named, "utf-8", named))):
        try:
            return raw.decode(each)
        except (UnicodeError, ValueError):
            continue
    found = None if named else guessed(raw)
    return raw.decode(found.name if found else named or "cp1252", "replace")


def _quoted_printable(lines: Sequence[bytes], first: int) -> tuple[list[bytes], list[int]]:
    texts: list[bytes] = []
    numbers: list[int] = []
    pieces: list[bytes] = []
    for at, line in enumerate(lines):
        stripped = line.rstrip()
        if not pieces:
            numbers.append(first + at)
        soft = stripped.endswith(b"=")
        pieces.append(quopri.decodestring(stripped[:-1] if soft else stripped))
        if not soft:
            texts.append(b"".join(pieces))
            pieces = []
    if pieces:
        texts.append(b"".join(pieces))
    return texts, numbers


def _base64(lines: Sequence[bytes], first: int) -> tuple[list[bytes], list[int]]:
    """The decoded lines; letters that are none of base64 are passed over, as its definition asks."""
    kept = [bytes(byte for byte in line if byte in _LETTERS) for line in lines]
    letters = b"".join(kept)
    try:
        data = binascii.a2b_base64(letters[: len(letters) // 4 * 4])
    except binascii.Error:
        data = b""
    ends = [length * 3 // 4 for length in accumulate(map(len, kept))]
    texts = data.replace(b"\r\n", b"\n").split(b"\n")
    starts = accumulate((len(text) + 1 for text in data.split(b"\n")), initial=0)
    numbers = [
        first + min(bisect_right(ends, at), len(lines) - 1) for at, _ in zip(starts, texts, strict=False)
    ]
    return texts, numbers


_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _unflowed(part: Part, delete: bool) -> Part:
    """Paragraphs of `format=flowed` (RFC 3676) on one line each: a line that ends in a blank goes on."""
    whole = Part(part.kind, [], [])
    open_line = False
    for line, number in zip(part.lines, part.numbers, strict=True):
        text = line.removeprefix(" ")
        flows = text.endswith(" ") and text != "-- "
        if open_line and text.strip():
            whole.lines[-1] += text
        else:
            whole.lines.append(text)
            whole.numbers.append(number)
        if flows and delete:
            whole.lines[-1] = whole.lines[-1][:-1]
        open_line = flows and bool(text.strip())
    return whole
