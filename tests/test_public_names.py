import ast
import subprocess
import sys
from pathlib import Path

import pytest

import corpus_tool


@pytest.mark.parametrize("name", [name for name in corpus_tool.__all__ if name != "__version__"])
def test_every_public_name_is_there(name):
    assert getattr(corpus_tool, name).__doc__


def test_unknown_names_are_not():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = corpus_tool.no_such_name
    assert "deduplicate" in dir(corpus_tool)


def test_importing_the_package_loads_nothing_else():
    code = "import sys, corpus_tool; print([m for m in sys.modules if m.startswith('corpus_tool.') or m == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_type_checkers_see_the_same_names_in_the_same_homes():
    stub = Path(corpus_tool.__file__).with_suffix(".pyi")
    found = {}
    for node in ast.parse(stub.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            found |= {alias.asname: node.module for alias in node.names if alias.asname == alias.name}
    assert found == corpus_tool._HOMES
