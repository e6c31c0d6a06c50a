"""One machine: blocks, threads, and the order of the stages, which no other module knows.

read ──> sketch ──> propose ──> decide ──> cluster
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from corpus_tool.dedup import clusters, keep
from corpus_tool.dedup.candidates import Reach
from corpus_tool.engines.ingest import ingest
from corpus_tool.store.files import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.match import Policy
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

_DECIDED_AT_ONCE = 8 << 20
_SEARCHES = 16


@dataclass(slots=True)
class Run:
    """What a run found, by ordinal.

    Attributes:
        ledger: Where the records stand.
        policy: What decided.
        why: One sentence on the choice of the policy.
        witness: int64[n], the kept record that each removed one matches; -1 for the kept.
        score: float64[n], the score between the two; 1 for the kept.
        through: int64[n], under `--transitive` the record by which a removed one joined its cluster; empty otherwise.
        proposed: Number of pairs that were decided.
        crowded: Records left in buckets too large to compare all their pairs, so that recall is not known there.
        version_of: int64[n], under `--versions link` the earlier kept record that a kept one is another version
            of, -1 for all others; empty otherwise.
        within: uint64[n], under `--unique-within` hashes of the values, 0 for none; empty otherwise.
    """

    ledger: Ledger
    policy: Policy
    why: str
    witness: NDArray[np.int64]
    score: NDArray[np.float64]
    through: NDArray[np.int64]
    proposed: int
    crowded: int
    version_of: NDArray[np.int64]
    within: NDArray[np.uint64]

    @property
    def kept(self) -> NDArray[np.int64]:
        """Ordinals of the survivors, in input order."""
        return np.flatnonzero(self.witness < 0)

    @property
    def removed(self) -> NDArray[np.int64]:
        """Ordinals of the removed, in input order."""
        return np.flatnonzero(self.witness >= 0)


class Observer(Protocol):
    """Sees every pair that a run decides, not only those that match.

    Places count records in the order of the keep policy.
    """

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        """`order`: the ordinal at each place. `first`: the first place alike each beyond doubt, the only one paired."""

    def decided(self, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> None:
        """`pairs`: int64[m, 2] of places, the smaller first; what did not match may come again."""


def deduplicate(
    inputs: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    observer: Observer | None = None,
) -> Run:
    """Read, sketch, propose, decide and cluster.

    Raises:
        CorpusError: Input that cannot be used, or a temporary folder that cannot be written.
    """
    ledger = Ledger(options.tmp_dir)
    pool = ThreadPoolExecutor(options.workers)
    try:
        policy, why, columns = ingest(inputs, options, problems, progress, ledger, pool)
        order = keep.order(columns.pop("worth"), options.keep)
        if len(order) != len(ledger):
            raise AssertionError(f"{len(ledger)} records were read and {len(order)} sketched")
        return _Matches(policy, ledger, columns, order, options, progress, pool, observer).run(why)
    except BaseException:
        pool.shutdown(cancel_futures=True)
        ledger.close()
        raise
    finally:
        pool.shutdown()


class _Matches:
    """Finds all matching pairs of a run; places count records in the order of the keep policy."""

    def __init__(
        self,
        policy: Policy,
        ledger: Ledger,
        columns: Columns,
        order: NDArray[np.int64],
        options: Options,
        progress: Progress,
        pool: ThreadPoolExecutor,
        observer: Observer | None,
    ) -> None:
        self.policy, self.ledger, self.columns, self.order = policy, ledger, columns, order
        self.options, self.progress, self.pool = options, progress, pool
        self.observer = observer
        self.proposed = 0
        self.crowded = 0
        self.identity = columns["identity"][order]
        self.within = columns.pop("within")[order] if options.unique_within else None
        self.versions: list[NDArray[np.int64]] = []

    def run(self, why: str) -> Run:
        count = len(self.order)
        first = np.arange(count) if self.within is not None else clusters.first_alike(self.identity)
        rows = np.flatnonzero((first == np.arange(count)) & (self.identity != 0))
        if self.observer:
            self.observer.begin(self.order, first)
        pairs, scores = self._matching(rows)
        self.progress.stage("cluster", count, "records")
        if self.options.transitive:
            witness, score, through = self._connected(first, pairs, scores)
        else:
            witness, score = self._witnesses(pairs, scores)
            _share_fate(first, witness, score)
            through = first[:0]
        del first
        self.progress.finish()
        if self.within is not None and count > 1 and self.within[0] and (self.within == self.within[0]).all():
            why += f"; every record has the same {self.options.unique_within}, so none may be merged"
        return Run(
            self.ledger,
            self.policy,
            why,
            _by_ordinal(witness, self.order),
            _scores_by_ordinal(score, witness, self.order),
            _by_ordinal(through, self.order[: len(through)]),
            self.proposed,
            self.crowded,
            self._version_of(witness),
            np.zeros(0, np.uint64) if self.within is None else self.within[np.argsort(self.order)],
        )

    def _witnesses(
        self, pairs: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if self.within is not None:
            return clusters.one_of_each(len(self.order), pairs, scores, self.within)
        return clusters.witnesses(len(self.order), pairs, scores, compiled=self.policy.compiled)

    def _version_of(self, witness: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first kept record that each kept one is a later version of, by ordinal; see `Run`."""
        if self.options.papers.versions != "link":
            return witness[:0]
        pairs = np.concatenate((*self.versions, np.zeros((0, 2), np.int64)))
        kept = np.sort(np.where(witness[pairs] < 0, pairs, witness[pairs]), axis=1)
        earliest = np.full(len(witness), len(witness), np.int64)
        apart = kept[:, 0] != kept[:, 1]
        np.minimum.at(earliest, kept[apart, 1], kept[apart, 0])
        return _by_ordinal(np.where(earliest < len(witness), earliest, -1), self.order)

    def _matching(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All matching pairs among the given places, with their scores.

        What a first search leaves in large buckets is searched again among the kept, wider and wider, until
        nothing is kept there that has not been compared with the rest.
        """
        reach = Reach()
        pairs, scores, crowd = self._search(rows, reach, np.zeros((0, 2), np.int64), np.zeros(0))
        searched = rows[:0]
        for _ in range(_SEARCHES):
            witness, _ = self._witnesses(pairs, scores)
            rows = crowd[witness[crowd] < 0]
            if len(rows) < 2 or np.isin(rows, searched).all():
                break
            reach, known = self.policy.reach(self.columns, self.order[rows]), len(pairs)
            pairs, scores, large = self._search(rows, reach, pairs, scores)
            self.crowded = len(large)
            if len(large) and len(pairs) == known:
                break
            searched = rows if not len(large) else searched
        return pairs, scores

    def _search(
        self, rows: NDArray[np.int64], reach: Reach, pairs: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """One search among places: the matches known so far and those it finds, and who is in large buckets."""
        self.progress.stage("propose", len(rows), "records")
        every = self.observer is not None
        search = self.policy.search(self.columns, self.order[rows], reach, hopeless=every)
        for portion in search.portions:
            fresh = self._worth_deciding(_not_in(rows[portion], pairs))
            self.progress.stage("decide", len(fresh), "pairs")
            score = self._decide(fresh)
            if self.within is not None:  # where nothing else puts exact copies before all other matches
                score[self.identity[fresh[:, 0]] == self.identity[fresh[:, 1]]] = 1.0
            if self.observer:
                self.observer.decided(fresh, score)
            matched = score >= self.policy.threshold
            self.versions.append(fresh[score <= -self.policy.threshold])
            pairs, scores = np.concatenate((pairs, fresh[matched])), np.concatenate((scores, score[matched]))
            self.progress.stage("propose", None, "records")
        return pairs, scores, rows[search.crowded]

    def _worth_deciding(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pairs that may be merged."""
        if self.within is None:
            return pairs
        one, other = self.within[pairs].T
        may: NDArray[np.int64] = pairs[(one != other) | (one == 0)]
        return may

    def _decide(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Exact scores of pairs of places, from the records' own bytes."""
        self.proposed += len(pairs)
        ordinals = self.order[pairs]
        weight = np.cumsum(self.ledger.sizes(ordinals).sum(axis=1))
        pending: deque[Future[NDArray[Any]]] = deque()
        scores: list[NDArray[Any]] = []
        at = 0
        while at < len(pairs):
            limit = (weight[at - 1] if at else 0) + _DECIDED_AT_ONCE
            end = max(int(np.searchsorted(weight, limit)), at + 1)
            part = ordinals[at:end]
            needed, where = np.unique(part, return_inverse=True)
            where = where.reshape(part.shape)
            pending.append(self.pool.submit(self._compare, needed, where))
            if len(pending) > self.options.workers:
                scores.append(pending.popleft().result())
            self.progress.advance(end - at)
            at = end
        scores += [future.result() for future in pending]
        return np.concatenate(scores) if scores else np.zeros(0)

    def _compare(self, needed: NDArray[np.int64], where: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.policy.compare(self.ledger.lines(needed), where[:, 0], where[:, 1])

    def _connected(
        self, first: NDArray[np.int64], pairs: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Whole components: every member's witness is the first, its score the exact one between the two."""
        count = len(first)
        copies = np.flatnonzero(first != np.arange(count))
        edges = np.concatenate((pairs, np.stack((first[copies], copies), axis=1)))
        label = clusters.components(count, edges)
        joined = np.flatnonzero(label != np.arange(count))
        score = np.ones(count)
        joined = joined[first[joined] != label[joined]]
        score[joined] = np.abs(self._decide(np.stack((label[joined], joined), axis=1)))
        witness = np.where(label == np.arange(count), -1, label)
        weights = np.concatenate((scores, np.ones(len(copies))))
        return witness, score, _best_partner(count, edges, weights)


def _share_fate(first: NDArray[np.int64], witness: NDArray[np.int64], score: NDArray[np.float64]) -> None:
    """Records alike beyond doubt share a fate: their first one is their witness, or its witness is theirs."""
    copies = np.flatnonzero(first != np.arange(len(first)))
    model = first[copies]
    kept = witness[model] < 0
    witness[copies] = np.where(kept, model, witness[model])
    score[copies] = np.where(kept, 1.0, score[model])


def _best_partner(count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The partner that each place matches best, the earliest of equals; -1 where it has none."""
    both = np.concatenate((pairs, pairs[:, ::-1]))
    twice = np.concatenate((scores, scores))
    order = np.lexsort((both[:, 1], -twice, both[:, 0]))
    place, index = np.unique(both[order, 0], return_index=True)
    best = np.full(count, -1, np.int64)
    best[place] = both[order, 1][index]
    return best


def _by_ordinal(places: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places by place to ordinals by ordinal; negative ones, which name nothing, to -1."""
    result = np.full(len(order), -1, np.int64)
    named = np.flatnonzero(places >= 0)
    result[order[named]] = order[places[named]]
    return result


def _scores_by_ordinal(
    score: NDArray[np.float64], witness: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.float64]:
    result = np.ones(len(order))
    removed = np.flatnonzero(witness >= 0)
    result[order[removed]] = score[removed]
    return result


def _not_in(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs that are not among the known ones."""
    if not len(known):
        return pairs
    codes, old = pairs[:, 0] << 32 | pairs[:, 1], np.sort(known[:, 0] << 32 | known[:, 1])
    place = np.minimum(np.searchsorted(old, codes), len(old) - 1)
    fresh: NDArray[np.int64] = pairs[old[place] != codes]
    return fresh
