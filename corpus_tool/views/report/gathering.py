"""A run to the contents of its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.evaluation.borderline import Near
from corpus_tool.store import records
from corpus_tool.views.report import clusters, pairs
from corpus_tool.views.report.clusters import many
from corpus_tool.views.report.contents import Contents, Fact, Listing
from corpus_tool.views.report.moments import Moments
from corpus_tool.views.report.overlap import Overlap, numbered

if TYPE_CHECKING:
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.borderline import Borderline
    from corpus_tool.views.report.contents import BarChart, Heat

_AT_ONCE = 4096
_MOST_PLACES = 200
_MOST_MESSAGES = 300


@dataclass(slots=True)
class Told:
    """What a run said of its input: so many messages of each kind, and the first of them."""

    messages: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, text: str) -> None:
        """One more."""
        self.count += 1
        if len(self.messages) < _MOST_MESSAGES:
            self.messages.append(text)

    def listing(self) -> Listing:
        """The first of them, and how many more there are."""
        return Listing(tuple(("", text) for text in self.messages), self.count - len(self.messages))


def gather(
    run: Run,
    observed: Borderline | None,
    numbers: dict[str, Any],
    told: Told,
    *,
    title: str,
    keep: str,
    most_pairs: int,
) -> Contents:
    """All that the page shows.

    Args:
        run: What was found, its store open.
        observed: The decided pairs; None where the run is known only by what it left behind.
        numbers: As `views.summary.numbers` gives them.
        told: What was said of the input.
        title: Of the page.
        keep: Which copy stays, as the option names it.
        most_pairs: Pairs to show on either side of the threshold.
    """
    names, source = numbered(run)
    moments = Moments()
    for at in range(0, len(run.store), _AT_ONCE):
        moments.add(records(run.store, np.arange(at, min(at + _AT_ONCE, len(run.store)))))
    timeline, timeline_note = moments.chart(run.witness >= 0)
    overlap, found = Overlap(run, names, source), clusters.Clusters(run, source)
    sources, more_sources = overlap.listed()
    heat = overlap.heat()
    listed, more_clusters = found.listed()
    removed, more_removed = clusters.removed(run)
    above, below = _near(run, observed, most_pairs)
    return Contents(
        title=title,
        about=tuple(_about(run, keep)),
        facts=tuple(_facts(numbers, found, observed is not None)),
        heat=heat,
        heat_note=_heat_note(heat, len(run.removed), len(names)),
        sources=tuple(sources),
        more_sources=more_sources,
        histograms=_histograms(run, observed),
        histogram_note=_histogram_note(run, observed),
        sizes=found.sizes(),
        timeline=timeline,
        timeline_note=timeline_note,
        largest=tuple(found.largest()) if len(found) else (),
        clusters=tuple(listed),
        more_clusters=more_clusters,
        above=tuple(pairs.explained(run, above)),
        below=tuple(pairs.explained(run, below)),
        pairs_note="" if observed else _ONLY_REMOVED,
        removed=tuple(removed),
        more_removed=more_removed,
        not_compared=_not_compared(run),
        messages=told.listing(),
    )


_ONLY_REMOVED = (
    "Saved outputs hold only the pairs of removed records and their witnesses, so nothing is known of pairs below "
    "the threshold: a report of the inputs themselves shows them."
)


def _about(run: Run, keep: str) -> list[tuple[str, str]]:
    used = sorted(set(run.rule.tolist()))
    thresholds = [f"{run.rules.policies[at].name} {run.rules.policies[at].threshold:g}" for at in used]
    return [
        ("Compared", run.why),
        ("Least score of duplicates", ", ".join(thresholds) or "none"),
        ("Kept of each cluster", keep),
    ]


def _facts(numbers: dict[str, Any], found: clusters.Clusters, observed: bool) -> list[Fact]:
    records_read, removed = numbers["records"], numbers["removed"]
    share = f"{removed / records_read:.1%} of the records" if records_read else ""
    facts = [
        Fact("records read", records_read, f"from {many(numbers['sources'], 'source')}"),
        Fact("kept", numbers["kept"]),
        Fact("removed", removed, share),
        Fact("exact copies", numbers["exact_copies"], "of the removed, score 1"),
        Fact(
            "clusters",
            len(found),
            f"the largest of {many(found.largest_size, 'record')}" if len(found) else "",
        ),
    ]
    if observed:
        facts.append(Fact("pairs decided", numbers["pairs_decided"], "exact copies need no decision"))
    facts.append(Fact("not compared", numbers["not_compared"]["records"], "no word in what is compared"))
    facts.append(Fact("skipped", numbers["bad"], "lines or files that cannot be used"))
    facts.append(Fact("not placed", numbers["unplaced"], "texts that are part of no paper"))
    if numbers["crowded"]:
        facts.append(Fact("crowded", numbers["crowded"], "in groups too large to compare all pairs"))
    return facts


def _heat_note(heat: Heat | None, removed: int, sources: int) -> str:
    if heat is not None:
        return "Removed records, by where they stood and where the kept record stands that they repeat."
    if not removed:
        return "Nothing was removed: no source repeats another."
    return f"All {removed:,} removed records repeat the one source that was read." if sources == 1 else ""


def _histograms(run: Run, observed: Borderline | None) -> tuple[BarChart, ...]:
    if observed is not None:
        return tuple(pairs.histograms(run, observed.histograms(run)))
    near = run.removed[run.score[run.removed] < 1]
    rule = np.maximum(run.rule[near], run.rule[run.witness[near]])
    return tuple(pairs.histograms(run, pairs.of_scores(rule.tolist(), run.score[near].tolist())))


def _histogram_note(run: Run, observed: Borderline | None) -> str:
    exact = int((run.score[run.removed] == 1).sum())
    copies = f"{exact:,} exact copies are not among them." if exact else ""
    if observed is None:
        return f"Each removed record with its witness. {copies}"
    return f"Every pair that the search proposed, decided exactly. {copies}"


def _near(run: Run, observed: Borderline | None, most: int) -> tuple[list[Near], list[Near]]:
    if observed is not None:
        return observed.near(run, most)
    removed = run.removed
    least = run.rules.thresholds(run.rule[removed], run.rule[run.witness[removed]])
    removed = removed[(run.score[removed] < 1) & (run.score[removed] >= least)]
    chosen = removed[np.argsort(run.score[removed], kind="stable")][:most]
    return [Near((int(run.witness[at]), at), float(run.score[at]), True) for at in chosen.tolist()], []


def _not_compared(run: Run) -> Listing:
    """Where the records stand of which nothing was compared, and how they begin."""
    alone = np.flatnonzero(~run.compared)
    some = alone[:_MOST_PLACES]
    titles = map(clusters.title_of, records(run.store, some))
    rows = zip((f"{source}:{line}" for source, line in run.store.places(some)), titles, strict=True)
    return Listing(tuple(islice(rows, _MOST_PLACES)), len(alone) - len(some))
