"""The texts of one or two fields out of lines of JSON, and the few other members wanted, without decoding the rest.

A line is accepted when it is provably one JSON object (RFC 8259) of ASCII bytes with plain escapes, numbers that a
double holds and at most `DEEPEST` levels; all else is odd. So whatever is accepted, every parser reads alike, whole or
in part. Strings are scanned 64 bytes at a time for the bytes at which something happens.
"""

from __future__ import annotations

import numpy as np

from corpus_tool.kernel.bytes import bits_of, copy_64, lowest
from corpus_tool.kernel.declare import inlined, kernel, read, write

DEEPEST = 60
SKIPPED, FIRST, SECOND, TELLING, BESIDE = range(5)
"""What a key at the top level is for: nothing, either of two texts, or a member copied as it stands, one `BESIDE`
others only where the line has a `TELLING` one that is not empty."""
NAME_SLOTS, LONGEST_NAME = 1024, 16
SPREAD = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: its high bits spread names over the slots (Knuth's multiplicative hashing)."""

_KEY, _FIRST_KEY, _COLON, _VALUE, _FIRST_VALUE, _NEXT = range(6)
_QUOTE, _BACKSLASH, _COMMA = 0x22, 0x5C, 0x2C
_LONGEST_NUMBER = 200
"""With an exponent of two digits at most, a number this long is one that a double holds."""
_BYTE, _TOP_BYTE, _SLOT_SHIFT = np.uint64(8), np.uint64(56), np.uint64(54)
_SPREADER = np.uint64(SPREAD)
_TRUE, _FALSE, _NULL = (np.frombuffer(word, np.uint8) for word in (b"true", b"false", b"null"))
_ESCAPED = np.zeros(256, np.uint8)
"""What a backslash and a byte stand for; 0 where that is not plain."""
_ESCAPED[list(b'"\\/bfnrt')] = list(b'"\\/\b\f\n\r\t')


_stops = bits_of(lambda some: some.either(some.beyond_ascii_or_controls, some.any_of(b'"\\')))
"""Which bytes end a plain run in a string: quote, backslash, controls, those beyond ASCII."""


@inlined
def _is_hex(byte):
    return 0x30 <= byte <= 0x39 or 0x41 <= (byte & 0xDF) <= 0x46


@inlined
def _skip_string(data, at, end):
    """Where a string that opens before `at` is over; -1 where it is not plain and closed."""
    while at < end:
        step = lowest(_stops(data, at))
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
        if _ESCAPED[data[at + 1]]:
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
        step = lowest(_stops(data, at))
        copy_64(data, at, out, to)
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
        byte = _ESCAPED[data[at + 1]]
        if byte == 0:
            return -1, to
        out[to] = byte
        to += 1
        at += 2
    return -1, to


@inlined
def _digits(data, at, end):
    """Where digits that begin at `at` are over; -1 where there are none."""
    over = at
    while over < end and 0x30 <= data[over] <= 0x39:
        over += 1
    return over if over > at else -1


@inlined
def _skip_number(data, at, end):
    """Where a number that begins at `at` is over; -1 where it is none, or perhaps more than a double holds."""
    first = at + 1 if data[at] == 0x2D else at
    over = _digits(data, first, end)
    if data[first] == 0x30 and over > first + 1:
        return -1
    if 0 <= over < end and data[over] == 0x2E:
        over = _digits(data, over + 1, end)
    if 0 <= over < end and (data[over] | 0x20) == 0x65:
        over += 1
        if over < end and (data[over] == 0x2B or data[over] == 0x2D):
            over += 1
        power = over
        over = _digits(data, power, end)
        if over > power + 2:
            return -1
    return over if over <= at + _LONGEST_NUMBER else -1


@inlined
def _stands(data, at, end, word):
    place = 0
    while place < len(word) and at + place < end and data[at + place] == word[place]:
        place += 1
    return place == len(word)


@inlined
def _skip_word(data, at, end):
    """Where `true`, `false` or `null` is over; -1 where it is none of them."""
    if _stands(data, at, end, _TRUE) or _stands(data, at, end, _NULL):
        return at + 4
    return at + 5 if _stands(data, at, end, _FALSE) else -1


@inlined
def _blank(data, at, end):
    while at < end and (data[at] == 0x20 or data[at] == 0x09 or data[at] == 0x0D or data[at] == 0x0A):
        at += 1
    return at


@inlined
def _scalar(data, at, end, byte):
    """Where a value that is no container is over; -1 where it is none."""
    if byte == _QUOTE:
        return _skip_string(data, at + 1, end)
    if byte == 0x2D or 0x30 <= byte <= 0x39:
        return _skip_number(data, at, end)
    return _skip_word(data, at, end)


@inlined
def _sign(data, at, end, byte):
    """Where what follows a sign begins, with blanks around the sign; -1 where it is not there, or nothing follows."""
    at = _blank(data, at, end) if at >= 0 else end
    if at >= end or data[at] != byte:
        return -1
    at = _blank(data, at + 1, end)
    return at if at < end else -1


@inlined
def _key(data, at, end):
    """Where a key that opens at `at` is over; -1 where it is none."""
    return _skip_string(data, at + 1, end) if data[at] == _QUOTE else -1


@inlined
def _skip_value(data, at, end):
    """Where the value that begins at `at` is over, whatever it holds; -1 where it is odd."""
    depth, arrays, expected = 1, np.uint64(0), _VALUE
    while depth > 1 or expected != _NEXT:
        at = _blank(data, at, end) if at >= 0 else end
        if at >= end:
            return -1
        byte = data[at]
        in_array = (arrays >> np.uint64(depth)) & np.uint64(1) == 1
        closes = byte == (0x5D if in_array else 0x7D)
        if closes and (expected == _NEXT or expected == _FIRST_KEY or expected == _FIRST_VALUE):
            at, depth, expected = at + 1, depth - 1, _NEXT
        elif expected == _FIRST_KEY or expected == _KEY:
            at, expected = _key(data, at, end), _COLON
        elif expected == _COLON or expected == _NEXT:
            if byte != (0x3A if expected == _COLON else _COMMA):
                return -1
            expected = _KEY if expected == _NEXT and not in_array else _VALUE
            at += 1
        elif byte == 0x7B or byte == 0x5B:
            depth += 1
            if depth > DEEPEST:
                return -1
            bit = np.uint64(1) << np.uint64(depth)
            arrays = arrays | bit if byte == 0x5B else arrays & ~bit
            at, expected = at + 1, _FIRST_VALUE if byte == 0x5B else _FIRST_KEY
        else:
            at, expected = _scalar(data, at, end, byte), _NEXT
    return at


@inlined
def _name_role(data, at, end, names):
    """What a table of names says of a key: compared without case, blanks, `_`, `-` and `:`."""
    high, low, size = np.uint64(0), np.uint64(0), 0
    for place in range(at, end):
        byte = data[place]
        if byte == 0x20 or byte == 0x2D or byte == 0x3A or byte == 0x5F:
            continue
        if 0x41 <= byte <= 0x5A:
            byte |= 0x20
        high = (high << _BYTE) | (low >> _TOP_BYTE)
        low = (low << _BYTE) | np.uint64(byte)
        size += 1
    if size > LONGEST_NAME:
        return SKIPPED
    slot = np.int64(((low ^ high) * _SPREADER) >> _SLOT_SHIFT)
    while names[slot, 2] and (names[slot, 0] != high or names[slot, 1] != low):
        slot = (slot + 1) % NAME_SLOTS
    return np.int64(names[slot, 2])


@inlined
def _role(data, at, end, key, names):
    """What the key between these places is for; -1 where it may be another in disguise."""
    for place in range(at, end):
        if data[place] == _BACKSLASH:
            return -1
    if len(names):
        return _name_role(data, at, end, names)
    return FIRST if end - at == len(key) and _stands(data, at, end, key) else SKIPPED


@inlined
def _text(data, at, end, out, start, trimmed):
    """Write a text, a string or null; where the value is over, or -1, and the text's end.

    With `trimmed`, a text of blanks is an empty one.
    """
    if data[at] != _QUOTE:
        return (_skip_word(data, at, end) if data[at] == 0x6E else -1), start
    at, to = _copy_string(data, at + 1, end, out, start)
    if trimmed:
        solid = start
        while solid < to and (out[solid] == 0x20 or 0x09 <= out[solid] <= 0x0D):
            solid += 1
        if solid == to:
            to = start
    return at, to


@inlined
def _copy(data, at, over, out, to):
    """Append bytes and a comma."""
    for place in range(0, over - at, 64):
        copy_64(data, at + place, out, to + place)
    to += over - at
    out[to] = _COMMA
    return to + 1


@inlined
def _says_nothing(data, at, over):
    """Whether a value is null or, as is seen at a glance, an empty string or container."""
    return data[at] == 0x6E or (over == at + 2 and not 0x2D <= data[at] <= 0x39)


@inlined
def _members(data, at, end, key, names, first, second, rest, start):
    """Read the members of an object from its first key on.

    Returns where the object is over, or -1 where it is odd; the ends of both texts and of the copied members; and
    whether any of these is telling.
    """
    to_first, to_second, to_rest = start
    seen, telling = 0, False
    while at >= 0:
        opened = at
        at = _key(data, opened, end)
        role = _role(data, opened + 1, at - 1, key, names) if at >= 0 else -1
        at = _sign(data, at, end, 0x3A) if role >= 0 else -1
        if at < 0:
            break
        if role == FIRST or role == SECOND:
            # Two names of one field would need to be weighed; of one key given twice the last counts.
            if len(names) and seen & role:
                return -1, start, False
            seen |= role
            if role == FIRST:
                at, to_first = _text(data, at, end, first, start[0], len(names) > 0)
            else:
                at, to_second = _text(data, at, end, second, start[1], True)
        elif role == SKIPPED:
            at = _skip_value(data, at, end)
        else:
            value, at = at, _skip_value(data, at, end)
            if at >= 0:
                to_rest = _copy(data, opened, at, rest, to_rest)
                telling |= role == TELLING and not _says_nothing(data, value, at)
        at = _blank(data, at, end) if at >= 0 else end
        if at < end and data[at] == 0x7D:
            return at + 1, (to_first, to_second, to_rest), telling
        at = _sign(data, at, end, _COMMA)
    return -1, start, False


@inlined
def _object(data, at, end, key, names, first, second, rest, start):
    """Check one line and write what is wanted of it; whether it is fine, and the ends of what was written."""
    at = _sign(data, at, end, 0x7B)
    if at < 0 or data[at] == 0x7D:
        return at >= 0 and _blank(data, at + 1, end) == end, start
    member = start[0], start[1], start[2] + 1
    at, ends, telling = _members(data, at, end, key, names, first, second, rest, member)
    if at < 0 or _blank(data, at, end) != end:
        return False, start
    if not telling:
        return True, (ends[0], ends[1], start[2])
    rest[start[2]] = 0x7B
    rest[ends[2] - 1] = 0x7D
    rest[ends[2]] = _COMMA
    return True, (ends[0], ends[1], ends[2] + 1)


@kernel(
    *(read(np.uint8), read(np.int64), read(np.int64), read(np.uint8), read(np.uint64, 2)),
    *(write(np.uint8), write(np.int64)) * 3,
    write(np.bool_),
)
def extract(data, starts, sizes, key, names, first, first_ends, second, second_ends, rest, rest_ends, odd):
    """Fill the buffers with what is wanted of each line, one after another, and their `ends`; `odd` with who is odd.

    Where `names` is empty, `first` takes the texts of the very `key` and nothing else is wanted. Of what is copied to
    `rest`, each line that has a telling member makes one object and a comma.
    """
    ends = (np.int64(0), np.int64(0), np.int64(0))
    for line in range(len(starts)):
        at = starts[line]
        fine, ends = _object(data, at, at + sizes[line], key, names, first, second, rest, ends)
        odd[line] = not fine
        first_ends[line], second_ends[line], rest_ends[line] = ends
