"""The digests of the Hugging Face Papers pages, as people save them: plain text, Markdown, or in between.

Lines are sorted into page furniture (`chrome`) and text. Where headings mark the titles they decide; elsewhere
`alternation` weighs which texts are titles. What was decided is made into papers here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Leftover, Paper

from .alternation import Label, Line, dangles, ends_sentence, is_part, labelled, title_score
from .chrome import UNSEEN, Furniture, Kind, furniture, is_footer_word, without_cut_mark
from .dates import iso_date
from .digest_shape import looks_like_papers, other_shape
from .links import arxiv_id, belongs_to_paper, is_paper_page, urls
from .markup import Shown, has_markup, heading, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NAME = "huggingface"

WINDOW = 1024
"""Lines of a digest without marks that are weighed together; the last papers of a window go on to the next."""
_CARRIED = 4
_WINDOW_CHARACTERS = 1 << 22
_FOREIGN = re.compile(
    r"\s*(?:<(?:!doctype|html|\?xml|rss|feed|rdf|svg)|\{|\[\s*[\[{\"\d]|%PDF|#!)", re.IGNORECASE
)
_TABLE = re.compile(r"^[ \t]{0,3}\|?[ \t]{0,9}:?-{3,99}:?[ \t]{0,9}\|", re.MULTILINE)
"""The rule below the heads of a table of Markdown, which no page of these has."""
_DOUBTFUL = (Kind.BESIDE, Kind.HEADER, Kind.DATE)
_METADATA = re.compile(r"[A-Za-z_]\w*:\s.*")
_OUTER = re.compile(r"^(?:[ \t]*\n)+|\s+$")


def detect(head: str) -> bool:
    """Whether a text is a digest of papers: by the page's own words, or by titles and abstracts in turn."""
    if _FOREIGN.match(head) or _TABLE.search(head):
        return False
    lines = head.split("\n")
    if len(lines) > 1 and len(head) >= 1 << 15:
        lines.pop()
    for line in lines[:400]:
        piece = furniture(shown(line.strip().lstrip("# ")).text) if line.strip() else None
        if piece and piece.sure and (piece.kind is Kind.HEADER or piece.kind is Kind.FOOTER):
            return True
    return looks_like_papers(lines, list(parse(lines)))


def other_form(head: str) -> str | None:
    """What a text is that is asked to be read as a digest, and is surely none."""
    return "a form of its own" if _FOREIGN.match(head) else other_shape(head.split("\n")[:-1][:400])


def parse(lines: Iterable[str]) -> Iterator[Paper | Leftover]:
    """The papers of one or more digests, in the order in which they stand.

    Args:
        lines: The text without line ends. At most a window of them is held.

    Yields:
        Papers, and whatever text no paper could be made of.
    """
    page = _Page()
    for number, line in enumerate(lines, 1):
        text = line.strip() if line.isascii() else line.strip().strip(UNSEEN).strip()
        if text:
            yield from page.read(number, text, line[0].isspace())
        else:
            page.blank()
    yield from page.flush()


