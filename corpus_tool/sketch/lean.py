"""Signatures as bytes, the way `datasketch.LeanMinHash.serialize` writes them.

They are packed here, since importing datasketch takes as long as a small run, and each of its objects as long as
sketching a text; it is the oracle of the tests.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD = struct.Struct("<qiB3x")
"""Seed, number of values as a negative one, and scheme: native order and alignment of the machines there are."""
_AFFINE32 = 1
_SCHEMES = {2: "affine64"}
_ORDERS = (("<", 16), ("<", 13), (">", 13), (">", 16))
"""Byte order, and bytes before the values, of the forms that datasketch can be asked for."""


def pack(signature: NDArray[np.uint32], seed: int) -> str:
    """The bytes of a full signature, in base64."""
    head = _HEAD.pack(seed, -len(signature), _AFFINE32)
    return b64encode(head + signature.astype("<u4").tobytes()).decode()


def unpack(text: Any, seed: int, permutations: int) -> NDArray[np.uint32]:
    """The signature in such bytes.

    Args:
        text: Of whatever type, as it stood in a record.
        seed: What it must have been made with.
        permutations: The same.

    Raises:
        UsageError: It is none, or was made with others.
    """
    try:
        data = b64decode(text, validate=True)
    except (ValueError, TypeError):
        data = b""
    for order, start in _ORDERS:
        if len(data) < start:
            continue
        made_with, count, scheme = struct.unpack_from(f"{order}qiB", data)
        if count < 0 and len(data) - start == -count * (8 if scheme in _SCHEMES else 4):
            if scheme != _AFFINE32:
                raise _other_scheme(_SCHEMES.get(scheme, str(scheme)))
            _check(made_with, -count, seed, permutations)
            return np.frombuffer(data, f"{order}u4", -count, start).astype(np.uint32)
    if len(data) >= 12 and any(
        struct.unpack_from(f"{order}i", data, 8)[0] * 4 == len(data) - 12 for order in "<>"
    ):
        raise _other_scheme("legacy")
    raise UsageError("its lean_minhash is not the base64 of what datasketch's LeanMinHash.serialize writes")


def _other_scheme(scheme: str) -> UsageError:
    return UsageError(
        f"its LeanMinHash has datasketch's scheme {scheme}, which is not affine32: make it again with datasketch 2 "
        "or later, in its usual scheme"
    )


def _check(seed: int, permutations: int, wanted_seed: int, wanted: int) -> None:
    if permutations != wanted:
        raise UsageError(
            f"its LeanMinHash has {permutations} permutations, and this index {wanted}: another index may have "
            f"--permutations {permutations}"
        )
    if seed != wanted_seed:
        raise UsageError(
            f"its LeanMinHash has seed {seed}, and this index {wanted_seed}: another index may have --seed {seed}"
        )
