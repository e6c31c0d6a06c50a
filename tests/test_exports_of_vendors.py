"""One paper as databases, managers and APIs export it: title, abstract, names, year and place are right in each."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from running import run

from corpus_tool.sources.bibliography import pages, published, without_notice
from corpus_tool.sources.json_paper import paper_of
from corpus_tool.sources.printed_source import published_in

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "Snail trails as a clock: a randomised study"
ABSTRACT = "Background: We time snails in wet gardens. Results: trails dry in forty minutes."
VENUE, DOI = "Annals of Slow Motion", "10.5555/snail.12"
NAMES = "Okafor, Ada; Brandt, Émile"
PLACED = {"year": 2015, "venue": VENUE, "volume": "12", "issue": "3", "pages": "41-57"}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def parsed(text: str, encoding: str = "utf-8") -> dict[str, Any]:
    done = run("parse", "--source-name", "export", stdin=text.encode(encoding))
    assert done.code == 0, done.err
    (record,) = map(json.loads, done.out.splitlines())
    assert (record["title"].removesuffix("."), record.get("source")) == (TITLE, "export")
    assert isinstance(record, dict)
    return record


def table(heads: str, cells: dict[str, str], mark: str = ",", preamble: str = "") -> str:
    names = heads.split("|")
    assert set(cells) <= set(names)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=mark)
    writer.writerow(names)
    writer.writerow([cells.get(name, "") for name in names])
    return preamble + text.getvalue()


TABLES = {
    "Scopus": (
        "Authors|Author full names|Author(s) ID|Title|Year|Source title|Volume|Issue|Art. No.|Page start|Page end|"
        "Page count|Cited by|DOI|Link|Abstract|Document Type|Publication Stage|Open Access|Source|EID",
        {"Authors": NAMES, "Title": TITLE, "Year": "2015", "Source title": VENUE, "Volume": "12", "Issue": "3",
         "Page start": "41", "Page end": "57", "DOI": DOI, "Abstract": ABSTRACT, "Source": "Scopus"},
    ),
    "EBSCO": (
        "Article Title|Author|Journal Title|ISSN|ISBN|Publication Date|Volume|Issue|First Page|Page Count|"
        "Accession Number|DOI|Publisher|Doctype|Subjects|Keywords|Abstract|PLink",
        {"Article Title": TITLE, "Author": NAMES, "Journal Title": VENUE, "Publication Date": "20150301",
         "Volume": "12", "Issue": "3", "First Page": "41", "Page Count": "17", "DOI": DOI, "Abstract": ABSTRACT},
    ),
    "EBSCO's new search": (
        "title|abstract|subjects|publicationDate|contributors|source|doi|language|docTypes|volume|issue|pageStart|"
        "pageEnd|issns|publisher|an|plink",
        {"title": TITLE, "abstract": ABSTRACT, "publicationDate": "Mar2015", "contributors": NAMES, "source": VENUE,
         "doi": DOI, "volume": "12", "issue": "3", "pageStart": "41", "pageEnd": "57"},
    ),
    "Cochrane": (
        "Cochrane ID|Author(s)|Title|Source|Year|Abstract|Volume|Issue|Pages|PubMed ID|Embase ID|Publisher|ISSN|"
        "Keywords|DOI|URL|Publication Type",
        {"Author(s)": NAMES, "Title": TITLE, "Source": VENUE, "Year": "2015", "Abstract": ABSTRACT, "Volume": "12",
         "Issue": "3", "Pages": "41\u201057", "PubMed ID": "PUBMED 90000001", "DOI": DOI},
    ),
    "Publish or Perish": (
        "Cites|Authors|Title|Year|Source|Publisher|ArticleURL|GSRank|Type|DOI|ISSN|Volume|Issue|StartPage|EndPage|Abstract",
        {"Authors": NAMES, "Title": TITLE, "Year": "2015", "Source": VENUE, "DOI": DOI, "Volume": "12", "Issue": "3",
         "StartPage": "41", "EndPage": "57", "Abstract": ABSTRACT},
    ),
    "OpenAlex": (
        "id|doi|display_name|publication_year|publication_date|primary_location.source.display_name|type|"
        "authorships.author.display_name|biblio.volume|biblio.issue|biblio.first_page|biblio.last_page|abstract",
        {"doi": f"https://doi.org/{DOI}", "display_name": TITLE, "publication_year": "2015",
         "primary_location.source.display_name": VENUE, "authorships.author.display_name": "Okafor, Ada|Brandt, Émile",
         "biblio.volume": "12", "biblio.issue": "3", "biblio.first_page": "41", "biblio.last_page": "57",
         "abstract": ABSTRACT},
    ),
    "ProQuest": (
        "Title|Abstract|StoreId|ArticleType|Authors|copyright|documentType|issn|issue|language|pages|pubdate|pubtitle|"
        "year|DocumentURL|startPage|volume|digitalObjectIdentifier",
        {"Title": TITLE, "Abstract": ABSTRACT, "Authors": NAMES, "issue": "3", "pages": "41-57", "pubdate": "Mar 2015",
         "pubtitle": VENUE, "year": "2015", "volume": "12", "digitalObjectIdentifier": DOI},
    ),
    "Lens": (
        "Lens ID|Title|Date Published|Publication Year|Publication Type|Source Title|ISSNs|Publisher|Author/s|Abstract|"
        "Volume|Issue Number|Start Page|End Page|Fields of Study|PMID|DOI",
        {"Title": TITLE, "Date Published": "2015-03-01", "Publication Year": "2015", "Source Title": VENUE,
         "Author/s": NAMES, "Abstract": ABSTRACT, "Volume": "12", "Issue Number": "3", "Start Page": "41",
         "End Page": "57", "DOI": DOI},
    ),
    "CNKI": (
        "题名|作者|单位|文献来源|关键词|摘要|发表时间|卷|期|页码|DOI",
        {"题名": TITLE, "作者": NAMES, "文献来源": VENUE, "摘要": ABSTRACT, "发表时间": "2015-03-01", "卷": "12",
         "期": "3", "页码": "41-57", "DOI": DOI},
    ),
    "Embase, one string": (
        "Title|Original Title|Author Names|Correspondence Address|Editors|Source|Abstract|Emtree Drug Index Terms|DOI",
        {"Title": TITLE, "Author Names": NAMES, "Abstract": ABSTRACT, "DOI": DOI,
         "Source": f"{VENUE}. 12 (3) (pp 41-57), 2015. Date of Publication: 2015."},
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", TABLES)
def test_tables(form: str) -> None:
    record = parsed(table(*TABLES[form]))
    assert record["abstract"] == ABSTRACT
    assert {name: record.get(name) for name in PLACED} == PLACED
    assert (record["authors"], record["doi"]) == (NAMES, DOI)


def test_a_table_of_one_row_is_no_list_of_titles() -> None:
    heads, cells = TABLES["Cochrane"]
    for mark, encoding in ((";", "utf-8-sig"), ("\t", "utf-16"), (",", "cp1252")):
        record = parsed(table(heads, {**cells, "Pages": "41-57"}, mark), encoding)
        assert (record["venue"], record["pages"], record["pmid"]) == (VENUE, "41-57", "90000001")


def test_a_source_that_is_no_venue_stays_what_it_is() -> None:
    for heads, name in (
        ("title|abstract|source|year", "source"),
        ("Title|Abstract|Year|Journal|Volume|Source", "Source"),
        ("title|abstract|volume|source|line", "source"),
    ):
        cells = dict.fromkeys(heads.split("|"), "7") | {heads.split("|")[0]: TITLE, name: "arXiv"}
        done = run("parse", stdin=table(heads, cells).encode())
        (record,) = map(json.loads, done.out.splitlines())
        assert record[name] == "arXiv"
        assert record.get("venue") != "arXiv"


@pytest.mark.parametrize(
    "whence", ["https://a.example/x", "days/mon.txt", "mon.csv", "Web of Science", "arXiv", "3"]
)
def test_whence_a_row_comes_is_no_venue(whence: str) -> None:
    done = run(
        "parse",
        stdin=table("title|text|volume|source", {"title": TITLE, "volume": "3", "source": whence}).encode(),
    )
    (record,) = map(json.loads, done.out.splitlines())
    assert (record["source"], "venue" in record) == (whence, False)


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        (f"{VENUE} (2015) 12:3 (41-57). Date of Publication: 1 Mar 2015", PLACED),
        (f"{VENUE}. 12 (3) (pp 41-57), 2015. Date of Publication: March 2015.", PLACED),
        (f"{VENUE}. 12(3) (p 41–57), 2015.", PLACED),
        (f"{VENUE}. Conference: 5th Meeting on Snails. Lagos Nigeria. 12 (3) (pp 41-57), 2015.", PLACED),
        (f"{VENUE}. 12(3):41-57, 2015 Mar 01.", PLACED),
        (f"{VENUE}. 2015 Mar;12(3):41-57. doi: 10.5555/x. Epub 2014 Dec 1.", PLACED),
        ("J Slow (2001). 2015 Jan 3;47 Suppl 2:e12-e14.", {"venue": "J Slow (2001)", "volume": "47 Suppl 2",
                                                          "pages": "e12-e14", "year": 2015}),
        ("Slow (2013) 12 SUPPL. 1 (S25). Date of Publication: 2013",
         {"venue": "Slow", "year": 2013, "volume": "12", "issue": "SUPPL. 1", "pages": "S25"}),
        ("Prilozi (Oddelenie. Nauki). 36 (3) (no pagination), 2015. Article Number: 9.",
         {"venue": "Prilozi (Oddelenie. Nauki)", "volume": "36", "issue": "3", "year": 2015}),
        ("arXiv", {}), ("J Slow (2001)", {}), ("Annals of Maps, volume 3", {}), ("", {}), ("x. " * 2000, {}),
    ],
)  # fmt: skip
def test_a_source_in_one_string(printed: str, wanted: dict[str, Any]) -> None:
    assert published_in(printed) == {name: str(value) for name, value in wanted.items()}


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [("41 – 57", "41-57"), ("41 - 57", "41-57"), ("S1-S9", "S1-S9"), ("pp. 41\u221257", "41-57")],
)
def test_pages(printed: str, wanted: str) -> None:
    assert pages(printed) == wanted


def test_dates_and_notices() -> None:
    assert [published(each) for each in ("20150301", "2015/03/01/", "Mar2015", "20151345")] == [
        "2015-03-01", "2015-03-01", "Mar2015", "20151345",
    ]  # fmt: skip
    for notice in (
        "[No abstract available]",
        "No abstract available.",
        "NA",
        "Abstract not available",
        "null",
    ):
        assert without_notice(notice) == ""
    assert without_notice("No abstract can say it.") == "No abstract can say it."


RIS = {
    "EBSCO": "JF  - {v}\nY1  - 20150301\nL3  - {d}\nN1  - Accession Number: 1; Mar2015\nAB  - {a}",
    "PsycNET": "JF  - {v}\nJA  - Ann Slow\nY1  - 2015\nM3  - doi:{d}\nN2  - {a}",
    "an address": "T2  - {v}\nPY  - 2015\nDA  - 2015/03/01/\nUR  - https://doi.org/{d}\nAB  - {a}",
    "ProQuest": "JF  - {v}\nDA  - Mar2015\nDO  - http://dx.doi.org/{d}\nAN  - 160; PQ\nN2  - {a}",
}


@pytest.mark.parametrize("form", RIS)
def test_ris(form: str) -> None:
    rest = RIS[form].format(v=VENUE, d=DOI, a=ABSTRACT)
    text = (
        f"TY  - JOUR\nT1  - {TITLE}\nAU  - Okafor, Ada\nAU  - Brandt, Émile\n{rest}\n"
        "VL  - 12\nIS  - 3\nSP  - 41\nEP  - 57\nER  - \n"
    )
    record = parsed(text)
    assert {name: record.get(name) for name in PLACED} == PLACED
    assert (record["abstract"], record["doi"]) == (ABSTRACT, DOI)
    assert record["authors"] == NAMES.split("; ")


PEOPLE = [{"first_name": "Ada", "last_name": "Okafor"}, {"first_name": "Émile", "last_name": "Brandt"}]
JSON: dict[str, Any] = {
    "Crossref": {"message": {"items": [{
        "title": [TITLE], "abstract": f"<jats:p>{ABSTRACT}</jats:p>", "DOI": DOI, "container-title": [VENUE],
        "author": [{"given": "Ada", "family": "Okafor"}, {"given": "Émile", "family": "Brandt"}], "page": "41-57",
        "volume": "12", "issue": "3", "issued": {"date-parts": [[2015, 3]]},
        "created": {"date-parts": [[2014, 12, 30]]}}]}},
    "OpenAlex": {"results": [{
        "id": "https://openalex.org/W1", "display_name": TITLE, "doi": f"https://doi.org/{DOI}",
        "publication_year": 2015, "primary_location": {"source": {"display_name": VENUE}},
        "biblio": {"volume": "12", "issue": "3", "first_page": "41", "last_page": "57"},
        "authorships": [{"author": {"display_name": "Ada Okafor"}}, {"author": {"display_name": "Émile Brandt"}}],
        "abstract_inverted_index": {word: [at] for at, word in enumerate(ABSTRACT.split())} | {"in": [4, 10]}}]},
    "Europe PMC": {"resultList": {"result": [{
        "title": f"{TITLE}.", "doi": DOI, "authorString": "Ada Okafor, Émile Brandt.", "pageInfo": "41-57",
        "abstractText": ABSTRACT, "journalInfo": {"volume": "12", "issue": "3", "yearOfPublication": 2015,
                                                  "journal": {"title": VENUE}}}]}},
    "Semantic Scholar": {"data": [{
        "paperId": "a", "title": TITLE, "abstract": ABSTRACT, "year": 2015, "venue": VENUE,
        "externalIds": {"DOI": DOI}, "journal": {"name": VENUE, "volume": "12 3", "pages": "\n   41-57\n "},
        "authors": [{"name": "Ada Okafor"}, {"name": "Émile Brandt"}]}]},
    "Lens": {"data": [{
        "lens_id": "1", "title": TITLE, "abstract": ABSTRACT, "year_published": 2015, "source": {"title": VENUE},
        "volume": "12", "issue": "3", "start_page": "41", "end_page": "57", "authors": PEOPLE,
        "external_ids": [{"type": "pmid", "value": "9"}, {"type": "doi", "value": DOI}]}]},
    "Springer": {"records": [{
        "title": TITLE, "abstract": ABSTRACT, "doi": DOI, "publicationName": VENUE, "publicationDate": "2015-03-01",
        "volume": "12", "number": "3", "startingPage": "41", "endingPage": "57",
        "creators": [{"creator": "Ada Okafor"}, {"creator": "Émile Brandt"}]}]},
    "IEEE": {"articles": [{
        "title": TITLE, "abstract": ABSTRACT, "doi": DOI, "publication_title": VENUE, "publication_year": 2015,
        "volume": "12", "issue": "3", "start_page": "41", "end_page": "57",
        "authors": {"authors": [{"full_name": "Ada Okafor"}, {"full_name": "Émile Brandt"}]}}]},
    "Scopus": {"search-results": {"entry": [{
        "dc:title": TITLE, "dc:description": ABSTRACT, "prism:doi": DOI, "prism:publicationName": VENUE,
        "prism:volume": "12", "prism:issueIdentifier": "3", "prism:pageRange": "41-57",
        "prism:coverDate": "2015-03-01", "author": [{"authname": "Ada Okafor"}, {"authname": "Émile Brandt"}]}]}},
    "DOAJ": {"results": [{"bibjson": {
        "title": TITLE, "abstract": ABSTRACT, "year": "2015", "start_page": "41", "end_page": "57",
        "journal": {"title": VENUE, "volume": "12", "number": "3"}, "identifier": [{"id": DOI, "type": "doi"}],
        "author": [{"name": "Ada Okafor"}, {"name": "Émile Brandt"}]}}]},
    "INSPIRE": {"hits": {"hits": [{"metadata": {
        "titles": [{"title": TITLE}], "abstracts": [{"value": ABSTRACT}], "dois": [{"value": DOI}],
        "authors": [{"full_name": "Ada Okafor"}, {"full_name": "Émile Brandt"}],
        "publication_info": [{"journal_title": VENUE, "journal_volume": "12", "journal_issue": "3",
                              "page_start": "41", "page_end": "57", "year": 2015}]}}]}},
    "DataCite": {"data": [{"attributes": {
        "titles": [{"title": TITLE}], "descriptions": [{"description": ABSTRACT}], "doi": DOI,
        "creators": [{"name": "Ada Okafor"}, {"name": "Émile Brandt"}], "publicationYear": 2015,
        "container": {"title": VENUE, "volume": "12", "issue": "3", "firstPage": "41", "lastPage": "57"}}}]},
}  # fmt: skip


@pytest.mark.parametrize("form", JSON)
def test_json(form: str) -> None:
    record = parsed(json.dumps(JSON[form], indent=1, ensure_ascii=False))
    assert record["abstract"] == ABSTRACT
    found = {name: record.get(name) for name in PLACED} | {"year": int(record["year"])}
    assert found == PLACED
    assert (record["authors"], record["doi"]) == (["Ada Okafor", "Émile Brandt"], DOI)


def test_the_day_of_registration_is_no_date_of_publication() -> None:
    paper = paper_of(JSON["Crossref"]["message"]["items"][0], 1)
    assert paper is not None
    assert (paper.extra.get("published"), paper.extra["year"]) == (None, 2015)


def test_a_posting_without_a_place_has_no_year_of_publication() -> None:
    paper = paper_of({"title": TITLE, "abstract": ABSTRACT, "authors": ["A B"], "published": "2015-03-01"}, 1)
    assert paper is not None
    assert paper.extra == {"authors": ["A B"], "published": "2015-03-01"}


EUROPE_PMC = f"""<?xml version="1.0" encoding="UTF-8"?><responseWrapper><hitCount>1</hitCount><resultList><result>
<id>9</id><source>MED</source><pmid>9</pmid><doi>{DOI}</doi><title>{TITLE}.</title>
<authorString>Okafor A, Brandt É.</authorString>%s<chemicalList><chemical><name>water</name></chemical></chemicalList>
<pubYear>2015</pubYear><pageInfo>41-57</pageInfo><abstractText>{ABSTRACT}</abstractText></result></resultList>
</responseWrapper>"""


def test_xml_of_europe_pmc() -> None:
    whole = (
        "<authorList><author><fullName>Okafor A</fullName><lastName>Okafor</lastName></author><author>"
        "<collectiveName>The Snail Group</collectiveName></author></authorList><journalInfo><issue>3</issue>"
        f"<volume>12</volume><journal><title>{VENUE}</title><issn>1</issn></journal></journalInfo>"
    )
    brief = f"<journalTitle>{VENUE}</journalTitle><issue>3</issue><journalVolume>12</journalVolume>"
    for inside, names in ((whole, ["Okafor A", "The Snail Group"]), (brief, ["Okafor A", "Brandt É"])):
        record = parsed(EUROPE_PMC % inside)
        assert {name: record.get(name) for name in PLACED} == PLACED
        assert (record["authors"], record["doi"], record["pmid"]) == (names, DOI, "9")
        assert record["chemical.name"] == "water"
    empty = run("parse", stdin=b"<responseWrapper><hitCount>0</hitCount><resultList/></responseWrapper>")
    assert (empty.code, empty.out) == (0, b"")


REFWORKS = f"""RT Journal Article
SR Electronic(1)
A1 Okafor, Ada
A1 Brandt, Émile
T1 {TITLE}
YR 2015
JF {VENUE}
VO 12
IS 3
SP 41
OP 57
AB {ABSTRACT}
DO {DOI}
"""


def test_refworks() -> None:
    cnki = REFWORKS.replace("A1 Okafor, Ada\nA1 Brandt, Émile", "A1 Okafor, Ada;Brandt, Émile;")
    cnki = cnki.replace("VO 12", "vo 12").replace("SP 41\nOP 57", "OP 41-57")
    for text in (REFWORKS, cnki, REFWORKS.replace("\n", "\r\n")):
        record = parsed(text)
        assert {name: record.get(name) for name in PLACED} == PLACED
        assert (record["authors"], record["doi"]) == (NAMES.split("; "), DOI)
    done = run("parse", stdin=(REFWORKS + "\n" + REFWORKS.replace(TITLE, "Folding maps")).encode())
    assert done.out.count(b"\n") == 2
    assert run("parse", stdin=b"RT @someone: read this\n\nIt is good.\n").code == 2


OVID = f"""<1. >
VN  - Ovid Technologies
DB  - Embase
TI  - {TITLE}.
AU  - Okafor A.
SO  - {VENUE}. 12 (3) (pp 41-57), 2015. Date of Publication: 2015.
AB  - {ABSTRACT}
"""
ROWS = f'"TITLE","{TITLE}"\n"AUTHOR NAMES","Okafor A.","Brandt É."\n"SOURCE","%s"\n"ABSTRACT","{ABSTRACT}"\n'


def test_sources_of_ovid_and_of_embase_by_rows() -> None:
    for text in (
        OVID,
        OVID.replace("12 (3) (pp 41-57), 2015. Date of Publication: 2015", "12(3):41-57, 2015 Mar"),
        ROWS % f"{VENUE} (2015) 12:3 (41-57). Date of Publication: 2015",
        ROWS % f"{VENUE}. 12 (3) (pp 41-57), 2015.",
    ):
        record = parsed(text)
        assert {name: record.get(name) for name in PLACED} == PLACED
