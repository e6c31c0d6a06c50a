"""What a run leaves behind, written where the records are: one part a task, in the order of the input."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from corpus_tool import receipts, seen
from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.parted.folders import Folder, commit
from corpus_tool.engines.parted.parts import home_of, joined, split, spread
from corpus_tool.engines.parted.portion import Portion, Sparse, SparseStore
from corpus_tool.engines.parted.texts import joined as joined_lines
from corpus_tool.engines.parted.texts import lines_of, packed, unpacked
from corpus_tool.lines.decode import decode
from corpus_tool.lines.encode import encode
from corpus_tool.lines.lines import Lines
from corpus_tool.sinks import FORMATS
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.homes import Home
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.run import Found
    from corpus_tool.engines.parted.texts import Standing
    from corpus_tool.match.rules import Rules
    from corpus_tool.store import Place


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
class _Known:
    """What every task knows of the run.

    Attributes:
        rules: What decided.
        standing: Of all stretches.
        lines: What is added to the lines of each.
        bases: The first ordinal of each home.
        outputs: What is to be written.
        parsed: Whether any record may carry `seen`.
        linked: Whether kept records say of which one they are a later version.
    """

    rules: Rules
    standing: list[Standing]
    lines: NDArray[np.int64]
    bases: NDArray[np.int64]
    outputs: Outputs
    parsed: bool
    linked: bool

    def stand(self, common: Columns, rows: NDArray[np.int64]) -> list[Place]:
        """Where records of a home stood."""
        stretch = common["stretch"][rows]
        lines = common["line"][rows] + self.lines[stretch]
        names = [self.standing[each].name for each in stretch.tolist()]
        return list(zip(names, lines.tolist(), strict=True))


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
    known = _Known(
        found.rules,
        found.standing,
        found.lines,
        found.bases,
        outputs,
        found.parsed,
        found.version_of is not None,
    )
    homes = found.homes.map(_where)
    fates = homes.beside(found.fates).map(partial(_fates, known, "witness"))
    for name, relation in (("through", found.through), ("version_of", found.version_of)):
        fates = fates if relation is None else fates.beside(relation).map(partial(_more_fates, known, name))
    fates = fates.keep()
    counts = fates.map(partial(_counts, known)).values()
    fates = _with_shared(fates, known) if outputs.named else fates
    others = fates.exchange(partial(_ask, known)).beside(fates).exchange(partial(_answer, known))
    members = fates.exchange(partial(_members, known))
    ready = (
        fates.beside(others).map(_as_is).beside(members).keep()
        if found.parsed
        else fates.beside(others).map(_alone)
    )
    firsts = _first_receipts(found, known, ready, counts) if outputs.removed else {}
    attempts = ready.map(partial(_write, known, firsts)).values()
    look_again()
    commit(outputs.folders, list(zip(*attempts, strict=True)))
    kept, removed, exact, mute, first = zip(*counts, strict=True)
    return Written(sum(kept), sum(removed), sum(exact), sum(mute), next(filter(None, first), None))


def _where(_: int, home: Home) -> Columns:
    identity = home.identity()
    wanted = ("rule", "parsed", "stretch", "line", "start", "size", "held", "held_offsets")
    return {**{name: home.common[name] for name in wanted}, "mute": identity == 0}


def _fates(known: _Known, name: str, index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    common, received = given
    count = len(common["rule"])
    other, score = np.full(count, -1, np.int64), np.ones(count)
    for columns in received:
        rows = columns["place"] - known.bases[index]
        other[rows], score[rows] = columns["other"], columns["score"]
    return {**common, name: other, "score": score}


def _more_fates(known: _Known, name: str, index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    fates, received = given
    other = np.full(len(fates["rule"]), -1, np.int64)
    for columns in received:
        other[columns["place"] - known.bases[index]] = columns["other"]
    return {**fates, name: other}


def _counts(known: _Known, _: int, fates: Columns) -> tuple[int, int, int, int, str | None]:
    removed, mute = fates["witness"] >= 0, np.flatnonzero(fates["mute"])
    exact = int((fates["score"][removed] == 1).sum())
    first = ":".join(map(str, known.stand(fates, mute[:1])[0])) if len(mute) else None
    return int((~removed).sum()), int(removed.sum()), exact, len(mute), first


def _with_shared(fates: Parts, known: _Known) -> Parts:
    """Fates with `shared`: which kept records have a name that other kept ones have too."""
    count = len(known.bases) - 1
    met = fates.exchange(partial(_names, known)).exchange(partial(_shared, known.bases, count))
    return fates.beside(met).map(partial(_are_shared, known.bases)).keep()


def _names(known: _Known, index: int, fates: Columns) -> Iterator[tuple[int, Columns]]:
    kept = np.flatnonzero(fates["witness"] < 0)
    portion = _portion(known, index, fates)
    found = receipts.names(cast("Any", portion.store), kept + known.bases[index])
    digests = (blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in found)
    keys = np.fromiter((int.from_bytes(each, "little") for each in digests), np.uint64, len(kept))
    count = len(known.bases) - 1
    yield from split({"key": keys, "ordinal": kept + known.bases[index]}, spread(keys, count), count)


def _shared(
    bases: NDArray[np.int64], count: int, _index: int, received: list[Columns]
) -> Iterator[tuple[int, Columns]]:
    met = joined(received)
    if not met:
        return
    _, where, many = np.unique(met["key"], return_inverse=True, return_counts=True)
    ordinals = met["ordinal"][many[where] > 1]
    yield from split({"ordinal": ordinals}, home_of(ordinals, bases), count)


def _are_shared(bases: NDArray[np.int64], index: int, given: tuple[Columns, list[Columns]]) -> Columns:
    fates, received = given
    shared = np.zeros(len(fates["rule"]), np.bool_)
    for columns in received:
        shared[columns["ordinal"] - bases[index]] = True
    return {**fates, "shared": shared}


def _ask(known: _Known, index: int, fates: Columns) -> Iterator[tuple[int, tuple[int, NDArray[np.int64]]]]:
    """Ask other homes for what is said of their records here."""
    first, last = known.bases[index : index + 2]
    wanted = [fates[name] for name in ("witness", "through", "version_of") if name in fates]
    others = distinct(np.concatenate(wanted))
    others = others[(others >= 0) & ((others < first) | (others >= last))]
    for at, some in split({"ordinal": others}, home_of(others, known.bases), len(known.bases) - 1):
        yield at, (index, some["ordinal"])


def _answer(
    known: _Known, index: int, given: tuple[list[tuple[int, NDArray[np.int64]]], Columns]
) -> Iterator[tuple[int, tuple[Columns, list[Place]]]]:
    """The records that others asked for: whole where receipts say why, by their names elsewhere."""
    asked, fates = given
    every = [ordinals - known.bases[index] for _, ordinals in asked]
    needed = distinct(np.concatenate([np.zeros(0, np.int64), *every]))
    lines = lines_of(known.standing, fates, needed)
    if known.outputs.removed is None:
        lines = Lines.joined([encode({"id": decode(lines.raw(at)).get("id")}) for at in range(len(needed))])
    for (home, ordinals), rows in zip(asked, every, strict=True):
        told: Columns = {name: fates[name][rows] for name in ("rule", "parsed", "shared") if name in fates}
        texts = packed(lines.take(np.searchsorted(needed, rows)))
        yield home, ({"ordinal": ordinals, **told, **texts}, known.stand(fates, rows))


def _members(known: _Known, index: int, fates: Columns) -> Iterator[tuple[int, tuple[Columns, list[Place]]]]:
    """Tell the homes of witnesses where the records that these stand for were seen."""
    first, last = known.bases[index : index + 2]
    witness = fates["witness"]
    away = np.flatnonzero((witness >= 0) & ((witness < first) | (witness >= last)))
    if not known.parsed or not len(away):
        return
    lines, stand = lines_of(known.standing, fates, away), known.stand(fates, away)
    said = [encode({seen.SEEN: seen.entries(decode(lines.raw(at)), place)}) for at, place in enumerate(stand)]
    texts = packed(Lines.joined(said))
    columns = {"at": np.arange(len(away)), "ordinal": away + first, "witness": witness[away], **texts}
    for at, some in split(columns, home_of(witness[away], known.bases), len(known.bases) - 1):
        yield at, (some, [stand[each] for each in some.pop("at").tolist()])


_Told = Sequence[tuple["Columns", list["Place"]]]


def _as_is(_: int, given: tuple[Columns, _Told]) -> tuple[Columns, _Told]:
    return given


def _alone(_: int, given: tuple[Columns, _Told]) -> tuple[tuple[Columns, _Told], _Told]:
    return given, []


def _portion(
    known: _Known, index: int, fates: Columns, others: _Told = (), members: _Told | None = None
) -> Portion:
    """The run as a home sees it.

    Args:
        known: Of the run.
        index: Of the home.
        fates: Of its records.
        others: Records of other homes of which something is said here.
        members: Records of other homes for which some of its own stand; with them, the removed are those for which own
            ones stand, wherever they are.
    """
    first, last = known.bases[index : index + 2]
    own, witness = np.arange(first, last), fates["witness"]
    told = [*(members or ()), *others]
    columns = [_like(fates, own, witness), *(_like(*_rest(fates, each)) for each, _ in told)]
    known_of = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    ordinals, at = np.unique(known_of.pop("ordinal"), return_index=True)
    lines = joined_lines(
        [lines_of(known.standing, fates, own - first), *(unpacked(each) for each, _ in told)]
    )
    stand = [*known.stand(fates, own - first), *(place for _, places in told for place in places)]
    removed = own[witness >= 0]
    if members is not None:
        inside = (witness[removed - first] >= first) & (witness[removed - first] < last)
        removed = np.concatenate((removed[inside], *(each["ordinal"] for each, _ in members)))
    none = Sparse(own[:0], own[:0])
    return Portion(
        own,
        own[witness < 0],
        np.sort(removed),
        SparseStore(
            ordinals, lines.take(at), [stand[each] for each in at.tolist()], int(known.bases[-1]), Layout()
        ),
        known.rules,
        Sparse(ordinals, known_of["rule"][at]),
        Sparse(ordinals, known_of["parsed"][at]),
        Sparse(ordinals, known_of["witness"][at]),
        Sparse(own, fates["score"]),
        Sparse(own, fates["through"]) if "through" in fates else none,
        Sparse(own, fates["version_of"]) if "version_of" in fates else none,
    )


def _rest(fates: Columns, told: Columns) -> tuple[Columns, NDArray[np.int64], NDArray[np.int64]]:
    """What was told of other homes' records; of what stands for a member nothing more need be known."""
    count = len(told["ordinal"])
    nothing = {name: np.zeros(count, fates[name].dtype) for name in ("rule", "parsed")}
    return {**nothing, **told}, told["ordinal"], told.get("witness", np.full(count, -1))


