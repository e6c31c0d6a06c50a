"""JSON that is no JSON Lines: what APIs answer and programs keep, invented in the grammar of each."""

# ruff: noqa: E501 - answers stand as they are written

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import InputError
from corpus_tool.records import Paper
from corpus_tool.sources import json_document, python_dicts
from corpus_tool.sources.faults import Plain

if TYPE_CHECKING:
    from pathlib import Path

ABSTRACT = "Wheels turn because hands push them, and we say for how long."
OTHER = "From here everything looks small, and we measure how small."
TITLES = ["Wheels turned by hand", "From afar"]

DAILY = [
    {
        "paper": {
            "id": "2403.14001",
            "authors": [
                {"_id": "a1", "name": "Ana Núñez", "hidden": False},
                {"_id": "a2", "name": "Bob O'Neil"},
            ],
            "publishedAt": "2024-03-21T00:00:00.000Z",
            "title": TITLES[0],
            "summary": "Wheels turn because hands\npush them, and we say for how long.",
            "upvotes": 12,
        },
        "publishedAt": "2024-03-21T00:00:00.000Z",
        "title": TITLES[0],
        "thumbnail": "https://cdn.example.org/t.png",
        "numComments": 3,
    },
    {"paper": {"id": "2403.14002", "authors": [], "title": TITLES[1], "summary": OTHER}, "title": TITLES[1]},
]
S2 = {
    "total": 2,
    "offset": 0,
    "data": [
        {
            "paperId": "0" * 40,
            "externalIds": {"ArXiv": "2403.14001", "DOI": "10.1234/abc"},
            "title": TITLES[0],
            "abstract": ABSTRACT,
            "year": 2024,
            "venue": "J Inv",
            "publicationDate": "2024-03-21",
            "authors": [{"authorId": "1", "name": "Ana Núñez"}],
            "openAccessPdf": {"url": "https://example.org/p.pdf", "status": "GREEN"},
            "tldr": {"model": "m", "text": "Hands."},
            "references": [{"paperId": "1" * 40, "title": "An older wheel", "authors": [{"name": "X Y"}]}],
        },
        {"paperId": "2" * 40, "title": TITLES[1], "abstract": OTHER, "authors": [], "externalIds": {}},
    ],
}
OPENREVIEW = {
    "notes": [
        {
            "id": "Abc1",
            "forum": "Abc1",
            "content": {
                "title": {"value": TITLES[0]},
                "abstract": {"value": ABSTRACT},
                "authors": {"value": ["Ana Núñez", "Bob O'Neil"]},
                "keywords": {"value": ["wheels"]},
            },
        },
        {
            "id": "Abc2",
            "forum": "Abc2",
            "content": {"title": TITLES[1], "abstract": OTHER, "authors": ["C. D. Ek"]},
        },
    ],
    "count": 2,
}
CSL = [
    {
        "id": "nunez2024",
        "type": "article-journal",
        "title": TITLES[0],
        "abstract": f"<jats:p>{ABSTRACT}</jats:p>",
        "container-title": "J Inv",
        "author": [{"family": "Núñez", "given": "Ana"}, {"literal": "The Wheel Group"}],
        "issued": {"date-parts": [[2024, 3, 21]]},
        "DOI": "10.1234/abc",
    },
    {
        "id": "ek",
        "type": "report",
        "title": TITLES[1],
        "author": [{"family": "Ek"}],
        "issued": {"date-parts": [[2023]]},
    },
]
OPENALEX = {
    "meta": {"count": 2},
    "results": [
        {
            "id": "https://openalex.org/W1",
            "doi": "https://doi.org/10.1234/abc",
            "display_name": TITLES[0],
            "title": TITLES[0],
            "publication_date": "2024-03-21",
            "authorships": [
                {"author_position": "first", "author": {"id": "A1", "display_name": "Ana Núñez"}}
            ],
            "abstract_inverted_index": {word: [at] for at, word in enumerate(ABSTRACT.split())},
        },
        {"id": "https://openalex.org/W2", "title": TITLES[1], "doi": "https://doi.org/10.1234/abd"},
    ],
}
CROSSREF = {
    "status": "ok",
    "message": {
        "items": [
            {
                "DOI": "10.1234/abc",
                "title": [TITLES[0]],
                "abstract": f"<jats:title>Abstract</jats:title><jats:p>{ABSTRACT}</jats:p>",
            },
            {"DOI": "10.1234/abd", "title": [TITLES[1]], "author": [{"given": "C. D.", "family": "Ek"}]},
        ]
    },
}
EUROPE_PMC = {
    "resultList": {
        "result": [
            {
                "id": "1",
                "title": TITLES[0],
                "authorString": "Núñez A, O'Neil B.",
                "abstractText": ABSTRACT,
                "doi": "10.1234/abc",
            },
            {"id": "2", "title": TITLES[1], "authorString": "Ek CD.", "pubYear": "2023"},
        ]
    }
}
BIORXIV = {
    "messages": [{"status": "ok"}],
    "collection": [
        {
            "doi": "10.1101/1",
            "title": TITLES[0],
            "authors": "Núñez, A.; O'Neil, B.",
            "abstract": ABSTRACT,
            "date": "2024-03-21",
        },
        {
            "doi": "10.1101/2",
            "title": TITLES[1],
            "authors": "Ek, C. D.",
            "abstract": OTHER,
            "date": "2024-03-21",
        },
    ],
}
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Papers of the day",
    "description": "All of them",
    "home_page_url": "https://example.org",
    "items": [
        {
            "id": "1",
            "url": "https://arxiv.org/abs/2403.14001",
            "title": TITLES[0],
            "content_html": f"<p><b>Authors:</b> Ana Núñez</p><p>{ABSTRACT}</p>",
            "date_published": "2024-03-21T00:00:00Z",
        },
        {
            "id": "2",
            "url": "https://x.org/2",
            "title": TITLES[1],
            "content_text": OTHER,
            "date_published": "2024-03-21",
        },
    ],
}
BY_ID = {
    "2403.14001": {"title": TITLES[0], "abstract": ABSTRACT},
    "2403.14002": {"title": TITLES[1], "abstract": OTHER},
}
BY_TOPIC = {
    "wheels": [{"title": TITLES[0], "summary": ABSTRACT}],
    "far": {"new": [{"title": TITLES[1], "summary": OTHER}]},
}
ROWS = {
    "wheels": {
        "2403.14001": f"|**2024-03-21**|**{TITLES[0]}**|Ana Núñez et.al.|[2403.14001](http://arxiv.org/abs/2403.14001)|null|\n",
        "2403.14002": f"- 2024-03-20, **{TITLES[1]}**, C. D. Ek et.al., Paper: [http://arxiv.org/abs/2403.14002](http://arxiv.org/abs/2403.14002)\n",
    }
}
FEED = f'<?xml version="1.0"?><rss><channel><item><title>{TITLES[0]}</title><description>{ABSTRACT}</description></item>'
FEED += f"<item><title>{TITLES[1]}</title><description>{OTHER}</description></item></channel></rss>"
ANSWER = {"url": "https://example.org/rss", "status_code": 200, "body": FEED}
ESUMMARY = {
    "header": {"type": "esummary"},
    "result": {
        "uids": ["38400001", "38400002"],
        "38400001": {
            "uid": "38400001",
            "title": TITLES[0],
            "authors": [{"name": "Núñez A", "authtype": "Author"}],
        },
        "38400002": {
            "uid": "38400002",
            "title": TITLES[1],
            "authors": [{"name": "Ek CD"}],
            "source": "J Inv",
        },
    },
}
KEPT = {"request": {"url": "x"}, "response": {"body": json.dumps(S2)}}
DIGEST = {
    "title": "Digest of the day",
    "date": "2024-03-22",
    "summary": "What is new",
    "sections": [{"name": "a", "papers": DAILY}],
}
LINES = "".join(
    json.dumps(each, indent=1) + "\n" for each in ({"title": t, "abstract": ABSTRACT} for t in TITLES)
)

