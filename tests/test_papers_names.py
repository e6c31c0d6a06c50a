"""Names of authors as databases write them, and what outweighs them; short texts that say the opposite."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus_tool.papers.names import (
    LATIN,
    OF_A_BODY,
    OTHER_SCRIPT,
    author_kind,
    author_names,
    folded,
    name_line,
)
from corpus_tool.papers.reference import overlap, score

PROSE = (
    "We followed 412 adults with mild hypertension for three years and compared two reminders for taking tablets. "
    "Adherence was higher with messages than with letters, and blood pressure fell by 4 mm Hg more. The effect was "
    "largest in people who lived alone."
)
PAPER: dict[str, Any] = {"title": "Search for heavy resonances in dijet final states", "abstract": PROSE}
PLACED = {**PAPER, "year": 2018, "journal": "Journal of Primary Care", "volume": "12", "pages": "101-110"}


def values(left: dict[str, Any], right: dict[str, Any]) -> dict[str, float]:
    return {step.name: step.value for step in score(left, right).contributions}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Okafor, Maria; Lindqvist, Jens", "Jens Lindqvist, Maria Okafor"),
        ("Okafor, Maria; Lindqvist, Jens", "M. Okafor and J. Lindqvist"),
        ("Okafor, Maria; Lindqvist, Jens", "OKAFOR M, LINDQVIST J"),
        ("Okafor, Maria; Lindqvist, Jens", "MariaOkafor, JensLindqvist"),
        ("Okafor, Maria; Lindqvist, Jens", "OkaforM.LindqvistJ."),
        ("Müller, Jörg", "Mueller, Joerg"),
        ("Müller, Jörg", "Muller, Jorg"),
        ("Müller, Jörg", 'M{\\"u}ller, J{\\"o}rg'),
        ("Müller, Jörg", "M&uuml;ller, J&ouml;rg"),
        ("Sørensen, Bjørn", "Soerensen, Bjoern"),
        ("Sørensen, Bjørn", "Sorensen, Bjorn"),
        ("Łukasz Żółty", "Lukasz Zolty"),
        ("Weiß, Anna", "Weiss, Anna"),
        ("Иванов, Сергей", "Ivanov, Sergey"),
        ("Иванов С.", "Ivanov, Sergei"),
        ("Юрий Дмитриев", "Yuri Dmitriev"),
        ("Щербаков, Алексей", "Shcherbakov, Aleksei"),
        ("Шевченко, Ірина", "Shevchenko, Iryna"),
        ("Παπαδόπουλος, Γιώργος", "Papadopoulos, Giorgos"),
        ("Νικολάου, Μαρία", "Nikolaou, Maria"),
        ("Li X, Wu Y", "Xiang Li, Yan Wu"),
        ("Li X.; Xu Y.", "X. Li, Y. Xu"),
        ("van der Berg, Jan", "Jan Berg"),
        ("de Vries, Kees", "DeVries, K."),
        ("Della Porta, Anna", "Porta A"),
        ("O'Brien, Sean", "O’Brien, S."),
        ("McDonald, Iain", "I. McDonald"),
        ("Nguyễn Văn Tú", "Nguyen Van Tu"),
        ("王伟; 李娜", "王伟、李娜"),
        ("김철수", "김철수"),
        ("Smith, John, Jr.; Jones, Ann, PhD", "J Smith; A Jones"),
    ],
)
def test_names_meet_however_they_are_written(left: str, right: str) -> None:
    one, other = author_names(left), author_names(right)
    assert overlap(one, other) >= 0.5
    assert score({**PAPER, "authors": left}, {**PAPER, "authors": right}).duplicate
    assert not values({**PAPER, "authors": left}, {**PAPER, "authors": right})["authors_differ"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Okafor, Maria", "Lindqvist, Jens"),
        ("Li X", "Wu X"),
        ("Smith JA", "Jones JA"),
        ("Иванов, Сергей", "Петров, Алексей"),
        ("van der Berg, Jan", "van der Meer, Piet"),
        ("ATLAS Collaboration", "CMS Collaboration"),
        ("Smith et al.", "Jones et al."),
        ("王伟", "李娜"),
    ],
)
def test_other_people_are_other_people(left: str, right: str) -> None:
    assert not author_names(left) & author_names(right)
    assert values({**PAPER, "abstract": "", "authors": left}, {**PAPER, "abstract": "", "authors": right})[
        "authors_differ"
    ]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ORION Collaboration", "Baker, G.; Costa, L."),
        ("The Heart Study Group", "Baker, G.; Costa, L."),
        ("UKPDS Investigators", "Baker, G.; Costa, L."),
        ("Dahl, E. et al.", "Baker, G.; Costa, L."),
        ("Dahl, E. and others", "Baker, G.; Costa, L."),
        ("王伟", "Wang, Wei"),
        ("محمد علي", "Mohammed Ali"),
    ],
)
def test_lists_of_two_kinds_say_nothing(left: str, right: str) -> None:
    found = values({**PAPER, "authors": left}, {**PAPER, "authors": right})
    assert found["authors_unknown"]
    assert not found["authors_differ"]


def test_kinds_of_lists() -> None:
    assert author_kind("Smith, J. et al.") == OF_A_BODY | LATIN
    assert author_kind("Al Khatib, M.") == LATIN
    assert author_kind("王伟 (Wang Wei)") == LATIN | OTHER_SCRIPT
    assert author_kind("") == author_kind("J. A.") == 0


def test_word_for_word_outweighs_other_names() -> None:
    left, right = ({**PLACED, "authors": people} for people in ("Okafor, Maria", "Lindqvist, Jens"))
    assert score(left, right).duplicate
    short = {
        "title": "Rivers",
        "abstract": "We measured the flow of six rivers in the wet summer of last year.",
    }
    doi = {"doi": "10.1000/x1"}
    assert score({**short, **doi, "authors": "Okafor"}, {**short, **doi, "authors": "Lindqvist"}).duplicate
    comment = {"title": "Comment on rivers that flow uphill in summer", "abstract": PROSE}
    assert not score({**comment, "authors": "Okafor"}, {**comment, "authors": "Lindqvist"}).duplicate
    other = {**right, "abstract": PROSE.replace("three years", "nine months") + " And so on."}
    assert values(left, other)["authors_differ"] == 0.0  # year, volume, first page and title agree
    assert values({**left, "pages": ""}, other)["authors_differ"] == 1.0


@given(st.text(max_size=30))
@example("\\Ò")
@example("\ufe68")
@example("&amp;amp;")
def test_a_line_of_names_is_flat_for_good(names: str) -> None:
    assert name_line(name_line(names)).split() == name_line(names).split()


def test_folded_names() -> None:
    assert folded("Dmitriy") == folded("Dmitrii") == folded("Dmitry")
    assert folded("Joerg") == folded("Jorg") == "iorg"
    assert folded("Bauer") != folded("Baur")


def _titled(title: str) -> dict[str, Any]:
    return {"title": title, "authors": "Okafor, Maria; Lindqvist, Jens", "year": 2018}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (
            "Aspirin is effective in older adults with stroke",
            "Aspirin is not effective in older adults with stroke",
        ),
        (
            "Aspirin increases bleeding after surgery of the hip",
            "Aspirin decreases bleeding after surgery of the hip",
        ),
        ("Exercise without diet in overweight students", "Exercise with diet in overweight students"),
        ("Risk of hip fracture in men with diabetes", "Risk of hip fracture in women with diabetes"),
        ("Sleep and memory before surgery of the knee", "Sleep and memory after surgery of the knee"),
        ("Outcomes at 12 months of knee surgery", "Outcomes at 24 months of knee surgery"),
        ("Lower doses of heparin are safe in pregnancy", "Higher doses of heparin are safe in pregnancy"),
        ("Chronic pain in nurses of public hospitals", "Acute pain in nurses of public hospitals"),
    ],
)
def test_short_texts_that_say_the_opposite(left: str, right: str) -> None:
    assert score(_titled(left), _titled(left)).duplicate
    assert not score(_titled(left), _titled(right)).duplicate
    bare = [
        {
            "title": "",
            "abstract": f"We find that in this sample {text[0].lower()}{text[1:]}, as was expected.",
        }
        for text in (left, right)
    ]
    assert not score(*bare).duplicate


def test_a_long_text_may_change_a_word() -> None:
    long = " ".join([PROSE, PROSE.replace("messages", "calls"), PROSE.replace("letters", "visits")])
    assert score(
        {**PAPER, "abstract": long}, {**PAPER, "abstract": long.replace("higher", "lower", 1)}
    ).duplicate
