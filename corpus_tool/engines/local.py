"""One machine: files read by blocks, sketched and decided in threads.

read ──> sketch ──> propose ──> decide ──> cluster
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.run import Known, find
from corpus_tool.engines.comparable import check
from corpus_tool.engines.ingest import ingest
from corpus_tool.match import NEITHER, Decisions
from corpus_tool.match.choosing import choose
from corpus_tool.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Observer, Sketches
    from corpus_tool.engines.beside import Past
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems
    from corpus_tool.store import Store

_DECIDED_AT_ONCE = 8 << 20
"""Bytes of records that are read and compared at once."""


def deduplicate(
    inputs: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    observer: Observer | None = None,
    past: Past | None = None,
) -> Run:
    """Read, sketch, propose, decide and cluster.

    Args:
        inputs: What is read.
        options: Of the run.
        problems: Told of bad input.
        progress: Told of the stages.
        observer: Sees every pair that is decided.
        past: Knows records that the run is held against.

    Raises:
        CorpusError: Input that cannot be used, or a temporary folder that cannot be written.
    """
    rules = choose(options)
    store = FileStore(options.tmp_dir)
    pool = ThreadPoolExecutor(options.workers)
    try:
        sketches = ingest(inputs, rules, options, problems, progress, store, pool)
        check(sketches, rules, store, options)
        if past is not None:
            return held_against(past, sketches, rules, store, pool, options, progress)
        deciding = Deciding(rules, sketches.common["rule"], store, pool, options.workers, progress)
        return find(rules, sketches, store, deciding, options, progress, observer)
    except BaseException:
        pool.shutdown(cancel_futures=True)
        store.close()
        raise
    finally:
        pool.shutdown()


def held_against(
    past: Past,
    sketches: Sketches,
    rules: Rules,
    own: Store,
    pool: ThreadPoolExecutor,
    options: Options,
    progress: Progress,
) -> Run:
    """A run whose records are held against known ones."""
    from corpus_tool.engines.beside import joined
    from corpus_tool.store.beside import BesideStore

    beside = past.meet(sketches, rules, options, pool, progress)
    store = BesideStore(own, beside.store)
    try:
        known = Known(beside.name, len(beside.store), beside.fate, beside.score)
        sketches = joined(sketches, beside.sketches, options)
        deciding = Deciding(
            rules, sketches.common["rule"], store, pool, options.workers, progress, own=len(own)
        )
        run = find(rules, sketches, store, deciding, options, progress, known=known)
        past.settled(run, sketches)
    except BaseException:
        beside.store.close()
        raise
    return run


class Deciding:
    """Exact decisions on pairs of ordinals, from the records' own bytes, in threads.

    Args:
        rules: What decides.
        rule: The rule that each record follows.
        store: Where records stand.
        pool: Threads.
        workers: How many.
        progress: Told of each portion.
        own: Records that are not known ones; two of the known ones are not compared. None where there are none.
    """

    def __init__(
        self,
        rules: Rules,
        rule: NDArray[np.uint8],
        store: Store,
        pool: ThreadPoolExecutor,
        workers: int,
        progress: Progress,
        own: int | None = None,
    ) -> None:
        self._own = own
        self._rules, self._rule = rules, rule
        self._store, self._pool, self._workers, self._progress = store, pool, workers, progress

    def __call__(self, pairs: NDArray[np.int64]) -> Decisions:
        """Decide int64[m, 2] pairs; neighbours share the reading of their records."""
        if self._own is not None:
            wanted = (pairs[:, 0] < self._own) | (pairs[:, 1] < self._own)
            if not wanted.all():
                return self._only(pairs, wanted)
        return self._decide(pairs)

    def _only(self, pairs: NDArray[np.int64], wanted: NDArray[np.bool_]) -> Decisions:
        """Decisions on the wanted pairs; the others are none of any."""
        found = Decisions(np.zeros(len(pairs)), np.full(len(pairs), NEITHER, np.uint8))
        some = self._decide(pairs[wanted])
        found.scores[wanted], found.relation[wanted] = some.scores, some.relation
        return found

    def _decide(self, pairs: NDArray[np.int64]) -> Decisions:
        weight = np.cumsum(self._store.sizes(pairs).sum(axis=1))
        pending: deque[Future[Decisions]] = deque()
        decided: list[Decisions] = []
        at = 0
        while at < len(pairs):
            limit = (weight[at - 1] if at else 0) + _DECIDED_AT_ONCE
            end = max(int(np.searchsorted(weight, limit)), at + 1)
            pending.append(self._pool.submit(self._compare, pairs[at:end]))
            if len(pending) > self._workers:
                decided.append(pending.popleft().result())
            self._progress.advance(end - at)
            at = end
        decided += [future.result() for future in pending]
        return Decisions.joined(decided)

    def _compare(self, pairs: NDArray[np.int64]) -> Decisions:
        needed, where = np.unique(pairs, return_inverse=True)
        left, right = where.reshape(-1, 2).T
        return self._rules.compare(self._store.lines(needed), self._rule[needed], left, right)
