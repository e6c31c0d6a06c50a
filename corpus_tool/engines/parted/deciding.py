"""Pairs meet twice: by the columns that tell which may match at all, then by the texts, which decide.

pairs at the right record ──its columns──> at the left one: filtered ──its text──> at the right one: decided
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from corpus_tool.dedup.candidates import agree, distinct
from corpus_tool.dedup.columns import OFFSETS, take
from corpus_tool.engines.parted.buckets import BY_BANDS, BY_WORDS
from corpus_tool.engines.parted.parts import home_of, joined, split
from corpus_tool.engines.parted.texts import joined as joined_lines
from corpus_tool.engines.parted.texts import lines_of, packed, unpacked
from corpus_tool.match import Decisions
from corpus_tool.papers.bound import OUTLINE, Bound
from corpus_tool.papers.policy import PaperPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.match import Policy
    from corpus_tool.match.rules import Rules
    from corpus_tool.match.text import TextPolicy

ALIKE = 4
"""Of a pair whose records are alike beyond doubt, where nothing else puts such before all other matches."""
_HIGH, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_DECIDED_AT_ONCE = 8 << 20
_TOLD = {
    "text": ("agreement",),
    "papers": ("agreement", "shingles", "shingles" + OFFSETS, OUTLINE, "doi_key", "arxiv_key"),
}
"""Columns that tell which pairs may match."""


def union(parts: Sequence[tuple[Columns, int]]) -> Columns:
    """Pairs, each once, by right record and then left, with all the ways in which they were proposed."""
    none = np.zeros(0, np.uint64)
    codes = [columns["right"].astype(np.uint64) << _HIGH | columns["left"] for columns, _ in parts]
    kinds = [np.full(len(columns["right"]), kind, np.uint8) for columns, kind in parts]
    code, kind = np.concatenate([none, *codes]), np.concatenate([none.astype(np.uint8), *kinds])
    order = np.argsort(code, kind="stable")
    code, kind = code[order], kind[order]
    starts = np.flatnonzero(np.concatenate((np.ones(min(1, len(code)), np.bool_), code[1:] != code[:-1])))
    kind = np.bitwise_or.reduceat(kind, starts) if len(starts) else kind
    code = code[starts]
    return {"left": (code & _LOW).astype(np.int64), "right": (code >> _HIGH).astype(np.int64), "kind": kind}


def possible(pairs: Parts, leads: Parts, bounds: NDArray[np.int64], policy: Policy) -> Parts:
    """The pairs that may match, columns at the homes of their left records.

    Args:
        pairs: Columns as `union` gives them, at the homes of right records.
        leads: The records that were searched, by place.
        bounds: The first place of each home.
        policy: What tells.
    """
    return (
        pairs.beside(leads)
        .exchange(partial(_tell, bounds, policy.name))
        .beside(leads)
        .map(partial(_filter, policy))
    )


def _tell(
    bounds: NDArray[np.int64], name: str, _: int, given: tuple[Columns, Columns]
) -> Iterator[tuple[int, tuple[Columns, Columns]]]:
    pairs, leads = given
    wanted = ("place", "within", "identity", *_TOLD[name])
    if "within" not in leads:
        wanted = ("place", *_TOLD[name])
    told = {column: leads[column] for column in wanted if column in leads}
    for at, some in split(pairs, home_of(pairs["left"], bounds), len(bounds) - 1):
        rights = distinct(some["right"])
        yield at, (some, take(told, np.searchsorted(leads["place"], rights)))


def _filter(policy: Policy, _: int, given: tuple[list[tuple[Columns, Columns]], Columns]) -> Columns:
    received, leads = given
    pairs = joined(some for some, _ in received)
    if not pairs:
        return union([])
    rights = joined(told for _, told in received)
    lefts = distinct(pairs["left"])
    own = take({name: leads[name] for name in rights}, np.searchsorted(leads["place"], lefts))
    both = joined([own, rights])
    left = np.searchsorted(lefts, pairs["left"])
    order = np.argsort(rights["place"])
    right = len(lefts) + order[np.searchsorted(rights["place"][order], pairs["right"])]
    kind = _may_match(cast("TextPolicy | PaperPolicy", policy), both, left, right, pairs["kind"])
    chosen = np.flatnonzero(kind)
    return {"left": pairs["left"][chosen], "right": pairs["right"][chosen], "kind": kind[chosen]}


def _may_match(
    policy: TextPolicy | PaperPolicy,
    both: Columns,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    kind: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """How each pair stays proposed, 0 where it does not."""
    by_bands = np.flatnonzero(kind & BY_BANDS)
    least = policy.similarity.least_agreement
    unlike = by_bands[~agree(both["agreement"], left[by_bands], right[by_bands], least)]
    kind[unlike] &= np.uint8(BY_WORDS)
    if isinstance(policy, PaperPolicy):
        bound = Bound(both, np.arange(len(both["place"])), policy.scorecard, policy.compiled)
        some = np.flatnonzero(kind)
        kind[some[~bound.possible(left[some], right[some])]] = 0
    if "within" in both:
        one, other = both["within"][left], both["within"][right]
        kind[(one == other) & (one != 0)] = 0
        kind[(kind > 0) & (both["identity"][left] == both["identity"][right])] |= np.uint8(ALIKE)
    return kind


def decide(
    pairs: Parts, where: Parts, standing: Sequence[Standing], bounds: NDArray[np.int64], rules: Rules
) -> Parts:
    """Exact decisions, at the homes of right records.

    Args:
        pairs: Columns at the homes of left records.
        where: `common` columns by place.
        standing: Of all stretches.
        bounds: The first place of each home.
        rules: What decides.

    Returns:
        The columns with `score` and `relation`.
    """
    texts = pairs.beside(where).exchange(partial(_send_texts, standing, bounds))
    return texts.beside(where).map(partial(_decide, standing, bounds, rules))


def _send_texts(
    standing: Sequence[Standing], bounds: NDArray[np.int64], index: int, given: tuple[Columns, Columns]
) -> Iterator[tuple[int, tuple[Columns, Columns]]]:
    """Each pair with the text of its left record, which is sent once to each home."""
    pairs, common = given
    needed = distinct(pairs["left"])
    lines = lines_of(standing, common, needed - bounds[index])
    for at, some in split(pairs, home_of(pairs["right"], bounds), len(bounds) - 1):
        lefts = distinct(some["left"])
        texts = packed(lines.take(np.searchsorted(needed, lefts)))
        yield at, (some, {"place": lefts, "rule": common["rule"][lefts - bounds[index]], **texts})


def _decide(
    standing: Sequence[Standing],
    bounds: NDArray[np.int64],
    rules: Rules,
    index: int,
    given: tuple[list[tuple[Columns, Columns]], Columns],
) -> Columns:
    received, common = given
    pairs = joined(some for some, _ in received)
    if not pairs:
        return {**union([]), "score": np.zeros(0), "relation": np.zeros(0, np.uint8)}
    pairs = take(pairs, np.lexsort((pairs["left"], pairs["right"])))
    texts = joined(texts for _, texts in received)
    lefts, rights = unpacked(texts), distinct(pairs["right"])
    lines = joined_lines([lefts, lines_of(standing, common, rights - bounds[index])])
    rule = np.concatenate((texts["rule"], common["rule"][rights - bounds[index]]))
    order = np.argsort(texts["place"])
    left = order[np.searchsorted(texts["place"][order], pairs["left"])]
    right = len(lefts) + np.searchsorted(rights, pairs["right"])
    found = compared(rules, lines, rule, left, right)
    found.scores[pairs["kind"] & ALIKE > 0] = 1.0
    return {**pairs, "score": found.scores, "relation": found.relation}


def compared(
    rules: Rules, lines: Any, rule: NDArray[np.uint8], left: NDArray[np.int64], right: NDArray[np.int64]
) -> Decisions:
    """Decisions portion by portion, so that what is made of the texts stays small."""
    weight = np.cumsum(lines.sizes[left] + lines.sizes[right])
    parts, at = [], 0
    while at < len(left):
        limit = (weight[at - 1] if at else 0) + _DECIDED_AT_ONCE
        end = max(int(np.searchsorted(weight, limit)), at + 1)
        needed, where = np.unique(np.stack((left[at:end], right[at:end])), return_inverse=True)
        parts.append(rules.compare(lines.take(needed), rule[needed], *where.reshape(2, -1)))
        at = end
    return Decisions.joined(parts)
