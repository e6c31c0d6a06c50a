"""The run: what is searched, in which order, and what becomes of the pairs that match. No engine, no files.

    columns ──search──> pairs ──decide──> matches ──settle──> who is kept, and every other one's witness

Records stand at *places*: their ordinals in the order of the keep policy. An engine brings the columns, a store,
and `decide`, which scores pairs of ordinals in whatever way it reads records.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus_tool.dedup import clusters, keep
from corpus_tool.dedup.candidates import Reach
from corpus_tool.match import DUPLICATE, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.match import Decisions, Policy
    from corpus_tool.progress import Progress
    from corpus_tool.store import Store

    Decide = Callable[[NDArray[np.int64]], Decisions]

_SEARCHES = 16


@dataclass(slots=True)
class Run:
    """What a run found, by ordinal.

    Attributes:
        store: Where the records stand.
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

    store: Store
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

    @property
    def survivor(self) -> NDArray[np.int64]:
        """int64[n], the kept record of each one's cluster: itself, or its witness."""
        return np.where(self.witness < 0, np.arange(len(self.witness)), self.witness)


class Observer(Protocol):
    """Sees every pair that a run decides, not only those that match."""

    def begin(self, order: NDArray[np.int64], first: NDArray[np.int64]) -> None:
        """`order`: the ordinal at each place. `first`: the first place alike each beyond doubt, the only one paired."""

    def decided(self, pairs: NDArray[np.int64], decisions: Decisions) -> None:
        """`pairs`: int64[m, 2] of places, the smaller first; what did not match may come again."""


