"""Turn piles of paper digests, and any text collection, into clean, deduplicated ones.

The public names are loaded when they are first asked for, so that the command pays only for what it uses.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_HOMES = {
    "words": "corpus_tool.text",
    "shingles": "corpus_tool.text",
    "jaccard": "corpus_tool.text",
    "paper_id": "corpus_tool.text",
    "Options": "corpus_tool.config",
    "Reading": "corpus_tool.config",
    "Similarity": "corpus_tool.config",
    "deduplicate": "corpus_tool.api",
    "compare": "corpus_tool.api",
    "explain": "corpus_tool.api",
    "parse": "corpus_tool.api",
    "Index": "corpus_tool.api.indexed",
    "Result": "corpus_tool.api",
    "Compared": "corpus_tool.api",
    "Explanation": "corpus_tool.api",
    "Records": "corpus_tool.api",
    "permutations": "corpus_tool.sketch",
    "sketch_texts": "corpus_tool.sketch",
    "score": "corpus_tool.papers.reference",
    "CorpusError": "corpus_tool.errors",
    "InputError": "corpus_tool.errors",
    "UsageError": "corpus_tool.errors",
    "OutputError": "corpus_tool.errors",
    "CorpusWarning": "corpus_tool.api.wording",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'corpus_tool' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
