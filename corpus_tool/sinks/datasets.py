"""A folder that Hugging Face `datasets` loads by its name: Parquet under `data`, and a README that says what it is."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tool.errors import OutputError
from corpus_tool.sinks import markdown, parquet
from corpus_tool.sinks.cells import encode

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows
    from corpus_tool.sinks.atomic import Outputs

SHARD = "data/train-00000-of-00001.parquet"
_CARD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train-*
---
# {title}

{count} records, written by corpus-tool as one split, `train`:

    datasets.load_dataset("path/of/this/folder", split="train")
"""


def write(rows: Rows, outputs: Outputs, folder: str, options: ExportOptions) -> int:
    """Write the folder's files, which appear together.

    Raises:
        OutputError: The folder cannot be made, or a file in it not written.
    """
    made = [path for path in (Path(folder), Path(folder, "data")) if not path.exists()]
    try:
        for path in made:
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"this folder cannot be made: {error.strerror}: choose another", path=folder
        ) from error
    try:
        count = parquet.write(rows, outputs.open(str(Path(folder, SHARD))), options)
        card = _CARD.format(title=markdown.inline(" ".join(options.title.split())), count=f"{count:,}")
        outputs.open(str(Path(folder, "README.md"))).write(encode(card))
    except BaseException:
        _remove(made)
        raise
    return count


def _remove(folders: list[Path]) -> None:
    """Take away again what was made for nothing; the temporary files in it go when the outputs are left."""
    for path in reversed(folders):
        with suppress(OSError):
            path.rmdir()
