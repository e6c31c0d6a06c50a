"""Parameters of the library's functions as the frozen options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from corpus_tool.config import Options, Papers, Reading, Similarity, parse_size
from corpus_tool.errors import InputError, UsageError
from corpus_tool.match import choosing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Matching(TypedDict, total=False):
    """What duplicates are, by the names of `corpus_tool.deduplicate`."""

    match: str
    threshold: float | None
    fields: str | Iterable[str]
    strictness: str | float | None
    mapping: Mapping[str, str | Iterable[str]] | None
    policy: str | PathLike[str] | None
    versions: str
    shingle: int | None


class Searching(Matching, total=False):
    """The same, how they are searched for, and how files are read."""

    permutations: int
    recall: float
    seed: int
    format: str | None
    encoding: str
    year: int | None
    strict: bool
    on_error: str
    jobs: int
    tmp_dir: str | PathLike[str] | None


class Running(Searching, total=False):
    """The same, and which record of several stays."""

    keep: str
    transitive: bool
    unique_within: str | None
    memory_limit: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What was passed, by the names of `corpus_tool.deduplicate`; None where nothing was."""

    match: str = "auto"
    threshold: float | None = None
    fields: str | Iterable[str] = ()
    strictness: str | float | None = None
    mapping: Mapping[str, str | Iterable[str]] | None = None
    policy: str | PathLike[str] | None = None
    versions: str = "merge"
    shingle: int | None = None
    permutations: int = 128
    recall: float = 0.99
    seed: int = 1
    keep: str = "first"
    transitive: bool = False
    unique_within: str | None = None
    format: str | None = None
    encoding: str = "utf-8"
    year: int | None = None
    strict: bool = False
    on_error: str = "fail"
    jobs: int = 0
    memory_limit: int | str = 0
    tmp_dir: str | PathLike[str] | None = None

    @classmethod
    def of(cls, function: str, given: Matching, known: type) -> Settings:
        """What was passed to a function, of the parameters that it knows.

        Raises:
            TypeError: It knows no such parameter.
        """
        for name in given:
            if name not in known.__annotations__:
                near = get_close_matches(name, known.__annotations__, n=1)
                cure = f"; did you mean {near[0]!r}?" if near else ""
                raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{cure}")
        return cls(**given)

    def options(self) -> Options:
        """The options of a run.

        Raises:
            CorpusError: A value cannot be, or does not go with another.
        """
        usual = Similarity()
        typed = (("--threshold", self.threshold), ("--shingle", self.shingle))
        return Options(
            reading=self.reading(),
            similarity=Similarity(
                usual.shingle if self.shingle is None else self.shingle,
                self.permutations,
                usual.threshold if self.threshold is None else self.threshold,
                self.recall,
                self.seed,
            ),
            papers=self._papers(),
            match=self.match,
            typed=tuple(option for option, value in typed if value is not None),
            fields=_names(self.fields),
            unique_within=self.unique_within,
            keep=self.keep,
            transitive=self.transitive,
            jobs=self.jobs,
            memory_limit=parse_size(str(self.memory_limit)),
            tmp_dir=None if self.tmp_dir is None else fspath(self.tmp_dir),
        )

    def reading(self) -> Reading:
        """How files are read.

        Raises:
            UsageError: A value cannot be.
        """
        if self.on_error not in {"fail", "skip"}:
            raise UsageError(f"--on-error {self.on_error} is not one of fail, skip")
        return Reading(self.format, self.encoding, self.year, self.strict, self.on_error == "skip")

    def refuse_reading(self) -> None:
        """That nothing was said of how files are read, where there are none.

        Raises:
            UsageError: Something was.
        """
        usual = Settings()
        for name in ("format", "encoding", "year", "strict", "on_error"):
            if getattr(self, name) != getattr(usual, name):
                raise UsageError(f"{name} says how files are read, and records were handed over")

    def _papers(self) -> Papers:
        pairs = () if not self.mapping else choosing.mapping(list(_pairs(self.mapping)))
        text = path = None
        if self.policy is not None:
            path = fspath(self.policy)
            text = _policy(path)
        strictness = None if self.strictness is None else str(self.strictness)
        found = Papers(strictness, text, path, pairs, self.versions)
        choosing.scorecard(found)
        return found


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))


def _pairs(mapping: Mapping[str, str | Iterable[str]]) -> Iterable[str]:
    return (f"{canonical}={theirs}" for canonical, some in mapping.items() for theirs in _names(some))


def _policy(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError:
        raise InputError("not a policy: it is not UTF-8", path=path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=path) from error
