"""The benchmark's results for readers: the section "Measured" of the README and its chart, from the results file.

    python tests/benchmarks/chart.py [--check]

Writes results/speed.svg and what stands between the README's two markers. With --check writes nothing, and exits 1
where they do not say what results/speed.json says.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from drawing import draw

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
RESULTS = HERE / "results" / "speed.json"
DRAWING = HERE / "results" / "speed.svg"
BEGIN = "<!-- measured: written by tests/benchmarks/chart.py -->"
END = "<!-- end of measured -->"
OURS = "corpus-tool"
FULL_NAMES = {"rensa pipeline": ("rensa", " pipeline"), "text-dedup": ("text-dedup", "")}
FULL_NAMES["datasketch pipeline"] = ("datasketch", " pipeline")


def section(results: dict[str, Any]) -> str:
    """What stands between the markers, in Markdown."""
    picture = f"![Time and peak memory over the number of records]({DRAWING.relative_to(README.parent)})"
    return "\n\n".join([_setting(results), picture, table(results), _growth(results), _terms(results)])


def table(results: dict[str, Any]) -> str:
    """One row a tool and size."""
    head = ["records", "tool", "seconds", "times the floor", "times corpus-tool", "peak MiB", "recall", "wrongly removed"]
    rows = [head, ["---:", "---", *["---:"] * 6]]
    for size in results["sizes"]:
        for name, found in size["tools"].items():
            rows.append([f"{size['records']:,}", _full_name(name, results), *_cells(name, found)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _full_name(name: str, results: dict[str, Any]) -> str:
    if name.startswith(OURS):
        return f"`{name}`"
    if name in FULL_NAMES:
        package, rest = FULL_NAMES[name]
        return f"{package} {results['versions']['peers'][package]}{rest}"
    return name


def _cells(name: str, found: dict[str, Any]) -> list[str]:
    if "skipped" in found:
        return [found["skipped"], *["–"] * 5]
    cells = [_seconds(found["seconds"]), f"{found['to_floor']:.1f}", f"{found['to_ours']:.2f}", f"{found['peak_mib']:,.0f}"]
    if "recall" not in found:
        return [*cells, "–", "–"]
    if found.get("same_output") and name != OURS:
        return [*cells, "same output", "same output"]
    wrong = f"{found['wrongly_removed']:,} of {found['judged']:,}"
    return [*cells, f"{found['recall']:.4f}", wrong]


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _setting(results: dict[str, Any]) -> str:
    machine, ours = results["machine"], results["versions"]["ours"]
    settings = results["settings"]
    return (
        f"Near-duplicates among {results['corpus']}, a quarter of them edited copies: shingles of "
        f"{settings['shingle']} words, {settings['permutations']} permutations, threshold {settings['threshold']}. "
        f"Medians of {results['runs']} runs, each tool in turn, whole processes from start to end; {results['date']}, "
        f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, {machine['system']}, "
        f"Python {machine['python']}, numba {ours['numba']}. [How it is measured](tests/benchmarks/README.md)."
    )


def _growth(results: dict[str, Any]) -> str:
    steps = [each for each in results["growth"] if each["tool"] == OURS]
    if not steps:
        return "Growth is not measured at one size."
    said = [
        f"from {each['from']:,} to {each['to']:,} records {each['time']:.1f} times the time "
        f"and {each['bytes_a_record']:,} bytes of memory a further record"
        for each in steps
    ]
    return f"How `corpus-tool` grows: {'; '.join(said)}."


def _terms(results: dict[str, Any]) -> str:
    threshold = results["settings"]["threshold"]
    return (
        "The *floor* reads the file line by line with orjson and writes it back. *Recall*: of the planted pairs whose "
        f"exact Jaccard index reaches {threshold}, the share of which not both were kept. *Wrongly removed*: records "
        f"removed though no kept one reaches {threshold} with them. The runs with other options than the first must give, "
        "and gave, the same bytes where the table says so."
    )


def with_section(readme: str, text: str) -> str:
    """The README with its part between the markers replaced."""
    before, _, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert end, f"README.md lacks the markers {BEGIN} and {END}"
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main() -> None:
    """Write, or check, the chart and the README's section."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    results = json.loads(RESULTS.read_text("utf-8"))
    wanted = {DRAWING: draw(results), README: with_section(README.read_text("utf-8"), section(results))}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if check and stale:
        sys.exit(f"run python tests/benchmarks/chart.py: {', '.join(path.name for path in stale)} is not up to date")
    for path in stale:
        path.write_text(wanted[path], "utf-8")


if __name__ == "__main__":
    main()
