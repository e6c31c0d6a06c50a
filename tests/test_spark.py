"""`dedup --engine spark`, as a user runs it, and what it refuses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from on_parts import whole
from running import run
from test_engines import collection

import corpus_tool.__main__ as program

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_spark = pytest.mark.skipif(
    not (find_spec("pyspark") and shutil.which("java")), reason="needs the extra spark, and Java"
)
OUTPUTS = ("kept", "removed", "clusters")
QUICK = {"PYSPARK_SUBMIT_ARGS": "--driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell"}


@pytest.fixture
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which `in` has papers in two files, and `one` what one machine makes of them."""
    monkeypatch.chdir(tmp_path)
    lines = collection("papers", 200)
    Path("in").mkdir()
    for name, part in (("a", lines[:120]), ("b", lines[120:])):
        Path("in", f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in part))
    assert run("dedup", "in", *outputs("one")).code == 0
    return tmp_path


def outputs(name: str) -> tuple[str, ...]:
    options = ("-o", "--removed", "--clusters")
    return tuple(
        word for option, kind in zip(options, OUTPUTS, strict=True) for word in (option, f"{name}-{kind}")
    )


def same(one: str, other: str) -> bool:
    return all(whole(Path(f"{other}-{kind}")) == Path(f"{one}-{kind}").read_bytes() for kind in OUTPUTS)


@needs_spark
@pytest.mark.spark
class TestCommand:
    def test_gives_parts_of_the_same_bytes(self, papers: Path) -> None:
        """By `spark-submit`, whose Java starts the interpreter, and again over what the first run left."""
        arguments = "dedup", "in", "--engine", "spark", "--partitions", "3", *outputs("many")
        command = [
            Path(sys.executable).parent / "spark-submit",
            "--master",
            "local[2]",
            program.__file__,
            *arguments,
        ]
        environment = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)
        assert done.returncode == 0, done.stderr
        assert same("one", "many")
        Path("many-kept", "_SUCCESS").unlink()
        Path("many-kept", "_temporary").mkdir()
        command = [sys.executable, "-m", "corpus_tool", *arguments, "--master", "local[2]", "--json"]
        again = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **QUICK}, timeout=180
        )
        assert again.returncode == 0, again.stderr
        assert same("one", "many")
        told = orjson.loads(again.stdout)
        assert told["records"] == told["kept"] + told["removed"] == 200
        assert sum(1 for _ in Path("many-kept").glob("part-*")) == 3

    def test_an_executor_that_is_killed_changes_nothing(self, papers: Path) -> None:
        arguments = "dedup", "in", "--engine", "spark", "--partitions", "4", *outputs("many")
        command = [sys.executable, "-m", "corpus_tool", *arguments, "--master", "local-cluster[2,1,1024]"]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **QUICK})
        try:
            victim = None
            while process.poll() is None and victim is None:
                victim = next(filter(is_executor_at_work, children(process.pid)), None)
                time.sleep(0.2)
            assert victim, process.communicate()[1]
            time.sleep(1)
            os.kill(victim, signal.SIGKILL)
            _, told = process.communicate(timeout=300)
        finally:
            process.terminate()
        assert process.returncode == 0, told
        assert "Lost executor" in told
        assert same("one", "many")


def is_executor_at_work(pid: int) -> bool:
    if "CoarseGrainedExecutorBackend" not in command_of(pid):
        return False
    return any("pyspark.daemon" in command_of(each) for each in children(pid))


def children(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for word in task.read_text().split():
            found += [int(word), *children(int(word))]
    return found


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "add -o FOLDER"),
        (("-o", "-"), "add -o FOLDER"),
        (("-o", "out.csv"), "writes JSONL or Parquet, no csv"),
        (("-o", "out", "--removed", "-"), "no standard output"),
        (("-o", "out", "--recall-check", "5"), "--recall-check does not go with --engine spark"),
        (("-o", "out", "--memory-limit", "1G"), "spark.executor.memory"),
        (("-o", "out", "--jobs", "2"), "--master"),
        (("-o", "in"), "in a folder that the run would replace"),
        (("-o", "in.jsonl"), "is a file, and many machines write a folder"),
    ],
)
def test_what_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in", "a.jsonl").write_bytes(b'{"text": "a b"}\n')
    Path("in.jsonl").write_bytes(b'{"text": "a b"}\n')
    done = run("dedup", "in", "--engine", "spark", *more)
    assert done.code == 2
    assert told in done.err


def test_options_of_the_other_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(b'{"text": "a b"}\n')
    assert "is not one of local, spark" in run("dedup", "a.jsonl", "--engine", "ray").err
    assert "--master does nothing here" in run("dedup", "a.jsonl", "--master", "local").err


def test_without_java_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="needs the extra spark")
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(b'{"text": "a b"}\n')
    environment = {**os.environ, "PATH": str(tmp_path)}
    environment.pop("JAVA_HOME", None)
    command = [sys.executable, "-m", "corpus_tool", "dedup", "a.jsonl", "-o", "out", "--engine", "spark"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 2
    assert "openjdk-17-jre-headless" in done.stderr
    assert not Path("out").exists()


def test_without_pyspark_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus_tool.engines.spark import session
    from corpus_tool.errors import UsageError

    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"pip install 'corpus-tool\[spark\]'"), session.session("local"):
        pass


def test_what_a_task_raises_is_told_as_it_was() -> None:
    from corpus_tool.engines.spark.cluster import _named
    from corpus_tool.errors import InputError

    trace: Any = Exception(
        "org.apache.spark: x\n  File y\ncorpus_tool.errors.InputError: a.jsonl: changed\n\tat z"
    )
    found = _named(trace)
    assert isinstance(found, InputError)
    assert str(found) == "a.jsonl: changed"
    assert "the cluster could not do it: java.lang.OutOfMemoryError: heap" in str(
        _named(Exception("job\njava.lang.OutOfMemoryError: heap"))
    )
