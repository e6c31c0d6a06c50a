from __future__ import annotations

import bz2
import csv as csv_module
import errno
import gzip
import io
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool import compression
from corpus_tool.errors import InputError, OutputError, UsageError
from corpus_tool.sinks import ExportOptions, csv, format_for
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Record

ENDINGS = ("", *compression.ENDINGS)
PROJECT = Path(__file__).parents[1]


def compress(data: bytes, name: str) -> bytes:
    raw = io.BytesIO()
    raw.close = lambda: None  # type: ignore[method-assign]
    with compression.open_writer(raw, name) as writer:
        writer.write(data)
    return raw.getvalue()


def decompress(data: bytes, name: str) -> bytes:
    with compression.open_reader(io.BytesIO(data), name) as reader:
        return reader.read()


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


class TestCompression:
    @pytest.mark.parametrize("ending", ENDINGS)
    @given(data=st.binary(), members=st.integers(1, 4))
    @settings(max_examples=25)
    def test_members_read_back_to_the_end(self, ending: str, data: bytes, members: int) -> None:
        assert decompress(compress(data, "a" + ending) * members, "a" + ending) == data * members

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_content_larger_than_every_buffer(self, ending: str) -> None:
        data = b"".join(b"%d\n" % (number * number) for number in range(200_000))
        stored = compress(data, "a" + ending)
        assert decompress(stored, "a" + ending) == data
        with compression.open_reader(io.BytesIO(stored), "a" + ending) as reader:
            assert list(reader) == data.splitlines(keepends=True)

    @pytest.mark.parametrize("ending", compression.ENDINGS)
    def test_a_tiny_file_of_many_bytes_is_read_in_pieces(self, ending: str) -> None:
        stored = compress(bytes(20_000_000), "a" + ending)
        with compression.open_reader(io.BytesIO(stored), "a" + ending) as reader:
            assert sum(len(piece) for piece in iter(lambda: reader.read(1 << 16), b"")) == 20_000_000

    def test_other_peoples_files(self) -> None:
        assert (
            decompress(gzip.compress(b"one\n") + gzip.compress(b"two\n") + bytes(512), "x.gz")
            == b"one\ntwo\n"
        )
        assert decompress(bz2.compress(b"one\n") + bz2.compress(b"two\n"), "x.BZ2") == b"one\ntwo\n"
        skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
        assert decompress(skippable + compress(b"one\n", "x.zst") + skippable, "x.zst") == b"one\n"

    @pytest.mark.parametrize("ending", compression.ENDINGS)
    @pytest.mark.parametrize("cut", [0, 1, 9, 30, -1])
    def test_a_cut_file_is_named(self, ending: str, cut: int) -> None:
        name = "in/a.jsonl" + ending
        with pytest.raises(InputError, match=r"^in/a\.jsonl\.\w+: the compressed file .*again$"):
            decompress(compress(os.urandom(100), name)[:cut], name)

    @pytest.mark.parametrize("ending", compression.ENDINGS)
    def test_damage_is_named_also_after_the_first_member(self, ending: str) -> None:
        name = "a" + ending
        good = compress(b"good\n", name)
        with pytest.raises(InputError, match="damaged"):
            decompress(good + b"not compressed at all", name)
        damaged = bytearray(compress(b"text " * 100 + os.urandom(200), name))
        damaged[len(damaged) // 2] ^= 0xFF
        with pytest.raises(InputError, match="damaged"):
            decompress(bytes(damaged), name)

    def test_an_error_of_the_disk_is_no_damage(self) -> None:
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise OSError(5, "Input/output error")

        with pytest.raises(OSError, match="Input/output"):
            compression.open_reader(Broken(), "a.bz2").read()

    @pytest.mark.parametrize("ending", compression.ENDINGS)
    def test_no_time_and_no_name_is_stored(self, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
        once = compress(b"same", "first" + ending)
        monkeypatch.setattr("time.time", lambda: 1e9)
        assert compress(b"same", "second" + ending) == once

    def test_names(self) -> None:
        assert compression.strip_codec("a.jsonl.zst") == "a.jsonl"
        assert compression.strip_codec("b/A.JSONL.GZ") == "b/A.JSONL"
        assert compression.strip_codec("gz") == "gz"

    def test_only_the_codec_that_is_met_is_imported(self) -> None:
        script = (
            "import sys, io; from corpus_tool.compression import open_writer\n"
            "open_writer(io.BytesIO(), 'a.jsonl').close(); open_writer(io.BytesIO(), 'a.gz').close()\n"
            "assert not {'bz2', '_bz2', 'backports.zstd', 'compression.zstd'} & set(sys.modules), sys.modules"
        )
        assert run(script).returncode == 0


def run(script: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", script]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False, timeout=60, **options)  # type: ignore[call-overload]


class TestOutputs:
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_files_appear_together_at_the_end(self, tmp_path: Path, ending: str) -> None:
        kept, removed = tmp_path / f"kept.jsonl{ending}", tmp_path / "removed.jsonl"
        removed.write_bytes(b"old")
        with Outputs() as outputs:
            outputs.open(kept).write(b"new\n")
            outputs.open(str(removed)).write(b"gone\n")
            assert not kept.exists()
            assert removed.read_bytes() == b"old"
        assert decompress(kept.read_bytes(), kept.name) == b"new\n"
        assert removed.read_bytes() == b"gone\n"
        assert names(tmp_path) == sorted([kept.name, removed.name])

    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, BrokenPipeError, SystemExit])
    @pytest.mark.parametrize("ending", ENDINGS)
    def test_an_exception_leaves_what_was_there(
        self, tmp_path: Path, error: type[BaseException], ending: str
    ) -> None:
        old = tmp_path / f"old{ending}"
        old.write_bytes(b"old")
        with pytest.raises(error), Outputs() as outputs:
            outputs.open(old).write(b"x" * 3_000_000)
            outputs.open(tmp_path / "new").write(b"new")
            raise error
        assert names(tmp_path) == [old.name]
        assert old.read_bytes() == b"old"

    def test_a_writer_may_be_closed_early(self, tmp_path: Path) -> None:
        with Outputs() as outputs:
            with outputs.open(tmp_path / "a.gz") as writer:
                writer.write(b"text")
            assert not (tmp_path / "a.gz").exists()
        assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"

    def test_one_that_cannot_be_finished_stops_all(self, tmp_path: Path) -> None:
        with (
            pytest.raises(OutputError, match=r"^/dev/full: cannot write: no space left"),
            Outputs() as outputs,
        ):
            outputs.open(tmp_path / "kept").write(b"kept")
            outputs.open("/dev/full").write(b"receipt")
        assert names(tmp_path) == []

    def test_rights(self, tmp_path: Path) -> None:
        old = tmp_path / "old"
        old.touch()
        old.chmod(0o604)
        umask = os.umask(0o027)
        try:
            with Outputs() as outputs:
                outputs.open(old)
                outputs.open(tmp_path / "new")
        finally:
            os.umask(umask)
        assert stat.S_IMODE(old.stat().st_mode) == 0o604
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640

    def test_a_link_is_followed(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        target, link = tmp_path / "real" / "file", tmp_path / "link"
        link.symlink_to(target)
        for content in (b"first", b"second"):
            with Outputs() as outputs:
                outputs.open(link).write(content)
            assert link.is_symlink()
            assert target.read_bytes() == content
        with pytest.raises(OutputError, match="two outputs"), Outputs() as outputs:
            outputs.open(link)
            outputs.open(target)

    def test_devices_and_pipes_are_written_directly(self, tmp_path: Path) -> None:
        with Outputs() as outputs:
            outputs.open("/dev/null").write(b"x")
            outputs.open("/dev/null").write(b"y")
        assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
        fifo = tmp_path / "fifo.gz"
        os.mkfifo(fifo)
        reader = subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE)
        with Outputs() as outputs:
            outputs.open(fifo).write(b"through")
        assert gzip.decompress(reader.communicate(timeout=10)[0]) == b"through"
        assert stat.S_ISFIFO(fifo.stat().st_mode)

    def test_an_open_descriptor_is_written_where_it_stands(self, tmp_path: Path) -> None:
        with (tmp_path / "log").open("wb", buffering=0) as log:
            log.write(b"before ")
            with Outputs() as outputs:
                outputs.open(f"/dev/fd/{log.fileno()}").write(b"after")
        assert (tmp_path / "log").read_bytes() == b"before after"

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("folder", "a folder"),
            ("missing/file", r"missing does not exist: create it"),
            ("regular/file", "regular is not a folder"),
            ("n" * 300, "too long"),
            ("slash/", "a folder"),
            ("circle", "circle"),
            ("/proc/nothing", "elsewhere|does not exist"),
            ("", "needs a file name"),
        ],
    )
    def test_what_cannot_be_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("folder").mkdir()
        Path("regular").touch()
        Path("circle").symlink_to("circle")
        before = names(tmp_path)
        with pytest.raises(OutputError, match=message) as caught, Outputs() as outputs:
            outputs.open("other")
            outputs.open(name)
        assert caught.value.path == (name or None)
        assert names(tmp_path) == before

    def test_without_rights(self, open_folder: Path) -> None:
        """As another user where this one is root, whom no rights stop."""
        locked, guarded = open_folder / "locked", open_folder / "guarded"
        locked.mkdir(mode=0o555)
        guarded.touch()
        guarded.chmod(0o444)
        script = (
            "import os\nfrom corpus_tool.sinks.atomic import Outputs\n"
            "from corpus_tool.errors import OutputError\n"
            "import corpus_tool.compression\n"
            "if not os.getuid(): os.setuid(65534)\n"
            "for name in ('locked/file', 'guarded'):\n"
            "    try:\n"
            "        with Outputs() as outputs: outputs.open(name)\n"
            "    except OutputError as error: print(error)\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=open_folder,
            env=environment,
            check=False,
            capture_output=True,
            timeout=60,
        )
        assert done.stdout.decode().splitlines() == [
            "locked/file: cannot write: no permission to write here: change the rights, or write elsewhere",
            "guarded: cannot write: this is write-protected: change its rights, or write elsewhere",
        ], done.stderr

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_a_full_disk(self, small_disk: Path, ending: str) -> None:
        target = small_disk / f"file{ending}"
        target.write_bytes(b"old")
        with pytest.raises(OutputError, match="no space left on the device: free some"), Outputs() as outputs:
            outputs.open(target).write(os.urandom(200_000))
        assert target.read_bytes() == b"old"
        assert names(small_disk) == [target.name]

    def test_a_disk_that_refuses_only_at_the_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(descriptor: int) -> None:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

        monkeypatch.setattr("os.dup", refuse)
        with pytest.raises(OutputError, match="the disk quota is used up"), Outputs() as outputs:
            outputs.open(tmp_path / "a").write(b"x")
        assert names(tmp_path) == []

    def test_a_name_as_long_as_the_file_system_takes(self, tmp_path: Path) -> None:
        name = "ä" * 127
        with Outputs() as outputs:
            outputs.open(tmp_path / name).write(b"x")
        assert names(tmp_path) == [name]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


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


