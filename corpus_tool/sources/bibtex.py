"""BibTeX and BibLaTeX: `@article{key, title = {...}, ...}`, macros, concatenation, in braces, quotes or parentheses.

A reader of our own because entries of one key, and fields given twice, are just what a deduplicator is asked
about, and because a fault in one entry must not take its neighbours along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.errors import InputError
from corpus_tool.records import Leftover

from . import bibliography, latex
from .bibliography import LINES_BEFORE, Entry, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corpus_tool.records import Paper, Record

NAME = "bibtex"

ANY_ENCODING = True
"""Programs of all ages write it: see `charset`."""

_OPEN = re.compile(r"[\s,;]*@\s*([A-Za-z][A-Za-z0-9_-]*)\s*([{(])")
_NEXT = re.compile(
    r"@\s*[A-Za-z]+\s*[{(]\s*[^\s,{}()=\"]+\s*,|@(?:string|comment|preamble)\s*[{(]", re.IGNORECASE
)
_BRACE = re.compile(r"[{}]")
_QUOTE = re.compile(r"[{}\"]")
_CUT = re.compile(r"[{}]|\s+and(?=\s)", re.IGNORECASE)
_KEY = re.compile(r"([^,={}\"]*)(?:,|$)")
_GAP = re.compile(r"[\s,]*")
_FIELD = re.compile(r"[\s,]*([^\s=,{}\"#%]+)\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"]+")
_JOIN = re.compile(r"\s*#\s*")
_RESUME = re.compile(r",\s*[A-Za-z][\w-]*\s*=")
_FIRST = re.compile(r"\s{0,3}@\s*[A-Za-z]+\s*[{(]")
_ENTRY = re.compile(
    r"^\s{0,3}@[A-Za-z]+\s{0,4}[{(]\s{0,9}[^\s=,{}\"]{0,200}\s{0,9},\s{0,99}[\w-]+\s{0,40}=\s{0,9}[{\"\w]",
    re.MULTILINE,
)
_MARKUP = re.compile(r"\s*(?:[#<{*/`\\]|```)")
_PARAGRAPH = re.compile(r"[ \t]*\n\s*")
_VERBATIM = frozenset(
    {"doi", "url", "eprint", "file", "key", "isbn", "issn", "pmid", "archiveprefix", "bdsk-url-1"}
)
_INITIALS = re.compile(r"[^\W\d_a-z]{1,4}|(?:[^\W\d_a-z]\.?[ -]?){1,4}")
_WHOLE = frozenset(
    {"book", "collection", "proceedings", "periodical", "mvbook", "mvcollection", "mvproceedings"}
)
"""Entries whose own title may stand where that of what they are part of should."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _mend(values: dict[str, list[str]], extra: Record) -> None:
    """Names are parted by "and", keywords by commas; an eprint is arXiv's where it says so."""
    for tag in ("author", "editor"):
        if values.get(tag):
            values[tag] = [name for text in values[tag] for name in _names(text)]
    if words := values.get("keywords"):
        mark = ";" if any(";" in text for text in words) else ","
        values["keywords"] = [word.strip() for text in words for word in text.split(mark) if word.strip()]
    if not values.get("title"):
        whole = {*values.get("@type", [])} <= _WHOLE
        for tag in (*(("booktitle", "maintitle") if whole else ()), "shorttitle"):
            if values.get(tag):
                values["title"] = values.pop(tag)
                break
    archive = "".join(values.get("archiveprefix", []) + values.get("eprinttype", [])).lower()
    if values.get("eprint") and (archive == "arxiv" or _looks_arxiv(values["eprint"][0])):
        extra["arxiv"] = re.sub(r"^arxiv:", "", values["eprint"].pop(0), flags=re.IGNORECASE)
    for tag, texts in values.items():
        if tag not in _VERBATIM and tag not in {"author", "editor"}:
            values[tag] = [latex.plain(_PARAGRAPH.sub(_parted, text)) for text in texts]
    if pages := values.get("pages"):
        values["pages"] = [text.replace("–", "-") for text in pages]


def _parted(space: re.Match[str]) -> str:
    """White space as TeX reads it: an empty line parts paragraphs, one line end is a blank."""
    return "\n" if space[0].count("\n") > 1 else " "


def _looks_arxiv(text: str) -> bool:
    return re.fullmatch(r"(?:arxiv:)?\d{4}\.\d{4,5}(?:v\d+)?", text, re.IGNORECASE) is not None


SCHEMA = Schema(
    NAME,
    one={
        "title": ("title",),
        "abstract": ("abstract",),
        "year": ("year", "date"),
        "venue": ("journal", "journaltitle", "booktitle"),
        "volume": ("volume",),
        "issue": ("number", "issue"),
        "pages": ("pages",),
        "doi": ("doi",),
        "pmid": ("pmid",),
        "publisher": ("publisher",),
        "language": ("language", "langid"),
        "type": ("@type",),
        "key": ("@key",),
    },
    several={"authors": ("author",), "editors": ("editor",), "keywords": ("keywords",), "issn": ("issn",)},
    addresses=("url",),
    mend=_mend,
)


