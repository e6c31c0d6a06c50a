"""Labels given at a real terminal, what follows from them, and what evaluate and tune make of them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sysconfig
import time
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import InputError
from corpus_tool.evaluation.gold import read, read_labels
from corpus_tool.evaluation.labels import DIFFERENT, SAME, UNSURE, Label, Labels, may_be_labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL = Path(sysconfig.get_path("scripts")) / "corpus-tool"
FOOT = "q quit"
WORDS = [f"word{at}" for at in range(5000)]


RUNNING: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def _nobody_left() -> Iterator[None]:
    yield
    for process in RUNNING:
        process.kill()
        process.wait()
    RUNNING.clear()


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, lines: int = 30) -> None:
        self.ours, theirs = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "100", "LINES": str(lines)}
        self.process = subprocess.Popen(
            [TOOL, "review", *arguments],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(theirs)
        RUNNING.append(self.process)

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """What was shown until a text stood there."""
        end, shown = time.monotonic() + seconds, ""
        while text not in plain(shown):
            assert time.monotonic() < end, plain(shown)
            part = self._read(end - time.monotonic())
            assert part, plain(shown)
            shown += part
        return plain(shown)

    def _read(self, seconds: float) -> str:
        if not select.select([self.ours], [], [], max(0, seconds))[0]:
            return ""
        try:
            return os.read(self.ours, 1 << 16).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            return ""

    def press(self, key: str) -> str:
        """The screen after a key."""
        os.write(self.ours, key.encode())
        return self.wait_for(FOOT)

    def end(self, key: str) -> tuple[int, str]:
        """The exit code after a last key, and what was said."""
        os.write(self.ours, key.encode())
        shown = ""
        while part := self._read(60):
            shown += part
        code = self.process.wait(60)
        os.close(self.ours)
        return code, plain(shown)


def plain(shown: str) -> str:
    return re.sub(r"\x1b(\[[\d;?]*[A-Za-z]|.)", "", shown).replace("\r\n", "\n")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Ten texts, each with a copy in which ever more words are others."""
    records = []
    for at in range(10):
        text = WORDS[at * 100 : at * 100 + 60]
        records.append({"id": f"a{at}", "text": " ".join(text)})
        records.append(
            {"id": f"b{at}", "text": " ".join(["other" + word for word in text[: at + 1]] + text[at + 1 :])}
        )
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def labels(path: Path) -> list[tuple[str, ...]]:
    header, *rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
    assert header == ["id1", "id2", "label"]
    return [tuple(row) for row in rows]


def test_a_walk_with_undo_and_resume(texts: Path) -> None:
    file = texts.parent / "labels.csv"
    terminal = Terminal(texts.parent, texts.name, "--labels", file.name, "--threshold", "0.8")
    shown = terminal.wait_for(FOOT)
    assert re.search(r"1 of 10\s+score 0\.8\d+, threshold 0\.8: same", shown)
    assert "otherword" in shown
    assert "s same   d different   u unsure   z undo   space more   q quit" in shown
    assert not file.exists()
    assert "2 of 10" in terminal.press("s")
    (first,) = labels(file)
    assert first[2] == "same"
    os.write(terminal.ours, b"\x1b[A")
    assert "2 of 10" in terminal.press("x")  # no such key
    assert "3 of 10" in terminal.press("d")
    assert [row[2] for row in labels(file)] == ["same", "different"]
    shown = terminal.press("z")
    assert "2 of 10" in shown
    assert "taken back" in shown
    assert labels(file) == [first]
    assert "3 of 10" in terminal.press("U")
    code, said = terminal.end("q")
    assert code == 0
    assert "labels.csv: 2 labels: 1 same, 0 different, 1 unsure; 8 of 10 pairs are left" in said

    terminal = Terminal(texts.parent, texts.name, "--labels", file.name, "--threshold", "0.8")
    shown = terminal.wait_for(FOOT)
    assert "3 of 10" in shown
    assert "1 same, 1 unsure" in shown
    for _ in range(7):
        terminal.press("s")
    code, said = terminal.end("s")
    assert code == 0
    assert "0 of 10 pairs are left" in said
    assert len({frozenset(row[:2]) for row in labels(file)}) == 10


def test_pairs_come_from_both_sides_the_nearest_first(texts: Path) -> None:
    terminal = Terminal(texts.parent, texts.name, "--labels", "l.csv", "--threshold", "0.8", "--pairs", "2")
    screens = [terminal.wait_for(FOOT), *(terminal.press("u") for _ in range(3))]
    scores = [float(re.findall(r"score (0\.\d+)", shown)[-1]) for shown in screens]
    sides = [re.findall(r"threshold 0.8: (\w+)", shown)[-1] for shown in screens]
    assert terminal.end("u")[0] == 0
    assert sides == ["same", "different"] * 2
    assert 0.8 <= scores[0] < scores[2]
    assert 0.8 > scores[1] > scores[3]


