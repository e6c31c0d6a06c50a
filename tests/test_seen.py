"""`seen` grows over days and pipes, says what the digests said, and comes off again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.lines.lines import Lines
from corpus_tool.seen import is_parsed, may_grow
from corpus_tool.text import paper_id

WORDS = [f"word{n}" for n in range(40)]
DIGESTS = Path(__file__).parents[1] / "examples" / "digests"


def parsed(rng: random.Random, day: int) -> dict[str, Any]:
    """A record as `parse` writes it: one of a few papers, on some day."""
    number = rng.randrange(6)
    title, abstract = (
        f"On the lights of harbour {number}",
        " ".join(random.Random(number).choices(WORDS, k=40)),
    )
    return {
        "id": paper_id(title, abstract),
        "title": title,
        "abstract": abstract,
        "digest_date": f"Mar {day}",
        "date": None,
        "source": f"day{day}.txt",
        "line": rng.randrange(1, 99),
        "position": 1,
        "links": [],
        **rng.choice(({}, {"authors": ["Ann Lee"]})),
    }


def line(rng: random.Random) -> bytes:
    """A line of a collection: parsed, seen before, of other origin, or odd."""
    record = parsed(rng, rng.randrange(1, 9))
    kind = rng.randrange(9)
    if kind == 0:
        return orjson.dumps({"text": record["abstract"], "n": rng.randrange(9)})
    if kind == 1:
        return json.dumps(record).encode()
    if kind == 2:
        return json.dumps({**record, "seen": []}).encode()
    if kind == 3:
        return orjson.dumps(
            {**record, "seen": [{"source": "old.txt", "line": 3, "digest_date": None}], "note": 1}
        )
    if kind == 4:
        return orjson.dumps({"title": record["title"], "abstract": record["abstract"], "x": [{"a": 1}]})
    if kind == 5:
        return orjson.dumps({**record, "seen": [{"source": "old.txt", "line": rng.randrange(3)}]})
    if kind == 6:
        return orjson.dumps({**record, "seen": "yes"}) + b"  "
    return orjson.dumps(record)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2**32), st.sampled_from([[], ["--keep", "last"], ["--keep", "longest"], ["--transitive"]])
)
def test_whatever_seen_gained_comes_off_again(place: Path, seed: int, options: list[str]) -> None:
    rng = random.Random(seed)
    data = b"".join(line(rng) + b"\n" for _ in range(rng.randrange(1, 25)))
    Path("in.jsonl").write_bytes(data)
    assert run("dedup", "in.jsonl", *options, "-q", "-o", "k", "--removed", "r").code == 0
    assert run("restore", "k", "r", "-q").out == data


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_what_is_told_from_the_ends_of_lines_is_never_too_little(place: Path, seed: int) -> None:
    rng = random.Random(seed)
    raws = [line(rng) for _ in range(20)]
    told = may_grow(Lines.joined(raws)).tolist()
    for raw, may in zip(raws, told, strict=True):
        record = json.loads(raw)
        grows = (is_parsed(record) and "seen" not in record) or (
            bool(record.get("seen")) and raw.endswith(b"}]}")
        )
        assert may or not grows


@pytest.mark.skipif(not DIGESTS.is_dir(), reason="the examples are not here")
def test_a_pipe_says_what_a_run_over_the_digests_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(DIGESTS.parent)
    records = run("parse", "digests", "-q").out
    assert run("dedup", "-", "-q", stdin=records).out == run("dedup", "digests", "-q").out


def test_a_collection_grows_from_day_to_day(place: Path) -> None:
    rng = random.Random(2)
    papers = [parsed(rng, day) for day in (1, 2, 3) for _ in range(8)]
    collection = b""
    for day in (1, 2, 3):
        new = b"".join(orjson.dumps(paper) + b"\n" for paper in papers if paper["source"] == f"day{day}.txt")
        Path("old.jsonl").write_bytes(collection)
        Path("new.jsonl").write_bytes(new)
        collection = run("dedup", "old.jsonl", "new.jsonl", "-q").out
    at_once = run("dedup", "-", "-q", stdin=b"".join(orjson.dumps(paper) + b"\n" for paper in papers)).out
    found, wanted = (
        {record["id"]: record["seen"] for record in map(orjson.loads, data.splitlines())}
        for data in (collection, at_once)
    )
    assert found == wanted
    assert {entry["source"] for places in found.values() for entry in places} == {
        "day1.txt",
        "day2.txt",
        "day3.txt",
    }


def test_a_changed_kept_record_is_told(place: Path) -> None:
    record = parsed(random.Random(1), 1)
    Path("in.jsonl").write_bytes((orjson.dumps(record) + b"\n") * 2)
    run("dedup", "in.jsonl", "-q", "-o", "k", "--removed", "r")
    Path("k").write_bytes(orjson.dumps(record) + b"\n")
    done = run("restore", "k", "r", "-q")
    assert (done.code, done.out) == (2, b"")
    assert "a kept record has lost its seen" in done.err


class TestAnnotated:
    def test_who_stays_is_said(self, place: Path) -> None:
        lines = [{"id": 7, "text": "a b c"}, {"id": "x", "text": "A, b, c"}, {"id": 8, "text": "d"}]
        Path("in.jsonl").write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in lines))
        done = run("dedup", "in.jsonl", "--annotate", "-q", "--clusters", "c")
        found = [(row["id"], row["cluster"], row["kept"]) for row in map(orjson.loads, done.out.splitlines())]
        assert found == [(7, "7", True), ("x", "7", False), (8, "8", True)]
        rows = map(orjson.loads, Path("c").read_bytes().splitlines())
        assert [(row["id"], row["cluster"], row["kept"]) for row in rows] == found

    def test_ids_that_are_one_text_name_no_two_clusters(self, place: Path) -> None:
        Path("in.jsonl").write_bytes(b'{"id":1,"text":"a b"}\n{"id":"1","text":"c d"}\n')
        done = run("dedup", "in.jsonl", "--annotate", "-q")
        assert [orjson.loads(row)["cluster"] for row in done.out.splitlines()] == ["in.jsonl:1", "in.jsonl:2"]

    @pytest.mark.parametrize("name", ['a"b', "back\\slash", "clé", "tab\t"])
    def test_any_name_is_written_as_json(self, name: str, place: Path) -> None:
        Path("in.jsonl").write_bytes(b'{"text":"a"}\n')
        done = run("dedup", "in.jsonl", "--annotate-as", name, "-q")
        assert orjson.loads(done.out) == {"text": "a", name: "in.jsonl:1", f"{name}_kept": True}
        Path("again.jsonl").write_text(json.dumps({"text": "a", name: 1}) + "\n", "ascii")
        done = run("dedup", "again.jsonl", "--annotate-as", name)
        assert (done.code, "of its own" in done.err) == (2, True)

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--annotate-as", ""), "needs the name of a key"),
            (("--annotate", "--removed", "r"), "--clusters"),
        ],
    )
    def test_what_cannot_be_is_refused(self, options: tuple[str, ...], told: str, place: Path) -> None:
        """Receipts beside annotated records, of which none was removed, could give nothing back."""
        Path("in.jsonl").write_bytes(b'{"text":"a"}\n')
        done = run("dedup", "in.jsonl", *options)
        assert (done.code, done.out, told in done.err) == (2, b"", True)

    def test_no_key_stands_twice(self, place: Path) -> None:
        Path("in.jsonl").write_bytes(b'{"text":"a"}\n{"text":"\\"cluster\\""}\n{"text":"b","cluster":3}\n')
        done = run("dedup", "in.jsonl", "--annotate", "-o", "out.jsonl")
        assert (done.code, Path("out.jsonl").exists()) == (2, False)
        assert done.err.splitlines()[-1].startswith("in.jsonl:3: the record has a 'cluster' of its own")
        done = run("dedup", "in.jsonl", "--annotate-as", "group", "-q")
        assert orjson.loads(done.out.splitlines()[2]) == {
            "text": "b",
            "cluster": 3,
            "group": "in.jsonl:3",
            "group_kept": True,
        }


@pytest.mark.parametrize("second", [None, b'{"text":"one two"}\n\n{"text":"three"}'])
def test_receipts_of_a_run_that_removed_nothing_are_no_record(second: bytes | None, place: Path) -> None:
    """What says which records gained a `seen` is told from records, whatever else it says."""
    given = [DIGESTS / "apr-13.txt"]
    if second is not None:
        Path("second.jsonl").write_bytes(second)
        given.append(Path("second.jsonl"))
    assert run("dedup", *given, "-o", "k", "--removed", "r", "-q").code == 0
    assert run("dedup", "k", DIGESTS / "apr-14.txt", "-o", "k2", "--removed", "r2", "-q").code == 0
    for name in ("r", "r2"):
        done = run("dedup", name)
        assert (done.code, "holds receipts" in done.err) == (2, True)
