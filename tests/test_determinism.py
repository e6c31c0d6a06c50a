"""The same bytes out, whatever changes that should not matter: hash seed, threads, kernels, blocks, shards, stdin."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from running import run

from corpus_tool import receipts
from corpus_tool.config import Options, Reading
from corpus_tool.engines import local
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import expand
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGESTS = Path(__file__).parents[1] / "examples" / "digests"
WORDS = [
    first + second for first in ("ka", "lo", "mi", "nu", "po", "re") for second in ("ba", "den", "fis", "gor")
]


class Outcome(NamedTuple):
    """The three outputs of a run."""

    kept: bytes
    receipts: bytes
    clusters: bytes


def revised(text: str, chance: random.Random, share: float) -> str:
    """A text of which a share of the words is exchanged."""
    return " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split())


def collection(match: str, count: int = 300) -> list[bytes]:
    """Records of which about half are near-duplicates, at every distance from their originals."""
    chance = random.Random(f"{match} of determinism")
    texts = [" ".join(chance.choices(WORDS, k=chance.choice((3, 40, 60, 80)))) for _ in range(count // 3)]
    lines = []
    for number in range(count):
        original = chance.randrange(len(texts))
        text = revised(texts[original], chance, chance.choice((0, 0.01, 0.02, 0.03, 0.08, 0.3)))
        record: dict[str, Any] = {"id": chance.choice((number, f"r{number}", None)), "text": text}
        if match == "papers":
            record = {
                "id": number,
                "title": revised(texts[original][:60], chance, chance.choice((0, 0, 0.1))),
                "abstract": text,
                "year": 2000 + chance.randrange(3),
                "authors": chance.choice(("Ann Lee; Bo Ray", "Lee, A.", None)),
            }
        lines.append(json.dumps(record).encode())
    return lines


def deduplicated(names: Sequence[str], *, block: int = 4 << 20, **options: Any) -> Outcome:
    """A run through the library."""
    found = local.deduplicate(
        expand(names), Options(Reading(block=block), **options), Problems(say=print), Progress()
    )
    outputs = io.BytesIO(), io.BytesIO(), io.BytesIO()
    for write, output in zip(
        (receipts.write_kept, receipts.write_receipts, receipts.write_clusters), outputs, strict=True
    ):
        write(found, output)
    found.store.close()
    return Outcome(*(output.getvalue() for output in outputs))


def without_places(outcome: Outcome, names: dict[str, int]) -> tuple[Any, ...]:
    """An outcome with each `source` and `line` as the number of records before it; `names` begin at these numbers."""

    def numbered(line: bytes) -> dict[str, Any]:
        row = json.loads(line)
        for source, place in (("source", "line"), ("kept_source", "kept_line")):
            if source in row:
                row[place] += names[row.pop(source)]
        for key in ("kept", "cluster"):
            name = str(row.get(key)).split(":")
            if len(name) == 2:
                row[key] = names[name[0]] + int(name[1])
        return row

    rows = ([numbered(line) for line in part.splitlines()] for part in (outcome.receipts, outcome.clusters))
    return outcome.kept, *rows


@pytest.fixture(scope="module", params=["text", "papers"])
def match(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, match: str) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(b"".join(line + b"\n" for line in collection(match)))
    return tmp_path


def test_there_is_something_to_decide(place: Path, match: str) -> None:
    kept, removed, _ = deduplicated(["a.jsonl"], match=match)
    scores = [json.loads(line)["score"] for line in removed.splitlines()]
    assert len(kept.splitlines()) > 60
    assert len(scores) > 60
    assert sum(score < 1 for score in scores) > 30


@pytest.mark.parametrize("keep", ["first", "longest"])
@pytest.mark.parametrize("transitive", [False, True])
def test_threads_blocks_and_kernels(transitive: bool, keep: str, place: Path, match: str) -> None:
    options = {"match": match, "transitive": transitive, "keep": keep}
    plain = deduplicated(["a.jsonl"], compiled=False, jobs=1, **options)
    for compiled in (False, True):
        for jobs, block in ((1, 1), (2, 700), (2, 10_000), (3, 4 << 20)):
            again = deduplicated(["a.jsonl"], compiled=compiled, jobs=jobs, block=block, **options)
            assert again == plain, (compiled, jobs, block)


def test_memory_limit(place: Path, match: str) -> None:
    plain = deduplicated(["a.jsonl"], match=match)
    for compiled in (False, True):
        assert deduplicated(["a.jsonl"], match=match, compiled=compiled, memory_limit=1 << 20) == plain


@pytest.mark.parametrize("compiled", [False, True], ids=["reference", "kernels"])
def test_shards(compiled: bool, place: Path, match: str) -> None:
    lines = Path("a.jsonl").read_bytes().splitlines(keepends=True)
    starts = {f"{shard}.jsonl": start for shard, start in enumerate((0, 1, 50, 51, 200))}
    for (name, start), end in zip(starts.items(), (1, 50, 51, 200, len(lines)), strict=True):
        Path(name).write_bytes(b"".join(lines[start:end]))
    whole = deduplicated(["a.jsonl"], match=match, compiled=compiled)
    parts = deduplicated(list(starts), match=match, compiled=compiled)
    assert without_places(parts, starts) == without_places(whole, {"a.jsonl": 0})


def test_the_way_in(place: Path, match: str) -> None:
    """A file, standard input, a compressed file and a pipe."""
    data = Path("a.jsonl").read_bytes()
    Path("a.jsonl.gz").write_bytes(gzip.compress(data))
    outcomes = []
    for source in ("a.jsonl", "-", "a.jsonl.gz"):
        done = run(
            *("dedup", source, "--match", match, "-o", "k", "--removed", "r", "--clusters", "c"),
            stdin=data if source == "-" else b"",
        )
        assert done.code == 0, done
        outcome = Outcome(*(Path(name).read_bytes() for name in "krc"))
        outcomes.append(without_places(outcome, {source: 0}))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0] == without_places(deduplicated(["a.jsonl"], match=match), {"a.jsonl": 0})


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from test_determinism import deduplicated
for match in ("text", "papers"):
    for compiled in (False, True):
        for jobs in (1, 2):
            print(deduplicated([match], match=match, compiled=compiled, jobs=jobs))
"""


