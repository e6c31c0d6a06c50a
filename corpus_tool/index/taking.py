"""What a run found goes into the index: every record that it read, and by what the kept ones are to be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import seen
from corpus_tool.index.outlines import packed
from corpus_tool.index.past import plain_codes, upper
from corpus_tool.index.protocol import BANDS, IDENTITY, RARE, Records
from corpus_tool.lines.decode import decode
from corpus_tool.lines.encode import encode
from corpus_tool.papers.bound import OUTLINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.dedup.run import Run
    from corpus_tool.index.past import IndexPast
    from corpus_tool.index.protocol import Storage
    from corpus_tool.index.rarest import Rarest

_AT_ONCE = 1 << 12


def take(storage: Storage, past: IndexPast, time: str, inputs: Mapping[bytes, str]) -> None:
    """Take in all records of a run that is settled; nothing lasts before the storage commits.

    Args:
        storage: The index, of which this is the writer.
        past: What the run was held against.
        time: When it began.
        inputs: Hashes and names of what it read.
    """
    run = past.run
    if run is None or past.sketches is None:
        raise AssertionError("a run is taken in once it is settled")
    count, first = len(run.store), storage.next_rec()
    number = storage.add_run(time, count, len(run.kept), inputs)
    recs = np.arange(first, first + count)
    witness = _witnesses(run, recs, past.recs)
    identity = past.sketches.identity()[:count]
    for at in range(0, count, _AT_ONCE):
        part = np.arange(at, min(at + _AT_ONCE, count))
        storage.add(number, _records(run, part, recs[part], witness[part], identity[part]))
    for kind, codes, places in _postings(past, run, identity):
        storage.post(kind, codes, recs[places])
    for outlines, places in _outlines(past, run, identity):
        storage.outline(recs[places], outlines)


def _witnesses(run: Run, recs: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rec that is kept for each record."""
    every = np.concatenate((recs, known))
    return every[np.where(run.witness < 0, np.arange(len(recs)), run.witness)]


def _records(
    run: Run,
    part: NDArray[np.int64],
    recs: NDArray[np.int64],
    witness: NDArray[np.int64],
    identity: NDArray[np.uint64],
) -> Records:
    lines, places = run.store.lines(part), run.store.places(part)
    raws = list(map(lines.raw, range(len(lines))))
    records = list(map(decode, raws))
    kept = (witness == recs).tolist()
    tell = (~np.array(kept, np.bool_) & run.parsed[run.survivor[part]]).tolist()
    return Records(
        recs,
        [None if record.get("id") is None else encode(record["id"]).decode() for record in records],
        places,
        identity,
        witness,
        run.score[part],
        [
            encode(seen.entries(record, place)).decode() if told else None
            for record, place, told in zip(records, places, tell, strict=True)
        ],
        [raw for raw, own in zip(raws, kept, strict=True) if own],
    )


def _postings(
    past: IndexPast, run: Run, identity: NDArray[np.uint64]
) -> Iterator[tuple[int, NDArray[np.uint32], NDArray[np.int64]]]:
    """Kind, codes and ordinals."""
    fresh = np.flatnonzero((identity != 0) & (past.fate < 0))
    _, first = np.unique(identity[fresh], return_index=True)
    places = np.sort(fresh[first])
    yield IDENTITY, upper(identity[places]), places
    stays = (run.witness < 0) & (identity != 0)
    for at, columns, mine in _by_rule(past, run):
        yield from _of_rule(columns, mine, stays, past.posted[at])


def _by_rule(past: IndexPast, run: Run) -> Iterator[tuple[int, Columns, NDArray[np.int64]]]:
    """For each rule that records follow its columns, and the ordinals of these records."""
    for at, columns in enumerate(past.sketches.rules if past.sketches else ()):
        mine = np.flatnonzero(run.rule[: len(run.witness)] == at)
        if len(mine):
            yield at, columns, mine


def _outlines(
    past: IndexPast, run: Run, identity: NDArray[np.uint64]
) -> Iterator[tuple[list[bytes], NDArray[np.int64]]]:
    """Outlines of kept papers, and their ordinals."""
    for _, columns, mine in _by_rule(past, run):
        if OUTLINE in columns:
            rows = np.flatnonzero(((run.witness < 0) & (identity != 0))[mine])
            for at in range(0, len(rows), _AT_ONCE):
                some = rows[at : at + _AT_ONCE]
                yield packed(columns, some), mine[some]


def _of_rule(
    columns: Columns, mine: NDArray[np.int64], stays: NDArray[np.bool_], posted: dict[str, Rarest]
) -> Iterator[tuple[int, NDArray[np.uint32], NDArray[np.int64]]]:
    """By what the kept records of one rule are found, but for their identity."""
    rows = np.flatnonzero(stays[mine])
    for kind, codes in plain_codes(columns, rows):
        some = np.flatnonzero(codes) if kind < BANDS else slice(None)
        yield kind, codes[some], mine[rows][some]
    for name, (owners, values) in posted.items():
        kept = stays[mine[owners]]
        yield RARE[name], values[kept], mine[owners[kept]]
