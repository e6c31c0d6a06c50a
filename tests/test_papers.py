"""The scorecard of `--match papers`: field names, words, the properties of the score, and its verdicts."""

from __future__ import annotations

import unicodedata
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus_tool.errors import UsageError
from corpus_tool.papers.fields import PaperFields, paper_fields
from corpus_tool.papers.names import author_names
from corpus_tool.papers.normalise import (
    figures,
    plain,
    says_something,
    title_markers,
    title_numbers,
    title_words,
    venue_marks,
    words,
)
from corpus_tool.papers.places import page_range
from corpus_tool.papers.reference import profile, score, score_profiles, values
from corpus_tool.papers.scorecard import DEFAULT, NAMES, TERMS

PROSE = (
    "we study how sediment moves along a braided river bed when the water rises and falls again over one summer "
    "and find that gravel bars near bends keep their shape while those on straight reaches travel downstream"
)
PAPER = {
    "title": "Gravel bars of braided rivers in a wet summer",
    "abstract": PROSE,
    "authors": "Ada Example; Bob Sample",
    "year": "2021",
    "journal": "Journal of Invented Rivers",
    "volume": "12",
    "pages": "101-19",
    "doi": "10.1234/rivers.12",
}

WORDS = st.sampled_from(
    "graph deep river study learning model cell rat part i ii 2 3 comment reply erratum naïve Zürich neural of".split()
)
NAMES_OF_PEOPLE = st.sampled_from(["Ada Example", "Bob Sample", "Núñez, C.", "Li, X.", "Dora van Nowhere"])


