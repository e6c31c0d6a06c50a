"""The run, stage by stage, on a cluster: what one machine does in `engines.local` and `dedup.run`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool import sources
from corpus_tool.dedup import keep
from corpus_tool.engines import comparable
from corpus_tool.engines.parted import blocks, settling
from corpus_tool.engines.parted.across import across
from corpus_tool.engines.parted.copies import first_places
from corpus_tool.engines.parted.deciding import decide
from corpus_tool.engines.parted.homes import sketch
from corpus_tool.engines.parted.order import arrange, to_ordinals
from corpus_tool.engines.parted.search import Search, leads_of
from corpus_tool.engines.parted.texts import Standing
from corpus_tool.engines.sketching import SOURCE
from corpus_tool.errors import InputError, UsageError
from corpus_tool.match.choosing import choose
from corpus_tool.match.text import DEFAULT_FIELDS, TextPolicy
from corpus_tool.sources import remote
from corpus_tool.sources.inputs import STDIN
from corpus_tool.store import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.parted.blocks import Stretch
    from corpus_tool.engines.parted.homes import Book, Home
    from corpus_tool.engines.parted.parts import Cluster, Parts
    from corpus_tool.match.rules import Rules
    from corpus_tool.progress import Progress
    from corpus_tool.sources.inputs import Input
    from corpus_tool.sources.problems import Problems

MOST_RECORDS = (1 << 32) - 1
"""Places have 32 bits where they are sent."""


@dataclass(slots=True)
class Found:
    """What a run found, and where it stands on the cluster.

    Attributes:
        rules: What decided.
        why: One sentence on what was compared.
        homes: `Home` values by ordinal.
        fates: Lists of columns at the homes of ordinals: `place`, an ordinal; `other`, its witness or -1; `score`.
        through: Under `--transitive` the same of the record by which each joined; None otherwise.
        version_of: Under `--versions link` the same of the kept record that a kept one is a later version of.
        bases: The first ordinal of each home.
        books: Of all stretches.
        lines: int64, what is added to the lines of each stretch.
        layout: What stands between the records.
        proposed: Number of pairs that were decided.
        crowded: Records in buckets too large to compare all pairs.
    """

    rules: Rules
    why: str
    homes: Parts
    fates: Parts
    through: Parts | None
    version_of: Parts | None
    bases: NDArray[np.int64]
    books: list[Book]
    lines: NDArray[np.int64]
    layout: Layout
    proposed: int
    crowded: int

    @property
    def standing(self) -> list[Standing]:
        """Where each stretch is read again."""
        return _standing(self.books)

    @property
    def counts(self) -> list[int]:
        """Records of each rule."""
        return _summed(self.books, self.rules)

    @property
    def parsed(self) -> bool:
        """Whether any record may carry `seen`."""
        return any(book.parsed for book in self.books)


def deduplicate(
    cluster: Cluster,
    inputs: Sequence[Input],
    options: Options,
    problems: Problems,
    progress: Progress,
    count: int = 0,
) -> Found:
    """Read, sketch, propose, decide and cluster, on many machines.

    Args:
        cluster: What runs the tasks.
        inputs: What to read; every machine must be able to.
        options: Of the run.
        problems: Told of everything that cannot be used, in the order of the input.
        progress: Told of the stages.
        count: Tasks of each stage; 0 for one to about 64 MB.

    Raises:
        CorpusError: Input that cannot be used.
    """
    options = replace(options, jobs=1, tmp_dir=None, memory_limit=0)
    rules = choose(options)
    progress.stage("read")
    surveyed = [
        (_from_anywhere(each), plain) for each, plain in sources.survey(inputs, options.reading, problems)
    ]
    wanted = blocks.tasks(surveyed, count, cluster.width)
    before = np.cumsum([0, *map(len, wanted)]).tolist()
    sketched = (
        cluster.parts(list(zip(before, wanted, strict=False))).map(partial(sketch, rules, options)).keep()
    )
    kept_books = sketched.map(_books).values()
    books = [book for each in kept_books for book in each]
    records = [sum(book.records for book in each) for each in kept_books]
    bases = np.concatenate(([0], np.cumsum(records, dtype=np.int64)))
    lines = _lines(books, [each for task in wanted for each in task])
    if bases[-1] > MOST_RECORDS:
        raise InputError(f"{bases[-1]:,} records: a run takes {MOST_RECORDS:,} at most, so part the inputs")
    progress.advance(sum(book.size for book in books))
    _replay(books, lines, problems)
    _check(books, rules, options)
    progress.stage("propose", int(bases[-1]), "records")
    homes = sketched.map(_home)
    fates, through, versions, proposed, crowded = _settled(rules, options, homes, books, bases, progress)
    return Found(
        rules,
        _why(books, rules, options),
        homes,
        fates,
        through,
        versions,
        bases,
        books,
        lines,
        _layout(books),
        proposed,
        crowded,
    )


def _from_anywhere(given: Input) -> Input:
    """An input as every task finds it, whatever folder it runs in.

    Raises:
        UsageError: It cannot be read but here.
    """
    if given.path == STDIN:
        raise UsageError(
            "standard input cannot be read by many machines: write it to a file that all of them see"
        )
    if given.path.startswith("file://"):
        return replace(given, path=str(remote.local_path(given.path)))
    return given if remote.is_address(given.path) else replace(given, path=str(Path(given.path).absolute()))


def _books(_: int, made: tuple[Home, list[Book]]) -> list[Book]:
    return made[1]


def _home(_: int, made: tuple[Home, list[Book]]) -> Home:
    return made[0]


def _where(_: int, home: Home) -> Columns:
    return {name: array for name, array in home.common.items() if name not in {"worth", "said"}}


def _lines(books: Sequence[Book], read: Sequence[Stretch]) -> NDArray[np.int64]:
    """What is added to the lines of each stretch, which count from 0 where the source does not number them."""
    found = np.zeros(len(books), np.int64)
    for at, (book, stretch) in enumerate(zip(books, read, strict=True)):
        if stretch.start:
            found[at] = found[at - 1] + books[at - 1].lines
        else:
            found[at] = stretch.end >= 0 or book.lines > 0
    return found


def _replay(books: Sequence[Book], lines: NDArray[np.int64], problems: Problems) -> None:
    for book, line in zip(books, lines.tolist(), strict=True):
        for method, arguments, more, numbered in book.told:
            if numbered:
                source, place, *rest = arguments
                arguments = source, place + line, *rest
            getattr(problems, method)(*arguments, **more)


def _standing(books: Sequence[Book]) -> list[Standing]:
    return [Standing(book.name, book.path) for book in books]


def _layout(books: Sequence[Book]) -> Layout:
    layout, before = Layout(), 0
    for book in books:
        layout.blank += [(before + count, text) for count, text in book.blank]
        layout.ended = layout.ended if book.ended is None else book.ended
        before += book.records
    return layout


def _summed(books: Sequence[Book], rules: Rules) -> list[int]:
    counts = np.sum([book.counts for book in books], axis=0) if books else np.zeros(len(rules.policies))
    return [int(count) for count in counts.tolist()]


def _check(books: Sequence[Book], rules: Rules, options: Options) -> None:
    """As `comparable.check`."""
    within, sources_read = options.unique_within, [book for book in books if book.records]
    if (
        within
        and within != SOURCE
        and sources_read
        and not any(book.within[1] for book in sources_read if book.within)
    ):
        raise comparable.without_values(within, sources_read[0].keys)
    bytewise = rules.policies[-1].name == "bytes" and all(
        book.counts[-1] == book.records for book in sources_read
    )
    groups: list[list[Book]] = []
    for book in sources_read:
        if groups and groups[-1][0].name == book.name:
            groups[-1].append(book)
        else:
            groups.append([book])
    for group in groups:
        mute = not any(book.said or book.seen for book in group)
        if mute or bytewise:
            name = group[0].name if len(groups) > 1 else None
            raise comparable.without_texts(rules, options, group[0].keys, name)


def _why(books: Sequence[Book], rules: Rules, options: Options) -> str:
    fields: list[str] = []
    for at, policy in enumerate(rules.policies):
        if isinstance(policy, TextPolicy):
            numbers = sorted({number for book in books for number in book.fields[at]})
            found = tuple(DEFAULT_FIELDS[number] for number in numbers if number < len(DEFAULT_FIELDS))
            fields += policy.fields or found
    why = rules.why_of(_summed(books, rules), fields, abstracts=any(book.abstracts for book in books))
    bounds = [book.within for book in books if book.within]
    if sum(book.records for book in books) > 1 and bounds:
        least, most = min(low for low, _ in bounds), max(high for _, high in bounds)
        if least == most and least:
            why += f"; every record has the same {options.unique_within}, so none may be merged"
    if (
        options.keep == "newest"
        and any(book.records for book in books)
        and not any(book.dated for book in books)
    ):
        why += f"; no record has a date ({', '.join(keep.DATE_FIELDS)}), so the longest stays"
    return why


def _settled(
    rules: Rules,
    options: Options,
    homes: Parts,
    books: list[Book],
    bases: NDArray[np.int64],
    progress: Progress,
) -> tuple[Parts, Parts | None, Parts | None, int, int]:
    """Fates, through, versions; how many pairs were decided, and how many records stand in crowded buckets."""
    placed, bounds = arrange(homes, bases, options.keep)
    apart = options.unique_within is not None
    firsts = first_places(placed, bounds, apart=apart)
    where = placed.map(_where).keep()
    searches, standing = [], _standing(books)
    for at, count in enumerate(_summed(books, rules)):
        if count and rules.policies[at].name != "bytes":
            search = Search(rules.policies[at], rules, where, standing, bounds, apart, options.transitive)
            search.matches(placed.beside(firsts).map(partial(leads_of, at, bounds)).keep())
            searches.append(search)
    matched, edges = _all_matches(rules, searches, placed, firsts, books, bounds)
    progress.stage("cluster", int(bases[-1]), "records")
    compiled = all(policy.compiled for policy in rules.policies)
    proposed = sum(search.proposed for search in searches)
    ordinal = partial(to_ordinals, placed=placed, bounds=bounds, bases=bases, policy=options.keep)
    through = None
    if options.transitive:
        fates, pairs = settling.join(matched, firsts, where, bounds)
        decided = decide(pairs, where, standing, bounds, rules)
        proposed += sum(decided.map(_length).values())
        fates = settling.scored(fates, decided, bounds).keep()
        through = ordinal(fates.map(partial(_related, bounds, "through")))
    else:
        found = settling.witnesses(matched, edges, where, bounds, apart=apart, compiled=compiled)
        fates = settling.with_copies(found, firsts, bounds).keep()
    versions = None
    if options.papers.versions == "link":
        parts = [part for search in searches for part in search.versions]
        versions = ordinal(_later_versions(parts, fates, bounds).map(partial(_placed, bounds)))
    crowded = sum(search.crowded for search in searches)
    return (
        ordinal(fates.map(partial(_related, bounds, "witness"))).keep(),
        through,
        versions,
        proposed,
        crowded,
    )


def _all_matches(
    rules: Rules,
    searches: Sequence[Search],
    placed: Parts,
    firsts: Parts,
    books: list[Book],
    bounds: NDArray[np.int64],
) -> tuple[Parts, int]:
    """The matches of all rules, and those between records of different ones; and how many they are."""
    matched = placed.map(_no_match)
    for search in searches:
        matched = matched.beside(search.found()).map(_joined)
    edges, counts = sum(search.edges for search in searches), _summed(books, rules)
    for at, policy in enumerate(rules.policies):
        if counts[at] and sum(counts[:at]) and policy.name != "bytes":
            more = across(policy, at, placed, firsts, _standing(books), bounds)
            edges += sum(more.map(_lengths).values())
            matched = matched.beside(more).map(_joined)
    return matched.keep(), edges


def _no_match(_: int, home: Home) -> Columns:
    none = np.zeros(0, np.int64)
    return {"left": none, "right": none, "score": np.zeros(0)}


def _joined(_: int, given: tuple[Columns, Columns | list[Columns]]) -> Columns:
    one, more = given
    parts = [one, *(more if isinstance(more, list) else [more])]
    return {name: np.concatenate([part[name] for part in parts]) for name in one}


def _length(_: int, pairs: Columns) -> int:
    return len(pairs["left"])


def _lengths(_: int, received: list[Columns]) -> int:
    return sum(len(pairs["left"]) for pairs in received)


def _related(bounds: NDArray[np.int64], name: str, index: int, fates: Columns) -> Columns:
    """What is known of a home's records, where there is anything."""
    some = np.flatnonzero(fates[name] >= 0)
    return {"place": some + bounds[index], "other": fates[name][some], "score": fates["score"][some]}


def _later_versions(parts: Sequence[Parts], fates: Parts, bounds: NDArray[np.int64]) -> Parts:
    none = fates.map(_no_version_pairs)
    for part in parts:
        none = none.beside(part).map(_joined)
    return settling.later_versions(fates, none, bounds)


def _no_version_pairs(_: int, fates: Columns) -> Columns:
    return {"left": np.zeros(0, np.int64), "right": np.zeros(0, np.int64)}


def _placed(bounds: NDArray[np.int64], index: int, other: NDArray[np.int64]) -> Columns:
    some = np.flatnonzero(other >= 0)
    return {"place": some + bounds[index], "other": other[some]}
