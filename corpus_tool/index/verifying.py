"""Whether an index is whole: every kept record readable, and found by all that it should be found by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.sketching import Sketching, sketch_lines
from corpus_tool.index.past import plain_codes, upper
from corpus_tool.index.protocol import BANDS, IDENTITY
from corpus_tool.lines.lines import Lines
from corpus_tool.match.choosing import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.index.protocol import Kept, Storage


def problems(storage: Storage, options: Options) -> Iterator[str]:
    """What is wrong, in words."""
    yield from storage.problems()
    kept = [np.zeros(0, np.int64)]
    for portion in storage.every():
        kept.append(portion.recs)
        yield from _of_portion(storage, portion, options)
    every, orphans = np.concatenate(kept), 0
    for witness, _, _, _ in storage.repeats():
        at = int(np.searchsorted(every, witness))
        orphans += at == len(every) or every[at] != witness
    if orphans:
        yield f"{orphans:,} repeats name a record that is not kept"
    counts = storage.counts()
    if counts.kept != len(every):
        yield f"{counts.kept - len(every):,} kept records stand nowhere"


def _of_portion(storage: Storage, portion: Kept, options: Options) -> Iterator[str]:
    rules, sketching = choose(options), None
    made, readable, _ = sketch_lines(rules, Lines.joined(portion.raws), options, "")
    if len(readable) < len(portion.raws):
        first = int(np.setdiff1d(np.arange(len(portion.raws)), readable)[0])
        yield f"record {portion.recs[first]} cannot be read"
        return
    sketching = Sketching(rules, options)
    sketching.add(made)
    sketches = sketching.finish()
    identity, stored = sketches.identity(), storage.fates(portion.recs)
    if (identity != stored.identity).any():
        first = int(np.flatnonzero(identity != stored.identity)[0])
        yield f"record {portion.recs[first]} is not what it was when it was taken in"
        return
    named = np.flatnonzero(identity)
    yield from _unfound(storage, IDENTITY, upper(identity[named]), portion.recs[named])
    for at, columns in enumerate(sketches.rules):
        mine = np.flatnonzero(sketches.common["rule"] == at)
        rows = np.flatnonzero(columns["identity"]) if columns else mine[:0]
        for kind, codes in plain_codes(columns, rows) if len(rows) else ():
            some = np.flatnonzero(codes) if kind < BANDS else np.arange(len(codes))
            yield from _unfound(storage, kind, codes[some], portion.recs[mine[rows[some]]])


def _unfound(
    storage: Storage, kind: int, codes: NDArray[np.uint32], recs: NDArray[np.int64]
) -> Iterator[str]:
    """Records that are not among those of their codes."""
    known = distinct(codes)
    which, found = storage.find(kind, known)
    held = np.sort(known[which].astype(np.int64) << 32 | found)
    wanted = codes.astype(np.int64) << 32 | recs
    missing = wanted[~np.isin(wanted, held)]
    if len(missing):
        first = missing[0] & 0xFFFFFFFF
        yield f"{len(missing):,} records are not found by postings of kind {kind}; the first is {first}"
