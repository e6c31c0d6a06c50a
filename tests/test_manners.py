"""Every command given every kind of bad input and bad output: one line that helps, exit 2, nothing left behind.

What needs a process of its own (signals, pipes, terminals) stands in test_processes.py.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import Ran, run

from corpus_tool import compression
from corpus_tool.dedup import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 13\n\n"
DIGEST = HEADER + "A Useful Title\n\nAn abstract that says something useful in a few words.\n"
RECORDS = b'{"id":1,"text":"one two three four five six"}\n{"id":2,"text":"one two three four five six"}\n'
COMMANDS = ("parse", "dedup", "restore KEPT", "restore RECEIPTS", "export", "explain", "stats")
OLD = b"what stood here before\n"


def arguments(command: str, source: str) -> list[str]:
    """A run of the command over one source; of `restore`, in either of its two places."""
    if command == "restore KEPT":
        return ["restore", source, "receipts.jsonl"]
    if command == "restore RECEIPTS":
        return ["restore", "kept.jsonl", source]
    return ["explain", "1", "2", source] if command == "explain" else [command, source]


def compressed(ending: str) -> bytes:
    raw = io.BytesIO()
    raw.close = lambda: None  # type: ignore[method-assign]
    with compression.open_writer(raw, "x" + ending) as writer:
        writer.write(RECORDS + os.urandom(2000).hex().encode())
    return raw.getvalue()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with good input of every kind, and an output of an earlier run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    for folder in ("out", "tmp", "folder"):
        Path(folder).mkdir()
    Path("out/old.jsonl").write_bytes(OLD)
    Path("good.jsonl").write_bytes(RECORDS)
    Path("good.txt").write_text(DIGEST, "utf-8")
    assert run("dedup", "good.jsonl", "-o", "kept.jsonl", "--removed", "receipts.jsonl").code == 0
    return tmp_path


def names(folder: str | Path) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def refused(done: Ran, message: str) -> None:
    """Exit 2, nothing on stdout, one line on stderr that is the message, and no trace of the run."""
    assert done.code == 2, done
    assert done.out == b""
    assert re.fullmatch(message + r"[^\n]*\n", done.err), done.err
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    assert names("out") == ["old.jsonl"]
    assert Path("out/old.jsonl").read_bytes() == OLD
    assert names("tmp") == []


ALREADY = r"holds JSONL records already: give it to `corpus-tool dedup`"
NO_JSON = r":1: not JSON: .* at column 1"
UNKNOWN = r": does not look like a digest.*; .*--from \(mail, arxiv-mail,"
COMPRESSED = r": the compressed file is (cut short|damaged).*: fetch or compress it again"
BINARY = r": a binary file, not text: convert it to text or JSONL first"

CUT = {
    ending: {"parse": ": " + ALREADY, "restore RECEIPTS": ":1: not a receipt"} for ending in (".gz", ".xz")
}
"""What is told of files that are cut where their codec has already given whole lines, before the cut is met."""

BAD_INPUT: dict[str, tuple[str, bytes | None, str, dict[str, str]]] = {
    # name: (file, content, message after the file's name, other messages of some commands)
    "missing": ("none.txt", None, r": no such file or folder; check the spelling", {}),
    "no match": ("none*.txt", None, r": no file matches this pattern; check the spelling", {}),
    "under a file": ("good.txt/x", None, r": no such file or folder; check the spelling", {}),
    "empty folder": ("folder", None, r": a folder without files in it; name one that has", {}),
    "URL": ("gopher://host/x", None, r": could not be opened: .*; fetch others first", {}),
    "no such URL": ("file:///nowhere/x", None, r": there is nothing at this address; check", {}),
    "latin-1 digest": (
        "latin.txt",
        HEADER.encode() + b"A naiv\xe9 Title\n\nAn abstract.\n",
        r":11: byte 0xe9 at column 7 is not utf-8; .*--encoding latin-1",
        {"restore": NO_JSON},
    ),
    "latin-1 records": (
        "latin.jsonl",
        b'{"id":1,"text":"caf\xe9 one two"}\n',
        r":1: byte 0xe9 at column 20 is not UTF-8: convert the file or name its --encoding",
        {"parse": ": " + ALREADY},
    ),
    "binary": ("x.dat", bytes(range(256)) * 3, BINARY, {}),
    "endless zeros": ("/dev/zero", None, r"zero" + BINARY, {}),
    "UTF-16, no mark": ("x.txt", DIGEST.encode("utf-16-be"), r": UTF-16 text: .* --encoding utf-16-be", {}),
    "a letter": ("x.txt", b"Dear Sir,\nthis is no digest.\nYours\n", UNKNOWN, {"restore": NO_JSON}),
    "an array": (
        "x.jsonl",
        b"[1, 2]\n",
        r":1: JSON without objects: .*",
        {"restore": r":1: a JSON array where an object is wanted: one record a line"},
    ),
    "broken line": (
        "x.jsonl",
        RECORDS[:-1] + b'\n{"id":3,"text":"one\n',
        r":3: not JSON: unexpected end of data at column 20",
        {"parse": ": " + ALREADY},
    ),
    "array line": (
        "x.jsonl",
        RECORDS + b"\n[1,2]\n",
        r":4: a JSON array where an object is wanted: one record a line, in braces",
        {"parse": ": " + ALREADY},
    ),
    "zeros at the end": (
        "x.jsonl",
        RECORDS + bytes(300),
        r":3: not JSON: .* at column 1",
        {"parse": ": " + ALREADY, "restore RECEIPTS": ":1: not a receipt"},
    ),
    "deep line": (
        "x.jsonl",
        b'{"id":1,"text":"a b","x":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n",
        r":1: JSON nested more than 100 levels deep",
        {"parse": ": " + ALREADY},
    ),
    "no gzip": ("x.jsonl.gz", RECORDS, COMPRESSED, {}),
    **{
        f"cut {ending}": (f"x.jsonl{ending}", compressed(ending)[:-40], COMPRESSED, CUT.get(ending, {}))
        for ending in compression.ENDINGS
    },
}


@pytest.mark.parametrize("bad", BAD_INPUT)
@pytest.mark.parametrize("command", COMMANDS)
def test_bad_input(command: str, bad: str, place: Path) -> None:
    name, content, message, others = BAD_INPUT[bad]
    if content is not None:
        Path(name).write_bytes(content)
    wanted = others.get(command, others.get(command.split()[0], message))
    shown = "" if name.startswith("/") else re.escape(name)
    refused(run(*arguments(command, name), "-o", "out/old.jsonl"), shown + wanted)


@pytest.mark.parametrize("command", ["parse", "explain", "restore KEPT"])
def test_an_empty_file_where_something_must_be(command: str, place: Path) -> None:
    Path("empty").touch()
    wanted = {
        "parse": "empty: an empty file: there is no digest in it",
        "explain": "no record 1 in the input: name it by its id",
        "restore KEPT": ".*the two files are not of one run",
    }
    refused(run(*arguments(command, "empty"), "-o", "out/old.jsonl"), wanted[command])


@pytest.mark.parametrize("command", ["dedup", "export", "restore RECEIPTS", "stats"])
def test_an_empty_file_where_nothing_may_be(command: str, place: Path) -> None:
    Path("empty").touch()
    done = run(*arguments(command, "empty"), "-o", "out/new.jsonl")
    assert done.code == 0, done
    assert Path("out/new.jsonl").exists()


def source_of(command: str) -> str:
    """Good input of a command."""
    named = {"parse": "good.txt", "restore KEPT": "kept.jsonl", "restore RECEIPTS": "receipts.jsonl"}
    return named.get(command, "good.jsonl")


BAD_OUTPUT = {
    "folder": "folder: cannot write: this is a folder: name a file in it",
    "good.txt/x": r"good\.txt/x: cannot write: good\.txt is not a folder: choose another path",
    "none/x": "none/x: cannot write: the folder none does not exist: create it first",
    "/dev/full": "/dev/full: cannot write: no space left on the device: free some, or write elsewhere",
    "": "an output needs a file name; use - for standard output",
}


@pytest.mark.parametrize("output", BAD_OUTPUT)
@pytest.mark.parametrize("command", COMMANDS)
def test_bad_output(command: str, output: str, place: Path) -> None:
    chosen = ["--format", "csv"] if command == "export" else []
    refused(run(*arguments(command, source_of(command)), *chosen, "-q", "-o", output), BAD_OUTPUT[output])


@pytest.mark.parametrize("option", ["--removed", "--clusters"])
@pytest.mark.parametrize("output", ["folder", "good.txt/x", "/dev/full"])
def test_one_bad_output_of_several_stops_all(option: str, output: str, place: Path) -> None:
    done = run("dedup", "good.jsonl", "-o", "out/old.jsonl", option, output)
    refused(done, BAD_OUTPUT[output])


def test_rejects_that_cannot_be_written(place: Path) -> None:
    Path("x.jsonl").write_bytes(RECORDS + b"[]\n")
    done = run(
        "export", "x.jsonl", "-q", "-o", "out/old.jsonl", "--on-error", "skip", "--rejects", "/dev/full"
    )
    assert done.err.startswith("skipped x.jsonl:3: a JSON array")
    refused(
        done._replace(err=done.err.splitlines(keepends=True)[-1]), "/dev/full: cannot write: no space left"
    )


USAGE = {
    "unknown option": ("{} --colour", r"No such option: --colour.* \(see --help\)"),
    "unknown encoding": ("{} --encoding klingon", "--encoding klingon is not known; try utf-8"),
    "unknown format": ("{} --from docx", "--from docx is not one of mail, arxiv-mail"),
    "year": ("{} --year 26", "--year 26 is not a year of four digits"),
}


@pytest.mark.parametrize("usage", USAGE)
@pytest.mark.parametrize("command", ["parse", "dedup", "export", "explain", "stats"])
def test_usage(command: str, usage: str, place: Path) -> None:
    options, message = USAGE[usage]
    text = options.format(" ".join(arguments(command, source_of(command))))
    refused(run(*text.split(), "-o", "out/old.jsonl"), message)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("dedup good.jsonl --keep best", "--keep best is not one of first, last,"),
        ("dedup good.jsonl --match titles", "--match titles is not one of auto,"),
        ("dedup good.jsonl --threshold 0", "--threshold 0 is outside 0 to 1"),
        ("dedup good.jsonl --threshold nan", "--threshold nan is outside 0 to 1"),
        ("dedup good.jsonl --recall 1", "--recall 1 is not between 0 and 1"),
        ("dedup good.jsonl --jobs -1", "--jobs -1 must be 0"),
        ("dedup good.jsonl --tmp-dir none", "--tmp-dir none is not a folder: create it first"),
        ("dedup good.jsonl --tmp-dir good.txt", "--tmp-dir good.txt is not a folder"),
        ("dedup good.jsonl --memory-limit lots", "'lots' is not a size: write it like 512M"),
        ("dedup good.jsonl --fields title", "no record has title; their keys are id, text; name others"),
        ("dedup good.jsonl --rejects x", "--rejects keeps what --on-error skip leaves out: give both"),
        ("dedup - -", r"standard input \(-\) can be read only once"),
        ("export good.jsonl --format xlsx", "there is no format 'xlsx': choose one of jsonl"),
        ("export good.jsonl --format csv --columns nope", "no record has the column 'nope': they have id"),
        ("export good.jsonl -o x.docx", r"x\.docx: the ending '\.docx' names no format: add --format"),
        ("explain 1 9 good.jsonl", "no record 9 in the input: name it by its id, or as source:line"),
        ("dedup good.jsonl -o x --removed ./x", r"\./x: two outputs of this run go there: give each its own"),
        ("explain 1", "Missing argument 'B'"),
        ("restore kept.jsonl", "name the receipts once: restore KEPT RECEIPTS"),
        ("restore - -", "standard input can be the kept records or the receipts, not both"),
        ("restore kept.jsonl good.jsonl", r"good\.jsonl:1: not a receipt"),
        ("restore receipts.jsonl receipts.jsonl receipts.jsonl", "Got unexpected extra argument"),
        ("frobnicate", "No such command 'frobnicate'"),
    ],
)
def test_usage_of_one(typed: str, message: str, place: Path) -> None:
    refused(run(*typed.split()), message)


@pytest.mark.parametrize(
    "change",
    [
        {"ordinal": "1"},
        {"ordinal": -1},
        {"raw": None},
        {"raw": "no JSON"},
        {"raw": "\ud800"},
        {"new_seen": 3},
        {"new_seen": [["x"]]},
        {"new_seen": [[0, 1]]},
        {"more_seen": [[0, 2]]},
        {"more_seen": [[0]]},
        {"ordinal": 10**30},
        {"records": 3},
        {"records": "x"},
    ],
    ids=str,
)
def test_receipts_that_someone_changed(change: dict[str, object], place: Path) -> None:
    receipt = json.loads(Path("receipts.jsonl").read_bytes()) | change
    Path("receipts.jsonl").write_text(json.dumps(receipt) + "\n", "utf-8")
    refused(run("restore", "kept.jsonl", "receipts.jsonl", "-o", "out/old.jsonl"), "")


def test_names_that_are_no_text(place: Path) -> None:
    """A file's name may be any bytes; in records and messages it is text, and steers no terminal."""
    odd = os.fsdecode(b"caf\xe9.jsonl")
    Path(odd).write_bytes(RECORDS)
    done = run("dedup", odd, "-q", "--clusters", "clusters.jsonl")
    assert done.code == 0, done
    assert json.loads(Path("clusters.jsonl").read_bytes().splitlines()[0])["source"] == "caf\\xe9.jsonl"
    Path(os.fsdecode(b"caf\xe9.txt")).write_text(DIGEST, "utf-8")
    assert run("parse", os.fsdecode(b"caf\xe9.txt")).code == 0
    Path("two\nlines\x1b[31m.jsonl").write_bytes(b"{\n")
    refused(run("stats", "two\nlines\x1b[31m.jsonl"), "two lines\ufffd\\[31m.jsonl:1: not JSON")


