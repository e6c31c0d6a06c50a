"""Signatures go to `datasketch.LeanMinHash` and come back, and what is decided by them is what datasketch says."""

from __future__ import annotations

import base64
import json
import runpy
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import UsageError
from corpus_tool.sketch import lean
from corpus_tool.text import shingles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WORDS = st.lists(st.sampled_from("a b c d e f".split()), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def example(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the documents tell people to write."""
    return runpy.run_path(str(request.config.rootpath / "examples" / "lean_minhash.py"))


def _minhash(words: Sequence[str], **how: Any) -> MinHash:
    made = MinHash(**{"num_perm": 128, "seed": 1, **how})
    made.update_batch([word.encode() for word in words])
    return made


def _write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


@given(
    values=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=20),
    seed=st.integers(0, 2**32 - 1),
    order=st.sampled_from("@=<>!"),  # of a single value nobody can tell the order
)
def test_bytes_are_those_of_datasketch(values: list[int], seed: int, order: str) -> None:
    theirs = LeanMinHash(seed=seed, hashvalues=values, scheme="affine32")
    data = bytearray(theirs.bytesize(order))
    theirs.serialize(data, order)
    ours = np.array(values, np.uint32)
    assert lean.unpack(base64.b64encode(data).decode(), seed, len(values)).tolist() == values
    if order == "@":
        assert base64.b64decode(lean.pack(ours, seed)) == data


@given(
    data=st.binary(max_size=40)
    | st.builds(lambda head, rest: head + rest, st.just(b"\x01" + bytes(7)), st.binary(max_size=30))
)
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(UsageError):
        lean.unpack(base64.b64encode(data).decode(), 1, 128)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days=st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=3),
    threshold=st.sampled_from([0.3, 0.5, 0.8]),
)
def test_an_index_of_signatures_decides_as_datasketch_does(
    days: list[list[list[str]]], threshold: float, tmp_path: Path, example: dict[str, Any]
) -> None:
    index, kept, wanted = tmp_path / "moved.idx", list[str](), list[str]()
    index.unlink(missing_ok=True)
    known: list[LeanMinHash] = []
    options = "--match", "signatures", "--threshold", str(threshold), "--recall", "0.9999999"
    for at, day in enumerate(days):
        signatures = [LeanMinHash(_minhash([*words, f"{words} once" if at else "x"])) for words in day]
        lines = [example["to_line"](f"{at}-{nth}", each, "words") for nth, each in enumerate(signatures)]
        for line, each in zip(lines, signatures, strict=True):
            if not any(each.jaccard(other) >= threshold for other in known):
                known.append(each)
                wanted.append(line)
        given_ = _write(tmp_path / "day.jsonl", lines)
        fresh, gone = tmp_path / "fresh.jsonl", tmp_path / "gone.jsonl"
        for path in (fresh, gone):
            path.unlink(missing_ok=True)
        done = run("dedup", given_, "--index", index, "-o", fresh, "--removed", gone, "-q", *options)
        assert (done.code, done.err) == (0, "")
        kept += fresh.read_text("utf-8").splitlines() if fresh.exists() else []
        if gone.exists() and gone.stat().st_size:
            assert run("restore", fresh, gone, "-q").out == given_.read_bytes()
    assert kept == wanted


def test_what_is_exported_is_what_datasketch_makes(tmp_path: Path, example: dict[str, Any]) -> None:
    """Of the same hashed shingles, for texts and for papers alike."""
    texts = ["one two three four five six seven", "", "a b", "zwei drei vier fünf sechs sieben"]
    records = [json.dumps({"id": f"t{at}", "text": text}) for at, text in enumerate(texts)]
    records.append(json.dumps({"title": "A title", "abstract": texts[0] + " eight nine"}))
    day = _write(tmp_path / "day.jsonl", records)
    assert run("index", "add", tmp_path / "seen.idx", day, "-q").code == 0
    done = run("index", "export", tmp_path / "seen.idx", "--lean-minhash")
    assert done.err.startswith("wrote 4 signatures, and left out 1 of records without words")
    found = [example["from_line"](line) for line in done.out.decode().splitlines()]
    assert [key for key, _ in found] == ["t0", "t2", "t3", "day.jsonl:5"]
    for text, (_, signature) in zip([texts[0], *texts[2:], texts[0] + " eight nine"], found, strict=True):
        oracle = MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=lambda value: value)
        for shingle in shingles(text, 5):
            oracle.update(shingle >> 32)
        assert signature == LeanMinHash(oracle)
    assert {json.loads(line)["hashed"] for line in done.out.decode().splitlines()} == {"words2-5"}


def test_texts_are_held_against_signatures_of_the_same_shingles_alone(tmp_path: Path) -> None:
    text = " ".join(f"w{number}" for number in range(30))
    day = _write(tmp_path / "day.jsonl", [json.dumps({"id": "a", "text": text})])
    assert run("index", "add", tmp_path / "seen.idx", day, "-q").code == 0
    line = run("index", "export", tmp_path / "seen.idx", "--lean-minhash", "-q").out.decode().strip()
    other = json.dumps({**json.loads(line), "hashed": "sha1 of words"})
    for name, given_, known in (("same", line, True), ("other", other, False)):
        index, signatures = tmp_path / f"{name}.idx", _write(tmp_path / f"{name}.jsonl", [given_])
        assert run("index", "add", index, signatures, "--lean-minhash", "-q").code == 0
        answer = json.loads(run("index", "query", index, day, "-q").out)
        assert answer["known"] is known
        assert not known or answer["reasons"] == [
            "Jaccard estimated at 1.0000: the share of 128 MinHash values that are equal, at or over 0.7"
        ]
        assert run("index", "verify", index, "-q").code == 0
        assert run("index", "export", index, "--lean-minhash", "-q").out.decode().split("\n")[0] == (
            json.dumps(json.loads(given_), separators=(",", ":"))
        )


def test_two_texts_are_decided_exactly(tmp_path: Path) -> None:
    words = [f"w{number}" for number in range(40)]
    records = [json.dumps({"text": " ".join(some)}) for some in (words, [*words[:-1], "x"])]
    day = _write(tmp_path / "day.jsonl", records)
    done = run("dedup", day, "--match", "signatures", "-q", "--removed", tmp_path / "gone.jsonl")
    assert done.out.decode().splitlines() == records[:1]
    receipt = json.loads((tmp_path / "gone.jsonl").read_text("utf-8"))
    assert receipt["score"] == 35 / 37
    assert receipt["reasons"] == ["Jaccard 0.9459 of 5-word shingles, at or over 0.7"]


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "seed": (lambda: _minhash(["a"], seed=2), "seed 2, and this index 1: another index may have --seed 2"),
    "length": (lambda: _minhash(["a"], num_perm=64), "64 permutations, and this index 128"),
    "affine64": (lambda: _minhash(["a"], scheme="affine64"), "scheme affine64, which is not affine32"),
    "legacy": (lambda: _minhash(["a"], scheme="legacy"), "scheme legacy, which is not affine32"),
    "cut": (lambda: "AQAAAAAAAACA////AQAAAMsIUzxI", "not the base64 of what datasketch's"),
    "no text": (lambda: 5, "not the base64 of what datasketch's"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_other_signatures_are_refused(what: str, tmp_path: Path, example: dict[str, Any]) -> None:
    make, message = REFUSED[what]
    made = make()
    good = example["to_line"]("good", _minhash(["a"]), "words")
    bad = (
        example["to_line"]("bad", made, "words")
        if isinstance(made, MinHash)
        else json.dumps({"id": "bad", "lean_minhash": made})
    )
    day, index = _write(tmp_path / "day.jsonl", [good, bad]), tmp_path / "moved.idx"
    done = run("index", "add", index, day, "--lean-minhash")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("day.jsonl:2: its ")
    assert message in done.err
    assert not index.exists()
    done = run("index", "add", index, day, "--lean-minhash", "--on-error", "skip", "--json")
    assert json.loads(done.out)["records"] == 1


def test_an_index_of_texts_takes_no_signatures(tmp_path: Path, example: dict[str, Any]) -> None:
    index = tmp_path / "seen.idx"
    day = _write(tmp_path / "day.jsonl", [json.dumps({"text": "one two"})])
    assert run("index", "add", index, day, "-q").code == 0
    before = index.read_bytes()
    line = _write(tmp_path / "signatures", [example["to_line"]("a", _minhash(["a"]), "words")])
    done = run("index", "add", index, line, "--lean-minhash")
    assert (done.code, done.err) == (
        2,
        "--lean-minhash needs an index of --match signatures, and this one has --match auto: name another\n",
    )
    assert index.read_bytes() == before


def test_the_example_runs(tmp_path: Path, project: Path) -> None:
    lines = subprocess.run(
        [sys.executable, project / "examples" / "lean_minhash.py"], capture_output=True, check=True
    ).stdout
    done = run("index", "add", tmp_path / "moved.idx", "--lean-minhash", stdin=lines)
    assert done.err.startswith("took in 2 records, 2 of them new")
