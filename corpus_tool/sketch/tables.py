"""What the kernels must know of Unicode: arrays over code points, made from the definitions in `corpus_tool.text`."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from corpus_tool import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Table = TypeVar("Table")

COPIED, DROPPED, IN_CONTEXT = 0, 1, -1
"""Actions of `foldings`: the character stays as it is; it vanishes; only the whole text tells what becomes of it."""
GROWTH = 3
"""No character that is folded by table takes more than so many times its bytes."""

_CHANGING = (
    (0x80, 0x3400),
    (0xA000, 0xAC00),
    (0xD7A4, 0xD800),
    (0xF900, 0x17000),
    (0x18D00, 0x20000),
    (0x2F800, 0x2FA20),
    (0xE0000, 0xE1000),
)
"""Outside these, there are ideographs, Hangul syllables, surrogates, private and unassigned code points: all stay."""

_LETTERS_END = 0x20000
"""From here on there are ideographs, and nothing else that is part of a word."""


def _once(make: Callable[[], Table]) -> Callable[[], Table]:
    """Call a function once in a process, whatever the number of threads that ask."""
    lock = threading.Lock()
    cached = lru_cache(maxsize=1)(make)

    @wraps(make)
    def get() -> Table:
        with lock:
            return cached()

    return get


@_once
def classes() -> NDArray[np.uint8]:
    """What each code point is: 0 a separator, 1 part of a word, 2 a word of its own, 3 a mark on what is before it."""
    every = np.arange(_LETTERS_END, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    table = np.zeros(0x110000, np.uint8)
    for run in re.finditer(r"\w+", every):
        table[run.start() : run.end()] = 1
    for first, last in re.findall(r"(.)(?:-(.))?", text.UNSPACED):
        table[ord(first) : ord(last or first) + 1] = 2
    table[[ord(mark) for mark in text.marks()]] = 3
    return table


@_once
def foldings() -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """How `text.normalise` changes each code point beyond ASCII, where that does not depend on its neighbours.

    Normalisation never looks across a character whose decomposition begins with a starter that is not the second
    of any pair that composes (Unicode Standard Annex 15, "Normalization Contexts Requiring Care in Optimization");
    case folding never looks at neighbours at all. So a text of such characters is normalised one by one; those that
    are dropped bring together only such.

    Returns:
        Actions int32[0x110000], `COPIED`, `IN_CONTEXT`, or where in the replacements the character's begins, `DROPPED`
        among them; and the replacements, each its number of bytes followed by its UTF-8, and eight spare bytes.
    """
    changing = [chr(code) for start, stop in _CHANGING for code in range(start, stop)]
    seconds = _seconds_of_pairs(changing)
    actions = np.zeros(0x110000, np.int32)
    replacements = bytearray(bytes(2))  # no action is 0, and what is dropped becomes nothing
    apart = "\n".join(changing)  # neither form looks across the end of a line
    decomposed = unicodedata.normalize("NFKD", apart).split("\n")
    for character, parts, folded in zip(changing, decomposed, text.normalise(apart).split("\n"), strict=True):
        first = parts[0]
        if not folded:
            actions[ord(character)] = DROPPED
        elif unicodedata.combining(first) or first in seconds:
            actions[ord(character)] = IN_CONTEXT
        elif folded != character:
            data = folded.encode()
            fits = len(data) <= GROWTH * len(character.encode())
            actions[ord(character)] = len(replacements) if fits else IN_CONTEXT
            replacements += bytes((len(data), *data))
    return actions, np.frombuffer(bytes(replacements) + bytes(8), np.uint8)


def _seconds_of_pairs(characters: list[str]) -> set[str]:
    """The characters that may compose with one before them, Hangul vowels and final consonants among them."""
    pairs = (unicodedata.decomposition(character).split() for character in characters)
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    return seconds.union(map(chr, range(0x1161, 0x1176)), map(chr, range(0x11A8, 0x11C3)))
