"""`import corpus_tool`: what the commands give, from whatever holds records, with errors that speak Python."""

from __future__ import annotations

import ast
import doctest
import inspect
import json
import random
import re
import shutil
import tempfile
import warnings
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

import corpus_tool
from corpus_tool import CorpusWarning, InputError, Options, UsageError, compare, deduplicate, explain, parse
from corpus_tool.api import settings as parameters
from corpus_tool.api.wording import in_python
from corpus_tool.config import KEEP_POLICIES
from corpus_tool.lines.decode import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[1]
EXAMPLES = PROJECT / "examples"
SAY = [f"word{n}" for n in range(24)]

words = st.lists(st.sampled_from(["ox", "Cow", "Bär", "elk!", "牛", ""]), max_size=9).map(" ".join)
long_texts = st.builds(
    lambda at, last: " ".join([*SAY[at:], *SAY[:at], last]),
    st.integers(0, 4),
    st.sampled_from(["x", "Y.", "y"]),
)
values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
)
text_records = st.fixed_dictionaries(
    {"text": words | long_texts},
    optional={"id": st.integers(0, 9), "source": st.sampled_from("ab"), "more": values},
)
paper_records = st.fixed_dictionaries(
    {"title": st.sampled_from(["Lights of Porto", "Lights of Porto, Part II"]), "abstract": long_texts},
    optional={
        "year": st.integers(2019, 2021),
        "authors": st.just(["Ada Lee"]),
        "date": st.just("2026-01-02"),
    },
)
collections = st.lists(text_records, min_size=1, max_size=9) | st.lists(paper_records, min_size=1, max_size=9)


def lines(records: list[Any]) -> bytes:
    return b"".join(corpus_tool.api.given.line(record, "it") + b"\n" for record in records)


def spoken(option: str) -> str:
    return option.replace("_", "-")


@settings(max_examples=60, deadline=None)
@given(
    collections,
    st.fixed_dictionaries(
        {},
        optional={
            "keep": st.sampled_from(KEEP_POLICIES),
            "match": st.sampled_from(["auto", "papers"]),
            "transitive": st.just(True),
            "seed": st.integers(0, 3),
            "strictness": st.sampled_from(["lenient", "strict", "1.5"]),
            "threshold": st.sampled_from([0.3, 1.0]),
            "shingle": st.integers(1, 6),
            "unique_within": st.just("source"),
        },
    ),
)
def test_the_same_as_the_command_s(records: list[Any], chosen: dict[str, Any]) -> None:
    """Kept bytes, receipts, and, where there is one, the error in other words."""
    typed = [
        f"--{spoken(name)}" if value is True else f"--{spoken(name)}={value}"
        for name, value in chosen.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("kept", "removed")]
        named = ("--source-name", "records", "-o", places[0], "--removed", places[1])
        done = run("dedup", "-q", "-", *typed, *named, stdin=lines(records))
        kept, removed = (path.read_bytes() if path.exists() else b"" for path in places)
    try:
        found = deduplicate(records, **chosen)
    except corpus_tool.CorpusError as error:
        assert done.code == 2
        assert str(error) == in_python(done.err.strip().removeprefix("records: "))
        return
    assert done.code == 0, done.err
    assert lines(found.kept) == kept
    assert found.receipts == [
        receipt for receipt in map(orjson.loads, removed.splitlines()) if "raw" in receipt
    ]


