import json
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool.errors import UsageError
from corpus_tool.lines.decode import decode
from corpus_tool.lines.lines import Lines, Names, line_parts
from corpus_tool.papers import extract, normalise
from corpus_tool.papers.extract import read_papers
from corpus_tool.papers.extract_kernels import texts_to_change
from corpus_tool.papers.fields import ALIASES, PaperFields, paper_fields
from corpus_tool.papers.layout import lay_out, lay_papers

pytestmark = pytest.mark.usefixtures("each_step")

DIGESTS = Path(__file__).parents[1] / "examples" / "digests"
WORD = re.compile(rb"(?:[a-z0-9]|[\x80-\xff])+")
PIECES = [
    *(
        "word",
        "Word",
        "H2O",
        "e",
        "a",
        "1.5",
        " ",
        "  ",
        "\n",
        "\t",
        "-",
        "$",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        ".",
    ),
    *(
        "&",
        "&amp;",
        "&amp",
        "&#38;",
        "&lt;",
        "&;",
        "AT&T",
        "<",
        ">",
        "<i>",
        "</i>",
        "<sub>",
        "<p ",
        "<!--",
        "-->",
    ),
    *(
        "</",
        "\\",
        "\\'",
        '\\"',
        "\\c",
        "\\v",
        "\\H{o}",
        "\\'{e}",
        "{\\o}",
        "\\ss",
        "\\alpha",
        "\\aa",
        "\\oe",
        "\\l",
    ),
    *("[Translated]", "[see comment]", "\\ ", '"', "/", ";", "x" * 60, " long " * 12),
]
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=8)
ASCII = st.lists(st.sampled_from(PIECES) | st.characters(max_codepoint=127), max_size=12).map("".join)


def words_of(found, place):
    """The words of a text of a buffer: all that is compared of it."""
    buffer, offsets = found
    return WORD.findall(buffer[offsets[place] : offsets[place + 1]].tobytes().lower())


def check(raws, mapping=None):
    """Hold the reader to its twin, which decodes every line; what the reader said."""
    places, papers, bad = [], [], []
    for place, raw in enumerate(raws):
        try:
            papers.append(paper_fields(decode(raw), mapping))
            places.append(place)
        except ValueError as error:
            if raw.strip():
                bad.append((place, str(error)))
    expected = lay_papers(papers)
    found, readable, wrong, _ = read_papers(Lines.joined(raws), mapping)
    assert (readable.dtype, readable.tolist(), wrong) == (np.int64, places, bad)
    assert len(found) == len(raws)
    assert found.rest == {places[at]: paper for at, paper in expected.rest.items()}
    for one, other in ((found.titles, expected.titles), (found.abstracts, expected.abstracts)):
        buffer, offsets = one
        assert len(buffer) >= offsets[-1] + 64
        assert len(offsets) == len(raws) + 1
        assert [words_of(one, place) for place in places] == [
            words_of(other, at) for at in range(len(places))
        ]
        assert all(offsets[place] == offsets[place + 1] for place in set(range(len(raws))) - set(places))
    return found


@st.composite
def names(draw):
    """A key that may be known, in anybody's spelling, or any other."""
    known = [alias for field in ALIASES for alias in (*ALIASES[field], field)]
    likely = st.sampled_from(["title", "abstract", "doi", "date", "year", "id", "categories", "text"])
    name = draw(likely | st.sampled_from(known) | st.sampled_from(["", "x", "titles", "é", "K", "\u212a"]))
    if draw(st.booleans()) and name:
        cut = draw(st.integers(0, len(name)))
        joiner = draw(st.sampled_from(["", " ", "_", "-", ":", "__", "\t", "."]))
        name = draw(st.sampled_from([str.upper, str.title, str]))(name[:cut]) + joiner + name[cut:]
    return name


plain = (
    texts
    | st.sampled_from(["10.1000/ABC.1", "https://doi.org/10.1/x", "2101.00001v2", "2020", "12-19", " ", ""])
    | st.none()
    | st.booleans()
    | st.integers(-5, 2100)
    | st.integers(10**17, 10**30)
    | st.floats()
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "family", "given", "DOI", "ArXiv", "value"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)


