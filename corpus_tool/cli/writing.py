"""Records into an output of any format: chosen, in order, whole or parted into one file a value."""

from __future__ import annotations

import resource
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.compression import strip_codec
from corpus_tool.errors import OutputError, UsageError
from corpus_tool.lines.decode import decode
from corpus_tool.sinks import FORMATS, ExportOptions, selection

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from corpus_tool.sinks import Format, Rows
    from corpus_tool.sinks.atomic import Outputs
    from corpus_tool.sinks.selection import Kept

_FOREIGN = (
    ".xlsx .xls .ods .docx .doc .odt .rtf .tex .pdf .epub .xml .yaml .yml .toml .feather .arrow .avro .orc .duckdb .h5 "
    ".pkl .pickle .zip .tar .tgz .7z .rar"
).split()
"""Endings of formats in which nothing is written here: a file of JSON lines would be called what it is not."""

_FILES_BESIDE = 64
"""Descriptors that a run needs besides its outputs."""


def write(
    rows: Rows,
    outputs: Outputs,
    path: str | None,
    chosen: Format,
    options: ExportOptions,
    by: str | None = None,
) -> int:
    """Write all rows and return their number.

    Args:
        rows: The records.
        outputs: What the files are opened with.
        path: The output's name, perhaps with a field in braces.
        chosen: Its format.
        options: Of the format.
        by: The field to sort by.

    Raises:
        CorpusError: Options that do not go together, or an output that cannot be written.
    """
    field = selection.place_in(path)
    with ExitStack() as stack:
        if by is not None:
            rows = selection.in_order(stack.enter_context(selection.Kept(rows)), by)
        if field is not None and path is not None:
            kept = stack.enter_context(selection.Kept(rows))
            return _write_parted(kept, selection.parted(kept, path, field), outputs, chosen, options)
        return _write_one(rows, outputs, path, chosen, options)


def _write_one(rows: Rows, outputs: Outputs, path: str | None, chosen: Format, options: ExportOptions) -> int:
    if not chosen.folder:
        return chosen.write(rows, outputs.open(path), options)
    if path is None or path == "-":
        raise UsageError("a datasets folder needs a name: add -o FOLDER/")
    from corpus_tool.sinks import datasets

    return datasets.write(rows, outputs, path, options)


def _write_parted(
    kept: Kept, groups: dict[str, array[int]], outputs: Outputs, chosen: Format, options: ExportOptions
) -> int:
    """One output for each group; all of them appear together, so all are open until the last is written."""
    _allow_files(len(groups))
    count = 0
    for path, places in groups.items():
        count += _write_one(kept.rows(places), outputs, path, chosen, options)
    return count


def _allow_files(count: int) -> None:
    """Raise the number of files that may be open, as far as the system lets this process.

    Raises:
        OutputError: It is too few.
    """
    wanted = count + _FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise OutputError(
            f"{count:,} files are to appear together, and only {hard:,} may be open at once: raise ulimit -n, or part "
            "the records by a field with fewer values"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class KeptOutput:
    """Where `dedup` writes the kept records: JSONL, byte for byte, unless the ending names another format.

    Args:
        outputs: What the files are opened with.
        path: The output's name.
        say: Is told what does not survive in the format.
        receipts: Whether receipts are written too, which cannot give the input back beside another format.

    Raises:
        UsageError: The ending names what kept records cannot be written as without more options.
    """

    def __init__(
        self, outputs: Outputs, path: str | None, say: Callable[[str], None], *, receipts: bool
    ) -> None:
        self._outputs, self._path, self._say = outputs, path, say
        self._format = format_of_kept(path)
        if self._format is None:
            self._writer = outputs.open(path)
        elif receipts:
            name = self._format.name
            say(f"`restore` needs the kept records as JSONL: it cannot give the input back from {name}")

    def write(self, produce: Callable[[BinaryIO], None]) -> None:
        """Write what `produce` writes as lines of JSON."""
        if self._format is None:
            produce(self._writer)
            return
        with tempfile.TemporaryFile() as lines:
            try:
                produce(cast("BinaryIO", lines))
                lines.seek(0)
            except OSError as error:
                raise OutputError(
                    f"cannot write temporary data: {error.strerror}: free some space there, or set TMPDIR",
                    path=tempfile.gettempdir(),
                ) from error
            rows = ((raw, decode(raw)) for raw in (line.removesuffix(b"\n") for line in lines))
            write(rows, self._outputs, self._path, self._format, ExportOptions(say=self._say))


def format_of_kept(path: str | None) -> Format | None:
    """The format that the ending of a name means; None for JSONL, which is what every other ending means too.

    Raises:
        UsageError: See `KeptOutput`.
    """
    plain = strip_codec(path or "").lower()
    if plain.endswith(".json") and not plain.endswith(".csl.json"):
        raise UsageError(
            "kept records are lines of JSON, no single document: name the file .jsonl, or .csl.json for CSL-JSON",
            path=path,
        )
    if foreign := next((ending for ending in _FOREIGN if plain.endswith(ending)), None):
        raise UsageError(
            f"nothing is written as {foreign}: name the file .jsonl, or by another format of `corpus-tool export`",
            path=path,
        )
    chosen = next((each for each in FORMATS if plain.endswith(each.endings)), FORMATS[0])
    if chosen.name == "text":
        raise UsageError(
            "a plain list needs to know what to list: write JSONL, then `corpus-tool export --columns title`",
            path=path,
        )
    return None if chosen is FORMATS[0] else chosen
