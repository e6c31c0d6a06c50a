"""How people name records to `explain`: places as a shell completes them, and a line that is no record's first."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from running import Ran, run

EXAMPLES = Path(__file__).parents[1] / "examples"
FIRST, SECOND = "digests/apr-13.txt:15", "digests/apr-15.txt:15"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLES / "digests", tmp_path / "digests")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def score(*arguments: str, stdin: bytes = b"") -> float:
    done = run("explain", "-q", "--json", *arguments, stdin=stdin)
    assert done.code == 0, done.err
    return float(json.loads(done.out)["score"])


def test_places_as_they_are_typed(place: Path) -> None:
    wanted = score(FIRST, SECOND, "digests")
    assert 0.5 < wanted < 1
    for name in (f"./{FIRST}", f"digests/../{FIRST}", f"{place}/{FIRST}", "digests//apr-13.txt:15"):
        assert score(name, SECOND, "digests") == wanted
        assert score(SECOND, name, "digests") == wanted
        assert score(name, SECOND) == wanted


def test_an_absolute_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = score(FIRST, SECOND)
    monkeypatch.chdir(place / "elsewhere")
    assert score("apr-13.txt:15", "apr-15.txt:15", str(place / "digests")) == wanted
    assert score(f"{place}/{FIRST}", f"../{SECOND}", str(place / "digests")) == wanted


@pytest.mark.parametrize("dash", [[], ["-"]], ids=["no input", "dash"])
def test_lines_of_standard_input(dash: list[str]) -> None:
    text = Path("digests/apr-13.txt").read_bytes()
    wanted = score("digests/apr-13.txt:11", "digests/apr-13.txt:15")
    assert score("-:11", "-:15", *dash, stdin=text) == wanted
    assert score("digests/apr-13.txt:11", "-:15", "-", "digests/apr-13.txt", stdin=text) == wanted


def test_no_input_is_needed_where_the_place_is_a_file() -> None:
    assert score(FIRST, SECOND) == score(FIRST, SECOND, "digests")
    (found,) = run("parse", "-q", "digests/apr-15.txt").out.splitlines()[1:2]
    assert score("digests/apr-15.txt:15", str(json.loads(found)["id"])) > 0
    assert run("explain", "digests/none.txt:1", "x", "-").code == 2


def test_what_records_carry_is_a_place_too() -> None:
    """`parse` wrote the places of the papers into its records; the digests themselves are elsewhere."""
    assert run("parse", "digests", "-o", "papers.jsonl").code == 0
    wanted = score(FIRST, SECOND)
    shutil.rmtree("digests")
    assert score(f"./{FIRST}", SECOND, "papers.jsonl") == wanted
    assert score("./papers.jsonl:2", "papers.jsonl:16", "papers.jsonl") == score(
        "papers.jsonl:2", "papers.jsonl:16"
    )


def refused(done: Ran, message: str) -> None:
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(message), done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "nearest"),
    [(16, "15 (Tidewater: A Benchmark of Questions"), (13, "11 (Ripple"), (1, "11 (Ripple"), (9999, "45 (")],
    ids=["abstract", "blank", "furniture", "past the end"],
)
@pytest.mark.parametrize("inputs", [[], ["digests"]], ids=["file", "folder"])
def test_a_line_within_a_record_names_it(line: int, nearest: str, inputs: list[str]) -> None:
    if line == 9999:
        last = json.loads(run("parse", "-q", "digests/apr-13.txt").out.splitlines()[-1])
        nearest = f"{last['line']} ("
    message = (
        f"no record begins at digests/apr-13.txt:{line}: the nearest begins at digests/apr-13.txt:{nearest}"
    )
    refused(run("explain", f"./digests/apr-13.txt:{line}", SECOND, *inputs), message)


def test_blank_lines_of_jsonl() -> None:
    Path("in.jsonl").write_text('{"text":"first of all"}\n\n{"text":"second"}\n', "utf-8")
    refused(
        run("explain", "in.jsonl:2", "in.jsonl:3"),
        "no record begins at in.jsonl:2: the nearest begins at in.jsonl:1 (first of all)",
    )
    refused(
        run("explain", "other.jsonl:2", "in.jsonl:3", "in.jsonl"),
        "no record other.jsonl:2 in the input: name it",
    )


def test_what_neither_has_is_not_said_of_one() -> None:
    shown = run("explain", "-q", FIRST, SECOND).out.decode()
    assert "no authors to compare" in shown
    assert "one has no" not in shown
    assert "the same (" not in shown
