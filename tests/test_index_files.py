"""The file of an index: what is refused and stays untouched, what people can read in it, and what its actions do."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import sysconfig
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from running import run

TOOL = Path(sysconfig.get_path("scripts")) / "corpus-tool"
PAPERS = [
    {
        "id": f"p{at}",
        "title": f"On the {word} of things",
        "abstract": f"We study {word} things at great length. " * 4,
    }
    for at, word in enumerate("colour weight warmth depth sound smell shape touch".split())
]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, records: list[dict[str, Any]]) -> str:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return name


def made(*records: dict[str, Any], options: tuple[str, ...] = ()) -> str:
    """An index that has taken in some records."""
    assert run("index", "add", "seen.idx", write("first.jsonl", [*records]), *options, "-q").code == 0
    return "seen.idx"


def error_of(*arguments: str) -> str:
    """The one line that a refused run says."""
    done = run(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1)
    return done.err


def _text(path: Path) -> None:
    path.write_text("no index\n" * 40)


def _short(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0 and then nothing")


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs(name TEXT)")
        connection.commit()


def _foreign_in_wal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 3")
        connection.execute("CREATE TABLE songs(name TEXT)")
        connection.commit()


def _cut(path: Path) -> None:
    made(*PAPERS)
    data = Path("seen.idx").read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _later(path: Path) -> None:
    made(*PAPERS)
    data = bytearray(Path("seen.idx").read_bytes())
    data[60:64] = (99).to_bytes(4, "big")
    path.write_bytes(data)


def _overwritten(path: Path) -> None:
    made(*PAPERS)
    data = bytearray(Path("seen.idx").read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)


BAD = {
    "text": (_text, "this is no index"),
    "a head alone": (_short, "damaged (it is cut off)"),
    "another program's": (_foreign, "a database of another program"),
    "another program's, with a log": (_foreign_in_wal, "a database of another program"),
    "half of one": (_cut, "damaged (it is cut off at"),
    "a later version": (_later, "format 99"),
    "overwritten": (_overwritten, "damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_and_stay_as_they_are(kind: str) -> None:
    make, said = BAD[kind]
    path = Path("bad.idx")
    make(path)
    before = path.read_bytes()
    new = write("new.jsonl", PAPERS)
    for arguments in (
        ("dedup", new, "--index", "bad.idx", "-o", "out.jsonl"),
        ("dedup", new, "--index", "bad.idx", "--read-only", "-o", "out.jsonl"),
        ("index", "info", "bad.idx"),
        ("index", "add", "bad.idx", new),
        ("index", "export", "bad.idx"),
        ("index", "compact", "bad.idx"),
        ("index", "verify", "bad.idx"),
    ):
        assert said in error_of(*arguments), arguments
    assert path.read_bytes() == before
    assert not Path("out.jsonl").exists()
    assert not list(Path().glob("bad.idx-*"))


def test_what_is_no_file_is_refused() -> None:
    new = write("new.jsonl", PAPERS)
    Path("folder").mkdir()
    Path("one").symlink_to("other")
    Path("other").symlink_to("one")
    for name, said in {
        "folder": "this is a folder",
        "one": "too many levels of symbolic links",
        "nowhere/seen.idx": "the folder nowhere does not exist",
        "/dev/null": "this is no file",
    }.items():
        for more in ((), ("--read-only",)):
            if name.startswith("nowhere") and more:
                continue
            assert said in error_of("dedup", new, "--index", name, "-o", "out.jsonl", *more)
    assert "no such index" in error_of("index", "info", "missing.idx")
    assert "no such index" in error_of("dedup", new, "--index", "missing.idx", "--read-only")
    assert sorted(each.name for each in Path().iterdir()) == ["folder", "new.jsonl", "one", "other"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named() -> None:
    Path("locked").mkdir()
    Path(made(*PAPERS)).rename("locked/seen.idx")
    new = write("new.jsonl", PAPERS)
    Path("locked").chmod(0o555)
    try:
        assert "nothing can be written in the folder" in error_of("dedup", new, "--index", "locked/seen.idx")
        assert run("dedup", new, "--index", "locked/seen.idx", "--read-only", "-q").out == b""
    finally:
        Path("locked").chmod(0o755)


def test_a_run_that_fails_leaves_no_index() -> None:
    Path("bad.jsonl").write_text('{"text": "a"}\nno json\n')
    assert "bad.jsonl:2" in error_of("dedup", "bad.jsonl", "--index", "new.idx", "-o", "out.jsonl")
    assert sorted(each.name for each in Path().iterdir()) == ["bad.jsonl"]


def test_the_index_is_no_input_of_its_own() -> None:
    Path("inbox").mkdir()
    write("inbox/a.jsonl", PAPERS)
    for at in range(2):
        done = run("dedup", "inbox", "--index", "inbox/seen.idx", "-o", "inbox/fresh.jsonl", "-q")
        assert (done.code, done.err) == (0, "")
        write(
            f"inbox/more{at}.jsonl",
            [PAPERS[0], {"title": f"New {at}", "abstract": "what nobody has seen before"}],
        )
    assert "would be replaced" in error_of(
        "dedup", "inbox", "--index", "inbox/seen.idx", "-o", "inbox/seen.idx"
    )
    assert "standard input is what is held" in error_of("dedup", "inbox", "--against", "-")
    assert run("index", "verify", "inbox/seen.idx").code == 0


def test_a_symbolic_link_is_followed() -> None:
    Path("there").mkdir()
    Path("link.idx").symlink_to("there/seen.idx")
    assert run("index", "add", "link.idx", write("a.jsonl", PAPERS), "-q").code == 0
    assert run("dedup", write("b.jsonl", PAPERS[:2]), "--index", "there/seen.idx", "-q").out == b""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--match", "text"), "--match auto, and this run has --match text"),
        (("--strictness", "strict"), "--strictness (none), and this run has --strictness strict"),
        (("--map", "venue=forum"), "--map (none), and this run has --map venue=forum"),
        (("--shingle", "3", "--threshold", "0.8"), "--threshold 0.7 --shingle 5, and this run has"),
        (("--recall", "0.9"), "--recall 0.99, and this run has --recall 0.9"),
        (("--versions", "keep"), "--versions merge, and this run has --versions keep"),
    ],
)
def test_another_comparison_is_refused(options: tuple[str, ...], said: str) -> None:
    index, new = made(*PAPERS), write("new.jsonl", [{"text": "some words of a text"}, *PAPERS])
    before = Path(index).read_bytes()
    for arguments in (
        ("dedup", new, "--index", index),
        ("dedup", new, "--against", index),
        ("index", "add", index, new),
    ):
        assert said in error_of(*arguments, *options)
    assert Path(index).read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--transitive",), "--transitive looks at all records at once"),
        (("--unique-within", "source"), "--unique-within looks at all records at once"),
        (("--versions", "link"), "--versions link looks at all records at once"),
        (("--recall-check", "3"), "--recall-check looks at all records at once"),
        (("--against", "new.jsonl"), "choose one"),
        (("--wait", "-1"), "--wait needs seconds"),
    ],
)
def test_what_does_not_go_with_an_index_is_refused(options: tuple[str, ...], said: str) -> None:
    new = write("new.jsonl", PAPERS)
    assert said in error_of("dedup", new, "--index", "seen.idx", *options)
    assert not Path("seen.idx").exists()


@pytest.mark.parametrize("option", [("--read-only",), ("--wait", "3")])
def test_options_of_an_index_need_one(option: tuple[str, ...]) -> None:
    assert "name the index too" in error_of("dedup", write("new.jsonl", PAPERS), *option)


def test_receipts_name_the_witness_in_the_index() -> None:
    index = made(*PAPERS)
    changed = {**PAPERS[2], "id": "again", "abstract": PAPERS[2]["abstract"] + " And more."}
    new = write(
        "new.jsonl",
        [PAPERS[0], changed, {"title": "A new one", "abstract": "of which nobody has heard"}, PAPERS[0]],
    )
    done = run(
        "dedup",
        new,
        "--index",
        index,
        "-o",
        "fresh.jsonl",
        "--removed",
        "gone.jsonl",
        "--clusters",
        "groups.jsonl",
    )
    assert "kept 1, removed 3" in done.err
    gone = [json.loads(line) for line in Path("gone.jsonl").read_text().splitlines()]
    assert [(each["kept"], each["kept_source"], each["kept_line"], each["kept_in"]) for each in gone] == [
        ("p0", "first.jsonl", 1, "seen.idx"),
        ("p2", "first.jsonl", 3, "seen.idx"),
        ("p0", "first.jsonl", 1, "seen.idx"),
    ]
    assert gone[0]["score"] == 1.0 > gone[1]["score"]
    groups = [json.loads(line)["cluster"] for line in Path("groups.jsonl").read_text().splitlines()]
    assert groups == ["p0", "p2", "new.jsonl:3", "p0"]
    assert run("restore", "fresh.jsonl", "gone.jsonl", "-q").out == Path(new).read_bytes()


def test_a_copy_of_a_removed_record_has_its_witness_and_score() -> None:
    changed = {**PAPERS[2], "id": "again", "abstract": PAPERS[2]["abstract"] + " And more."}
    index = made(*PAPERS, changed)
    run("dedup", write("new.jsonl", [changed]), "--index", index, "--removed", "gone.jsonl", "-q")
    (gone,) = map(json.loads, Path("gone.jsonl").read_text().splitlines())
    assert gone["kept"] == "p2"
    assert 0.5 <= gone["score"] < 1


def test_an_input_is_taken_in_once() -> None:
    write("day.jsonl", PAPERS)
    assert "kept 8" in run("dedup", "day.jsonl", "--index", "seen.idx", "-o", "fresh.jsonl").err
    fresh = Path("fresh.jsonl").read_bytes()
    Path("day.jsonl").rename("renamed.jsonl")
    again = run(
        "dedup", "renamed.jsonl", "--index", "seen.idx", "-o", "fresh.jsonl", "--removed", "gone.jsonl"
    )
    assert "nothing is new: all that was named was taken in before; the outputs stay as they are" in again.err
    assert (again.code, Path("fresh.jsonl").read_bytes()) == (0, fresh)
    assert Path("gone.jsonl").read_bytes() == b""
    write("day2.jsonl", [PAPERS[0], {"title": "Another", "abstract": "about something else again"}])
    more = run("dedup", "renamed.jsonl", "day2.jsonl", "--index", "seen.idx", "-o", "fresh.jsonl")
    assert "1 of 2 inputs were taken into seen.idx before and are not read again" in more.err
    assert "read 2 records from 1 source, kept 1, removed 1" in more.err
    assert run("index", "info", "seen.idx", "--json").out.startswith(b'{"runs":2,"records":10,"kept":9')


def test_standard_input_is_taken_in_once() -> None:
    data = Path(write("day.jsonl", PAPERS)).read_bytes()
    assert len(run("dedup", "--index", "seen.idx", "-q", stdin=data).out.splitlines()) == len(PAPERS)
    Path("fresh.jsonl").write_text("kept from the first run\n")
    again = run("dedup", "--index", "seen.idx", "-o", "fresh.jsonl", "--json", stdin=data)
    assert json.loads(again.out)["not_new"] == 1
    assert Path("fresh.jsonl").read_text() == "kept from the first run\n"


def test_read_only_looks_and_takes_nothing_in() -> None:
    index = made(*PAPERS[:3])
    before = Path(index).read_bytes()
    for how in (("--index", index, "--read-only"), ("--against", index)):
        for _ in range(2):
            done = run("dedup", write("new.jsonl", PAPERS), *how, "-q")
            assert [json.loads(line)["id"] for line in done.out.splitlines()] == [
                "p3",
                "p4",
                "p5",
                "p6",
                "p7",
            ]
    assert Path(index).read_bytes() == before


def test_against_a_file_whatever_it_repeats_itself() -> None:
    changed = {**PAPERS[2], "id": "again", "abstract": PAPERS[2]["abstract"] + " And more."}
    write("known.jsonl", [PAPERS[2], PAPERS[2], changed])
    write("new.jsonl", [changed, PAPERS[2], PAPERS[0]])
    done = run(
        "dedup", "new.jsonl", "--against", "known.jsonl", "--removed", "gone.jsonl", "-q", "--keep", "last"
    )
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["p0"]
    gone = [json.loads(line) for line in Path("gone.jsonl").read_text().splitlines()]
    assert [(each["kept_in"], each["kept_line"], each["score"]) for each in gone] == [
        ("known.jsonl", 3, 1.0),
        ("known.jsonl", 1, 1.0),
    ]


def test_a_folder_leaves_out_what_it_is_held_against() -> None:
    Path("all").mkdir()
    write("all/known.jsonl", [PAPERS[0], PAPERS[1]])
    write("all/new.jsonl", [PAPERS[1], PAPERS[2]])
    done = run("dedup", "all", "--against", "all/known.jsonl", "--json", "-o", "out.jsonl")
    told = json.loads(done.out)
    assert (told["records"], told["kept"], told["removed"]) == (2, 1, 1)
    assert run("dedup", "all/known.jsonl", "--against", "all/known.jsonl", "-o", "none.jsonl").code == 0
    assert Path("none.jsonl").read_bytes() == b""


def test_closed_output_is_no_reason_to_forget() -> None:
    rows = [{"text": f"{at} " + "word " * 40 + str(at)} for at in range(4000)]
    write("many.jsonl", rows)
    command = f"{TOOL} dedup many.jsonl --match text --threshold 1 --index seen.idx --removed gone.jsonl | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60)
    assert b"standard output was closed before all was read, so nothing was taken in" in done.stderr
    assert not Path("seen.idx").exists()


def test_newer_than_chooses_files() -> None:
    for at, name in enumerate(("old.jsonl", "new.jsonl")):
        write(name, [PAPERS[at]])
        os.utime(name, (1_700_000_000 + at * 86_400,) * 2)
    Path("mark").touch()
    os.utime("mark", (1_700_000_000 + 3600,) * 2)
    for since in ("2023-11-15", "2023-11-15T00:00:00+00:00", "mark"):
        done = run("dedup", "old.jsonl", "new.jsonl", "--newer-than", since, "-q")
        assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["p1"]
    assert "is no time" in error_of("dedup", "old.jsonl", "--newer-than", "yesterday")
    none = run("dedup", "old.jsonl", "--newer-than", "2024-01-01", "-o", "out.jsonl")
    assert (none.code, Path("out.jsonl").read_bytes()) == (0, b"")
    assert "nothing is new: no input has changed since 2024-01-01" in none.err
    made(PAPERS[5])
    assert (
        "nothing is new"
        in run("dedup", "old.jsonl", "new.jsonl", "--newer-than", "seen.idx", "--index", "seen.idx").err
    )


def test_seen_grows_and_the_collection_is_that_of_one_run() -> None:
    for at, (date, some) in enumerate({"Mar 13": (0, 1, 2), "Mar 14": (1, 2, 3), "Mar 15": (0, 3)}.items()):
        blocks = (f"{PAPERS[which]['title']}\n\n{PAPERS[which]['abstract']}" for which in some)
        Path(f"day{at}.txt").write_text("\n\n".join((date, *blocks)) + "\n")
        parsed = run("parse", f"day{at}.txt", "-o", f"day{at}.jsonl", "-q")
        assert parsed.code == 0, parsed.err
        assert run("dedup", f"day{at}.jsonl", "--index", "seen.idx", "-q").code == 0
    at_once = run("dedup", *(f"day{at}.jsonl" for at in range(3)), "-q").out
    assert run("index", "export", "seen.idx", "-q").out == at_once
    seen = [len(json.loads(line)["seen"]) for line in at_once.splitlines()]
    assert seen == [2, 2, 2, 2]
    run("index", "export", "seen.idx", "-o", "all.csv", "-q")
    assert Path("all.csv").read_text().startswith("id,title,abstract")


def test_the_actions(tmp_path: Path) -> None:
    index = made(*PAPERS, PAPERS[0])
    info = run("index", "info", index)
    assert info.out.decode().startswith("9 records in 1 run, 8 of them kept; ")
    assert run("index", "verify", index).err.startswith("whole: 8 kept records can be read and found")
    removed = run("index", "remove", index, "p0", "first.jsonl:4")
    assert removed.err.startswith("forgot 2 records, and 1 that repeat them")
    assert "no record p0 in this index" in error_of("index", "remove", index, "p0")
    assert run("index", "compact", index).code == 0
    assert run("index", "verify", index).code == 0
    left = run("index", "export", index, "-q").out
    assert [json.loads(line)["id"] for line in left.splitlines()] == ["p1", "p2", "p4", "p5", "p6", "p7"]
    again = run("dedup", write("more.jsonl", [*PAPERS, PAPERS[0]]), "--index", index, "-q")
    assert [json.loads(line)["id"] for line in again.out.splitlines()] == ["p0", "p3"]
    Path("left.jsonl").write_bytes(left)
    assert run("index", "add", "rebuilt.idx", "left.jsonl", "-q").code == 0
    assert run("index", "export", "rebuilt.idx", "-q").out == left
    assert "is not one of info, add" in error_of("index", "ad", index)
    assert "it is for index add" in error_of("index", "info", index, "--match", "text")
    assert "takes only the index" in error_of("index", "info", index, "more")


def test_query_tells_each_record_by_itself() -> None:
    index = made(*PAPERS)
    changed = {**PAPERS[2], "id": "again", "abstract": PAPERS[2]["abstract"] + " And more."}
    asked = write(
        "asked.jsonl", [PAPERS[1], changed, {"id": "x", "text": "a text of other words"}, changed, PAPERS[1]]
    )
    for arguments, stdin in (((asked,), b""), ((), Path(asked).read_bytes())):
        done = run("index", "query", index, *arguments, stdin=stdin)
        answers = [json.loads(line) for line in done.out.splitlines()]
        assert [each["known"] for each in answers] == [True, True, False, True, True]
        assert [each.get("kept") for each in answers] == ["p1", "p2", None, "p2", "p1"]
        assert answers[0]["score"] == 1.0 > answers[1]["score"] >= 0.5
        assert answers[0]["reasons"] and re.match(r"20\d\d-\d\d-\d\dT", answers[0]["first_seen"])
        assert done.err.startswith("asked for 5 records, 4 known")
    assert run("index", "info", index, "--json").out.startswith(b'{"runs":1,"records":8,')


def test_query_answers_while_more_is_to_come() -> None:
    made(*PAPERS)
    command = [TOOL, "index", "query", "seen.idx", "-q"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for paper in PAPERS[:3]:
            process.stdin.write(json.dumps(paper).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["kept"] == paper["id"]
        process.stdin.close()
        assert process.wait(30) == 0


def test_people_can_open_it() -> None:
    made(*PAPERS, PAPERS[0])
    with closing(sqlite3.connect("seen.idx")) as connection:
        rows = connection.execute(
            "SELECT id, source, line, run FROM records ORDER BY record LIMIT 2"
        ).fetchall()
        assert rows == [("p0", "first.jsonl", 1, 1), ("p1", "first.jsonl", 2, 1)]
        assert connection.execute("SELECT record, id, line, score FROM repeats").fetchall() == [
            (1, "p0", 9, 1.0)
        ]
        ((count, new),) = connection.execute("SELECT records_read, records_new FROM runs").fetchall()
        assert (count, new) == (9, 8)


def test_verify_finds_what_is_wrong() -> None:
    index = made(*PAPERS, PAPERS[0])
    whole = Path(index).read_bytes()
    for damage, said in {
        "DELETE FROM posting": "are not found by postings",
        "UPDATE body SET data = x'00' WHERE rec = 3": "damaged",
        "DELETE FROM body WHERE rec = 3": "damaged",
        "UPDATE record SET identity = 5 WHERE rec = 3": "is not what it was",
        "UPDATE record SET witness = 77 WHERE witness = 1": "name a record that is not kept",
    }.items():
        Path(index).write_bytes(whole)
        with closing(sqlite3.connect(index)) as connection:
            connection.execute(damage)
            connection.commit()
        assert said in error_of("index", "verify", index), damage


def test_many_small_additions_stay_small() -> None:
    words = [f"word{at * at % 997}" for at in range(6000)]
    rows = [{"id": at, "text": " ".join(words[at * 7 : at * 7 + 60])} for at in range(800)]
    for at in range(0, 800, 20):
        assert (
            run(
                "index", "add", "grown.idx", write("some.jsonl", rows[at : at + 20]), "--match", "text", "-q"
            ).code
            == 0
        )
    assert run("index", "add", "fresh.idx", write("all.jsonl", rows), "--match", "text", "-q").code == 0
    grown, fresh = (Path(name).stat().st_size for name in ("grown.idx", "fresh.idx"))
    assert grown < 1.3 * fresh
    assert run("index", "compact", "grown.idx", "-q").code == 0
    assert Path("grown.idx").stat().st_size < 1.1 * fresh


def test_what_dedup_imports_with_an_index_and_without(tmp_path: Path) -> None:
    write("new.jsonl", PAPERS)
    told = (
        "import sys, atexit; atexit.register(lambda: print(sorted(m for m in sys.modules if m == 'sqlite3' or "
        "m.startswith('corpus_tool.index')), file=sys.stderr)); from corpus_tool.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", told, "dedup", "new.jsonl", "-q"], capture_output=True, timeout=60
    )
    assert done.stderr == b"[]\n"

    made(*PAPERS)
    heavy = "{'numpy.ma', 'rich', 'rapidfuzz', 'pyarrow', 'numba'} & {*sys.modules}"
    told = f"import sys, atexit; atexit.register(lambda: print({heavy}, file=sys.stderr))"
    told += "; from corpus_tool.cli import main; main()"
    arguments = [sys.executable, "-c", told, "dedup", "new.jsonl", "-q", "--index", "seen.idx", "--read-only"]
    assert subprocess.run(arguments, capture_output=True, timeout=60).stderr == b"set()\n"
