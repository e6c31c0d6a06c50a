"""Running the installed command the way a user does, in bash, and the flag that rewrites what is expected.

`CORPUS_TOOL_REWRITE=1 pytest tests/test_docs.py tests/test_cases.py` writes what the commands print now into the
documents and the cases; `git diff` then shows what changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from postgres import DATABASE, Server, found

from corpus_tool.kernel import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A gate gives the same answer each time it is asked; `make search` looks for what no one has met yet.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("gate")

_DURATION = re.compile(r'(\bin |"seconds":)\d+(?:\.\d+)?')


def _steady(text: str) -> str:
    """The text with every duration (`in 0.31 s`, `"seconds":0.31`) replaced by one and the same."""
    return _DURATION.sub(r"\g<1>0.00", text)


def _bash(command: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command in bash, with the tested `corpus-tool` first in the path and the user's settings out of it."""
    environment = {
        name: value for name, value in os.environ.items() if name in {"HOME", "TMPDIR", "VIRTUAL_ENV"}
    }
    environment["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
    environment["LC_ALL"] = "C.UTF-8"
    return subprocess.run(
        ["bash", "-c", command], cwd=cwd, input=stdin, capture_output=True, env=environment, timeout=120
    )


@pytest.fixture(scope="session")
def bash() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    return _bash


@pytest.fixture(scope="session")
def steady() -> Callable[[str], str]:
    return _steady


@pytest.fixture(scope="session")
def rewrite() -> bool:
    return os.environ.get("CORPUS_TOOL_REWRITE") == "1"


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, with a database in it."""
    programs = found()
    if programs is None or not find_spec("psycopg"):
        pytest.skip("needs psycopg and a PostgreSQL server's programs (Debian's package postgresql)")
    started = Server(programs)
    try:
        started.start()
        started.sql(f"CREATE DATABASE {DATABASE}", database="postgres")
        yield started
    finally:
        started.remove()


def forget_step() -> None:
    """Let it be decided anew where kernels come from."""
    for decided in (loading.code, loading._decided, loading._library, loading._compiled):
        decided.cache_clear()


@pytest.fixture(
    scope="module",
    params=[
        "library",
        "library-v2",
        pytest.param(
            "checked",
            marks=pytest.mark.skipif(not find_spec("numba"), reason="needs numba, to compile kernels"),
        ),
    ],
)
def each_step(request: pytest.FixtureRequest) -> Iterator[str]:
    """Kernels as they were built, for this processor and for the least, and compiled here with checks of bounds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(loading.VARIABLE, request.param)
        forget_step()
        try:
            loading.available()
        except loading.UsageError as error:
            pytest.skip(str(error))
        yield request.param
    forget_step()


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """Two cores of this machine as a Spark cluster; starting it takes most of the time of what uses it."""
    pytest.importorskip("pyspark", reason="needs the extra spark")
    if not shutil.which("java"):
        pytest.skip("needs Java, which Spark runs on")
    from corpus_tool.engines.spark.cluster import SparkCluster
    from corpus_tool.engines.spark.session import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", "--driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell")
        with session("local[2]") as context:
            yield SparkCluster(context)
