"""Exports of databases and managers in layouts of their own, and what export writes, read back for what it says."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper
from corpus_tool.sinks import markdown
from corpus_tool.sources import (
    bibtex,
    cochrane,
    delimited,
    embase_rows,
    endnote,
    exported_markdown,
    heads,
    html_page,
    ovid,
    ris,
)
from corpus_tool.sources.bibliography import pages
from corpus_tool.sources.html_page import papers as papers_of_page
from corpus_tool.sources.json_paper import paper_of
from corpus_tool.sources.names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="module")
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    here = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("exports"))
    yield
    os.chdir(here)


COCHRANE = """Record #1 of 2
ID: CN-01
AU: Okafor A
AU: Brandt É
TI: Snail trails: a trial
SO: Trials of Slow Motion
YR: 2019
VL: 12
PG: 41\u201057
PM: PUBMED 90000001
XR: EMBASE 51
KY: *snails; Child, Preschool
DOI: 10.5555/snail.12
AB: BACKGROUND: We time snails.
METHODS: Note: by hand.
US: https://example.org/CN-01


Record #2 of 2
ID: CD02
TI: Folding maps
YR: 2021
"""

OVID = """<1. >
VN  - Ovid Technologies
DB  - Embase
UI  - 621
TI  - Snail trails as a clock.
AU  - Okafor A.
AU  - Brandt E.
IN  - (Okafor) Institute of Snails
      (Brandt) School of Slowness
AB  - Background: We time snails.
Method(s): By hand.
IS  - 1000-0001
DO  - http://dx.doi.org/10.5555/snail.12
YR  - 2019

<2. >
VN  - Ovid Technologies
TI  - Folding maps
JN  - Annals of Paper
YR  - 2021
"""

EMBASE = """"SEARCH QUERY","snail:ti"

-------------------------------------

"TITLE","Snail ""trails"", and more"
"AUTHOR NAMES","Okafor A.","Brandt E."
"SOURCE TITLE","Annals of Slow Motion"
"PUBLICATION YEAR","2019"
"FIRST PAGE","41"
"LAST PAGE","57"
"AiP/IP ENTRY DATE","2019-05-28"
"ABSTRACT","We time snails,
twice."
"DOI","10.5555/snail.12"
"MEDLINE PMID","90000001"
-------------------------------------

"TITLE","Folding maps"
"ABSTRACT","We fold."
"""

ENDNOTE = """%T Snail trails as a clock
%0 Journal Article
%A Okafor, Ada
%D 2019
%P 41-57
%X We time snails.


%T Table of contents
%B Annals of Slow Motion
%D 2019