def test_files_of_one_name(place: Path) -> None:
    """Relative names stay as given; absolute ones become as long as it takes to tell them apart."""
    Path("folder/a.jsonl").write_bytes(b'{"id":3,"text":"seven eight nine"}\n')
    Path("a.jsonl").write_bytes(RECORDS)
    run("dedup", "a.jsonl", place / "folder" / "a.jsonl", "./a.jsonl", "--clusters", "clusters.jsonl")
    found = [json.loads(line) for line in Path("clusters.jsonl").read_bytes().splitlines()]
    assert [(each["id"], each["source"]) for each in found] == [
        (1, "a.jsonl"),
        (2, "a.jsonl"),
        (3, "folder/a.jsonl"),
        (1, "a.jsonl"),
        (2, "a.jsonl"),
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_quiet_is_for_notes_alone(command: str, place: Path) -> None:
    good = [*arguments(command, source_of(command)), "-q"]
    done = run(*good)
    assert (done.code, done.err) == (0, "")
    refused(run(*arguments(command, "none"), "-q"), "none: no such file")


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_object(command: str, place: Path) -> None:
    given = [*arguments(command, source_of(command)), "--json"]
    to_file = run(*given, "-o", "out/new.jsonl")
    summary = Path("out/new.jsonl").read_bytes() if command in {"stats", "explain"} else to_file.out
    assert isinstance(json.loads(summary), dict)
    straight = run(*given, "-q")
    shown = straight.out if command in {"stats", "explain"} else straight.err
    assert isinstance(json.loads(shown), dict)
    assert len(shown.splitlines()) == 1


@pytest.mark.parametrize("option", ["--removed", "--clusters"])
def test_json_keeps_out_of_any_data(option: str, place: Path) -> None:
    done = run("dedup", "good.jsonl", "-o", "k.jsonl", option, "-", "--json")
    assert json.loads(done.err)["kept"] == 1
    assert all("source" in json.loads(line) for line in done.out.splitlines())


@pytest.mark.parametrize("dash", [True, False], ids=["dash", "nothing"])
@pytest.mark.parametrize("command", ["parse", "dedup", "export", "explain", "stats"])
def test_standard_input(command: str, dash: bool, place: Path) -> None:
    options = ["-q", "--json"] if command in {"explain", "stats"} else ["-q"]
    source = source_of(command)
    named = run(*arguments(command, source), *options)
    given = [each for each in arguments(command, "-") if dash or each != "-"]
    piped = run(*given, *options, stdin=Path(source).read_bytes())
    assert piped.code == 0, piped
    assert piped.out == named.out.replace(b'"' + source.encode(), b'"-')


@pytest.mark.parametrize("command", ["restore KEPT", "restore RECEIPTS"])
def test_standard_input_of_restore(command: str, place: Path) -> None:
    done = run(*arguments(command, "-"), "-q", stdin=Path(source_of(command)).read_bytes())
    assert (done.code, done.out) == (0, RECORDS)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if mounted.returncode:
        pytest.skip("a small file system may not be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("command", ["parse", "dedup", "restore RECEIPTS", "export"])
def test_a_disk_that_fills_up(command: str, place: Path, small_disk: Path) -> None:
    words = "".join(f"{number:05} " for number in range(20_000))
    Path("good.txt").write_text(HEADER + f"A Title\n\n{words}\n", "utf-8")
    Path("good.jsonl").write_text(json.dumps({"id": 1, "text": words}) + "\n", "utf-8")
    Path("kept.jsonl").write_bytes(Path("good.jsonl").read_bytes())
    (small_disk / "old.jsonl").write_bytes(OLD)
    done = run(*arguments(command, source_of(command)), "-o", "disk/old.jsonl")
    refused(
        done, r"disk/old\.jsonl: cannot write: no space left on the device: free some, or write elsewhere"
    )
    assert (small_disk / "old.jsonl").read_bytes() == OLD
    assert names(small_disk) == ["old.jsonl"]


def test_a_temporary_folder_that_fills_up(place: Path, small_disk: Path) -> None:
    """Standard input cannot be read twice; what does not fit into memory waits in a temporary file."""
    words = "".join(f"{number:05} " for number in range(30_000)).encode()
    lines = b"".join(b'{"id":%d,"text":"%d %s"}\n' % (number, number, words) for number in range(100))
    done = run("dedup", "-", "--tmp-dir", "disk", "-o", "out/old.jsonl", stdin=lines)
    refused(done, r".*temporary folder.*--tmp-dir")
    assert names(small_disk) == []


@pytest.mark.parametrize("cause", [MemoryError(), OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))])
def test_no_memory(place: Path, monkeypatch: pytest.MonkeyPatch, cause: Exception) -> None:
    def refuse(*_: object) -> None:
        raise cause

    monkeypatch.setattr(columns.mmap, "mmap", refuse)
    (place / "many.jsonl").write_bytes(RECORDS)
    (place / "old").write_bytes(OLD)
    done = run("dedup", "many.jsonl", "-o", "old")
    assert (done.code, done.out) == (2, b"")
    assert done.err.splitlines()[-1] == "out of memory: set a --memory-limit, or give the machine more"
    assert (place / "old").read_bytes() == OLD
