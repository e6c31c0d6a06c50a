"""Inputs at http:// and https:// addresses, from a server that runs here: what it sends, refuses and breaks off."""

from __future__ import annotations

import base64
import datetime
import gzip
import ipaddress
import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from running import run

from corpus_tool import __version__
from corpus_tool.config import Limits
from corpus_tool.sources import web
from corpus_tool.sources.inputs import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS = b"".join(b'{"id":%d,"text":"record number %d of them all"}\n' % (n, n) for n in range(50))
LOGIN = "Basic " + base64.b64encode(b"me:pass word").decode()


class Server(NamedTuple):
    """A server that is running.

    Attributes:
        root: Its address.
        asked: The paths that were asked for, and the headers with each.
        go: Set where an answer may be finished that waits for its reader.
    """

    root: str
    asked: list[tuple[str, dict[str, str]]]
    go: threading.Event


class Handler(BaseHTTPRequestHandler):
    """Answers by the path."""

    asked: list[tuple[str, dict[str, str]]]
    go: threading.Event

    def do_GET(self) -> None:
        self.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        name = self.path.partition("?")[0].strip("/").split("/")[0].split(".")[0]
        getattr(self, f"_{name}", self._missing)()

    def log_message(self, *_: Any) -> None:
        pass

    def _send(self, body: bytes, code: int = 200, **headers: str) -> None:
        self.send_response(code)
        for key, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _missing(self) -> None:
        self._send(b"<html>nothing</html>", 404)

    def _code(self) -> None:
        self._send(b"", int(self.path.rsplit("/", 1)[1]))

    def _plain(self) -> None:
        self._send(RECORDS)

    def _packed(self) -> None:
        self._send(gzip.compress(RECORDS))

    def _encoded(self) -> None:
        self._send(gzip.compress(RECORDS), Content_Encoding="gzip")

    def _brotli(self) -> None:
        self._send(b"\x0b\x02\x80", Content_Encoding="br")

    def _endless(self) -> None:
        """No length: the end is where the connection ends."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(RECORDS)

    def _chunked(self, end: bytes = b"0\r\n\r\n") -> None:
        self.protocol_version = "HTTP/1.1"
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(RECORDS), 100):
            piece = RECORDS[start : start + 100]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(end)
        self.close_connection = True

    def _chunkless(self) -> None:
        self._chunked(b"")

    def _garbled(self) -> None:
        self._chunked(b"what?\r\n")

    def _cut(self) -> None:
        self._send(RECORDS, Content_Length=str(len(RECORDS) + 1000))

    def _cutpacked(self) -> None:
        packed = gzip.compress(RECORDS)
        self._send(packed[:-20], Content_Length=str(len(packed)))

    def _to(self) -> None:
        self._send(b"", 302, Location=self.path.partition("/to/")[2])

    def _round(self) -> None:
        self._send(b"", 301, Location="/round")

    def _private(self) -> None:
        if self.headers["Authorization"] == LOGIN:
            self._send(RECORDS)
        else:
            self._send(b"", 401, WWW_Authenticate="Basic")

    def _slow(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(RECORDS * 2000)
        self.wfile.flush()
        self.go.wait(30)
        self.wfile.write(RECORDS)

    def _silent(self) -> None:
        self.go.wait(30)


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def _serving(wrap: Callable[[Any], Any] | None = None) -> Iterator[Server]:
    go, asked = threading.Event(), list[tuple[str, dict[str, str]]]()
    handler = type("Handling", (Handler,), {"go": go, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if wrap:
            server.socket = wrap(server.socket)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Server(f"http{'s' * bool(wrap)}://127.0.0.1:{server.server_port}", asked, go)
        go.set()
        server.shutdown()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from _serving()


def fetched(url: str) -> bytes:
    with Input(url, url).open(Limits()) as stream:
        return stream.read()


@pytest.mark.parametrize("path", ["plain", "packed.gz", "packed", "encoded", "endless", "chunked"])
def test_what_a_server_sends(path: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, whatever says where it ends, and unpacked; no package is needed for it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    url = f"{server.root}/{path}"
    assert fetched(url) == RECORDS
    done = run("dedup", url, url, "-q", "--removed", "receipts", "--threshold", "1")
    assert (done.code, done.out) == (0, RECORDS)
    receipt = json.loads(Path("receipts").read_bytes().splitlines()[0])
    assert (receipt["source"], receipt["line"]) == (url, 1)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("plain?a=1&b=c%20d#part", "/plain?a=1&b=c%20d"),
        ("plain/with blank é.jsonl?q=x y", "/plain/with%20blank%20%C3%A9.jsonl?q=x%20y"),
        ("plain/%C3%A9%2F100%25?date:[1+TO+2]", "/plain/%C3%A9%2F100%25?date:[1+TO+2]"),
    ],
)
def test_addresses_as_people_write_them(path: str, sent: str, server: Server) -> None:
    assert fetched(f"{server.root}/{path}") == RECORDS
    ((asked, headers),) = server.asked
    assert asked == sent
    assert headers["user-agent"] == f"corpus-tool/{__version__}"
    assert headers["accept-encoding"] == "identity"
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere", "the server answers 404 Not Found: check the spelling"),
        ("code/401", "401 Unauthorized: it wants a login"),
        ("code/403", "403 Forbidden: it may not be read by everybody"),
        ("code/410", "410 Gone: it was there"),
        ("code/418", "the server answers 418 "),
        ("code/429", "429 Too Many Requests: it was asked too often: try again later"),
        ("code/500", "500 Internal Server Error: try again later"),
        ("code/503", "503 Service Unavailable: try again later"),
        ("code/304", "the server answers 304 Not Modified: "),
        ("brotli", "comes in the encoding br, which was not asked for"),
        ("to/file:///etc/passwd", "redirects to file:///etc/passwd, which is not followed"),
        ("to/FILE:///etc/passwd", "which is not followed"),
        ("to/ftp://localhost/x", "redirects to ftp://localhost/x, which is not followed"),
        ("to/data:,x", "which is not followed"),
        ("round", "redirects to /round, which is not followed"),
        (
            "cut",
            f"broke off after {len(RECORDS):,} bytes ({len(RECORDS) + 1000:,} were announced): run again",
        ),
        ("chunkless", f"broke off after {len(RECORDS):,} bytes ("),
        ("garbled", f"broke off after {len(RECORDS):,} bytes ("),
        ("cutpacked", "broke off after "),
    ],
)
@pytest.mark.parametrize("command", ["dedup", "export"])
def test_what_cannot_be_had_is_named(command: str, path: str, problem: str, server: Server) -> None:
    url = f"{server.root}/{path}"
    done = run(command, url, "-o", "out.jsonl")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"{url}: ")
    assert problem in done.err
    assert done.err.count("\n") == 1
    assert not Path("out.jsonl").exists()


def test_what_came_before_a_break_is_kept_where_that_is_wanted(server: Server) -> None:
    for path in ("cut", "chunkless"):
        done = run("export", f"{server.root}/{path}", "-q", "--format", "jsonl", "--on-error", "skip")
        assert (done.code, done.out) == (0, RECORDS)
        assert "broke off" in done.err


def test_redirections_on_the_web_are_followed(server: Server) -> None:
    assert fetched(f"{server.root}/to/{server.root}/to//plain") == RECORDS


def test_a_login_is_sent_to_its_server_alone_and_named_nowhere(server: Server) -> None:
    root = server.root.replace("://", "://me:pass%20word@")
    assert fetched(f"{root}/private") == RECORDS
    done = run(
        "dedup", f"{root}/private", f"{root}/private", "-q", "--threshold", "1", "--removed", "receipts"
    )
    assert done.code == 0
    assert b"pass" not in Path("receipts").read_bytes()
    done = run("dedup", f"{root.replace('me:', 'you:')}/private")
    assert (
        done.err
        == f"{server.root}/private: the server answers 401 Unauthorized: it wants a login: fetch it first, "
        "or put USER:PASSWORD@ before the host\n"
    )
    server.asked.clear()
    assert fetched(f"{root}/to/{server.root.replace('127.0.0.1', 'localhost')}/plain") == RECORDS
    assert [headers.get("authorization") for _, headers in server.asked] == [LOGIN, None]


def test_it_is_read_while_it_comes(server: Server) -> None:
    url = f"{server.root}/slow"
    with Input(url, url).open() as stream:
        assert stream.read(len(RECORDS) * 1000) == RECORDS * 1000, "while the server waits with the end"
        server.go.set()
        assert len(stream.read()) == len(RECORDS) * 1001


def test_a_server_that_says_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.2)
    done = run("dedup", f"{server.root}/silent")
    assert done.err == f"{server.root}/silent: could not be fetched: nothing came for 0.2 seconds\n"
    done = run("dedup", f"{server.root}/slow")
    assert f"{server.root}/slow: the answer broke off after " in done.err
    assert "nothing came for 0.2 seconds" in done.err


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:9/x", "nothing listens there; check host and port"),
        ("http://no-such-host.invalid/x", "could not be fetched: "),
        ("http://127.0.0.1:port/x", "could not be fetched: "),
        ("http:///x", "could not be fetched: "),
        ("http://[::1/x", "could not be fetched: "),
    ],
)
def test_what_is_no_server(url: str, problem: str) -> None:
    done = run("dedup", url)
    assert done.code == 2
    assert done.err.startswith(f"{url}: ")
    assert problem in done.err
    assert done.err.count("\n") == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for this machine that its own key has signed."""
    reason = "needs cryptography, to make a certificate"
    x509 = pytest.importorskip("cryptography.x509", reason=reason)
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_https(certificate: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who cannot be told to be the one that is meant is not heard, nor is one followed to where anybody listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for secure in _serving(lambda plain: context.wrap_socket(plain, server_side=True)):
        done = run("dedup", f"{secure.root}/plain")
        assert (done.code, "certificate verify failed" in done.err) == (2, True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert fetched(f"{secure.root}/plain") == RECORDS
        assert fetched(f"{secure.root}/to/{secure.root}/packed") == RECORDS
        assert fetched(f"{server.root}/to/{secure.root}/packed") == RECORDS
        done = run("dedup", f"{secure.root}/to/{server.root}/plain")
        assert f"redirects to {server.root}/plain, which is not followed" in done.err
