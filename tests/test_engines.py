"""One run, whatever the engine and the store: the same witnesses, scores and bytes; and the same run when it is cut."""

from __future__ import annotations

import io
import random
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import InProcess
from on_parts import Ran, on_parts

from corpus_tool import CorpusError, deduplicate, receipts
from corpus_tool.config import KEEP_POLICIES, Options, Papers, Similarity
from corpus_tool.engines import local, memory
from corpus_tool.evaluation.decisions import Decided
from corpus_tool.match.text import TextPolicy
from corpus_tool.papers.policy import PaperPolicy
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import Input
from corpus_tool.sources.problems import Problems
from corpus_tool.store.files import FileStore
from corpus_tool.store.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corpus_tool.dedup.run import Run

    Engine = Callable[..., Run]
    Runs = Callable[[list[bytes], Options, int], Ran]

SOURCE = "in.jsonl"
WORDS = [f"word{n}" for n in range(60)]
TITLE = "On the harbour lights of Porto"


def collection(match: str, count: int, seed: int = 0) -> list[bytes]:
    """Records of a few sources, two thirds of them light or heavy revisions of others."""
    rng = random.Random(f"{match} {count} {seed}")
    texts: list[list[str]] = []
    lines = []
    for n in range(count):
        words = list(rng.choice(texts)) if texts and rng.random() < 0.7 else rng.choices(WORDS, k=45)
        for _ in range(rng.choice((0, 0, 1, 1, 2, 4, 12))):
            words[rng.randrange(len(words))] = rng.choice(WORDS)
        texts.append(words)
        record = {
            "id": n,
            "text": " ".join(words),
            "source": rng.choice("abc"),
            "date": rng.choice(("2026-01-01", "2026-02-01")),
        }
        if match == "papers":
            record |= {"title": " ".join(words[:9]), "abstract": record.pop("text"), "year": 2020 + n % 2}
            record["arxiv_id"] = f"2601.{n % 7:05d}v{1 + n % 3}" if n % 4 == 0 else ""
        lines.append(orjson.dumps(record))
    return lines


@pytest.fixture
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """Each runs lines; their stores are closed after the test."""
    with ExitStack() as opened:

        def of_file(lines: list[bytes], options: Options, observer: Decided | None = None) -> Run:
            path = tmp_path_factory.mktemp("run") / SOURCE
            path.write_bytes(b"".join(line + b"\n" for line in lines))
            inputs = [Input(SOURCE, str(path))]
            run = local.deduplicate(inputs, options, Problems(), Progress(), observer)
            opened.callback(run.store.close)
            return run

        def of_list(lines: list[bytes], options: Options, observer: Decided | None = None) -> Run:
            return memory.deduplicate(lines, SOURCE, options, Progress(), observer)

        yield {"local": of_file, "memory": of_list}


@pytest.fixture(params=["local", "memory"])
def engine(request: pytest.FixtureRequest, engines: dict[str, Engine]) -> Engine:
    return engines[request.param]


@pytest.fixture
def ran(
    request: pytest.FixtureRequest, engines: dict[str, Engine], tmp_path_factory: pytest.TempPathFactory
) -> Runs:
    """What an engine writes of lines, and says of itself; the engines of many parts cut them into so many."""
    name = request.param

    def here(lines: list[bytes], options: Options, _: int) -> Ran:
        run = engines[name](lines, options)
        return Ran(written(run), run.proposed, run.crowded, run.why)

    def on_many(lines: list[bytes], options: Options, count: int) -> Ran:
        folder = tmp_path_factory.mktemp("run")
        path = folder / SOURCE
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        cluster = InProcess() if name == "parted" else request.getfixturevalue("spark")
        return on_parts(cluster, [str(path)], options, count, folder, annotated=name == "parted")

    return here if name in engines else on_many


