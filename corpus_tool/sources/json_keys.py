"""The keys of JSON objects by plain names: APIs write one field in many ways (`publicationYear`, `dc:title`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = re.compile(r"(?:dc|dcterms|prism|citation|schema):(?=\w)")
_JOINERS = re.compile(r"[\s_:@.-]+")


def plain_key(key: object) -> str:
    """A key without case, what joins its words, and the prefix of a vocabulary."""
    return _JOINERS.sub("", _PREFIX.sub("", str(key))).lower()


def key_of(flat: Mapping[str, Any], wanted: str) -> str | None:
    """The key of an object that goes by a plain name and holds something."""
    for key, value in flat.items():
        if value not in (None, "", [], {}) and plain_key(key) == wanted:
            return key
    return None


def first(flat: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """The value of the first of these names that there is."""
    return next((flat[key] for name in names if (key := key_of(flat, name)) is not None), None)
