"""Which modules declare kernels, and what their sources are known by."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

from corpus_tool import text

PACKAGE = Path(__file__).parents[1]

MODULES = (
    "corpus_tool.dedup.candidate_kernels",
    "corpus_tool.lines.kernels",
    "corpus_tool.papers.abstract_kernels",
    "corpus_tool.papers.bound_kernels",
    "corpus_tool.papers.candidate_kernels",
    "corpus_tool.papers.extract_kernels",
    "corpus_tool.papers.score_kernels",
    "corpus_tool.papers.table_kernels",
    "corpus_tool.papers.word_kernels",
    "corpus_tool.sketch.fold_kernels",
    "corpus_tool.sketch.kernels",
    "corpus_tool.sketch.set_kernels",
)
"""Every module that declares kernels."""

PARTS = (
    "corpus_tool.kernel.bytes",
    "corpus_tool.kernel.compile",
    "corpus_tool.kernel.declare",
    "corpus_tool.kernel.hashing",
    "corpus_tool.kernel.memory",
    "corpus_tool.kernel.sorting",
)
"""What their code depends on besides."""


@cache
def digest(modules: tuple[str, ...] = MODULES) -> str:
    """What the sources of modules are known by: code that was compiled of others is of no use."""
    found = blake2b(digest_size=16)
    for name in (*modules, *PARTS):
        found.update(source(name).read_bytes())
        found.update(b"\0")
    constants = text.MULTIPLIER, text.LENGTH_MULTIPLIER, text.SHINGLE_MULTIPLIER, text.MASK
    found.update(repr(constants).encode())
    return found.hexdigest()


def source(module: str) -> Path:
    """The file of a module."""
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")
