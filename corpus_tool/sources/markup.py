"""Markdown as programs write it when they save a page: headings, links, images, escapes, line by line.

A link may run over many lines (`[`, text, `](url)`), so each line is read for itself: an opening bracket without
its end, or an end without its opening bracket, is dropped, and no line waits for a later one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6})\s++")
_BOLD = re.compile(r"(\*\*|__)(?=\S)((?:(?!\1).)+)(?<=\S)\1")
_TARGET = (
    r"\(\s*<?((?:https?://|mailto:|www\.|/|#)[^()\s>]*(?:\([^()\s]*\)[^()\s>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"
)
_IMAGE = re.compile(rf"!\[[^\[\]]*\](?:{_TARGET}|\[\d+\])")
_LABEL = r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
_LINK = re.compile(_LABEL + _TARGET)
_NUMBERED = re.compile(rf"{_LABEL}\[\d+\]")
_NAMED = re.compile(r"[^\]]*[^\W\d_]|\s")
_LINK_END = re.compile(rf"\](?:{_TARGET}|\[\d+\])")
_ESCAPED = re.compile(r"\\([_*#\[\]~>|`])")
_HARD_BREAK = re.compile(r"(?<!\\)\\++\s\s++")


@dataclass(slots=True)
class Shown:
    """What a reader of the rendered line sees.

    Attributes:
        text: The line without markup, outer blanks removed.
        urls: The targets of its links, in order.
        linked: Whether the line has nothing but links (or pieces of one).
        avatar: Whether it is a picture with a link to a person or an organisation.
    """

    text: str
    urls: list[str]
    linked: bool
    avatar: bool


def heading(line: str) -> tuple[int, str] | None:
    """Level (1 to 6) and text of a Markdown heading; a line set whole in bold counts as level 3."""
    if line.startswith("#"):
        match = _HEADING.match(line)
        return (len(match.group(1)), _without_closing_marks(line[match.end() :])) if match else None
    if line.startswith(("**", "__")):
        match = _BOLD.fullmatch(line)
        return (3, match.group(2)) if match else None
    return None


def _without_closing_marks(text: str) -> str:
    """The text of a heading without the `#` that may close it, apart from its last word."""
    bare = text.rstrip("#")
    return bare.rstrip() if bare != text and bare[-1:].isspace() else text


def has_markup(line: str) -> bool:
    """Whether a line can change when it is shown."""
    return any(mark in line for mark in ("[", "](", "][", "\\", "!["))


def shown(line: str) -> Shown:
    """Read one line of Markdown as it would be rendered."""
    if not has_markup(line):
        return Shown(line.strip(), [], False, False)
    found: list[str] = []
    text, rest = _unlink(_IMAGE.sub("", line), found)
    text = text.rstrip().rstrip("\\")
    text = _ESCAPED.sub(r"\1", _HARD_BREAK.sub(" ", text)).strip()
    linked = rest.strip(" \t·•-\\") == "" and bool(text)
    return Shown(text, found, linked, linked and line.lstrip("-* ").startswith(("[[", "[![", "!")))


def _unlink(line: str, found: list[str]) -> tuple[str, str]:
    """The line's visible text, and what of it stands outside of links; targets are added to `found`."""
    rest = _NUMBERED.sub(
        lambda match: "" if _is_named(match.group(1)) else match.group(), _LINK.sub("", line)
    )

    def label(match: re.Match[str]) -> str:
        found.append(match.group(2))
        return match.group(1)

    text = _NUMBERED.sub(
        lambda match: match.group(1 if _is_named(match.group(1)) else 0), _LINK.sub(label, line)
    )
    end = _LINK_END.search(text)
    if end and _unmatched_end(text, end.start()):
        if end.group(1):
            found.append(end.group(1))
        text = text[: end.start()] + text[end.end() :]
        rest = rest[rest.rindex(end.group()) + len(end.group()) :] if end.group() in rest else rest
    stripped = text.lstrip()
    if stripped.startswith("[") and stripped.count("[") > stripped.count("]"):
        text, rest = stripped[1:], ""
    return text, rest


def _is_named(label: str) -> bool:
    """Whether a label before a number has words: `[1][2]` is two references, and no link."""
    return label == "-" or _NAMED.match(label) is not None


def _unmatched_end(text: str, position: int) -> bool:
    """Whether the bracket that closes at `position` was opened on an earlier line."""
    return text.count("[", 0, position) <= text.count("]", 0, position)
