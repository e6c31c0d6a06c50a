"""No false acceptance: every format's samples are recognised by their own reader alone, and other texts by none."""

# ruff: noqa: E501 - texts stand as they are written

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING

import pytest
from running import run
from test_feed_forms import rss
from test_html_page import LISTING, PUBMED
from test_json_document import DAILY, FORMS, PYTHON
from test_mail import ARXIV, BIORXIV, SCHOLAR, message
from test_mail import PUBMED as PUBMED_TEXT

from corpus_tool.sources.registry import DIGESTS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "Daily Papers\n\nby AK and the research community\n\nMar 13\n\nWheels turned by hand\n\n"
PAGE += "We turn wheels by hand and show that this method works better than others on all datasets.\n"

SAMPLES = {
    "arxiv-mail": ARXIV,
    "feed": rss("<title>t</title><description>d</description>"),
    "mail": message(ARXIV).as_string(),
    "html": LISTING,
    "json": json.dumps(DAILY),
    "python-dicts": "".join(f"{each!r}\n" for each in PYTHON),
    "pubmed-text": PUBMED_TEXT,
    "alert": BIORXIV,
    "huggingface": PAGE,
    "jsonl": '{"id": 1, "text": "x"}\n{"id": 2, "text": "y"}\n',
}
MORE = {
    "html": [PUBMED, SCHOLAR],
    "mail": [
        "From x@y.z Fri Mar 22 00:10:00 2024\n" + message(PUBMED_TEXT).as_string(),
        message("", html=SCHOLAR).as_string(),
    ],
    "json": [json.dumps(form, indent=indent) for form in FORMS.values() for indent in (None, 1)],
}
BY_HEADERS = {
    ("mail", "arxiv-mail"),
    ("mail", "pubmed-text"),
    ("mail", "alert"),
    ("mail", "huggingface"),
    ("html", "alert"),
}
"""Pairs where the second would find its form inside of the first: the first is asked before it."""

OTHERS = {
    "prose": "It was a dark night. The wheel turned, and nobody saw it.\n\nIn the morning all was gone.\n"
    * 5,
    "readme": "# corpus-tool\n\nA tool that reads papers.\n\n## Install\n\n```console\n$ pip install x\n```\n\n- one\n- two\n",
    "code": 'import os\n\n\ndef main() -> None:\n    """Title: of it."""\n    print(os.environ[\'HOME\'])\n',
    "javascript": "const a = [{title: 'x'}];\nexport default a;\n",
    "log": "2024-03-22 00:10:00 INFO started\n2024-03-22 00:10:01 ERROR From: x failed\n" * 9,
    "headers": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Fri, 22 Mar 2024\r\n\r\n[]",
    "yaml": "title: A title\nauthors:\n  - A B\nabstract: text\n",
    "toml": '[project]\nname = "x"\ndescription = "y"\n',
    "svg": "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><title>t</title></svg>",
    "xml": "<?xml version='1.0'?><catalog><item><title>t</title></item></catalog>",
    "diff": "From 1234567 Mon Sep 17 00:00:00 2001\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    "latex": "\\documentclass{article}\n\\title{A}\n\\begin{document}\n\\section{B}\n\\end{document}\n",
    "shell": "#!/bin/sh\nset -e\necho done\n",
    "template": "{% for each in papers %}\n{{ each.title }}\n{% endfor %}\n",
    "css": "a { color: red }\n.b > c { margin: 0 }\n",
}
OWN = tuple(SAMPLES)


@pytest.mark.parametrize("name", OWN)
def test_samples_are_recognised_as_what_they_are(name: str, tmp_path: Path) -> None:
    for at, text in enumerate([SAMPLES[name], *MORE.get(name, [])]):
        (tmp_path / f"in{at}").write_text(text, "utf-8")
        done = run("export", tmp_path / f"in{at}", "--format", "jsonl")
        assert done.code == 0, done.err
        assert run("export", tmp_path / f"in{at}", "--format", "jsonl", "--from", name).out == done.out


@pytest.mark.parametrize("reader", [name for name in OWN if name != "jsonl"])
def test_no_reader_takes_the_samples_of_another(reader: str) -> None:
    module = importlib.import_module(DIGESTS[reader])
    for name, text in SAMPLES.items():
        if name == reader or (name, reader) in BY_HEADERS:
            continue
        for sample in (text, *MORE.get(name, [])):
            assert not module.detect(sample[: 1 << 16]), (name, sample[:80])


@pytest.mark.parametrize("kind", OTHERS)
def test_other_texts_are_refused(kind: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(OTHERS[kind], "utf-8")
    done = run("parse", tmp_path / "in")
    assert (done.code, done.out) == (2, b""), done.out[:200]
    assert done.err.startswith("in:")


@pytest.mark.parametrize(
    "reader", ["mail", "feed", "html", "json", "python-dicts", "pubmed-text", "alert", "arxiv-mail"]
)
@pytest.mark.parametrize("kind", [*OTHERS, "jsonl", "huggingface"])
def test_from_what_it_is_not_is_an_error(reader: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(OTHERS.get(kind) or SAMPLES[kind], "utf-8")
    done = run("parse", tmp_path / "in", "--from", reader)
    assert (done.code, done.out) == (2, b""), done.out[:200]
    assert "internal error" not in done.err
