"""Every storage gives the same: what goes in comes out of SQLite and PostgreSQL alike, and runs agree to the byte."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.index.protocol import BANDS, IDENTITY, Records
from corpus_tool.index.storages import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from postgres import Server

    from corpus_tool.index.protocol import Storage

TEXTS = st.lists(st.sampled_from("a b c d e".split()), max_size=9).map(" ".join)
RECORDS = st.one_of(
    st.fixed_dictionaries({"text": TEXTS}),
    st.fixed_dictionaries({"title": TEXTS, "abstract": TEXTS}),
    st.fixed_dictionaries({"title": TEXTS, "abstract": TEXTS, "year": st.sampled_from(["2020", "2021"])}),
    st.fixed_dictionaries({"id": st.text(max_size=3), "name": TEXTS}),
)
NAMES = st.sampled_from(["a.jsonl", "the 'b'", "c:1", "ü\\n", "d" * 5000])
property_test = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_number = count()


@pytest.fixture
def pair(server: Server, tmp_path: Path) -> Callable[[], tuple[str, str]]:
    """Names of a new index in a file, and of one on a server."""

    def names() -> tuple[str, str]:
        number = next(_number)
        return str(tmp_path / f"{number}.idx"), server.address(f"pair{number}")

    return names


def _write(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def _day(folder: Path, day: Path, index: str, *options: str) -> tuple[bytes, str, str]:
    """What a run leaves: kept records, receipts and notes; the index is called by one name."""
    fresh, gone = folder / "fresh.jsonl", folder / "gone.jsonl"
    for path in (fresh, gone):
        path.unlink(missing_ok=True)
    done = run("dedup", day, "--index", index, "-o", fresh, "--removed", gone, *options)
    assert done.code == 0, done.err
    kept, receipts = fresh.read_bytes(), gone.read_text("utf-8")
    if receipts:
        assert run("restore", fresh, gone, "-q").out == day.read_bytes()
    return kept, receipts.replace(json.dumps(index), '"index"'), re.sub(r"in [\d.]+ s", "", done.err)


@property_test
@given(
    days=st.lists(st.lists(RECORDS, min_size=1, max_size=5), min_size=1, max_size=4),
    match=st.sampled_from(["auto", "text"]),
)
def test_days_are_the_same_on_both(
    days: list[list[dict[str, Any]]], match: str, pair: Callable[[], tuple[str, str]], tmp_path: Path
) -> None:
    names = pair()
    options = ("--fields", "text,name,abstract", "--shingle", "2") if match == "text" else ()
    for at, records in enumerate(days):
        day = _write(tmp_path / f"day{at}.jsonl", [{"text": f"day {at}"}, *records])
        one, other = (_day(tmp_path, day, name, "--match", match, *options) for name in names)
        assert one == other


BATCH = st.lists(
    st.tuples(
        st.none() | st.text(max_size=3),
        NAMES,
        st.integers(1, 99),
        st.integers(0, 2**64 - 1),
        st.booleans(),
        st.binary(max_size=40).map(lambda data: data.replace(b"\n", b"")),
    ),
    max_size=40,
)
POSTED = st.lists(st.tuples(st.sampled_from([0, 1, 2**31, 2**32 - 1]), st.integers(0, 39)), max_size=30)


def _records(batch: list[tuple[Any, ...]], first: int, kept_before: list[int]) -> Records:
    recs = np.arange(first, first + len(batch))
    kept = list(kept_before)
    witness = []
    for rec, (_, _, line, _, own, _) in zip(recs.tolist(), batch, strict=True):
        witness.append(rec if own or not kept else kept[line % len(kept)])
        if witness[-1] == rec:
            kept.append(rec)
    own = [mine == rec for mine, rec in zip(witness, recs.tolist(), strict=True)]
    return Records(
        recs,
        [None if each[0] is None else json.dumps(each[0]) for each in batch],
        [(each[1], each[2]) for each in batch],
        np.array([each[3] for each in batch], np.uint64),
        np.array(witness, np.int64),
        np.where(own, 1.0, 1 / 3),
        [None if mine else '[{"line":1}]' for mine in own],
        [each[5] for each, mine in zip(batch, own, strict=True) if mine],
    )


def _all_of(storage: Storage, codes: list[int], names: list[str]) -> dict[str, Any]:
    """Everything that a storage can be asked."""
    wanted, recs = np.array(sorted(codes), np.uint32), np.arange(0, storage.next_rec(), 2)
    fates, kept = storage.fates(recs), storage.kept(recs)
    which, found = storage.find(BANDS, wanted)
    counts, outlines = storage.counts(), storage.outlines(kept.recs)
    return {
        "configuration": storage.configuration(),
        "counts": (counts.runs, counts.records, counts.kept),
        "runs": storage.runs(),
        "taken": storage.taken([b"0" * 16, b"1" * 16, b"x" * 16]),
        "next": storage.next_rec(),
        "fates": [each.tolist() for each in (fates.recs, fates.identity, fates.witness, fates.score)],
        "kept": (kept.recs.tolist(), kept.runs, kept.places, kept.raws),
        "outlines": (outlines.recs.tolist(), bytes(outlines.data), outlines.sizes.tolist()),
        "every": [(part.recs.tolist(), part.runs, part.places, part.raws) for part in storage.every()],
        "repeats": list(storage.repeats()),
        "named": [storage.named(name).tolist() for name in names],
        "find": sorted(zip(which.tolist(), found.tolist(), strict=True)),
        "frequency": [storage.frequency(kind, wanted).tolist() for kind in (BANDS, IDENTITY)],
        "problems": list(storage.problems()),
    }


@property_test
@given(batches=st.lists(st.tuples(BATCH, POSTED), min_size=1, max_size=5), gone=st.sets(st.integers(1, 60)))
def test_what_goes_in_comes_out_alike(
    batches: list[tuple[list[tuple[Any, ...]], list[tuple[int, int]]]],
    gone: set[int],
    pair: Callable[[], tuple[str, str]],
) -> None:
    names = pair()
    with ExitStack() as stack:
        both = [stack.enter_context(open_storage(name, write=True)) for name in names]
        asked = ["", "a.jsonl:1", "c:1:7", *(json.dumps(row[0]) for batch, _ in batches for row in batch[:3])]

        def agree() -> None:
            one, other = (_all_of(storage, [0, 1, 2**31, 2**32 - 1], asked) for storage in both)
            assert one == other

        for at, (batch, posted) in enumerate(batches):
            for storage in both:
                storage.begin(0, pytest.fail)
                storage.configure({"seed": str(at), f"of {at}": "ü"})
                first, before = storage.next_rec(), storage.kept(np.arange(storage.next_rec())).recs.tolist()
                number = storage.add_run(
                    f"2026-03-1{at}T06:30:00+0100", len(batch), 1, {b"%d" % at * 16: "a"}
                )
                records = _records(batch, first, before)
                storage.add(number, records)
                used = [(code, place) for code, place in sorted(set(posted)) if place < len(batch)]
                codes = np.array([code for code, _ in used], np.uint32)
                storage.post(BANDS, codes, first + np.array([place for _, place in used], np.int64))
                own = records.recs[records.witness == records.recs]
                storage.outline(own, [bytes([rec % 3]) * (rec % 3 * 8) for rec in own.tolist()])
                storage.commit()
            agree()
        for storage in both:
            storage.begin(0, pytest.fail)
            storage.remove(np.array(sorted(gone), np.int64))
            storage.commit()
        agree()
        for storage in both:
            storage.begin(0, pytest.fail)
            storage.compact()
        agree()