@settings(max_examples=30, deadline=None)
@given(collections, collections)
def test_compare_says_what_the_command_says(a: list[Any], b: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in ("a.jsonl", "b.jsonl")]
        for path, records in zip(paths, (a, b), strict=True):
            path.write_bytes(lines(records))
        done = run("compare", "-q", *paths, "--format", "jsonl")
        with compare(*paths) as of_files:
            found = compare(a, b)
            assert found.counts == of_files.counts
            assert lines(found.only_a) == lines(of_files.only_a)
            assert [pair[2:] for pair in found.revised] == [pair[2:] for pair in of_files.revised]
    rows = list(map(decode, done.out.splitlines()))
    by_status: dict[str, list[Any]] = {"only_a": [], "only_b": [], "both": [], "revised": []}
    for row in rows:
        by_status[row["status"]].append((row["a"] and row["a"]["line"], row["b"] and row["b"]["line"]))
    for status, pairs in (("both", found.both), ("revised", found.revised)):
        assert [(pair.a_index + 1, pair.b_index + 1) for pair in pairs] == by_status[status]
    assert lines(found.only_a) == b"".join(lines([a[place - 1]]) for place, _ in by_status["only_a"])
    assert lines(found.only_b) == b"".join(lines([b[place - 1]]) for _, place in by_status["only_b"])
    told = [row["diff"] for row in rows if row["status"] == "revised"]
    assert [pair.differing for pair in found.revised] == [
        {name: each["spans"] for name, each in parts.items()} for parts in told
    ]


@settings(max_examples=40, deadline=None)
@given(text_records | paper_records, text_records | paper_records)
def test_explain_says_what_the_command_says(a: Any, b: Any) -> None:
    done = run(
        "explain", "-q", "-:1", "-:2", "-", "--json", stdin=lines([{**a, "id": "a"}, {**b, "id": "b"}])
    )
    told = json.loads(done.out)
    found = explain({**a, "id": "a"}, {**b, "id": "b"})
    assert (found.duplicate, found.score, found.threshold) == (
        told["duplicate"],
        told["score"],
        told["threshold"],
    )
    assert found.match == told["match"]
    assert str(found) == found.sentence == in_python(told["verdict"])
    assert list(found.flips) == list(map(in_python, told["flips"]))
    assert len(found.steps) == len(told["steps"])


def test_parse_reads_what_the_command_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    wanted = list(map(json.loads, run("parse", "-q", "digests", "--year", "2026").out.splitlines()))
    assert parse("digests", year=2026) == parse(Path("digests"), year=2026) == wanted
    assert parse(["digests/apr-13.txt", Path("digests/apr-14.txt")], year=2026) == wanted[:14]


RECORDS = [
    {"id": 1, "text": "one two three", "tags": ["a", "b"], "n": None},
    {"id": 2, "text": "One, two, three!", "tags": [], "n": 1.5},
    {"id": 3, "text": "four five", "tags": ["c"], "n": 2.5},
]
TEXTS = [record["text"] for record in RECORDS]

tables = {
    "pandas": (pd.DataFrame(RECORDS), pd.DataFrame, lambda table: table["id"].tolist()),
    "pandas filtered": (
        pd.DataFrame([{"id": 0}, *RECORDS])[lambda f: f["id"] > 0],
        pd.DataFrame,
        lambda t: t["id"].tolist(),
    ),
    "polars": (pl.DataFrame(RECORDS), pl.DataFrame, lambda table: table["id"].to_list()),
    "arrow": (pa.Table.from_pylist(RECORDS), pa.Table, lambda table: table["id"].to_pylist()),
    "arrow batch": (pa.RecordBatch.from_pylist(RECORDS), pa.Table, lambda table: table["id"].to_pylist()),
    "arrow reader": (
        pa.Table.from_pylist(RECORDS).to_reader(),
        pa.Table,
        lambda table: table["id"].to_pylist(),
    ),
    "list": (RECORDS, list, lambda kept: [each["id"] for each in kept]),
    "tuple": (tuple(RECORDS), list, lambda kept: [each["id"] for each in kept]),
    "iterator": (iter(RECORDS), list, lambda kept: [each["id"] for each in kept]),
    "generator": ((each for each in RECORDS), list, lambda kept: [each["id"] for each in kept]),
    "set view": (
        {each["id"]: each for each in RECORDS}.values(),
        list,
        lambda kept: [each["id"] for each in kept],
    ),
}


