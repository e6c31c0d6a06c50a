"""The text of one field out of lines of JSON, without decoding them.

A line is accepted when it is provably one JSON object (RFC 8259) of ASCII bytes with plain escapes and at most
`DEEPEST` levels; all else is odd. Strings are scanned 64 bytes at a time for the bytes at which something happens.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corpus_tool.jit import inlined, kernel, read, write

DEEPEST = 60

_BYTES = ir.VectorType(ir.IntType(8), 64)
_KEY, _FIRST_KEY, _COLON, _VALUE, _FIRST_VALUE, _NEXT = range(6)
_QUOTE, _BACKSLASH = 0x22, 0x5C


def _splat(value: int) -> Any:
    return ir.Constant(_BYTES, [value] * 64)


@intrinsic
def _stops(typing: Any, buffer: Any, position: Any) -> Any:
    """A bit for each of 64 bytes: whether it ends a plain run in a string (quote, backslash, control, beyond ASCII)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.bitcast(builder.gep(data, [arguments[1]]), _BYTES.as_pointer())
        found = builder.load(pointer, align=1)
        # A signed comparison takes controls (below a blank) and bytes from 0x80 on (negative) in one.
        plain = builder.icmp_signed(">=", found, _splat(0x20))
        quote = builder.icmp_unsigned("==", found, _splat(_QUOTE))
        slash = builder.icmp_unsigned("==", found, _splat(_BACKSLASH))
        stops = builder.or_(builder.not_(plain), builder.or_(quote, slash))
        return builder.bitcast(stops, ir.IntType(64))

    return types.uint64(buffer, types.int64), generate


@intrinsic
def _copy_64(typing: Any, source: Any, at: Any, target: Any, to: Any) -> Any:
    """Copy 64 bytes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointers = [
            builder.bitcast(
                builder.gep(context.make_array(kind)(context, builder, array).data, [place]),
                _BYTES.as_pointer(),
            )
            for kind, array, place in (
                (signature.args[0], arguments[0], arguments[1]),
                (signature.args[2], arguments[2], arguments[3]),
            )
        ]
        builder.store(builder.load(pointers[0], align=1), pointers[1], align=1)
        return context.get_dummy_value()

    return types.none(source, types.int64, target, types.int64), generate


@intrinsic
def _trailing(typing: Any, bits: Any) -> Any:
    """The number of the lowest set bit, 64 where there is none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@inlined
def _unescaped(byte):
    """The byte that a backslash and this one stand for; 0 where that is not plain."""
    if byte == _QUOTE or byte == _BACKSLASH or byte == 0x2F:
        return byte
    if byte == 0x6E:
        return 0x0A
    if byte == 0x74:
        return 0x09
    if byte == 0x72:
        return 0x0D
    if byte == 0x62:
        return 0x08
    if byte == 0x66:
        return 0x0C
    return 0


@inlined
def _is_hex(byte):
    return 0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x46


@inlined
def _skip_string(data, at, end):
    """Where a string that opens before `at` is over; -1 where it is not plain and closed."""
    while at < end:
        step = _trailing(_stops(data, at))
        at += step
        if at >= end:
            return -1
        if step == 64:
            continue
        byte = data[at]
        if byte == _QUOTE:
            return at + 1
        if byte != _BACKSLASH or at + 1 >= end:
            return -1
        if _unescaped(data[at + 1]):
            at += 2
            continue
        if data[at + 1] != 0x75 or at + 6 > end:
            return -1
        for digit in range(at + 2, at + 6):
            if not _is_hex(data[digit]):
                return -1
        if (data[at + 2] | 0x20) == 0x64 and (data[at + 3] | 0x20) > 0x37:  # a surrogate: perhaps a lone one
            return -1
        at += 6
    return -1


@inlined
def _copy_string(data, at, end, out, to):
    """As `_skip_string`, writing the unescaped string; returns both ends, -1 where the string is not plain."""
    while at < end:
        step = _trailing(_stops(data, at))
        _copy_64(data, at, out, to)
        at += step
        to += step
        if at >= end:
            return -1, to
        if step == 64:
            continue
        byte = data[at]
        if byte == _QUOTE:
            return at + 1, to
        if byte != _BACKSLASH or at + 1 >= end:
            return -1, to
        byte = _unescaped(data[at + 1])
        if byte == 0:
            return -1, to
        out[to] = byte
        to += 1
        at += 2
    return -1, to


@inlined
def _digits(data, at, end):
    while at < end and 0x30 <= data[at] <= 0x39:
        at += 1
    return at


@inlined
def _skip_number(data, at, end):
    """Where a number that begins at `at` is over; -1 where it is none."""
    if at < end and data[at] == 0x2D:
        at += 1
    first = at
    at = _digits(data, at, end)
    if at == first or (data[first] == 0x30 and at > first + 1):
        return -1
    if at < end and data[at] == 0x2E:
        first = at + 1
        at = _digits(data, first, end)
        if at == first:
            return -1
    if at < end and (data[at] | 0x20) == 0x65:
        at += 1
        if at < end and (data[at] == 0x2B or data[at] == 0x2D):
            at += 1
        first = at
        at = _digits(data, first, end)
        if at == first:
            return -1
    return at


