"""Whatever ends a run with an index: nothing is lost, the index knows of nothing that no output holds, and it opens.

`KILLS` in the environment is how many runs are killed; a few are enough for every day.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import run

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL = Path(sysconfig.get_path("scripts")) / "corpus-tool"
KILLS = int(os.environ.get("KILLS", "6"))
DAYS = 3


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def write_days(count: int, words: int = 60) -> None:
    """Days of records, of which a third repeat earlier ones with a word changed."""
    luck, texts = random.Random(5), list[list[str]]()
    for day in range(DAYS):
        rows = []
        for at in range(count):
            text = [f"w{luck.randrange(5000)}" for _ in range(words)]
            if texts and luck.random() < 0.33:
                text = [*luck.choice(texts)]
                text[luck.randrange(words)] = "changed"
            texts.append(text)
            rows.append({"id": f"d{day}n{at}", "title": " ".join(text[:6]), "abstract": " ".join(text)})
        Path(f"day{day}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def command(day: int) -> list[str]:
    name = f"day{day}.jsonl"
    return [
        "dedup",
        name,
        "--index",
        "seen.idx",
        "-o",
        f"fresh{day}.jsonl",
        "--removed",
        f"gone{day}.jsonl",
        "-q",
    ]


def day_by_day() -> tuple[dict[str, bytes], float]:
    """What undisturbed runs write, and how long one takes; then all of it is removed."""
    began = time.monotonic()
    for day in range(DAYS):
        subprocess.run([TOOL, *command(day)], check=True, timeout=120)
    took = (time.monotonic() - began) / DAYS
    names = [name for day in range(DAYS) for name in (f"fresh{day}.jsonl", f"gone{day}.jsonl")]
    wanted = {name: Path(name).read_bytes() for name in names}
    wanted["all"] = run("index", "export", "seen.idx", "-q").out
    for name in (*names, "seen.idx"):
        Path(name).unlink()
    return wanted, took


def check_whole(day: int, wanted: dict[str, bytes]) -> None:
    """That the index is whole, and what it knows of a day stands in the outputs, all of it."""
    if not Path("seen.idx").exists() or not Path("seen.idx").stat().st_size:
        return
    info = run("index", "info", "seen.idx", "--json")
    if info.code:
        assert "nothing was ever taken into this index" in info.err
        return
    assert run("index", "verify", "seen.idx", "-q").code == 0
    if len(json.loads(info.out)["last_runs"]) > day:
        run("recover", "-q")
        assert Path(f"fresh{day}.jsonl").read_bytes() == wanted[f"fresh{day}.jsonl"]
        assert Path(f"gone{day}.jsonl").read_bytes() == wanted[f"gone{day}.jsonl"]


def test_killed_at_any_moment() -> None:
    write_days(int(os.environ.get("KILLED_RECORDS", "300")))
    wanted, took = day_by_day()
    luck, killed = random.Random(int(os.environ.get("KILL_SEED", "3"))), 0
    while killed < KILLS:
        for day in range(DAYS):
            for _ in range(2):
                process = subprocess.Popen([TOOL, *command(day)], stderr=subprocess.DEVNULL)
                try:
                    process.wait(luck.uniform(0.3, 1.1) * took)
                except subprocess.TimeoutExpired:
                    process.kill()
                    killed += 1
                process.wait()
                check_whole(day, wanted)
            done = run(*command(day))
            assert done.code == 0, done.err
            for name in (f"fresh{day}.jsonl", f"gone{day}.jsonl"):
                assert Path(name).read_bytes() == wanted[name]
        assert run("index", "export", "seen.idx", "-q").out == wanted["all"]
        assert not list(Path().glob(".*corpus-tool*"))
        Path("seen.idx").unlink()
        for day in range(DAYS):
            Path(f"fresh{day}.jsonl").unlink()
            Path(f"gone{day}.jsonl").unlink()


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """A file system in memory of its own."""
    place = Path("disk").absolute()
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    write_days(400)
    wanted, _ = day_by_day()
    failed = 0
    with small_disk("4m") as disk:
        for day in range(DAYS):
            name = f"day{day}.jsonl"
            how = [
                "--index",
                str(disk / "seen.idx"),
                "-o",
                f"fresh{day}.jsonl",
                "--removed",
                f"gone{day}.jsonl",
            ]
            for room in (1, 40, 90, 150, 300, 600):  # KiB left free
                taken = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize - (room << 10)
                (disk / "filled").write_bytes(bytes(max(0, taken)))
                done = run("dedup", name, *how)
                (disk / "filled").unlink()
                if done.code == 0:
                    break
                failed += 1
                assert (done.code, done.err.count("\n")) == (2, 1)
                assert "no space left on the device" in done.err or "look at the disk" in done.err
                if (disk / "seen.idx").exists() and (disk / "seen.idx").stat().st_size:
                    assert (
                        len(json.loads(run("index", "info", disk / "seen.idx", "--json").out)["last_runs"])
                        == day
                    )
            assert run("dedup", name, *how, "-q").code == 0
            assert Path(f"fresh{day}.jsonl").read_bytes() == wanted[f"fresh{day}.jsonl"]
        assert run("index", "verify", disk / "seen.idx", "-q").code == 0
        assert run("index", "export", disk / "seen.idx", "-q").out == wanted["all"]
    assert failed > DAYS


def test_two_writers_and_a_reader() -> None:
    rows = [
        {"id": at, "text": f"{at} " + " ".join(f"v{at * 31 + nth}" for nth in range(30))} for at in range(600)
    ]
    writers = []
    for which in range(2):
        names = []
        for part in range(3):
            names.append(f"w{which}p{part}.jsonl")
            some = rows[(which * 3 + part) * 90 : (which * 3 + part) * 90 + 150]
            Path(names[-1]).write_text("".join(json.dumps(row) + "\n" for row in some))
        script = "; ".join(f"{TOOL} index add seen.idx {name} --match text -q || exit 1" for name in names)
        writers.append(subprocess.Popen(["bash", "-c", script], stderr=subprocess.PIPE))
    seen = [0]
    while any(writer.poll() is None for writer in writers):
        info = run("index", "info", "seen.idx", "--json")
        if info.code == 0:
            seen.append(json.loads(info.out)["records"])
            assert run("index", "export", "seen.idx", "-q").code == 0
    for writer in writers:
        said = writer.communicate()[1].decode()
        assert writer.returncode == 0, said
        assert all("another run writes this index; waiting for it" in line for line in said.splitlines())
    assert seen == sorted(seen)
    assert run("index", "verify", "seen.idx", "-q").code == 0
    counts = json.loads(run("index", "info", "seen.idx", "--json").out)
    assert (counts["runs"], counts["records"], counts["kept"]) == (6, 900, 600)


def test_who_will_not_wait_is_told() -> None:
    import sqlite3

    Path("a.jsonl").write_text('{"text": "a b c"}\n')
    assert run("index", "add", "seen.idx", "a.jsonl", "-q").code == 0
    Path("b.jsonl").write_text('{"text": "d e f"}\n')
    holder = sqlite3.connect("seen.idx", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    done = run("dedup", "b.jsonl", "--index", "seen.idx", "-o", "out.jsonl", "--wait", "0.3")
    assert (done.code, Path("out.jsonl").exists()) == (2, False)
    assert 0.3 <= time.monotonic() - began < 5
    assert "waiting for it up to 0.3 s" in done.err.splitlines()[0]
    assert "run again when it is done, or wait longer (--wait SECONDS)" in done.err.splitlines()[1]
    assert run("dedup", "b.jsonl", "--index", "seen.idx", "--read-only", "-q").out == b'{"text": "d e f"}\n'
    holder.close()
    assert run("dedup", "b.jsonl", "--index", "seen.idx", "--wait", "0", "-q").out == b'{"text": "d e f"}\n'
