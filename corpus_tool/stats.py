"""What is in a collection: how many records, which repeat and where, how long they are, what they lack.

Two records repeat each other here where their words are equal in equal order, title and abstract each (the
same `corpus_tool.text.paper_id`), or the text of records without those. Near-duplicates are `dedup`'s matter.

Memory: 16 bytes a record while counting, some 45 for a moment at the end; a few numbers for each source, field
and date.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from corpus_tool.text import paper_id, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.records import Record

TEXT_FIELDS = ("text", "content", "abstract", "body")
"""Where a record's text stands: the first of these that it has."""
MOST_SOURCES = 12
"""Sources in the overlap matrix; beyond, those that share most records with others."""
MOST_FIELDS = 1000
"""Field names, and printed dates, that are told apart: a collection may have keys without end."""
MOST_FIELDS_COUNTED = 100_000
"""Further field names that are counted, not told apart."""
MOST_BINS = 12
PERCENTILES = (5, 25, 50, 75, 95, 99)

_ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(?=$|[T ])")
_LONGEST = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source: its records, those of them that differ from each other, those that stand elsewhere too."""

    source: str
    records: int
    distinct: int
    elsewhere: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """`matrix[i][j]`: how many records of `sources[i]` also stand in `sources[j]`; all of i's for i = j."""

    sources: list[str]
    matrix: list[list[int]]
    left_out: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Records of `start` up to `end` words, both included; the last bin may have no end."""

    start: int
    end: int | None
    records: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths in words of the abstract or text of those records that have one."""

    records: int
    min: int
    max: int
    mean: float
    median: float
    percentiles: dict[str, int]
    histogram: list[Bin]


@dataclass(frozen=True, slots=True)
class FieldCount:
    """One field: records with a value, with an empty one (null, "", [], {}), without it; share with a value."""

    field: str
    present: int
    empty: int
    missing: int
    share: float


@dataclass(frozen=True, slots=True)
class Dates:
    """ISO dates, from first to last; dates printed without a year, and their records; records without any."""

    first: str | None
    last: str | None
    dated: int
    printed: dict[str, int]
    undated: int


@dataclass(frozen=True, slots=True)
class Summary:
    """All that `Stats` counts. `distinct` and `repeats`, which are exact copies, together are `records`."""

    records: int
    bytes: int
    distinct: int
    repeats: int
    without_words: int
    sources: list[SourceCount]
    overlap: Overlap
    lengths: Lengths | None
    fields: list[FieldCount]
    fields_left_out: int
    dates: Dates

    def as_json(self) -> dict[str, Any]:
        """The same as nested dictionaries and lists; the repeats by the name that `dedup` gives them, too."""
        return {**asdict(self), "exact_copies": self.repeats}


class Stats:
    """Counts records as they pass.

    Args:
        fields: Where the text of a record without title and abstract stands: the first of these that it has.
    """

    def __init__(self, fields: Sequence[str] = TEXT_FIELDS) -> None:
        self._text_fields = tuple(fields)
        self._numbers: dict[str, int] = {}
        self._source_records: list[int] = []
        self._source_bytes: list[int] = []
        self._keys, self._key_sources = array("Q"), array("I")
        self._lengths = array("I")
        self._without_words = 0
        self._fields: dict[str, list[int]] = {}
        self._fields_left_out: set[int] = set()
        self._dates = _DateRange()

    def add(self, source: str, record: Record, size_bytes: int) -> None:
        """Count one record of `size_bytes` bytes, as it stood in its source."""
        number = self._numbers.setdefault(source, len(self._numbers))
        if number == len(self._source_records):
            self._source_records.append(0)
            self._source_bytes.append(0)
        self._source_records[number] += 1
        self._source_bytes[number] += size_bytes
        self._add_text(number, record)
        self._add_fields(record)
        self._dates.add(record)

    def result(self) -> Summary:
        """What has been counted so far."""
        records = sum(self._source_records)
        distinct, sources, overlap = self._repeats()
        return Summary(
            records=records,
            bytes=sum(self._source_bytes),
            distinct=distinct + self._without_words,
            repeats=len(self._keys) - distinct,
            without_words=self._without_words,
            sources=sources,
            overlap=overlap,
            lengths=_lengths(self._lengths),
            fields=[
                FieldCount(name, present, empty, records - present - empty, present / records)
                for name, (present, empty) in self._fields.items()
            ],
            fields_left_out=len(self._fields_left_out),
            dates=self._dates.result(records),
        )

    def _add_text(self, number: int, record: Record) -> None:
        title, abstract = record.get("title"), record.get("abstract")
        if isinstance(title, str) and isinstance(abstract, str):
            body: str | None = abstract
        else:
            title, body = "", self._body(record)
        length = 0
        if body is not None:
            length = len(words(body))
            self._lengths.append(min(length, _LONGEST))
        if body is not None and (length or words(title)):
            self._keys.append(int(paper_id(title, body), 16))
            self._key_sources.append(number)
        else:
            self._without_words += 1

    def _body(self, record: Record) -> str | None:
        return next(
            (record[field] for field in self._text_fields if isinstance(record.get(field), str)), None
        )

    def _add_fields(self, record: Record) -> None:
        for name, value in record.items():
            count = self._fields.get(name)
            if count is None:
                if len(self._fields) >= MOST_FIELDS:
                    if len(self._fields_left_out) < MOST_FIELDS_COUNTED:
                        self._fields_left_out.add(hash(name))
                    continue
                count = self._fields[name] = [0, 0]
            count[value is None or value == "" or value == [] or value == {}] += 1

    def _repeats(self) -> tuple[int, list[SourceCount], Overlap]:
        import numpy as np

        keys = np.frombuffer(self._keys, dtype=np.uint64)
        sources = np.frombuffer(self._key_sources, dtype=np.uint32)
        names, total = list(self._numbers), max(len(self._numbers), 1)
        texts = _numbered(keys)
        pairs = texts.astype(np.int64)
        pairs *= total
        pairs += sources
        pairs.sort()
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        distinct = np.bincount(pairs % total, minlength=total)
        pairs //= total
        count = int(pairs[-1]) + 1 if len(pairs) else 0
        in_several = np.bincount(pairs, minlength=count) > 1
        del pairs
        elsewhere = np.bincount(sources[in_several[texts]], minlength=total)
        with_words = np.bincount(sources, minlength=total)
        counted = [
            SourceCount(
                name,
                self._source_records[number],
                int(distinct[number]) + self._source_records[number] - int(with_words[number]),
                int(elsewhere[number]),
                self._source_bytes[number],
            )
            for name, number in self._numbers.items()
        ]
        ranked = sorted(range(len(names)), key=lambda number: -counted[number].elsewhere)
        chosen = sorted(ranked[:MOST_SOURCES])
        matrix = _overlap(texts, sources, chosen, count)
        for row, number in enumerate(chosen):
            matrix[row][row] = counted[number].records
        overlap = Overlap([names[number] for number in chosen], matrix, len(names) - len(chosen))
        return count, counted, overlap


