"""The frozen options of a run: what was typed, checked and made ready before any work begins.

No stage sees Typer; each takes the part of `Options` that concerns it. `Similarity.key()` names everything
that a stored signature depends on, so that an index or a cache can refuse what was made differently.
"""

from __future__ import annotations

import codecs
import math
import os
import re
from dataclasses import dataclass, field
from functools import cached_property

from corpus_tool.errors import UsageError
from corpus_tool.text import DEFINITION

KEEP_POLICIES = ("first", "last", "longest", "newest", "most-complete")
MATCHES = ("auto", "text", "papers", "signatures")
VERSIONS = ("merge", "keep", "link")
_NO_TEXT_FILES = {"unicode-escape", "raw-unicode-escape", "idna", "punycode"}
"""Encodings of host names and of literals in programs: no text file is written in them."""
TEXT_ONLY = ("--threshold", "--shingle")
"""Options that say what alike texts are, and nothing of papers; how candidates are searched for is of both."""
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


@dataclass(frozen=True)
class Similarity:
    """What the text rule compares and how its candidates are found.

    Attributes:
        shingle: Words in a shingle.
        permutations: Length of a full signature.
        threshold: Least Jaccard index of duplicates, over 0 and up to 1.
        recall: Chance wanted to propose a pair that lies right at the threshold.
        seed: Seed of the permutations, as in `datasketch.MinHash`.
    """

    shingle: int = 5
    permutations: int = 128
    threshold: float = 0.7
    recall: float = 0.99
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise UsageError(f"--threshold {self.threshold:g} is outside 0 to 1; 0.7 is the default")
        if not 0 < self.recall < 1:
            raise UsageError(f"--recall {self.recall:g} is not between 0 and 1; 0.99 is the default")
        if self.shingle < 1:
            raise UsageError(f"--shingle {self.shingle} must be at least 1 word; 5 is the default")
        if not 1 <= self.permutations <= 65_536:
            raise UsageError(
                f"--permutations {self.permutations} must be from 1 to 65536; 128 is the default"
            )
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"--seed {self.seed} must be from 0 to 4294967295")
        _ = self.bands_rows

    @cached_property
    def bands_rows(self) -> tuple[int, int]:
        """Bands and rows of the LSH that reach `recall` at the threshold.

        A pair of similarity s shares a band of r rows with chance s^r and any of b bands with chance
        1 - (1 - s^r)^b (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4.2). The most
        selective r for which enough bands fit into the signature is taken, with no more bands than needed.

        Raises:
            UsageError: The signature is too short for any number of rows.
        """
        for rows in range(min(self.permutations, 32), 0, -1):
            shared = self.threshold**rows
            if shared >= 1:
                return 1, rows
            bands = math.ceil(math.log(1 - self.recall) / math.log1p(-shared))
            if bands * rows <= self.permutations:
                return bands, rows
        raise UsageError(
            f"--permutations {self.permutations} cannot reach --recall {self.recall:g} at --threshold "
            f"{self.threshold:g}: ask for more permutations or a lower recall"
        )

    @cached_property
    def least_agreement(self) -> int:
        """Least number of equal signature values in a proposed pair.

        A pair at the threshold falls short of it with a hundredth of the chance that `recall` leaves to the bands.
        """
        return self._agreement((1 - self.recall) / 100)

    @cached_property
    def agreements(self) -> tuple[int, ...]:
        """Such numbers, falling: half of the pairs at the threshold are short of them, one in twenty, hardly any."""
        return self._agreement(0.5), self._agreement(0.05), self.least_agreement

    def _agreement(self, missed: float) -> int:
        """The most equal values that a pair at the threshold falls short of with at most a given chance.

        A binomial tail over the values that the bands use.
        """
        bands, rows = self.bands_rows
        size, t = bands * rows, self.threshold
        if t >= 1:
            return size
        tail = 0.0
        for count in range(size + 1):
            tail += math.comb(size, count) * t**count * (1 - t) ** (size - count)
            if tail > missed:
                return count
        return size

    def key(self) -> str:
        """A stable name of everything that a signature depends on."""
        return f"words{DEFINITION}-{self.shingle}/affine32-{self.permutations}-seed-{self.seed}"


@dataclass(frozen=True)
class Limits:
    """What no input is expected to exceed, so that a damaged or hostile one ends with a message, not with the memory.

    Attributes:
        line: Bytes of one line; 0 for no limit.
        expansion: How many times its size a compressed file may expand to; 0 for no limit.
    """

    line: int = 256 << 20
    expansion: int = 1000

    def __post_init__(self) -> None:
        if self.expansion < 0:
            raise UsageError(f"--max-expansion {self.expansion} must be 0 (no limit) or more")


@dataclass(frozen=True)
class Reading:
    """How inputs are read.

    Attributes:
        format: Name of a format, or None to detect it by content.
        encoding: Of text inputs.
        year: Year of digest dates that are printed without one.
        strict: Whether text that a digest parser could not place is an error.
        skip: Whether bad records are skipped and counted instead of ending the run.
        rejects: File that receives skipped lines as they stood.
        block: Bytes read at once.
        limits: What no input may exceed.
    """

    format: str | None = None
    encoding: str = "utf-8"
    year: int | None = None
    strict: bool = False
    skip: bool = False
    rejects: str | None = None
    block: int = 4 << 20
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        _check_encoding(self.encoding)
        if self.year is not None and not 1900 <= self.year <= 2999:
            raise UsageError(f"--year {self.year} is not a year of four digits from 1900 on")
        if self.rejects and not self.skip:
            raise UsageError("--rejects keeps what --on-error skip leaves out: give both")


