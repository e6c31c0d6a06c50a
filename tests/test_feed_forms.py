"""Feeds of every vocabulary and habit, with feedparser as the oracle of what an item's own title and link are."""

# ruff: noqa: E501 - feeds stand as they are written

from __future__ import annotations

import io
import json
import warnings
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.records import Paper
from corpus_tool.sources.feed import detect, parse

if TYPE_CHECKING:
    from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import feedparser

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
PRISM = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
SENTENCE = "Wheels turn because hands push them, and we say for how long."


def rss(item: str, names: str = "") -> str:
    return f'<?xml version="1.0"?>\n<rss version="2.0" {names}><channel><title>f</title>\n<item>\n{item}\n</item></channel></rss>'


def only(text: str) -> Paper:
    (item,) = parse(text.split("\n"))
    assert isinstance(item, Paper)
    return item


def described(description: str, names: str = "") -> Paper:
    return only(rss(f"<title>A title</title><description>{escape(description)}</description>", names))


@pytest.mark.parametrize("before", [True, False])
def test_the_feeds_own_names_go_before_those_of_media(before: bool) -> None:
    own = f"<title>Own</title><description>{SENTENCE}</description>"
    media = (
        "<media:group><media:title>inner.png</media:title></media:group><media:title>fig.png</media:title>"
    )
    media += "<media:description>a figure</media:description><itunes:title>spoken</itunes:title>"
    paper = only(rss(media + own if before else own + media, f"{MEDIA} {ITUNES}"))
    assert (paper.title, paper.abstract) == ("Own", SENTENCE)
    assert paper.extra["media_title"] == "fig.png"


def test_other_vocabularies_are_read_where_the_own_says_nothing() -> None:
    paper = only(rss(f"<dc:title>Only</dc:title><dc:description>{SENTENCE}</dc:description>", DC))
    assert (paper.title, paper.abstract) == ("Only", SENTENCE)


def test_prefixes_are_what_the_feed_says_they_are() -> None:
    text = f'<a:feed xmlns:a="http://www.w3.org/2005/Atom" {MEDIA.replace("media", "m")}><a:entry><m:title>x</m:title>'
    paper = only(text + "<a:title>Own</a:title><a:summary>s</a:summary></a:entry></a:feed>")
    assert (paper.title, paper.abstract) == ("Own", "s")


def test_the_longer_of_description_and_content() -> None:
    whole = f"<p>{SENTENCE}</p><p>{SENTENCE[::-1]}</p>"
    for short, long in (("Short.", whole), (whole, "Short.")):
        item = f"<title>t</title><description>{escape(short)}</description><content:encoded><![CDATA[{long}]]></content:encoded>"
        assert only(rss(item, CONTENT)).abstract == f"{SENTENCE} {SENTENCE[::-1]}"


@pytest.mark.parametrize(
    "text",
    [
        r"Let $1 <p \le q$ and let $r>2$ be.",
        "If a<b and c>d then a<b>c is nothing.",
        "We have x <i and i> y as well.",
        "A map <x, y> -> z, and 3<4.",
        "Values <p and q> are odd.",
        "O(n) < O(n^2), <br is no tag, nor <a href.",
    ],
)
def test_formulas_stay_whole(text: str) -> None:
    assert described(text).abstract == text
    assert described(f"<p>{escape(text)}</p>").abstract == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ('<p class="x">One <b>bold</b><br/>two</p>', "One bold two"),
        ('See <a href="https://x.org/y">this</a>.', "See this."),
        ("H<sub>2</sub>O and x<sup>2</sup>", "H2O and x2"),
        ("<div>a</div><script>b()</script><!-- c -->d", "a d"),
        ("&lt;p&gt;One &amp;amp; two&lt;/p&gt;", "One & two"),
        ("AT&amp;T &#8211; x &lt; y", "AT&T – x < y"),
        ("&lt;jats:p&gt;One&lt;/jats:p&gt;", "One"),
        ("<jats:title>Abstract</jats:title><jats:p>One two</jats:p>", "One two"),
    ],
)
def test_real_tags_and_doubled_escapes_are_undone(text: str, wanted: str) -> None:
    assert described(text).abstract == wanted


