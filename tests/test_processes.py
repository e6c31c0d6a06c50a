"""Signals, closed pipes and streams, terminals, shell completion and help: how the command behaves as a process."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import run

if TYPE_CHECKING:
    from collections.abc import Callable

    Bash = Callable[..., subprocess.CompletedProcess[bytes]]

COMMAND = str(Path(sysconfig.get_path("scripts")) / "corpus-tool")
DIGEST = (
    "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 13\n\n"
    "A Useful Title\n\nAn abstract that says something useful in a few words.\n\nAnother One\n\nOther words.\n"
)
RECORDS = b'{"id":1,"text":"one two three four five six"}\n{"id":2,"text":"one two three four five six"}\n'
OLD = b"what stood here before\n"
READING = {
    "parse": "parse {}",
    "dedup": "dedup {}",
    "restore kept": "restore {} receipts.jsonl",
    "restore receipts": "restore kept.jsonl {}",
    "export": "export {} --format csv",
    "explain": "explain 1 2 {}",
    "stats": "stats {}",
}
COMMANDS = tuple(dict.fromkeys(line.split()[0] for line in READING.values()))
COLOURS = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|9[0-7])(?:;[0-9]+)*m")


def environment(**more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TERM": "xterm-256color", **more}


def source_of(command: str) -> str:
    named = {"parse": "good.txt", "restore kept": "kept.jsonl", "restore receipts": "receipts.jsonl"}
    return named.get(command, "good.jsonl")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bash: Bash) -> Path:
    """A folder with good input of every kind."""
    monkeypatch.chdir(tmp_path)
    Path("good.jsonl").write_bytes(RECORDS)
    Path("good.txt").write_text(DIGEST, "utf-8")
    made = bash("corpus-tool dedup good.jsonl -o kept.jsonl --removed receipts.jsonl", tmp_path)
    assert made.returncode == 0
    return tmp_path


def ended_by(process: subprocess.Popen[bytes], number: int) -> tuple[bytes, bytes]:
    """Send a signal until the process ends.

    One that arrives in the instant before Python enters a blocking read is noticed only with the next.
    """
    for _ in range(20):
        process.send_signal(number)
        try:
            return process.communicate(timeout=1.5)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    raise AssertionError("the process does not end")


class TestSignals:
    @pytest.mark.parametrize(
        ("number", "code"),
        [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
    )
    def test_every_command_in_the_middle_of_its_input(
        self, number: signal.Signals, code: int, place: Path, bash: Bash
    ) -> None:
        """Each reads from a pipe that stays open: by then it has opened its output."""
        started = {}
        for command, line in READING.items():
            folder = place / command.replace(" ", "-")
            for name in ("out", "tmp"):
                (folder / name).mkdir(parents=True)
            (folder / "out" / "old.csv").write_bytes(OLD)
            os.mkfifo(folder / "pipe")
            arguments = [*line.format(folder / "pipe").split(), "-o", str(folder / "out" / "old.csv")]
            process = subprocess.Popen(
                [COMMAND, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(TMPDIR=str(folder / "tmp")),
            )
            started[command] = folder, process
        for command, (folder, process) in started.items():
            with (folder / "pipe").open("wb", buffering=0) as pipe:
                pipe.write((place / source_of(command)).read_bytes()[:-1])
                out, err = ended_by(process, number)
            assert (process.returncode, out) == (code, b""), command
            told = "interrupted: no output file was written or replaced\n" if number == signal.SIGINT else ""
            assert err.decode() == told, command
            assert (folder / "out" / "old.csv").read_bytes() == OLD, command
            assert list((folder / "tmp").iterdir()) == [], command
            left = sorted(path.name for path in (folder / "out").iterdir())
            if number != signal.SIGKILL:
                assert left == ["old.csv"], command
            elif command == "parse":  # what nobody could clear away, the next run does
                assert len(left) == 2
                done = bash("corpus-tool parse good.txt -q -o parse/out/old.csv", place)
                assert done.returncode == 0
                assert [path.name for path in (folder / "out").iterdir()] == ["old.csv"]

    def test_a_second_interrupt_does_not_show_the_machine(self, place: Path) -> None:
        os.mkfifo("pipe")
        process = subprocess.Popen(
            [COMMAND, "dedup", "pipe", "-o", "new.jsonl"], stderr=subprocess.PIPE, env=environment()
        )
        with Path("pipe").open("wb", buffering=0) as pipe:
            pipe.write(RECORDS)
            for _ in range(5):
                process.send_signal(signal.SIGINT)
                time.sleep(0.002)
            _, err = process.communicate(timeout=30)
        assert b"Traceback" not in err
        assert process.returncode in {130, -signal.SIGINT}
        assert not list(place.glob("*new.jsonl*"))

    def test_nohup_is_respected(self, place: Path) -> None:
        os.mkfifo("pipe")
        process = subprocess.Popen(
            ["nohup", COMMAND, "stats", "pipe", "-o", "new.txt"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        with Path("pipe").open("wb", buffering=0) as pipe:
            process.send_signal(signal.SIGHUP)
            pipe.write(RECORDS)
        assert process.wait(timeout=30) == 0
        assert Path("new.txt").exists()


class TestStreams:
    @pytest.mark.parametrize("command", READING)
    def test_a_closed_pipe_ends_quietly(self, command: str, place: Path) -> None:
        arguments = READING[command].format(source_of(command)).split()
        process = subprocess.Popen(
            [COMMAND, *arguments, *(["-q"] if command == "explain" else [])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        with process.stderr as stderr:
            assert stderr.read() == b""
        assert process.wait(timeout=30) == 0

    def test_help_into_a_closed_pipe(self, place: Path, bash: Bash) -> None:
        done = bash("corpus-tool dedup --help | true; echo ${PIPESTATUS[0]}", place)
        assert (done.stdout, done.stderr) == (b"0\n", b"")

    def test_beside_a_closed_pipe_other_outputs_are_completed(self, place: Path, bash: Bash) -> None:
        lines = [b'{"id":%d,"text":"text number %d"}\n' % (number // 2, number // 2) for number in range(400)]
        Path("many.jsonl").write_bytes(b"".join(lines))
        bash("corpus-tool dedup many.jsonl -q -o k --removed r --clusters c", place)
        done = bash(
            "corpus-tool dedup many.jsonl -q --removed r2 --clusters c2 | true; echo ${PIPESTATUS[0]}", place
        )
        assert (done.stdout, done.stderr) == (b"0\n", b"")
        assert len(Path("r").read_bytes().splitlines()) == 200
        assert (Path("r").read_bytes(), Path("c").read_bytes()) == (
            Path("r2").read_bytes(),
            Path("c2").read_bytes(),
        )

    def test_an_endless_input_ends_with_its_reader(self, place: Path, bash: Bash) -> None:
        done = bash(
            'yes \'{"text":"y"}\' | timeout 30 corpus-tool export - | head -n 2; echo ${PIPESTATUS[1]}', place
        )
        assert done.stdout == b'{"text":"y"}\n{"text":"y"}\n0\n'
        assert done.stderr == b""

    @pytest.mark.parametrize("command", READING)
    def test_streams_that_are_closed_or_full(self, command: str, place: Path, bash: Bash) -> None:
        line = "corpus-tool " + READING[command]
        source = source_of(command)
        full = "cannot write: no space left on the device: free some, or write elsewhere"
        wanted = {
            f"{line.format(source)} -q >&-": (2, b"standard output: it is closed: name a file with -o\n"),
            f"{line.format(source)} -q > /dev/full": (2, f"standard output: {full}\n".encode()),
            f"{line.format('-')} <&-": (
                2,
                b"-: standard input is closed; name a file, or pipe something in\n",
            ),
        }
        for typed, (code, message) in wanted.items():
            done = bash(typed, place)
            assert (done.returncode, done.stdout, done.stderr) == (code, b"", message), typed

    @pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", "2> >(true)"])
    @pytest.mark.parametrize("command", ["parse", "dedup", "export"])
    def test_without_stderr_the_data_stay_clean(
        self, command: str, streams: str, place: Path, bash: Bash
    ) -> None:
        line = f"corpus-tool {READING[command]}".format(source_of(command))
        done = bash(f"{line} {streams}", place)
        assert done.returncode == 0
        assert done.stdout == bash(f"{line} -q", place).stdout


class TestTerminal:
    def _shown(self, arguments: list[str], **more: str) -> tuple[bytes, bytes, int]:
        """What appears on a terminal until "read" is there or the run has shown it will not; then to the end."""
        terminal, inner = os.openpty()
        os.mkfifo("pipe")
        process = subprocess.Popen([COMMAND, *arguments, "pipe"], stderr=inner, env=environment(**more))
        os.close(inner)
        before = b""
        with Path("pipe").open("wb", buffering=0) as pipe:
            pipe.write(RECORDS)
            patience = time.monotonic() + (20 if "-q" not in arguments and not more else 0.6)
            while b"read" not in before and time.monotonic() < patience:
                if select.select([terminal], [], [], 0.05)[0]:
                    before += os.read(terminal, 65536)
        after = b""
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:  # how Linux tells that the other end is closed
                break
            after += data
        os.close(terminal)
        return before, after, process.wait(timeout=30)

    def test_progress_appears_and_clears_up(self, place: Path) -> None:
        before, after, code = self._shown(["dedup", "-o", "new.jsonl"])
        assert code == 0
        assert b"\x1b[?25l" in before, "the cursor is hidden"
        assert b"\x1b[?25h" in after, "and shown again"
        assert b"\x1b[2K" in after, "the bar is wiped out"
        last = after[after.rindex(b"\x1b[2K") :]
        assert b"read 2 records from 1 source, kept 1, removed 1" in last
        assert b"\xe2\x94\x81" not in last

    @pytest.mark.parametrize(
        ("options", "more"), [(["-q"], {}), ([], {"TERM": "dumb"})], ids=["quiet", "dumb terminal"]
    )
    def test_no_progress_where_none_is_wanted(
        self, options: list[str], more: dict[str, str], place: Path
    ) -> None:
        before, after, code = self._shown(["dedup", "-o", "new.jsonl", *options], **more)
        assert code == 0
        assert before == b""
        assert b"\x1b" not in after
        assert (b"kept 1" in after) is ("-q" not in options)

    def test_no_colour_holds_for_progress(self, place: Path) -> None:
        before, after, _ = self._shown(["dedup", "-o", "new.jsonl"], NO_COLOR="1")
        assert not COLOURS.search(before + after)

    def test_no_progress_in_a_pipe(self, place: Path) -> None:
        done = subprocess.run(
            [COMMAND, "dedup", "good.jsonl", "-o", "x"], capture_output=True, env=environment(), check=True
        )
        assert done.stdout == b""
        assert re.fullmatch(
            rb"read 2 records from 1 source, kept 1, removed 1, an exact copy \(matching text: text\) in \S+ s\n",
            done.stderr,
        )

    @pytest.mark.parametrize("command", ["explain", "stats"])
    def test_colours_only_where_wanted(self, command: str, place: Path) -> None:
        arguments = READING[command].format("good.jsonl").split()

        def seen(**more: str) -> bytes:
            terminal, inner = os.openpty()
            process = subprocess.Popen(
                [COMMAND, *arguments], stdout=inner, stderr=subprocess.DEVNULL, env=environment(**more)
            )
            os.close(inner)
            found = b""
            while True:
                try:
                    found += os.read(terminal, 65536)
                except OSError:
                    break
            os.close(terminal)
            assert process.wait(timeout=30) == 0
            return found

        assert b"\x1b[" in seen()
        assert not COLOURS.search(seen(NO_COLOR="1"))
        piped = subprocess.run([COMMAND, *arguments], capture_output=True, env=environment(), check=True)
        assert b"\x1b" not in piped.stdout

    def test_a_terminal_is_no_input(self, place: Path) -> None:
        terminal, inner = os.openpty()
        done = subprocess.run(
            [COMMAND, "dedup"], stdin=inner, capture_output=True, env=environment(), timeout=30
        )
        os.close(inner)
        os.close(terminal)
        assert (done.returncode, done.stderr) == (
            2,
            b"no input: name a file or a folder, or pipe something in\n",
        )


class TestCompletion:
    def test_the_script(self, place: Path, bash: Bash) -> None:
        done = bash("_CORPUS_TOOL_COMPLETE=source_bash corpus-tool", place)
        assert b"complete -o default -F _corpus_tool_completion corpus-tool" in done.stdout

    @pytest.mark.parametrize(
        ("typed", "offered"),
        [
            ("corpus-tool de", "dedup"),
            ("corpus-tool dedup --thr", "--threshold"),
            ("corpus-tool export --col", "--columns"),
        ],
    )
    def test_bash_completes(self, typed: str, offered: str, place: Path, bash: Bash) -> None:
        """As bash itself does it, by the function that the script defines."""
        script = (
            'eval "$(_CORPUS_TOOL_COMPLETE=source_bash corpus-tool)"\n'
            f"COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
            '_corpus_tool_completion corpus-tool; echo "${COMPREPLY[*]}"'
        )
        done = bash(script, place)
        assert (done.stdout.decode(), done.stderr) == (f"{offered}\n", b"")


def test_the_summary_is_one_object_on_stderr_beside_data(place: Path, bash: Bash) -> None:
    done = bash("corpus-tool dedup good.jsonl --json", place)
    assert done.stdout == RECORDS.splitlines(keepends=True)[0]
    assert json.loads(done.stderr)["removed"] == 1


def test_help_of_all() -> None:
    done = run("--help")
    lines = done.out.decode().splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 80
    for command in COMMANDS:
        (summary,) = (line for line in lines if line.startswith(f"  {command} "))
        assert summary.endswith("."), "one whole sentence"
        assert not summary.endswith("..."), "one whole sentence"
    bare = run()
    assert (bare.code, bare.err.rstrip()) == (2, done.out.decode().rstrip())
