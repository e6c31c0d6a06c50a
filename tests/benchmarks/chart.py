"""The benchmarks' results for readers, from the results files: a page with a chart, and a summary in the README.

    python tests/benchmarks/chart.py [--check]

Writes results/speed.svg, results/README.md and what stands between the README's two markers. With --check writes
nothing, and exits 1 where they do not say what results/speed.json and results/growth.json say.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from drawing import draw

HERE = Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
RESULTS = HERE / "results" / "speed.json"
GROWTH = HERE / "results" / "growth.json"
DRAWING = HERE / "results" / "speed.svg"
PAGE = HERE / "results" / "README.md"
BEGIN = "<!-- measured: written by tests/benchmarks/chart.py -->"
END = "<!-- end of measured -->"
OURS = "corpus-tool"


def summary(results: dict[str, Any], growth: dict[str, Any]) -> str:
    """What stands between the README's markers: the largest corpus, and what papers cost beside texts."""
    size = results["sizes"][-1]
    ours, machine = size["tools"][OURS], results["machine"]
    ratios = sorted(row["rules"]["papers"]["to_text"] for row in growth["rows"])
    text = (
        f"`--match text`: {size['records']:,} abstracts ({size['bytes'] / 1e9:.2g} GB), a quarter of them edited "
        f"copies, take {ours['seconds']:.1f} s and {ours['peak_mib']:,.0f} MiB on {machine['cores']} cores: "
        f"{ours['to_floor']:.1f} times as long as reading the file and writing it back. {_judged(ours)} "
        f"`--match papers` takes {ratios[0]:.1f} to {ratios[-1]:.1f} times as long as `--match text`. "
        f"[All measurements]({PAGE.relative_to(README.parent)}), other tools beside it, and "
        f"[how they are made](tests/benchmarks/README.md)."
    )
    return _wrapped(text)


def _judged(found: dict[str, Any]) -> str:
    if "recall" not in found:
        return ""
    missed = f"{100 * (1 - found['recall']):.2g} %" if found["recall"] < 1 else "none"
    return (
        f"Of the planted pairs over the threshold {missed} were missed, and {found['wrongly_removed']:,} of "
        f"{found['judged']:,} removed records were removed wrongly."
    )


def page(results: dict[str, Any], growth: dict[str, Any]) -> str:
    """The page of results, in Markdown."""
    origin = "<!-- written by tests/benchmarks/chart.py -->"
    return "\n\n".join(["# Measured", origin, section(results), papers(growth)]) + "\n"


