"""Parquet and Arrow files: rows of typed columns, nested ones too. A row's line is its number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corpus_tool.errors import InputError, UsageError

from . import heads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Record

_ROWS_AT_ONCE = 4096
PARQUET, ARROW, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
"""How the files begin."""


def rows(path: str, name: str, _table: str | None) -> Iterator[tuple[int, Record]]:
    """Number and cells of each row, empty cells left out.

    Args:
        path: Of a plain file.
        name: What messages call it.

    Raises:
        InputError: The file is damaged, or none of these.
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError(
            "Parquet and Arrow files need pyarrow: pip install 'corpus-tool[parquet]'", path=name
        ) from None
    number = 0
    try:
        for batch in _batches(path):
            batch.validate(full=True)  # the offsets in a damaged file lead anywhere
            names = heads.names(batch.schema.names)
            columns = [_values(column) for column in batch.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                record = {key: cell for key, cell in zip(names, cells, strict=True) if not _is_empty(cell)}
                if record:
                    yield number, record
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        what = " ".join(str(error).split())
        raise InputError(f"cannot be read as Parquet or Arrow: {what}", path=name, line=number + 1) from None


def _is_empty(cell: Any) -> bool:
    return cell is None or cell == ""


def _values(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return values


def _batches(path: str) -> Iterator[Any]:
    with open(path, "rb") as file:  # noqa: PTH123 - a path as it was given
        begins = file.read(6)
    if begins.startswith(PARQUET):
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as parquet:
            yield from parquet.iter_batches(_ROWS_AT_ONCE, use_threads=False)
        return
    import pyarrow as pa

    opening = pa.ipc.open_file if begins == ARROW else pa.ipc.open_stream
    with pa.OSFile(path, "rb") as source, opening(source) as reader:
        stored = (
            (reader.get_batch(at) for at in range(reader.num_record_batches)) if begins == ARROW else reader
        )
        for batch in stored:
            yield from (batch.slice(at, _ROWS_AT_ONCE) for at in range(0, batch.num_rows, _ROWS_AT_ONCE))
