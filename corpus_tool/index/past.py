"""The records of an index that new ones may match, brought beside them.

Whatever an index knows of a new record is looked up once: by identity, what became of its like; by bands, keys and
rare values, the kept records that a run over everything would propose to compare with it. These come with their bytes
and are sketched again, and the very search of a run decides (`dedup.run.find`): nothing here says what a duplicate is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.beside import Beside
from corpus_tool.engines.sketching import Sketching, sketch_lines
from corpus_tool.errors import InputError
from corpus_tool.index.outlines import possible
from corpus_tool.index.protocol import BANDS, IDENTITY, KEYS, RARE
from corpus_tool.index.rarest import Rarest, choose
from corpus_tool.store.beside import PlacedStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ThreadPoolExecutor

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.index.protocol import Storage
    from corpus_tool.match import Policy
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress

_SKETCHED_AT_ONCE = 1 << 11
_LOOKED_UP_AT_ONCE = 1 << 16
_UPPER = np.uint64(32)


class IndexPast:
    """As `corpus_tool.engines.beside.Past`, of an index.

    Args:
        storage: Where it is stored.

    Attributes:
        recs: int64[k], of the known records that a run was held against, in their order.
        fate: int64[n], as `Beside.fate`.
        run: What the run found, once it did.
        sketches: The columns of its records, and after them those of known ones.
        posted: For each rule, and each ragged column that its records have, rows and values to be found by.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.recs = np.zeros(0, np.int64)
        self.fate = np.zeros(0, np.int64)
        self.run: Run | None = None
        self.sketches: Sketches | None = None
        self.posted: list[dict[str, Rarest]] = []

    def meet(
        self, sketches: Sketches, rules: Rules, options: Options, pool: ThreadPoolExecutor, progress: Progress
    ) -> Beside:
        progress.stage("look up", len(sketches), "records")
        identity = sketches.identity()
        fated, witness, score = self._fates(identity)
        found = [distinct(witness[fated])]
        for at, (policy, columns) in enumerate(zip(rules.policies, sketches.rules, strict=True)):
            self.posted.append({})
            if columns:
                mine = sketches.common["rule"] == at
                rows = np.flatnonzero((columns["identity"] != 0) & ~fated[mine])
                found += self._sharing(columns, rows, at, policy)
        kept = self._storage.kept(distinct(np.concatenate(found)))
        self.recs = kept.recs
        self.fate = np.full(len(identity), -1, np.int64)
        self.fate[fated] = np.searchsorted(kept.recs, witness[fated])
        if not np.isin(witness[fated], kept.recs).all():
            raise InputError(
                "this index is damaged (a kept record is missing): take a copy of it, or build it again",
                path=self._storage.name,
            )
        store = PlacedStore(kept.raws, kept.places)
        return Beside(self._storage.name, store, _sketched(store, rules, options, pool), self.fate, score)

    def settled(self, run: Run, sketches: Sketches) -> None:
        self.run, self.sketches = run, sketches

    def _fates(
        self, identity: NDArray[np.uint64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.float64]]:
        """For each new record whether its like was met before, the rec that is kept for it, and their score."""
        codes = distinct(upper(identity[identity != 0]))
        _, recs = self._storage.find(IDENTITY, codes)
        fates = self._storage.fates(distinct(recs))
        order = np.argsort(fates.identity, kind="stable")
        known = fates.identity[order]
        if not len(known):
            none = np.zeros(len(identity), np.bool_)
            return none, np.zeros(len(identity), np.int64), np.ones(len(identity))
        at = np.minimum(np.searchsorted(known, identity), len(known) - 1)
        fated = (known[at] == identity) & (identity != 0)
        return fated, fates.witness[order][at], np.where(fated, fates.score[order][at], 1.0)

    def _sharing(
        self, columns: Columns, rows: NDArray[np.int64], rule: int, policy: Policy
    ) -> Iterator[NDArray[np.int64]]:
        """Recs that share anything by which a run would propose a pair with some rows."""
        for kind, codes in plain_codes(columns, rows):
            yield distinct(
                self._storage.find(kind, distinct(codes[codes != 0] if kind < BANDS else codes))[1]
            )
        for name, kind in RARE.items():
            if name not in columns:
                continue
            posted = [Rarest(rows[:0], np.zeros(0, np.uint32))]
            for at in range(0, len(rows), _LOOKED_UP_AT_ONCE):
                chosen, pairs = choose(self._storage, kind, name, columns, rows[at : at + _LOOKED_UP_AT_ONCE])
                posted.append(chosen)
                yield distinct(pairs[possible(self._storage, policy, columns, *pairs.T), 1])
            owners, values = zip(*posted, strict=True)
            self.posted[rule][name] = Rarest(np.concatenate(owners), np.concatenate(values))


def upper(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The codes of 64-bit keys."""
    return (keys >> _UPPER).astype(np.uint32)


def plain_codes(columns: Columns, rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Kinds, and the code of each row, of whatever has one of each record; of keys 0 where there is none."""
    if "bands" in columns:
        for band in range(columns["bands"].shape[1]):
            yield BANDS + band, np.asarray(columns["bands"][rows, band])
    for name, kind in KEYS.items():
        if name in columns:
            keys = columns[name][rows]
            yield kind, np.where(keys == 0, 0, np.maximum(upper(keys), 1)).astype(np.uint32)


def _sketched(store: PlacedStore, rules: Rules, options: Options, pool: ThreadPoolExecutor) -> Sketches:
    """The columns of known records."""
    sketching = Sketching(rules, options)
    every = np.arange(len(store))
    starts = range(0, max(1, len(every)), _SKETCHED_AT_ONCE)
    parts = [store.lines(every[at : at + _SKETCHED_AT_ONCE]) for at in starts]
    for made, _, _ in pool.map(lambda lines: sketch_lines(rules, lines, options, ""), parts):
        sketching.add(made)
    return sketching.finish()
