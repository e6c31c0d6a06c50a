"""What may go to a terminal: text without control characters, names cut to fit, bars of block characters."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def visible(text: str) -> str:
    """Text with U+FFFD for what would steer a terminal, turn its writing direction, or not encode."""
    return _CONTROLS.sub("\ufffd", text.replace("\t", " ").replace("\n", " "))


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
