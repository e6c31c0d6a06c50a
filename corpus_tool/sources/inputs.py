"""Which bytes to read: files, folders, globs, standard input, addresses; never what they mean."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool import compression
from corpus_tool.config import Limits
from corpus_tool.errors import InputError, UsageError
from corpus_tool.publication import unfinished
from corpus_tool.sources import remote
from corpus_tool.sources.apart import Apart
from corpus_tool.sources.chosen import Chosen
from corpus_tool.sources.datasets_folder import data_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corpus_tool.publication import Identity

STDIN = "-"
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
        name: What records and messages call it: as given, never absolute, without a login.
        path: What is opened: a path, an address or `-`.
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
        if (
            self.path == STDIN
            or remote.is_address(self.path)
            or self.member
            or compression.codec_of(self.path)
        ):
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
            raise InputError("standard input is closed; name a file, or pipe something in", path=self.name)
        local = self.path != STDIN and not remote.is_address(self.path)
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
                return compression.open_reader(stored, self.member, limits, self.name)
            return self._unpacked(self._open(), limits)
        except OSError as error:
            raise InputError(_cause(error), path=self.name) from error

    def _unpacked(self, raw: BinaryIO, limits: Limits) -> BinaryIO:
        try:
            self._remember(_status(raw))
            return compression.open_reader(raw, self.path, limits, self.name)
        except BaseException:
            raw.close()
            raise

    def _open(self) -> BinaryIO:
        if self.path == STDIN:
            return sys.stdin.buffer
        return remote.open_address(self.path) if remote.is_address(self.path) else Path(self.path).open("rb")

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
                path=each.name,
            )


def expand(
    arguments: Iterable[str],
    *outputs: str | None,
    chosen: Chosen | None = None,
    stdin_name: str = STDIN,
) -> list[Input]:
    """The inputs that command-line arguments name, folders walked in sorted order.

    Args:
        arguments: Paths, folders, globs, addresses or `-`; none means standard input.
        outputs: Of the same run, as its options name them, None for standard output: no folder or glob brings them in.
        chosen: Which files are wanted of those that folders, globs and archives bring in; told where none is left.
        stdin_name: What records and messages call standard input.

    Raises:
        InputError: One names nothing that is there, or what standard output goes to; or no input is left.
        UsageError: Standard input is asked for twice, or is a terminal.
    """
    given = list(arguments) or [STDIN]
    if given.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    if STDIN in given and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("no input: name a file or a folder, or pipe something in")
    found = _Arguments(Apart(outputs), chosen or Chosen(), stdin_name)
    inputs = [each for argument in given for each in found.inputs(argument)]
    if not inputs:
        raise found.chosen.nothing_left[0]
    return _distinct(inputs)


@dataclass(frozen=True)
class _Arguments:
    """Turns the arguments of a run into its inputs.

    Attributes:
        apart: The outputs of the run.
        chosen: The files that are wanted.
        stdin_name: What standard input is called.
    """

    apart: Apart
    chosen: Chosen
    stdin_name: str

    def inputs(self, argument: str) -> list[Input]:
        """What an argument brings in."""
        if argument == STDIN:
            self.apart.check_stdin(self.stdin_name)
            return [Input(self.stdin_name, STDIN)]
        if remote.is_address(argument):
            return self._at(argument)
        path = Path(argument)
        try:
            if path.is_dir():
                return self._walk(path)
            if not path.exists() and any(mark in argument for mark in "*?["):
                return self._glob(argument)
        except (OSError, ValueError) as error:
            raise InputError(
                _cause(error) if isinstance(error, OSError) else str(error), path=argument
            ) from error
        return self._file(path, argument)

    def _file(self, path: Path, argument: str) -> list[Input]:
        """A file that was named, or what is in it where it is an archive."""
        if not path.exists():
            base, _, table = argument.rpartition(":")
            if table and Path(base).is_file():
                return [Input(_own_name(path, path.parent), base, table=table)]
            raise InputError(
                "no such file or folder; check the spelling and the folder you are in", path=argument
            )
        name = _own_name(path, path.parent)
        self.apart.check(argument, name)
        members = _members(Input(name, argument))
        if not members[0].member:
            return members
        taken = [each for each in members if self.chosen.takes(_parts(each.member))]
        self.chosen.note(name, taken, _parts(members[0].member))
        return taken

    def _walk(self, folder: Path) -> list[Input]:
        paths, passed = [], []
        for base, folders, files in os.walk(folder, onerror=_stop):
            here = Path(base).relative_to(folder).parts
            seen = sorted(name for name in folders if not name.startswith("."))
            folders[:] = [name for name in seen if not self.chosen.excludes((*here, name), folder=True)]
            passed += [Path(base, name) for name in seen if name not in folders]
            shown = [name for name in sorted(files) if not name.startswith(".")]
            paths += [Path(base, name) for name in data_files(base, shown)]
        files_here = [path for path in sorted(paths) if _readable(path) and not self.apart.holds(str(path))]
        if not files_here and not passed:
            raise InputError("a folder without files in it; name one that has some", path=str(folder))
        inputs = [Input(_own_name(path, folder), str(path), found=True) for path in files_here]
        return self._wanted(inputs, str(folder), folder, (files_here or passed)[0])

    def _glob(self, pattern: str) -> list[Input]:
        paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 - absolute ones too
        files = [path for path in paths if path.is_file() and not self.apart.holds(str(path))]
        if not files:
            raise InputError(
                "no file matches this pattern; check the spelling and the folder you are in", path=pattern
            )
        root = Path(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
        inputs = [Input(_own_name(path, path.parent), str(path), found=True) for path in files]
        return self._wanted(inputs, pattern, root, files[0])

    def _wanted(self, inputs: Sequence[Input], place: str, root: Path, example: Path) -> list[Input]:
        """What files bring in, as far as their paths below a root are wanted."""
        taken = []
        for given in inputs:
            below = Path(given.path).relative_to(root).parts
            if not self.chosen.excludes(below):  # nor is an archive opened that is
                members = _members(given)
                taken += [each for each in members if self.chosen.takes((*below, *_parts(each.member)))]
        self.chosen.note(place, taken, example.relative_to(root).parts)
        return taken

    def _at(self, url: str) -> list[Input]:
        """What is at an address: one input, or, in a store, a folder of them."""
        folder = remote.folder_at(url)
        if folder is None:
            return [Input(remote.shown(url), url)]
        name, files = remote.shown(folder[0]), folder[1]
        if not files:
            raise InputError(
                "no file is there, or matches; name a place that has some", path=remote.shown(url)
            )
        taken = [
            Input(f"{name}/{'/'.join(each.below)}", each.url, found=True)
            for each in files
            if self.chosen.takes(each.below)
        ]
        self.chosen.note(remote.shown(url), taken, files[0].below)
        return taken


def _parts(member: str | None) -> tuple[str, ...]:
    return PurePosixPath(member or "").parts


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


def _stop(error: OSError) -> None:
    raise error


def _readable(path: Path) -> bool:
    """Whether there is content at a path: no pipe, socket or device. A link to nothing is an error of its own."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


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


def _cause(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "permission denied; check who may read it"
    return (error.strerror or str(error)).lower()
