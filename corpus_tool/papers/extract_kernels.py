"""Which texts `normalise` and `notices` would change: the kernel that lets all others stay as bytes.

Texts are looked through 64 bytes at a time for the signs with which entities, tags and LaTeX's accents begin, and
only there byte by byte. Whoever changes the patterns of `normalise` has to see to `_may_change`.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.bytes import bits_of, lowest
from corpus_tool.kernel.declare import inlined, kernel, read, write

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

ANCHORS = ("py", "rv", "gi", "lt", "sp", "(c", "&c")
"""Of each sign of rights two letters that are rare side by side, at most `BEFORE` bytes behind where it begins."""
BEFORE = 8
OPENINGS = 1 << 15
"""Places of the table of how signs begin."""


_signs = bits_of(lambda some: some.any_of(rb"&<>\]"))
"""Which bytes are one of the five signs."""


def _letter(one):
    return bits_of(lambda some: some.is_letter(one))


_c, _g, _i, _l, _p, _r, _s, _t, _v, _y = map(_letter, b"cgilprstvy")
"""Which bytes are one letter."""
_opened = bits_of(lambda some: some.any_of(b"(&"))


@inlined
def _is_letter(byte):
    return 0x61 <= (byte | 0x20) <= 0x7A


@inlined
def _is_blank(byte):
    """Whether it is a blank to regular expressions."""
    return 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x20


@inlined
def _entity(buffer, at, end):
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
def _latex(buffer, at, end):
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
def _may_change(buffer, at, stop, bracketed):
    """Whether a text is one that `flatten`, or with `bracketed` `bare_title`, may change in more than its capitals."""
    tagged = False
    while at < stop:
        signs = _signs(buffer, at)
        if stop - at < 64:
            signs &= (_ONE << np.uint64(stop - at)) - _ONE
        while signs:
            place = at + lowest(signs)
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


@kernel(read(np.uint8), read(np.int64), np.bool_, write(np.bool_))
def texts_to_change(buffer, offsets, bracketed, found):
    """Find the texts, ASCII in a buffer with 64 spare bytes, that `flatten` may change in more than their capitals.

    With `bracketed`, those too that `bare_title` may change.
    """
    for text in range(len(offsets) - 1):
        found[text] = _may_change(buffer, offsets[text], offsets[text + 1], bracketed)


@inlined
def _small(byte):
    return byte | 0x20 if 0x41 <= byte <= 0x5A else byte


@inlined
def _opening(one, other, third):
    """The place of three bytes in a table of how signs begin, whatever their case."""
    return ((one | 0x20) << 10 ^ (other | 0x20) << 5 ^ (third | 0x20)) & (OPENINGS - 1)


@inlined
def _signed(buffer, start, stop, signs, firsts, openings):
    """Whether one of some signs, in small letters and each with a newline after it, begins in buffer[start:stop]."""
    for at in range(start, stop):
        if not firsts[buffer[at]]:
            continue
        if not openings[_opening(np.int64(buffer[at]), np.int64(buffer[at + 1]), np.int64(buffer[at + 2]))]:
            continue
        begin = 0
        while begin < signs.size:
            place = begin
            while signs[place] != 0x0A and signs[place] == _small(buffer[at + place - begin]):
                place += 1
            if signs[place] == 0x0A:
                return True
            while signs[place] != 0x0A:
                place += 1
            begin = place + 1
    return False


@inlined
def _anchors(buffer, at):
    """At which of 64 bytes one of `ANCHORS` begins."""
    found = _p(buffer, at) & _y(buffer, at + 1) | _r(buffer, at) & _v(buffer, at + 1)
    found |= _g(buffer, at) & _i(buffer, at + 1) | _l(buffer, at) & _t(buffer, at + 1)
    return found | _s(buffer, at) & _p(buffer, at + 1) | _opened(buffer, at) & _c(buffer, at + 1)


@inlined
def _anchored(buffer, start, stop, signs, firsts, openings):
    """Whether one of the signs of rights stands in buffer[start:stop]."""
    for block in range(start, stop, 64):
        found = _anchors(buffer, block)
        if stop - block < 64:
            found &= (_ONE << np.uint64(stop - block)) - _ONE
        while found:
            place = block + lowest(found)
            found &= found - _ONE
            if _signed(buffer, max(start, place - BEFORE), place + 1, signs, firsts, openings):
                return True
    return False


@kernel(
    *(read(np.uint8), read(np.int64)),
    *(read(np.uint8), read(np.bool_), read(np.bool_)),
    *(read(np.uint8), read(np.bool_), read(np.bool_)),
    *(np.int64, np.int64, np.int64, write(np.bool_)),
)
def noticed(
    buffer, offsets, rights, r_firsts, r_openings, signs, s_firsts, s_openings, head, tail, longest, found
):
    """Mark the short texts in which one of some signs stands, and the others in whose ends a sign of rights begins.

    Each sign has a newline after it; `firsts` says of each byte whether one begins with it, whatever its case, and
    `openings`, a table of `OPENINGS`, the same of three bytes, now and then wrongly.
    """
    for text in range(len(offsets) - 1):
        start, stop = offsets[text], offsets[text + 1]
        if found[text]:
            continue
        if stop - start <= longest:
            found[text] = _signed(buffer, start, stop, signs, s_firsts, s_openings)
        else:
            found[text] = _anchored(buffer, start, start + head, rights, r_firsts, r_openings) or _anchored(
                buffer, max(start, stop - tail), stop, rights, r_firsts, r_openings
            )
