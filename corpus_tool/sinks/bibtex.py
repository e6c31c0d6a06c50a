r"""BibTeX: an entry a record, in UTF-8, its text escaped so that LaTeX prints what stands there.

Formulas between dollars stay formulas; every other sign that TeX would take for its own is written as a command.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, BinaryIO

from corpus_tool.sinks.cells import encode
from corpus_tool.sinks.known import Known, Reporter

if TYPE_CHECKING:
    from corpus_tool.sinks import ExportOptions, Rows

HOLDS = frozenset(
    "title abstract authors editors year venue volume issue pages doi pmid pmcid arxiv url links keywords publisher "
    "language issn type key published id".split()
)
_TYPES = frozenset(
    "article book booklet inbook incollection inproceedings manual mastersthesis misc phdthesis proceedings techreport "
    "unpublished online thesis report dataset software".split()
)
_FORMULA = re.compile(r"\$(?:[^$\\]|\\.)+\$", re.DOTALL)
_NO_FORMULA = re.compile(r"(?<!\\)[%#&]")
_SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SIGN = re.compile(r"[\\{}%&#_$~^]|(?<=-)-|(?<=`)`|(?<=')'")
_VERBATIM = re.compile(r"[{}\s\\%]")
_WORD = re.compile(r"[^\W_]+")
_KEY = re.compile(r"[A-Za-z0-9][\w.:/+-]{0,99}", re.ASCII)
_SMALL = frozenset("a an the on of in for to and".split())
_NAMED = {
    "volume": "volume",
    "issue": "number",
    "publisher": "publisher",
    "language": "language",
    "issn": "issn",
}
_PLAIN = {"doi": "doi", "pmid": "pmid", "pmcid": "pmcid"}


def write(rows: Rows, writer: BinaryIO, options: ExportOptions) -> int:
    """Write one entry a record; see `corpus_tool.sinks`. Memory: 8 bytes and more for the key of each."""
    reporter = Reporter("BibTeX", HOLDS)
    taken: set[str] = set()
    count = 0
    for _, record in rows:
        known = reporter.known(record)
        key = _unique(_key(known), taken)
        writer.write(encode(("\n" if count else "") + _entry(known, key)))
        count += 1
    reporter.report(options.say)
    return count


def _entry(known: Known, key: str) -> str:
    texts = known.texts
    venue = texts.get("venue", "")
    kind = texts.get("type", "").lower()
    if kind not in _TYPES:
        kind = "article" if venue else "misc"
    fields = {"title": escaped(known.title), "author": _names(known.authors), "editor": _names(known.editors)}
    fields["year"] = str(known.year) if known.year else ""
    fields["journal" if kind in {"article", "misc"} else "booktitle"] = escaped(venue)
    fields |= {name: escaped(texts.get(field, "")) for field, name in _NAMED.items()}
    fields["pages"] = escaped(re.sub("-+", "-", texts.get("pages", ""))).replace("-", "--")
    fields |= {name: _VERBATIM.sub("", texts.get(field, "")) for field, name in _PLAIN.items()}
    if arxiv := texts.get("arxiv"):
        fields |= {"eprint": _VERBATIM.sub("", arxiv), "archiveprefix": "arXiv"}
    fields["url"] = _address(known)
    fields["keywords"] = escaped("; ".join(known.keywords) + (";" if len(known.keywords) == 1 else ""))
    fields["abstract"] = "\n\n".join(map(escaped, known.abstract.split("\n")))
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"]) + "\n"


def escaped(text: str) -> str:
    """Text as LaTeX that prints it; formulas stay as they are."""
    parts: list[str] = []
    at = 0
    for formula in _FORMULA.finditer(text):
        if _balanced(formula[0]) and not _NO_FORMULA.search(formula[0]):
            parts += [_SIGN.sub(_command, text[at : formula.start()]), formula[0]]
            at = formula.end()
    return "".join([*parts, _SIGN.sub(_command, text[at:])])


def _balanced(text: str) -> bool:
    """Whether no brace closes before it was opened, and all are closed."""
    depth = 0
    for sign in re.findall(r"[{}]", text):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _command(sign: re.Match[str]) -> str:
    return _SIGNS.get(sign[0]) or "{}" + sign[0]  # two dashes or quotes would become one


def _names(names: list[str]) -> str:
    return " and ".join(f"{{{escaped(name)}}}" if _needs_braces(name) else escaped(name) for name in names)


def _needs_braces(name: str) -> bool:
    return re.search(r"\band\b", name, re.IGNORECASE) is not None or name.lower() == "others"


def _address(known: Known) -> str:
    addresses = (known.texts.get("url", ""), *known.links)
    return next((link for link in addresses if link and not _VERBATIM.search(link)), "")


def _key(known: Known) -> str:
    """The entry's own key where it has one, else author, year and first word, as Smith2020Snail."""
    own = known.texts.get("key") or ""
    if _KEY.fullmatch(own):
        return own
    author = known.authors[0] if known.authors else ""
    last = author.split(",")[0] if "," in author else (author.split() or [""])[-1]
    word = next((word for word in _WORD.findall(known.title) if word.lower() not in _SMALL), "")
    key = "".join(_ascii(part) for part in (last, str(known.year or ""), word.capitalize()))
    return key or "paper"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", plain)[:40]


def _unique(key: str, taken: set[str]) -> str:
    number, found = 2, key
    while found.lower() in taken:
        found = f"{key}-{number}"
        number += 1
    taken.add(found.lower())
    return found
