from __future__ import annotations

import base64
import io
import json
import quopri
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import mail
from corpus_tool.sources.mime import read_mail

if TYPE_CHECKING:
    from pathlib import Path

ARXIV = """\
\\\\
arXiv:2403.14001
Date: Thu, 21 Mar 2024 18:00:12 GMT   (812kb,D)

Title: Wheels that Núñez and Kähler turned by hand in a very long winter of
  their youth
Authors: Ana Núñez, Bob O'Neil
Categories: physics.app-ph
\\\\
  We turn wheels by hand = slowly, and say how long it took.
\\\\ ( https://arxiv.org/abs/2403.14001 ,  812kb)
------------------------------------------------------------------------------
\\\\
arXiv:2403.14002
Date: Thu, 21 Mar 2024 18:00:12 GMT   (9kb)

Title: From afar
Authors: C. D. Ek
Categories: cs.RO
\\\\
From here everything looks small.
\\\\ ( https://arxiv.org/abs/2403.14002 ,  9kb)
"""
TITLES = [
    "Wheels that Núñez and Kähler turned by hand in a very long winter of their youth",
    "From afar",
]
SCHOLAR = """\
<!doctype html><html><body><div>
<h3 style="font-weight:normal"><span>[PDF]</span>
<a href="https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/2403.14001&amp;hl=en"
 class="gse_alrt_title">Wheels
 that were <b>turned</b> by hand</a></h3>
<div style="color:#006621">A Núñez, B O'Neil - arXiv preprint arXiv:2403.14001, 2024</div>
<div class="gse_alrt_sni">We turn wheels by hand, and say <br>how long it took …</div>
<div><table><tr><td>Save</td></tr></table></div>
<h3><span>[CITATION]</span> <span class="gse_alrt_title">From afar</span></h3>
<div>CD Ek - Journal of Far Things, 2023</div><div class="gse_alrt_sni">From here everything looks small.</div>
</div></body></html>
"""
PUBMED = """\
This message contains search results from the National Center for Biotechnology Information (NCBI).

Sent on: Fri Mar 22 00:10:00 2024

PubMed Results
Items 1 - 2 of 2

1. J Inv. 2024 Mar 1;3(2):1-9. doi: 10.1234/jinv.2024.1. Online ahead of
print.

Wheels that were turned by hand: a trial
in many parts.

Núñez A(1), O'Neil B(2).

Author information:
(1)Laboratory A.
(2)Laboratory B.

BACKGROUND: Wheels turn.
RESULTS: Ours did, for 900 hours.

© 2024. The Authors.

DOI: 10.1234/jinv.2024.1
PMID: 38400001 [PubMed - as supplied by publisher]


2. Far Things. 2023;1:2.

From afar.

Ek CD.

PMID: 38400002
"""
BIORXIV = """\
New articles in bioRxiv:

Wheels that were turned by hand
Ana Nunez, Bob O'Neil
bioRxiv posted 21 March 2024, 10.1101/2024.03.20.585001
http://biorxiv.org/cgi/content/short/2024.03.20.585001v1?rss=1

From afar
C. D. Ek
bioRxiv posted 21 March 2024, 10.1101/2024.03.20.585002
http://biorxiv.org/cgi/content/short/2024.03.20.585002v1?rss=1
"""


def message(text: str, *, html: str | None = None, cte: str | None = None, **params: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP.clone(linesep="\n"))
    made["Subject"] = "cs daily Subj-class mailing"
    made["From"] = "no-reply@example.org"
    made["To"] = "me@example.org"
    made["Date"] = "Fri, 22 Mar 2024 00:10:00 +0000"
    if text:
        made.set_content(text, cte=cte, **params)
        if html:
            made.add_alternative(html, subtype="html")
    elif html:
        made.set_content(html, subtype="html", cte=cte)
    return made


def parsed(data: bytes, tmp_path: Path, name: str = "in.eml", *options: str) -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_bytes(data)
    done = run("parse", path, *options)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_encodings_of_a_mail(cte: str, charset: str, end: bytes, tmp_path: Path) -> None:
    data = message(ARXIV, cte=cte, charset=charset).as_bytes()
    records = parsed(data.replace(b"\n", end), tmp_path)
    assert [record["title"] for record in records] == TITLES
    assert records[0]["authors"] == ["Ana Núñez", "Bob O'Neil"]
    assert records[0]["abstract"] == "We turn wheels by hand = slowly, and say how long it took."
    lines = data.split(b"\n")
    if cte != "base64":
        assert lines[records[0]["line"] - 1].startswith(b"Title: Wheels that ")
        assert lines[records[1]["line"] - 1] == b"Title: From afar"


