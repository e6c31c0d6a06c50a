import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tool import text


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("Hello_World, hello!", ["hello_world", "hello"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("日本語のtext", ["日", "本", "語", "の", "text"]),
        ("don't stop—now 3.14", ["don", "t", "stop", "now", "3", "14"]),
        ("ﬁne ﬂow", ["fine", "flow"]),
        ("\ud800 x", ["x"]),
        ("", []),
        (" \n\t.,;", []),
    ],
)
def test_words(given_text, expected):
    assert text.words(given_text) == expected


def test_every_ideograph_is_a_word_of_its_own():
    assert text.words("\u3007\u4e00\U00020000\uf900") == text.words("\u3007 \u4e00 \U00020000 \uf900")


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("दिन दीन मिला।", ["दिन", "दीन", "मिला"]),
        ("বাংলা ভাষা", ["বাংলা", "ভাষা"]),
        ("தமிழ்_மொழி", ["தமிழ்_மொழி"]),
        ("ไม่มา ๒๕๖๗", ["ไ", "ม่", "ม", "า", "๒๕๖๗"]),
        ("น้ำ", ["น้ํ", "า"]),
        ("ພາສາລາວ", ["ພ", "າ", "ສ", "າ", "ລ", "າ", "ວ"]),
        ("ខ្មែរ ១២", ["ខ្", "មែ", "រ", "១២"]),
        ("မြန်မာ ၁၂", ["မြ", "န်", "မာ", "၁၂"]),
        ("コーヒー・ｶﾞｽ", ["コ", "ー", "ヒ", "ー", "ガ", "ス"]),
        ("か\u3099が", ["が", "が"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("العَرَبِيَّة كـــتاب", ["العربية", "كتاب"]),
        ("آب أمّ", ["آب", "أم"]),
        ("שָׁלוֹם בֵּית־סֵפֶר", ["שלום", "בית", "ספר"]),
        ("Việt Nam", ["việt", "nam"]),
        ("hyper\u00adten\u00adsion", ["hypertension"]),
        ("e\u00ad\u0301t\u200dé \ufeffa\u2060b \u200fc\u200e", ["été", "ab", "c"]),
        ("zero\u200bwidth", ["zero", "width"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("ok ✔\ufe0f 👩\u200d🔬 ☀\ufe0f", ["ok"]),
        ("葛\U000e0100城", ["葛", "城"]),
        ("1\ufe0f\u20e3", ["1"]),
        ("ΣΊΣΥΦΟΣ Σίσυφος", ["σίσυφοσ", "σίσυφοσ"]),
        ("İstanbul", ["i̇stanbul"]),
        ("h̷̛̪e̵͓͘y", ["h̷̛̪e̵͓͘y"]),
        ("\u0301 a\u0301 =\u0338 \u25cc\u094d !\u093f", ["á"]),
    ],
)
def test_words_of_many_scripts(given_text, expected):
    assert text.words(given_text) == [unicodedata.normalize("NFC", word) for word in expected]


@pytest.mark.parametrize(
    "pair",
    [
        ("दिन", "दीन"),
        ("কল", "কাল"),
        ("ไม่", "ไม้"),
        ("ນໍ້າ", "ນໍາ"),
        ("កា", "កិ"),
        ("မာ", "မား"),
        ("は", "ば"),
        ("é", "e"),
    ],
)
def test_marks_tell_words_apart(pair):
    assert text.words(pair[0]) != text.words(pair[1])


SCRIPTS = (
    *(
        "abzXİıßſﬁ_09",
        "éüøłǰẖΐ\u0301\u0323\u0345",
        "αςΣ",
        "йЖ",
        "हिन्दी़ॉक़",
        "বাংলো",
        "தமிழௌ",
        "ไทย่ำ๑",
        "ລາວ້ໍ",
        "ខ្មែរ",
    ),
    *(
        "မြန်မာ",
        "العَّـرآإٔىﷺﹷ",
        "שָׁלֹום־ﬠ",
        "かがゝコー゛ｶﾞ",
        "中文々〇",
        "한국ᄒᆞᆫㅎ",
        "Việt",
        "👩🔬☀1⃣",
        ".,;-—  \n\u200b\u3000",
    ),
)
IGNORED = "\u00ad\u034f\u061c\u115f\u17b5\u200c\u200d\u200e\u200f\u202b\u2060\u2066\u3164\ufe0f\ufeff\uffa0"
IGNORED += "\U000e0100\U000e0067"
HARAKAT = "\u064b\u064e\u0651\u0652\u0640\u0670\u06d6\u05b0\u05bc\u05c1"
MIXED = st.text(st.sampled_from("".join(SCRIPTS)) | st.sampled_from(IGNORED) | st.characters(), max_size=30)


@given(MIXED)
def test_words_are_the_same_in_every_form_of_unicode(content):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert text.words(unicodedata.normalize(form, content)) == text.words(content)


@given(MIXED, st.data())
def test_what_nobody_sees_never_changes_words(content, data):
    where = data.draw(st.lists(st.tuples(st.integers(0, len(content)), st.sampled_from(IGNORED + HARAKAT))))
    changed = content
    for place, character in sorted(where, reverse=True):
        changed = changed[:place] + character + changed[place:]
    assert text.words(changed) == text.words(content)


@given(MIXED)
def test_normalising_twice_changes_nothing(content):
    once = text.normalise(content)
    assert text.normalise(once) == once
    assert text.words(once) == text.words(content)


@given(MIXED)
def test_words_are_letters_marks_and_digits_and_miss_none(content):
    found = text.words(content)
    for word in found:
        assert word[0] == "_" or unicodedata.category(word[0])[0] in "LN" or word[0] in UNASSIGNED
        assert all(one == "_" or unicodedata.category(one)[0] in "LNM" for one in word[1:])
    letters = [one for one in text.normalise(content) if one == "_" or one.isalnum()]
    assert [one for one in "".join(found) if one == "_" or one.isalnum()] == letters


@given(st.lists(st.sampled_from("a\u0301\u0323\u0345\u064e\u0e38\u0e49\u093cक़é\u034f각中 "), max_size=30))
def test_heaps_of_marks_are_normalised_like_few(pieces):
    content = "".join(piece * 40 for piece in pieces)
    whole = content + "\u0323x" + " " * text.LONG + content
    assert text.normalise(whole).split() == [
        *text.normalise(content + "\u0323x").split(),
        *text.normalise(content).split(),
    ]
    assert text.decomposed(whole) == unicodedata.normalize("NFKD", whole)


def test_marks_cost_what_letters_cost(monkeypatch):
    """Marks in any order reach the standard library in order, which alone it sorts in linear time."""
    seen = []
    normalize = unicodedata.normalize
    monkeypatch.setattr(unicodedata, "normalize", lambda form, one: seen.append(one) or normalize(form, one))
    text.words("a" + "\u0301\u0323" * 20_000 + "\u0327" * 20_000)
    for one in seen:
        order = [unicodedata.combining(mark) for mark in one]
        assert order == sorted(order)


def test_every_mark_may_be_marked():
    marked = re.compile(f"[{text.MARKED}]")
    assert all(marked.match(one) for one in map(chr, range(0x110000)) if unicodedata.combining(one))


def test_unassigned_ideographs_are_words_before_they_are_assigned():
    assert text.words("\U0003ffff\U0003fffd") == ["\U0003ffff", "\U0003fffd"]


def test_ignorable_characters_are_unicodes():
    """Against the properties that Unicode derives them from, as far as the standard library knows them."""
    dropped = {chr(code) for code in range(0x110000) if not text.normalise(chr(code))}
    for one in map(chr, range(0x80, 0x110000)):
        category = unicodedata.category(one)
        if category == "Cf" and one != "\u200b" and one not in dropped:
            assert unicodedata.name(one).startswith(("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "INTERLINEAR"))
    assert {"\u200b", " ", "\u3000", "\u0301", "\u0653", "\u0654"}.isdisjoint(dropped)


def test_every_mark_belongs_to_its_letter():
    for one in map(chr, range(0x110000)):
        if unicodedata.category(one) in {"Mn", "Mc"}:
            folded = text.normalise("x" + one)
            assert text.words("x" + one) == [folded]


def test_shingles_of_a_short_text_are_one():
    assert len(text.shingles("only three words", 5)) == 1
    assert len(text.shingles("one two three four five six", 5)) == 2
    assert text.shingles("...", 5) == set()


def test_jaccard_by_hand():
    left, right = text.shingles("a b c d", 2), text.shingles("a b c e", 2)
    assert text.jaccard(left, right) == 2 / 4
    assert text.jaccard(left, set()) == 0.0
    assert text.jaccard(set(), set()) == 0.0


def test_hashes_never_change():
    """Stored signatures depend on them; a new value needs a new configuration key."""
    assert text.hash_word("hello") == 7378514883700392444
    assert text.paper_id("a", "b") == "a76de9f2d561975f"


UNASSIGNED = frozenset(chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cn")


@given(st.text(), st.text())
def test_fingerprint_tells_word_sequences_apart(left, right):
    assert (text.fingerprint(left) == text.fingerprint(right)) == (text.words(left) == text.words(right))


@given(st.text(st.characters(codec="utf-8")))
def test_case_and_white_space_do_not_count(content):
    assert text.shingles(content) == text.shingles("  " + content.replace(" ", "\n\t ") + "\n")


@given(st.lists(st.text(st.sampled_from("ab c"), max_size=20), min_size=2, max_size=2), st.integers(1, 6))
def test_jaccard_is_that_of_word_tuples(pair, n):
    def tuples(content):
        found = text.words(content)
        return {tuple(found[i : i + n]) for i in range(max(1, len(found) - n + 1))} if found else set()

    left, right = map(tuples, pair)
    union = left | right
    expected = len(left & right) / len(union) if left and right else 0.0
    assert text.jaccard(*(text.shingles(content, n) for content in pair)) == expected


def test_paper_id_ignores_form_but_not_words():
    same = text.paper_id("A Title", "Some  text.")
    assert same == text.paper_id("a title!", "some\ntext")
    assert same != text.paper_id("A Title some", "text.")
    assert text.paper_id("???", "") != text.paper_id("!!!", "")


def test_ideographs_agree_with_unicode():
    for point in range(sys.maxunicode + 1):
        if unicodedata.name(chr(point), "").startswith("CJK UNIFIED IDEOGRAPH"):
            assert text.words(chr(point) * 2) == [chr(point)] * 2
            break
