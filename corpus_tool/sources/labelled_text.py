"""Plain text whose every field has a label: `Title: …`, `Authors: …`, `URL: …`, `Abstract: …`, block by block.

A block begins with the first label behind an end of the one before it: a blank line or a rule, or a label that the
block has already. Lines without a label go on with the field above them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .dates import iso_date
from .field_labels import ABOUT, ABSTRACTS, LINKED, STRUCTURED, field_name, own_name
from .links import arxiv_id, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NAME = "labelled-text"

_LABEL = re.compile(
    r"\s{0,8}(?:[-*•]\s{1,3}|\[?\d{1,4}[.)\]]\s{1,3})?([^\W\d_][^\n:：.?!;]{0,38}?)\s{0,12}[:：](?!//)\s*(.*)"
)
_RULE = re.compile(r"\s{0,8}[-=*_~#]{3,}\s*")
_ITEM = re.compile(r"[-*•+][ \t]|\(?\d{1,2}[.)][ \t]")
_OTHER = re.compile(
    r"^(?:From \S+@?\S* |Received:|Return-Path:|MIME-Version:|Message-ID:|Content-Type:|cff-version:|"
    r"#{1,6} \S|@\w+\s?\{|TY  - |"
    r"PMID-|[ \t]{0,8}\[\d{1,5}\][ \t]+arXiv:|\\\\[ \t]*\r?$|\{|<)",
    re.MULTILINE,
)
_PREAMBLE = 0.3
_LISTS = ("categories", "keywords")
_PARTS = re.compile(r"[,;|、，；]+|\s{2,}")
_VERSION = re.compile(r"v\d+$")
_ARXIV = re.compile(r"(?:arxiv:\s*)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)


def detect(head: str) -> bool:
    """Whether a text consists of blocks of labelled fields, each with a title."""
    if _OTHER.search(head):
        return False
    lines = [line for line in head.split("\n") if line.strip()]
    labels = [
        name for line in lines if (found := _LABEL.match(line)) and (name := field_name(found.group(1)))
    ]
    titles = labels.count("title")
    about = sum(labels.count(name) for name in (*ABOUT, "link"))
    if not titles or about < titles or ("abstract" not in labels and titles < 2):
        return False
    if titles == 1 and all(line[:1].islower() for line in lines if _LABEL.match(line)):
        return False
    first = next(index for index, line in enumerate(lines) if _is_block_line(line))
    return first <= max(8, _PREAMBLE * len(lines))


def _is_block_line(line: str) -> bool:
    found = _LABEL.match(line)
    return found is not None and field_name(found.group(1)) in (*ABOUT, "title", "link")


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of a text, block by block.

    Args:
        lines: The text without line ends.

    Yields:
        Papers, and blocks without a title.
    """
    page = list(lines)
    block = _Block(_own_labels(page))
    for number, line in enumerate(page, 1):
        yield from block.read(number, line.replace("\u00a0", " ").rstrip())
    yield from block.end()


def _own_labels(lines: Sequence[str]) -> frozenset[str]:
    """Labels that are not known, but stand in so many blocks that they are labels all the same."""
    counts: Counter[str] = Counter()
    titles = 0
    for line in lines:
        found = _LABEL.match(line)
        if found is None:
            continue
        known = field_name(found.group(1))
        titles += known == "title"
        if known is None and not line[:1].isspace() and len(found.group(1).split()) <= 4:
            counts[found.group(1)] += 1
    return frozenset(label for label, count in counts.items() if count >= max(2, 0.5 * titles))