%T Folding maps
%A Lim, Bo
%D 2021
"""


def read(module: Any, text: str) -> list[Paper]:
    assert module.detect(text), module.NAME
    return [each for each in module.parse(text.splitlines()) if isinstance(each, Paper)]


def rows(text: str) -> list[tuple[int, dict[str, Any]]]:
    class Silent:
        strict = False

        def unplaced(self, *_: object) -> None: ...

        def note(self, *_: object) -> None: ...

    return list(delimited.rows(text.splitlines(), text, "t.csv", Silent()))  # type: ignore[arg-type]


class TestDatabases:
    def test_cochrane(self) -> None:
        one, two = read(cochrane, COCHRANE)
        assert (one.title, one.line, two.title, two.line) == ("Snail trails: a trial", 2, "Folding maps", 20)
        assert one.abstract == "BACKGROUND: We time snails.\nMETHODS: Note: by hand."
        assert one.extra["authors"] == ["Okafor A", "Brandt É"]
        assert (one.extra["year"], one.extra["pages"], one.extra["pmid"]) == (2019, "41-57", "90000001")
        assert one.extra["keywords"] == ["*snails", "Child, Preschool"]
        assert (one.extra["XR"], one.links) == ("EMBASE 51", ["https://example.org/CN-01"])

    def test_ovid(self) -> None:
        one, two = read(ovid, OVID)
        assert (one.title, one.line, two.extra["venue"]) == ("Snail trails as a clock.", 2, "Annals of Paper")
        assert one.abstract.split() == "Background: We time snails. Method(s): By hand.".split()
        assert (one.extra["doi"], one.extra["issn"]) == ("10.5555/snail.12", ["1000-0001"])
        assert one.extra["affiliations"] == ["(Okafor) Institute of Snails", "(Brandt) School of Slowness"]

    @pytest.mark.parametrize("rule", ["-------------------------------------\n", "\n", ""])
    def test_embase_by_rows(self, rule: str) -> None:
        text = EMBASE.replace("-------------------------------------\n", rule)
        one, two = read(embase_rows, text)
        assert (one.title, two.title, two.abstract) == (
            'Snail "trails", and more',
            "Folding maps",
            "We fold.",
        )
        assert one.abstract == "We time snails,\ntwice."
        assert one.extra["authors"] == ["Okafor A.", "Brandt E."]
        assert (one.extra["pages"], one.extra["year"], one.extra["pmid"]) == ("41-57", 2019, "90000001")
        assert one.extra["AiP/IP ENTRY DATE"] == "2019-05-28"

    def test_embase_by_rows_is_told_from_a_table_of_the_same_names(self) -> None:
        table = '"TITLE","AUTHOR NAMES","ABSTRACT"\n"A","B","C"\n'
        assert not embase_rows.detect(table)
        assert delimited.detect(table)

    def test_quotes_that_enclose_parts_of_cells_are_named(self) -> None:
        with pytest.raises(InputError, match="quotes of this row do not enclose whole cells"):
            list(embase_rows.parse([*EMBASE.splitlines(), 'a"b', 'c"d']))

    def test_a_quote_that_is_not_closed_is_named(self) -> None:
        Path("e.csv").write_text(EMBASE + '"TITLE","Open\n' + "x\n" * 20)
        done = run("parse", "e.csv")
        assert (done.code, f"e.csv:{EMBASE.count(chr(10)) + 1}: a quote that is opened" in done.err) == (
            2,
            True,
        )

    def test_each_is_recognised_by_the_command(self) -> None:
        for name, text in (("c", COCHRANE), ("o", OVID), ("e", EMBASE)):
            Path(f"{name}.txt").write_text(text)
            done = run("parse", f"{name}.txt")
            assert (done.code, done.out.count(b"\n")) == (0, 2), done.err


class TestEndNote:
    @pytest.mark.parametrize("gap", ["\n\n\n", "\n\n"])
    def test_entries_may_begin_with_a_title(self, gap: str) -> None:
        found = read(endnote, ENDNOTE.replace("\n\n\n", gap))
        assert [paper.title for paper in found] == [
            "Snail trails as a clock",
            "Table of contents",
            "Folding maps",
        ]
        assert (found[0].abstract, found[0].extra["authors"]) == ("We time snails.", ["Okafor, Ada"])
        assert (found[1].extra["venue"], found[2].extra["authors"]) == ("Annals of Slow Motion", ["Lim, Bo"])

    def test_an_abstract_with_an_empty_line_stays_in_its_entry(self) -> None:
        text = "%0 Journal Article\n%A Lim, Bo\n%T One\n%X First.\n\nSecond.\n%K maps\n\n%0 Book\n%T Two\n"
        one, two = read(endnote, text)
        assert (one.abstract, one.extra["keywords"], two.title) == ("First.\nSecond.", ["maps"], "Two")


class TestRis:
    @pytest.mark.parametrize(
        ("first", "last", "wanted"),
        [
            ("pp 278-298", "", "278-298"),
            ("1279\u20101297", "", "1279-1297"),
            ("p. 3", "9", "3-9"),
            ("No", "Specified", None),
            ("41", "57", "41-57"),
            ("e12", "", "e12"),
        ],
    )
    def test_pages(self, first: str, last: str, wanted: str | None) -> None:
        text = f"TY  - JOUR\nTI  - One\nSP  - {first}\nEP  - {last}\nER  - \n"
        assert read(ris, text)[0].extra.get("pages") == wanted

    def test_a_plain_page_is_left_alone(self) -> None:
        assert (pages("viii"), pages("S1-S9"), pages("pp")) == ("viii", "S1-S9", "pp")

    def test_a_day_in_eight_figures_numbers_and_what_stands_behind_an_entry(self) -> None:
        text = (
            "TY  -  JOUR\nTI  -  One\nPY  -  Start date: 20170812\nC3  -  PUBMED 21314913,EMBASE 6\n"
            "DO  -  http://doi.example.org/10.5555/x.1\nSN  -  1234-5678\n8765-4321\nER  -  \nNL  - Short\n"
        )
        (one,) = ris.parse(text.splitlines())
        assert isinstance(one, Paper)
        assert (one.extra["year"], one.extra["pmid"], one.extra["doi"]) == (2017, "21314913", "10.5555/x.1")
        assert one.extra["issn"] == ["1234-5678", "8765-4321"]


class TestBibtex:
    def test_names_that_commas_alone_part(self) -> None:
        text = "@article{a, title={One}, author={Okafor, A, Brandt, EM, and Lim, B}}\n"
        assert read(bibtex, text)[0].extra["authors"] == ["Okafor, A", "Brandt, EM", "Lim, B"]

    def test_other_names_with_commas_stay_whole(self) -> None:
        text = "@article{a, title={One}, author={King, Jr, Ada and {Snails, Maps, Bells, Boats}}}\n"
        assert read(bibtex, text)[0].extra["authors"] == ["King, Jr, Ada", "Snails, Maps, Bells, Boats"]

    def test_a_comma_between_entries(self) -> None:
        found = [*bibtex.parse("@misc{a,\n  title = {One}\n}, @misc{b,\n  title = {Two}\n}\n".splitlines())]
        assert [each.title for each in found if isinstance(each, Paper)] == ["One", "Two"]
        assert not [each for each in found if isinstance(each, Leftover)]

    def test_a_whole_volume_goes_by_the_title_of_the_book(self) -> None:
        text = "@collection{a, booktitle={On maps}, year={1993}}\n@inproceedings{b, booktitle={Proc.}}\n"
        one, other = bibtex.parse(text.splitlines())
        assert isinstance(one, Paper)
        assert (one.title, isinstance(other, Leftover)) == ("On maps", True)


class TestTables:
    def test_cells_that_a_formula_keeps_text(self) -> None:
        text = 'Title,ISSN,Abstract\n"One",="01234567","A"\n"=x",="","B"\n'
        assert rows(text)[0][1]["ISSN"] == "01234567"
        assert rows(text)[1][1]["title"] == "=x"

    def test_pages_in_two_columns(self) -> None:
        text = "Title,First Page,Last Page,Abstract\nOne,41,57,A\nTwo,9,9,B\nThree,,,C\n"
        assert [row.get("pages") for _, row in rows(text)] == ["41-57", "9", None]
        assert rows(text)[0][1]["First Page"] == "41"
        assert heads.page_columns(["title", "pages", "First Page", "Last Page"]) is None

    def test_rows_may_end_early_and_remarks_are_told(self) -> None:
        text = (
            "id,keywords,abstract,title,journal,authors,tags,notes\n"
            '1,k,A,One,J,"Okafor, A.\n and Brandt, E.",t,n\n'
            "not yet labelled by anyone\n2,k,B,Two,J,Lim\n3,k,C,Three,J,Lim\n"
        )
        assert delimited.detect(text)
        assert [row["title"] for _, row in rows(text)] == ["One", "Two", "Three"]

    def test_a_title_alone_is_a_row(self) -> None:
        assert rows("title,abstract,year\nOne,A,2019\nTwo\nThree,C,2020\n")[1][1]["title"] == "Two"

    @pytest.mark.parametrize(
        "line",
        ["Authors\tTitle\tPublication\tYear", "Authors, Primary\tTitle Primary\tPeriodical Full\tPub Year"],
    )
    def test_heads_of_managers(self, line: str) -> None:
        row = rows(f"{line}\nOkafor, A; Lim, B\tOne\tAnnals\t2019\nLim, B\tTwo\tAnnals\t2020\n")[0][1]
        assert (row["title"], row["venue"], row["year"]) == ("One", "Annals", "2019")


HOSTILE = [
    {
        "title": 'On $\\alpha$ {Lévy} "noise": a, b | c @home = d \\(x\\)',
        "abstract": 'Quote " and, comma.\nSecond | pipe = sign @x.\nAuthors: not really.\nYear: 1999',
        "authors": ["O'Neil, Ann", "van der Berg, J. P.", "The Snail Collaboration"],
        "year": 2020,
        "doi": "10.1000/a_b(c)",
        "venue": "J. of X & Y",
    },
    {
        "title": "# Not a heading",
        "abstract": "1. first\n- second\n> third\n### fourth\n*Seen: x*\n---\n\\- kept",
        "authors": ["Lim"],
        "year": 1999,
    },
    {"title": "A < B && C \\", "abstract": "$$x^2$$ \\textbf{b} \\% ~ ^ _ a_b *c* `d` &lt; <i", "year": 2001},
]


@pytest.mark.parametrize("ending", ["md", "html"])
def test_what_is_written_to_look_at_comes_back(ending: str) -> None:
    text = "".join(json.dumps(record | {"source": "a.bib", "line": 3}) + "\n" for record in HOSTILE)
    Path("in.jsonl").write_text(text)
    assert run("export", "in.jsonl", "-o", f"o.{ending}").code == 0
    done = run("parse", f"o.{ending}")
    assert done.code == 0
    assert "could not place" not in done.err
    for record, line in zip(HOSTILE, done.out.splitlines(), strict=True):
        found = json.loads(line)
        assert {name: found.get(name) for name in record} == record


LINE = st.text(
    st.sampled_from("ab1 \\`*_[]<>&#-+=~.:!()|$@%é") | st.characters(categories=["L"]),
    min_size=1,
    max_size=30,
).map(lambda text: " ".join(text.split()))


@settings(max_examples=300, deadline=None)
@given(title=LINE.filter(bool), paragraphs=st.lists(LINE.filter(bool), max_size=3))
def test_markdown_gives_back_every_sign(title: str, paragraphs: list[str]) -> None:
    record = {"title": title, "abstract": "\n".join(paragraphs), "authors": ["Lim, Bo"], "source": "a.txt"}
    text = "# Papers\n\n## Undated\n" + markdown._paper(record)
    (found,) = read(exported_markdown, text)
    assert (found.title, found.abstract) == (title, "\n".join(paragraphs))
    assert found.extra["authors"] == ["Lim, Bo"]


def test_digests_of_others_are_no_export() -> None:
    assert not exported_markdown.detect(
        "# Papers\n\n## 2025-03-11\n\n### One\n\nAuthors: Lim\n\nAbstract: A.\n"
    )


class TestMicrodata:
    PAGE = """<!DOCTYPE html><html><body>
