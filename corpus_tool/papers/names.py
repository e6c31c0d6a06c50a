"""Authors as sets of name words: what of two lists of names is the same whoever wrote them down.

Order, punctuation, initials, accents and the ways to write an umlaut or a Cyrillic name differ from database to
database. A word of a name is kept as `folded`, which is the same for "Müller" and "Mueller", for "Sergey" and "Sergei".
Surnames of two letters count where their case tells them from initials; particles, titles and degrees are nobody's.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from corpus_tool.papers.normalise import undressed
from corpus_tool.papers.spelling import UNDECOMPOSED, without_umlauts
from corpus_tool.text import decomposed, hash_word

PARTICLES = frozenset("de la di da el al st van von der den del della dos das zur zum ten ter af av".split())
"""Parts of surnames that are left out, kept or glued as people please."""

COLLECTIVE = frozenset(
    ("collaboration", "collaborations", "consortium", "group", "groups", "team", "network", "investigators")
    + ("committee", "initiative", "others")
)
"""Words of a list that names a body, or stops before its end."""

NAME_STOPS = (
    PARTICLES
    | COLLECTIVE
    | frozenset("and phd md msc the for on of in by at to et jr sr dr prof eds ed".split())
)
"""Words in author lists that are nobody's name."""

OF_A_BODY, LATIN, OTHER_SCRIPT = 1, 2, 4
"""What a list of authors may be: bits."""

_CYRILLIC = {
    letter: latin
    for letters, latins in (
        ("абвгдежзийклмнопрст", "a b v g d e zh z i i k l m n o p r s t"),
        ("уфхцчшщыэюяё", "u f kh ts ch sh shch y e yu ya e"),
        ("іїєґўђјљњћџѓќѕ", "i yi ye g u dj j lj nj c dz g k dz"),
    )
    for letter, latin in zip(letters, latins.split(), strict=True)
} | {"ъ": "", "ь": ""}
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(),
        strict=True,
    )
)
TRANSLITERATED = _CYRILLIC | _GREEK
"""Letters of two alphabets as most passports and journals write them; what several do, `folded` makes one."""

_FOREIGN = re.compile("[" + "".join(TRANSLITERATED) + "]", re.IGNORECASE)
_GREEK_PAIRS = (
    ("ου", "ou"),
    ("ευ", "ef"),
    ("αυ", "af"),
    ("μπ", "b"),
    ("ντ", "nt"),
    ("γγ", "ng"),
    ("γκ", "gk"),
)
_UNDECOMPOSED = re.compile("[" + "".join(UNDECOMPOSED) + "]")
_SIGNS = re.compile(r"[&<\\]")
_STRAY = re.compile(r"[^\x00-\x7f\w]+")
_WORD = re.compile(r"[A-Za-z0-9\x80-\U0010ffff]+")
_SEVERAL_I = re.compile("ii+")
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNSPLIT = ("Mc", "Mac")


def name_line(authors: str) -> str:
    """Names of authors in which only ASCII parts the words, without accents, entities and tags; capitals stay.

    Cyrillic and Greek are transliterated, other scripts stay as they are.
    """
    if authors.isascii() and not any(sign in authors for sign in "&<\\"):
        return authors
    text = _SIGNS.sub(
        " ", decomposed(undressed(authors))
    )  # what is left of them means nothing, now or read again
    for pair, latin in _GREEK_PAIRS:
        text = text.replace(pair, latin)
    text = "".join(letter for letter in text if not unicodedata.category(letter).startswith("M"))
    text = _FOREIGN.sub(lambda match: _as_written(match[0], TRANSLITERATED[match[0].lower()]), text)
    text = _UNDECOMPOSED.sub(lambda match: _as_written(match[0], UNDECOMPOSED[match[0]]), text)
    if text.isascii():
        return text
    text = "".join(letter if letter.isascii() else letter.casefold() for letter in text)
    return _STRAY.sub(" ", text)


def _as_written(letter: str, latin: str) -> str:
    return latin.capitalize() if letter.isupper() else latin


def name_parts(line: str) -> list[str]:
    """The words of a line of names; a name glued to another ("JensLindqvist", "LucasM.") parts at its capital."""
    parts = []
    for word in _WORD.findall(line):
        start = 0
        for boundary in (found.start() for found in _BOUNDARY.finditer(word)):
            if word[start:boundary] not in _UNSPLIT:
                parts.append(word[start:boundary])
                start = boundary
        parts.append(word[start:])
    return parts


def folded(word: str) -> str:
    """A word of a name as it is compared: umlauts in one spelling, y and j as i, and that once."""
    small = "".join(letter.lower() if letter.isascii() else letter for letter in word)
    return _SEVERAL_I.sub("i", without_umlauts(small).replace("y", "i").replace("j", "i"))


def _is_name(part: str) -> bool:
    if len(part) < 2 or part.lower() in NAME_STOPS:
        return False
    return len(part) > 2 or part[0] > "\x7f" or ("A" <= part[0] <= "Z" and "a" <= part[1] <= "z")


@lru_cache(maxsize=1 << 14)
def author_names(authors: str) -> frozenset[int]:
    """32-bit hashes of the name words; "LucasM.MirzaeiF." parts at its glued initials."""
    return frozenset(
        hash_word(folded(part)) >> 32 for part in name_parts(name_line(authors)) if _is_name(part)
    )


@lru_cache(maxsize=1 << 14)
def author_kind(authors: str) -> int:
    """What a list of authors is: that of a body or an open one (`OF_A_BODY`), and in which scripts it is written."""
    parts = name_parts(name_line(authors))
    small = [part.lower() for part in parts]
    open_end = ("et", "al") in pairwise(small)
    kind = OF_A_BODY * (open_end or not COLLECTIVE.isdisjoint(small))
    for part in filter(_is_name, parts):
        kind |= OTHER_SCRIPT if part[0] > "\x7f" else LATIN
    return kind
