"""The run over many parts gives the bytes of one machine, whatever the parts: here in one process, without Spark."""

from __future__ import annotations

import gzip
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import InProcess
from on_parts import on_one_machine, on_parts, whole
from test_engines import collection

from corpus_tool.config import KEEP_POLICIES, Options, Papers, Reading
from corpus_tool.dedup import clusters, settle
from corpus_tool.engines.parted import blocks, rounds, settling, stars
from corpus_tool.engines.parted import run as parted
from corpus_tool.engines.parted.folders import Folder, commit
from corpus_tool.engines.parted.writing import Outputs, write
from corpus_tool.errors import CorpusError, InputError, OutputError
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import Input, expand, look_again
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, lines: list[bytes], files: int = 1) -> str:
    """A folder of records in so many files."""
    folder.mkdir(parents=True, exist_ok=True)
    each = max(1, -(-len(lines) // files))
    for at in range(0, len(lines), each):
        name = folder / f"{at:06d}.jsonl"
        name.write_bytes(b"".join(line + b"\n" for line in lines[at : at + each]))
    return str(folder)


def mixed(count: int, seed: int = 0) -> list[bytes]:
    """Papers, texts, texts that say what a paper says, and records of neither kind."""
    rng = random.Random(seed)
    lines = []
    for text, paper in zip(collection("text", count, seed), collection("papers", count, seed), strict=True):
        lines += [text, paper]
        if rng.random() < 0.3:
            lines.append(orjson.dumps({"id": "z", "abstract": orjson.loads(paper)["abstract"]}))
        if rng.random() < 0.1:
            lines.append(orjson.dumps({"n": rng.randrange(4)}))
    return lines


def alike(folder: Path, lines: list[bytes], options: Options, count: int, files: int = 1) -> Any:
    paths = [written(folder / "in", lines, files)]
    wanted, found = on_one_machine(paths, options), on_parts(InProcess(), paths, options, count, folder)
    assert found.outputs == wanted.outputs
    assert (found.proposed, found.crowded, found.why) == (wanted.proposed, wanted.crowded, wanted.why)
    return found


RULES: dict[str, dict[str, Any]] = {
    "plain": {},
    "transitive": {"transitive": True},
    "unique": {"unique_within": "source"},
    "last": {"keep": "last"},
    "newest": {"keep": "newest"},
    "complete, unique": {"keep": "most-complete", "unique_within": "source"},
    "longest, transitive": {"keep": "longest", "transitive": True},
}


@pytest.mark.parametrize(
    ("rule", "count"), [*((rule, count) for rule in RULES for count in (1, 6)), ("newest", 64)]
)
def test_records_of_all_kinds(tmp_path: Path, rule: str, count: int) -> None:
    found = alike(tmp_path, mixed(90), Options(**RULES[rule]), count, files=5)
    assert found.written.removed > 40


@pytest.mark.parametrize("edges", [0, 20])
@pytest.mark.parametrize("rule", RULES)
def test_matches_that_are_settled_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, edges: int
) -> None:
    monkeypatch.setattr(settling, "EDGES", edges)
    alike(tmp_path, mixed(90), Options(**RULES[rule]), 6, files=5)


@pytest.mark.parametrize("keep", ["first", "longest", "last"])
@pytest.mark.parametrize("versions", ["keep", "link"])
def test_versions(tmp_path: Path, versions: str, keep: str) -> None:
    options = Options(match="papers", papers=Papers(versions=versions), keep=keep)
    alike(tmp_path, collection("papers", 200), options, 5)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 999),
    st.sampled_from(["text", "papers"]),
    st.sampled_from(KEEP_POLICIES),
    st.booleans(),
    st.integers(1, 12),
    st.integers(1, 7),
)
def test_any_parts(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    match: str,
    keep: str,
    transitive: bool,
    count: int,
    files: int,
) -> None:
    lines = collection(match, 60, seed)
    options = Options(match=match, keep=keep, transitive=transitive)
    alike(tmp_path_factory.mktemp("run"), lines, options, count, files)


def templates(count: int, edits: int, match: str) -> list[bytes]:
    rng = random.Random(5)
    base = [f"word{n}" for n in range(60)]
    lines = []
    for n in range(count):
        words = list(base)
        for at in rng.sample(range(60), edits):
            words[at] = f"edit{rng.randrange(10**6)}"
        text, source = " ".join(words), rng.choice("abc")
        record = {"text": text} if match == "text" else {"title": f"Notice {words[3]}", "abstract": text}
        lines.append(orjson.dumps({"id": n, "source": source, **record}))
    return lines