def section(results: dict[str, Any]) -> str:
    """The speed of `dedup` beside other tools, in Markdown."""
    picture = f"![Time and peak memory over the number of records]({DRAWING.name})"
    before = [_setting(results)]
    after = [*_left_out(results), _growth(results), _terms(results)]
    return "\n\n".join([*map(_wrapped, before), picture, table(results), *map(_wrapped, after)])


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def table(results: dict[str, Any]) -> str:
    """One row a tool and size."""
    head = ["records", "tool", "seconds", "times the floor", "times `corpus-tool`", "peak MiB"]
    head += ["recall", "wrongly removed"]
    rows = [head, ["---:", "---", *["---:"] * 6]]
    for size in results["sizes"]:
        for name, found in size["tools"].items():
            if "skipped" not in found:
                rows.append([f"{size['records']:,}", _full_name(name, results), *_cells(name, found)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _full_name(name: str, results: dict[str, Any]) -> str:
    package, _, rest = name.partition(" ")
    if package in results["versions"].get("peers", {}):
        return f"{package} {results['versions']['peers'][package]} {rest}".strip()
    return f"`{name}`" if package == OURS else name


def _cells(name: str, found: dict[str, Any]) -> list[str]:
    seconds = f"{found['seconds']:.2f}" if found["seconds"] < 10 else f"{found['seconds']:.1f}"
    cells = [seconds, f"{found['to_floor']:.1f}", f"{found['to_ours']:.2f}", f"{found['peak_mib']:,.0f}"]
    if "recall" not in found:
        return [*cells, "", ""]
    if "same_output" in found and name != OURS:
        return [*cells, *["same output" if found["same_output"] else "another output"] * 2]
    return [*cells, f"{found['recall']:.4f}", f"{found['wrongly_removed']:,} of {found['judged']:,}"]


def _setting(results: dict[str, Any]) -> str:
    machine, settings, runs = results["machine"], results["settings"], results["runs"]
    return (
        f"Near-duplicates among {results['corpus']}, a quarter of them edited copies: `--match text`, shingles of "
        f"{settings['shingle']} words, {settings['permutations']} permutations, threshold {settings['threshold']}. "
        f"{f'Medians of {runs} runs' if runs > 1 else 'One run'}, each tool in turn, whole processes from start to "
        f"end, on {machine['cores']} cores of {machine['processor']} with {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}, {results['date']}. "
        "[How it is measured](../README.md)."
    )


def _left_out(results: dict[str, Any]) -> list[str]:
    said = [
        f"{_full_name(name, results)} with {size['records']:,} records ({found['skipped']})"
        for size in results["sizes"]
        for name, found in size["tools"].items()
        if "skipped" in found
    ]
    return [f"Left out: {'; '.join(said)}."] if said else []


def _growth(results: dict[str, Any]) -> str:
    said = [
        f"from {each['from']:,} to {each['to']:,} records {each['time']:.1f} times the time "
        f"and {each['bytes_a_record']:,} bytes of peak memory a further record"
        for each in results["growth"]
        if each["tool"] == OURS
    ]
    return f"How `corpus-tool` grows: {'; '.join(said) or 'measured at one size only'}."


def _terms(results: dict[str, Any]) -> str:
    threshold = results["settings"]["threshold"]
    return (
        "The *floor* reads the file line by line with orjson and writes it back. *Recall*: of the planted pairs "
        f"whose exact Jaccard index reaches {threshold}, the share of which not both remain. *Wrongly removed*: of the "
        f"removed records judged, those with which no kept record reaches {threshold}. *Same output*: the same bytes "
        "as with default options."
    )


def papers(results: dict[str, Any]) -> str:
    """The two rules of `dedup` side by side, in Markdown."""
    head = [
        "records",
        "rule",
        "seconds",
        "times `text`",
        "pairs decided a record",
        "peak MiB",
        "precision",
        "recall",
    ]
    rows = [head, ["---:", "---", *["---:"] * 6]]
    for row in results["rows"]:
        for rule, found in row["rules"].items():
            name = f"{found['records']:,}" + (" (daily feeds)" if row["corpus"] == "daily" else "")
            seconds = f"{found['seconds']:.2f}" if found["seconds"] < 10 else f"{found['seconds']:.1f}"
            cells = [seconds, f"{found['to_text']:.2f}", f"{found['pairs_a_record']:.3f}"]
            cells += [
                f"{found['peak_mib']:,.0f}",
                f"{found['pair_precision']:.4f}",
                f"{found['pair_recall']:.4f}",
            ]
            rows.append([name, f"`{rule}`", *cells])
    before = (
        "`--match papers`, the default where records have titles and abstracts, beside `--match text`, over corpora of "
        "the same make and, where it says so, over daily feeds in which papers come again. Precision and recall are "
        "pairwise, over all planted copies, also those under the threshold of `text`; of the feeds, over equal arXiv "
        f"ids. On the same machine, {results['date']}; medians of {results['runs']} runs in turn."
    )
    return "\n\n".join([_wrapped(before), "\n".join("| " + " | ".join(row) + " |" for row in rows)])


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
    growth = json.loads(GROWTH.read_text("utf-8"))
    readme = with_section(README.read_text("utf-8"), summary(results, growth))
    wanted = {DRAWING: draw(results), PAGE: page(results, growth), README: readme}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    if check and stale:
        sys.exit(
            f"run python tests/benchmarks/chart.py: {', '.join(path.name for path in stale)} is not up to date"
        )
    for path in stale:
        path.write_text(wanted[path], "utf-8")


if __name__ == "__main__":
    main()
