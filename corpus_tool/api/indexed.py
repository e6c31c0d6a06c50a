"""An index from Python: the memory of what was seen, as `dedup --index` keeps it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from corpus_tool.api.given import Given
from corpus_tool.api.results import Records, Result
from corpus_tool.api.settings import Searching, Settings
from corpus_tool.api.wording import pythonic, warn
from corpus_tool.engines import memory
from corpus_tool.errors import InputError, UsageError
from corpus_tool.index import configuration
from corpus_tool.index.past import IndexPast
from corpus_tool.index.query import Questions
from corpus_tool.index.storages import open_storage
from corpus_tool.index.taking import take
from corpus_tool.lines.decode import decode
from corpus_tool.progress import Progress
from corpus_tool.records import Batch

if TYPE_CHECKING:
    from typing import Unpack

    from corpus_tool.config import Options
    from corpus_tool.index.protocol import Storage
    from corpus_tool.records import Record

SOURCE = "records"
_ASKED_AT_ONCE = 1024


class Index:
    """What was seen, in a file that lasts: the next records are held against all that came before.

    >>> import tempfile
    >>> seen = Index(tempfile.mkdtemp() + "/seen.idx")
    >>> seen.add(["The ferry leaves at nine.", "Bring a lamp."]).kept
    ['The ferry leaves at nine.', 'Bring a lamp.']
    >>> seen.add(["the ferry leaves at NINE", "Bring two lamps."]).kept
    ['Bring two lamps.']
    >>> [answer["known"] for answer in seen.query(["bring a lamp", "Stay at home."])]
    [True, False]
    >>> len(seen)
    4

    The file is opened for each call, and closed after it: any number of processes may ask, and one at a time writes.

    Args:
        path: Of the file; it is made at the first `add`.
        wait: Seconds to wait for another writer.
        settings: Those of `corpus_tool.deduplicate` that say what duplicates are: `match`, `threshold`, `fields`,
            `strictness`, `mapping`, `policy`, `versions`, `shingle`, `permutations`, `recall`, `seed`; also `jobs` and
            `tmp_dir`. They are stored with a new index. One that is there has its own: where any is passed here, all
            must be the same.

    Raises:
        CorpusError: A setting that cannot be used.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, wait: float = 600.0, **settings: Unpack[Searching]
    ) -> None:
        self.path, self.wait = os.fspath(path), wait
        with pythonic():
            asked = Settings.of("Index", settings, Searching)
            asked.refuse_reading()
            self._options = asked.options()
            if self._options.papers.versions == "link":
                raise UsageError("--versions link looks at all records at once: it does not go with an index")
        self._chosen = settings.keys() - {"jobs", "tmp_dir"}

    def add(self, records: Any) -> Result:
        """Take in records: what is new is kept, what was seen before, or repeats another of them, is removed.

        Args:
            records: As for `corpus_tool.deduplicate`, but no paths.

        Returns:
            As `deduplicate`; what a record repeats may be one of the index, which its receipt names, and whose place in
            `clusters` is past those of the records that were handed over.

        Raises:
            CorpusError: Records or an index that cannot be used; nothing is taken in then.
        """
        given = Given.of(records)
        started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        with pythonic(), open_storage(self.path, write=True) as storage:
            storage.begin(self.wait, warn)
            options = self._options_of(storage)
            configuration.settle(storage, options, write=True)
            past = IndexPast(storage)
            run = memory.deduplicate(given.raws, SOURCE, options, Progress(), past=past)
            try:
                options.refuse_idle(run.only, run.why)
                take(storage, past, started, {})
                storage.commit()
            except BaseException:
                run.close()
                raise
        return Result(run, given)

    def query(self, records: Any) -> Records:
        """Ask whether records were seen; nothing is taken in.

        Args:
            records: As for `add`.

        Returns:
            For each record a dict with its `id`, `line` (its number from 1 on) and whether it is `known`; if so also
            `kept`, `kept_source` and `kept_line` of the record that it matches best, the exact `score` from 0 to 1,
            `reasons`, and the `run` and the time `first_seen` at which that one came.

        Raises:
            CorpusError: There is no such index, or the records cannot be compared.
        """
        given = Given.of(records)
        with pythonic(), open_storage(self.path, write=False) as storage:
            options = self._options_of(storage)
            if not storage.configuration():
                raise InputError("nothing was ever taken into this index", path=self.path)
            configuration.settle(storage, options, write=False)
            with Questions(storage, options) as questions:
                return Records(
                    answer for batch in _batches(given.raws) for answer in questions.answers(batch)
                )

    @property
    def counts(self) -> dict[str, int]:
        """`runs`, `records` taken in, how many of them are `kept`, `size` in bytes; all 0 where there is no file."""
        if not os.path.exists(self.path):  # noqa: PTH110 - a path as it was given
            return {"runs": 0, "records": 0, "kept": 0, "size": 0}
        with pythonic(), open_storage(self.path, write=False) as storage:
            return storage.counts()._asdict()

    def __len__(self) -> int:
        """How many records were taken in."""
        return self.counts["records"]

    def __repr__(self) -> str:
        return f"Index({self.path!r})"

    def _options_of(self, storage: Storage) -> Options:
        """The options of an index that is there, unless others were chosen, which are then held against them."""
        stored = storage.configuration()
        return (
            self._options if self._chosen or not stored else configuration.options_of(stored, self._options)
        )


def _batches(raws: list[bytes]) -> list[Batch]:
    return [
        Batch(
            SOURCE,
            range(at + 1, at + 1 + len(raws[at : at + _ASKED_AT_ONCE])),
            raws[at : at + _ASKED_AT_ONCE],
            _records(raws[at : at + _ASKED_AT_ONCE]),
        )
        for at in range(0, len(raws), _ASKED_AT_ONCE)
    ]


def _records(raws: list[bytes]) -> list[Record]:
    return list(map(decode, raws))
