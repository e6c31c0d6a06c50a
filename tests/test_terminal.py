"""Text on its way to a terminal: what steers, turns or hides shows; what people write stays."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from corpus_tool.views import diff
from corpus_tool.views.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

STAYING = [
    "plain text, naïve and Kähler",
    "می\u200cخواهم",  # Persian: a joiner's absence is spelling
    "क्\u200dष",  # Hindi
    "👩\u200d💻 ❤\ufe0f",
    "漢\ufe00字",
    "עִבְרִית العَرَبِيَّة ไทย ភាសា",
]


def invisible() -> Iterator[str]:
    """Every character that controls or takes no room, but for those that are part of a script or picture."""
    for code in range(0x110000):
        sign = chr(code)
        if sign in "\t\n" or 0x200C <= code <= 0x200D or 0xFE00 <= code <= 0xFE0F:
            continue
        if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and not _shown(code):
            yield sign


def _shown(code: int) -> bool:
    """Format characters that have a shape of their own, such as the Arabic number sign."""
    shaped = (range(0x600, 0x606), range(0x890, 0x892), range(0x13430, 0x13460), range(0x110BD, 0x110CE))
    return any(code in each for each in shaped) or code in {0x6DD, 0x70F, 0x8E2}


def test_nothing_invisible_is_left() -> None:
    left = [f"U+{ord(sign):04X}" for sign in invisible() if visible(f"a{sign}b") != "a\ufffdb"]
    assert left == []


@pytest.mark.parametrize("text", STAYING)
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("sign", ["\u200c", "\u200d", "\ufe0f"])
def test_a_joiner_that_joins_nothing_shows(sign: str) -> None:
    assert visible(f"cl{sign}ean.jsonl") == "cl\ufffdean.jsonl"


class TestExcerpts:
    def test_short_texts_are_whole(self) -> None:
        assert diff.excerpt("a" * diff.MOST_CHARACTERS, "b") == ("a" * diff.MOST_CHARACTERS, "b", "")

    @pytest.mark.parametrize("place", [0, 10, 5_000, 150_000, 399_000])
    def test_of_long_ones_the_part_where_they_differ(self, place: int) -> None:
        words = [f"w{number}" for number in range(60_000)]
        left = " ".join(words)
        right = left[:place] + "CHANGED " + left[place:]
        one, other, note = diff.excerpt(left, right)
        assert max(len(one), len(other)) <= diff.MOST_CHARACTERS
        assert "CHANGED" in other
        assert one in left
        assert f"of {len(left):,} and {len(right):,} characters" in note

    def test_equal_ones(self) -> None:
        text = "one two " * 40_000
        one, other, note = diff.excerpt(text, text)
        assert one == other
        assert note
