"""What a run leaves behind: survivors, receipts of the removed, and who belongs to which cluster."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from corpus_tool import seen
from corpus_tool.dedup.candidates import distinct
from corpus_tool.errors import InputError
from corpus_tool.lines.decode import decode
from corpus_tool.lines.encode import encode
from corpus_tool.store import raws, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.lines.lines import Lines
    from corpus_tool.records import Record
    from corpus_tool.store import Layout, Place, Store

ORDINAL = "ordinal"
"""The receipt's field that says how many records of the input stood before the removed one."""

RECORDS = "records"
"""Field of the first receipt: how many records the run read, by which `restore` knows what belongs together."""

NEW_SEEN = "new_seen"
"""Field of the first receipt: which kept records gained a `seen`, as first ordinals and those past the last."""

MORE_SEEN = "more_seen"
"""Field of the first receipt: which kept records' `seen` grew, as ordinals and numbers of entries."""

BLANK = "blank"
"""Field of the first receipt, where lines of JSONL held no record: for each, how many records stood before it, and what
was in it."""

UNENDED = "unended"
"""Field of the first receipt, true where the last line of the input had no newline."""

KEPT_IN = "kept_in"
"""Field of receipts whose witness is none of the run's records: the index or file in which it is known."""

_AT_ONCE = 4096


def name_of(record: Record, place: Place) -> Any:
    """What names a record: its id, or `source:line` where it has none."""
    found = record.get("id")
    return f"{place[0]}:{place[1]}" if found is None else found


def write_kept(run: Run, writer: BinaryIO) -> None:
    """The survivors in input order, byte for byte.

    Those that came through `parse` gain `seen`; later versions of a kept paper `version_of`, where that was asked for.
    """
    if not run.parsed[run.kept].any() and not len(run.version_of):
        run.store.copy(run.kept, writer.write)
        return
    for ordinal, raw, record, added in _gains(run, run.kept):
        kept = raw if record is None or added is None else seen.grown(raw, record, added)
        writer.write(_linked_version(run, ordinal, kept) + b"\n")


def _gains(
    run: Run, ordinals: NDArray[np.int64]
) -> Iterator[tuple[int, bytes, Record | None, list[Any] | None]]:
    """Kept records: ordinal, bytes and, where one may gain some, the record and the entries that its `seen` gains."""
    members: dict[int, list[int]] = defaultdict(list)
    for ordinal in run.removed[run.parsed[run.witness[run.removed]]].tolist():
        members[int(run.witness[ordinal])].append(ordinal)
    for ordinal, raw in _each(run, ordinals):
        if not run.parsed[ordinal]:
            yield ordinal, raw, None, None
            continue
        record = decode(raw)
        together = np.array(sorted([ordinal, *members[ordinal]]))
        known = zip(records(run.store, together), run.store.places(together), strict=True)
        own = int(np.searchsorted(together, ordinal))
        yield ordinal, raw, record, seen.gained(raw, record, own, known)


def seen_of(run: Run) -> Record:
    """Which kept records gained what, for `restore`."""
    new: list[list[int]] = []
    more: list[tuple[int, int]] = []
    for ordinal, _, record, added in _gains(run, run.kept[run.parsed[run.kept]]):
        if record is None or added is None:
            continue
        if seen.SEEN in record:
            more += [(ordinal, len(added))] if added else []
        elif new and new[-1][1] == ordinal:
            new[-1][1] += 1
        else:
            new.append([ordinal, ordinal + 1])
    return {**({NEW_SEEN: new} if new else {}), **({MORE_SEEN: more} if more else {})}


def _linked_version(run: Run, ordinal: int, raw: bytes) -> bytes:
    """A kept record, with the name of the earlier one as last key where it is a later version of that."""
    other = int(run.version_of[ordinal]) if len(run.version_of) else -1
    if other < 0:
        return raw
    (name,) = _names(run.store, np.array([other]))
    return _with_key(raw, "version_of", name)


def _with_key(raw: bytes, key: str, value: Any) -> bytes:
    """A record with one more key at its end; what stood in it stays as it was."""
    body = raw.rstrip()[:-1].rstrip()
    comma = b"" if body.endswith(b"{") and not decode(raw) else b","
    return body + comma + encode(key) + b":" + encode(value) + b"}"


def write_receipts(run: Run, writer: BinaryIO, extra: Record | None = None) -> None:
    """One receipt a removed record, in input order; where there is none, what `restore` must know stands alone.

    Args:
        run: What was found.
        writer: Where receipts go.
        extra: What the first receipt says of the run as a whole; None to gather it.
    """
    if extra is None:
        extra = of_the_run(len(run.store), run.store.layout, seen_of(run))
    if not len(run.removed):
        if len(extra) > 1:
            writer.write(encode(extra) + b"\n")
        return
    for part in _parts(run.removed):
        ordinals, where = np.unique(np.stack((part, run.witness[part])), return_inverse=True)
        removed, kept = where.reshape(2, -1)
        lines, places = run.store.lines(ordinals), run.store.places(ordinals)
        reasons = _reasons(run, part, ordinals, lines, removed, kept)
        for ordinal, at, kept_at, why in zip(
            part.tolist(), removed.tolist(), kept.tolist(), reasons, strict=True
        ):
            pair = lines.raw(at), places[at], lines[kept_at], places[kept_at]
            found = receipt(*pair, float(run.score[ordinal]), why)
            if run.known and ordinals[kept_at] >= len(run.store):
                found[KEPT_IN] = run.known.name
            writer.write(encode({**found, ORDINAL: ordinal, **extra}) + b"\n")
            extra = {}


