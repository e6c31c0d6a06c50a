"""How kernels are compiled: once, with explicit types, cached on disk where that is possible.

No cache folder, a full disk or a damaged cache cost the time of compiling, never the run: whatever fails with the
cache is done again with an emptied one, and then without.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable


def array_in(kind: Any, dimensions: int = 1) -> Any:
    """The type of an array that a kernel only reads, and that may be read-only."""
    return types.Array(kind, dimensions, "C", readonly=True)


def array_out(kind: Any, dimensions: int = 1) -> Any:
    """The type of an array that a kernel writes."""
    return types.Array(kind, dimensions, "C")


def compile_kernel(function: Callable[..., Any], result: Any, *arguments: Any) -> Callable[..., Any]:
    """Compile a function for the given types, or load it from the cache; it will release the GIL."""
    signature = result(*arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(Exception):
            return cast("Callable[..., Any]", njit(signature, nogil=True, cache=True)(function))
        with suppress(Exception):
            kernel = njit(nogil=True, cache=True)(function)
            kernel._cache.flush()
            kernel.compile(signature)
            return cast("Callable[..., Any]", kernel)
        return cast("Callable[..., Any]", njit(signature, nogil=True)(function))
