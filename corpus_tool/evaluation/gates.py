"""Limits that a collection must keep, and what was found of each: what `corpus-tool check` says, in whatever form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.errors import UsageError
from corpus_tool.evaluation.agreement import Sides, score
from corpus_tool.evaluation.gold import require_shared
from corpus_tool.evaluation.scores import Records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.dedup.between import Between
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.gold import Clustering
    from corpus_tool.store import Place, Store

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")
_SHOWN_MEMBERS = 3


@dataclass(frozen=True, slots=True)
class Amount:
    """So many records, or such a share of all.

    Attributes:
        text: As it was typed.
        value: A number of records, or a share from 0 to 1.
        share: Which of the two.
    """

    text: str
    value: Fraction
    share: bool

    @classmethod
    def of(cls, text: str, option: str) -> Amount:
        """Read `1%`, `0.5%` or `20`.

        Raises:
            UsageError: The text is neither a share nor a whole number.
        """
        found = _AMOUNT.fullmatch(text.strip())
        if not found or (not found[2] and "." in found[1]):
            raise UsageError(
                f"{option} {text}: write a share of the records such as 1%, or a whole number of them such as 20"
            )
        value = Fraction(found[1]) / (100 if found[2] else 1)
        if found[2] and value > 1:
            raise UsageError(f"{option} {text} is more than all records: a share goes from 0% to 100%")
        return cls(text.strip(), value, bool(found[2]))

    def allows(self, count: int, of: int) -> bool:
        """Whether so many of so many records are not too many."""
        return count <= (self.value * of if self.share else self.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is against a limit.

    Attributes:
        message: What is wrong.
        place: Where; None where it is of the whole.
        other: The record that it is wrong because of, where there is one.
        score: Of the two.
    """

    message: str
    place: Place | None = None
    other: Place | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit and what was found.

    Attributes:
        limit: The option as it would be typed.
        passed: Whether the limit is kept.
        sentence: What was found.
        count: Findings in all; 0 where the limit is kept.
        findings: The first of them.
    """

    limit: str
    passed: bool
    sentence: str
    count: int = 0
    findings: tuple[Finding, ...] = ()


def duplicates(run: Run, most: Amount, listed: int) -> Gate:
    """No more records than that may repeat another.

    Args:
        run: Its store still open.
        most: The limit.
        listed: Findings to give; 0 for all.
    """
    removed, total = run.removed, len(run.store)
    passed = most.allows(len(removed), total)
    share = f"{100 * len(removed) / total:.4g}%" if total else "0%"
    sentence = f"{len(removed):,} of {total:,} records {_verb(len(removed), 'repeat')} another, {share}"
    limit = f"--max-duplicates {most.text}"
    if passed:
        return Gate(limit, passed, sentence)
    some = _first(removed, listed)
    findings = _pairs(run.store, some, run.witness[some], run.score[some], "repeats")
    return Gate(limit, passed, sentence, len(removed), findings)


def clusters(run: Run, most: int, listed: int) -> Gate:
    """No cluster may have more members than that; arguments as for `duplicates`."""
    sizes = np.bincount(run.survivor, minlength=len(run.store))
    large = np.flatnonzero(sizes > most)
    largest = int(sizes.max(initial=0))
    sentence = f"the largest cluster has {largest:,} {_noun(largest, 'record')}"
    if len(large) > 1:
        sentence += f", and {len(large) - 1:,} more {'is' if len(large) == 2 else 'are'} too large"
    findings = []
    for survivor in _first(large[np.argsort(-sizes[large], kind="stable")], listed).tolist():
        members = np.flatnonzero(run.survivor == survivor)
        others = run.store.places(members[members != survivor][:_SHOWN_MEMBERS])
        named = ", ".join(f"{source}:{line}" for source, line in others)
        more = "" if len(members) - 1 <= _SHOWN_MEMBERS else ", …"
        (place,) = run.store.places(np.array([survivor]))
        findings.append(Finding(f"a cluster of {len(members):,} records: with {named}{more}", place))
    return Gate(f"--max-cluster {most}", not len(large), sentence, len(large), tuple(findings))


def contamination(store: Store, split: int, found: Between, names: str, listed: int) -> Gate:
    """No record of the first collection may match one of the second, which alone is named.

    Args:
        store: Of both.
        split: How many the first has.
        found: What both share.
        names: What the second was called.
        listed: Findings to give; 0 for all.
    """
    shared = np.flatnonzero(found.partner[:split] >= 0)
    sentence = f"{len(shared):,} of {split:,} records {_verb(len(shared), 'match')} one of {len(store) - split:,} there"
    some = _first(shared, listed)
    findings = _pairs(store, some, found.partner[some], found.score[some], "matches")
    return Gate(f"--against {names}", not len(shared), sentence, len(shared), findings)


def agreement(run: Run, gold: Clustering, least: float) -> Gate:
    """The clusters of a run must agree with the truth at least so well, by the F1 of pairs.

    Raises:
        InputError: The truth is of other records.
    """
    records = Records.of(run)
    require_shared(gold, records.names)
    predicted = dict(zip(records.names, run.survivor.tolist(), strict=True))
    sides = Sides.of(gold.cluster, predicted, records.ordinal)
    found = score(sides.gold, sides.predicted)
    sentence = (
        f"F1 {found.pair_f1:.4f}, precision {found.pair_precision:.4f}, recall {found.pair_recall:.4f} "
        f"of pairs, against {gold.path}"
    )
    passed = found.pair_f1 >= least
    wrong = Finding("too many pairs are wrong: `corpus-tool evaluate` lists them", (gold.path, 1))
    return Gate(f"--min-f1 {least:g}", passed, sentence, 0 if passed else 1, () if passed else (wrong,))


def _pairs(
    store: Store,
    ordinals: NDArray[np.int64],
    partners: NDArray[np.int64],
    scores: NDArray[np.float64],
    verb: str,
) -> tuple[Finding, ...]:
    rows = zip(store.places(ordinals), store.places(partners), scores.tolist(), strict=True)
    return tuple(
        Finding(f"{verb} {other[0]}:{other[1]}, score {points:.4f}", place, other, points)
        for place, other, points in rows
    )


def _first(ordinals: NDArray[np.int64], listed: int) -> NDArray[np.int64]:
    return ordinals[:listed] if listed else ordinals


def _noun(count: int, noun: str) -> str:
    return noun if count == 1 else noun + "s"


def _verb(count: int, verb: str) -> str:
    return (verb + ("es" if verb.endswith("h") else "s")) if count == 1 else verb
