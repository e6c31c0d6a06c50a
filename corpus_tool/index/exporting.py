"""The whole collection of an index: every kept record, with all the places at which it was seen."""

from __future__ import annotations

import json
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool import seen
from corpus_tool.lines.decode import decode
from corpus_tool.lines.encode import encode
from corpus_tool.lines.lines import Lines
from corpus_tool.match.choosing import choose
from corpus_tool.match.signatures import HASHED, LEAN, signed
from corpus_tool.match.text import TextPolicy
from corpus_tool.receipts import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.config import Options
    from corpus_tool.index.protocol import Storage
    from corpus_tool.store import Place

_Repeat = tuple[int, int, "Place", str | None]


def collection(storage: Storage) -> Iterator[bytes]:
    """The kept records in the order in which they came, as a run over everything would have written them."""
    repeats = groupby(storage.repeats(), itemgetter(0))
    witness, theirs = next(repeats, (0, iter(())))
    for portion in storage.every():
        grows = seen.may_grow(Lines.joined(portion.raws)) if portion.raws else np.zeros(0, np.bool_)
        rows = zip(portion.recs.tolist(), portion.places, portion.raws, grows.tolist(), strict=True)
        for rec, place, raw, may in rows:
            again: list[_Repeat] = []
            while witness and witness < rec:
                witness, theirs = next(repeats, (0, iter(())))
            if witness == rec:
                again = list(theirs)
                witness, theirs = next(repeats, (0, iter(())))
            yield _grown(raw, place, again) if may else raw


def signatures(storage: Storage, options: Options) -> Iterator[bytes]:
    """The MinHash of each kept record's text, as datasketch would write it; none of records without words."""
    policy = TextPolicy(options.similarity, options.fields, choose(options).policies[0].compiled)
    for portion in storage.every():
        records = [decode(raw) for raw in portion.raws]
        for record, place, made in zip(records, portion.places, signed(records, policy), strict=True):
            if made is not None:
                yield encode({"id": name_of(record, place), LEAN: made[0], HASHED: made[1]})


def _grown(raw: bytes, place: Place, again: list[_Repeat]) -> bytes:
    """A record with what it gained by those that repeat it, in the order in which they came."""
    record = decode(raw)
    members: list[tuple[dict[str, Any], Place]] = [(record, place)]
    members += [({seen.SEEN: json.loads(entries)}, where) for _, _, where, entries in again if entries]
    added = seen.gained(raw, record, 0, members)
    return raw if added is None else seen.grown(raw, record, added)
