"""Where a paper was published, as databases print it in one string: "Annals of Maps. 12 (3) (pp 41-57), 2015.".

Embase, Ovid and PubMed each have a way of their own; what is in none of them is left as it is.
"""

from __future__ import annotations

import re

_LONGEST = 1000
"""No source is as long; what is longer is not looked at."""

_WAYS = (
    # Annals of Maps. Conference: ... 12 (3 SUPPL. 1) (pp 41-57), 2015. Date of Publication: 2015.
    r"""(?P<venue>\S.*?)\. (?:\ (?P<volume>[\w-]{1,20}) (?:\ ?\((?P<issue>[^()]{1,60})\))? )?
    \ \( (?: pp?\.?\ ?(?P<pages>[^()]{1,60}) | no\ pagination | var\.?\ ?pagings? ) \), \ (?P<year>\d{4})""",
    # Annals of Maps. 12(3):41-57, 2015 Mar.
    r"""(?P<venue>\S.*?)\. \ (?P<volume>[\w-]{1,20} (?:\ (?:Suppl|Pt)[\w. ]{0,12})?) (?:\((?P<issue>[^()]{1,60})\))?
    : (?P<pages>[\w.+-][\w.;+ -]{0,60}), \ (?P<year>\d{4})\b""",
    # Ann Maps. 2015 Mar;12(3):41-57. doi: 10.5555/x.
    r"""(?P<venue>\S.*?)\. \ (?P<year>\d{4})[\w /-]{0,20}; (?P<volume>[\w-]{1,20} (?:\ (?:Suppl|Pt)[\w ]{0,12})?)?
    (?:\((?P<issue>[^()]{1,60})\))? : (?P<pages>[\w+-][\w;,+ -]{0,60})""",
    # Annals of Maps (2015) 12:3 (41-57). Date of Publication: 1 Mar 2015
    r"""(?P<venue>\S.*?) \ \((?P<year>\d{4})\) (?:\ (?P<volume>[\w.-]{1,20}))?
    (?: :(?P<issue>[\w./-]{1,20}(?:\ [A-Z][\w. ]{0,20})?) )? (?:\ (?P<supplement>SUPPL[\w. ]{0,20}))?
    (?: \ \((?P<pages>[^()]{1,40})\) | (?=[.,;]|\ Article\ Number|\ Date\ of|$) )""",
)
_PATTERNS = tuple(re.compile(way, re.VERBOSE) for way in _WAYS)
_MEETING = re.compile(r"\. (?:Conference|Conference Start|Conference Publication):.*")
_PAGE = r"[A-Za-z]{0,3}\d+[A-Za-z]?"
_RANGE = re.compile(rf"{_PAGE}(?:-{_PAGE})?|[\w.-]*\d[\w.-]*|[ivxlc]+(?:-[ivxlc]+)?", re.IGNORECASE)
_HYPHENS = re.compile(r"\s*[\u2010-\u2015\u2212]\s*")


def published_in(printed: str) -> dict[str, str]:
    """Venue, year, volume, issue and pages of a paper; nothing where the text says them in no known way."""
    text = printed.strip()
    if not 8 <= len(text) <= _LONGEST:
        return {}
    found = next((match for pattern in _PATTERNS if (match := pattern.match(text))), None)
    if found is None or not (found["volume"] or found["pages"]):
        return {}
    told = {name: _HYPHENS.sub("-", part.strip()) for name, part in found.groupdict().items() if part}
    supplement = told.pop("supplement", "")
    if supplement and "issue" not in told:
        told["issue"] = supplement
    if not _RANGE.fullmatch(told.get("pages", "1").partition(";")[0].strip()):
        del told["pages"]
    told["venue"] = _MEETING.sub("", found["venue"]).rstrip(" .,")
    return told
