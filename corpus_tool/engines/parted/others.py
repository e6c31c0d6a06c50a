"""What homes tell each other before they write: names, witnesses, and where the removed were seen."""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from corpus_tool import receipts, seen
from corpus_tool.dedup.candidates import distinct
from corpus_tool.engines.parted.parts import home_of, joined, split, spread
from corpus_tool.engines.parted.portion import portion_of
from corpus_tool.engines.parted.texts import lines_of, packed
from corpus_tool.lines.decode import decode
from corpus_tool.lines.encode import encode
from corpus_tool.lines.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.parts import Parts
    from corpus_tool.engines.parted.portion import Known
    from corpus_tool.store import Place


def with_shared(fates: Parts, known: Known) -> Parts:
    """Fates with `shared`: which kept records have a name that other kept ones have too."""
    count = len(known.bases) - 1
    met = fates.exchange(partial(_names, known)).exchange(partial(_shared, known.bases, count))
    return fates.beside(met).map(partial(_are_shared, known.bases)).keep()


def _names(known: Known, index: int, fates: Columns) -> Iterator[tuple[int, Columns]]:
    kept = np.flatnonzero(fates["witness"] < 0)
    portion = portion_of(known, index, fates)
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


def mentioned(fates: Parts, known: Known) -> Parts:
    """The records of other homes of which something is said at each."""
    return fates.exchange(partial(_ask, known)).beside(fates).exchange(partial(_answer, known))


def _ask(known: Known, index: int, fates: Columns) -> Iterator[tuple[int, tuple[int, NDArray[np.int64]]]]:
    """Ask other homes for what is said of their records here."""
    first, last = known.bases[index : index + 2]
    wanted = [fates[name] for name in ("witness", "through", "version_of") if name in fates]
    others = distinct(np.concatenate(wanted))
    others = others[(others >= 0) & ((others < first) | (others >= last))]
    for at, some in split({"ordinal": others}, home_of(others, known.bases), len(known.bases) - 1):
        yield at, (index, some["ordinal"])


def _answer(
    known: Known, index: int, given: tuple[list[tuple[int, NDArray[np.int64]]], Columns]
) -> Iterator[tuple[int, tuple[Columns, list[Place]]]]:
    """The records that others asked for: whole where receipts say why, by their names elsewhere."""
    asked, fates = given
    every = [ordinals - known.bases[index] for _, ordinals in asked]
    needed = distinct(np.concatenate([np.zeros(0, np.int64), *every]))
    lines = lines_of(known.standing, fates, needed)
    if not known.whole:
        lines = Lines.joined([encode({"id": decode(lines.raw(at)).get("id")}) for at in range(len(needed))])
    for (home, ordinals), rows in zip(asked, every, strict=True):
        told: Columns = {name: fates[name][rows] for name in ("rule", "parsed", "shared") if name in fates}
        texts = packed(lines.take(np.searchsorted(needed, rows)))
        yield home, ({"ordinal": ordinals, **told, **texts}, known.stand(fates, rows))


def members(fates: Parts, known: Known) -> Parts:
    """The removed records of other homes for which a home's own stand, as far as these gain `seen` by them."""
    return fates.exchange(partial(_members, known))


def _members(known: Known, index: int, fates: Columns) -> Iterator[tuple[int, tuple[Columns, list[Place]]]]:
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
