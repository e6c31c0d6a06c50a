"""The words in which two texts differ, and how a terminal shows them.

A token is one word as printed, with the signs and the blank that follow it: joined, the tokens are the text.
Tokens are compared by their words as `corpus_tool.text` defines them, so what differs here is what counts
there: case, punctuation and line breaks do not. The edit operations are those of the longest common
subsequence (rapidfuzz's `Indel`), which share as many words as any alignment can.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from corpus_tool import text
from corpus_tool.views.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType
    from rich.text import Text

Tag = Literal["equal", "delete", "insert", "replace"]

MOST_CELLS = 1 << 30
"""Words of one text times words of the other that are aligned: the table takes a bit each, 128 MiB in all."""
MOST_CHARACTERS = 100_000
"""Characters of a text whose words are compared; of longer texts, from a little before where they first differ."""
BEFORE = 500
"""Characters that are shown before that."""
KEEP = 6
"""Words of a long equal run that are shown at either end of it."""
NARROW = 50
"""Columns of a terminal under which two texts no longer fit side by side."""


class Span(NamedTuple):
    """A run of tokens that both texts share or in which they differ.

    Attributes:
        tag: `equal`, `delete` (left only), `insert` (right only) or `replace`.
        left: The tokens of the left text, each with its trailing blank.
        right: Those of the right text.
    """

    tag: Tag
    left: list[str]
    right: list[str]


class Counts(NamedTuple):
    """How many words two texts share, and how many only one of them has."""

    shared: int
    only_left: int
    only_right: int


@lru_cache(maxsize=1)
def _token() -> re.Pattern[str]:
    """What opens a word, the word, and what closes it."""
    return re.compile(rf"[^\w]*{text.word_pattern(printed=True)}[^\w\s]* ?")


def excerpt(left: str, right: str, most: int = MOST_CHARACTERS) -> tuple[str, str, str]:
    """The parts of two texts that are compared word by word, and a sentence on them; the texts where they are short."""
    if max(len(left), len(right)) <= most:
        return left, right, ""
    differs = _common_beginning(left, right)
    start = max(0, left.rfind(" ", 0, max(0, differs - BEFORE) + 1))
    part = slice(start, start + most)
    return (
        left[part],
        right[part],
        f"of {len(left):,} and {len(right):,} characters, {most:,} from the {start + 1:,}th on are shown; "
        "the score is that of the whole",
    )


def _common_beginning(left: str, right: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def tokens(content: str) -> list[str]:
    """The words as printed: joined, they are the text with each run of white space as one blank."""
    line = " ".join(unicodedata.normalize("NFC", content).split())
    found: list[str] = []
    end = 0
    for match in _token().finditer(line):
        found.append(match[0])
        end = match.end()
    if end < len(line):
        if found:
            found[-1] += line[end:]
        else:
            found.append(line)
    return found


def spans(left: str, right: str) -> list[Span]:
    """The spans that turn one text into the other, in order; equal ones hold both texts' own printing.

    Beyond `MOST_CELLS`, after what both begin and end with, the rest is one `replace`.
    """
    left_tokens, right_tokens = tokens(left), tokens(right)
    numbers: dict[str, int] = {}
    keys = {token: _key(token) for token in {*left_tokens, *right_tokens}}
    left_keys = [numbers.setdefault(keys[token], len(numbers)) for token in left_tokens]
    right_keys = [numbers.setdefault(keys[token], len(numbers)) for token in right_tokens]
    return [
        Span(_tag(i < j, k < m, same), left_tokens[i:j], right_tokens[k:m])
        for same, i, j, k, m in _merged(_operations(left_keys, right_keys))
    ]


def counts(found: Iterable[Span]) -> Counts:
    """The number of words in equal spans, and in the others on either side."""
    shared = only_left = only_right = 0
    for span in found:
        if span.tag == "equal":
            shared += len(span.left)
        else:
            only_left += len(span.left)
            only_right += len(span.right)
    return Counts(shared, only_left, only_right)


def as_json(found: Sequence[Span]) -> dict[str, Any]:
    """The comparison for machines: the counts in words, and every span with the text of both sides."""
    return {
        **counts(found)._asdict(),
        "spans": [
            {"tag": span.tag, "left": _printed(span.left), "right": _printed(span.right)} for span in found
        ],
    }


def plain(found: Iterable[Span], keep: int = KEEP) -> str:
    """The comparison as one text that needs no colour: `[-left only-]`, `{+right only+}`."""
    return marked(found, (("[-", "-]"), ("{+", "+}")), visible, keep)


def marked(
    found: Iterable[Span],
    marks: tuple[tuple[str, str], tuple[str, str]],
    shown: Callable[[str], str],
    keep: int = KEEP,
) -> str:
    """The comparison as one text.

    Args:
        found: The spans.
        marks: What opens and closes words that only the left text has, and those that only the right one has.
        shown: Makes words fit for where they are shown.
        keep: Words shown at either end of an equal run; the middle of a long one is told by its count.
    """
    (gone, left_out), (new, put_in) = marks
    parts: list[str] = []
    for span in found:
        if span.tag == "equal":
            parts.append(shown(_shortened(span.left, keep)))
            continue
        if span.left:
            parts.append(
                f"{gone}{shown(_printed(span.left))}{left_out}{' ' if span.right else _gap(span.left)}"
            )
        if span.right:
            parts.append(f"{new}{shown(_printed(span.right))}{put_in}{_gap(span.right)}")
    return "".join(parts).rstrip()


def render(
    left: str, right: str, console: Console, *, names: tuple[str, str] = ("A", "B"), keep: int = KEEP
) -> None:
    """Print two texts side by side: what only the left has in red, only the right in green, the rest dim.

    Without colours the differing words stand in `[-…-]` and `{+…+}`; under `NARROW` columns, in one text.
    """
    from rich.text import Text

    found = spans(left, right)
    if console.width < NARROW:
        console.print(Text(plain(found, keep)))
    else:
        console.print(
            side_by_side(found, names, keep, marks=console.no_color or console.color_system is None)
        )
    console.print(Text(summary(found), style="dim"))


def summary(found: Iterable[Span]) -> str:
    """The counts as one line."""
    shared, only_left, only_right = counts(found)
    if not only_left and not only_right:
        return f"{shared:,} words shared, none differ"
    return f"{shared:,} words shared, {only_left:,} only on the left, {only_right:,} only on the right"


def side_by_side(
    found: Iterable[Span], names: tuple[str, str], keep: int = KEEP, *, marks: bool = False
) -> RenderableType:
    """A table of two columns, a row for each group of differences; long equal runs part the rows.

    Args:
        found: The spans.
        names: The headings of the columns.
        keep: Words shown at either end of an equal run; a run of more than twice as many is shortened.
        marks: Whether the differing words are bracketed, for want of colours.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1), show_edge=False, show_lines=False)
    for name in names:
        table.add_column(Text(visible(name)), ratio=1, overflow="fold")
    for row in rows(found, keep):
        if isinstance(row, int):
            note = Text(f"… {row:,} words the same …", style="dim italic")
            table.add_row(note, note)
        else:
            table.add_row(_cell(row, 0, marks), _cell(row, 1, marks))
    return table


