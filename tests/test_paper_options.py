"""Options that change what is one paper: strictness, names of fields, policies, versions, and what is never merged."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import run as corpus_tool

from corpus_tool.config import Options, Papers, Similarity
from corpus_tool.dedup import clusters
from corpus_tool.engines import local
from corpus_tool.errors import UsageError
from corpus_tool.papers.fields import paper_fields
from corpus_tool.papers.policy import PaperPolicy
from corpus_tool.papers.scorecard import DEFAULT, to_toml
from corpus_tool.papers.versions import PREPRINT, PUBLICATION, UNKNOWN, difference, edition
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import Input
from corpus_tool.sources.problems import Problems
from corpus_tool.text import jaccard, shingles

SHARED = Path(__file__).parents[1] / ".." / "shared"
TITLE = "Slow sand in narrow openings"
ABSTRACT = (
    "We measure how dry sand flows through a narrow opening and find a rate that does not depend on the height "
    "of the column above it, which a simple argument about arches over the opening explains."
)
REVISED = ABSTRACT.replace("a simple argument about arches over the opening", "arches that form over it")
PAPER = {"title": TITLE, "abstract": ABSTRACT}


def lines(*records):
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def dedup(tmp_path, *records, options=()):
    """The kept records and the run's notes."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines(*records))
    ran = corpus_tool("dedup", path, *options)
    assert ran.code == 0, ran.err
    return [orjson.loads(line) for line in ran.out.splitlines()], ran.err


# --strictness, --policy, --map


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--strictness", "harsh"], "lenient, default, strict"),
        (
            ["--map", "journal=wo"],
            "--map journal=wo: journal is not a field of papers; they have title, abstract",
        ),
        (["--map", "venue"], "write canonical=theirs"),
        (["--map", "venue=a,venue="], "--map venue=: write canonical=theirs"),
        (["--versions", "drop"], "merge, keep, link"),
        (["--match", "text", "--strictness", "strict"], "--strictness is for --match papers"),
        (["--match", "text", "--map", "venue=wo"], "--map is for --match papers"),
        (["--fields", "abstract", "--versions", "keep"], "--versions is for --match papers"),
        (["--unique-within", ""], "name of a field"),
        (["--unique-within", "source", "--transitive"], "choose one"),
        (["--unique-within", "databank"], "no record has databank"),
        (["--versions", "link", "--removed", "removed.jsonl"], "--versions keep"),
        (["--versions", "link", "--annotate"], "--versions keep"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, options, message):
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines(PAPER))
    ran = corpus_tool("dedup", path, *options)
    assert ran.code == 2
    assert message in ran.err
    assert ran.out == b""


def test_options_of_papers_make_auto_choose_papers(tmp_path):
    records = [{"text": "x " * 20, "t": TITLE, "a": ABSTRACT}]
    _, notes = dedup(tmp_path, *records, options=["--map", "title=t,abstract=a"])
    assert "matching papers: as --map asks" in notes


def test_mapped_fields_are_compared(tmp_path):
    records = [{"t": {"main": TITLE}, "a": text, "abstract": ""} for text in (ABSTRACT, REVISED)]
    assert len(dedup(tmp_path, *records, options=["--map", "title=t.main,abstract=a"])[0]) == 1


def test_strictness_and_policy_move_the_threshold(tmp_path):
    pair = (
        PAPER,
        {"title": TITLE.replace("Slow", "Quick"), "abstract": " ".join(REVISED.split()[::-1])},
    )
    total = PaperPolicy(Options().similarity).explain(*pair).steps
    points = sum(step.points for step in total)
    assert len(dedup(tmp_path, *pair, options=["--strictness", str(points - 0.01)])[0]) == 1
    assert len(dedup(tmp_path, *pair, options=["--strictness", str(points + 0.01)])[0]) == 2
    policy = tmp_path / "policy.toml"
    policy.write_text(f"threshold = {points + 0.99}\n")
    options = ["--policy", policy]
    assert len(dedup(tmp_path, *pair, options=options)[0]) == 2
    assert len(dedup(tmp_path, *pair, options=[*options, "--strictness", "-1"])[0]) == 1


def test_a_broken_policy_is_named(tmp_path):
    policy = tmp_path / "policy.toml"
    (tmp_path / "in.jsonl").write_bytes(lines(PAPER))
    for content, message in ((b"weights = 3", "weights is not a table"), (b"\xff", "not UTF-8")):
        policy.write_bytes(content)
        ran = corpus_tool("dedup", tmp_path / "in.jsonl", "--policy", policy)
        assert (ran.code, ran.out) == (2, b"")
        assert f"{policy}: not a policy: " in ran.err
        assert message in ran.err
    assert corpus_tool("dedup", tmp_path / "in.jsonl", "--policy", tmp_path / "none.toml").code == 2


