"""The command reference and the manual pages: of these commands as they are, and what `man` takes."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from corpus_tool.cli import COMMANDS, load

DOCS = Path(__file__).parents[1] / "docs"


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["reference"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    found: dict[Path, str] = _module().files()
    return found


def test_what_is_in_the_repository_is_what_the_commands_say(made: dict[Path, str], rewrite: bool) -> None:
    there = {DOCS / "commands.md", *(DOCS / "man").glob("*")}
    if rewrite:
        for path, text in made.items():
            path.write_text(text, "utf-8")
        for path in there - made.keys():
            path.unlink()
        return
    assert there == set(made), "make golden writes them anew"
    for path, text in made.items():
        assert path.read_text("utf-8") == text, f"{path} is old: make golden writes it anew"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_told(command: str, made: dict[Path, str]) -> None:
    page = made[DOCS / "man" / f"corpus-tool-{command}.1"].replace("\\-", "-")
    reference = made[DOCS / "commands.md"].split(f"\n## {command}\n")[1].split("\n## ")[0]
    for name in load(command).options:
        assert f"\\fB--{name}\\fR" in page
        assert f"`--{name}`" in reference
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"):
        assert f"\n.SH {section}\n" in page
    assert "Exit codes: 0: Done." in reference


def test_man_reads_every_page(made: dict[Path, str], tmp_path: Path) -> None:
    if shutil.which("man") is None or shutil.which("groff") is None:
        pytest.skip("man is not installed")
    for path, text in made.items():
        if path.suffix == ".1":
            page = tmp_path / path.name
            page.write_text(text, "utf-8")
            done = subprocess.run(
                ["man", "--warnings", "-l", page], capture_output=True, text=True, timeout=60
            )
            assert (done.returncode, done.stderr) == (0, "")
            assert path.stem.upper() in done.stdout


def test_the_wheel_brings_the_pages_to_where_man_looks() -> None:
    import tomllib

    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/man": "share/man/man1"}