@dataclass(frozen=True)
class Papers:
    """What only `--match papers` knows. The scorecard itself reads and checks strictness, policy and mapping.

    Attributes:
        strictness: A word or a number of points to add to the threshold; None where none was given.
        policy: Weights and threshold as TOML, or None for the shipped ones.
        policy_path: The file that they stood in, for messages.
        mapping: Canonical names of fields, each with the records' own.
        versions: What happens to two versions of one paper: a member of `VERSIONS`.
    """

    strictness: str | None = None
    policy: str | None = None
    policy_path: str | None = None
    mapping: tuple[tuple[str, tuple[str, ...]], ...] = ()
    versions: str = "merge"

    def __post_init__(self) -> None:
        if self.versions not in VERSIONS:
            raise UsageError(f"--versions {self.versions} is not one of {', '.join(VERSIONS)}")

    @property
    def asked(self) -> tuple[str, ...]:
        """The options that were given, so that the records must be papers."""
        given = {
            "--strictness": self.strictness is not None,
            "--policy": self.policy is not None,
            "--map": bool(self.mapping),
            "--versions": self.versions != "merge",
        }
        return tuple(option for option, was in given.items() if was)


@dataclass(frozen=True)
class Options:
    """Everything a deduplication depends on, but its inputs and outputs.

    `jobs`, `memory_limit`, `tmp_dir` and the reading block change how fast a run is, never what it gives.
    `unique_within` is the dotted path of a field: records of one value there are never merged. `typed` are the
    options that somebody wrote down for this very run: one of them that cannot act is refused.
    """

    reading: Reading = field(default_factory=Reading)
    similarity: Similarity = field(default_factory=Similarity)
    papers: Papers = field(default_factory=Papers)
    match: str = "auto"
    fields: tuple[str, ...] = ()
    unique_within: str | None = None
    keep: str = "first"
    transitive: bool = False
    jobs: int = 0
    memory_limit: int = 0
    tmp_dir: str | None = None
    compiled: bool | None = None
    typed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.match not in MATCHES:
            raise UsageError(f"--match {self.match} is not one of {', '.join(MATCHES)}")
        if self.keep not in KEEP_POLICIES:
            raise UsageError(f"--keep {self.keep} is not one of {', '.join(KEEP_POLICIES)}")
        if self.fields and self.match == "papers":
            raise UsageError(
                "--fields chooses what --match text compares; --match papers knows its own fields"
            )
        if self.papers.asked and (self.match in {"text", "signatures"} or self.fields):
            chosen = (
                f"--match {self.match}" if not self.fields else "--fields, which chooses what text compares"
            )
            raise UsageError(f"{self.papers.asked[0]} is for --match papers: it does not go with {chosen}")
        if self.match == "papers" or self.papers.asked:
            self.refuse_idle("papers", "--match papers" if self.match == "papers" else self.papers.asked[0])
        if self.unique_within == "":
            raise UsageError("--unique-within needs the name of a field, such as source")
        if self.unique_within and self.transitive:
            raise UsageError(
                "--unique-within keeps records of one value apart, --transitive joins all that is connected: "
                "choose one"
            )
        if self.jobs < 0:
            raise UsageError(f"--jobs {self.jobs} must be 0 (one a core) or more")

    def idle(self, rule: str) -> str:
        """An option that was typed and says nothing of what this rule compares; empty where there is none."""
        return next((each for each in TEXT_ONLY if each in self.typed), "") if rule == "papers" else ""

    def refuse_idle(self, rule: str, why: str) -> None:
        """Refuse an option that was typed for a rule by which nothing is compared.

        Args:
            rule: The only rule by which records are compared.
            why: What chose it.

        Raises:
            UsageError: There is one.
        """
        if idle := self.idle(rule):
            raise UsageError(
                f"{idle} does nothing here ({why}): it says how alike texts must be, --strictness how alike papers; "
                "--match text compares texts"
            )

    @property
    def workers(self) -> int:
        """Threads that sketch and decide."""
        return self.jobs or len(os.sched_getaffinity(0))


def _check_encoding(name: str) -> None:
    """That a name is of an encoding of texts, whose lines can be told apart before they are decoded."""
    try:
        known = codecs.lookup(name)
        newline = "\n".encode(name)
    except (LookupError, UnicodeError, ValueError):
        raise UsageError(f"--encoding {name} is not known; try utf-8, latin-1 or utf-16") from None
    wide = known.name.startswith(("utf-16", "utf-32"))
    if known.name.replace("_", "-") in _NO_TEXT_FILES or not (wide or newline.endswith(b"\n")):
        raise UsageError(f"--encoding {name} is not one of text files; try utf-8, latin-1 or utf-16")


def parse_size(text: str) -> int:
    """Bytes of a size such as `512M`, `1.5GiB` or `0` (no limit).

    Raises:
        UsageError: The text is not a size.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*", text.lower())
    if not found:
        raise UsageError(f"{text!r} is not a size: write it like 512M or 2G")
    return int(float(found[1]) * _UNITS[found[2]])
