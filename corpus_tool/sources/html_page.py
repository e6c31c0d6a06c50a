"""Saved web pages that list papers, or describe one.

A page form that is known is read by its own classes; else what the page tells machines (data of its scripts,
schema.org, `citation_*`); else whatever lists titles that link to papers. A page without any is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus_tool.errors import InputError, UnknownForm

from .prologue import declared_encoding, doctype, root_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Leftover, Paper

NAME = "html"
encoding_of = declared_encoding
"""The encoding that the page itself names goes before the one that is assumed."""

_ROOTS = frozenset(["html", "head", "body"])
_LARGEST = 1 << 26


def detect(head: str) -> bool:
    """Whether a text is a page: by its doctype or its first element."""
    if not head.lstrip("\ufeff \t\r\n").startswith("<"):
        return False
    return doctype(head) == "html" or root_name(head).lower() in _ROOTS


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a page, or of several one after the other.

    Args:
        lines: The text without line ends; a page is held whole.

    Raises:
        InputError: The page lists no papers.
    """
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _LARGEST:
            raise InputError(f"a page of over {_LARGEST >> 20} MiB: no listing is so large", line=1)
    found = papers("\n".join(held))
    if not found:
        raise UnknownForm(
            "a web page in which no papers are recognised: neither a listing that is known, nor schema.org or "
            "citation metadata, nor titles that link to papers",
            line=1,
        )
    found[0].opens_digest = True
    yield from found


def papers(text: str) -> list[Paper]:
    """The papers of a page, none where it lists none."""
    from .html_blocks import papers_of_blocks
    from .html_metadata import paper_of_citation, papers_of_schema, papers_of_scripts
    from .html_microdata import papers_of_microdata
    from .html_sites import papers_of_sites
    from .html_tree import base_of, tree_of

    root = tree_of(text)
    if root is None:
        return []
    found = papers_of_sites(root) or papers_of_scripts(root)
    if not found and (single := paper_of_citation(root)):
        return [single]
    return (
        found or papers_of_schema(root) or papers_of_microdata(root) or papers_of_blocks(root, base_of(root))
    )
