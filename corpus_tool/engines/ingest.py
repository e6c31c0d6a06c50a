"""The first pass of a run: read, decode what must be decoded, sketch in threads, note where records stand."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import sources
from corpus_tool.dedup import keep
from corpus_tool.dedup.columns import Gathered, take
from corpus_tool.match.choosing import SAMPLE, SOURCE, choose
from corpus_tool.match.text import dotted
from corpus_tool.records import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.lines.blocks import Block
    from corpus_tool.lines.lines import Lines
    from corpus_tool.match import Policy
    from corpus_tool.progress import Progress
    from corpus_tool.records import Record
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems
    from corpus_tool.store.files import FileStore

SMALL_INPUT = 4 << 20
"""Bytes up to which the reference sketches: it takes about as long as loading the kernels would."""


def ingest(
    inputs: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    store: FileStore,
    pool: ThreadPoolExecutor,
) -> tuple[Policy, str, Columns]:
    """Read all inputs once.

    Returns:
        The policy of the run, one sentence on why it was taken, and its columns of all records, with `worth`
        as `keep.worth` gives it and, where the options ask for it, `within` as `_values` does; the store's
        books are closed.
    """
    sizes = [each.size for each in inputs]
    progress.stage("read", sum(sizes) if all(sizes) else None)
    items = sources.read_blocks(inputs, options.reading, problems)
    ahead, sample, small = _look_ahead(items)
    compiled = not small if options.compiled is None else options.compiled
    policy, why = choose(options, sample, compiled=compiled)
    pending: deque[Future[_Sketched]] = deque()
    gathered = Gathered(options.memory_limit // 16 or None, options.tmp_dir)
    line = 1

    def finish() -> None:
        nonlocal line
        made = pending.popleft().result()
        line = 1 if made.opens else line
        progress.advance(made.size)
        for place, message, raw in made.bad:
            problems.bad(made.source, line + place, message, raw)
        made.note(store, line)
        gathered.add(made.columns)
        line += made.count

    if not ahead:
        ahead = [Batch("", [], [], [])]
    for item in chain(ahead, items):
        pending.append(pool.submit(_sketch, policy, item, options))
        if len(pending) > options.workers + 1:
            finish()
    while pending:
        finish()
    store.close_books()
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
            size += item.last
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
        path: Where its bytes can be read again; None where they cannot.
        columns: Of the readable records.
        lines: int64[n], their line numbers, from 0 on in a block; as they are in a batch.
        starts: int64[n], where they begin in the source or in `data`.
        sizes: int64[n], their bytes.
        count: Lines of the block, unreadable ones included; 0 of a batch.
        size: Bytes in all.
        data: The bytes, for a source that cannot be read again.
        digest: Whether they were parsed from a digest.
        base: Byte offset of `data` in the source.
        opens: Whether its source begins here.
        bad: Unreadable lines: number, what is wrong, and the bytes.
    """

    source: str
    path: str | None
    columns: Columns
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    count: int
    size: int
    data: memoryview
    digest: bool
    base: int
    opens: bool
    bad: list[tuple[int, str, bytes]]

    def note(self, store: FileStore, line: int) -> None:
        """Enter the records in the store; the block begins at the given line."""
        starts = self.starts if self.path is None else self.starts + self.base
        data = self.data if self.path is None else None
        lines = self.lines + line if self.count else self.lines
        store.add(self.source, self.path, lines, starts, self.sizes, spooled=data, digest=self.digest)


def _sketch(policy: Policy, item: Batch | Block, options: Options) -> _Sketched:
    if isinstance(item, Batch):
        columns = _more(policy.sketch(item.records), item.records, item.raws, options, item.source)
        data = b"".join(raw + b"\n" for raw in item.raws)
        sizes = np.fromiter(map(len, item.raws), np.int64, len(item.raws))
        return _Sketched(
            source=item.source,
            path=None,
            columns=columns,
            lines=np.asarray(item.lines, np.int64),
            starts=np.cumsum(sizes + 1) - sizes - 1,
            sizes=sizes,
            count=0,
            size=len(data),
            data=memoryview(data),
            digest=item.digest,
            base=0,
            opens=False,
            bad=[],
        )
    columns, readable, bad = sketch_lines(policy, item.lines, options, item.source)
    return _Sketched(
        source=item.source,
        path=item.path,
        columns=columns,
        lines=readable,
        starts=item.lines.starts[readable] - item.first,
        sizes=item.lines.sizes[readable],
        count=len(item.lines),
        size=item.last,
        data=item.data.data[item.first : item.last],
        digest=False,
        base=item.start,
        opens=item.opens,
        bad=[(place, message, item.lines.raw(place)) for place, message in bad],
    )


def sketch_lines(
    policy: Policy, lines: Lines, options: Options, source: str
) -> tuple[Columns, NDArray[np.int64], list[tuple[int, str]]]:
    """Columns of the readable lines, where these are, and what is wrong with the others.

    Returns:
        The policy's columns and those of the options, see `ingest`; int64, places of the readable lines; place and
        message of the unreadable ones.
    """
    ordered = options.keep in {"first", "last"}
    if policy.reads_lines and ordered and not options.unique_within:
        columns, readable, bad = policy.sketch_lines(lines)
        columns = _more(columns, lines, [], options, source)
        return columns if len(readable) == len(lines) else take(columns, readable), readable, bad
    records, bad = lines.decoded(range(len(lines)))
    raws = [] if ordered else [lines.raw(place) for place in records]
    known = list(records.values())
    columns = _more(policy.sketch(known), known, raws, options, source)
    return columns, np.fromiter(records, np.int64, len(records)), bad


def _more(
    columns: Columns, records: Sequence[Any], raws: Sequence[bytes], options: Options, source: str
) -> Columns:
    """The columns that do not come from the policy: what the keep policy goes by, and what must be unique."""
    columns["worth"] = keep.worth(records, raws, columns.pop("length"), options.keep)
    if options.unique_within:
        columns["within"] = _values(records, options.unique_within, source)
    return columns


def _values(records: Sequence[Record], field: str, source: str) -> NDArray[np.uint64]:
    """Hashes of a field's values, uint64[n]; 0 where there is none. A record's source is at least its input."""
    found = np.zeros(len(records), np.uint64)
    for at, record in enumerate(records):
        value = dotted(record, field)
        if value in (None, "", [], {}) and field == SOURCE:
            value = source
        if value not in (None, "", [], {}):
            found[at] = _hash(json.dumps(value, sort_keys=True))
    return found


@lru_cache(maxsize=1 << 12)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1