HF = '<p><img src="https://x.org/t.png" alt="t" style="max-width: 300px" /></p><p><b>Authors:</b> Ana Núñez, Bob O\'Neil</p>'
HF += f"<p><b>Upvotes:</b> 3</p><p><b>Summary:</b> {SENTENCE}</p>"
ELSEVIER = "<p>Publication date: June 2024</p><p><b>Source:</b> Journal of Inventions, Volume 3</p>"
ELSEVIER += "<p>Author(s): Ana Núñez, Bob O'Neil</p>"


@pytest.mark.parametrize(
    ("text", "abstract", "fields"),
    [
        (HF, SENTENCE, {"authors": ["Ana Núñez", "Bob O'Neil"], "upvotes": "3"}),
        (f"Authors: Ana Núñez, Bob O'Neil\nUpvotes: 3\n\nSummary: {SENTENCE}", SENTENCE, {"upvotes": "3"}),
        (
            f"<strong>Authors</strong>: Ana Núñez<br><strong>Abstract</strong>: {SENTENCE}",
            SENTENCE,
            {"authors": ["Ana Núñez"]},
        ),
        (
            ELSEVIER,
            "",
            {"authors": ["Ana Núñez", "Bob O'Neil"], "journal": "Journal of Inventions, Volume 3"},
        ),
        (
            "Publication date: June 2024 Source: Journal of Inventions, Volume 3 Author(s): Ana Núñez, Bob O'Neil",
            "",
            {"authors": ["Ana Núñez", "Bob O'Neil"], "journal": "Journal of Inventions, Volume 3"},
        ),
        (
            f'<p>Inventions, Published online: 20 March 2024; <a href="https://x.org/">doi:10.1234/s1</a></p>{SENTENCE}',
            SENTENCE,
            {"journal": "Inventions", "doi": "10.1234/s1", "published": "20 March 2024"},
        ),
        (
            f"<p>Author(s): A. B and C. D</p><p>{SENTENCE}</p><p>[Phys. Inv. D 1, 2] Published Fri Mar 22, 2024</p>",
            SENTENCE,
            {"authors": ["A. B", "C. D"], "journal": "Phys. Inv. D 1, 2"},
        ),
        (
            "<div><p>J Inv. 2024 Mar 1. doi: 10.1234/x. Online ahead of print.</p><p><b>ABSTRACT</b></p>"
            f"<p><b>BACKGROUND:</b> {SENTENCE}</p><p>METHODS: None.</p><p>PMID:<a href='https://x.org/3'>384</a> | "
            "DOI:<a href='https://doi.org/10.1234/x'>10.1234/x</a></p></div>",
            f"BACKGROUND: {SENTENCE} METHODS: None.",
            {"pmid": "384", "doi": "10.1234/x", "journal": "J Inv"},
        ),
        (
            f"Volume 39, Issue 2, March 2024, Page 100-120<br/>. {SENTENCE}",
            None,
            {"issue": "Volume 39, Issue 2, March 2024, Page 100-120"},
        ),
    ],
    ids=[
        "hugging face",
        "lines",
        "colon outside",
        "elsevier",
        "one line",
        "nature",
        "aps",
        "pubmed",
        "taylor",
    ],
)
def test_labelled_lines_and_boilerplate(text: str, abstract: str | None, fields: dict[str, Any]) -> None:
    paper = described(text)
    if abstract is not None:
        assert paper.abstract == abstract
    assert {key: paper.extra.get(key) for key in fields} == fields


def test_a_colon_in_a_sentence_is_no_label() -> None:
    text = "We ask about the source: it is unknown. Code: none. Our authors: many. Date: never."
    assert described(text).abstract == text


