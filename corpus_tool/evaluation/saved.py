"""A run again, from what it left behind: kept records and receipts, or its inputs and their clusters.

Nothing is searched and nothing is compared: who was removed, for which kept record and with which score is read. Only
what was compared of each record is looked up again, so the options should be those of the run.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

import numpy as np

from corpus_tool.dedup.run import Run
from corpus_tool.errors import InputError
from corpus_tool.evaluation.saved_places import Kept, Places, Removed, unknown
from corpus_tool.lines.decode import decode
from corpus_tool.match import NEITHER
from corpus_tool.match.text import TextPolicy
from corpus_tool.receipts import KEPT_IN
from corpus_tool.restore import Receipts
from corpus_tool.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from corpus_tool.match.rules import Rules
    from corpus_tool.records import Batch, Record
    from corpus_tool.store import Place

_AT_ONCE = 4096
_SAME = 1e-9
"""How far scores may lie apart that are the same."""


class Row(NamedTuple):
    """What `--clusters` says of a record, and the line on which it does."""

    name: Any
    place: Place
    cluster: str
    score: float
    kept: bool
    line: int


class Witnessed(Receipts):
    """Receipts that also know where records stood and what they repeat."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self.removed: list[Removed] = []
        super().__init__(batches)

    def _add(self, source: str, line: int, receipt: Record) -> None:
        count = len(self)
        super()._add(source, line, receipt)
        if len(self) == count:  # what a run says of itself where it removed nothing
            return
        if (elsewhere := receipt.get(KEPT_IN)) is not None:
            raise InputError(
                f"repeats a record of {elsewhere}, which the run was held against: saved outputs do not hold that one; "
                f"report on both together, as in `corpus-tool report {elsewhere} INPUT`",
                path=source,
                line=line,
            )
        try:
            self.removed.append(_removed(receipt))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"a receipt without a usable {error}: give the file as --removed wrote it",
                path=source,
                line=line,
            ) from error

    def blank_before(self) -> list[int]:
        """For each blank line, how many records stood before it."""
        return [before for before, _ in self._blank]


def _removed(receipt: Record) -> Removed:
    def checked(name: str, kind: type) -> Any:
        if type(receipt.get(name)) is not kind:
            raise KeyError(name)
        return receipt[name]

    score = checked("score", float)
    if not 0 <= score <= 1:
        raise KeyError("score")
    return Removed(
        receipt["ordinal"],
        (checked("source", str), checked("line", int)),
        (checked("kept_source", str), checked("kept_line", int)),
        str(receipt.get("kept")),
        score,
    )


def of_receipts(
    kept: Iterable[Batch],
    receipts: Witnessed,
    rules: Rules,
    clusters: Sequence[Row] | None,
    tmp_dir: str | None,
) -> Run:
    """The run that wrote kept records and receipts.

    Args:
        kept: The kept records, in the order in which they were written.
        receipts: The receipts.
        rules: By which the run compared.
        clusters: What `--clusters` wrote, where that is known: then every place is.
        tmp_dir: Folder of temporary files.

    Raises:
        InputError: They are not of one run, or it is not known which kept record a receipt means.
    """
    known = Kept()
    gathering = _Gathering(rules, tmp_dir)
    try:
        with tempfile.TemporaryFile(dir=tmp_dir) as whole:
            receipts.merge(known.through(kept), cast("BinaryIO", whole))
            whole.seek(0)
            if clusters is not None:
                _check_rows(clusters, receipts, known)
            places = Places(
                receipts.removed,
                receipts.blank_before(),
                known,
                None if clusters is None else [row.place for row in clusters],
            )
            witness, score = np.full(len(places), -1, np.int64), np.ones(len(places))
            for each in receipts.removed:
                witness[each.ordinal], score[each.ordinal] = places.witness(each), each.score
            raws = (line.rstrip(b"\n") for line in whole if line.strip())
            for raw, place in zip(raws, places.filled(), strict=True):
                gathering.add(raw, place)
        run = gathering.run(witness, score)
        _check_guesses(run, [each for each in receipts.removed if each.kept_place[0] == places.guessed])
    except BaseException:
        gathering.store.close()
        raise
    return run


def _check_guesses(run: Run, some: Sequence[Removed]) -> None:
    """Refuse witnesses that were found by a guess and do not score what the receipts say.

    Raises:
        InputError: One does not.
    """
    for at in range(0, len(some), _AT_ONCE):
        part = np.array([each.ordinal for each in some[at : at + _AT_ONCE]])
        ordinals, where = np.unique(np.stack((part, run.witness[part])), return_inverse=True)
        decided = run.rules.compare(run.store.lines(ordinals), run.rule[ordinals], *where.reshape(2, -1))
        found = zip(some[at:], decided.scores.tolist(), (decided.relation != NEITHER).tolist(), strict=False)
        for each, score, alike in found:
            if not (alike if each.score == 1 else abs(score - each.score) <= _SAME):
                raise unknown(each)


