"""Records of another input, that a run is held against as if all of them were kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.engines.beside import Beside, nothing_known
from corpus_tool.engines.comparable import check
from corpus_tool.engines.ingest import ingest
from corpus_tool.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import ThreadPoolExecutor

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems


class InputsPast:
    """As `corpus_tool.engines.beside.Past`, of what other inputs hold.

    Args:
        name: What was named, for receipts.
        inputs: What that is.
        problems: Told of bad input there.
    """

    def __init__(self, name: str, inputs: Sequence[Input], problems: Problems) -> None:
        self._name, self._inputs, self._problems = name, inputs, problems

    def meet(
        self, sketches: Sketches, rules: Rules, options: Options, pool: ThreadPoolExecutor, progress: Progress
    ) -> Beside:
        store = FileStore(options.tmp_dir)
        try:
            known = ingest(self._inputs, rules, options, self._problems, progress, store, pool)
            check(known, rules, store, options)
        except BaseException:
            store.close()
            raise
        return Beside(self._name, store, known, *nothing_known(len(sketches)))

    def settled(self, run: Run, sketches: Sketches) -> None:
        """There is nobody to tell."""
