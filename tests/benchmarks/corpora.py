"""Corpora with planted near-duplicates and the truth about them, at any size.

`corpus(size, folder)` finds `sSIZE.jsonl` and `sSIZE.truth.csv` in the folder or makes them: from real abstracts where
the sources and their generator stand beside the checkout, else by splicing sentences of the shipped examples.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT / ".." / "shared"
GENERATOR = SHARED / "bench" / "make_scale.py"
SOURCES = ("arxiv_150k.jsonl.zst", "arxiv_daily_raw.jsonl.zst")
DUPLICATES = 0.25
SEED = 7


def described(spliced: bool = False) -> str:
    """What the records are, for a sentence."""
    real = GENERATOR.exists() and not spliced
    return (
        "arXiv abstracts (where those run out, texts spliced from their sentences)"
        if real
        else "texts spliced from the sentences of the examples"
    )


def corpus(size: int, folder: Path, spliced: bool = False) -> tuple[Path, Path]:
    """The paths of a corpus of so many records and of its truth; made where not yet there."""
    path, truth = folder / f"s{size}.jsonl", folder / f"s{size}.truth.csv"
    if not (path.exists() and truth.exists()):
        if GENERATOR.exists() and not spliced:
            sources = [str(SHARED / "data" / "corpora" / name) for name in SOURCES]
            subprocess.run([sys.executable, str(GENERATOR), str(size), str(path), *sources], check=True)
        else:
            splice(size, path, truth)
    return path, truth


def daily(folder: Path) -> tuple[Path, Path] | None:
    """Titles and abstracts of a corpus of daily feeds, and as truth its papers; None where it is not there."""
    source = SHARED / "data" / "corpora" / SOURCES[1]
    path, truth = folder / "daily.jsonl", folder / "daily.truth.csv"
    if not source.exists():
        return None
    if not (path.exists() and truth.exists()):
        with (
            subprocess.Popen(["zstd", "-dcq", str(source)], stdout=subprocess.PIPE) as raw,
            path.open("w", encoding="utf-8") as out,
            truth.open("w", newline="", encoding="utf-8") as table,
        ):
            rows = csv.writer(table)
            rows.writerow(("id", "cluster"))
            for at, line in enumerate(raw.stdout or ()):
                record = json.loads(line)
                told = {"id": f"r{at}", "title": record["title"], "abstract": record["abstract"]}
                out.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n")
                rows.writerow((told["id"], record["arxiv"]))
    return path, truth


def splice(size: int, path: Path, truth: Path) -> None:
    """Write records of eight sentences drawn from the examples, a quarter of them edited copies of earlier ones."""
    rng = random.Random(SEED)
    sentences = _sentences()
    originals: list[tuple[int, str]] = []
    with path.open("w", encoding="utf-8") as out, truth.open("w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table)
        rows.writerow(("id", "cluster", "edit"))
        for at in range(size):
            if originals and rng.random() < DUPLICATES:
                cluster, text = rng.choice(originals)
                kind, text = _edited(rng, text)
            else:
                kind, cluster, text = "original", at, " ".join(rng.sample(sentences, 8))
                originals.append((at, text))
            out.write(json.dumps({"id": f"r{at}", "title": f"Title {cluster}", "abstract": text}) + "\n")
            rows.writerow((f"r{at}", cluster, kind))


def _sentences() -> list[str]:
    """The sentences of the abstracts in the shipped digests."""
    command = [sys.executable, "-m", "corpus_tool", "parse", "-q", str(PROJECT / "examples" / "digests")]
    parsed = subprocess.run(command, check=True, capture_output=True, cwd=PROJECT).stdout
    abstracts = [json.loads(line)["abstract"] for line in parsed.splitlines()]
    sentences = {each.rstrip(".") + "." for text in abstracts for each in text.split(". ")}
    return sorted(each for each in sentences if len(each) > 40)


def _edited(rng: random.Random, text: str) -> tuple[str, str]:
    """A copy: as it was, in capitals and rewrapped, with some words replaced, or without its last tenth."""
    kind = rng.choice(("exact", "reformatted", "edited", "cut"))
    words = text.split()
    if kind == "reformatted":
        return kind, "\n".join(" ".join(words[at : at + 9]) for at in range(0, len(words), 9)).upper()
    if kind == "edited":
        for _ in range(rng.randint(1, 4)):
            words[rng.randrange(len(words))] = "replaced"
        return kind, " ".join(words)
    return (kind, " ".join(words[: len(words) * 9 // 10])) if kind == "cut" else (kind, text)