def test_a_sample_of_removed_records(texts: Path) -> None:
    terminal = Terminal(texts.parent, texts.name, "--labels", "l.csv", "--sample", "3")
    screens = [terminal.wait_for(FOOT), *(terminal.press("s") for _ in range(2))]
    code, said = terminal.end("d")
    assert code == 0
    assert all("threshold 0.7: same" in shown for shown in screens)
    assert len(labels(texts.parent / "l.csv")) == 3
    assert "of 3 judged removals 1 is wrong: 33.3%, with 95% confidence 6.1% to 79.2%" in said


def test_long_texts_are_paged(tmp_path: Path) -> None:
    bodies = [
        " ".join(f"{word}{at if place % 3 == 0 else ''}" for place, word in enumerate(WORDS[:900]))
        for at in (1, 2)
    ]
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"text": body}) + "\n" for body in bodies), "utf-8")
    options = ("--labels", "l.csv", "--shingle", "1", "--threshold", "0.4")
    terminal = Terminal(tmp_path, path.name, *options, lines=16)
    first = terminal.wait_for(FOOT)
    assert "more lines" in first
    second = terminal.press(" ")
    assert "word0" in first
    assert "word0 " not in second
    assert terminal.end("s")[0] == 0
    assert labels(tmp_path / "l.csv") == [("long.jsonl:1", "long.jsonl:2", "same")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_the_labels_and_the_terminal(texts: Path, number: signal.Signals) -> None:
    terminal = Terminal(texts.parent, texts.name, "--labels", "l.csv")
    terminal.wait_for(FOOT)
    terminal.press("s")
    os.kill(terminal.process.pid, number)
    code, _ = terminal.end("")
    assert code == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert len(labels(texts.parent / "l.csv")) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("texts.jsonl", "--labels", "l.csv"), "not a terminal"),
        (("texts.jsonl",), "--labels"),
    ],
)
def test_without_a_terminal_nothing_is_asked(texts: Path, arguments: tuple[str, ...], told: str) -> None:
    done = subprocess.run(
        [TOOL, "review", *arguments],
        cwd=texts.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "id1,id2,label\na,b,same\nb,c,same\na,c,different\n",
            "l.csv:4: a and c are different here, and the same",
        ),
        (
            "id1,id2,label\na,b,perhaps\n",
            "l.csv:2: the label 'perhaps' is not one of same, different, unsure",
        ),
        ("id1,id2,label\na,b\n", "l.csv:2: 2 values in 3 columns"),
        ("id1,id2,label\n,b,same\n", "l.csv:2: no id1"),
        (
            "id,cluster\na,1\n",
            "l.csv:1: the columns are id, cluster: a file of labels has the columns id1,id2,label",
        ),
        ("", "l.csv:1: there is nothing in it"),
    ],
)
def test_labels_that_cannot_be_read(texts: Path, content: str, told: str) -> None:
    (texts.parent / "l.csv").write_text(content, "utf-8")
    terminal = Terminal(texts.parent, texts.name, "--labels", "l.csv")
    code, said = terminal.end("")
    assert code == 2
    assert told in said
    assert (texts.parent / "l.csv").read_text("utf-8") == content


PAIRS = list(combinations("abcdef", 2))
said_of_pairs = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.sampled_from([SAME, DIFFERENT, UNSURE])).map(
        lambda each: Label(*each[0], each[1])
    ),
    max_size=12,
)


def follows(rows: list[Label]) -> dict[frozenset[str], set[str]]:
    """What labels say of every pair, by going on until nothing new follows."""
    known = {frozenset(pair): set() for pair in PAIRS}
    for row in rows:
        known[frozenset(row[:2])].add(row.verdict)
    while True:
        before = sum(map(len, known.values()))
        for a, b in PAIRS:
            for c in set("abcdef") - {a, b}:
                for one, other in ((a, b), (b, a)):
                    if SAME in known[frozenset((one, c))]:
                        known[frozenset((a, b))] |= known[frozenset((c, other))] - {UNSURE}
        if before == sum(map(len, known.values())):
            return known


@given(said_of_pairs)
def test_what_follows_from_labels(rows: list[Label]) -> None:
    wanted = follows(rows)
    if any({SAME, DIFFERENT} <= said for said in wanted.values()):
        with pytest.raises(InputError, match="different here, and the same by other lines"):
            Labels("l.csv", rows)
        return
    found = Labels("l.csv", rows)
    for pair, said in wanted.items():
        strongest = next((each for each in (SAME, DIFFERENT, UNSURE) if each in said), None)
        assert found.known(*pair) == strongest
    clusters = found.clusters()
    for a, b in combinations(clusters, 2):
        assert (clusters[a] == clusters[b]) == (SAME in wanted[frozenset((a, b))])
    assert set(clusters) == {name for row in rows if row.verdict != UNSURE for name in row[:2]}


