"""Words and shingles for the peers that take theirs from Python: corpus-tool's words (ideographs
are not cut apart, which the corpora do not need), joined by spaces."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"\w+")


def shingles(text: str, n: int = 5) -> list[str]:
    """The n-word shingles of a text, repeats included; a text of fewer words is one shingle."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    words = WORD.findall(folded)
    return [" ".join(words[at : at + n]) for at in range(max(1, len(words) - n + 1))]
