"""What is read of what is named: folders, archives, compressed and encoded files, other kinds, hostile ones."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import resource
import socket
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest
from running import run

from corpus_tool import compression
from corpus_tool.config import Limits, Reading
from corpus_tool.errors import InputError, UsageError
from corpus_tool.lines import blocks
from corpus_tool.sources import archives, read
from corpus_tool.sources.inputs import expand, look_again
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Callable

    Bash = Callable[..., subprocess.CompletedProcess[bytes]]

ONE, TWO = b'{"id":1,"text":"one two three four five six"}\n', b'{"id":2,"text":"quite another text"}\n'
RECORDS = ONE + TWO + ONE.replace(b"1", b"3", 1)
DIGEST = (
    "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 13\n\n"
    "A Useful Title\n\nAn abstract that says something useful in a few words.\n\nAnother One\n\nOther words.\n"
)
COMMAND = [sys.executable, "-c", "from corpus_tool.cli import main; main()"]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_bytes(RECORDS)


def ids(output: bytes) -> list[int]:
    return [json.loads(line)["id"] for line in output.splitlines()]


class TestOwnOutputs:
    def test_a_folder_does_not_bring_them_in(self) -> None:
        runs = []
        for _ in range(3):
            done = run(
                "dedup",
                ".",
                "-o",
                "clean.jsonl",
                "--removed",
                "removed.jsonl",
                "--clusters",
                "clusters.jsonl",
            )
            runs.append((done.code, [Path(name).read_bytes() for name in ("clean.jsonl", "removed.jsonl")]))
            assert "read 3 records from 1 source," in done.err
        assert runs[0] == runs[1] == runs[2]

    @pytest.mark.parametrize("link", [os.symlink, os.link])
    def test_nor_under_another_name(self, link: Callable[[str, str], None]) -> None:
        Path("out").mkdir()
        Path("out/clean.jsonl").write_bytes(ONE)
        link(str(Path("out/clean.jsonl").resolve()), "alias.jsonl")
        done = run("dedup", "*.jsonl", "-o", "out/clean.jsonl")
        assert "read 3 records from 1 source," in done.err

    @pytest.mark.parametrize("command", ["dedup .", "export .", "stats .", "parse ."])
    def test_nor_where_they_go_to_standard_output(self, command: str, bash: Bash, tmp_path: Path) -> None:
        Path("day.txt").write_text(DIGEST, "utf-8")
        Path("in.jsonl").unlink()
        sizes: list[bytes] = []
        for _ in range(2):
            done = bash(f"corpus-tool {command} -q > out.jsonl; cat out.jsonl | wc -c", tmp_path)
            assert (done.returncode, done.stderr) == (0, b"")
            sizes.append(done.stdout)
        assert sizes[0] == sizes[1]

    @pytest.mark.parametrize("command", ["dedup", "export", "stats"])
    @pytest.mark.parametrize(
        "how", ["{0} in.jsonl > in.jsonl", "{0} - < in.jsonl >> in.jsonl", "{0} *l >> in.jsonl"]
    )
    def test_an_input_that_is_standard_output(
        self, how: str, command: str, bash: Bash, tmp_path: Path
    ) -> None:
        before = b"" if "> in" in how and ">>" not in how else RECORDS
        done = bash(how.format(f"corpus-tool {command}"), tmp_path)
        assert done.returncode == 2
        assert b"standard output goes to this very input" in done.stderr
        assert (b"emptied" in done.stderr) is (before == b"")
        assert Path("in.jsonl").read_bytes() == before

    def test_an_output_may_replace_an_input(self) -> None:
        assert run("dedup", "in.jsonl", "-o", "in.jsonl").code == 0
        assert ids(Path("in.jsonl").read_bytes()) == [1, 2]

    @pytest.mark.parametrize("which", ["removed", "clusters"])
    def test_what_an_earlier_run_wrote_beside_is_known(self, which: str) -> None:
        Path("sub").mkdir()
        run(
            "dedup",
            "in.jsonl",
            "-o",
            "k",
            "--removed",
            "sub/removed.jsonl",
            "--clusters",
            "sub/clusters.jsonl",
        )
        done = run("dedup", f"sub/{which}.jsonl", "-o", "out.jsonl")
        assert done.code == 2
        assert f"sub/{which}.jsonl: holds " in done.err
        assert not Path("out.jsonl").exists()
        done = run("dedup", "in.jsonl", "sub", "-q", "-o", "out.jsonl")
        assert done.code == 0, done
        assert f"left out sub/{which}.jsonl" in done.err
        assert ids(Path("out.jsonl").read_bytes()) == [1, 2]
        assert run("stats", f"sub/{which}.jsonl").code == 0, "others may look at them"


class TestFolders:
    def test_what_is_no_file_is_passed_over(self) -> None:
        os.mkfifo("pipe")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            assert run("dedup", ".", "-o", "/dev/null").code == 0

    def test_a_link_to_nothing_is_an_error(self) -> None:
        Path("lost.jsonl").symlink_to("nowhere")
        assert run("dedup", ".").err == "lost.jsonl: no such file or directory\n"

    @pytest.mark.parametrize(
        "content", [b"# Read me\n\nNothing here.\n", b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.4\n\0"]
    )
    def test_a_file_of_another_kind_is_told(self, content: bytes) -> None:
        Path("a-first").write_bytes(content)
        Path("z-last").write_bytes(content)
        done = run("dedup", ".", "-q", "-o", "out.jsonl")
        assert done.code == 0
        assert [line.split(":")[0] for line in done.err.splitlines()] == [
            "left out a-first",
            "left out z-last",
        ]
        done = run("dedup", ".", "--strict", "-o", "new.jsonl")
        assert (done.code, done.err.split(":")[0]) == (2, "a-first")
        assert not Path("new.jsonl").exists()
        assert run("dedup", "a-first", "in.jsonl").code == 2, "what was named must be of use"
        Path("in.jsonl").unlink()
        Path("out.jsonl").unlink()
        assert run("dedup", ".").code == 2, "and something in a folder"

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("one.json", b'{\n "name": "a package",\n "version": 3\n}\n'),
            ("page.html", b"<html><body><p>Hello</p></body></html>\n"),
            ("lines.json", b'\x1e{"id":1}\n\x1e{"id":2}\n'),
        ],
    )
    def test_nor_does_one_of_a_known_form_without_papers_end_the_run(self, name: str, content: bytes) -> None:
        Path(name).write_bytes(content)
        done = run("dedup", ".", "-q")
        assert (done.code, ids(done.out)) == (0, [1, 2])
        assert done.err.startswith(f"left out {name}:")
        assert run("dedup", ".", "--strict").code == run("dedup", name).code == 2

    def test_what_cannot_be_read_is_an_error(self) -> None:
        Path("cut.jsonl.gz").write_bytes(gzip.compress(RECORDS)[:-9])
        done = run("dedup", ".", "-o", "out.jsonl")
        assert (done.code, "is cut short" in done.err) == (2, True)

    def test_more_files_than_may_be_open(self) -> None:
        Path("many").mkdir()
        for number in range(400):
            line = b'{"id":%d,"text":"text number %d of them"}\n' % (number, number)
            Path(f"many/{number:03}.jsonl").write_bytes(line)

        def few() -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))

        done = subprocess.run(
            [*COMMAND, "dedup", "many", "--match", "text", "-q"],
            capture_output=True,
            timeout=60,
            preexec_fn=few,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert ids(done.stdout) == list(range(400))

    def test_removed_ones_are_read_again_from_as_many(self) -> None:
        Path("many").mkdir()
        for number in range(150):
            Path(f"many/{number:03}.jsonl").write_bytes(RECORDS)

        def few() -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))

        done = subprocess.run(
            [*COMMAND, "dedup", "many", "-q", "--removed", "r"],
            capture_output=True,
            timeout=60,
            preexec_fn=few,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert len(Path("r").read_bytes().splitlines()) == 150 * 3 - 2


class TestCompressed:
    WAYS: ClassVar = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda data: written(data, "x.zst"),
    }

    @pytest.mark.parametrize("way", WAYS)
    def test_it_is_known_by_content(self, way: str) -> None:
        stored = self.WAYS[way](RECORDS)
        for name in ("data", "data.jsonl", "data.gz"):
            Path(name).write_bytes(stored)
            assert ids(run("export", name, "-q", "--format", "jsonl").out) == [1, 2, 3]
            assert ids(run("dedup", name, "-q").out) == [1, 2]
        assert ids(run("dedup", "-", "-q", stdin=stored).out) == [1, 2]
        piped = subprocess.run([*COMMAND, "dedup", "-q"], input=stored, capture_output=True, timeout=60)
        assert ids(piped.stdout) == [1, 2]

    def test_xz_is_written_too(self) -> None:
        assert run("dedup", "in.jsonl", "-q", "-o", "out.jsonl.xz").code == 0
        assert ids(lzma.decompress(Path("out.jsonl.xz").read_bytes())) == [1, 2]

    def test_text_that_looks_compressed_is_text(self) -> None:
        assert compression.codec_of_content(b"BZh9 is how bzip2 begins") is None
        assert compression.codec_of_content(b"PK or not") is None

    def test_what_stands_before_a_cut_is_kept(self) -> None:
        lines = b"".join(b'{"id":%d,"text":"%s"}\n' % (n, os.urandom(40).hex().encode()) for n in range(3000))
        Path("cut.jsonl.gz").write_bytes(gzip.compress(lines)[:-3000])
        for command in ("dedup", "export"):
            done = run(
                command, "cut.jsonl.gz", "-o", "out.jsonl", "--on-error", "skip", "--rejects", "bad", "-q"
            )
            assert done.code == 0
            assert done.err.startswith("skipped cut.jsonl.gz: the compressed file is cut short")
            kept, rest = Path("out.jsonl").read_bytes(), Path("bad").read_bytes().removesuffix(b"\n")
            assert kept.count(b"\n") > 2500
            assert lines.startswith(kept + rest), "and the piece of a line goes to the rejects"

    @pytest.mark.parametrize("way", ["bz2", "xz", "zst"])
    @pytest.mark.parametrize("command", ["dedup", "export", "stats", "parse"])
    def test_bombs(self, command: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compression, "UNQUESTIONED", 1 << 20)
        before = DIGEST.encode() if command == "parse" else b'{"text":"'
        Path("bomb").write_bytes(written(before + b"a" * (12 << 20), f"x.{way}"))
        more = ["--format", "csv"] if command == "export" else []
        done = run(command, "bomb", "-o", "out", *more)
        assert done.code == 2
        assert "expands to more than 1,000 times its size" in done.err
        assert "raise --max-expansion" in done.err
        assert not Path("out").exists()
        done = run(command, "bomb", "--max-expansion", "0", "--max-line", "1M", *more)
        assert "a line of more than 1 MiB" in done.err


class TestArchives:
    def write(self, **members: bytes) -> None:
        with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("__MACOSX/._a.jsonl", b"\0\0")
            archive.writestr(".hidden", b"x")
            for name, data in members.items():
                archive.writestr(f"days/{name}.jsonl", data)

    def test_members_are_inputs(self) -> None:
        self.write(b=TWO + ONE, a=ONE, c=gzip.compress(TWO))
        done = run("dedup", "all.zip", "-q", "--removed", "r")
        assert ids(done.out) == [1, 2]
        receipts = [json.loads(line) for line in Path("r").read_bytes().splitlines()]
        assert [(each["source"], each["line"]) for each in receipts] == [
            ("all.zip/days/b.jsonl", 2),
            ("all.zip/days/c.jsonl", 1),
        ]

    def test_in_a_folder_too(self) -> None:
        self.write(a=ONE, readme=b"nothing of use\n")
        done = run("dedup", ".", "-q")
        assert ids(done.out) == [1, 2]
        assert done.err.startswith("left out all.zip/days/readme.jsonl: does not look like")

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    def test_on_standard_input_it_is_named(self, method: int) -> None:
        """Though the lines of a stored member stand there for all to see."""
        with zipfile.ZipFile("all.zip", "w", method) as archive:
            archive.writestr("a.jsonl", RECORDS)
        done = run("dedup", "--on-error", "skip", stdin=Path("all.zip").read_bytes())
        assert done.err.startswith("skipped -: a zip archive")
        with tarfile.open("all.tar", "w") as packed:
            packed.add("in.jsonl")
        assert run("dedup", "all.tar").err.startswith("all.tar: a tar archive: unpack it first")

    def test_bad_ones_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archives, "UNQUESTIONED", 1 << 20)
        self.write(a=RECORDS * 100)
        good = Path("all.zip").read_bytes()
        Path("all.zip").write_bytes(good[:200])
        assert "all.zip: the archive is damaged" in run("dedup", "all.zip").err
        Path("all.zip").write_bytes(good.replace(good[200:204], b"\xff\xfe\xfd\xfc", 1))
        assert run("dedup", "all.zip").code == 2
        with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("a.jsonl", bytes(12 << 20))
        assert "--max-expansion" in run("dedup", "all.zip").err
        assert "a zip archive" in run("dedup", "-", stdin=good).err


def written(data: bytes, name: str) -> bytes:
    stored = io.BytesIO()
    stored.close = lambda: None  # type: ignore[method-assign]
    with compression.open_writer(stored, name) as writer:
        writer.write(data)
    return stored.getvalue()


class TestForms:
    @pytest.mark.parametrize(
        ("content", "form"),
        [
            (b"%PDF-1.7\n%\xe2\xe3\n\0", "a PDF document"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "a PNG image"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
            (b"7z\xbc\xaf\x27\x1c\0", "a 7z archive"),
            (b"x" * 257 + b"ustar\0", "a tar archive"),
            (b"\x7fELF\2\1\1\0", "a program"),
            (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{}", "an HTTP response with its headers"),
            (b'HTTP/2 200\r\nserver: x\r\n\r\n{"text":"a"}\n', "an HTTP response with its headers"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "a Git LFS pointer"),
            (b"Some prose\rthat an old machine\rwrote.\r", "text whose lines end in CR alone"),
            (b"1\n2\n3\n", "lines of JSON that hold numbers"),
            (b'"a"\n"b"\n', "lines of JSON that hold strings"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    @pytest.mark.parametrize("command", ["dedup", "parse"])
    def test_messages_name_them(self, command: str, content: bytes, form: str) -> None:
        Path("x").write_bytes(content)
        done = run(command, "x", "-o", "out")
        assert done.code == 2
        assert done.err.startswith(f"x: {form}")
        assert "--on-error" not in done.err

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
    def test_a_mark_tells_the_encoding(self, encoding: str) -> None:
        mark = "\ufeff" if encoding.endswith("le") else ""
        Path("x").write_bytes((mark + RECORDS.decode()).encode(encoding))
        Path("day").write_bytes((mark + DIGEST).encode(encoding))
        assert ids(run("dedup", "x", "-q").out) == [1, 2]
        assert ids(run("dedup", "x", "-q", "--encoding", "latin-1").out) == [1, 2]
        assert len(run("parse", "day", "-q").out.splitlines()) == 2

    @pytest.mark.parametrize("command", ["dedup", "export"])
    def test_marks_within_a_file_mean_nothing(self, command: str) -> None:
        mark = b"\xef\xbb\xbf"
        Path("x").write_bytes(
            mark + ONE + mark + TWO + b"\n" + mark + b"\n" + mark + ONE.replace(b"1", b"3", 1)
        )
        out = run(
            command, "x", "-q", *(["--format", "jsonl"] if command == "export" else ["--threshold", "1"])
        ).out
        assert mark not in out
        assert ids(out) == ([1, 2, 3] if command == "export" else [1, 2])
        Path("day").write_text(DIGEST + "\ufeff" + DIGEST, "utf-8")
        assert "\ufeff" not in run("parse", "day", "-q").out.decode()

    @pytest.mark.parametrize(
        "name",
        ["unicode_escape", "raw-unicode-escape", "idna", "punycode", "undefined", "cp500", "rot13", "hex"],
    )
    def test_what_is_no_encoding_of_texts(self, name: str) -> None:
        with pytest.raises(UsageError, match=f"--encoding {name} is not"):
            Reading(encoding=name)


class TestHeads:
    @pytest.mark.parametrize(
        "first",
        [
            b"junk",
            b"null",
            b"[1, 2]",
            b'of a cut line"}',
            b"#",
            b"<log>",
            b'{"cut":',
            b"\xfd\xfa",
            b"x" * 100_000,
            b'{"text":' + b"[" * 1000 + b"]" * 1000 + b"}",
            b'{"id":' + b"9" * 5000 + b',"text":"a"}',
        ],
        ids=lambda value: value[:9].decode("latin-1"),
    )
    @pytest.mark.parametrize("command", ["dedup", "export", "stats"])
    def test_one_bad_line_is_one_bad_line(self, command: str, first: bytes) -> None:
        """Though it be the first one: the others are read, it is told under -q too, and kept."""
        Path("x").write_bytes(first + b"\n" + RECORDS)
        done = run(command, "x", "-q", "-o", "out.jsonl", "--on-error", "skip", "--rejects", "bad")
        assert done.code == 0
        assert done.err.startswith("skipped x:1: ")
        assert Path("bad").read_bytes() == first + b"\n"
        if command != "stats":
            assert len(Path("out.jsonl").read_bytes().splitlines()) == (2 if command == "dedup" else 3)
        done = run(command, "x", "-o", "out2.jsonl")
        assert (done.code, done.err.startswith("x:1: ")) == (2, True)
        assert "(--on-error skip leaves it out)" in done.err
        assert not Path("out2.jsonl").exists()

    @pytest.mark.parametrize("content", [b"{not json\n", b"{'a': 1}\n{'a': 2}\n"])
    def test_what_would_lose_all_is_not_advised(self, content: bytes) -> None:
        Path("x").write_bytes(content)
        done = run("dedup", "x", "--from", "jsonl")
        assert done.code == 2
        assert "--on-error" not in done.err

    def test_what_was_not_placed_is_told_quietly_too(self) -> None:
        Path("day").write_text(DIGEST.replace("Another One", "[12]"), "utf-8")
        done = run("parse", "day")
        told = [
            line for line in done.err.splitlines() if "could not place" in line and line.startswith("day:")
        ]
        assert run("parse", "day", "-q").err.splitlines() == told


class TestLimits:
    @pytest.mark.parametrize("size", [(1 << 20) + 1, 3 << 20, 9 << 20])
    @pytest.mark.parametrize("command", ["dedup", "export"])
    def test_a_long_line_is_left_out_alone(self, command: str, size: int) -> None:
        Path("x").write_bytes(ONE + b'{"id":9,"text":"' + b"a" * size + b'"}\n' + TWO)
        done = run(command, "x", "-q", "--max-line", "0")
        assert ids(done.out) == [1, 9, 2]
        done = run(command, "x", "-q", "--max-line", "1K", "--on-error", "skip")
        if size > 8 << 20:  # more than is read at once, else there is nothing to be afraid of
            assert ids(done.out) == [1, 2]
            refused = run(command, "x", "--max-line", "1M")
            assert (refused.code, refused.err.startswith("x:")) == (2, True)
            assert "a line of more than 1 MiB: if that is right, raise --max-line" in refused.err
            assert refused.err.startswith("x:2: ")

    @pytest.mark.parametrize("block", [64, 1000, 1 << 20])
    @pytest.mark.parametrize("end", [b"\n", b""])
    def test_blocks_and_batches_agree(self, block: int, end: bytes) -> None:
        """Lines and offsets after one that is too long are as if it had been read."""
        content = ONE + b'{"text":"' + b"a" * 5000 + b'"}\n' + TWO + b"b" * 5000 + b"\n" + ONE + end
        Path("x").write_bytes(content)
        told: list[str] = []
        problems = Problems(skip=True, say=told.append)
        how = Reading(block=block, limits=Limits(line=2000))
        found = [
            (line, raw)
            for batch in read(expand(["x"]), how, problems)
            for line, raw in zip(batch.lines, batch.raws, strict=True)
        ]
        good = [(1, ONE[:-1]), (3, TWO[:-1]), (5, ONE[:-1])]
        if block < 2000:
            assert found == good
            assert len(told) == 2
        starts: list[int] = []
        longest = blocks.Longest(2000, starts.append)
        seen = []
        for each in blocks.read(io.BytesIO(content), "x", block, longest=longest):
            for at, size in zip(each.lines.starts.tolist(), each.lines.sizes.tolist(), strict=True):
                seen.append((each.start - each.first + at, each.data[at : at + size].tobytes()))
        assert all(content[start : start + len(raw)] == raw for start, raw in seen)
        if block < 2000:
            assert starts == [content.index(b'{"text":"aaa'), content.index(b"bbb")]
            assert [raw for _, raw in seen if raw] == [ONE[:-1], TWO[:-1], ONE[:-1]]
            assert len(seen) == 5 + len(end)

    @pytest.mark.parametrize("levels", [101, 500, 1020, 100_000])
    @pytest.mark.parametrize("command", ["dedup", "export", "stats"])
    def test_deep_records(self, command: str, levels: int) -> None:
        deep = b'{"id":9,"text":"a b c","x":' + b"[" * levels + b"]" * levels + b"}\n"
        Path("x").write_bytes(ONE + deep + TWO)
        assert "x:2: JSON nested more than 100 levels deep" in run(command, "x").err
        done = (
            run(command, "x", "-q", "-o", "out", "--format", "jsonl", "--on-error", "skip")
            if (command == "export")
            else run(command, "x", "-q", "-o", "out", "--on-error", "skip")
        )
        assert (done.code, done.err.count("skipped x:2")) == (0, 1)

    @pytest.mark.parametrize(
        "value", ["9" * 5000, '"' + "9" * 5000 + '"', '"Mar ' + "9" * 5000 + '"', '"²"', "-" + "9" * 30]
    )
    @pytest.mark.parametrize("field", ["year", "date", "id", "volume"])
    def test_numbers_of_any_length(self, field: str, value: str) -> None:
        line = f'{{"title":"A title","abstract":"And an abstract of some words","{field}":{value}}}\n'
        Path("x").write_text(line * 2, "utf-8")
        done = run("dedup", "x", "-q", "--keep", "newest", "-o", "out", "--removed", "r")
        assert "internal" not in done.err
        assert done.code == 0 or "x:1: not JSON" in done.err

    def test_a_memory_limit_that_cannot_be_held_is_said_before(self) -> None:
        done = run("dedup", "in.jsonl", "--memory-limit", "1M")
        assert done.err.splitlines()[0].startswith(
            "--memory-limit of 1 MiB: this run takes some 80 MiB at least"
        )
        assert len(run("dedup", "in.jsonl", "--memory-limit", "4G").err.splitlines()) == 1


class TestLastLook:
    @pytest.mark.parametrize("change", ["rewritten", "longer", "replaced", "gone"])
    def test_an_input_that_changes_meanwhile(self, change: str) -> None:
        """Whatever was read of it, nothing is written."""
        inputs = expand(["in.jsonl"])
        inputs[0].open().close()
        look_again(inputs, False, [])
        if change == "gone":
            Path("in.jsonl").unlink()
        elif change == "replaced":
            Path("new").write_bytes(RECORDS)
            Path("new").replace("in.jsonl")
        elif change == "longer":
            with Path("in.jsonl").open("ab") as file:
                file.write(b"x")
        else:
            Path("in.jsonl").write_bytes(RECORDS[::-1])
            os.utime("in.jsonl", ns=(0, 0))
        with pytest.raises(InputError, match="changed while it was being read: run again"):
            look_again(inputs, False, [])

    @pytest.mark.parametrize("command", ["dedup", "export"])
    def test_through_the_command(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is changed when its first bytes have been read, as by a job that writes it anew."""
        from corpus_tool.sources import decoding

        beginning = decoding._beginning

        def changing(stream: io.BufferedReader, name: str) -> bytes:
            found = beginning(stream, name)
            Path("in.jsonl").write_bytes(RECORDS.replace(b"three", b"drei!"))
            os.utime("in.jsonl", ns=(1, 1))
            return found

        monkeypatch.setattr(decoding, "_beginning", changing)
        Path("out.jsonl").write_bytes(b"old\n")
        done = run(command, "in.jsonl", "-o", "out.jsonl")
        assert (done.code, done.err) == (2, "in.jsonl: changed while it was being read: run again\n")
        assert Path("out.jsonl").read_bytes() == b"old\n"

    @pytest.mark.parametrize("command", ["dedup", "export"])
    @pytest.mark.parametrize("nothing", [b"", b"\n \n", gzip.compress(b"", mtime=0)])
    def test_nothing_does_not_replace_something(self, nothing: bytes, command: str) -> None:
        Path("out.jsonl").write_bytes(b"old\n")
        done = run(command, "-", "-o", "out.jsonl", stdin=nothing)
        assert done.code == 2
        assert "standard input is empty, and out.jsonl, which is not, would be replaced" in done.err
        assert Path("out.jsonl").read_bytes() == b"old\n"
        assert run(command, "-", "-o", "out.jsonl", "--allow-empty", stdin=nothing).code == 0
        assert Path("out.jsonl").read_bytes().strip() == b""
        assert run(command, "-", "-o", "out.jsonl", stdin=nothing).code == 0, "nothing is lost"

    @pytest.mark.parametrize("command", ["dedup", "export --format jsonl", "parse"])
    @pytest.mark.parametrize("bad", [b"junk\n", b"%PDF-1.4\n\0", b"\xff\xfe\0\0\0\n"])
    def test_nor_does_what_had_to_be_skipped(self, bad: bytes, command: str) -> None:
        Path("x").write_bytes(bad)
        Path("out.jsonl").write_bytes(b"old\n")
        how = [*command.split(), "x", "-o", "out.jsonl", "--on-error", "skip"]
        done = run(*how)
        assert done.code == 2
        assert "nothing could be read, all was skipped, and out.jsonl, which is not empty" in done.err
        assert Path("out.jsonl").read_bytes() == b"old\n"
        assert run(*how, "--allow-empty").code == 0
        assert run(*how[:-4], "-o", "new.jsonl", "--on-error", "skip").code == 0
