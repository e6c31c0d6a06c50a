"""Clusters and removed records of a run, as the page lists them: only what is shown is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.match.text import first_text
from corpus_tool.papers.fields import paper_title
from corpus_tool.store import records
from corpus_tool.views.report.contents import Bar, BarChart, Cluster, Member, Removed
from corpus_tool.views.terminal import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.records import Record

MOST_SHOWN = 30
"""Clusters of which every member is shown, and how many members in all."""
MOST_MEMBERS = 1500
MOST_LISTED = 1000
"""Clusters, and removed records, in the tables."""
_TITLE = 140
"""Columns of a title that are shown; an ideograph takes two."""
_SINGLE_SIZES = 12
"""Sizes that have a bar each; larger ones stand together, by doubling."""


def title_of(record: Record) -> str:
    """What a reader knows a record by: its title, or how its text begins."""
    found = paper_title(record) or first_text(record)[1] or _any_text(record)
    return shorten(" ".join(found[: 4 * _TITLE].split()), _TITLE)


def _any_text(record: Record) -> str:
    return next((value for value in record.values() if isinstance(value, str) and value.strip()), "(no text)")


class Clusters:
    """The clusters of several records.

    Args:
        run: What was found, its store open.
        source: int64[n], the number of each record's source.
    """

    def __init__(self, run: Run, source: NDArray[np.int64]) -> None:
        self._run, self._source = run, source
        removed = run.removed
        order = removed[np.argsort(run.witness[removed], kind="stable")]
        self._survivors, first = np.unique(run.witness[order], return_index=True)
        self._others = np.split(order, first[1:]) if len(first) else []
        self._sizes = np.array([len(some) + 1 for some in self._others], np.int64)
        self._order = np.argsort(-self._sizes, kind="stable")

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def largest_size(self) -> int:
        """Records in the largest; 0 where there is none of several."""
        return int(self._sizes.max()) if len(self) else 0

    def sizes(self) -> BarChart | None:
        """How many clusters there are of each size; None where there is none of several records."""
        if not len(self):
            return None
        starts = [size for size in range(2, _SINGLE_SIZES + 1) if size <= self.largest_size]
        edge = _SINGLE_SIZES + 1
        while edge <= self.largest_size:
            starts.append(edge)
            edge = 2 * edge - 1
        counts = np.bincount(np.searchsorted(starts, self._sizes, "right") - 1, minlength=len(starts))
        ends = [*(start - 1 for start in starts[1:]), max(starts[-1], self.largest_size)]
        bars = [
            Bar(_range(first, last), (count,), f"{many(count, 'cluster')} of {_range(first, last)} records")
            for first, last, count in zip(starts, ends, counts.tolist(), strict=True)
        ]
        return BarChart(
            "Sizes of clusters",
            "",
            "Records in a cluster",
            "Clusters",
            ("clusters",),
            tuple(bars),
            log=wide(counts),
        )

    def listed(self) -> tuple[list[Cluster], int]:
        """The largest without their members; how many are left out."""
        chosen = self._order[:MOST_LISTED]
        read = _Members(self._run, self._survivors[chosen])
        found = [self._cluster(at, read) for at in chosen.tolist()]
        return found, len(self) - len(found)

    def largest(self) -> list[Cluster]:
        """The largest with every member, as many clusters as there is room for; of the first at least a part."""
        within = np.cumsum(self._sizes[self._order]) <= MOST_MEMBERS
        chosen = self._order[: max(1, int(within.sum()))][:MOST_SHOWN]
        members = {at: self._others[at][: MOST_MEMBERS - 1] for at in chosen.tolist()}
        read = _Members(self._run, np.concatenate([self._survivors[chosen], *members.values()]))
        return [
            replace(self._cluster(at, read), removed=tuple(read.of(other) for other in others.tolist()))
            for at, others in members.items()
        ]

    def _cluster(self, at: int, read: _Members) -> Cluster:
        others, survivor = self._others[at], int(self._survivors[at])
        sources = distinct(self._source[np.append(others, survivor)])
        least = float(self._run.score[others].min())
        return Cluster(len(others) + 1, len(sources), least, read.of(survivor))


def removed(run: Run) -> tuple[list[Removed], int]:
    """Removed records, those with the lowest scores first; how many are left out."""
    every = run.removed
    chosen = every[np.argsort(run.score[every], kind="stable")][:MOST_LISTED]
    read = _Members(run, np.concatenate((chosen, run.witness[chosen])))
    found = [
        Removed(read.of(at), read.of(int(run.witness[at])), float(run.score[at]), reason)
        for at, reason in zip(chosen.tolist(), _reasons(run, chosen), strict=True)
    ]
    return found, len(every) - len(found)


def _reasons(run: Run, chosen: NDArray[np.int64]) -> Iterator[str]:
    """The most telling reason of each, where it matches its witness directly."""
    ordinals, where = np.unique(np.stack((chosen, run.witness[chosen])), return_inverse=True)
    one, other = where.reshape(2, -1)
    lines, rule = run.store.lines(ordinals), run.rule[ordinals]
    direct = run.score[chosen] >= run.rules.thresholds(rule[one], rule[other])
    matched = iter(run.rules.reasons(lines, rule, one[direct], other[direct]))
    for each in direct.tolist():
        yield "; ".join(next(matched)[:2]) if each else "not alike directly: joined through another record"


class _Members:
    """Records that are shown, read once."""

    def __init__(self, run: Run, ordinals: NDArray[np.int64]) -> None:
        needed = distinct(ordinals)
        self._titles = dict(zip(needed.tolist(), map(title_of, records(run.store, needed)), strict=True))
        self._places = dict(zip(needed.tolist(), run.store.places(needed), strict=True))
        self._run = run

    def of(self, ordinal: int) -> Member:
        """One of them."""
        source, line = self._places[ordinal]
        kept = self._run.witness[ordinal] < 0
        score = None if kept else float(self._run.score[ordinal])
        return Member(f"{source}:{line}", self._titles[ordinal], score)


def wide(counts: NDArray[np.int64]) -> bool:
    """Whether numbers lie so far apart that only their logarithms fit one axis."""
    some = counts[counts > 0]
    return len(some) > 1 and int(some.max()) > 50 * int(some.min())


def _range(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


def many(count: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
