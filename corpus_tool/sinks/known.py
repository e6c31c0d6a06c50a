"""What a record says about its paper, for formats with fixed fields, and what it says that these have no place for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from corpus_tool.sinks.cells import cell
from corpus_tool.sources import heads

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus_tool.records import Record

BODIES = ("text", "content", "body")
"""What stands for an abstract where a record has none."""

DERIVED = frozenset({"id", "position"})
"""What a record has only by where it was read and what else it says: a page for readers goes without."""

_MORE = {
    "links": ("links",),
    "id": ("id",),
    "publisher": ("publisher",),
    "language": ("language",),
    "issn": ("issn",),
    "type": ("type",),
    "key": ("key", "citationkey", "citekey"),
    "published": ("published", "issued", "date"),
    "editors": ("editors", "editor"),
    "pmcid": ("pmcid",),
}
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_PARTED = re.compile(r"\s*;\s*")
_AND = re.compile(r"\s+and\s+")
_CODES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Known:
    """The fields of one paper as plain text; empty where nothing is said."""

    title: str = ""
    abstract: str = ""
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    year: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@lru_cache(maxsize=4096)
def _keys(keys: tuple[str, ...]) -> dict[str, str]:
    """Canonical name to the record's key, for records with these keys."""
    known = {name: keys[at] for at, name in heads.known_columns(keys).items()}
    plain = {re.sub(r"[\W_]+", "", key.lower()): key for key in reversed(keys)}
    for name, aliases in _MORE.items():
        found = next((plain[alias] for alias in aliases if alias in plain), None)
        if found is not None and found not in known.values():
            known[name] = found
    if "abstract" not in known and (body := next((key for key in BODIES if key in keys), None)):
        known["abstract"] = body
    return known


class Reporter:
    """Reads records for one format, and counts what the format has no place for.

    Args:
        format_name: Of the format.
        holds: Canonical names that it has fields for.
        as_named: Further fields that it writes, by the record's own names.
    """

    def __init__(
        self, format_name: str, holds: frozenset[str], as_named: frozenset[str] = frozenset()
    ) -> None:
        self._name = format_name
        self._holds = holds
        self._as_named = as_named
        self._lost: Counter[str] = Counter()

    def known(self, record: Record) -> Known:
        """What a record says, under canonical names."""
        keys = _keys(tuple(record))
        held = {key for name, key in keys.items() if name in self._holds}
        self._lost.update(
            key for key, value in record.items() if key not in held and value not in (None, "", [])
        )
        found = Known()
        for name, key in keys.items():
            value = record[key]
            if name in {"authors", "editors"}:
                setattr(found, name, names(value))
            elif name in {"keywords", "links"}:
                setattr(found, name, _several(value))
            elif name == "title":
                found.title = one_line(value[0] if isinstance(value, list) and value else value)
            elif name == "abstract":
                found.abstract = _lines(value)
            elif text := one_line(value):
                found.texts[name] = text
        found.year = _year(record, keys)
        return found

    def note(self, record: Record) -> None:
        """Count what is not held of a record."""
        held = {key for name, key in _keys(tuple(record)).items() if name in self._holds} | self._as_named
        self._lost.update(
            key for key, value in record.items() if key not in held and value not in (None, "", [])
        )

    def report(self, say: Callable[[str], None]) -> None:
        """Name the fields that did not survive, the most frequent first."""
        if self._lost:
            listing = ", ".join(key for key, _ in self._lost.most_common(12))
            more = len(self._lost) - 12
            listing += f" and {more} more" if more > 0 else ""
            say(f"{self._name} has no place for some fields, which are left out: {listing}")


def one_line(value: Any) -> str:
    """A value as text on one line, several texts parted by semicolons, without control characters."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = "; ".join(value)
    return " ".join(_CODES.sub("", cell(value)).split())


def _lines(value: Any) -> str:
    text = value if isinstance(value, str) else cell(value)
    return "\n".join(filter(None, (one_line(line) for line in re.split(r"[\r\n]+", text))))


def _several(value: Any) -> list[str]:
    if isinstance(value, str):
        return [text for text in _PARTED.split(one_line(value)) if text]
    if isinstance(value, list):
        return [text for text in map(one_line, value) if text]
    return [text] if (text := one_line(value)) else []


def names(value: Any) -> list[str]:
    """Authors as a list of names, from a list of texts or objects, or a text that parts them."""
    if isinstance(value, str):
        text = one_line(value)
        parts = _PARTED.split(text) if ";" in text else _AND.split(text)
        return [part for part in parts if part]
    if isinstance(value, list):
        return [name for name in map(_name, value) if name]
    return [name] if (name := _name(value)) else []


def _name(value: Any) -> str:
    if not isinstance(value, dict):
        return one_line(value)
    lowered = {str(key).lower(): part for key, part in value.items()}
    for whole in ("literal", "name", "display_name", "full_name", "author"):
        if lowered.get(whole):
            return _name(lowered[whole])
    last = next((one_line(lowered[key]) for key in ("family", "last", "lastname") if lowered.get(key)), "")
    first = next((one_line(lowered[key]) for key in ("given", "first", "firstname") if lowered.get(key)), "")
    return ", ".join(filter(None, (last, first)))


def _year(record: Record, keys: dict[str, str]) -> int:
    for name in ("year", "published"):
        if name in keys and (found := _YEAR.search(cell(record[keys[name]]))):
            return int(found[0])
    return 0
