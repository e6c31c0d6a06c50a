"""The library's entrance: what the commands do, over records that are at hand or files that are not.

>>> from corpus_tool import deduplicate
>>> result = deduplicate([{"id": 1, "text": "a b c"}, {"id": 2, "text": "A, b, c!"}])
>>> [record["id"] for record in result.kept]
[1]

Records are dicts that JSON can say, or strings, of which each is a text; in a list, a tuple, an iterator, a Series, or
a table of pandas, polars or Arrow. A path (a path object; a string too, where records are wanted) names files, folders
or patterns, as the commands take them. Parameters are the commands' options: `--unique-within source` is
`unique_within="source"`. Texts are compared by the Jaccard index of their sets of five-word shingles, papers by a
scorecard of title, abstract and whatever else both carry (`examples/matching.md` has its formulas).

Errors: `CorpusError`, of which `UsageError` is a parameter that cannot be used, `InputError` a file or a record;
`TypeError` for what holds no records. What is left out or skipped is a `CorpusWarning`.
"""

from __future__ import annotations

from contextlib import ExitStack
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from corpus_tool.api.given import STREAM, Given, line
from corpus_tool.api.results import Compared, Explanation, Pair, Records, Result, differing
from corpus_tool.api.settings import Matching, Running, Searching, Settings
from corpus_tool.api.wording import CorpusWarning, in_python, pythonic, warn
from corpus_tool.comparison import Comparison
from corpus_tool.engines import local, memory, side_by_side
from corpus_tool.lines.decode import decode
from corpus_tool.match.choosing import choose
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import expand
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from corpus_tool.config import Options, Reading
    from corpus_tool.records import Record

__all__ = [
    "Compared",
    "CorpusWarning",
    "Explanation",
    "Pair",
    "Records",
    "Result",
    "compare",
    "deduplicate",
    "explain",
    "parse",
]

SOURCE = "records"
"""What messages, receipts and clusters call records that were handed over; their line is their number from 1 on."""


def deduplicate(records: Any, options: Options | None = None, **settings: Unpack[Running]) -> Result:
    """Keep one record of each set of near-duplicates, as `corpus-tool dedup` does.

    Args:
        records: Records, or a path or several path objects; see `corpus_tool.api`.
        options: All settings as one value, instead of them.
        settings: By their names, each as the command's option of that name.

    Settings:
        match: What is compared: `papers`, `text`, `signatures` (records of which only the MinHash is left), or `auto`,
            which decides for each record what fits.
        threshold: Of texts, the least Jaccard index of duplicates, over 0 and up to 1; 0.7 where None.
        fields: Of texts, the fields that are compared, dotted where nested; none for the first of `text`, `content`,
            `abstract` and `body` that a record has.
        strictness: Of papers, `lenient`, `default`, `strict`, or points to add to the scorecard's threshold.
        mapping: Of papers, further names of fields: `{"venue": "forum", "title": ["Titel", "paper.name"]}`.
        policy: Of papers, a file of weights that `corpus-tool tune` wrote.
        versions: Of papers, whether preprint and publication are one: `merge`, `keep` or `link`.
        keep: Which of several stays: `first`, `last`, `longest`, `newest`, `most-complete`.
        transitive: Whether A and C are one where both match B (whole connected components).
        unique_within: A field: records of one value there are never merged.
        shingle: Of texts, words in a shingle; 5 where None.
        permutations: Length of a MinHash signature.
        recall: Chance wanted, between 0 and 1, to compare a pair that lies right at the threshold.
        seed: Of the permutations, as in `datasketch.MinHash`.
        format: Of files, their format; None to tell it by content.
        encoding: Of files of text.
        year: Of files, the year of digest dates that are printed without one.
        strict: Of files, whether text of a digest that could not be placed is an error.
        on_error: Of files, what to do at a bad line: `fail`, or `skip`, which warns and goes on.
        jobs: Threads; 0 for one a core. The result is the same for any number.
        memory_limit: Bytes, or a size such as `"512M"`, past which columns go to temporary files; 0 for no limit.
        tmp_dir: The folder of these; None for the system's.

    Returns:
        Who stayed, and why the others did not. Every removed record matches a kept one directly.

    Raises:
        CorpusError: A parameter, a file or a record that cannot be used.
        TypeError: What was handed over holds no records, or one is nothing that JSON can say.
    """
    with pythonic():
        asked = Settings.of("deduplicate", settings, Running)
        if options is not None and settings:
            raise TypeError("options is all of the other parameters as one value: pass it, or them")
        chosen = asked.options() if options is None else options
        paths, records = _paths(records)
        if paths is not None:
            run = local.deduplicate(expand(paths), chosen, _problems(chosen.reading), Progress())
            given = None
        else:
            asked.refuse_reading()
            given = Given.of(records)
            run = memory.deduplicate(given.raws, SOURCE, chosen, Progress())
        result = Result(run, given)
        try:
            chosen.refuse_idle(run.only, run.why)
        except BaseException:
            result.close()
            raise
        return result


