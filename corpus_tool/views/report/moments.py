"""Repeats over time: records by the date that they carry, as fine as most of the dates are."""

from __future__ import annotations

import re
from array import array
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.views.report.clusters import many
from corpus_tool.views.report.contents import Bar, BarChart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from corpus_tool.records import Record

FIELDS = ("date", "digest_date", "published", "updated", "year")
"""Where a date is looked for: when a paper was announced comes before when it appeared."""
_ISO = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?=$|[T ])")
_DAY, _MONTH, _YEAR = 10, 7, 4
"""Characters of an ISO date that tell the day, the month, the year."""
_UNITS = {_DAY: "day", _MONTH: "month", _YEAR: "year"}
_MOST = {_DAY: 62, _MONTH: 72}
"""Bars of a kind; of more, the next coarser is taken."""
_MOST_BARS = 200
_WANTED = 0.95
"""Share of the dated records that must have a day for days to be shown; and so for months."""
_LONGEST = 40


class Moments:
    """Collects the dates of records, in input order; each different date is held once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}
        self._of = array("q")

    def add(self, records: Iterable[Record]) -> None:
        """Note the dates of further records."""
        numbers = self._numbers
        self._of.extend(numbers.setdefault(_moment(record), len(numbers)) for record in records)

    def chart(self, removed: NDArray[np.bool_]) -> tuple[BarChart | None, str]:
        """Kept and removed records over time, and a sentence on what is not in it.

        Args:
            removed: bool[n], which of the records were removed.
        """
        names = np.array(list(self._numbers), object)
        of = np.frombuffer(self._of, np.int64) if self._of else np.zeros(0, np.int64)
        counts = np.bincount(of, minlength=len(names))
        iso = np.array([bool(_ISO.match(name)) for name in names], np.bool_)
        printed = ~iso
        printed[0] = False
        if not counts[1:].sum():
            return None, f"No record has a date ({', '.join(FIELDS)})."
        if counts[iso].sum() >= counts[printed].sum():
            length = _length(names[iso], counts[iso])
            shown = {at: str(names[at])[:length] for at in np.flatnonzero(iso) if len(names[at]) >= length}
            labels = list(_run_of(sorted(set(shown.values())), length))
            across = f"Date of the record, by {_UNITS[length]}"
        else:
            shown = {at: str(names[at]) for at in np.flatnonzero(printed)}
            labels, across = list(shown.values()), "Date as printed"
        labels = labels[-_MOST_BARS:]
        place = {label: at for at, label in enumerate(labels)}
        bar_of = np.full(len(names), -1)
        for at, label in shown.items():
            bar_of[at] = place.get(label, -1)
        bars = list(_bars(labels, bar_of[of], removed))
        without = int((bar_of[of] < 0).sum())
        left = f"{without:,} of {len(of):,} records have no such date and are not in it." if without else ""
        return BarChart("Repeats over time", left, across, "Records", ("kept", "removed"), tuple(bars)), left


def _moment(record: Record) -> str:
    """The ISO date of a record, or what is printed in its place; empty where there is none."""
    for field in FIELDS:
        value = record.get(field)
        if type(value) is int and 1000 <= value <= 9999:
            return str(value)
        if isinstance(value, str) and value.strip():
            found = _ISO.match(value.strip())
            return found[0] if found else value.strip()[:_LONGEST]
    return ""


def _length(names: NDArray[np.object_], counts: NDArray[np.int64]) -> int:
    """How much of ISO dates is shown: as fine as nearly all of them are, and no finer than a chart has room for."""
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    for length, most in _MOST.items():
        fine = lengths >= length
        if (
            counts[fine].sum() >= _WANTED * counts.sum()
            and len({name[:length] for name in names[fine]}) <= most
        ):
            return length
    return _YEAR


def _run_of(labels: list[str], length: int) -> Iterator[str]:
    """Labels in order, with those between that no record has; only the labels where dates are far apart or none."""
    try:
        first, last = (date.fromisoformat((label + "-01-01")[:_DAY]) for label in (labels[0], labels[-1]))
        known = {date.fromisoformat((label + "-01-01")[:_DAY]) for label in labels}
    except ValueError:  # a 31st of February
        yield from labels
        return
    if length == _YEAR:
        wanted = [f"{year:04}" for year in range(first.year, last.year + 1)]
    elif length == _MONTH:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        wanted = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    else:
        wanted = [
            (first + timedelta(days)).isoformat() for days in range(min((last - first).days, _MOST_BARS) + 1)
        ]
    yield from wanted if len(wanted) <= max(_MOST_BARS // 2, len(known)) else labels


def _bars(labels: list[str], bar_of: NDArray[np.int64], removed: NDArray[np.bool_]) -> Iterator[Bar]:
    dated = bar_of >= 0
    every = np.bincount(bar_of[dated], minlength=len(labels))
    gone = np.bincount(bar_of[dated & removed], minlength=len(labels))
    for label, count, out in zip(labels, every.tolist(), gone.tolist(), strict=True):
        share = f", {out / count:.1%}" if count else ""
        yield Bar(label, (count - out, out), f"{label}: {many(count, 'record')}, {out:,} removed{share}")
