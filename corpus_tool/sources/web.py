"""Inputs that are http:// and https:// addresses, by the standard library: nothing has to be installed for them."""

from __future__ import annotations

import base64
import io
from http.client import HTTPException, HTTPResponse
from typing import BinaryIO, cast
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from corpus_tool import __version__
from corpus_tool.compression import BUFFER
from corpus_tool.errors import InputError
from corpus_tool.sources.far import Far

SCHEMES = frozenset({"http", "https"})
PATIENCE = 60.0
"""Seconds that a server may take to say anything."""
_WRITTEN = "/%:=&?~+!$,;'@()*[]|"
"""Characters that stay in an address as they are: what is encoded already is not encoded again."""
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip", "zstd"})
"""Those in which a body may come: the content tells them, as it does of a compressed file."""
_CURES = {
    401: "it wants a login: fetch it first, or put USER:PASSWORD@ before the host",
    403: "it may not be read by everybody: fetch it first",
    404: "check the spelling",
    407: "the proxy wants a login: fetch it first",
    410: "it was there, and is gone",
    429: "it was asked too often: try again later",
}


def open_web(url: str, name: str) -> BinaryIO:
    """The bytes at an address, as they come.

    Args:
        url: The address.
        name: What messages call it.

    Raises:
        InputError: It cannot be had; or, while it is read, breaks off.
    """
    try:
        answer = cast("HTTPResponse", _opener().open(_request(url), timeout=PATIENCE))
    except HTTPError as error:
        error.close()
        raise InputError(_refusal(error), path=name) from None
    except (OSError, HTTPException, ValueError) as error:
        raise InputError(f"could not be fetched: {_cause(error)}", path=name) from error
    encoding = answer.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        answer.close()
        raise InputError(
            f"comes in the encoding {encoding}, which was not asked for: fetch it first", path=name
        )
    return cast("BinaryIO", io.BufferedReader(_Body(answer, name), BUFFER))


class _Redirects(HTTPRedirectHandler):
    """Leads to other places on the web, and never from where nobody listens to where anybody may."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        scheme = urlsplit(newurl).scheme
        if scheme not in SCHEMES or (req.type == "https" and scheme == "http"):
            raise HTTPError(req.full_url, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Body(Far):
    """What a server sends, an early end told as the failure it is."""

    def __init__(self, answer: HTTPResponse, name: str) -> None:
        self._answer = answer
        self._name = name
        self._size = answer.length
        self._count = 0

    def receive(self, size: int) -> bytes:
        wanted = size if self._size is None else min(size, self._size - self._count)
        if not wanted:
            return b""
        try:
            data = self._answer.read1(wanted)
        except (OSError, HTTPException, ValueError) as error:
            raise self._broken(_cause(error)) from error
        if not data and self._size is not None:
            raise self._broken(f"{self._size:,} were announced")
        self._count += len(data)
        return data

    def let_go(self) -> None:
        self._answer.close()

    def _broken(self, why: str) -> InputError:
        return InputError(
            f"the answer broke off after {self._count:,} bytes ({why}): run again", path=self._name
        )


def _opener() -> OpenerDirector:
    """Who speaks nothing but HTTP, so that no redirection leads to files of this machine."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        _Redirects,
    ):
        opener.add_handler(handler())
    opener.addheaders = []
    return opener


def _request(url: str) -> Request:
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    path, query = quote(parts.path, safe=_WRITTEN), quote(parts.query, safe=_WRITTEN)
    headers = {"User-Agent": f"corpus-tool/{__version__}", "Accept-Encoding": "identity"}
    request = Request(urlunsplit((parts.scheme, host, path, query, "")), headers=headers)
    if login:
        token = base64.b64encode(unquote(login).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _refusal(error: HTTPError) -> str:
    """What a status code means, and what to do."""
    target = error.headers.get("Location") if error.headers else None
    if 300 <= error.code < 400 and target:
        return f"redirects to {target}, which is not followed: give the address of the file itself"
    cure = _CURES.get(error.code, "try again later" if error.code >= 500 else "fetch it first")
    return f"the server answers {error.code} {' '.join(str(error.reason).split())}: {cure}"


def _cause(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return f"nothing came for {PATIENCE:g} seconds"
    if isinstance(reason, ConnectionRefusedError):
        return "nothing listens there; check host and port"
    return " ".join(str(reason).split()) or type(reason).__name__
