"""The first pass of a run: read, decode what must be decoded, sketch in threads, note where records stand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import sources
from corpus_tool.engines.sketching import Sketching, sketch_lines, sketch_records
from corpus_tool.lines.lines import NEWLINE, Lines
from corpus_tool.records import Batch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.engines.sketching import Sketched
    from corpus_tool.lines.blocks import Block
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems
    from corpus_tool.store.files import FileStore


def ingest(
    inputs: Sequence[Input],
    rules: Rules,
    options: Options,
    problems: Problems,
    progress: Progress,
    store: FileStore,
    pool: ThreadPoolExecutor,
) -> Sketches:
    """Read all inputs once.

    Returns:
        The columns of all records; the store's books are closed.
    """
    sizes = [each.size for each in inputs]
    progress.stage("read", sum(sizes) if all(sizes) else None)
    pending: deque[Future[Read]] = deque()
    sketching = Sketching(rules, options)
    line, ordinal = 1, 0

    def finish() -> None:
        nonlocal line, ordinal
        made = pending.popleft().result()
        line = 1 if made.opens else line
        progress.advance(made.size)
        for place, message, raw in made.bad:
            problems.bad(made.source, line + place, message, raw)
        made.note(store, line, ordinal)
        ordinal += len(made.sizes)
        sketching.add(made.sketched)
        line += made.count

    none = [Batch("", [], [], [])]  # gives the columns their types where nothing is read
    for item in chain(none, sources.read_blocks(inputs, options.reading, problems)):
        pending.append(pool.submit(read_item, rules, item, options))
        if len(pending) > options.workers + 1:
            finish()
    while pending:
        finish()
    store.close_books()
    return sketching.finish()


@dataclass(slots=True)
class Read:
    """What was made of a batch or a block.

    Attributes:
        source: Name of the source.
        path: Where its bytes can be read again; None where they cannot.
        sketched: Of the readable records.
        lines: int64[n], their line numbers, from 0 on in a block.
        starts: int64[n], where they begin in the source or in `data`.
        sizes: int64[n], their bytes.
        count: Lines of the block, unreadable ones included.
        size: Bytes in all.
        data: The bytes, for a source that cannot be read again.
        numbered: Whether the line numbers are the source's already.
        base: Byte offset of `data` in the source.
        opens: Whether its source begins here.
        bad: Unreadable lines: number, what is wrong, and the bytes.
        blank: Lines without anything: how many of the records stand before each, and the bytes.
        ended: Whether the last line has its newline.
    """

    source: str
    path: str | None
    sketched: Sketched
    lines: NDArray[np.int64]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]
    count: int
    size: int
    data: memoryview
    numbered: bool
    base: int
    opens: bool
    bad: list[tuple[int, str, bytes]]
    blank: list[tuple[int, bytes]]
    ended: bool

    def note(self, store: FileStore, line: int, ordinal: int) -> None:
        """Enter the records in the store; the block begins at the given line, its records at the given ordinal."""
        store.layout.blank += [(ordinal + before, raw.decode()) for before, raw in self.blank]
        store.layout.ended = self.ended
        starts = self.starts if self.path is None else self.starts + self.base
        data = self.data if self.path is None else None
        lines = self.lines if self.numbered else self.lines + line
        store.add(self.source, self.path, lines, starts, self.sizes, spooled=data)


def read_item(rules: Rules, item: Batch | Block, options: Options) -> Read:
    """Sketch what was read of a source."""
    return _read_batch(rules, item, options) if isinstance(item, Batch) else _read_block(rules, item, options)


def _read_batch(rules: Rules, batch: Batch, options: Options) -> Read:
    lines = Lines.joined(batch.raws)
    sketched = sketch_records(rules, batch.records, lines, options, batch.source)
    size = int(lines.sizes.sum()) + len(lines)
    return Read(
        source=batch.source,
        path=None,
        sketched=sketched,
        lines=np.asarray(batch.lines, np.int64),
        starts=lines.starts,
        sizes=lines.sizes,
        count=0,
        size=size,
        data=lines.data.data[:size],
        numbered=True,
        base=0,
        opens=False,
        bad=[],
        blank=[],
        ended=True,
    )


def _read_block(rules: Rules, block: Block, options: Options) -> Read:
    sketched, readable, bad = sketch_lines(rules, block.lines, options, block.source)
    return Read(
        source=block.source,
        path=block.path,
        sketched=sketched,
        lines=readable,
        starts=block.lines.starts[readable] - block.first,
        sizes=block.lines.sizes[readable],
        count=len(block.lines),
        size=block.last,
        data=block.data.data[block.first : block.last],
        numbered=False,
        base=block.start,
        opens=block.opens,
        bad=[(place, message, block.lines.raw(place)) for place, message in bad],
        blank=_blank(block.lines, readable, [place for place, _ in bad]),
        ended=bool(block.data[block.last - 1] == NEWLINE)
        or (bool(bad) and bad[-1][0] == len(block.lines) - 1),
    )


def _blank(lines: Lines, readable: NDArray[np.int64], bad: list[int]) -> list[tuple[int, bytes]]:
    """The lines that hold nothing: how many readable ones stand before each, and the bytes."""
    if len(readable) + len(bad) == len(lines):
        return []
    blank = np.ones(len(lines), np.bool_)
    blank[readable] = False
    blank[bad] = False
    places = np.flatnonzero(blank)
    before = np.searchsorted(readable, places)
    return [(count, lines.raw(place)) for count, place in zip(before.tolist(), places.tolist(), strict=True)]
