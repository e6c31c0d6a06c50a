"""The labels under which people print the fields of a paper, in English and Chinese, and the field each names."""

from __future__ import annotations

import re
import unicodedata

_NAMES = {
    "title": (
        "標題|題目|論文標題|タイトル|論文タイトル|제목|title|paper title|article title|标题|题目|"
        "论文标题|论文题目|英文标题|原标题|原文标题|title en"
    ),
    "title_zh": (
        "中文標題|title ja|日本語タイトル|中文标题|标题翻译|中文题目|标题中文|翻译标题|translated title|"
        "chinese title|中文译名|title zh"
    ),
    "authors": (
        "論文作者|著者|저자|author|authors|作者|论文作者|全部作者|作者列表|by|author list|all authors|"
        "written by|autores|auteurs"
    ),
    "abstract": (
        "要旨|アブストラクト|초록|abstract|摘要|论文摘要|英文摘要|原文摘要|摘要原文|原始英文摘要|"
        "原始摘要|原摘要|文章摘要|original abstract|english abstract|paper abstract|full abstract|"
        "abstract en|arxiv abstract|abstract original|resumen|résumé"
    ),
    "abstract_zh": (
        "日本語要約|abstract ja|中文摘要|摘要翻译|翻译摘要|摘要中文|摘要译文|中文翻译|chinese abstract|"
        "translated abstract|abstract zh|摘要中文翻译|abstract translation|译文"
    ),
    "summary": (
        "overview|要約|總結|摘要總結|요약|导读|中文导读|導讀|中文導讀|summary|总结|概要|简介|论文总结|"
        "内容总结|概述|文章总结|本文总结|论文概要|主要内容|内容简介|description|描述"
    ),
    "ai_summary": (
        "ai summary|ai总结|ai 总结|ai摘要|ai 摘要|ai generated summary|ai概要|ai解读|ai 解读|gpt summary|"
        "llm summary|gpt总结|智能总结|ai点评|ai abstract"
    ),
    "tldr": (
        "tldr|tl dr|太长不看|一句话总结|一句话要点|一句话概括|一句话摘要|一句话|one sentence summary|"
        "one line summary|要点速览"
    ),
    "comments": "comment|comments|备注|评论|注释|arxiv comments|arxiv comment|note from authors|作者备注",
    "categories": (
        "分類|領域|カテゴリ|カテゴリー|주제|主分類|arxiv primary category|cs 子类|子类|category|"
        "categories|subject|subjects|main category|primary category|分类|类别|领域|arxiv所属领域|"
        "所属领域|学科|学科分类|subject areas|arxiv category|arxiv categories|arxiv分类|主分类|cats|"
        "primary subject|研究领域|论文分类|学科领域|subject class"
    ),
    "keywords": (
        "關鍵詞|關鍵字|キーワード|키워드|命中关键词|keyword|keywords|key words|key word|关键词|"
        "核心关键词|关键字|关键词汇|index terms"
    ),
    "tags": "tag|tags|标签",
    "code": (
        "程式碼|コード|代碼|code|codes|代码|github|code link|code url|代码链接|代码地址|项目代码|"
        "开源代码|repo|repository|source code|github repo|github链接|code repository"
    ),
    "project": "project|project page|项目主页|项目页面|项目地址|homepage|website|主页|demo page|项目",
    "pdf": "pdf|pdf link|pdf链接|pdf url|pdf地址|paper pdf|下载|pdf下载",
    "link": (
        "論文連結|連結|原文連結|論文鏈接|原始來源|論文リンク|リンク|링크|原始来源|abstract url|"
        "arxiv html|link|links|url|urls|paper|papers|论文|链接|论文链接|论文地址|paper link|paper url|"
        "arxiv link|arxiv url|原文链接|原文|地址|arxiv链接|arxiv地址|paper page|read|read more|来源链接|"
        "abs|abs link|abstract link|html|html link|full text|source link|web|网址|arxiv page|hf link|"
        "huggingface|hugging face|alphaxiv|arxiv原文|view paper|访问链接|阅读原文"
    ),
    "arxiv": "arxiv|arxiv id|arxiv编号|arxiv号|paper id|论文id|arxivid|论文编号|arxiv identifier|编号|id",
    "doi": "doi|doi link",
    "published": (
        "發表日期|發布日期|發佈日期|公開日|投稿日|初回投稿日|게시일|arxiv submitted|date|published|"
        "publish date|publication date|pub date|pubdate|submitted|submit date|submission date|发布日期|"
        "日期|发表日期|发布时间|发表时间|提交日期|提交时间|时间|published on|submitted on|date published|"
        "published date|release date|首次提交|published at|first submitted|发布于|发布|发表|"
        "submitted date|posted|announced"
    ),
    "updated": (
        "最終更新日|更新日|arxiv updated|updated|update date|更新日期|更新时间|last updated|updated on|"
        "最近更新|last update|date updated|修订日期|更新|最后更新|revised"
    ),
    "journal": "journal|journal ref|journal reference|期刊|发表期刊|journal name|published in",
    "venue": "venue|会议|conference|发表会议|会议期刊|期刊会议|publication|booktitle|accepted at",
    "institutions": (
        "所属|所屬機構|affiliation|affiliations|institution|institutions|机构|单位|作者单位|研究机构|"
        "通讯单位|所属机构|作者机构|organization|organizations|first affiliation|第一单位|研究单位"
    ),
    "motivation": "motivation|motivations|动机|研究动机",
    "method": "method|methods|方法|研究方法|methodology|approach|核心方法|主要方法|技术方法",
    "result": "result|results|结果|实验结果|主要结果|研究结果",
    "conclusion": "conclusion|conclusions|结论|主要结论|研究结论",
    "background": "background|背景|研究背景|introduction|context|引言",
    "objective": "objective|objectives|purpose|aim|aims|goal|目标|目的|研究目标|研究目的|objetivo",
    "findings": (
        "finding|findings|key findings|main findings|发现|主要发现|关键发现|significance|interpretation"
    ),
    "contributions": (
        "contribution|contributions|贡献|主要贡献|核心贡献|key contributions|main contributions|创新点|"
        "主要创新|创新"
    ),
    "task": "task|任务|研究任务",
    "problem": "problem|problem statement|research problem|研究问题|问题|核心问题|challenge|challenges",
    "limitations": "limitation|limitations|局限|局限性|不足|future work",
    "report": "report no|report number|report",
    "license": "license|licence|许可|许可证",
    "score": "score|relevance|relevance score|评分|分数|相关性|相关度|得分|相关性评分|rating|推荐指数",
    "upvotes": "upvote|upvotes|votes|点赞|点赞数|likes|stars",
    "version": "version|版本",
    "language": "language|语言",
}
_FIELDS = {label: field for field, labels in _NAMES.items() for label in labels.split("|")}

