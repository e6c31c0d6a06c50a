from __future__ import annotations

import io
import itertools
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from corpus_tool.text import words
from corpus_tool.views import diff
from corpus_tool.views.diff import Counts, Span

LEFT = (
    "We present PLLaVA, a simple method to adapt image-language pre-training models. "
    + "word " * 30
    + "The end."
)
RIGHT = (
    "We propose PPLLaVA: a simple method to adapt Image-Language pre training models. "
    + "word " * 30
    + "The very end"
)

TEXTS = st.text(st.sampled_from("ab ,.-é我_\n") | st.characters(), max_size=60)


def longest_common_subsequence(left: list[str], right: list[str]) -> int:
    """The textbook table."""
    row = [0] * (len(right) + 1)
    for a in left:
        above = row[:]
        for j, b in enumerate(right):
            row[j + 1] = above[j] + 1 if a == b else max(above[j + 1], row[j])
    return row[-1]


class TestTokens:
    def test_one_word_each_with_what_follows(self) -> None:
        assert diff.tokens(' Pre-training\n "models" (GPT-4) — are 我们 great !') == [
            "Pre-",
            "training ",
            '"models" ',
            "(GPT-",
            "4) ",
            "— are ",
            "我",
            "们 ",
            "great !",
        ]
        assert diff.tokens("…") == ["…"]
        assert diff.tokens(" \n") == []

    def test_an_accent_printed_apart_stays_with_its_word(self) -> None:
        assert diff.tokens("cafe\u0301s e\u0301t") == ["caf\u00e9s ", "\u00e9t"]

    @given(TEXTS)
    def test_joined_they_are_the_text(self, text: str) -> None:
        joined = "".join(diff.tokens(text))
        assert joined == " ".join(unicodedata.normalize("NFC", text).split())


class TestSpans:
    def test_case_signs_and_line_breaks_do_not_differ(self) -> None:
        spans = diff.spans("Image-Language\npre-training, (done).", "image language pre training: Done")
        assert [span.tag for span in spans] == ["equal"]
        assert diff.counts(spans) == Counts(5, 0, 0)

    def test_tags(self) -> None:
        assert diff.spans("a b c d e", "a x c e f") == [
            Span("equal", ["a "], ["a "]),
            Span("replace", ["b "], ["x "]),
            Span("equal", ["c "], ["c "]),
            Span("delete", ["d "], []),
            Span("equal", ["e"], ["e "]),
            Span("insert", [], ["f"]),
        ]
        assert diff.spans("", "") == []
        assert diff.spans("", "a") == [Span("insert", [], ["a"])]

    @given(TEXTS, TEXTS)
    def test_both_texts_are_kept_and_as_much_is_shared_as_can_be(self, left: str, right: str) -> None:
        spans = diff.spans(left, right)
        left_tokens, right_tokens = diff.tokens(left), diff.tokens(right)
        assert [token for span in spans for token in span.left] == left_tokens
        assert [token for span in spans for token in span.right] == right_tokens
        assert all((a.tag == "equal") != (b.tag == "equal") for a, b in itertools.pairwise(spans))
        keys = [
            [" ".join(words(t)) or t.strip().casefold() for t in side] for side in (left_tokens, right_tokens)
        ]
        assert diff.counts(spans).shared == longest_common_subsequence(*keys)

    @given(TEXTS, TEXTS)
    def test_beyond_the_limit_the_middle_is_replaced(self, left: str, right: str) -> None:
        exact = diff.spans(left, right)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(diff, "MOST_CELLS", -1)
            coarse = diff.spans(left, right)
        assert [token for span in coarse for token in span.left] == diff.tokens(left)
        assert [token for span in coarse for token in span.right] == diff.tokens(right)
        assert len(coarse) <= 3
        assert diff.counts(coarse).shared <= diff.counts(exact).shared
        if len(exact) <= 1:
            assert coarse == exact

    def test_json(self) -> None:
        assert diff.as_json(diff.spans("a b", "a c")) == {
            "shared": 1,
            "only_left": 1,
            "only_right": 1,
            "spans": [
                {"tag": "equal", "left": "a", "right": "a"},
                {"tag": "replace", "left": "b", "right": "c"},
            ],
        }


def rendered(left: str, right: str, width: int, color: str | None = None) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, color_system=color, force_terminal=color is not None, legacy_windows=False
    )  # type: ignore[call-overload]
    diff.render(left, right, console, names=("000.txt:11", "001.txt:13"))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


GOLDEN_72 = """\
 000.txt:11                           001.txt:13
────────────────────────────────────────────────────────────────────────
 We [-present PLLaVA,-] a simple      We {+propose PPLLaVA:+} a simple
 method to adapt image-               method to adapt Image-
 … 29 words the same …                … 29 words the same …
 word word word word word The end.    word word word word word The
                                      {+very+} end
43 words shared, 2 only on the left, 3 only on the right
"""


class TestRendering:
    def test_plain(self) -> None:
        assert diff.plain(diff.spans(LEFT, RIGHT)) == (
            "We [-present PLLaVA,-] {+propose PPLLaVA:+} a simple method to adapt image- … 29 words … "
            "word word word word word The {+very+} end."
        )
        assert diff.plain(diff.spans("GPT-4 is", "GPT-5 is")) == "GPT-[-4-] {+5+} is"

    def test_side_by_side_without_colour(self) -> None:
        assert rendered(LEFT, RIGHT, 72) == GOLDEN_72

    def test_side_by_side_in_colour(self) -> None:
        shown = rendered(LEFT, RIGHT, 72, "standard")
        assert "\x1b[1;31mpresent PLLaVA,\x1b[0m" in shown
        assert "\x1b[1;32mpropose PPLLaVA:\x1b[0m" in shown
        assert "[-" not in shown

    def test_no_color_brackets_the_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        shown = rendered(LEFT, RIGHT, 72, "standard")
        assert "[-present PLLaVA,-]" in shown
        assert "31m" not in shown

    @pytest.mark.parametrize("width", [30, 60, 100, 160])
    def test_fits(self, width: int) -> None:
        long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2 + " 我们提出"
        for line in rendered(LEFT + long, RIGHT + "x" + long, width).splitlines():
            assert cell_len(line) <= width

    def test_narrow_terminals_get_one_text(self) -> None:
        assert "[-present" in rendered(LEFT, RIGHT, 40)
        assert "──" not in rendered(LEFT, RIGHT, 40)

    def test_equal_texts(self) -> None:
        assert rendered("the same", "The same", 60).endswith("2 words shared, none differ\n")

    def test_hostile_text(self) -> None:
        shown = rendered("a \x1b]0;title\x07 [red]b", "a \ud800 c", 80)
        assert "\x1b" not in shown
        assert "\ufffd" in shown
        assert "[red]b" in shown

    def test_rich_is_imported_only_to_render(self) -> None:
        script = (
            "import sys, corpus_tool.views.stats; from corpus_tool import stats; from corpus_tool.views import diff\n"
            "diff.plain(diff.spans('a b', 'a c')); stats.Stats().add('a', {'text': 'b'}, 1)\n"
            "assert not {'rich', 'numpy'} & set(sys.modules)"
        )
        project = Path(__file__).parents[1]
        assert subprocess.run([sys.executable, "-c", script], cwd=project, check=False).returncode == 0
