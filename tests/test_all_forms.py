"""One set of papers rendered in every form of feed, mail, page and JSON: each gives the same papers back, and all
of them together are each paper once.
"""

# ruff: noqa: E501 - what is rendered stands as its form has it

from __future__ import annotations

import json
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

WORDS = "wheel gear torque ice lake crack winter drone map sensor model careful αβγ naïve Łódź 车轮 x<y a&b $n^2$ 100%".split()
NOUNS = "Turning Measuring Mapping Hearing Counting Drawing Folding Mending".split()


class Rendered(NamedTuple):
    """A paper as the test draws it."""

    title: str
    abstract: str
    number: int

    @property
    def link(self) -> str:
        return f"https://arxiv.org/abs/2403.{self.number:05d}"


words = st.lists(st.sampled_from(WORDS), min_size=12, max_size=30).map(" ".join)
papers = st.lists(
    st.tuples(st.sampled_from(NOUNS), words, st.integers(1, 99_999)),
    min_size=1,
    max_size=4,
    unique_by=(lambda p: p[0], lambda p: p[2]),
).map(
    lambda drawn: [
        Rendered(f"{noun} of things {n}", f"We show that {text} works in {noun} {n}.", n)
        for noun, text, n in drawn
    ]
)


def rss(papers: Sequence[Rendered]) -> str:
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>{p.link}</link><description>{escape(escape(p.abstract))}</description></item>\n"
        for p in papers
    )
    return f"<rss version='2.0'><channel><title>f</title>\n{items}</channel></rss>"


def atom(papers: Sequence[Rendered]) -> str:
    entries = "".join(
        f'<entry><id>{p.link}v1</id><title>{escape(p.title)}</title><summary>{escape(p.abstract)}</summary><link href="{p.link}"/></entry>'
        for p in papers
    )
    return f'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'


def labelled_rss(papers: Sequence[Rendered]) -> str:
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>{p.link}</link><description><![CDATA[<p><b>Authors:</b> A B, C D</p>"
        f"<p><b>Upvotes:</b> 3</p><p><b>Summary:</b> {escape(p.abstract)}</p>]]></description></item>"
        for p in papers
    )
    return f"<rss version='2.0'><channel>{items}</channel></rss>"


def arxiv_mail(papers: Sequence[Rendered]) -> str:
    return "".join(
        f"\\\\\narXiv:2403.{p.number:05d}\nDate: Thu, 21 Mar 2024 18:00:12 GMT   (8kb,D)\n\nTitle: {p.title}\nAuthors: A B, C D\n"
        f"Categories: cs.RO\n\\\\\n  {p.abstract}\n\\\\ ( {p.link} ,  8kb)\n{'-' * 78}\n"
        for p in papers
    )


def mail(papers: Sequence[Rendered], cte: str) -> str:
    made = EmailMessage(policy=SMTP.clone(linesep="\n"))
    made["From"], made["Subject"] = "no-reply@example.org", "a mailing"
    made.set_content(arxiv_mail(papers), cte=cte)
    return made.as_bytes().decode()


def mailbox(papers: Sequence[Rendered]) -> str:
    start = "From x@y.z Fri Mar 22 00:10:00 2024\n"
    return "".join(start + mail([paper], "8bit") + "\n" for paper in papers)


def listing(papers: Sequence[Rendered]) -> str:
    entries = "".join(
        f'<dt><a href="{p.link}">arXiv:2403.{p.number:05d}</a></dt><dd><div class="list-title mathjax"><span class="descriptor">Title:</span> '
        f"{escape(p.title)}</div><div class='list-authors'><a>A B</a>, <a>C D</a></div><p class='mathjax'>{escape(p.abstract)}</p></dd>\n"
        for p in papers
    )
    return f"<!DOCTYPE html>\n<html><head><title>l</title></head><body><dl>{entries}</dl></body></html>"


def cards(papers: Sequence[Rendered]) -> str:
    entries = "".join(
        f'<div class="card"><h3><a href="{p.link}">{escape(p.title)}</a></h3><p class="authors">A B, C D</p><p>{escape(p.abstract)}</p></div>\n'
        for p in papers
    )
    return f"<!DOCTYPE html>\n<html><head><title>l</title></head><body>{entries}</body></html>"


def daily(papers: Sequence[Rendered]) -> str:
    return json.dumps(
        [
            {
                "paper": {"id": f"2403.{p.number:05d}", "title": p.title, "summary": p.abstract},
                "title": p.title,
            }
            for p in papers
        ]
    )


def daily_page(papers: Sequence[Rendered]) -> str:
    props = escape(f'{{"dailyPapers":{daily(papers)}}}')
    return (
        f'<!doctype html><html><body><div class="SVELTE_HYDRATER" data-props="{props}"></div></body></html>'
    )


def plain(papers: Sequence[Rendered]) -> list[dict[str, object]]:
    return [
        {"title": p.title, "abstract": p.abstract, "authors": ["A B", "C D"], "url": p.link} for p in papers
    ]


FORMS: dict[str, Callable[[Sequence[Rendered]], str]] = {
    "rss.xml": rss,
    "atom.xml": atom,
    "labelled.xml": labelled_rss,
    "arxiv.txt": arxiv_mail,
    "qp.eml": lambda papers: mail(papers, "quoted-printable"),
    "b64.eml": lambda papers: mail(papers, "base64"),
    "box.mbox": mailbox,
    "listing.html": listing,
    "cards.html": cards,
    "daily.html": daily_page,
    "daily.json": daily,
    "array.json": lambda papers: json.dumps(plain(papers), indent=1),
    "nested.json": lambda papers: json.dumps(
        {"day": {"new": plain(papers)}, "count": len(papers)}, ensure_ascii=False
    ),
    "notes.json": lambda papers: json.dumps(
        {
            "notes": [
                {"id": "x", "content": {key: {"value": value} for key, value in each.items()}}
                for each in plain(papers)
            ]
        }
    ),
    "dicts.jsonl": lambda papers: "".join(f"{each!r}\n" for each in plain(papers)),
}


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=papers)
def test_every_form_gives_the_same_papers(drawn: list[Rendered], tmp_path: Path) -> None:
    wanted = [(paper.title, paper.abstract, f"2403.{paper.number:05d}") for paper in drawn]
    for name, render in FORMS.items():
        (tmp_path / name).write_text(render(drawn), "utf-8")
        done = run("parse", tmp_path / name)
        assert done.code == 0, (name, done.err)
        records = [json.loads(line) for line in done.out.splitlines()]
        assert [(each["title"], each["abstract"], each.get("arxiv")) for each in records] == wanted, name
    done = run("dedup", *(tmp_path / name for name in FORMS))
    kept = [json.loads(line) for line in done.out.splitlines()]
    assert sorted(each["title"] for each in kept) == sorted(paper.title for paper in drawn)
    assert all(len(each["seen"]) == len(FORMS) for each in kept)