def compare(a: Any, b: Any, **settings: Unpack[Searching]) -> Compared:
    """Tell what two collections share, as `corpus-tool compare` does.

    Every record of either is judged by itself: it is *only* there where no record of the other matches it, in *both*
    where one that matches says the same, word for word, in all texts that are compared, and else *revised*. So neither
    order nor repeats decide, and a side that repeats itself has the same status at each copy.

    Args:
        a: Records or paths, as for `deduplicate`.
        b: The same; both are records, or both paths.
        settings: Those of `deduplicate`: `match`, `threshold`, `fields`, `strictness`, `mapping`, `policy`, `versions`,
            `shingle`, `permutations`, `recall`, `seed`, `jobs`, `tmp_dir`; of files also `format`, `encoding`, `year`,
            `strict`, `on_error`.

    Returns:
        The records of each side alone, and the pairs.

    Raises:
        CorpusError: A parameter, a file or a record that cannot be used.
        TypeError: What was handed over holds no records.
    """
    with pythonic(), ExitStack() as stack:
        asked = Settings.of("compare", settings, Searching)
        options = asked.options()
        (paths, a), (others, b) = _paths(a), _paths(b)
        given = None
        if paths is not None and others is not None:
            every = expand([*paths, *others])
            split = len(expand(paths))
            problems = _problems(options.reading)
            sides = side_by_side.of_files(every[:split], every[split:], options, problems, Progress())
        elif paths is None and others is None:
            asked.refuse_reading()
            given = (Given.of(a, "a"), Given.of(b, "b"))
            sides = side_by_side.of_records(given[0].raws, given[1].raws, ("a", "b"), options, Progress())
        else:
            raise TypeError(
                "a and b are both records, or both paths: corpus_tool.parse reads a digest's records"
            )
        found = Comparison.of(stack.enter_context(sides))
        return Compared(found, given, stack.pop_all())


def explain(a: Record | str, b: Record | str, **settings: Unpack[Matching]) -> Explanation:
    """Tell why two records are, or are not, duplicates, as `corpus-tool explain` does.

    >>> print(explain("one two three", "One, two, three!"))
    Duplicates: 1 of 1 5-word shingles of text agree, a Jaccard index of 1.0000.

    Args:
        a: A record, or a string, which is a text.
        b: Another.
        settings: Those of `deduplicate`: `match`, `threshold`, `fields`, `strictness`, `mapping`, `policy`, `versions`,
            `shingle`.

    Returns:
        The verdict, the exact score, and what led to it.

    Raises:
        CorpusError: A parameter that cannot be used.
        TypeError: A record is neither a dict nor a string, or nothing that JSON can say.
    """
    with pythonic():
        options = Settings.of("explain", settings, Matching).options()
        one, other = decode(line(a, "a")), decode(line(b, "b"))
        rule, verdict = choose(options).explain(one, other)
        options.refuse_idle(rule.name, f"matching {rule.name}")
    return Explanation(
        verdict.duplicate,
        verdict.score,
        verdict.threshold,
        rule.name,
        in_python(verdict.sentence),
        {name: (left, right) for name, left, right in verdict.texts},
        verdict.steps,
        tuple(map(in_python, verdict.flips)),
        differing(verdict.texts),
    )


def parse(
    path: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    format: str | None = None,  # noqa: A002
    encoding: str = "utf-8",
    year: int | None = None,
    strict: bool = False,
    on_error: str = "fail",
) -> Records:
    """Read the papers of digests, bibliographies, mails, feeds and pages, as `corpus-tool parse` does.

    Args:
        path: A file, a folder, a pattern or an address, or several.
        format: One of the formats that the command lists; None to tell it by content.
        encoding: Of text.
        year: Of digest dates that are printed without one.
        strict: Whether text that no paper takes is an error; else it is a `CorpusWarning`.
        on_error: At bad input, `fail`, or `skip`, which warns and goes on.

    Returns:
        A list of dicts with `id`, `title`, `abstract`, `source`, `line` and what else the format prints, which is an
        Arrow table too: `polars.DataFrame(parse("digests"))`.

    Raises:
        CorpusError: A file that is missing, or is none of what is read.
    """
    from corpus_tool import sources

    with pythonic():
        reading = Settings(
            format=format, encoding=encoding, year=year, strict=strict, on_error=on_error
        ).reading()
        paths = [path] if isinstance(path, (str, PathLike)) else list(path)
        inputs = expand([fspath(each) for each in paths])
        batches = sources.read(inputs, reading, _problems(reading), only_digests=True)
        return Records(record for batch in batches for record in batch.records)


def _problems(reading: Reading) -> Problems:
    return Problems(skip=reading.skip, strict=reading.strict, say=warn)


def _paths(records: Any) -> tuple[list[str] | None, Any]:
    """The paths that were handed over, if they are such; else the records, an iterator as a list."""
    if isinstance(records, (str, PathLike)):
        return [fspath(records)], records
    if hasattr(records, "__next__") and not hasattr(records, STREAM):
        records = list(records)
    if isinstance(records, (list, tuple)) and records and all(isinstance(each, PathLike) for each in records):
        return [fspath(each) for each in records], records
    return None, records
