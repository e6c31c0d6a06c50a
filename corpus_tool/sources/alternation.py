"""Which lines of a plain digest are titles and which are abstracts.

A plain digest has no marks: title, blank line, abstract, blank line, and so on, and any of it may be wrapped,
split or missing. The labelling of a whole stretch of lines is chosen at once, as the one of the highest score, by
dynamic programming (Viterbi, "Error bounds for convolutional codes", 1967) over two states, "in a title" and "in
an abstract":

- a title gains `title_score` of its text, the log-odds that such a text is a title; an abstract gains nothing;
- a title that follows a title, and a second paragraph of an abstract, cost a constant: each is one mishap;
- a line end inside a block is either a wrapped line or a break without its blank line; `wrap_score` is the
  log-odds of the first.

Strict alternation costs nothing, so a text is read against it only where several features speak together, and a
missing abstract costs its own price once: what follows keeps its places, because to shift it would cost the
evidence of every later title.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MISSING_ABSTRACT = 6.0
LOWEST_MISSING = 3.0
SECOND_PARAGRAPH = 4.0
MISSING_TITLE = 12.0
MISSING_BLANK = 3.0
FENCE_CROSSED = 8.0
"""Costs, in natural log-odds. The second is the least that a missing abstract costs where many are missing, the last
that of an abstract that goes on behind furniture which ends a paper."""

TITLE_LINES = 4
_LONGEST_TITLE = 450
_LONGEST_WRAPPED = 200

_TYPICAL_BORDER = math.log(190.0)
"""Titles have some 75 characters, abstracts some 1,200: the border lies between, in the geometric sense."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]}$]*$")
_INNER_SENTENCE = re.compile(r"[a-z)\]}\d][.!?][\"'”’)]?\s+[A-Z]")
_PROSE = re.compile(
    r"\b(we|our|us|this|these|that|which|is|are|was|were|has|have|been|it|its|they|can|show|shows|propose|present|"
    r"however|paper|such)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:our |the |all )?(?:code|project|keywords?|demo|data(?:sets?)?|website|models?)\b.*(?::|http|avail)",
    re.IGNORECASE,
)
_NEVER_TITLE = re.compile(
    r"[-*•+–][ \t]|\(?(?:\d{1,2}|[ivx]{1,4}|[a-h])\)[ \t]|(?:key ?words?(?: and phrases)?|index terms?)\s{0,4}[:：—]|"
    r"\$\$|\\\[|\\begin\b|\d{1,2}\.[ \t].{0,300}[.;,]$|(?-i:where|which|so that|subject to)\b[^A-Z]",
    re.IGNORECASE,
)
"""Items of a list, keywords, displayed equations and what follows one: parts of an abstract that stand alone."""
_FORMULA = re.compile(r"[\w\s$\\{}^()\[\]|/.,;:'*+<>=≤≥≈∑∫∏∂∇±×·-]*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_PROSE_WORD = re.compile(r"(?<![\\\w])[^\W\d_]{4,}")
_DANGLING = re.compile(
    r"(?:[,;:–—-]|\b(?:a|an|and|as|at|by|for|from|in|into|is|its|of|on|or|the|their|through|to|towards?|under|using|"
    r"via|with|without|are|that|which|we|our))$",
    re.IGNORECASE,
)


class Label(IntEnum):
    """What a line is."""

    TITLE = 0
    TITLE_MORE = 1
    PARAGRAPH = 2
    PARAGRAPH_MORE = 3


@dataclass(slots=True)
class Line:
    """One line of a paper's text, and what stood around it.

    Attributes:
        number: 1-based line in the file.
        text: The line without outer blanks.
        gap: Whether a blank line or furniture stands before it.
        indented: Whether it was printed with an indentation.
        fenced: Whether furniture that ends a paper stands before it.
        label: What it is, where marks of the page say so.
        urls: Links of the line, and of the furniture that follows it.
        published: ISO date of publication, where the furniture that follows it has one.
    """

    number: int
    text: str
    gap: bool = True
    indented: bool = False
    fenced: bool = False
    label: Label | None = None
    urls: list[str] = field(default_factory=list)
    published: str | None = None


def title_score(text: str) -> float:
    """The log-odds that a text is a title rather than an abstract or a paragraph of one.

    Length decides most; then how it ends, how many sentences it has, its capitals, and words of running prose.
    """
    size = len(text)
    if size > _LONGEST_TITLE or is_part(text):
        return -12.0
    score = _length_score(size)
    if text[-1:] in ".…":
        score -= 3.0
    elif not ends_sentence(text):
        score += 2.0
    score -= 2.0 * min(3, len(_INNER_SENTENCE.findall(text)))
    score -= 1.2 * min(4, len({word.lower() for word in _PROSE.findall(text)}))
    if "http" in text or dangles(text):
        score -= 3.0
    if _TAIL.match(text):
        score -= 3.0
    return score + _capitals_score(text)


def is_part(text: str) -> bool:
    """Whether a line is a part of an abstract that stands in a paragraph of its own: an item, keywords, an equation."""
    if _NEVER_TITLE.match(text):
        return True
    return (
        len(text) <= 200
        and "=" in text
        and any(map(text.count, "\\$^_"))
        and _FORMULA.fullmatch(text) is not None
        and not _PROSE_WORD.search(text)
    )


def _length_score(size: int) -> float:
    return max(-9.0, min(4.0, 4.0 * (_TYPICAL_BORDER - math.log(max(size, 1)))))


def _highest_score(size: int) -> float:
    """The most that `title_score` gives a text of so many characters."""
    return _length_score(size) + 4.0


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does."""
    return _SENTENCE_END.search(text) is not None


def dangles(text: str) -> bool:
    """Whether a text ends where no title and no sentence can end: a comma, a preposition, an article."""
    return _DANGLING.search(text) is not None


def _capitals_score(text: str) -> float:
    long_words: list[str] = [word for word in _WORD.findall(text) if len(word) >= 4]
    if not long_words:
        return 0.0
    share = sum(word[0].isupper() or not word.islower() for word in long_words) / len(long_words)
    score = 3.0 * share - 1.0
    return score - 2.0 if text[:1].islower() and share < 0.3 else score


def wrap_score(before: Line, after: Line, width: int) -> float:
    """The log-odds that the line end between two lines of a block is a wrap and not a break.

    Args:
        before: The line that ends.
        after: The next line.
        width: Characters of the longest wrapped line of their block.
    """
    left, right = before.text, after.text
    if len(left) > _LONGEST_WRAPPED or len(right) > _LONGEST_WRAPPED:
        return -8.0
    score = 0.0
    room = width - len(left) - 1 - len(right.split(None, 1)[0])
    score += 2.0 if room < 0 else (-3.0 if len(left) >= 0.6 * width else -5.0)
    if ends_sentence(left):
        score -= 1.0
    elif dangles(left):
        score += 3.0
    else:
        score += 0.5
    if right[0].islower():
        score += 3.0
    return score + (1.0 if after.indented and not before.indented else 0.0)


def labelled(lines: Sequence[Line]) -> list[Label]:
    """The best labels of consecutive lines; those that have one already keep it.

    Where abstracts turn out to be missing, the price of one more is the log-odds of their share, and the lines are
    labelled once more: two in a row leave no trace in the alternation, and so would not be seen at the full price.
    Time is linear in the number of lines.
    """
    if all(line.label is not None for line in lines):
        return [line.label for line in lines if line.label is not None]
    labels = _Labelling(lines, MISSING_ABSTRACT).best()
    pairs = pairwise(labels)
    missing = sum(label <= Label.TITLE_MORE and after is Label.TITLE for label, after in pairs)
    if missing:
        titles = labels.count(Label.TITLE)
        labels = _Labelling(
            lines, max(LOWEST_MISSING, min(MISSING_ABSTRACT, math.log(titles / missing)))
        ).best()
    return labels


class _Labelling:
    """One run of the dynamic programme.

    `scores[state][i]` is the best score of lines 0 to i when line i ends a title (state 0) or stands in an abstract
    (state 1), `steps` how it was reached: the state before, and how many lines back (the length of a title).
    """

    def __init__(self, lines: Sequence[Line], missing: float) -> None:
        self.lines = lines
        self.missing = missing
        self.wraps = _wrap_scores(lines)
        self.scores: tuple[list[float], list[float]] = ([], [])
        self.steps: tuple[list[tuple[int, int, Label]], list[tuple[int, int, Label]]] = ([], [])
        for index in range(len(lines)):
            self._end_title(index)
            self._stand_in_abstract(index)

    def best(self) -> list[Label]:
        """Walk back from the better end."""
        result: list[Label] = []
        index = len(self.lines) - 1
        state = 0 if self.scores[0][-1] - self.missing > self.scores[1][-1] else 1
        while index >= 0:
            before, length, label = self.steps[state][index]
            result += [Label.TITLE_MORE] * (length - 1) + [label]
            index, state = index - length, before
        result.reverse()
        return result

    def _break(self, index: int) -> float:
        """Score of a new title or paragraph at a line."""
        wrap = self.wraps[index]
        return 0.0 if wrap is None else -MISSING_BLANK - wrap / 2

    def _end_title(self, index: int) -> None:
        titles, abstracts = self.scores
        best, step = -math.inf, (1, 1, Label.TITLE)
        text, joins = "", 0.0
        for start in range(index, max(-1, index - TITLE_LINES), -1):
            text = f"{self.lines[start].text} {text}" if text else self.lines[start].text
            after_title = titles[start - 1] - self.missing if start else -math.inf
            after_abstract = abstracts[start - 1] if start else 0.0
            around = max(after_title, after_abstract) + joins + self._break(start)
            if around + _highest_score(len(text)) > best and (score := around + title_score(text)) > best:
                best, step = score, (int(after_abstract >= after_title), index - start + 1, Label.TITLE)
            wrap = self.wraps[start]
            if wrap is None or len(text) > _LONGEST_TITLE:
                break
            joins += wrap / 2
        titles.append(best)
        self.steps[0].append(step)

    def _stand_in_abstract(self, index: int) -> None:
        titles, abstracts = self.scores
        new = self._break(index) - (FENCE_CROSSED if self.lines[index].fenced else 0.0)
        second = 0.0 if is_part(self.lines[index].text) else SECOND_PARAGRAPH
        choices = [
            (
                abstracts[index - 1] - second + new if index else -MISSING_TITLE,
                (1, 1, Label.PARAGRAPH),
            ),
        ]
        if index:
            choices.append((titles[index - 1] + new, (0, 1, Label.PARAGRAPH)))
        wrap = self.wraps[index]
        if wrap is not None:
            choices.append((abstracts[index - 1] + wrap / 2, (1, 1, Label.PARAGRAPH_MORE)))
        score, step = max(choices, key=lambda choice: choice[0])
        abstracts.append(score)
        self.steps[1].append(step)


def _wrap_scores(lines: Sequence[Line]) -> list[float | None]:
    """For each line the score of a wrap before it; None where a blank line or furniture stands there."""
    result: list[float | None] = []
    for start, end in _blocks(lines):
        width = _width(lines[start:end])
        result.append(None)
        result += [wrap_score(lines[i - 1], lines[i], width) for i in range(start + 1, end)]
    return result


def _width(block: Sequence[Line]) -> int:
    """The columns a block was wrapped at; a word that is longer than a line says nothing of them."""
    sizes = (len(line.text) for line in block if " " in line.text)
    return max((size for size in sizes if size <= _LONGEST_WRAPPED), default=0)


def _blocks(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Ranges of lines without a gap between them."""
    starts = [index for index, line in enumerate(lines) if index == 0 or line.gap or line.fenced]
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))
