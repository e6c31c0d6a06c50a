"""arXiv's listing pages as text: `[1] arXiv:ID [pdf, html, other]`, then title, authors, comments and subjects.

The form is that of the pages "recent", "new" and of a month, saved as text or copied from a browser; the page "new" has
the abstracts too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .dates import DATE, iso_date
from .links import ARXIV_ID, urls
from .markup import shown
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "arxiv-listing"

_ENTRY = re.compile(
    rf"\s{{0,12}}\[(\d{{1,5}})\]\s{{1,8}}arXiv:({ARXIV_ID})(?:v\d+)?\s{{0,8}}(?:\(([^()]{{1,60}})\)\s{{0,8}})?"
    r"(?:\[\s?(?:pdf|ps|other|html|format|view|tex|src|[,\s])+\]|(?:pdf|ps|html|other|[,\s])+)?\s*",
    re.IGNORECASE,
)
_DETECT = re.compile(
    rf"^[ \t]{{0,12}}\[\d{{1,5}}\][ \t]{{1,8}}\[?arXiv:{ARXIV_ID}[^\n]{{0,600}}\n", re.MULTILINE
)
_TITLE = re.compile(r"\s{0,12}Title:", re.IGNORECASE)
_FIELD = re.compile(
    r"\s{0,12}(Title|Authors?|Comments?|Subjects?|Journal-ref|DOI|Related DOI|Report number|Report-no|"
    r"MSC-class|MSC classes|"
    r"ACM-class|ACM classes|License|Abstract)\s{0,4}:\s*(.*)",
    re.IGNORECASE,
)
_NAMES = {
    "comments": "comments",
    "comment": "comments",
    "journal-ref": "journal",
    "doi": "doi",
    "related doi": "doi",
    "report number": "report",
    "report-no": "report",
    "msc-class": "msc_class",
    "msc classes": "msc_class",
    "acm-class": "acm_class",
    "acm classes": "acm_class",
    "license": "license",
}
_SUBJECT = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)")
_DAY = re.compile(
    rf"\s*(?:(?:Showing )?new (?:listings|submissions) for\s+)?({DATE})(?:\s*\((?:showing|"
    rf"continued)[^()]*\)|,? showing .*)?\s*",
    re.IGNORECASE,
)
_ABOUT_PAGE = re.compile(
    r"\s*(?:\[?\s*total of [\d,]+ entries|showing (?:up to )?[\d,]+|(?:new|cross|"
    r"replacement) (?:submissions|submission|lists?|listings?)|"
    r"cross-lists? for|replacements? for|(?:fewer|more|all|first|last)\b[\s|:]|authors and titles for|"
    r"about arXivLabs|\[\s?showing|"
    r"\[?\s*(?:1-\d+|\d+-\d+)\s*[|\]]|subscribe|contact|help|copyright|privacy policy)",
    re.IGNORECASE,
)


def detect(head: str) -> bool:
    """Whether a text is a listing: numbered arXiv ids, each with a title soon after."""
    found = list(_DETECT.finditer(head))
    titled = sum(_titled(head, entry.end()) for entry in found)
    return bool(found) and titled >= 0.5 * len(found)


def _titled(head: str, position: int) -> bool:
    return any(_TITLE.match(line) for line in head[position : position + 600].split("\n")[:4])


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a listing; one entry is held at a time.

    Args:
        lines: The text without line ends.

    Yields:
        Papers, and entries without a title.
    """
    listing = _Listing()
    for number, line in enumerate(lines, 1):
        plain = line.replace("\u00a0", " ").rstrip()
        yield from listing.read(number, shown(plain).text if "](" in plain else plain)
    yield from listing.end_entry()