def of_clusters(
    batches: Iterable[Batch], rows: Sequence[Row], path: str, rules: Rules, tmp_dir: str | None
) -> Run:
    """The run that wrote the clusters of these records; arguments as for `of_receipts`.

    Raises:
        InputError: They are the clusters of other records.
    """
    gathering = _Gathering(rules, tmp_dir)
    try:
        for batch in batches:
            for raw, record, line in zip(batch.raws, batch.records, batch.lines, strict=True):
                at = len(gathering)
                if at < len(rows) and not _is_of(rows[at], record, (batch.source, line)):
                    raise InputError(
                        f"is not of the record at {batch.source}:{line}: give the inputs of that run, in its order",
                        path=path,
                        line=rows[at].line,
                    )
                gathering.add(raw, (batch.source, line))
        if len(gathering) != len(rows):
            raise InputError(
                f"lists {len(rows):,} records, and the input has {len(gathering):,}: give the inputs of that run",
                path=path,
            )
        survivors: dict[str, int] = {}
        for at, row in enumerate(rows):
            if row.kept and survivors.setdefault(row.cluster, at) != at:
                raise InputError(f"cluster {row.cluster} has a second kept record", path=path, line=row.line)
        witness = np.full(len(rows), -1, np.int64)
        for at, row in enumerate(rows):
            if row.cluster not in survivors:
                raise InputError(f"cluster {row.cluster} has no kept record", path=path, line=row.line)
            if not row.kept:
                witness[at] = survivors[row.cluster]
        return gathering.run(witness, np.array([row.score for row in rows], np.float64))
    except BaseException:
        gathering.store.close()
        raise


def read_clusters(batches: Iterable[Batch]) -> list[Row]:
    """The rows that `--clusters` wrote.

    Raises:
        InputError: A line is none of them.
    """
    rows = []
    for batch in batches:
        for record, line in zip(batch.records, batch.lines, strict=True):
            source, at, score = record.get("source"), record.get("line"), record.get("score")
            cluster, kept = record.get("cluster"), record.get("kept")
            usable = isinstance(source, str) and isinstance(at, int) and isinstance(cluster, str)
            if not usable or not isinstance(kept, bool) or not isinstance(score, int | float):
                raise InputError(
                    "not a row of clusters: it lacks source, line, cluster, score or kept; give the file that "
                    "--clusters wrote",
                    path=batch.source,
                    line=line,
                )
            rows.append(
                Row(record.get("id"), (str(source), int(str(at))), str(cluster), float(score), kept, line)
            )
    return rows


def _is_of(row: Row, record: Record, place: Place) -> bool:
    return row.place == place or (row.name is not None and row.name == record.get("id"))


def _check_rows(rows: Sequence[Row], receipts: Witnessed, known: Kept) -> None:
    gone = [at for at, row in enumerate(rows) if not row.kept]
    if len(rows) != len(receipts) + len(known.places) or gone != [each.ordinal for each in receipts.removed]:
        raise InputError(
            f"the clusters are of {len(rows):,} records, {len(gone):,} of them removed; kept records and receipts are "
            f"of {len(receipts) + len(known.places):,} and {len(receipts):,}: give the files of one run"
        )


class _Gathering:
    """Records in input order, on their way into a store."""

    def __init__(self, rules: Rules, tmp_dir: str | None) -> None:
        self.store = FileStore(tmp_dir)
        self._rules = rules
        self._raws: list[bytes] = []
        self._places: list[Place] = []
        self._rule: list[NDArray[np.uint8]] = [np.zeros(0, np.uint8)]
        self._compared: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
        self._fields: dict[str, None] = {}  # in order, unlike a set
        self._abstracts = False
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._raws)

    def add(self, raw: bytes, place: Place) -> None:
        """The next record."""
        if self._raws and (self._places[0][0] != place[0] or len(self._raws) == _AT_ONCE):
            self._flush()
        self._raws.append(raw)
        self._places.append(place)

    def _flush(self) -> None:
        if not self._raws:
            return
        records = list(map(decode, self._raws))
        rule, said = self._rules.of(records), np.zeros(len(records), np.bool_)
        for at, policy in enumerate(self._rules.policies):
            mine = np.flatnonzero(rule == at)
            if len(mine):
                made = policy.sketch([records[place] for place in mine.tolist()])
                said[mine] = made["identity"] != 0
                self._abstracts = self._abstracts or len(made.get("shingles", ())) > 0
                if isinstance(policy, TextPolicy):
                    self._fields |= dict.fromkeys(policy.named(made))
        self._rule.append(rule)
        self._compared.append(said)
        self._count += len(records)
        sizes = np.fromiter(map(len, self._raws), np.int64, len(self._raws))
        lines = np.array([line for _, line in self._places], np.int64)
        data = b"\n".join([*self._raws, b""])
        self.store.add(self._places[0][0], None, lines, np.cumsum(sizes + 1) - sizes - 1, sizes, spooled=data)
        self._raws, self._places = [], []

    def run(self, witness: Any, score: Any) -> Run:
        """The run, by what was decided of the records."""
        self._flush()
        self.store.close_books()
        rule = np.concatenate(self._rule)
        none = np.zeros(0, np.int64)
        return Run(
            store=self.store,
            rules=self._rules,
            why=self._rules.why(rule, tuple(self._fields), abstracts=self._abstracts),
            rule=rule,
            compared=np.concatenate(self._compared),
            parsed=np.zeros(len(rule), np.bool_),
            witness=witness,
            score=score,
            through=none,
            proposed=0,
            crowded=0,
            version_of=none,
            within=np.zeros(0, np.uint64),
        )
