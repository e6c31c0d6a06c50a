"""Which copy survives: the order in which a keep policy takes records."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.sources.dates import MONTHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.records import Record

DATE_FIELDS = ("updated", "date", "published", "digest_date", "year")
_LARGEST = 2**62
_LONGEST_YEAR = 9
"""Digits of a number that may be a year: beyond, it is not even read."""
_MONTHS = {name: number for number, name in enumerate(MONTHS, 1)}


def worth(
    records: Sequence[Any], raws: Sequence[bytes], lengths: NDArray[np.int64], policy: str
) -> NDArray[np.int64]:
    """What a policy orders by: int64[n, 2], larger is kept first, then a tie-break by content.

    Policies that do not look at order break ties by a hash of the record's bytes, so that a permutation of
    the input leaves the same survivors.
    """
    if policy in {"first", "last"}:
        return np.zeros((len(records), 0), np.int64)
    if policy == "longest":
        first = lengths
    elif policy == "newest":
        first = np.fromiter(map(_date, records), np.int64, len(records))
    else:
        first = np.fromiter(map(_filled, records), np.int64, len(records))
    hashes = (int.from_bytes(blake2b(raw, digest_size=8).digest(), "little", signed=True) for raw in raws)
    return np.stack((first, lengths, np.fromiter(hashes, np.int64, len(raws))), axis=1)


def order(worth_of: NDArray[np.int64], policy: str) -> NDArray[np.int64]:
    """Ordinals in the order in which the policy takes them."""
    count = len(worth_of)
    if policy == "first":
        return np.arange(count)
    if policy == "last":
        return np.arange(count)[::-1].copy()
    value, length, tie = worth_of.T
    return np.lexsort((np.arange(count), tie, -length, -value))


def _filled(record: Record) -> int:
    return sum(1 for value in record.values() if value not in (None, "", [], {}))


def _date(record: Record) -> int:
    """A date as a number that grows with time: year, month, day; 0 where there is none."""
    for field in DATE_FIELDS:
        value = record.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return value * 10_000 if 1000 <= value <= 9999 else max(-_LARGEST, min(value, _LARGEST))
        if isinstance(value, str) and value.strip():
            digits = "".join(char for char in value[:10] if char.isdecimal())
            if value[:4].isdecimal() and len(digits) >= 4:
                return int(digits.ljust(8, "0")[:8])
            parts = value.replace(",", " ").lower().split()
            month = next((_MONTHS[part[:3]] for part in parts if part[:3] in _MONTHS), 0)
            numbers = [int(part) for part in parts if part.isdecimal() and len(part) <= _LONGEST_YEAR]
            year = next((number for number in numbers if number > 31), 0)
            return year * 10_000 + month * 100 + next((number for number in numbers if number <= 31), 0)
    return 0
