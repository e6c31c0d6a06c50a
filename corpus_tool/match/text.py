"""`--match text`: the Jaccard index of the chosen fields' shingles, at or over the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corpus_tool import sketch
from corpus_tool.dedup import candidates
from corpus_tool.dedup.leaders import Led, led
from corpus_tool.lines.lines import Lines, Names, field_texts, line_parts
from corpus_tool.match import Decisions, FromLines, Verdict
from corpus_tool.records import bare_name, dotted
from corpus_tool.text import jaccard, shingles, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Similarity
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.lines.lines import Texts
    from corpus_tool.records import Record
    from corpus_tool.sketch.signature import Sketch


DEFAULT_FIELDS = ("text", "content", "abstract", "body")
"""Where texts are looked for when nobody says: in the first of these that a record has."""


FIELD = "field"
"""Column, uint8: the number of the default field in which a record's text was found, one more where there is none."""


def field_text(value: object) -> str:
    """The text of a value: those of lists and objects joined by newlines, numbers as written, null as nothing."""
    if type(value) is str:
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(field_text, value)))
    if isinstance(value, dict):
        return "\n".join(filter(None, map(field_text, value.values())))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return ""


def first_text(record: Record) -> tuple[str, str]:
    """The first of `DEFAULT_FIELDS` with a text in it, and that text; two empty strings where there is none.

    Names are compared without case, blanks, `_`, `-` and `:`, as those of papers are.
    """
    for field, key in _plan(tuple(record)):
        text = field_text(record[key])
        if text and not text.isspace():
            return field, text
    return "", ""


def has_text_field(record: Record) -> bool:
    """Whether any of `DEFAULT_FIELDS` is there, be it empty."""
    return bool(_plan(tuple(record)))


def _field_number(record: Record) -> int:
    field, _ = first_text(record)
    return DEFAULT_FIELDS.index(field) if field else len(DEFAULT_FIELDS)


