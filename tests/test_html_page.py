"""Saved pages, invented in the grammar of each site."""

# ruff: noqa: E501 - pages stand as sites write them

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import InputError
from corpus_tool.sources import html_page

if TYPE_CHECKING:
    from pathlib import Path

LISTING = """\
<!DOCTYPE html>
<html lang="en"><head><title>Computation and Language</title><base href="https://arxiv.org/">
</head><body>
<div id="dlpage"><h1>Computation and Language</h1>
<h3>Showing new listings for Friday, 22 March 2024</h3>
<div class='paging'>Total of 3 entries</div>
<dl id='articles'><h3>New submissions (showing 1 of 1 entries)</h3>
<dt>
  <a name='item1'>[1]</a>
  <a href ="/abs/2403.14001" title="Abstract" id="2403.14001">
    arXiv:2403.14001
  </a>
        [<a href="/pdf/2403.14001" title="Download PDF">pdf</a>, <a
href="https://arxiv.org/html/2403.14001v1">html</a>]
</dt>
<dd>
  <div class='meta'>
    <div class='list-title mathjax'><span class='descriptor'>Title:</span>
      Gears without teeth: $O(n^2)$ &amp; more
    </div>
    <div class='list-authors'>
<a href="https://arxiv.org/search/cs?q=a">Ana Núñez</a>, <a href="x">Bob O'Neil</a> (Lab A)</div>
    <div class='list-comments mathjax'><span class='descriptor'>Comments:</span>
      12 pages
    </div>
    <div class='list-journal-ref'><span class='descriptor'>Journal-ref:</span> J. Inv. 1</div>
    <div class='list-subjects'><span class='descriptor'>Subjects:</span>
      <span class="primary-subject">Computation and Language (cs.CL)</span>; Machine Learning
(stat.ML)
    </div>
    <p class='mathjax'>
      We study gears, a &lt; b,
      and their noise.
    </p>
  </div>
</dd>
<h3>Cross submissions</h3>
<dt><a name='item2'>[2]</a> <a href ="/abs/2403.14002" title="Abstract">arXiv:2403.14002</a> (cross-list from cs.LG) [<a href="/pdf/2403.14002">pdf</a>]</dt>
<dd><div class='meta'><div class='list-title mathjax'>
<span class='descriptor'>Title:</span> Second things</div>
<div class='list-authors'><a href="a">C. D. Ek</a></div><div class='list-subjects'>
<span class='descriptor'>Subjects:</span> <span class="primary-subject">Machine Learning
(cs.LG)</span></div><p class='mathjax'>Abs two.</p></div></dd>
</dl></div></body></html>
"""

RECENT = """\
<html><head><title>cs</title></head><body><dl id='articles'>
<h3>Fri, 22 Mar 2024 (showing 1 of 1 entries )</h3>
<dt><a name='item1'>[1]</a> <a href="/abs/2403.14001">arXiv:2403.14001</a></dt><dd>
<div class='meta'><div class='list-title mathjax'>
<span class='descriptor'>Title:</span> First one of these</div><div class='list-authors'><a>A B</a>
</div></div></dd>
<h3>Thu, 21 Mar 2024 (showing 1 of 1 entries )</h3>
<dt><a name='item2'>[2]</a> <a href="/abs/hep-th/0403001">arXiv:hep-th/0403001</a></dt><dd>
<div class='meta'><div class='list-title mathjax'>
<span class='descriptor'>Title:</span> Second one</div><div class='list-authors'><a>C D</a></div>
</div></dd>
</dl></body></html>
"""

