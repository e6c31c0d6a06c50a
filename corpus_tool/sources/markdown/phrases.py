"""What a short text of a page is, by itself: a date, a list of names, a caption of a link, navigation."""

from __future__ import annotations

import datetime
import re

from ..dates import DATE, MONTHS, iso_date
from ..field_labels import field_name

_NUMERIC = r"(?:19|20)\d{2}(?:\s?年\s?|[-./])\d{1,2}(?:\s?月\s?|[-./])\d{1,2}(?:\s?日)?"
_DATE = re.compile(rf"(?<![\d.])(?:{_NUMERIC})(?!\d)|\b(?:{DATE})\b", re.IGNORECASE)
_HEADLINE = 40
_COMPACT = re.compile(r"(?<![\d.])((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\d.])")
_PARTS = re.compile(r"\d+")
_AROUND_DATE = re.compile(r"[\s\W\d]*")
_CLOCK = re.compile(r"T?\d\d?:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?(?:Z|UTC|GMT|CST|[+-]\d\d:?\d\d))?")
_CATEGORY = re.compile(
    r"(?:cs|math|stat|eess|econ|q-bio|q-fin|physics|cond-mat|astro-ph|nlin)(?:\.[A-Z]{2}|"
    r"\.[a-z]{2,3}-[a-z]{2,4}|"
    r"\.[a-z]{2,}(?:-[a-z]+)?)|astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|"
    r"quant-ph|nlin",
)
_CAPTION = re.compile(
    r"(?:read\s+(?:more|paper|the paper|full paper)(?:\s+on)?|paper|papers?|arxiv|pdf|html|abs|code|"
    r"github|link|url|here|huggingface|"
    r"hugging ?face|hf|project(?:\s+page)?|page|homepage|website|demo|video|slides|poster|"
    r"supp(?:lementary)?|data(?:set)?|bibtex|bib|"
    r"blog|doi|openreview|model|models|kimi|alphaxiv|papers\.cool|cool|web|tex|source|original|full text|"
    r"translate|chat|twitter|"
    r"view|download|read|abstract|arxiv page|paper link|阅读论文|原文|论文|代码|链接|论文链接|pdf 下载|"
    r"arxiv 原文|下载|项目主页|详情|查看详情|"
    r"阅读原文|查看原文|点击查看|semantic scholar|google scholar|papers with code|pwc|official|unofficial|"
    r"pytorch|tensorflow|media|"
    r"other|ppt|publisher|site|report|survey|benchmark|repo|repository|related code|back|top|back to top|"
    r"🔗|📄|💻|⭐)s?",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"(?:read|view|see|open|visit|check|go to|link to|download|full|original|more)\b.{0,40}\b(?:paper|"
    r"arxiv|pdf|here|details?|page|"
    r"hugging ?face|code|github|abstract|text|article|more|site)|.{0,30}(?:查看|点击|阅读|访问|前往|跳转|"
    r"详情|主页|链接|原文|全文|下载).{0,12}",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(
    r"(?:arxiv:?\s*)?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE
)
PRINTED_ID = re.compile(r"arxiv[:\s]\s?(\d{4}\.\d{4,5})(?!\d)", re.IGNORECASE)
_PARTICLES = frozenset(
    "van von der den de del della di da dos das du la le el al bin ibn ben ter ten zu zur af av y e et und and".split()
)
_NAME_WORD = re.compile(r"[^\W\d_][\w'’.\-·*†‡§¹²³]*\.?[*†‡§]*")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ET_AL = re.compile(
    r"[,，]?\s*(?:\bet\.?\s*al\.?|and others|\.\.\.|…|等\s*(?:\d+\s*)?(?:位|名|人)?(?:作者)?)\s*$",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"[(（][^()（）]*[)）]")
_NAME_MARK = re.compile(r"\s*[,，;；、]\s*|\s+(?:and|&)\s+")
_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W\d_\u3040-\u30ff\u4e00-\u9fff]{2,}")
_NAVIGATION = re.compile(
    r"(?:table of )?contents?|toc|目录|导航|(?:back|return)(?: to)?(?: top| home| index)?|back to top|"
    r"(?:prev(?:ious)?|next)(?: page| day)?|"
    r"上一[页篇天]|下一[页篇天]|返回.{0,12}|回到顶部|top|home|index|首页|abstracts?|details?|more|"
    r"show(?: more)?|click to expand|expand|"
    r"展开.{0,8}|点击.{0,10}|查看.{0,14}",
    re.IGNORECASE,
)

