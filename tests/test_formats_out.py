"""What is written in other people's formats: read back by their libraries and our own readers, and inert to look at."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

import bibtexparser
import pyarrow.parquet as pq
import pytest
import rispy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from running import run

from corpus_tool.sinks import FORMATS, ExportOptions, format_for
from corpus_tool.sinks.columns import TEXT_OF_JSON, kind_of, merged
from corpus_tool.sinks.selection import safe
from corpus_tool.sources.registry import DIGESTS

Record = dict[str, Any]

PAPERS: list[Record] = [
    {
        "id": "0f0f0f0f0f0f0f0f",
        "title": "Snail trails & clocks: 50% of {all} $x_i^2$",
        "abstract": "We time snails.\nTheir trails dry_up \\ in 40 minutes -- or ``so''.",
        "authors": ["Okafor, Ada", "Brandt, Émile", "Society of Slow and Steady"],
        "year": 2019,
        "venue": "Annals of Slow Motion",
        "volume": "12",
        "issue": "3",
        "pages": "41-57",
        "doi": "10.5555/snail.12",
        "keywords": ["snails", "time, slow"],
        "arxiv": "1901.00001",
        "url": "https://example.org/snail_1",
        "score": 0.5,
        "odd": {"a": [1, None]},
    },
    {
        "id": "1f",
        "title": "Folding maps",
        "abstract": "",
        "authors": ["Lim, Bo"],
        "year": 2021,
        "score": 1,
        "odd": "text",
    },
]
BIBLIOGRAPHIC = ("title", "abstract", "authors", "year", "doi")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("papers.jsonl", PAPERS)
    return tmp_path


def write(name: str, records: list[Record]) -> None:
    Path(name).write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records))


def exported(*arguments: str) -> str:
    done = run("export", *arguments)
    assert done.code == 0, done.err
    return done.err


def parsed(name: str) -> list[Record]:
    done = run("parse", "-q", name)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def rendered(records: list[Record], name: str, **options: Any) -> bytes:
    writer = io.BytesIO()
    rows = ((json.dumps(record).encode(), record) for record in records)
    assert format_for(None, name).write(rows, writer, ExportOptions(**options)) == len(records)
    return writer.getvalue()


class TestLibraries:
    """Each format read by the library of its field."""

    def test_csv_and_tsv(self) -> None:
        for name, mark in (("o.csv", ","), ("o.tsv", "\t")):
            exported("papers.jsonl", "-o", name)
            with open(name, newline="", encoding="utf-8") as file:  # noqa: PTH123
                rows = list(csv.DictReader(file, delimiter=mark))
            assert [row["title"] for row in rows] == [paper["title"] for paper in PAPERS]
            assert json.loads(rows[0]["authors"]) == PAPERS[0]["authors"]

    def test_parquet(self) -> None:
        said = exported("papers.jsonl", "-o", "o.parquet")
        table = pq.read_table("o.parquet")
        assert str(table.schema.field("authors").type).startswith("list<")
        assert (table.schema.field("year").type, table.schema.field("score").type) == ("int64", "double")
        rows = table.to_pylist()
        assert [row["odd"] for row in rows] == ['{"a":[1,null]}', "text"]
        assert "written as the text of JSON in Parquet: odd" in said
        for row, paper in zip(rows, PAPERS, strict=True):
            assert {key: value for key, value in row.items() if key != "odd" and value is not None} == {
                key: value for key, value in paper.items() if key != "odd"
            }

    def test_sqlite(self) -> None:
        exported("papers.jsonl", "-o", "o.sqlite")
        connection = sqlite3.connect("o.sqlite")
        rows = connection.execute("select title, year, authors, score from papers order by year").fetchall()
        assert rows[0] == (
            PAPERS[0]["title"],
            2019,
            json.dumps(PAPERS[0]["authors"], ensure_ascii=False, separators=(",", ":")),
            0.5,
        )
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        connection.close()

    def test_names_that_sqlite_takes_for_one(self) -> None:
        write("a.jsonl", [{"Source": 1, "source": 2, 'a"b': 3, "": 4}])
        exported("a.jsonl", "-o", "o.db")
        connection = sqlite3.connect("o.db")
        cursor = connection.execute("select * from papers")
        assert [column[0] for column in cursor.description] == ["source", "Source_2", 'a"b', ""]
        assert cursor.fetchall() == [(2, 1, 3, 4)]
        connection.close()

    def test_bibtex(self) -> None:
        said = exported("papers.jsonl", "-o", "o.bib")
        one, two = bibtexparser.loads(Path("o.bib").read_text("utf-8")).entries
        assert (one["ENTRYTYPE"], one["ID"], one["year"], one["number"]) == (
            "article",
            "Okafor2019Snail",
            "2019",
            "3",
        )
        assert one["title"] == r"Snail trails \& clocks: 50\% of \textbraceleft{}all\textbraceright{} $x_i^2$"
        assert one["author"] == "Okafor, Ada and Brandt, Émile and {Society of Slow and Steady}"
        assert (two["ENTRYTYPE"], one["eprint"], one["pages"]) == ("misc", "1901.00001", "41--57")
        assert "BibTeX has no place for some fields, which are left out: score, odd" in said

    def test_ris(self) -> None:
        said = exported("papers.jsonl", "-o", "o.ris")
        one, two = rispy.loads(Path("o.ris").read_text("utf-8"))
        assert (one["title"], one["authors"], one["year"]) == (
            PAPERS[0]["title"],
            PAPERS[0]["authors"],
            "2019",
        )
        assert (one["start_page"], one["end_page"], one["doi"]) == ("41", "57", "10.5555/snail.12")
        assert two["type_of_reference"] == "GEN"
        assert "RIS has no place for some fields" in said

    def test_csl(self) -> None:
        exported("papers.jsonl", "-o", "o.csl.json")
        one, two = json.loads(Path("o.csl.json").read_text("utf-8"))
        assert one["author"][0] == {"family": "Okafor", "given": "Ada"}
        assert one["author"][2] == {"literal": "Society of Slow and Steady"}
        assert (one["issued"], one["container-title"], one["DOI"], one["page"]) == (
            {"date-parts": [[2019]]}, "Annals of Slow Motion", "10.5555/snail.12", "41-57",
        )  # fmt: skip
        assert two["title"] == "Folding maps"

    def test_datasets_folder(self) -> None:
        exported("papers.jsonl", "-o", "set/")
        assert sorted(str(path.relative_to("set")) for path in Path("set").rglob("*") if path.is_file()) == [
            "README.md", "data/train-00000-of-00001.parquet",
        ]  # fmt: skip
        assert [row["title"] for row in pq.read_table("set/data").to_pylist()] == [p["title"] for p in PAPERS]
        assert [row["title"] for row in parsed("set")] == [paper["title"] for paper in PAPERS]
        exported("papers.jsonl", "-o", "again", "--format", "datasets", "--columns", "title")
        assert pq.read_table("again/data").column_names == ["title"]

    def test_datasets_itself_loads_the_folder(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("datasets", reason="Hugging Face datasets is not installed")
        monkeypatch.setenv("HF_HOME", str(place / "hf"))
        exported("papers.jsonl", "-o", "set/")
        import subprocess
        import sys

        code = "import datasets; print(datasets.load_dataset('set', split='train')['title'][:])"
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120
        )
        assert "Folding maps" in done.stdout, done.stderr


LETTERS = st.characters(
    codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp"), exclude_characters="\ufeff"
)
LINE = st.text(LETTERS | st.sampled_from("{}\\$%&#_~^'\"`<>;:,-=@"), min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
)
WORDY = LINE.filter(lambda text: any(map(str.isalnum, text)))
NAME = (
    st.text("abcdeéßöABCø '.-{}&_$", min_size=2, max_size=20)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: any(map(str.isalpha, text)) and text.lower() != "others")
)
PAPER = st.fixed_dictionaries(
    {
        "title": WORDY,
        "abstract": st.lists(WORDY, min_size=1, max_size=3).map(" ".join),
        "authors": st.lists(NAME, min_size=1, max_size=4),
    },
    optional={
        "year": st.integers(1900, 2099),
        "doi": st.from_regex(r"10\.\d{4}/[a-z0-9.()-]{1,12}", fullmatch=True),
        "venue": WORDY,
        "keywords": st.lists(
            st.text("abc d", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=3
        ),
    },
)


@pytest.mark.parametrize("name", ["o.csv", "o.tsv", "o.parquet", "o.sqlite", "o.bib", "o.ris", "o/"])
@settings(max_examples=20, deadline=None)
@given(papers=st.lists(PAPER, min_size=1, max_size=4))
@example(
    papers=[
        {
            "title": "A $5 and {b",
            "abstract": "x} -- '' `` \\ $ y",
            "authors": ["and b", "C and D"],
            "year": 2000,
        }
    ]
)
@example(
    papers=[{"title": "ER  - x", "abstract": "TY  - JOUR ER  -", "authors": ["@misc{a,"], "doi": "10.1000/x"}]
)
@example(papers=[{"title": "=1+1", "abstract": "[1, 2]", "authors": ["[x]"], "venue": "{}"}])
def test_papers_come_back_from_every_format(name: str, papers: list[Record]) -> None:
    write("in.jsonl", papers)
    exported("in.jsonl", "-o", name)
    back = parsed(name)
    assert len(back) == len(papers)
    for paper, found in zip(papers, back, strict=True):
        for field in BIBLIOGRAPHIC:
            wanted, got = paper.get(field), found.get(field)
            if field in {"title", "abstract"}:
                wanted, got = alike(wanted), alike(got)
            assert got == wanted, field


def alike(text: Any) -> str:
    """Composed and decomposed letters, and what HTML calls markup, are told apart by no bibliography."""
    import html
    import unicodedata

    text = html.unescape(re.sub(r"</?[a-z]+[^<>]*>", "", str(text)))
    return unicodedata.normalize("NFC", " ".join(text.split()))


class Elements(HTMLParser):
    """The elements of a page, their attributes, and the text of headings."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, key, value or "") for key, value in attrs]


