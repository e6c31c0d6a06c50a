"""What stands before the first element of an XML or HTML text: declaration, comments, doctype, and the encoding named.

Walked by hand: a pattern over "comments and blanks, any number" tries every way to part them where none fits.
"""

from __future__ import annotations

import codecs
import re

_BLANKS = re.compile(r"[\ufeff\s]*")
_NAME = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_DECLARED = re.compile(r"<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_META = re.compile(r"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_NO_CHARACTER_SETS = frozenset(
    [
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "raw_unicode_escape",
        "unicode-escape",
        "utf-7",
        "mbcs",
        "oem",
    ]
)
"""Codecs of Python that turn text into text by other rules than a character set's."""


_AS_THE_WEB = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-9": "cp1254",
}
"""Character sets that are declared, and the supersets that the web reads them as."""


def doctype(head: str) -> str:
    """The name in the document type declaration, in lower case; empty where there is none."""
    at = _skip(head, ("<?", "<!--"))
    if head[at : at + 9].lower() != "<!doctype":
        return ""
    words = head[at + 9 : at + 80].split()
    return words[0].rstrip(">").lower() if words else ""


def root_name(head: str) -> str:
    """The first element's name without its prefix; empty where none is in sight."""
    at = _skip(head, ("<?", "<!--", "<!"))
    match = _NAME.match(head, at)
    return match.group(1) if match else ""


def _skip(text: str, openings: tuple[str, ...]) -> int:
    """Where a text goes on behind blanks and whatever begins with one of these."""
    at = 0
    while True:
        at = _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        opening = next((each for each in openings if text.startswith(each, at)), None)
        if opening is None:
            return at
        end = _end(text, at, opening)
        if end < 0:
            return len(text)
        at = end


def _end(text: str, at: int, opening: str) -> int:
    """Where a declaration ends; -1 where it does not."""
    if opening == "<!--":
        end = text.find("-->", at + 4)
        return end + 3 if end >= 0 else -1
    if opening == "<?":
        end = text.find("?>", at + 2)
        return end + 2 if end >= 0 else -1
    bracket, end = text.find("[", at), text.find(">", at)
    if 0 <= bracket < end:
        inner = text.find("]", bracket)
        end = text.find(">", inner) if inner >= 0 else -1
    return end + 1 if end >= 0 else -1


def declared_encoding(head: str) -> str | None:
    """The character set that an XML declaration or a `meta` element names, where Python has it."""
    match = _DECLARED.match(head.lstrip("\ufeff \t\r\n")) or _META.search(head, 0, 4096)
    return character_set(match.group(1)) if match else None


def character_set(name: str) -> str | None:
    """Python's codec for a character set, by its usual names; None for what is none."""
    try:
        known = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(known, "_is_text_encoding", True) or known.name in _NO_CHARACTER_SETS:
        return None
    return _AS_THE_WEB.get(known.name, known.name)
