"""Streams of notes and summaries, and words that mean one thing in all commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from running import run

GOOD = '{"id":"a","text":"one two three four five six"}\n{"id":"b","text":"one two three four five six"}\n'
BAD = GOOD + '["no", "record"]\n'


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.jsonl").write_text(GOOD, "utf-8")
    Path("bad.jsonl").write_text(BAD, "utf-8")


@pytest.mark.parametrize(
    "typed",
    [
        "dedup bad.jsonl --on-error skip",
        "dedup bad.jsonl --on-error skip -o x.jsonl --removed -",
        "dedup bad.jsonl --on-error skip -o x.jsonl --clusters -",
        "dedup good.jsonl --recall-check 2 --threshold 0.5",
        "export bad.jsonl --on-error skip --format csv",
    ],
)
def test_a_summary_has_stderr_for_itself_where_data_has_stdout(typed: str) -> None:
    """What else there is to say is a part of it."""
    done = run(*typed.split(), "--json")
    assert done.code == 0
    told = json.loads(done.err)
    assert len(done.err.splitlines()) == 1
    assert told["seconds"] >= 0
    assert told["notes"]
    people = run(*typed.split()).err.splitlines()
    assert people[:-1] == told["notes"]
    quiet = json.loads(run(*typed.split(), "--json", "-q").err)
    assert quiet.get("notes", []) == [each for each in told["notes"] if each.startswith("skipped ")]


def test_quiet_never_silences_what_is_missing_from_the_result() -> None:
    done = run("dedup", "bad.jsonl", "--on-error", "skip", "-q")
    assert done.err.startswith("skipped bad.jsonl:3: ")
    assert len(done.err.splitlines()) == 1


def test_a_summary_on_stdout_leaves_notes_to_stderr() -> None:
    done = run("dedup", "bad.jsonl", "--on-error", "skip", "-o", "x.jsonl", "--json")
    assert "notes" not in json.loads(done.out)
    assert done.err.startswith("skipped bad.jsonl:3: ")


@pytest.mark.parametrize("command", ["stats", "explain a b"])
def test_a_result_on_stdout_leaves_notes_to_stderr(command: str) -> None:
    options = ["--on-error", "skip"] if command == "stats" else []
    source = "bad.jsonl" if command == "stats" else "good.jsonl"
    done = run(*command.split(), source, *options, "--json")
    assert isinstance(json.loads(done.out), dict)
    assert done.err.splitlines()
    assert not done.err.startswith("{")


def test_notes_of_a_run_that_fails_are_said() -> None:
    Path("worse.jsonl").write_text('{"text":"a b c"}\n[]\n', "utf-8")
    done = run("dedup", "bad.jsonl", "worse.jsonl", "none.jsonl", "--json")
    assert done.code == 2
    done = run(
        "dedup",
        "good.jsonl",
        "--on-error",
        "skip",
        "bad.jsonl",
        "--match",
        "papers",
        "--threshold",
        "1",
        "--json",
    )
    assert done.code == 2
    assert "{" not in done.err
    Path("other.csv").write_text("id,cluster\nx,1\n", "utf-8")
    done = run("evaluate", "bad.jsonl", "--on-error", "skip", "--gold", "other.csv", "--json")
    assert (done.code, done.out) == (2, b"")
    assert done.err.splitlines()[0].startswith("skipped bad.jsonl:3: ")


def gold(*rows: str) -> str:
    Path("gold.csv").write_text("\n".join(("id,cluster", *rows)) + "\n", "utf-8")
    return "gold.csv"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ["x,1", "y,1"],
            "gold.csv: none of its 2 ids is in the input: it has ids such as x, y, those of the input",
        ),
        (
            ["a,1", "y,1", "z,2"],
            "gold.csv: only 1 of its 3 ids are in the input: it has ids such as y, z, those",
        ),
    ],
)
@pytest.mark.parametrize("how", ["gold", "predicted"])
def test_a_gold_of_other_records_is_refused(rows: list[str], told: str, how: str) -> None:
    given = ["--gold", gold(*rows)]
    if how == "predicted":
        Path("truth.csv").write_text("id,cluster\na,1\nb,1\n", "utf-8")
        given = ["--gold", "truth.csv", "--predicted", "gold.csv"]
    done = run("evaluate", "good.jsonl", *given)
    assert (done.code, done.out) == (2, b"")
    assert done.err.splitlines()[-1].startswith(told)
    assert "such as a, b (a record without id is called source:line)" in done.err


def test_a_gold_of_pairs_and_one_of_places() -> None:
    Path("pairs.csv").write_text("id1,id2\nx,y\n", "utf-8")
    assert run("evaluate", "good.jsonl", "--gold", "pairs.csv").code == 2
    Path("bare.jsonl").write_text('{"text":"one two"}\n{"text":"one two"}\n', "utf-8")
    done = run("evaluate", "bare.jsonl", "--gold", gold("1,1", "2,1"))
    assert "it has ids such as 1, 2, those of the input are such as bare.jsonl:1, bare.jsonl:2" in done.err
    Path("empty.jsonl").touch()
    assert "there is no record in it" in run("evaluate", "empty.jsonl", "--gold", "gold.csv").err


def test_half_of_a_gold_is_enough_and_said() -> None:
    done = run("evaluate", "good.jsonl", "--gold", gold("a,1", "b,1", "y,1", "z,2"))
    assert done.code == 0
    assert "2 of 4 ids are not in the input, such as y" in done.err


def test_tune_refuses_it_too() -> None:
    done = run("tune", "good.jsonl", "--gold", gold("a,1", "y,1", "z,2"))
    assert "only 1 of its 3 ids are in the input" in done.err


def test_dedup_and_stats_use_one_word_for_one_thing() -> None:
    Path("more.jsonl").write_text(GOOD + '{"id":"c","text":"one two three four five six seven"}\n', "utf-8")
    told = run("dedup", "more.jsonl", "--threshold", "0.6", "-o", "x.jsonl").err
    assert "read 3 records from 1 source, kept 1, removed 2, 1 of them an exact copy (" in told
    shown = run("stats", "more.jsonl").out.decode().splitlines()
    assert "2 distinct, 1 exact copy (33.3%)" in shown[0]
    assert shown[1] == "exact copies: the same words in the same order"
    counted = json.loads(run("stats", "more.jsonl", "--json").out)
    summary = json.loads(run("dedup", "more.jsonl", "--threshold", "0.6", "-o", "x.jsonl", "--json").out)
    assert counted["exact_copies"] == counted["repeats"] == summary["exact_copies"] == 1


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["one two", "three four"], "kept 2, removed 0 ("),
        (["one two", "ONE two!"], "kept 1, removed 1, an exact copy ("),
        (["one two"] * 3, "kept 1, removed 2, all exact copies ("),
        (["a b c d e f g h", "a b c d e f g h i"], "kept 1, removed 1, no exact copy ("),
    ],
)
def test_what_the_summary_says_of_copies(texts: list[str], told: str) -> None:
    Path("in.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    assert told in run("dedup", "in.jsonl", "-o", "x.jsonl").err


@pytest.mark.parametrize(
    ("lines", "options", "told"),
    [
        (GOOD, "--keep newest", "no record has a date (updated, date, published, digest_date, year)"),
        ('{"title":"A B","x":"c"}\n{"title":"D","x":"e"}\n', "", "the records have titles, but no abstract"),
        ('{"title":"","abstract":""}\n{}\n', "", "matching 1 as text, 1 byte for byte"),
        (GOOD, "--year 2026", "--year does nothing here"),
    ],
)
def test_what_does_not_act_is_said(lines: str, options: str, told: str) -> None:
    Path("in.jsonl").write_text(lines, "utf-8")
    done = run("dedup", "in.jsonl", *options.split())
    assert (done.code, told in done.err) == (0, True), done.err


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        (GOOD.replace('"text"', '"year":2020,"text"', 1), "--keep newest"),
        ('{"title":"A B","abstract":"' + " ".join(f"word{n}" for n in range(60)) + '"}\n{"title":"D"}\n', ""),
    ],
)
def test_where_it_acts_nothing_is_said(lines: str, options: str) -> None:
    Path("in.jsonl").write_text(lines, "utf-8")
    done = run("dedup", "in.jsonl", *options.split())
    assert "no record has a date" not in done.err
    assert "no abstract" not in done.err


def test_a_year_acts_on_any_digest() -> None:
    digests = Path(__file__).parents[1] / "examples" / "digests"
    assert "--year" not in run("dedup", "good.jsonl", digests, "--year", "2026").err


@pytest.mark.parametrize("ending", [".xlsx", ".pdf", ".XML", ".zip", ".feather.gz"])
def test_no_file_of_lines_is_called_another_thing(ending: str) -> None:
    done = run("dedup", "good.jsonl", "-o", f"out{ending}")
    assert (done.code, "nothing is written as" in done.err) == (2, True)
    assert not Path(f"out{ending}").exists()
    assert run("dedup", "good.jsonl", "-o", "out.new").code == 0


def test_a_gold_with_nothing_in_it_is_refused() -> None:
    Path("gold.jsonl").write_bytes(b"")
    Path("gold.csv").write_text("id,cluster\n", "utf-8")
    for name in ("gold.jsonl", "gold.csv"):
        done = run("evaluate", "good.jsonl", "--gold", name)
        assert (done.code, f"{name}: there is nothing in it" in done.err) == (2, True)
    Path("pairs.csv").write_text("id1,id2\n", "utf-8")
    assert run("evaluate", "good.jsonl", "--gold", "pairs.csv").code == 0, "no two are one"


@pytest.mark.parametrize(("where", "told"), [(">&-", "it is closed"), ("> /dev/full", "no space left")])
def test_a_summary_that_nobody_reads_is_an_error(where: str, told: str, tmp_path: Path) -> None:
    """It was asked for; the records that it is about are in their place."""
    command = f"{sys.executable} -m corpus_tool dedup good.jsonl -o x.jsonl -q --json {where}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("standard output: ")
    assert told in done.stderr
    assert "the outputs are written" in done.stderr
    assert len(Path("x.jsonl").read_bytes().splitlines()) == 1
    shown = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m corpus_tool --help >&-"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (shown.returncode, shown.stderr) == (0, b"")


@pytest.mark.parametrize("columns", [30, 40, 59])
def test_reasons_are_whole_on_a_narrow_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    abstract = " ".join(f"word{n}" for n in range(60))
    lines = [json.dumps({"title": f"On wheels {n}", "abstract": abstract}) for n in range(2)]
    Path("in.jsonl").write_text("\n".join(lines), "utf-8")
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run("explain", "in.jsonl:1", "in.jsonl:2", "-q").out.decode()
    assert "…" not in shown.split("points", 1)[1]
    assert "█" not in shown.split("points", 1)[1]
    monkeypatch.setenv("COLUMNS", "60")
    assert "█" in run("explain", "in.jsonl:1", "in.jsonl:2", "-q").out.decode()