PIECES = [
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\\<b>",
        "\\\\<b>",
        "<!-- c -->",
        "<![CDATA[x]]>",
    ),
    *(
        "<?php ?>",
        "</p>",
        "<a href='x'>",
        "<javascript:alert(1)>",
        "<http://e.org>",
        "&lt;b&gt;",
        "&#60;b&#62;",
        "&",
    ),
    *(
        "[x](javascript:alert(1))",
        "![x](http://e.org/a.png)",
        "[a]: http://e.org",
        "[a]",
        "[^1]",
        "[[w]]",
        "!",
        "[",
        "]",
    ),
    *(
        "*b*",
        "**b**",
        "_i_",
        "__i__",
        "`c`",
        "``c``",
        "~~s~~",
        "x_i",
        "$a*b$",
        "\\[x\\]",
        "\\(y\\)",
        "\\",
        "\\\\",
        "^",
    ),
    *(
        "# h",
        "> q",
        "1. x",
        "- x",
        "+ x",
        "* x",
        "---",
        "===",
        "| a | b |",
        "|---|",
        "    code",
        "word",
        "(",
        ")",
        "<",
        ">",
    ),
    *(
        "\r# head",
        "\r```\r",
        "\r- item",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "\u2028",
        "\x00",
        "\x1b",
        "https://e.org/a_b",
    ),
]
HOSTILE_TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join)
HOSTILE_RECORD = st.fixed_dictionaries(
    {"title": HOSTILE_TEXT, "abstract": HOSTILE_TEXT},
    optional={
        "authors": st.lists(HOSTILE_TEXT, max_size=2),
        "venue": HOSTILE_TEXT,
        "doi": HOSTILE_TEXT,
        "links": st.lists(
            HOSTILE_TEXT
            | st.sampled_from(
                ["javascript:alert(1)", "data:text/html,x", "https://e.org/?a=<b>", "http://ok.org/x"]
            ),
            max_size=3,
        ),
        "source": HOSTILE_TEXT,
        "digest_date": HOSTILE_TEXT,
        "url": HOSTILE_TEXT,
    },
)
WRITTEN_IN_MARKDOWN = {"h1", "h2", "h3", "p", "em", "ul", "li", "a"}


