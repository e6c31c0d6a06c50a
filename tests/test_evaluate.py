"""`evaluate`: the scores by brute force and by the scorer beside the checkout, the curve, the errors, bad gold."""

import csv
import importlib.util
import io
import random
import shlex
from itertools import combinations
from pathlib import Path

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from corpus_tool.cli import app
from corpus_tool.dedup import clusters
from corpus_tool.errors import CorpusError, InputError, UsageError
from corpus_tool.evaluation import gold
from corpus_tool.evaluation.agreement import Sides, intervals, score
from corpus_tool.evaluation.decisions import Decided
from corpus_tool.evaluation.scores import Evaluation, Point
from corpus_tool.evaluation.wrong_pairs import apart, find
from corpus_tool.match import Decisions
from corpus_tool.views.evaluation import curve, render

SHARED = Path(__file__).parents[1] / ".." / "shared"
SCORER = SHARED / "bench" / "score.py"
LABELLED = sorted(path.parent for path in SHARED.glob("data/labelled/*/gold.csv"))
needs_shared = pytest.mark.skipif(not SCORER.exists(), reason="../shared is not beside the checkout")

TEXTS = {
    "a 1": "the quick brown fox jumps over the lazy dog near the old river bank today",
    "b'2": "the quick brown fox jumps over the lazy dog near the old river bank today again",
    "c": "nothing of the kind was ever seen in these parts of the wide northern country before",
    "d": "nothing of the kind was ever seen in these parts of the wide northern country earlier",
    "-e": "a wholly other sentence which has no words in common with any that stands above it",
}
GOLD = {"a 1": "x", "b'2": "x", "c": "y", "d": "z", "-e": "x"}


def labels(most=6, size=25):
    return st.lists(st.integers(0, most), min_size=0, max_size=size)


def dense(values):
    return np.unique(np.array(values, np.int64), return_inverse=True)[1].astype(np.int64)


def together(cluster):
    return {(a, b) for a, b in combinations(range(len(cluster)), 2) if cluster[a] == cluster[b]}


