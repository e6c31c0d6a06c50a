"""Outputs take their places together, whatever ends the process meanwhile: kills, signals, full disks, other runs."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import run

from corpus_tool import publication
from corpus_tool.errors import OutputError
from corpus_tool.publication import Move, announced, finish_at, finish_in, journal_of, unfinished
from corpus_tool.sinks.atomic import Outputs

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("kept.jsonl", "removed.jsonl", "sub/clusters.jsonl")
COMMAND = [sys.executable, "-c", "from corpus_tool.cli import main; main()"]

DYING = """
import os, signal, sys
from pathlib import Path
from corpus_tool.sinks.atomic import Outputs
rename, left = Path.replace, [int(sys.argv[1])]
def dying(path, target):
    if not left[0]:
        os.kill(os.getpid(), int(sys.argv[2]))
    left[0] -= 1
    return rename(path, target)
Path.replace = dying
with Outputs() as outputs:
    for name in sys.argv[3:]:
        outputs.open(name).write(b"new\\n")
print("done")
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which old outputs stand."""
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    for name in NAMES:
        Path(name).write_bytes(b"old\n")
    return tmp_path


def found() -> list[bytes]:
    return [Path(name).read_bytes() for name in NAMES]


def left() -> list[str]:
    """Hidden files, in the folder and under it."""
    return sorted(path.name for path in Path().rglob(".*"))


def dying(renames: int, number: int, *names: str) -> subprocess.CompletedProcess[bytes]:
    arguments = [sys.executable, "-c", DYING, str(renames), str(number), *(names or NAMES)]
    return subprocess.run(arguments, capture_output=True, timeout=60)


class TestKills:
    @pytest.mark.parametrize("renames", [0, 1, 2])
    def test_recover_completes_what_was_begun(self, renames: int, place: Path) -> None:
        assert dying(renames, signal.SIGKILL).returncode == -signal.SIGKILL
        assert found() == [b"new\n"] * renames + [b"old\n"] * (3 - renames)
        done = run("recover", ".", "sub")
        assert done.code == 0
        assert done.err.count("put in its place: ") == 3 - renames
        assert found() == [b"new\n"] * 3
        assert left() == []
        assert run("recover").err == "nothing to finish: every output is whole\n"

    @pytest.mark.parametrize("name", NAMES)
    def test_the_next_run_on_any_target_completes_it_first(self, name: str, place: Path) -> None:
        dying(1, signal.SIGKILL)
        with pytest.raises(ValueError, match="this one fails"), Outputs() as outputs:
            outputs.open(name).write(b"newer\n")
            raise ValueError("this one fails")
        assert found() == [b"new\n"] * 3
        assert left() == []

    @pytest.mark.parametrize("name", NAMES)
    def test_what_may_not_agree_is_not_read(self, name: str, place: Path) -> None:
        dying(1, signal.SIGKILL)
        done = run("stats", name)
        assert done.code == 2
        assert done.err.startswith(f"{name}: an earlier run was killed")
        assert "corpus-tool recover" in done.err
        assert run("recover", name, "-q").err == ""
        assert not unfinished(place / name)

    def test_what_was_written_meanwhile_stays(self, place: Path) -> None:
        dying(1, signal.SIGKILL)
        Path("removed.jsonl").write_bytes(b"by hand\n")
        assert run("recover").code == 0
        assert found() == [b"new\n", b"by hand\n", b"new\n"]
        assert left() == []

    def test_a_journal_that_is_not_whole_keeps_the_old(self, place: Path) -> None:
        dying(0, signal.SIGKILL)
        journal = journal_of(place / "kept.jsonl")
        journal.write_bytes(journal.read_bytes()[:-30])
        assert not unfinished(place / "removed.jsonl")
        assert finish_at(place / "removed.jsonl") == []
        assert finish_in(place) == []
        assert found() == [b"old\n"] * 3
        with Outputs() as outputs:
            for name in NAMES:
                outputs.open(name).write(b"newer\n")
        assert (found(), left()) == ([b"newer\n"] * 3, [])

    def test_kills_at_random_moments(self, place: Path) -> None:
        """Of the command itself: whenever it dies, a later `recover` finds all new or all old."""
        lines = [json.dumps({"id": n, "text": f"text number {n // 2} of many"}) for n in range(400)]
        Path("in.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        arguments = ["dedup", "in.jsonl", "-q", "-o", NAMES[0], "--removed", NAMES[1], "--clusters", NAMES[2]]
        begun = time.monotonic()
        subprocess.run([*COMMAND, *arguments], check=True, timeout=60)
        took, new = time.monotonic() - begun, found()
        chance = random.Random(7)
        for _ in range(8):
            for name in NAMES:
                Path(name).write_bytes(b"old\n")
            process = subprocess.Popen([*COMMAND, *arguments])
            time.sleep(took * chance.uniform(0.8, 1.05))
            process.kill()
            process.wait(timeout=60)
            assert run("recover", ".", "sub").code == 0
            assert found() in ([b"old\n"] * 3, new)
        assert run(*arguments).code == 0
        assert left() == []


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    @pytest.mark.parametrize("renames", [0, 1, 2])
    def test_one_that_comes_between_the_renames_is_too_late(
        self, renames: int, number: int, place: Path
    ) -> None:
        done = dying(renames, number)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"done\n", b"")
        assert (found(), left()) == ([b"new\n"] * 3, [])

    def test_handlers_are_as_before(self, place: Path) -> None:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with Outputs() as outputs:
            outputs.open("kept.jsonl").write(b"new\n")
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

    def test_nothing_false_is_said_afterwards(self, place: Path) -> None:
        script = (
            "import corpus_tool.cli as cli; from corpus_tool.sinks.atomic import Outputs\n"
            "def interrupted(**_):\n"
            "    with Outputs() as outputs: outputs.open('kept.jsonl').write(b'new')\n"
            "    raise KeyboardInterrupt\n"
            "cli.app = interrupted; cli.main()"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (130, b"interrupted when all outputs had been written\n")


class TestDisks:
    def test_a_journal_that_cannot_be_written_keeps_the_old(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_descriptor: int, _content: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(publication, "_write", full)
        with pytest.raises(OutputError, match="no space left on the device"), Outputs() as outputs:
            for name in NAMES:
                outputs.open(name).write(b"new\n")
        assert (found(), left()) == ([b"old\n"] * 3, [])

    @pytest.mark.parametrize("limit", [1000, 20_000, 40_000])
    def test_a_file_that_may_not_grow(self, limit: int, place: Path) -> None:
        """Wherever the disk ends, the run ends with a message, and the old files stay."""
        Path("in.jsonl").write_bytes(b'{"text":"a text that is said twice"}\n' * 600)

        def bounded() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        done = subprocess.run(
            [*COMMAND, "dedup", "in.jsonl", "-o", NAMES[0], "--removed", NAMES[1], "--clusters", NAMES[2]],
            capture_output=True,
            timeout=60,
            preexec_fn=bounded,
        )
        assert done.returncode == 2
        assert b"cannot write: the file grew past the size allowed here" in done.stderr
        assert (found(), left()) == ([b"old\n"] * 3, [])


class TestJournals:
    @pytest.fixture
    def moves(self, place: Path) -> list[Move]:
        temporary = [place / f".{number}.corpus-tool.tmp" for number in range(2)]
        for path in temporary:
            path.write_bytes(b"new\n")
        return [Move(path, place / name) for path, name in zip(temporary, NAMES[:2], strict=True)]

    def test_of_one_file_there_is_none(self, moves: list[Move], place: Path) -> None:
        with announced(moves[:1]):
            assert not [name for name in left() if name.endswith(publication.JOURNAL)]

    def test_who_publishes_is_left_alone(self, moves: list[Move], place: Path) -> None:
        """A journal that somebody holds is no remainder: neither finished nor a reason not to read."""
        with announced(moves):
            script = (
                "from pathlib import Path; from corpus_tool.publication import *; path = Path('kept.jsonl').resolve()\n"
                "print(finish_at(path), unfinished(path), finish_in(path.parent))"
            )
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=True)
            assert done.stdout == b"[] False []\n"
        assert found()[:2] == [b"old\n"] * 2

    def test_long_names_have_their_own(self, place: Path) -> None:
        one, other = (journal_of(place / ("x" * 240 + end)) for end in "ab")
        assert one != other
        assert len(os.fsencode(one.name)) < 255

    def test_one_that_somebody_else_wrote_is_not_followed(self, moves: list[Move], place: Path) -> None:
        """In a shared folder, anybody could name files of ours."""
        if os.geteuid():
            pytest.skip("only root can give a file away")
        journal = journal_of(place / "kept.jsonl")
        entry = {
            "temporary": str(moves[0].temporary),
            "target": str(moves[0].target),
            "new": publication.identity(moves[0].temporary),
            "old": publication.identity(moves[0].target),
        }
        journal.write_text(json.dumps({"moves": [entry]}), "utf-8")
        os.chown(journal, 65534, 65534)
        assert not unfinished(place / "kept.jsonl")
        assert finish_at(place / "kept.jsonl") == []
        assert Path("kept.jsonl").read_bytes() == b"old\n"

    def test_two_runs_on_the_same_targets_do_not_mix(self, place: Path) -> None:
        script = (
            "import sys; from corpus_tool.sinks.atomic import Outputs\n"
            "for _ in range(40):\n"
            "    with Outputs() as outputs:\n"
            "        for name in sys.argv[2:]: outputs.open(name).write(sys.argv[1].encode())\n"
        )
        runs = [
            subprocess.Popen([sys.executable, "-c", script, who, *NAMES], stderr=subprocess.PIPE)
            for who in "ab"
        ]
        for each in runs:
            _, err = each.communicate(timeout=60)
            assert (each.returncode, err) == (0, b"")
        assert found() in ([b"a"] * 3, [b"b"] * 3)
        assert left() == []


@pytest.fixture(autouse=True)
def _nothing_published_before() -> Iterator[None]:
    Outputs.published = False
    yield
    Outputs.published = False
