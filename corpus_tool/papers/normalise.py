"""What the words of a paper's fields say: titles, abstracts, names, venues and pages made comparable.

Two databases print one paper with other accents, tags, LaTeX, capitals and line breaks; past this module those
are gone. Every word list of `--match papers` stands here. Hashes are the high 32 bits of `corpus_tool.text`'s,
so that the compiled kernels can hold a paper's sets as arrays; both must give the same bits.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from corpus_tool.papers.spelling import (
    CHARACTERS_OF_A_WORD,
    all_of_few,
    alone,
    cut,
    flattened,
    nothing,
    one_spelling,
    syllables,
    without_umlauts,
)
from corpus_tool.text import absorb, hash_shingle, hash_word

if TYPE_CHECKING:
    from corpus_tool.papers.spelling import Uncut

NEW_WORDS = 6
"""An abstract counts as missing with fewer words than this that its title has not: "No abstract available",
"Discussion of ..." with the title repeated."""

INLINE_TAGS = "sub|sup|inf|i|b|u|em|strong|it|sc|scp|tt|span|font|jats:(?:sub|sup|italic|bold|sc)|mml:[a-z]+"
"""Tags within a word: they vanish ("H<sub>2</sub>O" is H2O); any other tag parts words."""

SMALL_NUMBERS = {
    word: value
    for value, names in enumerate(
        ("one first i", "two second ii", "three third iii", "four fourth iv", "five fifth v", "six sixth vi")
        + ("seven seventh vii", "eight eighth viii", "nine ninth ix", "ten tenth x", "eleven eleventh xi")
        + ("twelve twelfth xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
        start=1,
    )
    for word in names.split()
}
SMALL_NUMBERS.update(
    (word, value)
    for value, words_of_languages in enumerate(
        (
            "erster erste erstes premiere primera primeira prima eerste forsta pierwsza pierwszy birinci первая первыи",
            "zweiter zweite zweites deuxieme seconde segunda segundo seconda secondo tweede andra druga drugi ikinci"
            " вторая второи",
            "dritter dritte drittes troisieme tercera tercero terceira terceiro terza terzo derde tredje trzecia trzeci"
            " ucuncu третья третии",
            "vierter vierte viertes quatrieme cuarta cuarto quarta quarto vierde fjarde czwarta czwarty dorduncu"
            " четвертая четвертыи",
        ),
        start=1,
    )
    for word in words_of_languages.split()
)
"""Words of a title that are numbers: of English, Roman, and the ordinals by which parts are told in other languages,
without accents."""

PART_WORDS = frozenset(("part", "parts", "chapter", "section", "volume", "paper"))
"""After one of these a single letter a to h is a number ("Part A")."""

MARKERS = {
    word: 1 << bit
    for bit, names in enumerate(
        (
            "comment comments commentary discussion",
            "reply response rejoinder",
            "erratum errata corrigendum corrigenda correction corrections addendum",
            "retraction retracted withdrawn withdrawal",
            "editorial preface foreword",
        )
    )
    for word in names.split()
}
"""Words that say that a title is about another paper, each with the bit of its kind."""

MARKER_REACH = 4
"""Markers count among the first and the last words of a title, this many."""

VENUE_STOPS = frozenset(
    [
        "the",
        "of",
        "and",
        "on",
        "in",
        "for",
        "to",
        "a",
        "an",
        "de",
        "la",
        "le",
        "les",
        "des",
        "du",
        "der",
        "die",
        "das",
        "und",
        "fur",
        "et",
        "y",
        "e",
        "el",
        "del",
        "j",
        "journal",
    ]
)
"""Words that tell no venue from another."""

MONTHS = {
    name: month
    for month, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
"""Spreadsheets make dates of page ranges: 1-10 becomes "01-Oct"."""

_INLINE = re.compile(rf"</?(?:{INLINE_TAGS})(?:\s[^<>]{{0,200}})?/?>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][\w:.-]*(?:\s[^<>]{0,200})?/?>|<!--.{0,500}?-->", re.DOTALL)
_LATEX_ACCENT = re.compile(
    r"""(\{)?\\(?:["'`^~=.]|[uvHckr](?=[\s{\\]))\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z]))(?(1)\s*\})"""
)
_LATEX_ACCENT_SIGN = re.compile(r"""\\(?:["'`^~=.]|[uvHckr](?=[\s{\\]))""")
_LATEX_LETTER_NAME = re.compile(r"\\(?:ss|ae|oe|aa|[olijOL])(?![A-Za-z])")
_LATEX_LETTER = re.compile(r"(\{)?\\(?:(ss|ae|oe|[olijOL])|(a)a)(?![A-Za-z])(?(1)\s*\}|(?:\{\}|\s)?)")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_BRACKETED_END = re.compile(r"\s*\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\s*\.?\s*$")
_DIGITS = re.compile(r"[0-9]+")


def undressed(text: str) -> str:
    """A text without tags, entities and LaTeX's accents."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", _INLINE.sub("", text))
    if "\\" in text:
        text = _without_latex(text, _LATEX_ACCENT_SIGN, _LATEX_ACCENT)
        text = _without_latex(text, _LATEX_LETTER_NAME, _LATEX_LETTER)
    return text


def plain(text: str) -> str:
    """A text without tags, entities, accents (Unicode's and LaTeX's) and capitals, its numbers in ASCII's digits."""
    text = undressed(text)
    if text.isascii():
        return text.lower()
    return one_spelling(text)


def _without_latex(text: str, sign: re.Pattern[str], whole: re.Pattern[str]) -> str:
    """A text with the letter alone where a pattern matches at a sign, or at the brace before it.

    The sign begins with a backslash, which is found quickly; the whole may begin with a brace. Most LaTeX is formulas.
    """
    parts: list[str] = []
    copied = 0
    for found in sign.finditer(text):
        start = found.start()
        if start < copied:
            continue
        match = whole.match(text, start - 1) if start > copied and text[start - 1] == "{" else None
        match = match or whole.match(text, start)
        if match:
            parts += [text[copied : match.start()], match[2] or match[3]]
            copied = match.end()
    return "".join((*parts, text[copied:])) if parts else text


def words(text: str, uncut: Uncut = nothing) -> list[str]:
    """The words of a text: runs of letters and digits, and where no blanks part words, characters that are cut."""
    folded = plain(text)
    return _ASCII_WORD.findall(folded) if folded.isascii() else cut(folded, uncut(folded))


def flatten(text: str, uncut: Uncut = nothing) -> str:
    """A text with the same words, in which only ASCII other than letters and digits parts them.

    Capitals of ASCII may stay.
    """
    if text.isascii() and "&" not in text and "<" not in text and "\\" not in text:
        return text
    text = plain(text)
    return text if text.isascii() else flattened(text, uncut(text))


def abstract_words(abstract: str) -> list[str]:
    """The words of an abstract, which is measured in characters where no blanks part words."""
    return words(abstract, all_of_few)


def flat_abstract(abstract: str) -> str:
    """An abstract with these words, flat."""
    return flatten(abstract, all_of_few)


def bare_title(title: str) -> str:
    """A title without any trailing "[...]", which databases add; unless nothing else is left of it."""
    while "]" in title:
        shorter = _BRACKETED_END.sub("", title)
        if shorter == title or not any(map(str.isalnum, shorter)):
            break
        title = shorter
    return title


def title_words(title: str) -> list[str]:
    """The words of a title."""
    return words(bare_title(title))


def title_length(title: str, words_in_it: int) -> int:
    """How many words a title is long: characters that are words of their own count for less.

    Args:
        title: Its words, parted by blanks or, in ASCII, by whatever parts words.
        words_in_it: How many these are.
    """
    characters = 0 if title.isascii() else alone(title)
    return words_in_it - characters + -(-characters // CHARACTERS_OF_A_WORD)


def spelt(title: list[str]) -> list[str]:
    """The words of a title as titles are compared with each other, umlauts in one spelling."""
    return list(map(without_umlauts, title))


def says_something(abstract: list[str], title: list[str]) -> bool:
    """Whether an abstract has enough words that are not in its title."""
    known = frozenset(title)
    new = (word for word in abstract if word not in known)
    return len(list(islice(new, NEW_WORDS))) == NEW_WORDS


def figures(abstract: list[str]) -> frozenset[int]:
    """32-bit hashes of an abstract's numbers of two digits and more."""
    numbers = (word for word in abstract if len(word) > 1 and word.isascii() and word.isdigit())
    return frozenset(hash_word(number) >> 32 for number in numbers)


def word_shingles(tokens: list[str]) -> frozenset[int]:
    """32-bit hashes of the shingles of two words."""
    hashes = [hash_word(token) for token in tokens]
    return frozenset(hash_shingle([first, second]) >> 32 for first, second in pairwise(hashes))


@lru_cache(maxsize=1 << 16)
def hash_gram(gram: str) -> int:
    """32-bit hash of four characters."""
    a, b, c, d = map(ord, gram)
    return absorb(absorb(a | b << 32, c | d << 32), 0) >> 32


def character_grams(tokens: list[str]) -> list[int]:
    """32-bit hashes of the 4-grams of the words, joined and padded by one blank each; in order, repeats included."""
    line = f" {' '.join(tokens)} " if tokens else ""
    if 0 < len(line) < 4:
        line = line.ljust(4)
    return [hash_gram(line[start : start + 4]) for start in range(len(line) - 3)]


def hash_text(text: str) -> int:
    """64-bit hash of a text as a whole; 0 for an empty one."""
    return (hash_word(text) or 1) if text else 0


def hash_number(digits: str) -> int:
    """32-bit hash of a number written in digits."""
    return hash_word(digits.lstrip("0") or "0") >> 32


def title_numbers(tokens: list[str]) -> tuple[int, ...]:
    """Sorted 32-bit hashes of a title's numbers: digits, Roman numerals, number words, "part a"."""
    found = []
    before = ""
    for token in tokens:
        if token in SMALL_NUMBERS:
            found.append(hash_number(str(SMALL_NUMBERS[token])))
        elif len(token) == 1 and "a" <= token <= "h" and before in PART_WORDS:
            found.append(hash_word(token) >> 32)
        else:
            found.extend(hash_number(digits) for digits in _DIGITS.findall(token))
        before = token
    return tuple(sorted(found))


def title_markers(tokens: list[str]) -> int:
    """The kinds of marker (as bits) among the first and last words of a title."""
    mask = 0
    for token in tokens[:MARKER_REACH] + tokens[-MARKER_REACH:]:
        mask |= MARKERS.get(token, 0)
    return mask


@lru_cache(maxsize=1 << 14)
def venue_marks(venue: str) -> tuple[frozenset[int], frozenset[int]]:
    """32-bit hashes of a venue's words, and of what may stand for them elsewhere.

    The second set holds the beginnings (two letters and more) of its words and of its acronym: "Int. J. Cardiol."
    and "International Journal of Cardiology" meet there, "Diabetes" and "Diabetologia" do not. Both hold the whole.
    """
    tokens = words(venue, syllables)
    initials = "".join(token[0] for token in tokens if token not in VENUE_STOPS or token == "journal")
    telling = [token for token in tokens if token not in VENUE_STOPS]
    short = {token[:end] for token in telling for end in range(2, len(token) + 1)}
    short.update(initials[:end] for end in range(3, len(initials) + 1))
    if telling:  # so that a venue of single letters or ideographs is its own
        telling.append("".join(tokens))
        short.add(telling[-1])
    hashed = (frozenset(hash_word(mark) >> 32 for mark in marks) for marks in (telling, short))
    return next(hashed), next(hashed)


def text_key(title: list[str], abstract: list[str]) -> int:
    """64-bit hash of the words of a title and an abstract, in order; 0 where there is none."""
    state = 0
    for word in (*title, *abstract):
        state = absorb(state, hash_word(word))
    counts = len(title) << 32 | len(abstract)
    return absorb(state, counts) if counts else 0
