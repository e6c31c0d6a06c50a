from __future__ import annotations

import io
import json
import statistics
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from corpus_tool import stats as stats_module
from corpus_tool.stats import Stats, Summary
from corpus_tool.text import words
from corpus_tool.views.stats import render
from corpus_tool.views.terminal import bar, shorten, visible

if TYPE_CHECKING:
    from corpus_tool.records import Record


def summary(rows: list[tuple[str, Record]]) -> Summary:
    stats = Stats()
    for source, record in rows:
        stats.add(source, record, len(json.dumps(record)))
    return stats.result()


def rendered(result: Summary, width: int, *, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    render(result, Console(file=stream, width=width, color_system=None, legacy_windows=False))
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def paper(title: str, abstract: str = "", **fields: object) -> Record:
    return {"title": title, "abstract": abstract, **fields}


class TestRepeats:
    def test_same_words_repeat_whatever_their_print(self) -> None:
        result = summary(
            [
                ("a", paper("A Title", "Some words.")),
                ("a", paper("a title!", "some\nWORDS")),
                ("b", paper("A Title", "Other words.")),
                ("b", {"text": "A Title Some words."}),
                ("b", {"content": "a title some words"}),
            ]
        )
        assert (result.records, result.distinct, result.repeats) == (5, 3, 2)

    def test_records_without_words_never_repeat(self) -> None:
        result = summary([("a", {"text": ""}), ("a", {"text": "?!"}), ("b", {}), ("b", paper("", "…"))])
        assert (result.distinct, result.repeats, result.without_words) == (4, 0, 4)
        assert [each.distinct for each in result.sources] == [2, 2]

    @given(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "z", "x y"])), max_size=30)
    )
    def test_matrix_is_the_plain_count(self, drawn: list[tuple[str, str]]) -> None:
        result = summary([(source, {"text": text}) for source, text in drawn])
        texts = {source: [t for s, t in drawn if s == source and t] for source, _ in drawn}
        for row, left in enumerate(result.overlap.sources):
            for column, right in enumerate(result.overlap.sources):
                shared = sum(text in texts[right] for text in texts[left])
                everything = sum(source == left for source, _ in drawn)
                assert result.overlap.matrix[row][column] == (everything if left == right else shared)
        for each in result.sources:
            others = {text for source, found in texts.items() if source != each.source for text in found}
            assert each.elsewhere == sum(text in others for text in texts[each.source])
            own = texts[each.source]
            assert each.distinct == each.records - len(own) + len(set(own))
        assert result.repeats == sum(map(len, texts.values())) - len(set().union(*texts.values()))

    def test_more_sources_than_fit_the_matrix(self) -> None:
        rows = [(f"s{number:02}", {"text": f"alone {number}"}) for number in range(20)]
        rows += [(f"s{number:02}", {"text": "shared"}) for number in range(5, 20)]
        rows += [("s19", {"text": f"alone {number}"}) for number in range(7, 19)]
        result = summary(rows)
        assert len(result.overlap.sources) == stats_module.MOST_SOURCES
        assert result.overlap.left_out == 8
        assert "s19" in result.overlap.sources
        assert "s00" not in result.overlap.sources
        assert result.overlap.matrix[0][-1] == 2
        assert "the 12 of 20 that share most with others" in rendered(result, 100)


