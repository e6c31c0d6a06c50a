"""The page itself: the contents put into the template, every text escaped and made harmless on its way.

What stands in a record may be anything: markup, control characters, letters that turn the writing direction. All of
it goes through one filter (`_shown`), which the template engine applies to every value, before it is escaped. The
policy in the page's head lets nothing run but the one script whose hash it names, and nothing be fetched at all.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from corpus_tool import __version__
from corpus_tool.views import diff
from corpus_tool.views.report import charts
from corpus_tool.views.terminal import shorten, visible

if TYPE_CHECKING:
    from corpus_tool.views.report.contents import BarChart, Contents, Heat

_HERE = Path(__file__).parent
_LONGEST_PLACE, _LONGEST_TIP = 72, 160


def write(contents: Contents, writer: BinaryIO) -> None:
    """Write the page."""
    style, script = _part("page.css"), _part("page.js")
    parts = _environment().get_template("page.html").stream(
        report=contents, version=__version__, style=Markup(style), script=Markup(script),
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
    )  # fmt: skip
    parts.enable_buffering(256)
    for part in parts:
        writer.write(part.encode())


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"count": "{:,}".format, "place": _place, "share": "{:.1%}".format}
    made.globals |= {
        "bars": _bars, "heat": _heat, "waterfall": charts.waterfall, "pieces": diff.pieces, "zip": zip
    }  # fmt: skip
    return made


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _part(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _place(place: str) -> Markup | str:
    """Where a record stands, its middle left out where it is long: the whole shows when it is pointed at."""
    whole = visible(place)
    short = shorten(whole, _LONGEST_PLACE)
    if short == whole:
        return whole
    return Markup('<span title="{}">{}</span>').format(whole[-_LONGEST_TIP:], short)


def _bars(chart: BarChart, *, alone: bool = False) -> Markup:
    """A chart at both widths, of which the style sheet shows one; the wide one over the whole page or half of it."""
    wide = charts.WIDE if alone else charts.HALF
    return _both(charts.bars(chart, wide), charts.bars(chart, charts.NARROW))


def _heat(data: Heat) -> Markup:
    return _both(charts.heat(data, narrow=False), charts.heat(data, narrow=True))


def _both(wide: Markup, narrow: Markup) -> Markup:
    return Markup('<div class="drawing wide">{}</div><div class="drawing narrow">{}</div>').format(
        wide, narrow
    )
