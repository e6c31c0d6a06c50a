"""Records on their way into batches: of one source each, and either of papers or of other records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.records import Batch

if TYPE_CHECKING:
    from corpus_tool.records import Record


class Filling:
    """Records of one source on their way into batches, papers and others apart."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.digest = True
        self.lines: list[int] = []
        self.raws: list[bytes] = []
        self.records: list[Record] = []

    def full(self, size: int) -> bool:
        """Whether so many are there."""
        return len(self.lines) >= size

    def add(self, line: int, raw: bytes, record: Record) -> None:
        """One more of the kind that is being gathered."""
        self.lines.append(line)
        self.raws.append(raw)
        self.records.append(record)

    def taken(self, *, digest: bool = True) -> Batch:
        """What is there as a batch; what comes next is of the given kind."""
        batch = Batch(self.source, self.lines, self.raws, self.records, digest=self.digest)
        self.digest, self.lines, self.raws, self.records = digest, [], [], []
        return batch
