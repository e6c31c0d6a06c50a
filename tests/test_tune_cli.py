"""`corpus-tool tune`: labels in, a policy out, or a clear refusal."""

from __future__ import annotations

import random

import orjson
import pytest
from running import run as corpus_tool

from corpus_tool.papers.scorecard import DEFAULT, from_toml

WORDS = [f"word{n}" for n in range(400)]


def labelled(tmp_path, count, field="abstract"):
    """Papers, each with a revised copy and a second part by others; and the gold file as clusters and as pairs."""
    rng = random.Random(7)
    records, clusters, pairs = [], ["id,cluster"], ["id1,id2"]
    for n in range(count):
        words = rng.choices(WORDS, k=60)
        title, text = " ".join(words[:6]), words[6:]
        revised = text[:34] + rng.choices(WORDS, k=20)
        records += [
            {"id": f"a{n}", "title": title, field: " ".join(text), "authors": words[0]},
            {"id": f"b{n}", "title": title, field: " ".join(revised), "authors": words[0]},
            {"id": f"c{n}", "title": f"{title} part 2", field: " ".join(text), "authors": "Somebody Else"},
        ]
        clusters += [f"a{n},{2 * n}", f"b{n},{2 * n}", f"c{n},{2 * n + 1}"]
        pairs.append(f"a{n},b{n}")
    (tmp_path / "records.jsonl").write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    (tmp_path / "clusters.csv").write_text("\n".join(clusters) + "\n")
    (tmp_path / "pairs.csv").write_text("\n".join(pairs) + "\n")
    return tmp_path / "records.jsonl"


@pytest.mark.parametrize("gold", ["clusters.csv", "pairs.csv"])
def test_a_policy_is_written_that_dedup_takes(tmp_path, gold):
    records, policy = labelled(tmp_path, 40), tmp_path / "policy.toml"
    ran = corpus_tool("tune", records, "--gold", tmp_path / gold, "-o", policy, "--json")
    assert ran.code == 0, ran.err
    told = orjson.loads(ran.out)
    assert (told["records"], told["labelled"], told["positives"]) == (120, 120, 40)
    assert 0.9 < told["f1"] <= 1.0
    assert told["f1"] >= told["f1_before"]
    written = from_toml(policy.read_text())
    assert told["weights"] == dict(written.by_name())
    shipped = DEFAULT.by_name()
    assert told["changed"] == {
        name: [shipped[name], weight] for name, weight in written.by_name().items() if weight != shipped[name]
    }
    kept = corpus_tool("dedup", records, "--policy", policy)
    assert kept.code == 0
    assert kept.out.count(b"\n") == 80


def test_people_are_told_before_and_after(tmp_path):
    ran = corpus_tool("tune", labelled(tmp_path, 40), "--gold", tmp_path / "clusters.csv")
    assert ran.code == 0
    assert from_toml(ran.out.decode())
    assert "before" in ran.err
    assert "after (cross-validated)" in ran.err


def test_a_run_begins_from_a_policy_and_with_mapped_fields(tmp_path):
    records = labelled(tmp_path, 40, "zusammenfassung")
    start = tmp_path / "start.toml"
    start.write_text("threshold = 0.5\n[weights]\npages = 1.25\n")
    ran = corpus_tool(
        *("tune", records, "--gold", tmp_path / "clusters.csv", "--policy", start),
        *("--map", "abstract=zusammenfassung"),
    )
    assert ran.code == 0, ran.err
    found = from_toml(ran.out.decode())
    assert (found.threshold, found.by_name()["pages"]) == (0.5, 1.25)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("id,cluster\na0,1\nb0,1\n", "too few labels to tune"),
        (
            "id,cluster\nx,1\ny,1\n",
            "ids is in the input: it has ids such as x, y, those of the input are such as a0,",
        ),
        ("id,group\nx,1\n", "the columns are id, group"),
    ],
)
def test_labels_that_do_not_serve_are_refused(tmp_path, gold, message):
    records, policy = labelled(tmp_path, 5), tmp_path / "policy.toml"
    (tmp_path / "gold.csv").write_text(gold)
    ran = corpus_tool("tune", records, "--gold", tmp_path / "gold.csv", "-o", policy)
    assert ran.code == 2
    assert message in ran.err
    assert not policy.exists()


def test_one_name_for_two_records_is_refused(tmp_path):
    records = labelled(tmp_path, 2)
    ran = corpus_tool("tune", records, records, "--gold", tmp_path / "clusters.csv")
    assert ran.code == 2
    assert "records.jsonl:1: a second record is called a0" in ran.err


def test_standard_input_is_read_once(tmp_path):
    labelled(tmp_path, 2)
    ran = corpus_tool("tune", "-", "--gold", "-")
    assert ran.code == 2
    assert "only once" in ran.err