@pytest.mark.parametrize("name", tables)
def test_tables_in_and_out(name: str) -> None:
    given_records, kind, ids = tables[name]
    found = deduplicate(given_records)
    assert isinstance(found.kept, kind)
    assert ids(found.kept) == [1, 3]
    assert ids(found.removed) == [2]
    assert found.clusters == [0, 0, 2]
    assert found.scores == [1.0, 1.0, 1.0]
    assert len(found) == 2
    for reader in (lambda table: pl.DataFrame(table), lambda table: pl.from_arrow(pa.table(table))):
        assert reader(found)["id"].to_list() == [1, 3]
    assert pa.table(found)["tags"].to_pylist() == [["a", "b"], ["c"]]


columns = {
    "pandas": (pd.Series(TEXTS), pd.Series),
    "polars": (pl.Series(TEXTS), pl.Series),
    "arrow": (pa.chunked_array([TEXTS[:1], TEXTS[1:]]), pa.ChunkedArray),
    "arrow array": (pa.array(TEXTS), pa.ChunkedArray),
    "numpy": (np.array(TEXTS), list),
    "list": (TEXTS, list),
}


@pytest.mark.parametrize("name", columns)
def test_columns_of_texts(name: str) -> None:
    texts, kind = columns[name]
    found = deduplicate(texts)
    assert isinstance(found.kept, kind)
    assert list(map(str, found.kept)) == [TEXTS[0], TEXTS[2]]
    assert len(compare(texts, TEXTS[2:]).only_a) == 2


def test_tables_are_what_their_rows_are() -> None:
    """Other types of cells too: nulls are no fields, and what JSON lacks is text."""
    from datetime import date, datetime
    from decimal import Decimal

    rows = [
        {
            "text": "a b",
            "day": date(2026, 1, 2),
            "at": datetime(2026, 1, 2, tzinfo=UTC),
            "price": Decimal("1.50"),
        },
        {"text": None, "day": None, "at": None, "price": None},
        {"text": "A B!", "day": date(2026, 1, 3), "at": None, "price": Decimal("2.50")},
    ]
    for table in (pa.Table.from_pylist(rows), pl.DataFrame(rows), pd.DataFrame(rows)):
        found = deduplicate(table, keep="newest")
        assert found.clusters == [2, 1, 2], type(table)
        (receipt,) = found.receipts
        raw = json.loads(receipt["raw"])
        assert raw["text"] == "a b"
        assert raw["day"] == "2026-01-02"
        assert raw["price"] == "1.50"


def test_results_are_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    papers = parse("digests")
    streamed = pa.RecordBatchReader.from_stream(papers).read_all()
    assert pl.DataFrame(papers).height == streamed.num_rows == 22
    assert streamed["title"].to_pylist() == [paper["title"] for paper in papers]
    with deduplicate("digests") as found:
        assert pa.table(found).num_rows == len(found) == 16
        assert pa.RecordBatchReader.from_stream(found.receipts).read_all().num_rows == 6
    assert pa.table(deduplicate(["a b", "A b", "c d"])).to_pylist() == [{"text": "a b"}, {"text": "c d"}]
    assert pa.table(deduplicate([])).num_rows == 0


def test_pairs_of_a_comparison() -> None:
    a = [{"id": 1, "text": " ".join(SAY)}, {"id": 2, "text": "alone"}]
    b = pl.DataFrame(
        [
            {"id": 9, "text": " ".join(SAY[:-1] + ["else"])},
            {"id": 8, "text": "Alone!"},
            {"id": 7, "text": "b"},
        ]
    )
    found = compare(a, b)
    (revised,) = found.revised
    assert (revised.a, revised.b["id"], revised.a_index, revised.b_index) == (a[0], 9, 0, 0)
    assert revised.differing["text"][-1] == {"tag": "replace", "left": SAY[-1], "right": "else"}
    assert revised.score == explain(a[0], revised.b).score
    assert [(pair.a, pair.b["id"], pair.differing) for pair in found.both] == [(a[1], 8, {})]
    assert found.only_a == []
    assert isinstance(found.only_b, pl.DataFrame)
    assert found.only_b["id"].to_list() == [7]


