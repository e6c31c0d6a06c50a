"""Readers: bytes of any known format to batches of records. One file a format, one line here.

What does not belong here: what a duplicate is, or where records go.
"""

from __future__ import annotations

import codecs
import importlib
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar, cast

import orjson

from corpus_tool.errors import InputError, UnknownForm, UsageError
from corpus_tool.records import Batch, Leftover, Paper, Record
from corpus_tool.sources import jsonl
from corpus_tool.sources.dates import MONTHS
from corpus_tool.sources.decoding import Head, decoded_lines, is_wide, too_long, transcoded
from corpus_tool.sources.faults import Recorded, until_fault
from corpus_tool.sources.forms import form_of
from corpus_tool.text import paper_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from corpus_tool.config import Reading
    from corpus_tool.lines.blocks import Block
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

_Lines = TypeVar("_Lines")

DIGESTS = {
    "arxiv-mail": "corpus_tool.sources.arxiv_mail",
    "feed": "corpus_tool.sources.feed",
    "huggingface": "corpus_tool.sources.huggingface",
}
"""Name of each digest format and its module, in the order in which they are tried."""

FORMATS = (*DIGESTS, jsonl.NAME)
_BATCH_PAPERS = 512


def read(
    inputs: Iterable[Input], reading: Reading, problems: Problems, *, only_digests: bool = False
) -> Iterator[Batch]:
    """The records of all inputs, in order, in batches of one source each.

    Args:
        inputs: What to read.
        reading: Format, encoding and block size.
        problems: Told of everything that cannot be used.
        only_digests: Refuse inputs that hold records already.

    Raises:
        InputError: Input that cannot be used, unless `problems` skips it.
    """

    def decoded(stream: BinaryIO, source: Input, _again: bool) -> Iterator[Batch]:
        if only_digests:
            raise UnknownForm(
                "holds JSONL records already: give it to `corpus-tool dedup` or `export`", path=source.name
            )
        return jsonl.read(stream, source.name, reading.block, problems, reading.limits.line)

    return _read(inputs, reading, problems, _Wanted(decoded, only_digests=only_digests))


def read_blocks(inputs: Iterable[Input], reading: Reading, problems: Problems) -> Iterator[Batch | Block]:
    """As `read`, but JSONL comes in blocks of lines that nobody has looked at yet.

    What `dedup` wrote beside its records is not taken for records.

    Raises:
        InputError: Input that cannot be used, unless `problems` skips it; lines are left to whoever decodes them.
    """
    from corpus_tool.lines import blocks

    def undecoded(stream: BinaryIO, source: Input, again: bool) -> Iterator[Block]:
        def tell(start: int) -> None:
            error = too_long(source.name, reading.limits.line)
            problems.bad(source.name, None, f"at byte {start:,}: {error.message}")

        longest = blocks.Longest(reading.limits.line, tell)
        if not again:
            yield from blocks.read(stream, source.name, reading.block, longest=longest)
            return
        with Path(source.path).open("rb", buffering=0) as plain:
            yield from blocks.read(cast("BinaryIO", plain), source.name, reading.block, source.path, longest)

    return _read(inputs, reading, problems, _Wanted(undecoded, records_only=True))


@dataclass(frozen=True)
class _Wanted(Generic[_Lines]):
    """What is done with JSONL, and what else is refused.

    Attributes:
        lines: Reads a stream of an input; told whether the same bytes can be read again from its file.
        only_digests: Whether an empty file is refused as well.
        records_only: Whether receipts and clusters are refused.
    """

    lines: Callable[[BinaryIO, Input, bool], Iterator[_Lines]]
    only_digests: bool = False
    records_only: bool = False


def _read(
    inputs: Iterable[Input], reading: Reading, problems: Problems, wanted: _Wanted[_Lines]
) -> Iterator[Batch | _Lines]:
    if reading.format is not None and reading.format not in FORMATS:
        raise UsageError(f"--from {reading.format} is not one of {', '.join(FORMATS)}")
    unknown: list[UnknownForm] = []
    used = False
    for source in inputs:
        try:
            with closing(source.open(reading.limits)) as stream:
                yield from _read_one(source, stream, reading, problems, wanted)
            used = True
        except UnknownForm as error:
            if source.found:
                unknown.append(error)
            else:
                problems.bad(error.path or source.name, error.line, error.message)
        except InputError as error:
            used = True
            problems.bad(error.path or source.name, error.line, error.message, error.rest, hint=False)
        if used:
            _leave_out(unknown, problems)
    for each in unknown:  # and no other file could be read
        problems.bad(each.path or "", each.line, each.message)


def _leave_out(unknown: list[UnknownForm], problems: Problems) -> None:
    while unknown:
        problems.left_out(unknown.pop(0))


def _read_one(
    source: Input, stream: BinaryIO, reading: Reading, problems: Problems, wanted: _Wanted[_Lines]
) -> Iterator[Batch | _Lines]:
    head = Head.of(stream, source.name, reading.encoding)
    source.met.empty = head.empty
    name = _format_of(head, source, reading, wanted.only_digests)
    if name is None and not (wanted.records_only and head.data):
        return  # else blank lines, which may be wanted back
    if name not in (jsonl.NAME, None):
        yield from _read_digest(name, head, source.name, reading, problems)
        return
    if not jsonl.objects(head.lines):
        problems.hopeless(source.name)
    if wanted.records_only and (what := jsonl.by_dedup(head.lines)):
        raise UnknownForm(_BY_DEDUP[what], path=source.name)
    if _is_utf8(head.encoding):
        yield from wanted.lines(head.stream, source, source.seekable)
    else:
        text = transcoded(head.stream, head.encoding, source.name, problems, reading.limits.line)
        yield from wanted.lines(text, source, False)


