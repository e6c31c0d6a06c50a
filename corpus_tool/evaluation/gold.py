"""Reading clusterings that people or programs wrote down: gold standards, and the output of `dedup --clusters`.

    id,cluster          CSV: the records, and which cluster each is in
    id1,id2             CSV: pairs of the same cluster, closed transitively
    id1,id2,label       CSV: pairs that somebody looked at (`corpus_tool.evaluation.labels`); nothing is said of others
    {"id", "cluster"}   JSON Lines; further keys are passed over

Names and clusters are compared as text. What a file is shows in its first characters, in its name only where there
are none.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus_tool.compression import strip_codec
from corpus_tool.dedup.clusters import components
from corpus_tool.errors import InputError
from corpus_tool.evaluation.labels import COLUMNS, Label, Labels, verdict
from corpus_tool.lines.decode import decode
from corpus_tool.sources.inputs import Input

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_Row = tuple[int, str, str]
_EXAMPLES = 3

WANTED = "a gold file has the columns id,cluster or id1,id2 or id1,id2,label"


@dataclass(frozen=True, slots=True)
class Clustering:
    """Which records are together.

    Attributes:
        path: Where it was read.
        pairs: Whether it was given as pairs, so that records without a partner need not be listed.
        cluster: For each record's name the number of its cluster.
        compared: Where somebody labelled pairs, a number for each set of records that labels connect: of two records
            of different sets nothing was said. None where everything was.
    """

    path: str
    pairs: bool
    cluster: dict[str, int]
    compared: dict[str, int] | None = None

    @property
    def form(self) -> str:
        """How it was given."""
        return "labels" if self.compared is not None else "pairs" if self.pairs else "clusters"


def require_shared(clustering: Clustering, names: Collection[str]) -> None:
    """Refuse a clustering that is of other records.

    Args:
        clustering: What was read.
        names: Of the records of the input.

    Raises:
        InputError: Under half of what it names is in the input, or nothing; or it names nothing.
    """
    if names and not clustering.cluster and not clustering.pairs:
        raise InputError("there is nothing in it, while the input has records", path=clustering.path)
    known, listed = set(names), list(clustering.cluster)
    missing = [name for name in listed if name not in known]
    if 2 * len(missing) <= len(listed):
        return
    share = "none" if len(missing) == len(listed) else f"only {len(listed) - len(missing):,}"
    there = f"those of the input are such as {_some(names)}" if names else "there is no record in it"
    raise InputError(
        f"{share} of its {len(listed):,} ids {'is' if share == 'none' else 'are'} in the input: it has ids such as "
        f"{_some(missing)}, {there} (a record without id is called source:line); give the file of these records",
        path=clustering.path,
    )


def _some(names: Iterable[str]) -> str:
    return ", ".join(islice(names, _EXAMPLES))


def read(path: str) -> Clustering:
    """Read a clustering; compressed files by their ending, `-` for standard input.

    Raises:
        InputError: The file cannot be opened, has other columns, a row without a value, or a record in two clusters.
    """
    text = _text(path)
    empty = not text.strip() and strip_codec(path).endswith((".jsonl", ".ndjson"))
    if empty or text.lstrip().startswith("{"):
        return Clustering(path, False, _numbered(_json_rows(text, path), path))
    rows = _csv_rows(text, path)
    _, header = next(rows, (1, []))
    if set(COLUMNS) <= set(header):
        labels = Labels(path, _labels(rows, header, path))
        return Clustering(path, False, labels.clusters(), labels.compared())
    if {"id1", "id2"} <= set(header):
        return Clustering(path, True, _joined(_chosen(rows, header, ("id1", "id2"), path)))
    if {"id", "cluster"} <= set(header):
        return Clustering(path, False, _numbered(_chosen(rows, header, ("id", "cluster"), path), path))
    found = f"the columns are {', '.join(header)}" if header else "there is nothing in it"
    raise InputError(f"{found}: {WANTED}, named in its first line", path=path, line=1)


def _text(path: str) -> str:
    with Input(path, path).open() as stream:
        try:
            data = stream.read()
        except OSError as error:
            raise InputError(f"could not be read: {error.strerror or error}", path=path) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError("not UTF-8: convert the file", path=path, line=line) from None


def _csv_rows(text: str, path: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"not CSV: {error}", path=path, line=line) from error


def _whole(
    rows: Iterable[tuple[int, list[str]]], header: list[str], path: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows, each with as many values as the header has names."""
    for line, row in rows:
        if len(row) != len(header):
            raise InputError(f"{len(row)} values in {len(header)} columns", path=path, line=line)
        yield line, row


def read_labels(path: str) -> Labels:
    """The labels of pairs in a file that `review` writes.

    Raises:
        InputError: It is no such file, or labels contradict each other.
    """
    rows = _csv_rows(_text(path), path)
    _, header = next(rows, (1, []))
    if not set(COLUMNS) <= set(header):
        found = f"the columns are {', '.join(header)}" if header else "there is nothing in it"
        raise InputError(f"{found}: a file of labels has the columns {','.join(COLUMNS)}", path=path, line=1)
    return Labels(path, _labels(rows, header, path))


def _labels(rows: Iterable[tuple[int, list[str]]], header: list[str], path: str) -> Iterator[Label]:
    place = header.index(COLUMNS[2])
    kept = list(_whole(rows, header, path))
    for (line, one, other), (_, row) in zip(_chosen(kept, header, ("id1", "id2"), path), kept, strict=True):
        yield Label(one, other, verdict(row[place], path, line), line)


def _chosen(
    rows: Iterable[tuple[int, list[str]]], header: list[str], names: tuple[str, str], path: str
) -> Iterator[_Row]:
    """Line and the two columns of each row."""
    left, right = map(header.index, names)
    for line, row in _whole(rows, header, path):
        for place, name in zip((left, right), names, strict=True):
            if not row[place]:
                raise InputError(f"no {name}: give it one, or leave the row out", path=path, line=line)
        yield line, row[left], row[right]


def _json_rows(text: str, path: str) -> Iterator[_Row]:
    for line, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            record = decode(raw.encode())
        except ValueError as error:
            raise InputError(str(error), path=path, line=line) from None
        name, cluster = record.get("id"), record.get("cluster")
        if name is None and "source" in record and "line" in record:
            name = f"{record['source']}:{record['line']}"
        for key, value in (("id", name), ("cluster", cluster)):
            if value is None:
                raise InputError(f"the object has no {key}", path=path, line=line)
        yield line, str(name), str(cluster)


def _numbered(rows: Iterable[_Row], path: str) -> dict[str, int]:
    """Numbers of clusters by the names of their records.

    Raises:
        InputError: A record is listed in two clusters: then nobody knows whether these are one.
    """
    numbers: dict[str, int] = {}
    found: dict[str, tuple[int, str, int]] = {}
    for line, name, cluster in rows:
        known = found.setdefault(name, (numbers.setdefault(cluster, len(numbers)), cluster, line))
        if known[1] != cluster:
            raise InputError(
                f"{name} is in cluster {cluster} here and in {known[1]} on line {known[2]}: "
                "a record has one cluster, and an id names one record",
                path=path,
                line=line,
            )
    return {name: number for name, (number, _, _) in found.items()}


def _joined(rows: Iterable[_Row]) -> dict[str, int]:
    """Numbers of the connected components of pairs."""
    places: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for _, left, right in rows:
        pairs.append((places.setdefault(left, len(places)), places.setdefault(right, len(places))))
    edges: Any = np.array(pairs, np.int64).reshape(-1, 2)
    return dict(zip(places, components(len(places), edges).tolist(), strict=True))