def prose(least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(WORDS, min_size=least, max_size=most).map(" ".join)


PAPERS = st.builds(
    PaperFields,
    title=prose(0, 8),
    abstract=st.one_of(st.just(""), prose(0, 60), st.just(PROSE), st.just(PROSE[40:])),
    authors=st.lists(NAMES_OF_PEOPLE, max_size=4).map("; ".join),
    year=st.sampled_from([0, 2019, 2020, 2021]),
    venue=st.sampled_from(["", "Journal of Invented Rivers", "J. Inv. Riv.", "Proceedings of Nowhere"]),
    volume=st.sampled_from(["", "12", "13(2)"]),
    pages=st.sampled_from(["", "10-19", "10-9", "12", "e4"]),
    doi=st.sampled_from(["", "10.1234/a", "10.1234/b"]),
    arxiv=st.sampled_from(["", "2101.00001", "2101.00002"]),
)
FIELDS = tuple(field.name for field in dataclass_fields(PaperFields))


def total(a: PaperFields, b: PaperFields) -> float:
    return score_profiles(profile(a), profile(b)).total


def blanked(paper: PaperFields, field: str) -> PaperFields:
    return replace(paper, **{field: 0 if field == "year" else ""})  # type: ignore[arg-type]


@given(PAPERS, PAPERS)
def test_score_is_symmetric(a: PaperFields, b: PaperFields) -> None:
    one, other = score_profiles(profile(a), profile(b)), score_profiles(profile(b), profile(a))
    assert one == other
    assert one.total == sum(item.points for item in one.contributions)
    assert [item.name for item in one.contributions] == list(NAMES)


@given(PAPERS, PAPERS, st.randoms(use_true_random=False))
def test_score_ignores_case_accents_and_line_wrapping(a: PaperFields, b: PaperFields, random: Any) -> None:
    def reprinted(text: str, *, cased: bool) -> str:
        text = text if cased else random.choice((str.upper, str.title, str.lower))(text)
        text = unicodedata.normalize(random.choice(("NFC", "NFD")), text)
        if random.random() < 0.5:
            text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        return text.replace(" ", random.choice(("\n", "  ", "\t", " ")))

    # Case is what tells "Li" from initials.
    changed = {
        name: reprinted(getattr(a, name), cased=name == "authors")
        for name in ("title", "abstract", "authors", "venue")
    }
    assert total(replace(a, **changed), b) == total(a, b)


@given(st.permutations(list(PAPER)), st.permutations(list(PAPER)))
def test_score_ignores_the_order_of_fields(left: list[str], right: list[str]) -> None:
    a = {name: PAPER[name] for name in left}
    b = {name: PAPER[name] for name in right}
    assert score(a, b) == score(PAPER, PAPER)


@given(PAPERS, PAPERS, st.sampled_from(FIELDS), st.booleans())
def test_removing_agreement_never_raises_the_score(
    a: PaperFields, b: PaperFields, field: str, both: bool
) -> None:
    b = replace(b, **{field: getattr(a, field)})
    assume(not values(profile(a), profile(b))[NAMES.index("contrast")])  # it counts in short texts only
    without = total(blanked(a, field) if both else a, blanked(b, field))
    assert without <= total(a, b) + 1e-9


@given(PAPERS, PAPERS, st.sampled_from(FIELDS))
def test_contradicting_what_agreed_never_raises_the_score(
    a: PaperFields, other: PaperFields, field: str
) -> None:
    assume(getattr(a, field) and getattr(other, field))
    same = replace(other, **{field: getattr(a, field)})
    assume(not values(profile(a), profile(same))[NAMES.index("contrast")])
    assert total(a, other) <= total(a, same) + 1e-9


@given(PAPERS)
def test_a_record_without_words_is_never_a_duplicate(paper: PaperFields) -> None:
    wordless = replace(paper, title="", abstract="...")
    assert not score_profiles(profile(wordless), profile(wordless)).duplicate
    assert not score_profiles(profile(wordless), profile(paper)).duplicate


def test_the_table_is_whole() -> None:
    assert len(set(NAMES)) == len(TERMS) == len(DEFAULT.weights)
    assert all(term.meaning and term.applies for term in TERMS)


OTHER = (
    "the reader will find other matters here such as how mills were built and who paid for them, what became of the "
    "fish and why nobody kept a record before the great flood had taken half of the town and all its books away"
)
LONG = PROSE + " and we close with what that means for the people who build bridges and mills along its banks"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (
            {"title": "Gravel bars", "abstract": LONG},
            {"title": "Gravel Bars", "abstract": LONG.upper()},
            True,
        ),
        (
            {"title": "Rivers, Part I", "abstract": LONG},
            {"title": "Rivers, Part II", "abstract": LONG},
            False,
        ),
        ({"title": "Rivers: part A", "abstract": LONG}, {"title": "Rivers: part B", "abstract": LONG}, False),
        (
            {"title": "PLLaVA: captioning rivers on video", "abstract": LONG[:150]},
            {"title": "PPLLaVA: captioning rivers on video", "abstract": "another text " * 20},
            False,
        ),
        ({"title": "Gravel bars", "abstract": LONG}, {"title": "Gravel bars", "abstract": LONG[:200]}, True),
        ({"title": "Editorial"}, {"title": "Editorial"}, False),
        (
            {"title": "Editorial", "doi": "10.1234/x", "authors": "Ada Example", "year": 2020},
            {
                "title": "Editorial",
                "doi": "https://doi.org/10.1234/X",
                "authors": "Example, A.",
                "year": 2020,
            },
            True,
        ),
        (
            {"title": "Comment on gravel bars of braided rivers", "authors": "Ada Example"},
            {"title": "Comment on gravel bars of braided rivers", "authors": "Bob Sample"},
            False,
        ),
        (
            {"title": "Gravel bars of braided rivers", "abstract": LONG, "date": "2025-12-31"},
            {"title": "Gravel bars of braided rivers", "abstract": LONG, "date": "2026-01-02"},
            True,
        ),
        (
            {"title": "Bars", "abstract": LONG, "arxiv": "2101.00001v1"},
            {"title": "Wholly renamed", "abstract": PROSE[::-1], "url": "https://arxiv.org/abs/2101.00001v3"},
            False,
        ),
        ({"abstract": LONG}, {"abstract": LONG}, True),
        ({"title": "", "abstract": ""}, {"title": "", "abstract": ""}, False),
    ],
)
def test_verdicts(a: dict[str, Any], b: dict[str, Any], same: bool) -> None:
    assert score(a, b).duplicate is same


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Studien über Flüsse: Erster Teil", "Studien über Flüsse: Zweiter Teil"),
        ("Étude des rivières, première partie", "Étude des rivières, deuxième partie"),
        ("Estudio de los ríos: segunda parte", "Estudio de los ríos: tercera parte"),
        ("Estudo dos rios, primeira parte", "Estudo dos rios, segunda parte"),
        ("Studio dei fiumi. Parte prima", "Studio dei fiumi. Parte seconda"),
        ("Исследование рек. Часть первая", "Исследование рек. Часть вторая"),
        ("Badanie rzek. Część pierwsza", "Badanie rzek. Część druga"),
        ("Onderzoek van rivieren, eerste deel", "Onderzoek van rivieren, tweede deel"),
        ("河流研究 第一部分", "河流研究 第二部分"),
    ],
)
def test_parts_in_other_languages_are_two_papers(first: str, second: str) -> None:
    signed = {"authors": "Ada Example; Bob Sample", "abstract": LONG}
    assert score({"title": first, **signed}, {"title": first.upper(), **signed}).duplicate
    assert not score({"title": first, **signed}, {"title": second, **signed}).duplicate