_LONGEST_IMPRINT = 120
_IMPRINT = re.compile(
    r"^[\W_]*(?:(?:this (?:page|digest|report|file) (?:is|was) )?(?:auto(?:matically)?[- ])?(?:generated|"
    r"powered|created|maintained|curated) "
    r"(?:by|with|using|automatically|at|on)|made with)\b|"
    r"^[\W_]*(?:[本此该](?:日报|周报|页面?|报告|内容|摘要|文[件档]|项目|推送|简报|总结).{0,30}|由.{1,40})?(?:自动)?生成[\W_]*$|"
    r"^[\W_]*(?:本日报由|数据来源[:：])",
    re.IGNORECASE,
)


def dates_in(text: str) -> list[str]:
    """The dates a short text prints, as they stand."""
    if len(text) <= _HEADLINE and (compact := _COMPACT.search(text)):
        return [compact.group()]
    return _DATE.findall(text) if len(text) <= 400 else []


def is_only_date(text: str) -> bool:
    """Whether a text is a date, with marks, a time or nothing around it."""
    found = _DATE.search(text) if len(text) <= 60 else None
    if found is None:
        return _COMPACT.fullmatch(text.strip()) is not None
    rest = text[: found.start()] + " " + text[found.end() :]
    return _AROUND_DATE.fullmatch(_CLOCK.sub("", rest)) is not None


def iso_of(printed: str) -> str | None:
    """ISO form of a date as pages print it, where its year stands there."""
    compact = _COMPACT.fullmatch(printed.strip())
    found = compact or re.search(_NUMERIC, printed)
    if found is not None:
        parts = compact.groups() if compact else _PARTS.findall(found.group())
        year, month, day = (int(part) for part in parts[:3])
        try:
            return datetime.date(year, month, day).isoformat()
        except ValueError:
            return None
    if any(month in printed.lower() for month in MONTHS):
        return iso_date(printed)
    return None


def categories_in(text: str) -> list[str] | None:
    """The arXiv categories that a text consists of; None where it holds anything else."""
    parts = [part for part in re.split(r"[\s,;|/·、，；\[\]()]+", text) if part] if len(text) <= 300 else []
    return parts if parts and all(_CATEGORY.fullmatch(part) for part in parts) else None


def is_identifier(text: str) -> bool:
    """Whether a text is an arXiv id, with or without `arXiv:`."""
    return len(text) <= 40 and _IDENTIFIER.fullmatch(text.strip("[]() ")) is not None


def is_caption(text: str) -> bool:
    """Whether the text of a link says where it leads rather than what the paper is called."""
    bare = text.strip().strip("[]()【】:：→>»《》").strip()
    return (
        not bare
        or bare.isdigit()
        or (len(bare) <= 40 and (_CAPTION.fullmatch(bare) or _LEADS_ON.fullmatch(bare)) is not None)
        or is_identifier(bare)
        or bare.startswith(("http://", "https://", "www."))
        or (len(bare) <= 30 and field_name(bare) is not None)
    )


def is_navigation(text: str) -> bool:
    """Whether a text only leads about the page."""
    bare = text.strip().strip("[]()（）<>«»←→↑⬆️🔝|·• ").strip()
    return not bare or (len(bare) <= 24 and _NAVIGATION.fullmatch(bare) is not None)


def is_han(text: str) -> bool:
    """Whether a text is Chinese for the most part."""
    return 3 * len(_HAN.findall(text)) > len(text)


def is_imprint(text: str) -> bool:
    """Whether a text says who made the page."""
    return len(text) <= _LONGEST_IMPRINT and _IMPRINT.search(text) is not None


def without_et_al(text: str) -> str:
    """A list of authors without the words that say it goes on."""
    return _ET_AL.sub("", text[-80:]) if len(text) <= 80 else text[:-80] + _ET_AL.sub("", text[-80:])


def are_names(text: str) -> bool:
    """Whether a text is a list of people and nothing else."""
    if len(text) > 6000 or not text:
        return False
    bare = without_et_al(_PARENTHESES.sub("", " ".join(text.split())))
    parts = [part for part in _NAME_MARK.split(bare.strip(" .,;")) if part]
    if not parts or any(mark in bare for mark in ":：。?!？！=$\\/|"):
        return False
    if len(parts) == 1 and _HAN.search(bare):
        return False
    good = sum(_is_name(part) for part in parts)
    return good >= (1 if len(parts) == 1 else max(2, 0.8 * len(parts)))


def _is_name(part: str) -> bool:
    words = part.split()
    if _HAN.search(part):
        return len(part) <= 6 or (len(words) <= 4 and len(part) <= 24)
    if not 1 <= len(words) <= 6 or not all(_NAME_WORD.fullmatch(word) for word in words):
        return False
    capitalised = [word for word in words if word[0].isupper()]
    return len(capitalised) >= 1 and all(word in capitalised or word.lower() in _PARTICLES for word in words)


def words_of(text: str) -> int:
    """How many words (ideographs count each) a text has."""
    return len(_WORD.findall(text))
