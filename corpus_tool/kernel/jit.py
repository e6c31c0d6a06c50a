"""Kernels compiled where they run, for its very processor: once, and then kept in the user's cache folder.

The compiler runs in processes of its own, so that numba never is in the user's; the object code is loaded by LLVM. A
shared temporary folder is no substitute for a cache folder, as loading from one runs what it holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Any

from corpus_tool.errors import CorpusError
from corpus_tool.kernel.catalogue import MODULES, PACKAGE, digest, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HOST = {"": "host"}
"""As levels: none but this machine's."""

_COMPILE = (
    "import sys; sys.path.insert(0, sys.argv[1]); from corpus_tool.kernel import compile; compile.main()"
)
"""Neither the folder we are in nor an installation may take the place of the package that asks."""
_CHECK = 16


class Compiled:
    """Kernels whose code is in memory."""

    def __init__(self, objects: Iterable[bytes]) -> None:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine()
        self._engine: Any = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        for each in objects:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(each))
        self._engine.finalize_object()

    def address(self, symbol: str) -> int:
        """Where the code of a kernel begins."""
        return int(self._engine.get_function_address(symbol))


def compiled(say: Callable[[str], None], *, checked: bool) -> Compiled:
    """All kernels, from the cache, or compiled and cached.

    Raises:
        CorpusError: They cannot be compiled.
    """
    folder = cache_folder()
    folder = folder and folder / _key(checked)
    files = {name: f"{name}-{digest((name,))}.o" for name in MODULES}
    found = {name: _read(folder / file) if folder else None for name, file in files.items()}
    missing = [name for name, data in found.items() if data is None]
    if missing:
        say(_told(folder))
        with TemporaryDirectory(prefix="corpus-tool-") as made:
            compile_modules(made, HOST, missing, checked=checked)
            for name in missing:
                found[name] = data = Path(made, f"{name}.o").read_bytes()
                if folder:
                    _save(folder / files[name], data)
    return Compiled(data for data in found.values() if data is not None)


def compile_modules(
    folder: str, levels: dict[str, str], modules: Sequence[str], *, checked: bool = False, jobs: int = 0
) -> None:
    """Write `MODULE_LEVEL.o` of each module and level to a folder, in some processes.

    Raises:
        CorpusError: The compiler fails.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment["CORPUS_TOOL_CHECKED_KERNELS"] = "1" if checked else ""
    wanted = ",".join(f"{level}={processor}" for level, processor in levels.items())
    command = [sys.executable, "-P", "-c", _COMPILE, str(PACKAGE.parent), folder, wanted]
    running = [
        subprocess.Popen(
            [*command, *share],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for share in _shares(modules, jobs or min(os.cpu_count() or 1, 4))
    ]
    outputs = [process.communicate()[0].decode("utf-8", "replace") for process in running]
    for process, output in zip(running, outputs, strict=True):
        if process.returncode:
            cause = (output.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
            raise CorpusError(
                f"the kernels cannot be compiled: {cause} (CORPUS_TOOL_KERNELS=reference does without them)"
            )


def cache_folder() -> Path | None:
    """Where compiled kernels are kept: below the user's cache folder; None where there is no such thing."""
    base = os.environ.get("XDG_CACHE_HOME")
    if not base and sys.platform == "darwin":
        base = "~/Library/Caches"
    try:
        return Path(base or "~/.cache").expanduser() / "corpus-tool" / "kernels"
    except RuntimeError:  # no home
        return None


def _key(checked: bool) -> str:
    """A name for code that only the same compilers and processor share."""
    import llvmlite.binding as llvm

    parts = [version("numba"), version("llvmlite"), llvm.get_host_cpu_name()]
    parts += [llvm.get_host_cpu_features().flatten(), "checked" if checked else ""]
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _told(folder: Path | None) -> str:
    try:
        if folder is None:
            raise OSError("there is no home folder")
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        where = folder.parent if folder else "a cache folder"
        return (
            f"compiling kernels for this run alone, as {where} cannot be written: {error.strerror or error}"
        )
    return f"compiling kernels, once, to keep them in {folder.parent}"


def _shares(modules: Sequence[str], count: int) -> list[list[str]]:
    """The modules in parts that take about as long each, by the size of their sources."""
    parts: list[list[str]] = [[] for _ in range(min(count, len(modules)))]
    sizes = dict.fromkeys(range(len(parts)), 0)
    for name in sorted(modules, key=lambda each: -_size(each)):
        part = min(sizes, key=lambda each: sizes[each])
        parts[part].append(name)
        sizes[part] += _size(name)
    return parts


def _size(module: str) -> int:
    path = source(module)
    return path.stat().st_size if path.exists() else 0


def _read(path: Path) -> bytes | None:
    """What was saved, if it is whole."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    whole = blake2b(data[_CHECK:], digest_size=_CHECK).digest() == data[:_CHECK]
    return data[_CHECK:] if whole else None


def _save(path: Path, data: bytes) -> None:
    """Keep a file; no folder, or a full disk, cost the time of compiling again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                file.write(blake2b(data, digest_size=_CHECK).digest() + data)
                file.flush()
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink()
