"""Where kernels come from: the library that was built, numba, or nowhere; and what may be wrong with each."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus_tool.kernel import catalogue, jit, loading
from corpus_tool.kernel.declare import INLINED, INTRINSICS, Kernel
from corpus_tool.kernel.levels import levels, reached
from corpus_tool.sketch import compiled, permutations, set_kernels, sketch_texts, tables
from corpus_tool.sketch import kernels as sketch_kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TEXTS = ["the quick brown fox", "naïve 中文"]
NEEDS_NUMBA = pytest.mark.skipif(not find_spec("numba"), reason="needs numba, to compile kernels")
NEEDS_LIBRARY = pytest.mark.skipif(not loading.LIBRARY.exists(), reason="built without a library")

WITHOUT_NUMBA = "import sys; sys.modules['numba'] = None"
PROGRAM = f"""
import json, sys, warnings
warnings.simplefilter("error")
from corpus_tool.kernel import loading
from corpus_tool.sketch import permutations, sketch_texts
sketch = sketch_texts({TEXTS!r}, 2, permutations(8), compiled=loading.available())
print(json.dumps([loading.step().name, sys.modules.get("numba") is not None, sketch.signatures.tolist()]))
"""


@pytest.fixture(scope="module")
def expected() -> list[list[int]]:
    return sketch_texts(TEXTS, 2, permutations(8), compiled=False).signatures.tolist()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    package = tmp_path / "copy" / "corpus_tool"
    shutil.copytree(catalogue.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    return package.parent


def run(root: Path, *, numba: bool = False, **environment: str) -> tuple[list[object], str]:
    """What the program prints with the package that is in a folder, and what it says."""
    program = PROGRAM if numba else f"{WITHOUT_NUMBA}{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_every_module_of_kernels_is_in_the_catalogue() -> None:
    declaring = [path for path in catalogue.PACKAGE.rglob("*.py") if "\n@kernel(" in path.read_text("utf-8")]
    assert sorted(map(catalogue.source, catalogue.MODULES)) == sorted(declaring)
    assert all(catalogue.source(name).is_file() for name in catalogue.PARTS)


def test_what_kernels_call_stands_in_sources_that_are_watched() -> None:
    for name in catalogue.MODULES:
        import_module(name)
    watched = {*catalogue.MODULES, *catalogue.PARTS}
    assert {part.__module__ for part in INLINED | INTRINSICS} <= watched
    assert len({each.symbol for each in _kernels()}) == len(list(_kernels())) > 20


def _kernels() -> Iterator[Kernel]:
    for name in catalogue.MODULES:
        yield from (each for each in vars(import_module(name)).values() if isinstance(each, Kernel))


@NEEDS_LIBRARY
def test_the_library_needs_nothing_else(copied: Path, expected: list[list[int]]) -> None:
    printed, said = run(copied)
    assert printed == ["library", False, expected]
    assert said == ""


@NEEDS_LIBRARY
@pytest.mark.parametrize("level", levels())
def test_each_level_gives_the_same(level: str, copied: Path, expected: list[list[int]]) -> None:
    if list(levels()).index(level) > list(levels()).index(loading.Library().level):
        pytest.skip("this processor does not reach it")
    assert run(copied, CORPUS_TOOL_KERNELS=f"library-{level}")[0] == ["library", False, expected]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "none": (Path.unlink, "none were built with this installation"),
    "empty": (lambda path: path.write_bytes(b""), "is damaged: reinstall corpus-tool"),
    "cut": (_cut, "is damaged"),
    "one bit": (_flip, "is damaged"),
    "no manifest": (lambda path: path.with_name("manifest.txt").unlink(), "none were built"),
    "odd manifest": (lambda path: path.with_name("manifest.txt").write_bytes(b"\xff"), "cannot be read"),
    "a folder": (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    "other sources": (
        lambda path: path.parents[1].joinpath("sorting.py").write_text("# changed\n"),
        "older than their sources",
    ),
}


@NEEDS_LIBRARY
@pytest.mark.parametrize("damage", DAMAGES)
def test_without_a_library_the_reference_runs_and_says_so(
    damage: str, copied: Path, expected: list[list[int]]
) -> None:
    change, reason = DAMAGES[damage]
    change(copied / "corpus_tool" / "kernel" / "built" / "kernels.so")
    printed, said = run(copied)
    assert printed == ["reference", False, expected]
    assert said.count("\n") == 1
    assert reason in said
    assert "numba is not installed" in said
    assert "corpus-tool[jit]" in said


@NEEDS_LIBRARY
def test_a_library_that_is_no_library(copied: Path) -> None:
    from hashlib import blake2b

    library = copied / "corpus_tool" / "kernel" / "built" / "kernels.so"
    library.write_bytes(b"no library")
    itself = blake2b(library.read_bytes(), digest_size=16).hexdigest()
    library.with_name("manifest.txt").write_text(f"{catalogue.digest()}\n{itself}\n")
    printed, said = run(copied)
    assert printed[0] == "reference"
    assert "cannot be loaded" in said


@NEEDS_NUMBA
class TestJit:
    """Slow: the compiler runs, if only once for the whole class."""

    def test_kernels_are_compiled_once_and_kept(
        self, tmp_path: Path, copied: Path, expected: list[list[int]]
    ) -> None:
        home = tmp_path / "cache"
        where = {"XDG_CACHE_HOME": str(home), "CORPUS_TOOL_KERNELS": "jit"}
        first, said = run(copied, numba=True, **where)
        again, silent = run(copied, numba=True, **where)
        assert first == again == ["jit", False, expected]
        assert said == f"compiling kernels, once, to keep them in {home / 'corpus-tool' / 'kernels'}\n"
        assert silent == ""
        for damage in (b"", b"damaged"):
            kept = next(home.rglob("corpus_tool.sketch.fold_kernels-*.o"))
            kept.write_bytes(damage)
            mended, said = run(copied, numba=True, **where)
            assert mended == first
            assert "compiling" in said
            assert kept.stat().st_size > 100

    def test_nowhere_to_keep_them(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").touch()
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        monkeypatch.setattr(jit, "MODULES", ("corpus_tool.sketch.fold_kernels",))
        said: list[str] = []
        for _ in range(2):
            made = jit.compiled(said.append, checked=False)
            assert made.address("corpus_tool_sketch_fold_kernels_fold")
        assert len(said) == 2
        assert all(each.startswith("compiling kernels for this run alone, as ") for each in said)
        assert "Not a directory" in said[0]

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(jit, "MODULES", ("corpus_tool.sketch.fold_kernels",))
        monkeypatch.setattr(Path, "replace", refuse)
        assert jit.compiled(lambda _: None, checked=False).address("corpus_tool_sketch_fold_kernels_fold")
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_a_compiler_that_fails(self, tmp_path: Path) -> None:
        with pytest.raises(Exception, match=r"the kernels cannot be compiled: .*no_such_module"):
            jit.compile_modules(str(tmp_path), jit.HOST, ["no_such_module"])

    def test_checked_kernels_stay_within_their_arrays(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from conftest import forget_step

        monkeypatch.setenv(loading.VARIABLE, "checked")
        forget_step()
        try:
            data, offsets = compiled.prepare(["the quick brown fox"])
            outputs = np.empty((1, 128), np.uint32), np.empty(1, np.uint64), np.empty(1, np.int32)
            inputs = offsets, tables.classes(), 5, permutations()
            sketch_kernels.sketch(data, *inputs, *outputs)
            with pytest.raises(IndexError, match="left its arrays"):
                sketch_kernels.sketch(data[: int(offsets[-1]) + 8], *inputs, *outputs)
            wrong = np.array([0, 1, 9], np.int64)
            with pytest.raises(IndexError):
                set_kernels.jaccard(np.zeros(3, np.uint64), wrong, wrong[:1], wrong[1:2], np.zeros(1))
        finally:
            monkeypatch.undo()
            forget_step()


@pytest.mark.parametrize("wanted", ["nothing", "library-v9", "librar", "jit-v2"])
def test_the_variable_is_checked(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(loading.VARIABLE, wanted)
    with pytest.raises(loading.UsageError, match=f"{wanted} is not one of library, library-"):
        loading._decided.__wrapped__()


# What some processors answer to CPUID: (leaf, subleaf) to EAX, EBX, ECX, EDX.
BASIC, MORE = 0x00982203, 0x1
V2 = {(0, 0): (7, 0, 0, 0), (1, 0): (0, 0, BASIC, 0), (7, 0): (0, 0, 0, 0)}
V2 |= {(0x80000000, 0): (0x80000008, 0, 0, 0), (0x80000001, 0): (0, 0, MORE, 0)}
AVX2 = 1 << 3 | 1 << 5 | 1 << 8
V3 = V2 | {(1, 0): (0, 0, BASIC | 1 << 12 | 1 << 22 | 7 << 27, 0), (7, 0): (0, AVX2, 0, 0)}
V3 |= {(0x80000001, 0): (0, 0, MORE | 1 << 5, 0)}
V4 = V3 | {(7, 0): (0, AVX2 | 1 << 16 | 1 << 17 | 1 << 28 | 1 << 30 | 1 << 31, 0, 0)}


@pytest.mark.parametrize(
    ("answers", "saved", "level"),
    [
        (V4, 0xE7, "v4"),
        (V4, 0x07, "v3"),  # a system that does not save the registers of AVX-512
        (V4, 0x03, "v2"),
        (V3, 0xE7, "v3"),
        (V3 | {(0, 0): (1, 0, 0, 0)}, 0xE7, "v2"),  # a leaf that is not there is not asked for
        (V2, 0, "v2"),
        (V2 | {(1, 0): (0, 0, BASIC & ~(1 << 20), 0)}, 0, None),
        (V3 | {(0x80000000, 0): (0x80000000, 0, 0, 0)}, 0xE7, None),
    ],
)
def test_the_level_a_processor_reaches(
    answers: dict[tuple[int, int], tuple[int, int, int, int]], saved: int, level: str | None
) -> None:
    def state() -> int:
        assert answers[1, 0][2] >> 27 & 1
        return saved

    assert reached(lambda leaf, subleaf: answers[leaf, subleaf], state) == level


def test_levels_of_other_machines() -> None:
    assert list(levels("x86_64")) == ["v2", "v3", "v4"]
    assert levels("aarch64") == {"baseline": "generic"}


VALUES, OFFSETS, PAIR = np.zeros(4, np.uint64), np.array([0, 2, 4]), np.zeros(1, np.int64)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (0, VALUES.astype(np.int64)),
        (0, VALUES.astype(">u8")),
        (0, VALUES.reshape(2, 2)),
        (0, np.zeros(8, np.uint64)[::2]),
        (0, np.frombuffer(bytes(33), np.uint8)[1:].view(np.uint64)),
        (0, [0, 0]),
        (0, None),
        (1, OFFSETS.astype(np.int32)),
        (4, np.frombuffer(bytes(8))),
        (4, np.zeros(1, np.float32)),
    ],
    ids=str,
)
def test_arrays_of_another_kind_are_refused(place: int, wrong: object) -> None:
    given: list[object] = [VALUES, OFFSETS, PAIR, PAIR, np.zeros(1)]
    set_kernels.jaccard(*given)
    given[place] = wrong
    with pytest.raises(TypeError, match="expected a contiguous"):
        set_kernels.jaccard(*given)


def test_too_few_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        set_kernels.jaccard(VALUES, OFFSETS, PAIR, PAIR)
