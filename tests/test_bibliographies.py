"""Bibliographies: every format gives the same papers, field for field, and takes nothing that is another's."""

from __future__ import annotations

import importlib
import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import latex
from corpus_tool.sources.registry import DIGESTS, TABLES

KEPT = Path(__file__).parents[1] / ".." / "shared" / "data" / "digests_kept"

RIS = """TY  - JOUR
AU  - Okafor, Ada
AU  - Brandt, Émile
TI  - Snail trails as a clock: a field study
AB  - We time snails. The trails dry in forty minutes.
T2  - Annals of Slow Motion
PY  - 2019
VL  - 12
IS  - 3
SP  - 41
EP  - 57
DO  - 10.5555/snail.12
KW  - snails
KW  - time
XZ  - an unknown tag
UR  - https://example.org/snail
ER  -

TY  - CONF
AU  - Lim, Bo
TI  - Folding maps without tears
T2  - Proceedings of Paper Workshops
PY  - 2021
ER  -
"""

MEDLINE = """
PMID- 90000001
OWN - INVENTED
DP  - 2019 Mar 4
TI  - Snail trails as a clock: a field
      study
PG  - 41-57
LID - 10.5555/snail.12 [doi]
AB  - We time snails. The trails dry in
      forty minutes.
FAU - Okafor, Ada
AU  - Okafor A
FAU - Brandt, Émile
AU  - Brandt E
JT  - Annals of Slow Motion
VI  - 12
IP  - 3
OT  - snails
OT  - time
XZ  - an unknown tag

PMID- 90000002
DP  - 2021
TI  - Folding maps without tears
FAU - Lim, Bo
JT  - Proceedings of Paper Workshops
"""

ENDNOTE = """%0 Journal Article
%A Okafor, Ada
%A Brandt, Émile
%T Snail trails as a clock: a field study
%J Annals of Slow Motion
%D 2019
%V 12
%N 3
%P 41-57
%R 10.5555/snail.12
%X We time snails. The trails dry in forty minutes.
%K snails
time
%U https://example.org/snail
%3 an unknown tag

%0 Conference Paper
%A Lim, Bo
%T Folding maps without tears
%B Proceedings of Paper Workshops
%D 2021
"""

WEB_OF_SCIENCE = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Okafor, A
   Brandt, E
AF Okafor, Ada
   Brandt, Émile
TI Snail trails as a clock: a field
   study
SO Annals of Slow Motion
DE snails; time
AB We time snails. The trails dry in
   forty minutes.
PY 2019
VL 12
IS 3
BP 41
EP 57
DI 10.5555/snail.12
XZ an unknown tag
ER

PT C
AF Lim, Bo
TI Folding maps without tears
SO Proceedings of Paper Workshops
PY 2021
ER

EF
"""

BIBTEX = r"""Exported by hand.