def written(run: Run) -> tuple[bytes, ...]:
    outputs = []
    for write in (
        receipts.write_kept,
        receipts.write_receipts,
        receipts.write_clusters,
        receipts.write_annotated,
    ):
        out = io.BytesIO()
        write(run, out)
        outputs.append(out.getvalue())
    return tuple(outputs)


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "transitive": {"transitive": True},
    "last": {"keep": "last"},
    "longest": {"keep": "longest"},
    "unique": {"unique_within": "source"},
    "unique newest": {"unique_within": "source", "keep": "newest"},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("match", ["text", "papers"])
@pytest.mark.parametrize("compiled", [False, True], ids=["reference", "kernels"])
@pytest.mark.parametrize("ran", ["local", "memory", "parted"], indirect=True)
def test_engines_give_the_same_bytes(
    ran: Runs, engines: dict[str, Engine], match: str, name: str, compiled: bool
) -> None:
    lines, chosen = collection(match, 150), OPTIONS[name]
    wanted = engines["local"](lines, Options(match=match, compiled=False, **chosen))
    found = ran(lines, Options(match=match, compiled=compiled, jobs=2, **chosen), 5)
    assert len(wanted.removed) > 20
    assert found.outputs == written(wanted)
    assert (found.proposed, found.crowded) == (wanted.proposed, wanted.crowded)


@pytest.mark.spark
@pytest.mark.parametrize("ran", ["spark"], indirect=True)
@pytest.mark.parametrize(
    ("match", "name", "count"),
    [("papers", "plain", 1), ("text", "unique newest", 3), ("papers", "transitive", 3), ("text", "plain", 5)],
)
def test_spark_gives_the_same_bytes(
    ran: Runs, engines: dict[str, Engine], match: str, name: str, count: int
) -> None:
    lines, options = collection(match, 150), Options(match=match, **OPTIONS[name])
    wanted, found = engines["local"](lines, options), ran(lines, options, count)
    assert found.outputs == written(wanted)[:3]
    assert (found.proposed, found.crowded) == (wanted.proposed, wanted.crowded)


@pytest.mark.parametrize("match", ["text", "papers"])
@pytest.mark.parametrize("keep", ["first", "last", "longest"])
@pytest.mark.parametrize("rule", [{}, {"transitive": True}, {"unique_within": "source"}], ids=str)
def test_a_run_that_is_cut_at_its_own_threshold_is_itself(
    engine: Engine, match: str, keep: str, rule: dict[str, Any]
) -> None:
    decided = Decided()
    run = engine(collection(match, 120), Options(match=match, keep=keep, **rule), decided)
    labels = decided.cut(run.policy.threshold, transitive=bool(rule.get("transitive")), within=run.within)
    assert len(run.removed) > 15
    assert labels.tolist() == run.survivor.tolist()


def test_whoever_watches_sees_pairs_that_cannot_match(engine: Engine) -> None:
    """One title, and nothing else that agrees: known from outlines to be two papers, so a run does not read them."""
    rng = random.Random(4)
    texts = [" ".join(rng.choices(WORDS, k=60)) for _ in range(2)]
    lines = [
        orjson.dumps({"title": TITLE, "abstract": text, "doi": f"10.1000/{n}", "arxiv": f"2601.0000{n}"})
        for n, text in enumerate(texts)
    ]
    decided = Decided()
    plain, watched = engine(lines, Options(match="papers")), engine(lines, Options(match="papers"), decided)
    assert (plain.proposed, watched.proposed) == (0, 1)
    assert decided.pairs()[0].tolist() == [[0, 1]]
    assert plain.witness.tolist() == watched.witness.tolist() == [-1, -1]


def test_versions_stay_apart_without_a_sign(engine: Engine) -> None:
    text = " ".join(WORDS[:50])
    lines = [
        orjson.dumps(
            {
                "id": n,
                "title": "On the harbour lights of Porto",
                "abstract": text,
                "arxiv_id": f"2601.00001v{n}",
            }
        )
        for n in (1, 2)
    ]
    decided = Decided()
    run = engine(lines, Options(match="papers", papers=Papers(versions="link")), decided)
    assert (run.witness.tolist(), run.version_of.tolist()) == ([-1, -1], [-1, 0])
    assert decided.pairs()[0].tolist() == []
    assert decided.scores_of(np.array([0]), np.array([1])) >= run.policy.threshold


