"""Alerts as they come by mail: Google Scholar's, PubMed's of all years, bioRxiv's and medRxiv's; and PubMed's summaries."""

# ruff: noqa: E501  mails stand as they come

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from running import run

from corpus_tool.sources import pubmed_summary, pubmed_text

if TYPE_CHECKING:
    from pathlib import Path

SNAIL, FOLD = "Snail trails as a clock", "Folding maps without tears"
AUTHORS = {SNAIL: ["Okafor A", "Brandt É"], FOLD: ["Lim B"]}
SNIPPET = (
    "We time snails in wet gardens … Their trails dry in forty minutes, so that they may serve as a clock …"
)
CODINGS = ("quoted-printable", "base64", "8bit")


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def papers(*, text: str = "", html: str = "", coding: str = "quoted-printable") -> list[dict[str, Any]]:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "alerts@example.org", "me@example.org", "What's new"
    mail["Date"] = "Thu, 13 Mar 2025 06:00:00 -0700"
    if text:
        mail.set_content(text, cte=coding)
    if html:
        (mail.add_alternative if text else mail.set_content)(
            f"<html><body>{html}</body></html>", subtype="html", cte=coding
        )
    done = run("parse", stdin=mail.as_bytes())
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def scholar(at: int, kind: str, title: str, line: str) -> str:
    return (
        f'<h3 style="font-weight:normal">{kind}<a href="https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/2503.0000{at}'
        f'&amp;hl=en&amp;sa=X&amp;oi=scholaralrt" class="gse_alrt_title">{title}</a></h3><div style="color:#006621">{line}</div>'
        f'<div class="gse_alrt_sni">{SNIPPET}</div><div><table><tr><td><a href="https://scholar.google.com/citations?update_op=x">'
        '<img alt="Save"></a></td></tr></table></div><br>'
    )


@pytest.mark.parametrize("coding", CODINGS)
def test_scholar(coding: str) -> None:
    body = scholar(
        1, "<span>[PDF]</span> ", SNAIL, "A Okafor, É Brandt - arXiv preprint arXiv:2503.00001, 2025"
    )
    body += scholar(
        2, "", f"{FOLD.replace('maps', '<b>maps</b>')}", "B Lim, I Costa… - Annals of Paper, 2025"
    )
    body += "<p>This message was sent by Google Scholar because you follow [snail].</p><a href='https://scholar.google.com/x'>List</a>"
    one, two = papers(html=body, coding=coding)
    assert (one["title"], one["authors"], one["abstract"]) == (SNAIL, ["A Okafor", "É Brandt"], SNIPPET)
    assert (one["links"], one["arxiv"], one["year"]) == (
        ["https://arxiv.org/pdf/2503.00001"],
        "2503.00001",
        2025,
    )
    assert (two["title"], two["authors"], two["venue"]) == (FOLD, ["B Lim", "I Costa"], "Annals of Paper")


def old_row(at: int, title: str, names: str) -> str:
    cell = '<tr><td align="left" width="10"/><td align="left" valign="top">'
    return (
        f'<table cellpadding="0"><tbody><tr><td nowrap="nowrap" width="10">{at}.</td><td><a ref="ordinalpos={at}" '
        f'href="http://www.ncbi.nlm.nih.gov/pubmed/9000000{at}">{title}.</a></td></tr>{cell}{names}</td></tr>{cell}<span class="jrnl" '
        f'title="Annals of slow motion">Ann Slow</span>. 2025 Mar 13;12(3):41-57. doi: 10.5555/snail.{at}. [Epub ahead of print]</td>'
        f'</tr>{cell}PMID: 9000000{at} [PubMed - in process]</td></tr><tr><td/><td><a ref="ordinalpos={at}" '
        f'href="http://www.ncbi.nlm.nih.gov/pubmed?from_uid=9000000{at}">Similar articles</a></td></tr></tbody></table>'
    )


def new_row(at: int, title: str, names: str) -> str:
    return (
        f'<tr><td>{at}</td><td><a class="docsum-title" ref="article_id=9000000{at}" href="https://pubmed.ncbi.nlm.nih.gov/9000000{at}/">'
        f'{title}.</a><div><span class="docsum-authors">{names}</span> <span class="docsum-journal-citation">Ann Slow. 2025 Mar 13;'
        f'12(3):41-57. doi: 10.5555/snail.{at}.</span> PMID: <span class="docsum-pmid">9000000{at}</span></div></td></tr>'
    )


PUBMED_TEXT = """This message contains My NCBI what's new results from the National Center for Biotechnology Information.
Do not reply directly to this message.

Search: snail

PubMed Results
Items 1 - 2 of 2

1. Snail trails as a clock.
Okafor A, Brandt É.
Ann Slow. 2025 Mar 13;12(3):41-57. doi: 10.5555/snail.1. [Epub ahead of print]
PMID: 90000001 [PubMed - as supplied by publisher]

2. Folding maps without tears.
Lim B.
Ann Slow. 2025 Mar 13;12(3):41-57. doi: 10.5555/snail.2.
PMID: 90000002 [PubMed - in process]
Similar articles
"""
ROWS = [(1, SNAIL, "Okafor A, Brandt É."), (2, FOLD, "Lim B.")]
PUBMED = {
    "tables": {"html": "<p>My NCBI what's new results</p><div><div><table><tr><td>PubMed Results</td></tr></table></div>"
               + "".join(old_row(*row) for row in ROWS) + "</div>"},
    "rows": {"text": "Your client shows no HTML.", "html": f"<table>{''.join(new_row(*row) for row in ROWS)}</table>"},
    "text": {"text": PUBMED_TEXT},
}  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("form", PUBMED)
def test_pubmed(form: str, coding: str) -> None:
    found = papers(**PUBMED[form], coding=coding)
    assert [(paper["title"].rstrip("."), paper["authors"]) for paper in found] == list(AUTHORS.items())
    for at, paper in enumerate(found, 1):
        assert (paper["pmid"], paper["doi"], paper["abstract"]) == (f"9000000{at}", f"10.5555/snail.{at}", "")
        assert (paper["year"], paper["volume"], paper["issue"], paper["pages"]) == (2025, "12", "3", "41-57")
        assert paper.get("venue", paper.get("journal")) == "Ann Slow"


