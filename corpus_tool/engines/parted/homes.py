"""The first pass: what each task makes of its stretches, and what it tells of them to whoever numbers the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.dedup.candidates import distinct
from corpus_tool.dedup.columns import Gathered, take
from corpus_tool.engines.ingest import read_item
from corpus_tool.engines.parted import blocks
from corpus_tool.engines.parted.texts import Standing, lines_of
from corpus_tool.engines.sketching import Sketched, Sketching, sketch_records
from corpus_tool.lines.lines import Lines
from corpus_tool.match.text import FIELD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Options
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.engines.ingest import Read
    from corpus_tool.engines.parted.blocks import Stretch
    from corpus_tool.match.rules import Rules

_SAMPLE = 100


@dataclass(slots=True)
class Home:
    """Consecutive records of one task.

    Attributes:
        common: Of all records. To what sketching gives are added `stretch`, uint32, the number of the stretch that it
            was read from; `line` and `start`, int64, and `size`, uint32, where it stands; and `held`, ragged uint8, the
            bytes of those that cannot be read again.
        rules: For each rule the columns of the records that follow it, in their order; empty where none does.
    """

    common: Columns
    rules: tuple[Columns, ...]

    def __len__(self) -> int:
        return len(self.common["rule"])

    def take(self, rows: NDArray[Any]) -> Home:
        """Some of the records, in the order asked for."""
        rule, rules = self.common["rule"], []
        for at, columns in enumerate(self.rules):
            place = np.cumsum(rule == at) - 1
            mine = place[rows[rule[rows] == at]]
            rules.append(take(columns, mine) if len(mine) else {})
        return Home(take(self.common, rows), tuple(rules))

    def identity(self) -> NDArray[np.uint64]:
        """As `Sketches.identity`."""
        found = np.zeros(len(self), np.uint64)
        for at, columns in enumerate(self.rules):
            if columns:
                found[self.common["rule"] == at] = columns["identity"]
        return found

    @staticmethod
    def joined(homes: Sequence[Home]) -> Home:
        """The records of several, one after another."""
        common, rules = Gathered(), [Gathered() for _ in homes[0].rules]
        for home in homes:
            common.add(home.common)
            for gathered, columns in zip(rules, home.rules, strict=True):
                if columns:
                    gathered.add(columns)
        return Home(common.finish(), tuple(each.finish() for each in rules))


@dataclass(slots=True)
class Book:
    """What is told of a stretch.

    Attributes:
        name: Of its source.
        path: Where its bytes can be read again; None where its task holds them.
        records: How many it has.
        lines: How many lines, those without a record included; 0 where the lines are numbered by their reader.
        size: Bytes of the records, newlines included.
        told: What was told of its problems, method and arguments; the line of an unreadable one counts from its
            beginning, which the last value says.
        blank: As in `Layout`, counted from its first record.
        ended: Whether its last line has its newline; None where nothing was read.
        counts: Records of each rule.
        fields: For each rule the numbers of the fields in which texts were found.
        abstracts: Whether any paper has an abstract.
        said: Whether any record has anything to compare.
        seen: Whether any has what is compared, be it empty; known where nothing is said.
        keys: Those of the first records, where the run may have to tell them.
        parsed: Whether any may carry `seen`.
        dated: Whether any has a date, where such count.
        within: Least and greatest of the values that a cluster may hold one of each; None where none are asked for.
    """

    name: str
    path: str | None = None
    records: int = 0
    lines: int = 0
    size: int = 0
    told: list[tuple[str, tuple[Any, ...], dict[str, Any], bool]] = field(default_factory=list)
    blank: list[tuple[int, str]] = field(default_factory=list)
    ended: bool | None = None
    counts: list[int] = field(default_factory=list)
    fields: list[list[int]] = field(default_factory=list)
    abstracts: bool = False
    said: bool = False
    seen: bool = False
    keys: list[str] = field(default_factory=list)
    parsed: bool = False
    dated: bool = False
    within: tuple[int, int] | None = None


def sketch(
    rules: Rules, options: Options, index: int, given: tuple[int, list[Stretch]]
) -> tuple[Home, list[Book]]:
    """Read and sketch what a task was given.

    Args:
        rules: Of the run.
        options: Of the run.
        index: Number of the task.
        given: How many stretches come before the task's, and these.
    """
    before, wanted = given
    homes, books = [_typed(rules, options)], []
    for number, stretch in enumerate(wanted, before):
        home, book = _sketch_one(rules, options, number, stretch)
        homes.append(home)
        books.append(book)
    return Home.joined(homes), books


def _typed(rules: Rules, options: Options) -> Home:
    """No records, with the columns that they would have."""
    sketching = Sketching(rules, options)
    sketching.add(sketch_records(rules, [], Lines.joined([]), options, ""))
    found = sketching.finish()
    return _home(found.common, found.rules, 0, [])


def _sketch_one(rules: Rules, options: Options, number: int, stretch: Stretch) -> tuple[Home, Book]:
    book = Book(stretch.input.name)
    sketching = Sketching(rules, options)
    sketching.add(sketch_records(rules, [], Lines.joined([]), options, ""))
    noted, reads = blocks.Noted(), []
    for item in blocks.read(stretch, options.reading, noted):
        made = read_item(rules, item, options)
        for place, message, raw in made.bad:
            book.told.append(("bad", (made.source, book.lines + place, message, raw), {}, True))
        book.told += [(*each, False) for each in noted.told]
        noted.told.clear()
        made.lines = made.lines if made.numbered else made.lines + book.lines
        book.blank += [(book.records + count, raw.decode()) for count, raw in made.blank]
        book.ended, book.path = made.ended, made.path
        book.lines += made.count
        book.records += len(made.sizes)
        book.size += int(made.sizes.sum()) + len(made.sizes)
        sketching.add(made.sketched)
        reads.append(_freed(made))
    book.told += [(*each, False) for each in noted.told]
    found = sketching.finish()
    home = _home(found.common, found.rules, number, reads)
    _tell(book, home, rules, options)
    return home, book


def _freed(made: Read) -> Read:
    """Where the records stand: without their columns, and of their bytes with those alone that cannot be read again."""
    made.data = memoryview(b"" if made.path else bytes(made.data))
    made.sketched = Sketched((), {})
    return made


def _home(common: Columns, rules: tuple[Columns, ...], number: int, reads: Sequence[Read]) -> Home:
    """A home whose records know where they stand."""
    none = np.zeros(0, np.int64)
    starts = [read.starts + (read.base if read.path else 0) for read in reads]
    common["stretch"] = np.full(len(common["rule"]), number, np.uint32)
    common["line"] = np.concatenate([none, *(read.lines for read in reads)])
    common["start"] = np.concatenate([none, *starts])
    common["size"] = np.concatenate([none, *(read.sizes for read in reads)]).astype(np.uint32)
    held = [_held(read) for read in reads]
    common["held"] = np.concatenate([np.zeros(0, np.uint8), *(data for data, _ in held)])
    sizes = np.concatenate([none, *(sizes for _, sizes in held)])
    common["held_offsets"] = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    return Home(common, rules)


def _held(read: Read) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of records that cannot be read again, one after another, and how many each has."""
    if read.path:
        return np.zeros(0, np.uint8), np.zeros(len(read.sizes), np.int64)
    data = np.frombuffer(read.data, np.uint8)
    ends = np.cumsum(read.sizes)
    within = np.arange(int(read.sizes.sum())) - np.repeat(ends - read.sizes, read.sizes)
    return data[np.repeat(read.starts, read.sizes) + within], read.sizes


