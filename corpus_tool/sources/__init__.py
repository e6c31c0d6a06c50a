"""Readers: bytes of any known format to batches of records. One file a format, one line here.

What does not belong here: what a duplicate is, or where records go.
"""

from __future__ import annotations

import codecs
import importlib
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import orjson

from corpus_tool.errors import InputError, UsageError
from corpus_tool.records import Batch, Leftover, Paper, Record
from corpus_tool.sources import jsonl
from corpus_tool.sources.decoding import Head, decoded_lines, transcoded
from corpus_tool.sources.faults import Plain, Recorded, Unusable, until_fault
from corpus_tool.text import paper_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from corpus_tool.config import Reading
    from corpus_tool.lines.blocks import Block
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

_Lines = TypeVar("_Lines")
_Item = Paper | Leftover | Plain | Unusable
"""What a reader gives out."""

DIGESTS = {
    "mail": "corpus_tool.sources.mail",
    "arxiv-mail": "corpus_tool.sources.arxiv_mail",
    "feed": "corpus_tool.sources.feed",
    "json": "corpus_tool.sources.json_document",
    "python-dicts": "corpus_tool.sources.python_dicts",
    "html": "corpus_tool.sources.html_page",
    "pubmed-text": "corpus_tool.sources.pubmed_text",
    "alert": "corpus_tool.sources.alert_text",
    "huggingface": "corpus_tool.sources.huggingface",
}
"""Name of each digest format and its module, in the order in which they are tried."""

TEXT_DIGESTS = {name: DIGESTS[name] for name in ("arxiv-mail", "pubmed-text", "alert", "huggingface")}
"""Those of plain text, which a mail may carry."""

_SURE = ("mail", "feed", "html", "json", "python-dicts")
"""Those that are recognised beyond doubt, so that a text of theirs is of no other format."""

_OPENINGS = {"feed": "<", "html": "<", "json": "[{", "python-dicts": "{"}
"""Characters with which formats begin: the modules of the others need not be loaded."""

_BRACKETED = ("json", "python-dicts")
"""Those that may begin as JSON Lines do, and are told from it before it is taken for granted."""

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

    def decoded(stream: BinaryIO, source: Input) -> Iterator[Batch]:
        if only_digests:
            raise InputError(
                "holds JSONL records already: give it to `corpus-tool dedup` or `export`", path=source.name
            )
        return jsonl.read(stream, source.name, reading.block, problems)

    return _read(inputs, reading, problems, decoded, only_digests)


def read_blocks(inputs: Iterable[Input], reading: Reading, problems: Problems) -> Iterator[Batch | Block]:
    """As `read`, but JSONL comes in blocks of lines that nobody has looked at yet.

    Raises:
        InputError: Input that cannot be used, unless `problems` skips it; lines are left to whoever decodes them.
    """
    from corpus_tool.lines import blocks

    def undecoded(stream: BinaryIO, source: Input) -> Iterator[Block]:
        if not source.seekable or not _is_utf8(reading):
            yield from blocks.read(stream, source.name, reading.block)
            return
        with Path(source.path).open("rb", buffering=0) as plain:
            yield from blocks.read(cast("BinaryIO", plain), source.name, reading.block, source.path)

    return _read(inputs, reading, problems, undecoded, only_digests=False)


def _read(
    inputs: Iterable[Input],
    reading: Reading,
    problems: Problems,
    read_jsonl: Callable[[BinaryIO, Input], Iterator[_Lines]],
    only_digests: bool,
) -> Iterator[Batch | _Lines]:
    if reading.format is not None and reading.format not in FORMATS:
        raise UsageError(f"--from {reading.format} is not one of {', '.join(FORMATS)}")
    for source in inputs:
        try:
            with closing(source.open()) as stream:
                head = Head.of(stream, source.name, reading.encoding)
                name = _format_of(head, source, reading, only_digests)
                if name is None:
                    continue
                if name != jsonl.NAME:
                    yield from _read_digest(name, head, source.name, reading, problems, only_digests)
                elif _is_utf8(reading):
                    yield from read_jsonl(head.stream, source)
                else:
                    yield from read_jsonl(transcoded(head.stream, reading.encoding, source.name), source)
        except InputError as error:
            problems.bad(error.path or source.name, error.line, error.message)


def _is_utf8(reading: Reading) -> bool:
    return codecs.lookup(reading.encoding).name == "utf-8"


def _format_of(head: Head, source: Input, reading: Reading, only_digests: bool) -> str | None:
    """The name of a stream's format; None where there is nothing to read."""
    if head.binary and reading.format == jsonl.NAME and not jsonl.detect(head.text):
        raise _binary(source.name)  # or an endless line of zeros might follow
    if not head.empty:
        if reading.format in DIGESTS:
            _refuse_others(reading.format, head, source.name)
        return reading.format or _detect(head, source.name, only_digests)
    if only_digests or reading.format in DIGESTS:
        raise InputError("an empty file: there is no digest in it", path=source.name)
    return None


def _records(name: str) -> InputError:
    return InputError(
        "holds records already, not papers of a digest: give it to `corpus-tool dedup` or `export`", path=name
    )


