"""Where a kernel's code comes from, decided once a process: what was built, else compiled here, else nowhere.

1. `library`: the shared library that was built with the package, at the level that the processor reaches.
2. `jit`: numba, where it is installed (the extra `jit`), compiles the kernels and keeps them in the user's cache.
3. `reference`: the NumPy twins do the work, slower, bit for bit the same.

The variable CORPUS_TOOL_KERNELS asks for one of them by name, `library-v2` for a level of it, `checked` for kernels
that are compiled here and give up at an index out of bounds.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.errors import UsageError
from corpus_tool.kernel.levels import levels, reached

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus_tool.kernel.jit import Compiled

    Code = Callable[[bytes], int]

VARIABLE = "CORPUS_TOOL_KERNELS"
LIBRARY = Path(__file__).with_name("built") / "kernels.so"
MANIFEST = LIBRARY.with_name("manifest.txt")
"""Beside the library: the digests of its sources and of itself."""

_SLOWER = "the NumPy reference runs instead, slower, with the same results (pip install 'corpus-tool[jit]' mends that)"


@dataclass(frozen=True, slots=True)
class Step:
    """Which of the three is in use.

    Attributes:
        name: `library`, `jit`, `checked` or `reference`.
        level: The level of processor the library was built for.
        why: Why it is not the library; empty where it is.
    """

    name: str
    level: str = ""
    why: str = ""


class Unusable(Exception):
    """A library that cannot be used, with the reason."""


def _print(message: str) -> None:
    print(message, file=sys.stderr)


say: Callable[[str], None] = _print
"""Tells the user what may take long; a command puts its own in this place."""

_loading = threading.RLock()


def available() -> bool:
    """Whether kernels can be called: otherwise the reference has to do the work, and the user is told.

    Raises:
        UsageError: The variable asks for what is not there.
    """
    chosen = step()
    if chosen.name == "reference" and not os.environ.get(VARIABLE):
        _say_once(f"kernels: {chosen.why}, and numba is not installed: {_SLOWER}")
    return chosen.name != "reference"


def step() -> Step:
    """What is in use, decided at the first call."""
    with _loading:
        return _decided()


@cache
def code(symbol: str) -> Code:
    """The code of a kernel.

    Raises:
        RuntimeError: There is none; see `available`.
    """
    with _loading:
        chosen = _decided()
        if chosen.name == "library":
            return _library().code(f"{symbol}_{chosen.level}")
        if chosen.name == "reference":
            raise RuntimeError(f"{symbol} is compiled nowhere ({chosen.why or VARIABLE})")
        return _at(_compiled().address(symbol))


def failure() -> Exception:
    """What it means when a kernel gives up."""
    return IndexError("a kernel left its arrays") if step().name == "checked" else MemoryError()


def describe() -> str:
    """One line on what is in use, for `--version --verbose`."""
    chosen = step()
    if chosen.name == "library":
        return f"kernels: library, level {chosen.level} of {', '.join(levels())}"
    why = f" ({chosen.why})" if chosen.why else ""
    if chosen.name == "reference":
        return f"kernels: none, the NumPy reference runs{why}"
    from corpus_tool.kernel import jit

    return f"kernels: {chosen.name}, compiled for this processor, kept in {jit.cache_folder() or 'no folder'}{why}"


@cache
def _say_once(message: str) -> None:
    say(message)


@cache
def _decided() -> Step:
    wanted = os.environ.get(VARIABLE, "")
    if wanted:
        return _forced(wanted)
    try:
        return Step("library", _library().level)
    except Unusable as reason:
        why = str(reason)
    if find_spec("numba"):
        return Step("jit", why=why)
    return Step("reference", why=why)


def _forced(wanted: str) -> Step:
    """The step that the variable asks for."""
    name, _, level = wanted.partition("-")
    if name == "library" and (not level or level in levels()):
        try:
            return Step("library", _library().at(level))
        except Unusable as reason:
            raise UsageError(f"{VARIABLE}={wanted}: {reason}") from None
    if wanted in {"jit", "checked"}:
        if not find_spec("numba"):
            raise UsageError(f"{VARIABLE}={wanted} needs numba: pip install 'corpus-tool[jit]'")
        return Step(wanted, why=f"{VARIABLE} asks for it")
    if wanted == "reference":
        return Step("reference", why=f"{VARIABLE} asks for it")
    named = ", ".join(("library", *(f"library-{level}" for level in levels()), "jit", "checked", "reference"))
    raise UsageError(f"{VARIABLE}={wanted} is not one of {named}")


class Library:
    """The library of the package, opened.

    Raises:
        Unusable: It is not there, damaged, of other sources, or for better processors.
    """

    def __init__(self, path: Path = LIBRARY) -> None:
        import ctypes

        _verify(path)
        try:
            self._opened = ctypes.CDLL(str(path))
            self.level = self._best()
        except (OSError, AttributeError) as error:
            raise Unusable(f"{path} cannot be loaded: {error}") from None

    def code(self, symbol: str) -> Code:
        """A kernel's code; calls of it release the GIL."""
        import ctypes

        found = self._opened[symbol]
        found.argtypes, found.restype = [ctypes.c_char_p], ctypes.c_int
        return found

    def at(self, level: str) -> str:
        """A level that is asked for, if the processor reaches it; none is the highest."""
        known = list(levels())
        if level and known.index(level) > known.index(self.level):
            raise Unusable(f"this processor reaches {self.level}, not {level}")
        return level or self.level

    def _best(self) -> str:
        known = list(levels())
        if len(known) == 1:
            return known[0]
        found = reached(self._registers, self._opened.corpus_tool_xcr0)
        if found is None:
            raise Unusable(f"this processor does not reach {known[0]}, the lowest level built")
        return found

    def _registers(self, leaf: int, subleaf: int) -> tuple[int, int, int, int]:
        import ctypes

        registers = (ctypes.c_uint32 * 4)()
        self._opened.corpus_tool_cpuid(ctypes.c_uint32(leaf), ctypes.c_uint32(subleaf), registers)
        return tuple(registers)


def _at(address: int) -> Code:
    import ctypes

    return ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(address)


@cache
def _library() -> Library:
    return Library()


@cache
def _compiled() -> Compiled:
    from corpus_tool.kernel import jit

    return jit.compiled(say, checked=_decided().name == "checked")


def _verify(path: Path) -> None:
    """See to it that a library is whole, and built of the sources that stand here.

    A damaged one would end the process; one of other sources would compute something else.
    """
    from hashlib import blake2b

    from corpus_tool.kernel.catalogue import digest

    try:
        sources, itself = path.with_name(MANIFEST.name).read_text("ascii").split()
        data = path.read_bytes()
    except FileNotFoundError:
        raise Unusable("none were built with this installation") from None
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be read: {error}") from None
    if blake2b(data, digest_size=16).hexdigest() != itself:
        raise Unusable(f"{path} is damaged: reinstall corpus-tool")
    if sources != digest():
        raise Unusable("the built ones are older than their sources")
