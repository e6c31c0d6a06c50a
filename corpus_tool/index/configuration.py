"""What the records of an index are compared by: stored with it, so that nothing else is ever mixed in."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from corpus_tool.config import Options, Papers, Similarity
from corpus_tool.errors import UsageError
from corpus_tool.match import choosing
from corpus_tool.papers.bound import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corpus_tool.index.protocol import Storage

DEFINITION = 2
"""Of what stored postings and identities mean besides what options say; another one makes another index."""
_FOLLOWING = ("definition", "words", "scorecard")
"""What no option says, or what follows from options and the program."""


def configuration(options: Options) -> dict[str, str]:
    """Everything that what is stored depends on, by the names of options; values as JSON."""
    alike, papers = options.similarity, options.papers
    scorecard = choosing.scorecard(papers)
    weights = json.dumps([*scorecard.weights, scorecard.threshold]).encode()
    found = {
        "definition": [DEFINITION, WORDS],
        "words": alike.key().partition("-")[0],
        "scorecard": blake2b(weights, digest_size=8).hexdigest(),
        "match": options.match,
        "fields": list(options.fields),
        "threshold": alike.threshold,
        "shingle": alike.shingle,
        "permutations": alike.permutations,
        "recall": alike.recall,
        "seed": alike.seed,
        "strictness": papers.strictness,
        "policy": papers.policy,
        "map": [[name, list(theirs)] for name, theirs in papers.mapping],
        "versions": papers.versions,
    }
    return {name: json.dumps(value) for name, value in found.items()}


def usual() -> dict[str, str]:
    """That of options of which none was chosen."""
    return configuration(Options())


def options_of(stored: Mapping[str, str], usual: Options) -> Options:
    """The usual options, but for what an index was made with."""
    value = {name: json.loads(text) for name, text in stored.items()}
    return replace(
        usual,
        match=value["match"],
        fields=tuple(value["fields"]),
        similarity=Similarity(
            value["shingle"], value["permutations"], value["threshold"], value["recall"], value["seed"]
        ),
        papers=Papers(
            value["strictness"],
            value["policy"],
            "the index" if value["policy"] else None,
            tuple((name, tuple(theirs)) for name, theirs in value["map"]),
            value["versions"],
        ),
    )


def settle(storage: Storage, options: Options, *, write: bool) -> None:
    """Store what a new index compares by; hold a run's options against that of another.

    Raises:
        UsageError: They differ.
    """
    wanted, stored = configuration(options), storage.configuration()
    if not stored:
        if write:
            storage.configure(wanted)
        return
    unlike = [name for name in wanted if stored.get(name) != wanted[name]]
    if not unlike:
        return
    different = [name for name in unlike if name not in _FOLLOWING]
    if not different:
        raise UsageError(
            f"{storage.name} was made by another corpus-tool, which compares {unlike[0]} otherwise: build it again "
            "from what was kept (index export, then index add with a new file)"
        )
    given = [f"--{each} {shown(stored.get(each, 'null'))}" for each in different]
    raise UsageError(
        f"{storage.name} was made with {' '.join(given)}, and this run has "
        f"{' '.join(f'--{each} {shown(wanted[each])}' for each in different)}: say the same, or name another index"
    )


def shown(value: str) -> str:
    """A value as an option has it."""
    found = json.loads(value)
    if found is None or found == []:
        return "(none)"
    if isinstance(found, list):
        return ",".join(
            f"{each[0]}={'/'.join(each[1])}" if isinstance(each, list) else str(each) for each in found
        )
    return str(found) if len(str(found)) < 40 else "(a file)"