mistakes: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: deduplicate([], threshold=1.5),
        UsageError,
        "threshold=1.5 is outside 0 to 1; 0.7 is the default",
    ),
    (lambda: deduplicate([], keep="best"), UsageError, "keep='best' is not one of first, last"),
    (
        lambda: deduplicate([], match="my thing"),
        UsageError,
        "match='my thing' is not one of auto, text, papers",
    ),
    (lambda: deduplicate([], shingle=0), UsageError, "shingle=0 must be at least 1 word"),
    (
        lambda: deduplicate([], permutations=3),
        UsageError,
        "permutations=3 cannot reach recall=0.99 at threshold=0.7: ask",
    ),
    (lambda: deduplicate([], on_error="ignore"), UsageError, "on_error='ignore' is not one of fail, skip"),
    (lambda: deduplicate([], year=26), UsageError, "year=26 is not a year of four digits"),
    (lambda: deduplicate([], encoding="morse"), UsageError, "encoding='morse' is not known"),
    (lambda: deduplicate([], strictness="very"), UsageError, "strictness"),
    (
        lambda: deduplicate([], mapping={"colour": "x"}),
        UsageError,
        "mapping='colour=x': colour is not a field of papers",
    ),
    (
        lambda: deduplicate([], fields="a", match="papers"),
        UsageError,
        "fields chooses what match='text' compares",
    ),
    (
        lambda: deduplicate([], transitive=True, unique_within="a"),
        UsageError,
        "unique_within keeps records of one value",
    ),
    (lambda: deduplicate([], memory_limit="lots"), UsageError, "'lots' is not a size"),
    (lambda: deduplicate([], tmp_dir=1), TypeError, ""),
    (lambda: deduplicate([], policy="nowhere.toml"), InputError, "nowhere.toml: cannot be read"),
    (
        lambda: deduplicate(RECORDS, year=2026),
        UsageError,
        "year says how files are read, and records were handed over",
    ),
    (lambda: deduplicate(RECORDS, treshold=1), TypeError, "did you mean 'threshold'?"),
    (
        lambda: compare(RECORDS, RECORDS, keep="last"),
        TypeError,
        "compare() got an unexpected keyword argument 'keep'",
    ),
    (lambda: explain("a", "b", jobs=2), TypeError, "explain() got an unexpected keyword argument 'jobs'"),
    (
        lambda: deduplicate(RECORDS, Options(), keep="last"),
        TypeError,
        "options is all of the other parameters",
    ),
    (lambda: deduplicate([{"size": 1}]), InputError, "say with fields what to compare"),
    (
        lambda: deduplicate([{"size": 1}], match="papers"),
        InputError,
        "say with mapping which fields are theirs",
    ),
    (
        lambda: deduplicate(parse(EXAMPLES / "digests"), threshold=0.9),
        UsageError,
        "strictness how alike papers; match='text' compares",
    ),
    (
        lambda: explain({"title": "a", "abstract": "b"}, {"title": "a", "abstract": "b"}, shingle=2),
        UsageError,
        "shingle does nothing here",
    ),
    (lambda: deduplicate({"text": "a"}), TypeError, "a dict where records are wanted"),
    (lambda: deduplicate(b"abc"), TypeError, "a bytes where records are wanted"),
    (lambda: deduplicate(None), TypeError, "a NoneType where records are wanted"),
    (lambda: deduplicate([{"text": "a"}, None]), TypeError, "records[1] is a NoneType"),
    (lambda: deduplicate(["a", 5]), TypeError, "records[1] is a int"),
    (lambda: compare(["a"], [{"x": {1}}]), TypeError, "b[0] holds what JSON cannot say"),
    (lambda: explain("a", 3), TypeError, "b is a int: a record is a dict or a string"),
    (lambda: deduplicate(pd.Series(["a", float("nan")])), TypeError, "records[1] is a float"),
    (lambda: deduplicate(pl.LazyFrame(RECORDS)), TypeError, "call its collect() first"),
    (lambda: compare("digests", RECORDS), TypeError, "both records, or both paths"),
    (lambda: compare([{"size": 1}], RECORDS), InputError, "a: the records have none of"),
    (lambda: parse("nowhere.txt"), InputError, "nowhere.txt: no such file or folder"),
    (lambda: parse(EXAMPLES / "cookbook.md"), InputError, "say which with format (help(corpus_tool.parse))"),
    (lambda: parse(EXAMPLES / "digests", format="morse"), UsageError, "format='morse' is not one of"),
    (lambda: deduplicate(EXAMPLES / "damaged.jsonl"), InputError, "damaged.jsonl:2: not JSON"),
    (lambda: deduplicate(EXAMPLES / "digests", threshold=0.5), UsageError, "threshold does nothing here"),
]