def test_a_title_in_base64_stands_on_its_line_of_letters() -> None:
    body = b"Subject: x\n\n" + base64.encodebytes(b"a" * 100 + b"\nTitle\n" + b"b" * 100)
    headers = b"Content-Transfer-Encoding: base64\n" + body
    (alternatives,) = read_mail(headers.split(b"\n"), 1).bodies
    part = alternatives[0]
    assert part.lines[1] == "Title"
    assert part.numbers[:2] == [4, 5]


def test_plain_text_goes_before_html(tmp_path: Path) -> None:
    data = message(ARXIV, html="<html><body><p>See the text.</p></body></html>").as_bytes()
    assert [record["title"] for record in parsed(data, tmp_path)] == TITLES


def test_html_is_read_where_the_text_says_nothing(tmp_path: Path) -> None:
    data = message("Your mail program shows no HTML.\n", html=SCHOLAR).as_bytes()
    records = parsed(data, tmp_path)
    assert [record["title"] for record in records] == ["Wheels that were turned by hand", "From afar"]
    assert records[0]["abstract"] == "We turn wheels by hand, and say how long it took …"
    assert records[0]["links"] == ["https://arxiv.org/pdf/2403.14001"]
    assert records[0]["arxiv"] == "2403.14001"
    assert records[1]["venue"] == "Journal of Far Things"
    assert records[1]["authors"] == ["CD Ek"]
    assert records[0]["date"] == "2024-03-22"
    lines = data.split(b"\n")
    assert b"gse_alrt_title" in quopri.decodestring(b"\n".join(lines[records[0]["line"] - 1 :][:4]))


@pytest.mark.parametrize("cte", ["quoted-printable", "base64", "7bit"])
def test_an_alert_of_scholar_in_html_alone(cte: str, tmp_path: Path) -> None:
    html = SCHOLAR.replace("Núñez", "Nunez").replace("…", "...") if cte == "7bit" else SCHOLAR
    assert len(parsed(message("", html=html, cte=cte).as_bytes(), tmp_path)) == 2


def test_an_alert_of_pubmed(tmp_path: Path) -> None:
    first, second = parsed(message(PUBMED).as_bytes(), tmp_path)
    assert first["title"] == "Wheels that were turned by hand: a trial in many parts."
    assert first["abstract"] == "BACKGROUND: Wheels turn. RESULTS: Ours did, for 900 hours."
    assert first["authors"] == ["Núñez A", "O'Neil B"]
    assert (first["doi"], first["pmid"], first["journal"]) == ("10.1234/jinv.2024.1", "38400001", "J Inv")
    assert first["date"] == "2024-03-22"
    assert (second["title"], second["abstract"], second["year"]) == ("From afar.", "", 2023)


def test_an_alert_of_biorxiv(tmp_path: Path) -> None:
    records = parsed(message(BIORXIV).as_bytes(), tmp_path)
    assert [record["title"] for record in records] == ["Wheels that were turned by hand", "From afar"]
    assert records[0]["authors"] == ["Ana Nunez", "Bob O'Neil"]
    assert records[1]["doi"] == "10.1101/2024.03.20.585002"
    assert records[0]["published"] == "2024-03-21"


FORWARDED = "FYI, what do you think?\n\n---------- Forwarded message ---------\nFrom: arXiv <a@example.org>\n"
FORWARDED += "Date: Fri, Mar 22, 2024 at 1:10 AM\nSubject: a mailing with a title\nTo: <b@example.org>\n\n\n"
OUTLOOK = "See below.\n\n-----Original Message-----\nFrom: arXiv\nSent: Friday\nTo: b\nSubject: a mailing\n\n"
BARE = "From: arXiv\nSent: Friday\nTo: b\nSubject: a mailing\n\n"
QUOTED = "On Fri, Mar 22, 2024, arXiv wrote:\n\n"


@pytest.mark.parametrize(
    "text",
    [
        FORWARDED + ARXIV,
        OUTLOOK + ARXIV,
        BARE + ARXIV,
        QUOTED + "".join(f"> {line}\n" for line in ARXIV.split("\n")),
        QUOTED + "".join(f">> {line}\n" if line else ">>\n" for line in ARXIV.split("\n")) + "\nNice!\n",
        FORWARDED + PUBMED,
        "".join(f"> {line}\n" for line in (FORWARDED + PUBMED).split("\n")),
    ],
    ids=[
        "forwarded",
        "outlook",
        "headers alone",
        "quoted",
        "quoted twice",
        "pubmed",
        "forwarded, then quoted",
    ],
)
def test_forwarded_and_quoted(text: str, tmp_path: Path) -> None:
    records = parsed(message(text).as_bytes(), tmp_path)
    assert len(records) == 2
    assert records[1]["title"].startswith("From afar")
    assert not any("mailing" in record["title"] + record["abstract"] for record in records)


