"""What may go to a terminal: text without control characters, names cut to fit, bars of block characters."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def visible(text: str) -> str:
    """Text with U+FFFD for what would steer a terminal, turn its writing direction, or not encode."""
    return _CONTROLS.sub("\ufffd", text.replace("\t", " ").replace("\n", " "))


def shorten(name: str, width: int) -> str:
    """A name of at most `width` characters, its middle left out: beginnings and endings tell names apart."""
    if len(name) <= width:
        return name
    kept = max(width - 1, 0)
    return name[: kept - kept // 2] + "…" + name[len(name) - kept // 2 :] if width > 0 else ""


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
