"""JSONL leaves with the bytes it came with, in whatever way it came, and comes back whole from its receipts."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool import compression, receipts
from corpus_tool.config import KEEP_POLICIES, Options, Reading, Similarity
from corpus_tool.engines import local
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import Input
from corpus_tool.sources.problems import Problems

LINES = [
    b'{"b":1,"a":2,"text":"an order of keys that nobody would choose"}',
    b'{ "text" :  "spaces wherever they may stand" ,\t"x":[ 1,2 ,3 ]  }',
    b'{"text":"numbers as they were written","n":[1.0,1e400,-1e400,1E5,-0,-0.0,0.10000000000000000555,1e-400]}',
    b'{"id":123456789012345678901234567890,"text":"a number beyond every word of a machine"}',
    b'{"id":18446744073709551616,"n":-9223372036854775809,"text":"a number just beyond"}',
    b'{"id":"x","text":"a key that","id":"y","text":"a key that stands twice"}',
    b'{"id":{"deep":[null,{"id":1}]},"text":"a name that is an object","more":{"a":{"b":[[],{}]}}}',
    b'{"id":[1,2],"text":"a name that is an array"}',
    b'{"id":null,"text":"a name that is null"}',
    b'{"id":true,"text":"a name that is true"}',
    b'{"id":1.0,"text":"a name that is a number with a point"}',
    b'{"text":"a record without any name"}',
    b'{"text":"escapes \\u00e9 \\/ \\ud83d\\ude00 \\b\\f\\n\\r\\t of every kind"}',
    b'{"text":"a lone \\ud800 surrogate","\\udfff":"and one in a key"}',
    '{"text":"unescaped é ü 漢字 😀 \u2028 \u2029 \x7f"}'.encode(),
    b'{"text":"not quite JSON","x":NaN,"y":[Infinity,-Infinity]}',
    b'  {"text":"blanks around it"} \t',
    b'{"text":""}',
    b'{"text":null}',
    b'{"other":"no text at all"}',
    b"{}",
    b'{"cluster":"mine","text":"a cluster that was here before"}',
    b'{"seen":[{"source":"x","line":1,"digest_date":null}],"text":"a seen that was here before"}',
]
"""Records of which none repeats another."""

COPIES = [
    b'{"TEXT":0,"text":"Numbers AS they were written!","n":-0.0}',
    b'{"text":"a record, without any name","id":7}',
    b'{"id":1e400,"text":"a lone \\ud800 surrogate"}',
    b'{"text":"spaces wherever they may stand","id":"\\ud800"}',
]
"""Records that repeat some of them."""

ALL = [*LINES[:12], COPIES[0], *LINES[12:], *COPIES[1:]]


def write(name: str, data: bytes) -> None:
    with compression.open_writer(Path(name).open("wb"), name) as writer:
        writer.write(data)


def read(name: str) -> bytes:
    with compression.open_reader(Path(name).open("rb"), name) as reader:
        return reader.read()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whole(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


class TestKept:
    @pytest.mark.parametrize("compiled", [False, True], ids=["reference", "kernels"])
    @pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.txt.bz2"])
    def test_every_byte(self, name: str, compiled: bool, place: Path) -> None:
        write(name, whole(ALL))
        kept, removed = deduplicated([name], compiled=compiled)
        assert kept == whole(LINES)
        assert [receipt["raw"].encode() for receipt in removed] == COPIES

    def test_standard_input(self, place: Path) -> None:
        done = run("dedup", "-q", "--fields", "text", stdin=whole(ALL))
        assert (done.code, done.out) == (0, whole(LINES))

    def test_several_files(self, place: Path) -> None:
        for number, line in enumerate(ALL):
            write(f"{number:03}.jsonl{'.gz' if number % 2 else ''}", line + b"\n")
        assert run("dedup", "-q", ".").out == whole(LINES)
        assert run("dedup", "-q", *sorted(path.name for path in place.iterdir())).out == whole(LINES)

    def test_more_than_the_reference_takes(self, place: Path) -> None:
        """Over 4 MB the command line turns to the kernels by itself."""
        wide = [
            b'{"n":%d,"text":"%s"}' % (n, b" ".join(b"%d" % (n * k) for k in range(1, 4000)))
            for n in range(300)
        ]
        write("a.jsonl", whole([*ALL, *wide, *wide[::-1], *COPIES]))
        done = run("dedup", "a.jsonl", "-q", "--removed", "r.jsonl")
        assert done.out == whole([*LINES, *wide])
        assert [json.loads(line)["raw"].encode() for line in read("r.jsonl").splitlines()] == [
            *COPIES,
            *wide[::-1],
            *COPIES,
        ]

    @pytest.mark.parametrize("compiled", [False, True], ids=["reference", "kernels"])
    def test_ends_of_lines(self, compiled: bool, place: Path) -> None:
        """A carriage return is part of the line; blank lines and a byte order mark are no records."""
        write("crlf.jsonl", b'{"text":"one"}\r\n{"text":"two"}\r\n\r\n{"text":"ONE"}\r\n')
        assert deduplicated(["crlf.jsonl"], compiled=compiled)[0] == b'{"text":"one"}\r\n{"text":"two"}\r\n'
        write("open.jsonl", b'\xef\xbb\xbf\n  \n\t\n{"text":"one"}\n\n\n{"text":"two"}')
        assert deduplicated(["open.jsonl"], compiled=compiled)[0] == b'{"text":"one"}\n{"text":"two"}\n'
        write("mark.jsonl", b'\xef\xbb\xbf{"text":"one"}\n')
        assert deduplicated(["mark.jsonl"], compiled=compiled)[0] == b'{"text":"one"}\n'

    def test_lines_keep_their_numbers(self, place: Path) -> None:
        write("a.jsonl", b'\xef\xbb\xbf\n\n{"text":"one"}\n\n{"text":"ONE"}')
        run("dedup", "a.jsonl", "-o", "k", "--removed", "r", "--clusters", "c")
        (receipt,) = map(json.loads, read("r").splitlines())
        assert (receipt["line"], receipt["kept_line"], receipt["kept"]) == (5, 3, "a.jsonl:3")
        assert [json.loads(line)["line"] for line in read("c").splitlines()] == [3, 5]

    @pytest.mark.parametrize("block", [1, 7, 64, 1 << 20])
    @pytest.mark.parametrize("compiled", [False, True], ids=["reference", "kernels"])
    def test_blocks(self, block: int, compiled: bool, place: Path) -> None:
        write("a.jsonl", whole(ALL)[:-1])
        assert deduplicated(["a.jsonl"], compiled=compiled, block=block)[0] == whole(LINES)

    def test_another_encoding(self, place: Path) -> None:
        text = '{"text":"caf\u00e9 au lait"}\n{"text":"CAF\u00c9 au lait"}\n'
        write("a.jsonl", text.encode("latin-1"))
        write("b.jsonl", text.encode("utf-16"))
        for name, encoding in (("a.jsonl", "latin-1"), ("b.jsonl", "utf-16")):
            done = run("dedup", name, "-q", "--encoding", encoding)
            assert done.out.decode() == text.splitlines(keepends=True)[0]


def deduplicated(
    names: list[str], *, compiled: bool | None = None, block: int = 4 << 20, **options: Any
) -> tuple[bytes, list[dict[str, Any]]]:
    """Kept bytes and receipts, through the library."""
    chosen = Options(Reading(block=block), Similarity(), compiled=compiled, fields=("text",), **options)
    found = local.deduplicate([Input(name, name) for name in names], chosen, Problems(), Progress())
    kept, removed = io.BytesIO(), io.BytesIO()
    receipts.write_kept(found, kept)
    receipts.write_receipts(found, removed)
    found.store.close()
    return kept.getvalue(), [json.loads(line) for line in removed.getvalue().splitlines()]


class TestAnnotated:
    def test_everything_stays_and_the_cluster_is_added(self, place: Path) -> None:
        write("a.jsonl", whole(ALL))
        done = run("dedup", "a.jsonl", "-q", "--annotate-as", "group", "--clusters", "c.jsonl")
        clusters = [json.loads(line) for line in read("c.jsonl").splitlines()]
        lines = done.out.splitlines()
        assert len(lines) == len(ALL)
        for before, after, row in zip(ALL, lines, clusters, strict=True):
            body = before.rstrip()[:-1].rstrip()
            assert after.startswith(body)
            assert re.fullmatch(rb',?"group":.*,"group_kept":(true|false)}', after[len(body) :])
            assert json.loads(after)["group"] == row["cluster"]

    def test_clusters_are_named_apart(self, place: Path) -> None:
        write(
            "a.jsonl", whole([b'{"id":1,"text":"one"}', b'{"id":1,"text":"two"}', b'{"id":2,"text":"ONE"}'])
        )
        run("dedup", "a.jsonl", "-q", "-o", "k", "--clusters", "c.jsonl")
        names = [json.loads(line)["cluster"] for line in read("c.jsonl").splitlines()]
        assert names[0] == names[2] != names[1]


RESTORED = [
    [],
    ["--transitive"],
    ["--transitive", "--keep", "last"],
    *(["--keep", policy] for policy in KEEP_POLICIES if policy != "first"),
]


class TestRestored:
    @pytest.mark.parametrize("options", RESTORED, ids=" ".join)
    def test_line_for_line(self, options: list[str], place: Path) -> None:
        write("a.jsonl", whole(ALL))
        write("b.jsonl.gz", whole(ALL[::-1]))
        write("c.jsonl", b"\n" + ALL[3] + b"\n\n" + ALL[5])
        given = ["a.jsonl", "b.jsonl.gz", "c.jsonl"]
        done = run("dedup", *given, *options, "-q", "-o", "k.jsonl.zst", "--removed", "r.jsonl.gz")
        assert done.code == 0, done
        back = run("restore", "k.jsonl.zst", "r.jsonl.gz", "-q")
        assert back.out == whole([*ALL, *ALL[::-1]]) + read("c.jsonl")

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        lines=st.lists(
            st.sampled_from(
                [b"", b" ", b"\t\r", b'{"text":"a b c"}', b'{"text":"a b c"} \r', b'{"text":"d"}']
            )
        ),
        ended=st.booleans(),
    )
    def test_byte_for_byte(self, lines: list[bytes], ended: bool, place: Path) -> None:
        """Blank lines, white space around records and a missing last newline come back."""
        content = b"\n".join(lines) + b"\n" * (ended and bool(lines))
        write("a.jsonl", content)
        assert run("dedup", "a.jsonl", "--match", "text", "-q", "-o", "k", "--removed", "r").code == 0
        assert run("restore", "k", "r", "-q").out == content

    def test_digests_beside_records_where_nothing_is_removed(self, place: Path) -> None:
        write(
            "day.txt",
            b"new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\n"
            b"Mar 13\n\nA Useful Title\n\nAn abstract that says something useful in a few words.\n\n"
            b"Another One\n\nOther words, which have nothing to do with it.\n",
        )
        write("a.jsonl", b'{"title":"Some Other","abstract":"Of quite another content than those."}\n')
        assert run("dedup", "day.txt", "a.jsonl", "-q", "-o", "k", "--removed", "r").code == 0
        assert [json.loads(line) for line in read("r").splitlines()] == [
            {"records": 3, "new_seen": [[0, 2]]}
        ]
        back = run("restore", "k", "r", "-q").out
        assert back == run("parse", "day.txt", "-q").out + read("a.jsonl")
        write("k", b"".join(read("k").splitlines(keepends=True)[:-1]))
        done = run("restore", "k", "r", "-q")
        assert (done.code, "3 records" in done.err) == (2, True)

    def test_chains(self, place: Path) -> None:
        words = [f"w{number}" for number in range(40)]
        texts = [" ".join(words[start : start + 24]) for start in (0, 2, 4, 6)]
        lines = [json.dumps({"id": n, "text": text}).encode() for n, text in enumerate(texts)]
        write("a.jsonl", whole(lines))
        for options in ([], ["--transitive"]):
            run("dedup", "a.jsonl", *options, "-q", "-o", "k", "--removed", "r")
            assert run("restore", "k", "r", "-q").out == whole(lines)
            assert len(read("k").splitlines()) == (1 if options else 2)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        places=st.lists(st.integers(0, len(ALL) - 1), max_size=30),
        keep=st.sampled_from(KEEP_POLICIES),
        shards=st.integers(1, 4),
    )
    def test_any_collection(self, places: list[int], keep: str, shards: int, place: Path) -> None:
        chosen = [ALL[number] for number in places] or [ALL[0]]
        names = [f"{shard}.jsonl" for shard in range(shards)]
        for shard, name in enumerate(names):
            write(name, whole(chosen[shard::shards]))
        options = ("--fields", "text", "--keep", keep, "-q", "-o", "k", "--removed", "r")
        shares = [chosen[shard::shards] for shard in range(shards)]  # one without the field would end the run
        assume(all(not share or any("text" in json.loads(line) for line in share) for share in shares))
        assert run("dedup", *names, *options).code == 0
        back = run("restore", "k", "r", "-q")
        assert back.out == whole([line for shard in range(shards) for line in chosen[shard::shards]])

    @pytest.mark.parametrize("damage", ["fewer", "last", "more", "others", "twice", "exchanged", "order"])
    def test_files_that_do_not_belong_together(self, damage: str, place: Path) -> None:
        many = [json.dumps({"id": n, "text": f"text number {n // 2}"}).encode() for n in range(40)]
        write("a.jsonl", whole(many))
        run("dedup", "a.jsonl", "-q", "-o", "k", "--removed", "r")
        kept, removed = read("k").splitlines(), read("r").splitlines()
        if damage == "fewer":
            write("k", whole(kept[:10]))
        elif damage == "last":
            write("a.jsonl", whole([*many, b'{"text":"the last, after every receipt"}']))
            run("dedup", "a.jsonl", "-q", "-o", "k", "--removed", "r")
            write("k", whole(read("k").splitlines()[:-1]))
        elif damage == "more":
            write("k", whole([*kept, b'{"text":"one more"}']))
        elif damage == "others":
            write("b.jsonl", whole([b'{"text":"one"}'] * 90))
            run("dedup", "b.jsonl", "-q", "-o", "k2", "--removed", "r")
        elif damage == "twice":
            write("r", whole([*removed, *removed]))
        elif damage == "exchanged":
            write("r", whole(kept))
            write("k", whole(removed))
        else:
            write("r", whole(removed[::-1]))
        write("out.jsonl", b"old")
        done = run("restore", "k", "r", "-o", "out.jsonl")
        assert (done.code, done.out) == (2, b"")
        assert len(done.err.splitlines()) == 1
        assert "internal" not in done.err
        assert read("out.jsonl") == b"old"


class TestReceipts:
    def test_every_removed_record_names_its_witness(self, place: Path) -> None:
        write("a.jsonl", whole(ALL))
        write("b.jsonl", whole(COPIES))
        run("dedup", "a.jsonl", "b.jsonl", "-q", "-o", "k", "--removed", "r")
        sources = {"a.jsonl": ALL, "b.jsonl": COPIES}
        kept = set(read("k").splitlines())
        found = [json.loads(line) for line in read("r").splitlines()]
        assert len(found) == 2 * len(COPIES)
        for receipt in found:
            assert list(receipt)[:9] == [
                *("id", "source", "line", "kept", "kept_source", "kept_line", "score", "reasons", "raw")
            ]
            assert receipt["raw"].encode() == sources[receipt["source"]][receipt["line"] - 1]
            assert sources[receipt["kept_source"]][receipt["kept_line"] - 1] in kept
            assert receipt["score"] == 1.0

    def test_the_id_is_the_records_own(self, place: Path) -> None:
        ids = [b"1e400", b"123456789012345678901234567890", b'{"a":[1.0]}', b'"\\ud800"', b"null", b"-0.0"]
        write(
            "a.jsonl",
            whole([b'{"id":"kept","text":"one"}', *(b'{"id":%s,"text":"one"}' % name for name in ids)]),
        )
        run("dedup", "a.jsonl", "-q", "-o", "k", "--removed", "r")
        found = [json.loads(line)["id"] for line in read("r").splitlines()]
        assert found[0] is None, "JSON has no infinite number; the bytes stand in `raw`"
        assert found[1:] == [json.loads(name) for name in ids[1:]]

    def test_a_table_has_numbers_of_any_size(self, place: Path) -> None:
        write("a.jsonl", b'{"id":1,"n":123456789012345678901234567890,"f":1e300,"text":"one"}\n')
        assert run("export", "a.jsonl", "--format", "csv", "-q").out.splitlines()[1] == (
            b"1,123456789012345678901234567890,1e+300,one"
        )

    def test_ids_beyond_64_bits_are_told_apart(self, place: Path) -> None:
        first, second = 2**90, 2**90 + 1
        texts = ["one", "two", "ONE", "TWO"]
        lines = [
            json.dumps({"id": name, "text": text}).encode()
            for name, text in zip((first, second, 3, 4), texts, strict=True)
        ]
        write("a.jsonl", whole(lines))
        run("dedup", "a.jsonl", "-q", "-o", "k", "--clusters", "c")
        assert [json.loads(line)["cluster"] for line in read("c").splitlines()] == [str(first), str(second)] * 2
        assert run("explain", str(second), "4", "a.jsonl", "-q").code == 0
