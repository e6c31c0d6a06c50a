"""What the Markdown reader leaves alone: pages that name papers, or none, and are no digests of them."""

# ruff: noqa: E501  pages stand as they are kept
from __future__ import annotations

from pathlib import Path

import pytest
from running import run

from corpus_tool.sources.markdown import detect

PROSE = (
    "Walking is a habit that grows on people, and most of them find out late. I began in the spring, with a map that "
    "was older than the town, and ended in the autumn with a better one that I had drawn on the way. "
)
PAPER = "https://arxiv.org/abs/2501.10001"

TEXTS = {
    "readme of a tool": "# tool\n\n[![CI](https://img.shields.io/a.svg)](https://ci.example)\n\nA tool.\n\n## Install\n\n```\npip install tool\n```"
    "\n\n## Usage\n\n- **fast**: yes\n- **small**: yes\n\n## License\n\nMIT\n",
    "readme that cites": f"# tool\n\n{PROSE}\n\n## Installation\n\n```bash\nmake\n```\n\n## Citation\n\nPlease cite [our paper on rotations]({PAPER}).\n\n"
    "```bibtex\n@article{a, title={Rotations}}\n```\n",
    "readme of a paper": f"# Sparse Rotations for Small Models\n\nAda Example, Bo Sample\n\n[[Paper]]({PAPER}) [[Code](https://github.com/a/b)]\n\n"
    "## Installation\n\n```\npip install -r requirements.txt\n```\n\n## Training\n\n```\npython train.py\n```\n\n## Citation\n\n```\n@article{x}\n```\n",
    "changelog": "# Changelog\n\n## [1.2.0] - 2025-01-24\n\n### Added\n\n- A reader of [papers](https://arxiv.org/help).\n\n### Fixed\n\n- A crash.\n\n"
    "## [1.1.0] - 2024-12-01\n\n### Changed\n\n- Everything.\n",
    "essay": "# On Walking\n\n" + "\n\n".join([PROSE * 3] * 5),
    "essay with links": f"# On Walking\n\n{PROSE}As [a paper that I like]({PAPER}) says, it helps. {PROSE}\n\n{PROSE * 2}\n\n{PROSE}\n",
    "blog post": f"---\ntitle: On Walking\ndate: 2025-01-24\ntags: [walking, maps]\n---\n\n{PROSE * 3}\n\n## Maps\n\n{PROSE * 2}\n",
    "manual": f"# Guide\n\n## Sketches\n\n{PROSE * 2}The bound is due to [Example and Sample]({PAPER}).\n\n## Bands\n\n{PROSE * 3}\n\n## Rows\n\n{PROSE}\n",
    "options": "# Options\n\n| Name | Type | Description |\n|---|---|---|\n| `jobs` | int | How many threads to run. |\n| `seed` | int | Of the hash. |\n",
    "results": "# Results\n\n| Method | MMLU | GSM8K |\n|---|---|---|\n| Ours | 81.6 | 82.7 |\n| Theirs | 80.1 | 70.2 |\n",
    "awesome tools": "# Awesome Tools\n\n- [ripgrep](https://github.com/BurntSushi/ripgrep) - A fast search tool for code.\n"
    "- [xsv](https://github.com/BurntSushi/xsv) - Tables in a terminal.\n- [fd](https://github.com/sharkdp/fd) - Finds files.\n",
    "bookmarks": "# Links\n\n- [A shop for maps of the world](https://maps.example/shop)\n- [The weather of the next days](https://weather.example/today)\n",
    "issues": "# Daily\n\n### 1. #2422 The output scrolls down\n- **作者**: ada\n- **摘要**: 输出会滚动。\n- **链接**: https://github.com/a/b/issues/2422\n\n"
    "### 2. #2420 The prompt is lost\n- **作者**: bo\n- **摘要**: 提示会丢失。\n- **链接**: https://github.com/a/b/issues/2420\n",
    "todo": "# To do\n\n- [ ] buy milk\n- [x] call Ada\n- [ ] read **the map**\n",
    "minutes": "# Meeting of 24 January 2025\n\n**Present**: Ada, Bo\n\n## Topics\n\n- **Maps**: Bo will draw one.\n- **Tea**: Ada brings some.\n",
    "recipe": "# Soup\n\n**Time**: 20 minutes\n\n## Ingredients\n\n1. Water\n2. Salt\n\n## Method\n\nBoil the water, then add the salt and wait.\n",
    "python": '"""Tools.\n\n# Usage\n\n**Authors**: Ada\n"""\nimport os\n\n\ndef main() -> None:\n    print(os.name)  # [x](y)\n',
    "log": "2025-03-13 10:00:00 INFO started\n2025-03-13 10:00:01 INFO stopped\n" * 20,
    "csv": "id,title,abstract\n1,A Paper,We study tea.\n2,Another,We study tea too.\n",
    "diff": "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-# Old\n+# New\n- [a](b)\n",
    "yaml": "---\nname: CI\non: [push]\njobs:\n  build:\n    steps:\n      - uses: actions/checkout@v4\n",
    "toml": '[project]\nname = "tool"\nauthors = [{ name = "Ada" }]\n',
    "html": "<!DOCTYPE html><html><body><h3><a href='https://arxiv.org/abs/2501.10001'>A</a></h3></body></html>",
    "json": '{"title": "A Paper", "url": "https://arxiv.org/abs/2501.10001"}\n',
    "bibtex": "@article{a,\n  title = {Sparse Rotations},\n  author = {Ada Example},\n  url = {https://arxiv.org/abs/2501.10001}\n}\n",
    "ris": "TY  - JOUR\nTI  - Sparse Rotations\nAU  - Example, Ada\nER  - \n",
    "letter": "Dear Bo,\n\nhave you seen https://arxiv.org/abs/2501.10001 yet?\n\nYours,\nAda\n",
    "headings alone": "# One\n\n## Two\n\n### Three\n",
    "table of contents": "# Contents\n\n- [cs.CV](#cs.CV) [Total: 2]\n- [cs.LG](#cs.LG) [Total: 1]\n",
    "empty": "",
    "marks": "# \n\n**\n\n- \n\n| | |\n|-|-|\n| | |\n\n[]()\n\n![]()\n",
}


@pytest.mark.parametrize("kind", TEXTS)
def test_other_texts_are_refused(kind: str) -> None:
    assert not detect(TEXTS[kind])


@pytest.mark.parametrize(
    "kind",
    ["readme of a tool", "essay", "changelog", "options", "todo", "log", "python", "letter", "minutes"],
)
def test_the_command_refuses_them_by_name(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.md").write_text(TEXTS[kind], encoding="utf-8")
    done = run("parse", "page.md")
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("page.md: does not look like a digest")


@pytest.mark.parametrize(
    "kind", ["readme of a tool", "essay", "changelog", "options", "todo", "log", "python", "letter", "recipe"]
)
def test_asked_for_all_the_same_there_is_no_paper(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("page.md").write_text(TEXTS[kind], encoding="utf-8")
    done = run("parse", "page.md", "--from", "markdown")
    assert (done.code, done.out) == (2, b"")
    assert "no paper found in what should be a digest (markdown)" in done.err


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "examples/cookbook.md", "examples/matching.md"]
)
def test_the_pages_of_this_project(name: str) -> None:
    assert not detect((Path(__file__).parents[1] / name).read_text(encoding="utf-8"))
