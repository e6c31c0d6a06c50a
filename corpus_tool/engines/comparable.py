"""Whether the rules of a run see anything in its records: a source of which nothing is compared ends the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.engines.sketching import SOURCE
from corpus_tool.errors import InputError
from corpus_tool.match.text import DEFAULT_FIELDS, TextPolicy
from corpus_tool.store import records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.config import Options
    from corpus_tool.dedup.search import Sketches
    from corpus_tool.match.rules import Rules
    from corpus_tool.store import Store

_SAMPLE = 100
_SHOWN = 20


def check(sketches: Sketches, rules: Rules, store: Store, options: Options) -> None:
    """Refuse records in which the rules see nothing.

    Raises:
        InputError: All records of a source have nothing that is compared, or nothing that the options name.
    """
    common, sources = sketches.common, store.sources()
    within = options.unique_within
    if within and within != SOURCE and len(store) and not common["within"].any():
        raise without_values(within, _keys(store, 0, len(store)))
    exact = np.array([policy.name == "bytes" for policy in rules.policies])[common["rule"]]
    for name, first, last in sources:
        mute = not common["said"][first:last].any() and not _sees_any(rules, store, first, last)
        if first < last and (mute or exact.all()):
            keys = _keys(store, first, last)
            raise without_texts(rules, options, keys, name if len(sources) > 1 else None)


def without_values(within: str, keys: Sequence[str]) -> InputError:
    """That no record has the field that `--unique-within` names; keys are those of the first records."""
    return InputError(f"no record has {within}, which --unique-within names; {_told(keys)}")


def without_texts(rules: Rules, options: Options, keys: Sequence[str], source: str | None) -> InputError:
    """That nothing is compared of a source, which is named where there are several."""
    message = f"{_nothing(rules, options)}; {_told(keys)}; {_advice(rules, options)}"
    return InputError(message, path=source)


def _sees_any(rules: Rules, store: Store, first: int, last: int) -> bool:
    """Whether some record has what is compared, be it empty."""
    parts = (np.arange(at, min(at + _SAMPLE, last)) for at in range(first, last, _SAMPLE))
    return any(rules.sees(record) for part in parts for record in store.lines(part))


def _nothing(rules: Rules, options: Options) -> str:
    if options.fields:
        return f"no record has {' or '.join(options.fields)}"
    if len(rules.policies) == 1 and not isinstance(rules.policies[0], TextPolicy):
        return "the records have neither titles nor abstracts"
    return f"the records have none of {', '.join(DEFAULT_FIELDS)}"


def _advice(rules: Rules, options: Options) -> str:
    if options.fields:
        return "name others with --fields"
    if len(rules.policies) == 1 and not isinstance(rules.policies[0], TextPolicy):
        return "say with --map which fields are theirs"
    return "say with --fields what to compare"


def _keys(store: Store, first: int, last: int) -> list[str]:
    sample = records(store, np.arange(first, min(last, first + _SAMPLE)))
    return list(dict.fromkeys(key for record in sample for key in record))


def _told(keys: Sequence[str]) -> str:
    shown = ", ".join(keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
    return f"their keys are {shown}" if keys else "they have no keys"