FORMS: dict[str, Any] = {
    "hugging face": DAILY,
    "semantic scholar": S2,
    "openreview": OPENREVIEW,
    "csl": CSL,
    "openalex": OPENALEX,
    "crossref": CROSSREF,
    "europe pmc": EUROPE_PMC,
    "biorxiv": BIORXIV,
    "json feed": JSON_FEED,
    "by id": BY_ID,
    "by topic": BY_TOPIC,
    "rows": ROWS,
    "esummary": ESUMMARY,
    "an answer": ANSWER,
    "an answer's json": KEPT,
    "a digest": DIGEST,
}


def parsed(data: str | bytes, tmp_path: Path, *options: str) -> list[dict[str, Any]]:
    path = tmp_path / "in.json"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    done = run("parse", path, *options)
    assert done.code == 0, done.err
    assert "could not place" not in done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("indent", [None, 2], ids=["one line", "pretty"])
@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, indent: int | None, tmp_path: Path) -> None:
    records = parsed(json.dumps(FORMS[form], indent=indent, ensure_ascii=indent is None), tmp_path)
    assert [record["title"] for record in records] == TITLES
    if form not in ("rows", "esummary"):
        assert records[0]["abstract"] == ABSTRACT
    assert [record["position"] for record in records] == [1, 2]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (
            "hugging face",
            {"arxiv": "2403.14001", "authors": ["Ana Núñez", "Bob O'Neil"], "upvotes": 12, "numComments": 3},
        ),
        (
            "semantic scholar",
            {
                "arxiv": "2403.14001",
                "doi": "10.1234/abc",
                "year": 2024,
                "venue": "J Inv",
                "published": "2024-03-21",
            },
        ),
        (
            "openreview",
            {
                "authors": ["Ana Núñez", "Bob O'Neil"],
                "keywords": {"value": ["wheels"]},
                "forum": "Abc1",
                "original_id": "Abc1",
            },
        ),
        (
            "csl",
            {
                "authors": ["Ana Núñez", "The Wheel Group"],
                "doi": "10.1234/abc",
                "published": "2024-03-21",
                "container-title": "J Inv",
            },
        ),
        ("openalex", {"authors": ["Ana Núñez"], "doi": "10.1234/abc", "published": "2024-03-21"}),
        ("europe pmc", {"authors": ["Núñez A", "O'Neil B"], "doi": "10.1234/abc"}),
        ("biorxiv", {"authors": ["Núñez, A.", "O'Neil, B."], "doi": "10.1101/1", "published": "2024-03-21"}),
        ("json feed", {"arxiv": "2403.14001", "authors": ["Ana Núñez"], "published": "2024-03-21"}),
        ("rows", {"arxiv": "2403.14001", "authors": ["Ana Núñez"], "published": "2024-03-21"}),
    ],
)
def test_fields(form: str, fields: dict[str, Any], tmp_path: Path) -> None:
    record = parsed(json.dumps(FORMS[form]), tmp_path)[0]
    assert {name: record.get(name) for name in fields} == fields


