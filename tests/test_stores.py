"""Inputs in stores such as s3://, from a server that speaks S3 and runs here."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from in_process import InProcess
from on_parts import on_one_machine
from running import run

from corpus_tool.config import Options
from corpus_tool.engines.parted import run as parted
from corpus_tool.engines.parted.folders import Folder
from corpus_tool.engines.parted.writing import Outputs, write
from corpus_tool.errors import InputError
from corpus_tool.progress import Progress
from corpus_tool.sources import remote
from corpus_tool.sources.inputs import Input, expand
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.skipif(not find_spec("pyarrow"), reason="needs pyarrow, of the extra `remote`"),
    pytest.mark.skipif(not find_spec("moto"), reason="needs moto, of the extra `test`, to serve S3"),
]

ONE, TWO = b'{"id":1,"text":"one two three four five six"}\n', b'{"id":2,"text":"quite another text"}\n'
SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
OBJECTS = {
    "days/b.jsonl": ONE + TWO,
    "days/a.jsonl.gz": gzip.compress(TWO),
    "days/2024/blank é+%#?.jsonl": ONE,
    "days/.hidden/x.jsonl": b"not JSON\n",
    "days/notes/read me.md": b"# Read me\n\nNothing of use here.\n",
    "days-of-old/x.jsonl": ONE,
    "large.jsonl": b"".join(b'{"id":%d,"text":"record number %d of many"}\n' % (n, n) for n in range(60_000)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of the server, with a bucket of objects."""
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as written:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        running = subprocess.Popen(command, stdout=written, stderr=written)
    try:
        host = _address(running, log)
        _put(host, "bucket")
        for key, data in OBJECTS.items():
            _put(host, f"bucket/{quote(key)}", data)
        yield host
    finally:
        running.terminate()
        running.wait(10)


