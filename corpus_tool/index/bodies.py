"""The bytes of records, several together in one compressed block: half the room that each alone would take."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IN_A_BLOCK = 16
"""Records in a block: twice as many save 6 %, and cost twice the time to reach one of them."""
_LEVEL = 3


def pack(raws: Sequence[bytes]) -> bytes:
    """One block; records hold no newline."""
    return zstd.compress(b"\n".join(raws), _LEVEL)


def unpack(block: bytes, name: str) -> list[bytes]:
    """The records of a block.

    Raises:
        InputError: It is damaged.
    """
    try:
        return zstd.decompress(block).split(b"\n")
    except zstd.ZstdError as error:
        raise InputError(
            f"the index is damaged ({error}): take a copy of it, or build it again", path=name
        ) from error
