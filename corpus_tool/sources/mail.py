"""Mails as they are kept: single ones (`.eml`, a file of a maildir, a page saved as MHTML) and mailboxes (`mbox`).

What a mail carries is not decided here: its plain text, or else its HTML, goes to the reader that recognises it.
Lines are those of the file: see `mime` for encoded ones. To recognise a mail loads none of the modules that read one.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper

from .decoding import HEAD, cause

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .mime import Part

NAME = "mail"

_FROM = re.compile(rb"From \S+ .{0,60}\d\d:\d\d|From (?:-|\S+@\S+)\s")
_QUOTED_FROM = re.compile(rb">+From ")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t]|$)")
_MAIL_HEADERS = frozenset(
    [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "received",
        "return-path",
        "message-id",
        "mime-version",
        "delivered-to",
    ]
    + [
        "content-type",
        "content-transfer-encoding",
        "reply-to",
        "sender",
        "list-id",
        "dkim-signature",
        "x-mailer",
    ]
    + ["list-unsubscribe", "snapshot-content-location", "authentication-results", "x-received"]
)
_TRACES = frozenset(
    ["from", "received", "return-path", "mime-version", "message-id", "subject", "delivered-to"]
)
_LARGEST = 1 << 26
"""Bytes of one mail that are held; what is larger carries attachments, and is named and passed over."""


def detect(head: str) -> bool:
    """Whether a text begins with the headers of a mail, or with the line that a mailbox puts before each mail."""
    lines = head.lstrip("\ufeff\r\n").split("\n")
    if _FROM.match(lines[0].encode("utf-8", "replace")):
        lines = lines[1:]
    names: list[str] = []
    for line in lines[:400]:
        text = line.rstrip("\r")
        if not text:
            break
        match = _HEADER.match(text)
        if match:
            names.append(match.group(1).lower())
        elif not names or text[0] not in " \t":
            return False
    known = _MAIL_HEADERS.intersection(names)
    return len(known) >= 2 and not _TRACES.isdisjoint(known) and 2 * len(known) >= min(6, len(set(names)))


def read(stream: BinaryIO, name: str, _encoding: str) -> Iterator[Paper | Leftover]:
    """The papers of each mail, in order; a mail without any is told of by its subject.

    Raises:
        InputError: The stream cannot be read.
    """
    for first, lines in _messages(stream, name):
        if lines is None:
            yield Leftover(first, f"a mail of over {_LARGEST >> 20} MiB", "it is too large to be a digest")
        else:
            yield from _papers(lines, first)


def _messages(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[bytes] | None]]:
    """Each mail's first line and its lines; None for one that is too large to hold."""
    held: list[bytes] = []
    first, size, number, blank, mailbox = 1, 0, 0, True, False
    try:
        for raw in stream:
            number += 1
            line = raw.rstrip(b"\r\n")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if blank and _FROM.match(line) and (mailbox or number == 1):
                if any(held) or size:
                    yield first, held if size <= _LARGEST else None
                held, size, first, mailbox = [], 0, number + 1, True
                continue
            if mailbox and _QUOTED_FROM.match(line):
                line = line[1:]
            size += len(line)
            if not held and not line:
                first = number + 1
            elif size <= _LARGEST:
                held.append(line)
            blank = not line
    except (OSError, EOFError) as error:
        raise InputError(f"could not be read: {cause(error)}", path=name, line=number + 1) from error
    if held:
        yield first, held if size <= _LARGEST else None


def _papers(lines: Sequence[bytes], first: int) -> Iterator[Paper | Leftover]:
    from .mime import read_mail

    mail = read_mail(lines, first)
    if not mail.headed:
        yield Leftover(first, lines[0].decode("utf-8", "replace"), "no mail begins without headers")
        return
    found = False
    for alternatives in mail.bodies:
        for item in _items(alternatives):
            found = True
            if isinstance(item, Paper) and item.digest_date is None and mail.day:
                item.digest_date = item.date = mail.day
            yield item
    if not found:
        yield Leftover(
            first, mail.subject or "a mail without a subject", "no digest is recognised in this mail"
        )


def _items(alternatives: Sequence[Part]) -> Iterator[Paper | Leftover]:
    """What the first alternative that some reader recognises holds; places are those of the file."""
    for part in alternatives:
        items = _of_page(part) if part.kind == "text/html" else None
        items = items or _of_text(part)
        if items is None:
            continue
        for item, number in items:
            item.line = number
            yield item
        return


def _of_text(part: Part) -> list[tuple[Paper | Leftover, int]] | None:
    """What a reader of text makes of a part, quoted or forwarded as it may be; None where none recognises it."""
    from .mail_text import readings

    for reading in readings(part):
        head = "\n".join(reading.lines)[:HEAD]
        for module in map(importlib.import_module, _texts().values()):
            if module.detect(head):
                found = cast("list[Paper | Leftover]", list(module.parse(reading.lines)))
                if any(isinstance(item, Paper) for item in found):
                    return [(item, reading.numbers[item.line - 1]) for item in found]
    return None


def _of_page(part: Part) -> list[tuple[Paper | Leftover, int]] | None:
    """What the reader of pages makes of HTML; None where it knows no papers in it."""
    from . import html_page

    found = list(html_page.papers("\n".join(part.lines)))
    return [(item, part.numbers[min(item.line, len(part.numbers)) - 1]) for item in found] or None


def _texts() -> Mapping[str, str]:
    from corpus_tool.sources.registry import TEXT_DIGESTS

    return TEXT_DIGESTS
