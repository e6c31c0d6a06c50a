"""What a run leaves behind: survivors, receipts of the removed, and who belongs to which cluster."""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import orjson

from corpus_tool.lines.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.engines.local import Run
    from corpus_tool.lines.lines import Lines
    from corpus_tool.records import Record

ORDINAL = "ordinal"
"""The receipt's field that says how many records of the input stood before the removed one."""

RECORDS = "records"
"""Field of the first receipt: how many records the run read, by which `restore` knows what belongs together."""

DIGESTS = "digests"
"""Field of the first receipt, where a run read digests: their names. Only their records gained `seen` in that run."""

_AT_ONCE = 4096


def name_of(record: Record, place: tuple[str, int]) -> Any:
    """What names a record: its id, or `source:line` where it has none."""
    found = record.get("id")
    return f"{place[0]}:{place[1]}" if found is None else found


def seen_at(record: Record, place: tuple[str, int]) -> Record:
    """One entry of `seen`."""
    return {"source": place[0], "line": place[1], "digest_date": record.get("digest_date")}


def write_kept(run: Run, writer: BinaryIO) -> None:
    """The survivors in input order, byte for byte.

    Those from a digest gain `seen`, and later versions of a kept paper `version_of` where that was asked for.
    """
    if run.ledger.any_digest():
        _write_seen(run, writer)
    elif len(run.version_of):
        for ordinal, raw in _each(run, run.kept):
            writer.write(_linked_version(run, ordinal, raw) + b"\n")
    else:
        run.ledger.copy(run.kept, writer.write)


def _write_seen(run: Run, writer: BinaryIO) -> None:
    members: dict[int, list[int]] = defaultdict(list)
    for ordinal in run.removed.tolist():
        members[int(run.witness[ordinal])].append(ordinal)
    for ordinal, raw in _each(run, run.kept):
        if not run.ledger.is_digest(ordinal):
            writer.write(_linked_version(run, ordinal, raw) + b"\n")
            continue
        places = sorted([ordinal, *members[ordinal]])
        records = run.ledger.records(np.array(places))
        seen = [seen_at(record, run.ledger.place(at)) for record, at in zip(records, places, strict=True)]
        raw = raw[:-1] + b',"seen":' + orjson.dumps(seen) + b"}"
        writer.write(_linked_version(run, ordinal, raw) + b"\n")


def _linked_version(run: Run, ordinal: int, raw: bytes) -> bytes:
    """A kept record, with the name of the earlier one as last key where it is a later version of that."""
    other = int(run.version_of[ordinal]) if len(run.version_of) else -1
    if other < 0:
        return raw
    name = name_of(run.ledger.records(np.array([other]))[0], run.ledger.place(other))
    return _with_key(raw, b"version_of", name)


def _with_key(raw: bytes, key: bytes, value: Any) -> bytes:
    """A record with one more key at its end; what stood in it stays as it was."""
    body = raw.rstrip()[:-1].rstrip()
    comma = b"" if body.endswith(b"{") and not decode(raw) else b","
    return body + comma + b'"' + key + b'":' + _dump(value).rstrip() + b"}"


def write_receipts(run: Run, writer: BinaryIO) -> None:
    """One receipt a removed record, in input order."""
    digests = run.ledger.digests()
    extra: Record = {RECORDS: len(run.ledger), **({DIGESTS: digests} if digests else {})}
    for part in _parts(run.removed):
        ordinals, where = np.unique(np.stack((part, run.witness[part])), return_inverse=True)
        removed, kept = where.reshape(2, -1)
        lines = run.ledger.lines(ordinals)
        reasons = _reasons(run, part, lines, removed, kept)
        for ordinal, raw_at, kept_at, why in zip(
            part.tolist(), removed.tolist(), kept.tolist(), reasons, strict=True
        ):
            witness = int(ordinals[kept_at]), lines[kept_at]
            writer.write(_dump({**_receipt(run, ordinal, lines.raw(raw_at), *witness, why), **extra}))
            extra = {}


