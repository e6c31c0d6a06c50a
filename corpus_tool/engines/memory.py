"""Records that are at hand: the same run without files, sketched and decided in threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.dedup.run import find
from corpus_tool.engines.comparable import check
from corpus_tool.engines.local import Deciding, held_against
from corpus_tool.engines.sketching import Sketching, sketch_lines
from corpus_tool.errors import InputError
from corpus_tool.match.choosing import choose
from corpus_tool.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Observer, Sketches
    from corpus_tool.engines.beside import Past
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress

_SKETCHED_AT_ONCE = 1 << 12


def deduplicate(
    raws: Sequence[bytes],
    source: str,
    options: Options,
    progress: Progress,
    observer: Observer | None = None,
    past: Past | None = None,
) -> Run:
    """Sketch, propose, decide and cluster.

    Args:
        raws: One JSON object each.
        source: What messages call the records, with their number from 1 on.
        options: Of the run.
        progress: Told of the stages.
        observer: Sees every pair that is decided.
        past: Knows records that the run is held against.

    Raises:
        CorpusError: Records that cannot be compared.
    """
    store, rules = MemoryStore(raws, source), choose(options)
    with ThreadPoolExecutor(options.workers) as pool:
        sketches = sketched(store, rules, options, progress, pool)
        check(sketches, rules, store, options)
        if past is not None:
            return held_against(past, sketches, rules, store, pool, options, progress)
        deciding = Deciding(rules, sketches.common["rule"], store, pool, options.workers, progress)
        return find(rules, sketches, store, deciding, options, progress, observer)


def sketched(
    store: MemoryStore, rules: Rules, options: Options, progress: Progress, pool: ThreadPoolExecutor
) -> Sketches:
    """The columns of all records.

    Raises:
        InputError: A record that is none.
    """
    every = np.arange(len(store))
    parts = [every[at : at + _SKETCHED_AT_ONCE] for at in range(0, max(1, len(every)), _SKETCHED_AT_ONCE)]
    sketching = Sketching(rules, options)
    progress.stage("read", store.bytes_read)
    made_of = pool.map(lambda part: sketch_lines(rules, store.lines(part), options, store.source), parts)
    for part, (made, _, bad) in zip(parts, made_of, strict=True):
        for place, message in bad:
            raise InputError(message, path=store.source, line=int(part[place]) + 1)
        sketching.add(made)
    return sketching.finish()