def _key(token: str) -> str:
    return " ".join(text.words(token)) or text.normalise(token).strip()


def _tag(in_left: bool, in_right: bool, same: bool) -> Tag:
    if same:
        return "equal"
    if in_left and in_right:
        return "replace"
    return "delete" if in_left else "insert"


def _operations(left: list[int], right: list[int]) -> Iterator[tuple[bool, int, int, int, int]]:
    """(same, left start, left end, right start, right end) over both sequences, in order."""
    if len(left) * len(right) <= MOST_CELLS:
        from rapidfuzz.distance import Indel

        for code in Indel.opcodes(left, right):
            yield code.tag == "equal", code.src_start, code.src_end, code.dest_start, code.dest_end
        return
    shorter = min(len(left), len(right))
    head = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if left[-1 - i] != right[-1 - i]), rest)
    yield True, 0, head, 0, head
    yield False, head, len(left) - tail, head, len(right) - tail
    yield True, len(left) - tail, len(left), len(right) - tail, len(right)


def _merged(
    operations: Iterable[tuple[bool, int, int, int, int]],
) -> Iterator[tuple[bool, int, int, int, int]]:
    """Neighbouring deletions and insertions as one; empty operations left out."""
    held: tuple[bool, int, int, int, int] | None = None
    for same, i, j, k, m in operations:
        if i == j and k == m:
            continue
        if held is not None and held[0] == same:
            held = (same, held[1], j, held[3], m)
            continue
        if held is not None:
            yield held
        held = (same, i, j, k, m)
    if held is not None:
        yield held


def _printed(run: Sequence[str]) -> str:
    return "".join(run).rstrip()


def _gap(run: Sequence[str]) -> str:
    """The blank after a run, where it has one: none inside a word such as `GPT-4`."""
    return " " if run[-1].endswith(" ") else ""


def _shortened(run: Sequence[str], keep: int) -> str:
    """A run of equal words, the middle of a long one as its count."""
    hidden = len(run) - 2 * keep
    if hidden <= keep:
        return "".join(run)
    return f"{_printed(run[:keep])} … {hidden:,} words … {''.join(run[len(run) - keep :])}".lstrip()


def rows(found: Iterable[Span], keep: int) -> Iterator[list[Span] | int]:
    """Groups of spans to stand in one row, and between them the number of equal words left out."""
    row: list[Span] = []
    for span in found:
        hidden = len(span.left) - 2 * keep
        if span.tag != "equal" or hidden <= keep:
            row.append(span)
            continue
        row.append(Span("equal", span.left[:keep], span.right[:keep]))
        yield row
        yield hidden
        row = [Span("equal", span.left[-keep:], span.right[-keep:])] if keep else []
    if row:
        yield row


class Piece(NamedTuple):
    """A run of words as one side prints it: whether both have it, the words, and the blank behind them."""

    same: bool
    words: str
    gap: str


def pieces(row: Iterable[Span], side: Literal[0, 1]) -> Iterator[Piece]:
    """What one side of a row prints, without anything that would steer a terminal or a page."""
    for span in row:
        run = span.left if side == 0 else span.right
        if run:
            yield Piece(span.tag == "equal", visible(_printed(run)), _gap(run))


def _cell(row: Iterable[Span], side: Literal[0, 1], marks: bool) -> Text:
    from rich.text import Text

    cell = Text()
    opening, closing, style = (("[-", "-]", "bold red"), ("{+", "+}", "bold green"))[side]
    for same, words, gap in pieces(row, side):
        if same:
            cell.append(words, style="dim")
        else:
            cell.append(f"{opening}{words}{closing}" if marks else words, style=style)
        cell.append(gap)
    cell.rstrip()
    return cell