class _Listing:
    """The entry being read, and the day around it."""

    def __init__(self) -> None:
        self.digest_date: str | None = None
        self.opens_digest = True
        self._start(0, "", "")

    def _start(self, number: int, arxiv: str, kind: str) -> None:
        self.first = number
        self.arxiv = arxiv
        self.kind = kind
        self.title_line = 0
        self.fields: dict[str, list[str]] = {}
        self.field = ""
        self.paragraphs: list[list[str]] = []
        self.apart = False

    def read(self, number: int, line: str) -> Iterator[Paper | Leftover]:
        """One line of the page."""
        entry = _ENTRY.fullmatch(line)
        if entry is not None:
            yield from self.end_entry()
            self._start(number, entry.group(2), entry.group(3) or "")
        elif day := self._day(line):
            yield from self.end_entry()
            self.opens_digest = self.opens_digest or day != self.digest_date
            self.digest_date = day
        elif not self.arxiv:
            return
        elif not line.strip():
            self.apart = True
        elif _ABOUT_PAGE.match(line) and self.title_line:
            yield from self.end_entry()
        else:
            self._text(number, line)
            self.apart = False

    def _day(self, line: str) -> str | None:
        """The date of a heading between entries; a date is no text of an entry."""
        if len(line) > 120 or (self.arxiv and not self.title_line):
            return None
        found = _DAY.fullmatch(line)
        return found.group(1) if found else None

    def _text(self, number: int, line: str) -> None:
        field = _FIELD.match(line)
        if field and (not self.paragraphs or field.group(1).lower() == "abstract"):
            self.field = field.group(1).lower()
            text = field.group(2).strip()
            if self.field == "abstract":
                self.paragraphs.append([text] if text else [])
                return
            self.fields[self.field] = [text] if text else []
            if self.field == "title":
                self.title_line = number if text else 0
        elif self._is_abstract(line):
            self._abstract(line.strip())
        elif self.field == "title" and self.fields["title"] and "authors" not in self.fields:
            self._behind_title(line.strip())
        elif self.field:
            self.fields[self.field].append(line.strip())
            if self.field == "title" and not self.title_line:
                self.title_line = number

    def _is_abstract(self, line: str) -> bool:
        """Whether a line without a label is of the abstract, which stands behind the last field."""
        if self.paragraphs or self.field == "abstract":
            return True
        if self.field in ("subjects", "subject") and "".join(self.fields[self.field]).endswith(")"):
            return self.apart or not line.endswith(")")
        return self.apart and self.field not in ("", "title")

    def _behind_title(self, text: str) -> None:
        """A line without a label below a title: its rest, or the authors, whom newer pages print without a label."""
        last = self.fields["title"][-1]
        wrapped = len(last) > 60 and not self.apart and "," not in text
        if wrapped:
            self.fields["title"].append(text)
        else:
            self.field = "authors"
            self.fields["authors"] = [text]

    def _abstract(self, text: str) -> None:
        if self.apart or not self.paragraphs:
            self.paragraphs.append([])
        self.paragraphs[-1].append(text)

    def end_entry(self) -> Iterator[Paper | Leftover]:
        """What was read since the entry's first line becomes a paper."""
        if self.arxiv and self.fields.get("title"):
            yield self._paper()
        elif self.arxiv:
            yield Leftover(self.first, f"arXiv:{self.arxiv}", "an entry of an arXiv listing without a title")
        self._start(0, "", "")

    def _paper(self) -> Paper:
        told = {name: " ".join(filter(None, texts)) for name, texts in self.fields.items()}
        abstract = "\n".join(" ".join(lines) for lines in self.paragraphs if any(lines))
        paper = Paper(
            told["title"],
            abstract,
            self.title_line,
            self.digest_date,
            iso_date(self.digest_date) if self.digest_date else None,
            list(dict.fromkeys([f"https://arxiv.org/abs/{self.arxiv}", *urls(abstract)])),
            opens_digest=self.opens_digest,
        )
        self.opens_digest = False
        subjects = told.get("subjects") or told.get("subject") or ""
        extra: dict[str, object] = {
            "arxiv": self.arxiv,
            "authors": author_names(told.get("authors") or told.get("author") or ""),
            "categories": _SUBJECT.findall(subjects)
            or [part.strip() for part in subjects.split(";") if part.strip()],
            "announce_type": self.kind,
        }
        extra.update((_NAMES[name], text) for name, text in told.items() if name in _NAMES)
        paper.extra.update((name, value) for name, value in extra.items() if value)
        return paper
