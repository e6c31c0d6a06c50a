"""Damaged metadata is missing metadata: placeholders, dates for pages, notices for abstracts, servers for venues, and
identifiers as people's files have them.

Each kind in several forms; what is damaged must not part two records of one paper, and what says nothing must not join
two papers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from corpus_tool.lines.lines import Lines
from corpus_tool.papers.damage import repaired
from corpus_tool.papers.extract import read_papers
from corpus_tool.papers.fields import PaperFields, paper_fields
from corpus_tool.papers.identifiers import VERSIONS, clean_doi, doi_mark, review_update
from corpus_tool.papers.layout import text_at
from corpus_tool.papers.notices import RIGHTS_SIGNS, own_words
from corpus_tool.papers.places import DOUBTFUL, issue_mark, page_range
from corpus_tool.papers.reference import score

PROSE = (
    "We followed 412 adults with mild hypertension for three years and compared two reminders for taking tablets. "
    "Adherence was higher with messages than with letters, and blood pressure fell by 4 mm Hg more. The effect was "
    "largest in people who lived alone."
)
PAPER: dict[str, Any] = {
    "title": "Two reminders for taking tablets in mild hypertension",
    "abstract": PROSE,
    "authors": "Okafor, Maria; Lindqvist, Jens",
    "year": 2018,
    "journal": "Journal of Primary Care",
    "volume": "12",
    "pages": "101-110",
}
BARE = {name: value for name, value in PAPER.items() if name != "abstract"}


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return score(left, right).duplicate


PLACEHOLDERS = [
    "nan", "NaN", "None", "null", "NULL", "N/A", "n.a.", "#N/A", "<NA>", "-", "--", "\u2014", "?", "unknown",
    "[unknown]",
    "Not available", "not applicable", "[no author]", "No authors listed", "[No authors listed]", "Anonymous", "anon.",
    "Unbekannt", "Anonyme", "desconocido", "佚名", " nan ",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_nobody(value: str) -> None:
    for authors in (value, [value], [{"name": value}]):
        assert paper_fields({**PAPER, "authors": authors}).authors == ""
    assert same(PAPER, {**PAPER, "authors": value})
    assert same(BARE, {**BARE, "authors": value})


@pytest.mark.parametrize("value", ["nan", "None", "n/a", "-", "unknown", "null", "."])
@pytest.mark.parametrize("field", ["journal", "volume", "pages", "year", "doi", "issue", "abstract", "title"])
def test_a_placeholder_is_no_value_of_any_field(field: str, value: str) -> None:
    without = {name: known for name, known in PAPER.items() if name != field}
    assert paper_fields({**PAPER, field: value}) == paper_fields(without)


@pytest.mark.parametrize(
    "text",
    [
        "Müller, Jörg",
        "d’Alembert – “a note”",
        "Иванов, Сергей",
        "α-synuclein at 37 °C",
        "Muñoz et al. ©",
        "naïve café",
        "王伟",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_mojibake_is_read_again(text: str, encoding: str) -> None:
    def misread(right: str) -> str:
        return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in right.encode())

    assert repaired(misread(text)) == text
    assert repaired(misread(misread(text))) == text
    assert repaired(text) == text
    assert paper_fields({"title": misread(text), "authors": [misread(text)]}) == PaperFields(
        text, authors=text
    )


def test_what_only_looks_like_mojibake_stays() -> None:
    for text in ("SÃO PAULO", "âme", "Ã", "Ñandú", "Âge d’or", "Ðức", "50 Â", "Île-de-France"):
        assert repaired(text) == text


def test_real_names_are_no_placeholders() -> None:
    for name in ("Nan, Li", "Noné, A.", "Null, Karl", "Unknown Pleasures Consortium", "Missing, S."):
        assert paper_fields({"authors": name}).authors == name
    assert paper_fields({"title": "Anonymous"}).title == "Anonymous"


@pytest.mark.parametrize("title", ["nan", "Untitled", "[No title]", "-", "Unknown", "Anonymous", "Editorial"])
@pytest.mark.parametrize(
    "abstract", [PROSE, "n/a", "No abstract available.", PROSE + " (C) 2019 Elsevier. All rights reserved."]
)
def test_lines_are_read_as_records_are(title: str, abstract: str) -> None:
    record = {"title": title, "abstract": abstract}
    texts = read_papers(Lines.joined([json.dumps(record).encode()] * 2)).texts
    paper = paper_fields(record)
    assert [text_at(texts.titles, 1).decode(), text_at(texts.abstracts, 1).decode()] == [
        paper.title,
        paper.abstract,
    ]


@pytest.mark.parametrize(
    "pages",
    [
        "2018",
        "May",
        "13-May",
        "May-13",
        "13-Nov-18",
        "2010-11-01",
        "2010-11-01 00:00:00",
        "11/1/2010",
        "01.11.2010",
        "Nov 2018",
    ]
    + ["n/a", "no pagination", "in press", "[Epub ahead of print]", "Jan-02"],
)
def test_a_date_is_no_page(pages: str) -> None:
    assert same(PAPER, {**PAPER, "pages": pages})
    found = score(BARE, {**BARE, "pages": pages})
    assert not {step.name: step.value for step in found.contributions}["pages_differ"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("682-9", "pp. 682\u2013689."),
        ("682-689", "0682--0689"),
        ("1-10", "01-Oct"),
        ("1-10", "2010-10-01"),
        ("3-7", "Mar-07"),
        ("S12-S19", "S12-9"),
        ("S12-S19", "12-19"),
        ("e34", "34"),
        ("E1000123", "e1000123"),
        ("xii-xv", "XII\u2013XV"),
        ("iv", "IV"),
        ("101-110", "12(3):101-10"),
        ("101-110", "p101-p110"),
        ("101-110", "Seiten 101-110"),
        ("101-110", "101~110"),
    ],
)
def test_pages_written_otherwise_are_equal(left: str, right: str) -> None:
    one, other = (page_range(pages) for pages in (left, right))
    assert one[0]
    assert [page | DOUBTFUL for page in one] == [page | DOUBTFUL for page in other]


def test_pages_that_differ() -> None:
    assert page_range("xii-xv") != page_range("12-15")
    assert page_range("1273.e1-9")[0] == page_range("1273")[0]
    assert page_range("2018", 2018) == (0, 0)
    assert page_range("2018-2024", 2018)[0] == page_range("2018-24")[0]
    assert not page_range("1950-1957", 1950)[0] & DOUBTFUL
    assert page_range("c1")[0] == page_range("1")[0]
    assert page_range("mix") == page_range("civil") == (0, 0)


def test_issues() -> None:
    assert issue_mark("3") == issue_mark("03") == issue_mark("", "12(3)") == issue_mark("", "Vol. 12, No. 3")
    assert issue_mark("Suppl 1") == issue_mark("1")
    assert (
        issue_mark("")
        == issue_mark("", "12")
        == issue_mark("in press")
        == issue_mark("Online ahead of print")
        == 0
    )
    assert paper_fields({"number": 7, "title": "a"}).issue == ""
    assert paper_fields({"number": 7, "volume": 3}).issue == "7"


def test_a_short_title_does_not_pass_where_the_issue_differs() -> None:
    short = {**BARE, "title": "Letter to the editor", "pages": "", "issue": "3"}
    assert same({**short, "title": "On reminders"}, {**short, "title": "On reminders"})
    assert not same({**short, "title": "On reminders"}, {**short, "title": "On reminders", "issue": "4"})
    assert not same({**short, "doi": "10.1000/a"}, {**short, "doi": "10.1000/b"})
    assert not same({**short, "volume": "12(3)", "issue": ""}, {**short, "volume": "12(4)", "issue": ""})


NOTICES = [
    "This paper has been withdrawn by the author due to a crucial sign error in equation 3, which invalidates "
    "the main theorem.",
    "This paper has been withdrawn.",
    "The manuscript was withdrawn by the authors because of an error in the proof of Lemma 2.",
    "Withdrawn by arXiv administrators because authors have forged affiliations.",
    "This article has been retracted at the request of the editors.",
    "We withdraw this paper since the main argument is wrong.",
    "The authors have withdrawn this submission. A new version will be posted elsewhere in due time.",
    "This submission has been removed by arXiv administrators due to copyright infringement.",
    "No abstract available.",
    "An abstract is not available for this content. As you have access to this content, full HTML content is "
    "provided on this page.",
    "Abstract not available",
    "There is no abstract for this article.",
    "[No abstract provided by the publisher]",
    "This is a preview of subscription content, log in via an institution to check access.",
    "I'm sorry, but I cannot summarize this article without access to its full text.",
    "As an AI language model, I do not have access to the contents of this paper.",
    "I apologize, but the provided text does not contain enough to write a summary.",
    "Please provide the text of the paper you would like me to summarize.",
    "The abstract could not be retrieved from the server, try again later.",
    "Diese Arbeit wurde vom Autor zurückgezogen.",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_is_no_abstract(notice: str) -> None:
    assert own_words(notice) == ""
    assert own_words(notice.upper()) == ""
    people = {"authors": ["Maria Okafor", "Jens Lindqvist"], "abstract": notice}
    first = {"title": "Superconductivity in layered nickelates", **people}
    assert not same(first, {"title": "A note on the Collatz problem", **people})
    assert same(first, {**first, "abstract": PROSE})
    for a, b in (("rivers of Anatolia", "castles of Moravia"), ("harbours of Friesland", "mills of Brabant")):
        left, right = ({"title": f"Book review: The {what}", "abstract": notice} for what in (a, b))
        assert not same(left, right)


@pytest.mark.parametrize(
    "form",
    [
        "Members may read this contribution in the printed edition that was sent to them in spring.",
        "Text to be supplied by the chair of the session once the programme has been printed and bound.",
        "Kurzfassung folgt, sobald der Band erschienen ist; bis dahin bitten wir alle Leser um Geduld.",
    ],
)
def test_an_unlisted_form_joins_no_unlike_titles(form: str) -> None:
    for left, right in (
        ("Superconductivity in layered nickelates", "A note on the Collatz problem"),
        ("Book review: The rivers of Anatolia", "Book review: The castles of Moravia"),
    ):
        people = {"authors": ["Maria Okafor", "Jens Lindqvist"], "abstract": form}
        assert not same({"title": left, "abstract": form}, {"title": right, "abstract": form})
        assert not same({"title": left, **people}, {"title": right, **people})
        assert same({"title": left, **people}, {"title": left, **people})


@pytest.mark.parametrize(
    "abstract",
    [
        PROSE,
        "We study how retracted papers go on being cited, and show that withdrawn drugs are named as often as before.",
        "The drug was withdrawn from the market after two years; we compare prescriptions before and after that.",
        "Open content is available to everybody: we ask what readers of free encyclopedias make of sources.",
        "Sorry songs: how popular music apologises, from 1950 to 2010.",
        "Trials are registered late, if at all. We read 200 protocols and compare them with what was published.",
    ],
)
def test_what_a_paper_says_stays(abstract: str) -> None:
    assert own_words(abstract) == abstract


TAILS = [
    " © 2020 Elsevier Ltd. All rights reserved.",
    " Copyright © 2020 The Authors. Published by Wiley. This article is protected by copyright. All rights reserved.",
    " (C) 2020 Karger AG, Basel. All rights reserved.",
    " Copyright 2020 American Society. No part of it may be reproduced without the permission of the publisher.",
    " &copy; 2020 BMJ Publishing Group.",
    " TRIAL REGISTRATION: ClinicalTrials.gov NCT01234567.",
    " Trial registration number ISRCTN12345678, registered 3 May 2011.",
    " Systematic review registration: PROSPERO CRD42017012345.",
    " (ClinicalTrials.gov number, NCT01234567.)",
]


@pytest.mark.parametrize("tail", TAILS)
def test_a_tail_is_not_part_of_an_abstract(tail: str) -> None:
    assert own_words(PROSE + tail).rstrip(" .") == PROSE.rstrip(" .")
    assert any(sign in tail.lower() for sign in RIGHTS_SIGNS)
    left = {
        "title": "Statins after stroke in older adults",
        "abstract": "We followed 210 patients for two years." + tail,
    }
    right = {
        "title": "Statins before surgery in older adults",
        "abstract": "Ninety patients were randomised." + tail,
    }
    assert not same({**left, "authors": "Okafor, M."}, {**right, "authors": "Okafor, M."})


def test_rights_before_an_abstract_go_too() -> None:
    assert own_words("Copyright © 2020 Elsevier Ltd. " + PROSE) == PROSE
    assert own_words("© The Authors 2019. " + PROSE) == PROSE


SERVERS = [
    "arXiv", "arXiv preprint arXiv:1801.00001", "arXiv.org", "bioRxiv",
    "medRxiv : the preprint server for health sciences",
    "CoRR", "SSRN Electronic Journal", "Research Square", "OSF Preprints", "Preprints.org", "ChemRxiv", "PsyArXiv",
]  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_is_no_venue(server: str) -> None:
    preprint = {**PAPER, "journal": server, "year": 2016, "volume": "abs/1801.00001", "pages": ""}
    assert same(PAPER, preprint)
    values = {step.name: step.value for step in score(PAPER, preprint).contributions}
    assert not values["venue_differs"] + values["volume_differs"] + values["year_differs"]


def test_a_preprint_and_a_publication_have_two_dois() -> None:
    preprint = {
        **PAPER,
        "journal": "",
        "volume": "",
        "pages": "",
        "doi": "10.1101/2017.03.04.123456",
        "year": 2016,
    }
    found = score({**PAPER, "doi": "10.1000/jpc.17"}, preprint)
    assert found.duplicate
    assert not {step.name: step.value for step in found.contributions}["doi_differs"]


SICI = "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("10.1002/(SICI)1097-0258(19980815/30)17:15/16<1661::AID-SIM968>3.0.CO;2-2", SICI),
        ("10.1002/(SICI)1097-0258(19980815/30)17:15/16&lt;1661::AID-SIM968&gt;3.0.CO;2-2", SICI),
        ("https://doi.org/10.1002/(SICI)1097-0258(19980815/30)17:15/16%3C1661::AID-SIM968%3E3.0.CO;2-2", SICI),
        (
            "https://doi.org/10.1002%2F%28SICI%291097-0258%2819980815%2F30%2917%3A15%2F16%3C1661%3A%3A"
            "AID-SIM968%3E3.0.CO%3B2-2",
            SICI,
        ),
        ("doi: 10.1016/S0140-6736(05)66912-7.", "10.1016/s0140-6736(05)66912-7"),
        ("(doi:10.1016/S0140-6736(05)66912-7)", "10.1016/s0140-6736(05)66912-7"),
        ("10.1234/JPC.2018.17 [doi]", "10.1234/jpc.2018.17"),
        ("10.1234/jpc.2018.17[doi]", "10.1234/jpc.2018.17"),
        ("https://doi.org/10.1234/jpc.17?nosfx=y#part", "10.1234/jpc.17"),
        ("https://onlinelibrary.example/doi/10.1234/jpc.17/abstract", "10.1234/jpc.17"),
        ("<a href='https://doi.org/10.1234/jpc.17'>link</a>", "10.1234/jpc.17"),
        ("10.1000/x", "10.1000/x"),
        ("not a doi", ""),
    ],
)  # fmt: skip
def test_dois_are_kept_whole(written: str, doi: str) -> None:
    assert clean_doi(written) == doi


def test_versions_of_dois() -> None:
    assert doi_mark("10.21203/rs.3.rs-1234/v1") == doi_mark("10.21203/rs.3.rs-1234/v2")
    assert doi_mark("10.20944/preprints202001.0001.v1") == doi_mark("10.20944/preprints202001.0001.v3")
    assert doi_mark("10.1101/2020.01.01.123456v2") == doi_mark("10.1101/2020.01.01.123456")
    second, third = doi_mark("10.1002/14651858.cd001.pub2"), doi_mark("10.1002/14651858.cd001.pub3")
    assert second != third
    assert second & ~VERSIONS == third & ~VERSIONS
    assert [review_update(f"10.1002/14651858.cd001{tail}") for tail in ("", ".pub2", ".pub13")] == [0, 2, 13]
    assert doi_mark("") == 0


@pytest.mark.parametrize(
    "record",
    [
        {"abs": "https://arxiv.org/abs/2401.01234v2"},
        {"pdf": "https://arxiv.org/pdf/2401.01234.pdf"},
        {"url": "http://export.arxiv.org/abs/2401.01234"},
        {"arxiv_url": "https://arxiv.org/abs/2401.01234"},
        {"arxiv_id": "arXiv:2401.01234v1 [cs.LG]"},
        {"paper_id": "2401.01234"},
        {"links": ["https://huggingface.co/papers/2401.01234", "https://example.org/code"]},
        {"links": [{"href": "https://arxiv.org/abs/2401.01234", "rel": "alternate"}]},
        {"paper": {"id": "2401.01234", "title": "Gates"}},
        {"paper": "https://arxiv.org/abs/2401.01234"},
        {"url": "https://www.alphaxiv.org/abs/2401.01234"},
        {"url": "https://example.org/blog", "pdf": "https://arxiv.org/pdf/2401.01234"},
        {"journal": "arXiv preprint arXiv:2401.01234", "year": 2024},
        {"venue": "CoRR", "volume": "abs/2401.01234"},
        {"externalIds": {"ArXiv": "2401.01234"}},
        {"doi": "https://doi.org/10.48550/arXiv.2401.01234"},
    ],
)
def test_arxiv_ids_where_files_have_them(record: dict[str, Any]) -> None:
    assert paper_fields({"title": "Gates", **record}).arxiv == "2401.01234"


def test_other_arxiv_ids() -> None:
    assert paper_fields({"abs": "https://arxiv.org/abs/hep-th/9901001v3"}).arxiv == "hep-th/9901001"
    assert paper_fields({"journal": "arXiv:math.AG/0601001"}).arxiv == "math.ag/0601001"
    for nothing in (
        {"links": ["https://arxiv.org/abs/2401.01234", "https://arxiv.org/abs/2401.01235"]},
        {"paper_id": "12345"},
    ):
        assert paper_fields(nothing).arxiv == ""
    assert paper_fields({"abs": PROSE, "id": "2401.01234"}) == PaperFields()