_BY_DEDUP = {
    "receipts": "holds receipts that --removed wrote, no records: `corpus-tool restore` reads them",
    "clusters": "holds the clusters of a run (--clusters), no records: give the files that it was made from",
}
"""What else `dedup` writes, and whose it is."""


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _format_of(head: Head, source: Input, reading: Reading, only_digests: bool) -> str | None:
    """The name of a stream's format; None where there is nothing to read."""
    if head.binary and reading.format == jsonl.NAME and not jsonl.detect(head.text, head.lines):
        raise _unknown(head, source.name, "JSONL")  # or an endless line of zeros might follow
    if not head.empty:
        return reading.format or _detect(head, source.name, only_digests)
    if only_digests or reading.format in DIGESTS:
        raise UnknownForm("an empty file: there is no digest in it", path=source.name)
    return None


def _detect(head: Head, name: str, only_digests: bool) -> str:
    if jsonl.detect(head.text, head.lines):
        return jsonl.NAME
    form = form_of(head)
    if not head.binary:
        for known, module in DIGESTS.items():
            if importlib.import_module(module).detect(head.text):
                return known
        if form is None and jsonl.objects(head.lines):
            return jsonl.NAME
    raise _unknown(head, name, "a digest" if only_digests else "a digest or JSONL")


def _unknown(head: Head, name: str, wanted: str) -> UnknownForm:
    """What a file is instead of what is wanted."""
    form = form_of(head)
    if form:
        return UnknownForm(form, path=name)
    if head.binary:
        return UnknownForm("a binary file, not text: convert it to text or JSONL first", path=name)
    return UnknownForm(
        f"does not look like {wanted}; if it is one, say which with --from ({', '.join(FORMATS)})", path=name
    )


def _read_digest(
    format_name: str, head: Head, name: str, reading: Reading, problems: Problems
) -> Iterator[Batch]:
    """The papers of one digest in batches; those before a fault are kept where bad input is to be skipped."""
    module = importlib.import_module(DIGESTS[format_name])
    encoding = _encoding(module, head)
    recorded = Recorded(head.stream) if problems.skip and not is_wide(encoding) else None
    faults: list[InputError] = []
    stream = cast("BinaryIO", recorded or head.stream)
    items = _items(module, stream, name, encoding, faults, problems, reading.limits.line)
    batch = Batch(name, [], [], [], digest=True)
    numbers: list[int] = []
    position, papers = 0, 0
    try:
        for item in items:
            if isinstance(item, Leftover):
                problems.unplaced(name, item.line, item.text, item.why)
                continue
            if recorded is not None:
                recorded.settle(item.line)
            position = 1 if item.opens_digest else position + 1
            papers += 1
            record = to_record(item, name, position, reading.year)
            numbers.append(item.line)
            batch.records.append(record)
            batch.raws.append(orjson.dumps(record))
            if len(numbers) == _BATCH_PAPERS:
                batch.lines = numbers
                yield batch
                batch, numbers = Batch(name, [], [], [], digest=True), []
    except InputError as error:
        if not problems.skip:
            raise
        faults.append(error)
    batch.lines = numbers
    yield batch
    if faults:
        _tell(faults, papers, name, recorded, problems)
    elif not papers:
        _no_papers(module, format_name, name, problems)


def _encoding(module: ModuleType, head: Head) -> str:
    """The encoding of a digest: the one asked for, else the one that the text itself names, where its format can."""
    named = module.encoding_of(head.text) if hasattr(module, "encoding_of") else None
    return named if named and _is_utf8(head.encoding) else head.encoding


def _items(
    module: ModuleType,
    stream: BinaryIO,
    name: str,
    encoding: str,
    faults: list[InputError],
    problems: Problems,
    longest: int,
) -> Iterator[Paper | Leftover]:
    """What a format's reader makes of a stream: of its bytes where it has a `read`, else of its decoded lines."""
    if hasattr(module, "read"):
        return cast("Iterator[Paper | Leftover]", module.read(stream, name, encoding))
    lines = decoded_lines(stream, encoding, name, problems, longest)
    return cast(
        "Iterator[Paper | Leftover]", module.parse(until_fault(lines, faults) if problems.skip else lines)
    )


def _tell(
    faults: list[InputError], papers: int, name: str, recorded: Recorded | None, problems: Problems
) -> None:
    """Say what ended the reading of a digest early, and keep what was not read."""
    first = faults[0]
    kept = f"; the {papers:,} papers before it are kept" if papers else ""
    problems.bad(first.path or name, first.line, first.message + kept)
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
        "date": paper.date or _iso_date(paper.digest_date, year),
        "source": source,
        "line": paper.line,
        "position": position,
        "links": paper.links,
        **paper.extra,
    }


def _iso_date(printed: str | None, year: int | None) -> str | None:
    """ISO date of a printed month and day, where the year is known."""
    if printed is None or year is None:
        return None
    parts = printed.replace(",", " ").replace(".", " ").lower().split()
    months = [MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in MONTHS]
    days = [int(part) for part in parts if part.isdigit() and len(part) <= 2]
    try:
        return date(year, months[0], days[0]).isoformat() if months and days else None
    except ValueError:  # a 29th of February, say, in a year that has none
        return None
