"""What a file is that this program does not read: named in messages, with the way to make it one that it reads."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from corpus_tool.sources import jsonl

if TYPE_CHECKING:
    from corpus_tool.sources.decoding import Head

_BYTES = (
    (rb"%PDF-", "a PDF document: take its text out first (pdftotext FILE -)"),
    (rb"\x89PNG\r\n", "a PNG image, not text"),
    (rb"\xff\xd8\xff", "a JPEG image, not text"),
    (rb"GIF8[79]a", "a GIF image, not text"),
    (
        rb"PK\x03\x04",
        "a zip archive, or a document that is one (.docx, .xlsx, .epub): name it .zip, or unpack it",
    ),
    (rb"PK\x05\x06", "an empty zip archive"),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (rb"Rar!", "a RAR archive: unpack it first"),
    (rb"\x04\x22\x4d\x18", "compressed by lz4: decompress it first (lz4 -dc)"),
    (rb"\x1f\x9d", "compressed by compress (.Z): decompress it first (zcat)"),
    (rb"\xd0\xcf\x11\xe0", "an old Office document: save it as text or CSV first"),
    (rb"\x7fELF|MZ\x90|\xcf\xfa\xed\xfe", "a program, not text"),
    (rb"(?s).{257}ustar", "a tar archive: unpack it first (tar -xf)"),
    (rb"\x1e\s*[{\[]", "a JSON text sequence: take its record separators out first (tr -d '\\036' < FILE)"),
    (rb"\x80[\x02-\x05]", "a Python pickle: write it as JSONL first"),
)
"""What files of other kinds begin with."""

_RESPONSE = r"HTTP/[\d.]+ \d{3}"
_TEXTS = (
    (r"version https://git-lfs", "a Git LFS pointer, not the file itself: fetch that first (git lfs pull)"),
    (_RESPONSE, "an HTTP response with its headers: fetch the body alone (curl without -i)"),
    (r"(?i)<!doctype html|<html|<head", "an HTML page: give the text that a browser shows, or its feed"),
    (r"<\?xml|<[a-zA-Z][\w:.-]*[\s/>]", "XML of another kind than RSS and Atom feeds"),
    (
        r"---\s*\n[\w-]+:(?:[^\n]*\n){1,400}?---\s*\n\s*[^\s\w]",
        "a page with front matter, not a digest of papers",
    ),
    (r"%YAML|---\s*\n[\w-]+:", "YAML: write it as JSONL first (yq -o=json -I=0)"),
)
"""What texts of other kinds begin with."""

_LINES_OF_ARRAY = "make lines of it first: jq -c '.[]' FILE"


def is_response(head: Head) -> bool:
    """Whether a server's headers stand before what was asked of it, so that the body is not to blame."""
    return bool(re.match(_RESPONSE, head.text))


def form_of_bytes(head: Head) -> str | None:
    """As `form_of`, for what shows in bytes that no text begins with, whatever lines stand after them."""
    return next((form for beginning, form in _BYTES if re.match(beginning, head.data)), None)


def form_of(head: Head) -> str | None:
    """One phrase for what a head is of, and what to do about it; None where nothing is recognised."""
    if (form := form_of_bytes(head)) or head.binary:
        return form
    text = head.text.lstrip()
    found = next((form for beginning, form in _TEXTS if re.match(beginning, text)), None)
    return found or _json(text) or _table(head.lines) or _by_line_ends(text)


def _json(text: str) -> str | None:
    if jsonl.is_spread(text):
        return "JSON objects spread over several lines: make each one line first: jq -c . FILE"
    if re.match(r"\[\s*(?:[\[{\"\]\d-]|true|false|null|$)", text):
        return f"a JSON array: {_LINES_OF_ARRAY}"
    first = text.partition("\n")[0].strip()
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return None
    kind = {str: "strings", bool: "true and false", type(None): "null"}.get(type(value), "numbers")
    return None if isinstance(value, dict) else f"lines of JSON that hold {kind}: one object a line is wanted"


def _table(lines: list[str]) -> str | None:
    for sign, name in (("\t", "tab-separated values"), (",", "CSV"), (";", "CSV with semicolons")):
        counts = [line.count(sign) for line in lines[:3]]
        head = lines[0].split(sign) if lines else []
        if min(counts, default=0) and len(counts) > 1 and all(0 < len(part) < 40 for part in head):
            columns = ", ".join(part.strip(' "\r') for part in head[:4])
            columns += ", …" if len(head) > 4 else ""
            return (
                f"{name}, it seems, without a first line that names columns ({columns}): put one there (title, "
                "abstract, ...), or say --from csv where it is one"
            )
    return None


def _by_line_ends(text: str) -> str | None:
    if text.count("\r") > 1 and "\n" not in text:
        return "text whose lines end in CR alone: write them anew first (tr '\\r' '\\n' < FILE)"
    return None
