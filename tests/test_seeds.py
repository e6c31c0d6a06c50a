"""Real digests: two saved pages, and sixty days of arXiv's announcements rendered in the same form.

They are no part of the project: where they are not beside the checkout, these tests are skipped.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from running import run

from corpus_tool import compression

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Bash = Callable[..., subprocess.CompletedProcess[bytes]]

SHARED = Path(__file__).parents[1] / ".." / "shared"
SEEDS = ["000_484d59441a1f127a.txt", "001_60c3a3f5f48c9436.txt"]
DAILY = SHARED / "data" / "corpora" / "arxiv_daily_raw.jsonl.zst"
DAYS = 60

LOOKED_AT = {
    # One paper submitted twice: a term of the title abbreviated, the abstract alike word for word.
    ("2503.20808", "2503.18064"),
    # One paper submitted again, rewritten under nearly the same title: framework, data and rewards are the same.
    ("2504.18204", "2503.17660"),
}
"""Removals that join two arXiv numbers, each read and found to be a real repeat."""

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data are not beside this checkout")


def objects(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def printed(name: str) -> list[tuple[str, str]]:
    """Title and abstract of each paper in a seed, read off by hand: paragraphs after the date, two by two."""
    paragraphs = [part.strip() for part in (SHARED / "seeds" / name).read_text("utf-8").split("\n\n")]
    papers = [part for part in paragraphs[5:] if part]
    return list(zip(papers[::2], papers[1::2], strict=True))


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SHARED / "seeds")


@pytest.mark.usefixtures("seeds")
class TestSeeds:
    @pytest.mark.parametrize(("name", "count"), [(SEEDS[0], 81), (SEEDS[1], 85)])
    def test_every_paper_exactly_as_printed(self, name: str, count: int) -> None:
        done = run("parse", name, "--strict")
        found = [(record["title"], record["abstract"]) for record in objects(done.out)]
        assert len(found) == count
        assert found == printed(name)
        assert done.err.startswith(f"parsed {count} papers from 1 source in ")

    def test_what_is_repeated(self, tmp_path: Path) -> None:
        done = run("dedup", *SEEDS, "-o", tmp_path / "kept.jsonl", "--removed", tmp_path / "removed.jsonl")
        assert done.code == 0
        kept = objects((tmp_path / "kept.jsonl").read_bytes())
        removed = objects((tmp_path / "removed.jsonl").read_bytes())
        assert (len(kept), len(removed)) == (153, 13)
        places = {(record["source"], record["line"]): record for record in kept}
        for receipt in removed:
            assert receipt["score"] == 1.0
            witness = places[receipt["kept_source"], receipt["kept_line"]]
            assert witness["id"] == receipt["kept"]
            assert witness["title"] == json.loads(receipt["raw"])["title"]
            assert [(each["source"], each["line"]) for each in witness["seen"]] == [
                (witness["source"], witness["line"]),
                (receipt["source"], receipt["line"]),
            ]
        assert sum(len(record["seen"]) for record in kept) == 81 + 85
        back = run("restore", tmp_path / "kept.jsonl", tmp_path / "removed.jsonl", "-q")
        assert back.out == run("parse", *SEEDS, "-q").out

    def test_two_papers_whose_names_differ_by_a_letter(self) -> None:
        titles = [record["title"] for record in objects(run("dedup", SEEDS[0], "-q").out)]
        assert len([title for title in titles if title.startswith("PLLaVA")]) == 1
        assert len([title for title in titles if title.startswith("PPLLaVA")]) == 1

    def test_three_stages_of_a_pipe(self, bash: Bash) -> None:
        done = bash(
            f"cat {SEEDS[0]} {SEEDS[1]} | corpus-tool parse - | corpus-tool dedup - "
            "| corpus-tool export - --format csv",
            Path.cwd(),
        )
        assert done.returncode == 0
        rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
        assert rows[0][:3] == ["id", "title", "abstract"]
        assert len(rows) == 1 + 153
        assert {len(row) for row in rows} == {len(rows[0])}


class Announcement(NamedTuple):
    """One paper as it stands in a digest, and its number at arXiv."""

    title: str
    abstract: str
    number: str


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory, bash: Bash) -> tuple[Path, dict[str, list[Announcement]]]:
    """A folder of digests, and what they hold by their names."""
    folder = tmp_path_factory.mktemp("days")
    rows: dict[str, list[Announcement]] = defaultdict(list)
    with (
        (folder / "source.jsonl").open("wb") as copy,
        compression.open_reader(DAILY.open("rb"), DAILY.name) as lines,
    ):
        for line in lines:
            record = json.loads(line)
            day = date.fromisoformat(record["date"][:10]).isoformat()
            if day not in rows and len(rows) == DAYS:
                break
            copy.write(line)
            title, abstract = (" ".join((record[key] or "").split()) for key in ("title", "abstract"))
            if title and abstract:
                rows[day].append(Announcement(title, abstract, record["arxiv"]))
    maker = (SHARED / "bench" / "make_digests.py").resolve()
    done = bash(f"{sys.executable} {maker} source.jsonl digests --days {DAYS}", folder)
    assert done.returncode == 0, done.stderr
    return folder, {f"digests/{day}.txt": found for day, found in rows.items()}


class TestDays:
    def test_every_paper_of_sixty_digests(
        self, days: tuple[Path, dict[str, list[Announcement]]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, rows = days
        monkeypatch.chdir(folder)
        assert run("parse", "digests", "--strict", "--year", "2025", "-o", "parsed.jsonl").code == 0
        found = defaultdict(list)
        for record in objects(Path("parsed.jsonl").read_bytes()):
            assert record["source"] == f"digests/{record['date']}.txt"
            found[record["source"]].append((record["title"], record["abstract"]))
        assert found == {name: [paper[:2] for paper in papers] for name, papers in rows.items()}

    def test_every_true_repeat_collapses(
        self, days: tuple[Path, dict[str, list[Announcement]]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder, rows = days
        monkeypatch.chdir(folder)
        done = run(
            "dedup", "digests", "-o", "kept.jsonl", "--removed", "removed.jsonl", "--clusters", "all.jsonl"
        )
        assert done.code == 0
        records = objects(Path("all.jsonl").read_bytes())
        papers = [paper for name in sorted(rows) for paper in rows[name]]
        clusters, numbers = defaultdict(set), {}
        for record, paper in zip(records, papers, strict=True):
            clusters[paper.number].add(record["cluster"])
            numbers[record["source"], record["line"]] = paper.number
        assert {number: names for number, names in clusters.items() if len(names) > 1} == {}
        joined = {
            (numbers[each["source"], each["line"]], numbers[each["kept_source"], each["kept_line"]])
            for each in objects(Path("removed.jsonl").read_bytes())
        }
        assert {pair for pair in joined if pair[0] != pair[1]} == LOOKED_AT
        assert len(papers) > 1.3 * len(clusters), "there is something to find"