@pytest.mark.parametrize("preset", ["commonmark", "default"])
@settings(max_examples=300, deadline=None)
@given(records=st.lists(HOSTILE_RECORD, min_size=1, max_size=3), title=HOSTILE_TEXT)
def test_markdown_renders_to_what_the_exporter_writes(preset: str, records: list[Record], title: str) -> None:
    page = MarkdownIt(preset, {"linkify": False}).render(rendered(records, "markdown", title=title).decode())
    found = Elements(page)
    assert set(found.names) <= WRITTEN_IN_MARKDOWN, page
    assert found.names.count("h3") == len(records)
    assert found.names.count("h1") == 1
    for tag, key, value in found.attributes:
        assert (tag, key) == ("a", "href")
        assert re.match(r"(?:https?|ftp)://|mailto:", value, re.IGNORECASE), page
    links = sum(len(record.get("links", [])) for record in records)
    assert found.names.count("a") <= links
    assert found.names.count("em") <= len(records)


WRITTEN_IN_HTML = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "h1",
    "h2",
    "p",
    "article",
    "a",
    "ul",
    "li",
}


@settings(max_examples=300, deadline=None)
@given(records=st.lists(HOSTILE_RECORD, min_size=1, max_size=3), title=HOSTILE_TEXT)
def test_html_has_what_the_exporter_writes(records: list[Record], title: str) -> None:
    found = Elements(rendered(records, "html", title=title).decode())
    assert set(found.names) <= WRITTEN_IN_HTML
    assert found.names.count("article") == found.names.count("h2") == len(records)
    for tag, key, value in found.attributes:
        assert not key.startswith("on")
        if key == "href":
            assert re.match(r"(?:https?|ftp)://", value, re.IGNORECASE)
            assert tag == "a"
        assert key != "src"


