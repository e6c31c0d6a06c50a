"""How right each tool's output is, against planted truth and exact Jaccard; run in a process of its own by speed.py.

python quality.py CORPUS TRUTH RECEIPTS_OF NAME=PLACE...

Every tool is judged alike, by the records it kept, with the exact Jaccard index of `corpus_tool.text`:

- recall: of the planted pairs (a copy and its original) at or over the threshold, the share of which not both remain;
- precision: of the removed records, the share for which some kept record reaches the threshold. First the planted
  family is tried, then every kept record. With receipts (of RECEIPTS_OF, in its place), each must name a kept record
  that reaches the threshold, with its exact score: nothing else counts.

At most SAMPLE pairs and SAMPLE removed records a tool are judged, drawn with a fixed seed.
"""

from __future__ import annotations

import csv
import json
import math
import random
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from contestants import FIELD, SHINGLE, THRESHOLD

from corpus_tool.text import jaccard, shingles

if TYPE_CHECKING:
    from collections.abc import Iterable

SAMPLE = 30_000
SEED = 7


@dataclass
class Truth:
    """Planted families: the original of each copy, and the members of each family, the original included."""

    original: dict[str, str]
    family: dict[str, list[str]]

    def relatives(self, record: str) -> list[str]:
        return [one for one in self.family[self.original.get(record, record)] if one != record]


def read_truth(path: Path) -> Truth:
    original, family = {}, defaultdict(list)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            first = f"r{row['cluster']}"
            family[first].append(row["id"])
            if row["id"] != first:
                original[row["id"]] = first
    return Truth(original, family)


def kept_ids(place: Path) -> set[str]:
    """The ids of the records that a tool left, from its JSONL or its Arrow files."""
    lines = place / "kept.jsonl"
    if lines.exists():
        with lines.open("rb") as file:
            return {orjson.loads(line)["id"] for line in file}
    import pyarrow as pa

    kept: set[str] = set()
    for path in sorted((place / "kept").glob("*.arrow")):
        with path.open("rb") as source, pa.ipc.open_stream(source) as reader:
            for batch in reader:
                kept.update(batch.column("id").to_pylist())
    return kept


def sampled(items: Iterable[Any]) -> list[Any]:
    """All, or SAMPLE of them drawn with a fixed seed."""
    everything = list(items)
    return everything if len(everything) <= SAMPLE else random.Random(SEED).sample(everything, SAMPLE)