class TestLengths:
    def test_figures(self) -> None:
        lengths = [1, 2, 2, 3, 10]
        found = summary([("a", {"text": "w " * length}) for length in lengths]).lengths
        assert found is not None
        assert (found.min, found.max, found.mean, found.median) == (1, 10, 3.6, 2.0)
        assert found.percentiles == {"p5": 1, "p25": 2, "p50": 2, "p75": 3, "p95": 10, "p99": 10}
        assert [(each.start, each.end, each.records) for each in found.histogram][:3] == [
            (1, 1, 1),
            (2, 2, 2),
            (3, 3, 1),
        ]

    def test_one_giant_stands_apart(self) -> None:
        rows: list[tuple[str, Record]] = [("a", {"text": "w " * n}) for n in range(100, 300)]
        found = summary([*rows, ("a", {"text": "w " * 100_000})]).lengths
        assert found is not None
        assert found.histogram[-1].end is None
        assert found.histogram[-1].records == 1
        assert len(found.histogram) > 5

    @given(st.lists(st.integers(0, 3000), min_size=1, max_size=40))
    def test_every_record_is_in_one_bin(self, lengths: list[int]) -> None:
        found = summary([("a", {"text": "w " * length}) for length in lengths]).lengths
        assert found is not None
        assert found.median == statistics.median(lengths)
        assert len(found.histogram) <= stats_module.MOST_BINS
        for each in found.histogram:
            end = float("inf") if each.end is None else each.end
            assert each.records == sum(each.start <= length <= end for length in lengths)
        assert sum(each.records for each in found.histogram) == len(lengths)

    def test_the_abstract_counts_by_the_one_definition_of_words(self) -> None:
        found = summary([("a", paper("a title", "pre-training 我们"))]).lengths
        assert found is not None
        assert found.max == len(words("pre-training 我们")) == 4

    def test_none(self) -> None:
        assert summary([("a", {"id": 1})]).lengths is None


class TestFieldsAndDates:
    def test_present_empty_missing(self) -> None:
        result = summary(
            [("a", {"x": 0, "y": None}), ("a", {"x": "", "y": []}), ("a", {"x": False, "z": {}})]
        )
        assert [(f.field, f.present, f.empty, f.missing) for f in result.fields] == [
            ("x", 2, 1, 0),
            ("y", 0, 2, 1),
            ("z", 0, 1, 2),
        ]
        assert result.fields[0].share == pytest.approx(2 / 3)

    def test_keys_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stats_module, "MOST_FIELDS", 3)
        result = summary([("a", {str(number): 1, str(number + 1): 2}) for number in range(9)])
        assert [each.field for each in result.fields] == ["0", "1", "2"]
        assert result.fields_left_out == 7
        assert "7 further fields" in rendered(result, 80)

    def test_dates(self) -> None:
        dated = [
            {"date": "2025-03-13"},
            {"date": "2024-12-31T10:00"},
            {"date": None, "digest_date": "Mar 1"},
            {},
        ]
        result = summary([("a", record) for record in dated]).dates
        assert (result.first, result.last, result.dated) == ("2024-12-31", "2025-03-13", 2)
        assert (result.printed, result.undated) == ({"Mar 1": 1}, 1)


ROWS: list[tuple[str, Record]] = [
    ("000.txt", paper("One", "w " * 120, digest_date="Mar 13", links=[])),
    ("000.txt", paper("Two", "w " * 130, digest_date="Mar 13", links=["https://a.org"])),
    ("000.txt", paper("Three", "w " * 131, digest_date="Mar 13", links=[])),
    ("a/rather/long/path/to/another/digest/001.txt", paper("One", "w " * 120, digest_date="Mar 11")),
    ("a/rather/long/path/to/another/digest/001.txt", paper("Five", "", digest_date="Mar 11", links=[])),
]


GOLDEN_60 = """\
5 records, 1.4 kB: 4 distinct, 1 exact copy (20.0%)
exact copies: the same words in the same order
dated Mar 13, Mar 11 (no year)

Sources (2)
source               records  distinct  elsewhere       size
000.txt                    3         3          1  989 bytes
a/rather/…t/001.txt        2         2          1  368 bytes

Records of a row's source that also stand in the column's
                                                 1  2
1  000.txt                                       3  1
2  a/rather/long/path/to/another/digest/001.txt  1  2

Length in words
   0–19  1  ████████████
  20–39  0
  40–59  0
  60–79  0
  80–99  0
100–119  0
120–139  4  ████████████████████████████████████████████████
min 0  p5 0  mean 100.2  p25 120  median 120  p75 130
p95 131  p99 131  max 131

Fields
field        present  empty  missing   share
title              5      0        0  100.0%
abstract           4      1        0   80.0%
digest_date        5      0        0  100.0%
links              1      3        1   20.0%
"""