@pytest.mark.parametrize("match", ["text", "papers"])
@pytest.mark.parametrize(("edits", "rule"), [(2, "plain"), (3, "last"), (3, "unique"), (3, "transitive")])
@pytest.mark.parametrize("edges", [0, 1 << 18])
def test_crowded_templates_are_searched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, match: str, edits: int, rule: str, edges: int
) -> None:
    monkeypatch.setattr(settling, "EDGES", edges)
    lines = templates(300, edits, match) + collection(match, 60)
    found = alike(tmp_path, lines, Options(match=match, **RULES[rule]), 5)
    assert found.proposed > 4 * len(lines), "a first search alone decides no more"


def test_digests_and_what_cannot_be_read_again(tmp_path: Path, project: Path) -> None:
    (tmp_path / "papers.jsonl.gz").write_bytes(gzip.compress(b"\n".join(collection("papers", 60)) + b"\n"))
    paths = [str(project / "examples" / "digests"), str(tmp_path / "papers.jsonl.gz")]
    options = Options(keep="longest")
    for count in (1, 4):
        found = on_parts(InProcess(), paths, options, count, tmp_path / str(count))
        assert found.outputs == on_one_machine(paths, options).outputs


def test_what_came_through_parse_gains_what_was_seen(tmp_path: Path, project: Path, bash: Any) -> None:
    parsed = bash("corpus-tool parse digests", cwd=project / "examples").stdout
    for count in (1, 5):
        folder = tmp_path / str(count)
        lines = parsed.splitlines()
        found = alike(folder, [*lines, *lines[::2]], Options(), count, files=3)
        assert b'"seen":' in found.outputs[0]
        assert b'"new_seen":' in found.outputs[1]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[int], np.ndarray, np.ndarray, np.ndarray]:
    """Records, the first of each home, distinct matches, their scores, and a value of each record."""
    count = draw(st.integers(2, 40))
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=5)))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] != pair[1]
    )
    pairs = sorted({(min(pair), max(pair)) for pair in draw(st.lists(ends, max_size=90))})
    scores = draw(st.lists(st.sampled_from([0.5, 0.7, 1.0]), min_size=len(pairs), max_size=len(pairs)))
    values = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    return (
        count,
        [0, *cuts, count],
        np.array(pairs, np.int64).reshape(-1, 2),
        np.array(scores),
        np.array(values, np.uint64),
    )


class TestSettling:
    """Held against what one machine does with all matches at once."""

    @staticmethod
    def parts(graph: Any) -> tuple[Any, Any, np.ndarray]:
        """Matches at the homes of their right records, common columns, and bounds."""
        _, bounds, pairs, scores, values = graph
        matched, common = [], []
        for first, last in pairwise(bounds):
            mine = (pairs[:, 1] >= first) & (pairs[:, 1] < last)
            matched.append({"left": pairs[mine, 0], "right": pairs[mine, 1], "score": scores[mine]})
            common.append({"rule": np.zeros(last - first, np.uint8), "within": values[first:last]})
        return InProcess().parts(matched), InProcess().parts(common), np.array(bounds)

    @staticmethod
    def joined(fates: Any) -> tuple[list[int], list[float]]:
        found = fates.values()
        return [np.concatenate([each[name] for each in found]).tolist() for name in ("witness", "score")]

    @settings(deadline=None, max_examples=80)
    @given(graphs(), st.sampled_from([0, 3, 1000]))
    def test_rounds_choose_as_one_by_one_does(self, graph: Any, most: int) -> None:
        matched, _, bounds = self.parts(graph)
        found = rounds.witnesses(matched, bounds, most, compiled=False)
        wanted = clusters.witnesses(graph[0], graph[2], graph[3])
        assert self.joined(found) == [each.tolist() for each in wanted]

    @settings(deadline=None, max_examples=80)
    @given(graphs())
    def test_components_and_one_of_each(self, graph: Any) -> None:
        count, _, pairs, scores, values = graph
        matched, common, bounds = self.parts(graph)
        labels = np.concatenate(stars.components(matched, bounds).values())
        assert labels.tolist() == clusters.components(count, pairs).tolist()
        partners = np.concatenate(stars.best_partners(matched, bounds).values())
        assert partners.tolist() == settle.best_partner(count, pairs, scores).tolist()
        found = stars.one_of_each(matched, common, bounds)
        wanted = clusters.one_of_each(count, pairs, scores, values)
        assert self.joined(found) == [each.tolist() for each in wanted]

    @settings(deadline=None, max_examples=80)
    @given(graphs())
    def test_versions(self, graph: Any) -> None:
        count, _, pairs, scores, _ = graph
        matched, _, bounds = self.parts(graph)
        some = len(pairs) // 2
        witness, _ = clusters.witnesses(count, pairs[:some], scores[:some])
        fates = InProcess().parts([{"witness": witness[first:last]} for first, last in pairwise(bounds)])
        found = np.concatenate(settling.later_versions(fates, matched, bounds).values())
        assert found.tolist() == settle.later_versions(witness, pairs).tolist()


