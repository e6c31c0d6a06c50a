"""Which encoding bytes are in that are not UTF-8: told by the decoders of Python and by what each script looks like.

East Asian encodings are tried strictly, and most of the characters must be those of their language's everyday list;
single bytes are Cyrillic or Greek where they make up words of small letters, and Western where they stand alone among
others. What looks like nothing is not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

_LOOKED_AT = 1 << 15
_FEWEST = 3
"""So many characters beyond ASCII are needed, two of them side by side, to tell one East Asian encoding from others."""
_LONGEST_CHARACTER = 4
_SURE = 0.85
_KANA = 0.15
_TOGETHER = 0.5
_ALONE = 0.5
_APART = 0.04


@dataclass(frozen=True)
class Charset:
    """An encoding, by the name that Python and `--encoding` have for it, and what it is called."""

    name: str
    called: str


SHIFT_JIS = Charset("cp932", "Shift-JIS (Japanese)")
EUC_JP = Charset("euc_jp", "EUC-JP (Japanese)")
EUC_KR = Charset("cp949", "EUC-KR (Korean)")
GB18030 = Charset("gb18030", "GB18030, the newer GBK (Chinese)")
BIG5 = Charset("cp950", "Big5 (Chinese)")
WESTERN = Charset("cp1252", "Windows-1252 (Western European)")
LATIN = Charset("latin-1", "Latin-1 (Western European)")
_Block = tuple[int, int, int]
"""The first and the last leading byte, and the least second one."""
_JAPANESE = ((SHIFT_JIS, (0x88, 0x97, 0x40)), (EUC_JP, (0xB0, 0xCF, 0xA1)))
_HANGUL = (0xB0, 0xC8, 0xA1)
_CHINESE = ((GB18030, (0xB0, 0xD7, 0xA1)), (BIG5, (0xA4, 0xC6, 0x40)))
"""Where encodings have the characters of every day."""
_ALPHABETS = (
    (Charset("cp1251", "Windows-1251 (Cyrillic)"), "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћџ"),
    (Charset("koi8-r", "KOI8-R (Cyrillic)"), "абвгдежзийклмнопрстуфхцчшщъыьэюяё"),
    (Charset("cp866", "CP866 (Cyrillic)"), "абвгдежзийклмнопрстуфхцчшщъыьэюяё"),
    (Charset("cp1253", "Windows-1253 (Greek)"), "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋ"),
)
"""Encodings of one byte a character, with the small letters of their alphabets."""
_EUROPEAN = (
    WESTERN,
    Charset("cp1254", "Windows-1254 (Turkish)"),
    Charset("cp1250", "Windows-1250 (Central European)"),
    Charset("iso8859-2", "ISO 8859-2 (Central European)"),
)
_SIGNS = frozenset(
    "\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\xa0\xa9\xab\xbb\xb0\xb1\xb7\xd7\u2022\u20ac\xae\u2122\xb2\xb3\xbf\xa1\xa7"
)
_ICELANDIC = frozenset("ðþýÐÞÝ")
"""Letters that Icelandic has, beside some of the next; where Turkish has its own, Windows-1252 has these."""
_ALSO_ICELANDIC = frozenset("áæÁÆ")


def guessed(data: bytes) -> Charset | None:
    """The encoding of bytes that are not UTF-8; None where nothing tells.

    Args:
        data: Whole lines, as many as there are at hand; lines of ASCII say nothing.
    """
    lines = [line for line in data[:_LOOKED_AT].split(b"\n") if not line.isascii()]
    if len(data) > _LOOKED_AT and len(lines) > 1:
        del lines[-1]
    others = [line for line in lines if not _is_utf8(line)]
    if 2 * len(others) < len(lines):  # a text of UTF-8 with a damaged line
        return None
    telling = b"\n".join(others)
    high = sum(byte > 127 for byte in telling)
    if not high:
        return None
    together = sum(a > 127 and b > 127 for a, b in pairwise(telling)) / high
    found = _east_asian(telling) or (_alphabet(telling) if together > _TOGETHER else None)
    return found or (_european(telling, together) if len(others) == len(lines) else None)


def advice(data: bytes) -> str:
    """What to do about bytes that are not UTF-8: the encoding to name, where these tell it."""
    found = looks_like(data)
    return found or "if the text is in another encoding, name it (for example --encoding latin-1)"


def looks_like(data: bytes) -> str:
    """Which encoding these bytes seem to be in, and how it is named; empty where they do not tell."""
    found = guessed(data)
    if found is None:
        return ""
    if found is WESTERN and not any(0x80 <= byte < 0xA0 for byte in data):
        found = LATIN
    return f"it looks like {found.called}: if it is, read it with --encoding {found.name}"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _east_asian(data: bytes) -> Charset | None:
    for charset, everyday in _JAPANESE:
        wide = _wide(data, charset.name)
        kana = sum("\u3041" <= each <= "\u30fe" for each in wide)
        if kana > _KANA * len(wide) and kana / len(wide) + _share(wide, charset.name, everyday) > _SURE:
            return charset
    if _share(_wide(data, EUC_KR.name), EUC_KR.name, _HANGUL) > _SURE:
        return EUC_KR
    (second, _), (first, charset) = sorted(
        ((_share(_wide(data, each.name), each.name, everyday), each) for each, everyday in _CHINESE),
        key=lambda found: found[0],
    )
    return charset if first > _SURE and first - second > _APART else None


def _wide(data: bytes, encoding: str) -> str:
    """The letters beyond ASCII; none where the bytes are not of an encoding, or stand one by one among others."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if not error.start or error.start < len(data) - _LONGEST_CHARACTER:
            return ""
        text = data[: error.start].decode(encoding)  # the last character is cut
    beyond = [ord(each) > 127 for each in text]
    pairs = sum(a and b for a, b in pairwise(beyond))
    if pairs < _TOGETHER * sum(beyond):
        return ""
    letters = "".join(each for each in text if ord(each) > 127 and each.isalpha())
    return letters if len(letters) >= _FEWEST else ""


def _share(wide: str, encoding: str, everyday: _Block) -> float:
    """The share of characters that the encoding has in a block."""
    first, last, low = everyday
    codes = (each.encode(encoding) for each in wide)
    found = sum(len(code) == 2 and first <= code[0] <= last and code[1] >= low for code in codes)
    return found / len(wide) if wide else 0.0


def _alphabet(data: bytes) -> Charset | None:
    """That of the alphabet whose small letters most of the bytes are."""
    found = []
    for charset, small in _ALPHABETS:
        try:
            text = data.decode(charset.name)
        except UnicodeDecodeError:
            continue
        letters = [each for each in text if ord(each) > 127]
        found.append((sum(each in small for each in letters) / len(letters), charset))
    share, charset = max(found, key=lambda each: each[0], default=(0.0, WESTERN))
    return charset if share > 0.7 else None


def _european(data: bytes, together: float) -> Charset | None:
    """That in which most of the bytes are letters or typographical signs, where they stand alone among others."""
    if together > _ALONE:
        return None
    found = []
    for charset in _EUROPEAN:
        beyond = [each for each in data.decode(charset.name, "replace") if ord(each) > 127]
        fitting = [each for each in beyond if each in _SIGNS or each.isalpha()]
        strange = (
            sum(each in _ICELANDIC for each in fitting) if not _ALSO_ICELANDIC.intersection(fitting) else 0
        )
        found.append(((len(fitting) - strange) / len(beyond), charset))
    share, charset = max(found, key=lambda each: each[0])
    return charset if share > _SURE else None
