"""Golden cases: `cases/NAME/cmd` run in a copy of `cases/NAME/in`, its stdout, stderr and exit code compared.

A case is a folder: `cmd` (for bash), `in/` and `stdin` where there is input, and what is expected: `stdout`,
`stderr` (each missing where it is empty) and `code` (missing where it is 0). How to rewrite them: conftest.py.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/cmd"))


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(
    case: Path,
    tmp_path: Path,
    bash: Callable[..., subprocess.CompletedProcess[bytes]],
    steady: Callable[[str], str],
    rewrite: bool,
) -> None:
    place = tmp_path / "in"
    if (case / "in").exists():
        shutil.copytree(case / "in", place)
    else:
        place.mkdir()

    done = bash((case / "cmd").read_text("utf-8"), place, _read(case / "stdin"))

    code = b"" if done.returncode == 0 else b"%d\n" % done.returncode
    found = {"stdout": done.stdout, "stderr": done.stderr, "code": code}
    for name, data in found.items():
        text, wanted = (
            steady(part.decode("utf-8", "backslashreplace")) for part in (data, _read(case / name))
        )
        if rewrite and text != wanted:
            (case / name).write_bytes(data) if data else (case / name).unlink(missing_ok=True)
        elif not rewrite:
            assert text == wanted, name


def test_every_folder_is_a_case() -> None:
    folders = {path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir()}
    assert folders == set(CASES)