class TestKilledRuns:
    SCRIPT = (
        "import sys, time; from corpus_tool.sinks.atomic import Outputs\n"
        "with Outputs() as outputs:\n"
        "    writer = outputs.open(sys.argv[1]); writer.write(b'half'); writer.flush()\n"
        "    print('ready', flush=True); time.sleep(60)\n"
    )

    def start(self, target: Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", self.SCRIPT, str(target)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def stop(self, process: subprocess.Popen[bytes], number: int) -> None:
        process.send_signal(number)
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()

    def test_the_old_file_stays_and_the_next_run_tidies_up(self, tmp_path: Path) -> None:
        target = tmp_path / "out.jsonl"
        target.write_bytes(b"old")
        other = tmp_path / ".out.jsonl.1-zzzz.corpus-tool.tmp"
        other.touch()
        self.stop(self.start(target), signal.SIGKILL)
        assert target.read_bytes() == b"old"
        assert len(names(tmp_path)) == 3
        with Outputs() as outputs:
            outputs.open(target).write(b"new")
        assert target.read_bytes() == b"new"
        assert names(tmp_path) == [other.name, target.name]

    def test_an_interrupt_leaves_nothing(self, tmp_path: Path) -> None:
        self.stop(self.start(tmp_path / "out"), signal.SIGINT)
        assert names(tmp_path) == []

    def test_a_living_run_keeps_its_file(self, tmp_path: Path) -> None:
        process = self.start(tmp_path / "out")
        try:
            before = set(names(tmp_path))
            with Outputs() as outputs:
                outputs.open(tmp_path / "out").write(b"mine")
            assert set(names(tmp_path)) == before | {"out"}
        finally:
            self.stop(process, signal.SIGINT)


class TestStandardOutput:
    @pytest.mark.parametrize("name", [None, "-", "/dev/stdout"])
    def test_streams_through(self, name: str | None, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        with Outputs() as outputs:
            outputs.open(name).write(b"data\n")
        assert capfdbinary.readouterr().out == b"data\n"

    def test_a_replaced_stream(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stream = io.TextIOWrapper(io.BytesIO())
        monkeypatch.setattr("sys.stdout", stream)
        stream.write("text, ")
        with Outputs() as outputs:
            outputs.open(None).write(b"data")
        assert stream.buffer.getvalue() == b"text, data"  # type: ignore[attr-defined]

    def test_a_replaced_stream_is_flushed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Hidden(io.BufferedWriter):
            def fileno(self) -> int:
                raise io.UnsupportedOperation

        end = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(Hidden(end)))  # type: ignore[arg-type]
        with Outputs() as outputs:
            outputs.open(None).write(b"data")
        assert end.getvalue() == b"data"

    def test_only_one_output(self) -> None:
        with pytest.raises(OutputError, match=r"^standard output: two outputs"), Outputs() as outputs:
            outputs.open("-")
            outputs.open("/dev/stdout")

    def test_an_exception_writes_no_more(self, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        with pytest.raises(ValueError, match="bad"), Outputs() as outputs:
            outputs.open("-").write(b"half of it")
            raise ValueError("bad")
        assert capfdbinary.readouterr().out == b""

    def test_full_and_closed(self) -> None:
        script = (
            "import sys\nfrom corpus_tool.sinks.atomic import Outputs\n"
            "from corpus_tool.errors import OutputError\n"
            "try:\n"
            "    with Outputs() as outputs: outputs.open('-').write(b'x')\n"
            "except (OutputError, BrokenPipeError) as error: print(type(error).__name__, error, file=sys.stderr)\n"
        )
        with Path("/dev/full").open("wb") as full:
            done = run(script, stdout=full, stderr=subprocess.PIPE)
        assert done.stderr.startswith(b"OutputError standard output: cannot write: no space left")
        reading, writing = os.pipe()
        os.close(reading)
        done = run(script, stdout=writing, stderr=subprocess.PIPE)
        os.close(writing)
        assert done.stderr.startswith(b"BrokenPipeError")
        assert len(done.stderr.splitlines()) == 1, "nothing is left for the interpreter to flush at exit"
        assert done.returncode == 0
        done = subprocess.run(
            ["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, script],
            cwd=PROJECT,
            check=False,
            capture_output=True,
            timeout=60,
        )
        assert done.stderr.startswith(b"OutputError standard output: it is closed")


def export(records: list[Record], name: str, options: ExportOptions | None = None) -> bytes:
    rows = ((json.dumps(record).encode(), record) for record in records)
    writer = io.BytesIO()
    assert format_for(None, name).write(rows, writer, options) == len(records)
    return writer.getvalue()


def table(records: list[Record], options: ExportOptions | None = None) -> list[list[str]]:
    return list(csv_module.reader(io.StringIO(export(records, "csv", options).decode(), newline="")))


class TestFormats:
    @pytest.mark.parametrize(
        ("path", "chosen", "name"),
        [
            ("a.jsonl", None, "jsonl"),
            ("a.NDJSON.gz", None, "jsonl"),
            ("b/a.csv.zst", None, "csv"),
            ("a.md", None, "markdown"),
            ("a.md", "csv", "csv"),
            ("a.txt", "md", "markdown"),
            (None, None, "jsonl"),
            ("-", None, "jsonl"),
        ],
    )
    def test_found(self, path: str | None, chosen: str | None, name: str) -> None:
        assert format_for(path, chosen).name == name

    def test_not_found(self) -> None:
        with pytest.raises(UsageError, match=r"^a\.docx: .*'\.docx'.*jsonl \(\.jsonl \.ndjson\), csv"):
            format_for("a.docx")
        with pytest.raises(UsageError, match="without an ending"):
            format_for("out")
        with pytest.raises(UsageError, match="no format 'xlsx': choose one of jsonl"):
            format_for("a.csv", "xlsx")

    def test_columns_are_for_tables(self) -> None:
        with pytest.raises(UsageError, match="markdown has no columns"):
            export([], "markdown", ExportOptions(columns=("title",)))

    def test_jsonl_keeps_every_byte(self) -> None:
        raw = [b'{ "b":1.0,"a" : 1e400 , "a":2}', b"", b'{"x":"\xff"}']
        writer = io.BytesIO()
        format_for("a.jsonl").write(((line, {}) for line in raw), writer)
        assert writer.getvalue() == b"".join(line + b"\n" for line in raw)


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters())
RECORDS = st.lists(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), VALUES, max_size=4), max_size=8
)


class TestCsv:
    def test_columns_and_cells(self) -> None:
        records: list[Record] = [
            {"zeta": 1, "title": 'A "quoted", long\ntitle', "id": "0f", "date": None},
            {
                "links": ["https://a.org", "ü"],
                "seen": {"a": [1.0, True, None]},
                "ok": False,
                "formula": "=1+1",
            },
        ]
        assert (
            export(records, "csv")
            == (
                "id,title,date,links,zeta,seen,ok,formula\n"
                '0f,"A ""quoted"", long\ntitle",,,1,,,\n'
                ',,,"[""https://a.org"",""ü""]",,"{""a"":[1.0,true,null]}",false,=1+1\n'
            ).encode()
        )

    def test_a_late_key_is_a_column_at_the_right(self) -> None:
        early: list[Record] = [{"text": f'line\n"{n}"'} for n in range(csv.FIRST_RECORDS + 5)]
        rows = table([*early, {"id": 7, "text": "last"}])
        assert rows[0] == ["text", "id"]
        assert rows[1:-1] == [[record["text"], ""] for record in early]
        assert rows[-1] == ["last", "7"]

    def test_spools_to_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Spool.__init__, "__defaults__", (10,))
        assert table([{"a": "x" * 100}, {"b": "y" * 100}]) == [["a", "b"], ["x" * 100, ""], ["", "y" * 100]]

    def test_a_full_folder_for_temporary_files(
        self, small_disk: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(small_disk))
        monkeypatch.setattr(Spool.__init__, "__defaults__", (10,))
        with pytest.raises(OutputError, match=r"No space left.*TMPDIR"):
            table([{"a": "x" * 200_000}])

    def test_chosen_columns(self) -> None:
        records: list[Record] = [{"a": 1, "b": 2}, {"c": "x"}]
        assert export(records, "csv", ExportOptions(columns=("c", "a"))) == b"c,a\n,1\nx,\n"
        with pytest.raises(UsageError, match="no record has the column 'd': they have a, b, c"):
            export(records, "csv", ExportOptions(columns=("c", "d")))
        assert export([], "csv", ExportOptions(columns=("c", "d"))) == b"c,d\n"

    def test_odd_characters(self) -> None:
        text = "nul \0 lone \ud800 pair \ud83d\ude00 cr \r end"
        assert table([{"a": text, "b\udfff": 1e400}]) == [
            ["a", "b\ufffd"],
            ["nul \0 lone \ufffd pair 😀 cr \r end", "Infinity"],
        ]

    def test_nothing(self) -> None:
        assert export([], "csv") == b""
        assert export([{}], "csv") == b"\n"

    @given(records=RECORDS)
    def test_reads_back(self, records: list[Record]) -> None:
        columns = list(dict.fromkeys(key for record in records for key in record))
        if not columns:
            return
        rows = table(records)
        assert sorted(rows[0]) == sorted(columns)
        expected = [
            [csv.encode(csv.cell(record.get(column))).decode() for column in rows[0]] for record in records
        ]
        assert rows[1:] == expected


