from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover, Paper
from corpus_tool.sources import huggingface
from corpus_tool.sources.feed import detect, parse

RSS = """\
<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:atom="http://www.w3.org/2005/Atom"
  version="2.0">
  <channel>
    <title>cs.LG updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/cs.LG</link>
    <lastBuildDate>Mon, 03 Mar 2025 05:00:02 +0000</lastBuildDate>
    <pubDate>Mon, 03 Mar 2025 00:00:00 -0500</pubDate>
    <skipDays><day>Sunday</day></skipDays>
    <item>
      <title>An Invented
        Title &amp; More</title>
      <link>https://arxiv.org/abs/2503.00001</link>
      <description>arXiv:2503.00001v1 Announce Type: new
Abstract: We invent that $a &lt; b$
and c. See https://example.org/x.</description>
      <guid isPermaLink="false">oai:arXiv.org:2503.00001v1</guid>
      <category>cs.LG</category>
      <category>stat.ML</category>
      <pubDate>Mon, 03 Mar 2025 00:00:00 -0500</pubDate>
      <arxiv:announce_type>new</arxiv:announce_type>
      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
      <dc:creator>Ada Example, Bob Sample</dc:creator>
    </item>
  </channel>
</rss>
"""

RDF = """\
<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://arxiv.org/">
<title>cs.LG updates on arXiv.org</title>
<dc:date>2023-01-03T20:30:00-05:00</dc:date>
</channel>
<item rdf:about="http://arxiv.org/abs/2301.00001">
<title>Another Invention. (arXiv:2301.00001v1 [cs.LG])</title>
<link>http://arxiv.org/abs/2301.00001</link>
<description rdf:parseType="Literal">&lt;p&gt;We show x &amp;amp; y.
See &lt;a href="https://github.com/a/b"&gt;this https URL&lt;/a&gt;.
&lt;/p&gt;
</description>
<dc:creator> &lt;a href="http://arxiv.org/find/cs/1/au:+E"&gt;Ada Example&lt;/a&gt;,
 &lt;a href="http://arxiv.org/x"&gt;Bob Sample&lt;/a&gt;</dc:creator>
</item>
</rdf:RDF>
"""

ATOM = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title type="html">ArXiv Query</title>
  <updated>2025-03-13T00:00:00-04:00</updated>
  <entry>
    <id>http://arxiv.org/abs/2503.00002v2</id>
    <updated>2025-03-10T17:00:00Z</updated>
    <published>2025-03-01T17:00:00Z</published>
    <title>A Third
  Invention</title>
    <summary>  We wrap
a summary.
</summary>
    <author><name>Ada Example</name><arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">Nowhere</arxiv:affiliation></author>
    <author><name>Bob Sample, Jr.</name></author>
    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.1/x</arxiv:doi>
    <arxiv:journal_ref xmlns:arxiv="http://arxiv.org/schemas/atom">J. Inv. 1 (2025)</arxiv:journal_ref>
    <link href="http://arxiv.org/abs/2503.00002v2" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/2503.00002v2" rel="related" type="application/pdf"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.LG"/>
    <category term="cs.LG"/><category term="stat.ML"/>
  </entry>
</feed>
"""


def read(text: str) -> list[Paper | Leftover]:
    return list(parse(line.removesuffix("\r") for line in text.split("\n")))


@pytest.mark.parametrize("text", [RSS, RSS.replace("\n", "\r\n")])
def test_rss(text: str) -> None:
    assert detect(text)
    assert read(text) == [
        Paper(
            "An Invented Title & More",
            "We invent that $a < b$ and c. See https://example.org/x.",
            12,
            "03 Mar 2025",
            "2025-03-03",
            ["https://arxiv.org/abs/2503.00001", "https://example.org/x"],
            {
                "arxiv": "2503.00001",
                "authors": ["Ada Example", "Bob Sample"],
                "categories": ["cs.LG", "stat.ML"],
                "published": "2025-03-03",
                "announce_type": "new",
                "rights": "http://creativecommons.org/licenses/by/4.0/",
            },
            True,
        )
    ]


def test_rdf() -> None:
    assert detect(RDF)
    assert read(RDF) == [
        Paper(
            "Another Invention",
            "We show x & y. See this https URL.",
            10,
            "2023-01-03",
            "2023-01-03",
            ["http://arxiv.org/abs/2301.00001", "https://github.com/a/b"],
            {"arxiv": "2301.00001", "authors": ["Ada Example", "Bob Sample"], "categories": ["cs.LG"]},
            True,
        )
    ]


def test_atom() -> None:
    assert detect(ATOM)
    assert read(ATOM) == [
        Paper(
            "A Third Invention",
            "We wrap a summary.",
            9,
            "2025-03-13",
            "2025-03-13",
            ["http://arxiv.org/abs/2503.00002v2", "http://arxiv.org/pdf/2503.00002v2"],
            {
                "arxiv": "2503.00002",
                "authors": ["Ada Example", "Bob Sample, Jr."],
                "categories": ["cs.LG", "stat.ML"],
                "journal": "J. Inv. 1 (2025)",
                "doi": "10.1/x",
                "published": "2025-03-01",
                "updated": "2025-03-10",
            },
            True,
        )
    ]


def test_several_feeds_in_one_file() -> None:
    items = read(RSS + "\n" + RDF + ATOM)
    assert [item.digest_date for item in items] == ["03 Mar 2025", "2023-01-03", "2025-03-13"]
    assert [item.opens_digest for item in items] == [True] * 3
    assert items[1].line == RSS.count("\n") + 1 + 10


def test_item_without_a_title() -> None:
    start, end = RSS.index("<title>An"), RSS.index("</title>", RSS.index("<title>An")) + len("</title>")
    (left,) = read(RSS[:start] + RSS[end:])
    assert isinstance(left, Leftover)
    assert left.line == 11
    assert left.text.startswith("We invent")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("<rss>\n<channel>\n</rss>", 3, "mismatched tag"),
        ("<rss>\n<a>", 3, "no element found"),
        ("\n\n<rss>\n&nothing;</rss>", 4, "undefined entity"),
        ('<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY x "y">]>\n<rss/>', 2, "declares the entity 'x'"),
        (RSS + "\nrubbish", RSS.count("\n") + 2, "syntax error"),
    ],
)
def test_malformed_xml_is_an_error_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(text)
    assert caught.value.line == line


def test_items_are_given_out_as_they_are_read() -> None:
    lines = iter(RSS.replace("</channel>\n</rss>", "").split("\n"))
    assert isinstance(next(parse(lines)), Paper)


@pytest.mark.parametrize("text", ["", "text", "<html><body/></html>", "{}", "<?xml version='1.0'?><svg/>"])
def test_other_texts_are_not_feeds(text: str) -> None:
    assert not detect(text)


def test_feeds_are_not_taken_for_pages() -> None:
    assert not any(map(huggingface.detect, (RSS, RDF, ATOM)))


@given(st.lists(st.tuples(st.text("ab &<\n", min_size=1), st.text("cd &<\n")), max_size=5))
def test_rendered_items_are_read_back(papers: list[tuple[str, str]]) -> None:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")

    papers = [("Title " + title, abstract) for title, abstract in papers]
    items = "".join(
        f"<item><title>{escaped(title)}</title><description>{escaped(abstract)}</description></item>"
        for title, abstract in papers
    )
    got = [(item.title, item.abstract) for item in read(f"<rss><channel>{items}</channel></rss>")]
    assert [[" ".join(text.split()) for text in paper] for paper in papers] == [list(pair) for pair in got]
