r"""The daily mail of arXiv: blocks between `\\` lines, with the fields of each paper and its indented abstract.

The form is that of arXiv's own description of its e-mail listings: `arXiv:ID`, `Title:` and further fields whose
continuation lines are indented, `\\`, the abstract, and `\\ ( URL , size)`. A replacement has no abstract.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .chrome import without_cut_mark
from .dates import iso_date
from .links import ARXIV_ID, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "arxiv-mail"

_MARK = r"(?:arXiv|Paper)(?:[ \t]{1,4}\(\*[\w-]{1,20}\*\))?:"
_ID = re.compile(rf"{_MARK}\s*({ARXIV_ID})(?:v\d+)?\b(.*)", re.IGNORECASE)
_BARS = re.compile(r"\\\\\s*+(?:\(\s*+([^\s,]++)\s*+,.*+)?+")
_FIELD = re.compile(
    r"(Title|Authors?|Categories|Comments?|Journal-ref|DOI|Report-no|License|Date|ACM-class|MSC-class|Proxy|Subj-class|From)"
    r"\s*+(\([^)]*+\)\s*+)?+:\s*+(.*)",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-%=]{10,}")
_RECEIVED = re.compile(r"received from\s++", re.IGNORECASE)
_TO = re.compile(r"\bto\s++(?=\S)", re.IGNORECASE)
_WEEKDAY = re.compile(r"[A-Z][a-z]{2},?\s++")
_CLOCK = re.compile(r"(?<=\s)\d\d?:\d\d")
_DETECT = re.compile(rf"^\\\\[ \t]*\r?\n{_MARK}[ \t]*{ARXIV_ID}", re.MULTILINE | re.IGNORECASE)
_HEADER = re.compile(r"^Submissions? to:|^ ?received from .* to ", re.MULTILINE)
_ADDRESS = re.compile(r"<[^<>]*>")
_DAY = re.compile(r"\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}")
_REPLACED = re.compile(r"replaced with revised version", re.IGNORECASE)


def detect(head: str) -> bool:
    r"""Whether a text is an arXiv mail: a `\\` line with an `arXiv:` line after it, or the mail's own header."""
    return _DETECT.search(head) is not None or (
        len(_HEADER.findall(head)) > 1 and re.search(r"arxiv", head, re.IGNORECASE) is not None
    )


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of one or more mails; one block is held at a time.

    Args:
        lines: The text without line ends.

    Yields:
        Papers, and blocks of which none could be made.
    """
    mail = _Mail()
    for number, line in enumerate(lines, 1):
        yield from mail.read(number, line.rstrip())
    yield from mail.end_block()


class _Mail:
    """The block being read, and the date of the mail around it."""

    def __init__(self) -> None:
        self.digest_date: str | None = None
        self.opens_digest = True
        self._start_block()

    def _start_block(self) -> None:
        self.bars = 0
        self.barred = False
        self.first = 0
        self.arxiv: str | None = None
        self.title_line = 0
        self.field = ""
        self.fields: dict[str, list[str]] = {}
        self.links: list[str] = []
        self.paragraphs: list[list[str]] = [[]]
        self.replaced = False
        self.behind_rule: list[str] | None = None
        self.unread: list[str] = []

    def read(self, number: int, line: str) -> Iterator[Paper | Leftover]:
        """One line of the mail."""
        bars = _BARS.fullmatch(line)
        if bars is not None:
            yield from self._pass_bars(number, bars.group(1))
        elif _RULE.fullmatch(line.replace(" ", "")):
            if self.bars == 2 and any(self.paragraphs) and line[0] != "%":
                self.behind_rule = self.behind_rule or []
            else:
                yield from self.end_block()
        elif not self.bars and (found := _ID.fullmatch(line.strip())):
            self.bars, self.first = 1, number
            self._name(found)
        elif self.bars == 1:
            self._read_field(number, line)
        elif self.bars == 2:
            self._read_abstract(line)
        else:
            self._read_outside(number, line)

    def _pass_bars(self, number: int, url: str | None) -> Iterator[Paper | Leftover]:
        if self.behind_rule is not None and url is None and not any(self.behind_rule):
            yield from self.end_block()  # the rule was the end, and these bars open the next block
        elif self.behind_rule is not None:
            self._keep_behind_rule()
        self.barred = True
        if url is not None or self.bars == 2:
            if url:
                self.links.append(url)
            if self.bars or url is None:
                yield from self.end_block()
            else:
                self._start_block()
                yield Leftover(number, url, "the end of a paper that has no beginning")
        elif self.bars:
            self.bars = 2
        else:
            self.bars, self.first = 1, number

    def _name(self, found: re.Match[str]) -> None:
        self.arxiv = found.group(1)
        self.replaced = _REPLACED.search(found.group(2)) is not None

    def _read_field(self, number: int, line: str) -> None:
        found = _ID.fullmatch(line.strip())
        if found and self.arxiv is None:
            self._name(found)
            return
        field = _FIELD.fullmatch(line)
        if field:
            self.field = field.group(1).lower()
            if self.field == "date" and field.group(2) and "date" in self.fields:
                self.field = "revised"
            self.fields[self.field] = [field.group(3).strip()]
            if self.field == "title":
                self.title_line = number
        elif _REPLACED.match(line):
            self.replaced = True
        elif self.field and line.strip():
            self.fields[self.field].append(line.strip())
        elif not line:
            self.field = ""
        else:
            self.unread.append(line.strip())

    def _read_abstract(self, line: str) -> None:
        if self.behind_rule is not None:
            self.behind_rule.append(line)
        elif line.strip():
            self.paragraphs[-1].append(without_cut_mark(line.strip()))
        elif self.paragraphs[-1]:
            self.paragraphs.append([])

    def _keep_behind_rule(self) -> None:
        """A rule stood within the abstract: what follows it belongs there too."""
        lines, self.behind_rule = self.behind_rule or [], None
        self.paragraphs.append([])
        for line in lines:
            self._read_abstract(line)

    def _read_outside(self, number: int, line: str) -> None:
        """The mail's own header and footer; a block whose first bars are missing begins at its title."""
        received = _received_to(line.strip())
        if received is not None:
            self.digest_date, self.opens_digest = received, True
        elif (field := _FIELD.fullmatch(line)) and field.group(1).lower() == "title":
            self.bars, self.first = 1, number
            self._read_field(number, line)

    def end_block(self) -> Iterator[Paper | Leftover]:
        """What was read since the block's first line becomes a paper."""
        text = "\n".join(" ".join(filter(None, lines)) for lines in self.paragraphs if any(lines))
        fields = {name: " ".join(filter(None, lines)) for name, lines in self.fields.items()}
        if fields.get("title") and not self.barred and self.arxiv is None:
            yield Leftover(
                self.first, fields["title"], "a title without the bars or the number of an arXiv mail"
            )
        elif fields.get("title"):
            yield self._paper(fields, text)
        elif fields or self.arxiv or text or self.unread:
            named = f"arXiv:{self.arxiv}" if self.arxiv else ""
            whole = "\n".join(filter(None, [named, *self.unread, *fields.values(), text]))
            yield Leftover(self.first, whole, "a block of an arXiv mail without a title")
        if self.behind_rule and (rest := " ".join(filter(None, map(str.strip, self.behind_rule)))):
            yield Leftover(self.first, rest, "text behind the rule that ends a paper of an arXiv mail")
        self._start_block()

    def _paper(self, fields: dict[str, str], abstract: str) -> Paper:
        paper = Paper(
            fields["title"],
            abstract,
            self.title_line,
            self.digest_date,
            iso_date(self.digest_date) if self.digest_date else None,
            list(dict.fromkeys([*self.links, *urls(abstract)])),
            opens_digest=self.opens_digest,
        )
        self.opens_digest = False
        authors = author_names(fields.get("authors") or fields.get("author") or "")
        extra = {
            "arxiv": self.arxiv,
            "authors": authors,
            "categories": fields.get("categories", "").split(),
            "comments": fields.get("comments") or fields.get("comment"),
            "journal": fields.get("journal-ref"),
            "doi": fields.get("doi"),
            "report": fields.get("report-no"),
            "license": fields.get("license"),
            "acm_class": fields.get("acm-class"),
            "msc_class": fields.get("msc-class"),
            **_submission(fields),
        }
        paper.extra.update((key, value) for key, value in extra.items() if value)
        return paper


def _submission(fields: dict[str, str]) -> dict[str, str | None]:
    """Who submitted and when: printed in monthly lists, whose papers have no digest to give them a date."""
    if "from" not in fields:
        return {}
    days = {name: _DAY.search(fields.get(name, "")) for name in ("date", "revised")}
    return {
        "submitter": _ADDRESS.sub("", fields["from"]).strip(),
        "published": iso_date(found.group()) if (found := days["date"]) else None,
        "updated": iso_date(found.group()) if (found := days["revised"]) else None,
    }


def _received_to(line: str) -> str | None:
    """The day up to which a mail's header says that papers were received, as printed; None for any other line."""
    received = _RECEIVED.match(line)
    to = _TO.search(line, received.end()) if received else None
    if to is None:
        return None
    weekday = _WEEKDAY.match(line, to.end())
    start = weekday.end() if weekday else to.end()
    clock = _CLOCK.search(line, start)
    return line[start : clock.start() if clock else None].strip()
