"""Readers: bytes of any known format to batches of records. One file a format, one line here.

What does not belong here: what a duplicate is, or where records go.
"""

from __future__ import annotations

import codecs
import importlib
from typing import TYPE_CHECKING, BinaryIO, cast

import orjson

from corpus_tool.errors import InputError, UsageError
from corpus_tool.records import Batch, Leftover, Paper, Record
from corpus_tool.sources import jsonl
from corpus_tool.sources.decoding import Head, decoded_lines, transcoded
from corpus_tool.text import paper_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.config import Reading
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

DIGESTS = {
    "arxiv-mail": "corpus_tool.sources.arxiv_mail",
    "feed": "corpus_tool.sources.feed",
    "huggingface": "corpus_tool.sources.huggingface",
}
"""Name of each digest format and its module, in the order in which they are tried."""

FORMATS = (*DIGESTS, jsonl.NAME)
_BATCH_PAPERS = 512
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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
    if reading.format is not None and reading.format not in FORMATS:
        raise UsageError(f"--from {reading.format} is not one of {', '.join(FORMATS)}")
    for each in inputs:
        try:
            yield from _read_one(each, reading, problems, only_digests)
        except InputError as error:
            if error.path is None:
                error.path = each.name
            if not problems.skip:
                raise
            problems.bad(error.path, error.line, error.message)


def _read_one(source: Input, reading: Reading, problems: Problems, only_digests: bool) -> Iterator[Batch]:
    stream = source.open()
    try:
        head = Head.of(stream, source.name, reading.encoding)
        if head.empty:
            if only_digests or reading.format in DIGESTS:
                raise InputError("an empty file: there is no digest in it", path=source.name)
            return
        name = reading.format or _detect(head, source.name, only_digests)
        if name == jsonl.NAME:
            if only_digests:
                raise InputError(
                    "holds JSONL records already: give it to `corpus-tool dedup` or `export`",
                    path=source.name,
                )
            yield from _read_jsonl(head.stream, source, reading, problems)
        else:
            yield from _read_digest(name, head.stream, source.name, reading, problems)
    finally:
        stream.close()


def _read_jsonl(stream: BinaryIO, source: Input, reading: Reading, problems: Problems) -> Iterator[Batch]:
    if codecs.lookup(reading.encoding).name == "utf-8":
        again = source.seekable
    else:
        again, stream = False, transcoded(stream, reading.encoding, source.name)
    for batch in jsonl.read(stream, source.name, reading.block, problems):
        if not again:
            batch.starts = None
        yield batch


def _detect(head: Head, name: str, only_digests: bool) -> str:
    if head.binary:
        raise InputError("a binary file, not text; if it is compressed, name it .gz, .bz2 or .zst", path=name)
    if jsonl.detect(head.text):
        return jsonl.NAME
    for known, module in DIGESTS.items():
        if importlib.import_module(module).detect(head.text):
            return known
    wanted = "a digest" if only_digests else "a digest or JSONL"
    raise InputError(
        f"does not look like {wanted}; if it is one, say which with --from ({', '.join(FORMATS)})", path=name
    )


def _read_digest(
    format_name: str, stream: BinaryIO, name: str, reading: Reading, problems: Problems
) -> Iterator[Batch]:
    module = importlib.import_module(DIGESTS[format_name])
    lines = decoded_lines(stream, reading.encoding, name)
    batch = Batch(name, [], [], [], digest=True)
    numbers: list[int] = []
    position, papers = 0, 0
    for item in cast("Iterator[Paper | Leftover]", module.parse(lines)):
        if isinstance(item, Leftover):
            problems.unplaced(name, item.line, item.text, item.why)
            continue
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
    batch.lines = numbers
    yield batch
    if not papers:
        raise InputError(f"no paper found in what should be a digest ({format_name})", path=name)


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
    months = [_MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in _MONTHS]
    days = [int(part) for part in parts if part.isdigit() and len(part) <= 2]
    return f"{year:04d}-{months[0]:02d}-{days[0]:02d}" if months and days else None