def of_the_run(count: int, layout: Layout, grown: Record) -> Record:
    """What the first receipt says of a run of so many records as a whole; `grown` as `seen_of` gives it."""
    extra: Record = {RECORDS: count, **grown}
    if layout.blank:
        extra[BLANK] = layout.blank
    if not layout.ended:
        extra[UNENDED] = True
    return extra


def _reasons(
    run: Run,
    ordinals: NDArray[np.int64],
    read: NDArray[np.int64],
    lines: Lines,
    removed: NDArray[np.int64],
    kept: NDArray[np.int64],
) -> list[list[str]]:
    """Why each removed record is one; those that match no kept one directly were joined through another."""
    rule = run.rule[read]
    direct = run.score[ordinals] >= run.rules.thresholds(rule[removed], rule[kept])
    matched = iter(run.rules.reasons(lines, rule, removed[direct], kept[direct]))
    return [
        next(matched) if one else [f"not alike directly: joined through {_linked(run, ordinal)}"]
        for ordinal, one in zip(ordinals.tolist(), direct.tolist(), strict=True)
    ]


def receipt(
    raw: bytes, place: Place, witness: Record, kept_place: Place, score: float, reasons: list[str]
) -> Record:
    """What is left of a removed record: its bytes, where it stood, and the kept one that it matches."""
    return {
        "id": decode(raw).get("id"),
        "source": place[0],
        "line": place[1],
        "kept": name_of(witness, kept_place),
        "kept_source": kept_place[0],
        "kept_line": kept_place[1],
        "score": score,
        "reasons": reasons,
        "raw": raw.decode(),
    }


def _linked(run: Run, ordinal: int) -> str:
    ((source, line),) = run.store.places(run.through[ordinal : ordinal + 1])
    return f"{source}:{line}"


def write_clusters(run: Run, writer: BinaryIO, names: Names | None = None) -> None:
    """`id`, `source`, `line`, `cluster`, `score` and `kept` of every record, in input order."""
    names = names or Names(run)
    for part in _parts(run.ordinals):
        rows = zip(
            records(run.store, part),
            run.store.places(part),
            names.of(part),
            run.score[part].tolist(),
            (run.witness[part] < 0).tolist(),
            strict=True,
        )
        for record, (source, line), cluster, score, kept in rows:
            row = {"id": record.get("id"), "source": source, "line": line}
            writer.write(encode({**row, "cluster": cluster, "score": score, "kept": kept}) + b"\n")


def annotation_keys(name: str | None) -> tuple[str, str]:
    """The keys that an annotated record gains: its cluster, and whether it is the one that stays."""
    return ("cluster", "kept") if name is None else (name, f"{name}_kept")


def write_annotated(run: Run, writer: BinaryIO, name: str | None = None, names: Names | None = None) -> None:
    """Every record with its cluster and whether it is kept as last keys, in input order; the rest stays as it was.

    Raises:
        InputError: A record has such a key.
    """
    keys, names = annotation_keys(name), names or Names(run)
    for part in _parts(run.ordinals):
        rows = zip(part.tolist(), raws(run.store, part), names.of(part), strict=True)
        for ordinal, raw, cluster in rows:
            _check_free(run, ordinal, raw, keys)
            named = _with_key(raw, keys[0], cluster)
            writer.write(_with_key(named, keys[1], bool(run.witness[ordinal] < 0)) + b"\n")


def _check_free(run: Run, ordinal: int, raw: bytes, keys: tuple[str, str]) -> None:
    if b"\\" not in raw and not any(
        key.encode() in raw for key in keys
    ):  # else a key may be spelled otherwise
        return
    taken = [key for key in keys if key in decode(raw)]
    if taken:
        ((source, line),) = run.store.places(np.array([ordinal]))
        raise InputError(
            f"the record has a {taken[0]!r} of its own: give the new key another name with --annotate-as",
            path=source,
            line=line,
        )


class Names:
    """Names of clusters, as text: the survivor's id, or its place where ids are missing or shared by survivors.

    Args:
        run: What was found.
        shared: Hashes of the names that survivors share; None to look for them.
    """

    def __init__(self, run: Run, shared: set[int] | None = None) -> None:
        self._run = run
        self._shared = self._found() if shared is None else shared

    def _found(self) -> set[int]:
        known = array("q")
        run = self._run
        others = distinct(run.witness[run.witness >= len(run.store)])
        for part in _parts(np.concatenate((run.kept, others))):
            known.extend(map(hash, names(run.store, part)))
        keys = np.sort(np.frombuffer(known, np.int64)) if known else np.zeros(0, np.int64)
        return set(keys[1:][keys[1:] == keys[:-1]].tolist())

    def of(self, ordinals: NDArray[np.int64]) -> list[str]:
        """The names of the clusters of some records."""
        store, witness = self._run.store, self._run.witness[ordinals]
        survivors, where = np.unique(np.where(witness < 0, ordinals, witness), return_inverse=True)
        found = names(store, survivors)
        if self._shared:
            for at, (source, line) in enumerate(store.places(survivors)):
                if hash(found[at]) in self._shared:
                    found[at] = f"{source}:{line}"
        return [found[at] for at in where.tolist()]


def names(store: Store, ordinals: NDArray[np.int64]) -> list[str]:
    """What names records, as text."""
    return list(map(_text, _names(store, ordinals)))


def _text(name: Any) -> str:
    return name if isinstance(name, str) else encode(name).decode()


def _names(store: Store, ordinals: NDArray[np.int64]) -> Iterator[Any]:
    return map(name_of, records(store, ordinals), store.places(ordinals))


def _parts(ordinals: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for at in range(0, len(ordinals), _AT_ONCE):
        yield ordinals[at : at + _AT_ONCE]


def _each(run: Run, ordinals: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    for part in _parts(ordinals):
        yield from zip(part.tolist(), raws(run.store, part), strict=True)
