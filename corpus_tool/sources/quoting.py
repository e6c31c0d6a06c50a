"""Pages that were quoted as a whole: every line behind `>`, once or several times, as mail programs do it."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_QUOTE = re.compile(r"[ \t]{0,3}((?:>[ \t]?){1,8})")
_MARK = re.compile(r"[ \t]{0,3}>")
_LOOKED_AT = 200
_ENOUGH = 0.9


def unquoted(text: str) -> str:
    """The same text without the marks of quoting, where nearly all of its lines have them."""
    return "\n".join(unquoted_lines(text.split("\n"))) if ">" in text[:2000] else text


def unquoted_lines(lines: Iterable[str]) -> Iterator[str]:
    """The same lines without the marks of quoting, where nearly all of the first ones have them."""
    rest = iter(lines)
    first = list(islice(rest, _LOOKED_AT))
    written = [line for line in first if line.strip()]
    marks = [found.group(1).count(">") for line in written if (found := _QUOTE.match(line))]
    if len(marks) < 3 or len(marks) < _ENOUGH * len(written):
        yield from first
        yield from rest
        return
    level = max(set(marks), key=marks.count)
    for line in chain(first, rest):
        yield _without(line, level)


def _without(line: str, level: int) -> str:
    position = 0
    for _ in range(level):
        found = _MARK.match(line, position)
        if found is None:
            break
        position = found.end() + (line[found.end() : found.end() + 1] == " ")
    return line[position:]
