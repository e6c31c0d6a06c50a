"""Which rule a record follows, and which one decides a pair."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run

from corpus_tool import deduplicate
from corpus_tool.config import Options, Papers
from corpus_tool.errors import InputError
from corpus_tool.match.choosing import BYTES, PAPERS, TEXT, choose, rule_of

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"title": "T", "abstract": "A"}, PAPERS),
        ({"title": "T", "abstract": "", "authors": "X"}, PAPERS),
        ({"title": "T", "abstract": ""}, PAPERS),
        ({"title": "T", "authors": "X", "year": 2020}, PAPERS),
        ({"title": "T"}, PAPERS),
        ({"TI": "T", "AB": "A"}, PAPERS),
        ({"title": "T", "abstract": "A", "text": "the whole paper"}, PAPERS),
        ({"title": "T", "text": "body"}, TEXT),
        ({"title": "T", "abstract": " ", "text": "body"}, TEXT),
        ({"title": "T", "description": "d", "text": "body"}, TEXT),
        ({"title": "", "abstract": "A"}, TEXT),
        ({"abstract": "A"}, TEXT),
        ({"text": "t"}, TEXT),
        ({"Content": ["a", {"b": "c"}]}, TEXT),
        ({"text": "", "content": "c"}, TEXT),
        ({"text": None, "n": 1}, TEXT),
        ({"name": "n", "size": 3}, BYTES),
        ({}, BYTES),
    ],
)
def test_the_rule_of_a_record(record: Record, rule: int) -> None:
    assert rule_of(record) == rule


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (Options(), ["papers", "text", "bytes"]),
        (Options(fields=("title",)), ["text"]),
        (Options(match="text"), ["text"]),
        (Options(match="papers"), ["papers"]),
        (Options(papers=Papers(strictness="strict")), ["papers"]),
    ],
)
def test_the_rules_of_a_run(options: Options, names: list[str]) -> None:
    assert [policy.name for policy in choose(options).policies] == names


@pytest.mark.parametrize(
    ("records", "options", "message"),
    [
        (
            [{"name": "n", "size": 3}],
            Options(),
            r"none of text, .* keys are name, size; say with fields",
        ),
        (
            [{"name": "n"}] * 3,
            Options(fields=("body.html",)),
            r"no record has body.html; their keys are name",
        ),
        (
            [{"text": "a b"}] * 3,
            Options(match="papers"),
            r"neither titles nor abstracts; .* text; say with mapping",
        ),
        ([{"text": "a"}], Options(unique_within="day"), r"no record has day, which unique_within names"),
    ],
)
def test_where_nothing_can_be_compared(records: list[Record], options: Options, message: str) -> None:
    with pytest.raises(InputError, match=message):
        deduplicate(records, options)


PAPER = "We study gears that mesh without teeth and show that friction between rollers is enough for a small turbine"


def test_every_record_by_its_own_rule() -> None:
    records = [
        {"id": 1, "text": PAPER},
        {"id": 2, "title": "Gears", "abstract": PAPER + ", at half of the noise"},
        {"id": 3, "content": PAPER},
        {"id": 4, "title": "Gears", "abstract": PAPER + ", with half of the noise"},
        {"n": 1},
        {"n": 2},
        {"n": 1},
    ]
    result = deduplicate(records)
    assert result.clusters == [0, 1, 0, 1, 4, 5, 4]
    assert result.run.why == "matching 2 as papers, 2 as text (text, content), 3 byte for byte"
    assert result.run.counts() == {"papers": 2, "text": 2, "bytes": 3}
    assert [receipt["reasons"] for receipt in result.receipts][-1] == ["the same bytes"]


def test_unlike_rules_need_equal_texts() -> None:
    """A bare text is the paper whose abstract says the same, and no other one, however alike."""
    paper = {"title": "Gears", "abstract": PAPER}
    assert deduplicate([paper, {"text": PAPER.upper() + "!"}]).clusters == [0, 0]
    assert deduplicate([{"text": PAPER}, paper]).clusters == [0, 0]
    assert deduplicate([paper, {"text": PAPER + " indeed"}]).clusters == [0, 1]
    (receipt,) = deduplicate([paper, {"text": PAPER}]).receipts
    assert (receipt["score"], receipt["reasons"]) == (1.0, ["same words in the same order"])


def test_a_bare_text_joins_no_two_papers() -> None:
    papers = [
        {"title": title, "abstract": PAPER}
        for title in ("Gears without teeth", "On the harbour lights of Porto")
    ]
    assert deduplicate(papers).clusters == [0, 1]
    assert deduplicate([*papers, {"text": PAPER}]).clusters == [0, 1, 0]
    assert len(deduplicate([{"text": PAPER}, *papers]).kept) == 2


def test_objects_are_compared_by_their_texts() -> None:
    chat = [
        {"role": "user", "content": "How do gears mesh?"},
        {"role": "assistant", "content": "By their teeth, mostly."},
    ]
    options = Options(fields=("messages",))
    assert deduplicate([{"id": 1, "messages": chat}, {"id": 2, "messages": chat}], options).clusters == [0, 0]


WORDS = [f"w{n}" for n in range(40)]


def mixed(rng: random.Random) -> Record:
    """A record of any rule: a few texts, here under one name, there under another, with a title or without."""
    text = " ".join(random.Random(rng.randrange(5)).choices(WORDS, k=30)) + rng.choice(("", "", " more"))
    title = rng.choice(("Gears without teeth", "On the harbour lights of Porto"))
    return rng.choice(
        [
            {"text": text},
            {"content": text, "n": rng.randrange(3)},
            {"title": title, "abstract": text},
            {"title": title, "abstract": text, "year": 2020 + rng.randrange(2)},
            {"title": title, "text": text},
            {"title": title},
            {"n": rng.randrange(3)},
            {"abstract": text, "body": "b"},
            {"text": rng.choice(("", "?", "é " + text))},
        ]
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(["longest", "newest", "most-complete"]), st.booleans())
def test_order_decides_neither_rules_nor_survivors(seed: int, keep: str, compiled: bool) -> None:
    rng = random.Random(seed)
    records = [mixed(rng) for _ in range(rng.randrange(1, 30))]
    shuffled = rng.sample(records, len(records))
    options = Options(keep=keep, compiled=compiled)
    one, other = (outcome(each, options) for each in (records, shuffled))
    assert one == other


def outcome(records: list[Record], options: Options) -> Any:
    try:
        result = deduplicate(records, options)
    except InputError as error:
        return str(error).split(";")[0]
    return result.run.counts(), sorted(map(orjson.dumps, result.kept))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from([{}, {"transitive": True}, {"match": "text"}]))
def test_lines_and_objects_follow_the_same_rules(seed: int, options: Any) -> None:
    """Kernels take what is plain out of lines as they stand; whoever decodes every record finds the same."""
    rng = random.Random(seed)
    records = [mixed(rng) for _ in range(rng.randrange(1, 40))]
    found = [_all(records, Options(compiled=compiled, **options)) for compiled in (False, True)]
    assert found[0] == found[1]
    if not options and not isinstance(found[0], str):
        assert found[0][1] == list(map(rule_of, records))


def _all(records: list[Record], options: Options) -> Any:
    try:
        result = deduplicate(records, options)
    except InputError as error:
        return str(error)
    run = result.run
    return result.clusters, run.rule.tolist(), run.compared.tolist(), run.why, result.receipts


def test_the_summary_names_the_rules_that_were_used(tmp_path: Path) -> None:
    paper, text, other = (
        {"title": "Maps", "abstract": "We fold maps of paper."},
        {"text": "Plain words of a text."},
        {"n": 1},
    )
    for records, rule, counts in (
        ([paper, paper], "papers", {"papers": 2}),
        ([text], "text", {"text": 1}),
        ([paper, text, other], "auto", {"papers": 1, "text": 1, "bytes": 1}),
    ):
        (tmp_path / "r.jsonl").write_text("".join(orjson.dumps(each).decode() + "\n" for each in records))
        done = run("dedup", str(tmp_path / "r.jsonl"), "--json", "-o", str(tmp_path / "o.jsonl"))
        told = orjson.loads(done.out)
        assert (told["match"], told["compared_as"]) == (rule, counts)