class TestStretches:
    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"")), max_size=20),
        st.booleans(),
        st.integers(1, 9),
    )
    def test_a_line_belongs_to_the_stretch_in_which_it_begins(
        self, tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ended: bool, count: int
    ) -> None:
        data = b"\n".join(lines) + b"\n" * ended
        path = tmp_path_factory.mktemp("lines") / "in.jsonl"
        path.write_bytes(data)
        source = Input("in.jsonl", str(path))
        size = max(1, -(-len(data) // count))
        found, starts = [], []
        for stretch in blocks.stretches([(source, True)], size):
            for block in blocks.read(stretch, Reading(block=7), Problems()):
                whole_lines = block.data[block.first : block.last].tobytes()
                found.append(whole_lines)
                starts.append(block.start)
                assert stretch.start <= block.start < max(stretch.end, 1)
        assert b"".join(found) == data.removeprefix(b"\xef\xbb\xbf")
        assert starts == sorted(starts)

    def test_as_many_tasks_as_are_asked_for(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"x\n" * 500)
        found = [(Input("a.jsonl", str(path)), True)] * 3
        for count in (1, 2, 7, 64):
            tasks = blocks.tasks(found, count)
            assert len(tasks) == count
            read = [(each.start, each.end) for task in tasks for each in task]
            assert sum(end - start for start, end in read) == 3000
        assert len(blocks.tasks(found, 0, width=4)) == 1

    def test_a_cluster_has_work_for_all_where_there_is_enough(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"x\n" * 500)
        found = [(Input("a.jsonl", str(path)), True)]
        monkeypatch.setattr(blocks, "LEAST_BYTES", 100)
        assert [len(blocks.tasks(found, 0, width)) for width in (1, 4, 50)] == [1, 4, 10]
        monkeypatch.setattr(blocks, "TASK_BYTES", 200)
        assert len(blocks.tasks(found, 0, 2)) == 5


class TestBadInput:
    @pytest.mark.parametrize("count", [1, 4, 9])
    def test_is_named_with_its_line(self, tmp_path: Path, count: int) -> None:
        lines = collection("text", 40)
        lines[29] = b"[1]"
        paths = [written(tmp_path / "in", lines)]
        with pytest.raises(InputError) as one:
            on_one_machine(paths, Options())
        with pytest.raises(InputError) as other:
            on_parts(InProcess(), paths, Options(), count, tmp_path)
        assert str(other.value) == str(one.value)
        assert not (tmp_path / "kept" / "_SUCCESS").exists()

    @pytest.mark.parametrize("count", [1, 4, 9])
    def test_is_skipped_and_told(self, tmp_path: Path, count: int) -> None:
        lines = collection("text", 40)
        lines[3], lines[20], lines[39] = b"nothing", b"   ", b"\xff{}"
        paths = [written(tmp_path / "in", lines, files=2)]
        options, told = Options(reading=Reading(skip=True)), ([], [])
        wanted = on_one_machine(paths, options, Problems(skip=True, say=told[0].append))
        problems = Problems(skip=True, say=told[1].append)
        found = on_parts(InProcess(), paths, options, count, tmp_path, problems=problems)
        assert found.outputs == wanted.outputs
        assert told[0] == told[1]
        assert problems.bad_count == 2

    @pytest.mark.parametrize(
        ("record", "options"),
        [
            (b'{"a": 1}', Options()),
            (b'{"a": 1}', Options(match="text")),
            (b'{"text": "a b"}', Options(fields=("title",))),
            (b'{"text": "a b"}', Options(match="papers")),
            (b'{"text": "a b"}', Options(unique_within="shelf")),
        ],
    )
    def test_records_in_which_nothing_is_compared(
        self, tmp_path: Path, record: bytes, options: Options
    ) -> None:
        paths = [written(tmp_path / "in", [record] * 12, files=2)]
        told = []
        for run in (on_one_machine, lambda *given: on_parts(InProcess(), *given, 3, tmp_path)):
            with pytest.raises(CorpusError) as raised:
                run(paths, options)
            told.append(str(raised.value))
        assert told[0] == told[1]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b'{"text": "a"}', b'\xef\xbb\xbf{"text": "a"}\n\n{"text": "a"}']
)
@pytest.mark.parametrize("count", [1, 5])
def test_little_or_nothing(tmp_path: Path, data: bytes, count: int) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)
    found = on_parts(InProcess(), [str(path)], Options(), count, tmp_path)
    assert found.outputs == on_one_machine([str(path)], Options()).outputs