GOLDEN_100 = """\
5 records, 1.4 kB: 4 distinct, 1 exact copy (20.0%)
exact copies: the same words in the same order
dated Mar 13, Mar 11 (no year)

Sources (2)
source                                        records  distinct  elsewhere       size
000.txt                                             3         3          1  989 bytes
a/rather/long/path/to/another/digest/001.txt        2         2          1  368 bytes

Records of a row's source that also stand in the column's
                                                 1  2
1  000.txt                                       3  1
2  a/rather/long/path/to/another/digest/001.txt  1  2

Length in words
   0–19  1  ███████████████
  20–39  0
  40–59  0
  60–79  0
  80–99  0
100–119  0
120–139  4  ████████████████████████████████████████████████████████████
min 0  p5 0  mean 100.2  p25 120  median 120  p75 130  p95 131  p99 131  max 131

Fields
field        present  empty  missing   share
title              5      0        0  100.0%
abstract           4      1        0   80.0%
digest_date        5      0        0  100.0%
links              1      3        1   20.0%
"""


class TestRendering:
    def test_golden_at_60(self) -> None:
        assert rendered(summary(ROWS), 60) == GOLDEN_60

    def test_golden_at_100(self) -> None:
        assert rendered(summary(ROWS), 100) == GOLDEN_100

    @pytest.mark.parametrize("width", [60, 80, 100, 160, 200])
    def test_no_line_is_wider_than_the_terminal(self, width: int) -> None:
        rows: list[tuple[str, Record]] = [
            (f"a/long/folder/名前-{n % 15}.jsonl", {"text": f"{n % 77} " * (n % 300), f"field{n % 3}": n})
            for n in range(3000)
        ]
        for line in rendered(summary(rows), width).splitlines():
            assert cell_len(line) <= width
            assert "…" not in line or "/" in line or "名" in line, "numbers are never cut"

    def test_without_unicode(self) -> None:
        shown = rendered(summary([("a", {"text": "w " * n}) for n in range(40)]), 60, encoding="ascii")
        assert "#####" in shown

    def test_hostile_names(self) -> None:
        shown = rendered(summary([("\x1b]0;x\x07[red]a", {"text": "x", "[bold]\ud800": 1})]), 80)
        assert "\x1b" not in shown
        assert "[red]a" in shown
        assert "[bold]" in shown

    def test_nothing(self) -> None:
        assert rendered(summary([]), 80) == "no records\n"
        assert summary([]).as_json()["records"] == 0

    def test_json(self) -> None:
        found = json.loads(json.dumps(summary(ROWS).as_json()))
        assert found["repeats"] == 1
        assert found["overlap"]["matrix"] == [[3, 1], [1, 2]]
        assert found["lengths"]["histogram"][0] == {"start": 0, "end": 19, "records": 1}


class TestTerminal:
    def test_bars(self) -> None:
        assert bar(1, 3) == "███"
        assert bar(0.5, 3) == "█▌"
        assert bar(0.0001, 3) == "▏"
        assert bar(0, 3) == bar(0.5, 0) == ""
        assert bar(0.5, 4, ascii_only=True) == "##"

    @given(st.text("ab/é名前"), st.integers(0, 12))
    def test_shortened_names_fit(self, name: str, width: int) -> None:
        short = shorten(name, width)
        assert cell_len(short) <= width
        assert short == name or "…" in short or width == 0

    def test_names_keep_both_ends(self) -> None:
        assert shorten("abcdefghij", 5) == "ab…ij"
        assert shorten("abc", 3) == "abc"
        assert shorten("名前の長い", 6) == "名…い"

    def test_controls_are_shown_as_such(self) -> None:
        assert visible("a\x1b[31m\tb\nc\x9b\u202e") == "a\ufffd[31m b c\ufffd\ufffd"
