"""RIS: an entry a record, each field on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.sinks.cells import encode
from corpus_tool.sinks.known import Known, Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.sinks import ExportOptions, Rows

HOLDS = frozenset(
    "title abstract authors editors year venue volume issue pages doi pmid arxiv url links keywords publisher language "
    "issn type published id".split()
)
_TYPES = frozenset(
    "ABST ADVS AGGR ANCIENT ART BILL BLOG BOOK CASE CHAP CHART CLSWK COMP CONF CPAPER CTLG DATA DBASE DICT EBOOK ECHAP "
    "EDBOOK EJOUR ELEC ENCYC EQUA FIGURE GEN GOVDOC GRANT HEAR ICOMM INPR JFULL JOUR LEGAL MANSCPT MAP MGZN MPCT MULTI "
    "MUSIC NEWS PAMP PAT PCOMM RPRT SER SLIDE SOUND STAND STAT THES UNBILL UNPB VIDEO WEB".split()
)
_TAGS = {
    "venue": "T2",
    "volume": "VL",
    "issue": "IS",
    "doi": "DO",
    "publisher": "PB",
    "language": "LA",
    "issn": "SN",
}


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write one entry a record; see `corpus_tool.sinks`."""
    reporter = Reporter("RIS", HOLDS)
    count = 0
    for _, record in rows:
        lines = [f"{tag}  - {text}\n" for tag, text in _fields(reporter.known(record)) if text]
        writer.write(encode(("\n" if count else "") + "".join(lines) + "ER  - \n"))
        count += 1
    reporter.report(options.say)
    return count


def _fields(known: Known) -> Iterator[tuple[str, str]]:
    """Tags and texts in order, the type first."""
    texts = known.texts
    kind = texts.get("type", "").upper()
    yield "TY", kind if kind in _TYPES else "JOUR" if texts.get("venue") else "GEN"
    yield "ID", texts.get("id", "")
    yield "TI", known.title
    yield from (("AU", name) for name in known.authors)
    yield from (("ED", name) for name in known.editors)
    yield "AB", known.abstract.replace("\n", " ")
    yield "PY", str(known.year or "")
    yield from ((tag, texts.get(name, "")) for name, tag in _TAGS.items())
    first, dash, last = texts.get("pages", "").partition("-")
    yield "SP", first.strip() if dash and last.strip("- ").isalnum() else texts.get("pages", "")
    yield "EP", last.strip("- ") if dash and last.strip("- ").isalnum() else ""
    yield "AN", f"PMID:{texts['pmid']}" if "pmid" in texts else ""
    yield from (("KW", word) for word in known.keywords)
    arxiv = f"https://arxiv.org/abs/{texts['arxiv']}" if "arxiv" in texts else ""
    addresses = dict.fromkeys(filter(None, (arxiv, texts.get("url", ""), *known.links)))
    yield from (("UR", address) for address in addresses)
