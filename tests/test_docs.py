"""The documentation is executed: every `console` block runs, and what it shows is compared with what is printed.

A block holds commands (lines that begin with `$ `; one that ends in a backslash goes on in the next line) and after
each what a terminal shows: stdout, then stderr. All blocks under one heading share one fresh copy of
`examples/`, in which they run one after the other. A block whose language is followed by a name is a file of that name
there. `<!-- needs: make python3:polars -->` names programs and modules without which a heading's blocks are skipped.
How to rewrite them: conftest.py.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus_tool.cli import COMMANDS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[1]
DOCUMENTS = (
    *(
        "README.md",
        "examples/cookbook.md",
        "examples/formats.md",
        "examples/library.md",
        "examples/matching.md",
        "examples/index.md",
        "examples/team.md",
    ),
    *("docs/index.md", "docs/gates.md"),
)
README = (PROJECT / "README.md").read_text("utf-8")
AFTER_EACH = "\x1e"
"""Printed by bash after each command, on both streams; no document contains it."""


@dataclass
class Command:
    """A command of a document, where it stands (0-based, the end of its output excluded), and what is shown."""

    text: str
    start: int
    end: int
    shown: str


@dataclass
class Section:
    document: str
    heading: str
    commands: list[Command] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)

    def missing(self) -> list[str]:
        """What it needs and this machine lacks."""
        return [name for name in self.needs if not _is_there(name)]


def _is_there(name: str) -> bool:
    program, _, module = name.partition(":")
    return bool(find_spec(module)) if module else shutil.which(program) is not None


def _sections(document: str) -> Iterator[Section]:
    """The parts of a document that have console blocks, each with the commands of all of them."""
    lines = (PROJECT / document).read_text("utf-8").splitlines()
    section, inside, at = Section(document, "top"), "", 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("```"):
            inside = "" if inside else line[3:].strip() or "text"
        elif not inside and line.startswith(("## ", "### ")):
            if section.commands:
                yield section
            section = Section(document, line.lstrip("# "))
        elif not inside and line.startswith("<!-- needs: "):
            section.needs += line.removeprefix("<!-- needs: ").removesuffix(" -->").split()
        elif " " in inside:
            name = inside.split()[1]
            section.files[name] = section.files.get(name, "") + line + "\n"
        elif inside == "console":
            command = _command(lines, at)
            section.commands.append(command)
            at = command.end
            continue
        at += 1
    if section.commands:
        yield section


def _command(lines: list[str], start: int) -> Command:
    assert lines[start].startswith("$ "), f"line {start + 1}: a console block begins with a command"
    first = start + 1
    while lines[first - 1].endswith("\\"):
        first += 1
    end = first
    while not lines[end].startswith(("$ ", "```")):
        end += 1
    text = "\n".join(lines[start:first])[2:]
    return Command(text, first, end, "".join(line + "\n" for line in lines[first:end]))


def _run(section: Section, place: Path, bash: Callable[..., subprocess.CompletedProcess[bytes]]) -> list[str]:
    """What each command of a section prints, all run by one bash."""
    mark = f"__code=$?; printf '{AFTER_EACH}'; printf '{AFTER_EACH}' >&2; (exit $__code)"
    done = bash("".join(f"{command.text}\n{mark}\n" for command in section.commands), place)
    streams = [stream.decode().split(AFTER_EACH) for stream in (done.stdout, done.stderr)]
    assert [len(stream) for stream in streams] == [len(section.commands) + 1] * 2
    return [out + error for out, error in zip(*streams, strict=True)][:-1]


SECTIONS = [section for document in DOCUMENTS for section in _sections(document)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: f"{Path(each.document).stem}: {each.heading}")
def test_console_blocks(
    section: Section,
    tmp_path: Path,
    bash: Callable[..., subprocess.CompletedProcess[bytes]],
    steady: Callable[[str], str],
    rewrite: bool,
) -> None:
    if section.missing():
        pytest.skip(f"not installed: {', '.join(section.missing())}")
    place = tmp_path / "examples"
    shutil.copytree(PROJECT / "examples", place)
    for name, text in section.files.items():
        (place / name).write_text(text, "utf-8")
    printed = _run(section, place, bash)
    if rewrite:
        _rewrite(section, printed, steady)
        return
    for command, text in zip(section.commands, printed, strict=True):
        assert steady(text) == steady(command.shown), f"{section.document}:{command.start}: $ {command.text}"


def _rewrite(section: Section, printed: list[str], steady: Callable[[str], str]) -> None:
    """Replace what differs; line numbers of sections further down are found anew by their commands."""
    path = PROJECT / section.document
    fresh = next(each for each in _sections(section.document) if each.heading == section.heading)
    lines = path.read_text("utf-8").splitlines()
    for command, text in reversed(list(zip(fresh.commands, printed, strict=True))):
        if steady(text) != steady(command.shown):
            lines[command.start : command.end] = text.splitlines()
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _fenced(language: str) -> list[str]:
    """What stands in the README's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _setup_lines() -> list[str]:
    return [line for block in _fenced("sh") for line in block.splitlines()]


def test_output_is_shown_at_the_top() -> None:
    top = (PROJECT / "README.md").read_text("utf-8").splitlines()[:15]
    first = next(_sections("README.md")).commands[0]
    assert f"$ {first.text}" in top
    assert first.shown.splitlines()[0] in top


def test_readme_sets_up_with_one_line_each() -> None:
    main_job, test = _setup_lines()
    assert main_job.startswith("python3 -m venv .venv && . .venv/bin/activate && pip install ")
    assert test.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert test.endswith("&& .venv/bin/pytest")


def test_the_main_job_of_the_readme(
    tmp_path: Path, bash: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    set_up, job = _setup_lines()[0].replace("/tmp/", f"{tmp_path}/").split(" && cd examples && ")
    assert set_up.endswith("pip install -q .")
    done = bash(job, PROJECT / "examples")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "clean.jsonl").read_text("utf-8").splitlines()) == 16


def test_the_commands_of_the_readme_run_as_shown_after_it() -> None:
    """They run in a copy of `examples/`, with `corpus-tool` found in the path: where the set-up line ends."""
    assert _setup_lines()[0].startswith("python3 -m venv .venv && . .venv/bin/activate && ")
    shown = [command.text for section in _sections("README.md") for command in section.commands]
    assert all(re.match(r"corpus-tool ", text) for text in shown)


def test_ci_runs_the_test_command_of_the_readme(
    bash: Callable[..., subprocess.CompletedProcess[bytes]],
) -> None:
    lines = (PROJECT / ".ci/run").read_text("utf-8").splitlines()
    extraction = next(line for line in lines if line.startswith("test_command="))
    done = bash(f'{extraction}\nprintf %s "$test_command"', PROJECT)
    assert done.stdout.decode() == _setup_lines()[1]
    assert lines[-1] == 'bash -c "$test_command"'


def test_readme_names_every_command_and_module() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \|", README, re.MULTILINE)
    assert tuple(rows) == tuple(COMMANDS)
    layout = next(block for block in _fenced("text") if "cli/" in block)
    named = set(re.findall(r"(?<![*\w])[a-z_]+(?:\.py\b|/)", layout)) - {"corpus_tool/"}
    package = PROJECT / "corpus_tool"
    modules = {path.name for path in package.glob("*.py") if not path.name.startswith("__")}
    modules -= {name for name in modules if name.endswith("_kernels.py")}  # each beside the module it serves
    assert named == modules | {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    path = PROJECT / document
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []
