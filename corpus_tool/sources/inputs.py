"""Which bytes to read: files, folders, globs, standard input, URLs; never what they mean."""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool import compression
from corpus_tool.config import Limits
from corpus_tool.errors import InputError, UsageError
from corpus_tool.publication import unfinished
from corpus_tool.sources.apart import Apart
from corpus_tool.sources.datasets_folder import data_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus_tool.publication import Identity

STDIN = "-"
_REMOTE = {"s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss"}
"""Schemes of the addresses that pyarrow opens."""
ARCHIVE = ".zip"
_ARCHIVED = b"PK\x03\x04"


@dataclass
class Met:
    """What was met where an input was opened.

    Attributes:
        identity: Of a plain file, then.
        empty: Whether there was nothing to read.
        digest: Whether it was read as a digest, rather than as records of other origin.
    """

    identity: Identity | None = None
    empty: bool = False
    digest: bool = False


@dataclass(frozen=True)
class Input:
    """One stream of bytes.

    Attributes:
        name: What records and messages call it: as given, never absolute.
        path: What is opened: a path, a URL or `-`.
        member: The file within the zip archive at the path, where it is one.
        found: Whether a folder, a pattern or an archive brought it in, rather than its own name.
        met: What was met where it was opened.
        table: The table of a database that is meant, where one is named.
    """

    name: str
    path: str
    member: str | None = None
    found: bool = False
    table: str | None = None
    met: Met = field(default_factory=Met, compare=False, repr=False)

    @cached_property
    def seekable(self) -> bool:
        """Whether its bytes can be read again by offset: a plain, uncompressed file."""
        if self.path == STDIN or "://" in self.path or self.member or compression.codec_of(self.path):
            return False
        try:
            if not stat.S_ISREG(os.stat(self.path).st_mode):  # noqa: PTH116 - follows links, no Path needed
                return False
            with Path(self.path).open("rb", buffering=0) as file:
                return compression.codec_of_content(file.read(compression.BEGINNING)) is None
        except OSError:
            return False

    @property
    def size(self) -> int:
        """Bytes of a plain file; 0 where that is not known before reading."""
        return Path(self.path).stat().st_size if self.seekable else 0

    def open(self, limits: Limits = Limits()) -> BinaryIO:  # noqa: B008 - frozen
        """The uncompressed bytes.

        Raises:
            InputError: It cannot be opened.
        """
        if self.path == STDIN and sys.stdin is None:
            raise InputError("standard input is closed; name a file, or pipe something in", path=STDIN)
        local = self.path != STDIN and "://" not in self.path
        if local and unfinished(Path(os.path.realpath(self.path))):
            raise InputError(
                "an earlier run was killed while it put this output and others in their places, so they may not agree: "
                "`corpus-tool recover` with its name finishes that",
                path=self.name,
            )
        try:
            if self.member:
                from corpus_tool.sources import archives

                self._remember(os.stat(self.path))  # noqa: PTH116
                stored = archives.open_member(self.path, self.member, self.name, limits)
                return compression.open_reader(stored, self.member, limits)
            raw = self._open()
            self._remember(_status(raw))
            return compression.open_reader(raw, self.path, limits)
        except OSError as error:
            raise InputError(_cause(error), path=self.name) from error

    def _open(self) -> BinaryIO:
        if self.path == STDIN:
            return sys.stdin.buffer
        return _open_url(self.path) if "://" in self.path else Path(self.path).open("rb")

    def _remember(self, status: os.stat_result | None) -> None:
        self.met.identity = _identity(status)

    def check_unchanged(self) -> None:
        """That a plain file is still the one that was opened, with the same size and time of change.

        Raises:
            InputError: It is not, so that what was read of it may be of two states.
        """
        if self.met.identity is None:
            return
        try:
            found = os.fstat(sys.stdin.fileno()) if self.path == STDIN else os.stat(self.path)  # noqa: PTH116
        except (OSError, ValueError):
            found = None
        if _identity(found) != self.met.identity and not (self.path == STDIN and found is None):
            raise InputError("changed while it was being read: run again", path=self.name)


def _status(stream: BinaryIO) -> os.stat_result | None:
    try:
        return os.fstat(stream.fileno())
    except (OSError, AttributeError):
        return None


