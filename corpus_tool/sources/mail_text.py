"""The text of a mail without what mail programs put around it: quotation marks, the headers of what is forwarded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .html_text import plain_lines
from .mime import HTML, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = re.compile(r"(?:[>|] ?+)++")
_FORWARDED = re.compile(
    r"[-_=\s*]*(?:forwarded message|original message|begin forwarded message|forwarded by\b.{0,80}|"
    r"weitergeleitete nachricht|ursprüngliche nachricht|message transféré|"
    r"mensaje reenviado|转发邮件|转发的邮件)[-_=\s*:]*",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\*?(?:from|to|cc|bcc|subject|date|sent|reply-to|resent-from|von|an|gesendet|betreff|datum|de|à|objet|para|"
    r"asunto|fecha|发件人|收件人|主题|日期|抄送)\*?\s?[:：]",
    re.IGNORECASE,
)
_WROTE = re.compile(r".{0,200}\b(?:wrote|schrieb|a écrit|escribió)\b[^\n]{0,80}:\s?$|.{0,100}写道[:：]\s?$")
_SHARE = 0.5


def readings(part: Part) -> Iterator[Part]:
    """The ways to read a text, the likeliest first: as what is forwarded, unquoted, as it is."""
    if part.kind == HTML:
        part = shown_lines(part)
    for text in (part, _unquoted(part)):
        if text is None:
            continue
        forwarded = _forwarded(text)
        if forwarded is not None:
            yield forwarded
        yield text


def _unquoted(part: Part) -> Part | None:
    """What is quoted, without the marks; None where little is."""
    texts = [line for line in part.lines if line.strip()]
    quoted = [line for line in texts if line.lstrip().startswith((">", "|"))]
    if len(quoted) < _SHARE * len(texts) or not quoted:
        return None
    whole = Part(part.kind, [], [])
    for line, number in zip(part.lines, part.numbers, strict=True):
        mark = _QUOTED.match(line.lstrip())
        if mark is None and line.strip():
            continue  # what the one who quotes says about it
        whole.lines.append(line.lstrip()[mark.end() :] if mark else "")
        whole.numbers.append(number)
    return whole


def _forwarded(part: Part) -> Part | None:
    """What stands below the last mark of a forwarded mail and its headers; None where there is no such mark."""
    start = None
    for at, line in enumerate(part.lines):
        if len(line) < 200 and (_FORWARDED.fullmatch(line.strip()) or _WROTE.fullmatch(line.strip())):
            start = at + 1
    if start is None:
        start = _inline_headers(part.lines)
    if start is None:
        return None
    while start < len(part.lines) and not part.lines[start].strip():
        start += 1
    header = False
    while start < len(part.lines):
        line = part.lines[start].strip()
        if not _HEADER.match(line) and not (header and line and part.lines[start][:1].isspace()):
            break
        header = True
        start += 1
    return Part(part.kind, part.lines[start:], part.numbers[start:])


def _inline_headers(lines: list[str]) -> int | None:
    """Where headers stand in the text itself, at least three of them one below the other."""
    run = 0
    for at, line in enumerate(lines[:200]):
        run = run + 1 if _HEADER.match(line.strip()) else 0
        if run == 3:
            return at - 2
    return None


def shown_lines(part: Part) -> Part:
    """The lines of HTML as a reader sees them; each stands where its piece of the source begins."""
    whole = Part("text/plain", [], [])
    source = "\n".join(part.lines)
    at, counted = 0, 0
    for start, end in _blocks(source):
        at, counted = at + source.count("\n", counted, start), start
        number = part.numbers[min(at, len(part.numbers) - 1)] if part.numbers else 1
        for line in plain_lines(source[start:end]):
            whole.lines += [line, ""]
            whole.numbers += [number, number]
    return whole


_BLOCK = re.compile(r"<(?:p|div|tr|li|h[1-6]|table|td|article|section|br)\b", re.IGNORECASE)


def _blocks(source: str) -> Iterator[tuple[int, int]]:
    """Pieces of HTML that each begin with a block's tag."""
    starts = [0, *(match.start() for match in _BLOCK.finditer(source))]
    yield from zip(starts, [*starts[1:], len(source)], strict=True)
