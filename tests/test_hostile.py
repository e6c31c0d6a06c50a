"""Inputs as damage and malice make them: whatever stands in them, a run ends as promised, and never by accident."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

GOOD = {
    "records": b"".join(b'{"id":%d,"text":"text number %d of some"}\n' % (n, n // 2) for n in range(12)),
    "papers": b"".join(
        b'{"id":"%d","title":"Title %d","abstract":"What it says: %d.","authors":["A B"],"year":2020}\n'
        % (n, n % 5, n)
        for n in range(10)
    ),
    "digest": (
        b"new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 13\n\n"
        b"A Useful Title\n\nAn abstract that says something useful.\n\nAnother One\n\nOther words.\n"
    ),
}
WAYS = {"plain": bytes, "gz": lambda data: gzip.compress(data, mtime=0), "xz": lzma.compress}
PIECES = [
    b"\0",
    b"\xff",
    b"\n",
    b"\r",
    b'"',
    b"{",
    b"}",
    b"[" * 200,
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"9" * 5000,
    b"\xe2\x80\xae",
    b"null\n",
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Good input with some bytes changed, taken out or put in, before it was compressed or after."""
    data = GOOD[draw(st.sampled_from(sorted(GOOD)))]
    way = draw(st.sampled_from(sorted(WAYS)))
    late = draw(st.booleans())
    data = WAYS[way](data) if late else data
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 1, 1, 7, 80]))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        data = data[:place] + piece + data[place + length :]
    return data if late else WAYS[way](data)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged(), command=st.sampled_from(["dedup", "export --format jsonl", "stats", "parse"]))
def test_a_run_ends_as_promised(data: bytes, command: str, place: Path) -> None:
    """Done, or refused by one line with nothing written; where bad input is skipped, done unless nothing is left."""
    Path("in").write_bytes(data)
    Path("out").write_bytes(b"old\n")
    done = run(*command.split(), "in", "-o", "out")
    assert "internal error" not in done.err
    assert done.code in {0, 2}
    if done.code:
        assert len([line for line in done.err.splitlines() if "could not place" not in line]) == 1
        assert Path("out").read_bytes() == b"old\n"
    skipped = run(*command.split(), "in", "-o", "out", "--on-error", "skip", "--rejects", "bad")
    if skipped.code:
        assert "nothing could be read, all was skipped, and out," in skipped.err, skipped
        assert Path("out").read_bytes() == b"old\n"
    if done.code:
        assert "skipped in" in skipped.err, "what made the difference is told"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=damaged())
def test_what_could_be_read_comes_back(data: bytes, place: Path) -> None:
    """Kept and receipts of a run that skipped are restored to what it read."""
    Path("in").write_bytes(data)
    how = ("--on-error", "skip", "--rejects", "bad", "-q", "--allow-empty")
    assert run("dedup", "in", *how, "-o", "kept", "--removed", "removed").code == 0
    back = run("restore", "kept", "removed", "-q")
    assert back.code == 0, back
    lines = [line for line in back.out.split(b"\n") if line.strip()]
    read = run("export", "in", *how, "--format", "jsonl")
    assert lines == [line for line in read.out.split(b"\n") if line.strip()]
