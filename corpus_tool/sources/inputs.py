"""Which bytes to read: files, folders, globs, standard input, URLs; never what they mean."""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool import compression
from corpus_tool.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

STDIN = "-"
_REMOTE = {"s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss"}
"""Schemes of the addresses that pyarrow opens."""


@dataclass(frozen=True)
class Input:
    """One stream of bytes.

    Attributes:
        name: What records and messages call it: as given, never absolute.
        path: What is opened: a path, a URL or `-`.
    """

    name: str
    path: str

    @property
    def seekable(self) -> bool:
        """Whether its bytes can be read again by offset: a plain, uncompressed file."""
        if self.path == STDIN or "://" in self.path or compression.strip_codec(self.path) != self.path:
            return False
        try:
            return stat.S_ISREG(os.stat(self.path).st_mode)  # noqa: PTH116 - follows links, no Path needed
        except OSError:
            return False

    @property
    def size(self) -> int:
        """Bytes of a plain file; 0 where that is not known before reading."""
        return Path(self.path).stat().st_size if self.seekable else 0

    def open(self) -> BinaryIO:
        """The uncompressed bytes.

        Raises:
            InputError: It cannot be opened.
        """
        if self.path == STDIN:
            if sys.stdin is None:
                raise InputError("standard input is closed; name a file, or pipe something in", path=STDIN)
            return sys.stdin.buffer
        try:
            raw = _open_url(self.path) if "://" in self.path else Path(self.path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise InputError(_cause(error), path=self.name) from error
        return compression.open_reader(raw, self.path)


def expand(arguments: Iterable[str]) -> list[Input]:
    """The inputs that command-line arguments name, folders walked in sorted order.

    Args:
        arguments: Paths, folders, globs, URLs or `-`; none means standard input.

    Raises:
        InputError: One names nothing that is there.
        UsageError: Standard input is asked for twice, or is a terminal.
    """
    given = list(arguments) or [STDIN]
    if given.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    if STDIN in given and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("no input: name a file or a folder, or pipe something in")
    return _distinct([each for argument in given for each in _expand(argument)])


def _expand(argument: str) -> list[Input]:
    if argument == STDIN or "://" in argument:
        return [Input(argument, argument)]
    path = Path(argument)
    try:
        if path.is_dir():
            return _walk(path)
        if not path.exists() and any(mark in argument for mark in "*?["):
            return _glob(argument)
    except (OSError, ValueError) as error:
        raise InputError(str(error), path=argument) from error
    if not path.exists():
        raise InputError(
            "no such file or folder; check the spelling and the folder you are in", path=argument
        )
    return [Input(_own_name(path, path.parent), argument)]


def _walk(folder: Path) -> list[Input]:
    found = []
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(base, name) for name in sorted(files) if not name.startswith(".")]
    if not found:
        raise InputError("a folder without files in it; name one that has some", path=str(folder))
    return [Input(_own_name(path, folder), str(path)) for path in sorted(found)]


def _glob(pattern: str) -> list[Input]:
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
    files = [path for path in paths if path.is_file()]
    if not files:
        raise InputError(
            "no file matches this pattern; check the spelling and the folder you are in", path=pattern
        )
    return [Input(_own_name(path, path.parent), str(path)) for path in files]


def _own_name(path: Path, root: Path) -> str:
    name = path.relative_to(root).as_posix() if path.is_absolute() else str(path)
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _distinct(inputs: list[Input]) -> list[Input]:
    """Give absolute paths that share a name with others as many parent folders as tell them apart."""
    for depth in range(2, 64):
        paths: dict[str, set[str]] = defaultdict(set)
        for each in inputs:
            paths[each.name].add(os.path.realpath(each.path))
        shared = {name for name, under in paths.items() if len(under) > 1}
        if not shared:
            return inputs
        inputs = [_longer(each, depth) if each.name in shared else each for each in inputs]
    return inputs


def _longer(given: Input, depth: int) -> Input:
    path = PurePath(given.path)
    if not path.is_absolute():
        return given
    parts = path.parts[1:]
    name = "/".join(parts[-depth:]) if depth <= len(parts) else os.path.relpath(path)
    return replace(given, name=os.fsencode(name).decode("utf-8", "backslashreplace"))


def _open_url(url: str) -> BinaryIO:
    scheme = url.partition("://")[0].lower()
    if scheme == "file":
        return _local_path(url).open("rb")
    if scheme not in _REMOTE:
        raise _not_opened(url, f"{scheme}:// is not known")
    try:
        from pyarrow import fs
        from pyarrow.lib import ArrowException
    except ModuleNotFoundError:
        raise InputError(
            "addresses need the extra `remote`: pip install 'corpus-tool[remote]', or fetch the file first",
            path=url,
        ) from None
    try:
        system, path = fs.FileSystem.from_uri(url)
        return cast("BinaryIO", io.BufferedReader(system.open_input_stream(path)))
    except FileNotFoundError as error:
        raise _nothing_there(url) from error
    except (ArrowException, ValueError, OSError) as error:
        raise _not_opened(url, str(error)) from error


def _local_path(url: str) -> Path:
    """The path of a `file://` address: on this machine, its characters plain or in percent signs."""
    from urllib.parse import unquote_to_bytes, urlsplit

    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"}:
        raise _not_opened(url, f"{parts.netloc} is another machine")
    path = Path(os.fsdecode(unquote_to_bytes(parts.path)))
    if not path.exists():
        raise _nothing_there(url)
    return path


def _nothing_there(url: str) -> InputError:
    return InputError("there is nothing at this address; check the spelling", path=url)


def _not_opened(url: str, cause: str) -> InputError:
    known = "file://, s3://, gs:// and hdfs:// can be opened; fetch others first"
    return InputError(f"could not be opened: {' '.join(cause.split())} ({known})", path=url)


def _cause(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied; check who may read it"
    return (error.strerror or str(error)).lower()