def test_hash_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four interpreters, whose sets and dicts of texts come in different orders."""
    monkeypatch.chdir(tmp_path)
    for match in ("text", "papers"):
        Path(match).write_bytes(b"".join(line + b"\n" for line in collection(match)))
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPT, str(Path(__file__).parent)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in "0123"
    ]
    results = [process.communicate(timeout=120)[0].splitlines() for process in started]
    assert [process.returncode for process in started] == [0] * 4
    wanted = [str(deduplicated([match], match=match)).encode() for match in ("text", "papers")]
    assert results == [[wanted[0]] * 4 + [wanted[1]] * 4] * 4


@pytest.mark.skipif(not DIGESTS.is_dir(), reason="the examples are not here")
@pytest.mark.parametrize("options", [[], ["--match", "text"], ["--transitive"], ["--keep", "most-complete"]])
def test_digests(options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DIGESTS.parent)
    names = [tmp_path / name for name in ("kept", "removed", "clusters")]
    outputs = ["-o", names[0], "--removed", names[1], "--clusters", names[2]]
    outcomes = set()
    for jobs in ("1", "2"):
        for sources in (["digests"], sorted(map(str, Path("digests").iterdir())), ["digests/*.txt"]):
            done = run("dedup", *sources, *options, "--jobs", jobs, *outputs)
            assert done.code == 0, done
            outcomes.add(Outcome(*(name.read_bytes() for name in names)))
    for compiled in (False, True):
        for block in (64, 1 << 20):
            chosen = {
                "match": "text" if "text" in options else "auto",
                "transitive": "--transitive" in options,
                "keep": "most-complete" if "--keep" in options else "first",
            }
            outcomes.add(deduplicated(["digests"], compiled=compiled, block=block, **chosen))
    assert len(outcomes) == 1
