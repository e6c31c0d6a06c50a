"""The library's entrance: the same run as the command's, over records that are at hand or files that are not.

>>> from corpus_tool import deduplicate
>>> result = deduplicate([{"id": 1, "text": "a b c"}, {"id": 2, "text": "A, b, c!"}])
>>> [record["id"] for record in result.kept]
[1]
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import orjson

from corpus_tool import receipts
from corpus_tool.config import Options
from corpus_tool.engines import local, memory
from corpus_tool.lines.encode import encode
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import expand
from corpus_tool.sources.problems import Problems
from corpus_tool.store import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.records import Record

SOURCE = "records"
"""What messages, receipts and clusters call records that were handed over; their line is their number from 1 on."""


@dataclass(frozen=True, slots=True)
class Result:
    """Who stayed, and why the others did not. A context manager: leaving it closes the files of the run.

    Attributes:
        run: Witnesses and scores, by ordinal; see `corpus_tool.dedup.run.Run`.
        given: The records as handed over; None where they were read from files.
    """

    run: Run
    given: Sequence[Any] | None

    @property
    def kept(self) -> list[Any]:
        """The survivors in input order: the very objects that were handed over, or records as read."""
        return self._of(self.run.kept)

    @property
    def removed(self) -> list[Any]:
        """The other records, in input order."""
        return self._of(self.run.removed)

    @property
    def clusters(self) -> list[int]:
        """For each record, the place among all of its cluster's survivor."""
        return [int(place) for place in self.run.survivor]

    @property
    def receipts(self) -> list[Record]:
        """For each removed record what `--removed` writes: its witness, the exact score, the reasons, its bytes."""
        written = io.BytesIO()
        receipts.write_receipts(self.run, written)
        return [orjson.loads(line) for line in written.getvalue().splitlines()]

    def _of(self, ordinals: NDArray[Any]) -> list[Any]:
        if self.given is None:
            return records(self.run.store, ordinals)
        return [self.given[place] for place in ordinals.tolist()]

    def close(self) -> None:
        """Let go of the files of the run; records that were read from them can be had no longer."""
        self.run.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def deduplicate(
    inputs: str | PathLike[str] | Iterable[Record | str | PathLike[str]], options: Options | None = None
) -> Result:
    """Keep one record of each set of near-duplicates.

    Args:
        inputs: A path (file, folder or pattern, as a string or path object), several path objects, or records: dicts
            that JSON can say, or strings, of which each is a text.
        options: Of the run; None for the defaults.

    Raises:
        CorpusError: Input that cannot be used: `InputError`, `UsageError` or `OutputError`.
        TypeError: A record is nothing that JSON can say.
    """
    options = options or Options()
    if isinstance(inputs, str | PathLike):
        return _of_paths([fspath(inputs)], options)
    given = list(inputs)
    if given and all(isinstance(each, PathLike) for each in given):
        return _of_paths([fspath(path) for path in given if isinstance(path, PathLike)], options)
    raws = [encode({"text": each} if isinstance(each, str) else each) for each in given]
    return Result(memory.deduplicate(raws, SOURCE, options, Progress()), given)


def _of_paths(paths: list[str], options: Options) -> Result:
    reading = options.reading
    problems = Problems(skip=reading.skip, strict=reading.strict)
    return Result(local.deduplicate(expand(paths), options, problems, Progress()), None)
