"""What an index needs of whatever stores it.

A storage numbers the records it has taken in from 1 on, in the order in which they came: their *recs*. Kept ones have
their bytes; the others have a witness among the kept. What records are found by are *postings*: pairs of a 32-bit code
and a rec, of several kinds. A code may stand for other keys as well, so whoever finds a record by one looks again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.store import Place

IDENTITY = 0
"""Kind of postings by the upper half of `identity`, of the first record of each."""

KEYS = {"title_key": 1, "doi_key": 2, "arxiv_key": 3, "place_key": 4}
"""Kinds of postings by the upper halves of keys that papers have, by the column's name."""

RARE = {"shingles": 8, "title_pairs": 9}
"""Kinds of postings by the rarest values of ragged columns, by the column's name."""

BANDS = 64
"""The kind of postings by the key of the first band; each further band has the next number."""


class TakenIn(NamedTuple):
    """One run that added records.

    Attributes:
        run: Its number.
        time: When it began, in ISO form with its offset.
        records: How many it read.
        kept: How many of them were new.
    """

    run: int
    time: str
    records: int
    kept: int


class Counts(NamedTuple):
    """How much a storage holds.

    Attributes:
        runs: Runs that added records.
        records: Records taken in and not removed since.
        kept: How many of them are kept ones.
        size: Bytes.
    """

    runs: int
    records: int
    kept: int
    size: int


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of some records.

    Attributes:
        recs: int64[n], ascending; those of which nothing is stored are not among them.
        identity: uint64[n].
        witness: int64[n], the rec of the kept record that each matched; its own where it is kept itself.
        score: float64[n], of the two; 1 for the kept.
    """

    recs: NDArray[np.int64]
    identity: NDArray[np.uint64]
    witness: NDArray[np.int64]
    score: NDArray[np.float64]


@dataclass(slots=True)
class Records:
    """Records on their way in or out, column by column.

    Attributes:
        recs: int64[n], ascending.
        ids: Of each its `id` as JSON, None where it has none.
        places: Where each stood.
        identity: uint64[n].
        witness: int64[n], as in `Fates`.
        score: float64[n].
        seen: For removed records of which a kept one's `seen` tells: the entries, as JSON; None elsewhere.
        raws: The bytes of the kept ones, in order.
    """

    recs: NDArray[np.int64]
    ids: Sequence[str | None]
    places: Sequence[Place]
    identity: NDArray[np.uint64]
    witness: NDArray[np.int64]
    score: NDArray[np.float64]
    seen: Sequence[str | None]
    raws: Sequence[bytes]


@dataclass(slots=True)
class Kept:
    """Kept records as they are stored, in the order of their recs.

    Attributes:
        recs: int64[n].
        runs: The run that brought each.
        places: Where each stood.
        raws: Their bytes.
    """

    recs: NDArray[np.int64]
    runs: list[int] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)


class Outlines(NamedTuple):
    """What bounds the scores of some kept papers, packed by `corpus_tool.index.outlines`.

    Attributes:
        recs: int64[n], ascending; those of which nothing is stored are not among them.
        data: The bytes of all, one after another.
        sizes: int64[n], how many are of each.
    """

    recs: NDArray[np.int64]
    data: bytes
    sizes: NDArray[np.int64]


class Storage(Protocol):
    """Stores one index. All that is written between `begin` and `commit` is there at once, or not at all.

    Whoever reads sees the state of the last commit, also while somebody else writes. What the storage cannot do is a
    `CorpusError`, with its name, the cause, and what to do.

    Attributes:
        name: What messages and receipts call it.
    """

    @property
    def name(self) -> str: ...

    def begin(self, wait: float, say: Callable[[str], None]) -> None:
        """Become the only writer, until `commit` or `close`.

        Args:
            wait: Seconds to wait for another one, who is told of as soon as there is one.
            say: Is told of it.

        Raises:
            OutputError: Somebody else still writes.
        """
        ...

    def commit(self) -> None:
        """Make what was written since `begin` last, also beyond a power cut."""
        ...

    def close(self) -> None:
        """Let go of everything; what was not committed has never been."""
        ...

    def configuration(self) -> dict[str, str]:
        """What `configure` stored; empty in a new index."""
        ...

    def configure(self, values: Mapping[str, str]) -> None:
        """Store what records are compared by."""
        ...

    def counts(self) -> Counts:
        """How much is stored."""
        ...

    def runs(self) -> list[TakenIn]:
        """The runs that added records, the earliest first."""
        ...

    def taken(self, hashes: Sequence[bytes]) -> dict[bytes, int]:
        """Which inputs, by the hashes of their bytes, were taken in before, and by which run."""
        ...

    def add_run(self, time: str, records: int, kept: int, inputs: Mapping[bytes, str]) -> int:
        """Note a run, and the hashes and names of its inputs; its number."""
        ...

    def next_rec(self) -> int:
        """The rec of the next record; greater than any that was ever given."""
        ...

    def add(self, run: int, records: Records) -> None:
        """Take in records of a run; their recs follow all that were given before."""
        ...

    def post(self, kind: int, codes: NDArray[np.uint32], recs: NDArray[np.int64]) -> None:
        """Let records be found by codes of a kind, int64[n] a rec for each code."""
        ...

    def outline(self, recs: NDArray[np.int64], outlines: Sequence[bytes]) -> None:
        """Store the outlines of kept papers that are being taken in: whole words of 8 bytes, some of them empty."""
        ...

    def outlines(self, recs: NDArray[np.int64]) -> Outlines:
        """Those of some records, ascending, distinct recs; empty ones are as if there were none."""
        ...

    def frequency(self, kind: int, codes: NDArray[np.uint32]) -> NDArray[np.int64]:
        """int64[n], how many postings of a kind each of some ascending, distinct codes has."""
        ...

    def find(self, kind: int, codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The postings of a kind with some ascending, distinct codes: places in `codes`, and recs.

        Records that were removed since may be among them.
        """
        ...

    def fates(self, recs: NDArray[np.int64]) -> Fates:
        """What became of some records, ascending, distinct recs."""
        ...

    def kept(self, recs: NDArray[np.int64]) -> Kept:
        """The kept ones among some records, ascending, distinct recs."""
        ...

    def every(self) -> Iterator[Kept]:
        """All kept records, in portions."""
        ...

    def repeats(self) -> Iterator[tuple[int, int, Place, str | None]]:
        """Of every removed record its witness, its own rec, where it stood, and `seen`; ordered by witness and rec."""
        ...

    def named(self, name: str) -> NDArray[np.int64]:
        """Recs of the records with an id, as JSON or as plain text, or at a place `source:line`."""
        ...

    def remove(self, recs: NDArray[np.int64]) -> int:
        """Forget kept records, and all whose witness they are; how many records these were.

        The inputs of the runs that brought them count as taken in no longer.
        """
        ...

    def compact(self) -> None:
        """Take back the room of what was removed, and put together what came in parts; commits what was begun."""
        ...

    def problems(self) -> Iterator[str]:
        """What is wrong with the storage itself, in words."""
        ...