@lru_cache(maxsize=4096)
def _plan(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(field, the record's key) for records with these keys, in the order of `DEFAULT_FIELDS`."""
    named = ((bare_name(key), key) for key in keys)
    found = [(name, key) for name, key in named if name in DEFAULT_FIELDS]
    return tuple(sorted(found, key=lambda each: (DEFAULT_FIELDS.index(each[0]), each[0] != each[1])))


@dataclass(frozen=True)
class TextPolicy:
    """Compares the text of chosen fields, joined by newlines in the order in which they are named.

    Attributes:
        similarity: Shingles, signatures and the threshold.
        fields: Dotted paths; none for the first of `DEFAULT_FIELDS` that a record has.
        compiled: Whether kernels are used; the reference gives the same bits.
        titles: Names of titles, where records that may be papers are left to somebody who can tell.
    """

    similarity: Similarity
    fields: tuple[str, ...] = ()
    compiled: bool = False
    titles: tuple[str, ...] = ()
    name: ClassVar[str] = "text"

    @property
    def threshold(self) -> float:
        return self.similarity.threshold

    @cached_property
    def _permutations(self) -> NDArray[np.uint32]:
        return sketch.banded_permutations(self.similarity)

    def texts(self, records: Sequence[Record]) -> list[str]:
        """What is compared of each record."""
        if not self.fields:
            return [first_text(record)[1] for record in records]
        if len(self.fields) == 1:
            field = self.fields[0]
            values = [record.get(field) for record in records]
            if all(type(value) is str for value in values):
                return values  # type: ignore[return-value]
        return [
            "\n".join(filter(None, (field_text(dotted(record, field)) for field in self.fields)))
            for record in records
        ]

    def sees(self, record: Record) -> bool:
        if not self.fields:
            return has_text_field(record)
        return any(field in record or dotted(record, field) is not None for field in self.fields)

    def named(self, columns: Columns) -> tuple[str, ...]:
        """The fields in which the texts of some columns were found, which lose that column."""
        if self.fields:
            return self.fields
        numbers = candidates.distinct(columns.pop(FIELD)).tolist() if columns else []
        return tuple(DEFAULT_FIELDS[number] for number in numbers if number < len(DEFAULT_FIELDS))

    @property
    def reads_lines(self) -> bool:
        return self.compiled and (not self.fields or (len(self.fields) == 1 and "." not in self.fields[0]))

    def sketch(self, records: Sequence[Record]) -> Columns:
        texts = self.texts(records)
        made = sketch.sketch_texts(texts, self.similarity.shingle, self._permutations, compiled=self.compiled)
        found = self._columns(made, np.fromiter(map(len, texts), np.int64, len(texts)))
        if not self.fields:
            found[FIELD] = np.fromiter(map(_field_number, records), np.uint8, len(records))
        return found

    def sketch_lines(self, lines: Lines) -> FromLines:
        from corpus_tool.sketch.compiled import sketch_buffer

        (buffer, offsets), slow = self._taken(lines)
        columns = self._columns(
            sketch_buffer(buffer, offsets, self.similarity.shingle, self._permutations), np.diff(offsets)
        )
        if not self.fields:
            columns[FIELD] = np.full(len(lines), DEFAULT_FIELDS.index(_usual_field(lines)), np.uint8)
        records, bad = lines.decoded(slow.tolist())
        places = np.fromiter(records, np.int64, len(records))
        readable = np.ones(len(lines), np.bool_)
        readable[slow] = False
        readable[places] = True
        if self.titles:
            return FromLines(columns, np.flatnonzero(readable), bad, places)
        if records:
            for name, values in self.sketch(list(records.values())).items():
                columns[name][places] = values
        return FromLines(columns, np.flatnonzero(readable), bad, places[:0])

    def _taken(self, lines: Lines) -> tuple[Texts, NDArray[np.int64]]:
        """Texts of the plain lines, and the places of those that must be decoded for theirs."""
        if self.fields:
            taken = field_texts(lines, self.fields[0])
            return (taken.buffer, taken.offsets), taken.odd
        parts = line_parts(lines, _table(_usual_field(lines), self.titles))
        plain = (np.diff(parts.first[1]) > 0) & (np.diff(parts.rest[1]) == 0)
        plain[parts.odd] = False
        return parts.first, np.flatnonzero(~plain)

    def _columns(self, made: Sketch, lengths: NDArray[np.int64]) -> Columns:
        return {
            "identity": made.fingerprints,
            "length": lengths,
            "bands": candidates.band_keys(made.signatures, *self.similarity.bands_rows),
            "agreement": made.signatures.astype(np.uint8),
        }

    def reach(self, columns: Columns, rows: NDArray[Any], budget: int = 0) -> candidates.Reach:
        return candidates.widest_reach(columns["bands"], rows, budget)

    def mixed(self, columns: Columns, rows: NDArray[Any], label: NDArray[np.int64]) -> NDArray[np.bool_]:
        return candidates.mixed(columns["bands"], rows, label)

    def search(
        self, columns: Columns, rows: NDArray[Any], reach: candidates.Reach | None, *, bounded: bool = True
    ) -> candidates.Search:
        if reach is None:
            return candidates.Search.nothing(len(rows))
        least = self.similarity.least_agreement
        bands, agreement = columns["bands"], columns["agreement"]
        return candidates.search(bands, agreement, rows, least, reach, compiled=self.compiled)

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
        return led(columns["bands"], columns["agreement"], leaders, rows, least, compiled=self.compiled)

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

        texts, slow = self._taken(lines)
        values, offsets = shingle_sets_buffer(*texts, self.similarity.shingle)
        place = np.arange(len(lines))
        if len(slow):
            decoded = self.texts([lines[at] for at in slow.tolist()])
            more, ends = sketch.shingle_sets(decoded, self.similarity.shingle, compiled=True)
            place[slow] = len(lines) + np.arange(len(decoded))
            values, offsets = (
                np.concatenate((values, more)),
                np.concatenate((offsets, offsets[-1] + ends[1:])),
            )
        return values, offsets, place

    def compared(self, record: Record) -> dict[str, str]:
        return {" and ".join(self.fields or self._named(record)): self.texts([record])[0]}

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        scores, texts = self.compare(records, left, right).scores.tolist(), self.texts(list(records))
        return [
            [self._reason(score, texts[one], texts[other])]
            for score, one, other in zip(scores, left.tolist(), right.tolist(), strict=True)
        ]

    def _named(self, *records: Record) -> list[str]:
        """The fields that were compared, where nobody named them."""
        return [field for field, _ in map(first_text, records) if field] or [DEFAULT_FIELDS[0]]

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
        fields = " and ".join(self.fields or dict.fromkeys(self._named(left, right)))
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


def _usual_field(lines: Lines) -> str:
    """The field whose texts a block of lines mostly has: a guess by its first record, on which only speed depends."""
    for place in range(len(lines)):
        try:
            return first_text(lines[place])[0] or DEFAULT_FIELDS[0]
        except ValueError:
            continue
    return DEFAULT_FIELDS[0]


@lru_cache(maxsize=8)
def _table(field: str, titles: tuple[str, ...]) -> NDArray[np.uint64]:
    """The names of members, for the kernel: a text, and whatever may make its line a paper or another field's text.

    A record with a title and an abstract is a paper, whatever other texts it has.
    """
    doubtful = {*DEFAULT_FIELDS[: DEFAULT_FIELDS.index(field)]}
    if titles:
        doubtful |= {*titles} if field == "abstract" else {"abstract"}
    return Names((field,), (), doubtful, ()).table()
