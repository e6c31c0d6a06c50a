"""Inputs that are addresses: files by the standard library, what is remote by the extra."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from corpus_tool.errors import InputError
from corpus_tool.sources.inputs import Input

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["plain.jsonl", "with blank é#?%.jsonl"])
@pytest.mark.parametrize("start", ["file://", "file://localhost", "FILE://"])
def test_a_file_needs_no_package(
    start: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / name
    path.write_bytes(b"some bytes")
    url = start + quote(str(path))
    with Input(url, url).open() as opened:
        assert opened.read() == b"some bytes"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("file://elsewhere/x", "could not be opened: elsewhere is another machine"),
        ("file:///nowhere/at/all", "there is nothing at this address"),
        ("gopher://host/x", "could not be opened: gopher:// is not known"),
        ("s3://bucket/key", r"needs? the extra `remote`: pip install 'corpus-tool\[remote\]'"),
        ("gs://bucket/key", r"needs? the extra `remote`"),
    ],
)
def test_what_cannot_be_opened_is_named(url: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=problem) as raised:
        Input(url, url).open()
    assert str(raised.value).startswith(f"{url}: ")
