"""The compiled twin of `bound._possible`: it stops at the first part that settles a pair.

Limits come as arguments: they are those of `bound`, and no constant of compiled code.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from corpus_tool.kernel.bytes import ones
from corpus_tool.kernel.declare import inlined, kernel, read, write
from corpus_tool.kernel.sorting import shared

_SERVED = np.uint64(1)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_AUTHORS, _PAGES, _DOI, _ARXIV = (np.uint64(1 << bit) for bit in range(32, 36))
_MARKERS, _NUMBERS = np.uint64(0xFFF << 36), np.uint64(0xFFFF << 48)


@inlined
def _overlap(outlines, left, right):
    """The most that two titles' sets of 4-grams can overlap, and that their Jaccard index can be."""
    common, in_left, in_right = np.int64(0), np.int64(0), np.int64(0)
    for word in range(2):
        common += ones(outlines[left, word] & outlines[right, word])
        in_left += ones(outlines[left, word])
        in_right += ones(outlines[right, word])
    one, other = np.int64(outlines[left, 2] & _LOW_HALF), np.int64(outlines[right, 2] & _LOW_HALF)
    most = common + min(one - in_left, other - in_right)
    return most / min(one, other), most / (one + other - most)


@kernel(
    *(read(np.uint32), read(np.int64), read(np.uint64, 2), read(np.uint64), read(np.uint64)),
    *(read(np.float64), read(np.int64), read(np.int64)),
    *(np.float64, np.float64, np.float64, np.int64),
    write(np.bool_),
)
def possible(
    values,
    offsets,
    outlines,
    doi,
    arxiv,
    weights,
    lefts,
    rights,
    enough_shared,
    half_spread,
    alike,
    few,
    found,
):
    """Fill which pairs may reach the threshold."""
    threshold, texts = weights[0], weights[4] + weights[5]
    for pair in range(lefts.size):
        left, right = lefts[pair], rights[pair]
        total = weights[1]
        known = outlines[left, 2] & outlines[right, 2]
        total += weights[9] if known & _AUTHORS else weights[10]
        total += weights[11] if known & _PAGES else 0.0
        if known & _DOI:
            if doi[left] == doi[right]:
                total += weights[12]
            elif not (doi[left] ^ doi[right]) & _SERVED:
                total += weights[13]
        if known & _ARXIV:
            total += weights[14] if arxiv[left] == arxiv[right] else weights[15]
        overlap = whole = 0.0
        if outlines[left, 2] & _LOW_HALF and outlines[right, 2] & _LOW_HALF:
            overlap, whole = _overlap(outlines, left, right)
            other = outlines[left, 2] ^ outlines[right, 2]
            points = weights[2] * overlap
            if other & _NUMBERS:
                total += max(points + weights[17], weights[2] * min(overlap, alike))
            else:
                total += points + weights[16]
            total += weights[18] if other & _MARKERS else 0.0
        else:
            total += weights[3]
        unknown = weights[7] + weights[8] * whole
        besides = weights[6] + weights[19] * whole
        full = texts + besides
        if total + max(unknown, full) < threshold:
            found[pair] = False
            continue
        size, other_size = offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right]
        smaller = min(size, other_size)
        if smaller == 0 or (max(size, other_size) < few and total + unknown >= threshold):
            found[pair] = True
            continue
        if total + full < threshold:
            found[pair] = False
            continue
        common = shared(values, offsets, left, right)
        root = (half_spread + sqrt(half_spread * half_spread + 4.0 * common)) / 2.0
        most = min(root * root, np.float64(smaller))
        index = most / max(size + other_size - most, 1.0)
        judged = weights[4] * min(1.0, index / enough_shared) + weights[5] * (most / max(smaller, 1))
        found[pair] = total + (judged + besides) >= threshold
