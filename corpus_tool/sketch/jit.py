"""How kernels are compiled: explicit signatures, no GIL, cached on disk where that is possible, quiet where not.

numba knows a cached kernel to be stale only by the file of its own source. So a file of kernels calls compiled
functions of that file alone: what is compiled here is its entry points.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable


def read(kind: Any, dimensions: int = 1) -> Any:
    """The type of a contiguous array that a kernel only reads."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: Any, dimensions: int = 1) -> Any:
    """The type of a contiguous array that a kernel fills."""
    return types.Array(kind, dimensions, "C")


def kernel(*arguments: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile a function of these argument types, or load it from the cache on disk.

    No cache folder, a full disk or a damaged cache cost the time of compiling, never the run: what fails with the
    cache is done again with an emptied one, and then without. A shared temporary folder is no substitute, as loading
    a cache runs what it holds.
    """
    signature = types.void(*arguments)

    def compile_function(function: Callable[..., None]) -> Callable[..., None]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suppress(Exception):
                return cast("Callable[..., None]", njit(signature, nogil=True, cache=True)(function))
            with suppress(Exception):
                dispatcher = njit(nogil=True, cache=True)(function)
                dispatcher._cache.flush()
                dispatcher.compile(signature)
                return cast("Callable[..., None]", dispatcher)
            return cast("Callable[..., None]", njit(signature, nogil=True)(function))

    return compile_function