class TestFolders:
    def test_a_run_that_fails_while_it_writes_leaves_what_was_there(self, tmp_path: Path) -> None:
        paths = [written(tmp_path / "in", collection("text", 40))]
        on_parts(InProcess(), paths, Options(), 2, tmp_path, annotated=False)
        before, inputs = whole(tmp_path / "kept"), expand(paths)
        found = parted.deduplicate(InProcess(), inputs, Options(), Problems(), Progress(), 2)
        changed = tmp_path / "in" / "000000.jsonl"
        changed.write_bytes(changed.read_bytes() + b"\n")
        kept = Folder(str(tmp_path / "kept"), ".jsonl")
        with pytest.raises(InputError, match="changed while it was being read"):
            write(found, Outputs(kept), lambda: look_again(inputs, False, ()))
        assert whole(tmp_path / "kept") == before

    def test_other_formats(self, tmp_path: Path) -> None:
        parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
        paths = [written(tmp_path / "in", collection("text", 60))]
        found = parted.deduplicate(InProcess(), expand(paths), Options(), Problems(), Progress(), 3)
        for name, form, ending in (("a", "parquet", ".parquet"), ("b", "jsonl", ".jsonl.gz")):
            write(found, Outputs(Folder(str(tmp_path / name), ending), form), lambda: None)
        rows = [
            row
            for path in sorted((tmp_path / "a").glob("part-*"))
            for row in parquet.read_table(path).to_pylist()
        ]
        packed = b"".join(
            gzip.decompress(path.read_bytes()) for path in sorted((tmp_path / "b").glob("part-*"))
        )
        assert rows == [orjson.loads(line) for line in packed.splitlines()]
        assert packed == on_one_machine(paths, Options()).outputs[0]

    def test_parts_appear_together_and_replace_earlier_ones(self, tmp_path: Path) -> None:
        out = Folder(str(tmp_path / "out"), ".jsonl")
        for content in (b"one", b"two"):
            out.prepare()
            with (attempt := out.write(0)) as writer:
                writer.write(content)
            commit([out], [[attempt.name]])
            assert whole(tmp_path / "out") == content

    def test_a_run_that_died_leaves_nothing_that_is_complete(self, tmp_path: Path) -> None:
        out = Folder(str(tmp_path / "out"), ".jsonl")
        with out.write(0) as writer:
            writer.write(b"half")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["_temporary"]
        out.prepare()
        assert list((tmp_path / "out").iterdir()) == []

    def test_what_others_wrote_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "thesis.tex").write_text("mine")
        with pytest.raises(OutputError, match=r"holds thesis\.tex"):
            Folder(str(tmp_path / "out"), ".jsonl").prepare()
        (tmp_path / "file").write_text("mine")
        with pytest.raises(OutputError, match="is a file"):
            Folder(str(tmp_path / "file"), ".jsonl").prepare()

    def test_two_attempts_never_meet(self, tmp_path: Path) -> None:
        out = Folder(str(tmp_path / "out"), ".jsonl.gz")
        names = []
        for content in (b"lost", b"taken"):
            with (attempt := out.write(0)) as writer:
                writer.write(content)
            names.append(attempt.name)
        commit([out], [names[1:]])
        assert gzip.decompress(whole(tmp_path / "out")) == b"taken"
        assert [path.name for path in sorted((tmp_path / "out").iterdir())] == [
            "_SUCCESS",
            "part-00000.jsonl.gz",
        ]
