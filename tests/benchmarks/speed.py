"""How fast, in how much memory, and how right `dedup` is, beside the floor and other tools; run by hand.

    python tests/benchmarks/speed.py --peers-python PEERS/bin/python -o tests/benchmarks/results/speed.json

At each size every tool runs in turn, several times over, so that a machine whose speed drifts slows all; then every
output is judged against the planted truth (quality.py). Whole processes are timed, start-up and all, after one run
that is not counted. chart.py makes the table and the chart of the README from the results.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from contestants import FLOOR, HERE, OURS, PERMUTATIONS, SHINGLE, THRESHOLD, Contestant, contestants
from corpora import corpus, described
from machine import machine, versions
from timing import Run, timed


@dataclass
class Trial:
    """One corpus: who runs over it, in which folder each, what their runs took, and why some were left out."""

    records: int
    corpus: Path
    truth: Path
    folder: Path
    runners: list[Contestant]
    limit: float
    runs: dict[str, list[Run]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> Path:
        return self.folder / name.replace(" ", "_")

    @property
    def receipts(self) -> Path:
        return self.place("receipts")

    def run(self, one: Contestant, place: Path, *options: str) -> Run | None:
        """One run in an emptied folder; a peer is given up at the limit."""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        os.sync()  # so that nobody waits for what another left to be written
        return timed([*one.command(self.corpus), *options], place, self.limit if one.peer else 24 * 3600)

    def warm_up(self, peers: bool) -> None:
        """Run once uncounted: ours and the floor, which fills the page cache; peers, which compiles their modules."""
        for one in self.runners:
            if not one.peer or (peers and not self.too_large(one)):
                self.run(one, self.place("warm-up"))
            if one.name == OURS:
                self.run(one, self.receipts, "--removed", "removed.jsonl")

    def too_large(self, one: Contestant) -> bool:
        return one.largest is not None and self.records > one.largest

    def turn(self) -> None:
        """Everyone once, one after the other."""
        for one in self.runners:
            if self.too_large(one):
                self.skipped[one.name] = f"at most {one.largest:,} records"
            if one.name in self.skipped:
                continue
            run = self.run(one, self.place(one.name))
            note = f"{run.seconds:.2f} s" if run else f"not done after {self.limit:g} s"
            print(f"{self.records:>10,}  {one.name:32}  {note}", file=sys.stderr, flush=True)
            if run:
                self.runs.setdefault(one.name, []).append(run)
            else:
                self.skipped[one.name] = note
                self.runs.pop(one.name, None)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Medians, and ratios run by run, of everyone; for whoever was left out, why."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.runners:
            if one.name in self.skipped:
                found[one.name] = {"skipped": self.skipped[one.name]}
                continue
            runs = self.runs[one.name]
            found[one.name] = {
                "seconds": round(statistics.median(run.seconds for run in runs), 3),
                "cpu_s": round(statistics.median(run.cpu_s for run in runs), 3),
                "peak_mib": max(run.peak_mib for run in runs),
                "to_floor": self.ratio(one.name, FLOOR),
                "to_ours": self.ratio(one.name, OURS),
                "runs": [asdict(run) for run in runs],
            }
        return found

    def ratio(self, name: str, base: str) -> float:
        pairs = zip(self.runs[name], self.runs[base], strict=True)
        return round(statistics.median(run.seconds / other.seconds for run, other in pairs), 3)

    def judge(self) -> dict[str, Any]:
        """Recall and precision of each tool; of ours, one output is judged, and the others must equal it."""
        judged = {
            one.name: self.place(one.name) for one in self.runners if one.peer and one.name in self.runs
        }
        places = [f"{name}={place}" for name, place in {OURS: self.receipts, **judged}.items()]
        command = [sys.executable, str(HERE / "quality.py"), str(self.corpus), str(self.truth), OURS, *places]
        found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        reference = self.receipts / "kept.jsonl"
        for one in self.runners:
            if one.name.startswith(OURS):
                same = filecmp.cmp(reference, self.place(one.name) / "kept.jsonl", shallow=False)
                found["tools"][one.name] = found["tools"][OURS] | {"same_output": same}
        return found


def measure(trial: Trial, runs: int, first: bool) -> dict[str, Any]:
    """Run everyone over one corpus, judge what they left, and put the figures together."""
    load = os.getloadavg()[0]
    trial.warm_up(peers=first)
    for _ in range(runs):
        trial.turn()
    tools, judged = trial.figures(), trial.judge()
    for name, quality in judged["tools"].items():
        tools[name] |= quality
    shutil.rmtree(trial.folder)
    return {
        "records": trial.records,
        "bytes": trial.corpus.stat().st_size,
        "load_before": round(load, 2),
        "planted": judged["planted"],
        "tools": tools,
    }


def growth(sizes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """From each size to the next, for each tool: how many times the time, and bytes of peak memory a record more."""
    steps = []
    for small, large in pairwise(sizes):
        more = large["records"] - small["records"]
        for name, after in large["tools"].items():
            before = small["tools"][name]
            if "skipped" in after or "skipped" in before:
                continue
            steps.append(
                {
                    "tool": name,
                    "from": small["records"],
                    "to": large["records"],
                    "time": round(after["seconds"] / before["seconds"], 2),
                    "bytes_a_record": round((after["peak_mib"] - before["peak_mib"]) * 2**20 / more),
                }
            )
    return steps


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--peers-python", help="interpreter with peers/requirements.txt; without, no peers")
    options.add_argument("--limit", type=float, default=300, help="seconds after which a peer is given up")
    options.add_argument("--work", type=Path, help="where corpora are found, or made and left")
    options.add_argument("--spliced", action="store_true", help="make corpora from the shipped examples")
    options.add_argument("-o", "--output", type=Path, required=True)
    return options


def main() -> None:
    """Measure, and write the results after each size."""
    chosen = _options().parse_args()
    runners = contestants(chosen.peers_python)
    report: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions(chosen.peers_python),
        "corpus": described(chosen.spliced),
        "settings": {"threshold": THRESHOLD, "shingle": SHINGLE, "permutations": PERMUTATIONS},
        "runs": chosen.runs,
        "limit_s": chosen.limit,
        "commands": {one.name: one.shown for one in runners},
        "sizes": [],
    }
    with tempfile.TemporaryDirectory(prefix="corpus-tool-speed-") as scratch:
        work = (chosen.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        for size in sorted(chosen.sizes):
            path, truth = corpus(size, work, chosen.spliced)
            trial = Trial(size, path, truth, Path(scratch) / f"run{size}", runners, chosen.limit)
            report["sizes"].append(measure(trial, chosen.runs, first=not report["sizes"]))
            report["growth"] = growth(report["sizes"])
            chosen.output.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
