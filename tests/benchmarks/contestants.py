"""Who runs in the benchmark, with which command, and where their output stands.

Each runs in an empty folder, its place, and leaves what it kept there: `kept.jsonl`, or a folder `kept` of Arrow files.
"""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
FIELD = "abstract"
THRESHOLD = 0.7
SHINGLE = 5
PERMUTATIONS = 128
FLOOR = "floor"
OURS = "corpus-tool"

TEXT_DEDUP = (
    f"-m text_dedup.minhash --path json --data_files CORPUS --split train --column {FIELD} --cache_dir cache "
    f"--output kept --ngram {SHINGLE} --threshold {THRESHOLD} --num_perm {PERMUTATIONS}"
)


@dataclass(frozen=True)
class Contestant:
    """One tool: its name in results, the words of its command for readers, and how to run it.

    `largest` is the largest corpus, in records, that it is given; None for any.
    """

    name: str
    shown: str
    command: Callable[[Path], list[str]]
    peer: bool = False
    largest: int | None = None


def _ours(name: str, *options: str) -> Contestant:
    executable = str(Path(sysconfig.get_path("scripts")) / "corpus-tool")
    words = ["dedup", "CORPUS", "--match", "text", *options, "-q", "-o", "kept.jsonl"]
    return Contestant(
        name,
        " ".join(["corpus-tool", *words]),
        lambda corpus: [executable, *(str(corpus) if word == "CORPUS" else word for word in words)],
    )


def _script(
    name: str, script: str, python: str, *, peer: bool = True, largest: int | None = None
) -> Contestant:
    words = [script, "CORPUS", "kept.jsonl", FIELD]
    return Contestant(
        name,
        " ".join(["python", *words]),
        lambda corpus: [python, str(HERE / script), str(corpus), "kept.jsonl", FIELD],
        peer,
        largest,
    )


def contestants(peers_python: str | None) -> list[Contestant]:
    """All of them, in the order of the table; without an interpreter for the peers, the floor and ours."""
    floor = _script(FLOOR, "floor.py", sys.executable, peer=False)
    ours = [
        _ours(OURS),
        _ours(f"{OURS} --jobs 1", "--jobs", "1"),
        _ours(f"{OURS} --memory-limit 256M", "--memory-limit", "256M"),
    ]
    if peers_python is None:
        return [floor, *ours]
    text_dedup = Contestant(
        "text-dedup",
        f"python {TEXT_DEDUP}",
        lambda corpus: [peers_python, *TEXT_DEDUP.replace("CORPUS", str(corpus)).split(" ")],
        peer=True,
    )
    rensa = _script("rensa pipeline", "peers/rensa_pipeline.py", peers_python)
    datasketch = _script("datasketch pipeline", "peers/datasketch_pipeline.py", peers_python, largest=10_000)
    return [floor, *ours, rensa, text_dedup, datasketch]
