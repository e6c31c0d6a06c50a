"""The run: what is searched, in which order, and what becomes of the pairs that match. No engine, no files.

    columns ──search──> pairs ──decide──> matches ──settle──> who is kept, and every other one's witness

Records stand at *places*: their ordinals in the order of the keep policy. An engine brings the columns, a store,
and `decide`, which scores pairs of ordinals in whatever way it reads records. Known records, against which a run is
held, have ordinals past the run's own and places before them: they stay, and nothing is told of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup import keep
from corpus_tool.dedup.search import across, searches
from corpus_tool.dedup.settle import first_places, join, later_versions, settle
from corpus_tool.match.text import TextPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.search import Decide, Observer, Search, Sketches
    from corpus_tool.match import Policy
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """Records that a run is held against, whose ordinals follow its own.

    Attributes:
        name: Of where they stand.
        count: How many they are.
        fate: int64[n], for each of the run's records the known one that is kept for it, counted from 0, where that was
            settled before; -1 elsewhere.
        score: float64[n], of the two.
    """

    name: str
    count: int
    fate: NDArray[np.int64]
    score: NDArray[np.float64]


@dataclass(slots=True)
class Run:
    """What a run found, by ordinal.

    Attributes:
        store: Where the records stand.
        rules: What decided.
        why: One sentence on what was compared.
        rule: uint8, the rule that each record followed, known ones too.
        compared: bool[n], whether there was anything to compare of a record.
        parsed: bool, which records may carry `seen`, or a digest's fields, known ones too.
        witness: int64[n], the kept record that each removed one matches; -1 for the kept. Known records have ordinals
            from n on.
        score: float64[n], the score between the two; 1 for the kept.
        through: int64[n], under `--transitive` the record by which a removed one joined its cluster; empty otherwise.
        proposed: Number of pairs that were decided.
        crowded: Records left in buckets too large to compare all their pairs, so that recall is not known there.
        version_of: int64[n], under `--versions link` the earlier kept record that a kept one is another version
            of, -1 for all others; empty otherwise.
        within: uint64[n], under `--unique-within` hashes of the values, 0 for none; empty otherwise.
        known: The records that the run was held against.
    """

    store: Store
    rules: Rules
    why: str
    rule: NDArray[np.uint8]
    compared: NDArray[np.bool_]
    parsed: NDArray[np.bool_]
    witness: NDArray[np.int64]
    score: NDArray[np.float64]
    through: NDArray[np.int64]
    proposed: int
    crowded: int
    version_of: NDArray[np.int64]
    within: NDArray[np.uint64]
    known: Known | None = None

    @property
    def policy(self) -> Policy:
        """What decided most records: of several rules the first of those that most follow."""
        return self.rules.policies[int(np.argmax(np.bincount(self._own_rule, minlength=1)))]

    @property
    def _own_rule(self) -> NDArray[np.uint8]:
        return self.rule[: len(self.witness)]

    def counts(self) -> dict[str, int]:
        """How many records followed each rule, by its name; only rules that some followed."""
        counts = np.bincount(self._own_rule, minlength=len(self.rules.policies)).tolist()
        named = zip(self.rules.policies, counts, strict=True)
        return {policy.name: count for policy, count in named if count}

    @property
    def only(self) -> str:
        """The name of the rule that all records followed; empty where there were several."""
        names = list(self.counts())
        return names[0] if len(names) == 1 else ""

    @property
    def ordinals(self) -> NDArray[np.int64]:
        """Those of all records."""
        return np.arange(len(self.witness))

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

    def close(self) -> None:
        """Let go of the files of the store."""
        self.store.close()


def find(
    rules: Rules,
    sketches: Sketches,
    store: Store,
    decide: Decide,
    options: Options,
    progress: Progress,
    observer: Observer | None = None,
    known: Known | None = None,
) -> Run:
    """Search the records of a store, and settle who stays.

    Args:
        rules: What proposes pairs.
        sketches: Columns of all records.
        store: Where the records stand.
        decide: Scores pairs of ordinals.
        options: Of the run.
        progress: Told of the stages.
        observer: Sees every pair that is decided.
        known: The last of the records, which were kept before.
    """
    common, identity, own = sketches.common, sketches.identity(), len(store)
    worth = common.pop("worth")
    order = _order(worth, own, options.keep)
    if len(order) != own + (known.count if known else 0):
        raise AssertionError(f"{own} records were read and {len(order)} sketched")
    within = common.pop("within")[order] if options.unique_within else None
    first = first_places(identity[order], within)
    fated = _tie(first, order, known)
    if observer:
        observer.begin(order, first)
    why = _why(rules, sketches, worth[:own], within, options)
    whole = options.transitive
    found_by = list(searches(rules, sketches, order, decide, progress, within, observer, transitive=whole))
    found = [search.matches(first) for search in found_by]
    if len(found_by) > 1:
        found.append(across(rules, sketches, identity, order, first, store, within))
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *(part for part, _ in found)])
    scores = np.concatenate([np.zeros(0), *(part for _, part in found)])
    progress.stage("cluster", len(order), "records")
    proposed = sum(search.proposed for search in found_by)
    if options.transitive:
        witness, score, through, more = join(first, pairs, scores, lambda some: decide(order[some]).scores)
        proposed += more
    else:
        witness, score = settle(first, pairs, scores, within, compiled=_compiled(rules))
        through = first[:0]
    if known:
        score[fated] = known.score[order[fated]]
    linked = options.papers.versions == "link"
    progress.finish()
    return Run(
        store,
        rules,
        why,
        common["rule"],
        identity[:own] != 0,
        common["parsed"],
        by_ordinal(witness, order)[:own],
        scores_by_ordinal(score, witness, order)[:own],
        by_ordinal(through, order[: len(through)]),
        proposed,
        sum(search.crowded for search in found_by),
        _version_of(found_by, witness, order) if linked else witness[:0],
        np.zeros(0, np.uint64) if within is None else within[np.argsort(order)],
        known,
    )


def _order(worth: NDArray[np.int64], own: int, policy: str) -> NDArray[np.int64]:
    """Ordinals in the order in which records are taken: known ones as they come, then a run's own by its policy."""
    mine = keep.order(worth[:own], policy)
    return mine if own == len(worth) else np.concatenate((np.arange(own, len(worth)), mine))


