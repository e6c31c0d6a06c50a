"""What becomes of a batch of records: the columns of each rule, and what the options want to know besides.

Most lines never become objects: the policy that a block's first record suggests takes those that are surely of its
kind as they stand, and only the others are decoded and told apart one by one. The guess changes how fast, never what.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import seen
from corpus_tool.dedup import keep
from corpus_tool.dedup.columns import Gathered, take
from corpus_tool.dedup.search import Sketches
from corpus_tool.records import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.lines.lines import Lines
    from corpus_tool.match.rules import Rules
    from corpus_tool.records import Record

SOURCE = "source"
"""The field that every record has: its own, or the name of its input."""


@dataclass(frozen=True, slots=True)
class Sketched:
    """Columns of a batch of records, in the order in which they stand.

    Attributes:
        rules: For each rule the policy's columns of the records that follow it; None where none does.
        common: Of all records: `rule`, uint8; `worth`, as `keep.worth` gives it; `said`, bool, whether there is
            anything to compare, be it without words; `parsed`, bool, as `seen.may_grow` tells; where the options
            ask for it, `within`, uint64 hashes of values.
    """

    rules: tuple[Columns | None, ...]
    common: Columns


class Sketching:
    """The columns of consecutive batches, to become those of a run."""

    def __init__(self, rules: Rules, options: Options) -> None:
        limit = options.memory_limit // 16 or None
        self._rules = [Gathered(limit, options.tmp_dir) for _ in rules.policies]
        self._common = Gathered()

    def add(self, made: Sketched) -> None:
        """One more batch.

        Raises:
            OutputError: The temporary folder cannot be written.
        """
        self._common.add(made.common)
        for gathered, columns in zip(self._rules, made.rules, strict=True):
            if columns is not None:
                gathered.add(columns)

    def finish(self) -> Sketches:
        """The columns of all."""
        return Sketches(tuple(gathered.finish() for gathered in self._rules), self._common.finish())


def sketch_lines(
    rules: Rules, lines: Lines, options: Options, source: str
) -> tuple[Sketched, NDArray[np.int64], list[tuple[int, str]]]:
    """Sketch the readable lines.

    Returns:
        Their columns; int64, their places; place and message of the unreadable ones, blank ones are neither.
    """
    ordered = options.keep in {"first", "last"}
    usual = _usual_rule(rules, lines) if ordered and not options.unique_within else -1
    if usual < 0:
        records, bad = lines.decoded(range(len(lines)))
        bad = sorted(bad + _taken_out(rules, records))
        places = np.fromiter(records, np.int64, len(records))
        return sketch_records(rules, list(records.values()), lines.take(places), options, source), places, bad
    made = rules.policies[usual].sketch_lines(lines)
    mine = np.setdiff1d(made.readable, made.left, assume_unique=True) if len(made.left) else made.readable
    columns = made.columns if len(mine) == len(lines) else take(made.columns, mine)
    pieces = [(usual, mine, columns)]
    if len(made.left):
        decoded, _ = lines.decoded(made.left.tolist())
        pieces += _by_rule(rules, made.left, list(decoded.values()), lines.take(made.left))
    made_of = lines if len(made.readable) == len(lines) else lines.take(made.readable)
    return _together(rules, pieces, [], made_of, options, source), made.readable, made.bad


def _taken_out(rules: Rules, records: dict[int, Record]) -> list[tuple[int, str]]:
    """Place and message of records that the rules do not take, which leave the others."""
    if rules.wrong is None:
        return []
    found = [(place, why) for place, record in records.items() if (why := rules.wrong(record))]
    for place, _ in found:
        del records[place]
    return found


def sketch_records(
    rules: Rules, records: Sequence[Record], lines: Lines, options: Options, source: str
) -> Sketched:
    """Sketch decoded records, whose bytes are the lines."""
    pieces = _by_rule(rules, np.arange(len(records)), records, lines)
    return _together(rules, pieces, records, lines, options, source)


def _usual_rule(rules: Rules, lines: Lines) -> int:
    """The rule of a block's first record, if its policy reads lines; -1 where it does not."""
    for place in range(len(lines)):
        try:
            usual = rules.rule_of(lines[place])
        except ValueError:
            continue
        return usual if rules.policies[usual].reads_lines else -1
    return -1


def _by_rule(
    rules: Rules, places: NDArray[np.int64], records: Sequence[Record], lines: Lines
) -> list[tuple[int, NDArray[np.int64], Columns]]:
    """For each rule that some records follow, their places and columns."""
    rule, found = rules.of(records), []
    for at, policy in enumerate(rules.policies):
        mine = np.flatnonzero(rule == at)
        if len(mine):
            some = lines.take(mine) if policy.name == "bytes" else [records[each] for each in mine.tolist()]
            found.append((at, places[mine], policy.sketch(some)))
    return found


def _together(
    rules: Rules,
    pieces: list[tuple[int, NDArray[np.int64], Columns]],
    records: Sequence[Record],
    lines: Lines,
    options: Options,
    source: str,
) -> Sketched:
    """Join pieces of a batch, of which each holds records of one rule at some places.

    Args:
        rules: Of the run.
        pieces: Rule, ascending places, and columns, which lose their `length`.
        records: Decoded, where the options want to know more of them.
        lines: The same as they stand.
        options: Of the run.
        source: Name of the batch's source.
    """
    rule, lengths = _laid_out(pieces)
    joined: list[Columns | None] = []
    for at in range(len(rules.policies)):
        mine = [(places, columns) for which, places, columns in pieces if which == at and len(places)]
        joined.append(_joined(mine) if mine else None)
    common = {"rule": rule, "said": lengths > 0, "parsed": seen.may_grow(lines)}
    ordered = options.keep in {"first", "last"}
    raws = () if ordered else tuple(lines.raw(place) for place in range(len(lines)))
    common["worth"] = keep.worth(records if len(records) else range(len(rule)), raws, lengths, options.keep)
    if options.unique_within:
        common["within"] = _values(records, options.unique_within, source)
    return Sketched(tuple(joined), common)


def _laid_out(
    pieces: list[tuple[int, NDArray[np.int64], Columns]],
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Rules and lengths of all records in the order of their places."""
    none = np.zeros(0, np.int64)
    places = np.concatenate([none, *(places for _, places, _ in pieces)])
    order = np.argsort(places, kind="stable")
    rule = np.concatenate([none, *(np.full(len(places), at) for at, places, _ in pieces)])[order]
    lengths = np.concatenate([none, *(columns.pop("length") for _, _, columns in pieces)])[order]
    return rule.astype(np.uint8), lengths


def _joined(parts: list[tuple[NDArray[np.int64], Columns]]) -> Columns:
    """The columns of one rule's records in the order of their places."""
    if len(parts) == 1:
        return parts[0][1]
    gathered = Gathered()
    for _, columns in parts:
        gathered.add(columns)
    places = np.concatenate([places for places, _ in parts])
    return take(gathered.finish(), np.argsort(places))


def _values(records: Sequence[Record], field: str, source: str) -> NDArray[np.uint64]:
    """Hashes of a field's values, uint64[n]; 0 where there is none. A record's source is at least its input."""
    found = np.zeros(len(records), np.uint64)
    for at, record in enumerate(records):
        value = dotted(record, field)
        if value in (None, "", [], {}) and field == SOURCE:
            value = source
        if value not in (None, "", [], {}):
            found[at] = _hash(json.dumps(value, sort_keys=True))
    return found


@lru_cache(maxsize=1 << 12)
def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1
