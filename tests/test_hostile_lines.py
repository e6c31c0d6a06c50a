"""Lines made to be looked at again and again: every reader's time grows with their length, not with its square.

Each line is doubled from 20,000 to 160,000 characters. Counted is processor time of this process, and only where the
longest takes long enough to be measured: eight times the text may take at most twenty-four times as long.
"""

from __future__ import annotations

import io
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest

from corpus_tool.errors import InputError
from corpus_tool.lines import charsets
from corpus_tool.sources import (
    alert_text,
    arxiv_mail,
    chrome,
    dates,
    described,
    feed,
    html_page,
    html_text,
    huggingface,
    json_document,
    links,
    mail,
    markup,
    names,
    printed_source,
    pubmed_summary,
    pubmed_text,
    python_dicts,
)
from corpus_tool.sources.markdown import titles

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (20_000, 160_000)
FLOOR = 0.25
"""Seconds below which the longest line is not worth a ratio: a square of 160,000 steps takes far longer."""
GROWTH = 24


def repeated(piece: str, before: str = "", after: str = "") -> Callable[[int], str]:
    return lambda size: before + piece * (size // len(piece)) + after


LINES: dict[str, Callable[[int], str]] = {
    "brackets": repeated("["),
    "brackets, closed": repeated("[", after="]"),
    "images": repeated("![!["),
    "badges": repeated("[!["),
    "labels": repeated("[a ", after="][1]"),
    "empty links": repeated("[]("),
    "link ends": repeated("]("),
    "nested targets": repeated("a()", before="[x](http://"),
    "backslashes": repeated("\\", before="[a "),
    "backslashes within": repeated("\\", before="[a ", after="x"),
    "hard break": repeated(" ", before="\\", after="x"),
    "bars": repeated(" ", before="\\\\", after="x"),
    "heading": repeated(" ", before="# a", after="b"),
    "heading marks": repeated(" #", before="# a", after="b"),
    "cut mark": repeated(" ", before="abc", after="x]"),
    "cut marks": repeated("[content truncated "),
    "bold": repeated("**a "),
    "received": repeated(" ", before="received from a to Tue", after="x"),
    "received to to": repeated(" to ", before="received from "),
    "received blanks": repeated(" ", before=" received from ", after="to"),
    "field": repeated(" ", before="Title", after="x"),
    "field brackets": repeated("(", before="Title "),
    "dots of a URL": repeated(".", before="https://a.b/"),
    "brackets of a URL": repeated(")", before="https://a.b/"),
    "blanks": repeated(" ", after="x"),
    "no-break blanks": repeated("\u00a0", before="a", after="x"),
    "commas": repeated(" , "),
    "et al": repeated(" ", before="a", after="et"),
    "parentheses": repeated("( ) "),
    "less than": repeated("<"),
    "open tags": repeated("<p "),
    "open attributes": repeated('<a href="'),
    "comments": repeated("<!-- -->"),
    "open comments": repeated("<!--"),
    "scripts": repeated("<script>"),
    "instructions": repeated("<?a?>"),
    "doctypes": repeated("<!DOCTYPE a>"),
    "open doctypes": repeated("<!DOCTYPE a ["),
    "references": repeated("&#0"),
    "escapes": repeated("amp;", before="&"),
    "labels of fields": repeated("Authors: "),
    "identifiers": repeated("arXiv:"),
    "dots": repeated("A. "),
    "quotes": repeated(">", after="x"),
    "headers": repeated("a: "),
    "encoded words": repeated("=?a?q?"),
    "braces": repeated("{"),
    "python strings": repeated("\\", before="{'a': '"),
    "json keys": repeated('{"a":'),
    "rows": repeated("*", before="|**2024-01-01**|**"),
    "citations": repeated("J a", before="1. "),
    "dashes": repeated("- ", after="x"),
}


def item_of(text: str) -> object:
    text = escape(text)
    item = f"<title>{text}</title><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>{text}</dc:creator>"
    return list(
        feed.parse([f"<rss><channel><item>{item}<description>{text}</description></item></channel></rss>"])
    )


def mail_of(text: str) -> object:
    data = f"From: a\nSubject: {text}\n\n{text}\n> {text}\n".encode()
    return list(mail.read(io.BytesIO(data), "in", "utf-8"))


def block_of(text: str) -> object:
    return list(
        arxiv_mail.parse([text, "\\\\", "arXiv:2401.00001", text, "Title: a", "  " + text, "\\\\", text])
    )


def citation_of(text: str) -> object:
    return list(pubmed_text.parse(["1. J Inv. 2024 x", text, "", text, "", text, "", "PMID: 3"]))


READERS: dict[str, Callable[[str], object]] = {
    "markup": markup.shown,
    "heading": markup.heading,
    "links": links.urls,
    "furniture": chrome.furniture,
    "cut mark": chrome.without_cut_mark,
    "names": names.author_names,
    "dates": dates.iso_date,
    "huggingface": lambda text: list(huggingface.parse([text, "", text])),
    "arxiv-mail": block_of,
    "arxiv-mail, found": arxiv_mail.detect,
    "feed": item_of,
    "feed, found": feed.detect,
    "page, found": html_page.detect,
    "mail": mail_of,
    "mail, found": lambda text: mail.detect(f"From: a\nSubject: {text}"),
    "json, found": json_document.detect,
    "python-dicts": lambda text: list(python_dicts.parse([text])),
    "pubmed": citation_of,
    "pubmed, summary": lambda text: list(
        pubmed_summary.parse([f"1: {text}", f"{text} PMID: 1", "2. a", text, "PMID: 2"])
    ),
    "printed source": printed_source.published_in,
    "titles in quotes": lambda text: titles.without_names(f'"{text}" by {text}'),
    "addresses of papers": titles.is_paper_url,
    "charset": lambda text: charsets.guessed(text.encode("gb18030") + b"\xe9\xff"),
    "alert": lambda text: list(alert_text.parse([text, "bioRxiv, 10.1101/2024.1"])),
    "html": html_text.plain_lines,
    "described": lambda text: described.described([text, text]),
}


def _seconds(read: Callable[[str], object], text: str) -> float:
    before = time.process_time()
    with suppress(InputError):
        read(text)
    return time.process_time() - before


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("reader", READERS)
def test_time_grows_with_the_line(reader: str, line: str) -> None:
    read, short, long = READERS[reader], *(LINES[line](size) for size in SIZES)
    if _seconds(read, LINES[line](2_000)) > FLOOR:
        pytest.fail("2,000 characters take too long already")
    few = _seconds(read, short)
    assert few < 4, "20,000 characters take too long already"
    many = _seconds(read, long)
    assert many < FLOOR or many < GROWTH * max(few, 0.01)


def test_many_lines_of_one_thing() -> None:
    for count in (20_000, 200_000):
        more = ["\\\\", "arXiv:2401.00001", "Title: a"] + ["  and more"] * count
        (item,) = arxiv_mail.parse(more)
        assert len(item.title) > 8 * count  # type: ignore[union-attr]
    comment = [
        "<!--",
        *["words and words"] * 200_000,
        "-->",
        "<rss><channel><item><title>t</title></item></channel></rss>",
    ]
    before = time.process_time()
    assert [item.title for item in feed.parse(comment)] == ["t"]  # type: ignore[union-attr]
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "piece", ["<!-- a -->", "<?a b?>", "<!DOCTYPE a>", "<!-- a --> <?b?> ", "<!DOCTYPE a [ ]>"]
)
def test_what_stands_before_the_root_is_passed_once(piece: str) -> None:
    assert feed.detect(piece * 28 + "<rss version='2.0'>")
    assert not feed.detect(piece * 28 + "<x")
    assert not feed.detect(piece * 6_000)