STRUCTURED = frozenset(
    (
        "background",
        "objective",
        "motivation",
        "method",
        "result",
        "conclusion",
        "findings",
        "limitations",
        "keywords",
    )
    + ("problem", "contributions", "task")
)
"""Fields that are also printed within an abstract, as parts of it."""
ABSTRACTS = ("abstract", "summary", "abstract_zh", "ai_summary", "tldr")
"""Fields that can stand for an abstract, the best first."""
ABOUT = frozenset(
    ("authors", *ABSTRACTS, "arxiv", "categories", "published", "pdf", "keywords", "comments", "doi")
)
"""Fields that only something about a paper has."""
LINKED = frozenset(("link", "pdf", "code", "project", "arxiv", "doi"))
"""Fields whose value is where a link leads."""

_RESERVED = frozenset(
    ("id", "digest_date", "date", "source", "line", "position", "seen", "abstract", "title")
)
_SPACES = re.compile(r"[\W_]+")
_PARENTHESIS = re.compile(r"[(（\[【]([^()（）\[\]【】]*)[)）\]】]")
_NUMBER = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、)）:：]\s*")
LONGEST_LABEL = 60


def field_name(label: str) -> str | None:
    """The field that a known label names; None for any other text.

    Emoji, numbers and a translation beside the label ("📄 摘要 (Abstract)", "Authors / 作者") are passed over.
    """
    if not label or len(label) > LONGEST_LABEL:
        return None
    text = _NUMBER.sub("", label.strip().strip("*_`#:： ").lower())
    if found := _FIELDS.get(_folded(text)):
        return found
    outside = _PARENTHESIS.sub(" ", text)
    insides = _PARENTHESIS.findall(text)
    for part in (
        outside,
        *outside.split("/"),
        *outside.split("|"),
        *(insides if not _folded(outside) else ()),
    ):
        if found := _FIELDS.get(_folded(part)):
            return found
    words = _folded(outside).split(" ")
    if len(words) == 2 and all(word in _FIELDS for word in words):
        return _FIELDS[words[0]]
    return None


def _folded(label: str) -> str:
    return _SPACES.sub(" ", label).strip()


def own_name(label: str) -> str:
    """The record field of an unknown label: its words in lower case, joined by `_`; never a field that records have."""
    words = _SPACES.sub(" ", unicodedata.normalize("NFKC", label)).strip().lower()
    name = words.replace(" ", "_") or "note"
    return f"printed_{name}" if name in _RESERVED else name
