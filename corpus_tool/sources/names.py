"""Lists of authors as arXiv prints them, to names."""

from __future__ import annotations

import re

_AND = re.compile(r"\s*,\s*(?:and|&)\s+|\s*[,;]\s*|\s+(?:and|&)\s+")
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|M\.?\s?D|M\.?\s?S|M\.?\s?Sc|B\.?\s?Sc|M\.?\s?A|M\.?P\.?H|R\.?N|D\.?Phil|MBA|MBBS)\.?"
)
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.[ -]?){1,4}")
_SPACE = re.compile(r"\s+")
_ET_AL = re.compile(r"\s+et\.?\s*al\.?$", re.IGNORECASE)


def author_names(printed: str) -> list[str]:
    """The names in a list of authors, in order, without the affiliations in parentheses.

    A suffix that stands behind a comma of its own ("John Doe, Jr.") stays with its name; "et al." is no name, nor is a
    degree ("Ph.D.").
    """
    parted = printed.split(";")
    if len(parted) > 1 and any("," in part for part in parted):  # "Okafor, Ada; Brandt, Émile"
        return [name for part in parted if (name := _SPACE.sub(" ", part).strip(" ,"))]
    names: list[str] = []
    for part in _AND.split(_SPACE.sub(" ", _without_parentheses(printed))):
        name = _ET_AL.sub("", part.strip())
        if name and names and _SUFFIX.fullmatch(name):
            names[-1] += f", {name}"
        elif name and name.lower().rstrip(".") != "et al" and not (names and _DEGREE.fullmatch(name)):
            names.append(name)
    if len(names) > 1 and len(names) % 2 == 0 and all(map(_INITIALS.fullmatch, names[1::2])):
        return [
            ", ".join(pair) for pair in zip(names[::2], names[1::2], strict=True)
        ]  # "Okafor, A., Lim, B."
    return names


def _without_parentheses(text: str) -> str:
    """A text without what stands in parentheses, nested or not closed; LaTeX accents keep theirs out of the way."""
    kept: list[str] = []
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    return "".join(kept)