def _version_of(
    found_by: Sequence[Search], witness: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The earlier kept record that each kept one is another version of, by ordinal; -1 for all others."""
    versions = [np.zeros((0, 2), np.int64), *(part for search in found_by for part in search.versions)]
    return by_ordinal(later_versions(witness, np.concatenate(versions)), order)


def _tie(first: NDArray[np.int64], order: NDArray[np.int64], known: Known | None) -> NDArray[np.int64]:
    """Make records whose fate is known copies of the known one that is kept for them; the places of these records."""
    if known is None:
        return first[:0]
    fate = known.fate[order[known.count :]]
    fated = np.flatnonzero(fate >= 0) + known.count
    first[fated] = fate[fate >= 0]
    return fated


def _why(
    rules: Rules,
    sketches: Sketches,
    worth: NDArray[np.int64],
    within: NDArray[np.uint64] | None,
    options: Options,
) -> str:
    """One sentence on what is compared of a run's own records, and by what it is known which of them stays."""
    rule = sketches.common["rule"][: len(worth)]
    why = rules.why(rule, text_fields(rules, sketches), abstracts=any_abstract(rules, sketches))
    if within is not None and len(within) > 1 and within[0] and (within == within[0]).all():
        why += f"; every record has the same {options.unique_within}, so none may be merged"
    if options.keep == "newest" and len(worth) and not worth[:, 0].any():
        why += f"; no record has a date ({', '.join(keep.DATE_FIELDS)}), so the longest stays"
    return why


def text_fields(rules: Rules, sketches: Sketches) -> tuple[str, ...]:
    """The names of the fields in which texts were found."""
    return tuple(
        name
        for policy, columns in zip(rules.policies, sketches.rules, strict=True)
        if isinstance(policy, TextPolicy)
        for name in policy.named(columns)
    )


def any_abstract(rules: Rules, sketches: Sketches) -> bool:
    """Whether some paper has an abstract that says something."""
    return any(
        len(columns["shingles"]) > 0
        for policy, columns in zip(rules.policies, sketches.rules, strict=True)
        if policy.name == "papers" and columns
    )


def _compiled(rules: Rules) -> bool:
    return all(policy.compiled for policy in rules.policies)


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
