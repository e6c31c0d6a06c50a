"""Papers out of lines of JSON, laid out for the kernels.

    lines ──read_papers──> PaperTexts

Most lines never become objects: their texts are taken out of the JSON by kernel, and only those that `normalise`
might change, and the few members beside them, meet the interpreter. What the kernel calls odd is decoded as ever.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import orjson

from corpus_tool.lines.lines import Names, line_parts
from corpus_tool.papers.damage import LONGEST_PLACEHOLDER, telling
from corpus_tool.papers.fields import ALIASES, BY_THEMSELVES_NOTHING, PaperFields, paper_fields
from corpus_tool.papers.layout import PaperTexts, beside_texts, lay_papers, replaced, text_at
from corpus_tool.papers.normalise import bare_title, flat_abstract, flatten
from corpus_tool.papers.notices import HEAD, LONGEST_NOTICE, NOTICE_SIGNS, RIGHTS_SIGNS, TAIL, own_words
from corpus_tool.records import bare_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corpus_tool.lines.lines import LineParts, Lines
    from corpus_tool.papers.fields import FieldMap
    from corpus_tool.papers.layout import Texts

_NOTHING = PaperFields()


class Read(NamedTuple):
    """Papers out of lines.

    Attributes:
        texts: Of all lines in order, blank and unreadable ones as empty papers.
        readable: int64, the places of the readable lines.
        bad: Place and message of those that are neither readable nor blank.
        left: int64, the places of the readable lines that may be no papers; of interest where `texts_beside` are given.
    """

    texts: PaperTexts
    readable: NDArray[np.int64]
    bad: list[tuple[int, str]]
    left: NDArray[np.int64]


def read_papers(lines: Lines, mapping: FieldMap | None = None, texts_beside: tuple[str, ...] = ()) -> Read:
    """What lines say, as `lay_papers` would lay it out.

    Args:
        lines: Of JSON, blank and unreadable ones among them.
        mapping: Canonical fields to the records' own names. With one, every line is decoded.
        texts_beside: Names of other texts, beside which a title may be no paper's.

    Raises:
        UsageError: The mapping names a field that papers do not have.
    """
    parts = None if mapping else line_parts(lines, _table(texts_beside))
    odd = range(len(lines)) if parts is None else parts.odd.tolist()
    records, bad = lines.decoded(odd)
    papers = {place: paper_fields(record, mapping) for place, record in records.items()}
    readable = np.ones(len(lines), np.bool_)
    readable[[place for place in odd if place not in papers]] = False
    if parts is None:
        texts = lay_papers([papers.get(place, _NOTHING) for place in odd])
        return Read(texts, np.flatnonzero(readable), bad, np.flatnonzero(readable))
    others, texted = _of_members(parts.rest, texts_beside)
    texts = _joined(parts, papers, others)
    left = np.diff(texts.titles[1]) == 0
    left[[*texted, *(at for at, record in records.items() if _has(tuple(record), texts_beside))]] = True
    return Read(texts, np.flatnonzero(readable), bad, np.flatnonzero(left & readable))


@lru_cache(maxsize=2)
def _table(texts_beside: tuple[str, ...]) -> NDArray[np.uint64]:
    """The names of fields, for the kernel."""
    others = ALIASES.keys() - {"title", "abstract"}
    telling, beside = others - BY_THEMSELVES_NOTHING, others & BY_THEMSELVES_NOTHING
    names = ([alias for field in fields for alias in ALIASES[field]] for fields in (telling, beside))
    known, added = names
    return Names(ALIASES["title"], ALIASES["abstract"], [*known, *texts_beside], added).table()


def _joined(parts: LineParts, odd: dict[int, PaperFields], others: dict[int, PaperFields]) -> PaperTexts:
    """What the kernel took out of lines and their other members, with the papers that were decoded in their places."""
    return PaperTexts(
        _flattened(parts.first, {place: paper.title for place, paper in odd.items()}, bare=True),
        _flattened(parts.second, {place: paper.abstract for place, paper in odd.items()}, bare=False),
        others | beside_texts(odd.items()),
    )


def _of_members(rest: Texts, texts_beside: tuple[str, ...]) -> tuple[dict[int, PaperFields], list[int]]:
    """What the members beside title and abstract say, by place; and the places that have other texts among them.

    All of them are one array of objects but for its brackets.
    """
    buffer, offsets = rest
    places = np.flatnonzero(np.diff(offsets)).tolist()
    records = orjson.loads(b"[%b]" % buffer[: max(0, offsets[-1] - 1)].tobytes())
    papers = zip(places, map(paper_fields, records), strict=True)
    texted = [
        place for place, record in zip(places, records, strict=True) if _has(tuple(record), texts_beside)
    ]
    return {place: paper for place, paper in papers if paper.more}, texted


@lru_cache(maxsize=4096)
def _has(keys: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(bare_name(key) in names for key in keys)


def _flat(text: str, *, bare: bool) -> bytes:
    return (flatten(bare_title(text)) if bare else flat_abstract(text)).encode("utf-8", "surrogatepass")


def _flattened(texts: Texts, odd: dict[int, str], *, bare: bool) -> Texts:
    """Texts of which those that need it are flattened, with those of the odd places put in."""
    from corpus_tool.papers import extract_kernels

    buffer, offsets = texts
    changing = np.empty(len(offsets) - 1, np.bool_)
    extract_kernels.texts_to_change(buffer, offsets, bare, changing)
    new = {place: _flat(text, bare=bare) for place, text in odd.items() if text}
    altered = changing.copy()
    if not bare:
        rights, both = signs(RIGHTS_SIGNS), signs(RIGHTS_SIGNS + NOTICE_SIGNS)
        extract_kernels.noticed(buffer, offsets, *rights, *both, HEAD, TAIL, LONGEST_NOTICE, changing)
    for place in np.flatnonzero(changing).tolist():
        text = text_at(texts, place).decode("ascii").strip()
        said = text if bare else own_words(text)
        if said is not text or altered[place]:
            new[place] = _flat(said, bare=bare)
    sizes = np.diff(offsets)
    for place in np.flatnonzero((sizes > 0) & (sizes <= LONGEST_PLACEHOLDER)).tolist():
        if not telling(text_at(texts, place).decode("ascii").strip()):
            new[place] = b""
    return replaced(texts, new)


@lru_cache(maxsize=2)
def signs(wanted: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.bool_]]:
    """The ASCII ones as uint8, each with a newline after it; bool[256] and bool[OPENINGS]: how they begin."""
    from corpus_tool.papers.extract_kernels import OPENINGS

    plain, firsts = [sign for sign in wanted if sign.isascii()], np.zeros(256, np.bool_)
    firsts[[ord(letter) for sign in plain for letter in (sign[0], sign[0].upper())]] = True
    openings = np.zeros(OPENINGS, np.bool_)
    for sign in plain:
        one, other, third = (ord(letter) | 0x20 for letter in sign[:3])
        openings[(one << 10 ^ other << 5 ^ third) & (OPENINGS - 1)] = True
    return np.frombuffer("".join(f"{sign}\n" for sign in plain).encode(), np.uint8), firsts, openings
