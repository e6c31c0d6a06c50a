"""`--match papers` as an engine runs it: candidates from several keys, decisions by the scorecard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corpus_tool import sketch
from corpus_tool.dedup import candidates
from corpus_tool.dedup.leaders import Led, led
from corpus_tool.lines.lines import Lines
from corpus_tool.match import VERSION, Decisions, FromLines, Step, Verdict
from corpus_tool.papers import versions
from corpus_tool.papers.bound import Bound
from corpus_tool.papers.candidates import propose
from corpus_tool.papers.columns import compiled_columns, reference_columns
from corpus_tool.papers.explain import explain_profiles
from corpus_tool.papers.extract import read_papers
from corpus_tool.papers.fields import PaperFields, has_paper, paper_fields
from corpus_tool.papers.identity import identities
from corpus_tool.papers.layout import lay_papers, main_texts
from corpus_tool.papers.normalise import bare_title, flat_abstract, flatten, title_words, words
from corpus_tool.papers.reference import profile
from corpus_tool.papers.scorecard import DEFAULT, TERMS
from corpus_tool.papers.table import compiled_table, prepare, score_pairs, value_pairs
from corpus_tool.text import absorb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Similarity
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.papers.explain import Explanation
    from corpus_tool.papers.fields import FieldMap
    from corpus_tool.papers.layout import PaperTexts
    from corpus_tool.papers.scorecard import Scorecard
    from corpus_tool.papers.table import PaperTable
    from corpus_tool.records import Record
    from corpus_tool.sketch import Sketch

_UNDER_HALF = math.nextafter(0.5, 0)
_TELLING = 6


@dataclass(frozen=True)
class PaperPolicy:
    """Decides by title and abstract together, and whatever else the records carry.

    A total of the scorecard becomes a score from 0 to 1 by the logistic function, 0.5 right at the threshold.

    Attributes:
        similarity: Of the MinHash candidates, over abstracts, or titles where there is none.
        scorecard: Weights and threshold.
        mapping: Canonical names of fields to the records' own, where the aliases do not know them.
        kept_versions: Whether two versions of one paper stay apart.
        texts_beside: Names of other texts, where records that may be no papers are left to somebody who can tell.
        compiled: Whether kernels are used; the reference gives the same bits.
        jobs: Threads that a search may use.
    """

    similarity: Similarity
    scorecard: Scorecard = DEFAULT
    mapping: FieldMap | None = None
    kept_versions: bool = False
    texts_beside: tuple[str, ...] = ()
    compiled: bool = False
    jobs: int = 1
    name: ClassVar[str] = "papers"
    threshold: ClassVar[float] = 0.5

    @cached_property
    def _permutations(self) -> NDArray[np.uint32]:
        return sketch.banded_permutations(self.similarity)

    def _papers(self, records: Sequence[Record]) -> list[PaperFields]:
        return [paper_fields(record, self.mapping) for record in records]

    def _laid_out(self, records: Sequence[Record]) -> PaperTexts:
        if self.reads_lines and isinstance(records, Lines):
            return read_papers(records, self.mapping).texts
        return lay_papers(self._papers(records))

    def sees(self, record: Record) -> bool:
        return has_paper(record, self.mapping)

    @property
    def reads_lines(self) -> bool:
        return self.compiled and not self.kept_versions

    def sketch_lines(self, lines: Lines) -> FromLines:
        texts, readable, bad, left = read_papers(lines, self.mapping, self.texts_beside)
        found = self._with_signatures(self._compiled_columns(texts, lines), self._compiled_sketch(texts))
        found["length"] = np.diff(texts.titles[1]) + np.diff(texts.abstracts[1])
        return FromLines(found, readable, bad, left if self.texts_beside else left[:0])

    def sketch(self, records: Sequence[Record]) -> Columns:
        papers = self._papers(records)
        if self.compiled:
            texts = lay_papers(papers)
            found = self._with_signatures(
                self._compiled_columns(texts, records), self._compiled_sketch(texts)
            )
        else:
            main = [flat_abstract(paper.abstract) or flatten(bare_title(paper.title)) for paper in papers]
            made = sketch.sketch_texts(main, self.similarity.shingle, self._permutations, compiled=False)
            found = self._with_signatures(self._reference_columns(papers, records), made)
        found["length"] = np.fromiter((len(p.title) + len(p.abstract) for p in papers), np.int64, len(papers))
        if self.kept_versions:
            self._part_versions(records, found["identity"])
        return found

    def _reference_columns(self, papers: Sequence[PaperFields], records: Sequence[Record]) -> Columns:
        found = reference_columns(papers)

        def some(places: NDArray[np.int64]) -> PaperTable:
            return prepare([papers[at] for at in places.tolist()], compiled=False)

        known = dict(enumerate(papers))
        found["identity"] = identities(found, known, some, records, self.scorecard, compiled=False)
        return found

    def _compiled_columns(self, texts: PaperTexts, records: Sequence[Record]) -> Columns:
        found = compiled_columns(texts)

        def some(places: NDArray[np.int64]) -> PaperTable:
            return compiled_table(texts.take(places))

        found["identity"] = identities(found, texts.rest, some, records, self.scorecard, compiled=True)
        return found

    def _compiled_sketch(self, texts: PaperTexts) -> Sketch:
        from corpus_tool.sketch.compiled import sketch_buffer

        return sketch_buffer(*main_texts(texts), self.similarity.shingle, self._permutations)

    def _with_signatures(self, found: Columns, made: Sketch) -> Columns:
        found["bands"] = candidates.band_keys(made.signatures, *self.similarity.bands_rows)
        found["agreement"] = made.signatures.astype(np.uint8)
        del found["text_key"]
        return found

    def _part_versions(self, records: Sequence[Record], identity: NDArray[np.uint64]) -> None:
        """Tell versions of one text apart by their numbers."""
        for at, record in enumerate(records):
            number = versions.arxiv_version(record, self.mapping)
            if number and identity[at]:
                identity[at] = absorb(int(identity[at]), number) or 1

    def reach(self, columns: Columns, rows: NDArray[Any], budget: int = 0) -> candidates.Reach:
        return candidates.widest_reach(columns["bands"], rows, budget)

    def mixed(self, columns: Columns, rows: NDArray[Any], label: NDArray[np.int64]) -> NDArray[np.bool_]:
        return candidates.mixed(columns["bands"], rows, label)

    def search(
        self, columns: Columns, rows: NDArray[Any], reach: candidates.Reach | None, *, bounded: bool = True
    ) -> candidates.Search:
        least = self.similarity.least_agreement
        bands, agreement = columns["bands"], columns["agreement"]
        found = (
            candidates.Search.nothing(len(rows))
            if reach is None
            else candidates.search(bands, agreement, rows, least, reach, compiled=self.compiled)
        )
        bound = Bound(columns, rows, self.scorecard, self.compiled) if bounded else None

        def portions() -> Iterator[NDArray[np.int64]]:
            for pairs in found.portions:
                yield pairs if bound is None else pairs[bound.possible(*pairs.T)]
            yield propose(columns, rows, bound, compiled=self.compiled, jobs=self.jobs)

        return candidates.Search(portions(), found.crowded)

    def led(
        self,
        columns: Columns,
        leaders: NDArray[np.int64],
        rows: NDArray[np.int64],
        level: int,
        *,
        bounded: bool = True,
    ) -> Led:
        least = self.similarity.agreements[level]
        found = led(columns["bands"], columns["agreement"], leaders, rows, least, compiled=self.compiled)
        if not bounded:
            return found
        bound = Bound(columns, np.concatenate((leaders, rows)), self.scorecard, self.compiled)
        return found.where(bound.possible(found.leader, len(leaders) + found.row))

    def compare(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> Decisions:
        if self.kept_versions:
            records = list(records)
        if self.compiled:
            table = compiled_table(self._laid_out(records))
        else:
            table = prepare(self._papers(records), compiled=False)
        totals = score_pairs(table, left, right, self.scorecard, compiled=self.compiled)
        found = Decisions.at(self._scores(totals), self.threshold)
        if self.kept_versions:
            alike = np.flatnonzero(found.relation)
            apart = self._are_versions(records, left[alike], right[alike])
            found.relation[alike[apart]] = VERSION
        return found

    def _are_versions(
        self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Which pairs of records of one paper are two versions of it."""
        known = {
            at: versions.edition(paper_fields(records[at], self.mapping), records[at], self.mapping)
            for at in {*left.tolist(), *right.tolist()}
        }
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return np.fromiter(
            (bool(versions.difference(known[a], known[b])) for a, b in pairs), np.bool_, len(left)
        )

    def _scores(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Totals as scores; the same bits whatever the sizes of the arrays."""
        above = totals - self.scorecard.threshold
        scores = np.array([1 / (1 + math.exp(-max(value, -700.0))) for value in above.tolist()])
        decided: NDArray[np.float64]
        decided = np.where(above >= 0, np.maximum(scores, 0.5), np.minimum(scores, _UNDER_HALF))
        return decided

    def compared(self, record: Record) -> dict[str, str]:
        paper = paper_fields(record, self.mapping)
        return {"title": paper.title, "abstract": paper.abstract}

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        if self.compiled:
            texts = self._laid_out(records)
            table, identity = compiled_table(texts), self._compiled_columns(texts, records)["identity"]
        else:
            papers = self._papers(records)
            table = prepare(papers, compiled=False)
            identity = self._reference_columns(papers, records)["identity"]
        if self.kept_versions:
            self._part_versions(records, identity)
        alike = (identity[left] == identity[right]) & (identity[left] != 0)
        points = value_pairs(table, left, right, compiled=self.compiled) * np.array(self.scorecard.weights)
        return [
            ["same title and abstract, word for word"] if same else _telling(row)
            for same, row in zip(alike.tolist(), points.tolist(), strict=True)
        ]

    def _explained(self, left: PaperFields, right: PaperFields) -> Explanation:
        return explain_profiles(profile(left), profile(right), self.scorecard)

    def explain(self, left: Record, right: Record) -> Verdict:
        one, other = self._papers([left, right])
        found = self._explained(one, other)
        worded = all(title_words(paper.title) or words(paper.abstract) for paper in (one, other))
        score = (
            1.0
            if self._alike(one, other, left, right)
            else float(self._scores(np.array([found.total if worded else -np.inf]))[0])
        )
        how = self._versions_of(one, other, left, right) if score >= self.threshold else ""
        base = Step("base", 1.0, found.base, "where every pair starts")
        steps = (Step(step.name, step.value, step.points, step.meaning) for step in found.steps)
        flips = tuple(f"The verdict would change {flip} ({flip.total:+.2f} points)." for flip in found.flips)
        return Verdict(
            score,
            self.threshold,
            f"Two versions of one paper, which stay apart: {how}."
            if how
            else self._sentence(found, score, worded),
            (("title", one.title, other.title), ("abstract", one.abstract, other.abstract)),
            (base, *steps),
            ("They would be merged with --versions merge.",) if how else flips,
            version=bool(how),
        )

    def _versions_of(self, one: PaperFields, other: PaperFields, left: Record, right: Record) -> str:
        """How two records of one paper are versions of it; empty where they are not, or are merged anyway."""
        if not self.kept_versions:
            return ""
        first, second = (
            versions.edition(paper, record, self.mapping) for paper, record in ((one, left), (other, right))
        )
        return versions.difference(first, second)

    def _alike(self, one: PaperFields, other: PaperFields, left: Record, right: Record) -> bool:
        """Whether everything that is compared says the same, title and abstract by their words."""
        reference = self._reference_columns([one, other], [left, right])
        if self.kept_versions:
            self._part_versions([left, right], reference["identity"])
        first, second = reference["identity"].tolist()
        return bool(first) and first == second

    def _sentence(self, found: Explanation, score: float, worded: bool) -> str:
        if not worded:
            return "Not duplicates: a record without any word in title and abstract is never one."
        if score == 1.0:
            return "The same paper: title and abstract agree word for word."
        wanted = f"{found.threshold:+.2f}" if found.threshold else "0"
        if found.duplicate:
            return f"The same paper: {found.total:+.2f} points, where {wanted} are enough."
        against = min(found.steps, key=lambda step: step.points, default=None)
        telling = against is not None and 2 * -against.points >= found.threshold - found.total
        because = f"; most against it: {against.meaning}" if against and telling else ": too little agrees"
        return f"Two papers: {found.total:+.2f} points, where {wanted} are wanted{because}."


def _telling(points: Sequence[float]) -> list[str]:
    """The terms that count most, in words."""
    steps = [
        (value, term.meaning)
        for value, term in zip(points, TERMS, strict=True)
        if value and term.name != "base"
    ]
    steps.sort(key=lambda step: (-abs(step[0]), step[0] < 0))
    return [f"{value:+.2f} {meaning}" for value, meaning in steps[:_TELLING]]
