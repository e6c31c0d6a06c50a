"""Help that fits a terminal, completion of values, and mistakes in typing that are told with their cure."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from running import run

from corpus_tool import sources
from corpus_tool.cli import COMMANDS, load, pages
from corpus_tool.config import KEEP_POLICIES, MATCHES, VERSIONS

TOOL = Path(sysconfig.get_path("scripts")) / "corpus-tool"
EXIT = "Exit: 0 done, 2 bad usage, input or output, 130 interrupted."


def exits(command: str) -> str:
    """What a command says of its exit codes."""
    return EXIT.replace("done,", "done, 1 a limit is broken,") if command in {"check", "dedup"} else EXIT


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)


def on_terminal(*arguments: str, **more: str) -> str:
    """What a terminal of 80 columns and 24 lines is sent."""
    ours, theirs = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "80", "LINES": "24", **more}
    subprocess.run(
        [TOOL, *arguments], stdout=theirs, stderr=theirs, stdin=theirs, env=environment, timeout=60
    )
    os.close(theirs)
    parts = []
    try:
        while part := os.read(ours, 1 << 16):
            parts.append(part)
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def test_the_help_of_dedup_fits_a_terminal() -> None:
    sent = on_terminal("dedup", "--help")
    assert "\x1b[1mOutput\x1b[0m\n" in sent
    shown = re.sub(r"\x1b\[\dm", "", sent).splitlines()
    assert shown == on_terminal("dedup", "--help", NO_COLOR="1").splitlines()
    assert len(shown) <= 23
    assert max(map(len, shown)) <= 80
    headings = [line for line in shown if line in pages.PANELS]
    assert headings == ["Output", "What is a duplicate", "Which copy stays", "Input"]


@pytest.mark.parametrize("command", [*COMMANDS, "help"])
def test_every_help_fits_and_ends_with_examples(command: str) -> None:
    done = run(command, "--help")
    lines = done.out.decode().splitlines()
    assert done.code == 0
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith(f"Usage: corpus-tool {command}")
    assert exits(command) in " ".join(lines)
    assert lines[-3] == "Examples:"
    assert all(line.startswith("  ") and "corpus-tool" in line for line in lines[-2:])
    assert run("help", command).out == done.out or command == "help"


def test_the_help_of_the_tool_fits_and_lists_every_command() -> None:
    lines = on_terminal("--help", NO_COLOR="1").splitlines()
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80
    names = [line.split()[0] for line in lines[lines.index("Commands") + 1 :] if line.startswith("  ")]
    assert names[: len(COMMANDS) + 1] == [*COMMANDS, "help"]
    assert all(
        option in " ".join(lines) for option in ("-V, --version", "--show-config", "--install-completion")
    )
    assert EXIT in lines
    assert lines[-3] == "Examples:"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_all_has_every_option_with_its_default(command: str) -> None:
    shown = " ".join(run(command, "--help-all").out.decode().split())
    assert exits(command) in shown
    assert "CORPUS_TOOL_* variables and a corpus-tool.toml" in shown
    for key, option in load(command).options.items():
        assert f"--{key}" in shown
        if option.default not in (None, False, 0, "0", "utf-8"):
            assert f"default {option.default}." in shown, key


def test_a_short_help_leaves_out_what_is_rare_and_says_so() -> None:
    short, whole = run("dedup", "--help").out.decode(), run("dedup", "--help-all").out.decode()
    for option in ("--permutations", "--recall ", "--seed", "--shingle"):
        assert option not in short
        assert option in whole
    assert "More: --help-all." in short
    assert "--keep" in short


def test_plain_words() -> None:
    told = " ".join(run(command, "--help-all").out.decode() for command in COMMANDS)
    for jargon in ("connected components", "of one value", "Brute-force", "shingle;"):
        assert jargon not in told


def test_a_narrow_terminal_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    lines = run("dedup", "--help-all").out.decode().splitlines()
    assert max(map(len, lines[:-2])) <= 50


def test_help_works_whatever_the_file_of_defaults_says() -> None:
    Path("corpus-tool.toml").write_text("nonsense = [", "utf-8")
    assert run("dedup", "--help").code == 0
    assert run("help", "dedup").code == 0
    assert run("dedup").code == 2


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(option: str) -> None:
    assert re.fullmatch(rb"corpus-tool \d+\.\d+\S*\n", run(option).out)


def test_help_without_a_name_is_that_of_the_tool() -> None:
    assert run("help").out == run("--help").out


@pytest.mark.parametrize(
    ("typed", "cure"),
    [
        ("parze", "No such command 'parze'; did you mean parse?"),
        ("dedupe x.jsonl", "No such command 'dedupe'; did you mean dedup?"),
        ("help explane", "No such command 'explane'; did you mean explain?"),
        ("stat", "No such command 'stat'; did you mean stats?"),
        ("xyzzy", "No such command 'xyzzy' (see --help)"),
        ("in.jsonl", "in.jsonl is an input: did you mean corpus-tool dedup in.jsonl?"),
        ("dedup --kep last", "No such option: --kep; did you mean --keep?"),
        ("dedup --trehsold 0.8", "did you mean --threshold?"),
        ("dedup --Keep last", "did you mean --keep?"),
        ("explain a b --field x", "did you mean --fields?"),
        ("--verson", "did you mean --version?"),
        ("--keep last dedup", "--keep; the options of a command stand after its name"),
        ("dedup -output x.jsonl", "-output: a long option has two dashes; did you mean --output?"),
        ("dedup in.jsonl -removed=x", "did you mean --removed=x?"),
    ],
)
def test_the_nearest_is_suggested(typed: str, cure: str) -> None:
    Path("in.jsonl").write_text('{"text":"a b c"}\n', "utf-8")
    done = run(*typed.split())
    assert (done.code, done.out) == (2, b"")
    assert cure in done.err
    assert len(done.err.splitlines()) == 1


def completed(line: str, shell: str = "bash") -> list[str]:
    """What the shell's own call offers at the end of a command line."""
    words = line.split(" ")
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
    }[shell]
    environment = {"PATH": os.environ["PATH"], "_CORPUS_TOOL_COMPLETE": f"complete_{shell}", **asked}
    done = subprocess.run([TOOL], env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().split()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("corpus-tool ded", ["dedup"]),
        ("corpus-tool help ex", ["export", "explain"]),
        ("corpus-tool dedup --keep ", list(KEEP_POLICIES)),
        ("corpus-tool dedup --keep l", ["last", "longest"]),
        ("corpus-tool dedup x.jsonl --from ", list(sources.FORMATS)),
        ("corpus-tool parse --from f", ["feed"]),
        ("corpus-tool explain --match ", list(MATCHES)),
        ("corpus-tool evaluate --versions ", list(VERSIONS)),
        ("corpus-tool dedup --strictness s", ["strict"]),
        ("corpus-tool dedup --on-error ", ["fail", "skip"]),
        ("corpus-tool export --format m", ["markdown"]),
        ("corpus-tool tune --map ven", ["venue="]),
        ("corpus-tool dedup --rec", ["--recall-check", "--recall"]),
    ],
)
def test_values_are_completed(line: str, wanted: list[str]) -> None:
    assert completed(line) == wanted


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_complete_too(shell: str) -> None:
    assert "most-complete" in " ".join(completed("corpus-tool dedup --keep most", shell))


def test_completion_does_not_mind_a_broken_file_of_defaults() -> None:
    Path("corpus-tool.toml").write_text("nonsense = [", "utf-8")
    assert completed("corpus-tool dedup --keep la") == ["last"]
