"""The site: built without a warning, every link in it leads somewhere, and every block of code is what it is called."""

from __future__ import annotations

import ast
import configparser
import json
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

PROJECT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("examples/*.md"),
        *PROJECT.glob("docs/*.md"),
        *PROJECT.glob("tests/benchmarks/**/*.md"),
    ]
)
BLOCK = re.compile(r"^( *)```([\w{}-]*)[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
NO_CODE = {"", "text", "console", "make", "{toctree}", "jsonl"}
"""Languages of blocks that are not code, or that others test: console blocks are run."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("sphinx", "myst_parser", "furo"):
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed: pip install 'corpus-tool[docs]'")
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html", "-c", "docs"]
    done = subprocess.run(
        [*command, "-d", target / "trees", ".", target / "html"], cwd=PROJECT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return target / "html"


def test_every_page_is_on_the_site(site: Path) -> None:
    built = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    wanted = {path.relative_to(PROJECT).with_suffix("").as_posix() for path in PAGES}
    assert wanted <= built
    assert "docs/python" in built


def test_every_link_leads_somewhere(site: Path) -> None:
    from lxml import html

    ids = {page: set(html.parse(page).xpath("//@id")) for page in site.rglob("*.html")}
    broken, seen = [], 0
    for page in ids:
        for link in html.parse(page).xpath("//a/@href | //img/@src | //link/@href | //script/@src"):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            seen += 1
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchor = unquote(parts.fragment)
            if not target.exists() or (anchor and target in ids and anchor not in ids[target]):
                broken.append(f"{page.relative_to(site)}: {link}")
    assert seen > 300
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_block_is_what_it_is_called(page: Path) -> None:
    for _, language, code in BLOCK.findall(page.read_text("utf-8")):
        if language == "python" and not code.lstrip().startswith(">>>"):
            ast.parse(code)
        elif language in ("sh", "bash"):
            done = subprocess.run(["bash", "-n"], input=code, capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (0, "")
        elif language == "toml":
            tomllib.loads(code)
        elif language == "yaml":
            assert yaml.safe_load(code)
        elif language == "ini":
            configparser.ConfigParser().read_string(code)
        elif language == "json":
            json.loads(code)
        elif language != "python":
            assert language in NO_CODE, f"a block of {language}, which nothing tests"


def test_the_workflow_uses_the_action_as_it_is() -> None:
    action = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
    hooks = {hook["id"] for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    page = (PROJECT / "docs/gates.md").read_text("utf-8")
    workflow, _, pre_commit = (
        yaml.safe_load(code) for _, language, code in BLOCK.findall(page) if language == "yaml"
    )
    (step,) = (step for step in workflow["jobs"]["check"]["steps"] if "corpus-tool" in step["uses"])
    assert set(step["with"]) <= set(action["inputs"])
    assert {hook["id"] for repo in pre_commit["repos"] for hook in repo["hooks"]} == hooks
