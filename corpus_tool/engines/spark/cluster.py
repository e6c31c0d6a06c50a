"""Parts as RDDs of one pickled value a partition: arrays cross the wire as they stand in memory, never row by row.

What several tasks in a row make of a value is made in one go. A task reads its input to the end, whatever it needs of
it: Spark throws away a worker that does not. What a failed machine held is made again from what it was made of.
"""

from __future__ import annotations

import pickle
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from corpus_tool import errors
from corpus_tool.errors import CorpusError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Task = Callable[[int, Any], Any]

_RAISED = re.compile(r"corpus_tool\.errors\.(\w+): (.+)")
_PROTOCOL = 5


class SparkCluster:
    """The machines of a session.

    Args:
        context: A SparkContext.
    """

    def __init__(self, context: Any) -> None:
        self._context = context

    @property
    def width(self) -> int:
        """How many tasks run at once."""
        return int(self._context.defaultParallelism)

    def parts(self, values: Sequence[Any]) -> SparkParts:
        """These values, one a partition."""
        blobs = [_packed(value) for value in values]
        return SparkParts(self._context.parallelize(blobs, len(blobs)), _one)


class SparkParts:
    """As `parted.parts.Parts`.

    Args:
        rdd: What values are made of.
        load: Makes the value of a partition of its elements.
        tasks: What is made of it then, one after another.
    """

    def __init__(self, rdd: Any, load: Callable[[Iterable[Any]], Any], tasks: tuple[Task, ...] = ()) -> None:
        self._rdd, self._load, self._tasks = rdd, load, tasks

    def map(self, task: Task) -> SparkParts:
        return SparkParts(self._rdd, self._load, (*self._tasks, task))

    def beside(self, other: Any) -> SparkParts:
        return SparkParts(self._blobs().zip(other._blobs()), _pair)

    def exchange(self, task: Callable[[int, Any], Iterable[tuple[int, Any]]]) -> SparkParts:
        sent = self._rdd.mapPartitionsWithIndex(partial(_send, self._load, self._tasks, task))
        return SparkParts(sent.partitionBy(self._rdd.getNumPartitions(), _to), _received)

    def keep(self) -> SparkParts:
        from pyspark import StorageLevel

        return SparkParts(self._blobs().persist(StorageLevel.DISK_ONLY), _one)

    def values(self) -> list[Any]:
        try:
            return [pickle.loads(blob) for blob in self._blobs().collect()]
        except Exception as error:
            raise _named(error) from error

    def _blobs(self) -> Any:
        """One pickled value a partition, each an element that Spark need not look into."""
        if self._load is _one and not self._tasks:
            return self._rdd
        from pyspark.serializers import CPickleSerializer

        made = self._rdd.mapPartitionsWithIndex(partial(_make, self._load, self._tasks))
        return made._reserialize(CPickleSerializer())


def _packed(value: Any) -> bytes:
    return pickle.dumps(value, _PROTOCOL)


def _one(elements: Iterable[bytes]) -> Any:
    (blob,) = elements
    return pickle.loads(blob)


def _pair(elements: Iterable[tuple[bytes, bytes]]) -> Any:
    ((one, other),) = elements
    return pickle.loads(one), pickle.loads(other)


def _received(elements: Iterable[tuple[int, tuple[int, int, bytes]]]) -> list[Any]:
    return [pickle.loads(blob) for _, _, blob in sorted((sent for _, sent in elements), key=_sender)]


def _sender(sent: tuple[int, int, bytes]) -> tuple[int, int]:
    return sent[:2]


def _to(target: int) -> int:
    return target


def _value(
    load: Callable[[Iterable[Any]], Any], tasks: tuple[Task, ...], index: int, elements: Iterable[Any]
) -> Any:
    value = load(elements)
    for task in tasks:
        value = task(index, value)
    return value


def _make(
    load: Callable[[Iterable[Any]], Any], tasks: tuple[Task, ...], index: int, elements: Iterable[Any]
) -> Iterator[bytes]:
    yield _packed(_value(load, tasks, index, elements))


def _send(
    load: Callable[[Iterable[Any]], Any],
    tasks: tuple[Task, ...],
    last: Callable[[int, Any], Iterable[tuple[int, Any]]],
    index: int,
    elements: Iterable[Any],
) -> Iterator[tuple[int, tuple[int, int, bytes]]]:
    for number, (target, value) in enumerate(last(index, _value(load, tasks, index, elements))):
        yield target, (index, number, _packed(value))


def _named(error: Exception) -> CorpusError:
    """What a task raised, or what else went wrong on the cluster."""
    found = _RAISED.search(str(error))
    if found and isinstance(kind := getattr(errors, found[1], None), type) and issubclass(kind, CorpusError):
        raised: CorpusError = kind(found[2].strip())
        return raised
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next(
        (line for line in reversed(lines) if re.match(r"[\w.]*(Error|Exception)\b", line)),
        lines[0] if lines else "",
    )
    return OutputError(f"the cluster could not do it: {told[:300]}; the executors' logs tell more")