class _Page:
    """What has been read and not yet been given out, and where on the page the reader is."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.size = 0
        self.digest_date: str | None = None
        self.opens_digest = True
        self.marked = False
        self.title_open = False
        self.in_header = True
        self.in_footer = False
        self.in_metadata = False
        self.name_follows = False
        self.apart = True
        self.fenced = False
        self.beside = False
        self.doubtful: tuple[int, str, Furniture, Shown] | None = None

    def blank(self) -> None:
        """An empty line."""
        self.apart = True
        self.in_metadata = False

    def read(self, number: int, text: str, indented: bool) -> Iterator[Paper | Leftover]:
        """One line with text."""
        if self._is_metadata(text):
            return
        if self.doubtful is not None:
            yield from self._settle(text)
        mark = heading(text)
        view = shown(mark[1] if mark else text)
        piece = self._furniture(view, mark is not None)
        if piece is not None and self._can_be_title(piece, text):
            self.doubtful = (number, text, piece, view)
            self.apart = True
            return
        if piece is not None:
            yield from self._pass_furniture(piece, view)
            self.apart = True
            return
        if mark:
            yield from self._open_title(number, mark[1], view)
        elif self.marked:
            yield from self._marked_text(number, view, indented)
        else:
            chosen = view.text if view.linked or any(map(is_paper_page, view.urls)) else text
            yield from self._plain_text(number, chosen, view.urls, indented)

    def _can_be_title(self, piece: Furniture, text: str) -> bool:
        """Whether a number, `new` or a date may be a title: it stands alone, behind an abstract or the page's date."""
        if (
            piece.sure
            or self.marked
            or not self.apart
            or piece.kind not in _DOUBTFUL
            or (not text.isalnum() and not piece.date)
        ):
            return False
        if not self.lines:
            return self.digest_date is not None and piece.kind is not Kind.DATE
        last = self.lines[-1]
        return not self.fenced and (
            is_part(last.text) or (title_score(last.text) < 0 and ends_sentence(last.text))
        )

    def _settle(self, following: str | None) -> Iterator[Paper | Leftover]:
        """What the line in doubt is: a title where prose follows, else a piece of the page."""
        assert self.doubtful is not None
        (number, text, piece, view), self.doubtful = self.doubtful, None
        prose = following is not None and len(following) >= 60 and title_score(following) < 0
        if prose and self.apart and not has_markup(following or ""):
            self._hold(Line(number, text))
        else:
            yield from self._pass_furniture(piece, view)
        self.apart = True

    def flush(self) -> Iterator[Paper | Leftover]:
        """Everything that is held becomes papers."""
        if self.doubtful is not None:
            yield from self._settle(None)
        yield from self._papers(self.lines, labelled(self.lines))
        self._clear()

    def _clear(self) -> None:
        self.lines, self.size = [], 0

    def _is_metadata(self, text: str) -> bool:
        """Front matter: `---`, then `key: value` lines, up to the next `---` or an empty line."""
        if text == "---" and self.apart:
            self.in_metadata = not self.in_metadata
            return True
        self.in_metadata = self.in_metadata and (text == "---" or _METADATA.fullmatch(text) is not None)
        if self.in_metadata and text == "---":
            self.in_metadata, self.apart = False, True
            return True
        return self.in_metadata

    def _furniture(self, view: Shown, is_heading: bool) -> Furniture | None:
        """The furniture that a line is, given what stands before it."""
        piece = furniture(view.text)
        if view.avatar and not is_heading and (piece or not any(map(is_paper_page, view.urls))):
            return piece if piece and piece.date else _AVATAR
        if piece is not None:
            if piece.sure or self.apart:
                return piece
            if piece.kind is Kind.LINK:
                return piece if is_paper_page(view.text) or not belongs_to_paper(view.text) else None
            last = self.lines[-1].text if self.lines else ""
            return piece if ends_sentence(last) or len(last) > 200 else None
        if self.in_footer and is_footer_word(view.text):
            return Furniture(Kind.FOOTER, False)
        if self.name_follows and not is_heading and len(view.text) <= 40 and " " not in view.text:
            self.name_follows = False
            return Furniture(Kind.BESIDE, False)
        if self.marked and view.linked and view.urls and self._has_abstract() and not is_heading:
            return None if any(map(is_paper_page, view.urls)) else Furniture(Kind.BESIDE, False)
        return None

    def _has_abstract(self) -> bool:
        return bool(self.lines) and self.lines[-1].label in (Label.PARAGRAPH, Label.PARAGRAPH_MORE)

    def _pass_furniture(self, piece: Furniture, view: Shown) -> Iterator[Paper | Leftover]:
        kind = piece.kind
        if kind is Kind.HEADER:
            if piece.sure:
                yield from self._begin_digest(None)
        elif kind is Kind.DATE and not (self.beside and not self.in_header):
            yield from self._begin_digest(piece.date)
        elif kind is Kind.TABS or kind is Kind.NAME:
            self._drop_page_heading()
        elif kind is Kind.FOOTER:
            self.in_footer = self.fenced = True
        elif kind not in (Kind.RULE, Kind.CUT):
            self._stand_beside(piece, view)

    def _begin_digest(self, date: str | None) -> Iterator[Paper | Leftover]:
        yield from self.flush()
        self.digest_date = date
        self.opens_digest = self.in_header = True
        self.marked = self.in_footer = self.fenced = self.beside = self.name_follows = False

    def _drop_page_heading(self) -> None:
        """The page's own title, or the search box, stands alone above the tabs or the metadata."""
        if self.opens_digest and len(self.lines) == 1:
            self._clear()
            self.marked = False
        self.in_header = True

    def _stand_beside(self, piece: Furniture, view: Shown) -> None:
        """Furniture of a single paper: its links and date belong to the text before it."""
        if piece.kind is Kind.OWNER or (piece.kind is Kind.PUBLISHED and view.text.startswith("·")):
            self._drop_organisation()
        self.name_follows = (piece.kind is Kind.SUBMITTER and view.text.lower() == "submitted by") or (
            self.name_follows and piece.kind is not Kind.LINK
        )
        found = [*view.urls, *urls(view.text)]
        if piece.kind is not Kind.LINK or not all(map(belongs_to_paper, found)):
            self.fenced = self.beside = True
        if not self.lines:
            return
        last = self.lines[-1]
        if piece is not _AVATAR:
            last.urls += filter(belongs_to_paper, found)
        if piece.date and last.published is None:
            last.published = iso_date(piece.date)

    def _drop_organisation(self) -> None:
        """A short line directly before a middle dot, when a title and an abstract stand before it."""
        held = self.lines
        if self.fenced or len(held) < 3 or held[-1].fenced or held[-2].fenced:
            return
        last = held[-1]
        if len(last.text) <= 80 and not ends_sentence(last.text) and (last.gap or held[-2].gap):
            held.pop()
            held[-1].urls += filter(is_paper_page, last.urls)

    def _open_title(self, number: int, raw: str, view: Shown) -> Iterator[Paper | Leftover]:
        if self.marked:
            yield from self.flush()
        else:
            yield from self._leave_plain()
        self.marked = True
        self.title_open = raw.rfind("[") > raw.rfind("]")
        self._hold(Line(number, without_cut_mark(view.text), label=Label.TITLE, urls=view.urls))

    def _leave_plain(self) -> Iterator[Paper | Leftover]:
        """Text above the first heading is a paper only with an abstract."""
        for item in self._papers(self.lines, labelled(self.lines)):
            if isinstance(item, Paper) and not item.abstract:
                yield Leftover(item.line, item.title, "text above the first heading of a paper")
                self.opens_digest = self.opens_digest or item.opens_digest
            else:
                yield item
        self._clear()

    def _marked_text(self, number: int, view: Shown, indented: bool) -> Iterator[Paper | Leftover]:
        last = self.lines[-1] if self.lines else None
        if last is None or (self.fenced and self._has_abstract()):
            yield Leftover(number, view.text, "text between papers that belongs to none of them")
            return
        label = Label.PARAGRAPH if self.apart else Label.PARAGRAPH_MORE
        if last.label in (Label.TITLE, Label.TITLE_MORE):
            runs_on = self.title_open or dangles(last.text) or (indented and len(view.text) <= 120)
            label = Label.TITLE_MORE if runs_on and not self.apart else Label.PARAGRAPH
            self.title_open = self.title_open and not view.urls
        self._hold(
            Line(number, without_cut_mark(view.text), self.apart, indented, label=label, urls=view.urls)
        )
        if self.size > _WINDOW_CHARACTERS:
            yield from self.flush()

    def _plain_text(
        self, number: int, text: str, links: list[str], indented: bool
    ) -> Iterator[Paper | Leftover]:
        self._hold(Line(number, without_cut_mark(text), self.apart, indented, self.fenced, urls=links))
        if len(self.lines) >= WINDOW or self.size > _WINDOW_CHARACTERS:
            labels = labelled(self.lines)
            titles = [index for index, label in enumerate(labels) if label is Label.TITLE]
            end = titles[-_CARRIED] if len(titles) > 2 * _CARRIED else len(labels)
            yield from self._papers(self.lines[:end], labels[:end])
            self.lines = self.lines[end:]
            self.size = sum(len(line.text) for line in self.lines)

    def _hold(self, line: Line) -> None:
        self.lines.append(line)
        self.size += len(line.text)
        self.apart = self.fenced = self.beside = self.in_header = self.in_footer = self.name_follows = False

    def _papers(self, lines: Sequence[Line], labels: Sequence[Label]) -> Iterator[Paper | Leftover]:
        starts = [index for index, label in enumerate(labels) if label is Label.TITLE]
        for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
            if start == end:
                continue
            title, abstract = _texts(lines[start:end], labels[start:end])
            if not title:
                yield Leftover(lines[start].number, abstract, "an abstract without a title")
            elif not abstract and " " not in title and lines[start].label is None:
                yield Leftover(lines[start].number, title, "a word that is neither a title nor an abstract")
            else:
                yield self._paper(title, abstract, lines[start:end])

    def _paper(self, title: str, abstract: str, lines: Sequence[Line]) -> Paper:
        found = list(dict.fromkeys(url for line in lines for url in (*urls(line.text), *line.urls)))
        ids = [arxiv for arxiv in map(arxiv_id, found) if arxiv]
        paper = Paper(
            title,
            abstract,
            lines[0].number,
            self.digest_date,
            iso_date(self.digest_date) if self.digest_date else None,
            [url for url in found if not is_paper_page(url) or arxiv_id(url) == ids[0]],
            opens_digest=self.opens_digest,
        )
        self.opens_digest = False
        pages = [url for url in found if is_paper_page(url)] or [url for line in lines for url in line.urls]
        named = next((arxiv for arxiv in map(arxiv_id, pages) if arxiv), None)
        if named:
            paper.extra["arxiv"] = named
        published = next((line.published for line in lines if line.published), None)
        if published:
            paper.extra["published"] = published
        return paper


_AVATAR = Furniture(Kind.BESIDE, True)


def _texts(lines: Sequence[Line], labels: Sequence[Label]) -> tuple[str, str]:
    """Title and abstract of one paper: wrapped lines joined by a blank, paragraphs by a newline."""
    title: list[str] = []
    paragraphs: list[list[str]] = []
    for line, label in zip(lines, labels, strict=True):
        if label in (Label.TITLE, Label.TITLE_MORE):
            title.append(line.text)
        elif label is Label.PARAGRAPH or not paragraphs:
            paragraphs.append([line.text])
        else:
            paragraphs[-1].append(line.text)
    return " ".join(filter(None, title)), "\n".join(" ".join(filter(None, lines)) for lines in paragraphs)
