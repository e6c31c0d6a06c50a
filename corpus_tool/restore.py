"""Kept records and receipts back to the input, line for line.

A receipt says how many records stood before the removed one, so the kept ones fill the places between. The first
one also says where blank lines stood, and whether the last line lacked its newline; so a JSONL file comes back byte
for byte, but for byte order marks, for an encoding other than UTF-8, and for what a run skipped. Of several inputs
each begins on a line of its own. Where nothing was removed, what the first receipt would say may stand alone. It
also names the kept records whose `seen` the run began or made longer, which is taken off again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool import seen
from corpus_tool.errors import InputError
from corpus_tool.lines.decode import decode
from corpus_tool.receipts import BLANK, MORE_SEEN, NEW_SEEN, ORDINAL, RECORDS, UNENDED
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from corpus_tool.records import Batch, Record


class Receipts:
    """The removed records of a run, in a spool; use as a context manager.

    Args:
        batches: The lines of the receipts file.

    Raises:
        InputError: A line is not a receipt, or they are not in the order in which `dedup` wrote them.
    """

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._spool = Spool()
        self._ordinals, self._starts, self._sizes = array("q"), array("q"), array("q")
        self._records: int | None = None
        self._new: list[tuple[int, int]] = []
        self._more: dict[int, int] = {}
        self._blank: list[tuple[int, bytes]] = []
        self._ended = True
        self._met = False
        try:
            for batch in batches:
                for line, receipt in zip(batch.lines, batch.records, strict=True):
                    self._add(batch.source, line, receipt)
        except BaseException:
            self._spool.__exit__(None, None, None)
            raise

    def __enter__(self) -> Self:
        self._spool.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._spool.__exit__(None, None, None)

    def __len__(self) -> int:
        return len(self._ordinals)

    def _add(self, source: str, line: int, receipt: Record) -> None:
        alone = not self._met and ORDINAL not in receipt and RECORDS in receipt
        ordinal, text = receipt.get(ORDINAL), receipt.get("raw")
        if alone:
            ordinal, text = 0, "{}"
        if not isinstance(ordinal, int) or ordinal < 0 or not isinstance(text, str):
            raise InputError(
                f"not a receipt: it has no {ORDINAL!r} and 'raw'; give the file that --removed wrote",
                path=source,
                line=line,
            )
        if self._ordinals and ordinal <= self._ordinals[-1]:
            raise InputError(
                "receipts are not in the order in which dedup wrote them", path=source, line=line
            )
        try:
            if not self._met:
                self._note_run(receipt)
            if not alone:
                self._keep(ordinal, text)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"a receipt that was changed ({error}): give the file as --removed wrote it",
                path=source,
                line=line,
            ) from error

    def _note_run(self, receipt: Record) -> None:
        """What the first receipt says of the run as a whole."""
        self._met = True
        self._new = [(int(first), int(last)) for first, last in receipt.get(NEW_SEEN, ())]
        self._more = {int(ordinal): int(count) for ordinal, count in receipt.get(MORE_SEEN, ())}
        self._records = None if RECORDS not in receipt else int(receipt[RECORDS])
        self._blank = [(int(before), text.encode()) for before, text in receipt.get(BLANK, ())]
        if any(text.strip() for _, text in self._blank):
            raise ValueError("a blank line that is none")
        self._ended = receipt.get(UNENDED) is not True

    def _keep(self, ordinal: int, text: str) -> None:
        raw = text.encode()
        decode(raw)
        self._ordinals.append(ordinal)
        self._sizes.append(len(raw))
        self._starts.append(self._spool.append(raw))

    def merge(self, kept: Iterator[bytes], writer: BinaryIO) -> int:
        """Write the input again; returns the number of records.

        Raises:
            InputError: Kept records and receipts are not of the same run.
        """
        ordinal, at = 0, 0
        lines = _LinesAgain(writer, self._blank)
        for raw in chain(kept, (None,)):
            while at < len(self) and self._ordinals[at] == ordinal:
                lines.write(ordinal, self._spool.read(self._starts[at], self._sizes[at]))
                ordinal, at = ordinal + 1, at + 1
            if raw is not None:
                lines.write(ordinal, self._as_read(ordinal, raw))
                ordinal += 1
        lines.finish(ended=self._ended)
        if at < len(self):
            missing = self._ordinals[at] - ordinal
            raise InputError(
                f"{missing:,} kept records or more are missing before a receipt: the two files are not of one run"
            )
        if self._records is not None and ordinal != self._records:
            raise InputError(
                f"the receipts are of a run that read {self._records:,} records, with these kept ones they "
                f"make {ordinal:,}: the two files are not of one run, or not whole"
            )
        return ordinal

    def _as_read(self, ordinal: int, raw: bytes) -> bytes:
        """A kept record before the run added to its `seen`.

        Raises:
            InputError: The run did not write it so.
        """
        try:
            at = bisect_right(self._new, ordinal, key=lambda ends: ends[0]) - 1
            if at >= 0 and ordinal < self._new[at][1]:
                return seen.without_all(raw)
            return seen.without_last(raw, self._more[ordinal]) if ordinal in self._more else raw
        except ValueError as error:
            raise InputError(f"{error}: the two files are not of one run, or were changed") from error


class _LinesAgain:
    """Writes records, each on its line, and the blank lines between them.

    Args:
        writer: Where to.
        blank: Blank lines, each with the number of records before it.
    """

    def __init__(self, writer: BinaryIO, blank: list[tuple[int, bytes]]) -> None:
        self._writer = writer
        self._blank = deque(blank)
        self._end = b""

    def write(self, ordinal: int, raw: bytes) -> None:
        """A record, after the blank lines that stood before it."""
        while self._blank and self._blank[0][0] <= ordinal:
            self._line(self._blank.popleft()[1])
        self._line(raw)

    def finish(self, *, ended: bool) -> None:
        """The blank lines after the last record, and the last newline where there was one."""
        while self._blank:
            self._line(self._blank.popleft()[1])
        if ended:
            self._writer.write(self._end)

    def _line(self, content: bytes) -> None:
        self._writer.write(self._end + content)
        self._end = b"\n"
