"""Papers on a page of no known form: titles that link to a paper, or stand above such a link, and what is around them.

Each paper has the largest element that holds links to no other paper, and, where that is the title alone, what follows
up to the next one. Papers that running text mentions are none: a title begins its block and is nearly all of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus_tool.records import Paper

from .dates import DATE, iso_date
from .described import described, is_labelled
from .field_labels import field_name, own_name
from .html_tree import BLOCKS, address, classes, elements, line_of, shown, text_lines
from .links import arxiv_id, split, urls
from .names import author_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .html_tree import Element

_PAPER = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|alphaxiv\.org/(?:abs|overview)/|(?:huggingface\.co|hf\.co)/papers/|doi\.org/10\.\d|"
    r"openreview\.net/(?:forum|pdf)\?id=|aclanthology\.org/[\w.-]+\d|pubmed\.ncbi\.nlm\.nih\.gov/\d|ncbi\.nlm\.nih\.gov/pubmed/\d|"
    r"(?:bio|med|chem|psy)rxiv\.org/(?:content|cgi|engage)/|semanticscholar\.org/(?:paper|arxiv)/|paperswithcode\.com/paper/|"
    r"proceedings\.mlr\.press/v\d+/|openaccess\.thecvf\.com/content|papers\.n(?:eur)?ips\.cc/paper|ieeexplore\.ieee\.org/|"
    r"dl\.acm\.org/doi/|link\.springer\.com/(?:article|chapter)/|nature\.com/articles/|sciencedirect\.com/science/article/|"
    r"onlinelibrary\.wiley\.com/doi/|science\.org/doi/|pnas\.org/doi/|cell\.com/\S+/fulltext|iopscience\.iop\.org/article/|"
    r"journals\.aps\.org/\w+/abstract/|academic\.oup\.com/\S+/article|mdpi\.com/\d|plos\w*\.org/\S+article|"
    r"jmlr\.org/papers/|ssrn\.com/)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:\W*+(?>pdf|abs(?:tract)?|html|arxiv(?: page)?|papers?|links?|code|github|project(?: page)?|"
    r"read(?: more)?|view|doi|full text|more|here|source|bib(?:tex)?|论文|链接|原文)(?![^\W\d_]))++\W*+|"
    r"\W*+https?://\S++\W*+|\W*+(?:arxiv:?\s?)?\d{4}\.\d{4,5}(?:v\d+)?\W*+|\W*+10\.\d{4,9}/\S++",
    re.IGNORECASE,
)
"""What a link is called that is no title."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WORD = re.compile(r"[^\W\d_]{2,}")
_WIDE = re.compile(r"[぀-ヿ㐀-鿿가-힣]")
_NUMBERED = re.compile(r"\W{0,4}\d{1,4}[.):\]]\s+|[^\w(\"'“‘$\[\\]{1,4}\s*")
_AUTHOR_CLASS = re.compile(r"author|byline|people", re.IGNORECASE)
_AUTHOR_MARK = re.compile(r"[👤👥✍🧑👨👩️‍🔬\s]{1,8}(?=\w)|(?:by|authors?)\s*[:：]?\s+(?=[A-Z])", re.IGNORECASE)
_NAMES = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,4}")
_LABEL_CLASS = re.compile(r"(?:^|[-_\s])(?:label|lbl|field-?name|key)(?:$|[-_\s])", re.IGNORECASE)
_LONGEST_LABEL = 40
_BETWEEN = re.compile(r"\s+[·•|]\s+")
_ET_AL = re.compile(r"\bet\.? ?al\.?$", re.IGNORECASE)
_DATE = re.compile(DATE, re.IGNORECASE)
_LEAST_SHARE = 0.3
_BESIDE = 12


def papers_of_blocks(root: Element, base: str) -> list[Paper]:
    """The papers of a page, none where titles and what belongs to them are not a good part of it."""
    links = [
        (element, link)
        for element in elements(root, "//a[@href]")
        if _PAPER.search(link := address(element, base))
    ]
    if not links:
        return []
    held = _keys_held(links)
    found: dict[str, _Found] = {}
    for element, link in links:
        key = _key(link)
        if key not in found and (made := _found(element, key, held)) is not None:
            found[key] = made
    titles = {each.title for each in found.values()}
    papers = [_paper(each, titles, key, held, base) for key, each in found.items()]
    day = _day(root)
    for paper in papers:
        paper.digest_date, paper.date = day, iso_date(day) if day else None
    size = sum(
        len(paper.title) + len(paper.abstract) + sum(map(len, paper.extra.get("authors", [])))
        for paper in papers
    )
    return papers if size >= _LEAST_SHARE * len(shown(root)) else []


def _day(root: Element) -> str | None:
    """The date in the page's own title or first heading."""
    for element in elements(root, "//title | (//h1)[1]"):
        if match := _DATE.search(" ".join((element.text or shown(element)).split())):
            return match.group()
    return None