def _reasons(
    run: Run, ordinals: NDArray[np.int64], lines: Lines, removed: NDArray[np.int64], kept: NDArray[np.int64]
) -> list[list[str]]:
    """Why each removed record is one; those that match no kept one directly were joined through another."""
    direct = run.score[ordinals] >= run.policy.threshold
    matched = iter(run.policy.reasons(lines, removed[direct], kept[direct]))
    return [
        next(matched) if one else [f"not alike directly: joined through {_linked(run, ordinal)}"]
        for ordinal, one in zip(ordinals.tolist(), direct.tolist(), strict=True)
    ]


def _receipt(run: Run, ordinal: int, raw: bytes, kept: int, witness: Record, reasons: list[str]) -> Record:
    place, kept_place = run.ledger.place(ordinal), run.ledger.place(kept)
    return {
        "id": decode(raw).get("id"),
        "source": place[0],
        "line": place[1],
        "kept": name_of(witness, kept_place),
        "kept_source": kept_place[0],
        "kept_line": kept_place[1],
        "score": float(run.score[ordinal]),
        "reasons": reasons,
        "raw": raw.decode(),
        ORDINAL: ordinal,
    }


def _linked(run: Run, ordinal: int) -> str:
    source, line = run.ledger.place(int(run.through[ordinal]))
    return f"{source}:{line}"


def write_clusters(run: Run, writer: BinaryIO) -> None:
    """`id`, `source`, `line`, `cluster` and `score` of every record, in input order."""
    names = _Names(run)
    for part in _parts(np.arange(len(run.ledger))):
        rows = zip(
            run.ledger.records(part),
            run.ledger.places(part),
            names.of(part),
            run.score[part].tolist(),
            strict=True,
        )
        for record, (source, line), cluster, score in rows:
            row = {"id": record.get("id"), "source": source, "line": line, "cluster": cluster, "score": score}
            writer.write(_dump(row))


def write_annotated(run: Run, writer: BinaryIO) -> None:
    """Every record with its cluster as last key, in input order; what stood in the record stays as it was."""
    names = _Names(run)
    for part in _parts(np.arange(len(run.ledger))):
        for raw, cluster in zip(run.ledger.raws(part), names.of(part), strict=True):
            writer.write(_with_key(raw, b"cluster", cluster) + b"\n")


class _Names:
    """Names of clusters: the survivor's id, or its place where ids are missing or shared by survivors."""

    def __init__(self, run: Run) -> None:
        self._run = run
        known = array("q")
        for part in _parts(run.kept):
            known.extend(hash(_dump(name)) for name in self._own(part))
        keys = np.sort(np.frombuffer(known, np.int64)) if known else np.zeros(0, np.int64)
        self._shared = set(keys[1:][keys[1:] == keys[:-1]].tolist())

    def _own(self, ordinals: NDArray[np.int64]) -> Iterator[Any]:
        ledger = self._run.ledger
        return map(name_of, ledger.records(ordinals), ledger.places(ordinals))

    def of(self, ordinals: NDArray[np.int64]) -> list[Any]:
        """The names of the clusters of some records."""
        witness = self._run.witness[ordinals]
        survivors, where = np.unique(np.where(witness < 0, ordinals, witness), return_inverse=True)
        names = list(self._own(survivors))
        if self._shared:
            for at, (source, line) in enumerate(self._run.ledger.places(survivors)):
                if hash(_dump(names[at])) in self._shared:
                    names[at] = f"{source}:{line}"
        return [names[at] for at in where.tolist()]


def _parts(ordinals: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for at in range(0, len(ordinals), _AT_ONCE):
        yield ordinals[at : at + _AT_ONCE]


def _each(run: Run, ordinals: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    for part in _parts(ordinals):
        yield from zip(part.tolist(), run.ledger.raws(part), strict=True)


def _dump(value: Any) -> bytes:
    """One line of JSON; what orjson refuses (lone surrogates, very large integers) the standard library writes."""
    try:
        return orjson.dumps(value) + b"\n"
    except TypeError:
        import json

        return json.dumps(value, separators=(",", ":")).encode() + b"\n"
