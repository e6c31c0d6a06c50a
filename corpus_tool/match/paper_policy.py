"""`--match papers` as an engine runs it: candidates from several keys, decisions by the scorecard."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import candidates, sketch
from corpus_tool.columns import take
from corpus_tool.match import Step, Verdict, paper_candidates
from corpus_tool.match.fields import PaperFields, paper_fields
from corpus_tool.match.paper_text import title_words, words
from corpus_tool.match.papers import Score, profile, score_profiles
from corpus_tool.match.scorecard import DEFAULT
from corpus_tool.text import absorb, hash_word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corpus_tool.columns import Columns
    from corpus_tool.config import Similarity
    from corpus_tool.lines import FieldTexts
    from corpus_tool.match.scorecard import Policy as Scorecard
    from corpus_tool.records import Record

_UNDER_HALF = math.nextafter(0.5, 0)


def probability(total: float, threshold: float) -> float:
    """A scorecard's total as a score from 0 to 1: the logistic function, 0.5 right at the threshold."""
    above = total - threshold
    if above >= 0:
        return 1 / (1 + math.exp(-above))
    return min(math.exp(above) / (1 + math.exp(above)), _UNDER_HALF)


class PaperPolicy:
    """Decides by title and abstract together, and whatever else the records carry."""

    name = "papers"
    threshold = 0.5

    def __init__(
        self,
        similarity: Similarity,
        scorecard: Scorecard = DEFAULT,
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        self.similarity = similarity
        self.scorecard = scorecard
        self.mapping = mapping
        self.compiled = False
        bands, rows = similarity.bands_rows
        full = sketch.permutations(similarity.permutations, similarity.seed)
        self._permutations = np.ascontiguousarray(full[:, : bands * rows])

    @property
    def raw_field(self) -> None:
        """Papers are compared by several fields."""

    def sketch_texts(self, texts: FieldTexts, odd: dict[int, Record]) -> Columns:
        raise NotImplementedError("papers are sketched from records")

    def sketch(self, records: Sequence[Record]) -> Columns:
        papers = [paper_fields(record, self.mapping) for record in records]
        texts = [paper.abstract or paper.title for paper in papers]
        made = sketch.sketch_texts(texts, self.similarity.shingle, self._permutations, compiled=self.compiled)
        found: Columns = dict(paper_candidates.reference_columns(papers))
        found["identity"] = np.fromiter(map(identity, papers), np.uint64, len(papers))
        found["length"] = np.fromiter((len(p.title) + len(p.abstract) for p in papers), np.int64, len(papers))
        found["bands"] = candidates.band_keys(made.signatures, *self.similarity.bands_rows)
        found["agreement"] = made.signatures.astype(np.uint8)
        return found

    def reach(self, columns: Columns, rows: NDArray[Any]) -> candidates.Reach:
        return candidates.widest_reach(columns["bands"], rows)

    def search(self, columns: Columns, rows: NDArray[Any], reach: candidates.Reach) -> candidates.Search:
        least = self.similarity.least_agreement
        bands, agreement = columns["bands"], columns["agreement"]
        found = candidates.search(bands, agreement, rows, least, reach, compiled=self.compiled)
        names = [name for name in columns if name.removesuffix("_offsets") in _PROPOSING]
        others = paper_candidates.propose(take({name: columns[name] for name in names}, rows))
        found.portions = chain(found.portions, [others])
        return found

    def compare(
        self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]
    ) -> NDArray[np.float64]:
        papers = [paper_fields(record, self.mapping) for record in records]
        profiles = [profile(paper) for paper in papers]
        alike = [identity(paper) for paper in papers]
        scores = np.empty(len(left))
        for at, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            if alike[a] and alike[a] == alike[b]:
                scores[at] = 1.0
                continue
            found = score_profiles(profiles[a], profiles[b], self.scorecard)
            scores[at] = self._score(found)
        return scores

    def _score(self, found: Score) -> float:
        score = probability(found.total, self.scorecard.threshold)
        return score if found.duplicate else min(score, _UNDER_HALF)

    def reasons(self, removed: Record, kept: Record, score: float) -> list[str]:
        papers = [paper_fields(record, self.mapping) for record in (removed, kept)]
        if identity(papers[0]) == identity(papers[1]):
            return ["same title and abstract, word for word"]
        found = score_profiles(profile(papers[0]), profile(papers[1]), self.scorecard)
        telling = [item for item in found.contributions if item.value and item.points]
        telling.sort(key=lambda item: -abs(item.points))
        return [f"{item.points:+.2f} {item.meaning}" for item in telling[:6]]

    def explain(self, left: Record, right: Record) -> Verdict:
        papers = [paper_fields(record, self.mapping) for record in (left, right)]
        texts = (
            ("title", papers[0].title, papers[1].title),
            ("abstract", papers[0].abstract, papers[1].abstract),
        )
        found = score_profiles(profile(papers[0]), profile(papers[1]), self.scorecard)
        score = self._score(found)
        alike = identity(papers[0])
        if alike and alike == identity(papers[1]):
            score = 1.0
        steps = tuple(
            Step(item.name, item.value, item.points, item.meaning)
            for item in found.contributions
            if item.value
        )
        return Verdict(score, self.threshold, self._sentence(found, score), texts, steps)

    def _sentence(self, found: Score, score: float) -> str:
        if score == 1.0:
            return "The same paper: title and abstract agree word for word."
        threshold = f"{self.scorecard.threshold:+.2f}" if self.scorecard.threshold else "0"
        if found.duplicate:
            return f"The same paper: {found.total:+.2f} points, where {threshold} are enough."
        against = [item for item in found.contributions[1:] if item.points < 0 and item.value]
        because = (
            f"; most against it: {min(against, key=lambda item: item.points).meaning}" if against else ""
        )
        return f"Two papers: {found.total:+.2f} points, where {threshold} are wanted{because}."


_PROPOSING = {*paper_candidates.KEYS, *paper_candidates.RAGGED}


def identity(paper: PaperFields) -> int:
    """64 bits that are equal for papers whose compared fields all say the same; 0 without any word.

    Title and abstract count by their words, the rest as it stands.
    """
    title, abstract = title_words(paper.title), words(paper.abstract)
    if not title and not abstract:
        return 0
    rest = (paper.authors, paper.year, paper.venue, paper.volume, paper.pages, paper.doi, paper.arxiv)
    state = absorb(len(title), len(abstract))
    for part in (*title, *abstract, "\0".join(map(str, rest))):
        state = absorb(state, hash_word(part))
    return state or 1
