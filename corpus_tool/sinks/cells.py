"""Values as text: what every format without types of its own writes into its places."""

from __future__ import annotations

import json
from typing import Any


def cell(value: Any) -> str:
    """A value as the text of a cell: text itself, nothing for None, JSON for everything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encode(text: str) -> bytes:
    """Text as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