def test_forwarded_as_an_attachment(tmp_path: Path) -> None:
    outer = message("See the attached.\n")
    outer.add_attachment(message(ARXIV, cte="quoted-printable"))
    outer.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x.bin")
    assert [record["title"] for record in parsed(outer.as_bytes(), tmp_path)] == TITLES


def test_a_digest_of_mails(tmp_path: Path) -> None:
    inner = message(PUBMED).as_bytes()
    head = (
        b"Subject: digest\nFrom: x@y.z\nMIME-Version: 1.0\nContent-Type: multipart/digest; boundary=cut\n\n"
    )
    data = head + b"preamble\n--cut\n\n" + inner + b"\n--cut\n\n" + message(ARXIV).as_bytes() + b"\n--cut--\n"
    assert len(parsed(data, tmp_path)) == 4


def test_a_mailbox(tmp_path: Path) -> None:
    first = message(ARXIV, cte="8bit").as_bytes().replace(b"\nFrom here", b"\n>From here")
    letter = message("Dear all,\n\nsee you on Monday.\n").as_bytes()
    mailbox = b"".join(
        b"From x@y.z Fri Mar 22 00:10:00 2024\n" + data + b"\n"
        for data in (first, letter, message(PUBMED).as_bytes())
    )
    path = tmp_path / "in.mbox"
    path.write_bytes(mailbox)
    done = run("parse", path)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["title"] for record in records[:2]] == TITLES
    assert records[1]["abstract"] == "From here everything looks small."
    assert len(records) == 4
    assert [record["position"] for record in records] == [1, 2, 1, 2]
    lines = mailbox.split(b"\n")
    assert lines[records[1]["line"] - 1] == b"Title: From afar"
    assert lines[records[3]["line"] - 1] == b"From afar."
    where = 1 + lines.index(b"From x@y.z Fri Mar 22 00:10:00 2024", 10) + 1
    assert (
        f"in.mbox:{where}: could not place 'cs daily Subj-class mailing': no digest is recognised" in done.err
    )


def test_a_maildir(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "box" / folder).mkdir(parents=True)
    (tmp_path / "box" / "cur" / "1711065000.M1P2.host:2,S").write_bytes(message(ARXIV).as_bytes())
    (tmp_path / "box" / "new" / "1711065001.M1P2.host").write_bytes(message(PUBMED).as_bytes())
    done = run("parse", tmp_path / "box")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["source"] for record in records] == ["cur/1711065000.M1P2.host:2,S"] * 2 + [
        "new/1711065001.M1P2.host"
    ] * 2


def test_a_mail_without_papers_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "letter.eml"
    path.write_bytes(message("Dear all,\n\nsee you on Monday.\n").as_bytes())
    done = run("parse", path)
    assert done.code == 2
    assert "letter.eml: no paper found in what should be a digest (mail)" in done.err


def test_headers_never_become_papers(tmp_path: Path) -> None:
    made = message(ARXIV)
    made["X-Note"] = "We propose a method and show that this paper of ours improves results on datasets"
    made["Received"] = "from a.example.org by b.example.org; Fri, 22 Mar 2024 00:00:00 +0000"
    assert [record["title"] for record in parsed(made.as_bytes(), tmp_path)] == TITLES


def test_flowed_text_is_joined() -> None:
    head = b"Content-Type: text/plain; charset=utf-8; format=flowed\n\n"
    (alternatives,) = read_mail((head + b"one \ntwo\n\nthree\n-- \nname").split(b"\n"), 1).bodies
    assert alternatives[0].lines == ["one two", "", "three", "-- ", "name"]
    assert alternatives[0].numbers == [3, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "text",
    [
        "Title: A title\nAuthors: A B\nAbstract: We show.\n",
        "Note: this\nis a text\n\nand more",
        "TY  - JOUR\nTI  - x\n",
        "\\\\\narXiv:2403.14001\n",
        "From here to there we walk\n\nAnd back again we come, we show.",
        "key: value\nother: value\n\ntext",
        "HTTP/1.1 200 OK\nContent-Type: text/html\nDate: x\n\n<html>",
    ],
)
def test_what_is_no_mail(text: str) -> None:
    assert not mail.detect(text)


@settings(deadline=None)
@given(st.binary(max_size=400), st.binary(max_size=400))
def test_no_bytes_break_the_reader(head: bytes, body: bytes) -> None:
    start = b"From: a@b.c\nSubject: =?utf-8?q?x?=\nContent-Type: multipart/mixed; boundary=b\n"
    data = (
        start + head + b"\n\n--b\nContent-Transfer-Encoding: base64\n" + head + b"\n\n" + body + b"\n--b--\n"
    )
    for item in mail.read(io.BytesIO(data), "x", "utf-8"):
        assert isinstance(item, (Paper, Leftover))
        assert item.line >= 1