SUMMARY = """1: Okafor A, Brandt É. Snail trails as a clock: a study. Ann Slow. 2015
Mar;12(3):41-57. doi: 10.5555/snail.12. Epub 2015 Feb 1. PMID: 90000001; PMCID:
PMC1234567.

2: Lim B, Costa I, O'Neil-Day JK Jr, et al. Do maps fold? Paper Rev (Lond). 2021;7(2):101-109. doi: 10.5555/fold.7. PMID: 90000002.

3: Dahl J. Knots that untie themselves. J Knots. 2020 Jan 3. doi: 10.5555/k.1. Online ahead of print. PMID: 90000003.
"""


def test_summaries_that_pubmed_saves() -> None:
    done = run("parse", stdin=SUMMARY.encode())
    one, two, three = map(json.loads, done.out.splitlines())
    assert (one["title"], one["authors"], one["venue"]) == (
        "Snail trails as a clock: a study.",
        ["Okafor A", "Brandt É"],
        "Ann Slow",
    )
    assert (one["year"], one["volume"], one["issue"], one["pages"], one["doi"]) == (
        2015,
        "12",
        "3",
        "41-57",
        "10.5555/snail.12",
    )
    assert (two["title"], two["authors"]) == ("Do maps fold?", ["Lim B", "Costa I", "O'Neil-Day JK Jr"])
    assert (two["venue"], two["pages"], two["pmid"]) == ("Paper Rev (Lond)", "101-109", "90000002")
    assert (three["title"], three["venue"], three["year"]) == (
        "Knots that untie themselves.",
        "J Knots",
        2020,
    )
    assert [one["line"], two["line"], three["line"]] == [1, 5, 7]


def test_what_only_looks_like_a_summary_is_left_alone() -> None:
    for text in (
        "1. Buy milk.\nSoon.\n\n2. Call Ada.\n",
        "1. See PMID: 90000001 for more.\n",
        "1. J Inv. 2024 Mar 1;3(2):1-9. doi: 10.1234/x.\n\nA title.\n\nOkafor A(1).\n\nAn abstract.\n\nPMID: 38400001\n",
    ):
        assert not pubmed_summary.detect(text)
    assert pubmed_text.detect(text)


def high_wire(at: int, title: str, names: str) -> str:
    path = f"www.biorxiv.org/cgi/content/abstract/2025.03.1{at}.640000v1?ct=ct"
    return (
        f'<div id="art{at}"><div class="citation_title"><b>{title}</b></div><div id="authorlist">{names}</div><div>bioRxiv published '
        f'13 March 2025, 10.1101/2025.03.1{at}.640000</div><div><a href="http://{path}">Abstract</a></div></div>'
    )


RXIV_TEXT = """bioRxiv has posted new articles that match your criteria: snail

======================================================================

Snail trails as a clock
Ada Okafor and Émile Brandt
bioRxiv published 13 March 2025, 10.1101/2025.03.11.640000
http://www.biorxiv.org/cgi/content/abstract/2025.03.11.640000v1?ct=ct

Folding maps without tears
Bo Lim, Ines Costa, and Jon Dahl
bioRxiv published 13 March 2025, 10.1101/2025.03.12.640000
http://www.biorxiv.org/cgi/content/abstract/2025.03.12.640000v1?ct=ct

----------------------------------------------------------------------
To manage your alerts visit http://www.biorxiv.org/alerts
"""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("form", ["html", "text"])
def test_biorxiv(form: str, coding: str) -> None:
    rows = high_wire(1, SNAIL, "Ada Okafor and Émile Brandt") + high_wire(
        2, FOLD, "Bo Lim, Ines Costa, and Jon Dahl"
    )
    page = f"<p>bioRxiv has posted new articles:</p>{rows}<a href='http://www.biorxiv.org/alerts'>unsubscribe</a>"
    one, two = papers(text=RXIV_TEXT, coding=coding) if form == "text" else papers(html=page, coding=coding)
    assert (one["title"], one["authors"]) == (SNAIL, ["Ada Okafor", "Émile Brandt"])
    assert (two["title"], two["authors"]) == (FOLD, ["Bo Lim", "Ines Costa", "Jon Dahl"])
    assert (one["doi"], two["published"]) == ("10.1101/2025.03.11.640000", "2025-03-13")
    assert "http://www.biorxiv.org/cgi/content/abstract/2025.03.12.640000v1?ct=ct" in two["links"]
    assert "http://www.biorxiv.org/alerts" not in two["links"]
