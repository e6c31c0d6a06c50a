"""Which policy a run takes, from its options and its first records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import InputError, UsageError
from corpus_tool.match.text import TextPolicy
from corpus_tool.papers.fields import MAPPABLE, paper_fields
from corpus_tool.papers.scorecard import DEFAULT, from_toml
from corpus_tool.records import dotted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options, Papers
    from corpus_tool.match import Policy
    from corpus_tool.papers.scorecard import Scorecard
    from corpus_tool.records import Record

SOURCE = "source"
"""The field that every record has: its own, or the name of its input."""
DEFAULT_FIELDS = ("text", "content", "abstract", "body")
_ABSTRACTS = {"abstract", "ab"}
SAMPLE = 1_000
"""Records that are looked at, whatever the block size, so that the choice never depends on it."""


def choose(options: Options, sample: Sequence[Record], *, compiled: bool = False) -> tuple[Policy, str]:
    """The policy and one sentence that says what is compared and why.

    Args:
        options: Of the run.
        sample: The first records of the input, at most `SAMPLE` of them.
        compiled: Whether the policy uses kernels.

    Raises:
        InputError: No record has a field that could be compared, or that must be unique in a cluster.
        UsageError: The strictness is not known.
    """
    asked, within = options.papers.asked, options.unique_within
    if within and within != SOURCE and sample and all(dotted(record, within) is None for record in sample):
        raise InputError(f"no record has {within}, which --unique-within names; {_keys(sample)}")
    if (
        options.match == "papers"
        or asked
        or (options.match == "auto" and not options.fields and _are_papers(sample))
    ):
        from corpus_tool.papers.policy import PaperPolicy

        why = "the records have titles and abstracts"
        if options.match == "papers" or asked:
            why = "as asked" if options.match == "papers" else f"as {asked[0]} asks"
        papers, kept = options.papers, options.papers.versions != "merge"
        policy = PaperPolicy(
            options.similarity,
            scorecard(papers),
            dict(papers.mapping),
            kept_versions=kept,
            compiled=compiled,
            jobs=options.workers,
        )
        return policy, f"matching papers: {why}"
    fields = options.fields or _default_fields(sample)
    if sample and all(dotted(record, field) is None for record in sample for field in fields):
        raise InputError(f"no record has {' or '.join(fields)}; {_keys(sample)}; name others with --fields")
    return TextPolicy(options.similarity, fields, compiled=compiled), f"matching text: {', '.join(fields)}"


def scorecard(papers: Papers) -> Scorecard:
    """The weights and the threshold that the options ask for.

    Raises:
        CorpusError: The policy is none, or the strictness is not known.
    """
    found = DEFAULT if papers.policy is None else from_toml(papers.policy, papers.policy_path)
    return found if papers.strictness is None else found.at(papers.strictness)


def mapping(given: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What `--map` says, each time: `canonical=theirs`, parted by commas. A name may have several of theirs.

    Raises:
        UsageError: A part has no `=`, or a name on the left is not a field of papers.
    """
    found: dict[str, list[str]] = {}
    for part in (part for text in given for part in text.split(",") if part.strip()):
        canonical, _, theirs = (side.strip() for side in part.partition("="))
        if canonical not in MAPPABLE:
            raise UsageError(
                f"--map {part.strip()}: {canonical} is not a field of papers; they have {', '.join(MAPPABLE)}"
            )
        if not theirs:
            raise UsageError(f"--map {part.strip()}: write canonical=theirs, such as venue=forum")
        found.setdefault(canonical, []).append(theirs)
    if not found:
        raise UsageError("--map needs canonical=theirs, such as venue=forum")
    return tuple((canonical, tuple(dict.fromkeys(theirs))) for canonical, theirs in found.items())


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
