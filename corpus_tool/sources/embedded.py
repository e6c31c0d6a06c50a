"""A whole feed or page that stands in a string of JSON, as programs keep the answers that they got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover

from . import feed, html_page
from .decoding import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Paper


def embedded(text: str) -> Iterator[Paper | Leftover]:
    """The papers of a text, none where it is neither feed nor page; a fault in it is told of."""
    try:
        if feed.detect(text[:HEAD]):
            yield from feed.parse(text.split("\n"))
        elif html_page.detect(text[:HEAD]):
            yield from html_page.papers(text)
    except InputError as error:
        yield Leftover(1, text[:200], f"a text inside of JSON that cannot be read: {error.message}")
