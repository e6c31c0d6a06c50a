"""The open labelled sets, as the accuracy and fitting benchmarks read them."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tool.papers.fields import PaperFields, paper_fields

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from corpus_tool.records import Record

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SETS = (
    "bib_diabetes",
    "bib_stroke",
    "sra_tafenoquine",
    "arxiv_versions_dev",
    "arxiv_same_title",
    "er_dblp_acm",
)
TITLE_AND_ABSTRACT = frozenset({"id", "title", "abstract"})


@dataclass(frozen=True)
class Labelled:
    """One labelled set: its records, their gold clusters, and where the gold stands."""

    name: str
    records: list[Record]
    clusters: list[int]
    gold: Path

    def papers(self, keep: frozenset[str] | None = None) -> list[PaperFields]:
        """Their fields, of all or of some of the records' own."""
        kept = ({k: v for k, v in one.items() if keep is None or k in keep} for one in self.records)
        return [paper_fields(one) for one in kept]


def load(name: str) -> Labelled:
    """Read a labelled set."""
    folder = SHARED / "data" / "labelled" / name
    packed = folder / "records.jsonl.zst"
    raw = subprocess.run(["zstd", "-dcq", str(packed)], capture_output=True, check=True).stdout
    records = [json.loads(line) for line in raw.splitlines()]
    gold = folder / "gold.csv"
    return Labelled(name, records, _clusters(gold, [one["id"] for one in records]), gold)


def _clusters(gold: Path, ids: list[str]) -> list[int]:
    """The number of each record's gold cluster: the least place of its members."""
    place = {record: at for at, record in enumerate(ids)}
    parent = list(range(len(ids)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[str, int] = {}
    with gold.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        pairs = next(rows)[0] == "id1"
        for left, right in rows:
            other = place[right] if pairs else first.setdefault(right, place[left])
            a, b = find(place[left]), find(other)
            parent[max(a, b)] = min(a, b)
    return [find(at) for at in range(len(ids))]


def witness_clusters(
    size: int, pairs: NDArray[np.int64], scores: NDArray[np.float64], threshold: float
) -> list[int]:
    """Survivors by the witness rule: a record goes with the best-scoring earlier record that is kept."""
    candidates: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (i, j), score in zip(pairs.tolist(), scores.tolist(), strict=True):
        if score >= threshold:
            candidates[j].append((score, -i))
    clusters = list(range(size))
    for j in sorted(candidates):
        kept = [(score, i) for score, i in candidates[j] if clusters[-i] == -i]
        if kept:
            clusters[j] = -max(kept)[1]
    return clusters


def judge(labelled: Labelled, clusters: list[int], folder: Path) -> dict[str, Any]:
    """What the shared scorer says of predicted clusters."""
    spec = importlib.util.spec_from_file_location("shared_score", SHARED / "bench" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    predicted = folder / f"{labelled.name}.jsonl"
    with predicted.open("w", encoding="utf-8") as file:
        for record, cluster in zip(labelled.records, clusters, strict=True):
            file.write(json.dumps({"id": record["id"], "cluster": cluster}) + "\n")
    found: dict[str, Any] = scorer.score(str(labelled.gold), str(predicted))
    return found
