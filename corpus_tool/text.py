"""The one definition of words, shingles and similarity.

Every engine, sketch, policy and test takes its notion of a duplicate from here. This module is the slow,
obvious twin: the compiled kernels in `corpus_tool.sketch` must give the same 64-bit hashes, bit for bit.

    text ──NFKC, casefold──> words ──64-bit hash each──> shingles of n words ──64-bit hash each──> a set

A word is a run of letters, digits and `_`; an ideograph is a word of its own. A shingle is n consecutive
words; a text of fewer words is one shingle. The similarity of two texts is the exact Jaccard index of
their sets of shingle hashes (Broder, "On the resemblance and containment of documents", 1997, section 2).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
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

IDEOGRAPHS = (
    "\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00016fe4\U00017000-\U00018d08\U0001b170-\U0001b2fb\U00020000-\U0003ffff"
)
"""The ranges of Unicode's Ideographic property, as the inside of a regular expression's character class."""

_WORD = re.compile(rf"[{IDEOGRAPHS}]|[^\W{IDEOGRAPHS}]+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)


def normalise(text: str) -> str:
    """NFKC, then casefold; ASCII text needs only the second."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The words of a text, normalised, in order."""
    folded = normalise(text)
    return (_ASCII_WORD if folded.isascii() else _WORD).findall(folded)


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
