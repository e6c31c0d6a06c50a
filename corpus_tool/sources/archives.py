"""Members of zip archives, each a stream of bytes of its own."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus_tool.compression import BUFFER, UNQUESTIONED
from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from corpus_tool.config import Limits


def members(path: str, name: str) -> list[str]:
    """Names of the files in an archive, sorted; hidden ones and what macOS adds are left out as in folders.

    Raises:
        InputError: It is damaged, or holds no file.
    """
    with _named_failures(name), zipfile.ZipFile(path) as archive:
        found = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    found = [each for each in found if not any(_hidden(part) for part in PurePosixPath(each).parts)]
    if not found:
        raise InputError("an archive without files in it; name one that has some", path=name)
    return found


def _hidden(part: str) -> bool:
    return part.startswith(".") or part == "__MACOSX"


def open_member(path: str, member: str, name: str, limits: Limits) -> BinaryIO:
    """The uncompressed bytes of a member.

    Raises:
        InputError: It cannot be opened, or, while it is read, is damaged.
    """
    with _named_failures(name):
        archive = zipfile.ZipFile(path)
        try:
            info = archive.getinfo(member)
            _measure(info, name, limits)
            return cast("BinaryIO", io.BufferedReader(_Member(archive, archive.open(info), name), BUFFER))
        except BaseException:
            archive.close()
            raise


def _measure(info: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    most = limits.expansion * max(info.compress_size, 1)
    if most and info.file_size > UNQUESTIONED and info.file_size > most:
        raise InputError(
            f"expands to more than {limits.expansion:,} times its size, past {UNQUESTIONED >> 20} MiB: "
            "if that is right, raise --max-expansion (0 is no limit)",
            path=name,
        )


class _Member(io.RawIOBase):
    """A member whose damage is told as that of an input. It never gives more bytes than the archive announces."""

    def __init__(self, archive: zipfile.ZipFile, member: io.BufferedIOBase | object, name: str) -> None:
        self._archive = archive
        self._member = cast("BinaryIO", member)
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        with _named_failures(self._name):
            data = self._member.read(view.nbytes)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._member.close()
            self._archive.close()
            super().close()


@contextmanager
def _named_failures(name: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # what zipfile raises for a password
        raise InputError("is encrypted: unpack it with its password first", path=name) from error
    except NotImplementedError as error:
        raise InputError(f"cannot be unpacked here ({error}): unpack it first", path=name) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError) as error:
        raise InputError(f"the archive is damaged ({error}): fetch or make it again", path=name) from error
