"""A run over many parts, with all that it writes, held against that of one machine."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus_tool import receipts
from corpus_tool.engines import local
from corpus_tool.engines.parted import run as parted
from corpus_tool.engines.parted.folders import Folder
from corpus_tool.engines.parted.writing import Outputs, write
from corpus_tool.progress import Progress
from corpus_tool.sources.inputs import expand
from corpus_tool.sources.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from corpus_tool.config import Options
    from corpus_tool.engines.parted.writing import Written


@dataclass
class Ran:
    """What a run gave: kept, receipts, clusters and annotated as bytes, and what it says of itself."""

    outputs: tuple[bytes, ...]
    proposed: int
    crowded: int
    why: str
    written: Written | None = None


def on_one_machine(paths: Sequence[str], options: Options, problems: Problems | None = None) -> Ran:
    run = local.deduplicate(expand(paths), options, problems or Problems(), Progress())
    outputs = []
    for produce in (
        receipts.write_kept,
        receipts.write_receipts,
        receipts.write_clusters,
        receipts.write_annotated,
    ):
        out = io.BytesIO()
        produce(run, out)
        outputs.append(out.getvalue())
    run.close()
    return Ran(tuple(outputs), run.proposed, run.crowded, run.why)


def on_parts(
    cluster: Any,
    paths: Sequence[str],
    options: Options,
    count: int,
    folder: Path,
    *,
    annotated: bool = True,
    problems: Problems | None = None,
) -> Ran:
    found = parted.deduplicate(cluster, expand(paths), options, problems or Problems(), Progress(), count)
    folders = [Folder(str(folder / name), ".jsonl") for name in ("kept", "removed", "clusters")]
    written = write(found, Outputs(folders[0], "jsonl", folders[1], folders[2]), lambda: None)
    if annotated:
        folders.append(Folder(str(folder / "annotated"), ".jsonl"))
        write(found, Outputs(folders[3], annotate=True), lambda: None)
    return Ran(
        tuple(whole(folder / each.name) for each in folders),
        found.proposed,
        found.crowded,
        found.why,
        written,
    )


def whole(folder: Path) -> bytes:
    """The parts of an output joined in order."""
    assert (folder / "_SUCCESS").exists()
    assert not (folder / "_temporary").exists()
    return b"".join(path.read_bytes() for path in sorted(folder.glob("part-*")))