<div itemscope itemtype="http://schema.org/ScholarlyArticle">
<h3 itemprop="name"><a href="/1">Snail trails</a></h3>
<span itemprop="author" itemscope itemtype="http://schema.org/Person"><b itemprop="name">Ada Okafor</b> (X)</span>
<span itemprop="author">Bo Lim</span>
<time itemprop="datePublished" content="2019-03-04">4 March</time>
<p itemprop="description">We time snails.</p>
<a itemprop="sameAs" href="https://example.org/snail">more</a>
<meta itemprop="identifier" content="doi:10.5555/snail.12">
</div>
<div itemscope itemtype="http://schema.org/Product"><h3 itemprop="name">A boat</h3></div>
</body></html>"""

    def test_articles_are_read_and_nothing_else(self) -> None:
        (one,) = papers_of_page(self.PAGE)
        assert (one.title, one.abstract, one.line) == ("Snail trails", "We time snails.", 2)
        assert one.extra["authors"] == ["Ada Okafor", "Bo Lim"]
        assert (one.extra["year"], one.extra["published"], one.extra["doi"]) == (
            2019,
            "2019-03-04",
            "10.5555/snail.12",
        )
        assert one.links == ["https://example.org/snail"]
        assert html_page.detect(self.PAGE)


def test_a_year_given_in_parts() -> None:
    paper = paper_of({"title": "One", "issued": {"date-parts": [[2019]]}, "type": "book"}, 1)
    assert paper is not None
    assert paper.extra["year"] == 2019
    assert paper_of({"title": "One", "type": "book"}, 1) is None


def test_identifiers_and_inverted_names_of_feeds() -> None:
    creators = "<dc:creator>Okafor, Ada</dc:creator><dc:creator>Brandt, Émile</dc:creator>"
    Path("f.xml").write_text(
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>f</title><item>'
        f"<title>Snail trails</title><description>We time snails.</description>{creators}"
        "<dc:identifier>pmid:90000001</dc:identifier><dc:identifier>doi:10.5555/snail.12</dc:identifier>"
        "</item></channel></rss>"
    )
    found = json.loads(run("parse", "f.xml").out)
    assert (found["pmid"], found["doi"]) == ("90000001", "10.5555/snail.12")
    assert found["authors"] == ["Okafor, Ada", "Brandt, Émile"]


def test_names_with_commas_that_semicolons_part() -> None:
    assert author_names("Okafor, Ada; Brandt, Émile") == ["Okafor, Ada", "Brandt, Émile"]
    assert author_names("Okafor, A., Lim, B. C.") == ["Okafor, A.", "Lim, B. C."]
    assert author_names("Ada Okafor; Bo Lim") == ["Ada Okafor", "Bo Lim"]


def test_what_python_writes_row_by_row_is_read() -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for number in range(30):
        writer.writerows([["TITLE", f"Paper {number}"], ["ABSTRACT", "a, b"], ["DOI", f"10.5555/{number}"]])
    assert [paper.title for paper in read(embase_rows, text.getvalue())] == [f"Paper {n}" for n in range(30)]