@st.composite
def json_lines(draw):
    """An object with keys in any order, some of them twice, as anybody may write it."""
    members = draw(st.lists(st.tuples(names(), texts | values), max_size=7))
    ascii_only, blank = draw(st.booleans()), draw(st.sampled_from(["", " ", " \t"]))
    parts = (
        f"{blank}{json.dumps(key, ensure_ascii=ascii_only)}{blank}:{json.dumps(value, ensure_ascii=ascii_only)}"
        for key, value in members
    )
    raw = "{" + ",".join(parts) + blank + "}"
    if draw(st.integers(0, 19)) == 0:
        raw = raw[: draw(st.integers(0, len(raw)))]
    return raw.encode("utf-8", "surrogatepass")


lines = json_lines() | st.sampled_from(
    [b"", b"  \r", b"{}", b"[]", b'{"title":"cut', b'{"a":1e400,"volume":9e99}']
)


@settings(deadline=None, max_examples=400)
@given(st.lists(lines, max_size=6))
def test_lines_read_as_decoding_reads_them(raws):
    check(raws)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(lines, max_size=4),
    st.sampled_from([{"title": ["text"]}, {"venue": ["no", "a.b"], "abstract": ["x"]}]),
)
def test_a_mapping_is_followed(raws, mapping):
    check(raws, mapping)


def test_a_mapping_of_no_field_is_refused():
    with pytest.raises(UsageError, match="papers have no field 'colour'"):
        read_papers(Lines.joined([b"{}"]), {"colour": ["text"]})


@settings(deadline=None, max_examples=1000)
@given(ASCII)
def test_what_is_left_in_place_is_what_flattening_leaves(text):
    for bare in (False, True):
        shorter = normalise.bare_title(text) if bare else text
        if not changed(text, bare):
            assert normalise.flatten(shorter).lower() == text.lower()


def changed(text, bare=False):
    """Whether the kernel says that a text may change, wherever it stands among others."""
    found = []
    for before in ("", "x" * 62, "<b>&amp;\\'e]"):
        buffer = (before + text + "<b>&amp;\\'e]").encode().ljust(400, b">")
        offsets = np.array([len(before), len(before) + len(text.encode())])
        answer = np.empty(1, np.bool_)
        texts_to_change(np.frombuffer(buffer, np.uint8), offsets, bare, answer)
        found.append(bool(answer[0]))
    assert len(set(found)) == 1
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "R & D",
        "a &",
        "&&",
        "&;",
        "a < b > c",
        "x<y and no more",
        "a -> b",
        "5<6>7",
        "\\alpha_\\beta",
        "\\",
    ]
    + ["\\over", "\\check{x}", "\\c", "\\k1", "\\\\", "\\sso", "\\aaa", "\\bf x", "100\\%", "\\{x\\}", "x]"],
)
def test_formulas_and_the_like_need_no_interpreter(text):
    assert not changed(text)


@pytest.mark.parametrize(
    "text",
    [
        "R&amp;D",
        "<i>x</i>",
        "x<y>",
        "a</b>",
        "<!-- -->",
        "\\'e",
        "\\c c",
        "\\v{s}",
        "\\u\\i",
        "\\o",
        "\\o ",
        "\\oe",
    ]
    + ["\\ss", "\\L.", "\\aa{}", " " * 63 + "\\'e", " " * 62 + "&lt;", "<a" + " " * 100 + ">"],
)
def test_accents_tags_and_entities_need_it(text):
    assert changed(text)
    assert changed(text, bare=True)


def test_a_bracket_counts_in_titles_only():
    assert changed("Title [in Polish]", bare=True)
    assert not changed("Title [in Polish]")


def test_a_paper_laid_out():
    raws = [
        b'{"id":7,"Title":"On a &amp; b [letter]","ab":" One <i>two</i> three. ","year":2019,"x":[{"year":1}]}',
        '{"title":"Ünïcode","journal":"Nature"}'.encode(),
        b'{"title":"Bare","abstract":null,"date":"2019-01-02","doi":""}',
        b'{"title":"Dated","date":"2019-01-02","vol":3}',
        b'{"title":["List"],"ABSTRACT":"   "}',
        b'{"title":"Two","TI":"names","doi":"10.1000/x"}',
        b'{"title":"cut',
        b" ",
    ]
    found = check(raws)
    assert [b" ".join(words_of(found.titles, place)) for place in range(8)] == [
        *(b"on a b", b"unicode", b"bare", b"dated", b"list", b"two", b"", b"")
    ]
    assert [b" ".join(words_of(found.abstracts, place)) for place in range(8)] == [
        b"one two three",
        *[b""] * 7,
    ]
    assert found.rest == {
        0: PaperFields(year=2019),
        1: PaperFields(venue="Nature"),
        3: PaperFields(volume="3", year=2019),
        5: PaperFields(doi="10.1000/x"),
    }
    assert found.abstracts[1][5] == found.abstracts[1][4]  # nothing but blanks is nothing