class TestCells:
    def test_formulas_are_told_and_escaped_where_asked(self) -> None:
        write("a.jsonl", [{"title": "=HYPERLINK(1)", "n": -5, "s": "-5.2", "t": "@x", "u": "a=b"}])
        said = exported("a.jsonl", "-o", "plain.csv")
        assert "2 cells that a spreadsheet would run (= + - @)" in said
        assert Path("plain.csv").read_text().splitlines()[1] == "=HYPERLINK(1),-5,-5.2,@x,a=b"
        said = exported("a.jsonl", "-o", "safe.csv", "--spreadsheet")
        assert "2 cells that a spreadsheet would run: an apostrophe" in said
        assert Path("safe.csv").read_text().splitlines()[1] == "'=HYPERLINK(1),-5,-5.2,'@x,a=b"
        assert run("export", "a.jsonl", "-o", "a.md", "--spreadsheet").code == 2

    def test_kinds_of_values(self) -> None:
        assert merged(kind_of(1), kind_of(0.5)) == "number"
        assert merged(kind_of([1]), kind_of([])) == ("list", "whole")
        assert (
            merged(kind_of("a"), kind_of(1))
            == kind_of({})
            == kind_of(2**70)
            == kind_of([1, "a"])
            == TEXT_OF_JSON
        )
        assert merged(kind_of({"a": 1}), kind_of({"b": "x"})) == ("object", {"a": "whole", "b": "text"})


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(records=st.lists(st.dictionaries(st.sampled_from("abcde"), VALUE, max_size=4), max_size=5))
@pytest.mark.parametrize("name", [each.name for each in FORMATS if not each.folder and each.name != "text"])
def test_no_record_is_too_odd_for_a_format(name: str, records: list[Record]) -> None:
    rendered(records, name)


