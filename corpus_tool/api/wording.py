"""What the command line says, in the words of who calls from Python: `threshold`, not `--threshold`.

Errors and notes are written once, for people who type options. Here the options in them become the parameters of
`corpus_tool.deduplicate` and its like, their values Python's.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus_tool.config import KEEP_POLICIES, MATCHES, VERSIONS
from corpus_tool.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = {"from": "format", "map": "mapping"}
"""Parameters that are called otherwise than their options."""
_WORDS = {
    "match": MATCHES,
    "keep": KEEP_POLICIES,
    "versions": VERSIONS,
    "on-error": ("fail", "skip"),
    "from": ("csv",),
}
"""Values that messages name after an option; after any other word the sentence goes on."""
_REFUSED = re.compile(
    r"--([a-z][a-z-]*) (?:(\S+?)(?=: )|((?:(?!: ).)*?)(?= is not | is outside | must | is more than ))",
    re.DOTALL,
)
"""An option and its value where a message begins with what is refused."""
_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z-]*)(?: (-?\d[\d.e-]*\b|[a-z][\w.-]*))?")
_NUMBER = re.compile(r"-?\d[\d.e-]*")
_ENCODING = re.compile(r"--encoding ([\w-]+)(?=\)?$)")
_HELP = "`corpus-tool parse --help-all`"


class CorpusWarning(UserWarning):
    """Something was left out, skipped, or could not be placed."""


def in_python(message: str) -> str:
    """A message with its options as parameters."""
    message = message.replace(_HELP, "help(corpus_tool.parse)")
    refused = _REFUSED.match(message)
    if refused and " --" not in (value := refused[2] or refused[3] or ""):
        return _assigned(refused[1], value) + in_python(message[refused.end() :])
    message = _ENCODING.sub(lambda found: _assigned("encoding", found[1]), message)
    return _OPTION.sub(_parameter, message)


def _parameter(found: re.Match[str]) -> str:
    option, value = found[1], found[2]
    if value is None:
        return _name(option)
    if _NUMBER.fullmatch(value) or value in _WORDS.get(option, ()):
        return _assigned(option, value)
    return f"{_name(option)} {value}"


def _name(option: str) -> str:
    return _NAMES.get(option, option.replace("-", "_"))


def _assigned(option: str, value: str) -> str:
    return f"{_name(option)}={value if _NUMBER.fullmatch(value) else repr(value)}"


@contextmanager
def pythonic() -> Iterator[None]:
    """Errors of the tool that pass through speak of parameters."""
    try:
        yield
    except CorpusError as error:
        error.message = in_python(error.message)
        error.args = (error.message,)
        raise


def warn(message: str) -> None:
    """Pass a note of a run on, at the line of the caller."""
    warnings.warn(in_python(message), CorpusWarning, stacklevel=_depth())


def _depth() -> int:
    """How many frames up the first one outside of this package is."""
    import sys

    depth, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "corpus_tool":
        depth, frame = depth + 1, frame.f_back
    return depth