class _Found:
    """A title, and the largest element that is about its paper alone."""

    def __init__(self, title: Element, container: Element) -> None:
        self.title = title
        self.container = container


def _key(link: str) -> str:
    """What two links to one paper share."""
    return arxiv_id(link) or link.partition("#")[0].rstrip("/").removesuffix(".pdf")


def _keys_held(links: Iterable[tuple[Element, str]]) -> dict[Element, set[str]]:
    """For every element the papers that it links to; no more than two are counted."""
    held: dict[Element, set[str]] = {}
    for element, link in links:
        key = _key(link)
        for node in (element, *element.iterancestors()):
            known = held.setdefault(node, set())
            if key in known or len(known) > 1:
                if len(known) > 1:
                    break
                continue
            known.add(key)
    return held


def _found(link: Element, key: str, held: dict[Element, set[str]]) -> _Found | None:
    """The title that a link is, or that stands above it."""
    container = link
    for node in link.iterancestors():
        if node.tag in ("body", "html") or held.get(node) != {key}:
            break
        container = node
    text = shown(link)
    if _is_title(text):
        block = next((node for node in (link, *link.iterancestors()) if node.tag in BLOCKS), link)
        before, beside = _around(block, link, text)
        return _Found(link, container) if before <= _BESIDE and beside <= max(60, len(text)) else None
    for node in container.iter():
        named = node.tag in _HEADINGS or "title" in " ".join(classes(node)).lower()
        if named and isinstance(node.tag, str) and _is_title(shown(node)):
            return _Found(node, container)
    for node in container.iter("strong", "b"):
        if _is_title(shown(node)):
            return _Found(node, container)
    for node in container.itersiblings(preceding=True):
        if held.get(node):
            return None
        if node.tag in _HEADINGS:
            return _Found(node, node) if _is_title(shown(node)) else None
    return None


def _around(block: Element, link: Element, text: str) -> tuple[int, int]:
    """Characters of a block before a link and in all beside it."""
    whole = shown(block)
    at = whole.find(text)
    return (max(at, 0)), len(whole) - len(text)


def _is_title(text: str) -> bool:
    if len(text) > 450 or _CAPTION.fullmatch(text):
        return False
    return (
        len(_WORD.findall(text)) >= 3
        or (len(text) >= 12 and len(_WORD.findall(text)) >= 2)
        or len(_WIDE.findall(text)) >= 6
    )


def _paper(each: _Found, titles: set[Element], key: str, held: dict[Element, set[str]], base: str) -> Paper:
    title = shown(each.title)
    title = (
        title[match.end() :]
        if (match := _NUMBERED.match(title)) and _is_title(title[match.end() :])
        else title
    )
    paper = Paper(title, "", line_of(each.title))
    about = list(_about(each, titles, held, key))
    links = [
        address(link, base) for element in about for link in elements(element, "descendant-or-self::a[@href]")
    ]
    labelled = {name: text for element in about for name, text in _labelled(element, each.title).items()}
    lines: list[tuple[str, bool]] = []
    for element in about:
        lines += _lines(element, each.title)
    abstract, told = _sorted(lines, title)
    paper.abstract = labelled.pop("abstract", "") or abstract
    if paper.abstract != abstract and abstract:
        told.setdefault("summary", abstract)
    told.update(_values(labelled))
    links = [
        link.partition("#")[0] if _PAPER.search(link) else link for link in links if _leads_out(link, base)
    ]
    paper.links = list(dict.fromkeys([*links, *urls(abstract)]))
    arxiv = next((found for link in paper.links if (found := arxiv_id(link))), None)
    paper.extra.update({"arxiv": arxiv} if arxiv else {})
    paper.extra.update((name, value) for name, value in told.items() if value)
    return paper


def _leads_out(link: str, base: str) -> bool:
    """Whether a link leads to a paper, or away from the page's own site."""
    if _PAPER.search(link):
        return True
    there, here = split(link), split(base)
    return link != "" and there is not None and here is not None and there.netloc != here.netloc


def _about(each: _Found, titles: set[Element], held: dict[Element, set[str]], key: str) -> Iterator[Element]:
    yield each.container
    yield from _following(each, titles, held, key)


def _following(
    each: _Found, titles: set[Element], held: dict[Element, set[str]], key: str
) -> Iterator[Element]:
    """What stands behind a container up to the next title, heading or paper; nothing where it has text enough."""
    if len(shown(each.container)) - len(shown(each.title)) > 150:
        return
    heading = each.container.tag in _HEADINGS
    for node in each.container.itersiblings():
        if not isinstance(node.tag, str):
            continue
        others = held.get(node, set()) - {key}
        if node.tag in (*_HEADINGS, "hr", "footer", "nav") or others or node in titles:
            return
        if (
            node.tag == each.container.tag
            and not heading
            and node.tag in ("li", "tr", "div", "article", "section", "dt")
        ):
            return
        yield node