def test_what_is_cited_in_a_paper_is_no_paper(tmp_path: Path) -> None:
    assert parsed(json.dumps(S2), tmp_path)[0]["references"] == S2["data"][0]["references"]  # type: ignore[index]


@pytest.mark.parametrize(
    "form", ["hugging face", "semantic scholar", "openreview", "csl", "crossref", "by id"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_is_where_the_object_of_the_title_begins(form: str, end: str, tmp_path: Path) -> None:
    text = json.dumps(FORMS[form], indent=1).replace("\n", end)
    lines = text.split("\n")
    for record in parsed(text, tmp_path):
        assert lines[record["line"] - 1].rstrip().endswith("{")
        rest = "\n".join(lines[record["line"] - 1 :])
        assert json.dumps(record["title"]) in rest
        assert rest.index(json.dumps(record["title"])) < 400


@pytest.mark.parametrize(
    "text",
    [LINES, "\ufeff" + LINES, "\n\n" + LINES, LINES.replace("\n", "\r\n"), LINES.replace("}\n{", "}{")],
)
def test_objects_over_several_lines_each(text: str, tmp_path: Path) -> None:
    assert [record["title"] for record in parsed(text, tmp_path)] == TITLES


def test_one_paper_over_several_lines(tmp_path: Path) -> None:
    paper = {"authors": [{"name": "Ana Núñez"}], "title": TITLES[0], "abstract": ABSTRACT}
    (record,) = parsed(json.dumps(paper, indent=2), tmp_path)
    assert record["title"] == TITLES[0]


def test_a_large_document_is_streamed() -> None:
    class Endless(io.RawIOBase):
        """An array that goes on for ever."""

        read_so_far = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.read_so_far += size
            piece = json.dumps({"title": TITLES[0], "abstract": ABSTRACT * 10}).encode() + b",\n"
            return (b"[" if self.read_so_far == size else b"") + piece * (size // len(piece))

    stream = Endless()
    items = json_document.read(stream, "x", "utf-8")  # type: ignore[arg-type]
    for _ in range(1000):
        assert isinstance(next(items), Paper)
    assert stream.read_so_far < 1 << 22


PLAIN = [
    {"id": 1, "text": "alpha beta gamma delta epsilon zeta"},
    {"id": 2, "text": "one two three four five six"},
]
PLAIN.append({"id": 3, "text": "alpha beta gamma delta epsilon zeta"})


@pytest.mark.parametrize("indent", [None, 1])
def test_an_array_of_other_records_is_read_as_records(indent: int | None, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(PLAIN, indent=indent))
    done = run("dedup", tmp_path / "in.json", "--removed", tmp_path / "removed")
    assert done.code == 0, done.err
    assert [json.loads(line) for line in done.out.splitlines()] == PLAIN[:2]
    receipt = json.loads((tmp_path / "removed").read_text().splitlines()[0])
    assert (receipt["line"], receipt["kept_line"]) == ((1, 1) if indent is None else (10, 2))
    (tmp_path / "kept").write_bytes(done.out)
    restored = run("restore", tmp_path / "kept", tmp_path / "removed")
    assert [json.loads(line) for line in restored.out.splitlines()] == PLAIN
    refused = run("parse", tmp_path / "in.json")
    assert (refused.code, refused.out) == (2, b"")
    assert "holds records already" in refused.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2, 3]", "JSON without objects: a plain value in an array"),
        ('["a", "b"]\n', "JSON without objects"),
        ("[[1, 2], [3]]", "a list in an array of which objects are wanted"),
        ('{\n "name": "x",\n "version": 2\n}\n', "one JSON object in which no papers are recognised"),
        (
            '{\n "title": "Schema", "properties": {"a": {"type": "string"}},\n "description": "Of a thing"}',
            "no papers",
        ),
        ('[{"title": "a", "abstract": "b"}', "the JSON ends within a value"),
        ('[{"title": "a", "abstract": "b"}, {"title": bad}]', "not JSON"),
        ("[" * 2000, "nested too deeply"),
        ('[{"a":' * 600, "nested too deeply"),
    ],
)
def test_what_is_refused_by_name(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(text)
    done = run("dedup", tmp_path / "in.json")
    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert "JSONL" not in done.err


@pytest.mark.parametrize("text", ["[]", "[ ]\n", '{"papers": []}', '{\n "data": [],\n "total": 0\n}'])
def test_nothing_found_is_a_note(text: str, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(text)
    for command in ("parse", "dedup"):
        done = run(command, tmp_path / "in.json")
        assert (done.code, done.out) == (0, b"")
        assert "JSON without any records" in done.err


def test_bad_elements_are_skipped_one_by_one(tmp_path: Path) -> None:
    path, rejects = tmp_path / "in.json", tmp_path / "rejects"
    good = [json.dumps({"title": title, "abstract": ABSTRACT}) for title in TITLES]
    path.write_text(f'[{good[0]},\n{{"title": bad}},\n7,\n{good[1]},\n{{"title": "cut')
    done = run("parse", path, "--on-error", "skip", "--rejects", rejects)
    assert [json.loads(line)["title"] for line in done.out.splitlines()] == TITLES
    assert rejects.read_text() == '{"title": bad}\n7\n{"title": "cut\n'
    assert "in.json:2: not JSON" in done.err
    assert "in.json:3: a plain value" in done.err
    assert "in.json:5: the JSON ends within a value" in done.err


@pytest.mark.parametrize(
    "text",
    [
        '{"title": "a", "abstract": "b"}\n{"title": "c", "abstract": "d"}\n',
        '{"text": "one record alone"}',
        '{"a": [1, 2]}\n{"a": [{"title": "x", "abstract": "y"}]}\n',
        '{"text": "cut\n{"text": "whole"}\n',
        '[1, 2]\n{"text": "a first line that is none"}\n',
        "[1] A title of a paper\n\nAn abstract.",
        "[A title](https://arxiv.org/abs/2403.14001)\n",
        "{not json}",
    ],
)
def test_lines_of_json_stay_lines(text: str) -> None:
    assert not json_document.detect(text)


def test_a_long_line_is_no_document_unless_it_opens_a_list() -> None:
    assert not json_document.detect(('{"text": "' + "word " * 20_000)[: 1 << 16])
    assert not json_document.detect(
        ('{"id": 1, "text": "x", "parts": [{"a": "' + "word " * 20_000)[: 1 << 16]
    )
    assert json_document.detect(
        ('{"total": 9, "data": [{"title": "x", "abstract": "' + "word " * 20_000)[: 1 << 16]
    )


PYTHON = [
    {
        "title": 'It\'s a "title"',
        "authors": "Ana Núñez, Bob O'Neil",
        "abstract": ABSTRACT,
        "link": "https://arxiv.org/abs/2403.14001",
    },
    {
        "title": "Other",
        "abstract": "a\nb \\ c",
        "year": 2024,
        "stars": None,
        "new": True,
        "tags": ("a", "b"),
        "score": -1.5e3,
    },
]


def test_dicts_of_python(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(f"{each!r}\n" for each in PYTHON))
    records = [json.loads(line) for line in run("parse", path).out.splitlines()]
    assert [record["title"] for record in records] == [each["title"] for each in PYTHON]
    assert records[0]["authors"] == ["Ana Núñez", "Bob O'Neil"]
    assert (records[1]["abstract"], records[1]["tags"], records[1]["score"]) == (
        "a b \\ c",
        ["a", "b"],
        -1500.0,
    )
    assert [record["line"] for record in records] == [1, 2]


def test_dicts_of_python_that_are_no_papers_are_records() -> None:
    (item,) = python_dicts.parse(["{'id': 1, 'text': 'x', 3: {4}}"])
    assert isinstance(item, Plain)
    assert json.loads(item.raw) == {"id": 1, "text": "x", "3": "{4}"}


@pytest.mark.parametrize(
    "line",
    [
        "{'a': __import__('os').system('true')}",
        "{'a': [x for x in (1, 2)]}",
        "{'a': 1 + 2}",
        "{'a': " + "[" * 200 + "]" * 200 + "}",
        "{'a': " + "9" * 5000 + "}",
        "{'a': 'open}",
        "{'a': f'{1}'}",
        "{'a': (lambda: 1)()}",
        "[1, 2]",
    ],
)
def test_what_is_no_literal_is_told_of(line: str, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("{'title': 'a', 'abstract': 'b'}\n" + line + "\n")
    done = run("parse", path)
    assert done.code == 2
    assert "in.jsonl:2: not a dict of Python" in done.err
    assert len(run("parse", path, "--on-error", "skip").out.splitlines()) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "abstract", "paper", "x", "data"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 1]), st.integers(0, 60))
def test_no_json_breaks_the_reader(value: Any, indent: int | None, cut: int) -> None:
    text = json.dumps(value, indent=indent)
    for data in (text, text[: len(text) - cut], text[:cut] + text[cut + 1 :]):
        try:
            for item in json_document.read(io.BytesIO(data.encode()), "x", "utf-8"):
                assert item.line >= 1
        except InputError as error:
            assert error.message


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), min_size=1, max_size=5), st.booleans())
def test_papers_come_back(papers: list[tuple[str, str]], ascii_only: bool) -> None:
    papers = [
        ("T" + "".join(c for c in t if c not in "<&"), "A" + "".join(c for c in a if c not in "<&"))
        for t, a in papers
    ]
    document = {"papers": [{"title": title, "abstract": abstract} for title, abstract in papers]}
    data = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = list(json_document.read(io.BytesIO(data), "x", "utf-8"))
    assert [item.title for item in found if isinstance(item, Paper)] == [
        " ".join(title.split()) for title, _ in papers
    ]
