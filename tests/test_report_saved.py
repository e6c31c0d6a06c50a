"""A report of saved outputs is that of the run that wrote them, as far as they know of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from running import run
from test_report import facts, papers, section, write

if TYPE_CHECKING:
    from pathlib import Path

OUTPUTS = ("-o", "kept.jsonl", "--removed", "removed.jsonl", "--clusters", "clusters.jsonl")
SHOWN = ("largest", "clusters", "removed", "time")
"""Sections that saved outputs know all of."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def without(records: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in record.items() if key not in keys} for record in records]


def texts(count: int, source: int) -> list[dict[str, Any]]:
    return [{"text": record["abstract"], "date": record["date"]} for record in papers(count, source)]


INPUTS = {
    "papers with ids": [papers(20), papers(20, 1)],
    "papers without ids": [without(papers(20), "id"), without(papers(20, 1), "id")],
    "one file without ids": [without([*papers(20), *papers(20, 1)], "id")],
    "texts": [texts(20, 0), texts(20, 1)],
    "nothing removed": [papers(20)],
}


def prepare(folder: Path, files: list[list[dict[str, Any]]], *more: str) -> list[str]:
    names = [f"in-{at}.jsonl" for at in range(len(files))]
    for name, records in zip(names, files, strict=True):
        write(folder / name, records)
    done = run("dedup", *names, *OUTPUTS, *more)
    assert done.code == 0, done.err
    return names


def report(folder: Path, *arguments: str) -> Path:
    done = run("report", *arguments, "--title", "T", "-o", "report.html")
    assert done.code == 0, done.err
    return folder / "report.html"


@pytest.mark.parametrize("files", INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("more", [(), ("--keep", "last")], ids=["first", "last"])
def test_what_is_saved_is_shown_as_of_the_run(
    folder: Path, files: list[list[dict[str, Any]]], more: Any
) -> None:
    names = prepare(folder, files, *more)
    page = report(folder, *names, *more)
    wanted = {name: section(page, name) for name in SHOWN}
    counts = facts(page)
    counts.pop("pairs decided")
    every = ("kept.jsonl", "--removed", "removed.jsonl", "--clusters", "clusters.jsonl")
    for arguments in (every, (*names, "--clusters", "clusters.jsonl")):
        page = report(folder, *arguments, *more)
        assert facts(page) == counts
        assert {name: section(page, name) for name in SHOWN} == wanted
        assert "Saved outputs hold only" in section(page, "pairs")


@pytest.mark.parametrize("files", [*INPUTS.values()], ids=INPUTS)
def test_kept_and_receipts_alone(folder: Path, files: list[list[dict[str, Any]]]) -> None:
    names = prepare(folder, files)
    wanted = report(folder, *names).read_text("utf-8")
    page = report(folder, "kept.jsonl", "--removed", "removed.jsonl")
    scores = re.compile(r'<td class="number" data-value="(0\.\d+|1\.0)">')
    assert scores.findall(section(page, "removed")) == scores.findall(wanted[wanted.index('id="removed"') :])
    places = set(re.findall(r'title="(in-\d.jsonl:\d+)"', section(page, "removed")))
    assert places == set(re.findall(r'title="(in-\d.jsonl:\d+)"', wanted[wanted.index('id="removed"') :]))


def test_digests_need_no_clusters(folder: Path) -> None:
    day = "Mar {day}\n\nOn the wings of bees\n\nWe look at bees and how they fly by day and night, in wind and rain.\n"
    for at in (1, 2):
        (folder / f"day-{at}.txt").write_text(f"new\n\n{day.format(day=at)}", "utf-8")
    run("dedup", "day-1.txt", "day-2.txt", *OUTPUTS)
    page = report(folder, "kept.jsonl", "--removed", "removed.jsonl")
    assert facts(page)["removed"] == 1
    assert "day-1.txt" in section(page, "sources")
    assert section(page, "sources") == section(report(folder, "day-1.txt", "day-2.txt"), "sources")


def test_other_options_than_those_of_the_run_are_told(folder: Path) -> None:
    prepare(folder, INPUTS["papers with ids"])
    saved = ("kept.jsonl", "--removed", "removed.jsonl")
    assert "compares otherwise" not in section(report(folder, *saved), "pairs")
    told = section(report(folder, *saved, "--match", "text"), "pairs")
    assert "This report compares otherwise than the run did, and finds 0." in told


def test_witnesses_outside_of_the_run_are_named(folder: Path) -> None:
    write(folder / "old.jsonl", papers(6))
    write(folder / "new.jsonl", papers(6, 1))
    run("dedup", "new.jsonl", "--against", "old.jsonl", *OUTPUTS)
    done = run("report", "kept.jsonl", "--removed", "removed.jsonl", "-o", "report.html")
    assert done.code == 2
    assert "removed.jsonl:1: repeats a record of old.jsonl, which the run was held against" in done.err


def test_blank_lines_are_counted(folder: Path) -> None:
    lines = [json.dumps(record) for record in without([*papers(6), *papers(6, 1)], "id")]
    (folder / "gaps.jsonl").write_text("\n\n".join(["", *lines]) + "\n", "utf-8")
    run("dedup", "gaps.jsonl", *OUTPUTS)
    wanted = section(report(folder, "gaps.jsonl"), "removed")
    assert section(report(folder, "kept.jsonl", "--removed", "removed.jsonl"), "removed") == wanted


def test_a_witness_that_cannot_be_known_is_asked_for(folder: Path) -> None:
    write(folder / "0.jsonl", texts(40, 5)[20:])
    write(folder / "a.jsonl", texts(6, 0))
    write(folder / "b.jsonl", texts(6, 1))
    run("dedup", "0.jsonl", "a.jsonl", "b.jsonl", *OUTPUTS)
    done = run("report", "kept.jsonl", "--removed", "removed.jsonl", "-o", "report.html")
    assert done.code == 2
    assert "a kept record at a.jsonl:1" in done.err
    assert "give --clusters" in done.err
    assert not (folder / "report.html").exists()
    assert facts(
        report(folder, "kept.jsonl", *("--removed", "removed.jsonl", "--clusters", "clusters.jsonl"))
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("kept.jsonl", "--removed", "in-0.jsonl"), "in-0.jsonl:1: not a receipt"),
        (("in-1.jsonl", "--removed", "removed.jsonl"), "not of one run"),
        (("kept.jsonl", "--clusters", "clusters.jsonl"), "give the inputs of that run"),
        (("in-1.jsonl", "in-0.jsonl", "--clusters", "clusters.jsonl"), "in its order"),
        (("in-0.jsonl", "--clusters", "kept.jsonl"), "kept.jsonl:1: not a row of clusters"),
        (("kept.jsonl", "--removed", "none.jsonl"), "none.jsonl"),
        (("-", "--removed", "-"), "only once"),
        (("kept.jsonl", "--removed", "removed.jsonl", "--transitive"), "--transitive does nothing here"),
        (
            ("in-0.jsonl", "in-1.jsonl", "--clusters", "clusters.jsonl", "--jobs", "1"),
            "--jobs does nothing here",
        ),
    ],
)
def test_files_of_no_run_are_refused(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    prepare(folder, INPUTS["papers with ids"])
    done = run("report", *arguments, "-o", "report.html")
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err
    assert not (folder / "report.html").exists()