SEARCH = """\
<!DOCTYPE html><html><head><title>Search | arXiv e-print repository</title></head><body>
<ol class="breathe-horizontal" start="1">
<li class="arxiv-result">
  <div class="is-marginless">
    <p class="list-title is-inline-block">
<a href="https://arxiv.org/abs/2403.14001">arXiv:2403.14001</a>
      <span>&nbsp;[<a href="https://arxiv.org/pdf/2403.14001">pdf</a>]&nbsp;</span></p>
    <div class="tags is-inline-block">
<span class="tag is-small is-link tooltip is-tooltip-top" data-tooltip="Robotics">cs.RO</span>
<span class="tag is-small">cs.LG</span></div>
  </div>
  <p class="title is-5 mathjax">
    Gears without <span class="search-hit mathjax">teeth</span>
  </p>
  <p class="authors"><span class="has-text-black-bis has-text-weight-semibold">Authors:</span>
      <a href="/search/?searchtype=author">Ana Núñez</a>, <a href="/s">Bob O'Neil</a></p>
  <p class="abstract mathjax">
    <span class="has-text-black-bis has-text-weight-semibold">Abstract</span>:
    <span class="abstract-short has-text-grey-dark mathjax" id="2403.14001v1-abstract-short"
style="display: inline;">
      We study gears&hellip; <a class="is-size-7" style="white-space: nowrap;" onclick="x">&#9661;
More</a>
    </span>
    <span class="abstract-full has-text-grey-dark mathjax" id="2403.14001v1-abstract-full"
style="display: none;">
      We study <span class="search-hit mathjax">gears</span> that mesh in full.
      <a class="is-size-7" style="white-space: nowrap;">&#9651; Less</a>
    </span>
  </p>
  <p class="is-size-7">
<span class="has-text-black-bis has-text-weight-semibold">Submitted</span> 22 March, 2024; <span
class="x">originally announced</span> March 2024.</p>
  <p class="comments is-size-7">
<span class="has-text-black-bis has-text-weight-semibold">Comments:</span> <span
class="has-text-grey-dark mathjax">12 pages</span></p>
</li></ol></body></html>
"""

ABS = """\
<!DOCTYPE html><html lang="en"><head><title>[2403.14001] Gears</title>
<link rel="canonical" href="https://arxiv.org/abs/2403.14001"/>
<meta name="citation_title" content="Gears without teeth" />
<meta name="citation_author" content="Núñez, Ana" />
<meta name="citation_author" content="O&#39;Neil, Bob" />
<meta name="citation_date" content="2024/03/21" />
<meta name="citation_online_date" content="2024/03/22" />
<meta name="citation_pdf_url" content="http://arxiv.org/pdf/2403.14001" />
<meta name="citation_arxiv_id" content="2403.14001" />
<meta name="citation_abstract" content="We study gears." /></head><body>
<blockquote class="abstract mathjax">
<span class="descriptor">Abstract:</span>We study gears.</blockquote></body></html>
"""

HF_RENDERED = """\
<!doctype html>
<html><head><title>Daily Papers - Hugging Face</title>
<link rel="canonical" href="https://huggingface.co/papers"></head><body>
<header><nav><a href="/models">Models</a><a href="/papers">Papers</a></nav></header><section>
<h1>Daily Papers</h1>
<article class="relative"><a href="/papers/2403.14001" class="block"><img src="x.png"></a><div><h3>
<a href="/papers/2403.14001" class="line-clamp-3">Gears without teeth for turbines</a></h3>
<p class="text-smd line-clamp-3">We study gears that mesh without teeth and show that friction is
enough to carry the torque.</p><div><a href="/ana"><span>12</span></a>
<a href="/papers/2403.14001#community">3</a></div></div></article>
<article class="relative"><a href="/papers/2403.14002" class="block"><img src="x.png"></a><div><h3>
<a href="/papers/2403.14002" class="line-clamp-3">Second one of these gears</a></h3>
<p>Another abstract which is long enough for a paragraph of prose, it really is.</p></div></article>
</section></body></html>
"""

