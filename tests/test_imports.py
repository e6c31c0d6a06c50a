"""What each command does not import: its start-up time, asserted without a clock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus_tool.kernel.loading import LIBRARY

EXAMPLES = Path(__file__).parents[1] / "examples"
HEAVY = {
    *("numpy", "numpy.random", "numpy.ma", "orjson", "rich", "rapidfuzz"),
    *(
        "pyarrow",
        "pyspark",
        "pandas",
        "numba",
        "llvmlite",
        "datasketch",
        "scipy",
        "pydantic",
        "markdown_it",
        "lxml",
    ),
}
READERS = {"email.parser", "quopri", "xml.parsers.expat", "corpus_tool.sources.json_document"}
"""What mails, feeds and JSON are read by: no digest in plain text needs it."""

RUN = """
import atexit, json, sys
report = sys.argv.pop(1)
atexit.register(lambda: open(report, "w").write(json.dumps(sorted(sys.modules))))
from corpus_tool.cli import main
main()
"""


def _modules(tmp_path: Path, *arguments: str) -> set[str]:
    """The modules that are imported when a run of the command has ended."""
    report = tmp_path / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(report), *arguments], cwd=EXAMPLES, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return set(json.loads(report.read_text("utf-8")))


def _loaded(tmp_path: Path, *arguments: str) -> set[str]:
    """The heavy packages among them."""
    return HEAVY & _modules(tmp_path, *arguments)


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_options_alone_import_nothing_heavy(option: str, tmp_path: Path) -> None:
    assert _loaded(tmp_path, option) == set()


@pytest.mark.parametrize(
    "command",
    ["parse", "dedup", "restore", "export", "explain", "stats", "report", "review", "check", "compare"],
)
def test_the_help_of_a_command_computes_nothing(command: str, tmp_path: Path) -> None:
    assert _loaded(tmp_path, command, "--help") <= {"orjson"}


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (("parse", "digests"), {"orjson"}),
        (("dedup", "digests"), {"orjson", "numpy"}),
        (("dedup", "notices.jsonl"), {"orjson", "numpy"}),
        (("dedup", "digests", "--annotate", "--keep", "longest"), {"orjson", "numpy"}),
        (("check", "digests", "--max-cluster", "5", "--against", "notices.jsonl"), {"orjson", "numpy"}),
        (("compare", "digests", "notices.jsonl"), {"orjson", "numpy"}),
        (("export", "digests", "--format", "markdown"), {"orjson"}),
        (("stats", "digests"), {"orjson", "numpy", "rich"}),
        (("report", "digests"), {"orjson", "numpy", "rapidfuzz", "jinja2"}),
        (("stats", "digests", "--json"), {"orjson", "numpy"}),
        (
            ("explain", "digests/apr-13.txt:11", "digests/apr-14.txt:15", "digests"),
            {"orjson", "numpy", "rich", "rapidfuzz"},
        ),
    ],
    ids=lambda value: " ".join(value[:1]) if isinstance(value, tuple) else "",
)
def test_small_inputs_load_only_what_they_use(
    arguments: tuple[str, ...], needed: set[str], tmp_path: Path
) -> None:
    assert _loaded(tmp_path, *arguments) <= needed


def test_an_index_in_a_file_loads_no_client_of_a_server(tmp_path: Path) -> None:
    found = _modules(tmp_path, "dedup", "digests", "--index", str(tmp_path / "seen.idx"))
    assert "sqlite3" in found
    assert not [name for name in found if name.startswith(("psycopg", "corpus_tool.index.server.s"))]


def test_plain_digests_load_no_reader_of_other_formats(tmp_path: Path) -> None:
    assert _modules(tmp_path, "parse", "digests") & READERS == set()


def test_files_load_nothing_of_the_web(tmp_path: Path) -> None:
    web = {"http.client", "urllib.request", "ssl", "corpus_tool.sources.web"}
    assert _modules(tmp_path, "dedup", "digests", "--exclude", "notes") & web == set()


@pytest.mark.skipif(not LIBRARY.exists(), reason="built without a library")
@pytest.mark.parametrize("match", ["text", "papers"])
def test_no_size_of_input_loads_a_compiler(match: str, tmp_path: Path) -> None:
    words = [f"word{at * at % 9973}" for at in range(40_000)]
    records = (
        {"title": " ".join(words[at : at + 9]), "abstract": " ".join(words[at : at + 150]) + " é" * (at % 2)}
        for at in range(0, 39_000, 8)
    )
    path = tmp_path / "large.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    assert path.stat().st_size > 4 << 20
    outputs = ("-o", str(tmp_path / "kept"), "--removed", str(tmp_path / "removed"), "--recall-check", "5")
    assert _loaded(tmp_path, "dedup", str(path), "--match", match, *outputs) == {"orjson", "numpy"}
