"""Answers of OAI-PMH in each of the forms of metadata that arXiv offers."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

import pytest

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import feed
from corpus_tool.sources.oai import detect, parse

FRAME = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2025-01-24T04:05:06Z</responseDate>
<request verb="ListRecords" metadataPrefix="x">http://export.arxiv.org/oai2</request>
<ListRecords>
<record>
<header><identifier>oai:arXiv.org:2501.10001</identifier><datestamp>2025-01-23</datestamp><setSpec>cs</setSpec></header>
<metadata>
{metadata}
</metadata>
</record>
<resumptionToken cursor="0">1|2</resumptionToken>
</ListRecords>
</OAI-PMH>
"""
ABSTRACT = "  We study sparse rotations\nfor $1 &lt; p$ models.\n"
FORMS = {
    "arXiv": f"""<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2501.10001</id><created>2025-01-20</created><updated>2025-01-22</updated>
<authors><author><keyname>Example</keyname><forenames>Ada</forenames><suffix>Jr.</suffix><affiliation>Nowhere</affiliation></author>
<author><keyname>Sample</keyname><forenames>Bo</forenames></author></authors>
<title>Sparse Rotations
  for Small Models</title><categories>cs.LG math.OC</categories><comments>12 pages</comments><journal-ref>J. 1</journal-ref>
<doi>10.1000/x</doi><report-no>T-1</report-no><msc-class>05C</msc-class><license>http://l.example/</license><odd>new</odd><abstract>{ABSTRACT}</abstract></arXiv>""",
    "arXivRaw": f"""<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2501.10001</id><submitter>Ada Example</submitter>
<version version="v1"><date>Mon, 20 Jan 2025 10:00:00 GMT</date><size>10kb</size></version>
<version version="v2"><date>Wed, 22 Jan 2025 10:00:00 GMT</date><size>11kb</size></version>
<title>Sparse Rotations for Small Models</title><authors>Ada Example, Jr. (Nowhere), Bo Sample</authors><categories>cs.LG math.OC</categories>
<comments>12 pages</comments><abstract>{ABSTRACT}</abstract></arXivRaw>""",
    "oai_dc": f"""<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Sparse Rotations for Small Models</dc:title><dc:creator>Example, Ada</dc:creator><dc:creator>Sample, Bo</dc:creator>
<dc:subject>Machine Learning</dc:subject><dc:description>{ABSTRACT}</dc:description><dc:description>Comment: 12 pages</dc:description>
<dc:date>2025-01-20</dc:date><dc:date>2025-01-22</dc:date><dc:type>text</dc:type>
<dc:identifier>http://arxiv.org/abs/2501.10001</dc:identifier><dc:identifier>doi:10.1000/x</dc:identifier></oai_dc:dc>""",
}


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(text.split("\n")))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_metadata(form: str) -> None:
    text = FRAME.format(metadata=FORMS[form])
    assert detect(text)
    assert not feed.detect(text)
    (paper,) = read(text)
    assert isinstance(paper, Paper)
    assert paper.title == "Sparse Rotations for Small Models"
    assert paper.abstract == "We study sparse rotations for $1 < p$ models."
    assert (paper.digest_date, paper.date, paper.opens_digest) == ("2025-01-24", "2025-01-24", True)
    assert paper.links[0] == "https://arxiv.org/abs/2501.10001"
    assert text.split("\n")[paper.line - 1].find("itle>Sparse") > 0
    assert paper.extra["arxiv"] == "2501.10001"
    assert [name.replace(",", "").removesuffix(" Jr.") for name in paper.extra["authors"]] == [
        "Ada Example",
        "Bo Sample",
    ]
    assert (paper.extra["comments"], paper.extra["published"]) == ("12 pages", "2025-01-20")


def test_every_element_of_arxiv_metadata() -> None:
    (paper,) = read(FRAME.format(metadata=FORMS["arXiv"]))
    assert isinstance(paper, Paper)
    wanted = {
        "doi": "10.1000/x",
        "journal": "J. 1",
        "report": "T-1",
        "msc_class": "05C",
        "license": "http://l.example/",
        "odd": "new",
    }
    assert wanted.items() <= paper.extra.items()
    assert (paper.extra["updated"], paper.extra["categories"]) == ("2025-01-22", ["cs.LG", "math.OC"])
    assert paper.extra["affiliations"] == ["Nowhere"]


def test_deleted_records_are_told() -> None:
    text = FRAME.replace("<header>", '<header status="deleted">').format(metadata="")
    assert read(text) == [Leftover(6, "oai:arXiv.org:2501.10001", "a record that the server deleted")]


def test_two_answers_one_after_the_other() -> None:
    text = FRAME.format(metadata=FORMS["arXiv"])
    assert [item.line for item in read(text + text)] == [12, 12 + text.count("\n")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '<OAI-PMH><error code="noRecordsMatch">none match</error></OAI-PMH>',
            "the server answered with an error: none match",
        ),
        ("<OAI-PMH><ListRecords>", "malformed XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH>&a;</OAI-PMH>', "declares the entity 'a'"),
    ],
)
def test_what_is_no_answer_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(text)


@pytest.mark.parametrize("text", ["", "<html>", "OAI-PMH", "<rss>", "<?xml version='1.0'?><feed/>"])
def test_other_texts_are_refused(text: str) -> None:
    assert not detect(text)
