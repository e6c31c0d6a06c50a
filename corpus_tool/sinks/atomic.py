"""Output files that appear whole or not at all.

    with Outputs() as outputs:
        kept = outputs.open("kept.jsonl.gz")
        receipts = outputs.open("removed.jsonl")
        ...

Each file is written beside its target under a hidden name. When the block is left normally all of them are
finished, and only then renamed; when it is left by an exception they are removed and what stood there before
stays. Signals that would end the process wait until the renames are done; then they come too late. Should it be
killed between two renames, a journal says so (`corpus_tool.publication`). A temporary file is locked as long as its
writer lives, so a later run on the same target can tell what a killed run left behind and removes it.

Standard output, pipes and devices cannot be renamed: they are written straight through. Whoever reads standard
output may stop at any time (`| head`): alone, that ends the run; beside files, these are still completed.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import re
import secrets
import select
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from corpus_tool.compression import BUFFER, open_writer
from corpus_tool.errors import OutputError
from corpus_tool.publication import Move, announced, finish_at
from corpus_tool.sinks.signals import held_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from _typeshed import ReadableBuffer

STDOUT = "standard output"
"""How standard output is named in messages."""

_TEMPORARY = ".corpus-tool.tmp"
_LONGEST_STEM = (
    180  # bytes; with process id, random part and endings a name stays under the usual limit of 255
)
_DESCRIPTOR = re.compile(r"/dev/(?:std(?P<name>out|err)|fd/(?P<dev>\d+))|/proc/self/fd/(?P<proc>\d+)")
_STANDARD = {"out": 1, "err": 2}

_ADVICE = {
    errno.ENOSPC: "no space left on the device: free some, or write elsewhere",
    errno.EDQUOT: "the disk quota is used up: free some space, or write elsewhere",
    errno.EFBIG: "the file grew past the size allowed here: raise the limit (ulimit -f), or write elsewhere",
    errno.ENOENT: "the folder {folder} does not exist: create it first",
    errno.ENOTDIR: "{folder} is not a folder: choose another path",
    errno.EISDIR: "this is a folder: name a file in it",
    errno.EACCES: "no permission to write here: change the rights, or write elsewhere",
    errno.EPERM: "writing here is not permitted: change the rights, or write elsewhere",
    errno.EROFS: "the file system is read-only: write elsewhere",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
    errno.ELOOP: "its symbolic links go round in a circle: mend them, or choose another path",
    errno.EPIPE: "whoever read it has closed it: keep the reader running to its end",
    errno.ENXIO: "this cannot be written as a file: choose another path",
}


def _failure(name: str, error: OSError) -> OutputError:
    """An operating system's error as one that names the output, the cause, and what to do."""
    folder = str(Path(name).parent)
    cause = error.strerror or str(error)
    advice = _ADVICE.get(error.errno or 0, f"{cause}: write elsewhere").format(folder=folder)
    return OutputError(f"cannot write: {advice}", path=name)


class _Channel(io.RawIOBase):
    """The unbuffered end of an output: a descriptor, or a stream that stands in for standard output."""

    def __init__(
        self, name: str, target: int | BinaryIO, dispensable: Callable[[], bool] = lambda: False
    ) -> None:
        self._name = name
        self._target = target
        self._dispensable = dispensable
        self.discarding = False

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return os.isatty(self._target) if isinstance(self._target, int) else self._target.isatty()

    def write(self, data: ReadableBuffer) -> int:
        view = memoryview(data)
        if self.discarding:
            return view.nbytes
        try:
            return self._write(view)
        except OSError as error:
            if isinstance(error, BrokenPipeError) and self._name == STDOUT:
                self.discarding = self._dispensable()
                if self.discarding:
                    return view.nbytes
                raise
            raise _failure(self._name, error) from error

    def flush(self) -> None:
        if not self.closed and not self.discarding and not isinstance(self._target, int):
            self._target.flush()

    def _write(self, view: memoryview) -> int:
        if not isinstance(self._target, int):
            return self._target.write(view)
        while True:
            try:
                return os.write(self._target, view)
            except BlockingIOError:  # a pipe that whoever started us made non-blocking
                select.select((), (self._target,), ())


