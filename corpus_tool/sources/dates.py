"""Dates as digests print them, and their ISO form where the year is printed too."""

from __future__ import annotations

import datetime
import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
DATE = (
    rf"{_WEEKDAY}(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}\s+{_MONTH}(?:,?\s+(?:\d{{4}}|\d{{2}}))?|\d{{4}}-\d{{2}}-\d{{2}})"
)
"""A date in any of the printed forms, as a regular expression without groups."""

_WHOLE = re.compile(DATE, re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?=(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?!\d)|(?!\d))")
"""A year by itself, or at the beginning of a day in eight figures."""
_NAME = re.compile(_MONTH, re.IGNORECASE)


def is_date(text: str) -> bool:
    """Whether a text is a date and nothing else."""
    return len(text) <= 40 and _WHOLE.fullmatch(text) is not None


def iso_date(printed: str) -> str | None:
    """ISO form of a printed date; None where it has no year or no such day exists.

    Years of two digits are read as POSIX does: 69 to 99 lie in the 20th century, 00 to 68 in the 21st.
    """
    numeric = _NUMERIC.search(printed)
    if numeric:
        return _iso(*(int(part) for part in numeric.groups()))
    name = _NAME.search(printed)
    if name is None:
        return None
    month = MONTHS.index(name.group()[:3].lower()) + 1
    numbers = [int(digits) for digits in re.findall(r"\d+", printed)]
    if len(numbers) < 2:
        return None
    day, year = numbers[0], numbers[1]
    if year < 100:
        year += 1900 if year >= 69 else 2000
    return _iso(year, month, day)


def year_of(printed: str) -> int | None:
    """The year in a date of whatever form: "Mar2015", "20150301", "2015 Spring"."""
    found = _YEAR.search(printed)
    return int(found.group()) if found else None


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def date_in_name(name: str) -> str | None:
    """The ISO date that a file's name holds, as the names of daily files do ("2025-01-24.md", "papers_20250124.md")."""
    found = _IN_NAME.search(name.replace("\\", "/").rpartition("/")[2])
    return _iso(*(int(found.group(part)) for part in (1, 3, 4))) if found else None