class _Block:
    """The block being read, and what holds for the page."""

    def __init__(self, own: frozenset[str]) -> None:
        self.own = own
        self.digest_date: str | None = None
        self.opens_digest = True
        self.any = False
        self._start()

    def _start(self) -> None:
        self.first = 0
        self.title_line = 0
        self.fields: dict[str, list[list[str]]] = {}
        self.field = ""
        self.rule = ""
        self.apart = False

    def read(self, number: int, line: str) -> Iterator[Paper | Leftover]:
        """One line."""
        if not line.strip():
            self.apart = True
            return
        label, text = self._label(line)
        if label and self._begins_block(label):
            yield from self.end()
        if label:
            self._open(number, label, text)
        elif _RULE.fullmatch(line):
            if self._goes_on():
                self.rule = line.strip()
            else:
                yield from self.end()
        elif self.field:
            self._more(line.strip())
        elif not self.any and self.digest_date is None:
            self._preamble(line.strip())
        self.apart = False

    def _label(self, line: str) -> tuple[str, str]:
        """The field and the text of a line with a label; "" and the line for any other."""
        found = _LABEL.match(line)
        if found is None:
            return "", line
        printed, text = found.groups()
        known = field_name(printed)
        if known is None:
            return (
                (own_name(printed), text)
                if printed in self.own and self.field not in ABSTRACTS
                else ("", line)
            )
        if self.field in ABSTRACTS and known in STRUCTURED - {"keywords"}:
            return "", line
        indented = len(line) - len(line.lstrip()) >= 2
        if indented and self.field and known not in ("authors", "abstract", "title"):
            return "", line
        return known, text

    def _begins_block(self, label: str) -> bool:
        if not self.fields:
            return False
        if label == "title" and (
            "title" in self.fields or (self.apart and self.fields.keys() & {*ABSTRACTS})
        ):
            return True
        return self.apart and label in self.fields and "title" in self.fields

    def _goes_on(self) -> bool:
        """Whether a rule stands within the text of a field, as it does in an abstract that has one."""
        return self.field in ABSTRACTS and bool(self.fields[self.field][-1]) and not self.apart

    def _open(self, number: int, label: str, text: str) -> None:
        self.first = self.first or number
        if label == "title":
            self.title_line = number
        name = label
        while self.fields.get(name):
            name = f"{name}_2"
        self.field = name
        self.fields[name] = [[text.strip()] if text.strip() else []]

    def _more(self, text: str) -> None:
        """A line that goes on with the open field; behind a blank line only abstracts go on."""
        if self.rule:
            self.fields[self.field].append([self.rule])
            self.rule, self.apart = "", True
        paragraphs = self.fields[self.field]
        if self.apart and any(paragraphs) and self.field not in (*ABSTRACTS, *STRUCTURED):
            self.field = "rest"
            paragraphs = self.fields.setdefault("rest", [[]])
        if (self.apart or _ITEM.match(text)) and paragraphs[-1]:
            paragraphs.append([])
        paragraphs[-1].append(text)

    def _preamble(self, text: str) -> None:
        if len(text) <= 120 and (day := iso_date(text)):
            self.digest_date = day

    def end(self) -> Iterator[Paper | Leftover]:
        """What was read since the block's first line becomes a paper."""
        told = {name: _joined(paragraphs) for name, paragraphs in self.fields.items()}
        rest = told.pop("rest", "")
        if told.get("title"):
            yield self._paper({name: text for name, text in told.items() if text})
        elif told:
            text = "\n".join(filter(None, told.values()))
            yield Leftover(self.first, text, "a block of labelled fields without a title")
        if rest:
            yield Leftover(self.first, rest, "text of a paper that has no label")
        self.any = self.any or bool(told)
        self._start()

    def _paper(self, told: dict[str, str]) -> Paper:
        title = told.pop("title").replace("\n", " ")
        name = next((name for name in ABSTRACTS if name in told), "")
        abstract = told.pop(name) if name in ("abstract", "summary") else told.get(name, "")
        found = [url for text in (*told.values(), abstract) for url in urls(text)]
        published = iso_date(told.pop("published", ""))
        date = self.digest_date or published
        paper = Paper(
            title,
            abstract,
            self.title_line,
            date,
            iso_date(date) if date else None,
            list(dict.fromkeys(found)),
            opens_digest=self.opens_digest,
        )
        self.opens_digest = False
        paper.extra.update(_extra(told, found, published))
        return paper


def _joined(paragraphs: Sequence[Sequence[str]]) -> str:
    return "\n".join(" ".join(lines) for lines in paragraphs if lines)


def _extra(told: dict[str, str], found: Sequence[str], published: str | None) -> dict[str, object]:
    """The further fields of a record."""
    named = _ARXIV.fullmatch(told.pop("arxiv", "").strip())
    extra: dict[str, object] = {
        "arxiv": named.group(1) if named else next(filter(None, map(arxiv_id, found)), None),
        "authors": author_names(" ".join(told.pop("authors", "").split())),
        "published": published,
    }
    for name in _LISTS:
        if name in told:
            extra[name] = [part for each in _PARTS.split(told.pop(name)) if (part := each.strip(" ."))]
    extra.update(
        (name, text)
        for name, text in told.items()
        if name not in LINKED or not urls(text) or name in ("code", "doi")
    )
    return {name: value for name, value in extra.items() if value}
