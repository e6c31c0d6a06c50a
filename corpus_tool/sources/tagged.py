"""Entries out of lines with tags, as EndNote and MEDLINE write them: a tag and its text, then lines that go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .bibliography import Building, Unplaced

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator

    from corpus_tool.records import Leftover

    from .bibliography import Entry


@dataclass(frozen=True)
class Tags:
    """How a format writes its entries.

    Attributes:
        form: The format's name in words.
        wanted: What an entry begins with.
        line: A whole line with a tag, its first group, and a text, its second.
        begins: Whether a tag begins another entry than the one in the making, or, after an empty line, may do so.
        goes_on: Whether a line without a tag belongs to the entry in the making.
        ignored: Whether any other line says nothing.
        lists: Tags of which each further line is a value of its own.
        wrapped: Whether the format itself breaks lines, so that no break is a paragraph's.
    """

    form: str
    wanted: str
    line: re.Pattern[str]
    begins: Callable[[str, Building, bool], bool]
    goes_on: Callable[[str], bool] = bool
    ignored: Callable[[str], bool] = lambda _line: False
    lists: frozenset[str] = frozenset()
    wrapped: bool = False


def entries(lines: Iterable[str], tags: Tags) -> Iterator[Entry | Leftover]:
    """The entries in order, and what stands in none.

    Raises:
        InputError: None has begun for too long.
    """
    building: Building | None = None
    after_blank = False
    unplaced = Unplaced(tags.form, tags.wanted)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            after_blank = True
            continue
        found = tags.line.fullmatch(line)
        if found:
            tag = found[1].strip()
            if building and tags.begins(tag, building, after_blank):
                yield building.entry()
                building = None
            if building is None:
                yield from unplaced.give()
                building = Building(number, tags.lists, wrapped=tags.wrapped)
            building.add(tag, found[2] or "")
        elif building and tags.goes_on(line):
            building.more(line)
        elif not tags.ignored(line):
            unplaced.add(number, line)
        after_blank = False
    if building:
        yield building.entry()
    yield from unplaced.give(entry=False)
