"""Texts that are not UTF-8: read as what they are and said, or refused with the encoding that would read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from corpus_tool.lines.charsets import guessed
from corpus_tool.sources import prologue

TEXTS = {
    "gb18030": ("蜗牛痕迹作为时钟", "王小明", "我们在湿润的花园里为蜗牛计时。它们的痕迹在四十分钟后变干。"),
    "gbk": ("深度学习在图像识别中的应用", "李华", "实验结果表明，该方法在三个数据集上优于现有方法。"),
    "big5": ("蝸牛痕跡作為時鐘", "王小明", "我們在濕潤的花園裡為蝸牛計時。實驗結果表明該方法有效，優於現有方法。"),
    "cp932": ("時計としてのカタツムリの跡", "山田太郎", "湿った庭でカタツムリの時間を計った。跡は四十分で乾く。"),
    "euc_jp": ("ニューラルネットワークの学習", "鈴木花子", "本稿では新しい学習法を提案し、その効果を示す。"),
    "cp949": ("시계로서의 달팽이 흔적", "김철수", "우리는 젖은 정원에서 달팽이의 시간을 잰다. 흔적은 마른다."),
    "cp1251": ("Следы улиток как часы", "Иванов И. И.", "Мы измеряем время улиток во влажных садах. Следы высыхают."),
    "koi8-r": ("Складывание карт", "Петров П. П.", "Мы складываем бумажные карты и считаем разрывы."),
    "cp1253": ("Ίχνη σαλιγκαριών ως ρολόι", "Παπαδόπουλος", "Μετράμε τον χρόνο των σαλιγκαριών σε υγρούς κήπους."),
    "cp1250": ("Ślady ślimaków jako zegar", "Wąż, Łucja", "Mierzymy czas ślimaków w mokrych ogrodach; żółte schną."),
    "cp1252": ("Les traînées d’escargots", "Brandt, Émile", "Nous chronométrons des escargots au jardin mouillé."),
    "cp1254": ("Saat olarak salyangoz izi", "Özgür, Şule", "Bahçelerde salyangozların zamanını ölçüyoruz ve ışığı."),
}  # fmt: skip
"""A title, a name and an abstract for each encoding."""


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def records(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("encoding", TEXTS)
def test_bibliographies_and_tables_are_read_and_it_is_said(encoding: str) -> None:
    title, name, abstract = TEXTS[encoding]
    before = "TY  - JOUR\nTI  - Maps\nAB  - We fold.\nER  - \n"
    ris = f"{before}TY  - JOUR\nTI  - {title}\nAU  - {name}\nPY  - 2015\nAB  - {abstract}\nER  - \n"
    table = f'title,authors,abstract,year\nMaps,"Lim, Bo",We fold.,2021\n{title},"{name}",{abstract},2015\n'
    bib = f"@article{{a,\n  title = {{{title}}},\n  author = {{{name}}},\n  abstract = {{{abstract}}}\n}}\n"
    for text in (ris, table, bib):
        done = run("parse", "-q", stdin=text.encode(encoding))
        assert done.code == 0, done.err
        last = records(done.out)[-1]
        assert (last["title"], last["abstract"]) == (title, abstract)
        assert "not UTF-8: this line and others like it are read as " in done.err


@pytest.mark.parametrize("encoding", TEXTS)
def test_digests_and_records_are_refused_with_the_encoding_to_name(encoding: str) -> None:
    title, name, abstract = TEXTS[encoding]
    digest = "".join(
        f"Title: {title} {at}\nAuthors: {name}\nURL: https://arxiv.org/abs/2503.0000{at}\nAbstract: {abstract}\n\n"
        for at in range(3)
    )
    page = json.dumps(
        [{"title": title, "abstract": abstract, "authors": [name]}] * 2, ensure_ascii=False, indent=1
    )
    lines = json.dumps({"title": title, "abstract": abstract}, ensure_ascii=False) + "\n"
    for text in (digest, page, lines):
        done = run("dedup", stdin=text.encode(encoding))
        assert (done.code, done.out) == (2, b"")
        named = done.err.partition("read it with --encoding ")[2].split()[0]
        asked = run("dedup", "--encoding", named, stdin=text.encode(encoding))
        assert asked.code == 0, asked.err
        assert (title in records(asked.out)[0]["title"], records(asked.out)[0]["abstract"]) == (
            True,
            abstract,
        )


def test_one_encoding_for_a_folder_that_holds_utf8_as_well() -> None:
    text = "".join(
        f"Title: {TEXTS['gbk'][0]} {at}\nAuthors: 李华\nAbstract: {TEXTS['gbk'][2]}\n\n" for at in (1, 2)
    )
    Path("days").mkdir()
    Path("days/1.txt").write_bytes(text.encode("gbk"))
    Path("days/2.txt").write_bytes(text.encode())
    done = run("parse", "days", "--encoding", "gb18030")
    assert [each["title"] for each in records(done.out)] == [f"{TEXTS['gbk'][0]} {at}" for at in (1, 2)] * 2
    assert "days/2.txt: is UTF-8, and read as that: --encoding gb18030 is for the others" in done.err


def test_a_damaged_line_of_utf8_is_no_other_encoding() -> None:
    title, name, abstract = TEXTS["gbk"]
    digest = f"Title: {title}\nAuthors: {name}\nAbstract: {abstract}\n\n".encode() * 3
    done = run("parse", stdin=digest + b"Title: caf\xe9\nAuthors: A B\nAbstract: We fold.\n")
    assert done.code == 2
    assert (
        "-:13: byte 0xe9 at column 11 is not utf-8; if the text is in another encoding, name it" in done.err
    )
    assert guessed(digest + b"caf\xe9\n") is None


def test_a_line_that_is_utf8_by_chance_is_read_as_its_neighbours() -> None:
    chance = "模目".encode("gbk")
    assert chance.decode() != "模目"
    done = run("parse", stdin="title,abstract,year\n{},{},2001\n".format(*TEXTS["gbk"][::2]).encode("gbk")
               + chance + b",b,2002\n")  # fmt: skip
    assert records(done.out)[1]["title"] == "模目"


@pytest.mark.parametrize("encoding", ["gbk", "big5", "cp932", "euc_jp", "cp949", "cp1251"])
def test_a_text_that_is_cut_within_a_character_tells_as_much(encoding: str) -> None:
    data = "\n".join(TEXTS[encoding]).encode(encoding)
    found = {guessed(data[:size]) for size in range(len(data) - 8, len(data) + 1)}
    assert len(found) == 1
    assert None not in found
    long = json.dumps({"text": TEXTS[encoding][2] * 80}, ensure_ascii=False).encode(encoding)
    for before in range(2):
        done = run("dedup", stdin=b" " * before + long + b"\n")
        assert f"read it with --encoding {next(iter(found)).name}" in done.err  # type: ignore[union-attr]


def test_what_looks_like_nothing_is_not_guessed() -> None:
    for data in (b"", b"plain", b"\x80\x81\x8d\x8f\x90", "Émile".encode(), bytes(range(128, 256))):
        assert guessed(data) is None


@given(st.sampled_from(sorted(TEXTS)), st.integers(1, 4), st.integers(0, 2))
def test_any_part_of_them_tells_the_encoding_or_one_that_says_the_same(
    encoding: str, times: int, lines: int
) -> None:
    text = "\n".join(
        [f"Title: {TEXTS[encoding][0]}", f"Abstract: {TEXTS[encoding][2]}", *["Plain words."] * lines]
    )
    found = guessed((text + "\n").encode(encoding) * times)
    assert found is not None
    assert text.encode(encoding).decode(found.name) == text


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_told_or_not_without_a_fault(data: bytes) -> None:
    found = guessed(data)
    assert found is None or data.decode(found.name, "replace") is not None


def test_what_pages_declare_is_read_as_the_web_does() -> None:
    for declared, wanted in (
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("euc-kr", "cp949"),
    ):
        assert prologue.declared_encoding(f'<html><head><meta charset="{declared}">') == wanted


def test_a_mail_without_a_character_set_is_read_by_its_bytes() -> None:
    title, name, abstract = TEXTS["gbk"]
    body = f"Title: {title}\nAuthors: {name}\nURL: https://arxiv.org/abs/2503.1\nAbstract: {abstract}\n\n" * 2
    head = (
        b"From: list@example.org\nSubject: papers\nDate: Mon, 3 Mar 2025 10:00:00 +0000\nMIME-Version: 1.0\n"
    )
    head += b"Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\n"
    done = run("parse", stdin=head + body.encode("gbk"))
    assert [each["title"] for each in records(done.out)] == [title, title], done.err