class TestMarkdown:
    def test_a_digest(self) -> None:
        records: list[Record] = [
            {
                "title": "Late",
                "abstract": "One.\nTwo.",
                "digest_date": "Mar 13",
                "date": "2025-03-13",
                "seen": [
                    {"source": "001.txt", "line": 11, "digest_date": "Mar 11"},
                    {"source": "000.txt", "line": 9, "digest_date": None},
                ],
                "links": ["https://a.org/x_y", "see *there*"],
            },
            {"title": "Nowhere", "abstract": ""},
            {"title": "Early", "abstract": "Text.", "date": "2025-03-11T08:00", "source": "2.txt", "line": 3},
            {"id": 5, "text": "No title.", "digest_date": "Apr 1"},
            {"title": "Second late", "abstract": "Text.", "date": "2025-03-13"},
        ]
        assert (
            export(records, "markdown", ExportOptions(title="My *papers*")).decode()
            == r"""# My \*papers\*

## 2025-03-11

### Early

Text.

*Seen: 2.txt:3*

## 2025-03-13

### Late

One.

Two.

*Seen: Mar 11 (001.txt:11), 000.txt:9*

- <https://a.org/x_y>
- see \*there\*

### Second late

Text.

## Apr 1

### 5

No title.

## Undated

### Nowhere
"""
        )

    @pytest.mark.parametrize(
        ("title", "escaped"),
        [
            ("A* Search [v2] `x` <b>", r"A\* Search \[v2] \`x\` \<b>"),
            ("snake_case and _this_", r"snake_case and \_this\_"),
            (r"\alpha and \* and $x < y$", r"\alpha and \\\* and $x < y$"),
            ("AT&T &lt; C# #", r"AT&T \&lt; C# \#"),
            ("two\n lines", "two lines"),
        ],
    )
    def test_titles_are_escaped_minimally(self, title: str, escaped: str) -> None:
        assert f"\n### {escaped}\n" in export([{"title": title}], "markdown").decode()

    @pytest.mark.parametrize(
        ("line", "written"),
        [
            ("# no heading", r"\# no heading"),
            ("- no list", r"\- no list"),
            ("2. no list", r"2\. no list"),
            ("---", r"\---"),
            ("> no quotation", r"\> no quotation"),
            ("2.5 times $x_i * y$", "2.5 times $x_i * y$"),
            ("-5 degrees", "-5 degrees"),
            ("a <script> tag", r"a \<script> tag"),
        ],
    )
    def test_abstracts_stay_paragraphs(self, line: str, written: str) -> None:
        assert f"\n{written}\n" in export([{"title": "t", "abstract": line}], "markdown").decode()

    def test_odd_records_do_not_crash(self) -> None:
        odd: list[Record] = [
            {"title": ["list"], "abstract": {"a": 1}, "date": 2025, "seen": [3, {"line": 1}], "links": "x"},
            {"title": "\ud800\0", "seen": None, "source": None, "line": "x"},
            {},
        ]
        assert export(odd, "markdown").decode().count("\n### ") == 3

    def test_the_order_of_dates_without_a_year(self) -> None:
        days = ["Mar 13", "Feb 1", "Mar 13", "2024-01", "2023"]
        written = export([{"title": "t", "digest_date": day} for day in days], "markdown").decode()
        headings = [line[3:] for line in written.splitlines() if line.startswith("## ")]
        assert headings == ["2023", "2024-01", "Mar 13", "Feb 1"]
