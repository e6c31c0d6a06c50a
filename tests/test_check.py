"""`corpus-tool check`: limits that hold and do not, and what is told of them, for people and for machines."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from running import run

from corpus_tool.errors import UsageError
from corpus_tool.evaluation.gates import Amount, Finding, Gate
from corpus_tool.sources.inputs import Input
from corpus_tool.views import gates as view

EXAMPLES = Path(__file__).parents[1] / "examples"
TOOL = Path(sysconfig.get_path("scripts")) / "corpus-tool"


@pytest.fixture(autouse=True)
def among_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def lines_of(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("--max-duplicates 27%", 1),
        ("--max-duplicates 27.28%", 0),
        ("--max-duplicates 6", 0),
        ("--max-duplicates 5", 1),
        ("--max-duplicates 0%", 1),
        ("--max-duplicates 100%", 0),
        ("--max-duplicates 1% --unique-within source", 1),
        ("--max-duplicates 5 --strictness strict", 0),
        ("--max-cluster 2", 1),
        ("--max-cluster 3", 0),
        ("--max-cluster 3 --max-duplicates 0", 1),
        ("--max-cluster 1 --exclude apr-1[34].txt", 0),
    ],
)
def test_repeats_in_the_shipped_digests(limits: str, code: int) -> None:
    assert run("check", "digests", *limits.split()).code == code


@pytest.mark.parametrize(
    ("inputs", "against", "code"),
    [
        ("digests/apr-13.txt", "digests/apr-15.txt", 1),
        ("digests", "digests/apr-15.txt", 1),  # which alone is not of the input
        ("digests/apr-15.txt", "digests/apr-15.txt", 1),  # named twice, it is
        ("digests/apr-15.txt", "notices.jsonl", 0),
        ("notices.jsonl", "pages.jsonl", 0),
    ],
)
def test_contamination_of_the_shipped_examples(inputs: str, against: str, code: int) -> None:
    given = ("--fields", "text,page.body") if against == "pages.jsonl" else ()
    assert run("check", inputs, "--against", against, *given).code == code


def test_a_folder_may_hold_what_it_is_held_against(tmp_path: Path) -> None:
    lines_of(tmp_path / "test.jsonl", {"text": "one two three"})
    lines_of(tmp_path / "train.jsonl", {"text": "four five six"})
    done = run("check", tmp_path, "--against", tmp_path / "test.jsonl")
    assert (done.code, done.out.splitlines()[0][:6]) == (0, b"passed")
    assert "test.jsonl is named as the other collection, and is left out of the folder's" in done.err
    done = run("check", tmp_path / "train.jsonl", "--against", tmp_path)
    assert (done.code, done.out.splitlines()[0][:6]) == (0, b"passed")


def test_every_record_counts_also_what_the_other_repeats(tmp_path: Path) -> None:
    """A ~ B ~ C in a chain: C, which a run over the test data would remove for B, is found in the training data."""
    words = [f"word{n}" for n in range(60)]
    chain = [" ".join(words[at : at + 40]) for at in (0, 5, 10)]
    train = lines_of(tmp_path / "train.jsonl", {"text": chain[2]}, {"text": "something else"})
    test = lines_of(tmp_path / "test.jsonl", {"text": chain[0]}, {"text": chain[1]})
    assert run("dedup", "-q", test).out.count(b"\n") == 1
    done = run("check", train, "--against", test, "--json")
    told = json.loads(done.out)
    assert done.code == 1
    (finding,) = told["gates"][0]["findings"]
    assert (finding["line"], finding["other_line"]) == (1, 2)


def test_both_kinds_of_limits_read_standard_input_once() -> None:
    stdin = (EXAMPLES / "digests/apr-13.txt").read_bytes() + (EXAMPLES / "digests/apr-14.txt").read_bytes()
    done = run(
        "check", "-", "--against", "digests/apr-15.txt", "--max-duplicates", "10%", "--json", stdin=stdin
    )
    told = json.loads(done.out)
    assert [gate["passed"] for gate in told["gates"]] == [False, False]
    assert [gate["count"] for gate in told["gates"]] == [3, 4]
    assert (told["records"], done.code) == (14, 1)
    assert all(finding["source"] == "-" for gate in told["gates"] for finding in gate["findings"])


def test_findings_name_place_cause_and_limit() -> None:
    lines = run("check", "digests", "--max-duplicates", "1%", "--list", "1").out.decode().splitlines()
    assert lines == [
        "failed --max-duplicates 1%: 6 of 22 records repeat another, 27.27%",
        "digests/apr-14.txt:15: repeats digests/apr-13.txt:11, score 1.0000 (--max-duplicates 1%)",
        "and 5 more; --list 0 lists all",
    ]
    assert len(run("check", "digests", "--max-duplicates", "1%", "--list", "0").out.splitlines()) == 7


def test_what_passes_says_what_was_checked() -> None:
    done = run("check", "digests", "--max-duplicates", "50%", "--max-cluster", "5")
    assert done.out.decode().splitlines() == [
        "passed --max-duplicates 50%: 6 of 22 records repeat another, 27.27%",
        "passed --max-cluster 5: the largest cluster has 3 records",
    ]
    assert done.err.startswith("checked 22 records from 3 sources: 2 of 2 limits kept (matching papers")


def test_agreement_with_a_gold_file(tmp_path: Path) -> None:
    records = lines_of(
        tmp_path / "in.jsonl",
        {"id": "a", "text": "one two three four"},
        {"id": "b", "text": "One two three four!"},
        {"id": "c", "text": "five six seven eight"},
    )
    gold = tmp_path / "gold.csv"
    gold.write_text("id1,id2\na,b\na,c\n", "utf-8")
    passed = run("check", records, "--gold", gold, "--min-f1", "0.5")
    failed = run("check", records, "--gold", gold, "--min-f1", "0.51")
    assert (passed.code, failed.code) == (0, 1)
    assert b"F1 0.5000, precision 1.0000, recall 0.3333" in failed.out
    measured = json.loads(run("evaluate", "-q", records, "--gold", gold, "--json").out)["pair_f1"]
    assert f"F1 {measured:.4f}".encode() in failed.out


def test_the_same_check_gives_the_same_junit(tmp_path: Path) -> None:
    reports = []
    for name in ("one.xml", "two.xml"):
        given = ("--max-duplicates", "1%", "--max-cluster", "50", "--junit", tmp_path / name)
        assert run("check", "digests", *given).code == 1
        reports.append((tmp_path / name).read_bytes())
    assert reports[0] == reports[1]
    suite = ElementTree.fromstring(reports[0]).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failing, passing = suite.findall("testcase")
    assert failing.get("name") == "--max-duplicates 1%"
    assert failing.get("classname") == "corpus-tool.check"
    failure = failing.find("failure")
    assert failure is not None
    assert failure.get("message") == "6 of 22 records repeat another, 27.27%"
    assert (failure.text or "").count("repeats digests/apr-13.txt") == 6
    assert passing.find("failure") is None


def test_annotations_stand_at_the_line_in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(EXAMPLES.parent))
    for given in ("digests", EXAMPLES / "digests"):  # as records name it, and by an absolute path
        lines = (
            run("check", given, "--max-duplicates", "1%", "--github", "--list", "1").out.decode().splitlines()
        )
        assert lines[0] == (
            "::error title=corpus-tool check --max-duplicates 1%25::6 of 22 records repeat another, 27.27%25"
        )
        assert lines[1].startswith(
            "::error file=examples/digests/apr-14.txt,line=15,title=corpus-tool check --max-duplicates 1%25::"
        )
        assert lines[2].endswith("::and 5 more; --list 0 lists all")
        assert len(lines) == 3


HOSTILE = "a,b:c%0A\n::error::x\r\u2028<![CDATA[ ]]>\x00\x1b[31m&\ud800"


def hostile_gates() -> list[Gate]:
    finding = Finding(f"repeats {HOSTILE}:1", (HOSTILE, 3), (HOSTILE, 1), 1.0)
    return [
        Gate(f"--against {HOSTILE}", False, HOSTILE, 2, (finding,)),
        Gate("--max-cluster 5", True, HOSTILE),
    ]


def test_no_name_ends_an_annotation_or_begins_another() -> None:
    lines = list(view.as_annotations(hostile_gates(), [Input(HOSTILE, HOSTILE)]))
    assert len("\n".join(lines).splitlines()) == len(lines) == 4
    for line in lines[:3]:
        _, properties, _ = line.split("::", 2)
        parts = properties.removeprefix("error ").split(",")
        assert [part.split("=", 1)[0] for part in parts] in (["title"], ["file", "line", "title"])
        assert ":" not in properties
        assert "%0A" not in line.replace("%250A", "")
    assert lines[3].startswith("passed ")


def test_no_name_breaks_text_or_xml() -> None:
    assert len("\n".join(view.as_text(hostile_gates())).splitlines()) == 4
    tree = ElementTree.fromstring(view.as_junit(hostile_gates()))
    assert [element.tag for element in tree.iter()] == [
        *("testsuites", "testsuite", "testcase", "failure", "testcase"),
    ]


@pytest.mark.parametrize("path", ["-", "https://example.org/x.jsonl"])
def test_what_is_no_file_is_annotated_without_one(path: str) -> None:
    gate = Gate("--max-cluster 1", False, "two", 1, (Finding("a cluster", (path, 3)),))
    assert list(view.as_annotations([gate], [Input(path, path)]))[1].startswith("::error title=")


@pytest.mark.parametrize("text", ["", "x", "1.5", "-1", "101%", "1 %%", "1e2%", "%", "0,5%", "nan%", "١%%"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(UsageError, match="--max-duplicates"):
        Amount.of(text, "--max-duplicates")


@pytest.mark.parametrize(
    ("text", "count", "of", "allowed"),
    [
        ("1%", 10, 1000, True),
        ("1%", 11, 1000, False),
        ("0.1%", 1, 1000, True),
        ("0.1%", 1, 999, False),
        ("33.3 %", 333, 1000, True),
        ("0", 0, 5, True),
        ("0", 1, 5, False),
        ("2", 2, 2, True),
        ("7%", 7, 100, True),  # 0.07 * 100 is over 7 in floating point, and 0.29 * 100 under 29
        ("29%", 29, 100, True),
        ("0%", 0, 0, True),
    ],
)
def test_amounts_are_exact(text: str, count: int, of: int, allowed: bool) -> None:
    assert Amount.of(text, "--max-duplicates").allows(count, of) is allowed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("digests", "no limit is given"),
        ("digests --gold g.csv", "--min-f1 and --gold go together"),
        ("digests --min-f1 0.9", "--min-f1 and --gold go together"),
        ("digests --min-f1 1.5 --gold g.csv", "--min-f1 1.5 is outside 0 to 1"),
        ("digests --min-f1 nan --gold g.csv", "is outside 0 to 1"),
        ("digests --max-cluster 0", "--max-cluster"),
        ("digests --max-duplicates lots", "--max-duplicates lots: write a share"),
        ("digests --max-duplicates 1% --json --github", "choose one"),
        ("- --against -", "standard input (-) can be read only once"),
        ("digests --against nowhere.jsonl", "nowhere.jsonl: no such file"),
        ("digests --max-duplicates 1% --threshold 0.9", "--threshold does nothing here"),
        ("digests/apr-14.txt --against digests/apr-13.txt --threshold 0.9", "--threshold does nothing here"),
        ("damaged.jsonl --max-duplicates 1%", "damaged.jsonl:2: not JSON"),
        ("digests/apr-13.txt --against damaged.jsonl", "damaged.jsonl:2: not JSON"),
        ("- --max-duplicates 1%", "the input holds no record"),
        ("digests --against /dev/null", "/dev/null holds no record"),
        ("digests --max-duplicates 1% --junit nowhere/x.xml", "nowhere/x.xml: cannot write"),
    ],
)
def test_what_cannot_be_checked_ends_with_2(arguments: str, said: str) -> None:
    done = run("check", *arguments.split())
    assert (done.code, done.out) == (2, b"")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "typed", ["check a.jsonl --max-duplicates 1 --junit a.jsonl", "compare a.jsonl b.jsonl -o ./b.jsonl"]
)
def test_no_input_is_replaced(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl"):
        lines_of(Path(name), {"text": name})
    done = run(*typed.split())
    assert (done.code, done.out) == (2, b"")
    assert "is an input, and would be lost: name another file" in done.err
    assert json.loads(Path("b.jsonl").read_bytes()) == {"text": "b.jsonl"}
    assert json.loads(Path("a.jsonl").read_bytes()) == {"text": "a.jsonl"}


def test_an_index_is_no_collection(tmp_path: Path) -> None:
    index = tmp_path / "seen.idx"
    assert run("dedup", "-q", "notices.jsonl", "--index", index).code == 0
    for command in (("check", "digests", "--against", index), ("compare", index, "digests")):
        done = run(*command)
        assert (done.code, done.out) == (2, b"")
        assert "seen.idx: this is an index: `corpus-tool index export`" in done.err


def test_nothing_passes_where_that_is_said() -> None:
    assert run("check", "-", "--max-duplicates", "1%", "--allow-empty").code == 0


def test_a_reader_that_goes_does_not_turn_a_failure_into_a_success() -> None:
    for form in ("", "--json", "--github"):
        script = f"{TOOL} check digests --max-duplicates 1% {form} | true; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60)
        assert done.stdout == b"1\n", form


def test_skipped_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"text":"one two"}\nnonsense\n{"text":"three four"}\n')
    done = run("check", path, "--max-duplicates", "0", "--on-error", "skip")
    assert done.code == 0
    assert "checked 2 records from 1 source, skipped 1: 1 of 1 limits kept" in done.err