@string{asm = "Annals of " # {Slow Motion}}
@comment{ not an entry }
@article{okafor2019,
  title = {Snail trails as a clock: {A} field study},
  author = {Okafor, Ada and Brandt, {\'E}mile},
  journal = asm, year = 2019, volume = "12", number = {3}, pages = {41--57},
  abstract = {We time snails. The trails
      dry in forty minutes.},
  doi = {https://doi.org/10.5555/snail.12}, keywords = {snails, time},
  xz = {an unknown tag},
  url = {https://example.org/snail},
}

@inproceedings(lim2021, title = "Folding maps without tears", author = "Lim, Bo",
  booktitle = "Proceedings of Paper Workshops", year = 2021)
"""

ENDNOTE_XML = """<?xml version="1.0" encoding="UTF-8" ?><xml><records>
<record><source-app name="EndNote" version="20">EndNote</source-app><rec-number>1</rec-number>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Okafor, Ada</style></author>
<author>Brandt, Émile</author></authors></contributors>
<titles><title><style face="italic">Snail trails</style><style face="normal"> as a clock: a field study</style></title>
<secondary-title>Annals of Slow Motion</secondary-title></titles><pages>41-57</pages><volume>12</volume>
<number>3</number><keywords><keyword>snails</keyword><keyword>time</keyword></keywords>
<dates><year>2019</year></dates><abstract>We time snails. The trails dry in forty minutes.</abstract>
<electronic-resource-num>10.5555/snail.12</electronic-resource-num><custom9>an unknown tag</custom9></record>
<record><ref-type name="Conference">10</ref-type>
<contributors><authors><author>Lim, Bo</author></authors></contributors>
<titles><title>Folding maps without tears</title><secondary-title>Proceedings of Paper Workshops</secondary-title>
</titles><dates><year>2021</year></dates></record></records></xml>
"""

PUBMED_XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation><PMID Version="1">90000001</PMID><Article>
<Journal><JournalIssue><Volume>12</Volume><Issue>3</Issue><PubDate><Year>2019</Year></PubDate></JournalIssue>
<Title>Annals of Slow Motion</Title></Journal>
<ArticleTitle>Snail <i>trails</i> as a clock: a field study</ArticleTitle>
<Pagination><StartPage>41</StartPage><EndPage>57</EndPage></Pagination>
<ELocationID EIdType="doi">10.5555/snail.12</ELocationID>
<Abstract><AbstractText>We time snails. The trails dry in forty minutes.</AbstractText></Abstract>
<AuthorList><Author><LastName>Okafor</LastName><ForeName>Ada</ForeName></Author>
<Author><LastName>Brandt</LastName><ForeName>Émile</ForeName></Author></AuthorList></Article>
<KeywordList><Keyword>snails</Keyword><Keyword>time</Keyword></KeywordList>
<Unknown>an unknown tag</Unknown></MedlineCitation>
<PubmedData><ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9/other</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle>
<PubmedArticle><MedlineCitation><PMID>90000002</PMID><Article><Journal><JournalIssue><PubDate><Year>2021</Year>
</PubDate></JournalIssue><Title>Proceedings of Paper Workshops</Title></Journal>
<ArticleTitle>Folding maps without tears</ArticleTitle><AuthorList><Author><LastName>Lim</LastName>
<ForeName>Bo</ForeName></Author></AuthorList></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>
"""

SAMPLES = {
    "ris": RIS,
    "medline": MEDLINE,
    "endnote": ENDNOTE,
    "web-of-science": WEB_OF_SCIENCE,
    "bibtex": BIBTEX,
    "endnote-xml": ENDNOTE_XML,
    "pubmed-xml": PUBMED_XML,
}

each_format = pytest.mark.parametrize("name", SAMPLES)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parsed(*arguments: str, stdin: bytes = b"") -> list[dict[str, Any]]:
    done = run("parse", "-q", *arguments, stdin=stdin)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def items(name: str, text: str) -> list[Paper | Leftover]:
    return list(importlib.import_module(DIGESTS[name]).parse(text.split("\n")))


@each_format
def test_every_format_gives_the_same_papers(name: str) -> None:
    one, other = parsed(stdin=SAMPLES[name].encode())
    assert one["title"].lower() == "snail trails as a clock: a field study"
    wanted = {
        "abstract": "We time snails. The trails dry in forty minutes.",
        "authors": ["Okafor, Ada", "Brandt, Émile"],
        "venue": "Annals of Slow Motion",
        "year": 2019,
        "volume": "12",
        "issue": "3",
        "pages": "41-57",
        "doi": "10.5555/snail.12",
        "keywords": ["snails", "time"],
    }
    assert {field: one.get(field) for field in wanted} == wanted
    assert "an unknown tag" in one.values()
    assert (other["title"], other["abstract"], other["authors"], other["year"], other["venue"]) == (
        "Folding maps without tears",
        "",
        ["Lim, Bo"],
        2021,
        "Proceedings of Paper Workshops",
    )


@each_format
def test_a_line_is_where_its_entry_begins(name: str) -> None:
    lines = SAMPLES[name].split("\n")
    opening = re.compile(r"TY  -|PMID-|%0 |PT [JC]|@(?:article|inproceedings)|<record>|<PubmedArticle>")
    wanted = [number for number, line in enumerate(lines, 1) if opening.search(line)]
    assert [record["line"] for record in parsed(stdin=SAMPLES[name].encode())] == wanted


@each_format
def test_a_format_is_recognised_by_itself_alone(name: str) -> None:
    detecting = {
        known
        for known, module in {**DIGESTS, "csv": TABLES["csv"]}.items()
        if importlib.import_module(module).detect(SAMPLES[name])
    }
    assert detecting == {name}


def test_all_forms_together_keep_each_paper_once(place: Path) -> None:
    for name, text in SAMPLES.items():
        (place / name).write_text(text, "utf-8")
    done = run("dedup", "--json", "-o", "out.jsonl", *SAMPLES)
    numbers = json.loads(done.out)
    assert (numbers["records"], numbers["kept"]) == (14, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", [each for each in SAMPLES if not each.endswith("xml")])
def test_encodings_and_line_ends(name: str, end: str, encoding: str) -> None:
    text = SAMPLES[name].replace(r"{\'E}", "É")
    done = run("parse", stdin=text.replace("\n", end).encode(encoding))
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["authors"][-1] for record in records] == ["Brandt, Émile", "Lim, Bo"]
    assert ("read as Windows-1252" in done.err) == (not encoding.startswith("utf-8"))


def test_xml_is_read_by_the_encoding_that_it_declares() -> None:
    text = ENDNOTE_XML.replace("UTF-8", "ISO-8859-1")
    assert parsed(stdin=text.encode("latin-1"))[0]["authors"][1] == "Brandt, Émile"


NOT_BIBLIOGRAPHIES = {
    "prose": "Title, abstract, and keywords, they say, matter.\n" * 5
    + "We, however, walked on, and on.\n" * 9,
    "readme": "# tool\n\nWrites RIS:\n\n```\nTY  - JOUR\nTI  - A title\nER  - \n```\n\nand\n\n```bibtex\n"
    + BIBTEX
    + "```\n",
    "code": 'def ris():\n    return """TY  - JOUR\nTI  - A title\nER  - """\n',
    "java": "/*\n * TY  - JOUR\n * TI  - A title\n * ER  -\n */\nclass A {}\n",
    "tex": "% A comment\n%T another\n\\documentclass{article}\n@article{a, title={B}}\n",
    "percent": "%A lone line\n\nSomething else altogether.\n",
    "log": "2025-01-01 10:00:00 INFO  - started\nAB  - odd\n" * 5,
    "mail": "From: a@example.org\nTo: b@example.org\nSubject: x\n\nPT J\nAU Me\n",
    "decorators": "@app.route('/')\n@typing.overload\ndef f(): ...\n",
    "javadoc": "@param {string} a, b = c\n@returns {string}\n",
    "xml": "<xml><records><record><a>1</a></record></records></xml>\n",
    "html": "<html><body><PubmedArticle/></body></html>",
}


@pytest.mark.parametrize("kind", NOT_BIBLIOGRAPHIES)
def test_what_is_no_bibliography_is_not_taken_for_one(kind: str) -> None:
    taken = [
        name for name in SAMPLES if importlib.import_module(DIGESTS[name]).detect(NOT_BIBLIOGRAPHIES[kind])
    ]
    assert taken == []


@pytest.mark.parametrize("name", [*SAMPLES, "csv"])
def test_from_on_what_is_not_is_an_error(name: str) -> None:
    for text in ("We walked, and on we went.\n" * 300, "Short.\n", "<html><body>Hello</body></html>"):
        done = run("parse", "--from", name, stdin=text.encode())
        assert (done.code, done.out) == (2, b""), text
        assert len(done.err.splitlines()) <= 4


def test_an_entry_that_is_cut_is_kept_and_told() -> None:
    done = run("parse", stdin=RIS[: RIS.index("T2  - Proc")].encode())
    assert [json.loads(line)["title"] for line in done.out.splitlines()][1] == "Folding maps without tears"
    assert "-:19: could not place 'TY': the text ends within this entry, before its ER" in done.err


class TestRis:
    def test_what_databases_put_between_entries_is_passed_over(self) -> None:
        text = (
            "Record #1 of 2\nProvider: Invented\nContent: text/plain\n\n1. \nTY  - JOUR\nID  - 7\nT1  - One\n"
        )
        text += "Y1  - 2018//\n"
        text += "N2  - Text.\nDO  - https://dx.doi.org/10.1/x\nER  -  \n\nLink to the Ovid Full Text or citation: https://example.org\n"
        text += "\n<2. >\nTY  - JOUR\nT1  - Two\nER  - \n"
        one, two = items("ris", text)
        assert isinstance(one, Paper)
        assert (one.title, one.extra["year"], one.extra["doi"], one.extra["ID"]) == (
            "One",
            2018,
            "10.1/x",
            "7",
        )
        assert isinstance(two, Paper)

    def test_what_stands_between_entries_is_told_with_its_line(self) -> None:
        _, left, two = items(
            "ris", "TY  - JOUR\nTI  - One\nER  - \n\nTI  - lost\nAU  - X\n\nTY  - JOUR\nTI  - Two\nER  - "
        )
        assert isinstance(left, Leftover)
        assert (left.line, left.text) == (5, "TI  - lost AU  - X")
        assert isinstance(two, Paper)

    def test_a_single_blank_before_the_dash(self) -> None:
        text = "TY - JOUR\nTI - One\nAB - A range of 3 - 4.\nOR - 1.2 is an odds ratio\nAU - X, Y\nER -\n\n"
        text += "TY - JOUR\nTI - Two\nER - \n"
        one, two = items("ris", text)
        assert isinstance(one, Paper)
        assert isinstance(two, Paper)
        assert one.extra["authors"] == ["X, Y"]

    def test_lines_that_look_like_tags_of_another_style_go_on(self) -> None:
        (one,) = items("ris", "TY  - JOUR\nTI  - One\nAB  - We report\nOR - 1.2 of all.\nER  - ")
        assert isinstance(one, Paper)
        assert one.abstract == "We report\nOR - 1.2 of all."

    def test_wrapped_lines_and_keywords_on_lines_of_their_own(self) -> None:
        text = (
            "TY  - JOUR\nTI  - A long title that goes on over the end of its line, as old\nexports have it\n"
        )
        text += "KW  - one\ntwo\nthree\nER  - \n"
        (paper,) = items("ris", text)
        assert isinstance(paper, Paper)
        assert paper.title == "A long title that goes on over the end of its line, as old exports have it"
        assert paper.extra["keywords"] == ["one", "two", "three"]

    def test_an_entry_without_end_ends_where_the_next_begins(self) -> None:
        found = items("ris", "TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n")
        assert [item.title for item in found if isinstance(item, Paper)] == ["One", "Two"]

    def test_repeated_and_competing_tags_are_all_kept(self) -> None:
        (paper,) = items(
            "ris",
            "TY  - JOUR\nTI  - One\nT1  - Uno\nPY  - 2014/05/11/\nJF  - Long\nJO  - Sh\nM1  - a\nM1  - b\nER  -",
        )
        assert isinstance(paper, Paper)
        kept = {field: paper.extra[field] for field in ("T1", "year", "published", "venue", "JO", "M1")}
        assert kept == {
            "T1": "Uno",
            "year": 2014,
            "published": "2014-05-11",
            "venue": "Long",
            "JO": "Sh",
            "M1": ["a", "b"],
        }

    @pytest.mark.parametrize("nothing", ["NA", "N/A", "null", ""])
    def test_what_says_that_there_is_no_abstract_is_none(self, nothing: str) -> None:
        (paper,) = items("ris", f"TY  - JOUR\nTI  - One\nAB  - {nothing}\nER  -")
        assert isinstance(paper, Paper)
        assert paper.abstract == ""

    def test_markup_of_publishers_is_no_part_of_a_title(self) -> None:
        (paper,) = items(
            "ris", "TY  - JOUR\nTI  - H<sub>2</sub>O &amp; <i>E. coli</i> where p < 0.05 > q\nER  -"
        )
        assert isinstance(paper, Paper)
        assert paper.title == "H2O & E. coli where p < 0.05 > q"


class TestBibtex:
    def test_one_broken_entry_takes_no_other_along(self) -> None:
        text = "@misc{a, title = {Broken, year = 2000\n@misc{b, title = {Whole}}\n@misc{c, 7 8 9, title = {Odd}}\n"
        found = items("bibtex", text)
        assert [item.title for item in found if isinstance(item, Paper)][1:] == ["Whole", "Odd"]
        assert [item.line for item in found if isinstance(item, Leftover)] == [1, 3]

    def test_entries_of_one_key_and_one_line_are_all_kept(self) -> None:
        found = items("bibtex", "@misc{k, title={One}} @misc{k, title={Two}}\n@misc{k, title={Three}}")
        assert [item.title for item in found if isinstance(item, Paper)] == ["One", "Two", "Three"]

    def test_values_in_all_their_forms(self) -> None:
        text = '@string{J = "Journal"}\n@article{k, title = "A {"}quoted{"} " # {title}, journal = j # " of " # {X},\n'
        text += "year = {2001}, author = {Ab, C and {Society and Friends} and others}, title = {Again}}"
        (paper,) = items("bibtex", text)
        assert isinstance(paper, Paper)
        assert (paper.title, paper.extra["venue"]) == ('A "quoted" title', "Journal of X")
        assert paper.extra["authors"] == ["Ab, C", "Society and Friends"]
        assert paper.extra["title" if "title" in paper.extra else "bibtex_title"] == "Again"

    @pytest.mark.parametrize(
        ("written", "plain"),
        [
            (r"{\"O}zg{\"u}r G{\"u}l{\c c}ehre", "Özgür Gülçehre"),
            (
                r"Erd{\H{o}}s, \v{S}koda, {\L}ukasz, na{\"\i}ve, \r{A}, \k{a}",
                "Erdős, Škoda, Łukasz, naïve, Å, ą",
            ),
            (r"Stra{\ss}e and \O re, \aa", "Straße and Øre, å"),
            (r"{DNA} of {E. coli} \textit{in vivo} {\em now}", "DNA of E. coli in vivo now"),
            (r"50\% of \$3 \& more~here -- now --- ``so''", "50% of $3 & more here – now — “so”"),
            (
                r"Bounds of $\alpha_{1} \le {x}$ and $\tilde{O}(n)$",
                r"Bounds of $\alpha_{1} \le {x}$ and $\tilde{O}(n)$",
            ),
            (r"\unknown{x} stays", r"\unknownx stays"),
            ("Nothing to do", "Nothing to do"),
        ],
    )
    def test_latex_becomes_letters_and_formulas_stay(self, written: str, plain: str) -> None:
        assert latex.plain(written) == plain

    def test_arxiv_papers_carry_their_number(self) -> None:
        (paper,) = items(
            "bibtex", "@misc{k, title={T}, eprint={2401.01234}, archivePrefix={arXiv}, primaryClass={cs.CL}}"
        )
        assert isinstance(paper, Paper)
        assert paper.extra["arxiv"] == "2401.01234"


class TestMedline:
    def test_other_orders_and_spaces(self) -> None:
        text = "1: \nPMC - PMC7\nPMID-123\nTI  - One\nAB  - \nOAB - Publisher: Abstract available from the publisher.\n"
        text += "AID - S1 [pii]\nAID - 10.1/x [doi]\nPMID- 124\nBTI - A book\n"
        one, two = items("medline", text)
        assert isinstance(one, Paper) and isinstance(two, Paper)
        assert (one.extra["pmid"], one.extra["pmcid"], one.abstract, one.extra["doi"]) == (
            "123",
            "PMC7",
            "",
            "10.1/x",
        )
        assert (one.extra["AID"], two.title) == ("S1 [pii]", "A book")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><PubmedArticleSet></PubmedArticleSet>',
            "entity 'a'",
        ),
        (
            "<PubmedArticleSet><PubmedArticle>" + "<a>" * 500 + "</PubmedArticle></PubmedArticleSet>",
            "nests deeper",
        ),
        ("<PubmedArticleSet><PubmedArticle></b></PubmedArticleSet>", "mismatched tag"),
    ],
)
def test_hostile_xml_is_refused_by_name(text: str, what: str) -> None:
    done = run("parse", stdin=text.encode())
    assert done.code == 2
    assert re.match(rf"-:1: .*{what}", done.err)


WORD = st.text("abcdefghij ÄÖüéß,.;:-()'0123456789", min_size=1, max_size=60).map(
    lambda text: " ".join(text.split())
)
PLAIN = WORD.filter(bool)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "title": PLAIN,
            "abstract": PLAIN,
            "authors": st.lists(PLAIN, min_size=1, max_size=4),
            "year": st.integers(1900, 2099),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(ENTRIES)
def test_ris_is_read_as_rispy_reads_it(entries: list[dict[str, Any]]) -> None:
    text = rispy.dumps(
        [{"type_of_reference": "JOUR", **entry, "year": str(entry["year"])} for entry in entries]
    )
    ours = items("ris", text)
    theirs = rispy.loads(text)
    assert all(isinstance(item, Paper) for item in ours)
    assert [
        (p.title, p.abstract, p.extra["authors"], str(p.extra["year"])) for p in ours if isinstance(p, Paper)
    ] == [(each["title"], each["abstract"], each["authors"], each["year"]) for each in theirs]


@given(ENTRIES)
def test_bibtex_is_read_as_bibtexparser_reads_it(entries: list[dict[str, Any]]) -> None:
    text = "\n".join(
        f"@article{{key{at},\n  title = {{{entry['title']}}},\n  abstract = {{{entry['abstract']}}},\n"
        f"  year = {entry['year']}\n}}"
        for at, entry in enumerate(entries)
    )
    ours = [item for item in items("bibtex", text) if isinstance(item, Paper)]
    theirs = bibtexparser.loads(text).entries
    assert [(p.title, p.abstract, str(p.extra["year"])) for p in ours] == [
        tuple(latex.plain(each[field]) for field in ("title", "abstract", "year")) for each in theirs
    ]


@pytest.mark.skipif(not KEPT.is_dir(), reason="the shared data are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "mark"),
    [
        ("embase.ris", r"\A(?:\ufeff)?TY  - |^TY  - "),
        ("endnote.txt", r"^TY  - "),
        ("web_of_science.txt", r"^TY  - "),
        ("medline.txt", r"^PMID- "),
        ("wos.ris", r"^PT "),
    ],
)
def test_kept_files_are_read_whole(file: str, mark: str) -> None:
    text = (KEPT / file).read_text("utf-8")
    done = run("parse", str(KEPT / file))
    records = [json.loads(line) for line in done.out.splitlines()]
    assert len(records) == len(re.findall(mark, text, re.MULTILINE)) > 0
    assert "could not place" not in done.err
    assert all(record["title"] and record["authors"] and 1900 < record["year"] < 2100 for record in records)
    if file == "embase.ris":
        done = run("parse", "-q", str(KEPT / "embase.csv"))
        rows = [json.loads(line) for line in done.out.splitlines()]
        assert [(row["title"], row["abstract"]) for row in rows] == [
            (record["title"], record["abstract"]) for record in records
        ]


HOSTILE = {
    "braces": lambda n: "@a{k,title={" + "{" * n,
    "closed": lambda n: "@a{k,title={" + "}" * n,
    "quotes": lambda n: '@a{k,title="' + '{"' * n,
    "fields": lambda n: "@a{k," + "x " * n + "}",
    "commas": lambda n: "@a{k," + "," * n + "=}",
    "key": lambda n: "@a{" + " " * n + "x",
    "and": lambda n: "@a{k,author={" + "a and " * n + "}}",
    "dollars": lambda n: "@a{k,title={" + "$" * n + "}}",
    "accents": lambda n: "@a{k,title={" + "\\'" * n + " " * n + "}}",
    "entries": lambda n: "@a{k,title={x}} " * (n // 16),
    "tag": lambda n: "TY  - JOUR\nTI  - " + "<i " * n,
    "blanks": lambda n: "1" + " " * n + "x",
    "at": lambda n: "@" * n,
    "lines": lambda n: "TY  - JOUR\n" + "\n".join("x" for _ in range(n // 2)),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", ["ris", "bibtex", "medline", "endnote", "web-of-science"])
def test_time_grows_with_the_text(kind: str, name: str) -> None:
    """Four times the text takes nowhere near sixteen times as long; the floor keeps the clock's grain out of it."""
    module = importlib.import_module(DIGESTS[name])

    def seconds(size: int) -> float:
        text = HOSTILE[kind](size)
        begun = time.process_time()
        module.detect(text[:65536])
        with suppress(InputError):
            list(module.parse(text.split("\n")))
        return time.process_time() - begun

    assert seconds(160_000) < 10 * seconds(40_000) + 0.3