def test_strictness_shifts_the_threshold() -> None:
    revised = {"title": PAPER["title"], "abstract": PROSE[:70] + " " + OTHER}
    original = {"title": PAPER["title"], "abstract": PROSE}
    assert not score(original, revised).duplicate
    assert score(original, revised, DEFAULT.at("lenient")).duplicate
    assert DEFAULT.at("strict").threshold == 1.5
    assert DEFAULT.at("0.25").threshold == DEFAULT.at(0.25).threshold == 0.25
    for wrong in ("loose", "nan", "inf"):
        with pytest.raises(UsageError, match="strictness is one of"):
            DEFAULT.at(wrong)


@pytest.mark.parametrize(
    "record",
    [
        PAPER,
        {
            "TI": PAPER["title"],
            "AB": PROSE,
            "AU": ["Example, Ada", "Sample, Bob"],
            "PY": "2021///",
            "JO": PAPER["journal"],
            "VL": 12,
            "SP": "101",
            "EP": "119",
            "DO": "doi:10.1234/RIVERS.12",
        },
        {
            "title": [PAPER["title"]],
            "abstract": PROSE,
            "author": [{"family": "Example", "given": "Ada"}, {"family": "Sample", "given": "Bob"}],
            "issued": {"date-parts": [[2021, 3]]},
            "container-title": [PAPER["journal"]],
            "volume": "12",
            "page": "101\u2013119",
            "DOI": "10.1234/rivers.12",
        },
        {
            "Article Title": PAPER["title"],
            "ABSTRACT": PROSE,
            "Authors": [{"name": "Ada Example"}, {"name": "Bob Sample"}],
            "Publication_Year": 2021,
            "venue": {"display_name": PAPER["journal"]},
            "volume": 12.0,
            "pages": "101-119",
            "externalIds": {"DOI": "10.1234/rivers.12"},
        },
    ],
)
def test_other_peoples_field_names(record: dict[str, Any]) -> None:
    found = paper_fields(record)
    assert (found.title, found.abstract, found.year) == (PAPER["title"], PROSE, 2021)
    assert (found.venue, found.volume, found.doi) == (PAPER["journal"], "12", PAPER["doi"])
    assert profile(found) == profile(paper_fields(PAPER))


def test_a_mapping_names_what_the_aliases_do_not_know() -> None:
    record = {"headline": "A", "meta": {"people": ["Ada Example"]}, "a.b": "2020", "title": "wrong"}
    found = paper_fields(
        record, {"title": ["headline"], "authors": ["meta.people"], "year": ["a.b"], "doi": ["no.such"]}
    )
    assert found == PaperFields(title="A", authors="Ada Example", year=2020)
    with pytest.raises(UsageError, match="papers have no field 'isbn'"):
        paper_fields(record, {"isbn": "headline"})


def test_a_date_is_a_year_of_publication_only_beside_a_venue() -> None:
    assert paper_fields({"title": "a", "date": "2021-05-01"}).year == 0
    assert paper_fields({"title": "a", "date": "2021-05-01", "journal": "J"}).year == 2021
    assert paper_fields({"title": "a", "date": "2021-05-01", "year": 2020}).year == 2020


