"""Parquet, with columns of the kinds that the values have: lists and objects stay such."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus_tool.errors import UsageError
from corpus_tool.sinks.columns import NUMBER, TRUTH, WHOLE, Gathered, conformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Record
    from corpus_tool.sinks import ExportOptions, Rows
    from corpus_tool.sinks.columns import Kind

_ROWS_AT_ONCE = 8192
_GROUPS_AT_ONCE = 8


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write all rows; see `corpus_tool.sinks`.

    Raises:
        UsageError: pyarrow is not installed, or a column was asked for that no record has.
    """
    pa, pq = _pyarrow()
    with Gathered(rows, options.columns) as table:
        schema = pa.schema([(name, _type(kind, pa)) for name, kind in table.kinds.items()])
        with pq.ParquetWriter(writer, schema, compression="zstd") as parquet:
            for batch in _batches(table, schema, pa):
                parquet.write_table(batch)
        if mixed := table.as_text():
            options.say(
                f"values of different kinds are written as the text of JSON in Parquet: {', '.join(mixed)}"
            )
        return len(table)


def table(records: Iterable[Record]) -> Any:
    """Records as a table of Arrow, in memory.

    Raises:
        UsageError: pyarrow is not installed.
    """
    pa, _ = _pyarrow()
    with Gathered(((b"", record) for record in records), None) as gathered:
        schema = pa.schema([(name, _type(kind, pa)) for name, kind in gathered.kinds.items()])
        batches = list(_batches(gathered, schema, pa)) if gathered.kinds else []
        return pa.concat_tables(batches) if batches else pa.table({})


def schema_of(table: Gathered) -> Any:
    """The Arrow schema of gathered records."""
    pa, _ = _pyarrow()
    return pa.schema([(name, _type(kind, pa)) for name, kind in table.kinds.items()])


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install 'corpus-tool[parquet]'") from None
    return pa, pq


def _batches(table: Gathered, schema: Any, pa: Any) -> Iterator[Any]:
    records = table.records()
    while part := list(islice(records, _ROWS_AT_ONCE)):
        yield pa.table(
            [_array(part, name, kind, schema, pa) for name, kind in table.kinds.items()], schema=schema
        )


def _array(part: list[Record], name: str, kind: Kind, schema: Any, pa: Any) -> Any:
    return pa.array([conformed(record.get(name), kind) for record in part], schema.field(name).type)


def _type(kind: Kind, pa: Any) -> Any:
    simple = {TRUTH: pa.bool_, WHOLE: pa.int64, NUMBER: pa.float64}
    if isinstance(kind, tuple) and kind[0] == "list":
        return pa.list_(_type(kind[1], pa))
    if isinstance(kind, tuple):
        return pa.struct([(name, _type(inner, pa)) for name, inner in kind[1].items()])
    return simple.get(kind, pa.string)()
