r"""A readable digest in Markdown: a heading a date, under it each paper, where it was seen, its links.

    # Papers
    ## 2025-03-11
    ### A title
    The abstract.
    *Seen: Mar 11 (001.txt:11), Mar 13 (000.txt:11)*
    - <https://example.org/paper>

Whatever a text holds, a page rendered from the document has the elements named here and no others: what would
become emphasis, code, a link, an image, an HTML tag or a block is escaped, and nothing else, so that the file reads
well as text too. Formulas keep their backslashes, but for those before a sign that is escaped.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus_tool.sinks import known
from corpus_tool.sinks.cells import cell, encode
from corpus_tool.sinks.spool import Spool

if TYPE_CHECKING:
    from corpus_tool.records import Record
    from corpus_tool.sinks import ExportOptions, Rows

UNDATED = "Undated"
"""The heading, always the last, of papers without a date."""

_BODY_FIELDS = ("abstract", "text", "content", "body")
_ISO_DATE = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:[T ].*)?", re.DOTALL)
_INLINE = re.compile(r"[`*\[~]|\\(?=[!-/:-@\[-`{-~]|$)|(?<![^\W_])_|_(?![^\W_])|<(?=[A-Za-z/!?])|&(?=#?\w+;)")
_IN_BODY = re.compile(
    r"(\\*)([`\[~]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\s)\*|\*(?!\s|$)|(?<![^\W_])_|_(?![^\W_]))"
)
_BLOCK = re.compile(r"(?:[#>]|[-+*](?=\s|$)|```|~~~|={2,}\s*$|-{2,}\s*$|[-*_](?:\s*[-*_]){2,}\s*$)")
_NUMBERED = re.compile(r"(\d{1,9})(\\?[.)](?:\s|$))")
_URL = re.compile(r"(?:https?|ftp)://[^\s<>\x00-\x20\x7f]+|mailto:[^\s<>\x00-\x20\x7f]+", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_HOLDS = frozenset({"title"})
_AS_NAMED = frozenset(
    {"abstract", "text", "content", "body", "authors", "venue", "doi", "links", "seen", "date", "digest_date"}
    | {"source", "line", "year"}
)
_LIKE_A_FIELD = re.compile(r"^(Authors|Venue|DOI|Year)(?=\\?: )")
"""How a paragraph of an abstract may begin that is no field of the paper."""
_LABELLED = (("Authors", "authors"), ("Venue", "venue"), ("DOI", "doi"), ("Year", "year"))


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write the document; see `corpus_tool.sinks`.

    Dates written as in ISO 8601 come in their order, then all others in the order of their first appearance
    (a day without a year has no place among them), then papers without a date. Within a date the order stays.
    Memory: 16 bytes a record, and the headings; the text waits in a spool.
    """
    places: dict[str, array[int]] = {}
    reporter = known.Reporter("Markdown", _HOLDS, _AS_NAMED | known.DERIVED)
    count = 0
    with Spool() as spool:
        for _, record in rows:
            reporter.note(record)
            text = encode(_paper(record))
            place = places.setdefault(_date(record), array("Q"))
            place.append(spool.append(text))
            place.append(len(text))
            count += 1
        writer.write(encode(f"# {inline(_one_line(options.title))}\n"))
        for date in _in_order(places):
            writer.write(encode(f"\n## {inline(date)}\n"))
            place = places[date]
            writer.writelines(spool.read(*span) for span in zip(place[::2], place[1::2], strict=True))
    reporter.report(options.say)
    return count


def _date(record: Record) -> str:
    for field in ("date", "digest_date"):
        printed = _one_line(record.get(field))
        if printed:
            match = _ISO_DATE.fullmatch(printed)
            return match[1] if match else printed
    return UNDATED


def _in_order(dates: dict[str, Any]) -> list[str]:
    iso = sorted(date for date in dates if _ISO_DATE.fullmatch(date))
    printed = [date for date in dates if not _ISO_DATE.fullmatch(date) and date != UNDATED]
    return iso + printed + [UNDATED] * (UNDATED in dates)


def _paper(record: Record) -> str:
    """One paper, each of its parts after an empty line."""
    title = _one_line(record.get("title")) or _one_line(record.get("id")) or "Untitled"
    parts = [f"### {inline(title)}"]
    body = next((record[field] for field in _BODY_FIELDS if isinstance(record.get(field), str)), "")
    parts += [_paragraph(line) for line in _LINE_END.split(body) if line.strip()]
    said = [f"{label}: {inline(text)}" for label, name in _LABELLED if (text := _said(record, name))]
    if said:
        parts.append("\n\n".join(said))
    seen = _seen(record)
    if seen:
        parts.append(f"*Seen: {seen}*")
    links = record.get("links")
    if isinstance(links, list) and links:
        parts.append("\n".join(f"- {_link(link)}" for link in links))
    return "".join(f"\n{part}\n" for part in parts)


def _said(record: Record, name: str) -> str:
    """Authors as one text, other fields as they are; nothing where a record has none."""
    value = record.get(name)
    return "; ".join(known.names(value)) if name == "authors" and value else _one_line(value)


def _seen(record: Record) -> str:
    """Every place where a paper stood: `Mar 11 (001.txt:11), Mar 13 (000.txt:11)`."""
    seen = record.get("seen")
    places = seen if isinstance(seen, list) else [record]
    return ", ".join(filter(None, (_place(place) for place in places if isinstance(place, dict))))


def _place(place: Record) -> str:
    source, line = _one_line(place.get("source")), place.get("line")
    where = source if line is None or not source else f"{source}:{line}"
    date = _one_line(place.get("digest_date"))
    if not where:
        return ""
    return inline(f"{date} ({where})" if date else where)


def _one_line(value: Any) -> str:
    return " ".join(cell(value).split())


def inline(text: str) -> str:
    """Text on one line, of which nothing becomes emphasis, code, a link or a tag."""
    escaped = _INLINE.sub(lambda match: "\\" + match[0], text)
    # "### Title #" would lose its last sign: it would close the heading.
    return re.sub(r"(?:(?<=\s)|^)(#+)$", r"\\\1", escaped)


def _paragraph(text: str) -> str:
    """One paragraph without elements in it, whose beginning makes it nothing else."""
    marked = _IN_BODY.sub(lambda found: found[1] * 2 + "\\" + found[2], text.strip())
    return _no_block(_LIKE_A_FIELD.sub(r"\1\\", marked))


def _no_block(text: str) -> str:
    if _BLOCK.match(text.removeprefix("\\")):
        return "\\" + text
    return _NUMBERED.sub(r"\1\\\2", text) if _NUMBERED.match(text) else text


def _link(link: Any) -> str:
    address = _one_line(link)
    return f"<{address}>" if _URL.fullmatch(address) else _no_block(inline(address)) or "-"