def write_csv(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def evaluate(tmp_path, *arguments):
    out = tmp_path / "out.json"
    app(["evaluate", *map(str, arguments), "--json", "-q", "-o", str(out)], standalone_mode=False)
    return orjson.loads(out.read_bytes())


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "some records.jsonl"
    path.write_bytes(b"".join(orjson.dumps({"id": i, "text": text}) + b"\n" for i, text in TEXTS.items()))
    return path


@pytest.fixture
def truth(tmp_path):
    return write_csv(tmp_path / "gold.csv", ("id", "cluster"), GOLD.items())


@pytest.fixture(scope="module")
def scorer():
    spec = importlib.util.spec_from_file_location("scorer", SCORER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestScores:
    @given(st.data(), labels())
    def test_pairs_by_brute_force(self, data, truth):
        found = data.draw(st.lists(st.integers(0, 6), min_size=len(truth), max_size=len(truth)))
        true, predicted = together(truth), together(found)
        right = len(true & predicted)
        result = score(dense(truth), dense(found))
        assert (result.gold_pairs, result.predicted_pairs) == (len(true), len(predicted))
        assert result.pair_precision == (right / len(predicted) if predicted else 1.0)
        assert result.pair_recall == (right / len(true) if true else 1.0)
        kept = {truth[found.index(cluster)] for cluster in set(found)}
        assert result.lost_unique == len(set(truth) - kept)
        assert result.surplus_removed + result.surplus_kept + len(set(truth)) == len(truth)

    @needs_shared
    @settings(deadline=None, max_examples=60)
    @given(
        st.dictionaries(st.text("ab1é,\" '", min_size=1, max_size=4), st.integers(0, 4), max_size=15),
        st.dictionaries(st.text("ab1é,\" '", min_size=1, max_size=4), st.integers(0, 4), max_size=15),
        st.booleans(),
    )
    def test_the_scorer_agrees_on_any_files(self, tmp_path_factory, scorer, truth, found, as_pairs):
        folder = tmp_path_factory.mktemp("agree")
        if as_pairs:
            pairs = [(a, b) for a, b in combinations(truth, 2) if truth[a] == truth[b]]
            right = write_csv(folder / "gold.csv", ("id1", "id2"), pairs)
        else:
            right = write_csv(folder / "gold.csv", ("id", "cluster"), truth.items())
        said = folder / "found.jsonl"
        said.write_bytes(b"".join(orjson.dumps({"id": i, "cluster": c}) + b"\n" for i, c in found.items()))
        sides = Sides.of(gold.read(str(right)).cluster, gold.read(str(said)).cluster, {})
        assert score(sides.gold, sides.predicted).as_json() == scorer.score(str(right), str(said))

    @needs_shared
    @pytest.mark.parametrize("folder", LABELLED, ids=lambda path: path.name)
    def test_the_scorer_agrees_on_labelled_sets(self, tmp_path, scorer, folder):
        truth = gold.read(str(folder / "gold.csv"))
        rng = random.Random(5)
        noisy = [
            (name, rng.choice((number, number, number, rng.randrange(9))))
            for name, number in truth.cluster.items()
        ]
        rng.shuffle(noisy)
        said = write_csv(
            tmp_path / "found.csv", ("id", "cluster"), [*noisy[9:], ("new", 1), ("newer", "new")]
        )
        sides = Sides.of(truth.cluster, gold.read(str(said)).cluster, {})
        assert score(sides.gold, sides.predicted).as_json() == scorer.score(
            str(folder / "gold.csv"), str(said)
        )

    @needs_shared
    def test_the_scorer_agrees_on_a_run(self, tmp_path, scorer):
        folder = SHARED / "data" / "labelled" / "sra_tafenoquine"
        source, truth = folder / "records.jsonl.zst", folder / "gold.csv"
        app(
            ["dedup", str(source), "-q", "-o", "/dev/null", "--clusters", str(tmp_path / "c.jsonl")],
            standalone_mode=False,
        )
        wanted = scorer.score(str(truth), str(tmp_path / "c.jsonl"))
        own = evaluate(tmp_path, source, "--gold", truth)
        given = evaluate(tmp_path, source, "--gold", truth, "--predicted", tmp_path / "c.jsonl")
        assert wanted.items() <= own.items()
        assert wanted.items() <= given.items()
        assert len(own["curve"]) == 21
        assert given["curve"] == []


class TestIntervals:
    def test_as_a_plain_bootstrap_gives_them(self):
        rng = np.random.default_rng(7)
        truth = dense(rng.integers(0, 150, 300))
        found = dense(np.where(rng.random(300) < 0.25, rng.integers(0, 150, 300), truth))
        true, predicted = together(truth.tolist()), together(found.tolist())
        sums = np.zeros((truth.max() + 1, 3))
        for pair in true | predicted:
            for end in pair:
                sums[truth[end]] += np.array([pair in true & predicted, pair in predicted, pair in true]) / 2
        hits, all_found, all_true = sums[rng.integers(0, len(sums), (1000, len(sums)))].sum(axis=1).T
        naive = np.quantile(np.stack((hits / all_found, hits / all_true)), [0.025, 0.975], axis=1).T
        result = intervals(truth, found)
        np.testing.assert_allclose([result.precision, result.recall], naive, atol=0.02)
        scores = score(truth, found)
        assert result.f1[0] < scores.pair_f1 < result.f1[1]
        assert intervals(truth, found) == result

    @pytest.mark.parametrize("truth", [[], [0], [0, 0, 1]])
    def test_without_errors_they_are_a_point(self, truth):
        assert intervals(dense(truth), dense(truth)).f1 == (1.0, 1.0)


class TestDecided:
    @given(st.integers(0, 2**32), st.integers(1, 12), st.booleans())
    def test_a_cut_is_the_witness_rule_again(self, seed, count, transitive):
        rng = random.Random(seed)
        order = list(range(count))
        rng.shuffle(order)
        first = [rng.choice([place, rng.randrange(place + 1)]) for place in range(count)]
        first = [place if first[place] == place else first[first[place]] for place in range(count)]
        first = [each if first[each] == each else place for place, each in enumerate(first)]
        heads = [place for place in range(count) if first[place] == place]
        scores = {
            pair: rng.choice((0.2, 0.5, 0.5, 0.9)) for pair in combinations(heads, 2) if rng.random() < 0.4
        }
        decided = Decided()
        decided.begin(np.array(order), np.array(first))
        for pair, points in [*scores.items(), *list(scores.items())[:2]]:
            decided.decided(np.array([pair]), Decisions.at(np.array([points]), 0.5))
        for threshold in (0.1, 0.5, 0.95):
            got = decided.cut(threshold, transitive=transitive).tolist()
            matches = {pair: points for pair, points in scores.items() if points >= threshold}
            wanted = whole(count, matches, first) if transitive else greedy(matches, first)
            assert got == [order[wanted[order.index(ordinal)]] for ordinal in range(count)]

    @pytest.mark.parametrize("keep", ["first", "last", "longest"])
    @pytest.mark.parametrize("transitive", [[], ["--transitive"]])
    def test_the_curve_passes_through_the_run(self, tmp_path, records, truth, keep, transitive):
        common = (records, "--gold", truth, "--keep", keep, *transitive)
        result = evaluate(tmp_path, *common)
        assert (result["predicted_pairs"], result["transitive"]) == (2, bool(transitive))
        stricter = [point for point in result["curve"] if point.pop("threshold") >= result["threshold"]]
        assert len(stricter) == 7
        for at, point in enumerate(stricter):
            assert point.pop("strictness") is None
            run = evaluate(tmp_path, *common, "--threshold", str((14 + at) / 20))
            assert point.items() <= run.items()
        assert stricter[0]["pair_recall"] > stricter[-1]["pair_recall"]


def greedy(matches, first):
    kept, survivor = [], {}
    for place in sorted(set(first)):
        partners = [other for other in kept if (other, place) in matches]
        if partners:
            survivor[place] = max(partners, key=lambda other: (matches[other, place], -other))
        else:
            kept.append(place)
            survivor[place] = place
    return [survivor[each] for each in first]


def whole(count, matches, first):
    edges = np.array([*matches, *enumerate(first)], np.int64)
    return clusters.components(count, edges).tolist()


class TestErrors:
    @given(labels(3, 12), st.data(), st.integers(0, 70))
    def test_pairs_together_here_and_apart_there(self, outer, data, most):
        inner = data.draw(st.lists(st.integers(0, 3), min_size=len(outer), max_size=len(outer)))
        wanted = together(outer) - together(inner)
        found = [tuple(pair) for pair in apart(dense(outer), dense(inner), most).tolist()]
        assert len(found) == len(set(found)) == min(most, len(wanted))
        assert set(found) <= wanted

    def test_kinds_of_a_run(self, tmp_path, records, truth):
        result = evaluate(tmp_path, records, "--gold", truth)
        assert result["errors"] == {"matched": 1, "unproposed": 2}
        (merge,) = result["false_merges"]
        assert (merge["a"], merge["b"]) == ("c", "d")
        assert merge["score"] > 0.8
        assert merge["titles"] == [TEXTS["c"], TEXTS["d"]]
        assert [(miss["a"], miss["b"], miss["score"]) for miss in result["misses"]] == [
            ("-e", "a 1", 0),
            ("-e", "b'2", 0),
        ]

    def test_explain_opens_each(self, tmp_path, records, truth, bash):
        result = evaluate(tmp_path, records, "--gold", truth, "--threshold", "0.6")
        merge, miss = result["false_merges"][0]["explain"], result["misses"][0]["explain"]
        assert shlex.split(merge) == ["corpus-tool", "explain", "--threshold", "0.6", "c", "d", str(records)]
        assert " -- -e 'a 1' " in miss
        done = bash(miss, tmp_path)
        assert done.returncode == 0, done.stderr
        assert b"threshold 0.6" in done.stdout

    def test_as_many_of_a_kind_as_asked(self, tmp_path, records, truth):
        result = evaluate(tmp_path, records, "--gold", truth, "--errors", "1")
        assert result["errors"]["unproposed"] == 2
        assert len(result["misses"]) == 1
        assert evaluate(tmp_path, records, "--gold", truth, "--errors", "0")["misses"] == []

    def test_one_that_joined_another_record(self, tmp_path):
        words = [f"w{n}" for n in range(40)]
        chain = [words[:30], words[4:34], words[8:38]]  # 0.65 between neighbours, 0.4 between the ends
        path = tmp_path / "chain.jsonl"
        path.write_bytes(
            b"".join(orjson.dumps({"id": n, "text": " ".join(each)}) + b"\n" for n, each in enumerate(chain))
        )
        right = write_csv(tmp_path / "gold.csv", ("id", "cluster"), [(0, 0), (1, 1), (2, 1)])
        common = (path, "--gold", right, "--threshold", "0.6", "--match", "text")
        assert evaluate(tmp_path, *common)["errors"] == {"matched": 1, "parted": 1}
        whole_chain = evaluate(tmp_path, *common, "--transitive")
        assert whole_chain["errors"] == {"matched": 1, "joined": 1}
        assert [merge["score"] > 0.6 for merge in whole_chain["false_merges"]] == [True, False]
        for result in (evaluate(tmp_path, *common), whole_chain):
            (here,) = [point for point in result["curve"] if point["threshold"] == result["threshold"]]
            assert here["predicted_pairs"] == result["predicted_pairs"]

    def test_the_most_surely_wrong_come_first(self, tmp_path):
        words = [f"w{n}" for n in range(60)]
        texts = [
            words,
            words,
            words[:57],
            words[:52],
            *([*words[:n], *(f"x{n}-{m}" for m in range(60 - n))] for n in (20, 40)),
        ]
        path = tmp_path / "in.jsonl"
        path.write_bytes(
            b"".join(orjson.dumps({"id": n, "text": " ".join(each)}) + b"\n" for n, each in enumerate(texts))
        )
        right = write_csv(
            tmp_path / "gold.csv", ("id", "cluster"), [(n, n if n < 4 else 0) for n in range(6)]
        )
        result = evaluate(tmp_path, path, "--gold", right, "--errors", "9")
        scores = [merge["score"] for merge in result["false_merges"]]
        assert result["errors"]["matched"] == len(scores) == 6
        assert scores == sorted(scores, reverse=True)
        assert (result["false_merges"][0]["a"], result["false_merges"][0]["b"], scores[0]) == ("0", "1", 1.0)
        unproposed = [miss["score"] for miss in result["misses"] if miss["kind"] == "unproposed"]
        assert len(unproposed) >= 2
        assert unproposed == sorted(unproposed, reverse=True)
        assert unproposed[0] > unproposed[-1]

    def test_ids_on_one_side_only_are_counted(self, tmp_path, records, capsys):
        right = write_csv(tmp_path / "gold.csv", ("id", "cluster"), [("a 1", 1), ("gone", 1), ("c", 2)])
        app(
            ["evaluate", str(records), "--gold", str(right), "--json", "-o", str(tmp_path / "o")],
            standalone_mode=False,
        )
        result = orjson.loads((tmp_path / "o").read_bytes())
        assert result["gold"]["not_in_input"] == 1
        assert result["gold"]["first_not_in_input"] == ["gone"]
        assert result["input"] == {"records": 5, "not_in_gold": 3}
        assert (result["records"], result["errors"]["absent"], result["misses"]) == (6, 1, [])
        notes = capsys.readouterr().err
        assert "1 of 3 ids are not in the input, such as gone" in notes
        assert "3 of 5 records are not in" in notes

    def test_predicted_records_that_are_not_in_the_input_have_no_title(self, tmp_path, records, truth):
        said = write_csv(tmp_path / "said.csv", ("id", "cluster"), [("gone", 1), ("c", 1), ("a 1", 2)])
        result = evaluate(tmp_path, records, "--gold", truth, "--predicted", said)
        (merge,) = result["false_merges"]
        assert (merge["a"], merge["titles"], merge["score"]) == ("c", [TEXTS["c"], ""], None)
        assert (result["match"], result["threshold"], result["curve"]) == (None, None, [])

    def test_without_a_run_there_are_no_scores(self):
        sides = Sides.of({"a": 0, "b": 0, "c": 1}, {"b": 0, "c": 0}, {"a": 0, "b": 1, "c": 2})
        assert [(each.kind, each.pairs.tolist()) for each in find(sides, 5)] == [
            ("merged", [[1, 2]]),
            ("missed", [[0, 1]]),
        ]


class TestGold:
    def read(self, tmp_path, text, name="gold.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return gold.read(str(path))

    def test_forms(self, tmp_path):
        assert self.read(tmp_path, 'id,cluster\r\na,1\r\n\r\n"b",1\r\n').cluster == {"a": 0, "b": 0}
        assert self.read(tmp_path, "\ufeffcluster,note,id\n7,,a\n8,,b\n").cluster == {"a": 0, "b": 1}
        pairs = self.read(tmp_path, "id1,id2\na,b\nc,d\nb,e\nf,f\n")
        assert pairs.pairs
        assert len(set(pairs.cluster.values())) == 3
        assert pairs.cluster["a"] == pairs.cluster["e"] != pairs.cluster["c"]
        lines = self.read(
            tmp_path,
            '{"id": 1, "cluster": "1", "x": 2}\n\n{"id": null, "source": "s", "line": 2, "cluster": 1}\n',
        )
        assert lines.cluster == {"1": 0, "s:2": 0}
        assert self.read(tmp_path, "id1,id2\n").cluster == {}

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("", 1, "there is nothing in it"),
            (
                "name,group\na,1\n",
                1,
                "the columns are name, group: a gold file has the columns id,cluster or id1,id2",
            ),
            ("id,cluster\na,1\nb\n", 3, "1 values in 2 columns"),
            ('id,cluster\n"a\nb",1\nc,\n', 4, "no cluster"),
            ("id,cluster\na,1\nb,2\na,2\n", 4, "a is in cluster 2 here and in 1 on line 2"),
            ('id,cluster\na,"1\n', 2, "not CSV"),
            (b"id,cluster\na,1\n\xff,1\n", 3, "not UTF-8"),
            ('{"id": 1, "cluster": 2}\n{"id": 1}\n', 2, "the object has no cluster"),
            ('{"id": 1, "cluster": 2}\nid\n', 2, "not JSON"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path, text, line, said):
        with pytest.raises(InputError) as caught:
            self.read(tmp_path, text)
        assert str(caught.value).startswith(f"{tmp_path / 'gold.csv'}:{line}: ")
        assert said in str(caught.value)

    def test_bad_gold_ends_with_2_and_leaves_nothing(self, tmp_path, records, bash):
        (tmp_path / "bad.csv").write_text("id,cluster\nx\n")
        done = bash(f"corpus-tool evaluate {shlex.quote(str(records))} --gold bad.csv -o out.txt", tmp_path)
        assert (done.returncode, done.stderr) == (2, b"bad.csv:2: 1 values in 2 columns\n")
        assert not (tmp_path / "out.txt").exists()

    @pytest.mark.parametrize("predicted", [[], ["--predicted"]])
    def test_an_id_twice_in_the_input(self, tmp_path, truth, predicted):
        path = tmp_path / "twice.jsonl"
        path.write_text('{"id": 1, "text": "a"}\n\n{"id": "1", "text": "b"}\n')
        more = [*predicted, *[truth for _ in predicted]]
        with pytest.raises(
            CorpusError, match=r"twice.jsonl:3: the id 1 stands already at \S*twice.jsonl:1: .*give each"
        ):
            evaluate(tmp_path, path, "--gold", truth, *more)

    def test_one_standard_input(self, tmp_path):
        with pytest.raises(UsageError, match="only once"):
            evaluate(tmp_path, "--gold", "-")


class TestView:
    def points(self, strictness=0.0):
        rng = np.random.default_rng(1)
        truth = dense(rng.integers(0, 60, 200))
        noise = rng.random(200)
        for at in range(21):
            found = dense(np.where(noise < at / 30, np.arange(200) + 100, truth))
            yield Point(at / 20, None if strictness is None else at / 2 - 5, score(truth, found))

    @pytest.mark.parametrize("width", [60, 80, 140, 160])
    @pytest.mark.parametrize("strictness", [None, 0.0])
    def test_the_curve_is_aligned_and_fits(self, width, strictness):
        points = list(self.points(strictness))
        head, *lines = [line.plain for line in curve(points, 0.5, width)]
        assert len(lines) == 21
        assert all(cell_len(line) <= width for line in (head, *lines))
        assert head.endswith("1.0")
        assert lines[0][len(head) - 1] == "●"  # precision, recall and F1 of 1 stand under the axis's end
        assert [line[0] for line in lines].count("▶") == 1
        assert lines[10].startswith("▶")
        assert lines[0][1] == "*"
        for line, point in zip(lines, points, strict=True):
            assert line[2:].split()[1:4] == [
                f"{value:.4f}"
                for value in (point.scores.pair_precision, point.scores.pair_recall, point.scores.pair_f1)
            ]
            last = line.rstrip()[-1]
            assert last in ("P●‹" if point.scores.pair_precision > point.scores.pair_recall else "R●")

    def test_without_colour_and_in_any_width(self, tmp_path):
        truth = dense([0, 0, 1])
        clustering = gold.Clustering("gold.csv", False, {})
        result = Evaluation(score(truth, truth), intervals(truth, truth), clustering, 3, [], 0, "papers", 0.5)
        result.curve = list(self.points())
        for width in (60, 100):
            file = io.StringIO()
            render(result, Console(file=file, width=width, color_system=None))
            text = file.getvalue()
            assert "\x1b" not in text
            assert max(map(cell_len, text.splitlines())) <= width
            assert "F1         1.0000  1.0000–1.0000" in text
            assert "\n▶        +0.0  " in text
