"""EndNote's XML export: `<xml><records><record>`, texts in `<style>` or bare."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from . import bibliography, prologue
from .bibliography import Entry, Schema
from .xml_records import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus_tool.records import Leftover, Paper

    from .xml_records import Node

NAME = "endnote-xml"

_RECORDS = frozenset({"record"})
_MARKS = ("<ref-type", "<rec-number", "<titles>", "<contributors>")
_BY_PARENT = {"author": "{}", "url": "{}", "date": "pub-date", "key": "foreign-key"}
"""Leaves that say what they are only by the element around them."""
encoding_of = prologue.declared_encoding

SCHEMA = Schema(
    NAME,
    one={
        "title": ("title", "short-title"),
        "abstract": ("abstract",),
        "year": ("year",),
        "venue": ("full-title", "secondary-title", "abbr-1", "alt-title"),
        "volume": ("volume",),
        "issue": ("number", "issue"),
        "pages": ("pages",),
        "doi": ("electronic-resource-num",),
        "publisher": ("publisher",),
        "language": ("language",),
        "type": ("ref-type",),
    },
    several={
        "authors": ("authors",),
        "editors": ("secondary-authors",),
        "keywords": ("keyword",),
        "issn": ("isbn",),
        "affiliations": ("auth-address",),
    },
    addresses=("related-urls", "web-urls", "pdf-urls", "url"),
)


def detect(head: str) -> bool:
    """Whether the first element holds records, and these what EndNote's do."""
    if not head.lstrip("\ufeff \t\r\n").startswith("<") or prologue.root_name(head) not in {"xml", "records"}:
        return False
    return "<record>" in head and sum(mark in head for mark in _MARKS) > 1


def read(stream: BinaryIO, name: str, encoding: str) -> Iterator[Paper | Leftover]:
    """The papers of a file.

    Raises:
        InputError: The XML cannot be read.
    """
    return bibliography.papers(map(_entry, records(stream, encoding, _RECORDS)), SCHEMA)


def _entry(record: Node) -> Entry:
    entry = Entry(record.line)
    for path, leaf in record.leaves():
        text = leaf.attributes.get("name", "") if leaf.name == "ref-type" else ""
        text = text or leaf.text.replace("\r", "\n").strip()
        if text and leaf is not record:
            tag = _BY_PARENT.get(leaf.name, leaf.name).format(path[-2])
            entry.fields.append((tag, text))
    return entry
