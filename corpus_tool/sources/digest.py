"""Papers of one digest to batches of records; what stands before a fault is kept where bad input is to be skipped."""

from __future__ import annotations

import codecs
import importlib
from datetime import date
from typing import TYPE_CHECKING, BinaryIO, cast

import orjson

from corpus_tool.errors import InputError, UnknownForm
from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import charset
from corpus_tool.sources.dates import MONTHS, date_in_name
from corpus_tool.sources.decoding import decoded_lines, is_wide
from corpus_tool.sources.faults import Plain, Recorded, Unusable, until_fault
from corpus_tool.sources.filling import Filling
from corpus_tool.sources.quoting import unquoted_lines
from corpus_tool.sources.registry import DIGESTS
from corpus_tool.text import paper_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from corpus_tool.config import Reading
    from corpus_tool.records import Batch, Record
    from corpus_tool.sources.decoding import Head
    from corpus_tool.sources.problems import Problems

_Item = Paper | Leftover | Plain | Unusable
"""What a reader gives out."""

_BATCH_PAPERS = 512


def is_utf8(encoding: str) -> bool:
    """Whether a name is one of UTF-8."""
    return codecs.lookup(encoding).name == "utf-8"


def read(
    format_name: str, head: Head, name: str, reading: Reading, problems: Problems, only_digests: bool
) -> Iterator[Batch]:
    """The papers of one digest in batches; those before a fault are kept where bad input is to be skipped."""
    module = importlib.import_module(DIGESTS[format_name])
    encoding = _encoding(module, head)
    by_lines = not hasattr(module, "read") and not is_wide(encoding)
    recorded = Recorded(head.stream) if problems.skip and by_lines else None
    faults: list[InputError] = []
    stream = cast("BinaryIO", recorded or head.stream)
    items = _items(module, stream, name, encoding, faults, problems, reading.limits.line)
    batch = Filling(name)
    position, papers = 0, 0
    try:
        for item in items:
            if isinstance(item, Leftover):
                problems.unplaced(name, item.line, item.text, item.why)
                continue
            if isinstance(item, Unusable):
                problems.bad(name, item.line, item.message, item.raw)
                continue
            if isinstance(item, Plain) and only_digests:
                raise UnknownForm(_RECORDS, path=name)
            if recorded is not None:
                recorded.settle(item.line)
            papers += 1
            if batch.full(_BATCH_PAPERS) or batch.digest != isinstance(item, Paper):
                yield batch.taken(digest=isinstance(item, Paper))
            if isinstance(item, Plain):
                batch.add(item.line, item.raw, item.record)
                continue
            position = 1 if item.opens_digest else position + 1
            record = to_record(item, name, position, reading.year)
            batch.add(item.line, orjson.dumps(record), record)
    except InputError as error:
        if not problems.skip:
            raise
        faults.append(error)
    yield batch.taken()
    if faults:
        _tell(faults, papers, name, recorded, problems)
    elif not papers:
        _no_papers(module, format_name, name, problems)


_RECORDS = "holds records already, not papers of a digest: give it to `corpus-tool dedup` or `export`"


def _encoding(module: ModuleType, head: Head) -> str:
    """The encoding of a digest: the one asked for, else the one that the text itself names, where its format can."""
    named = module.encoding_of(head.text) if hasattr(module, "encoding_of") else None
    return named if named and is_utf8(head.encoding) else head.encoding


def _items(
    module: ModuleType,
    stream: BinaryIO,
    name: str,
    encoding: str,
    faults: list[InputError],
    problems: Problems,
    longest: int,
) -> Iterator[_Item]:
    """What a format's reader makes of a stream: of its bytes where it has a `read`, else of its decoded lines."""
    if hasattr(module, "read"):
        return cast("Iterator[_Item]", module.read(stream, name, encoding))
    decoded = charset.lines if getattr(module, "ANY_ENCODING", False) else decoded_lines
    lines = decoded(stream, encoding, name, problems, longest)
    lines = unquoted_lines(until_fault(lines, faults) if problems.skip else lines)
    return cast("Iterator[_Item]", module.parse(lines))


def _tell(
    faults: list[InputError], papers: int, name: str, recorded: Recorded | None, problems: Problems
) -> None:
    """Say what ended the reading of a digest early, and keep what was not read."""
    first = faults[0]
    kept = f"; the {papers:,} papers before it are kept" if papers else ""
    problems.bad(first.path or name, first.line, first.message + kept, getattr(first, "raw", b""), hint=False)
    if recorded is not None:
        since = min((getattr(each, "since", each.line) or 1 for each in faults), default=1)
        for raw in recorded.unread(since):
            problems.reject(raw)


def _no_papers(module: ModuleType, format_name: str, name: str, problems: Problems) -> None:
    empty = getattr(module, "EMPTY", None)
    if empty is None:
        raise UnknownForm(f"no paper found in what should be a digest ({format_name})", path=name)
    problems.note(name, empty)


def to_record(paper: Paper, source: str, position: int, year: int | None) -> Record:
    """The record of a paper: its nine fields in their order, then what else its format prints."""
    return {
        "id": paper_id(paper.title, paper.abstract),
        "title": paper.title,
        "abstract": paper.abstract,
        "digest_date": paper.digest_date,
        "date": paper.date or _iso_date(paper.digest_date, year, source),
        "source": source,
        "line": paper.line,
        "position": position,
        "links": paper.links,
        **paper.extra,
    }


def _iso_date(printed: str | None, year: int | None, source: str) -> str | None:
    """ISO date of a printed month and day, where the year is known; that in the source's name where none is printed."""
    if printed is None or year is None:
        return None if printed else date_in_name(source)
    parts = printed.replace(",", " ").replace(".", " ").lower().split()
    months = [MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in MONTHS]
    days = [int(part) for part in parts if part.isdigit() and len(part) <= 2]
    try:
        return date(year, months[0], days[0]).isoformat() if months and days else None
    except ValueError:  # a 29th of February, say, in a year that has none
        return None
