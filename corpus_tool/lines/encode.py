"""One value to one line of JSON."""

from __future__ import annotations

from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """The line without a newline; what orjson refuses (lone surrogates, huge integers) the standard library writes.

    Raises:
        TypeError: The value is nothing that JSON can say.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        import json

        return json.dumps(value, separators=(",", ":")).encode()
