"""Defaults of options from the environment and from files: what beats what, and that nothing is passed over."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
from running import run

from corpus_tool.cli import COMMANDS, defaults, load

PACKAGE = Path(__file__).parents[1] / "corpus_tool"
SHORT = {"id": "short", "text": "one two three four five six seven eight nine ten"}
LONG = {"id": "long", "text": SHORT["text"] + " eleven"}
FEATURES = ["--threshold", "0.5"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder two levels deep, with two records that are alike, and an environment without variables of ours."""
    for name in os.environ:
        if name.startswith(defaults.PREFIX):
            monkeypatch.delenv(name)
    folder = tmp_path / "project" / "data"
    folder.mkdir(parents=True)
    (folder / "in.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (SHORT, LONG)), "utf-8")
    monkeypatch.chdir(folder)
    return folder


def kept(*options: str) -> str:
    done = run("dedup", "in.jsonl", "-q", *FEATURES, *options)
    assert done.code == 0, done.err
    (line,) = done.out.splitlines()
    return str(json.loads(line)["id"])


def test_built_in() -> None:
    assert kept() == "short"


@pytest.mark.parametrize("name", ["CORPUS_TOOL_KEEP", "CORPUS_TOOL_DEDUP_KEEP"])
def test_a_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "longest")
    assert kept() == "long"
    assert kept("--keep", "first") == "short"


def test_the_variable_of_a_command_beats_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPUS_TOOL_KEEP", "first")
    monkeypatch.setenv("CORPUS_TOOL_DEDUP_KEEP", "longest")
    assert kept() == "long"


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPUS_TOOL_KEEP", "")
    assert kept() == "short"


@pytest.mark.parametrize(
    ("where", "name", "text"),
    [
        (".", "corpus-tool.toml", 'keep = "longest"\n'),
        ("..", "corpus-tool.toml", '[dedup]\nkeep = "longest"\n'),
        ("../..", "corpus-tool.toml", 'keep = "first"\n[dedup]\nkeep = "longest"\n'),
        ("..", "pyproject.toml", '[tool.corpus-tool]\nkeep = "longest"\n'),
        ("..", "pyproject.toml", '[tool.corpus-tool.dedup]\nkeep = "longest"\n'),
    ],
)
def test_a_file(where: str, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(where, name).write_text(text, "utf-8")
    assert kept() == "long"
    assert kept("--keep", "first") == "short"
    monkeypatch.setenv("CORPUS_TOOL_KEEP", "first")
    assert kept() == "short"
    monkeypatch.delenv("CORPUS_TOOL_KEEP")
    monkeypatch.setenv("CORPUS_TOOL_CONFIG", "")
    assert kept() == "short"


def test_the_nearest_file_counts_and_our_own_before_the_project_s() -> None:
    Path("../corpus-tool.toml").write_text('keep = "first"\n', "utf-8")
    Path("pyproject.toml").write_text('[tool.corpus-tool]\nkeep = "longest"\n', "utf-8")
    assert kept() == "long"
    Path("corpus-tool.toml").write_text("", "utf-8")
    assert kept() == "short"


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ruff]\nline-length = 80\n",
        "[project]\nname = 'x'\n",
        "no toml [[[ corpus-tool",
        "tool = 'corpus-tool'",
    ],
)
def test_a_project_file_of_others_is_passed_over(text: str) -> None:
    Path("pyproject.toml").write_text(text, "utf-8")
    Path("../corpus-tool.toml").write_text('keep = "longest"\n', "utf-8")
    assert kept() == "long"


def test_a_folder_that_is_gone(place: Path, tmp_path: Path) -> None:
    Path("in.jsonl").rename(tmp_path / "in.jsonl")
    place.rmdir()
    assert run("dedup", "-q", tmp_path / "in.jsonl").code == 0


def test_a_named_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('keep = "longest"\n', "utf-8")
    Path("corpus-tool.toml").write_text('keep = "last"\n', "utf-8")
    monkeypatch.setenv("CORPUS_TOOL_CONFIG", str(tmp_path / "mine.toml"))
    assert kept() == "long"
    monkeypatch.setenv("CORPUS_TOOL_CONFIG", "none.toml")
    assert (
        run("dedup", "in.jsonl").err
        == "none.toml: the file of defaults cannot be read: No such file or directory\n"
    )


def test_flags_numbers_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("corpus-tool.toml").write_text(
        'annotate = true\nfields = ["text", "note.0"]\njobs = 1\non_error = "skip"\nmemory-limit = "64M"\n',
        "utf-8",
    )
    done = run("dedup", "in.jsonl", "-o", "out.jsonl")
    assert done.code == 0
    assert "corpus-tool.toml: --annotate, --on-error skip, --fields text,note.0, " in re.sub(
        r"(.*): (.*)", _sorted_like_typed, done.err.splitlines()[0]
    )
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 2
    monkeypatch.setenv("CORPUS_TOOL_ANNOTATE", "no")
    assert run("dedup", "in.jsonl", "-o", "out.jsonl", *FEATURES).code == 0
    assert len(Path("out.jsonl").read_bytes().splitlines()) == 1