@dataclass(slots=True)
class _Output:
    """One open output. `temporary` and `target` are None where it is written straight through."""

    name: str
    writer: BinaryIO
    channel: _Channel
    descriptor: int | None = None
    temporary: Path | None = None
    target: Path | None = None

    def finish(self) -> None:
        """Write what is buffered, and learn of errors that a file system keeps back until a file is closed.

        Network file systems and quotas report at close; the lock lives as long as our own descriptor, so a copy
        of it is closed. Nothing waits for the disk: a killed run loses nothing by that, a power cut may.
        """
        self.writer.close()
        if self.descriptor is None:
            return
        try:
            if self.temporary is not None:
                os.close(os.dup(self.descriptor))
            else:
                self._close_descriptor()
        except OSError as error:
            raise _failure(self.name, error) from error

    def publish(self) -> None:
        """Put a finished file in its place. The lock is held until then."""
        if self.temporary is None or self.target is None:
            return
        try:
            self.temporary.replace(self.target)
            self.temporary = None
            self._close_descriptor()
        except OSError as error:
            raise _failure(self.name, error) from error

    def abandon(self) -> None:
        """Release everything and leave nothing behind."""
        self.channel.discarding = True
        with suppress(OSError, ValueError, OutputError):
            self.writer.close()
        if self.temporary is not None:
            with suppress(OSError):
                self.temporary.unlink()
        with suppress(OSError):
            self._close_descriptor()

    def _close_descriptor(self) -> None:
        if self.descriptor is not None:
            descriptor, self.descriptor = self.descriptor, None
            os.close(descriptor)