def _numbered(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The rank of each key among the distinct ones: `np.unique`'s inverse in half its memory."""
    import numpy as np

    order = np.argsort(keys)
    ranks = np.zeros(len(keys), dtype=np.uint32)
    ordered = keys[order]
    np.cumsum(ordered[1:] != ordered[:-1], out=ranks[1:])
    del ordered
    texts = np.empty_like(ranks)
    texts[order] = ranks
    return texts


def _overlap(
    texts: NDArray[np.uint32], sources: NDArray[np.uint32], chosen: list[int], distinct: int
) -> list[list[int]]:
    """For each chosen source, how many of its records have a text that each chosen source has.

    Args:
        texts: The number of each record's text, 0 to `distinct` - 1.
        sources: The number of each record's source.
        chosen: At most 16 numbers of sources, ascending.
        distinct: How many texts there are.
    """
    import numpy as np

    where = np.zeros(distinct, dtype=np.uint16)
    own = [np.flatnonzero(sources == number) for number in chosen]
    for bit, rows in enumerate(own):
        where[texts[rows]] |= np.uint16(1 << bit)
    return [
        [int(np.count_nonzero(where[texts[rows]] & np.uint16(1 << bit))) for bit in range(len(chosen))]
        for rows in own
    ]


def _lengths(counted: array[int]) -> Lengths | None:
    if not counted:
        return None
    import numpy as np

    lengths = np.sort(np.frombuffer(counted, dtype=np.uint32))
    values = np.percentile(lengths, PERCENTILES, method="inverted_cdf")
    starts, width = _bins(int(lengths[0]), int(values[-1]))
    ends: list[int | None] = [start + width - 1 for start in starts]
    if lengths[-1] >= starts[-1] + width:
        starts.append(starts[-1] + width)
        ends.append(None)
    places = [*np.searchsorted(lengths, starts).tolist(), len(lengths)]
    return Lengths(
        records=len(lengths),
        min=int(lengths[0]),
        max=int(lengths[-1]),
        mean=round(float(lengths.mean(dtype=np.float64)), 2),
        median=float(np.median(lengths)),
        percentiles={f"p{rank}": int(value) for rank, value in zip(PERCENTILES, values, strict=True)},
        histogram=[Bin(*each) for each in zip(starts, ends, np.diff(places).tolist(), strict=True)],
    )


def _bins(low: int, high: int) -> tuple[list[int], int]:
    """Starts of fewer than `MOST_BINS` bins from low to high, and their width, a round number.

    `high` is a high percentile: one text of a million words shall not squeeze all others into one bin.
    """
    width = next(
        width
        for power in range(12)
        for width in (10**power, 2 * 10**power, 5 * 10**power)
        if high // width - low // width + 1 < MOST_BINS
    )
    return list(range(low // width * width, high + 1, width)), width


class _DateRange:
    """The dates of records, as `Dates` describes them."""

    def __init__(self) -> None:
        self._first: str | None = None
        self._last: str | None = None
        self._dated = 0
        self._printed: Counter[str] = Counter()
        self._undated = 0

    def add(self, record: Record) -> None:
        date = record.get("date")
        match = _ISO_DATE.match(date) if isinstance(date, str) else None
        if match is not None:
            self._dated += 1
            self._first = match[0] if self._first is None else min(self._first, match[0])
            self._last = match[0] if self._last is None else max(self._last, match[0])
            return
        printed = record.get("digest_date") or date
        if not isinstance(printed, str) or not printed:
            self._undated += 1
        elif printed in self._printed or len(self._printed) < MOST_FIELDS:
            self._printed[printed] += 1

    def result(self, records: int) -> Dates:
        return Dates(self._first, self._last, self._dated, dict(self._printed), self._undated)
