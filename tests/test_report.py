"""The report as a browser shows it: charts, tables, both themes and widths, and hostile records made harmless."""

from __future__ import annotations

import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from chromium import PROGRAM, Chromium, browser
from running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_browser = pytest.mark.skipif(PROGRAM is None, reason="needs Debian's chromium, which .ci/run installs")

WORDS = [f"word{at * 7919 % 4001}" for at in range(4000)]


def abstract(seed: int, length: int = 60) -> str:
    return " ".join(WORDS[(seed * 61) % 3800 :][:length])


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def papers(count: int, source: int = 0) -> list[dict[str, Any]]:
    """Papers, the first half of which are the same in every source, but for a few words of every third."""
    found = []
    for at in range(count):
        mine = at if at < count // 2 else at + 1000 * (source + 1)
        text = abstract(mine)
        if source and at % 3 == 0:
            text = text.replace(WORDS[(mine * 61) % 3800 + 5], "another", 1)
        found.append(
            {
                "id": f"s{source}-{at}",
                "title": f"On the {WORDS[mine % 3000]} of {WORDS[(mine * 7) % 3000]}, study {mine}",
                "abstract": text,
                "date": f"2026-0{1 + at % 6}-11",
                "year": 2026,
            }
        )
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of three files that repeat each other."""
    folder = tmp_path_factory.mktemp("three") / "lists"
    folder.mkdir()
    for source in range(3):
        write(folder / f"list-{source}.jsonl", papers(40, source))
    write(
        folder / "odd.jsonl",
        [{"title": "", "abstract": "!!!", "id": "nothing"}, {"abstract": abstract(5000)}],
    )
    done = run("report", folder, "-o", folder.parent / "report.html", "--match", "papers")
    assert done.code == 0, done.err
    return folder.parent / "report.html"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of more sources than are drawn, all with long names, of papers and of texts."""
    folder = tmp_path_factory.mktemp("many")
    long = folder / ("a-folder-with-a-very-long-name-" * 4)
    long.mkdir()
    for source in range(70):
        write(long / f"{'source' * 12}{source}.jsonl", papers(4, source))
    write(long / "unbroken.jsonl", [{"title": "x" * 400, "abstract": "y" * 4000} for _ in range(3)])
    write(long / "texts.jsonl", [{"text": abstract(at // 3) + f" {at}"} for at in range(9)])
    done = run("report", long, "-o", folder / "wide.html", "--title", "w" * 300)
    assert done.code == 0, done.err
    return folder / "wide.html"


def rows(of: str) -> str:
    return f"[...document.querySelectorAll('#{of} tbody tr')].filter(row => row.offsetParent)"


@needs_browser
class TestShown:
    def test_every_chart_is_drawn(self, chromium: Chromium, three: Path) -> None:
        chromium.open(three)
        drawn = chromium.run(
            "[...document.querySelectorAll('.drawing.wide svg')].map(svg => [svg.getAttribute('aria-label'),"
            "[...svg.querySelectorAll('.bar rect, .heat')].filter(each => each.getBoundingClientRect().height > .9"
            " && each.getBoundingClientRect().width > .4).length,"
            "[...svg.querySelectorAll('text')].map(each => each.textContent)])"
        )
        names = [name for name, _, _ in drawn]
        assert [name.split(":")[0] for name in names] == [
            "Removed records by their source and the source that they repeat",
            "Scores of decided pairs",
            "Sizes of clusters",
            "Repeats over time",
        ]
        assert all(shapes > 0 for _, shapes, _ in drawn)
        texts = {name.split(":")[0]: texts for name, _, texts in drawn}
        assert "threshold 0.5" in texts["Scores of decided pairs"]
        assert {"Score", "Pairs"} <= {text.split(" (")[0] for text in texts["Scores of decided pairs"]}
        assert {"Records in a cluster", "3"} <= set(texts["Sizes of clusters"])
        assert {"Records", "2026-01-11", "2026-06-11"} <= set(texts["Repeats over time"])

    @pytest.mark.parametrize("width", [1280, 390])
    def test_letters_of_charts_stay_within_and_apart(
        self, chromium: Chromium, three: Path, many: Path, width: int
    ) -> None:
        for page in (three, many):
            chromium.open(page, width=width)
            assert chromium.run(OUTSIDE) == []
            assert chromium.run(CROSSED) == []

    def test_nothing_is_complained_of_and_nothing_fetched(self, chromium: Chromium, three: Path) -> None:
        chromium.open(three)
        chromium.run("document.getElementById('theme').click()")
        assert chromium.complaints == []
        assert chromium.requests == [three.absolute().as_uri()]

    def test_a_table_is_searched(self, chromium: Chromium, three: Path) -> None:
        chromium.open(three)
        every = chromium.run(f"{rows('removed')}.length")
        wanted = chromium.run(f"{rows('removed')}[3].cells[1].textContent")
        found = chromium.run(
            "(() => { const field = document.querySelector('#removed input'); field.value = "
            f"{json.dumps(wanted.upper())}; field.dispatchEvent(new Event('input'));"
            f"return {rows('removed')}.map(row => row.cells[1].textContent) }})()"
        )
        told = "document.querySelector('#removed output').textContent"
        assert every > 20
        assert set(found) == {wanted}
        assert chromium.run(told) == f"{len(found)} of {every} rows"
        script = (
            "document.querySelector('#removed input').value = {}; document.querySelector('#removed input')"
        )
        chromium.run(script.format("'no such paper'") + ".dispatchEvent(new Event('input'))")
        assert chromium.run(told) == "no row matches"
        chromium.run(script.format("''") + ".dispatchEvent(new Event('input'))")
        assert chromium.run(f"{rows('removed')}.length") == every

    @pytest.mark.parametrize(("table", "column"), [("removed", 0), ("sources", 1), ("clusters", 3)])
    def test_a_table_is_sorted(self, chromium: Chromium, three: Path, table: str, column: int) -> None:
        chromium.open(three)
        cell = f"row.cells[{column}]"
        values = f"{rows(table)}.map(row => {cell}.dataset.value ? Number({cell}.dataset.value) : {cell}.textContent)"
        head = f"document.querySelectorAll('#{table} thead button')[{column}]"
        chromium.run(f"{head}.click()")
        once = chromium.run(values)
        ordered = chromium.run(f"{head}.parentElement.getAttribute('aria-sort')")
        chromium.run(f"{head}.click()")
        twice = chromium.run(values)
        numbers = isinstance(once[0], int | float)
        assert ordered == ("descending" if numbers else "ascending")
        assert len(set(once)) > 1
        if numbers:
            assert once == sorted(once, reverse=True)
            assert twice == sorted(once)
        else:
            assert twice == once[::-1]

    def test_themes(self, chromium: Chromium, three: Path) -> None:
        ground = "getComputedStyle(document.body).backgroundColor"
        chromium.open(three)
        chromium.run("localStorage.clear()")
        chromium.open(three, dark=False)
        light = chromium.run(ground)
        chromium.run("document.getElementById('theme').click()")
        toggled = chromium.run(ground)
        chromium.run("document.getElementById('theme').click(); localStorage.clear()")
        chromium.open(three, dark=True)
        dark = chromium.run(ground)
        assert light != dark
        assert toggled == dark
        assert chromium.run("document.getElementById('theme').textContent") == "Light theme"

    @pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
    def test_letters_stand_out(self, chromium: Chromium, three: Path, dark: bool) -> None:
        chromium.open(three, dark=dark)
        assert chromium.run(CONTRAST) == []

    @pytest.mark.parametrize("width", [1280, 390])
    def test_the_page_is_as_wide_as_the_window(self, chromium: Chromium, many: Path, width: int) -> None:
        chromium.open(many, width=width)
        assert chromium.run("document.documentElement.scrollWidth") <= width
        chromium.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert chromium.run("document.documentElement.scrollWidth") <= width

    def test_each_rule_has_its_scores_and_few_sources_are_drawn_of_many(self, many: Path) -> None:
        page = many.read_text("utf-8")
        assert re.findall(r"<figcaption>(Scores[^<]+)", page) == [
            "Scores of decided pairs of papers",
            "Scores of decided pairs of texts",
        ]
        (heat, _) = re.findall(r'aria-label="Removed records by their source.*?</svg>', page, re.DOTALL)
        assert heat.count('class="tick end"') == 60
        assert "all others 60" in heat
        assert len(re.findall("<tr>", section(many, "sources"))) == 1 + 72

    @pytest.mark.parametrize("count", [0, 1])
    def test_nearly_nothing(self, chromium: Chromium, tmp_path: Path, count: int) -> None:
        records = write(tmp_path / "few.jsonl", papers(8)[:count])
        done = run("report", records, "-o", tmp_path / "few.html")
        assert done.code == 0, done.err
        chromium.open(tmp_path / "few.html", width=390)
        assert chromium.complaints == []
        assert chromium.run("document.querySelectorAll('.empty').length") >= 5
        assert chromium.run("document.documentElement.scrollWidth") <= 390


BOX = "const box = (node) => node.getBoundingClientRect(); const shown = (node) => box(node).width > 0;"
OUTSIDE = f"""(() => {{ {BOX}
  return [...document.querySelectorAll('svg text')].filter(shown).filter((text) => {{
    const [a, b] = [box(text), box(text.closest('svg'))];
    return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
  }}).map((text) => text.textContent) }})()"""
"""Letters of charts that are cut off."""
CROSSED = f"""(() => {{ {BOX}
  const cross = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  return [...document.querySelectorAll('svg')].filter(shown).flatMap((svg) => {{
    const texts = [...svg.querySelectorAll('text')];
    return texts.flatMap((one, at) => texts.slice(at + 1).filter((other) => cross(box(one), box(other)))
      .map((other) => one.textContent + ' | ' + other.textContent));
  }}) }})()"""
"""Letters of charts that stand on others."""
CONTRAST = """(() => {
  const curve = (part) => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const channel = (value) => curve(value / 255);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const ground = (node) => { for (let each = node; each; each = each.parentElement) {
    const found = parts(getComputedStyle(each).backgroundColor); if (found.length < 4 || found[3] > 0) return found } };
  const bad = new Set();
  for (const node of document.querySelectorAll('main *, header *, nav *')) {
    if (node.closest('svg') || ![...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim())) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) bad.add(node.tagName + '.' + node.className);
  }
  return [...bad] })()"""

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><script>document.title = 'taken'</script>",
    '"><img src=x onerror="alert(1)">',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "<!-- an open comment <svg onload=alert(1)>",
    "\x1b[31mred\x1b[0m and a bell\x07",
    "turned \u202egnorw\u202c and \u2066isolated\u2069 \u200fmarks",
    "a \ufeff\u200b\U000e0041 hidden, a null \x00, a line \u2028 end",
    "javascript:alert(1)",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for source, name in enumerate(("<b>&amp;.jsonl", "\u202emoc.jsonl", "\x1b[1m.jsonl", 'quo"te.jsonl')):
        records = [
            {
                "title": f"{text} number {at}",
                "abstract": f"{abstract(90 + at)} {text}" + (" revised" if source % 2 else ""),
                "digest_date": text,
                "authors": [text],
                "venue": text,
                "id": f"{text}-{source}",
            }
            for at, text in enumerate(HOSTILE)
        ]
        write(folder / name, [*records, {"title": HOSTILE[0], "abstract": ""}])
    (folder / "<i>bad.jsonl").write_text('{"title": "<script>alert(2)</script>\n', "utf-8")
    done = run("report", folder, "-o", folder / "report.html", "--on-error", "skip", "--title", HOSTILE[1])
    assert done.code == 0, done.err
    return folder / "report.html"


@needs_browser
def test_hostile_records_run_nothing_and_turn_nothing(chromium: Chromium, hostile: Path) -> None:
    chromium.open(hostile)
    assert chromium.complaints == []
    assert len(chromium.requests) == 1
    assert chromium.run("document.title").startswith("</style><script>")
    assert chromium.run("document.scripts.length") == 1
    assert (
        chromium.run("document.querySelectorAll('img, b, i, a[href^=javascript], iframe, object').length")
        == 0
    )
    attributes = "[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"
    assert [name for name in chromium.run(attributes) if name.startswith("on") or name == "style"] == []
    text = chromium.run("document.documentElement.textContent")
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]", text) == []
    assert all(title in text for title in HOSTILE[:6])


def test_hostile_bytes_are_not_in_the_file(hostile: Path) -> None:
    page = hostile.read_text("utf-8")
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]", page) == []
    assert page.count("<script>") == page.count("</script>") == 1


def test_the_page_says_what_may_run(three: Path) -> None:
    page = three.read_text("utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy
    assert re.findall(r'(?:src|href)="(?!#)', page) == []


def facts(page: Path) -> dict[str, int]:
    """The counts at the top of a page."""
    found = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", page.read_text("utf-8"))
    return {name: int(value.replace(",", "")) for name, value in found}


def section(page: Path, name: str) -> str:
    (found,) = re.findall(rf'<section id="{name}">.*?</section>', page.read_text("utf-8"), re.DOTALL)
    return found


def test_counts_are_those_of_dedup(three: Path) -> None:
    done = run(
        "dedup", three.parent / "lists", "--match", "papers", "-o", three.parent / "kept.jsonl", "--json"
    )
    told = json.loads(done.out)
    found = facts(three)
    assert found["records read"] == told["records"] == 122
    assert found["removed"] == told["removed"] > 30
    assert found["exact copies"] == told["exact_copies"] < told["removed"]
    assert found["not compared"] == told["not_compared"]["records"] == 1
    assert found["clusters"] == 20


def test_the_same_bytes_for_any_number_of_threads(three: Path) -> None:
    again = run("report", three.parent / "lists", "--match", "papers", "--jobs", "1")
    assert again.out == three.read_bytes()


def test_no_texts_make_the_page_too_large(tmp_path: Path) -> None:
    folder = tmp_path / ("目录" * 30)
    folder.mkdir()
    for source in range(3):
        signs = Random(1)
        records = [
            {
                "title": "".join(map(chr, signs.choices(range(0x4E00, 0x9000), k=200))),
                "abstract": "".join(map(chr, signs.choices(range(0x4E00, 0x9000), k=500)))
                + f"<&\"'> {source}",
            }
            for _ in range(700)
        ]
        write(folder / f"{'文件' * 30}{source}.jsonl", records)
    done = run("report", folder, "-o", tmp_path / "page.html", "--match", "papers")
    assert done.code == 0, done.err
    assert (tmp_path / "page.html").stat().st_size < 3_000_000
    assert facts(tmp_path / "page.html")["removed"] == 1400
