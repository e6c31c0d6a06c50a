"""The speed benchmark runs, judges what it should, and the README shows what the committed results say.

Nothing here asserts a time.
"""

from __future__ import annotations

import csv
import importlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from corpus_tool.text import jaccard, shingles

if TYPE_CHECKING:
    from types import ModuleType

PROJECT = Path(__file__).parents[1]
BENCHMARKS = PROJECT / "tests" / "benchmarks"
SIZE = 300


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the benchmarks, which are scripts."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    return load


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run over one tiny corpus, without peers."""
    folder = tmp_path_factory.mktemp("speed")
    command = [sys.executable, str(BENCHMARKS / "speed.py"), "--sizes", str(SIZE), "--runs", "1", "--spliced"]
    done = subprocess.run([*command, "-o", str(folder / "out.json")], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads((folder / "out.json").read_text("utf-8"))
    return found


def test_the_benchmark_runs_and_judges(results: dict[str, Any]) -> None:
    (size,) = results["sizes"]
    ours = size["tools"]["corpus-tool"]
    assert size["records"] == SIZE == ours["kept"] + ours["removed"]
    assert SIZE // 8 < size["planted"]["over"] <= size["planted"]["judged"] == size["planted"]["planted"]
    assert ours["recall"] >= 0.99
    assert (ours["wrongly_removed"], ours["precision"]) == (0, 1.0)
    assert ours["judged"] == ours["removed"] >= size["planted"]["over"] * 0.9
    for name, found in size["tools"].items():
        assert len(found["runs"]) == results["runs"] == 1
        assert found["seconds"] > 0 < found["peak_mib"]
        assert name == "floor" or found["same_output"]
    assert set(size["tools"]) == set(results["commands"])


def test_any_results_become_a_table_and_a_chart(results: dict[str, Any], script: Any) -> None:
    text = script("chart").section(results)
    assert len([line for line in text.splitlines() if line.startswith(f"| {SIZE} |")]) == len(
        results["commands"]
    )
    ElementTree.fromstring(script("drawing").draw(results))
    growth = json.loads((BENCHMARKS / "results" / "growth.json").read_text("utf-8"))
    assert f"`--match text`: {SIZE} abstracts" in script("chart").summary(results, growth)
    assert text in script("chart").page(results, growth)


def test_the_readme_shows_the_committed_results() -> None:
    done = subprocess.run([sys.executable, str(BENCHMARKS / "chart.py"), "--check"], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_the_chart_has_every_figure_of_the_committed_results(script: Any) -> None:
    committed = json.loads((BENCHMARKS / "results" / "speed.json").read_text("utf-8"))
    series = script("drawing").SERIES
    figures = [
        name
        for size in committed["sizes"]
        for name, found in size["tools"].items()
        if name in series and "skipped" not in found
    ]
    drawing = ElementTree.parse(BENCHMARKS / "results" / "speed.svg").getroot()
    assert len(drawing.findall("{http://www.w3.org/2000/svg}circle")) == 2 * len(figures) > 0


def test_judging_finds_what_was_missed_and_wrongly_removed(tmp_path: Path, script: Any) -> None:
    """Two records alike, one planted copy under the threshold, one unlike: all decisions known by hand."""
    words = [f"w{at}" for at in range(40)]
    texts = {"r0": words, "r1": words[:-2], "r2": words[:15], "r3": [each.upper() for each in words]}
    rows = [("r0", 0, "original"), ("r1", 0, "cut"), ("r2", 0, "cut"), ("r3", 3, "original")]
    corpus_path, truth_path = _write(tmp_path, texts, rows)
    quality = script("quality")
    corpus, truth = quality.Corpus(corpus_path), quality.read_truth(truth_path)
    kept = {"right": {"r0", "r2"}, "missed": {"r0", "r1", "r2"}, "greedy": {"r0"}, "all gone": set()}
    recalls = quality.recalls(corpus, truth, kept)
    assert (recalls["judged"], recalls["over"]) == (2, 1)
    assert recalls["recall"] == {"right": 1.0, "missed": 0.0, "greedy": 1.0, "all gone": 1.0}
    wrong = {name: each["wrongly_removed"] for name, each in quality.precisions(corpus, truth, kept).items()}
    assert wrong == {"right": 0, "missed": 0, "greedy": 1, "all gone": 4}


def test_the_exact_search_finds_what_trying_all_pairs_finds(tmp_path: Path, script: Any) -> None:
    rng = random.Random(3)
    base = [f"w{at}" for at in range(30)]
    texts = {"r0": base}
    for at in range(1, 60):
        words = texts[f"r{rng.randrange(at)}"].copy()
        words[rng.randrange(30)] = f"x{at}"
        texts[f"r{at}"] = words
    corpus_path, _ = _write(tmp_path, texts, [])
    quality = script("quality")
    corpus = quality.Corpus(corpus_path)
    corpus.load(set(texts))
    sets = {name: shingles(" ".join(words), quality.SHINGLE) for name, words in texts.items()}
    pairs = {
        left: {
            right
            for right in texts
            if right != left and jaccard(sets[left], sets[right]) >= quality.THRESHOLD
        }
        for left in texts
    }
    assert 0 < sum(map(len, pairs.values())) < 60 * 59 / 2
    assert quality.search(corpus, set(texts), set(texts)) == pairs


def test_what_runs_too_long_is_killed_and_what_fails_is_named(tmp_path: Path, script: Any) -> None:
    timing = script("timing")
    assert timing.timed([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, 0.2) is None
    with pytest.raises(SystemExit, match="no such luck"):
        timing.timed([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path, 60)


def _write(folder: Path, texts: dict[str, list[str]], rows: list[tuple[str, int, str]]) -> tuple[Path, Path]:
    corpus, truth = folder / "c.jsonl", folder / "c.truth.csv"
    lines = (json.dumps({"id": name, "abstract": " ".join(words)}) + "\n" for name, words in texts.items())
    corpus.write_text("".join(lines), "utf-8")
    with truth.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "cluster", "edit"), *rows])
    return corpus, truth
