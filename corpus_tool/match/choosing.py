"""Which policy a run takes, from its options and its first records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.match.fields import paper_fields
from corpus_tool.match.text import TextPolicy, dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.match import Policy
    from corpus_tool.records import Record

DEFAULT_FIELDS = ("text", "content", "abstract", "body")
_ABSTRACTS = {"abstract", "ab"}
SAMPLE = 1_000
"""Records that are looked at, whatever the block size, so that the choice never depends on it."""


def choose(options: Options, sample: Sequence[Record]) -> tuple[Policy, str]:
    """The policy and one sentence that says what is compared and why.

    Args:
        options: Of the run.
        sample: The first records of the input, at most `SAMPLE` of them.

    Raises:
        InputError: No record has a field that could be compared.
    """
    if options.match == "papers" or (options.match == "auto" and not options.fields and _are_papers(sample)):
        from corpus_tool.match.paper_policy import PaperPolicy

        why = "as asked" if options.match == "papers" else "the records have titles and abstracts"
        return PaperPolicy(options.similarity), f"matching papers: {why}"
    fields = options.fields or _default_fields(sample)
    if sample and all(dotted(record, field) is None for record in sample for field in fields):
        raise InputError(f"no record has {' or '.join(fields)}; {_keys(sample)}; name others with --fields")
    return TextPolicy(options.similarity, fields), f"matching text: {', '.join(fields)}"


def _are_papers(sample: Sequence[Record]) -> bool:
    """Whether most records have a title, and an abstract too, or in place of any other text what papers carry."""
    return 2 * sum(map(_is_paper, sample)) > len(sample)


def _is_paper(record: Record) -> bool:
    """An abstract may be empty where the field is there: bibliographies miss many."""
    known = paper_fields(record)
    if not known.title:
        return False
    if known.abstract or any(key.lower() in _ABSTRACTS for key in record):
        return "abstract" in record or not any(field in record for field in DEFAULT_FIELDS)
    bibliographic = known.authors or known.venue or known.doi or known.arxiv
    return bool(bibliographic) and not any(field in record for field in DEFAULT_FIELDS)


def _default_fields(sample: Sequence[Record]) -> tuple[str, ...]:
    if not sample:
        return DEFAULT_FIELDS[:1]
    for field in DEFAULT_FIELDS:
        if any(isinstance(record.get(field), str) for record in sample):
            return (field,)
    raise InputError(
        f"the records have none of {', '.join(DEFAULT_FIELDS)}; {_keys(sample)}; say with --fields what to compare"
    )


def _keys(sample: Sequence[Record]) -> str:
    keys = list(dict.fromkeys(key for record in sample for key in record))
    shown = ", ".join(keys[:20]) + (", ..." if len(keys) > 20 else "")
    return f"their keys are {shown}" if keys else "they have no keys"
