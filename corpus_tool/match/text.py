"""`--match text`: the Jaccard index of the chosen fields' shingles, at or over the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corpus_tool import sketch
from corpus_tool.dedup import candidates
from corpus_tool.lines.lines import Lines, field_texts
from corpus_tool.match import Decisions, Verdict
from corpus_tool.records import dotted
from corpus_tool.text import jaccard, shingles, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Similarity
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.match import FromLines
    from corpus_tool.records import Record
    from corpus_tool.sketch.signature import Sketch


def field_text(value: object) -> str:
    """The text of a field's value: lists joined by newlines, numbers as written, objects and null as nothing."""
    if type(value) is str:
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(field_text, value)))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


@dataclass(frozen=True)
class TextPolicy:
    """Compares the text of chosen fields, joined by newlines in the order in which they are named.

    Attributes:
        similarity: Shingles, signatures and the threshold.
        fields: Dotted paths.
        compiled: Whether kernels are used; the reference gives the same bits.
    """

    similarity: Similarity
    fields: tuple[str, ...]
    compiled: bool = False
    name: ClassVar[str] = "text"

    @property
    def threshold(self) -> float:
        return self.similarity.threshold

    @cached_property
    def _permutations(self) -> NDArray[np.uint32]:
        return sketch.banded_permutations(self.similarity)

    def texts(self, records: Sequence[Record]) -> list[str]:
        """What is compared of each record."""
        if len(self.fields) == 1:
            field = self.fields[0]
            values = [record.get(field) for record in records]
            if all(type(value) is str for value in values):
                return values  # type: ignore[return-value]
        return [
            "\n".join(filter(None, (field_text(dotted(record, field)) for field in self.fields)))
            for record in records
        ]

    @property
    def reads_lines(self) -> bool:
        return self.compiled and len(self.fields) == 1 and "." not in self.fields[0]

    def sketch(self, records: Sequence[Record]) -> Columns:
        texts = self.texts(records)
        made = sketch.sketch_texts(texts, self.similarity.shingle, self._permutations, compiled=self.compiled)
        return self._columns(made, np.fromiter(map(len, texts), np.int64, len(texts)))

    def sketch_lines(self, lines: Lines) -> FromLines:
        from corpus_tool.sketch.compiled import sketch_buffer

        texts = field_texts(lines, self.fields[0])
        made = sketch_buffer(texts.buffer, texts.offsets, self.similarity.shingle, self._permutations)
        columns = self._columns(made, np.diff(texts.offsets))
        odd, bad = lines.decoded(texts.odd.tolist())
        places = np.fromiter(odd, np.int64, len(odd))
        if odd:
            for name, values in self.sketch(list(odd.values())).items():
                columns[name][places] = values
        return columns, np.setdiff1d(np.arange(len(lines)), np.setdiff1d(texts.odd, places)), bad

    def _columns(self, made: Sketch, lengths: NDArray[np.int64]) -> Columns:
        return {
            "identity": made.fingerprints,
            "length": lengths,
            "bands": candidates.band_keys(made.signatures, *self.similarity.bands_rows),
            "agreement": made.signatures.astype(np.uint8),
        }

    def reach(self, columns: Columns, rows: NDArray[Any]) -> candidates.Reach:
        return candidates.widest_reach(columns["bands"], rows)

    def search(
        self, columns: Columns, rows: NDArray[Any], reach: candidates.Reach, *, bounded: bool = True
    ) -> candidates.Search:
        least = self.similarity.least_agreement
        bands, agreement = columns["bands"], columns["agreement"]
        return candidates.search(bands, agreement, rows, least, reach, compiled=self.compiled)

    def compare(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> Decisions:
        if self.reads_lines and isinstance(records, Lines):
            values, offsets, place = self._sets_of_lines(records)
            left, right = place[left], place[right]
        else:
            texts = self.texts(list(records))
            values, offsets = sketch.shingle_sets(texts, self.similarity.shingle, compiled=self.compiled)
        scores = sketch.jaccard_pairs(values, offsets, left, right, compiled=self.compiled)
        return Decisions.at(scores, self.threshold)

    def _sets_of_lines(self, lines: Lines) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        """Shingle sets of lines, those of odd ones after all others, and where each line's set is."""
        from corpus_tool.sketch.compiled import shingle_sets_buffer

        texts = field_texts(lines, self.fields[0])
        values, offsets = shingle_sets_buffer(texts.buffer, texts.offsets, self.similarity.shingle)
        place = np.arange(len(lines))
        if len(texts.odd):
            odd = self.texts([lines[at] for at in texts.odd.tolist()])
            more, ends = sketch.shingle_sets(odd, self.similarity.shingle, compiled=True)
            place[texts.odd] = len(lines) + np.arange(len(odd))
            values, offsets = (
                np.concatenate((values, more)),
                np.concatenate((offsets, offsets[-1] + ends[1:])),
            )
        return values, offsets, place

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        scores, texts = self.compare(records, left, right).scores.tolist(), self.texts(list(records))
        return [
            [self._reason(score, texts[one], texts[other])]
            for score, one, other in zip(scores, left.tolist(), right.tolist(), strict=True)
        ]

    def _reason(self, score: float, text: str, other: str) -> str:
        if score == 1.0 and (text == other or words(text) == words(other)):
            return "same words in the same order"
        return (
            f"Jaccard {score:.4f} of {self.similarity.shingle}-word shingles, at or over {self.threshold:g}"
        )

    def explain(self, left: Record, right: Record) -> Verdict:
        one, other = self.texts([left, right])
        sets = [shingles(text, self.similarity.shingle) for text in (one, other)]
        score = jaccard(*sets)
        fields = " and ".join(self.fields)
        shared = (
            f"{len(sets[0] & sets[1])} of {len(sets[0] | sets[1])} {self.similarity.shingle}-word shingles"
        )
        if not all(sets):
            sentence = f"Not duplicates: a record without words in {fields} is never a near-duplicate."
        elif score >= self.threshold:
            sentence = f"Duplicates: {shared} of {fields} agree, a Jaccard index of {score:.4f}."
        else:
            sentence = f"Not duplicates: only {shared} of {fields} agree, a Jaccard index of {score:.4f}."
        return Verdict(score, self.threshold, sentence, ((fields, one, other),))
