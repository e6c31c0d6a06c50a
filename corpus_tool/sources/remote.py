"""Inputs that are addresses: what is at them, and their bytes.

Files and the web need no package; the stores that pyarrow's file systems speak to need the extra `remote`.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from corpus_tool import compression
from corpus_tool.errors import InputError
from corpus_tool.sources.chosen import Glob
from corpus_tool.sources.far import Far

if TYPE_CHECKING:
    from collections.abc import Iterator

STORES = frozenset({"s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss"})
"""Schemes of the addresses that pyarrow opens."""
_WEB = frozenset({"http", "https"})
_PATTERN = "*["
"""Marks of a pattern; a `?` begins the options of an address."""
_PIECE = 8 << 20
"""Bytes that a store is asked for at once: every piece is a request of its own."""
_GS_PATIENCE = 30
"""Seconds for which a Google store is asked again; its own library would take 15 minutes."""


_LONGEST = 240
"""Characters of what a library says of a failure: some tell the whole story of their requests."""


class Found(NamedTuple):
    """A file below a folder of a store: its address, and its path below that folder."""

    url: str
    below: tuple[str, ...]


def is_address(argument: str) -> bool:
    """Whether an argument is no path."""
    return "://" in argument


def shown(url: str) -> str:
    """An address as records and messages may have it: without a login, and without the options that a store takes."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() in STORES:
        rest = rest.partition("?")[0]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def open_address(url: str) -> BinaryIO:
    """The bytes at an address.

    Raises:
        InputError: They cannot be had; or, while they are read, break off.
    """
    scheme = _scheme(url)
    if scheme == "file":
        return local_path(url).open("rb")
    if scheme in _WEB:
        from corpus_tool.sources import web

        return web.open_web(url, shown(url))
    with named_failures(url):
        system, path = store(url)
        stream = system.open_input_stream(path, compression=None)  # else it goes by the name
    return cast("BinaryIO", io.BufferedReader(_Stored(stream, url), _PIECE))


def in_store(url: str) -> bool:
    """Whether something is an address in a store, whose files may be read from any byte on."""
    return is_address(url) and _scheme(url) in STORES


def is_rereadable(url: str) -> bool:
    """Whether something is the address of an uncompressed file in a store."""
    if not in_store(url) or compression.codec_of(shown(url)):
        return False
    with open_seekable(url) as file:
        return compression.codec_of_content(file.read(compression.BEGINNING)) is None


def open_seekable(url: str) -> Any:
    """A file of a store, to be read from any byte on: it has `size`, and raises OSError as files here do."""
    with named_failures(url):
        system, path = store(url)
        return system.open_input_file(path)


def folder_at(url: str) -> tuple[str, list[Found]] | None:
    """The files below a folder of a store, or those that a pattern matches, in sorted order; None for a plain file.

    Returns:
        The address of the folder, and its files; hidden ones are left out as in folders of this machine.

    Raises:
        InputError: There is nothing, or the store cannot be asked.
    """
    if _scheme(url) not in STORES:
        return None
    with named_failures(url):
        from pyarrow import fs

        system, path = store(url)
        kind = system.get_file_info(path).type
        if kind == fs.FileType.File:
            return None
        address, question, options = url.partition("?")
        address, path, glob = address.rstrip("/"), path.rstrip("/"), None
        if kind == fs.FileType.NotFound:
            address, path, glob = _pattern(address, path)
        entries = system.get_file_info(fs.FileSelector(path, recursive=True))
        names = sorted(each.path for each in entries if each.type == fs.FileType.File)
    found = []
    for name in names:
        below = tuple(name[len(path) :].strip("/").split("/"))
        if not any(part.startswith(".") for part in below) and (glob is None or glob.matches(below)):
            found.append(Found(f"{address}/{_quoted('/'.join(below), '')}{question}{options}", below))
    return address, found


def _pattern(address: str, path: str) -> tuple[str, str, Glob]:
    """The folder in which a pattern begins, as an address and as a path, and the pattern from there on."""
    from urllib.parse import unquote

    parts = path.split("/")
    marked = [place for place, part in enumerate(parts) if any(mark in part for mark in _PATTERN)]
    if not marked:
        raise FileNotFoundError
    rest = parts[marked[0] :]
    return (
        address.rsplit("/", len(rest))[0],
        "/".join(parts[: marked[0]]),
        Glob("/" + unquote("/".join(rest))),
    )


def _quoted(text: str, safe: str = "%:") -> str:
    """What an address may not hold in percent signs; in one that was typed those that stand there are kept."""
    from urllib.parse import quote

    return quote(text, safe="/=+,;@!$&'()~*" + safe)


class _Stored(Far):
    """An object of a store; a failure that is met while it is read is told as one of the input."""

    def __init__(self, stream: Any, url: str) -> None:
        self._stream = stream
        self._url = url

    def receive(self, size: int) -> bytes:
        with named_failures(self._url):
            return bytes(self._stream.read(size))

    def let_go(self) -> None:
        self._stream.close()


def store(url: str) -> tuple[Any, str]:
    """The file system of a store's address, and the path there."""
    from pyarrow import fs

    scheme, _, rest = url.partition("://")
    asked, _, options = rest.partition("?")
    if scheme.lower() in {"gs", "gcs"} and "retry_limit_seconds=" not in options:
        options += f"{'&' * bool(options)}retry_limit_seconds={_GS_PATIENCE}"
    whole = f"{scheme.lower()}://{_quoted(asked)}" + (f"?{options}" if options else "")
    system, path = fs.FileSystem.from_uri(whole)
    return system, path


@contextmanager
def named_failures(url: str) -> Iterator[None]:
    """What goes wrong at an address of a store as an error of that input."""
    scheme = _scheme(url)
    if scheme not in STORES:
        raise _not_opened(url, f"{scheme}:// is not known")
    try:
        from pyarrow import ArrowException
    except ModuleNotFoundError:
        raise InputError(
            f"{scheme}:// needs the extra `remote`: pip install 'corpus-tool[remote]', or fetch the file first",
            path=shown(url),
        ) from None
    try:
        yield
    except FileNotFoundError as error:
        raise _nothing_there(url) from error
    except (ArrowException, ValueError, OSError) as error:
        raise _not_opened(url, str(error)) from error


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()


def local_path(url: str) -> Path:
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
    return InputError("there is nothing at this address; check the spelling", path=shown(url))


def _not_opened(url: str, cause: str) -> InputError:
    if _scheme(url) in STORES:
        cure = "check the address, and the login that the environment gives"
    else:
        cure = "file://, http://, https://, s3://, gs:// and hdfs:// can be opened; fetch others first"
    login = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    text = " ".join(cause.split()).rstrip(".")
    text = text.replace(f"{login}@", "") if login else text
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return InputError(f"could not be opened: {text} ({cure})", path=shown(url))
