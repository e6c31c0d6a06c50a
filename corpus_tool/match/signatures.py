"""`--match signatures`: records that carry the MinHash of a text instead of the text, as datasketch made it.

A signature says what share of its values two records have in common, which estimates the Jaccard index of their
shingles: the only rule here that does not decide exactly, and every reason says so. Two records with their texts are
decided exactly all the same. What was hashed stands beside a signature (`HASHED`), and signatures of different
things are never compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import sketch
from corpus_tool.errors import InputError, UsageError
from corpus_tool.match import Decisions, Verdict
from corpus_tool.match.text import FIELD, TextPolicy
from corpus_tool.sketch import lean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus_tool.config import Similarity
    from corpus_tool.dedup.columns import Columns
    from corpus_tool.records import Record

LEAN = "lean_minhash"
"""The field with the signature: base64 of what `LeanMinHash.serialize` writes."""

HASHED = "hashed"
"""The field that says of what."""


def hashed(similarity: Similarity) -> str:
    """What stands in `HASHED` of signatures that were made here."""
    return similarity.key().partition("/")[0]


@dataclass(frozen=True)
class SignaturePolicy(TextPolicy):
    """As `TextPolicy`, of records of which some have only their signature."""

    @cached_property
    def _permutations(self) -> NDArray[np.uint32]:
        return sketch.permutations(self.similarity.permutations, self.similarity.seed)

    @property
    def reads_lines(self) -> bool:
        return False

    def sees(self, record: Record) -> bool:
        return LEAN in record or super().sees(record)

    def wrong(self, record: Record) -> str:
        """What is wrong with the signature of a record; empty where nothing is."""
        try:
            if LEAN in record:
                self._unpacked(record)
        except UsageError as error:
            return error.message
        return ""

    def _unpacked(self, record: Record) -> NDArray[np.uint32]:
        return lean.unpack(record[LEAN], self.similarity.seed, self.similarity.permutations)

    def signatures(self, records: Sequence[Record]) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
        """The full signature of each record, and what identifies it; 0 where there is nothing to compare.

        Raises:
            InputError: A signature is none.
        """
        texts = self.texts([{} if LEAN in record else record for record in records])
        made = sketch.sketch_texts(texts, self.similarity.shingle, self._permutations, compiled=self.compiled)
        found, identity = made.signatures.copy(), made.fingerprints.copy()
        for at, record in enumerate(records):
            if LEAN not in record:
                continue
            if why := self.wrong(record):
                raise InputError(f"record {record.get('id')}: {why}")
            found[at] = self._unpacked(record)
            if (found[at] != sketch.EMPTY).any():
                digest = blake2b(found[at].tobytes() + self._hashed(record).encode(), digest_size=8).digest()
                identity[at] = int.from_bytes(digest, "little") or 1
        return found, identity

    def _hashed(self, record: Record) -> str:
        return str(record.get(HASHED, "")) if LEAN in record else hashed(self.similarity)

    def sketch(self, records: Sequence[Record]) -> Columns:
        signatures, identity = self.signatures(records)
        bands, rows = self.similarity.bands_rows
        lengths = map(len, self.texts(records))
        signed = np.fromiter((LEAN in record for record in records), np.int64, len(records))
        made = sketch.Sketch(signatures[:, : bands * rows], identity, signed.astype(np.int32))
        found = self._columns(made, np.fromiter(lengths, np.int64, len(records)) + signed)
        if not self.fields:
            found[FIELD] = super().sketch([{} if LEAN in record else record for record in records])[FIELD]
        return found

    def compare(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> Decisions:
        records = list(records)
        signatures, identity = self.signatures(records)
        _, of = np.unique([self._hashed(record) for record in records], return_inverse=True)
        alike = (of[left] == of[right]) & (identity[left] != 0) & (identity[right] != 0)
        scores = np.where(alike, (signatures[left] == signatures[right]).mean(axis=1), 0.0)
        exact = np.flatnonzero(~self._estimated(records, left, right))
        if len(exact):
            needed, where = np.unique(np.stack((left[exact], right[exact])), return_inverse=True)
            some = [records[at] for at in needed.tolist()]
            scores[exact] = super().compare(some, *where.reshape(2, -1)).scores
        return Decisions.at(scores, self.threshold)

    def _estimated(
        self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Which pairs have not both their texts."""
        signed = np.fromiter((LEAN in record for record in records), np.bool_, len(records))
        return np.asarray(signed[left] | signed[right])

    def reasons(self, records: Sequence[Record], left: NDArray[Any], right: NDArray[Any]) -> list[list[str]]:
        records = list(records)
        scores, texts = self.compare(records, left, right).scores.tolist(), self.texts(records)
        pairs = zip(
            scores,
            left.tolist(),
            right.tolist(),
            self._estimated(records, left, right).tolist(),
            strict=True,
        )
        return [
            [self._estimate(score) if estimated else self._reason(score, texts[one], texts[other])]
            for score, one, other, estimated in pairs
        ]

    def _estimate(self, score: float) -> str:
        return (
            f"Jaccard estimated at {score:.4f}: the share of {self.similarity.permutations} MinHash values that are "
            f"equal, at or over {self.threshold:g}"
        )

    def explain(self, left: Record, right: Record) -> Verdict:
        pair = np.array([0]), np.array([1])
        if not self._estimated([left, right], *pair)[0]:
            return super().explain(left, right)
        score = float(self.compare([left, right], *pair).scores[0])
        verdict = "Duplicates" if score >= self.threshold else "Not duplicates"
        sentence = f"{verdict}: the Jaccard index of their shingles is estimated at {score:.4f}."
        if self._hashed(left) != self._hashed(right):
            sentence = f"Not duplicates: one signature is of {self._hashed(left)}, the other of {self._hashed(right)}."
        one, other = self.texts([{} if LEAN in each else each for each in (left, right)])
        return Verdict(score, self.threshold, sentence, (("texts", one, other),))


def signed(records: Sequence[Record], policy: TextPolicy) -> list[tuple[str, str] | None]:
    """Of each record its signature, and what of; None where there is nothing that could be hashed."""
    alike = policy.similarity
    signatures, identity = SignaturePolicy(alike, policy.fields, policy.compiled).signatures(records)
    return [
        (lean.pack(signature, alike.seed), str(record.get(HASHED, "")) if LEAN in record else hashed(alike))
        if known
        else None
        for record, signature, known in zip(records, signatures, identity.tolist(), strict=True)
    ]