def test_explain_takes_the_same_options(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        lines(*({"id": n, "t": TITLE, "abstract": a} for n, a in enumerate((ABSTRACT, REVISED))))
    )
    policy = tmp_path / "policy.toml"
    policy.write_text(to_toml(DEFAULT))
    options = ["--map", "title=t", "--policy", policy, "--json", "-q"]
    verdicts = [
        orjson.loads(corpus_tool("explain", 0, 1, path, *options, *more).out)
        for more in ([], ["--strictness", "900"], ["--versions", "keep"])
    ]
    assert [verdict["duplicate"] for verdict in verdicts] == [True, False, False]
    assert verdicts[2]["verdict"].startswith("Two versions of one paper")


# --unique-within


@st.composite
def graphs(draw):
    """Scores of some pairs of records, and a value of each; 0 is none."""
    count = draw(st.integers(1, 9))
    values = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    pairs = draw(st.lists(st.sampled_from([*combinations(range(count), 2), (0, 0)]), unique=True))
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    scores = draw(st.lists(st.sampled_from([0.7, 0.8, 0.9, 1.0]), min_size=len(pairs), max_size=len(pairs)))
    return count, values, dict(zip(pairs, scores, strict=True))


def best_first(count, values, scores):
    """Clusters as frozensets: the slow, obvious twin of `clusters.one_of_each`."""
    found = [frozenset([n]) for n in range(count)]
    for pair in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        one, other = (next(each for each in found if n in each) for n in pair)
        both = one | other
        first = min(both)
        known = [values[n] for n in both if values[n]]
        if (
            one != other
            and set(pair) == {min(one), min(other)}
            and len(known) == len(set(known))
            and all((first, n) in scores for n in both - {first})
        ):
            found = [each for each in found if each not in (one, other)] + [both]
    return set(found)


@settings(max_examples=300)
@given(graphs(), st.randoms(use_true_random=False))
def test_best_first_as_by_brute_force(graph, rng):
    count, values, scores = graph
    order = list(scores)
    rng.shuffle(order)
    pairs = np.array(order, np.int64).reshape(-1, 2)
    points = np.array([scores[pair] for pair in order])
    witness, joined = clusters.one_of_each(count, pairs, points, np.array(values, np.uint64))
    made = {}
    for n in range(count):
        first = n if witness[n] < 0 else int(witness[n])
        assert witness[first] < 0
        assert joined[n] == (1.0 if first == n else scores[first, n])
        made.setdefault(first, set()).add(n)
    assert {frozenset(each) for each in made.values()} == best_first(count, values, scores)


@st.composite
def collections(draw):
    """Texts of two or three sources, some of them near copies of others."""
    rng = random.Random(draw(st.integers(0, 2**32)))
    records = []
    for n in range(draw(st.integers(0, 22))):
        words = [f"w{rng.randrange(40)}" for _ in range(24)]
        if records and rng.random() < 0.6:
            words = rng.choice(records)["text"].split()
            words[rng.randrange(24)] = rng.choice(["w1", "other", words[0]])
        source = rng.choice(["", "a", "b", "c"])
        records.append({"id": n, "text": " ".join(words), **({"source": source} if source else {})})
    return records


@settings(deadline=None, max_examples=60)
@given(collections(), st.booleans())
def test_no_cluster_holds_two_of_one_source(tmp_path_factory, records, compiled):
    path = tmp_path_factory.mktemp("run") / "in.jsonl"
    path.write_bytes(lines(*records))
    sure = Similarity(permutations=1024, recall=1 - 1e-9)  # what matches is compared
    options = Options(similarity=sure, unique_within="source", compiled=compiled)
    found = local.deduplicate([Input("in.jsonl", str(path))], options, Problems(), Progress())
    found.store.close()
    source = [record.get("source", "in.jsonl") for record in records]
    sets = [shingles(record["text"]) for record in records]
    scores = {
        (a, b): score
        for a, b in combinations(range(len(records)), 2)
        if source[a] != source[b] and (score := jaccard(sets[a], sets[b])) >= 0.7
    }
    values = [1 + sorted(set(source)).index(each) for each in source]
    made = {}
    for n, first in enumerate(found.witness.tolist()):
        made.setdefault(n if first < 0 else first, set()).add(n)
        assert first < 0 or found.score[n] == scores[first, n]
    assert {frozenset(each) for each in made.values()} == best_first(len(records), values, scores)


