"""What tells short texts apart that are otherwise alike: a negation, an opposite, another number.

"Aspirin is effective in men" and "Aspirin is not effective in women" share nearly every shingle. In a long text one
such word is a revision; in a short one it is the finding. The list is short on purpose: opposites that titles and
conclusions turn on, in the forms in which they stand there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.text import hash_word

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHORT_TEXT = 60
"""A text is short with fewer words than this in title and abstract together."""

NEGATIONS = "not no never without cannot neither nor non isn aren wasn weren doesn don didn won hasn haven"
"""Words of which one text has one and the other none."""

OPPOSITES = tuple(
    line.split(" / ")
    for line in (
        "increase increases increased increasing rise rises / decrease decreases decreased decreasing fall falls",
        "higher more greater / lower less fewer smaller",
        "high large / low small",
        "men man male males boys / women woman female females girls",
        "children pediatric paediatric / adults adult",
        "younger young / older old elderly",
        "before pre preoperative / after post postoperative",
        "positive / negative",
        "presence present / absence absent",
        "improve improves improved / worsen worsens worsened",
        "acute / chronic",
        "early / late",
        "left / right",
        "upper / lower",
        "superior / inferior",
        "anterior / posterior",
        "maximum maximal / minimum minimal",
        "gain / loss",
        "activation activates / inhibition inhibits",
        "upregulation upregulates upregulated / downregulation downregulates downregulated",
        "benefit beneficial / harm harmful",
        "associated / unassociated",
        "safe / unsafe",
        "stable / unstable",
        "true / false",
    )
)
"""Words of which one text has those of one side, and the other those of the other."""

NEGATED = 1 << 62
EVEN = 0x1555555555555555
"""The bits of the first side of each pair of opposites."""


@lru_cache(maxsize=1)
def _bits() -> dict[str, int]:
    found = dict.fromkeys(NEGATIONS.split(), NEGATED)
    for axis, sides in enumerate(OPPOSITES):
        for side, words in enumerate(sides):
            for word in words.split():
                found[word] = found.get(word, 0) | 1 << 2 * axis + side
    return found


@lru_cache(maxsize=1)
def contrast_table() -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The words by hash, ascending, and the bits of each."""
    pairs = sorted((hash_word(word), bits) for word, bits in _bits().items())
    return np.array([pair[0] for pair in pairs], np.uint64), np.array([pair[1] for pair in pairs], np.int64)


def short_text(tokens: list[str]) -> tuple[int, frozenset[int], frozenset[int]]:
    """The contrasts of a text as bits, its numbers and its other words as 32-bit hashes; nothing of a longer one."""
    contrasts, numbers, others = 0, set(), set()
    for token in tokens if len(tokens) < SHORT_TEXT else ():
        bits = _bits().get(token, 0)
        contrasts |= bits
        if token[0].isascii() and token[0].isdigit():
            numbers.add(hash_word(token) >> 32)
        elif not bits:
            others.add(hash_word(token) >> 32)
    return contrasts, frozenset(numbers), frozenset(others)


def opposed(left: int, right: int) -> bool:
    """Whether one text negates what the other does not, or turns it into its opposite."""
    ours, theirs = left & ~right, right & ~left
    if (ours | theirs) & NEGATED:
        return True
    return bool(ours & theirs >> 1 & EVEN or theirs & ours >> 1 & EVEN)