@dataclass(slots=True)
class Search:
    """Finds all matching pairs among records.

    Attributes:
        policy: What proposes pairs.
        columns: Of all records, by ordinal.
        order: int64[n], the ordinal at each place.
        decide: Scores pairs of ordinals, int64[m, 2].
        progress: Told of the stages.
        within: uint64[n] by place, values that a cluster may hold one of each, 0 for none; None where any may meet.
        observer: Sees what is decided, and pairs that cannot match besides.
        proposed: Pairs decided so far.
        crowded: Records that the last search left in buckets too large to compare all their pairs.
        versions: Pairs of two versions of one paper that stay apart, in parts.
    """

    policy: Policy
    columns: Columns
    order: NDArray[np.int64]
    decide: Decide
    progress: Progress
    within: NDArray[np.uint64] | None = None
    observer: Observer | None = None
    proposed: int = 0
    crowded: int = 0
    versions: list[NDArray[np.int64]] = field(default_factory=list)

    def matches(self, first: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All matching pairs of places, int64[m, 2], with their scores; of copies only the first takes part.

        What a first search leaves in large buckets is searched again among the kept, wider and wider, until
        nothing is kept there that has not been compared with the rest.

        Args:
            first: int64[n], the first place alike each beyond doubt.
        """
        identity = self.columns["identity"][self.order]
        rows = np.flatnonzero((first == np.arange(len(first))) & (identity != 0))
        reach, known = Reach(), (np.zeros((0, 2), np.int64), np.zeros(0))
        pairs, scores, crowd = self._once(rows, reach, *known)
        searched = rows[:0]
        for _ in range(_SEARCHES):
            witness, _ = witnesses(len(first), pairs, scores, self.within, compiled=self.policy.compiled)
            rows = crowd[witness[crowd] < 0]
            if len(rows) < 2 or np.isin(rows, searched).all():
                break
            reach, before = self.policy.reach(self.columns, self.order[rows]), len(pairs)
            pairs, scores, large = self._once(rows, reach, pairs, scores)
            self.crowded = len(large)
            if len(large) and len(pairs) == before:
                break
            searched = rows if not len(large) else searched
        return pairs, scores

    def _once(
        self, rows: NDArray[np.int64], reach: Reach, pairs: NDArray[np.int64], scores: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """One search among places: the matches known so far and those it finds, and who is in large buckets."""
        self.progress.stage("propose", len(rows), "records")
        bounded = self.observer is None
        search = self.policy.search(self.columns, self.order[rows], reach, bounded=bounded)
        for portion in search.portions:
            fresh = self._mergeable(_not_in(rows[portion], pairs))
            self.progress.stage("decide", len(fresh), "pairs")
            self.proposed += len(fresh)
            found = self.decide(self.order[fresh])
            if self.within is not None:  # where nothing else puts exact copies before all other matches
                identity = self.columns["identity"][self.order[fresh]]
                found.scores[identity[:, 0] == identity[:, 1]] = 1.0
            if self.observer:
                self.observer.decided(fresh, found)
            matched = found.relation == DUPLICATE
            self.versions.append(fresh[found.relation == VERSION])
            pairs = np.concatenate((pairs, fresh[matched]))
            scores = np.concatenate((scores, found.scores[matched]))
            self.progress.stage("propose", None, "records")
        return pairs, scores, rows[search.crowded]

    def scores_of(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Exact scores of pairs of places."""
        self.proposed += len(pairs)
        return self.decide(self.order[pairs]).scores

    def _mergeable(self, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pairs that may be merged."""
        if self.within is None:
            return pairs
        one, other = self.within[pairs].T
        may: NDArray[np.int64] = pairs[(one != other) | (one == 0)]
        return may


def find(
    policy: Policy,
    why: str,
    columns: Columns,
    store: Store,
    decide: Decide,
    options: Options,
    progress: Progress,
    observer: Observer | None = None,
) -> Run:
    """Search the records of a store, and settle who stays.

    Args:
        policy: What proposes pairs.
        why: One sentence on the choice of the policy.
        columns: The policy's, of all records by ordinal, with `worth` as `keep.worth` gives it and, where the options
            ask for it, `within`: uint64 hashes of the values that a cluster may hold one of each.
        store: Where the records stand.
        decide: Scores pairs of ordinals.
        options: Of the run.
        progress: Told of the stages.
        observer: Sees every pair that is decided.
    """
    order = keep.order(columns.pop("worth"), options.keep)
    if len(order) != len(store):
        raise AssertionError(f"{len(store)} records were read and {len(order)} sketched")
    within = columns.pop("within")[order] if options.unique_within else None
    first = first_places(columns["identity"][order], within)
    if observer:
        observer.begin(order, first)
    search = Search(policy, columns, order, decide, progress, within, observer)
    pairs, scores = search.matches(first)
    progress.stage("cluster", len(order), "records")
    if options.transitive:
        witness, score, through = join(first, pairs, scores, search.scores_of)
    else:
        witness, score = settle(first, pairs, scores, within, compiled=policy.compiled)
        through = first[:0]
    version_of = witness[:0]
    if options.papers.versions == "link":
        version_of = by_ordinal(later_versions(witness, np.concatenate(search.versions)), order)
    progress.finish()
    if within is not None and len(order) > 1 and within[0] and (within == within[0]).all():
        why += f"; every record has the same {options.unique_within}, so none may be merged"
    return Run(
        store,
        policy,
        why,
        by_ordinal(witness, order),
        scores_by_ordinal(score, witness, order),
        by_ordinal(through, order[: len(through)]),
        search.proposed,
        search.crowded,
        version_of,
        np.zeros(0, np.uint64) if within is None else within[np.argsort(order)],
    )


def first_places(identity: NDArray[np.uint64], within: NDArray[np.uint64] | None) -> NDArray[np.int64]:
    """The first place alike each beyond doubt: copies share its fate, unless a cluster may hold only some of them."""
    return clusters.first_alike(identity) if within is None else np.arange(len(identity))


def witnesses(
    count: int,
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    within: NDArray[np.uint64] | None,
    *,
    compiled: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The witness of each place, -1 for the kept, and the score that joins them; copies are not looked at."""
    if within is not None:
        return clusters.one_of_each(count, pairs, scores, within)
    return clusters.witnesses(count, pairs, scores, compiled=compiled)


def settle(
    first: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    within: NDArray[np.uint64] | None,
    *,
    compiled: bool,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The witness of each place, -1 for the kept, and the score that joins them.

    Records alike beyond doubt share a fate: their first one is their witness, or its witness is theirs.
    """
    witness, score = witnesses(len(first), pairs, scores, within, compiled=compiled)
    copies = np.flatnonzero(first != np.arange(len(first)))
    model = first[copies]
    kept = witness[model] < 0
    witness[copies] = np.where(kept, model, witness[model])
    score[copies] = np.where(kept, 1.0, score[model])
    return witness, score


def connected(first: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first place of the whole component of each place, through any chain of matches and copies."""
    return clusters.components(len(first), _with_copies(first, pairs))


def join(
    first: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    score_of: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Whole components: every member's witness is the first, its score the exact one between the two.

    Returns:
        Witness and score as `settle`, and the place by which each joined, -1 where it stands alone.
    """
    count = len(first)
    label = connected(first, pairs)
    joined = np.flatnonzero(label != np.arange(count))
    score = np.ones(count)
    joined = joined[first[joined] != label[joined]]
    score[joined] = score_of(np.stack((label[joined], joined), axis=1))
    witness = np.where(label == np.arange(count), -1, label)
    edges = _with_copies(first, pairs)
    weights = np.concatenate((scores, np.ones(len(edges) - len(pairs))))
    return witness, score, _best_partner(count, edges, weights)


def later_versions(witness: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first kept place that each kept one is a later version of, -1 where there is none.

    Args:
        witness: int64[n], as `settle` gives it.
        pairs: int64[m, 2], places of two versions of one paper.
    """
    kept = np.sort(np.where(witness[pairs] < 0, pairs, witness[pairs]), axis=1)
    earliest = np.full(len(witness), len(witness), np.int64)
    apart = kept[:, 0] != kept[:, 1]
    np.minimum.at(earliest, kept[apart, 1], kept[apart, 0])
    return np.where(earliest < len(witness), earliest, -1)


def by_ordinal(places: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places by place to ordinals by ordinal; negative ones, which name nothing, to -1."""
    result = np.full(len(order), -1, np.int64)
    named = np.flatnonzero(places >= 0)
    result[order[named]] = order[places[named]]
    return result


def scores_by_ordinal(
    score: NDArray[np.float64], witness: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The scores of the removed, by ordinal; 1 for the kept."""
    result = np.ones(len(order))
    removed = np.flatnonzero(witness >= 0)
    result[order[removed]] = score[removed]
    return result


def _with_copies(first: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of places, and after them each copy with its first."""
    copies = np.flatnonzero(first != np.arange(len(first)))
    return np.concatenate((pairs, np.stack((first[copies], copies), axis=1)))


def _best_partner(count: int, pairs: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The partner that each place matches best, the earliest of equals; -1 where it has none."""
    both = np.concatenate((pairs, pairs[:, ::-1]))
    twice = np.concatenate((scores, scores))
    order = np.lexsort((both[:, 1], -twice, both[:, 0]))
    place, index = np.unique(both[order, 0], return_index=True)
    best = np.full(count, -1, np.int64)
    best[place] = both[order, 1][index]
    return best


def _not_in(pairs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs that are not among the known ones."""
    if not len(known):
        return pairs
    codes, old = pairs[:, 0] << 32 | pairs[:, 1], np.sort(known[:, 0] << 32 | known[:, 1])
    place = np.minimum(np.searchsorted(old, codes), len(old) - 1)
    fresh: NDArray[np.int64] = pairs[old[place] != codes]
    return fresh
