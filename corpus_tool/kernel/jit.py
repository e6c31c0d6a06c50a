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


inlined = njit(forceinline=True)
"""Decorates what kernels call: a call that is not inlined counts the references of each array it is given."""


def read(kind: Any, dimensions: int = 1) -> Any:
    """The type of a contiguous array that a kernel only reads."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: Any, dimensions: int = 1) -> Any:
    """The type of a contiguous array that a kernel fills."""
    return types.Array(kind, dimensions, "C")


def kernel(*arguments: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Compile a function of these argument types, or load it from the cache on disk.

    No cache folder, a full disk or a damaged cache cost the time of compiling, never the run. A shared temporary
    folder is no substitute for a cache folder, as loading from one runs what it holds.
    """
    signature = types.void(*arguments)

    def compile_function(function: Callable[..., None]) -> Callable[..., None]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dispatcher = _compile_cached(signature, function) or njit(signature, nogil=True)(function)
        return cast("Callable[..., None]", dispatcher)

    return compile_function


def _compile_cached(signature: Any, function: Callable[..., None]) -> Any:
    """The compiled function, or None where the cache stands in its way."""
    try:
        dispatcher = njit(nogil=True, cache=True)(function)
    except RuntimeError:  # there is no folder that numba could write to
        return None
    with suppress(Exception):
        dispatcher.compile(signature)
    if not dispatcher.overloads:  # what was found in the cache could not be loaded
        with suppress(Exception):
            dispatcher._cache.flush()
            dispatcher.compile(signature)
    # A function that was compiled but could not be saved is as good as one that was.
    dispatcher.disable_compile()
    return dispatcher if dispatcher.overloads else None