@pytest.mark.parametrize("size", [0, 1, 62, 63, 64, 65, 127, 128, 129, 3000])
def test_texts_and_members_of_every_length_around_a_vector(size):
    text = ("word " * 600)[:size]
    raws = [
        json.dumps(
            {"title": text + str(n), "doi": f"10.1000/{n}", "authors": [text, "x"], "abstract": text}
        ).encode()
        for n in range(4)
    ]
    found = check([*raws, b"", raws[0].replace(b"word", b"w\xc3\xb6rd"), raws[1]])
    assert found.rest[6].authors == "; ".join(filter(None, [text.strip(), "x"]))


def test_common_lines_are_not_decoded(monkeypatch):
    raws = [
        json.dumps(
            {"id": n, "title": f"Title {n}", "Abstract": "Of words.", f"key {n}": [n], "date": "2020"}
        ).encode()
        for n in range(600)
    ]
    expected = check(raws)
    monkeypatch.setattr(extract, "paper_fields", None)
    monkeypatch.setattr(extract, "flatten", None)
    found, readable, bad, _ = read_papers(Lines.joined(raws))
    assert (len(readable), bad, found.rest) == (600, [], {})
    assert words_of(found.titles, 599) == words_of(expected.titles, 599) == [b"title", b"599"]


def test_what_the_kernel_copies():
    names = Names(first={"title"}, second=(), telling={"doi", "n"}, beside={"date"})
    raws = [
        b'{"date": 1 , "t i-t:L_e" : "x" , "DOI" : "y", "id":0}',
        b'{"date":1,"doi":null,"n":""}',
        b'{"n":10,"date":{"a":[1, 2]},"doi":null}',
        b'{"n":1',
        b'{"n":"a","n":[]}',
    ]
    found = line_parts(Lines.joined(raws), names.table())
    buffer, offsets = found.rest
    bounds = pairwise(offsets)
    assert [buffer[start:end].tobytes() for start, end in bounds] == [
        b'{"date": 1,"DOI" : "y"},',
        b"",
        b'{"n":10,"date":{"a":[1, 2]},"doi":null},',
        b"",
        b'{"n":"a","n":[]},',
    ]
    assert found.odd.tolist() == [3]
    assert found.first[1].tolist() == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("name", ["x" * 17, "é"])
def test_names_that_a_table_cannot_hold(name):
    with pytest.raises(ValueError, match="not a name of up to 16 ASCII characters"):
        Names({name}, (), (), ()).table()


@given(st.lists(texts, max_size=5))
def test_texts_laid_out_have_the_words_of_each(some):
    found = lay_out(some)
    for place, text in enumerate(some):
        encoded = [word.encode("utf-8", "surrogatepass") for word in normalise.words(text)]
        assert words_of(found, place) == encoded


def test_threads_may_read_at_once():
    blocks = [
        Lines.joined([f'{{"title":"t{block} {n}","year":{2000 + block}}}'.encode() for n in range(50)])
        for block in range(8)
    ]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_papers, blocks))
    for block, (papers, readable, _, _) in enumerate(found):
        assert words_of(papers.titles, 49) == [f"t{block}".encode(), b"49"]
        assert len(readable) == 50
        assert papers.rest[7].year == 2000 + block


@pytest.mark.skipif(not DIGESTS.is_dir(), reason="the examples are not here")
def test_the_digests_of_the_examples(tmp_path):
    records = tmp_path / "records.jsonl"
    assert run("parse", DIGESTS, "--year", "2026", "-o", records).code == 0
    raws = records.read_bytes().splitlines()
    assert len(raws) > 20
    found = check(raws)
    assert any(words_of(found.abstracts, place) for place in range(len(raws)))