def _identity(status: os.stat_result | None) -> Identity | None:
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def look_again(inputs: Sequence[Input], allow_empty: bool, replaced: Sequence[str]) -> None:
    """The last look before outputs take their places.

    Args:
        inputs: What was read.
        allow_empty: Whether nothing on standard input may replace something.
        replaced: Names of files that are not empty and would be replaced.

    Raises:
        InputError: An input changed meanwhile; or standard input was empty, as where a command before it in a pipeline
            failed, and a file would be lost by that.
    """
    for each in inputs:
        each.check_unchanged()
        if each.path == STDIN and each.met.empty and replaced and not allow_empty:
            raise InputError(
                f"standard input is empty, and {replaced[0]}, which is not, would be replaced; "
                "if that is meant, say --allow-empty",
                path=STDIN,
            )


def expand(arguments: Iterable[str], *outputs: str | None) -> list[Input]:
    """The inputs that command-line arguments name, folders walked in sorted order.

    Args:
        arguments: Paths, folders, globs, URLs or `-`; none means standard input.
        outputs: Of the same run, as its options name them, None for standard output: no folder or glob brings them in.

    Raises:
        InputError: One names nothing that is there, or what standard output goes to.
        UsageError: Standard input is asked for twice, or is a terminal.
    """
    given = list(arguments) or [STDIN]
    if given.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    if STDIN in given and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("no input: name a file or a folder, or pipe something in")
    apart = Apart(outputs)
    return _distinct([each for argument in given for each in _expand(argument, apart)])


def _expand(argument: str, apart: Apart) -> list[Input]:
    if argument == STDIN:
        apart.check_stdin()
    if argument == STDIN or "://" in argument:
        return [Input(argument, argument)]
    path = Path(argument)
    try:
        if path.is_dir():
            return _walk(path, apart)
        if not path.exists() and any(mark in argument for mark in "*?["):
            return _glob(argument, apart)
    except (OSError, ValueError) as error:
        raise InputError(
            _cause(error) if isinstance(error, OSError) else str(error), path=argument
        ) from error
    if not path.exists():
        base, _, table = argument.rpartition(":")
        if table and Path(base).is_file():
            return [Input(_own_name(path, path.parent), base, table=table)]
        raise InputError(
            "no such file or folder; check the spelling and the folder you are in", path=argument
        )
    name = _own_name(path, path.parent)
    apart.check(argument, name)
    return _members(Input(name, argument))


def _members(given: Input) -> list[Input]:
    """An input, or the inputs in it where it is a zip archive."""
    if not given.path.lower().endswith(ARCHIVE) or not _begins(given.path, _ARCHIVED):
        return [given]
    from corpus_tool.sources import archives

    return [
        replace(given, name=f"{given.name}/{member}", member=member, found=True, met=Met())
        for member in archives.members(given.path, given.name)
    ]


def _begins(path: str, mark: bytes) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError:
        return False


def _walk(folder: Path, apart: Apart) -> list[Input]:
    paths = []
    for base, folders, files in os.walk(folder, onerror=_stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        shown = [name for name in sorted(files) if not name.startswith(".")]
        paths += [Path(base, name) for name in data_files(base, shown)]
    taken = [path for path in sorted(paths) if _readable(path) and not apart.holds(str(path))]
    if not taken:
        raise InputError("a folder without files in it; name one that has some", path=str(folder))
    inputs = (Input(_own_name(path, folder), str(path), found=True) for path in taken)
    return [each for given in inputs for each in _members(given)]


def _stop(error: OSError) -> None:
    raise error


def _readable(path: Path) -> bool:
    """Whether there is content at a path: no pipe, socket or device. A link to nothing is an error of its own."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _glob(pattern: str, apart: Apart) -> list[Input]:
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
    files = [path for path in paths if path.is_file() and not apart.holds(str(path))]
    if not files:
        raise InputError(
            "no file matches this pattern; check the spelling and the folder you are in", path=pattern
        )
    inputs = (Input(_own_name(path, path.parent), str(path), found=True) for path in files)
    return [each for given in inputs for each in _members(given)]


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
    name += f"/{given.member}" if given.member else ""
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
