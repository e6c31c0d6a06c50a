"""Compressed files by their ending: `.gz`, `.bz2`, `.zst`.

One loop reads all three, rather than the file objects of the standard library, because those take whatever
follows the first member for padding and drop it in silence; here a member that cannot be read is an error.
Only the codec that is met is imported.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

ENDINGS = (".gz", ".bz2", ".zst")
"""The endings of a file's name that say how it is compressed."""

BUFFER = 1 << 20
"""Bytes that a reader or writer holds between the codec and its user."""
_CHUNK = 1 << 17
_GZIP_FORMAT = 31  # zlib's window of 2^15, plus 16 for gzip's header (no name, time 0) and checksum


class _Decompressor(Protocol):
    """One compressed member, as `bz2` and `zstd` model it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Gunzip:
    """A gzip member in the shape of the other two decompressors."""

    def __init__(self) -> None:
        import zlib

        self._inner = zlib.decompressobj(wbits=_GZIP_FORMAT)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = len(piece) < max_length
        return piece


def codec_of(name: str) -> str | None:
    """The ending in `ENDINGS` that a name has, whatever its case, or None."""
    return next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)


def strip_codec(name: str) -> str:
    """The name without the ending of its compression: `a.jsonl.zst` is `a.jsonl`."""
    ending = codec_of(name)
    return name[: -len(ending)] if ending else name


def open_reader(raw: BinaryIO, name: str) -> BinaryIO:
    """The decompressed content of a file, all members of it; `raw` itself where its name has no such ending.

    Args:
        raw: The file as it is stored. It is closed together with the reader.
        name: Its name as the user gave it, for the ending and for messages.

    Raises:
        InputError: While reading, where the file is cut short or damaged. An `OSError` of `raw` passes.
    """
    ending = codec_of(name)
    if ending is None:
        return raw
    return io.BufferedReader(_Reader(raw, name, ending), BUFFER)


def open_writer(raw: BinaryIO, name: str) -> BinaryIO:
    """A writer that compresses into `raw` by the ending of the name; `raw` itself where it has none.

    The same bytes in give the same bytes out: no time and no name is stored. Closing finishes the compressed
    stream and closes `raw`.

    Args:
        raw: A buffered binary file: its `write` takes all that it is given.
        name: The name that says which codec.
    """
    ending = codec_of(name)
    if ending is None:
        return raw
    return io.BufferedWriter(_Writer(raw, _compressor(ending)), BUFFER)


def _decompressor(ending: str) -> tuple[Callable[[], _Decompressor], type[Exception]]:
    """What reads one member, and the error it raises on damaged data."""
    if ending == ".gz":
        import zlib

        return _Gunzip, zlib.error
    if ending == ".bz2":
        import bz2

        return bz2.BZ2Decompressor, OSError
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdDecompressor, zstd.ZstdError


def _compressor(ending: str) -> _Compressor:
    if ending == ".gz":
        import zlib

        return zlib.compressobj(wbits=_GZIP_FORMAT)
    if ending == ".bz2":
        import bz2

        return bz2.BZ2Compressor()
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    # A frame without a checksum would be read without complaint after some kinds of damage.
    return cast("_Compressor", zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1}))


class _Reader(io.RawIOBase):
    """Decompresses member after member to the end of the file."""

    def __init__(self, raw: BinaryIO, name: str, ending: str) -> None:
        self._raw = raw
        self._name = name
        self._ending = ending
        self._new, self._damage = _decompressor(ending)
        self._member: _Decompressor | None = None
        self._ahead = b""
        self._members = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while view.nbytes:
            if self._member is None and not self._next_member():
                return 0
            piece = self._more(view.nbytes)
            if piece:
                view[: len(piece)] = piece
                return len(piece)
        return 0

    def _next_member(self) -> bool:
        """Start on the next member; False at the end of the file."""
        while True:
            if not self._ahead:
                self._ahead = self._raw.read(_CHUNK)
            if not self._ahead:
                if not self._members:
                    raise self._broken("holds nothing, not even an empty stream")
                return False
            if self._ending != ".gz" or not self._members:
                break
            # Tapes and some downloads pad gzip files with zeros.
            self._ahead = self._ahead.lstrip(b"\0")
            if self._ahead:
                break
        self._member = self._new()
        self._members += 1
        return True

    def _more(self, size: int) -> bytes:
        """At most `size` bytes of the member, perhaps none yet."""
        member = cast("_Decompressor", self._member)
        data = b""
        if member.needs_input:
            data = self._ahead or self._raw.read(_CHUNK)
            self._ahead = b""
            if not data:
                raise self._broken("is cut short")
        try:
            piece = member.decompress(data, size)
        except self._damage as error:
            raise self._broken(f"is damaged or not a {self._ending} file ({error})") from error
        if member.eof:
            self._ahead = member.unused_data
            self._member = None
        return piece

    def _broken(self, what: str) -> InputError:
        return InputError(f"the compressed file {what}: fetch or compress it again", path=self._name)

    def close(self) -> None:
        if not self.closed:
            try:
                self._raw.close()
            finally:
                super().close()


class _Writer(io.RawIOBase):
    """Compresses one member into a file."""

    def __init__(self, raw: BinaryIO, compressor: _Compressor) -> None:
        self._raw = raw
        self._compressor = compressor

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        content = bytes(data)
        self._raw.write(self._compressor.compress(content))
        return len(content)

    def close(self) -> None:
        if self.closed:
            return
        try:
            self._raw.write(self._compressor.flush())
        finally:
            try:
                self._raw.close()
            finally:
                super().close()
