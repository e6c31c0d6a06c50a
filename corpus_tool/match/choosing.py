"""Which rules a run takes, from its options alone: never from the order of its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import UsageError
from corpus_tool.kernel.loading import available
from corpus_tool.match.exact import ExactPolicy
from corpus_tool.match.rules import Rules
from corpus_tool.match.signatures import SignaturePolicy
from corpus_tool.match.text import DEFAULT_FIELDS, TextPolicy, first_text, has_text_field
from corpus_tool.papers.fields import ALIASES, MAPPABLE, paper_title
from corpus_tool.papers.scorecard import DEFAULT, from_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options, Papers
    from corpus_tool.papers.policy import PaperPolicy
    from corpus_tool.papers.scorecard import Scorecard
    from corpus_tool.records import Record

PAPERS, TEXT, BYTES = 0, 1, 2
"""Places of the three rules where every record finds its own."""
_ABSTRACT = "abstract"
_TEXTS_BESIDE = tuple(field for field in DEFAULT_FIELDS if field != _ABSTRACT)


def choose(options: Options) -> Rules:
    """The rules of a run.

    Raises:
        UsageError: The strictness is not known, or kernels are asked for that are not there.
    """
    compiled = available() if options.compiled is None else options.compiled
    asked = options.papers.asked
    if options.match == "papers" or asked:
        why = "as asked" if options.match == "papers" else f"as {asked[0]} asks"
        return Rules((_papers(options, compiled=compiled),), _always, f"matching papers: {why}")
    if options.match == "signatures":
        policy = SignaturePolicy(options.similarity, options.fields, compiled)
        return Rules((policy,), _always, "matching signatures, by what they estimate", policy.wrong)
    if options.match == "text" or options.fields:
        return Rules((TextPolicy(options.similarity, options.fields, compiled),), _always)
    papers = _papers(options, compiled=compiled, texts_beside=_TEXTS_BESIDE)
    text = TextPolicy(options.similarity, compiled=compiled, titles=ALIASES["title"])
    return Rules((papers, text, ExactPolicy(compiled)), rule_of)


def _papers(options: Options, *, compiled: bool, texts_beside: tuple[str, ...] = ()) -> PaperPolicy:
    from corpus_tool.papers.policy import PaperPolicy

    return PaperPolicy(
        options.similarity,
        scorecard(options.papers),
        dict(options.papers.mapping),
        kept_versions=options.papers.versions != "merge",
        texts_beside=texts_beside,
        compiled=compiled,
        jobs=options.workers,
    )


def _always(record: Record) -> int:
    return 0


def rule_of(record: Record) -> int:
    """Which of the three rules a record follows, whatever stands around it.

    A title and an abstract make a paper, and so does a title without any other text: bibliographies miss many
    abstracts. What has a text without that is a text, be it empty; of the rest only the bytes can be compared.
    """
    field, _ = first_text(record)
    if not paper_title(record):
        return TEXT if field or has_text_field(record) else BYTES
    return PAPERS if field in {"", _ABSTRACT} or first_text({_ABSTRACT: record.get(_ABSTRACT)})[0] else TEXT


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