PUBMED = """\
<!DOCTYPE html><html lang="en"><head><title>gears - Search Results - PubMed</title>
<meta name="description" content="gears - Search Results - PubMed"></head><body>
<div class="search-results-chunks"><article class="full-docsum" data-rel-pos="1">
<div class="docsum-wrap"><div class="docsum-content">
<a class="docsum-title" href="/38400001/" data-article-id="38400001">
 <b>Gears</b> without teeth.
</a>
<div class="docsum-citation full-citation">
<span class="docsum-authors full-authors">Núñez A, O'Neil B.</span>
<span class="docsum-authors short-authors">Núñez A, et al.</span>
<span class="docsum-journal-citation full-journal-citation">J Inv. 2024 Mar 1;3(2):1-9. doi:
10.1234/jinv.2024.1.</span>
<span class="docsum-journal-citation short-journal-citation">J Inv. 2024.</span>
<span class="citation-part">PMID: <span class="docsum-pmid">38400001</span></span></div>
<div class="docsum-snippet">
<div class="full-view-snippet">We study <b>gears</b> &hellip;that mesh.</div>
<div class="short-view-snippet">We</div></div></div></div></article>
<article class="full-docsum"><div class="docsum-wrap"><div class="docsum-content">
<a class="docsum-title" href="/38400002/">Second [Article in French].</a>
<div class="docsum-citation"><span class="docsum-authors full-authors">Ek CD.</span></div></div>
</div></article></div></body></html>
"""

PUBMED_ABS = """\
<!DOCTYPE html><html><head><title>gears - Search Results - PubMed</title></head><body>
<div class="results-article"><article class="article-overview">
<div class="full-view" id="full-view-heading"><div class="article-citation">
<button class="journal-actions-trigger">J Inv</button><span class="cit">2024 Mar 1;3(2):1-9.</span>
<span class="citation-doi">doi: 10.1234/jinv.2024.1.</span></div>
<h1 class="heading-title"><a href="/38400001/"> Gears without teeth </a></h1><div class="authors">
<div class="authors-list"><span class="authors-list-item">
<a class="full-name" href="x">Ana Núñez</a><sup class="affiliation-links">1</sup>
<span class="comma">,</span></span><span class="authors-list-item">
<a class="full-name">Bob O'Neil</a></span></div></div><ul class="identifiers"><li>
<span class="identifier pubmed">PMID: <strong class="current-id">38400001</strong></span></li></ul>
</div>
<div class="abstract" id="abstract-1"><h2 class="title">Abstract</h2>
<div class="abstract-content selected"><p>
<strong class="sub-title">Background: </strong>Gears are loud.</p><p>
<strong class="sub-title">Results: </strong>Ours are not.</p></div></div></article></div></body>
</html>
"""

SCHOLAR = """\
<!doctype html><html><head><title>gears - Google Scholar</title></head><body>
<div id="gs_res_ccl_mid"><div class="gs_r gs_or gs_scl"><div class="gs_ggs gs_fl">
<a href="https://x.org/p.pdf">[PDF] x.org</a></div><div class="gs_ri"><h3 class="gs_rt">
<span class="gs_ctc"><span class="gs_ct1">[PDF]</span><span class="gs_ct2">[PDF]</span>
</span> <a href="https://x.org/p">Gears without teeth</a></h3><div class="gs_a">
<a href="/citations">A Núñez</a>, B O'Neil&nbsp;- Journal of Inventions, 2024 - x.org</div>
<div class="gs_rs">We study gears … that mesh</div><div class="gs_fl"><a>Cited by 3</a></div></div>
</div></div></body></html>
"""

JSONLD = """\
<!doctype html><html><head><title>T</title>
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"WebSite","name":"x"},{"@type":"ScholarlyArticle","headline":"Gears without teeth","author":[{"@type":"Person","name":"Ana Núñez"}],"abstract":"We study gears.","datePublished":"2024-03-22","url":"https://x.org/1","identifier":"10.1234/a"}]}</script>
</head><body><p>x</p></body></html>
"""

