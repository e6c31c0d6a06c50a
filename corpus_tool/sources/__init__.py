"""Readers: bytes of any known format to batches of records. One file a format, one line in `registry`.

What does not belong here: what a duplicate is, or where records go.
"""

from __future__ import annotations

import importlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar, cast

from corpus_tool.errors import InputError, UnknownForm, UsageError
from corpus_tool.sources import charset, digest, jsonl, remote
from corpus_tool.sources.decoding import Head, too_long, transcoded
from corpus_tool.sources.registry import FORMATS, MAGIC, TABLES, format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from corpus_tool.config import Reading
    from corpus_tool.lines.blocks import Block
    from corpus_tool.records import Batch
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

_Lines = TypeVar("_Lines")
_COUNTED_AT_ONCE = 1 << 20


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
        longest = blocks.Longest(reading.limits.line, teller(source, reading, problems, again=again))
        if not again:
            yield from blocks.read(stream, source.name, reading.block, longest=longest)
            return
        with Path(source.path).open("rb", buffering=0) as plain:
            yield from blocks.read(cast("BinaryIO", plain), source.name, reading.block, source.path, longest)

    return _read(inputs, reading, problems, _Wanted(undecoded, records_only=True))


def teller(source: Input, reading: Reading, problems: Problems, *, again: bool) -> Callable[[int], None]:
    """What tells problems of the line too long that begins at a byte of an input.

    Args:
        source: The input.
        reading: With the limit of a line.
        problems: Told of it.
        again: Whether the input can be read again, so that the line can be numbered.
    """

    def tell(start: int) -> None:
        error = too_long(source.name, reading.limits.line)
        line = _line_at(source.path, start) if again else None
        problems.bad(source.name, line, error.message if line else f"at byte {start:,}: {error.message}")

    return tell


def survey(inputs: Iterable[Input], reading: Reading, problems: Problems) -> Iterator[tuple[Input, bool]]:
    """The inputs that `read_blocks` would read, and whether each is plain lines, which may be read from any byte on.

    Only their beginnings are read; what is no input is told as `read_blocks` tells it.
    """

    def lines(_: BinaryIO, source: Input, again: bool) -> Iterator[tuple[Input, bool]]:
        yield source, again or remote.is_rereadable(source.path)

    wanted = _Wanted(lines, records_only=True, unread=lambda source: (source, False))
    return cast("Iterator[tuple[Input, bool]]", _read(inputs, reading, problems, wanted))


def _line_at(path: str, start: int) -> int:
    """The number of the line that begins at a byte of a file."""
    line, left = 1, start
    with Path(path).open("rb") as file:
        while left and (data := file.read(min(left, _COUNTED_AT_ONCE))):
            line, left = line + data.count(b"\n"), left - len(data)
    return line


@dataclass(frozen=True)
class _Wanted(Generic[_Lines]):
    """What is done with JSONL, and what else is refused.

    Attributes:
        lines: Reads a stream of an input; told whether the same bytes can be read again from its file.
        only_digests: Whether an empty file is refused as well.
        records_only: Whether receipts and clusters are refused.
        unread: What stands for an input of any other format, where such are not to be read.
    """

    lines: Callable[[BinaryIO, Input, bool], Iterator[_Lines]]
    only_digests: bool = False
    records_only: bool = False
    unread: Callable[[Input], _Lines] | None = None


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
                error.path = error.path or source.name
                unknown.append(error)
            else:
                problems.bad(error.path or source.name, error.line, error.message)
        except InputError as error:
            used = True
            problems.bad(error.path or source.name, error.line, error.message, error.rest, hint=False)
        if used:
            _leave_out(unknown, problems)
    for each in unknown:  # and no other file could be read
        problems.bad(str(each.path), each.line, each.message)


def _leave_out(unknown: list[UnknownForm], problems: Problems) -> None:
    while unknown:
        problems.left_out(unknown.pop(0))


def _read_one(
    source: Input, stream: BinaryIO, reading: Reading, problems: Problems, wanted: _Wanted[_Lines]
) -> Iterator[Batch | _Lines]:
    head = Head.of(stream, source.name, reading.encoding)
    source.met.empty = head.empty
    if head.mistaken:
        problems.note(
            source.name, f"is UTF-8, and read as that: --encoding {reading.encoding} is for the others"
        )
    name = format_of(head, source, reading, only_digests=wanted.only_digests)
    if name is None and not (wanted.records_only and head.data):
        return  # else blank lines, which may be wanted back
    if name not in (jsonl.NAME, None) and wanted.unread:
        source.met.digest = name not in TABLES
        yield wanted.unread(source)
        return
    if name in TABLES:
        yield from wanted.lines(_as_jsonl(name, head, source, reading, problems), source, False)
        return
    if name not in (jsonl.NAME, None):
        source.met.digest = True
        yield from digest.read(name, head, source.name, reading, problems, wanted.only_digests)
        return
    if wanted.only_digests:
        raise UnknownForm(
            "holds JSONL records already: give it to `corpus-tool dedup` or `export`", path=source.name
        )
    if not jsonl.objects(head.lines):
        problems.hopeless(source.name)
    if wanted.records_only and (what := jsonl.by_dedup(head.lines)):
        raise UnknownForm(_BY_DEDUP[what], path=source.name)
    if digest.is_utf8(head.encoding):
        yield from wanted.lines(head.stream, source, source.seekable)
    else:
        text = transcoded(head.stream, head.encoding, source.name, problems, reading.limits.line)
        yield from wanted.lines(text, source, False)


def _as_jsonl(name: str, head: Head, source: Input, reading: Reading, problems: Problems) -> BinaryIO:
    """A table as a stream of JSONL."""
    from corpus_tool.sources import tables

    module = importlib.import_module(TABLES[name])
    if name in MAGIC.values():
        return tables.as_jsonl(tables.of_file(module.rows, head.stream, source), source.name)
    lines = charset.lines(head.stream, head.encoding, source.name, problems, reading.limits.line)
    return tables.as_jsonl(module.rows(lines, head.text, source.name, problems), source.name)


_BY_DEDUP = {
    "receipts": "holds receipts that --removed wrote, no records: `corpus-tool restore` reads them",
    "clusters": "holds the clusters of a run (--clusters), no records: give the files that it was made from",
}
"""What else `dedup` writes, and whose it is."""
