"""Have I seen this? Records that are only asked about: each by itself, and nothing is taken in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import receipts
from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.search import across
from corpus_tool.dedup.settle import first_places
from corpus_tool.engines.beside import joined
from corpus_tool.engines.local import Deciding
from corpus_tool.engines.sketching import Sketching, sketch_lines
from corpus_tool.index.past import IndexPast
from corpus_tool.lines.decode import decode
from corpus_tool.lines.lines import Lines
from corpus_tool.match import DUPLICATE
from corpus_tool.match.choosing import choose
from corpus_tool.progress import Progress
from corpus_tool.store.beside import BesideStore, PlacedStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.index.protocol import Storage
    from corpus_tool.records import Batch, Record


class Questions:
    """Answers about batches of records; a context manager.

    Args:
        storage: The index.
        options: What it was made with.
    """

    def __init__(self, storage: Storage, options: Options) -> None:
        self._storage, self._options = storage, options
        self._rules = choose(options)
        self._pool = ThreadPoolExecutor(options.workers)
        self._times = {run.run: run.time for run in storage.runs()}

    def __enter__(self) -> Questions:
        return self

    def __exit__(self, *failure: object) -> None:
        self._pool.shutdown()

    def answers(self, batch: Batch) -> Iterator[Record]:
        """For each record whether it is known, and if so the kept record that it matches best."""
        places = [(batch.source, line) for line in batch.lines]
        own = PlacedStore(batch.raws, places)
        past, progress, sketching = (
            IndexPast(self._storage),
            Progress(),
            Sketching(self._rules, self._options),
        )
        made, _, _ = sketch_lines(self._rules, Lines.joined(batch.raws), self._options, batch.source)
        sketching.add(made)
        sketches = sketching.finish()
        beside = past.meet(sketches, self._rules, self._options, self._pool, progress)
        store, count = BesideStore(own, beside.store), len(own)
        every = joined(sketches, beside.sketches, self._options)
        rule = every.common["rule"]
        deciding = Deciding(self._rules, rule, store, self._pool, self._options.workers, progress, own=count)
        witness, score = self._best(every, store, deciding, count)
        fated = beside.fate >= 0
        witness[fated], score[fated] = beside.fate[fated] + count, beside.score[fated]
        kept = self._storage.kept(past.recs[distinct(witness[witness >= 0]) - count])
        runs = dict(zip(kept.recs.tolist(), kept.runs, strict=True))
        for at, (raw, place) in enumerate(zip(batch.raws, places, strict=True)):
            known = int(witness[at])
            if known < 0:
                yield {"id": decode(raw).get("id"), "source": place[0], "line": place[1], "known": False}
                continue
            pair = np.array([at, known])
            lines, one, other = store.lines(pair), np.array([0]), np.array([1])
            (why,) = self._rules.reasons(lines, rule[pair], one, other)
            told = receipts.receipt(raw, place, lines[1], store.places(pair)[1], float(score[at]), why)
            del told["raw"]
            run = runs[int(past.recs[known - count])]
            yield {**told, "known": True, "first_seen": self._times.get(run), "run": run}

    def _best(
        self, sketches: Sketches, store: BesideStore, deciding: Deciding, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The known record that each asked one matches best, the earliest of equals; -1 where there is none."""
        pairs, scores = self._matches(sketches, store, deciding, count)
        order = np.lexsort((pairs[:, 1], -scores, pairs[:, 0]))
        asked, first = np.unique(pairs[order, 0], return_index=True)
        witness, score = np.full(count, -1, np.int64), np.zeros(count)
        witness[asked], score[asked] = pairs[order, 1][first], scores[order][first]
        return witness, score

    def _matches(
        self, sketches: Sketches, store: BesideStore, deciding: Deciding, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Pairs of an asked record and a known one that are duplicates, and their scores."""
        identity, rule = sketches.identity(), sketches.common["rule"]
        order = np.concatenate((np.arange(count, len(rule)), np.arange(count)))
        first = first_places(identity[order], None)
        pairs, scores = across(self._rules, sketches, identity, order, first, store, None)
        found = [(np.sort(order[pairs], axis=1), scores)]
        for at, (policy, columns) in enumerate(zip(self._rules.policies, sketches.rules, strict=True)):
            mine = np.flatnonzero(rule == at)
            if not len(mine):
                continue
            rows = np.flatnonzero(columns["identity"])
            for portion in policy.search(columns, rows, policy.reach(columns, rows)).portions:
                pairs = np.sort(mine[rows[portion]], axis=1)
                pairs = pairs[(pairs[:, 0] < count) & (pairs[:, 1] >= count)]
                decided = deciding(pairs)
                alike = decided.relation == DUPLICATE
                found.append((pairs[alike], decided.scores[alike]))
        pairs = np.concatenate([some for some, _ in found])
        scores = np.concatenate([some for _, some in found])
        crossing = (pairs[:, 0] < count) & (pairs[:, 1] >= count)
        return pairs[crossing], scores[crossing]