FLAT = """\
<!doctype html><html><head><title>Reading list</title></head><body>
<h1>Papers of the week, March 22, 2024</h1>
<h2><a href="https://arxiv.org/abs/2403.14001">Gears without teeth for turbines</a></h2>
<p>Ana Núñez, Bob O'Neil, C. D. Ek</p>
<p>We study gears that mesh without teeth and show that friction is enough to carry the torque of a
small turbine.</p><p>
<a href="https://arxiv.org/pdf/2403.14001">PDF</a> | <a href="https://github.com/a/b">Code</a></p>
<h2>2. Second one of these gears</h2><p><b>Authors:</b> X Yz, W Vu</p>
<p>Abstract: Another abstract which is long enough for a paragraph of prose, it really is.</p><p>
<a href="https://arxiv.org/abs/2403.14002">arXiv</a></p></body></html>
"""

TABLE = """\
<html><head><title>t</title></head><body><table><tr><th>Date</th><th>Title</th><th>Authors</th>
<th>PDF</th><th>Code</th></tr>
<tr><td>2024-03-22</td><td><b>Gears without teeth for turbines</b></td><td>Ana Núñez et.al.</td>
<td><a href="http://arxiv.org/abs/2403.14001">2403.14001</a></td><td>null</td></tr>
<tr><td>2024-03-21</td><td><b>Second one of these gears</b></td><td>Bob O'Neil et.al.</td><td>
<a href="http://arxiv.org/abs/2403.14002">2403.14002</a></td><td>
<a href="https://github.com/a/b">link</a></td></tr></table></body></html>
"""

NEWS = """\
<!doctype html><html><head><title>News</title>
<script type="application/ld+json">{"@type":"NewsArticle","headline":"Gears are loud
now","author":{"name":"X"},"description":"Yes they are."}</script></head><body><ul><li>
<a href="/a">One story about something</a></li><li><a href="/b">Another story about it</a></li>
</ul></body></html>
"""

PROPS = {
    "dailyPapers": [
        {
            "paper": {
                "id": "2403.14001",
                "title": "Gears without teeth",
                "summary": "We study\ngears.",
                "upvotes": 12,
            }
        },
        {
            "paper": {"id": "2403.14002", "title": 'Second "one"', "summary": "Abs two."},
            "title": 'Second "one"',
        },
    ],
    "date": "2024-03-22T00:00:00.000Z",
}
DAILY = f"""<!doctype html>
<html class=""><head><title>Daily Papers - Hugging Face</title></head><body>
<div class="SVELTE_HYDRATER contents" data-target="MainHeader" data-props="{{&quot;isWide&quot;:false}}"></div>
<main><div class="SVELTE_HYDRATER contents" data-target="DailyPapers"
data-props="{escape(json.dumps(PROPS))}"><section></section></div></main></body></html>
"""
NEXT = f"""<!doctype html><html><head><title>x</title></head><body><div id="__next"></div>
<script id="__NEXT_DATA__" type="application/json">{
    json.dumps(
        {
            "props": {
                "notes": [
                    {
                        "content": {
                            "title": {"value": "Gears without teeth"},
                            "abstract": {"value": "We study gears."},
                            "authors": {"value": ["Ana Núñez"]},
                        }
                    }
                ]
            }
        }
    )
}</script></body></html>
"""
MATHJAX = """<html><head><title>a</title></head><body><dl id="articles"><dt><a href="https://arxiv.org/abs/2403.14001">arXiv:2403.14001</a></dt>
<dd><div class="meta"><div class="list-title mathjax"><span class="descriptor">Title:</span> Gears in
<span class="MathJax_Preview"></span><span class="MathJax"><nobr><span>n2</span></nobr></span><script type="math/tex">n^2</script> steps</div>
<div class="list-authors"><a href="/a">Ana Núñez</a></div></div></dd></dl></body></html>
"""
BLOG = "<!doctype html><html><head><title>My blog</title></head><body><article><h1>On gears and other things</h1><p>"
BLOG += "I like gears a lot and I went to see them. " * 40
BLOG += 'As <a href="https://arxiv.org/abs/2403.14001">a nice paper about gears</a> shows, they are loud.</p></article></body></html>'

