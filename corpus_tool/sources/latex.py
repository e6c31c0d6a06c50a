r"""LaTeX's accents, letters and braces to plain text: `{\"O}zg{\"u}r` is Özgür, `{DNA}` is DNA; formulas stay.

One pass, one pattern. Commands that are not known stay as they stand.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    "u": "\u0306",
    ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a",
    "H": "\u030b",
    "v": "\u030c",
    "d": "\u0323",
    "c": "\u0327",
    "k": "\u0328",
    "b": "\u0331",
}
"""Accent commands and the combining mark of each."""

_LETTERS = {
    "ss": "ß",
    "SS": "SS",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "dj": "đ",
    "DJ": "Đ",
    "ng": "ŋ",
    "NG": "Ŋ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquotesingle": "'",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textunderscore": "_",
    "textbar": "|",
    "textless": "<",
    "textgreater": ">",
    "textdegree": "°",
    "textregistered": "®",
    "texttrademark": "™",
    "textcopyright": "©",
    "textmu": "µ",
    "texttimes": "×",
    "textpm": "±",
    "ldots": "…",
    "dots": "…",
    "textellipsis": "…",
    "guillemotleft": "«",
    "guillemotright": "»",
}
_STYLES = (
    "textit|textbf|textsc|texttt|textrm|textsf|textsl|textup|textmd|textnormal|emph|mbox|hbox|text|url|path|enquote|"
    "underline|textsuperscript|textsubscript|bibinfo|nolinkurl|it|bf|em|sc|tt|rm|sf|sl|itshape|bfseries|scshape|"
    "upshape|relax|NoCaseChange|protect"
)
_TOKEN = re.compile(
    r"(?P<math>\$(?:[^$\\]|\\.)*\$)"
    r"|\\(?P<mark>[`'^\"~=.])\s*(?P<base>\{\s*\\?[^\W\d_]?\s*\}|\\[ij](?![A-Za-z])|[^\W\d_])"
    r"|\\(?P<name>[uvHrdckb])(?:\s*(?P<braced>\{\s*\\?[^\W\d_]\s*\})|\s+(?P<bare>\\[ij](?![A-Za-z])|[^\W\d_](?![^\W_])))"
    rf"|\\(?P<letter>{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\s*\{{\}}|[ \t]+)?"
    rf"|\\(?:{_STYLES})(?![A-Za-z])[ \t]*"
    r"|\\(?P<sign>[&%$#_{}, /-])"
    r"|(?P<brace>[{}])"
    r"|(?P<tie>~)"
    r"|(?P<dash>---?)"
    r"|(?P<quote>``|'')",
    re.DOTALL,
)
_SPACES = {",": " ", " ": " ", "/": "", "-": ""}
_DASHES = {"--": "–", "---": "—"}
_QUOTES = {"``": "“", "''": "”"}


def plain(text: str) -> str:
    """A text without LaTeX, as far as it says letters; formulas between dollars are left."""
    if not any(sign in text for sign in "\\{~-$`'"):
        return text
    return unicodedata.normalize("NFC", _TOKEN.sub(_replacement, text))


def _replacement(found: re.Match[str]) -> str:
    kind = found.lastgroup
    token = found[0]
    if kind == "math":
        return token
    if kind == "base":
        return _marked(found["base"], found["mark"])
    if kind in {"braced", "bare"}:
        return _marked(found[kind], found["name"])
    if kind == "letter":
        return _LETTERS[found["letter"]]
    if kind == "sign":
        return _SPACES.get(found["sign"], found["sign"])
    if kind == "tie":
        return " "
    return _DASHES.get(token) or _QUOTES.get(token) or ""


def _marked(base: str, mark: str) -> str:
    letter = base.strip("{}\\ \t\n") or " "
    return unicodedata.normalize("NFC", letter + _MARKS[mark])
