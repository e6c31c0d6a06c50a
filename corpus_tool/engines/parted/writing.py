"""What a run leaves behind, written where the records are: one part a task, in the order of the input."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from corpus_tool import receipts
from corpus_tool.engines.parted.folders import Folder, commit
from corpus_tool.engines.parted.others import members, mentioned, with_shared
from corpus_tool.engines.parted.portion import Known, portion_of
from corpus_tool.lines.decode import decode
from corpus_tool.sinks import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.homes import Home
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.portion import Told
    from corpus_tool.engines.parted.run import Found


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is to be written.

    Attributes:
        kept: The kept records, or all with their clusters.
        format: Of these, by name.
        removed: Receipts, if they are wanted.
        clusters: Who is grouped with whom, if that is wanted.
        annotate: Whether all records are written with their clusters.
        annotate_as: The key that these gain; None for the usual ones.
    """

    kept: Folder
    format: str = "jsonl"
    removed: Folder | None = None
    clusters: Folder | None = None
    annotate: bool = False
    annotate_as: str | None = None

    @property
    def folders(self) -> list[Folder]:
        """Those that are written."""
        return [folder for folder in (self.kept, self.removed, self.clusters) if folder]

    @property
    def named(self) -> bool:
        """Whether clusters are named."""
        return self.annotate or self.clusters is not None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the records of a run.

    Attributes:
        kept: How many.
        removed: The same.
        exact: Removed with a score of 1.
        mute: Of which nothing was compared.
        first_mute: Where the first of them stands, `source:line`.
    """

    kept: int
    removed: int
    exact: int
    mute: int
    first_mute: str | None


def write(found: Found, outputs: Outputs, look_again: Callable[[], object]) -> Written:
    """Write all outputs, and let them appear.

    Args:
        found: What the run found.
        outputs: Where it goes.
        look_again: Called before outputs take their places.

    Raises:
        CorpusError: One of them cannot be written, or input changed.
    """
    known = Known(
        found.rules, found.standing, found.lines, found.bases, outputs.removed is not None, found.parsed
    )
    fates = _known_fates(found, known)
    counts = fates.map(partial(_counts, known)).values()
    fates = with_shared(fates, known) if outputs.named else fates
    told = fates.beside(mentioned(fates, known))
    ready = told.map(_as_is).beside(members(fates, known)).keep() if found.parsed else told.map(_alone)
    firsts = _first_receipts(found, known, ready, counts) if outputs.removed else {}
    try:
        attempts = ready.map(partial(_write, known, outputs, firsts)).values()
        look_again()
    except BaseException:
        for folder in outputs.folders:
            folder.discard()
        raise
    commit(outputs.folders, list(zip(*attempts, strict=True)))
    kept, removed, exact, mute, first = zip(*counts, strict=True)
    return Written(sum(kept), sum(removed), sum(exact), sum(mute), next(filter(None, first), None))


def _known_fates(found: Found, known: Known) -> Parts:
    """Where the records of each home stand, and what became of them."""
    fates = found.homes.map(_where).beside(found.fates).map(partial(_fates, known, "witness"))
    for name, relation in (("through", found.through), ("version_of", found.version_of)):
        if relation is not None:
            fates = fates.beside(relation).map(partial(_more_fates, known, name))
    return fates.keep()


def _where(_: int, home: Home) -> Columns:
    identity = home.identity()
    wanted = ("rule", "parsed", "stretch", "line", "start", "size", "held", "held_offsets")
    return {**{name: home.common[name] for name in wanted}, "mute": identity == 0}


def _fates(known: Known, name: str, index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    common, received = given
    count = len(common["rule"])
    other, score = np.full(count, -1, np.int64), np.ones(count)
    for columns in received:
        rows = columns["place"] - known.bases[index]
        other[rows], score[rows] = columns["other"], columns["score"]
    return {**common, name: other, "score": score}


def _more_fates(known: Known, name: str, index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    fates, received = given
    other = np.full(len(fates["rule"]), -1, np.int64)
    for columns in received:
        other[columns["place"] - known.bases[index]] = columns["other"]
    return {**fates, name: other}


def _counts(known: Known, _: int, fates: Columns) -> tuple[int, int, int, int, str | None]:
    removed, mute = fates["witness"] >= 0, np.flatnonzero(fates["mute"])
    exact = int((fates["score"][removed] == 1).sum())
    first = ":".join(map(str, known.stand(fates, mute[:1])[0])) if len(mute) else None
    return int((~removed).sum()), int(removed.sum()), exact, len(mute), first


def _as_is(_: int, given: tuple[Columns, Told]) -> tuple[Columns, Told]:
    return given


def _alone(_: int, given: tuple[Columns, Told]) -> tuple[tuple[Columns, Told], Told]:
    return given, []


def _first_receipts(
    found: Found, known: Known, ready: Parts, counts: Sequence[Any]
) -> dict[int, dict[str, Any]]:
    """What the first receipt says of the run, by the home that writes it."""
    grown: dict[str, Any] = {}
    if found.parsed:
        for each in ready.map(partial(_grown, known)).values():
            for name, entries in each.items():
                grown.setdefault(name, []).extend(entries)
        if ranges := grown.get(receipts.NEW_SEEN):
            grown[receipts.NEW_SEEN] = _merged(ranges)
    first = next((at for at, (_, removed, *_) in enumerate(counts) if removed), 0)
    return {first: receipts.of_the_run(int(known.bases[-1]), found.layout, grown)}


def _merged(ranges: list[list[int]]) -> list[list[int]]:
    """Ranges of which one ends where the next begins, as one."""
    found = [list(ranges[0])]
    for start, end in ranges[1:]:
        if found[-1][1] == start:
            found[-1][1] = end
        else:
            found.append([start, end])
    return found


def _grown(known: Known, index: int, given: tuple[tuple[Columns, Told], Told]) -> dict[str, Any]:
    (fates, others), gone = given
    return receipts.seen_of(cast("Any", portion_of(known, index, fates, others, gone)))


def _write(
    known: Known,
    outputs: Outputs,
    firsts: dict[int, dict[str, Any]],
    index: int,
    given: tuple[tuple[Columns, Told], Told],
) -> list[str]:
    """Write the parts of a home: the names of what was written, an output each."""
    (fates, others), gone = given
    portion: Any = portion_of(known, index, fates, others)
    names = receipts.Names(portion, _hashes(portion, fates, others)) if outputs.named else None
    attempts = []
    with (attempt := outputs.kept.write(index)) as writer:
        if outputs.annotate:
            _in_format(
                outputs,
                writer,
                partial(receipts.write_annotated, portion, name=outputs.annotate_as, names=names),
            )
        else:
            growing: Any = portion_of(known, index, fates, others, gone) if known.parsed else portion
            _in_format(outputs, writer, partial(receipts.write_kept, growing))
        attempts.append(attempt.name)
    if outputs.removed:
        with (attempt := outputs.removed.write(index)) as writer:
            receipts.write_receipts(portion, writer, firsts.get(index, {}))
            attempts.append(attempt.name)
    if outputs.clusters:
        with (attempt := outputs.clusters.write(index)) as writer:
            receipts.write_clusters(portion, writer, names)
            attempts.append(attempt.name)
    return attempts


def _in_format(outputs: Outputs, writer: BinaryIO, produce: Callable[[BinaryIO], object]) -> None:
    """Write what is produced as lines of JSON in the format of kept records."""
    if outputs.format == FORMATS[0].name:
        produce(writer)
        return
    chosen = next(each for each in FORMATS if each.name == outputs.format)
    with tempfile.TemporaryFile() as lines:
        produce(cast("BinaryIO", lines))
        lines.seek(0)
        chosen.write(((raw, decode(raw)) for raw in (line.removesuffix(b"\n") for line in lines)), writer)


def _hashes(portion: Any, fates: Columns, others: Told) -> set[int]:
    """Hashes of the names that kept records share with other kept ones."""
    ordinals = [portion.ordinals[fates["shared"]], *(each["ordinal"][each["shared"]] for each, _ in others)]
    return set(map(hash, receipts.names(portion.store, np.concatenate(ordinals))))