class Outputs:
    """All output files of a run: every one of them replaces its target, or none does.

    The renames themselves come one after another: should the second fail (its folder vanished meanwhile),
    the first stays done.

    Args:
        last_look: Called when all files are finished and none is renamed, with the names of those that are not empty
            and will be replaced; what it raises keeps them.
    """

    published = False
    """Whether outputs of this process have taken their places: it can no longer be said that none has."""

    def __init__(self, last_look: Callable[[list[str]], None] | None = None) -> None:
        self._outputs: list[_Output] = []
        self._taken: set[str] = set()
        self._last_look = last_look
        self.dropped = False
        """Whether standard output was closed before all of it was written, and the rest dropped."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for output in self._outputs:
                    output.finish()
                self.dropped = any(output.channel.discarding for output in self._outputs)
                if self._last_look:
                    self._last_look(self.replaced())
                with held_back():
                    self._publish()
        finally:
            for output in self._outputs:
                output.abandon()
            self._outputs.clear()

    def _publish(self) -> None:
        moves = [
            Move(each.temporary, each.target) for each in self._outputs if each.temporary and each.target
        ]
        try:
            with announced(moves):
                for output in self._outputs:
                    output.publish()
                    Outputs.published = Outputs.published or output.target is not None
        except OSError as error:
            raise _failure(str(moves[0].target), error) from error

    def replaced(self) -> list[str]:
        """Names of outputs at whose places something stands that is not empty."""
        with_target = [output for output in self._outputs if output.target is not None]
        return [each.name for each in with_target if (found := _status(each.name)) and found.st_size]

    @property
    def on_stdout(self) -> bool:
        """Whether one of the outputs is standard output."""
        return "-" in self._taken

    def open(self, path: str | os.PathLike[str] | None) -> BinaryIO:
        """Open one more output.

        Args:
            path: Where the result shall stand. None and `-` mean standard output. A symbolic link is
                followed. `.gz`, `.bz2` and `.zst` are compressed.

        Returns:
            A buffered binary writer. It may be closed early; the file appears when the block is left.

        Raises:
            OutputError: Here, at a write, or when the block is left: with the path, the cause and what to do.
            BrokenPipeError: At a write or when the block is left, where standard output has been closed and is the
                only output. Beside others, what goes to a closed pipe is dropped, and the others are completed.
        """
        name = "-" if path is None else os.fspath(path)
        try:
            output = self._open(name)
        except OSError as error:
            raise _failure(name, error) from error
        self._outputs.append(output)
        return output.writer

    def _open(self, name: str) -> _Output:
        number = _descriptor_number(name)
        if number == 1:
            return self._open_stdout()
        if number is not None:
            self._claim(f"/dev/fd/{number}", name)
            return _straight(name, os.dup(number))
        if not name:
            raise OutputError("an output needs a file name; use - for standard output")
        found = _status(name)
        target = Path(os.path.realpath(name))
        if found is None or stat.S_ISREG(found.st_mode):
            if name.endswith("/"):
                _refuse(errno.EISDIR)
            self._claim(str(target), name)
            return _beside(name, target, found)
        if not stat.S_ISCHR(found.st_mode):
            self._claim(str(target), name)
        return _straight(name, os.open(name, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY))

    def _open_stdout(self) -> _Output:
        self._claim("-", STDOUT)
        if sys.stdout is None:
            raise OutputError("it is closed: name a file with -o", path=STDOUT)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _failure(STDOUT, error) from error
        # Past the interpreter's own buffer: what a closed pipe refuses must not turn up again at exit.
        stream = sys.stdout.buffer
        try:
            target: int | BinaryIO = stream.fileno()
        except OSError:
            target = stream
        channel = _Channel(STDOUT, target, lambda: len(self._outputs) > 1)
        return _Output(STDOUT, io.BufferedWriter(channel, BUFFER), channel)

    def _claim(self, key: str, name: str) -> None:
        if key in self._taken:
            raise OutputError("two outputs of this run go there: give each its own", path=name)
        self._taken.add(key)


def _refuse(number: int) -> NoReturn:
    raise OSError(number, os.strerror(number))


def _descriptor_number(name: str) -> int | None:
    """The open descriptor that a name stands for, as in `-`, `/dev/stdout` and `/dev/fd/63`."""
    if name == "-":
        return 1
    match = _DESCRIPTOR.fullmatch(name)
    if match is None:
        return None
    return _STANDARD[match["name"]] if match["name"] else int(match["dev"] or match["proc"])


def _status(name: str) -> os.stat_result | None:
    """What stands at a path, None where nothing does; a folder is refused."""
    try:
        found = Path(name).stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        _refuse(errno.EISDIR)
    return found


def _output(name: str, descriptor: int, temporary: Path | None = None, target: Path | None = None) -> _Output:
    channel = _Channel(name, descriptor)
    try:
        writer = open_writer(io.BufferedWriter(channel, BUFFER), name)
    except BaseException:
        os.close(descriptor)
        raise
    return _Output(name, writer, channel, descriptor, temporary, target)


def _straight(name: str, descriptor: int) -> _Output:
    return _output(name, descriptor)


def _beside(name: str, target: Path, found: os.stat_result | None) -> _Output:
    """A temporary file in the target's folder, with the rights that the target has or would get."""
    if found is not None and not os.access(target, os.W_OK):
        raise OutputError(
            "cannot write: this is write-protected: change its rights, or write elsewhere", path=name
        )
    stem = os.fsdecode(os.fsencode(target.name)[:_LONGEST_STEM])
    if len(os.fsencode(target.name)) > os.pathconf(target.parent, "PC_NAME_MAX"):
        _refuse(errno.ENAMETOOLONG)
    finish_at(target)
    _remove_stale(target.parent, stem)
    temporary, descriptor = _create(target.parent, stem)
    if found is not None:
        with suppress(PermissionError):
            os.fchown(descriptor, found.st_uid, found.st_gid)
        with suppress(PermissionError):
            os.fchmod(descriptor, stat.S_IMODE(found.st_mode))
    return _output(name, descriptor, temporary, target)


def _create(folder: Path, stem: str) -> tuple[Path, int]:
    """A new, locked temporary file."""
    while True:
        temporary = folder / f".{stem}.{os.getpid()}-{secrets.token_hex(4)}{_TEMPORARY}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with suppress(OSError):  # file systems without locks: then nothing stale is ever removed either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return temporary, descriptor
        os.close(descriptor)  # another run took the file for stale before it was locked


def _remove_stale(folder: Path, stem: str) -> None:
    """Remove the temporary files of this target whose writers are dead: those that can be locked."""
    ours = re.compile(rf"\.{re.escape(stem)}\.\d+-[0-9a-f]{{8}}{re.escape(_TEMPORARY)}", re.DOTALL)
    with os.scandir(folder) as entries:
        found = [Path(entry.path) for entry in entries if ours.fullmatch(entry.name)]
    for path in found:
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(descriptor)
