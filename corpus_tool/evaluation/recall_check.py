"""What a run may have missed, on the people's own data: a sample by brute force, and copies planted among the records.

    a sample of the records ──every pair with all others──> duplicates that both were kept
    the same, lightly edited ──sketched with all others──> copies that were never proposed

The first says how often the candidates failed where the collection has duplicates, the second what they would have
done with duplicates that it happens not to have. Records are streamed in parts, so memory stays bounded; the sample
is drawn by a fixed seed.
"""

from __future__ import annotations

import math
import random
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup.search import searches
from corpus_tool.dedup.settle import first_places
from corpus_tool.engines.sketching import Sketching, sketch_lines
from corpus_tool.lines.encode import encode
from corpus_tool.lines.lines import Lines
from corpus_tool.match import DUPLICATE, Decisions
from corpus_tool.progress import Progress
from corpus_tool.receipts import name_of
from corpus_tool.store import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.engines.sketching import Sketched
    from corpus_tool.match.rules import Rules
    from corpus_tool.records import Record

    Edit = Callable[[list[str], random.Random], list[str]]

SEED = 1927
LEVEL = 0.95
_Z = 1.959964
"""Quantile of the normal distribution for `LEVEL`, two-sided."""

LONG = 20
"""Words from which a text is edited: in shorter ones (titles, names, dates) no edit is light."""
PHRASE = 2
"""The same of a record without any long text, which is only formatted anew."""
CHANGED = 40
"""One word in so many is changed, at least one."""
CUT = 10
"""One word in so many is cut off the end, at least one."""

_PAIRS_AT_ONCE = 1 << 17
_SKETCHED_AT_ONCE = 1 << 12
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its confidence interval."""

    found: int
    trials: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval, lower and upper end, which holds for few trials and for shares near 1 too.

        Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
        """
        if not self.trials:
            return 0.0, 1.0
        share, spread = self.found / self.trials, _Z * _Z / self.trials
        middle = (share + spread / 2) / (1 + spread)
        half = _Z / (1 + spread) * math.sqrt((share * (1 - share) + spread / 4) / self.trials)
        return max(0.0, middle - half), min(1.0, middle + half)

    def as_json(self) -> dict[str, Any]:
        """`found`, `trials`, `share` (null without trials) and `interval`."""
        share = self.found / self.trials if self.trials else None
        return {"found": self.found, "trials": self.trials, "share": share, "interval": self.interval}

    def __str__(self) -> str:
        if not self.trials:
            return "none to find"
        low, high = (100 * end for end in self.interval)
        share = 100 * self.found / self.trials
        return f"{self.found:,} of {self.trials:,} found ({share:.1f} %, 95 % interval {low:.1f} to {high:.1f} %)"


