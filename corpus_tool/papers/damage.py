"""Values that stand in a field and say nothing: placeholders of databases, spreadsheets and programs.

What is damaged is missing: a paper by "nan" is a paper by nobody knows whom, not by somebody else than Ada Example.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_PLACEHOLDER = 40

PLACEHOLDERS = frozenset(
    {
        *(
            "",
            "nan",
            "none",
            "null",
            "nil",
            "nat",
            "na",
            "n a",
            "n d",
            "undefined",
            "empty",
            "missing",
            "blank",
        ),
        *(
            "unknown",
            "unavailable",
            "unspecified",
            "not available",
            "not applicable",
            "not known",
            "not given",
        ),
        *(
            "not provided",
            "not specified",
            "not found",
            "no data",
            "no value",
            "no information",
            "to be announced",
        ),
        *("tba", "tbd", "no title", "untitled", "no title available", "title not available", "title unknown"),
        *(
            "unknown title",
            "no abstract",
            "no journal",
            "unknown journal",
            "unknown venue",
            "journal unknown",
        ),
        *("no doi", "no year", "no pages", "no page", "no pagination", "s n", "s l"),
        *(
            "unbekannt",
            "inconnu",
            "desconocido",
            "desconhecido",
            "sconosciuto",
            "onbekend",
            "okänd",
            "ukjent",
        ),
        *("ukendt", "nieznany", "неизвестно", "未知", "不明"),
    }
)
"""Values that say nothing, in small letters and without punctuation around and within them."""

NOBODY = PLACEHOLDERS | frozenset(
    {
        *(
            "anonymous",
            "anon",
            "anonymus",
            "anonymous author",
            "anonymous authors",
            "et al",
            "various",
            "staff",
        ),
        *(
            "no author",
            "no authors",
            "no author listed",
            "no authors listed",
            "no author given",
            "without author",
        ),
        *(
            "no author name available",
            "author unknown",
            "authors unknown",
            "unknown author",
            "unknown authors",
        ),
        *("author not available", "authors not available", "no author available", "no authors available"),
        *("not listed", "various authors", "several authors", "author", "authors", "corporate author"),
        *(
            "anonym",
            "anonyme",
            "anonimo",
            "anônimo",
            "anónimo",
            "ohne autor",
            "ohne verfasser",
            "sans auteur",
        ),
        *("sin autor", "sem autor", "senza autore", "неизвестен", "аноним", "без автора"),
        *("佚名", "匿名", "无", "無名氏", "作者不详"),
    }
)
"""The same of authors."""

_BETWEEN_WORDS = re.compile(r"[\W_]+")


def telling(value: str) -> str:
    """A value as it stands, or "" where it is a placeholder or has no letter and no digit."""
    if "0" <= value[:1] <= "9":  # most values of identifiers, dates and pages; no placeholder begins so
        return value
    return "" if len(value) <= LONGEST_PLACEHOLDER and _bare(value) in PLACEHOLDERS else value


def somebody(authors: str) -> str:
    """The same of authors, who may be "Anonymous", too."""
    return "" if len(authors) <= LONGEST_PLACEHOLDER and _bare(authors) in NOBODY else authors


@lru_cache(maxsize=1 << 14)
def _bare(value: str) -> str:
    return _BETWEEN_WORDS.sub(" ", value.casefold()).strip()


def _windows(byte: int) -> str:
    """A byte as Windows-1252 shows it, or Latin-1 where that has nothing."""
    return bytes([byte]).decode("cp1252", "ignore") or chr(byte)


_BYTES = {_windows(byte): byte for byte in range(0x80, 0x100)} | {
    chr(byte): byte for byte in range(0x80, 0xA0)
}
_LEADING, _FOLLOWING = ("".join(map(re.escape, {_windows(byte) for byte in some} | {chr(byte) for byte in some}))
                        for some in (range(0xC2, 0xF5), range(0x80, 0xC0)))  # fmt: skip
_SIGN = re.compile(f"[{_LEADING}]")
_MISREAD = re.compile(f"(?:[{_LEADING}][{_FOLLOWING}]{{1,3}})+")


def repaired(text: str) -> str:
    """A text in which UTF-8 that was read as Windows-1252 or Latin-1 ("MÃ¼ller") is read as UTF-8, once or twice over.

    Only runs that are whole characters of UTF-8 change; what a reader may have meant so is too rare to matter.
    """
    for _ in range(2):
        if text.isascii() or not _SIGN.search(text):
            break
        text = _MISREAD.sub(lambda match: _read_again(match[0]), text)
    return text


def _read_again(run: str) -> str:
    try:
        return bytes(_BYTES[letter] for letter in run).decode("utf-8")
    except UnicodeDecodeError:
        return run
