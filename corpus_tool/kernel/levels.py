"""Levels of processors that kernels are compiled for, and which of them a processor reaches.

Those of x86-64 are the psABI's (x86-64 ABI supplement, "micro-architecture levels"); others have their baseline alone.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Registers = tuple[int, int, int, int]

_EAX, _EBX, _ECX = range(3)
_BASIC, _EXTENDED, _MORE = (1, 0), (7, 0), (0x80000001, 0)
_SAVES_STATE = 1 << 27

_NEEDED = {
    "v2": (
        (_BASIC, _ECX, (0, 9, 13, 19, 20, 23)),  # SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT
        (_MORE, _ECX, (0,)),  # LAHF
    ),
    "v3": (
        (_BASIC, _ECX, (12, 22, 27, 28, 29)),  # FMA, MOVBE, OSXSAVE, AVX, F16C
        (_EXTENDED, _EBX, (3, 5, 8)),  # BMI1, AVX2, BMI2
        (_MORE, _ECX, (5,)),  # LZCNT
    ),
    "v4": ((_EXTENDED, _EBX, (16, 17, 28, 30, 31)),),  # AVX-512 F, DQ, CD, BW, VL
}
"""Bits that the processor's answer to CPUID must have, each level on top of the one before."""
_STATE = {"v2": 0, "v3": 0x06, "v4": 0xE6}
"""Registers that the system must save, as bits of XCR0."""


def levels(machine: str = "") -> dict[str, str]:
    """The levels that are built on a machine of this kind, lowest first, each with LLVM's name of such a processor."""
    if (machine or os.uname().machine).lower() in {"x86_64", "amd64"}:
        return {level: f"x86-64-{level}" for level in _NEEDED}
    return {"baseline": "generic"}


def reached(ask: Callable[[int, int], Registers], saved: Callable[[], int]) -> str | None:
    """The highest level of x86-64 that a processor reaches, if any.

    Args:
        ask: CPUID: registers by leaf and subleaf.
        saved: XCR0; asked for only where there is one.
    """
    last = {True: ask(0x80000000, 0)[_EAX], False: ask(0, 0)[_EAX]}
    answers = {
        leaf: ask(*leaf) if leaf[0] <= last[leaf[0] >= 1 << 31] else (0,) * 4
        for leaf in (_BASIC, _EXTENDED, _MORE)
    }
    state = saved() if answers[_BASIC][_ECX] & _SAVES_STATE else 0
    found = None
    for level, needed in _NEEDED.items():
        missing = any(
            not answers[leaf][register] >> bit & 1 for leaf, register, bits in needed for bit in bits
        )
        if missing or state & _STATE[level] != _STATE[level]:
            break
        found = level
    return found