@pytest.mark.parametrize("match", ["text", "papers"])
def test_exact_copies_of_one_source_stay(tmp_path, match):
    """Each joins one of the other source, the input's name standing for a missing one."""
    twice = [{**PAPER, "id": n, **({} if n % 2 else {"source": "a"})} for n in range(4)]
    options = ["--unique-within", "source", "--match", match]
    kept, notes = dedup(tmp_path, *twice, options=options)
    assert [record["id"] for record in kept] == [0, 2]
    kept, notes = dedup(tmp_path, *twice[::2], options=options)
    assert len(kept) == 2
    assert "every record has the same source, so none may be merged" in notes


def test_any_field_may_be_unique_and_missing_values_are_free(tmp_path):
    records = [{**PAPER, "id": n, "db": {"name": name}} for n, name in enumerate(["x", "x", None, None, "y"])]
    kept, _ = dedup(tmp_path, *records, options=["--unique-within", "db.name"])
    assert [record["id"] for record in kept] == [0, 1]


def test_two_clean_sources_gain_from_it(tmp_path):
    folder = SHARED / "data" / "labelled" / "er_dblp_acm"
    if not folder.is_dir():
        pytest.skip("the labelled sets are not beside the checkout")
    gold = {frozenset(line.split(",")) for line in (folder / "gold.csv").read_text().split()[1:]}
    right = []
    for more in ([], ["--unique-within", "source"]):
        out = tmp_path / "clusters.jsonl"
        ran = corpus_tool(
            "dedup", folder / "records.jsonl.zst", "--clusters", out, "-o", tmp_path / "k", *more
        )
        assert ran.code == 0
        groups = {}
        for row in map(orjson.loads, out.read_bytes().splitlines()):
            groups.setdefault(row["cluster"], []).append(row["id"])
        pairs = {frozenset(pair) for group in groups.values() for pair in combinations(group, 2)}
        right.append(2 * len(pairs & gold) / (len(pairs) + len(gold)))
    assert right[1] > 0.97
    assert right[1] > right[0] + 0.02


# --versions


def between(left, right):
    return difference(*(edition(paper_fields(record), record) for record in (left, right)))


ARXIV = {**PAPER, "url": "https://arxiv.org/abs/2401.01234v1"}
PUBLISHED = {**PAPER, "journal": "Granular Matter", "doi": "10.1007/s10035-1"}
REVIEW = {**PAPER, "journal": "Database of Reviews", "doi": "10.1002/14651858.CD001.pub2"}


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        (ARXIV, PUBLISHED, "a preprint and its publication"),
        ({**PAPER, "venue": "bioRxiv", "doi": "10.1101/2020.01.02.123456"}, PUBLISHED, "a preprint and its"),
        ({**PAPER, "journal": "CoRR", "volume": "abs/2401.01234"}, PUBLISHED, "a preprint and its"),
        (ARXIV, {**ARXIV, "url": "https://arxiv.org/pdf/2401.01234v2"}, "versions 1 and 2 on arXiv"),
        (ARXIV, {**ARXIV, "abstract": REVISED}, "the abstract was revised"),
        (PAPER, {**PAPER, "abstract": REVISED}, "the abstract was revised"),
        (PAPER, {**PAPER, "title": TITLE + " of glass"}, "the title was revised"),
        (PAPER, {**PAPER, "abstract": ABSTRACT + " Code is released."}, "the abstract was revised"),
        (PAPER, {**PAPER, "abstract": ABSTRACT.upper().replace(" ", "\n")}, ""),
        (
            PAPER,
            {**PAPER, "abstract": ABSTRACT.replace("opening", "open-\ning").replace("We", "<p>We</p>")},
            "",
        ),
        (PAPER, {**PAPER, "abstract": ABSTRACT[:120] + "..."}, ""),
        (PAPER, {**PAPER, "abstract": ""}, ""),
        (PAPER, PUBLISHED, ""),
        (PUBLISHED, {**PUBLISHED, "abstract": REVISED}, ""),
        ({**PAPER, "journal": "Genome Research", "doi": "10.1101/gr.1234"}, PUBLISHED, ""),
        (ARXIV, {**PAPER, "arxiv": "2401.01234"}, ""),
        (REVIEW, {**REVIEW, "doi": "10.1002/14651858.CD001.pub3"}, "updates of one review, 2 and 3"),
        (
            REVIEW,
            {**REVIEW, "doi": "10.1002/14651858.CD001"},
            "updates of one review, the first text and update 2",
        ),
        (REVIEW, PUBLISHED, ""),
        (REVIEW, PAPER, ""),
        (PUBLISHED, {**PUBLISHED, "title": "Retracted: " + TITLE}, "one is marked"),
        (PUBLISHED, {**PUBLISHED, "title": TITLE + " (erratum)"}, "one is marked"),
    ],
)
def test_what_is_another_version(left, right, how):
    assert between(left, right).startswith(how)
    assert bool(between(left, right)) is bool(how)
    assert between(right, left) == between(left, right)
    assert between(left, left) == between(right, right) == ""