def test_identifiers_and_prism() -> None:
    item = "<title>t</title><dc:identifier>doi:10.1234/abc.1</dc:identifier><prism:publicationName>J Inv</prism:publicationName>"
    item += "<prism:volume>3</prism:volume><prism:startingPage>1</prism:startingPage><prism:endingPage>9</prism:endingPage>"
    item += "<prism:publicationDate>2024-03-22</prism:publicationDate><dc:creator>Núñez, A.</dc:creator><dc:rights>CC0</dc:rights>"
    item += "<prism:section>Letters</prism:section><odd xmlns='http://x.org/'>kept</odd>"
    extra = only(rss(item, f"{DC} {PRISM}")).extra
    assert extra["doi"] == "10.1234/abc.1"
    assert (extra["journal"], extra["volume"], extra["pages"]) == ("J Inv", "3", "1-9")
    assert (extra["published"], extra["rights"], extra["section"], extra["odd"]) == (
        "2024-03-22",
        "CC0",
        "Letters",
        "kept",
    )


def test_old_roots() -> None:
    rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    rdf += "<channel><title>c</title></channel><item><title>Own</title><link>http://x.org</link></item></rdf:RDF>"
    atom = '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Own</title><summary>s</summary></entry></feed>'
    for text in (rdf, atom, '<rss version="0.91"><channel><item><title>Own</title></item></channel></rss>'):
        assert detect(text)
        assert only(text).title == "Own"


@pytest.mark.parametrize(
    "encoding", ["ISO-8859-1", "windows-1252", "utf-8", "GB2312", "Shift_JIS", "koi8-r", "US-ASCII"]
)
def test_the_declared_encoding_is_used(encoding: str, tmp_path: Path) -> None:
    title = {
        "GB2312": "关于车轮",
        "Shift_JIS": "車輪について",
        "koi8-r": "О колёсах",
        "US-ASCII": "Of wheels",
    }.get(encoding, "Räder")
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<rss><channel><item><title>{title}</title></item></channel></rss>'
    path = tmp_path / "in.xml"
    path.write_bytes(text.encode(encoding))
    assert json.loads(run("parse", path).out)["title"] == title


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "unicode_escape", "rot13", "zlib", "undefined", "no-such", "utf-7"]
)
def test_what_is_no_character_set_is_not_used(name: str, tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_text(
        f'<?xml version="1.0" encoding="{name}"?>\n<rss><channel><item><title>Räder</title></item></channel></rss>',
        "utf-8",
    )
    assert json.loads(run("parse", path).out)["title"] == "Räder"


EMPTY = '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>f</title><skipDays><day>Saturday</day></skipDays></channel></rss>\n'


@pytest.mark.parametrize(
    "text", [EMPTY, '<feed xmlns="http://www.w3.org/2005/Atom"><title>none</title></feed>', "<rss/>"]
)
def test_the_feed_of_an_empty_day_is_a_note(text: str, tmp_path: Path) -> None:
    (tmp_path / "sat.xml").write_text(text)
    for command in ("parse", "dedup"):
        done = run(command, tmp_path / "sat.xml")
        assert (done.code, done.out) == (0, b"")
        assert "sat.xml: a feed without items" in done.err


def cut_feed(count: int) -> str:
    items = "".join(
        f"<item>\n<title>Title {i}</title>\n<description>{SENTENCE}</description>\n</item>\n"
        for i in range(count)
    )
    return f"<rss><channel>\n{items}"


@pytest.mark.parametrize(
    "tail",
    ["", "<item>\n<title>Cut he", "</item>\n", "&nothing;\n", "<item><title>Two</title></item><item>\n\x01"],
)
def test_what_stands_before_a_fault_is_kept(tail: str, tmp_path: Path) -> None:
    path, rejects = tmp_path / "in.xml", tmp_path / "rejects"
    path.write_text(cut_feed(511) + tail)
    assert (run("parse", path).code, run("parse", path).out) == (2, b"")
    done = run("parse", path, "--on-error", "skip", "--rejects", rejects)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert len(records) == 511 + tail.count("</title>")
    assert "the 51" in done.err and "papers before it are kept" in done.err
    lost = tail.rpartition("</title></item>")[2] if "Two" in tail else tail
    assert (not lost.strip()) or lost.strip().split("\n")[-1] in rejects.read_text()
    assert "Title 510" not in rejects.read_text()


def test_a_bad_byte_costs_its_line(tmp_path: Path) -> None:
    path, rejects = tmp_path / "in.xml", tmp_path / "rejects"
    bad, after = b"<item><title>\xff</title></item>", b"<item><title>after</title></item>"
    path.write_bytes(b"\n".join([cut_feed(20).encode() + bad, after, b"</channel></rss>"]))
    done = run("parse", path, "--on-error", "skip", "--rejects", rejects)
    assert done.code == 0
    assert [json.loads(line)["title"] for line in done.out.splitlines()][20:] == ["\ufffd", "after"]
    assert "in.xml:82: byte 0xff" in done.err
    assert rejects.read_bytes() == bad + b"\n"


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused(declared: str, tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_text(
        f'<?xml version="1.0"?>\n{declared}<rss><channel><item><title>t</title></item></channel></rss>'
    )
    done = run("parse", path)
    assert done.code == 2
    assert "declares the entity" in done.err


def test_a_number_that_is_no_character_is_marked() -> None:
    digits = "9" * 5000
    assert described(f"x &#{digits}; y &#x{digits}; z").abstract == "x \ufffd y \ufffd z"
    assert described(f"x &#{'0' * 5000}65; y").abstract == "x A y"


def test_deep_nesting_is_no_recursion() -> None:
    inner = "<div>" * 3000 + SENTENCE + "</div>" * 3000
    assert (
        only(
            f"<rss><channel><item><title>t</title><content>{inner}</content></item></channel></rss>"
        ).abstract
        == SENTENCE
    )


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" <>&ab"),
    min_size=1,
    max_size=30,
)
VISIBLE = TEXTS.map(lambda text: "T" + " ".join(text.split())).filter(
    lambda text: ";" not in text and "<" not in text
)


