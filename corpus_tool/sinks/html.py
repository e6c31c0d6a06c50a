"""One HTML page that needs nothing else: every text escaped, links to web addresses alone, no script, no image."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.sinks.cells import encode
from corpus_tool.sinks.known import DERIVED, Known, Reporter
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sinks import ExportOptions, Rows

HOLDS = frozenset(
    "title abstract authors year venue volume issue pages doi arxiv url links keywords published".split()
)
WEB = re.compile(r"(?:https?|ftp)://[^\s<>\"'\\\x00-\x20\x7f]+", re.IGNORECASE)
"""An address that a reader may follow without anything being run."""

_PROPERTIES = {"venue": "isPartOf", "volume": "volumeNumber", "issue": "issueNumber", "pages": "pagination"}
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #8884;padding:.75rem 0}h2{font-size:1.1rem;margin:.25rem 0}"
    "p{margin:.4rem 0;overflow-wrap:anywhere}.about{opacity:.75;font-size:.9rem}"
    ":root{color-scheme:light dark}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write the page; see `corpus_tool.sinks`. The papers wait in a spool for their number."""
    reporter = Reporter("HTML", HOLDS, DERIVED)
    count = 0
    with Spool() as spool:
        for _, record in rows:
            spool.append(encode("".join(_article(reporter.known(record)))))
            count += 1
        title = html.escape(options.title)
        writer.write(
            encode(
                '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
                f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
                f'<p class="about">{count:,} {"paper" if count == 1 else "papers"}</p>\n'
            )
        )
        for at in range(0, spool.size, 1 << 20):
            writer.write(spool.read(at, min(1 << 20, spool.size - at)))
        writer.write(b"</body>\n</html>\n")
    reporter.report(options.say)
    return count


def _article(known: Known) -> Iterator[str]:
    texts = known.texts
    yield '<article itemscope itemtype="https://schema.org/ScholarlyArticle">\n'
    headline = ' itemprop="headline"' if known.title else ""
    yield f"<h2{headline}>{_linked(known.title or 'Untitled', _address(known))}</h2>\n"
    yield from (
        f'<meta itemprop="{name}" content="{html.escape(text)}">\n'
        for name, text in _properties(known)
        if text
    )
    about = ["; ".join(known.authors), _venue(known)]
    about += [
        f"DOI {texts['doi']}" if "doi" in texts else "",
        f"arXiv {texts['arxiv']}" if "arxiv" in texts else "",
    ]
    for line in filter(None, about):
        yield f'<p class="about">{html.escape(line)}</p>\n'
    for paragraph in filter(None, known.abstract.split("\n")):
        yield f'<p itemprop="abstract">{html.escape(paragraph)}</p>\n'
    if known.keywords:
        yield f'<p class="about">{html.escape("; ".join(known.keywords))}</p>\n'
    if known.links:
        yield "<ul>\n" + "".join(f"<li>{_linked(link, link)}</li>\n" for link in known.links) + "</ul>\n"
    yield "</article>\n"


def _properties(known: Known) -> Iterator[tuple[str, str]]:
    """What programs read of a paper, by schema.org's names: authors apart, and each number by itself."""
    texts = known.texts
    yield from (("author", name) for name in known.authors)
    yield "datePublished", str(known.year or texts.get("published", ""))
    yield from ((name, texts.get(field, "")) for field, name in _PROPERTIES.items())
    yield "identifier", f"doi:{texts['doi']}" if "doi" in texts else ""
    yield "identifier", f"arXiv:{texts['arxiv']}" if "arxiv" in texts else ""
    yield from (("keywords", word) for word in known.keywords)
    yield from (("url", link) for link in dict.fromkeys([texts.get("url", ""), *known.links]))


def _linked(text: str, address: str) -> str:
    shown = html.escape(text)
    if not WEB.fullmatch(address):
        return shown
    return f'<a href="{html.escape(address)}" rel="noopener noreferrer nofollow">{shown}</a>'


def _address(known: Known) -> str:
    texts = known.texts
    doi, arxiv = texts.get("doi", ""), texts.get("arxiv", "")
    found = (texts.get("url", ""), *known.links[:1], f"https://doi.org/{doi}" if doi else "")
    return next(filter(None, found), f"https://arxiv.org/abs/{arxiv}" if arxiv else "")


def _venue(known: Known) -> str:
    texts = known.texts
    volume = texts.get("volume", "") + (f"({texts['issue']})" if "issue" in texts else "")
    parts = (
        texts.get("venue", ""),
        volume,
        texts.get("pages", ""),
        str(known.year or texts.get("published", "")),
    )
    return ", ".join(filter(None, parts))
