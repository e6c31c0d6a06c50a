import sys

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
        ("日本語のtext", ["日", "本", "語", "のtext"]),
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
    import unicodedata

    for point in range(sys.maxunicode + 1):
        if unicodedata.name(chr(point), "").startswith("CJK UNIFIED IDEOGRAPH"):
            assert text.words(chr(point) * 2) == [chr(point)] * 2
            break