@settings(deadline=None)
@given(st.lists(st.tuples(VISIBLE, VISIBLE), min_size=1, max_size=4), st.sampled_from(["rss", "rdf", "atom"]))
def test_feedparser_sees_the_same_titles(papers: list[tuple[str, str]], kind: str) -> None:
    text = rendered(papers, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = feedparser.parse(io.BytesIO(text.encode()))
    ours = [item for item in parse(text.split("\n")) if isinstance(item, Paper)]
    assert [paper.title for paper in ours] == [title for title, _ in papers]
    assert [" ".join(entry.title.split()) for entry in seen.entries] == [paper.title for paper in ours]
    assert [entry.link for entry in seen.entries] == [paper.links[0] for paper in ours]


def rendered(papers: list[tuple[str, str]], kind: str) -> str:
    entries = []
    for at, (title, text) in enumerate(papers):
        link = f"https://x.org/{at}"
        if kind == "atom":
            entries.append(
                f'<entry><title>{escape(title)}</title><link href="{link}"/><summary>{escape(text)}</summary></entry>'
            )
        else:
            entries.append(
                f"<item><media:title>other</media:title><title>{escape(title)}</title><link>{link}</link>"
                f"<description>{escape(text)}</description></item>"
            )
    body = "\n".join(entries)
    if kind == "atom":
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>f</title>{body}</feed>'
    if kind == "rss":
        return f'<rss version="2.0" {MEDIA}><channel><title>f</title>{body}</channel></rss>'
    rdf = f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {MEDIA}'
    return f"<rdf:RDF {rdf}><channel><title>f</title></channel>{body}</rdf:RDF>"