@dataclass(slots=True)
class RecallCheck:
    """What a check found.

    Attributes:
        sample: Records in the sample.
        records: In the run.
        real: Records of the sample that have a duplicate; found are those of which one, drawn at random, was
            not missed: a pair is missed when both stay though nothing but the search kept them apart. One pair
            a record, as the pairs of one cluster are not independent of each other.
        pairs: All duplicate pairs of the sample, and how many of them were missed.
        planted: Edited copies that the policy calls duplicates of their originals; found are those that were
            proposed to be compared with a record of their original's cluster.
        missed: Some of the missed pairs: names and score, the highest scores first.
    """

    sample: int
    records: int
    real: Share
    planted: Share
    pairs: int = 0
    pairs_missed: int = 0
    missed: list[tuple[Any, Any, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One object."""
        return {
            "sample": self.sample,
            "records": self.records,
            "real": self.real.as_json(),
            "pairs": self.pairs,
            "pairs_missed": self.pairs_missed,
            "planted": self.planted.as_json(),
            "level": LEVEL,
            "missed": [{"a": a, "b": b, "score": score} for a, b, score in self.missed],
        }

    def lines(self) -> list[str]:
        """The same for people."""
        return [
            f"recall check of {self.sample:,} records, by brute force against all {self.records:,}",
            f"  those with duplicates: {self.real}",
            f"  edited copies of them, planted: {self.planted}",
            *(f"  missed: {a} and {b}, score {score:.4f}" for a, b, score in self.missed),
        ]


def check(run: Run, options: Options, size: int, progress: Progress) -> RecallCheck:
    """Check a run; its store is still open.

    Args:
        run: What `deduplicate` found.
        options: Those of the run.
        size: Records to sample, fewer where there are fewer.
        progress: Told of each record that was compared with the sample.
    """
    chooser = random.Random(SEED)
    count = len(run.store)
    sample = np.array(sorted(chooser.sample(range(count), min(size, count))), np.int64)
    with ThreadPoolExecutor(options.workers) as pool:
        pairs, scores = _duplicates(run, sample, pool, options.workers, progress)
        result = _real(run, sample, pairs, scores, chooser)
        result.planted = _planted(run, sample, options, pool, chooser)
    return result


def _duplicates(
    run: Run,
    sample: NDArray[np.int64],
    pool: ThreadPoolExecutor,
    workers: int,
    progress: Progress,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All pairs of a record of the sample and any other that may be merged and match: int64[m, 2], and scores."""
    some = np.zeros((0, 2), np.int64)
    found, scores = [some], [some[:, 0].astype(np.float64)]

    def compare(part: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        left, right = (side.reshape(-1) for side in np.meshgrid(np.arange(len(sample)), np.arange(len(part))))
        pairs = np.stack((sample[left], part[right]), axis=1)
        # a pair within the sample comes twice: once is enough
        may = (pairs[:, 0] != pairs[:, 1]) & ((pairs[:, 0] < pairs[:, 1]) | ~np.isin(pairs[:, 1], sample))
        if len(run.within):
            one, other = run.within[pairs].T
            may &= (one != other) | (one == 0)
        both = np.concatenate((sample, part))
        lines = run.store.lines(both)
        found = run.rules.compare(lines, run.rule[both], left[may], len(sample) + right[may])
        match = found.relation == DUPLICATE
        return pairs[may][match], found.scores[match]

    step = max(1, _PAIRS_AT_ONCE // max(1, len(sample)))
    parts = (np.arange(at, min(at + step, len(run.store))) for at in range(0, len(run.store), step))
    for at, (pairs, score) in enumerate(_ahead(pool, compare, parts, workers)):
        found.append(pairs)
        scores.append(score)
        progress.advance(min(step, len(run.store) - at * step))
    return np.concatenate(found), np.concatenate(scores)


def _ahead(
    pool: ThreadPoolExecutor, work: Callable[[Any], Any], parts: Iterable[Any], workers: int
) -> Iterator[Any]:
    """The results of some work in order, no more of it under way than there are workers."""
    pending: deque[Any] = deque()
    for part in parts:
        pending.append(pool.submit(work, part))
        if len(pending) > workers:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _real(
    run: Run,
    sample: NDArray[np.int64],
    pairs: NDArray[np.int64],
    scores: NDArray[np.float64],
    chooser: random.Random,
) -> RecallCheck:
    """What became of the sample's duplicates."""
    missed = _missed(run, pairs)
    trials = hits = 0
    for record in sample.tolist():
        own = np.flatnonzero((pairs == record).any(axis=1)).tolist()
        if own:
            trials += 1
            hits += not missed[chooser.choice(own)]
    shown = np.flatnonzero(missed)
    shown = shown[np.argsort(-scores[shown], kind="stable")][:_SHOWN]
    names = _names(run, pairs[shown])
    return RecallCheck(
        len(sample),
        len(run.store),
        Share(hits, trials),
        Share(0, 0),
        len(pairs),
        int(missed.sum()),
        [(a, b, float(scores[at])) for (a, b), at in zip(names, shown.tolist(), strict=True)],
    )


def _missed(run: Run, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which duplicate pairs stayed apart for no other reason than that nobody compared them."""
    survivor = run.survivor
    if len(run.through):  # whole components: nothing else parts two that match
        return np.asarray(survivor[pairs[:, 0]] != survivor[pairs[:, 1]])
    both_kept = np.asarray((run.witness[pairs] < 0).all(axis=1))
    if len(run.within):
        for at in np.flatnonzero(both_kept).tolist():
            one, other = (run.within[survivor == record] for record in pairs[at].tolist())
            both_kept[at] = not np.intersect1d(one[one != 0], other[other != 0]).size
    return both_kept


def _names(run: Run, pairs: NDArray[np.int64]) -> list[tuple[Any, Any]]:
    names = []
    for pair in pairs:
        first, second = map(name_of, records(run.store, pair), run.store.places(pair))
        names.append((first, second))
    return names


def _planted(
    run: Run,
    sample: NDArray[np.int64],
    options: Options,
    pool: ThreadPoolExecutor,
    chooser: random.Random,
) -> Share:
    """Plant an edited copy of each record of the sample, and see which are proposed."""
    originals = records(run.store, sample)
    copies = [_copy(record, EDITS[at % len(EDITS)], chooser) for at, record in enumerate(originals)]
    number = np.arange(len(sample))
    lines = Lines.joined(list(map(encode, [*originals, *copies])))
    found = run.rules.compare(lines, run.rules.of([*originals, *copies]), number, number + len(sample))
    alike = found.relation == DUPLICATE
    alike &= np.fromiter(
        (one != other for one, other in zip(originals, copies, strict=True)), np.bool_, len(sample)
    )
    sample, copies = sample[alike], [each for each, same in zip(copies, alike.tolist(), strict=True) if same]
    if not copies:
        return Share(0, 0)
    sketches = _sketches_with(run, copies, options, pool)
    cluster = np.concatenate((run.survivor, run.survivor[sample]))
    proposed = _proposed(run.rules, sketches, cluster, len(copies))
    return Share(int(proposed.sum()), len(copies))


def _sketches_with(
    run: Run, copies: Sequence[Record], options: Options, pool: ThreadPoolExecutor
) -> Sketches:
    """The columns of all records of a run and of copies after them."""
    sketching, options = Sketching(run.rules, options), replace(options, keep="first", unique_within=None)
    count = len(run.store)
    parts = (np.arange(at, min(at + _SKETCHED_AT_ONCE, count)) for at in range(0, count, _SKETCHED_AT_ONCE))

    def sketched(lines: Lines) -> Sketched:
        return sketch_lines(run.rules, lines, options, "")[0]

    for made in _ahead(pool, lambda part: sketched(run.store.lines(part)), parts, options.workers):
        sketching.add(made)
    sketching.add(sketched(Lines.joined(list(map(encode, copies)))))
    return sketching.finish()


def _proposed(rules: Rules, sketches: Sketches, cluster: NDArray[np.int64], copies: int) -> NDArray[np.bool_]:
    """Which of the last records a run pairs with a record of their cluster; or are alike beyond doubt.

    The run's own search, in which two records match where they are of one cluster.
    """
    first = first_places(sketches.identity(), None)
    planted = np.arange(len(first) - copies, len(first))
    found = np.asarray(first[planted] != planted)

    def decide(pairs: NDArray[np.int64]) -> Decisions:
        left, right = pairs.T
        same = cluster[left] == cluster[right]
        found[right[same & (right >= planted[0])] - planted[0]] = True
        return Decisions.at(same.astype(np.float64), 1.0)

    for search in searches(rules, sketches, np.arange(len(first)), decide, Progress(), None, None):
        search.matches(first)
    return found


def _copy(record: Record, edit: Edit, chooser: random.Random) -> Record:
    made: Record = edited(record, edit, chooser)
    return made if made != record else edited(record, _reformat, chooser, PHRASE)


def edited(value: Any, edit: Edit, chooser: random.Random, least: int = LONG) -> Any:
    """A record in which every text of at least so many words was edited, in nested ones too."""
    if isinstance(value, dict):
        return {key: edited(part, edit, chooser, least) for key, part in value.items()}
    if isinstance(value, list):
        return [edited(part, edit, chooser, least) for part in value]
    if isinstance(value, str) and len(words := value.split()) >= least:
        return " ".join(edit(words, chooser))
    return value


def _change_words(words: list[str], chooser: random.Random) -> list[str]:
    changed = list(words)
    for at in chooser.sample(range(len(words)), max(1, len(words) // CHANGED)):
        changed[at] = "".join(chooser.choices("abcdefghijklmnopqrstuvwxyz", k=8))
    return changed


def _cut_end(words: list[str], chooser: random.Random) -> list[str]:
    return words[: -max(1, len(words) // CUT)]


def _reformat(words: list[str], chooser: random.Random) -> list[str]:
    """The first word in capitals, others here and there, and lines wrapped anew."""
    return [
        word.upper() if not at or chooser.random() < 0.1 else word + "\n" * (at % 9 == 8)
        for at, word in enumerate(words)
    ]


EDITS: tuple[Edit, ...] = (_change_words, _cut_end, _reformat)
"""The light edits, in turn over the sample."""