class TestSelection:
    RECORDS: ClassVar = [
        {"title": "b", "date": "2025-03-13", "n": 3},
        {"title": "A", "date": "2025-03-11", "n": 20, "x": {"y": 1}},
        {"title": "c", "year": 2024},
        {"title": "d"},
    ]

    @pytest.fixture(autouse=True)
    def records(self, place: Path) -> None:
        write("r.jsonl", self.RECORDS)

    def titles(self, *arguments: str) -> list[str]:
        done = run("export", "r.jsonl", *arguments)
        assert done.code == 0, done.err
        return [json.loads(line)["title"] for line in done.out.splitlines()]

    @pytest.mark.parametrize(
        ("arguments", "titles"),
        [
            (("--since", "2025-03-12"), ["b"]),
            (("--until", "2025-03-12"), ["A", "c"]),
            (("--since", "2025"), ["b", "A"]),
            (("--since", "2024", "--until", "2024"), ["c"]),
            (("--until", "2025-03"), ["b", "A", "c"]),
            (("--sort", "title"), ["A", "b", "c", "d"]),
            (("--sort=-title",), ["d", "c", "b", "A"]),
            (("--sort", "n"), ["b", "A", "c", "d"]),
            (("--sort=-n",), ["A", "b", "c", "d"]),
            (("--sort", "date", "--since", "2025"), ["A", "b"]),
        ],
    )
    def test_days_and_order(self, arguments: tuple[str, ...], titles: list[str]) -> None:
        assert self.titles(*arguments) == titles

    def test_what_has_no_date_is_told(self) -> None:
        assert "1 records without a date" in run("export", "r.jsonl", "--since", "2020").err

    @pytest.mark.parametrize(
        ("arguments", "error"),
        [
            (("--since", "March"), "--since March is not a date"),
            (("--sort", "nope"), "no record has the field 'nope'"),
            (("-o", "out/{nope}.jsonl"), "no record has the field 'nope'"),
            (("-o", "{a}{b}.jsonl"), "one field in braces"),
            (("--columns", "nope"), "no record has the column 'nope'"),
            (("--format", "text"), "add --columns"),
            (("--format", "datasets"), "add -o FOLDER/"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, arguments: tuple[str, ...], error: str) -> None:
        done = run("export", "r.jsonl", *arguments)
        assert done.code == 2
        assert error in done.err

    def test_lists_and_columns(self) -> None:
        assert run("export", "-q", "r.jsonl", "--format", "text", "--columns", "title").out == b"b\nA\nc\nd\n"
        assert (
            run("export", "-q", "r.jsonl", "--columns", "x.y,title").out.splitlines()[1]
            == b'{"x.y":1,"title":"A"}'
        )

    def test_one_file_a_value(self, place: Path) -> None:
        write(
            "s.jsonl",
            [
                {"source": name, "n": at}
                for at, name in enumerate(("a.txt", "../../etc/x", "A.txt", "", "a.txt", ".hidden"))
            ],
        )
        (place / "out").mkdir()
        assert "exported 6 records as jsonl" in exported("s.jsonl", "-o", "out/{source}.jsonl")
        files = {
            path.name: [json.loads(line)["n"] for line in path.read_text().splitlines()]
            for path in (place / "out").iterdir()
        }
        assert sorted(files.values()) == [[0, 4], [1], [2], [3], [5]]
        assert files["a.txt.jsonl"] == [0, 4]
        assert files["none.jsonl"] == [3]
        assert not any(name.startswith(".") for name in files)
        assert sorted(path.name for path in place.iterdir() if path.is_dir()) == ["out"]

    def test_files_appear_all_or_none(self, place: Path) -> None:
        write("s.jsonl", [{"source": "a"}, {"source": "b"}])
        (place / "b.csv").mkdir()
        assert run("export", "s.jsonl", "-o", "{source}.csv").code == 2
        assert not (place / "a.csv").exists()

    def test_more_files_than_may_usually_be_open(self, place: Path) -> None:
        write("s.jsonl", [{"source": f"day {at}"} for at in range(1500)])
        (place / "out").mkdir()
        exported("s.jsonl", "-o", "out/{source}.jsonl")
        assert len(list((place / "out").iterdir())) == 1500

    @given(st.lists(st.text(max_size=200), max_size=8, unique=True))
    def test_names_are_safe_and_apart(self, values: list[str]) -> None:
        taken: set[str] = set()
        names = [safe(value, taken) for value in values]
        assert len({name.casefold() for name in names}) == len(values)
        for name in names:
            assert name
            assert "/" not in name
            assert not name.startswith(".")
            assert len(name.encode()) < 200
            assert name.isprintable()


class TestDedup:
    @pytest.mark.parametrize(
        "name",
        [
            "k.csv",
            "k.tsv",
            "k.parquet",
            "k.sqlite",
            "k.bib",
            "k.ris",
            "k.md",
            "k.html",
            "k.csl.json",
            "k.csv.gz",
            "k/",
        ],
    )
    def test_the_ending_chooses_the_format(self, name: str) -> None:
        write("two.jsonl", [*PAPERS, PAPERS[0]])
        done = run("dedup", "two.jsonl", "-o", name)
        assert done.code == 0, done.err
        assert "removed 1" in done.err
        exported("papers.jsonl", "-o", "x" + name)
        for path in (
            [Path(name)] if Path(name).is_file() else [Path(name, "data/train-00000-of-00001.parquet")]
        ):
            assert path.read_bytes() == Path("x" + str(path)).read_bytes()

    def test_jsonl_keeps_its_bytes_under_every_other_name(self) -> None:
        for name in ("k", "k.jsonl", "k.data", "k.ndjson"):
            assert run("dedup", "papers.jsonl", "-o", name).code == 0
            assert Path(name).read_bytes() == Path("papers.jsonl").read_bytes()

    @pytest.mark.parametrize(
        ("name", "error"), [("k.json", "lines of JSON, no single document"), ("k.txt", "add|--columns")]
    )
    def test_what_kept_records_are_not_is_refused(self, name: str, error: str) -> None:
        done = run("dedup", "papers.jsonl", "-o", name)
        assert done.code == 2
        assert re.search(error, done.err)
        assert not Path(name).exists()

    def test_receipts_beside_another_format_are_told_of(self) -> None:
        done = run("dedup", "papers.jsonl", "-o", "k.csv", "--removed", "r.jsonl")
        assert done.code == 0
        assert "`restore` needs the kept records as JSONL" in done.err


def test_all_formats_of_one_set_together_keep_each_paper_once(place: Path) -> None:
    subjects = ("snail trails", "folded maps", "harbour bells", "paper boats")
    papers = [
        {
            "title": f"On the measurement of {subject} with household instruments",
            "abstract": f"We measure {subject} in {number + 3} towns over {number + 11} weeks. The results "
            f"of {subject} differ from those of earlier studies by a factor of {number + 2}, as the weather explains.",
            "authors": [f"Okafor, Ada{number}", f"Brandt, É{number}"],
            "year": 2001 + number,
            "doi": f"10.5555/set.{number}",
            "venue": "Annals of Slow Motion",
        }
        for number, subject in enumerate(subjects)
    ]
    write("set.jsonl", papers)
    names = ["o.csv", "o.tsv", "o.parquet", "o.sqlite", "o.bib", "o.ris", "set"]
    names += [name for name, known in (("o.csl.json", "json"), ("o.html", "html")) if known in DIGESTS]
    for name in names:
        exported("set.jsonl", "-o", name, *(["--format", "datasets"] if name == "set" else []))
    done = run("dedup", "--match", "papers", "--json", "-o", "kept.jsonl", "set.jsonl", *names)
    assert done.code == 0, done.err
    numbers = json.loads(done.out)
    assert (numbers["records"], numbers["kept"]) == (len(papers) * (len(names) + 1), len(papers))


@pytest.mark.skipif("json" not in DIGESTS, reason="there is no reader of JSON documents")
def test_csl_comes_back() -> None:
    exported("papers.jsonl", "-o", "o.csl.json")
    one, two = parsed("o.csl.json")
    assert (one["title"], one["doi"], two["title"]) == (PAPERS[0]["title"], PAPERS[0]["doi"], "Folding maps")
    assert alike(one["abstract"]) == alike(PAPERS[0]["abstract"])
    assert one["issued"] == {"date-parts": [[2019]]}
    assert {word for name in one["authors"] for word in re.findall(r"\w+", name)} == {
        word for name in PAPERS[0]["authors"] for word in re.findall(r"\w+", name)
    }
