r"""HTML inside of other text (a feed's description, a part of a mail) to the lines that a reader sees.

Only what is a tag beyond doubt is one: `1 < p \le q` and `<x, y>` are formulas, and stay.
"""

from __future__ import annotations

import html
import re

_ATTRIBUTE = r"""\s++[a-zA-Z_:][\w:.-]*+\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'=<>`]++)"""
_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup|tt|u|wbr"
)
_BLOCK = (
    "address|article|aside|blockquote|body|br|center|dd|details|div|dl|dt|figcaption|figure|footer|form|h[1-6]|"
    "head|header|hr|html|iframe|li|main|meta|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|title|tr|ul|video"
)
_JATS = r"jats:[a-z-]++|mml:[a-z]++|inline-formula|tex-math|math|mrow|msub|msup|mi|mo|mn|mtext"
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_INLINE}|{_BLOCK}|{_JATS})(?P<attributes>(?:{_ATTRIBUTE})*+)\s*+/?>",
    re.IGNORECASE,
)
_DROPPED = re.compile(r"<(script|style|template)\b[^<>]*+>", re.IGNORECASE)
_BLOCK_NAME = re.compile(rf"(?:{_BLOCK}|jats:(?:p|title|sec))\Z", re.IGNORECASE)
_LETTER_TAGS = frozenset("abipqsu")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31};|#\d+;|#[xX][0-9a-fA-F]+;)")
_HUGE_NUMBER = re.compile(r"&#(?:\d{8,}+|[xX][0-9a-fA-F]{7,}+);?")
_ZEROS = re.compile(r"&#([xX]?)0{6,}(?=[0-9a-fA-F])")
_HREF = re.compile(r"<a\b[^<>]{0,2000}?\bhref\s*+=\s*+[\"']?(https?://[^\"'\s<>]++)", re.IGNORECASE)
_LABEL = re.compile(r"<(b|strong)>([^<>:：]{1,40})([:：]?)\s{0,9}</\1>\s{0,9}([:：]?)", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")


def unescape(text: str) -> str:
    """A text with its character references resolved; a number that no character has is U+FFFD."""
    if "&" not in text:
        return text
    return html.unescape(_HUGE_NUMBER.sub("\ufffd", _ZEROS.sub(r"&#\1", text)))


def has_entities(text: str) -> bool:
    """Whether a text holds character references that end as they should."""
    return "&" in text and _ENTITY.search(text) is not None


def hrefs(text: str) -> list[str]:
    """The addresses that a text's links lead to, in order."""
    return [unescape(found) for found in _HREF.findall(text)] if "href" in text.lower() else []


def plain_lines(text: str) -> list[str]:
    """The lines of a text without its HTML, none empty: blocks, breaks and bold labels begin one each.

    A text without any HTML is one line. Escapes are undone once more where tags or references are left behind them.
    """
    for _ in range(3):
        stripped = _without_tags(text)
        if has_entities(stripped):
            stripped = unescape(stripped)
        if stripped == text:
            break
        text = stripped
    return [line for line in (_BLANKS.sub(" ", each).strip() for each in text.split("\n")) if line]


def plain(text: str) -> str:
    """A text without its HTML, on one line."""
    return " ".join(" ".join(plain_lines(text)).split())


def _without_tags(text: str) -> str:
    """A text with a line end for each block's tag and nothing for the others; as it was where it has none."""
    if "<" not in text:
        return text
    text = _without_comments(text)
    closed = {match.group("name").lower() for match in _TAG.finditer(text) if match.group("close")}

    def shown(match: re.Match[str]) -> str:
        name = match.group("name").lower()
        alone = not match.group("attributes") and not match.group().endswith("/>")
        if name in _LETTER_TAGS and alone and name not in closed and not (name == "p" and match.start() == 0):
            return match.group()
        return "\0" if _BLOCK_NAME.match(name) else ""

    if _TAG.search(text) is None:
        return text
    shown_text = _TAG.sub(shown, _LABEL.sub(_on_a_line_of_its_own, text))
    return " ".join(shown_text.split()).replace("\0", "\n") if shown_text != text else text


def _on_a_line_of_its_own(match: re.Match[str]) -> str:
    """A bold label with its colon at the beginning of a line; bold words without one stay where they are."""
    return f"\0{match.group(2)}: " if match.group(3) or match.group(4) else match.group()


def _without_comments(text: str) -> str:
    """A text without comments, scripts and styles."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        pieces.append(text[at:start])
        end = text.find("-->", start)
        at = end + 3 if end >= 0 else len(text)
    text = "".join([*pieces, text[at:]])
    pieces, at, lowered = [], 0, text.lower()
    while match := _DROPPED.search(text, at):
        pieces.append(text[at : match.start()])
        end = lowered.find(f"</{match.group(1).lower()}", match.end())
        end = text.find(">", end) if end >= 0 else -1
        at = end + 1 if end >= 0 else len(text)
    return "".join([*pieces, text[at:]])