GEARS = {"title": "Gears without teeth", "arxiv": "2403.14001"}
PAGES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "arXiv listing": (
        LISTING,
        [
            {
                "title": "Gears without teeth: $O(n^2)$ & more",
                "abstract": "We study gears, a < b, and their noise.",
                "authors": ["Ana Núñez", "Bob O'Neil"],
                "comments": "12 pages",
                "journal": "J. Inv. 1",
                "categories": ["cs.CL", "stat.ML"],
                "date": "2024-03-22",
                "links": ["https://arxiv.org/abs/2403.14001"],
            },
            {
                "title": "Second things",
                "announce_type": "cross-list",
                "arxiv": "2403.14002",
                "abstract": "Abs two.",
            },
        ],
    ),
    "arXiv, recent days": (
        RECENT,
        [
            {"title": "First one of these", "date": "2024-03-22"},
            {"arxiv": "hep-th/0403001", "date": "2024-03-21"},
        ],
    ),
    "arXiv with rendered formulas": (MATHJAX, [{"title": "Gears in $n^2$ steps"}]),
    "arXiv search": (
        SEARCH,
        [
            {
                **GEARS,
                "abstract": "We study gears that mesh in full.",
                "authors": ["Ana Núñez", "Bob O'Neil"],
                "categories": ["cs.RO", "cs.LG"],
                "published": "2024-03-22",
                "comments": "12 pages",
            }
        ],
    ),
    "arXiv abstract": (
        ABS,
        [{**GEARS, "abstract": "We study gears.", "authors": ["Ana Núñez", "Bob O'Neil"]}],
    ),
    "Hugging Face, its data": (
        DAILY,
        [
            {**GEARS, "abstract": "We study gears.", "date": "2024-03-22", "upvotes": 12},
            {"title": 'Second "one"'},
        ],
    ),
    "Hugging Face, rendered": (
        HF_RENDERED,
        [
            {
                "title": "Gears without teeth for turbines",
                "links": ["https://huggingface.co/papers/2403.14001"],
            },
            {"title": "Second one of these gears", "arxiv": "2403.14002"},
        ],
    ),
    "data of a script": (NEXT, [{"title": "Gears without teeth", "authors": ["Ana Núñez"]}]),
    "PubMed results": (
        PUBMED,
        [
            {
                "title": "Gears without teeth.",
                "abstract": "We study gears …that mesh.",
                "authors": ["Núñez A", "O'Neil B"],
                "journal": "J Inv",
                "doi": "10.1234/jinv.2024.1",
                "pmid": "38400001",
                "links": ["https://pubmed.ncbi.nlm.nih.gov/38400001/"],
            },
            {"title": "Second [Article in French].", "authors": ["Ek CD"]},
        ],
    ),
    "PubMed abstracts": (
        PUBMED_ABS,
        [
            {
                "title": "Gears without teeth",
                "abstract": "Background: Gears are loud. Results: Ours are not.",
                "authors": ["Ana Núñez", "Bob O'Neil"],
                "doi": "10.1234/jinv.2024.1",
            }
        ],
    ),
    "Scholar results": (
        SCHOLAR,
        [{"authors": ["A Núñez", "B O'Neil"], "venue": "Journal of Inventions", "year": 2024}],
    ),
    "schema.org": (
        JSONLD,
        [{"title": "Gears without teeth", "abstract": "We study gears.", "doi": "10.1234/a"}],
    ),
    "headings": (
        FLAT,
        [
            {
                "authors": ["Ana Núñez", "Bob O'Neil", "C. D. Ek"],
                "date": "2024-03-22",
                "abstract": "We study gears that mesh without teeth and show that friction is enough to carry the torque "
                "of a small turbine.",
            },
            {
                "title": "Second one of these gears",
                "authors": ["X Yz", "W Vu"],
                "abstract": "Another abstract which is long enough for a paragraph of prose, it really is.",
            },
        ],
    ),
    "a table": (
        TABLE,
        [
            {
                "title": "Gears without teeth for turbines",
                "authors": ["Ana Núñez"],
                "published": "2024-03-22",
                "abstract": "",
            },
            {
                "arxiv": "2403.14002",
                "authors": ["Bob O'Neil"],
                "links": ["http://arxiv.org/abs/2403.14002", "https://github.com/a/b"],
            },
        ],
    ),
}