def _sorted_like_typed(found: re.Match[str]) -> str:
    order = ["--annotate", "--on-error skip", "--fields text,note.0"]
    parts = sorted(found[2].split(", "), key=lambda part: order.index(part) if part in order else len(order))
    return f"{found[1]}: {', '.join(parts)}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('kep = "last"', "kep: no option is called so; did you mean keep?"),
        ('[dedup]\nkep = "last"', "kep: no option of dedup is called so; did you mean keep?"),
        ('[stats]\nkeep = "last"', "keep: no option of stats is called so"),
        ('[dedupe]\nkeep = "last"', "[dedupe]: no such command; did you mean dedup?"),
        ('output = "x.jsonl"', "output: which file a run writes only the command line says"),
        ('[dedup]\nremoved = "x.jsonl"', "removed: which file a run writes only the command line says"),
        ("keep = true", "keep: a text or a number is wanted, not True"),
        ("annotate = 1", "annotate: true or false is wanted, not 1"),
        ("fields = [1.5, [2]]", "fields: a text or a list of texts is wanted, not [1.5, [2]]"),
        ("keep = ", "the file of defaults is not TOML: "),
    ],
)
def test_a_file_that_cannot_be_followed(text: str, message: str) -> None:
    Path("../corpus-tool.toml").write_text(text + "\n", "utf-8")
    done = run("dedup", "in.jsonl", "-o", "out.jsonl")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("../corpus-tool.toml: " + message)
    assert len(done.err.splitlines()) == 1
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CORPUS_TOOL_KEEP", "best", r"--keep best is not one of .* \(--keep from CORPUS_TOOL_KEEP\)"),
        ("CORPUS_TOOL_JOBS", "many", r".*'--jobs'.*'many'.*\(--jobs from CORPUS_TOOL_JOBS\) \(see --help\)"),
        ("CORPUS_TOOL_STRICT", "perhaps", "CORPUS_TOOL_STRICT=perhaps: 1 or 0 is wanted"),
        ("CORPUS_TOOL_DEDUP_MEMORY_LIMIT", "lots", "'lots' is not a size"),
    ],
)
def test_a_variable_that_cannot_be_followed(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    done = run("dedup", "in.jsonl", "-q")
    assert done.code == 2
    assert re.match(message, done.err), done.err


def test_an_option_of_another_command_is_no_mistake() -> None:
    Path("corpus-tool.toml").write_text('keep = "longest"\ntitle = "Ours"\n', "utf-8")
    assert run("stats", "in.jsonl").code == 0
    assert kept() == "long"


def test_a_variable_that_no_option_has_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPUS_TOOL_KEPT", "longest")
    monkeypatch.setenv("CORPUS_TOOL_OUTPUT", "x.jsonl")
    monkeypatch.setenv("CORPUS_TOOL_EXPORT_TITLE", "Ours")
    told = run("dedup", "in.jsonl", "-o", "out.jsonl").err.splitlines()
    assert told[:2] == [
        "CORPUS_TOOL_KEPT: no option has this variable; did you mean CORPUS_TOOL_KEEP?",
        "CORPUS_TOOL_OUTPUT: which file a run writes only the command line says",
    ]
    assert len(told) == 3
    assert run("dedup", "in.jsonl", "-q").err == ""


def test_what_holds_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("corpus-tool.toml").write_text('keep = "longest"\nthreshold = 0.5\n', "utf-8")
    monkeypatch.setenv("CORPUS_TOOL_JOBS", "1")
    first, second, _ = run("dedup", "in.jsonl", "-o", "out.jsonl", "--keep", "last").err.splitlines()
    assert {first, second} == {"corpus-tool.toml: --threshold 0.5", "CORPUS_TOOL_JOBS: --jobs 1"}


def test_a_default_that_cannot_act_is_no_mistake_unlike_a_typed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("papers.jsonl").write_text('{"title":"A title","abstract":"An abstract of some words."}\n', "utf-8")
    monkeypatch.setenv("CORPUS_TOOL_THRESHOLD", "0.5")
    assert run("dedup", "papers.jsonl", "--match", "papers").code == 0
    done = run("dedup", "papers.jsonl", "--match", "papers", "--threshold", "0.5")
    assert done.code == 2
    assert done.err.startswith("--threshold does nothing here (--match papers): ")


def test_show_config_is_a_file_that_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("../corpus-tool.toml").write_text('keep = "longest"\n[dedup]\nfields = ["text"]\n', "utf-8")
    monkeypatch.setenv("CORPUS_TOOL_YEAR", "2026")
    shown = run("dedup", "--show-config").out.decode()
    assert 'keep = "longest"  # ../corpus-tool.toml\n' in shown
    assert 'year = "2026"  # CORPUS_TOOL_YEAR\n' in shown
    assert "threshold = 0.7  # built in\n" in shown
    assert "# strictness is not set\n" in shown
    monkeypatch.delenv("CORPUS_TOOL_YEAR")
    Path("corpus-tool.toml").write_text("[dedup]\n" + shown, "utf-8")
    again = tomllib.loads(run("dedup", "--show-config").out.decode())
    assert again == tomllib.loads(shown)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_its_config(command: str) -> None:
    assert tomllib.loads(run(command, "--show-config").out.decode())["quiet"] is False


def test_show_config_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--show-config").out.startswith(b"# nothing is set: no corpus-tool.toml here or above")
    Path("corpus-tool.toml").write_text("[export]\ntitle = 'Ours'\n", "utf-8")
    monkeypatch.setenv("CORPUS_TOOL_KEPT", "x")
    shown = run("--show-config").out.decode()
    assert tomllib.loads(shown) == {"export": {"title": "Ours"}}
    assert "# CORPUS_TOOL_KEPT: no option has this variable" in shown


def test_names_are_those_of_the_options() -> None:
    """A variable of ours that is no option's is in the list of those, and none of them is an option's."""
    read = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"CORPUS_TOOL_[A-Z_]*[A-Z]", path.read_text("utf-8"))
    }
    options = {key for command in COMMANDS for key in load(command).options}
    variables = {defaults._variable(key) for key in options}
    documented = {"CORPUS_TOOL_DEDUP_KEEP", "CORPUS_TOOL_COMPLETE"}
    assert read - variables - documented <= defaults.OTHERS
    assert not variables & defaults.OTHERS
