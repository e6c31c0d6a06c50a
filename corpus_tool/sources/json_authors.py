"""The authors of a paper in JSON: one string, strings, their parts, or objects, however deep an API wraps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .json_keys import key_of, plain_key
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORS = (
    "authors",
    "author",
    "authorship",
    "authorships",
    "authorstring",
    "creators",
    "creator",
    "authorsparsed",
)
"""The keys of authors by plain names, the surest first."""

_NAMES = (
    "name",
    "fullname",
    "displayname",
    "literal",
    "authorname",
    "authname",
    "author",
    "creator",
    "text",
    "value",
)


def authors_of(flat: Mapping[str, Any]) -> tuple[list[str], str | None]:
    """The authors' names, and the key that they stand under."""
    key = next((key for name in AUTHORS if (key := key_of(flat, name)) is not None), None)
    if key is None:
        return [], None
    value = flat[key]
    if isinstance(value, dict):
        value = next((value[name] for name in ("value", "author", "authors") if value.get(name)), value)
    if isinstance(value, str):
        return _names_in(value), key
    people = value if isinstance(value, (list, tuple)) else [value]
    return [name for name in map(_person, people) if name], key


def _names_in(text: str) -> list[str]:
    """Names in one string; where they are parted by semicolons, a comma stands inside of one."""
    if text.endswith(".") and text.count(".") == 1:  # initials without periods, and one that ends the list
        text = text[:-1]
    if ";" in text:
        return [name for name in (" ".join(each.split()) for each in text.split(";")) if name]
    return author_names(text)


def _person(value: Any) -> str:
    """One author's name, from a string, a list of its parts, or an object."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, (list, tuple)):  # arXiv's parsed form: family, given, suffix
        parts = [part for part in value if isinstance(part, str) and part]
        return " ".join([*parts[1:2], *parts[:1], *parts[2:3]])
    if not isinstance(value, dict):
        return ""
    lowered = {plain_key(key): part for key, part in value.items()}
    for name in _NAMES:
        if lowered.get(name):
            return _person(lowered[name])
    given = ("given", "givenname", "first", "firstname", "forename")
    family = ("family", "familyname", "last", "lastname", "surname")
    words = (next((lowered[name] for name in names if lowered.get(name)), None) for names in (given, family))
    return " ".join(word for word in words if isinstance(word, str))
