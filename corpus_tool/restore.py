"""Kept records and receipts back to the input, line for line.

A receipt says how many records stood before the removed one, so the kept ones fill the places between. The first
one also says where blank lines stood, and whether the last line lacked its newline; so a JSONL file comes back byte
for byte, but for byte order marks, for an encoding other than UTF-8, and for what a run skipped. Of several inputs
each begins on a line of its own. Where nothing was removed, what the first receipt would say may stand alone. A record
that a run parsed from a digest and kept carries `seen`, which that run added and which is taken off again. The
first receipt names the digests of the run; a record of one of them whose `seen` says exactly what the run would
have written, its own place and those of its receipts, is such a record. Without any receipt nothing tells a run
over digests from one over their records: all kept records are taken for the former where that fits every one.
"""

from __future__ import annotations

from array import array
from collections import defaultdict, deque
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

import orjson

from corpus_tool.errors import InputError
from corpus_tool.lines.decode import decode
from corpus_tool.receipts import BLANK, DIGESTS, ORDINAL, RECORDS, UNENDED, seen_at
from corpus_tool.records import DIGEST_FIELDS
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

    from corpus_tool.records import Batch, Record

_SEEN = b',"seen":'


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
        self._digests: frozenset[str] = frozenset()
        self._blank: list[tuple[int, bytes]] = []
        self._ended = True
        self._met = False
        self._places: dict[tuple[str, int], list[Record]] = defaultdict(list)
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
                self._keep(ordinal, text, receipt)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"a receipt that was changed ({error}): give the file as --removed wrote it",
                path=source,
                line=line,
            ) from error

    def _note_run(self, receipt: Record) -> None:
        """What the first receipt says of the run as a whole."""
        self._met = True
        self._digests = frozenset(receipt.get(DIGESTS) or ())
        self._records = None if RECORDS not in receipt else int(receipt[RECORDS])
        self._blank = [(int(before), text.encode()) for before, text in receipt.get(BLANK, ())]
        if any(text.strip() for _, text in self._blank):
            raise ValueError("a blank line that is none")
        self._ended = receipt.get(UNENDED) is not True

    def _keep(self, ordinal: int, text: str, receipt: Record) -> None:
        raw = text.encode()
        self._ordinals.append(ordinal)
        self._sizes.append(len(raw))
        self._starts.append(self._spool.append(raw))
        if self._digests:
            place = (str(receipt.get("source")), int(receipt.get("line") or 0))
            survivor = (str(receipt.get("kept_source")), int(receipt.get("kept_line") or 0))
            self._places[survivor].append(seen_at(decode(raw), place))

    def merge(self, kept: Iterator[bytes], writer: BinaryIO) -> int:
        """Write the input again; returns the number of records.

        Raises:
            InputError: Kept records and receipts are not of the same run.
        """
        if not self._met:
            return _alone(kept, writer)
        ordinal, at = 0, 0
        lines = _LinesAgain(writer, self._blank)
        for raw in chain(kept, (None,)):
            while at < len(self) and self._ordinals[at] == ordinal:
                lines.write(ordinal, self._spool.read(self._starts[at], self._sizes[at]))
                ordinal, at = ordinal + 1, at + 1
            if raw is not None:
                lines.write(ordinal, self._parsed(raw) or raw)
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

    def _parsed(self, raw: bytes) -> bytes | None:
        """What was parsed from a digest of the run, before the run added `seen`; None for any other record."""
        if not self._digests or _SEEN not in raw:
            return None
        record = decode(raw)
        if record.get("source") not in self._digests:
            return None
        return _without_seen(raw, record, self._places.get((record["source"], record.get("line", 0)), []))


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


def _alone(kept: Iterator[bytes], writer: BinaryIO) -> int:
    """Kept records of a run without receipts: as parsed, where each of them may have come from a digest."""
    parsed = True
    with Spool() as spool:
        sizes = array("q")
        for raw in kept:
            parsed = parsed and _SEEN in raw and _without_seen(raw, decode(raw), []) is not None
            sizes.append(len(raw))
            spool.append(raw)
        start = 0
        for size in sizes:
            raw = spool.read(start, size)
            writer.write((_without_seen(raw, decode(raw), []) if parsed else raw) or raw)
            writer.write(b"\n")
            start += size
    return len(sizes)


def _without_seen(raw: bytes, record: Record, others: list[Record]) -> bytes | None:
    """The record before a run added `seen`; None where the run would have added something else."""
    seen = record.get("seen")
    if tuple(record)[: len(DIGEST_FIELDS)] != DIGEST_FIELDS or not isinstance(seen, list):
        return None
    written = [seen_at(record, (record["source"], record["line"])), *others]
    if sorted(map(orjson.dumps, seen)) != sorted(map(orjson.dumps, written)):
        return None
    return raw[: raw.rfind(_SEEN)] + b"}"
