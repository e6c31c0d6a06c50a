"""Digests as people mangle them, through the command: nothing becomes another paper, nothing is lost in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import run

HEADER = "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\n"
PAPERS = [
    (
        "Slow Rivers: Estimating Discharge from Sparse Gauges",
        "Most rivers carry no gauge at all. We estimate their discharge from the few that do, and show on "
        "forty basins that two gauges suffice where the bed is known. Code is available.",
    ),
    (
        "Does a Café Crowd Follow the Sun?",
        "We observe the guests of twelve cafés over a naïve month. Seats in the sun fill first, except "
        "where the view is better. A model of three rules predicts the order of seating.",
    ),
    (
        "Counting Without Numbers, Part II",
        "The first part introduced tallies for agents that cannot count. Here we bound the error of such "
        "tallies from below and give an agent that reaches the bound.",
    ),
]
PLAIN = HEADER + "Mar 13\n\n" + "\n\n".join(part for paper in PAPERS for part in paper) + "\n"
SHORTER = HEADER + "Mar 14\n\n" + "\n\n".join(PAPERS[0]) + "\n"


def without(text: str, *parts: str) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, "")
    return text


MANGLED = {
    "as printed": PLAIN.encode(),
    "CRLF": PLAIN.replace("\n", "\r\n").encode(),
    "byte order mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "mark and CRLF": b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(),
    "trailing blanks": PLAIN.replace("\n", " \t\n").encode(),
    "leading blank lines": b"\n\n\n" + PLAIN.encode(),
    "doubled blank lines": PLAIN.replace("\n\n", "\n\n\n\n").encode(),
    "no blank lines": PLAIN.replace("\n\n", "\n").encode(),
    "no final newline": PLAIN.rstrip("\n").encode(),
    "blank lines at the end": (PLAIN + "\n\n  \n\n").encode(),
    "no header": without(PLAIN, HEADER).encode(),
    "half a header": without(PLAIN, "new\n\n", "Subscribe\n\n").encode(),
    "no date": without(PLAIN, "Mar 13\n\n").encode(),
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def papers(data: bytes) -> list[tuple[str, str]]:
    return [(record["title"], record["abstract"]) for record in map(json.loads, data.splitlines())]


@pytest.mark.parametrize("way", MANGLED)
def test_every_paper_whatever_happened(way: str) -> None:
    Path("day.txt").write_bytes(MANGLED[way])
    done = run("parse", "day.txt", "--strict")
    assert done.code == 0, done.err
    assert papers(done.out) == PAPERS
    assert run("parse", "-q", stdin=MANGLED[way]).out.replace(b'"-"', b'"day.txt"') == done.out
    lines = MANGLED[way].decode("utf-8-sig").splitlines()
    for record in map(json.loads, done.out.splitlines()):
        assert lines[record["line"] - 1].strip() == record["title"]
        assert record["digest_date"] == (None if way == "no date" else "Mar 13")


@pytest.mark.parametrize("between", ["", "\n\n", "\n\n\n\n"])
def test_several_digests_in_one_file(between: str) -> None:
    Path("all.txt").write_text(PLAIN + between + SHORTER + between + PLAIN, "utf-8")
    done = run("parse", "all.txt", "--strict", "--year", "2025")
    assert papers(done.out) == [*PAPERS, PAPERS[0], *PAPERS]
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [record["digest_date"] for record in found] == ["Mar 13"] * 3 + ["Mar 14"] + ["Mar 13"] * 3
    assert [record["date"][-2:] for record in found] == ["13"] * 3 + ["14"] + ["13"] * 3
    assert [record["position"] for record in found] == [1, 2, 3, 1, 1, 2, 3]
    kept = run("dedup", "all.txt", "-q").out
    assert papers(kept) == PAPERS
    assert [len(json.loads(line)["seen"]) for line in kept.splitlines()] == [3, 2, 2]


def test_an_abstract_in_two_paragraphs() -> None:
    first, second = PAPERS[0][1].split(". We ")
    text = PLAIN.replace(PAPERS[0][1], f"{first}.\n\nWe {second}")
    done = run("parse", stdin=text.encode())
    assert done.code == 0
    found = papers(done.out)
    assert [title for title, _ in found] == [title for title, _ in PAPERS]
    assert " ".join(found[0][1].split()) == PAPERS[0][1]


@pytest.mark.parametrize("place_of", [0, 1, 2], ids=["first", "middle", "last"])
def test_a_title_without_an_abstract(place_of: int) -> None:
    """It is told with its line and an error where the run is strict; its neighbours stay whole."""
    Path("day.txt").write_text(without(PLAIN, PAPERS[place_of][1] + "\n"), "utf-8")
    line = 1 + Path("day.txt").read_text("utf-8").splitlines().index(PAPERS[place_of][0])
    done = run("parse", "day.txt", "-o", "out.jsonl")
    assert done.code == 0
    found = papers(Path("out.jsonl").read_bytes())
    assert [paper for paper in found if paper[1]] == [*PAPERS[:place_of], *PAPERS[place_of + 1 :]]
    if len(found) < len(PAPERS):
        assert f"day.txt:{line}: could not place" in done.err
        Path("out.jsonl").write_bytes(b"old")
        strict = run("parse", "day.txt", "--strict", "-o", "out.jsonl")
        assert strict.code == 2
        assert strict.err.startswith(f"day.txt:{line}: could not place {PAPERS[place_of][0][:20]!r}"[:40])
        assert Path("out.jsonl").read_bytes() == b"old"
    else:
        assert (PAPERS[place_of][0], "") in found


def test_latin_1() -> None:
    Path("day.txt").write_bytes(PLAIN.encode("latin-1"))
    line = 1 + PLAIN.splitlines().index(PAPERS[1][0])
    for command in ("parse", "dedup", "export", "stats"):
        done = run(command, "day.txt")
        assert (done.code, done.out) == (2, b"")
        assert done.err.startswith(f"day.txt:{line}: byte 0xe9 at column 11 is not utf-8; ")
    assert papers(run("parse", "day.txt", "--encoding", "latin-1", "--strict").out) == PAPERS
    assert papers(run("parse", "--encoding", "cp1252", stdin=PLAIN.encode("cp1252")).out) == PAPERS


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    done = run("parse", "--encoding", encoding, "--strict", stdin=PLAIN.encode(encoding))
    assert (done.code, papers(done.out)) == (0, PAPERS), done.err
    cut = PLAIN.encode(encoding)[:-1]
    if encoding != "utf-8-sig":
        done = run("parse", "--encoding", encoding, stdin=cut)
        assert done.code == 2
        assert len(done.err.splitlines()) == 1
        assert "internal" not in done.err


def test_a_bad_file_among_good_ones() -> None:
    """With --on-error skip it is told, counted, and read as far as it can be; without, nothing is written."""
    Path("days").mkdir()
    Path("days/1.txt").write_text(PLAIN, "utf-8")
    Path("days/2.txt").write_bytes(SHORTER.encode().replace(b"Slow", b"Sl\xf6w"))
    Path("days/3.txt").write_text(SHORTER, "utf-8")
    done = run("parse", "days", "-o", "out.jsonl")
    assert done.code == 2
    assert done.err.startswith("days/2.txt:11: byte 0xf6 at column 3 is not utf-8")
    assert not Path("out.jsonl").exists()
    done = run("parse", "days", "-o", "out.jsonl", "--on-error", "skip")
    assert done.code == 0
    damaged = (PAPERS[0][0].replace("Slow", "Sl\ufffdw"), PAPERS[0][1])
    assert papers(Path("out.jsonl").read_bytes()) == [*PAPERS, damaged, PAPERS[0]]
    told = done.err.splitlines()
    assert told[0].startswith("skipped days/2.txt:11: byte 0xf6")
    assert ", skipped 1" in told[1]


def test_chrome_alone_is_no_digest() -> None:
    done = run("parse", stdin=(HEADER + "Mar 13\n").encode())
    assert (done.code, done.out) == (2, b"")
    assert "no paper found" in done.err