def test_stages():
    records = (ARXIV, PUBLISHED, PAPER, {**ARXIV, "journal": "Granular Matter"}, {**PAPER, "pages": "1-9"})
    stages = [edition(paper_fields(record), record).stage for record in records]
    assert stages == [PREPRINT, PUBLICATION, UNKNOWN, PUBLICATION, PUBLICATION]


VERSIONS = [
    {**ARXIV, "id": "v1"},
    {**PUBLISHED, "id": "journal"},
    {**ARXIV, "id": "v1 again"},
    {**ARXIV, "id": "v2", "url": "https://arxiv.org/abs/2401.01234v2"},
    {**PUBLISHED, "id": "journal again", "abstract": REVISED},
    {"id": "other", "title": "Fast water", "abstract": "Nothing of the kind was ever seen here before. " * 3},
]


def test_versions_are_merged_kept_or_linked(tmp_path):
    def kept(*options):
        found, _ = dedup(tmp_path, *VERSIONS, options=options)
        return [(record["id"], record.get("version_of")) for record in found]

    assert kept() == kept("--versions", "merge") == [("v1", None), ("other", None)]
    apart = ["v1", "journal", "v2", "other"]
    assert kept("--versions", "keep") == [(name, None) for name in apart]
    assert kept("--versions", "link") == list(zip(apart, [None, "v1", "v1", None], strict=True))
    newest_first = kept("--versions", "link", "--keep", "last")
    assert newest_first == [
        ("v1 again", "journal again"),
        ("v2", "journal again"),
        ("journal again", None),
        ("other", None),
    ]


def test_a_link_is_the_last_key_and_nothing_else_changes(tmp_path):
    raw = [b'{"title": "%s",  "abstract":"%s", "url":"arxiv.org/abs/2401.01234v%d" } ' % (
        TITLE.encode(), ABSTRACT.encode(), n) for n in (1, 2)]  # fmt: skip
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(raw) + b"\n")
    out = corpus_tool("dedup", path, "--versions", "link").out.split(b"\n")
    assert out[0] == raw[0]
    assert out[1] == raw[1].rstrip(b"} ") + b',"version_of":"in.jsonl:1"}'


def test_linked_records_of_digests_keep_seen(tmp_path, project):
    day = (project / "examples" / "digests" / "apr-13.txt").read_text("utf-8")
    revised = day.replace("forgetting happens", "forgetting occurs")
    assert day != revised
    digests = tmp_path / "days"
    digests.mkdir()
    (digests / "1.txt").write_text(day, "utf-8")
    (digests / "2.txt").write_text(revised, "utf-8")
    kept = corpus_tool("dedup", digests, "--versions", "keep").out
    linked = corpus_tool("dedup", digests, "--versions", "link").out
    assert kept.count(b"\n") == linked.count(b"\n")
    later = [orjson.loads(line) for line in linked.splitlines() if b'"version_of"' in line]
    assert [record["source"][-5:] for record in later] == ["2.txt"]
    ids = {orjson.loads(line)["id"] for line in kept.splitlines()}
    assert all(list(record)[-2:] == ["seen", "version_of"] for record in later)
    assert all(record["version_of"] in ids for record in later)


def test_kept_versions_are_restored(tmp_path):
    (tmp_path / "in.jsonl").write_bytes(lines(*VERSIONS))
    files = [tmp_path / name for name in ("in.jsonl", "kept.jsonl", "removed.jsonl")]
    ran = corpus_tool("dedup", files[0], "--versions", "keep", "-o", files[1], "--removed", files[2])
    assert ran.code == 0
    assert corpus_tool("restore", *files[1:]).out == files[0].read_bytes()


def test_the_options_are_checked_without_a_command_line():
    with pytest.raises(UsageError, match="versions"):
        Papers(versions="all")
    with pytest.raises(UsageError, match="match papers"):
        Options(match="text", papers=Papers(strictness="strict"))
    assert Options(papers=Papers(versions="keep")).papers.asked == ("--versions",)
