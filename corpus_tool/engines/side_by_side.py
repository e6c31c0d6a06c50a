"""Two collections at once, each read only once: what is in both, and what a run over the first alone would find."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tool.dedup.between import Between, between
from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.run import any_abstract, find, text_fields
from corpus_tool.engines.comparable import check
from corpus_tool.engines.ingest import ingest
from corpus_tool.engines.local import Deciding
from corpus_tool.engines.memory import sketched
from corpus_tool.engines.sketching import Sketched, Sketching
from corpus_tool.errors import InputError
from corpus_tool.match.choosing import choose
from corpus_tool.store.files import FileStore
from corpus_tool.store.joined import Joined
from corpus_tool.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems
    from corpus_tool.store import Store


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection: where its records stand, and their columns."""

    store: Store
    sketches: Sketches


class SideBySide:
    """Two collections, sketched.

    Attributes:
        store: Where the records stand, those of the first collection before those of the second.
        split: How many the first one has.
        rules: What decides.
        why: One sentence on what is compared.

    Raises:
        CorpusError: Records that cannot be compared, or an option that was typed and does nothing for such records.
    """

    def __init__(
        self,
        rules: Rules,
        first: Collection,
        second: Collection,
        options: Options,
        progress: Progress,
        pool: ThreadPoolExecutor,
    ) -> None:
        self.rules = rules
        self._options, self._progress, self._pool = options, progress, pool
        self._first = first
        for each in (first, second):
            _check(each, rules, options)
        self.store = Joined(first.store, second.store)
        self.split = len(first.store)
        self._sketches = _joined(rules, first.sketches, second.sketches, options)
        self.why = self._why()

    def between(self) -> Between:
        """Which records of either the other has too."""
        deciding = self._deciding(self.store, self._sketches)
        return between(self.rules, self._sketches, self.store, deciding, self.split, self._progress)

    def first(self) -> Run:
        """What a run over the first collection alone finds; asked for once."""
        store, sketches = self._first.store, self._first.sketches
        deciding = self._deciding(store, sketches)
        return find(self.rules, sketches, store, deciding, self._options, self._progress)

    def _deciding(self, store: Store, sketches: Sketches) -> Deciding:
        rule, workers = sketches.common["rule"], self._options.workers
        return Deciding(self.rules, rule, store, self._pool, workers, self._progress)

    def _why(self) -> str:
        rule = self._sketches.common["rule"]
        fields = text_fields(self.rules, self._sketches)
        why = self.rules.why(rule, fields, abstracts=any_abstract(self.rules, self._sketches))
        only = {self.rules.policies[at].name for at in distinct(rule).tolist()}
        self._options.refuse_idle(only.pop() if len(only) == 1 else "", why)
        return why


def _check(collection: Collection, rules: Rules, options: Options) -> None:
    """Refuse a collection in which the rules see nothing, whatever they see in the other."""
    try:
        check(collection.sketches, rules, collection.store, options)
    except InputError as error:
        sources = collection.store.sources()
        error.path = error.path or (sources[0][0] if len(sources) == 1 else None)
        raise


def _joined(rules: Rules, first: Sketches, second: Sketches, options: Options) -> Sketches:
    sketching = Sketching(rules, options)
    for each in (first, second):
        sketching.add(Sketched(tuple(dict(columns) or None for columns in each.rules), dict(each.common)))
    return sketching.finish()


@contextmanager
def of_files(
    first: Sequence[Input],
    second: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
) -> Iterator[SideBySide]:
    """Read two collections from their inputs.

    Raises:
        CorpusError: Input that cannot be used, or a temporary folder that cannot be written.
    """
    rules, stores = choose(options), (FileStore(options.tmp_dir), FileStore(options.tmp_dir))
    with ThreadPoolExecutor(options.workers) as pool:
        try:
            one, other = (
                Collection(store, ingest(inputs, rules, options, problems, progress, store, pool))
                for inputs, store in zip((first, second), stores, strict=True)
            )
            yield SideBySide(rules, one, other, options, progress, pool)
        finally:
            pool.shutdown(cancel_futures=True)
            for store in stores:
                store.close()


@contextmanager
def of_records(
    first: Sequence[bytes],
    second: Sequence[bytes],
    names: tuple[str, str],
    options: Options,
    progress: Progress,
) -> Iterator[SideBySide]:
    """Two collections that are at hand, a JSON object each record, and what messages call them.

    Raises:
        CorpusError: Records that cannot be compared.
    """
    rules = choose(options)
    with ThreadPoolExecutor(options.workers) as pool:
        stores = [MemoryStore(raws, name) for raws, name in zip((first, second), names, strict=True)]
        one, other = (Collection(store, sketched(store, rules, options, progress, pool)) for store in stores)
        yield SideBySide(rules, one, other, options, progress, pool)