def test_identifiers() -> None:
    assert paper_fields({"id": "2101.00001", "title": "a"}).arxiv == ""
    assert paper_fields({"arxiv": "arXiv:2101.00001v2"}).arxiv == "2101.00001"
    assert paper_fields({"eprint": "hep-th/9901001"}).arxiv == "hep-th/9901001"
    assert paper_fields({"eprint": "12345"}).arxiv == ""
    assert paper_fields({"doi": "10.48550/arXiv.2101.00001"}) == PaperFields(arxiv="2101.00001")
    assert paper_fields({"url": "https://arxiv.org/pdf/2101.00001v1.pdf"}).arxiv == "2101.00001"
    assert paper_fields({"url": "arxiv.org/abs/2101.00001 arxiv.org/abs/2101.00002"}).arxiv == ""
    assert paper_fields({"url": "https://doi.org/10.1234/Ab.c?x=1"}).doi == "10.1234/ab.c"
    assert paper_fields({"doi": "see publisher"}).doi == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'Schr\\"odinger {\\"o} Erd\\H{o}s \\c Cech l\\\'{\\i}n M{\\o}ller',
            "schrodinger o erdos cech lin moller",
        ),
        ("H<sub>2</sub>O &amp; &lt;b&gt;<p>\u03b2-cells</p>p<0.05", "h2o beta cells p 0 05"),
        ("Łódź Straße ﬁne ＡＢ", "lodz strasse fine ab"),
        ("中文 titles", "中 文 titles"),
        ("well_known", "well known"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert words(text) == expected.split()


@given(st.text())
def test_plain_text_stays_plain(text: str) -> None:
    folded = plain(text)
    assert words(folded) == words(text) or "&" in text or "<" in folded or "\\" in folded


def test_titles() -> None:
    assert title_words("Rivers [Chinese]. [Erratum appears in J. 2010; [corrected]]") == ["rivers"]
    assert title_words("[Flüsse]") == title_words("[Flüsse]. [German]") == ["flusse"]
    assert title_numbers(title_words("Part II of 3")) == title_numbers(title_words("third of 02"))
    assert title_numbers(["part", "b"]) != title_numbers(["part", "c"]) != ()
    assert title_numbers(["vitamin", "b"]) == ()
    assert title_markers(title_words("Reply to the comment on rivers")) == (
        title_markers(["comments"]) | title_markers(["response"])
    )
    assert title_markers("one two three four comment five six seven eight".split()) == 0
    assert figures(words("of 120 rats, 7 died in 2019 (3.25)")) == figures(["120", "2019", "25"])
    assert not says_something(words("No abstract available"), ["rivers"])


def test_names_venues_pages() -> None:
    assert author_names("LucasM.MirzaeiF.") == author_names("Lucas M; Mirzaei, F")
    assert author_names("McDonald and others") == author_names("MCDONALD")
    assert author_names("Li X") == author_names("X. Li") != author_names("LI X")

    def meet(a: str, b: str) -> bool:
        return bool(venue_marks(a)[0] & venue_marks(b)[1] or venue_marks(b)[0] & venue_marks(a)[1])

    assert meet("Int. J. Cardiol.", "International Journal of Cardiology")
    assert meet("JAMA", "Journal of the American Medical Association")
    assert not meet("Diabetes", "Diabetologia")
    assert meet("中华医学杂志", "中华医学杂志")
    assert meet("Q", "Q.")
    assert not meet("中华医学杂志", "中国科学")
    assert not venue_marks("The Journal")[0]
    assert page_range("682-9") == page_range("pp. 682\u2013689.") == page_range("0682--0689")
    assert page_range("S12-S19") == page_range("S12-9") == page_range("12-19")
    assert page_range("n/a") == (0, 0)


def test_comments_in_the_same_few_words_need_their_authors() -> None:
    comment = {"title": "Discussion of rivers by A. Example", "abstract": f"Discussion of it: {PROSE[:90]}"}
    assert not score(comment, comment).duplicate
    assert score({**comment, "pages": "7-9"}, {**comment, "pages": "7-9"}).duplicate
    assert score({**comment, "authors": "Bob Sample"}, {**comment, "authors": "Bob Sample"}).duplicate
    assert not score({**comment, "authors": "Bob Sample"}, {**comment, "authors": "Cy Other"}).duplicate
    assert score(
        {**comment, "abstract": f"{PROSE} {PROSE[::-1]}"}, {**comment, "abstract": f"{PROSE} {PROSE[::-1]}"}
    ).duplicate
    assert score({**comment, "title": "Rivers in summer"}, {**comment, "title": "Rivers in summer"}).duplicate
