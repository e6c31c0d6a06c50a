"""The step of the package's build that compiles the kernels and links them: a hook of hatchling's.

Only a build loads this file, by its path. The library is linked by the system's compiler; where there is none, by that
of the package `ziglang`, which is then asked for as a requirement of the build. It needs no other library, not even
that of C: what it calls, every process has. CORPUS_TOOL_BUILD_KERNELS=0 builds a package without it, for all machines.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
from hashlib import blake2b
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILER = ["numba>=0.63,<0.70", "numpy>=2.0"]
LINKER = ["ziglang>=0.13"]
PLACE = "corpus_tool/kernel/built"


class KernelsHook(BuildHookInterface[Any]):  # type: ignore[misc] # hatchling is there in builds alone
    """Puts the library of kernels into a wheel; for an editable installation, into the tree."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        if self.target_name != "wheel" or not _wanted():
            return []
        return COMPILER if _system_linker() else COMPILER + LINKER

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the library before files are collected."""
        if self.target_name != "wheel" or not _wanted():
            return
        sys.path.insert(0, self.root)
        if version == "editable":
            build_library(Path(self.root, PLACE))
            return
        self._made = Path(mkdtemp())
        for path in build_library(self._made):
            build_data["force_include"][str(path)] = f"{PLACE}/{path.name}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clear away what was built."""
        made = getattr(self, "_made", None)
        if made:
            shutil.rmtree(made, ignore_errors=True)


def build_library(folder: Path) -> list[Path]:
    """Compile and link all kernels, unless what is there is of the same sources; returns the library's files."""
    catalogue = importlib.import_module("corpus_tool.kernel.catalogue")
    jit = importlib.import_module("corpus_tool.kernel.jit")
    levels = importlib.import_module("corpus_tool.kernel.levels").levels()
    library, manifest = folder / "kernels.so", folder / "manifest.txt"
    if (
        library.exists()
        and manifest.exists()
        and manifest.read_text("ascii").split()[0] == catalogue.digest()
    ):
        return [library, manifest]
    folder.mkdir(parents=True, exist_ok=True)
    objects = Path(mkdtemp(dir=folder))
    try:
        more = ["processor"] if len(levels) > 1 else []
        jit.compile_modules(str(objects), levels, [*catalogue.MODULES, *more])
        _link(sorted(objects.iterdir()), objects / "kernels.so")
        (objects / "kernels.so").replace(library)
    finally:
        shutil.rmtree(objects)
    itself = blake2b(library.read_bytes(), digest_size=16).hexdigest()
    manifest.write_text(f"{catalogue.digest()}\n{itself}\n", "ascii")
    return [library, manifest]


def _wanted() -> bool:
    return os.environ.get("CORPUS_TOOL_BUILD_KERNELS", "1") != "0"


def _system_linker() -> str | None:
    return next(filter(None, map(shutil.which, (os.environ.get("CC") or "cc", "gcc", "clang"))), None)


def _link(objects: list[Path], library: Path) -> None:
    linker = _system_linker()
    zig = [sys.executable, "-m", "ziglang"]
    if sys.platform == "darwin":
        command = [linker] if linker else [*zig, "cc"]
        command += ["-dynamiclib", "-nostdlib", "-undefined", "dynamic_lookup", "-lSystem"]
    elif linker:
        command = [linker, "-shared", "-nostdlib", "-Wl,-z,noexecstack,-z,relro,--build-id=none,-s"]
    else:
        command = [*zig, "ld.lld", "-shared", "-z", "noexecstack", "-z", "relro", "-s"]
    subprocess.run([*command, "-o", str(library), *map(str, objects)], check=True)


def _platform() -> str:
    """This platform as wheels name it."""
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
