"""Every format by name, and which one a stream is of: one line a format, told by content.

The module of a format has `detect(text)`, which takes the beginning of a file, and `parse(lines)` or
`read(stream, ...)`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from corpus_tool.errors import UnknownForm
from corpus_tool.sources import jsonl
from corpus_tool.sources.forms import form_of, form_of_bytes, is_response
from corpus_tool.sources.quoting import unquoted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from corpus_tool.config import Reading
    from corpus_tool.sources.decoding import Head
    from corpus_tool.sources.inputs import Input

    class Detecting(Protocol):
        """A format's module."""

        def detect(self, text: str, /) -> bool: ...


DIGESTS = {
    "mail": "corpus_tool.sources.mail",
    "arxiv-mail": "corpus_tool.sources.arxiv_mail",
    "feed": "corpus_tool.sources.feed",
    "json": "corpus_tool.sources.json_document",
    "python-dicts": "corpus_tool.sources.python_dicts",
    "html": "corpus_tool.sources.html_page",
    "oai": "corpus_tool.sources.oai",
    "pubmed-xml": "corpus_tool.sources.pubmed_xml",
    "endnote-xml": "corpus_tool.sources.endnote_xml",
    "europepmc-xml": "corpus_tool.sources.europepmc_xml",
    "ris": "corpus_tool.sources.ris",
    "medline": "corpus_tool.sources.medline",
    "ovid": "corpus_tool.sources.ovid",
    "cochrane": "corpus_tool.sources.cochrane",
    "embase-rows": "corpus_tool.sources.embase_rows",
    "web-of-science": "corpus_tool.sources.web_of_science",
    "endnote": "corpus_tool.sources.endnote",
    "refworks": "corpus_tool.sources.refworks",
    "bibtex": "corpus_tool.sources.bibtex",
    "arxiv-listing": "corpus_tool.sources.arxiv_listing",
    "pubmed-text": "corpus_tool.sources.pubmed_text",
    "pubmed-summary": "corpus_tool.sources.pubmed_summary",
    "exported-markdown": "corpus_tool.sources.exported_markdown",
    "alert": "corpus_tool.sources.alert_text",
    "labelled-text": "corpus_tool.sources.labelled_text",
    "markdown": "corpus_tool.sources.markdown",
    "huggingface": "corpus_tool.sources.huggingface",
}
"""Name of each format of papers and its module, in the order in which they are tried; the last is the loosest."""

TEXT_DIGESTS = {
    name: DIGESTS[name]
    for name in (
        "arxiv-mail",
        "arxiv-listing",
        "pubmed-text",
        "pubmed-summary",
        "alert",
        "labelled-text",
        "markdown",
        "huggingface",
    )
}
"""Those of plain text, which a mail may carry."""

TABLES = {
    "csv": "corpus_tool.sources.delimited",
    "parquet": "corpus_tool.sources.columnar",
    "arrow": "corpus_tool.sources.columnar",
    "sqlite": "corpus_tool.sources.sqlite",
}
"""The same for formats whose rows are records of other origin, read as JSON Lines."""

MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"SQLite format 3\0": "sqlite",
}
"""How the files of formats begin that are no text."""

FORMATS = (*DIGESTS, *TABLES, jsonl.NAME)

_LOOSE = ("alert", "labelled-text", "markdown", "huggingface")
"""Those that are told by the shape of a text, after a table that names what it holds."""

_OPENINGS = {
    **dict.fromkeys(("feed", "html", "oai", "pubmed-xml", "endnote-xml", "europepmc-xml"), "<"),
    "json": "[{",
    "python-dicts": "{",
}
"""Characters with which formats begin: the modules of the others need not be loaded."""

_BRACKETED = ("json", "python-dicts")
"""Those that may begin as JSON Lines do, and are told from it before it is taken for granted."""


def format_of(head: Head, source: Input, reading: Reading, *, only_digests: bool) -> str | None:
    """The name of a stream's format; None where there is nothing to read.

    Raises:
        InputError: It is of no known one, or plainly of another than was asked for.
    """
    magic = next((name for begins, name in MAGIC.items() if head.data.startswith(begins)), None)
    if magic and reading.format in {None, magic}:
        return magic
    if head.binary and reading.format == jsonl.NAME and not jsonl.detect(head.text, head.lines):
        raise _unknown(head, source.name, "JSONL")  # or an endless line of zeros might follow
    if not head.empty:
        if reading.format in DIGESTS:
            _refuse_others(reading.format, head, source.name)
        return reading.format or _detect(head, source.name, only_digests)
    if only_digests or reading.format in DIGESTS:
        raise UnknownForm("an empty file: there is no digest in it", path=source.name)
    return None


def _refuse_others(told: str, head: Head, name: str) -> None:
    """Refuse a text that is plainly of another format than was asked for: it would be read wrong without a word.

    The last format can make something of nearly any text, so those before it are asked first.
    """
    text = unquoted(head.text)
    if told != [*DIGESTS][-1] and _recognised((told,), text):
        return
    other = _recognised((each for each in DIGESTS if each != told), text)
    if other is None and hasattr(module := importlib.import_module(DIGESTS[told]), "other_form"):
        other = module.other_form(text)
    if other is not None:
        raise UnknownForm(
            f"is not {told} but {other}; leave --from out to have it read as what it is", path=name
        )


def _recognised(names: Iterable[str], text: str) -> str | None:
    """The first of these formats that a text is recognised as."""
    opening = text.lstrip("\ufeff \t\r\n")[:1]
    possible = (name for name in names if opening in _OPENINGS.get(name, opening))
    return next((name for name in possible if _module(name).detect(text)), None)


def _module(name: str) -> Detecting:
    return cast("Detecting", importlib.import_module(DIGESTS[name]))


def _detect(head: Head, name: str, only_digests: bool) -> str:
    if not head.binary and (known := _recognised(_BRACKETED, head.text)) is not None:
        return known
    if jsonl.detect(head.text, head.lines) and not (
        is_response(head) or (head.binary and form_of_bytes(head))
    ):
        return jsonl.NAME
    form = form_of(head)
    if not head.binary:
        text = unquoted(head.text)
        known = _recognised((each for each in DIGESTS if each not in (*_BRACKETED, *_LOOSE)), text)
        if known is None and importlib.import_module(TABLES["csv"]).surely(head.text):
            return "csv"
        if known := known or _recognised(_LOOSE, text):
            return known
        if importlib.import_module(TABLES["csv"]).detect(head.text):
            return "csv"
        if form is None and jsonl.objects(head.lines):
            return jsonl.NAME
    raise _unknown(head, name, "a digest" if only_digests else "a digest or JSONL")


def _unknown(head: Head, name: str, wanted: str) -> UnknownForm:
    """What a file is instead of what is wanted."""
    form = form_of(head)
    if form:
        return UnknownForm(form, path=name)
    if head.binary:
        return UnknownForm("a binary file, not text: convert it to text or JSONL first", path=name)
    return UnknownForm(
        f"does not look like {wanted}; if it is one, say which with --from (`corpus-tool parse --help-all`)"
        + _encoding_told(head),
        path=name,
    )


def _encoding_told(head: Head) -> str:
    """That a text is not in the encoding that it was read in, which may be why nothing was recognised."""
    if head.data.isascii() or "\ufffd" not in head.data.decode(head.encoding, "replace")[:-1]:
        return ""
    from corpus_tool.lines.charsets import advice  # for what is seldom met

    return f"; it is not {head.encoding}: {advice(head.data)}"
