"""What a run takes of memory at least, estimated before it begins: no limit moves that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.sources.inputs import Input

_PROGRAM = 80 << 20
"""The interpreter and its libraries."""
_TEXT, _PAPERS = 120, 400
"""Bytes a record that stay in memory, by what decides."""
_LOOKED_AT = 1 << 16


def least_memory(inputs: Sequence[Input], options: Options) -> int:
    """Bytes that a run over these inputs takes at least, as far as their sizes are known."""
    total = sum(each.size for each in inputs)
    record = _PAPERS if options.match == "papers" else _TEXT
    return _PROGRAM + _records(inputs, total) * record


def _records(inputs: Sequence[Input], total: int) -> int:
    """How many lines the plain files have, if they are like the beginning of the first."""
    first = next((each for each in inputs if each.seekable), None)
    if first is None:
        return 0
    with open(first.path, "rb") as file:  # noqa: PTH123
        beginning = file.read(_LOOKED_AT)
    return total * beginning.count(b"\n") // max(len(beginning), 1)
