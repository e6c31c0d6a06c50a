"""Which texts `normalise` and `notices` would change: the kernel that lets all others stay as bytes.

Importing this module compiles the kernel, or loads it from numba's cache; `corpus_tool.papers.extract` does so when
it has lines to read. Texts are looked through 64 bytes at a time for the signs with which entities, tags and LaTeX's
accents begin, and only there byte by byte. Whoever changes the patterns of `normalise` has to see to `_may_change`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from corpus_tool.kernel.jit import inlined, kernel, read, write

_BYTES = ir.VectorType(ir.IntType(8), 64)
_AND, _LESS, _MORE, _BACKSLASH, _BRACKET = b"&<>\\]"
_ONE = np.uint64(1)
_ALWAYS, _BEFORE_BLANK = 1, 2
_ACCENTS = np.zeros(128, np.uint8)
"""Bytes after a backslash that make an accent, before whatever follows or before blanks, braces and backslashes."""
_ACCENTS[list(b"\"'`^~=.")] = _ALWAYS
_ACCENTS[list(b"uvHckr")] = _BEFORE_BLANK
_LETTERS = np.zeros(128, np.uint8)
"""Letters that LaTeX names by one letter."""
_LETTERS[list(b"olijOL")] = 1
_DOUBLED = np.zeros((128, 128), np.uint8)
"""Letters that LaTeX names by two."""
for _first, _second in (b"ss", b"ae", b"oe", b"aa"):
    _DOUBLED[_first, _second] = 1


@intrinsic  # type: ignore[untyped-decorator]
def _signs(typing: Any, buffer: Any, position: Any) -> Any:
    """A bit for each of 64 bytes: whether it is one of the five signs."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.bitcast(builder.gep(data, [arguments[1]]), _BYTES.as_pointer())
        found = builder.load(pointer, align=1)
        signs = ir.Constant(ir.VectorType(ir.IntType(1), 64), [0] * 64)
        for sign in (_AND, _LESS, _MORE, _BACKSLASH, _BRACKET):
            same = builder.icmp_unsigned("==", found, ir.Constant(_BYTES, [sign] * 64))
            signs = builder.or_(signs, same)
        return builder.bitcast(signs, ir.IntType(64))

    return types.uint64(buffer, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _lowest(typing: Any, bits: Any) -> Any:
    """The number of the lowest set bit."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@inlined
def _is_letter(byte):  # type: ignore[no-untyped-def]
    return 0x61 <= (byte | 0x20) <= 0x7A


@inlined
def _is_blank(byte):  # type: ignore[no-untyped-def]
    """Whether it is a blank to regular expressions."""
    return 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x20


@inlined
def _entity(buffer, at, end):  # type: ignore[no-untyped-def]
    """Whether what follows an ampersand may be an entity of HTML."""
    if at >= end:
        return False
    byte = buffer[at]
    return not (
        byte == 0x09
        or byte == 0x0A
        or byte == 0x0C
        or byte == 0x20
        or byte == _LESS
        or byte == _AND
        or byte == 0x3B
    )


@inlined
def _latex(buffer, at, end):  # type: ignore[no-untyped-def]
    """Whether what follows a backslash is an accent or the name of a letter."""
    if at >= end or buffer[at] >= 128:
        return False
    byte = buffer[at]
    after = buffer[at + 1] if at + 1 < end else np.uint8(0)
    kind = _ACCENTS[byte]
    if kind == _ALWAYS:
        return True
    if kind == _BEFORE_BLANK and (_is_blank(after) or after == 0x7B or after == _BACKSLASH):
        return True
    if _LETTERS[byte] and not _is_letter(after):
        return True
    if after >= 128 or not _DOUBLED[byte, after]:
        return False
    return at + 2 >= end or not _is_letter(buffer[at + 2])


@inlined
def _may_change(buffer, at, stop, bracketed):  # type: ignore[no-untyped-def]
    """Whether a text is one that `flatten`, or with `bracketed` `bare_title`, may change in more than its capitals."""
    tagged = False
    while at < stop:
        signs = _signs(buffer, at)
        if stop - at < 64:
            signs &= (_ONE << np.uint64(stop - at)) - _ONE
        while signs:
            place = at + _lowest(signs)
            signs &= signs - _ONE
            byte = buffer[place]
            if byte == _BRACKET:
                if bracketed:
                    return True
            elif byte == _LESS:
                after = buffer[place + 1] if place + 1 < stop else np.uint8(0)
                tagged |= _is_letter(after) or after == 0x2F or after == 0x21
            elif byte == _MORE:
                if tagged:
                    return True
            elif _entity(buffer, place + 1, stop) if byte == _AND else _latex(buffer, place + 1, stop):
                return True
        at += 64
    return False


@kernel(read(types.uint8), read(types.int64), types.boolean, write(types.boolean))
def texts_to_change(buffer, offsets, bracketed, found):  # type: ignore[no-untyped-def]
    """Find the texts, ASCII in a buffer with 64 spare bytes, that `flatten` may change in more than their capitals.

    With `bracketed`, those too that `bare_title` may change.
    """
    for text in range(len(offsets) - 1):
        found[text] = _may_change(buffer, offsets[text], offsets[text + 1], bracketed)


@inlined
def _small(byte):  # type: ignore[no-untyped-def]
    return byte | 0x20 if 0x41 <= byte <= 0x5A else byte


@inlined
def _signed(buffer, start, stop, signs, firsts):  # type: ignore[no-untyped-def]
    """Whether one of some signs, in small letters and each with a blank after it, begins in buffer[start:stop]."""
    for at in range(start, stop):
        if not firsts[buffer[at]]:
            continue
        begin = 0
        while begin < signs.size:
            place = begin
            while signs[place] != 0x20 and signs[place] == _small(buffer[at + place - begin]):
                place += 1
            if signs[place] == 0x20:
                return True
            while signs[place] != 0x20:
                place += 1
            begin = place + 1
    return False


@kernel(
    *(read(types.uint8), read(types.int64), read(types.uint8)),
    *(types.int64, types.int64, types.int64, write(types.boolean)),
)
def noticed(buffer, offsets, signs, head, tail, longest, found):  # type: ignore[no-untyped-def]
    """Mark the texts that are short, or in whose first or last bytes a sign of rights begins."""
    firsts, begins = np.zeros(256, np.bool_), True
    for sign in signs:
        if begins:
            firsts[sign] = True
            firsts[sign - 0x20 if 0x61 <= sign <= 0x7A else sign] = True
        begins = sign == 0x20
    for text in range(len(offsets) - 1):
        start, stop = offsets[text], offsets[text + 1]
        if stop - start <= longest:
            found[text] |= stop > start
        elif not found[text]:
            found[text] = _signed(buffer, start, start + head, signs, firsts) or _signed(
                buffer, stop - tail, stop, signs, firsts
            )
