"""How `--match papers` grows beside `--match text`: time, memory, pairs decided, and how right both are; run by hand.

    python tests/benchmarks/growth.py --work /tmp/scale -o tests/benchmarks/results/growth.json

Over planted corpora of several sizes and, where it is beside the checkout, a corpus of daily feeds, whose repeats are
real. Each rule runs in turn, several times over, after one run that is not counted; whole processes are timed. The
clusters are then scored against the truth by `evaluate`. chart.py shows the results in the README.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from corpora import corpus, daily
from machine import machine
from timing import timed

TOOL = [sys.executable, "-m", "corpus_tool"]
RULES = ("text", "papers")


def measured(path: Path, truth: Path, runs: int, place: Path) -> dict[str, dict[str, Any]]:
    """What each rule takes over a corpus, and how right it is."""
    taken: dict[str, list[Any]] = {rule: [] for rule in RULES}
    found: dict[str, dict[str, Any]] = {}
    for turn in range(runs + 1):
        for rule in RULES:
            command = [*TOOL, "dedup", str(path), "--match", rule, "-o", "out.jsonl"]
            if turn:
                run = timed(command, place, 24 * 3600)
                assert run is not None
                taken[rule].append(run)
            else:
                told = timed([*command, "--json", "--clusters", f"{rule}.jsonl"], place, 24 * 3600)
                assert told is not None
                found[rule] = _judged(
                    json.loads((place / "stderr.txt").read_text("utf-8")), path, truth, place
                )
    for rule in RULES:
        found[rule] |= {
            "seconds": statistics.median(run.seconds for run in taken[rule]),
            "cpu_s": statistics.median(run.cpu_s for run in taken[rule]),
            "peak_mib": statistics.median(run.peak_mib for run in taken[rule]),
            "runs": [run.seconds for run in taken[rule]],
        }
        pairs = zip(taken[rule], taken["text"], strict=True)
        found[rule]["to_text"] = round(
            statistics.median(run.seconds / other.seconds for run, other in pairs), 3
        )
    return found


def _judged(numbers: dict[str, Any], path: Path, truth: Path, place: Path) -> dict[str, Any]:
    clusters = place / f"{numbers['match']}.jsonl"
    command = [
        *TOOL,
        "evaluate",
        str(path),
        "--gold",
        str(truth),
        "--predicted",
        str(clusters),
        "--json",
        "-q",
    ]
    scores = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {
        "records": numbers["records"],
        "pairs_a_record": round(numbers["pairs_decided"] / numbers["records"], 3),
        **{name: scores[name] for name in ("pair_precision", "pair_recall", "lost_unique")},
    }


def main() -> None:
    """Run, judge and write."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000, 800_000])
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--work", type=Path, help="folder of the corpora")
    options.add_argument("--spliced", action="store_true", help="from the examples, whatever else is there")
    options.add_argument("-o", "--output", type=Path, required=True)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work, place = chosen.work or Path(scratch), Path(scratch) / "run"
        place.mkdir()
        corpora = [("planted", *corpus(size, work, chosen.spliced)) for size in chosen.sizes]
        real = None if chosen.spliced else daily(work)
        corpora += [("daily", *real)] if real else []
        rows = []
        for name, path, truth in corpora:
            rows.append({"corpus": name, "rules": measured(path, truth, chosen.runs, place)})
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    results = {"date": f"{date.today()}", "machine": machine(), "runs": chosen.runs, "rows": rows}
    chosen.output.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
