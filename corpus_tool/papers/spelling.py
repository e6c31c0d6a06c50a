"""One spelling for what is written in several ways: accents, points, digits, numerals, and umlauts spelt out.

`corpus_tool.text` keeps accents; titles, names and abstracts of one paper come with and without them, and
those of Latin, Greek and Cyrillic letters are dropped here. Where marks make the word, as vowel signs do in Hindi and
Thai, they stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from corpus_tool.text import (
    FAR_IGNORABLE,
    IDEOGRAPHS,
    IGNORABLE,
    MARKED,
    SYLLABLES,
    UNSPACED,
    VOCALISATION,
    decomposed,
    mark_pattern,
    word_pattern,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Uncut = Callable[[str], str]

UNDECOMPOSED = {
    "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ħ": "h", "Ħ": "h", "ı": "i",
    "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d",
}  # fmt: skip
"""Latin letters that Unicode does not take apart, as they are typed without the accent."""

GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        strict=True,
    )
)
"""A single Greek letter is a symbol, which other databases spell out."""

DIGITS = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000, "億": 10**8, "亿": 10**8}
LONGEST_NUMERAL = 20
"""A longer run of numerals is no number."""
LEAST_CHARACTERS = 30
"""An abstract of fewer, in scripts that put no blanks between words, says as little as ten words of others."""
CHARACTERS_OF_A_WORD = 3
"""So many of them in a title say as much as a word."""
PARTS = {"上": 1, "中": 2, "下": 3, "前": 1, "後": 3, "后": 3}
"""The first, the middle and the last part of a paper, where brackets show that they are meant."""

_DROPPED = re.compile(
    f"[{IGNORABLE}{FAR_IGNORABLE}{VOCALISATION}"
    "\u0300-\u036f\u0653-\u0655\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_UNDECOMPOSED = re.compile("[" + "".join(UNDECOMPOSED) + "]")
_GREEK = re.compile("(?<![\u0370-\u03ff])[α-ω](?![\u0370-\u03ff])")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_NUMERALS = re.compile("[" + "".join((*DIGITS, *UNITS)) + "]+")
_PART = re.compile("[(【〔]((?:[上中下][部卷巻篇編编集]?|[前後后][篇編编]))[)】〕]")
_UMLAUT = re.compile(r"(?:(?<=[ao])e|(?<=a)a|(?<=u)(?<![aeq]u)e)(?=[a-rt-z]|s[a-z])")
_CLUSTERED = re.compile(f"[{MARKED}{UNSPACED}]")
_STRAY = re.compile(r"[^\x00-\x7f\w]+")
_LONE_WORD = re.compile(r"[^\W_]+")


def one_spelling(text: str) -> str:
    """A text beyond ASCII without accents and capitals, its numbers in ASCII's digits."""
    text = _DROPPED.sub("", decomposed(text))
    text = _UNDECOMPOSED.sub(lambda match: UNDECOMPOSED[match[0]], text).casefold()
    text = unicodedata.normalize("NFC", _DROPPED.sub("", decomposed(text)))
    if text.isascii():
        return text
    text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    text = _NUMERALS.sub(
        lambda match: _number(match[0]), _PART.sub(lambda match: f" {PARTS[match[1][0]]} ", text)
    )
    return _GREEK.sub(lambda match: GREEK[match[0].replace("ς", "σ")], text)


def _number(numerals: str) -> str:
    """A run of CJK numerals in digits, with blanks around; as it is where it cannot be a number."""
    if len(numerals) > LONGEST_NUMERAL or not ("十" in numerals or any(map(DIGITS.__contains__, numerals))):
        return numerals
    if all(map(DIGITS.__contains__, numerals)):
        return f" {''.join(str(DIGITS[numeral]) for numeral in numerals)} "
    total = below = digit = 0
    for numeral in numerals:
        if numeral in DIGITS:
            digit = 10 * digit + DIGITS[numeral]
        elif UNITS[numeral] < UNITS["万"]:
            below, digit = below + (digit or 1) * UNITS[numeral], 0
        else:
            total, below, digit = total + (below + digit or 1) * UNITS[numeral], 0, 0
    return f" {total + below + digit} "


def without_umlauts(word: str) -> str:
    """A word in which ae, oe, ue and aa are one letter, as ä, ö, ü and å are once they have lost their accents.

    Not where German has no umlaut: at the end of a word ("blue", "does"), nor ue after a, e and q ("neue", "Quelle").
    """
    return _UMLAUT.sub("", word)


def nothing(text: str) -> str:
    """What is not cut in a title."""
    return ""


def syllables(text: str) -> str:
    """What is not cut in names."""
    return SYLLABLES


def all_of_few(text: str) -> str:
    """What is not cut in an abstract: nothing, or all where it has too few characters to say anything."""
    found = islice(re.finditer(f"[{UNSPACED}]", text), LEAST_CHARACTERS)
    return "" if len(list(found)) == LEAST_CHARACTERS else UNSPACED


def alone(text: str) -> int:
    """How many words of a text that is cut are characters."""
    return len(re.findall(f"(?<![^ ])[{UNSPACED}]", text))


def cut(text: str, uncut: str = "") -> list[str]:
    """The words of a text in one spelling.

    A shingle of abstracts has but two words, and a syllabary few letters: so a kana, or a character of Thai, Lao, Khmer
    or Burmese, is taken together with the one that follows it.

    Args:
        text: From `one_spelling`.
        uncut: Of what scripts runs are words: none, `SYLLABLES` or `UNSPACED`.
    """
    if not _CLUSTERED.search(text):
        return _LONE_WORD.findall(text)
    return [first + following for first, following in _word(uncut).findall(text)]


def flattened(text: str, uncut: str = "") -> str:
    """The same words, parted by nothing but ASCII."""
    return " ".join(cut(text, uncut)) if _CLUSTERED.search(text) else _STRAY.sub(" ", text)


@cache
def _word(uncut: str) -> re.Pattern[str]:
    """A word, and what follows it where both are syllables."""
    if uncut:
        return re.compile(f"({word_pattern('' if uncut == UNSPACED else IDEOGRAPHS, parting='_')})()")
    syllable = f"[{SYLLABLES}]{mark_pattern()}*+"
    return re.compile(f"({syllable}(?=({syllable})?)|{word_pattern(parting='_')})")
