"""Records that are handed over, in whatever holds them, and the same holder with some of them.

A list, a tuple or an iterator of dicts or strings; a Series or an Arrow array of strings; a table of pandas, of polars,
or of anything else with Arrow's `__arrow_c_stream__`, whose rows are records without the cells that are null. What is
returned is of the kind that was given: the very objects, or the table with fewer rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from corpus_tool.errors import UsageError
from corpus_tool.lines.encode import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus_tool.records import Record

STREAM, ARRAY = "__arrow_c_stream__", "__arrow_c_array__"
_NEEDS = "pip install 'corpus-tool[parquet]'"


@dataclass(frozen=True, slots=True)
class Given:
    """Records as they were handed over.

    Attributes:
        raws: Each as a line of JSON.
        some: The same holder with the records at some places, which ascend.
        each: The record at a place.
    """

    raws: list[bytes]
    some: Callable[[Sequence[int]], Any]
    each: Callable[[int], Any]

    @classmethod
    def of(cls, records: Any, name: str = "records") -> Given:
        """Take records over.

        Args:
            records: Whatever holds them.
            name: What messages call it.

        Raises:
            TypeError: It holds no records, or one is nothing that JSON can say.
            UsageError: A table needs pyarrow, which is not there.
        """
        module = type(records).__module__.partition(".")[0]
        if module == "pandas":
            return _of_pandas(cls, records, name)
        if module == "polars":
            return _of_polars(cls, records, name)
        if (hasattr(records, STREAM) or hasattr(records, ARRAY)) and not isinstance(records, list):
            return _of_arrow(cls, records, name)
        if isinstance(records, (str, bytes, Mapping)) or not isinstance(records, Iterable):
            raise TypeError(
                f"{name}: a {type(records).__name__} where records are wanted: a list or iterator of dicts or strings, "
                "or a table of pandas, polars or Arrow"
            )
        held = list(records)
        return cls(_lines(held, name), lambda places: [held[place] for place in places], held.__getitem__)


def line(record: Any, name: str) -> bytes:
    """A dict, or the text of a record, as a line of JSON.

    Raises:
        TypeError: It is neither, or holds what JSON cannot say.
    """
    if isinstance(record, str):
        return encode({"text": str(record)})
    if not isinstance(record, dict):
        raise TypeError(f"{name} is a {type(record).__name__}: a record is a dict or a string")
    try:
        return encode(record)
    except TypeError as error:
        raise TypeError(f"{name} holds what JSON cannot say: {error}") from error


def _lines(records: Iterable[Any], name: str) -> list[bytes]:
    return [line(record, f"{name}[{place}]") for place, record in enumerate(records)]


def _rows(records: Iterable[Record]) -> list[bytes]:
    """Rows of a table, whose cells may be of types that JSON lacks: these are written as text."""
    return [
        orjson.dumps({key: cell for key, cell in row.items() if cell is not None}, default=_as_text)
        for row in records
    ]


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    return str(value)


def _of_pandas(cls: type[Given], held: Any, name: str) -> Given:
    def some(places: Sequence[int]) -> Any:
        return held.iloc[list(places)]

    if held.ndim == 1:
        return cls(_lines(held, name), some, held.iloc.__getitem__)
    rows = [
        {str(key): cell for key, cell in row.items() if not _missing(cell)}
        for row in held.astype(object).to_dict("records")
    ]
    return cls(_rows(rows), some, rows.__getitem__)


def _missing(cell: Any) -> bool:
    """Whether a cell of pandas is empty: None, NA, or, of numbers and times, what is not equal to itself."""
    if cell is None or type(cell).__name__ == "NAType":
        return True
    unlike = cell != cell
    return isinstance(unlike, (bool, np.bool_)) and bool(unlike)


def _of_polars(cls: type[Given], held: Any, name: str) -> Given:
    if type(held).__name__ == "LazyFrame":
        raise TypeError(f"{name}: a LazyFrame holds no records yet: call its collect() first")

    def some(places: Sequence[int]) -> Any:
        return held[list(places)] if places else held[:0]

    if type(held).__name__ == "Series":
        return cls(_lines(held.to_list(), name), some, held.__getitem__)
    rows = held.to_dicts()
    return cls(_rows(rows), some, rows.__getitem__)


def _of_arrow(cls: type[Given], records: Any, name: str) -> Given:
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError(f"{name}: tables of Arrow need pyarrow: {_NEEDS}") from None
    held = _held(records, pa)
    columns = isinstance(held, pa.Table)

    def some(places: Sequence[int]) -> Any:
        return held.take(pa.array(places, pa.int64()))

    rows = held.to_pylist()
    return cls(_rows(rows) if columns else _lines(rows, name), some, rows.__getitem__)


def _held(records: Any, pa: Any) -> Any:
    """What a holder gives to Arrow: a table, or one column of texts."""
    if not hasattr(records, STREAM):
        return pa.chunked_array([pa.array(records)])
    try:
        return pa.table(records)
    except (pa.ArrowInvalid, TypeError, ValueError):  # no columns
        return pa.chunked_array(records)