def parsed(page: str, tmp_path: Path, *options: str) -> list[dict[str, Any]]:
    (tmp_path / "in.html").write_text(page, "utf-8")
    done = run("parse", tmp_path / "in.html", *options)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("form", PAGES)
def test_pages(form: str, end: str, tmp_path: Path) -> None:
    page, wanted = PAGES[form]
    records = parsed(page.replace("\n", end), tmp_path)
    assert len(records) == len(wanted)
    for record, fields in zip(records, wanted, strict=True):
        assert {name: record.get(name) for name in fields} == fields
    assert [record["position"] for record in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("form", ["arXiv listing", "arXiv search", "PubMed results", "headings", "a table"])
def test_a_line_is_where_the_title_begins(form: str, tmp_path: Path) -> None:
    page, _ = PAGES[form]
    lines = page.split("\n")
    for record in parsed(page, tmp_path):
        at = record["line"] - 1
        assert record["title"].split()[0] in " ".join(lines[at : at + 1])


@pytest.mark.parametrize(
    "page", [BLOG, NEWS, "<html></html>", "<!doctype html>", "<html><body>" + "<div>" * 500 + "x"]
)
def test_a_page_without_papers_is_refused_by_name(page: str, tmp_path: Path) -> None:
    (tmp_path / "in.html").write_text(page, "utf-8")
    done = run("parse", tmp_path / "in.html")
    assert (done.code, done.out) == (2, b"")
    assert "a web page in which no papers are recognised" in done.err


def test_excessive_nesting_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.html").write_text("<html><body>" + "<div>" * 100_000)
    done = run("parse", tmp_path / "in.html")
    assert done.code == 2
    assert "in.html" in done.err
    assert "internal error" not in done.err


@pytest.mark.parametrize(
    "where",
    ['<meta charset="iso-8859-1">', '<meta http-equiv="Content-Type" content="text/html; charset=latin1">'],
)
def test_the_encoding_that_the_page_names(where: str, tmp_path: Path) -> None:
    page = ABS.replace("<head>", f"<head>{where}")
    (tmp_path / "in.html").write_bytes(page.encode("latin-1"))
    assert json.loads(run("parse", tmp_path / "in.html").out)["authors"][0] == "Ana Núñez"


def test_a_page_saved_as_mhtml(tmp_path: Path) -> None:
    head = "From: <Saved by Blink>\nSnapshot-Content-Location: https://arxiv.org/list/cs.CL/new\nSubject: Computation\n"
    head += 'Date: Fri, 22 Mar 2024 00:10:00 -0000\nMIME-Version: 1.0\nContent-Type: multipart/related; type="text/html";\n\tboundary="b"\n'
    part = (
        "\n\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: 8bit\n\n"
        + LISTING
        + "\n--b\nContent-Type: image/png\n\nx\n--b--\n"
    )
    (tmp_path / "in.mhtml").write_text(head + part, "utf-8")
    records = [json.loads(line) for line in run("parse", tmp_path / "in.mhtml").out.splitlines()]
    assert [record["title"] for record in records] == [
        "Gears without teeth: $O(n^2)$ & more",
        "Second things",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# A title\n\n<div align='center'>x</div>",
        '<div align="center"><h1>README</h1></div>\n\n# Install\n',
        "<?xml version='1.0'?><rss><channel/></rss>",
        "a < b and c > d",
        "<a@b.c> wrote:",
        "{}",
    ],
)
def test_what_is_no_page(text: str) -> None:
    assert not html_page.detect(text)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(PAGES)), st.integers(0, 4000), st.integers(0, 300), st.text(max_size=20))
def test_no_damage_breaks_the_reader(form: str, at: int, size: int, put: str) -> None:
    page = PAGES[form][0]
    try:
        items = list(html_page.parse((page[:at] + put + page[at + size :]).split("\n")))
    except InputError:
        return
    assert all(item.line >= 1 for item in items)
