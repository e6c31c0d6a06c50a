"""Where the values of the scorecard turn: limits of `corpus_tool.papers.reference` and of its compiled twin."""

from __future__ import annotations

ENOUGH_SHARED = 0.2
"""Jaccard index of the abstracts at which the term `abstract` is full."""

NO_COMMON_NAME = 0.01
GENERIC_TITLE_WORDS = 3
SHORT_TITLE_WORDS = 5
"""Titles of so many words say little where the places of two papers differ."""

SAME_AUTHORS = 0.5
SEVERAL_NAMES = 3
ENOUGH_NAMES = 10
"""Names in common from which the term `names_shared` is full."""

ALIKE_TITLES = 0.7
"""Overlap of titles from which a number more in one of them is more than a revision."""

LEAST_FIGURES = 4
ENOUGH_FIGURES = 0.25
"""Share of numbers lacking at which the term `figures_differ` is full: a revision may change them all."""

UNTITLED_SHINGLES = 40
"""Abstracts without a title, and those of comments by nobody knows whom, stand for themselves from this many 2-word
shingles: several people discuss one paper under one title, with no more of an abstract than that they do."""
FEW_SHINGLES = 28
OTHER_TITLE = 0.6
"""Two abstracts of fewer shingles say nothing under titles whose Jaccard index is lower: notices, placeholders and
forms of which no list knows."""

WORD_FOR_WORD = 18
"""2-word shingles of an abstract that, equal word for word with its title, outweighs other names."""

SAME_TITLE = 0.9
"""Overlap of titles that are the same but for how they are printed."""

ALIKE_WORDS = 0.8
"""Jaccard index of the words of two short texts in which a contrast counts."""

LIMIT_NAMES = (
    *(
        "ENOUGH_SHARED",
        "NO_COMMON_NAME",
        "SAME_AUTHORS",
        "SEVERAL_NAMES",
        "GENERIC_TITLE_WORDS",
        "LEAST_FIGURES",
    ),
    *("ENOUGH_FIGURES", "UNTITLED_SHINGLES", "ENOUGH_NAMES", "ALIKE_TITLES", "WORD_FOR_WORD", "SAME_TITLE"),
    *("ALIKE_WORDS", "SHORT_TITLE_WORDS", "FEW_SHINGLES", "OTHER_TITLE"),
)
LIMITS = tuple(float(globals()[name]) for name in LIMIT_NAMES)
"""The limits, in the order in which the kernel takes them."""
