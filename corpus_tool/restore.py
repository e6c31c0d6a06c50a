"""Kept records and receipts back to the input, line for line.

A receipt says how many records stood before the removed one, so the kept ones fill the places between. A record
that a run over digests kept carries `seen`, which that run added: it is taken off again where it says exactly
what the run would have written, the record's own place and those of its receipts.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, BinaryIO

import orjson

from corpus_tool.errors import InputError
from corpus_tool.receipts import ORDINAL, seen_at
from corpus_tool.records import DIGEST_FIELDS
from corpus_tool.sources import jsonl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Batch, Record

_SEEN = b',"seen":'


class Receipts:
    """The removed records of a run, by their place in its input.

    Args:
        batches: The lines of the receipts file.

    Raises:
        InputError: A line is not a receipt, or two claim the same place.
    """

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._raws: dict[int, bytes] = {}
        self._places: dict[tuple[str, int], list[Record]] = defaultdict(list)
        for batch in batches:
            for line, receipt in zip(batch.lines, batch.records, strict=True):
                self._add(batch.source, line, receipt)

    def _add(self, source: str, line: int, receipt: Record) -> None:
        ordinal, raw = receipt.get(ORDINAL), receipt.get("raw")
        if not isinstance(ordinal, int) or not isinstance(raw, str):
            raise InputError(
                f"not a receipt: it has no {ORDINAL!r} and 'raw'; give the file that --removed wrote",
                path=source,
                line=line,
            )
        if ordinal in self._raws:
            raise InputError(f"a second receipt for record {ordinal} of the input", path=source, line=line)
        self._raws[ordinal] = raw.encode()
        removed = jsonl.decode(self._raws[ordinal])
        place = (str(receipt.get("source")), int(receipt.get("line") or 0))
        survivor = (str(receipt.get("kept_source")), int(receipt.get("kept_line") or 0))
        self._places[survivor].append(seen_at(removed, place))

    def __len__(self) -> int:
        return len(self._raws)

    def merge(self, kept: Iterator[bytes], writer: BinaryIO) -> int:
        """Write the input again; returns the number of records.

        Raises:
            InputError: Kept records and receipts are not of the same run.
        """
        ordinal, left = 0, len(self._raws)
        for raw in kept:
            while ordinal in self._raws:
                writer.write(self._raws[ordinal] + b"\n")
                ordinal, left = ordinal + 1, left - 1
            writer.write(self._without_seen(raw) + b"\n")
            ordinal += 1
        while ordinal in self._raws:
            writer.write(self._raws[ordinal] + b"\n")
            ordinal, left = ordinal + 1, left - 1
        if left:
            raise InputError(
                f"{left} receipts stand past the end of the kept records: the two are not of one run"
            )
        return ordinal

    def _without_seen(self, raw: bytes) -> bytes:
        cut = raw.rfind(_SEEN)
        if cut < 0:
            return raw
        record = jsonl.decode(raw)
        seen = record.get("seen")
        if tuple(record)[: len(DIGEST_FIELDS)] != DIGEST_FIELDS or not isinstance(seen, list):
            return raw
        place = (record["source"], record["line"])
        written = [seen_at(record, place), *self._places.get(place, ())]
        alike = sorted(map(orjson.dumps, seen)) == sorted(map(orjson.dumps, written))
        return raw[:cut] + b"}" if alike else raw