def _binary(name: str) -> InputError:
    return InputError("a binary file, not text; if it is compressed, name it .gz, .bz2 or .zst", path=name)


def _refuse_others(asked: str, head: Head, name: str) -> None:
    """Refuse a text that is asked to be read as one format and is surely of another."""
    module = importlib.import_module(DIGESTS[asked])
    if module.detect(head.text):
        return
    other = _recognised(_SURE, head.text)
    if other is None and hasattr(module, "other_form"):
        other = module.other_form(head.text)
    if other is not None:
        raise InputError(
            f"is not {asked} but {other}; leave --from out to have it read as what it is", path=name
        )


def _recognised(names: Iterable[str], text: str) -> str | None:
    """The first of these formats that a text is recognised as."""
    opening = text.lstrip("\ufeff \t\r\n")[:1]
    possible = (name for name in names if opening in _OPENINGS.get(name, opening))
    return next((name for name in possible if importlib.import_module(DIGESTS[name]).detect(text)), None)


def _detect(head: Head, name: str, only_digests: bool) -> str:
    if (known := _recognised(_BRACKETED, head.text)) is not None:
        return known
    if jsonl.detect(head.text):
        return jsonl.NAME
    if head.binary:
        raise _binary(name)
    if (known := _recognised([name for name in DIGESTS if name not in _BRACKETED], head.text)) is not None:
        return known
    wanted = "a digest" if only_digests else "a digest or JSONL"
    raise InputError(
        f"does not look like {wanted}; if it is one, say which with --from ({', '.join(FORMATS)})", path=name
    )


def _read_digest(
    format_name: str, head: Head, name: str, reading: Reading, problems: Problems, only_digests: bool
) -> Iterator[Batch]:
    """The papers of one digest in batches; those before a fault are kept where bad input is to be skipped."""
    module = importlib.import_module(DIGESTS[format_name])
    encoding = _encoding(module, head, reading)
    by_lines = not hasattr(module, "read") and _by_lines(encoding)
    recorded = Recorded(head.stream) if problems.skip and by_lines else None
    faults: list[InputError] = []
    items = _items(module, cast("BinaryIO", recorded or head.stream), name, encoding, faults, problems)
    batch = _Filling(name)
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
                raise _records(name)
            if recorded is not None:
                recorded.settle(item.line)
            papers += 1
            if batch.full or batch.digest != isinstance(item, Paper):
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


class _Filling:
    """Records of one source on their way into batches, papers and others apart."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = True
        self.lines: list[int] = []
        self.raws: list[bytes] = []
        self.records: list[Record] = []

    @property
    def full(self) -> bool:
        return len(self.lines) == _BATCH_PAPERS

    def add(self, line: int, raw: bytes, record: Record) -> None:
        self.lines.append(line)
        self.raws.append(raw)
        self.records.append(record)

    def taken(self, *, digest: bool = True) -> Batch:
        """What is there as a batch; what comes next is of the given kind."""
        batch = Batch(self.source, self.lines, self.raws, self.records, digest=self.digest)
        self.digest, self.lines, self.raws, self.records = digest, [], [], []
        return batch


def _encoding(module: ModuleType, head: Head, reading: Reading) -> str:
    """The encoding of a digest: the one asked for, else the one that the text itself names, where its format can."""
    named = module.encoding_of(head.text) if hasattr(module, "encoding_of") else None
    return named if named and _is_utf8(reading) else reading.encoding


def _by_lines(encoding: str) -> bool:
    return not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def _items(
    module: ModuleType,
    stream: BinaryIO,
    name: str,
    encoding: str,
    faults: list[InputError],
    problems: Problems,
) -> Iterator[_Item]:
    """What a format's reader makes of a stream: of its bytes where it has a `read`, else of its decoded lines."""
    if hasattr(module, "read"):
        return cast("Iterator[_Item]", module.read(stream, name, encoding))
    lines = decoded_lines(stream, encoding, name)
    return cast(
        "Iterator[Paper | Leftover]", module.parse(until_fault(lines, faults) if problems.skip else lines)
    )


def _tell(
    faults: list[InputError], papers: int, name: str, recorded: Recorded | None, problems: Problems
) -> None:
    """Say what ended the reading of a digest early, and keep what was not read."""
    first = faults[0]
    kept = f"; the {papers:,} papers before it are kept" if papers else ""
    problems.bad(first.path or name, first.line, first.message + kept, getattr(first, "raw", b""))
    if recorded is not None:
        since = min((getattr(each, "since", each.line) or 1 for each in faults), default=1)
        for raw in recorded.unread(since):
            problems.reject(raw)


def _no_papers(module: ModuleType, format_name: str, name: str, problems: Problems) -> None:
    empty = getattr(module, "EMPTY", None)
    if empty is None:
        raise InputError(f"no paper found in what should be a digest ({format_name})", path=name)
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
    months = [_MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in _MONTHS]
    days = [int(part) for part in parts if part.isdigit() and len(part) <= 2]
    try:
        return date(year, months[0], days[0]).isoformat() if months and days else None
    except ValueError:  # a 29th of February, say, in a year that has none
        return None
