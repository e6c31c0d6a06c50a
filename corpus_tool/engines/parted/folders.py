"""Outputs of many tasks: folders of parts that appear whole, or are known not to be whole.

A task writes under a name of its own below `_temporary`, so that two attempts never meet. When all are done the driver
renames what each finished, and last writes `_SUCCESS`: a folder without it is not complete.
"""

from __future__ import annotations

import shutil
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from corpus_tool import compression
from corpus_tool.errors import CorpusError, OutputError
from corpus_tool.sources import remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DONE, _UNDER_WAY = "_SUCCESS", "_temporary"
_PART = "part-"


class _System(Protocol):
    """A file system, by names below one folder."""

    def names(self) -> list[str]: ...
    def create(self, name: str) -> BinaryIO: ...
    def rename(self, name: str, other: str) -> None: ...
    def remove(self, name: str) -> None: ...


class _Here:
    """A folder that every machine mounts."""

    def __init__(self, address: str) -> None:
        self._folder = Path(address)

    def names(self) -> list[str]:
        if self._folder.exists() and not self._folder.is_dir():
            raise NotADirectoryError
        return [path.name for path in self._folder.iterdir()] if self._folder.exists() else []

    def create(self, name: str) -> BinaryIO:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")

    def rename(self, name: str, other: str) -> None:
        (self._folder / name).replace(self._folder / other)

    def remove(self, name: str) -> None:
        path = self._folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class _Far:
    """A folder of a store, by pyarrow."""

    def __init__(self, address: str) -> None:
        system, path = remote.store(address)
        self._system, self._path = system, path.rstrip("/")

    def names(self) -> list[str]:
        from pyarrow import fs

        info = self._system.get_file_info(self._path)
        if info.type == fs.FileType.File:
            raise NotADirectoryError
        if info.type == fs.FileType.NotFound:
            return []
        return [each.base_name for each in self._system.get_file_info(fs.FileSelector(self._path))]

    def create(self, name: str) -> BinaryIO:
        parent = f"{self._path}/{name}".rpartition("/")[0]
        self._system.create_dir(parent, recursive=True)
        return cast("BinaryIO", self._system.open_output_stream(f"{self._path}/{name}", compression=None))

    def rename(self, name: str, other: str) -> None:
        self._system.move(f"{self._path}/{name}", f"{self._path}/{other}")

    def remove(self, name: str) -> None:
        from pyarrow import fs

        path = f"{self._path}/{name}"
        kind = self._system.get_file_info(path).type
        if kind == fs.FileType.Directory:
            self._system.delete_dir(path)
        elif kind == fs.FileType.File:
            self._system.delete_file(path)


class Folder:
    """One output.

    Args:
        name: As the user gave it, which messages call it.
        ending: Of the names of parts, such as `.jsonl`.
    """

    def __init__(self, name: str, ending: str) -> None:
        self.name, self.ending = remote.shown(name) if remote.is_address(name) else name, ending
        self._address = str(Path(name).absolute()) if not remote.is_address(name) else name

    @property
    def _system(self) -> _System:
        far = remote.is_address(self._address) and not self._address.startswith("file://")
        return _Far(self._address) if far else _Here(self._address.removeprefix("file://"))

    @contextmanager
    def _named(self) -> Iterator[_System]:
        try:
            yield self._system
        except NotADirectoryError:
            raise OutputError(
                "is a file, and many machines write a folder of parts: name another", path=self.name
            ) from None
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror or error}", path=self.name) from error

    def prepare(self) -> None:
        """Look whether parts may be written here, and clear away what a run left that did not end.

        Raises:
            OutputError: Something else is there.
        """
        with self._named() as system:
            for name in sorted(system.names()):
                if name == _UNDER_WAY:
                    system.remove(name)
                elif name != DONE and not name.startswith(_PART):
                    raise OutputError(
                        f"holds {name}, which no run wrote: parts go to a folder of their own", path=self.name
                    )

    def complete_already(self) -> bool:
        """Whether an earlier run's parts are here."""
        with self._named() as system:
            return DONE in system.names()

    def discard(self) -> None:
        """Clear away what tasks wrote of a run that failed, as far as that can be done."""
        with suppress(OSError, CorpusError):
            self._system.remove(_UNDER_WAY)

    def write(self, index: int) -> _Attempt:
        """Begin the part of a task."""
        return _Attempt(self, f"{_UNDER_WAY}/{_PART}{index:05d}-{uuid.uuid4().hex}{self.ending}")

    def create(self, name: str) -> BinaryIO:
        """The file of an attempt, compressed as the ending says."""
        with self._named() as system:
            return compression.open_writer(system.create(name), name)

    def open_again(self) -> None:
        """From here on the folder is not complete."""
        with self._named() as system:
            names = system.names()
            for name in sorted(names, key=lambda name: name != DONE):
                if name != _UNDER_WAY:
                    system.remove(name)

    def take(self, attempts: Sequence[str]) -> None:
        """Give what each task finished the name of its part."""
        with self._named() as system:
            for index, attempt in enumerate(attempts):
                system.rename(attempt, f"{_PART}{index:05d}{self.ending}")
            system.remove(_UNDER_WAY)

    def complete(self) -> None:
        """Say that it is."""
        with self._named() as system:
            system.create(DONE).close()


class _Attempt:
    """One attempt to write a part.

    Attributes:
        name: Of its file.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder, self.name = folder, name
        self._writer: Any = None

    def __enter__(self) -> BinaryIO:
        self._writer = self._folder.create(self.name)
        return cast("BinaryIO", self._writer)

    def __exit__(self, *_: object) -> None:
        try:
            self._writer.close()
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror or error}", path=self._folder.name
            ) from error


def commit(folders: Sequence[Folder], attempts: Sequence[Sequence[str]]) -> None:
    """Put the parts of all outputs in their places; only then is any of them complete.

    Args:
        folders: The outputs.
        attempts: For each the files that its tasks finished, in order.
    """
    for folder in folders:
        folder.open_again()
    for folder, names in zip(folders, attempts, strict=True):
        folder.take(names)
    for folder in folders:
        folder.complete()
