"""Samples of every kind, damaged in many ways: each ends in records or in an error that names the file, and soon."""

from __future__ import annotations

import io
import json
import random
import time
from typing import TYPE_CHECKING, BinaryIO

import pytest
from test_feed_forms import HF, cut_feed, rss
from test_html_page import PAGES
from test_json_document import FORMS, PYTHON
from test_mail import ARXIV, BIORXIV, PUBMED, SCHOLAR, message
from test_refused import SAMPLES

from corpus_tool import sources
from corpus_tool.config import Reading
from corpus_tool.errors import CorpusError
from corpus_tool.sources.inputs import Input
from corpus_tool.sources.problems import Problems
from corpus_tool.sources.registry import DIGESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE: Sequence[bytes] = [
    *(text.encode() for text in SAMPLES.values()),
    *(page.encode() for page, _ in PAGES.values()),
    *(json.dumps(form, indent=indent).encode() for form in FORMS.values() for indent in (None, 1)),
    *(
        message(text, cte=cte).as_bytes()
        for text in (ARXIV, PUBMED, BIORXIV)
        for cte in ("base64", "quoted-printable")
    ),
    message("See the page.", html=SCHOLAR).as_bytes(),
    rss(f"<title>t</title><description><![CDATA[{HF}]]></description>").encode(),
    (cut_feed(5) + "</channel></rss>").encode(),
    "".join(f"{each!r}\n" for each in PYTHON).encode(),
]
PIECES = (
    *(
        b"<",
        b">",
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b",",
        b":",
        b"=",
        b"=3D",
        b"\n\n",
    ),
    *(
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"&amp;",
        b"&#99999999999;",
        b"--b",
        b"From ",
        b"\xef\xbb\xbf",
        b"1e999",
    ),
    *(
        b"null",
        b"http://[",
        b"<div>" * 50,
        b"[" * 50,
        b'{"a":' * 20,
        b"(" * 30,
        b"<!DOCTYPE a [",
        b"<!ENTITY a 'b'>",
    ),
)
RUNS = 150


class Held(Input):
    """An input whose bytes are in memory."""

    data = b""

    @property
    def seekable(self) -> bool:
        return False

    def open(self, *_: object) -> BinaryIO:
        return io.BytesIO(type(self).data)


def damaged(chance: random.Random) -> bytes:
    data = bytearray(chance.choice(WHOLE))
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(7)
        if kind == 0:
            del data[at : at + chance.choice((1, 5, 50, 2000))]
        elif kind <= 2:
            data[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 3, 40))
        elif kind == 3 and data:
            data[at % len(data)] = chance.randrange(256)
        elif kind == 4:
            other = chance.choice(WHOLE)
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + chance.choice((10, 300, 3000))]
        elif kind == 5:
            del data[at:]
        else:
            start = chance.randrange(len(data) + 1)
            data[at:at] = data[start : start + chance.choice((20, 500))]
    return bytes(data)


@pytest.mark.parametrize("seed", range(8))
def test_damage_is_named(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(RUNS):
        Held.data = damaged(chance)
        name = chance.choice([None, None, *DIGESTS])
        skip = chance.random() < 0.5
        problems = Problems(skip=skip, say=lambda _: None)
        before = time.process_time()
        try:
            for batch in sources.read([Held("in", "in")], Reading(format=name, skip=skip), problems):
                assert len(batch.records) == len(batch.raws) == len(batch.lines)
                assert all(json.loads(raw) is not None for raw in batch.raws)
                assert all(line >= 1 for line in batch.lines)
        except CorpusError as error:
            assert str(error).startswith("in")
        assert time.process_time() - before < 5
