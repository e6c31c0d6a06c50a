"""The first pass of a run: read, decode what must be decoded, sketch in threads, note where records stand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import keep, sources
from corpus_tool.columns import Gathered, take
from corpus_tool.lines import Lines, field_texts
from corpus_tool.match.choosing import SAMPLE, choose
from corpus_tool.records import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from numpy.typing import NDArray

    from corpus_tool.blocks import Block
    from corpus_tool.columns import Columns
    from corpus_tool.config import Options
    from corpus_tool.ledger import Ledger
    from corpus_tool.match import Policy
    from corpus_tool.progress import Progress
    from corpus_tool.records import Record
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

SMALL_INPUT = 4 << 20
"""Bytes up to which the reference sketches: it takes about as long as loading the kernels would."""


def ingest(
    inputs: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    ledger: Ledger,
    pool: ThreadPoolExecutor,
) -> tuple[Policy, str, Columns]:
    """Read all inputs once.

    Returns:
        The policy of the run, one sentence on why it was taken, and its columns of all records, with `worth`
        as `keep.worth` gives it; the ledger's books are closed.
    """
    sizes = [each.size for each in inputs]
    progress.stage("read", sum(sizes) if all(sizes) else None)
    paths = {each.name: each.path if each.seekable else None for each in inputs}
    items = sources.read_blocks(inputs, options.reading, problems)
    ahead, sample, small = _look_ahead(items)
    policy, why = choose(options, sample)
    policy.compiled = not small if options.compiled is None else options.compiled
    again = options.reading.encoding.lower() in {"utf-8", "utf8"}
    pending: deque[Future[_Sketched]] = deque()
    gathered = Gathered(options.memory_limit // 4 or None, options.tmp_dir)
    gathered.add(_sketch(policy, Batch("", [], [], []), options.keep).columns)

    def finish() -> None:
        made = pending.popleft().result()
        progress.advance(made.size)
        made.report(problems)
        made.note(ledger, paths.get(made.source) if again else None)
        gathered.add(made.columns)

    for item in chain(ahead, items):
        pending.append(pool.submit(_sketch, policy, item, options.keep))
        if len(pending) > options.workers + 1:
            finish()
    while pending:
        finish()
    ledger.close_books()
    return policy, why, gathered.finish()


def _look_ahead(items: Iterator[Batch | Block]) -> tuple[list[Batch | Block], list[Record], bool]:
    """The first items, their first records for a sample, and whether all there is comes to a small input."""
    ahead: list[Batch | Block] = []
    sample: list[Record] = []
    size = 0
    for item in items:
        ahead.append(item)
        if isinstance(item, Batch):
            size += sum(map(len, item.raws))
            sample += item.records[: SAMPLE - len(sample)]
        else:
            size += item.size
            sample += _first_records(item.lines, SAMPLE - len(sample))
        if size > SMALL_INPUT and len(sample) >= SAMPLE:
            break
    return ahead, sample, size <= SMALL_INPUT


def _first_records(lines: Lines, count: int) -> list[Record]:
    """The first readable records; what is wrong with others is told when their turn comes."""
    found: list[Record] = []
    for place in range(len(lines)):
        if len(found) >= count:
            break
        try:
            found.append(lines[place])
        except ValueError:
            continue
    return found


@dataclass(slots=True)
class _Sketched:
    """What a thread made of a batch or a block.

    Attributes:
        source: Name of the source.
        columns: Of the readable records.
        lines: int64[n], their 1-based line numbers.
        starts: int64[n], where they begin in the source or in `data`.
        sizes: int64[n], their bytes.
        size: Bytes in all.
        data: The bytes, for a source that cannot be read again.
        digest: Whether they were parsed from a digest.
        base: Byte offset of `data` in the source.
        bad: Line, what is wrong with it, and its bytes.
    """

    source: str
    columns: Columns
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    size: int
    data: memoryview
    digest: bool
    base: int
    bad: list[tuple[int, str, bytes]]

    def report(self, problems: Problems) -> None:
        for line, message, raw in self.bad:
            problems.bad(self.source, line, message, raw)

    def note(self, ledger: Ledger, path: str | None) -> None:
        spooled = self.digest or path is None
        starts = self.starts if spooled else self.starts + self.base
        data = self.data if spooled else None
        ledger.add(self.source, path, self.lines, starts, self.sizes, spooled=data, digest=self.digest)


def _sketch(policy: Policy, item: Batch | Block, keep_policy: str) -> _Sketched:
    if isinstance(item, Batch):
        columns = _with_worth(policy.sketch(item.records), item.records, item.raws, keep_policy)
        data = b"".join(raw + b"\n" for raw in item.raws)
        sizes = np.fromiter(map(len, item.raws), np.int64, len(item.raws))
        starts, numbers = np.cumsum(sizes + 1) - sizes - 1, np.asarray(item.lines, np.int64)
        return _Sketched(
            item.source, columns, numbers, starts, sizes, len(data), memoryview(data), item.digest, 0, []
        )
    columns, readable, bad = _sketch_lines(policy, item.lines, keep_policy)
    first = int(item.lines.starts[0]) if len(item.lines) else 0
    return _Sketched(
        item.source,
        columns,
        readable + item.line,
        item.lines.starts[readable] - first,
        item.lines.sizes[readable],
        item.size,
        memoryview(item.lines.data)[first : first + item.size],
        False,
        item.start,
        [(place + item.line, message, item.lines.raw(place)) for place, message in bad],
    )


def _sketch_lines(
    policy: Policy, lines: Lines, keep_policy: str
) -> tuple[Columns, NDArray[np.int64], list[tuple[int, str]]]:
    """Columns of the readable lines, where these are, and what is wrong with the others."""
    if policy.raw_field is None or keep_policy not in {"first", "last"}:
        records, bad = _decoded(lines, range(len(lines)))
        readable = np.fromiter(records, np.int64, len(records))
        raws = [] if keep_policy in {"first", "last"} else [lines.raw(place) for place in records]
        known = list(records.values())
        return _with_worth(policy.sketch(known), known, raws, keep_policy), readable, bad
    texts = field_texts(lines, policy.raw_field)
    odd, bad = _decoded(lines, texts.odd.tolist())
    columns = _with_worth(policy.sketch_texts(texts, odd), lines, [], keep_policy)
    unreadable = np.setdiff1d(texts.odd, np.fromiter(odd, np.int64, len(odd)))
    readable = np.arange(len(lines))
    if len(unreadable):
        readable = np.setdiff1d(readable, unreadable)
        columns = take(columns, readable)
    return columns, readable, bad


def _decoded(lines: Lines, places: Sequence[int]) -> tuple[dict[int, Record], list[tuple[int, str]]]:
    """The records at some places, and what is wrong there; blank lines are neither."""
    records: dict[int, Record] = {}
    bad: list[tuple[int, str]] = []
    for place in places:
        try:
            records[place] = lines[place]
        except ValueError as error:
            if lines.raw(place).strip():
                bad.append((place, str(error)))
    return records, bad


def _with_worth(columns: Columns, records: Sequence[Any], raws: Sequence[bytes], keep_policy: str) -> Columns:
    columns["worth"] = keep.worth(records, raws, columns["length"], keep_policy)
    return columns
