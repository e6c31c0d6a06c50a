"""The shape of the package: imports run downwards only, files and functions stay small, names say what is inside.

A change that breaks the first test wants another place for the code, or a line moved in `LAYERS` with a reason.
"""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "corpus_tool"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS = (
    "__main__",
    "cli",
    "api",
    "views",
    "evaluation",
    "restore",
    "comparison",
    "index",
    "engines",
    "receipts",
    "dedup.run",
    "dedup.between",
    "dedup.search",
    "match.choosing",
    "papers",
    "match",
    "dedup",
    "seen",
    "store",
    "sketch",
    "stats",
    "sinks",
    "sources",
    "lines",
    "publication",
    "compression",
    "config",
    "kernel",
    "progress",
    "records",
    "text",
    "errors",
    "__init__",
)
"""Each may import what stands below it; a line is a module, or a package but for modules that have their own."""

RANK = {name: rank for rank, name in enumerate(LAYERS)}
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 15

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))


def _name(path: Path) -> str:
    """`sketch.kernels` of a file; a package's own name for its `__init__`, and `__init__` for the top."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


NAMES = {_name(path) for path in MODULES}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imports(path: Path, *, types: bool) -> Iterator[tuple[int, str]]:
    """Line and module of every import from this package, those within functions too.

    With `types` false, what stands under `if TYPE_CHECKING:` is left out.
    """
    todo: list[ast.AST] = [_tree(path)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and not types:
            todo += node.orelse
            continue
        todo += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield from _target(path, node, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == PACKAGE.name:
                    yield node.lineno, alias.name.partition(".")[2] or "__init__"


def _target(path: Path, node: ast.ImportFrom, imported: str) -> Iterator[tuple[int, str]]:
    """The module that `from ... import imported` names, where it is one of this package."""
    base = (node.module or "").split(".") if node.module else []
    if node.level:
        package = [PACKAGE.name, *path.relative_to(PACKAGE).parent.parts]
        base = package[: len(package) - node.level + 1] + base
    if base[:1] != [PACKAGE.name]:
        return
    module = ".".join(base[1:])
    submodule = f"{module}.{imported}".lstrip(".")
    yield node.lineno, submodule if submodule in NAMES else module or "__init__"


def _layer(name: str) -> str:
    """The line of a module: its own, or its package's."""
    return name if name in RANK else name.split(".")[0]


def test_every_module_has_its_layer() -> None:
    assert {_layer(name) for name in NAMES} == set(RANK)


@each_module
def test_imports_run_downwards(path: Path) -> None:
    here = _layer(_name(path))
    upwards = [
        f"{path}:{line}: imports {target}"
        for line, target in _imports(path, types=True)
        if target.split(".")[0] != here.split(".")[0] and RANK[_layer(target)] < RANK[here]
    ]
    assert upwards == []


def test_no_circle_within_a_package() -> None:
    graph = {_name(path): {target for _, target in _imports(path, types=False)} for path in MODULES}
    for name, targets in graph.items():
        targets.discard(name)
    TopologicalSorter(graph).prepare()


@each_module
def test_names_and_sizes(path: Path) -> None:
    assert not VAGUE & set(_name(path).split("."))
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    long = [
        f"{path}:{node.lineno}: {node.name}" for node in _functions(path) if _length(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_most_functions_are_short() -> None:
    assert median(_length(node) for path in MODULES for node in _functions(path)) < MEDIAN_FUNCTION


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body: a command's signature is its list of options, however long."""
    return (node.end_lineno or 0) - node.body[0].lineno + 1
