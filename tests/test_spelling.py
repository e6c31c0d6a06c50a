"""Titles, names and abstracts in every script, as `--match papers` sees them."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus_tool import text as definition
from corpus_tool.papers.columns import columns_of
from corpus_tool.papers.fields import PaperFields
from corpus_tool.papers.names import NAME_STOPS, author_names
from corpus_tool.papers.normalise import (
    MARKERS,
    PART_WORDS,
    SMALL_NUMBERS,
    abstract_words,
    flat_abstract,
    flatten,
    says_something,
    spelt,
    title_numbers,
    title_words,
    venue_marks,
    words,
)
from corpus_tool.papers.places import page_range, volume_mark
from corpus_tool.papers.reference import profile, score
from corpus_tool.papers.spelling import LEAST_CHARACTERS, without_umlauts
from corpus_tool.papers.table import prepare

SCRIPTS = (
    *(
        "abzXİıßſﬁ09",
        "éüøłǰẖΐ\u0301\u0323\u0345",
        "αςΣβ",
        "йЖё",
        "हिन्दी़ॉक़१२",
        "বাংলো",
        "தமிழௌ",
        "ไทย่ำ๑๒",
        "ລາວ້ໍ",
    ),
    *(
        "ខ្មែរ",
        "မြန်မာ",
        "العَّـرآإٔىﷺﹷ٣",
        "שָׁלֹום־ﬠ",
        "かがゝコー゛ｶﾞ",
        "中文一二十百万〇零",
        "(上)（下）①㈠",
        "한국ᄒᆞᆫㅎ",
    ),
    *("Việt", "ueoeaeaasqUEÜ", "👩🔬☀1⃣", ".,;-—  _\n\u200b\u3000", "\u00ad\u200d\u200f\ufe0f\ufeff\u034f"),
)
MIXED = st.text(st.sampled_from("".join(SCRIPTS)) | st.characters(), max_size=40)
PAPERS = st.builds(
    PaperFields,
    title=MIXED,
    abstract=st.text(st.sampled_from("".join(SCRIPTS)), max_size=150),
    authors=MIXED,
    year=st.sampled_from([0, 2020]),
    venue=MIXED,
    volume=MIXED,
)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("वह दिन में मिला", "वह दिन में मिला"),
        ("Ångström résumé Łódź Ελλάς Ёлка", "angstrom resume lodz ελλασ елка"),
        ("Việt Nam", "viet nam"),
        ("العَرَبِيَّة آب أمّ كـــتاب", "العربية اب ام كتاب"),
        ("שָׁלוֹם בית־ספר", "שלום בית ספר"),
        ("ガス ｶﾞｽ", "ガス ス ガス ス"),
        ("深層学習のモデル", "深 層 学 習 のモ モデ デル ル"),
        ("ไม่มา", "ไม่ ม่ม มา า"),
        ("한국어 문장", "한국어 문장"),
        ("hyper\u00adten\u200dsion \u200fx\ufeff", "hypertension x"),
        ("zero\u200bwidth", "zero width"),
        ("h̷̛̪e̵͓͘y", "hey"),
        ("第十二部分", "第 12 部 分"),
        ("二〇二三年 一百零五 三万二千", "2023 年 105 32000"),
        ("百科 千葉 万能", "百 科 千 葉 万 能"),
        ("१२ ٣٤ ๕๖ １２ ①", "12 34 56 12 1"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("\u0301 =\u0338 \u25cc\u094d", ""),
    ],
)
def test_words(given_text: str, expected: str) -> None:
    assert words(given_text) == expected.split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第一部分", "第二部分"),
        ("水の研究（一）", "水の研究（二）"),
        ("水の研究 ①", "水の研究 ②"),
        ("水の研究㈠", "水の研究㈡"),
        ("水的研究（上）", "水的研究（下）"),
        ("水的研究（上篇）", "水的研究（中篇）"),
        ("水の研究（前編）", "水の研究（後編）"),
        ("水の研究 第１部", "水の研究 第２部"),
        ("第十一章", "第十二章"),
        ("नदी भाग १", "नदी भाग २"),
        ("الأنهار الجزء ١", "الأنهار الجزء ٢"),
        ("แม่น้ำ ภาค ๑", "แม่น้ำ ภาค ๒"),
        ("Rivers Ⅰ", "Rivers Ⅱ"),
    ],
)
def test_two_parts_have_two_numbers(one: str, other: str) -> None:
    first, second = title_numbers(title_words(one)), title_numbers(title_words(other))
    assert first and second and first != second
    prose = (
        "Water in rivers flows to the sea, and what it carries along settles at last where it is slow. " * 2
    )
    left, right = ({"title": each, "abstract": prose} for each in (one, other))
    assert score(left, left).duplicate
    assert not score(left, right).duplicate


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("第十二部分", "第12部分"),
        ("第二〇部", "第20部"),
        ("パート二", "パート２"),
        ("भाग २", "भाग 2"),
        ("部分（一）", "部分(1)"),
    ],
)
def test_one_number_in_two_scripts(one: str, other: str) -> None:
    assert title_words(one) == title_words(other)


def test_what_brackets_do_not_show_is_no_part() -> None:
    assert (
        title_numbers(title_words("上部消化管の研究"))
        == title_numbers(title_words("水中の前編成（前）"))
        == ()
    )


@pytest.mark.parametrize(
    "forms",
    [
        'Müller Mueller Muller MÜLLER Mu\u0308ller M\\"uller',
        "Jörg Joerg Jorg",
        "Jäger Jaeger Jager",
        "Sørensen Soerensen Sorensen Sörensen",
        "Ångström Aangstroem Angstrom",
        "Kjær Kjaer Kjar",
        "Weiß Weiss",
        "Groß Gross",
        "Höß Höss Hoess",
        "Citroën Citroen",
        "Isaac Isaac",
    ],
)
def test_a_name_spelt_in_several_ways(forms: str) -> None:
    assert len({author_names(form) for form in forms.split()}) == 1
    assert author_names(forms.split()[0])


@pytest.mark.parametrize(
    "pair", ["Müller Miller", "Baur Bauer", "Möller Müller", "Noe Nö", "Quelle Qulle", "Ruß Rus"]
)
def test_names_that_stay_apart(pair: str) -> None:
    one, other = pair.split()
    assert author_names(one) != author_names(other)


def test_english_words_keep_their_ends() -> None:
    for word in (
        "blue value values true queue issue issues tissues does shoes continue sequence question neue".split()
    ):
        assert without_umlauts(word) == word
    assert without_umlauts("influenza") == "influnza"
    for word in {*SMALL_NUMBERS, *MARKERS, *PART_WORDS, *NAME_STOPS}:
        assert without_umlauts(word) == word


def test_titles_with_umlauts_spelt_out() -> None:
    left = {
        "title": "Über die Größe von Bäumen in süddeutschen Wäldern",
        "authors": "Jörg Müller",
        "year": 2020,
    }
    right = {
        "title": "Ueber die Groesse von Baeumen in sueddeutschen Waeldern",
        "authors": "Joerg Mueller",
        "year": 2020,
    }
    plain = {
        "title": "Uber die Grosse von Baumen in suddeutschen Waldern",
        "authors": "Jorg Muller",
        "year": 2020,
    }
    other = {
        "title": "Über die Größe von Vögeln in norddeutschen Städten",
        "authors": "Hans Köhler",
        "year": 2020,
    }
    assert (
        spelt(title_words(left["title"]))
        == spelt(title_words(right["title"]))
        == spelt(title_words(plain["title"]))
    )
    assert score(left, right).duplicate
    assert score(left, plain).duplicate
    assert not score(left, other).duplicate


@pytest.mark.parametrize(
    ("abstract", "telling"),
    [
        ("要旨はありません。要旨はありません", False),
        ("暂无摘要。本文没有提供摘要信息", False),
        ("ไม่มีบทคัดย่อสำหรับบทความนี้", False),
        (
            "河川の水はゆっくりと海に流れ込み、運ばれた砂は流れの遅い場所で底に沈む。その量を三年の間測定した。",
            True,
        ),
        ("河水缓慢地流入大海，所携带的泥沙在水流缓慢之处沉积。我们在三年之间测量了它的数量。", True),
        ("น้ำในแม่น้ำไหลลงสู่ทะเลอย่างช้า ๆ และทรายที่ถูกพัดพามาจะตกตะกอนในบริเวณที่น้ำไหลช้า", True),
        ("ទឹកទន្លេហូរយឺតៗទៅសមុទ្រហើយខ្សាច់ដែលវានាំមកធ្លាក់ចុះនៅកន្លែងដែលទឹកហូរយឺត", True),
    ],
)
def test_an_abstract_without_blanks_is_measured_in_characters(abstract: str, telling: bool) -> None:
    assert says_something(abstract_words(abstract), title_words("ABC")) == telling
    assert not says_something(abstract_words(abstract), title_words(abstract))


@pytest.mark.parametrize(
    ("abstract", "edited", "unlike"),
    [
        (
            "河川の水はゆっくりと海に流れ込み、運ばれた砂は流れの遅い場所で底に沈む。その量を三年の間測定した。",
            "河川の水はゆっくり海に流れ込み、運ばれた砂は流れの遅い場所で底に沈む。その量を五年の間測定した。",
            "音声をテキストに変える仕組みをつくり、騒がしい部屋で試した。誤りは半分になり、話者の違いも問題ではなかった。",
        ),
        (
            "น้ำในแม่น้ำไหลลงสู่ทะเลอย่างช้า ๆ และทรายที่ถูกพัดพามาจะตกตะกอนในบริเวณที่น้ำไหลช้า",
            "น้ำในแม่น้ำไหลลงทะเลอย่างช้า ๆ และทรายที่ถูกพัดพาจะตกตะกอนในบริเวณที่น้ำไหลช้ามาก",
            "เราสร้างระบบแปลงเสียงพูดเป็นข้อความ และทดสอบในห้องที่มีเสียงดัง ข้อผิดพลาดลดลงครึ่งหนึ่ง",
        ),
    ],
)
def test_papers_without_blanks(abstract: str, edited: str, unlike: str) -> None:
    paper = {"title": abstract[:18], "abstract": abstract}
    assert score(paper, {**paper, "abstract": edited}).duplicate
    assert not score(paper, {"title": unlike[:18], "abstract": unlike}).duplicate
    assert not score(paper, {**paper, "title": unlike[:18], "abstract": unlike}).duplicate


def test_names_of_scripts_without_blanks_are_whole() -> None:
    assert author_names("タナカ タロウ") == author_names("ﾀﾅｶ・ﾀﾛｳ")
    assert len(author_names("タナカ タロウ")) == 2
    assert author_names("สมชาย ใจดี") != author_names("สมชัย ใจดี")
    assert not venue_marks("ジャーナル")[0] & venue_marks("ターミナル")[1]
    assert volume_mark("第三巻") == volume_mark("3")
    assert page_range("１２–１９") == page_range("12-19")


@pytest.mark.parametrize(
    ("title", "length"),
    [
        ("エディトリアル", 3),
        ("征稿启事", 2),
        ("บทบรรณาธิการ", 4),
        ("河川の水の流れの研究", 4),
        ("Editorial", 1),
        ("AI の話", 2),
        ("주요 소식", 2),
    ],
)
def test_a_short_title_without_blanks_says_little(title: str, length: int) -> None:
    assert profile(PaperFields(title)).title_length == length
    assert prepare([PaperFields(title)], compiled=True).counts[0, 0] == length
    assert score({"title": title}, {"title": title}).duplicate == (length > 3)


def test_kana_of_short_abstracts_are_not_cut() -> None:
    assert abstract_words("あ" * (LEAST_CHARACTERS - 1)) == ["あ" * (LEAST_CHARACTERS - 1)]
    assert abstract_words("あ" * LEAST_CHARACTERS) == ["ああ"] * (LEAST_CHARACTERS - 1) + ["あ"]


@given(MIXED)
@example("α\u0345\ufe77\u0301")
def test_words_are_the_same_in_every_form_of_unicode(content: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        other = unicodedata.normalize(form, content)
        if {"&", "<", "\\", "[", "]"}.isdisjoint(other):
            assert words(other) == words(content)


@given(MIXED)
def test_flat_texts_have_the_same_words(content: str) -> None:
    for flat, expected in (
        (flatten, words(content)),
        (flat_abstract, abstract_words(content)),
    ):
        runs = "".join(
            one if (one.isalnum() and one.isascii()) or one > "\x7f" else " " for one in flat(content)
        )
        assert [run for run in map(_lower, runs.split(" ")) if run] == expected


def _lower(run: str) -> str:
    """Small letters of ASCII alone, as the kernels make them."""
    return "".join(one.lower() if one.isascii() else one for one in run)


@given(MIXED, st.sampled_from("\u00ad\u200d\u200f\ufe0f\ufeff\u064e\u0651\u05b0\u0640"), st.integers(0, 40))
def test_what_nobody_sees_never_changes_words(content: str, ignored: str, place: int) -> None:
    if {"&", "<", "\\"}.isdisjoint(content):
        assert words(content[:place] + ignored + content[place:]) == words(content)


@settings(deadline=None)
@given(st.lists(PAPERS, max_size=5))
@example(
    [
        PaperFields(
            "Ueaeoe quelle neue aas aasb s aes aesx",
            "Über " * 40,
            "Müller Mueller Foer; タナカ",
            0,
            "ジャーナル",
            "第三巻",
        )
    ]
)
@example([PaperFields("aaae" * 20 + "é" + "uel" * 30, "のがコー" * 20 + " abc", "ＪÖRG aaa uee")])
def test_kernels_equal_the_reference(papers: list[PaperFields]) -> None:
    slow, fast = prepare(papers, compiled=False), prepare(papers, compiled=True)
    for left, right in zip(slow.sets, fast.sets, strict=True):
        for one, other in zip(left, right, strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(slow.counts, fast.counts)
    np.testing.assert_array_equal(slow.hashes, fast.hashes)
    found: list[dict[str, Any]] = [columns_of(papers, compiled=compiled) for compiled in (False, True)]
    assert found[0].keys() == found[1].keys()
    for name, column in found[0].items():
        np.testing.assert_array_equal(column, found[1][name], name)


def test_latin_greek_and_cyrillic_lose_what_text_keeps() -> None:
    assert definition.words("résumé") != definition.words("resume")
    assert words("résumé") == words("resume")
    assert definition.words("दिन") != definition.words("दीन")
    assert words("दिन") != words("दीन")
