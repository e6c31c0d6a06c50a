"""What holds a cluster together: the phrases that its texts share, or the terms that its papers do.

A cluster that is too large is seldom one text many times over: it is a template, a notice, a cookie banner. What its
members share names it.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby, islice
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.match.text import TextPolicy
from corpus_tool.store import records
from corpus_tool.text import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.match import Policy
    from corpus_tool.records import Record

_SAMPLE = 200
"""Members, and records outside, that are looked at: evenly spread, so that the same input names the same."""
_PHRASES, _TERMS = 3, 8
_LONGEST = 24
"""Words of a phrase that are told."""
_SHARED = 0.5
"""Share of the members that must have a phrase or term; where none is so common, the commonest are told."""


def told(run: Run, members: NDArray[np.int64]) -> str:
    """A clause on what the members of a cluster share.

    Args:
        run: Its store open.
        members: Ordinals, ascending.
    """
    some = _spread(members)
    policy = run.rules.policies[int(run.rule[members].max())]
    texts = [list(_words(policy, record)) for record in records(run.store, some)]
    looked = f"of {len(some):,}" + (" looked at" if len(some) < len(members) else "")
    if isinstance(policy, TextPolicy):
        size = policy.similarity.shingle
        shared = list(islice(_phrases(texts, size), _PHRASES))
        what = f"the {size}-word shingles that hold it together are those of"
    elif policy.name == "papers":
        outside = _spread(np.setdiff1d(np.arange(len(run.store)), members, assume_unique=True))
        others = [list(_words(policy, record)) for record in records(run.store, outside)]
        shared = list(islice(_terms(texts, others), _TERMS))
        what = "the terms that hold it together are"
    else:
        return "its records are the same bytes"
    if not shared:
        return f"no two {looked} share what would hold it together"
    return f"{what} " + ", ".join(f'"{text}" ({count:,} {looked})' for text, count in shared)


def _spread(ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most so many, evenly spread, the first among them."""
    if len(ordinals) <= _SAMPLE:
        return ordinals
    some: NDArray[np.int64] = ordinals[np.arange(_SAMPLE) * len(ordinals) // _SAMPLE]
    return some


def _words(policy: Policy, record: Record) -> Iterator[str]:
    """The words of what the policy compares of a record."""
    for text in policy.compared(record).values():
        yield from words(text)


def _phrases(texts: Sequence[Sequence[str]], size: int) -> Iterator[tuple[str, int]]:
    """Phrases that most texts share, those in most texts and then the longest first, each with their number.

    A phrase is a run of shingles that stand one word apart in one text and are all shared by at least half of the
    texts.
    """
    cut = [_shingles(text, size) for text in texts]
    counts = Counter(shingle for shingles in cut for shingle in set(shingles))
    most = max(counts.values(), default=0)
    least = max(2, min(most, round(_SHARED * len(texts))))
    if most < least:
        return
    fullest = max(cut, key=lambda shingles: sum(counts[each] >= least for each in shingles))
    found: dict[str, int] = {}
    for shared, run in groupby(fullest, key=lambda each: counts[each] >= least):
        if shared:
            shingles = list(run)
            phrase = [*shingles[0], *(each[-1] for each in shingles[1:])]
            text = " ".join(phrase[:_LONGEST]) + (" …" if len(phrase) > _LONGEST else "")
            found.setdefault(text, min(counts[each] for each in shingles))
    yield from sorted(found.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))


def _shingles(text: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(text[at : at + size]) for at in range(max(1, len(text) - size + 1))] if text else []


def _terms(inside: Iterable[Sequence[str]], outside: Iterable[Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Words that more papers of the cluster have than others, those that tell them apart best first."""
    ours, theirs = (list(map(set, side)) for side in (inside, outside))
    counts = Counter(word for text in ours for word in text)
    elsewhere = Counter(word for text in theirs for word in text)

    def apart(word: str) -> float:
        return counts[word] / len(ours) - elsewhere[word] / max(1, len(theirs))

    for word in sorted(counts, key=lambda each: (-round(apart(each), 6), -len(each), each)):
        if counts[word] > 1 and apart(word) > 0:
            yield word, counts[word]