@pytest.mark.parametrize("policy", [TextPolicy(Similarity(), ("text",)), PaperPolicy(Similarity())])
def test_policies_do_not_change(policy: Any) -> None:
    with pytest.raises(AttributeError):
        policy.compiled = True


def test_stores_agree(tmp_path: Path) -> None:
    lines = collection("text", 30)
    path = tmp_path / SOURCE
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)])[:-1]
    sizes = np.array([len(line) for line in lines])
    files, held = FileStore(), MemoryStore(lines, SOURCE)
    files.add(SOURCE, str(path), np.arange(30) + 1, starts, sizes)
    files.close_books()
    chosen = np.array([3, 4, 5, 29, 0, 3])
    assert len(files) == len(held) == 30
    assert files.bytes_read == held.bytes_read
    assert files.sizes(chosen).tolist() == held.sizes(chosen).tolist()
    assert files.places(chosen) == held.places(chosen)
    assert list(files.lines(chosen)) == list(held.lines(chosen)) == [orjson.loads(lines[at]) for at in chosen]
    assert files.sources() == held.sources() == [(SOURCE, 0, 30)]
    copied: list[list[bytes]] = [[], []]
    for store, pieces in zip((files, held), copied, strict=True):
        store.copy(np.array([1, 2, 8]), pieces.append)
    assert b"".join(copied[0]) == b"".join(copied[1])
    files.close()


class TestLibrary:
    def test_records_come_back_as_they_were_given(self) -> None:
        first = {"id": 1, "text": "a b c", "extra": (1, 2)}
        result = deduplicate([first, {"id": 2, "text": "A, b, c!"}, {"id": 3, "text": "d e f"}])
        assert result.kept[0] is first
        assert [record["id"] for record in result.removed] == [2]
        assert result.clusters == [0, 0, 2]
        (receipt,) = result.receipts
        assert (receipt["id"], receipt["kept"], receipt["score"], receipt["line"]) == (2, 1, 1.0, 2)

    def test_texts(self) -> None:
        assert deduplicate(["One text.", "another", "one TEXT"]).kept == ["One text.", "another"]
        assert deduplicate([]).kept == []

    def test_paths(self, tmp_path: Path) -> None:
        lines = collection("text", 60)
        for name, part in (("a.jsonl", lines[:30]), ("b.jsonl", lines[30:])):
            (tmp_path / name).write_bytes(b"".join(line + b"\n" for line in part))
        wanted = [record["id"] for record in deduplicate(list(map(orjson.loads, lines))).kept]
        for paths in (
            str(tmp_path),
            tmp_path,
            [tmp_path / "a.jsonl", tmp_path / "b.jsonl"],
            str(tmp_path / "*.jsonl"),
        ):
            with deduplicate(paths) as result:
                assert [record["id"] for record in result.kept] == wanted

    def test_what_cannot_be_used(self, tmp_path: Path) -> None:
        with pytest.raises(CorpusError, match="no such file"):
            deduplicate(tmp_path / "nothing.jsonl")
        with pytest.raises(TypeError, match=r"records\[1\] is a list"):
            deduplicate([{"text": "a"}, ["b"]])
        with pytest.raises(TypeError, match=r"records\[0\] holds what JSON cannot say"):
            deduplicate([{"text": object()}])

    @settings(deadline=None, max_examples=25)
    @given(st.integers(0, 99), st.sampled_from(KEEP_POLICIES), st.booleans())
    def test_lists_and_files_agree(
        self, tmp_path_factory: pytest.TempPathFactory, seed: int, keep: str, transitive: bool
    ) -> None:
        lines = collection("text", 40, seed)
        path = tmp_path_factory.mktemp("run") / SOURCE
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        options = Options(keep=keep, transitive=transitive)
        with deduplicate(path, options) as files:
            held = deduplicate(list(map(orjson.loads, lines)), options)
            assert held.clusters == files.clusters
            assert held.kept == files.kept
