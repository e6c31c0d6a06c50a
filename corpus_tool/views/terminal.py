"""What may go to a terminal: text without control characters, names cut to fit, bars of block characters."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

_JOINING = (
    "\u0590-\u07ff\u0900-\u109f\u1780-\u18af\u2190-\u2bff\u3000-\u9fff\ufe0e\ufe0f\U0001f000-\U0003ffff"
)
"""Scripts and pictures in which a joiner or a variation selector belongs to the character before it."""
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
    "|[\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]"  # line ends, and what turns the direction
    "|[\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]"
    "|[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"  # what takes no room, so that names look alike
    f"|(?<![{_JOINING}])[\u200c\u200d\ufe00-\ufe0f]"
)
_PASSWORD = re.compile(r"(\w:/{1,2}[^\s/:@]*):[^\s@]*@")
"""In an address, of which a path may have left one slash."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def visible(text: str) -> str:
    """Text with U+FFFD for what would steer a terminal, turn its writing direction, not show, or not encode."""
    return _CONTROLS.sub("\ufffd", text.replace("\t", " ").replace("\n", " "))


def without_passwords(text: str) -> str:
    """Text in which an address shows no password."""
    return _PASSWORD.sub(r"\1@", text)


def cells(text: str) -> int:
    """Columns of a terminal that a text takes: ideographs and their like take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def shorten(name: str, width: int) -> str:
    """A name of at most `width` cells, its middle left out: beginnings and endings tell names apart."""
    if cells(name) <= width:
        return name
    if width < 1:
        return ""
    tail = _fitting(name[::-1], (width - 1) // 2)[::-1]
    return _fitting(name, width - 1 - cells(tail)) + "…" + tail


def _fitting(text: str, width: int) -> str:
    """As much of the beginning as `width` cells hold."""
    ends = accumulate(map(cells, text))
    return text[: sum(1 for end in ends if end <= width)]


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """A horizontal bar, `share` of 0.0 to 1.0 of `width` cells, to an eighth of a cell.

    Whatever is more than nothing shows: the thinnest bar is an eighth.
    """
    if share <= 0 or width <= 0:
        return ""
    if ascii_only:
        return "#" * max(1, round(share * width))
    eighths = max(1, round(share * width * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
