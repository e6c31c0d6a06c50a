"""What the page shows, as plain values: texts as they stand in the records, numbers as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpus_tool.match import Step
    from corpus_tool.views.diff import Span


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of the run, and what it counts."""

    label: str
    value: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: what stands under it, its parts from the foot upwards, and what it says when pointed at."""

    label: str
    parts: tuple[int, ...]
    tip: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars over a common axis.

    Attributes:
        heading: What the chart shows.
        note: How to read it; empty where there is nothing to say.
        across: Title of the axis along which the bars stand.
        upwards: Title of the axis along which they grow.
        parts: Names of the parts of every bar, the same kind first as in the bars.
        bars: From left to right.
        mark: Where a line stands, counted in bars from the left edge; None for none.
        mark_name: What the line is.
        ends: Whether labels name the edges between bars rather than the bars.
        log: Whether the bars grow with the logarithm.
    """

    heading: str
    note: str
    across: str
    upwards: str
    parts: tuple[str, ...]
    bars: tuple[Bar, ...]
    mark: float | None = None
    mark_name: str = ""
    ends: bool = False
    log: bool = False


@dataclass(frozen=True, slots=True)
class Heat:
    """`matrix[i][j]`: removed records of `names[i]` that repeat a kept one of `names[j]`."""

    names: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One source: its records, those removed, and of these what repeats itself and what repeats others."""

    name: str
    records: int
    removed: int
    own: int
    others: int


@dataclass(frozen=True, slots=True)
class Member:
    """A record of a cluster; `score` against the kept one, which has none."""

    place: str
    title: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Records that stand for one: the kept one first, then the others in input order.

    Attributes:
        size: How many there are.
        sources: In how many sources.
        least: The lowest score of a removed one.
        kept: The one that stays.
        removed: The others, as many as are shown; empty where only the cluster is listed.
    """

    size: int
    sources: int
    least: float
    kept: Member
    removed: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """One removed record and its witness."""

    record: Member
    kept: Member
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of two records, word by word: its name, rows as `views.diff.rows` groups them, and a note."""

    name: str
    rows: tuple[list[Span] | int, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair near the threshold, as `explain` shows it.

    Attributes:
        places: Of the two records.
        titles: Theirs.
        score: As the run decided.
        threshold: Least score of duplicates.
        duplicate: Which side it came out on.
        verdict: One sentence.
        texts: What was compared.
        steps: The scorecard's waterfall; empty where the score is one number.
        flips: What would change the verdict.
    """

    places: tuple[str, str]
    titles: tuple[str, str]
    score: float
    threshold: float
    duplicate: bool
    verdict: str
    texts: tuple[Compared, ...]
    steps: tuple[Step, ...]
    flips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Places with what is said of each, and how many more there are."""

    rows: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the page shows, in its order."""

    title: str
    about: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    heat: Heat | None
    heat_note: str
    sources: tuple[Source, ...]
    more_sources: int
    histograms: tuple[BarChart, ...]
    histogram_note: str
    sizes: BarChart | None
    timeline: BarChart | None
    timeline_note: str
    largest: tuple[Cluster, ...]
    clusters: tuple[Cluster, ...]
    more_clusters: int
    above: tuple[Pair, ...]
    below: tuple[Pair, ...]
    pairs_note: str
    removed: tuple[Removed, ...]
    more_removed: int
    not_compared: Listing
    messages: Listing
