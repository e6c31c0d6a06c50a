"""What the library's functions give back."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson

from corpus_tool import receipts
from corpus_tool.comparison import BOTH, ONLY_A, ONLY_B, REVISED
from corpus_tool.store import records
from corpus_tool.views import diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

    from corpus_tool.api.given import Given
    from corpus_tool.comparison import Comparison
    from corpus_tool.dedup.run import Run
    from corpus_tool.match import Step
    from corpus_tool.records import Record


class Records(list[Any]):
    """A list of records that is an Arrow stream too, for any reader of `__arrow_c_stream__`.

    A column's type is that of all its values: int64, double, bool, string, lists and structs of these; where they do
    not agree, the text of JSON. A string is a record of one column, `text`.
    """

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The table as a stream of Arrow's C data interface.

        Raises:
            UsageError: pyarrow is not installed (`pip install 'corpus-tool[parquet]'`).
        """
        from corpus_tool.sinks.parquet import table

        held = table({"text": each} if isinstance(each, str) else each for each in self)
        return held.__arrow_c_stream__(requested_schema)


class _Open:
    """Something read from files, which are open as long as it: a context manager."""

    def __init__(self) -> None:
        self._files = ExitStack()

    def close(self) -> None:
        """Let go of the files; records that were read from them can be had no longer."""
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Result(_Open):
    """Who stayed, and why the others did not; what `deduplicate` gives back.

    Where the records were read from files it is a context manager: leaving it closes them.

    Attributes:
        run: Witnesses and scores as arrays, by ordinal; see `corpus_tool.dedup.run.Run`.
        given: The records as handed over; None where they were read from files.
    """

    def __init__(self, run: Run, given: Given | None) -> None:
        super().__init__()
        self.run, self.given = run, given
        self._files.callback(run.close)

    @property
    def kept(self) -> Any:
        """The survivors in input order: the very objects, or a table of the kind that was handed over."""
        return self._of(self.run.kept)

    @property
    def removed(self) -> Any:
        """The other records, alike."""
        return self._of(self.run.removed)

    @property
    def clusters(self) -> list[int]:
        """For each record the place, from 0 on, of its cluster's survivor among all."""
        return [int(place) for place in self.run.survivor]

    @property
    def scores(self) -> list[float]:
        """For each record its score against that survivor, from 0 to 1; 1 for the survivors."""
        return [float(score) for score in self.run.score]

    @property
    def receipts(self) -> Records:
        """For each removed record what `--removed` writes: its witness, the exact score, the reasons, its bytes."""
        written = io.BytesIO()
        receipts.write_receipts(self.run, written)
        found = map(orjson.loads, written.getvalue().splitlines())
        return Records(each for each in found if "raw" in each)

    def __len__(self) -> int:
        """How many records were kept."""
        return len(self.run.kept)

    def __repr__(self) -> str:
        return f"<Result: kept {len(self.run.kept):,} of {len(self.run.store):,} records; {self.run.why}>"

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The kept records as an Arrow stream: `polars.DataFrame(result)`, `pyarrow.table(result)`.

        Raises:
            UsageError: pyarrow is not installed.
        """
        kept = self.kept
        if hasattr(kept, "__arrow_c_stream__"):
            return kept.__arrow_c_stream__(requested_schema)
        return Records(kept).__arrow_c_stream__(requested_schema)

    def _of(self, ordinals: NDArray[Any]) -> Any:
        if self.given is None:
            return Records(records(self.run.store, ordinals))
        return self.given.some(ordinals.tolist())


class Pair(NamedTuple):
    """A record of either side, which match.

    Attributes:
        a: The record of the first.
        b: The record of the second.
        a_index: Its place in the first, from 0 on.
        b_index: Its place in the second.
        score: Of the two, from 0 to 1.
        differing: For each text that is compared and differs, its name, and the spans of words that turn one into the
            other: dicts of `tag` (`equal`, `delete`, `insert`, `replace`), `left` and `right`.
    """

    a: Any
    b: Any
    a_index: int
    b_index: int
    score: float
    differing: dict[str, list[dict[str, str]]]


class Compared(_Open):
    """What two collections share; what `compare` gives back, which says how a record is judged.

    Attributes:
        comparison: The same as arrays, by ordinal; see `corpus_tool.comparison.Comparison`.
        given: The two sides as they were handed over; None where they were read from files.
    """

    def __init__(self, comparison: Comparison, given: tuple[Given, Given] | None, files: ExitStack) -> None:
        super().__init__()
        self.comparison, self.given = comparison, given
        self._files = files

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Of the sides `a` and `b`: how many `records`, and how many of them `only` there, in `both`, `revised`."""
        return self.comparison.counts()

    @property
    def only_a(self) -> Any:
        """The records of the first that match none of the second: a list, or a table as handed over."""
        return self._some(0, [row.a for row in self.comparison.rows({ONLY_A})])

    @property
    def only_b(self) -> Any:
        """The records of the second that match none of the first."""
        return self._some(1, [row.b for row in self.comparison.rows({ONLY_B})])

    @property
    def both(self) -> list[Pair]:
        """Pairs that say the same, word for word."""
        return self._pairs(BOTH)

    @property
    def revised(self) -> list[Pair]:
        """Pairs that match, and whose words differ."""
        return self._pairs(REVISED)

    def __repr__(self) -> str:
        return f"<Compared: {self.counts}; {self.comparison.why}>"

    def _pairs(self, status: str) -> list[Pair]:
        split, found = self.comparison.split, []
        for row in self.comparison.rows({status}):
            a, b = self._read(np.array([row.a, row.b]))
            pair = (self._record(0, row.a, a), self._record(1, row.b, b), row.a, row.b - split, row.score)
            found.append(Pair(*pair, self._words(a, b) if status == REVISED else {}))
        return found

    def _words(self, a: Record, b: Record) -> dict[str, list[dict[str, str]]]:
        return differing((name, *texts) for name, texts in self.comparison.differing(a, b).items())

    def _record(self, side: int, ordinal: int, read: Record) -> Any:
        return read if self.given is None else self.given[side].each(ordinal - side * self.comparison.split)

    def _some(self, side: int, ordinals: Sequence[int]) -> Any:
        if self.given is None:
            return Records(self._read(np.array(ordinals, np.int64)))
        return self.given[side].some([ordinal - side * self.comparison.split for ordinal in ordinals])

    def _read(self, ordinals: NDArray[np.int64]) -> list[Record]:
        return records(self.comparison.store, ordinals)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two records are, or are not, duplicates; what `explain` gives back, and as text its sentence.

    Attributes:
        duplicate: The verdict.
        score: From 0 to 1.
        threshold: Least score of duplicates.
        match: The rule that decided: `papers`, `text` or `bytes`.
        sentence: The verdict, for people.
        texts: What was compared: name, and the texts of both.
        steps: Of `papers`, from the base of the score to its total: `name`, `value`, `points`, `meaning`.
        flips: What would have to change for the other verdict, in sentences.
        differing: For each of the texts that differs, as in `Pair`.
    """

    duplicate: bool
    score: float
    threshold: float
    match: str
    sentence: str
    texts: dict[str, tuple[str, str]]
    steps: tuple[Step, ...] = ()
    flips: tuple[str, ...] = ()
    differing: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.sentence


def differing(texts: Iterable[tuple[str, str, str]]) -> dict[str, list[dict[str, str]]]:
    """The spans of each pair of texts that differ."""
    spans = {name: diff.spans(*diff.excerpt(left, right)[:2]) for name, left, right in texts}
    return {
        name: diff.as_json(found)["spans"]
        for name, found in spans.items()
        if any(span.tag != "equal" for span in found)
    }