def _like(columns: Columns, ordinals: NDArray[np.int64], witness: NDArray[np.int64]) -> Columns:
    return {"ordinal": ordinals, "witness": witness, "rule": columns["rule"], "parsed": columns["parsed"]}


def _first_receipts(
    found: Found, known: _Known, ready: Parts, counts: Sequence[Any]
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


def _grown(known: _Known, index: int, given: tuple[tuple[Columns, _Told], _Told]) -> dict[str, Any]:
    (fates, others), members = given
    return receipts.seen_of(cast("Any", _portion(known, index, fates, others, members)))


def _write(
    known: _Known,
    firsts: dict[int, dict[str, Any]],
    index: int,
    given: tuple[tuple[Columns, _Told], _Told],
) -> list[str]:
    """Write the parts of a home: the names of what was written, an output each."""
    (fates, others), members = given
    outputs = known.outputs
    portion: Any = _portion(known, index, fates, others)
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
            growing: Any = _portion(known, index, fates, others, members) if known.parsed else portion
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


def _hashes(portion: Any, fates: Columns, others: _Told) -> set[int]:
    """Hashes of the names that kept records share with other kept ones."""
    ordinals = [portion.ordinals[fates["shared"]], *(each["ordinal"][each["shared"]] for each, _ in others)]
    return set(map(hash, receipts.names(portion.store, np.concatenate(ordinals))))
