"""Bytes, many at a time: vectors of 64 of them to a bit each, loads that need no alignment, bits counted.

What is asked of 64 bytes is written with `Bytes`, as one would of a single one; LLVM makes vector instructions of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus_tool.kernel.declare import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 64
"""Bytes that are looked at together: as many as one integer has bits."""


class Bytes:
    """64 bytes in the making of code: each question is answered for all of them."""

    def __init__(self, builder: Any, data: Any) -> None:
        self._builder, self._data = builder, data

    @property
    def letters(self) -> Any:
        """Which are ASCII letters."""
        return self._within(self._builder.or_(self._data, self._all(0x20)), b"a", 26)

    @property
    def digits(self) -> Any:
        """Which are ASCII digits."""
        return self._within(self._data, b"0", 10)

    @property
    def beyond_ascii(self) -> Any:
        """Which belong to a character beyond ASCII."""
        return self._builder.icmp_signed("<", self._data, self._all(0))

    @property
    def beyond_ascii_or_controls(self) -> Any:
        """Which do, or are below a blank: to a signed comparison both are small."""
        return self._builder.icmp_signed("<", self._data, self._all(0x20))

    def any_of(self, some: bytes) -> Any:
        """Which are one of these."""
        return self.either(*(self._builder.icmp_unsigned("==", self._data, self._all(one)) for one in some))

    def is_letter(self, one: int) -> Any:
        """Which are this small letter or its capital."""
        folded = self._builder.or_(self._data, self._all(0x20))
        return self._builder.icmp_unsigned("==", folded, self._all(one))

    def either(self, first: Any, *more: Any) -> Any:
        """Which one of these answers is true of."""
        for answer in more:
            first = self._builder.or_(first, answer)
        return first

    def _within(self, data: Any, first: bytes, count: int) -> Any:
        return self._builder.icmp_unsigned(
            "<", self._builder.sub(data, self._all(first[0])), self._all(count)
        )

    def _all(self, value: int) -> Any:
        return self._data.type([value] * WIDTH)


def bits_of(ask: Callable[[Bytes], Any]) -> Any:
    """A part that gives a bit for each of 64 bytes, which begin anywhere in an array: what `ask` answers."""

    @intrinsic
    def bits(typing: Any, buffer: Any, position: Any) -> Any:
        from llvmlite import ir
        from numba import types

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = _pointer(context, builder, signature.args[0], arguments, WIDTH)
            data = builder.load(builder.bitcast(pointer, _vector().as_pointer()), align=1)
            return builder.bitcast(ask(Bytes(builder, data)), ir.IntType(64))

        return types.uint64(buffer, types.int64), generate

    return bits


@intrinsic
def eight_bytes(typing: Any, buffer: Any, position: Any) -> Any:
    """Eight bytes from anywhere in an array, as a little-endian integer."""
    from llvmlite import ir
    from numba import types

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], arguments, 8)
        return builder.load(builder.bitcast(pointer, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(buffer, types.int64), generate


@intrinsic
def copy_64(typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Copy 64 bytes from anywhere in one array to anywhere in another."""
    from numba import types

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = _vector().as_pointer()
        origin = _pointer(context, builder, signature.args[0], arguments[:2], WIDTH)
        goal = _pointer(context, builder, signature.args[2], arguments[2:], WIDTH)
        data = builder.load(builder.bitcast(origin, kind), align=1)
        builder.store(data, builder.bitcast(goal, kind), align=1)
        return context.get_dummy_value()

    return types.none(source, types.int64, target, types.int64), generate


@intrinsic
def prefetch(typing: Any, values: Any, index: Any) -> Any:
    """Ask the processor for the cache line of values[index]."""
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), (pointer, word, word, word))
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), pointer)
        builder.call(function, (address, word(0), word(3), word(1)))
        return context.get_dummy_value()

    return types.void(values, types.int64), generate


@intrinsic
def lowest(typing: Any, bits: Any) -> Any:
    """The number of the lowest set bit, 64 where there is none."""
    from llvmlite import ir
    from numba import types

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def ones(typing: Any, bits: Any) -> Any:
    """How many bits are set."""
    from numba import types

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _vector() -> Any:
    from llvmlite import ir

    return ir.VectorType(ir.IntType(8), WIDTH)


def _pointer(context: Any, builder: Any, kind: Any, place: Any, size: int) -> Any:
    """Where some bytes of an array begin; in code that checks bounds, all of them must lie within it."""
    buffer, position = place
    array = context.make_array(kind)(context, builder, buffer)
    if context.enable_boundscheck:
        from numba.core import cgutils

        last = builder.add(position, position.type(size - 1))
        for byte in (position, last):
            cgutils.do_boundscheck(context, builder, byte, builder.extract_value(array.shape, 0))
    return builder.gep(array.data, [position])
