"""Records that no other rule sees, compared byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corpus_tool.dedup.candidates import Reach, Search
from corpus_tool.dedup.leaders import Led
from corpus_tool.lines.encode import encode
from corpus_tool.lines.lines import Lines
from corpus_tool.match import Decisions, FromLines, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.records import Record


@dataclass(frozen=True)
class ExactPolicy:
    """Two records are duplicates where their bytes are equal; nothing else is proposed.

    Attributes:
        compiled: There is nothing to compile.
    """

    compiled: bool = False
    name: ClassVar[str] = "bytes"
    threshold: ClassVar[float] = 1.0
    reads_lines: ClassVar[bool] = False

    def sees(self, record: Record) -> bool:
        return True

    def sketch(self, records: Sequence[Record]) -> Columns:
        raws = _raws(records)
        found = np.fromiter((_identity(raw) for raw in raws), np.uint64, len(raws))
        return {"identity": found, "length": np.fromiter(map(len, raws), np.int64, len(raws))}

    def sketch_lines(self, lines: Lines) -> FromLines:
        """Nothing of a line shows that no other rule sees it: whoever asks has decoded it."""
        records, bad = lines.decoded(range(len(lines)))
        places = np.fromiter(records, np.int64, len(records))
        return FromLines(self.sketch(lines), places, bad, places)

    def reach(self, columns: Columns, rows: NDArray[Any], budget: int = 0) -> Reach:
        return Reach()

    def mixed(self, columns: Columns, rows: NDArray[Any], label: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.zeros(len(rows), np.bool_)

    def search(
        self, columns: Columns, rows: NDArray[Any], reach: Reach | None, *, bounded: bool = True
    ) -> Search:
        return Search.nothing(len(rows))

    def led(
        self,
        columns: Columns,
        leaders: NDArray[np.int64],
        rows: NDArray[np.int64],
        level: int,
        *,
        bounded: bool = True,
    ) -> Led:
        return Led.nothing()

    def compare(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> Decisions:
        raws = _raws(records)
        same = [raws[one] == raws[other] for one, other in zip(left.tolist(), right.tolist(), strict=True)]
        return Decisions.at(np.array(same, np.float64), self.threshold)

    def compared(self, record: Record) -> dict[str, str]:
        return {"record": encode(record).decode("utf-8", "replace")}

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        return [["the same bytes"]] * len(left)

    def explain(self, left: Record, right: Record) -> Verdict:
        one, other = encode(left), encode(right)
        same = one == other
        sentence = (
            "Duplicates: the two records are the same."
            if same
            else "Not duplicates: one has neither a title nor a text, and such records are compared as they are."
        )
        texts = (("record", one.decode("utf-8", "replace"), other.decode("utf-8", "replace")),)
        return Verdict(float(same), self.threshold, sentence, texts)


def _raws(records: Sequence[Record]) -> list[bytes]:
    if isinstance(records, Lines):
        return [records.raw(place) for place in range(len(records))]
    return list(map(encode, records))


def _identity(raw: bytes) -> int:
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "little") or 1
