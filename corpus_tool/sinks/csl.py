"""CSL-JSON, the form that citation processors (pandoc, Zotero, citeproc) read: one array, an item a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from corpus_tool.sinks.cells import encode
from corpus_tool.sinks.known import Known, Reporter

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows

HOLDS = frozenset(
    "title abstract authors editors year venue volume issue pages doi pmid pmcid arxiv url links keywords publisher "
    "language issn published id".split()
)
_NAMES = {
    "venue": "container-title",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "publisher": "publisher",
    "language": "language",
    "issn": "ISSN",
}
_ISO = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write the array, an item a line; see `corpus_tool.sinks`."""
    reporter = Reporter("CSL-JSON", HOLDS)
    count = 0
    writer.write(b"[")
    for _, record in rows:
        count += 1
        writer.write(b",\n" if count > 1 else b"\n")
        writer.write(_dumped(_item(reporter.known(record), count)))
    writer.write(b"\n]\n" if count else b"]\n")
    reporter.report(options.say)
    return count


def _dumped(item: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # a lone surrogate, which UTF-8 cannot hold
        return orjson.dumps(_without_surrogates(item))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return encode(value).decode()
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_surrogates(each) for key, each in value.items()}
    return value


def _item(known: Known, number: int) -> dict[str, Any]:
    texts = known.texts
    arxiv = f"https://arxiv.org/abs/{texts['arxiv']}" if "arxiv" in texts else ""
    item: dict[str, Any] = {
        "id": texts.get("id") or str(number),
        "type": "article-journal" if texts.get("venue") else "article",
        "title": known.title,
        "abstract": known.abstract,
        "author": [_person(name) for name in known.authors],
        "editor": [_person(name) for name in known.editors],
        "issued": _issued(known),
        **{name: texts.get(field) for field, name in _NAMES.items()},
        "URL": texts.get("url") or arxiv or next(iter(known.links), ""),
        "number": f"arXiv:{texts['arxiv']}" if arxiv else "",
        "keyword": ", ".join(known.keywords),
    }
    return {name: value for name, value in item.items() if value or name == "title"}


def _person(name: str) -> dict[str, str]:
    """A name in parts where a comma parts them, else as it stands."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and last.strip():
        return {"family": last.strip(), "given": first.strip()}
    return {"literal": name}


def _issued(known: Known) -> dict[str, Any] | None:
    day = _ISO.match(known.texts.get("published", ""))
    if day and int(day[1]) == known.year:
        return {"date-parts": [[int(part) for part in day.groups() if part]]}
    return {"date-parts": [[known.year]]} if known.year else None
