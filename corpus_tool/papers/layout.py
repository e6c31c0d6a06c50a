"""Papers laid out for the kernels: titles and abstracts as two buffers, and what else is known of a few or all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.lines.lines import PADDING
from corpus_tool.papers.fields import PaperFields
from corpus_tool.papers.normalise import bare_title, flat_abstract, flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Texts = tuple[NDArray[np.uint8], NDArray[np.int64]]

_BEYOND_ASCII = 0x80
_PAD = "\0" * PADDING
_NOTHING_MORE = PaperFields()


@dataclass(frozen=True, slots=True)
class PaperTexts:
    """Papers as kernels want them.

    Texts are as `flatten` makes them, up to blanks around them, capitals of ASCII, and signs that only part words: the
    words are the runs of ASCII letters and digits and of bytes beyond ASCII.

    Attributes:
        titles: UTF-8 with `PADDING` spare bytes, and int64[n + 1] offsets: titles without what `bare_title` drops.
        abstracts: The same of the abstracts.
        rest: By place, papers of which more is known than these; their title and abstract are empty.
    """

    titles: Texts
    abstracts: Texts
    rest: Mapping[int, PaperFields]

    def __len__(self) -> int:
        return len(self.titles[1]) - 1

    def take(self, places: NDArray[np.int64]) -> PaperTexts:
        """Some of the papers, in the order asked for."""
        found = ((at, self.rest.get(place)) for at, place in enumerate(places.tolist())) if self.rest else ()
        rest = {at: paper for at, paper in found if paper}
        return PaperTexts(_some(self.titles, places), _some(self.abstracts, places), rest)

    def others(self) -> list[PaperFields]:
        """For each paper what is known besides title and abstract."""
        return [self.rest.get(at, _NOTHING_MORE) for at in range(len(self))]


def lay_papers(papers: Sequence[PaperFields]) -> PaperTexts:
    """Lay out papers in whatever script, one by one."""
    titles = lay_out([bare_title(paper.title) for paper in papers])
    return PaperTexts(
        titles, lay_out([paper.abstract for paper in papers], flat_abstract), beside_texts(enumerate(papers))
    )


def beside_texts(papers: Iterable[tuple[int, PaperFields]]) -> dict[int, PaperFields]:
    """What papers say besides their title and abstract, where they do."""
    return {place: replace(paper, title="", abstract="") for place, paper in papers if paper.more}


def lay_out(texts: Sequence[str], flat: Callable[[str], str] = flatten) -> Texts:
    """Texts flattened, as one buffer of UTF-8 for the kernels, and int64[n + 1] offsets."""
    whole = "".join((*texts, _PAD))
    if whole.isascii() and not any(sign in whole for sign in "&<\\"):
        return np.frombuffer(whole.encode("ascii"), np.uint8), _offsets(map(len, texts), len(texts))
    return joined([flat(one) for one in texts])


def joined(lines: Sequence[str]) -> Texts:
    """Flattened texts as `lay_out` lays them out."""
    return _joined([line.encode("utf-8", "surrogatepass") for line in lines])


def main_texts(papers: PaperTexts) -> Texts:
    """What the sketch sees: the abstracts, or titles where there is none, as `corpus_tool.sketch.compiled` wants them.

    Its words are those of `corpus_tool.text`, which folds what lies beyond ASCII in another way.
    """
    from corpus_tool.sketch.compiled import prepare

    texts = papers.abstracts
    missing = np.flatnonzero(np.diff(texts[1]) == 0).tolist()
    if len(missing) == len(papers):
        texts = papers.titles
    else:
        texts = replaced(texts, {place: text_at(papers.titles, place) for place in missing})
    places = beyond_ascii(texts)
    found = prepare([text_at(texts, place).decode("utf-8", "surrogatepass") for place in places])
    return replaced(texts, {place: text_at(found, at) for at, place in enumerate(places)})


def beyond_ascii(texts: Texts) -> list[int]:
    """The places of the texts that are not ASCII."""
    buffer, offsets = texts
    beyond = np.flatnonzero(buffer[: offsets[-1]] >= _BEYOND_ASCII)
    counts = np.diff(np.searchsorted(beyond, offsets))
    places: list[int] = np.flatnonzero(counts).tolist()
    return places


def replaced(texts: Texts, others: Mapping[int, bytes]) -> Texts:
    """Texts of which those at some places are others."""
    buffer, offsets = texts
    if not others:
        return buffer[: offsets[-1] + PADDING], offsets
    places = np.array(sorted(others))
    sizes, starts, ends = np.diff(offsets), offsets[places].tolist(), offsets[places + 1].tolist()
    view, parts = buffer.data, list[bytes | memoryview]()
    for place, start, copied in zip(places.tolist(), starts, [0, *ends[:-1]], strict=True):
        parts += (view[copied:start], others[place])
        sizes[place] = len(others[place])
    parts.append(view[ends[-1] : offsets[-1] + PADDING])
    return np.frombuffer(b"".join(parts), np.uint8), _offsets(sizes, len(sizes))


def text_at(texts: Texts, place: int) -> bytes:
    """One text."""
    buffer, offsets = texts
    return buffer[offsets[place] : offsets[place + 1]].tobytes()


def _some(texts: Texts, places: NDArray[np.int64]) -> Texts:
    return _joined([text_at(texts, place) for place in places.tolist()])


def _joined(encoded: Sequence[bytes]) -> Texts:
    data = b"".join((*encoded, _PAD.encode()))
    return np.frombuffer(data, np.uint8), _offsets(map(len, encoded), len(encoded))


def _offsets(sizes: Iterable[int], count: int) -> NDArray[np.int64]:
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.fromiter(sizes, np.int64, count), out=offsets[1:])
    return offsets
