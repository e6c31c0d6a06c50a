"""Compressed files: read by what they hold, written by their ending: `.gz`, `.bz2`, `.xz`, `.zst`.

One loop reads them all, rather than the file objects of the standard library, because those take whatever
follows the first member for padding and drop it in silence; here a member that cannot be read is an error, and so is
one that grows beyond all measure. Only the codec that is met is imported.
"""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from corpus_tool.config import Limits
from corpus_tool.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

ENDINGS = (".gz", ".bz2", ".xz", ".zst")
"""The endings of a file's name that say how it is compressed."""

BEGINNING = 10
"""Bytes by which compressed content is known."""
_BEGINNINGS = {
    ".gz": rb"\x1f\x8b\x08",
    ".bz2": rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)",
    ".xz": rb"\xfd7zXZ\x00",
    ".zst": rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18",  # a frame, or one to skip before it
}

BUFFER = 1 << 20
"""Bytes that a reader or writer holds between the codec and its user."""
UNQUESTIONED = 64 << 20
"""Bytes that any compressed file may expand to, however small it is."""
_CHUNK = 1 << 17
_LONGEST_WINDOW = 31  # log2 of the bytes that `zstd --long=31` looks back
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


def codec_of_content(beginning: bytes) -> str | None:
    """The ending that goes with what a file begins with, or None for what no known codec wrote."""
    return next(
        (ending for ending, known in _BEGINNINGS.items() if re.match(known, beginning)),
        None,
    )


def open_reader(
    raw: BinaryIO,
    name: str,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    told: str | None = None,
) -> BinaryIO:
    """The decompressed content of a stream, all members of it; the stream itself where nothing is compressed.

    Args:
        raw: The file as it is stored. It is closed together with the reader.
        name: Its name, for the ending where the content tells nothing.
        limits: How far it may expand.
        told: What messages call it; None for the name.

    Raises:
        InputError: While reading, where the file is cut short, damaged or a bomb. An `OSError` of `raw` passes.
    """
    beginning, raw = _looked_at(raw)
    ending = codec_of_content(beginning) or codec_of(name)
    if ending is None:
        return raw
    return io.BufferedReader(_Reader(raw, told or name, ending, limits), BUFFER)


def _looked_at(raw: BinaryIO) -> tuple[bytes, BinaryIO]:
    """What a stream begins with, and the stream with that still in it."""
    if raw.seekable():
        place = raw.tell()
        beginning = raw.read(BEGINNING)
        raw.seek(place)
        return beginning, raw
    beginning = raw.read(BEGINNING)
    return beginning, cast("BinaryIO", io.BufferedReader(_Whole(beginning, raw), BUFFER))


def read_once(stream: BinaryIO, size: int) -> bytes:
    """At most `size` bytes by one read of what is below: what stands before a fault is not lost to the fault."""
    once = getattr(stream, "read1", stream.read)
    found: bytes = once(size)
    return found


class Rejoined(io.RawIOBase):
    """A stream with its beginning put back. Whoever opened the stream closes it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            size = min(len(view), len(self._head))
            view[:size], self._head = self._head[:size], self._head[size:]
            return size
        data = read_once(self._rest, len(view))
        view[: len(data)] = data
        return len(data)


class _Whole(Rejoined):
    """The same, which closes it: nobody else has it any more."""

    def close(self) -> None:
        if not self.closed:
            self._rest.close()
            super().close()


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
    if ending == ".xz":
        import lzma

        return lzma.LZMADecompressor, lzma.LZMAError
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    far: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _LONGEST_WINDOW}
    return lambda: zstd.ZstdDecompressor(options=far), zstd.ZstdError


def _compressor(ending: str) -> _Compressor:
    if ending == ".gz":
        import zlib

        return zlib.compressobj(wbits=_GZIP_FORMAT)
    if ending == ".bz2":
        import bz2

        return bz2.BZ2Compressor()
    if ending == ".xz":
        import lzma

        return lzma.LZMACompressor()
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    # A frame without a checksum would be read without complaint after some kinds of damage.
    return cast("_Compressor", zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1}))


class _Reader(io.RawIOBase):
    """Decompresses member after member to the end of the file."""

    def __init__(self, raw: BinaryIO, name: str, ending: str, limits: Limits) -> None:
        self._raw = raw
        self._name = name
        self._ending = ending
        self._limits = limits
        self._stored = self._expanded = 0
        self._fault: InputError | None = None
        self._new, self._damage = _decompressor(ending)
        self._member: _Decompressor | None = None
        self._ahead = b""
        self._members = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._fault:
            raise self._fault
        try:
            return self._readinto(memoryview(buffer).cast("B"))
        except InputError as fault:
            self._fault = fault
            raise

    def _readinto(self, view: memoryview) -> int:
        while view.nbytes:
            if self._member is None and not self._next_member():
                return 0
            piece = self._more(view.nbytes)
            if piece:
                self._measure(len(piece))
                view[: len(piece)] = piece
                return len(piece)
        return 0

    def _next_member(self) -> bool:
        """Start on the next member; False at the end of the file."""
        while True:
            if not self._ahead:
                self._ahead = self._stored_bytes()
            if not self._ahead:
                if not self._members:
                    raise self._broken("holds nothing, not even an empty stream")
                return False
            if self._ending not in {".gz", ".xz"} or not self._members:
                break
            # Tapes and some downloads pad gzip files with zeros, and xz files may be padded by definition.
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
            data = self._ahead or self._stored_bytes()
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

    def _stored_bytes(self) -> bytes:
        data = self._raw.read(_CHUNK)
        self._stored += len(data)
        return data

    def _measure(self, size: int) -> None:
        """Stop what expands like nothing that anybody would have compressed for its content."""
        self._expanded += size
        most = self._limits.expansion
        if most and self._expanded > UNQUESTIONED and self._expanded > most * self._stored:
            raise InputError(
                f"expands to more than {most:,} times its size, past {UNQUESTIONED >> 20} MiB: "
                "if that is right, raise --max-expansion (0 is no limit)",
                path=self._name,
            )

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