@given(said_of_pairs, st.integers(0, 5))
def test_undo_is_as_if_nothing_had_been_said(rows: list[Label], more: int) -> None:
    found, kept = Labels("l.csv"), []
    for row in rows:
        if found.known(row.one, row.other) is None:
            found.add(row)
            kept.append(row)
    for _ in range(min(more, len(kept))):
        assert found.undo() == kept.pop()
    fresh = Labels("l.csv", kept)
    assert [found.known(*pair) for pair in PAIRS] == [fresh.known(*pair) for pair in PAIRS]
    said = [row.verdict for row in kept]
    assert found.counts() == {verdict: said.count(verdict) for verdict in (SAME, DIFFERENT, UNSURE)}


@given(st.lists(st.tuples(st.text(), st.text(), st.sampled_from([SAME, UNSURE])), max_size=5))
def test_any_names_are_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    given_ones = [Label(*row) for row in rows if may_be_labelled(*row[:2])]
    path = tmp_path_factory.mktemp("labels") / "l.csv"
    path.write_bytes(Labels("", given_ones).as_csv())
    assert [row[:3] for row in read_labels(str(path)).rows] == [row[:3] for row in given_ones]
    assert read(str(path)).cluster == Labels("", given_ones).clusters()


class TestUse:
    """What evaluate and tune make of labels."""

    @pytest.fixture
    def gold(self, texts: Path) -> Path:
        path = texts.parent / "labels.csv"
        rows = [
            ("a0", "b0", SAME),
            ("a1", "b1", SAME),
            ("a8", "b8", SAME),
            ("a2", "b2", DIFFERENT),
            ("a3", "b3", UNSURE),
        ]
        path.write_text("id1,id2,label\n" + "".join(",".join(row) + "\n" for row in rows), "utf-8")
        return path

    def evaluated(self, *arguments: Any) -> dict[str, Any]:
        done = run("evaluate", *arguments, "--json")
        assert done.code == 0, done.err
        found: dict[str, Any] = json.loads(done.out)
        return found

    def test_only_labelled_pairs_count(self, texts: Path, gold: Path) -> None:
        found = self.evaluated(texts, "--gold", gold)
        assert found["gold"]["form"] == "labels"
        assert (found["gold_pairs"], found["predicted_pairs"]) == (3, 4)
        assert (found["pair_precision"], found["pair_recall"]) == (0.75, 1.0)
        assert [each["a"] for each in found["false_merges"]] == ["a2"]
        at = {point["threshold"]: point for point in found["curve"]}
        assert at[0.7]["pair_precision"] == 0.75
        assert at[0.9]["predicted_pairs"] == 2

    def test_what_nobody_compared_is_no_error(self, texts: Path, gold: Path) -> None:
        with texts.open("a") as file:  # a third copy, of which no label speaks
            file.write(json.dumps({"id": "c0", "text": " ".join(WORDS[:60])}) + "\n")
        assert self.evaluated(texts, "--gold", gold)["pair_precision"] == 0.75
        merged = texts.parent / "clusters.csv"
        names = [f"{side}{at}" for at in range(10) for side in "ab"]
        merged.write_text("id,cluster\n" + "".join(f"{name},one\n" for name in names), "utf-8")
        found = self.evaluated(texts, "--gold", gold, "--predicted", merged)
        assert (found["gold_pairs"], found["predicted_pairs"]) == (3, 4)

    def test_people_are_told(self, texts: Path, gold: Path) -> None:
        done = run("evaluate", texts, "--gold", gold)
        assert "scored over its 8 labelled records" in done.err

    def test_tune_takes_labels_and_learns_from_nothing_else(self, tmp_path: Path) -> None:
        records, rows = [], []
        for at in range(120):
            same = at % 2 == 0
            abstract = WORDS[at * 40 : at * 40 + 40]
            title = f"{WORDS[at]} and {WORDS[at + 200]} in {WORDS[at + 400]}"
            records.append({"id": f"a{at}", "title": title, "abstract": " ".join(abstract), "year": 2000})
            other = abstract[:36] if same else abstract[:20]
            more = {"title": title if same else f"{title} revisited", "year": 2000 + (not same)}
            records.append({"id": f"b{at}", "abstract": " ".join([*other, "end"]), **more})
            rows.append((f"a{at}", f"b{at}", SAME if same else DIFFERENT))
        path, gold = tmp_path / "papers.jsonl", tmp_path / "labels.csv"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        gold.write_text("id1,id2,label\n" + "".join(",".join(row) + "\n" for row in rows), "utf-8")
        done = run("tune", path, "--gold", gold, "-o", tmp_path / "policy.toml", "--json")
        assert done.code == 0, done.err
        told = json.loads(done.out)
        assert told["pairs"] <= 120
        assert 30 <= told["positives"] <= 60
        assert told["labelled"] == 240