def _address(running: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server listens, once it does."""
    for _ in range(600):
        if found := re.search(r"http://(127\.0\.0\.1:\d+)", log.read_text("utf-8")):
            return found[1]
        try:
            running.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(log.read_text("utf-8"))


def _put(host: str, path: str, data: bytes = b"") -> None:
    headers = {"Authorization": SIGNED, "Content-Type": "application/octet-stream"}
    with urlopen(Request(f"http://{host}/{path}", data, headers, method="PUT"), timeout=30):
        pass


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "me")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


@pytest.fixture
def options(server: str) -> str:
    """The end of an address that says which server is meant."""
    return f"?endpoint_override={server}&scheme=http&region=us-east-1"


def fetched(url: str) -> bytes:
    with Input(url, url).open() as stream:
        return stream.read()


def named(url: str) -> list[str]:
    return [each.name for each in expand([url])]


@pytest.mark.parametrize("key", ["days/b.jsonl", "large.jsonl"])
def test_an_object(key: str, options: str) -> None:
    (given,) = expand([f"s3://bucket/{key}{options}"])
    assert (given.name, given.found) == (f"s3://bucket/{key}", False), "the options are no part of its name"
    with given.open() as stream:
        assert stream.read() == OBJECTS[key]


@pytest.mark.parametrize("url", ["S3://bucket/days/a.jsonl.gz", "s3://me:secret@bucket/days/a.jsonl.gz"])
def test_a_packed_one(url: str, options: str) -> None:
    assert fetched(url + options) == TWO


@pytest.mark.parametrize(
    "key", ["days/2024/blank%20%C3%A9%2B%25%23%3F.jsonl", "days/2024/blank é+%25%23%3F.jsonl"]
)
def test_names_with_any_characters(key: str, options: str) -> None:
    assert fetched(f"s3://bucket/{key}{options}") == ONE


def test_the_server_may_be_told_by_the_environment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{server}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert fetched("s3://bucket/days/b.jsonl") == ONE + TWO
    assert fetched("s3://bucket/days/a.jsonl.gz") == TWO, "with nothing behind the ending"
    assert named("s3://bucket/days/2024") == ["s3://bucket/days/2024/blank é+%#?.jsonl"]


WALKED = [
    "s3://bucket/days/2024/blank é+%#?.jsonl",
    "s3://bucket/days/a.jsonl.gz",
    "s3://bucket/days/b.jsonl",
    "s3://bucket/days/notes/read me.md",
]


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("days", WALKED),
        ("days/", WALKED),
        ("", [*WALKED[:0], "s3://bucket/days-of-old/x.jsonl", *WALKED, "s3://bucket/large.jsonl"]),
        ("days/*.jsonl", WALKED[2:3]),
        ("days/*.jsonl*", WALKED[1:3]),
        ("days/**/*.jsonl", [WALKED[0], WALKED[2]]),
        ("d*/[bx].jsonl", ["s3://bucket/days-of-old/x.jsonl", WALKED[2]]),
        ("days/20*/blank *", WALKED[:1]),
    ],
)
def test_folders_and_patterns(place: str, wanted: list[str], options: str) -> None:
    found = expand([f"s3://bucket/{place}".rstrip("/") + options])
    assert [each.name for each in found] == wanted
    assert all(each.found for each in found)
    for each in found:
        with each.open() as stream:
            data = OBJECTS[each.name.removeprefix("s3://bucket/")]
            assert stream.read() == (gzip.decompress(data) if each.name.endswith(".gz") else data)


def test_through_the_command(options: str) -> None:
    url = f"s3://me:secret@bucket/days/{options}"
    done = run("dedup", url, "-o", "out.jsonl", "--removed", "receipts")
    assert done.code == 0, done
    assert Path("out.jsonl").read_bytes() == ONE + TWO
    receipts = [json.loads(line) for line in Path("receipts").read_bytes().splitlines()]
    assert [(each["source"], each["line"]) for each in receipts] == [(WALKED[2], 1), (WALKED[2], 2)]
    assert done.err.startswith(f"left out {WALKED[3]}: does not look like ")
    assert "secret" not in done.err + Path("receipts").read_text("utf-8")
    done = run("dedup", url, "-q", "--exclude", "notes", "--include", "*.gz", "--include", "notes/")
    assert (done.code, done.out, done.err) == (0, TWO, "")
    done = run("dedup", url, "--exclude", "days/*")
    assert done.code == 0, "patterns are held against what stands below the folder"
    done = run("dedup", url, "--include", "*.txt")
    assert done.code == 2
    assert done.err.startswith("s3://bucket/days/: nothing is left of it by --include *.txt: ")


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("s3://bucket/nowhere", "there is nothing at this address"),
        ("s3://bucket/day", "there is nothing at this address"),
        ("s3://nowhere/x", "there is nothing at this address"),
        ("s3://bucket/x*", "no file is there, or matches"),
    ],
)
def test_what_is_not_there(place: str, problem: str, options: str) -> None:
    done = run("dedup", place + options)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"{place}: {problem}")


def test_what_cannot_be_asked(options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = "?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1"
    done = run("dedup", f"s3://me:secret@bucket/x{closed}")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("s3://bucket/x: could not be opened: ")
    assert "check the address, and the login that the environment gives" in done.err
    done = run("dedup", f"s3://me:secret@bucket/x?nonsense=1&{options[1:]}")
    assert (done.code, "nonsense" in done.err, "secret" in done.err) == (2, True, False)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = run("dedup", f"s3://bucket/days/b.jsonl{options}")
    assert (done.code, "ACCESS_DENIED" in done.err) == (2, True)


def test_what_breaks_off_breaks_off_again() -> None:
    class Breaking:
        def read(self, _size: int) -> bytes:
            self.read = lambda _size: b""  # type: ignore[method-assign]
            raise OSError("connection lost")

        def close(self) -> None:
            pass

    stream = remote._Stored(Breaking(), "s3://bucket/x")
    for _ in range(2):
        with pytest.raises(InputError, match="connection lost"):
            stream.read(10)


def test_many_machines_read_and_write_a_store(server: str, tmp_path: Path) -> None:
    """Plain lines are cut anywhere, compressed files read whole; parts go back, and what says that all are there."""
    more = f"endpoint_override={server}&scheme=http&region=us-east-1"
    paths = [f"s3://key:secret@bucket/{name}?{more}" for name in ("large.jsonl", "days/a.jsonl.gz")]
    found = parted.deduplicate(InProcess(), expand(paths), Options(), Problems(), Progress(), 5)
    folders = [Folder(f"s3://key:secret@bucket/out/{kind}/?{more}", ".jsonl") for kind in ("kept", "removed")]
    for _ in range(2):
        for folder in folders:
            folder.prepare()
        write(found, Outputs(folders[0], removed=folders[1]), lambda: None)
    wanted = on_one_machine(paths, Options())
    for kind, data in zip(("kept", "removed"), wanted.outputs, strict=False):
        from pyarrow import fs

        system, path = remote.store(f"s3://key:secret@bucket/out/{kind}/?{more}")
        names = sorted(each.path for each in system.get_file_info(fs.FileSelector(path)))
        assert [name.rpartition("/")[2] for name in names] == [
            "_SUCCESS",
            *(f"part-{at:05d}.jsonl" for at in range(5)),
        ]
        assert b"".join(system.open_input_stream(name).read() for name in names) == data
