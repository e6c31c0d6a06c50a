"""Which of the files that a folder, a pattern or an archive brings in are wanted: `--include` and `--exclude`.

What is named itself is always read, so nothing here is asked of it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ANY = "**"


class Glob:
    """A pattern for paths below a folder, as `.gitignore` has them.

    One without a slash is held against every name on the way, at any depth; one with a slash against the path from the
    folder on. `*`, `?` and `[...]` stay within a name, `**` goes over any number of folders. A pattern that a folder
    matches takes in all that is below it; one that ends in a slash matches folders only.

    Raises:
        UsageError: There is nothing in it.
    """

    def __init__(self, text: str) -> None:
        parts = [part for part in text.split("/") if part not in {"", "."}]
        if not parts:
            raise UsageError(f"{text!r} is no pattern: write one such as '*.jsonl' or 'drafts/**'")
        anchored = "/" in text.rstrip("/")
        self._parts = tuple(parts if anchored else (_ANY, *parts))
        self._only_folders = text.endswith("/")

    def matches(self, path: Sequence[str], *, folder: bool = False) -> bool:
        """Whether a path, or a folder that it is in, is what the pattern says."""
        places = self._with_empty_runs({0})
        for depth, name in enumerate(path, 1):
            places = self._with_empty_runs(self._after(places, name))
            if len(self._parts) in places and (depth < len(path) or folder or not self._only_folders):
                return True
        return False

    def _after(self, places: set[int], name: str) -> set[int]:
        """Where in the pattern one may be after a name of the path."""
        return {
            place if self._parts[place] == _ANY else place + 1
            for place in places
            if place < len(self._parts)
            and (self._parts[place] == _ANY or fnmatchcase(name, self._parts[place]))
        }

    def _with_empty_runs(self, places: set[int]) -> set[int]:
        """The same, where `**` may stand for no folder at all."""
        for place, part in enumerate(self._parts):
            if place in places and part == _ANY:
                places.add(place + 1)
        return places


class Chosen:
    """The files that are wanted of those that were come upon; what is excluded is, whatever else includes it.

    Args:
        include: Patterns of which one must match; none lets everything in.
        exclude: Patterns of which none may match.

    Attributes:
        asked: Whether anything was come upon that the patterns could be held against.
        nothing_left: For each place where they left nothing, that.
    """

    def __init__(self, include: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        self._include = {text: Glob(text) for text in include}
        self._exclude = {text: Glob(text) for text in exclude}
        self.asked = False
        self.nothing_left: list[InputError] = []

    def excludes(self, path: Sequence[str], *, folder: bool = False) -> bool:
        """Whether a path below what is walked is left out, and all that is below it."""
        return any(glob.matches(path, folder=folder) for glob in self._exclude.values())

    def takes(self, path: Sequence[str]) -> bool:
        """Whether the file at a path is wanted."""
        included = not self._include or any(glob.matches(path) for glob in self._include.values())
        return included and not self.excludes(path)

    def note(self, place: str, taken: Sequence[object], example: Sequence[str]) -> None:
        """What is left of the files at a place of which the example is one."""
        self.asked = True
        if not taken:
            given = [f"--include {text}" for text in self._include]
            given += [f"--exclude {text}" for text in self._exclude]
            self.nothing_left.append(
                InputError(
                    f"nothing is left of it by {', '.join(given)}: a pattern is held against the path below it, "
                    f"such as {'/'.join(example)}",
                    path=place,
                )
            )