def detect(head: str) -> bool:
    """Whether an entry with a field opens the text, after comments that no markup or code is."""
    before = 0
    for line in head.splitlines():
        if _FIRST.match(line):
            return _ENTRY.search(head.replace("\r", "\n")) is not None
        if line.strip():
            before += 1
            if before > 12 or _MARKUP.match(line):
                return False
    return False


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a file; see `bibliography.papers`."""
    return bibliography.papers(_entries(lines), SCHEMA)


def _entries(lines: Iterable[str]) -> Iterator[Entry | Leftover]:
    macros = {month: month for month in _MONTHS}
    found = False
    for line, text, closed in _blocks(lines):
        opened = _OPEN.match(text)
        if opened is None:
            if not found and line > LINES_BEFORE:
                raise InputError(
                    f"is not BibTeX: none of its first {LINES_BEFORE} lines begins an entry (@article{{...}})",
                    line=1,
                )
            if "=" in text and "{" in text:
                yield Leftover(line, text.strip(), "it stands in no entry of BibTeX")
            continue
        kind = opened[1].lower()
        if kind in {"comment", "preamble"}:
            continue
        found = True
        entry = Entry(line)
        yield from _fields(text, opened.end(), entry, kind, macros)
        if not closed:
            yield Leftover(line, text.strip()[:60], "the entry is not closed: a brace is missing in it")
        if kind == "string":
            macros.update((name, value) for name, value in entry.fields)
        else:
            yield entry


def _blocks(lines: Iterable[str]) -> Iterator[tuple[int, str, bool]]:
    """Line, text and completeness of each entry, and each line outside of them."""
    gathered: list[str] = []
    begun, depth, closing = 0, 0, ""
    for number, line in enumerate(lines, 1):
        if gathered and _NEXT.match(line):
            yield begun, "\n".join(gathered), False
            gathered = []
        if not gathered:
            opened = _OPEN.match(line)
            if opened is None:
                yield number, line, True
                continue
            begun, closing = number, "}" if opened[2] == "{" else ")"
            depth = 0
        gathered.append(line)
        depth += line.count("{") - line.count("}")
        if depth <= 0 and (closing == "}" or line.rstrip().endswith(")")):
            yield from _apart(begun, "\n".join(gathered))
            gathered = []
    if gathered:
        yield begun, "\n".join(gathered), False


def _apart(line: int, text: str) -> Iterator[tuple[int, str, bool]]:
    """A text whose braces are balanced, cut where one entry ends and another stands on the same line."""
    start = 0
    while start < len(text):
        opened = _OPEN.match(text, start)
        if opened is None or opened[2] == "(":
            yield line + text.count("\n", 0, start), text[start:], True
            return
        end = _closing(text, opened.end())
        yield line + text.count("\n", 0, start), text[start:end], True
        start = end
        if not text[start:].strip():
            return


def _closing(text: str, start: int) -> int:
    """Behind the brace that closes the one before `start`; the end of the text where there is none."""
    depth = 1
    for found in _BRACE.finditer(text, start):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.end()
    return len(text)


def _fields(text: str, start: int, entry: Entry, kind: str, macros: dict[str, str]) -> Iterator[Leftover]:
    """Put the fields of one entry into it; what is none of them is told."""
    end = len(text.rstrip()) - (text.rstrip()[-1:] in {"}", ")"})
    if kind != "string":
        entry.fields.append(("@type", kind))
        key = _KEY.match(text, start, end)
        if key:
            entry.fields.append(("@key", key[1].strip()))
            start = key.end()
    while (start := _GAP.match(text, start, end).end()) < end:  # type: ignore[union-attr]  # it matches nothing, too
        named = _FIELD.match(text, start, end)
        value = _value(text, named.end(), end, macros) if named else None
        if named is None or value is None:
            resume = _RESUME.search(text, start + 1, end)
            stop = resume.start() if resume else end
            shown = " ".join(text[start:stop].split())
            yield Leftover(entry.line + text.count("\n", 0, start), shown, "it is no field of a BibTeX entry")
            start = stop
            continue
        written, start = value
        if written:
            entry.fields.append((named[1].lower(), written))


def _value(text: str, start: int, end: int, macros: dict[str, str]) -> tuple[str, int] | None:
    """A value with all that is joined to it by `#`, and where it ends; None where there is none."""
    parts: list[str] = []
    while True:
        if text.startswith("{", start):
            stop = min(_closing(text, start + 1), end)
            parts.append(text[start + 1 : stop - (text[stop - 1] == "}")])
        elif text.startswith('"', start):
            stop = _quoted(text, start + 1, end)
            parts.append(text[start + 1 : stop - 1])
        elif bare := _BARE.match(text, start, end):
            parts.append(macros.get(bare[0].lower(), bare[0]))
            stop = bare.end()
        else:
            return None
        joined = _JOIN.match(text, stop, end)
        if joined is None:
            return "".join(parts).strip(), stop
        start = joined.end()


def _quoted(text: str, start: int, end: int) -> int:
    """Behind the quote that closes a value: one within braces does not."""
    depth = 0
    for found in _QUOTE.finditer(text, start, end):
        if found[0] == '"':
            if depth <= 0:
                return found.end()
        else:
            depth += 1 if found[0] == "{" else -1
    return end


def _names(text: str) -> list[str]:
    """The names of a list parted by "and" outside of braces, or by commas before the last."""
    depth, start = 0, 0
    parts: list[str] = []
    for found in _CUT.finditer(text):
        if found[0] in "{}":
            depth += 1 if found[0] == "{" else -1
        elif depth <= 0:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    names = [name for part in parts for name in _pairs(" ".join(latex.plain(part).split()))]
    return [name for name in names if name and name.lower() != "others"]


def _pairs(name: str) -> list[str]:
    """A name, or the names in "Okafor, A, Brandt, EM,": of four parts and more every second one initials."""
    parts = [part.strip() for part in name.strip(", ").split(",")]
    if len(parts) < 4 or len(parts) % 2 or not all(map(_INITIALS.fullmatch, parts[1::2])):
        return [name]
    return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