class Corpus:
    """The texts of chosen records, and their shingle sets as they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.texts: dict[str, str] = {}
        self.shingles = lru_cache(maxsize=1 << 12)(self._shingles)

    def _shingles(self, record: str) -> set[int]:
        return shingles(self.texts[record], SHINGLE)

    def load(self, wanted: set[str]) -> None:
        """Read the texts of these records in one pass."""
        wanted = wanted - self.texts.keys()
        if not wanted:
            return
        with self.path.open("rb") as file:
            for line in file:
                record = orjson.loads(line)
                if record["id"] in wanted:
                    self.texts[record["id"]] = record[FIELD]

    def alike(self, left: str, right: str) -> bool:
        return jaccard(self.shingles(left), self.shingles(right)) >= THRESHOLD


def recalls(corpus: Corpus, truth: Truth, kept: dict[str, set[str]]) -> dict[str, Any]:
    """The planted pairs at or over the threshold, and the share of them that each tool resolved."""
    pairs = sampled(truth.original.items())
    corpus.load({record for pair in pairs for record in pair})
    over = [pair for pair in pairs if corpus.alike(*pair)]
    found = {
        name: sum(not ids.issuperset(pair) for pair in over) / max(1, len(over)) for name, ids in kept.items()
    }
    return {"planted": len(truth.original), "judged": len(pairs), "over": len(over), "recall": found}


def by_receipts(corpus: Corpus, path: Path, kept: set[str], total: int) -> dict[str, Any]:
    """Whether receipts hold: a kept record each, over the threshold, with the exact score, nothing missing."""
    with path.open("rb") as file:
        receipts = [(one["id"], one["kept"], one["score"]) for one in map(orjson.loads, file)]
    assert len(receipts) + len(kept) == total, "kept and receipts are not the input"
    judged = sampled(receipts)
    corpus.load({record for removed, witness, _ in judged for record in (removed, witness)})
    wrong = 0
    for removed, witness, score in judged:
        exact = jaccard(corpus.shingles(removed), corpus.shingles(witness))
        wrong += not (witness in kept and exact >= THRESHOLD and math.isclose(score, exact, abs_tol=5e-5))
    return _precision(len(receipts), len(judged), wrong)


def _precision(removed: int, judged: int, wrong: int) -> dict[str, Any]:
    return {
        "removed": removed,
        "judged": judged,
        "wrongly_removed": wrong,
        "precision": 1 - wrong / judged if judged else 1.0,
    }


def precisions(corpus: Corpus, truth: Truth, kept: dict[str, set[str]]) -> dict[str, dict[str, Any]]:
    """For each tool, how many of its removed records have a kept record at or over the threshold."""
    everything = [record for family in truth.family.values() for record in family]
    removed = {
        name: sorted(record for record in everything if record not in ids) for name, ids in kept.items()
    }
    judged = {name: sampled(ids) for name, ids in removed.items()}
    open_ids = set()
    for name, ids in judged.items():
        close = {each: [one for one in truth.relatives(each) if one in kept[name]] for each in ids}
        corpus.load({one for each, others in close.items() for one in (each, *others)})
        judged[name] = [each for each in ids if not any(corpus.alike(each, one) for one in close[each])]
        open_ids.update(judged[name])
    matches = search(corpus, open_ids, set().union(*kept.values()) if kept else set())
    found = {}
    for name, ids in judged.items():
        wrong = sum(not matches[each] & kept[name] for each in ids)
        found[name] = _precision(len(removed[name]), min(SAMPLE, len(removed[name])), wrong)
    return found


def search(corpus: Corpus, wanted: set[str], others: set[str]) -> dict[str, set[str]]:
    """For each wanted record, all others that reach the threshold with it, exactly.

    Two sets with a Jaccard index of t or more share at least t of the shingles of either; so any choice of all
    but so many, plus one, of a record's shingles meets every set that matches it (prefix filtering: Chaudhuri, Ganti,
    Kaushik, "A primitive operator for similarity joins in data cleaning", 2006).
    """
    index: dict[int, list[str]] = defaultdict(list)
    for record in wanted:
        own = sorted(corpus.shingles(record))
        for shingle in own[: len(own) - math.ceil(THRESHOLD * len(own) - 1e-9) + 1]:
            index[shingle].append(record)
    known = set(index)
    matches: dict[str, set[str]] = {record: set() for record in wanted}
    if not known:
        return matches
    with corpus.path.open("rb") as file:
        for line in file:
            record = orjson.loads(line)
            if record["id"] not in others:
                continue
            found = shingles(record[FIELD], SHINGLE)
            for one in {each for shingle in found & known for each in index[shingle]} - {record["id"]}:
                if jaccard(found, corpus.shingles(one)) >= THRESHOLD:
                    matches[one].add(record["id"])
    return matches


def main(corpus_path: str, truth_path: str, receipts_of: str, *places: str) -> None:
    """Print one JSON object: the planted pairs, and for each tool its recall and precision."""
    corpus, truth = Corpus(Path(corpus_path)), read_truth(Path(truth_path))
    places_of = {name: Path(place) for name, place in (each.split("=", 1) for each in places)}
    kept = {name: kept_ids(place) for name, place in places_of.items()}
    found = recalls(corpus, truth, kept)
    total = sum(len(family) for family in truth.family.values())
    receipts = by_receipts(corpus, places_of[receipts_of] / "removed.jsonl", kept[receipts_of], total)
    others = {name: ids for name, ids in kept.items() if name != receipts_of}
    tools = {receipts_of: receipts} | precisions(corpus, truth, others)
    for name, recall in found.pop("recall").items():
        tools[name] |= {"recall": recall, "kept": len(kept[name])}
    print(json.dumps({"planted": found, "tools": tools}))


if __name__ == "__main__":
    main(*sys.argv[1:])
