"""Turn piles of paper digests, and any text collection, into clean, deduplicated ones."""

__version__ = "0.1.0"
