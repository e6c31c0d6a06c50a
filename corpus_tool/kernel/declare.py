"""What a kernel is: a Python function over contiguous arrays and numbers, declared without its compiler.

A kernel returns nothing and fills arrays that it is given. Its body stays Python, written once; the types of its
arguments are plain data. So the module of a kernel can be imported, and the kernel called, where nothing but the
library that was built of it is there. What a kernel calls is marked as `inlined`, or is an `intrinsic`.

Whatever its arguments, a kernel has one type in C: `int (const int64_t *)`. The words are, for an array its address
and its shape, for a number the number; the result is 0, or not 0 where memory ran out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.kernel import loading

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike

INLINED: set[Callable[..., Any]] = set()
"""What kernels call and the compiler inlines."""
INTRINSICS: set[Callable[..., Any]] = set()
"""What kernels call and LLVM computes."""


@dataclass(frozen=True, slots=True)
class Array:
    """A contiguous array that a kernel is given.

    Attributes:
        dtype: What it holds.
        dimensions: How many it has.
        written: Whether the kernel fills it.
    """

    dtype: np.dtype[Any]
    dimensions: int
    written: bool

    @property
    def layout(self) -> str:
        """The words that say where it is, for `struct`."""
        return "P" + "q" * self.dimensions

    def words(self, value: Any) -> tuple[int, ...]:
        """These words.

        Raises:
            TypeError: It is not the array that the kernel was compiled for: its memory would be misread.
        """
        if not isinstance(value, np.ndarray) or value.dtype != self.dtype or value.ndim != self.dimensions:
            raise TypeError(f"expected {self}, not {_described(value)}")
        flags = value.flags
        if not flags.c_contiguous or not flags.aligned or (self.written and not flags.writeable):
            raise TypeError(f"expected {self}, not one that is strided, unaligned or read-only")
        return (value.ctypes.data, *value.shape)

    def __str__(self) -> str:
        return f"a contiguous {'writable ' if self.written else ''}{self.dtype}[{self.dimensions}D]"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a kernel is given: int64, float64 or bool."""

    dtype: np.dtype[Any]

    @property
    def layout(self) -> str:
        """The word that holds it, for `struct`."""
        return "d" if self.dtype.kind == "f" else "q"

    def words(self, value: Any) -> tuple[float]:
        """This word."""
        return (float(value) if self.dtype.kind == "f" else int(value),)


def read(dtype: DTypeLike, dimensions: int = 1) -> Array:
    """A contiguous array that a kernel only reads."""
    return Array(np.dtype(dtype), dimensions, written=False)


def write(dtype: DTypeLike, dimensions: int = 1) -> Array:
    """A contiguous array that a kernel fills."""
    return Array(np.dtype(dtype), dimensions, written=True)


class Kernel:
    """A declared kernel; its code is looked for when it is first called.

    Attributes:
        function: The body.
        arguments: What it is given.
        module: The module that declares it.
        symbol: What its code is called in an object file.
    """

    def __init__(self, function: Callable[..., None], arguments: tuple[Array | Number, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.module = function.__module__
        self.symbol = f"{function.__module__}.{function.__name__}".replace(".", "_")
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self._pack = struct.Struct("".join(each.layout for each in arguments)).pack

    def __call__(self, *given: Any) -> None:
        """Run it, without the GIL.

        Raises:
            TypeError: The arguments are not those it was compiled for.
            MemoryError: There was none for what it notes meanwhile.
        """
        words: list[Any] = []
        for argument, value in zip(self.arguments, given, strict=True):
            words += argument.words(value)
        if loading.code(self.symbol)(self._pack(*words)):
            raise loading.failure()


def kernel(*arguments: Array | Number | type[np.generic]) -> Callable[[Callable[..., None]], Kernel]:
    """Declare a function as a kernel of these arguments; a type alone is a number."""
    declared = tuple(
        each if isinstance(each, Array | Number) else Number(np.dtype(each)) for each in arguments
    )

    def declare(function: Callable[..., None]) -> Kernel:
        return Kernel(function, declared)

    return declare


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark what kernels call: a call that is not inlined costs what passing arrays costs."""
    INLINED.add(function)
    return function


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark what kernels call and LLVM computes: a function as `numba.extending.intrinsic` takes it."""
    INTRINSICS.add(function)
    return function


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}[{value.ndim}D]"
    return type(value).__name__