def _tell(book: Book, home: Home, rules: Rules, options: Options) -> None:
    common = home.common
    book.counts = rules.counts(common["rule"])
    book.fields = [distinct(columns[FIELD]).tolist() if FIELD in columns else [] for columns in home.rules]
    book.abstracts = any(len(columns.get("shingles", ())) > 0 for columns in home.rules)
    book.said, book.parsed = bool(common["said"].any()), bool(common["parsed"].any())
    if options.keep == "newest":
        book.dated = bool(common["worth"][:, 0].any())
    if options.unique_within and book.records:
        within = common["within"]
        book.within = int(within.min()), int(within.max())
    bytewise = rules.policies[-1].name == "bytes" and book.counts[-1] == book.records
    valueless = book.within is not None and not book.within[1]
    if book.records and (not book.said or bytewise or valueless):
        _look_closer(book, home, rules)


def _look_closer(book: Book, home: Home, rules: Rules) -> None:
    """Read the records again of which nothing is compared: the run may have to say what they are."""
    standing = {int(number): Standing(book.name, book.path) for number in home.common["stretch"][:1]}
    for at in range(0, len(home), _SAMPLE):
        found = list(lines_of(standing, home.common, np.arange(at, min(at + _SAMPLE, len(home)))))
        if not at:
            book.keys = list(dict.fromkeys(key for record in found for key in record))
        book.seen = book.seen or any(map(rules.sees, found))
        if book.seen or book.said:
            break
