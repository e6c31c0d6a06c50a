"""Tables as inputs: CSV and its kin as many programs write them, Parquet, Arrow, SQLite, folders of datasets."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.sources import delimited, heads
from corpus_tool.sources.problems import Problems

ABSTRACT = "We time snails, and more; their trails dry in forty minutes."
ROWS = [
    {
        "title": "Snail trails, as a clock",
        "abstract": ABSTRACT,
        "authors": "Okafor, Ada; Brandt, Émile",
        "year": 2019,
    },
    {"title": 'The "quoted" map', "abstract": "Two\nlines; here.", "authors": "Lim, Bo", "year": 2021},
]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parsed(*arguments: str, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = run("parse", "-q", *arguments, stdin=stdin)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def written(rows: list[dict[str, Any]], **how: Any) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), **how)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def cells(text: str, *, head: str | None = None) -> list[tuple[int, dict[str, Any]]]:
    problems = Problems(say=lambda _: None)
    return list(delimited.rows(text.split("\n"), head or text[:65536], "x", problems))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_line_ends_and_encodings(delimiter: str, end: str, encoding: str) -> None:
    text = written(ROWS, delimiter=delimiter, lineterminator=end)
    found = parsed(stdin=text.encode(encoding))
    assert [{key: row[key] for key in ROWS[0]} for row in found] == ROWS
    assert [row["line"] for row in found] == [2, 3]
    assert all(row["source"] == "-" for row in found)


HEADS = {
    "Scopus": (
        "Authors,Author full names,Author(s) ID,Title,Year,Source title,Volume,Issue,Page start,DOI,Link,Abstract",
        {
            "authors": 0,
            "title": 3,
            "year": 4,
            "venue": 5,
            "volume": 6,
            "issue": 7,
            "doi": 9,
            "url": 10,
            "abstract": 11,
        },
    ),
    "PubMed": (
        "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI",
        {"pmid": 0, "title": 1, "authors": 2, "venue": 5, "year": 6, "doi": 10},
    ),
    "IEEE": (
        '"Document Title",Authors,"Author Affiliations","Publication Title",Publication Year,Volume,Issue,Abstract,DOI',
        {"title": 0, "authors": 1, "venue": 3, "year": 4, "volume": 5, "issue": 6, "abstract": 7, "doi": 8},
    ),
    "Zotero": (
        "Key,Item Type,Publication Year,Author,Title,Publication Title,ISBN,ISSN,DOI,Url,Abstract Note,Date",
        {"year": 2, "authors": 3, "title": 4, "venue": 5, "doi": 8, "url": 9, "abstract": 10},
    ),
    "CINAHL": (
        "Article Title,Author,Journal Title,ISSN,Publication Date,Volume,Issue,First Page,DOI,Keywords,Abstract,PLink",
        {
            "title": 0,
            "authors": 1,
            "venue": 2,
            "volume": 5,
            "issue": 6,
            "doi": 8,
            "keywords": 9,
            "abstract": 10,
            "url": 11,
        },
    ),
    "Covidence": (
        "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,DOI,Ref,Covidence #",
        {
            "title": 0,
            "authors": 1,
            "abstract": 2,
            "year": 3,
            "venue": 5,
            "volume": 6,
            "issue": 7,
            "pages": 8,
            "doi": 9,
        },
    ),
    "Rayyan": (
        "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,publisher,abstract,notes",
        {
            "title": 1,
            "year": 2,
            "venue": 5,
            "volume": 7,
            "issue": 8,
            "pages": 9,
            "authors": 10,
            "url": 11,
            "abstract": 14,
        },
    ),
    "Embase": (
        "Title,Original Title,Author Names,Correspondence Address,Editors,Source,Abstract,Original Abstract",
        {"title": 0, "authors": 2, "abstract": 6},
    ),
    "tags": (
        "PT\tAU\tAF\tTI\tSO\tAB\tPY\tVL\tDI\tUT",
        {"authors": 2, "title": 3, "venue": 4, "abstract": 5, "year": 6, "volume": 7, "doi": 8},
    ),
    "capitals": ("TITLE,ABSTRACT,AUTHORS,YEAR", {"title": 0, "abstract": 1, "authors": 2, "year": 3}),
    "text": ("Name,Text,Label", {}),
}


@pytest.mark.parametrize("kind", HEADS)
def test_heads_of_databases_and_managers(kind: str) -> None:
    line, wanted = HEADS[kind]
    mark = "\t" if "\t" in line else ","
    printed = next(csv.reader([line], delimiter=mark))
    row = [f"cell {at}" for at in range(len(printed))]
    (found,) = [row for _, row in cells(f"{line}\n{mark.join(row)}\n")]
    assert {name: found[name] for name in wanted} == {name: f"cell {at}" for name, at in wanted.items()}
    others = {printed[at]: row[at] for at in range(len(row)) if at not in wanted.values()}
    assert {name: found[name] for name in others} == others
    assert delimited.detect(f"{line}\n" + f"{mark.join(row)}\n" * 3)


def test_own_columns_win_and_no_cell_is_lost() -> None:
    text = 'id,title,Title,,line,source,seen,doi\n7,One,Uno,x,99,mine,"[{""line"": 1}]",[odd]\n'
    (row,) = parsed(stdin=text.encode())
    assert row == {
        "id": "7", "title": "One", "Title": "Uno", "column_4": "x", "line": 99, "source": "mine",
        "seen": [{"line": 1}], "doi": "[odd]",
    }  # fmt: skip


def test_lines_are_those_of_the_text_where_cells_hold_newlines() -> None:
    text = 'title,abstract\n"One\nis long","a\n\nb"\nTwo,c\n\n\n"Three","d\ne"\nFour,f\n'
    assert [(row["line"], row["title"]) for row in parsed(stdin=text.encode())] == [
        (2, "One is long"), (6, "Two"), (9, "Three"), (11, "Four"),
    ]  # fmt: skip
    Path("t.csv").write_text(text)
    done = run(
        "dedup", "t.csv", "--match", "text", "--fields", "title", "--clusters", "c.jsonl", "-o", "o.jsonl"
    )
    assert done.code == 0, done.err
    named = [json.loads(line)["line"] for line in Path("c.jsonl").read_text().splitlines()]
    assert named == [2, 6, 9, 11]


def test_ragged_rows_are_kept_and_told() -> None:
    text = "title,abstract,year\nOne,a,2001\nTwo,b\nThree,c,2003,x,y\nFour,d,2004,,\n\nFive,e,2005\n"
    done = run("parse", stdin=text.encode())
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["title"] for row in rows] == ["One", "Two", "Three", "Four", "Five"]
    assert (rows[2]["column_4"], rows[2]["column_5"]) == ("x", "y")
    assert "-:3: could not place 'Two b': a row of 2 cells under 3 heads" in done.err
    assert "-:4: " in done.err
    assert done.err.count("could not place '") == 2
    assert run("parse", "--strict", stdin=text.encode()).code == 2


def test_what_stands_before_the_heads_is_told_and_heads_again_are_passed_over() -> None:
    text = "About the data: exported today\nRank,Title,Abstract,Year\n1,One,a,2001\n2,Two,b,2002\n"
    text += "Rank,Title,Abstract,Year\n3,Three,c,2003\n"
    done = run("parse", stdin=text.encode())
    assert [json.loads(line)["title"] for line in done.out.splitlines()] == ["One", "Two", "Three"]
    assert "-:1: could not place 'About the data" in done.err
    assert [row["b"] for _, row in cells("sep=;\na;b\n1;2\n3;4\n")] == ["2", "4"]


def test_very_long_cells_are_read() -> None:
    long = "word " * 100_000
    (row,) = parsed(stdin=f'title,abstract\nOne,"{long}"\n'.encode())
    assert row["abstract"] == long.strip()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('title,abstract\nOne,a\nTwo,"b\nThree,c\n', "-:3: a quote that is opened in this row is not closed"),
        ('title,abstract\nOne,"b\n' + "Three,c\n" * 12_000, "-:2: a quote that is opened"),
        ('title,abstract\n"a\n', "-:2: a quote"),
    ],
)
def test_a_quote_that_is_not_closed_swallows_nothing(text: str, where: str) -> None:
    done = run("parse", "--from", "csv", stdin=text.encode())
    assert done.code == 2
    assert where in done.err


NO_TABLES = {
    "prose": "Title, abstract, and keywords, they say, matter.\nWe walked, and on we went.\nYes, no, maybe.\nSo.\n",
    "poem": "Roses are red, violets are blue\nSugar is sweet, and so are you\nThe sky is high, the sea is deep\n",
    "no heads": "1,2019-01-01,Snails\n2,2019-01-02,Maps\n3,2019-01-03,Trains\n",
    "log": "2025-01-01 10:00:00,100 INFO a, b\n2025-01-01 10:00:01,100 INFO c, d\n2025-01-01 10:00:02,1 INFO e, f\n",
    "code": "import os, sys, re\nfrom a import b, c, d\n\n\ndef f(a, b, c):\n    return a, b, c\n",
    "markdown": "| title | abstract |\n|---|---|\n| One | a |\n| Two | b |\n",
    "yaml": "title: One, two\nabstract: a, b\nyear: 3, 4\n",
    "readme": "# Tool; fast\n\nIt reads, writes; and more.\n\n- a; b\n- c; d\n",
    "mail": "From: a@example.org; b@example.org\nTo: c@example.org; d@example.org\nCc: e; f\n",
    "list": "tea\nmilk\nbread\n",
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_what_is_no_table_is_not_taken_for_one(kind: str) -> None:
    assert not delimited.detect(NO_TABLES[kind])
    done = run("parse", "--from", "csv", stdin=NO_TABLES[kind].encode())
    assert done.code == 2, done.out
    assert "is not a table" in done.err


def test_any_table_with_heads_is_one() -> None:
    assert delimited.detect("name;forum;score\na;b;1\nc;d;2\n")
    assert delimited.detect("name\tforum\na\tb\nc\td\n")
    assert delimited.layout("title\nOne\nTwo\n", asked=True) is not None


CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\0\ufeff"), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=2, max_size=6), st.sampled_from(",;\t|"))
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str, str]], mark: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [("title", "abstract", "year"), *rows]
    )
    found = cells(text.getvalue())
    wanted = [
        {
            key: cell.strip(" \n\t")
            for key, cell in zip(("title", "abstract", "year"), row, strict=True)
            if cell
        }
        for row in rows
        if any(row)
    ]
    got = [{key: cell if isinstance(cell, str) else None for key, cell in row.items()} for _, row in found]
    assert [set(row) for row in got] == [set(row) for row in wanted]
    for row, expected in zip(got, wanted, strict=True):
        assert all(cell is None or cell.strip() == expected[key].strip() for key, cell in row.items())


TABLE = pa.table(
    {
        "Title": ["Snail trails", "Folding maps", None],
        "abstract": [ABSTRACT, "", "Only this."],
        "authors": [["Okafor, Ada", "Lim, Bo"], [], None],
        "Year": [2019, 2021, None],
        "when": pa.array([0, 1, 2], pa.timestamp("s")),
        "data": [b"text", b"\xff\x00", None],
        "score": [0.5, float("nan"), None],
    }
)


def test_columns_of_types_are_read() -> None:
    pq.write_table(TABLE, "a.parquet")
    with pa.ipc.new_file("a.arrow", TABLE.schema) as file:
        file.write_table(TABLE)
    with pa.ipc.new_stream("b.arrow", TABLE.schema) as stream:
        stream.write_table(TABLE)
    for name in ("a.parquet", "a.arrow", "b.arrow"):
        one, two, three = parsed(name)
        assert (one["title"], one["authors"], one["year"], one["line"]) == (
            "Snail trails",
            ["Okafor, Ada", "Lim, Bo"],
            2019,
            1,
        )
        assert (one["data"], two["data"], two["score"], two["authors"]) == ("text", "ff00", None, [])
        assert one["when"].startswith("1970-01-01")
        assert (three["abstract"], three["line"], "title" in three) == ("Only this.", 3, False)
        assert parsed(stdin=Path(name).read_bytes())[0]["title"] == "Snail trails"


def test_damaged_and_missing_columnar_files_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(TABLE, "a.parquet")
    Path("cut.parquet").write_bytes(Path("a.parquet").read_bytes()[:-20])
    done = run("parse", "cut.parquet")
    assert (done.code, done.out) == (2, b"")
    assert "cut.parquet:1: cannot be read as Parquet or Arrow" in done.err
    done = run("parse", "--from", "parquet", stdin=b"no parquet\n")
    assert (done.code, done.out) == (2, b"")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = run("parse", "a.parquet")
    assert done.code == 2
    assert "pip install 'corpus-tool[parquet]'" in done.err


def database(*tables: str) -> None:
    with sqlite3.connect("d.sqlite") as connection:
        for table in (name.replace('"', '""') for name in tables):
            connection.execute(f'create table "{table}" (Title text, abstract text, authors text, n int)')
            connection.execute(
                f'insert into "{table}" values (?, ?, ?, ?)', ("One", ABSTRACT, '["A", "B"]', 3)
            )
            connection.execute(f'insert into "{table}" values (?, null, ?, null)', ("Two", ""))
    connection.close()


def test_a_table_of_a_database_is_read() -> None:
    database("papers")
    one, two = parsed("d.sqlite")
    assert (one["title"], one["authors"], one["n"], one["source"], one["line"]) == (
        "One",
        ["A", "B"],
        3,
        "d.sqlite",
        1,
    )
    assert (two["title"], "n" in two, "authors" in two) == ("Two", False, False)
    assert parsed("d.sqlite:papers")[0]["source"] == "d.sqlite:papers"


def test_the_table_of_a_database_must_be_one_of_its_own() -> None:
    database("papers", 'x"; drop table papers; --')
    done = run("parse", "d.sqlite")
    assert done.code == 2
    assert "a database with several tables" in done.err
    assert "d.sqlite:nope: this database has no table 'nope'" in run("parse", "d.sqlite:nope").err
    assert len(parsed('d.sqlite:x"; drop table papers; --')) == len(parsed("d.sqlite:papers")) == 2


def test_folders_of_datasets_are_read_without_what_tells_about_them(place: Path) -> None:
    saved = place / "saved" / "train"
    saved.mkdir(parents=True)
    with pa.ipc.new_stream(str(saved / "data-00000-of-00001.arrow"), TABLE.schema) as stream:
        stream.write_table(TABLE)
    (saved / "state.json").write_text('{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}')
    (saved / "dataset_info.json").write_text("{}")
    (saved / "cache-1.arrow").write_bytes(b"old")
    (place / "saved" / "dataset_dict.json").write_text('{"splits": ["train"]}')
    hub = place / "hub" / "data"
    hub.mkdir(parents=True)
    pq.write_table(TABLE, hub / "train-00000-of-00001.parquet")
    (place / "hub" / "README.md").write_text("---\nlicense: mit\n---\n# A set\n")
    for folder in ("saved", "hub"):
        assert [row.get("title") for row in parsed(folder)] == ["Snail trails", "Folding maps", None]


def test_names_of_columns_are_each_there_once() -> None:
    assert heads.names(["A", "A", " A ", "", "Title", "title"]) == [
        "A",
        "A_2",
        "A_3",
        "column_4",
        "title",
        "title_2",
    ]
