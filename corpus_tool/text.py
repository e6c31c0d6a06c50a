"""The one definition of words, shingles and similarity.

Every engine, sketch, policy and test takes its notion of a duplicate from here. This module is the slow,
obvious twin: the compiled kernels in `corpus_tool.sketch` must give the same 64-bit hashes, bit for bit.

    text ──normalise──> words ──64-bit hash each──> shingles of n words ──64-bit hash each──> a set

Normalised is what NFKC, case folding and the loss of what no reader sees, or may do without, leave: soft hyphens,
joiners, direction marks, variation selectors; Arabic harakat and tatweel, Hebrew points. A word is a run of letters,
the marks on them, digits and `_`. Where a script puts no blanks between its words, each character, with its marks,
is a word. A shingle is n consecutive words; a text of fewer words is one shingle. The similarity of two texts is the
exact Jaccard index of their sets of shingle hashes (Broder, "On the resemblance and containment of documents", 1997,
section 2).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

MASK = (1 << 64) - 1
MULTIPLIER = 0xFF51AFD7ED558CCD
"""Odd constant of the word and fingerprint hash (the first multiplier of MurmurHash3's 64-bit finaliser)."""
LENGTH_MULTIPLIER = 0x9E3779B97F4A7C15
"""Odd constant that spreads a word's length over its hash's starting state (2^64 over the golden ratio)."""
SHINGLE_MULTIPLIER = 0xD6E8FEB86659FD93
"""Odd base of the polynomial that joins the word hashes of a shingle."""

DEFINITION = 2
"""Version of what `words` makes of a text: whatever is stored of signatures was made by one of them."""

IDEOGRAPHS = (
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00017000-\U00018d08\U0001b170-\U0001b2fb\U00020000-\U0003ffff"
)
"""The ranges of Unicode's Ideographic property but its one mark, as the inside of a regular expression's class."""

SYLLABLES = (
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana, the sound mark that lengthens too
    "\U0001aff0-\U0001affe\U0001b000-\U0001b167"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"  # Thai
    "\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"  # Lao
    "\u1780-\u17b3\u17d7\u17dc"  # Khmer
    "\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081\u108e"  # Burmese
    "\ua9e0-\ua9e4\ua9e6-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a\uaa7e\uaa7f"
)
"""The letters of the other scripts that put no blanks between words; their digits and marks are like all others."""

UNSPACED = IDEOGRAPHS + SYLLABLES
"""What is a word of its own."""

IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
"""Unicode's Default_Ignorable_Code_Point but for the zero-width space, which parts words where it is typed."""
FAR_IGNORABLE = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
"""Those of them that lie beyond the first plane."""

VOCALISATION = (
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\ufb1e"  # Hebrew points and accents
    "\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
"""What one who writes Hebrew or Arabic adds or leaves out: points, harakat, tatweel; but not madda and hamza."""

LONG = 4096
"""Characters of a text from which on order matters to speed."""

_DROPPED = re.compile(f"[{IGNORABLE}{FAR_IGNORABLE}{VOCALISATION}]+")
_HALF_WIDTH_KANA, _HALF_WIDTH_MARKS = "\uff66-\uff9d", "\uff9e\uff9f"
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
MARKED = (
    "\u0300-\u036f\u0483-\u1dff\u20d0-\u20ff\u2ce0-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\uabff\ufb1e-\ufe2f"
    "\U000101fd-\U00011fff\U00013430-\U0001345f\U00016af0-\U00016ff1\U0001bc9d-\U0001bc9e\U0001cf00-\U0001e94a"
)
"""Where in Unicode there are marks among others, as ranges."""


def normalise(text: str) -> str:
    """NFKC and casefold without what is dropped; ASCII text needs only to be made small.

    Taken apart first, so that nothing is hidden within another character, and put together last, so that what was
    typed in another form, or around a dropped character, comes out the same.
    """
    if text.isascii():
        return text.lower()
    visible = _DROPPED.sub("", decomposed(text))
    return unicodedata.normalize("NFKC", decomposed(visible).casefold())


def decomposed(text: str) -> str:
    """NFKD, in time that grows with the length even of a letter with ten thousand marks.

    The standard library puts marks in order by insertion, which is quick where they are in order.
    """
    if len(text) > LONG:
        text = _heaped().sub(lambda match: _in_order(match[0]), text)
    return unicodedata.normalize("NFKD", text)


def _in_order(marked: str) -> str:
    """Characters taken apart, and the marks on each in Unicode's order."""
    apart = "".join(unicodedata.normalize("NFKD", one) for one in marked)
    by_letter = groupby(apart, lambda one: unicodedata.combining(one) > 0)
    return "".join("".join(sorted(some, key=unicodedata.combining) if on else some) for on, some in by_letter)


@cache
def marks() -> str:
    """The marks that belong to the letter before them (Mn, Mc), in order."""
    ranges = re.findall("(.)-(.)", MARKED)
    every = (chr(code) for first, last in ranges for code in range(ord(first), ord(last) + 1))
    return "".join(one for one in every if unicodedata.category(one) in {"Mn", "Mc"})


@cache
def mark_pattern(*, printed: bool = False) -> str:
    """A regular expression of one mark; in a text that is not normalised, also of what has no place between letters."""
    found = marks()
    first = sum(one <= "\uffff" for one in found)
    near, far = found[:first], found[first:]
    if printed:
        near, far = near + IGNORABLE + VOCALISATION + _HALF_WIDTH_MARKS, far + FAR_IGNORABLE
    # Characters beyond the first plane are looked for one by one: the check before spares that.
    return rf"(?:[{near}]|(?=[\U00010000-\U000fffff])[{far}])"


def word_pattern(alone: str = UNSPACED, *, parting: str = "", printed: bool = False) -> str:
    """A regular expression of one word of a normalised text.

    Args:
        alone: What is a word of its own, as the inside of a character class.
        parting: What else parts words.
        printed: Whether the text is as printed instead.
    """
    mark = mark_pattern(printed=printed)
    if printed:
        alone += _HALF_WIDTH_KANA
    lone = f"|[{alone}]{mark}*+" if alone else ""
    return rf"(?:(?:[^\W{parting}{alone}]++{mark}*+)++{lone})"


@cache
def _heaped() -> re.Pattern[str]:
    return re.compile(f"[{MARKED}]{{64,}}+")


@cache
def _may_be_marked() -> re.Pattern[str]:
    return re.compile(f"[{MARKED}]")


@cache
def _word(*, marked: bool) -> re.Pattern[str]:
    return re.compile(word_pattern() if marked else rf"[^\W{UNSPACED}]+|[{UNSPACED}]")


def words(text: str) -> list[str]:
    """The words of a text, normalised, in order."""
    folded = normalise(text)
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return _word(marked=bool(_may_be_marked().search(folded))).findall(folded)


def absorb(state: int, lane: int) -> int:
    """One step of the word and fingerprint hash: mix 64 more bits into a 64-bit state."""
    state = ((state ^ lane) * MULTIPLIER) & MASK
    return state ^ (state >> 32)


@lru_cache(maxsize=1 << 16)
def hash_word(word: str) -> int:
    """The 64-bit hash of a normalised word: its UTF-8 bytes, eight at a time, little-endian, zero-padded."""
    data = word.encode("utf-8", "surrogatepass")
    state = (len(data) * LENGTH_MULTIPLIER) & MASK
    for start in range(0, len(data), 8):
        state = absorb(state, int.from_bytes(data[start : start + 8], "little"))
    return state


def hash_shingle(word_hashes: list[int]) -> int:
    """The 64-bit hash of a shingle: a polynomial of its word hashes modulo 2^64, then one mixing step."""
    state = 0
    for word_hash in word_hashes:
        state = (state * SHINGLE_MULTIPLIER + word_hash) & MASK
    return absorb(state ^ (state >> 32), 0)


def fingerprint(text: str) -> int:
    """A 64-bit hash of the whole sequence of words; 0 for a text without words.

    Equal fingerprints mean equal words in equal order, and so a similarity of exactly 1.
    """
    hashes = [hash_word(word) for word in words(text)]
    if not hashes:
        return 0
    state = 0
    for word_hash in hashes:
        state = absorb(state, word_hash)
    return absorb(state, len(hashes)) or 1


def shingles(text: str, n: int = 5) -> set[int]:
    """The 64-bit hashes of a text's n-word shingles; empty for a text without words."""
    hashes = [hash_word(word) for word in words(text)]
    if not hashes:
        return set()
    return {hash_shingle(hashes[start : start + n]) for start in range(max(1, len(hashes) - n + 1))}


def jaccard(left: Set[int], right: Set[int]) -> float:
    """Exact Jaccard index of two shingle sets, 0.0 to 1.0; 0.0 where either is empty."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared) if shared else 0.0


def paper_id(title: str, abstract: str) -> str:
    """16 hex digits that name a paper by its normalised title and abstract, wherever it was seen."""
    parts = (" ".join(words(part)) or normalise(part).strip() for part in (title, abstract))
    return blake2b("\n".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