@pytest.mark.parametrize("number", range(len(mistakes)))
def test_mistakes_are_told_in_python_s_words(number: int) -> None:
    call, kind, said = mistakes[number]
    with pytest.raises(kind) as caught:
        call()
    assert said in str(caught.value)
    assert "--" not in str(caught.value)


def test_an_error_in_a_file_names_it() -> None:
    with pytest.raises(InputError) as caught:
        deduplicate(EXAMPLES / "damaged.jsonl")
    assert (caught.value.path, caught.value.line) == ("damaged.jsonl", 2)


def _told() -> Iterator[str]:
    """Every text with an option in it that may reach a caller: those of the modules below the library's entrance."""
    outside = {
        "cli",
        "views",
        "evaluation",
        "restore.py",
        "sinks",
        "receipts.py",
        "api",
        "kernel",
        "publication.py",
    }
    for path in (PROJECT / "corpus_tool").rglob("*.py"):
        if path.relative_to(PROJECT / "corpus_tool").parts[0] in outside:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if id(node) in documents or id(node) in inner:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values
                )


def test_no_message_speaks_of_options() -> None:
    option = re.compile(r"(?<![\w-])--[a-z]{2}")
    spoken_of = [text for text in _told() if option.search(text)]
    assert len(spoken_of) > 30
    assert [text for text in spoken_of if option.search(in_python(text))] == []


@given(st.text(alphabet="-abc xyz=:0.`'", max_size=30))
def test_other_texts_stay_as_they_are(text: str) -> None:
    if "--" not in text:
        assert in_python(text) == text
    assert in_python(in_python(text)) == in_python(text)


def test_what_is_left_out_is_a_warning_at_the_caller_s_line(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b'{"text":"a b"}\nnonsense\n')
    with pytest.warns(CorpusWarning, match=r"skipped in.jsonl:2: not JSON") as caught:
        deduplicate(path, on_error="skip").close()
    assert caught[0].filename == __file__
    with warnings.catch_warnings(), pytest.raises(CorpusWarning):
        warnings.simplefilter("error", CorpusWarning)
        deduplicate(path, on_error="skip")


def test_parameters_are_the_settings() -> None:
    fields = set(parameters.Settings.__dataclass_fields__)
    assert set(parameters.Running.__annotations__) == fields
    documented = inspect.getdoc(deduplicate) or ""
    assert all(f"    {name}: " in documented for name in fields)
    options = {name for name in run("dedup", "--help-all").out.decode().split() if name.startswith("--")}
    renamed = {"format": "from", "mapping": "map"}
    for name in fields:
        assert f"--{spoken(renamed.get(name, name))}" in options


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(corpus_tool.api).failed == 0
    assert doctest.testmod(corpus_tool.api).attempted >= 3


def test_the_same_for_any_number_of_threads() -> None:
    rng = random.Random(3)
    records = [{"text": " ".join(rng.choices(SAY, k=12))} for _ in range(200)]
    assert len({tuple(deduplicate(records, jobs=jobs, threshold=0.2).clusters) for jobs in (1, 2, 7)}) == 1


def test_the_page_on_python_shows_what_comes_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "digests", tmp_path / "digests")
    monkeypatch.chdir(tmp_path)
    page = (EXAMPLES / "library.md").read_text("utf-8")
    code = re.sub(r"^```.*$", "", page, flags=re.MULTILINE)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    told: list[str] = []
    runner.run(doctest.DocTestParser().get_doctest(code, {}, "library.md", "library.md", 0), out=told.append)
    found = runner.summarize(verbose=False)
    assert (found.failed, "".join(told)) == (0, "")
    assert found.attempted > 30