@inlined
def _skip_word(data, at, end):
    """Where `true`, `false` or `null` is over; -1 where it is none of them."""
    if (
        at + 4 <= end
        and data[at] == 0x74
        and data[at + 1] == 0x72
        and data[at + 2] == 0x75
        and data[at + 3] == 0x65
    ):
        return at + 4
    if (
        at + 4 <= end
        and data[at] == 0x6E
        and data[at + 1] == 0x75
        and data[at + 2] == 0x6C
        and data[at + 3] == 0x6C
    ):
        return at + 4
    false = at + 5 <= end and data[at] == 0x66 and data[at + 1] == 0x61 and data[at + 2] == 0x6C
    return at + 5 if false and data[at + 3] == 0x73 and data[at + 4] == 0x65 else -1


@inlined
def _blank(data, at, end):
    while at < end and (data[at] == 0x20 or data[at] == 0x09 or data[at] == 0x0D or data[at] == 0x0A):
        at += 1
    return at


@inlined
def _is_key(data, at, end, key):
    if at + len(key) >= end:
        return False
    for place in range(len(key)):
        if data[at + place] != key[place]:
            return False
    return data[at + len(key)] == _QUOTE


@inlined
def _scalar(data, at, end, byte):
    """Where a value that is no container is over; -1 where it is none."""
    if byte == _QUOTE:
        return _skip_string(data, at + 1, end)
    if byte == 0x2D or 0x30 <= byte <= 0x39:
        return _skip_number(data, at, end)
    return _skip_word(data, at, end)


@inlined
def _key(data, at, end, top):
    """Where a key that opens at `at` is over; -1 where it is none, or one in disguise at the top level."""
    if data[at] != _QUOTE:
        return -1
    over = _skip_string(data, at + 1, end)
    if top:
        for place in range(at + 1, over - 1):
            if data[place] == _BACKSLASH:
                return -1
    return over


@inlined
def _wanted(data, at, end, out, start):
    """Write the text of the field itself, a string or null; where the value is over, or -1, and the text's end."""
    if data[at] == _QUOTE:
        return _copy_string(data, at + 1, end, out, start)
    if data[at] == 0x6E:
        return _skip_word(data, at, end), start
    return -1, start


@inlined
def _object(data, at, end, key, out, to):
    """Check one object and write the text of its field; the end of the text, or -1 where the line is odd."""
    start = to
    at = _blank(data, at, end)
    if at >= end or data[at] != 0x7B:
        return -1
    at += 1
    depth, arrays, expected, wanted = 1, np.uint64(0), _FIRST_KEY, False
    while depth:
        at = _blank(data, at, end) if at >= 0 else end
        if at >= end:
            return -1
        byte = data[at]
        in_array = (arrays >> np.uint64(depth)) & np.uint64(1) == 1
        closes = byte == (0x5D if in_array else 0x7D)
        if closes and (expected == _NEXT or expected == _FIRST_KEY or expected == _FIRST_VALUE):
            at, depth, expected = at + 1, depth - 1, _NEXT
        elif expected == _FIRST_KEY or expected == _KEY:
            wanted = depth == 1 and _is_key(data, at + 1, end, key)
            at, expected = _key(data, at, end, depth == 1), _COLON
        elif expected == _COLON or expected == _NEXT:
            if byte != (0x3A if expected == _COLON else 0x2C):
                return -1
            expected = _KEY if expected == _NEXT and not in_array else _VALUE
            at += 1
        elif wanted:
            at, to = _wanted(data, at, end, out, start)
            wanted, expected = False, _NEXT
        elif byte == 0x7B or byte == 0x5B:
            depth += 1
            if depth > DEEPEST:
                return -1
            bit = np.uint64(1) << np.uint64(depth)
            arrays = arrays | bit if byte == 0x5B else arrays & ~bit
            at, expected = at + 1, _FIRST_VALUE if byte == 0x5B else _FIRST_KEY
        else:
            at, expected = _scalar(data, at, end, byte), _NEXT
    return to if _blank(data, at, end) == end else -1


@kernel(
    read(types.uint8),
    read(types.int64),
    read(types.int64),
    read(types.uint8),
    write(types.uint8),
    write(types.int64),
    write(types.boolean),
)
def extract(data, starts, sizes, key, out, offsets, odd):
    """Fill `out` with the field's texts one after another, `offsets` with where they begin, `odd` with who is odd."""
    to = 0
    for line in range(len(starts)):
        end = _object(data, starts[line], starts[line] + sizes[line], key, out, to)
        odd[line] = end < 0
        if end >= 0:
            to = end
        offsets[line + 1] = to
