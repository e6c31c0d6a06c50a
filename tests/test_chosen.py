"""What --include and --exclude leave of folders, patterns and archives, and what --source-name calls standard input."""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.cli import COMMANDS, load
from corpus_tool.errors import InputError, UsageError
from corpus_tool.sources.chosen import Chosen, Glob
from corpus_tool.sources.inputs import expand

ONE, TWO = b'{"id":1,"text":"one two three four five six"}\n', b'{"id":2,"text":"quite another text"}\n'
FILES = ("a.jsonl", "b.txt", "2024/a.jsonl", "2024/drafts/c.jsonl", "drafts/d.jsonl", "drafts.jsonl")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        path = Path("all", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ONE)


def left(place: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> set[str]:
    return {each.name for each in expand([place], chosen=Chosen(include, exclude))}


def below(*names: str) -> set[str]:
    return {f"all/{name}" for name in names}


class TestGlobs:
    @pytest.mark.parametrize(
        ("pattern", "path", "wanted"),
        [
            ("*.txt", "a.txt", True),
            ("*.txt", "x/y/a.txt", True),
            ("*.txt", "a.txt.gz", False),
            ("*.TXT", "a.txt", False),
            ("/*.txt", "a.txt", True),
            ("/*.txt", "x/a.txt", False),
            ("./*.txt", "x/a.txt", False),
            ("x/*.txt", "x/a.txt", True),
            ("x/*.txt", "x/y/a.txt", False),
            ("x/*.txt", "z/x/a.txt", False),
            ("**/x/*.txt", "z/x/a.txt", True),
            ("**/x/*.txt", "x/a.txt", True),
            ("x/**/a.txt", "x/a.txt", True),
            ("x/**/a.txt", "x/y/z/a.txt", True),
            ("x/**", "x/y/z", True),
            ("**", "x", True),
            ("x", "x/y/a.txt", True),
            ("x", "z/x/a.txt", True),
            ("x/", "x", False),
            ("x/", "x/a.txt", True),
            ("x/", "z/x/a.txt", True),
            ("x/y/", "x/y/a.txt", True),
            ("x/y/", "z/x/y/a.txt", False),
            ("20[0-9][0-9]", "2024/a", True),
            ("[!a]*.txt", "a.txt", False),
            ("?.txt", "é.txt", True),
            ("?.txt", "ab.txt", False),
            ("[*]", "*", True),
            ("[*]", "a", False),
            ("a[", "a[", True),
        ],
    )
    def test_of_a_path(self, pattern: str, path: str, wanted: bool) -> None:
        assert Glob(pattern).matches(path.split("/")) is wanted

    @pytest.mark.parametrize("pattern", ["", "/", ".", "./"])
    def test_nothing_is_no_pattern(self, pattern: str) -> None:
        with pytest.raises(UsageError, match="is no pattern"):
            Glob(pattern)

    @given(
        st.lists(st.sampled_from(("a", "b", "*", "?", "a*", "[ab]", "[!a]")), min_size=2, max_size=4),
        st.lists(st.sampled_from(("a", "b", "ab", "c")), min_size=1, max_size=5),
    )
    def test_an_anchored_one_is_what_pathlib_says_of_the_beginning(
        self, pattern: list[str], path: list[str]
    ) -> None:
        """Of whole names, with as many of them as the pattern has; what is below a match is matched with it."""
        beginning = PurePosixPath(*path[: len(pattern)])
        wanted = len(path) >= len(pattern) and PurePosixPath("/", beginning).match("/" + "/".join(pattern))
        assert Glob("/".join(pattern)).matches(path) is wanted

    @given(
        st.lists(st.sampled_from(("a", "b", "**")), min_size=1, max_size=5),
        st.lists(st.sampled_from("ab"), max_size=5).map(lambda names: [*names, "end"]),
    )
    def test_runs_of_folders(self, pattern: list[str], path: list[str]) -> None:
        """Against the obvious definition, by trying every length of every run."""

        def whole(parts: list[str], names: list[str]) -> bool:
            if not parts:
                return not names
            if parts[0] == "**":
                return any(whole(parts[1:], names[skipped:]) for skipped in range(len(names) + 1))
            return bool(names) and parts[0] == names[0] and whole(parts[1:], names[1:])

        wanted = any(whole([*pattern, "end"], path[:size]) for size in range(1, len(path) + 1))
        assert Glob("/" + "/".join([*pattern, "end"])).matches(path) is wanted


class TestFolders:
    @pytest.mark.parametrize(
        ("include", "exclude", "wanted"),
        [
            ((), (), FILES),
            (("*.txt",), (), ("b.txt",)),
            (("*.txt", "2024"), (), ("b.txt", "2024/a.jsonl", "2024/drafts/c.jsonl")),
            ((), ("drafts",), ("a.jsonl", "b.txt", "2024/a.jsonl", "drafts.jsonl")),
            ((), ("/drafts",), ("a.jsonl", "b.txt", "2024/a.jsonl", "2024/drafts/c.jsonl", "drafts.jsonl")),
            ((), ("drafts*",), ("a.jsonl", "b.txt", "2024/a.jsonl")),
            (("*.jsonl",), ("a.jsonl", "drafts/"), ("drafts.jsonl",)),
            (("2024/**",), ("**/drafts/*",), ("2024/a.jsonl",)),
            (("*/a.jsonl",), (), ("2024/a.jsonl",)),
        ],
    )
    def test_what_is_left(
        self, include: tuple[str, ...], exclude: tuple[str, ...], wanted: tuple[str, ...]
    ) -> None:
        assert left("all", include, exclude) == below(*wanted)
        absolute = {
            each.name for each in expand([str(Path("all").resolve())], chosen=Chosen(include, exclude))
        }
        assert absolute == set(wanted)

    def test_an_excluded_folder_is_not_entered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor has it to be one that can be."""
        scandir = os.scandir

        def refusing(path: str) -> object:
            if Path(path).name == "drafts":
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)
        with pytest.raises(InputError, match="permission denied"):
            left("all")
        assert left("all", (), ("drafts/",)) == below("a.jsonl", "b.txt", "2024/a.jsonl", "drafts.jsonl")

    def test_hidden_ones_stay_hidden(self) -> None:
        Path("all/.hidden.jsonl").write_bytes(b"no JSON\n")
        assert left("all", (".*", "*.txt")) == below("b.txt")

    @pytest.mark.parametrize(
        ("pattern", "include", "exclude", "wanted"),
        [
            ("all/*", ("*.txt",), (), {"all/b.txt"}),
            ("all/**/*.jsonl", (), ("drafts",), below("a.jsonl", "2024/a.jsonl", "drafts.jsonl")),
            ("all/**/*.jsonl", ("/*.jsonl",), (), below("a.jsonl", "drafts.jsonl")),
            ("./all/20*/*.jsonl", ("2024",), (), {"all/2024/a.jsonl"}),
            ("*/b.*", ("all/*",), (), {"all/b.txt"}),
        ],
    )
    def test_patterns(
        self, pattern: str, include: tuple[str, ...], exclude: tuple[str, ...], wanted: set[str]
    ) -> None:
        """Paths below the folder in which the pattern begins, as for a walk of that folder."""
        assert left(pattern, include, exclude) == wanted


class TestArchives:
    @pytest.fixture(autouse=True)
    def _archive(self) -> None:
        with zipfile.ZipFile("all/days.zip", "w") as archive:
            archive.writestr("mon/a.jsonl", ONE)
            archive.writestr("mon/b.txt", TWO)

    def test_members_are_chosen_too(self) -> None:
        assert left("all/days.zip", ("*.txt",)) == below("days.zip/mon/b.txt")
        assert left("all", ("*.txt",)) == below("b.txt", "days.zip/mon/b.txt")
        assert left("all", ("days.zip",), ("*.txt",)) == below("days.zip/mon/a.jsonl")
        assert left("all", ("days.zip/mon/a*",)) == below("days.zip/mon/a.jsonl")

    def test_an_excluded_one_is_not_opened(self) -> None:
        Path("all/days.zip").write_bytes(b"PK\x03\x04 and no more")
        with pytest.raises(InputError, match="damaged"):
            left("all", ("*.txt",))
        assert left("all", ("*.txt",), ("*.zip",)) == below("b.txt")


class TestCommands:
    def test_every_one_that_reads_inputs_has_them(self) -> None:
        reading = {name for name in COMMANDS if any(each.name == "inputs" for each in load(name).params)}
        assert reading >= {"parse", "dedup", "export", "explain", "stats", "report", "evaluate", "tune"}
        for name in reading - {"review"}:  # its standard input is the keyboard
            assert {"include", "exclude", "source-name"} <= set(load(name).options)

    def test_what_is_read(self) -> None:
        done = run("stats", "all", "--include", "*.jsonl", "--exclude", "drafts", "--json")
        found = {each["source"] for each in json.loads(done.out)["sources"]}
        assert found == below("a.jsonl", "2024/a.jsonl", "drafts.jsonl")

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (
                ["--include", "*.csv"],
                "by --include *.csv: a pattern is held against the path below it, such as ",
            ),
            (["--exclude", "*"], "by --exclude *: "),
            (["--include", "all/*"], "such as 2024/a.jsonl"),
            (["--include", "*.txt", "--exclude", "b*"], "by --include *.txt, --exclude b*: "),
        ],
    )
    @pytest.mark.parametrize("command", ["parse", "dedup", "export", "stats"])
    def test_a_sentence_where_nothing_is_left(self, command: str, options: list[str], told: str) -> None:
        done = run(command, "all", *options, "-o", "out.jsonl")
        assert (done.code, done.out) == (2, b"")
        assert done.err.startswith("all: nothing is left of it ")
        assert told in done.err
        assert done.err.count("\n") == 1
        assert not Path("out.jsonl").exists()

    def test_and_where_nothing_is_left_of_one_place(self) -> None:
        Path("more").mkdir()
        Path("more/x.txt").write_bytes(TWO)
        done = run("dedup", "all", "more", "--exclude", "*.txt", "-o", "out.jsonl")
        assert done.code == 0
        assert done.err.startswith("more: nothing is left of it by --exclude *.txt: ")
        assert Path("out.jsonl").read_bytes() == ONE
        done = run("dedup", "all", "more", "--exclude", "*.txt", "-o", "out.jsonl", "-q")
        assert (done.code, done.err) == (0, "")

    def test_what_is_named_is_read(self) -> None:
        done = run("dedup", "all/b.txt", "all", "--include", "*.nothing", "-q")
        assert (done.code, done.out) == (0, ONE)

    @pytest.mark.parametrize("option", ["--include", "--exclude"])
    def test_a_choice_among_nothing_is_refused(self, option: str) -> None:
        done = run("dedup", "all/a.jsonl", "all/b.txt", option, "b*")
        assert done.code == 2
        assert done.err.startswith(f"{option} does nothing here: ")
        assert "write the pattern in quotes" in done.err

    def test_unless_it_is_a_standing_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("corpus-tool.toml").write_text('exclude = ["drafts*", "2024/"]\n', "utf-8")
        done = run("dedup", "all/a.jsonl", "-q")
        assert (done.code, done.out) == (0, ONE)
        found = run("dedup", "all", "-o", "/dev/null")
        assert "read 2 records from 2 sources" in found.err
        monkeypatch.setenv("CORPUS_TOOL_INCLUDE", "*.txt")
        assert "from 1 source," in run("dedup", "all", "-o", "/dev/null").err


class TestSourceName:
    def test_records_and_receipts(self) -> None:
        digest = (
            "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\n"
            "Mar 13\n\nA Useful Title\n\nAn abstract that says something useful in a few words.\n"
        )
        done = run("parse", "-q", "--source-name", "monday é.txt", stdin=digest.encode())
        assert json.loads(done.out)["source"] == "monday é.txt"
        more = ("--removed", "receipts", "--clusters", "clusters", "-o", "kept")
        done = run("dedup", "-", "all/a.jsonl", "--source-name", "crawl", *more, stdin=ONE + TWO + ONE)
        assert done.code == 0, done
        receipts = [json.loads(line) for line in Path("receipts").read_bytes().splitlines()]
        assert [(each["source"], each["kept_source"]) for each in receipts] == [
            ("crawl", "crawl"),
            ("all/a.jsonl", "crawl"),
        ]
        assert json.loads(Path("clusters").read_bytes().splitlines()[0])["source"] == "crawl"
        restored = run("restore", "kept", "receipts", "-q")
        assert restored.out == ONE + TWO + ONE + ONE

    @pytest.mark.parametrize(
        ("command", "stdin", "told"),
        [
            ("dedup", ONE + b"{bad\n", "crawl:2: "),
            ("export --format jsonl", ONE + b"{bad\n", "crawl:2: "),
            ("stats", b"%PDF-1.7\n\0", "crawl: a PDF document"),
            ("parse", b"", "crawl: an empty file"),
            ("dedup", gzip.compress(ONE, mtime=0)[:-9], "crawl: the compressed file is cut short"),
            ("dedup --encoding utf-16", b"\xff\xfea", "crawl"),
        ],
    )
    def test_messages(self, command: str, stdin: bytes, told: str) -> None:
        done = run(*command.split(), "--source-name", "crawl", stdin=stdin)
        assert done.code == 2
        assert done.err.startswith(told)

    def test_an_empty_one(self) -> None:
        Path("out").write_bytes(ONE)
        done = run("dedup", "-o", "out", "--source-name", "crawl")
        assert done.err.startswith("crawl: standard input is empty, and out, which is not, would be replaced")

    def test_its_ending_means_nothing(self) -> None:
        """Bytes that were unpacked on the way are still those of the file they came from."""
        done = run("dedup", "-q", "--source-name", "crawl.jsonl.gz", stdin=ONE + TWO)
        assert (done.code, done.out) == (0, ONE + TWO)

    def test_places_are_found_by_both_names(self) -> None:
        for left_place, right_place in (("crawl:1", "crawl:2"), ("-:1", "-:2")):
            done = run(
                "explain", left_place, right_place, "--json", "--source-name", "crawl", stdin=ONE + ONE
            )
            assert done.code == 0, done
            found = json.loads(done.out)
            assert (found["a"], found["b"], found["duplicate"]) == ("crawl:1", "crawl:2", True)

    def test_commands_to_repeat_have_it(self) -> None:
        Path("gold.csv").write_text("id,cluster\n1,a\n2,a\n3,b\n", "utf-8")
        records = ONE + TWO + ONE.replace(b"1", b"3", 1)
        done = run(
            "evaluate", "-", "--gold", "gold.csv", "--match", "text", "--source-name", "a name", stdin=records
        )
        assert done.code == 0, done
        assert "corpus-tool explain --match text --source-name 'a name'" in " ".join(
            done.out.decode().split()
        )

    def test_it_must_have_something_to_name(self) -> None:
        done = run("dedup", "all", "--source-name", "crawl")
        assert (done.code, done.err) == (
            2,
            "--source-name does nothing here: standard input is not among the inputs\n",
        )
        assert run("dedup", "--source-name", "", stdin=ONE).code == 2
        done = run("dedup", "-", "all/a.jsonl", "--source-name", "all/a.jsonl", stdin=ONE)
        assert (done.code, "another input is called so" in done.err) == (2, True)