def _lines(element: Element, title: Element) -> list[tuple[str, bool]]:
    """The lines of an element but for the title, each with whether its class says that it holds authors."""
    if element.tag == "tr" and (cells := _cells(element, title)):
        return cells
    marked: list[str] = []
    for node in element.iter():
        if isinstance(node.tag, str) and _AUTHOR_CLASS.search(node.get("class") or ""):
            marked += text_lines(node)
    dropped = shown(title)
    texts = []
    for line in text_lines(element):
        if (
            dropped in line
        ):  # what stands beside the title in its block is a mark or a badge, unless it is a text
            line = line.replace(dropped, " ", 1).strip()
            texts += [line] if _is_prose(line) else []
        else:
            texts.append(line)
    return [(piece, text in marked) for text in texts for piece in _pieces(text)]


def _labelled(element: Element, title: Element) -> dict[str, str]:
    """The values of elements that stand behind the label of a field, which are taken off the page.

    A label is an element that its class or its tag (`dt`) says to be one; nothing but its look parts it from the value.
    """
    found: dict[str, str] = {}
    for node in list(element.iter("span", "strong", "b", "label", "dt", "em", "div", "p", "h4", "h5", "h6")):
        value = node.getnext()
        if value is None or not (node.tag == "dt" or _LABEL_CLASS.search(node.get("class") or "")):
            continue
        label, text = shown(node).strip(" :："), shown(value)
        if not 0 < len(label) <= _LONGEST_LABEL or not text or title in (*node.iter(), *value.iter()):
            continue
        found.setdefault(field_name(label) or own_name(label), text)
        for each in (node, value):
            each.text = None
            each[:] = []
    return found


def _values(labelled: dict[str, str]) -> dict[str, object]:
    """Labelled texts as values of a record: names parted, dates in ISO form."""
    values: dict[str, object] = {
        name: text for name, text in labelled.items() if name not in ("link", "pdf", "arxiv", "title")
    }
    if "authors" in labelled:
        values["authors"] = author_names(labelled["authors"])
    if "published" in labelled:
        values["published"] = iso_date(labelled["published"]) or labelled["published"]
    return values


def _pieces(line: str) -> list[str]:
    """The parts of a line of facts (`Names · date · category`), each by itself; the line where it is none."""
    parts = [part.strip() for part in _BETWEEN.split(line) if part.strip()]
    if len(line) > 400 or len(parts) < 2:
        return [line]
    facts = [bool(_DATE.fullmatch(part) or _looks_like_names(part) or len(part) <= 24) for part in parts]
    return parts if all(facts) and any(_DATE.fullmatch(part) for part in parts) else [line]


def _cells(row: Element, title: Element) -> list[tuple[str, bool]]:
    """The cells of a row but for the title's, each with the head of its column as a label; none without such heads."""
    table = next(row.iterancestors("table"), None)
    heads = [shown(head) for head in elements(table, "(.//tr[th])[1]/th")] if table is not None else []
    cells = list(elements(row, "td"))
    if len(heads) != len(cells) or not any(heads):
        return []
    beside = [
        (head, cell)
        for head, cell in zip(heads, cells, strict=True)
        if title not in (cell, *cell.iterdescendants())
    ]
    return [(f"{head}: {text}", False) for head, cell in beside if (text := shown(cell)) and text != "null"]


def _sorted(lines: list[tuple[str, bool]], title: str) -> tuple[str, dict[str, object]]:
    """The abstract and the fields among the lines around a title."""
    rest: list[str] = []
    extra: dict[str, object] = {}
    for at, (line, marked) in enumerate(lines):
        mark = _AUTHOR_MARK.match(line)
        text = line[mark.end() :] if mark else line
        if "authors" not in extra and (marked or mark or (at < 3 and _looks_like_names(line))):
            extra["authors"] = author_names(text)
        elif _CAPTION.fullmatch(line) or text == title:
            continue
        elif len(line) <= 40 and (match := _DATE.search(line)):
            extra.setdefault("published", iso_date(match.group()))
        elif _is_prose(line) or is_labelled(line) or line.endswith((".", "!", "?", "。")):
            rest.append(line)
    abstract, told = described(rest)
    if "authors" in told:
        extra.setdefault("authors", author_names(told.pop("authors")))
    told.pop("links", None)
    for name, value in told.items():
        extra.setdefault(name, value)
    return abstract, extra


def _looks_like_names(line: str) -> bool:
    """Whether a line is a list of names: two words or a few each, no sentence."""
    if len(line) > 400 or (line.endswith((".", "?", "!")) and not line.endswith("al.")):
        return False
    parts = [part.strip() for part in re.split(r",|;|\band\b|&|·", _ET_AL.sub("", line)) if part.strip()]
    return len(parts) >= 2 and sum(
        _NAMES.fullmatch(part) is not None and part[:1].isupper() for part in parts
    ) >= 0.8 * len(parts)


def _is_prose(text: str) -> bool:
    return len(text) >= 60 or len(_WIDE.findall(text)) >= 20
